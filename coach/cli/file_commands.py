"""`coach analyze` and `coach replay`: from files, as fast as they can be read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from coach.app.parts import words_of
from coach.app.speed_sources import belt_input
from coach.app.time_scaling import checked_time_scale
from coach.cli import options as o
from coach.cli.clip_table import Outcome, print_table
from coach.cli.narrator import NoticePrinter
from coach.cli.terminal_summary import print_results
from coach.errors import CoachError, ConfigError

if TYPE_CHECKING:
    from coach.edges.screen.video_writer import VideoPlan

_MESSAGES = Console(stderr=True)
_POSES_HELP = "A pose recording (.jsonl, .jsonl.gz), a .trc, a .csv with named columns, or a folder of OpenPose frames."
_FPS_HELP = "Frames a second, for files that say nothing of time."


def replay(
    poses: Annotated[Path, typer.Argument(metavar="POSES", help=_POSES_HELP)],
    fps: Annotated[float | None, typer.Option("--fps", metavar="N", help=_FPS_HELP)] = None,
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: o.JsonOut = None,
    frames: o.FramesOut = None,
    record: o.RecordOut = None,
    no_store: o.NoStore = False,
    time_scale: o.TimeScale = None,
) -> None:
    """Run the pipeline on recorded poses, without a pose model."""
    from coach.app import offline  # noqa: PLC0415 - only now are numpy and scipy needed

    settings = o.settings_of(config, session__mode=mode, target__level=level, runner__height_cm=height)
    belt = belt_input(speed, incline)
    outputs = o.outputs_of(json, frames, record, data_dir, no_store=no_store)
    notices = NoticePrinter()
    session = offline.replay(
        poses, settings, belt, outputs, fps=fps, tell=notices, time_scale=checked_time_scale(time_scale)
    )
    print_results(session, outputs, settings, notices.not_kept, page=False)


def analyze(
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO…", help="Video files of a runner from the side.")],
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    model: o.Model = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: o.JsonOut = None,
    frames: o.FramesOut = None,
    record: o.RecordOut = None,
    video_out: o.VideoOut = None,
    no_store: o.NoStore = False,
    time_scale: o.TimeScale = None,
) -> None:
    """Run the pipeline on video files as fast as the machine can, and keep the sessions."""
    settings = o.settings_of(
        config, session__mode=mode, target__level=level, runner__height_cm=height, pose__model=model
    )
    belt = belt_input(speed, incline)
    outputs = o.outputs_of(json, frames, record, data_dir, no_store=no_store)
    if len(videos) > 1 and (json or frames or record or video_out):
        raise ConfigError("--json, --frames, --record and --video-out take one video; give the videos one by one")
    scale = checked_time_scale(time_scale)
    o.warn_of_reports(settings)
    film = None if video_out is None else _plan(video_out, videos[0])
    if film is not None:
        outputs = replace(outputs, video=film.path)
    outcomes: list[Outcome] = []
    failures: list[CoachError] = []
    words = words_of(settings)
    for video in videos:
        from coach.app import offline  # noqa: PLC0415 - OpenCV and the network load only once the options are right

        notices = NoticePrinter()
        try:
            with _bar(video) as progress:
                session = offline.analyze(video, settings, belt, outputs, progress, notices, scale)
            outcomes.append((video, session.summary))
            if film is not None:
                remark = words.line(film.remark) if film.remark else ""
                told = words.line("summary.film", path=film.path, remark=remark).rstrip()
                _MESSAGES.print(told, highlight=False, soft_wrap=True)
            print_results(session, outputs, settings, notices.not_kept)
        except CoachError as error:
            if len(videos) == 1:
                raise
            failures.append(error)
            if not outcomes or outcomes[-1][0] is not video:
                outcomes.append((video, error))
            _MESSAGES.print(f"coach: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
    if len(videos) > 1:
        print_table(outcomes, words)
    if failures:
        raise typer.Exit(failures[0].exit_status)


def _plan(video_out: Path, video: Path) -> VideoPlan:
    """Where the annotated video goes. Raises ConfigError where it cannot, as over the video itself."""
    from coach.edges.screen.video_writer import plan_video  # noqa: PLC0415 - OpenCV loads only where it is needed

    film = plan_video(video_out)
    if film.path.exists() and video.exists() and film.path.samefile(video):
        raise ConfigError(f"--video-out {film.path} is the video itself; give another name")
    return film


@contextmanager
def _bar(video: Path) -> Iterator[Callable[[float, float], None]]:
    """A progress bar on the terminal's error side; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_MESSAGES, transient=True, disable=not _MESSAGES.is_terminal) as bar:
        task = bar.add_task(video.name, total=None)

        def tell(t_s: float, duration_s: float) -> None:
            bar.update(task, completed=t_s, total=duration_s if math.isfinite(duration_s) else None)

        yield tell
