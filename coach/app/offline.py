"""Without a runner in front of the camera: video files and pose recordings, as fast as they can be read."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Final

import numpy as np

from coach.app.loop import Estimator, NoticeBoard, Print, Silence, loop, nowhere
from coach.app.parts import (
    Outputs,
    as_read,
    first_look,
    in_life,
    looking_ahead,
    open_coach,
    open_pose_estimator,
    scaled,
    scaled_poses,
    words_of,
)
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import BeltInput, open_speed_sources
from coach.core.gait.hindsight import Hindsight
from coach.core.notices import Notice, NoticeKind, ended_early
from coach.core.pipeline import Update
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.words import Words
from coach.edges.files.pose_imports import read_any_poses
from coach.edges.files.poses_file import RecordedFrame
from coach.edges.frames.sources import open_film
from coach.ports import Frame, FrameSource, ImageBGR, LooksBack, PoseEstimator, SourceEvent, SourceInfo
from coach.settings import CameraSettings, Settings

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
    fps: float | None = None,
    tell: Print = nowhere,
    time_scale: float = 1.0,
    both_ways: bool = False,
) -> Session:
    """Run the pipeline on recorded poses (`coach.poses/1`, or what `read_any_poses` reads), without a pose model.

    `fps` is for files that say nothing of time. `tell` hears the notices, such as what cannot be kept. `time_scale`:
    how many times slower than life the recording runs. `both_ways`: measure with what the recording shows later, too;
    without it, as live, only with what came before.

    Raises SourceError or FormatError for a file that cannot be read, NoRunnerError where nobody runs in it.
    """
    settings = looking_ahead(settings or Settings(), both_ways)
    header, frames = read_any_poses(poses, fps)
    info = in_life(header.info(poses), time_scale)
    words, incline_pct = words_of(settings), _incline_pct(belt, header.incline_pct)
    hindsight = None
    if both_ways:
        seen = _on_incline(scaled_poses(read_any_poses(poses, fps)[1], time_scale), _incline_pct(belt))
        hindsight = first_look(seen, info, settings.camera, incline_pct=incline_pct)
    coach = open_coach(settings, info, words=words, hindsight=hindsight, incline_pct=incline_pct)
    recording = Recording(_on_incline(scaled_poses(frames, time_scale), _incline_pct(belt)))
    speed = open_speed_sources(belt, settings.coach, recording)
    board = NoticeBoard(words, settings.units, print=tell)
    with SessionWriter(outputs or Outputs(), info, settings, board.tell, incline_pct) as writer:
        board.keep = writer.keep
        loop(recording, recording, speed, coach, writer, Silence(), board, _Pictures(lambda _frame, _update: None))
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


class _Remembered:
    """The poses of a video that was looked at before, frame by frame."""

    def __init__(self, poses: Iterable[Pose | None]) -> None:
        self._poses = iter(poses)

    def estimate(self, frame: Frame) -> Pose | None:  # noqa: ARG002 - the same frames come in the same order
        """The next one."""
        return next(self._poses, None)


class _Pictures:
    """What takes the place of a screen."""

    def __init__(self, show: _Showing) -> None:
        self.show = show


class _Files:
    """The frames of a source; all that a file says besides is that it ends too early."""

    def __init__(self, source: FrameSource, tell: Callable[[Notice], object] = lambda _notice: None) -> None:
        self._source, self._tell = source, tell

    def frames(self) -> Iterator[Frame]:
        """In time order."""
        t_s = 0.0
        for item in self._source.frames():
            if isinstance(item, Frame):
                t_s = item.t_s
                yield item
            elif item is SourceEvent.ENDED_EARLY:
                self._tell(ended_early(t_s, self._source.info.duration_s))


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
    reports, words, incline_pct = settings.pose.usage_data_line(), words_of(settings), _incline_pct(belt)
    board = NoticeBoard(words, settings.units, print=tell)
    speed = open_speed_sources(belt, settings.coach)
    with ExitStack() as stack:

        def opened() -> FrameSource:
            source = scaled(open_film(video), time_scale)
            stack.callback(source.close)
            return source

        source = opened()
        info = source.info
        network = open_pose_estimator(settings, info)
        stack.callback(network.close)
        read = as_read(settings, network)
        writer = stack.enter_context(SessionWriter(outputs, info, read, board.tell, incline_pct))
        film = stack.enter_context(_film(outputs.video, info, settings, words))
        board.keep = writer.keep
        if reports is not None:
            board.tell(Notice(NoticeKind.USAGE_DATA, detail=reports))
        estimator: Estimator = network
        hindsight = None
        if settings.analyze.both_ways:
            try:
                poses, hindsight = _looked_through(opened, network, settings.camera, incline_pct, progress)
            except BaseException:
                # Nothing was measured yet.
                writer.discard()
                raise
            estimator, progress = _Remembered(poses), silent
        coach = open_coach(settings, info, words=words, hindsight=hindsight, incline_pct=incline_pct)

        def show(frame: Frame, update: Update) -> None:
            film(frame, update)
            progress(frame.t_s, info.duration_s)

        loop(_Files(source, board.tell), estimator, speed, coach, writer, Silence(), board, _Pictures(show))
        return writer.finish(coach.finish())


def _looked_through(
    opened: Callable[[], FrameSource],
    network: PoseEstimator,
    camera: CameraSettings,
    incline_pct: float,
    progress: Progress,
) -> tuple[list[Pose | None], Hindsight]:
    """A first look at a whole video: the runner in every frame, about 0.6 kB each, and what is learnt of him."""
    source = opened()
    times_s: list[float] = []
    poses: list[Pose | None] = []
    for frame in _Files(source).frames():
        times_s.append(frame.t_s)
        poses.append(network.estimate(frame))
        progress(frame.t_s, source.info.duration_s)
    if isinstance(network, LooksBack):
        for pose in network.look_back(lambda: _Files(opened()).frames()):
            poses[bisect_left(times_s, pose.t_s)] = pose
    seen = zip(times_s, poses, repeat(None))
    return poses, first_look(seen, source.info, camera, incline_pct=incline_pct)


def _incline_pct(belt: BeltInput | None, recorded_pct: float = math.nan) -> float:
    """As it was typed now, else when the recording was made; NaN where it was not."""
    return recorded_pct if belt is None or math.isnan(belt.incline_pct) else belt.incline_pct


def _on_incline(frames: Iterable[RecordedFrame], typed_pct: float) -> Iterator[RecordedFrame]:
    """The same, on a belt of the incline that was typed now; as recorded where none was."""
    for t_s, pose, belt in frames:
        yield t_s, pose, belt if belt is None or math.isnan(typed_pct) else replace(belt, incline_pct=typed_pct)


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
