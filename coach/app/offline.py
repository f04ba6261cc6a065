"""Without a runner in front of the camera: video files and pose recordings, as fast as they can be read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import numpy as np

from coach.app.loop import NoticeBoard, Print, Silence, loop, nowhere
from coach.app.parts import Outputs, open_coach, open_pose_estimator, scaled, scaled_poses, words_of
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import BeltInput, open_speed_sources
from coach.core.gait.scene import Finding
from coach.core.notices import Notice, NoticeKind
from coach.core.pipeline import Update
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.words import Words
from coach.edges.files.pose_imports import read_any_poses
from coach.edges.files.poses_file import RecordedFrame
from coach.edges.frames.sources import open_source
from coach.ports import Frame, FrameSource, ImageBGR, PoseEstimator, SourceInfo
from coach.settings import Settings

Progress = Callable[[float, float], None]
"""Told the time in the video or recording and its whole length, in seconds; NaN where that is not known."""
_Showing = Callable[[Frame, Update], None]

_NO_PICTURE: Final[ImageBGR] = np.zeros((0, 0, 3), np.uint8)


def silent(t_s: float, duration_s: float) -> None:
    """Tell nobody."""


def replay(
    poses: Path,
    settings: Settings | None = None,
    belt: BeltInput | None = None,
    outputs: Outputs | None = None,
    progress: Progress = silent,
    fps: float | None = None,
    tell: Print = nowhere,
    time_scale: float = 1.0,
) -> Session:
    """Run the pipeline on recorded poses (`coach.poses/1`, or what `read_any_poses` reads), without a pose model.

    `fps` is for files that say nothing of time. `tell` hears the notices, such as what cannot be kept. `time_scale`:
    how many times slower than life the recording runs.

    Raises SourceError or FormatError for a file that cannot be read, NoRunnerError where nobody runs in it.
    """
    settings = settings or Settings()
    header, frames = read_any_poses(poses, fps)
    info = header.info(poses)
    words = words_of(settings)
    coach = open_coach(settings, info, words=words)
    recording = Recording(scaled_poses(frames, time_scale))
    speed = open_speed_sources(belt, settings.coach, recording)
    board = NoticeBoard(words, settings.units, print=tell)
    with SessionWriter(outputs or Outputs(), info, settings, board.tell) as writer:
        board.keep = writer.keep
        screen = _Pictures(lambda frame, _update: progress(frame.t_s, math.nan))
        loop(recording, recording, speed, coach, writer, Silence(), board, screen)
        return writer.finish(coach.finish())


class Recording:
    """Recorded poses as what they once were: frames, a network that finds the runner, a belt that is known."""

    def __init__(self, frames: Iterable[RecordedFrame]) -> None:
        self._frames = frames
        self._pose: Pose | None = None
        self._belt: BeltSpeed | None = None

    def frames(self) -> Iterator[Frame]:
        """A frame without a picture for every one that was recorded."""
        for index, (t_s, pose, belt) in enumerate(self._frames):
            self._pose, self._belt = pose, belt
            yield Frame(index, t_s, _NO_PICTURE)

    def estimate(self, frame: Frame) -> Pose | None:  # noqa: ARG002 - the frame at hand is the last that came
        """The pose that was recorded."""
        return self._pose

    def current(self, t_s: float) -> BeltSpeed | None:  # noqa: ARG002
        """The belt speed that was recorded."""
        return self._belt

    def notices(self) -> tuple[Notice, ...]:
        """Nothing."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""


class _Pictures:
    """What takes the place of a screen."""

    def __init__(self, show: _Showing) -> None:
        self.show = show


class _Files:
    """The frames of a source, without what it says between them: a file is never lost."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    def frames(self) -> Iterator[Frame]:
        """In time order."""
        return (item for item in self._source.frames() if isinstance(item, Frame))


@runtime_checkable
class _SecondLook(Protocol):
    """A network that can say how pictures are turned in which it found nobody."""

    def turned(self, pictures: Sequence[ImageBGR]) -> Finding | None:
        """`upside_down` or `on_its_side`; None for pictures that stand upright, or are empty."""
        ...


class _EmptyPictures:
    """A few pictures in which nobody was found, for a second look once it is clear that nobody ran."""

    _MOST: Final = 5
    _EVERY_S: Final = 1.0

    def __init__(self) -> None:
        self._pictures: list[ImageBGR] = []
        self._last_s = -math.inf

    def see(self, frame: Frame, update: Update) -> None:
        """One more frame."""
        if update.pose is None and len(self._pictures) < self._MOST and frame.t_s - self._last_s >= self._EVERY_S:
            self._pictures.append(frame.image_bgr)
            self._last_s = frame.t_s

    def looked_at_again(self, estimator: PoseEstimator) -> Finding | None:
        """How they are turned; None where they are not, or cannot be looked at."""
        return estimator.turned(self._pictures) if self._pictures and isinstance(estimator, _SecondLook) else None


def analyze(
    video: Path,
    settings: Settings | None = None,
    belt: BeltInput | None = None,
    outputs: Outputs | None = None,
    progress: Progress = silent,
    tell: Print = nowhere,
    time_scale: float = 1.0,
) -> Session:
    """Run the pipeline on a video file as fast as the machine can. `tell` hears the notices.

    `time_scale`: how many times slower than life the video runs.

    Raises SourceError for a file that cannot be read, PoseModelError without a pose model, NoRunnerError where
    nobody runs in the video, ConfigError where MediaPipe is asked for and may not report.
    """
    settings, outputs = settings or Settings(), outputs or Outputs()
    reports = settings.pose.usage_data_line()
    source = scaled(open_source(str(video), realtime=False, camera=settings.camera), time_scale)
    try:
        estimator = open_pose_estimator(settings, source.info)
        words = words_of(settings)
        coach = open_coach(settings, source.info, words=words)
        speed = open_speed_sources(belt, settings.coach)
        board = NoticeBoard(words, settings.units, print=tell)
        with (
            SessionWriter(outputs, source.info, settings, board.tell) as writer,
            _film(outputs.video, source.info, settings, words) as film,
        ):
            board.keep = writer.keep
            if reports is not None:
                board.tell(Notice(NoticeKind.USAGE_DATA, detail=reports))

            empty = _EmptyPictures()

            def show(frame: Frame, update: Update) -> None:
                film(frame, update)
                empty.see(frame, update)
                progress(frame.t_s, source.info.duration_s)

            try:
                loop(_Files(source), estimator, speed, coach, writer, Silence(), board, _Pictures(show))
                instead = empty.looked_at_again(estimator) if not writer.somebody_ran else None
            finally:
                estimator.close()
            return writer.finish(coach.finish(), instead=instead)
    finally:
        source.close()


@contextmanager
def _film(path: Path | None, info: SourceInfo, settings: Settings, words: Words) -> Iterator[_Showing]:
    """Takes every frame and its update into an annotated video, if one is asked for; a run that fails leaves none."""
    if path is None:
        yield lambda _frame, _update: None
        return
    from coach.edges.screen.film import AnnotatedVideo  # noqa: PLC0415 - the screen's libraries, for this alone
    from coach.edges.screen.video_writer import plan_video  # noqa: PLC0415

    mode = settings.coach.session.mode
    film = AnnotatedVideo(plan_video(path), info, settings.screen, settings.units, mode, words)
    try:
        yield film.append
        film.close()
    except BaseException:
        film.discard()
        raise
