"""Without a runner in front of the camera: video files and pose recordings, as fast as they can be read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from coach.app.analysis import Analysis
from coach.app.outputs import Outputs
from coach.app.parts import BeltInput, open_coach, open_pose_estimator, open_typed_speed
from coach.app.session_writer import Keeper
from coach.core.pipeline import Coach, Update
from coach.core.session.session import Session
from coach.edges.files.pose_imports import read_any_poses
from coach.edges.frames.sources import open_source
from coach.edges.pose.usage_data import USAGE_DATA_EVENT, usage_data_line
from coach.ports import Frame, SourceInfo
from coach.settings import Settings

Progress = Callable[[float, float], None]
"""Told the time in the video or recording and its whole length, in seconds; NaN where that is not known."""
_Filming = Callable[[Frame, Update], None]


def silent(t_s: float, duration_s: float) -> None:
    """Tell nobody."""


def replay(
    poses: Path,
    settings: Settings | None = None,
    belt: BeltInput | None = None,
    outputs: Outputs | None = None,
    progress: Progress = silent,
    fps: float | None = None,
) -> Session:
    """Run the pipeline on recorded poses (`coach.poses/1`, or what `read_any_poses` reads), without a pose model.

    `fps` is for files that say nothing of time.

    Raises SourceError or FormatError for a file that cannot be read, NoRunnerError where nobody is in it.
    """
    settings = settings or Settings()
    header, frames = read_any_poses(poses, fps)
    info = header.info(poses)
    coach = open_coach(settings, info)
    keeper = Keeper(outputs or Outputs(), info, settings)
    analysis = Analysis(coach, keeper, [open_typed_speed(belt)])
    with keeper:
        for t_s, pose, recorded in frames:
            analysis.take_pose(t_s, pose, recorded)
            progress(t_s, math.nan)
        return analysis.finish()


def analyze(
    video: Path,
    settings: Settings | None = None,
    belt: BeltInput | None = None,
    outputs: Outputs | None = None,
    progress: Progress = silent,
) -> Session:
    """Run the pipeline on a video file as fast as the machine can.

    Raises SourceError for a file that cannot be read, PoseModelError without a pose model, NoRunnerError where
    nobody is in the video, ConfigError where MediaPipe is asked for and may not report.
    """
    settings, outputs = settings or Settings(), outputs or Outputs()
    reports = usage_data_line(settings.pose)
    source = open_source(str(video), realtime=False, camera=settings.camera)
    try:
        estimator = open_pose_estimator(settings, source.info)
        coach = open_coach(settings, source.info)
        keeper = Keeper(outputs, source.info, settings)
        analysis = Analysis(coach, keeper, [open_typed_speed(belt)], estimator)
        if reports is not None:
            analysis.remark(USAGE_DATA_EVENT, reports)
        with keeper, _film(outputs.video, source.info, settings, coach) as film:
            try:
                for item in source.frames():
                    if isinstance(item, Frame):
                        film(item, analysis.take(item))
                        progress(item.t_s, source.info.duration_s)
            finally:
                analysis.close()
            return analysis.finish()
    finally:
        source.close()


@contextmanager
def _film(path: Path | None, info: SourceInfo, settings: Settings, coach: Coach) -> Iterator[_Filming]:
    """Takes every frame and its update into an annotated video, if one is asked for; a run that fails leaves none."""
    if path is None:
        yield lambda _frame, _update: None
        return
    from coach.edges.screen.film import AnnotatedVideo  # noqa: PLC0415 - the screen's libraries, for this alone
    from coach.edges.screen.video_writer import plan_video  # noqa: PLC0415

    mode = settings.coach.session.mode
    film = AnnotatedVideo(plan_video(path), info, settings.screen, settings.units, mode, coach.phrases.line)
    try:
        yield film.append
        film.close()
    except BaseException:
        film.discard()
        raise
