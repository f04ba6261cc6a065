"""`coach run` and `demo`, live; `coach analyze` and `replay`, from files, as fast as they can be read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from coach.app.companions import TAKES_STANDARD_OUTPUT
from coach.app.parts import STANDARD_OUTPUT, LiveOptions, checked_time_scale, words_of
from coach.app.speed_sources import belt_input, with_typed_speed
from coach.cli import options as o
from coach.cli.console import MESSAGES
from coach.cli.legible import on_one_line
from coach.cli.terminal import Narrator, NoticePrinter, Outcome, print_results, print_table
from coach.config import load_settings
from coach.core.bounds import DAY_S, Bounds
from coach.core.speed.speed_plan import parse_plan
from coach.errors import CoachError, ConfigError
from coach.paths import from_home
from coach.settings import Settings

if TYPE_CHECKING:
    from coach.edges.screen.video_writer import VideoPlan
    from coach.ports import FrameSource


Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="N|NAME|PATH|URL|demo|pick",
        help="Camera (pick: choose it in the window), video file or network stream.",
    ),
]
Mirror = Annotated[bool | None, typer.Option("--mirror/--no-mirror", help="Show the picture as a mirror does.")]
Headless = Annotated[bool, typer.Option("--headless", help="No window.")]
Quiet = Annotated[bool, typer.Option("--no-sound", help="No tones and no speech.")]
Tick = Annotated[bool, typer.Option("--tick", help="A soft tick at your own cadence, below the cues.")]
Duration = Annotated[
    float | None,
    typer.Option(
        "--duration",
        parser=o.number("--duration", Bounds(1, DAY_S, "duration in seconds")),
        metavar="S",
        help="End after so many seconds of the run.",
    ),
]
Heart = Annotated[
    bool | None, typer.Option("--heart/--no-heart", help="Listen to a Bluetooth heart-rate strap or watch.")
]
FootPod = Annotated[
    bool | None, typer.Option("--foot-pod/--no-foot-pod", help="Let a watch hear speed and cadence as from a foot pod.")
]
LiveOut = Annotated[
    list[str] | None,
    typer.Option(
        "--live-out",
        metavar="json[:PATH]|osc[:HOST:PORT]|lsl[:network]",
        help="Tell another program what is measured, while it is; may be given several times.",
    ),
]

DEMO_SECONDS: Final = 45.0
DEMO_SPEED_MPS: Final = 2.8
DEMO_SHORTENED: Final = {
    "session.warm_up_s": 5,
    "baseline.duration_s": 10,
    "baseline.reuse": False,
    "cues.refractory_s": 10,
    "programme.enabled": False,
}
"""So that a newcomer sees the whole of it in less than a minute."""


def run(
    source: Source = None,
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    runner: o.Runner = None,
    plan: o.Plan = None,
    long: o.Long = False,
    mirror: Mirror = None,
    heart: Heart = None,
    foot_pod: FootPod = None,
    live_out: LiveOut = None,
    headless: Headless = False,
    no_sound: Quiet = False,
    tick: Tick = False,
    duration: Duration = None,
    model: o.Model = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: o.JsonOut = None,
    frames: o.FramesOut = None,
    record: o.RecordOut = None,
    no_store: o.NoStore = False,
    time_scale: o.TimeScale = None,
) -> None:
    """Coach a run, live: from a camera, a video file in real time, or a network stream."""
    settings = o.settings_of(
        config,
        session__mode=mode,
        session__long=long or None,
        target__level=level,
        runner__height_cm=height,
        pose__model=model,
        sound__enabled=False if no_sound else None,
        camera__source=source,
        screen__mirror=mirror,
        sound__tick=tick or None,
        heart__bluetooth=heart,
        foot_pod__advertise=foot_pod,
        live_out__to=live_out or None,
    )
    belt = belt_input(speed, incline, plan)
    reads, told = (from_home(settings.camera.source.strip()), config), settings.live_out.to
    outputs = o.outputs_of(json, frames, record, data_dir, no_store=no_store, reads=reads, live_out=told)
    options = LiveOptions(
        settings.camera.source,
        headless,
        duration,
        belt,
        outputs,
        time_scale=checked_time_scale(time_scale),
        ask_runner=runner is None and not settings.coach.runner.name,
        height_cm=height,
    )
    settings = o.who_runs(settings, outputs, runner, height)
    if options.source == "demo":
        _demo(settings, options)
    else:
        _live(settings, options, None)


def demo(
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    runner: o.Runner = None,
    headless: Headless = False,
    no_sound: Quiet = False,
    duration: Duration = DEMO_SECONDS,
    live_out: LiveOut = None,
    model: o.Model = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: o.JsonOut = None,
    frames: o.FramesOut = None,
    record: o.RecordOut = None,
    no_store: o.NoStore = False,
) -> None:
    """Coach a rendered treadmill runner who tires and listens; no camera, display or sound card needed."""
    settings = load_settings(
        config,
        {
            "session.mode": mode,
            "target.level": level,
            "runner.height_cm": height,
            "pose.model": model,
            "sound.enabled": False if no_sound else None,
            "live_out.to": live_out or None,
        },
        beneath=DEMO_SHORTENED,
    )
    belt = belt_input(speed, incline)
    told = settings.live_out.to
    outputs = o.outputs_of(json, frames, record, data_dir, no_store=no_store, reads=(config,), live_out=told)
    options = LiveOptions(settings.camera.source, headless, duration, belt, outputs)
    _demo(o.who_runs(settings, outputs, runner, height), options, shortened=True)


def _demo(settings: Settings, options: LiveOptions, *, shortened: bool = False) -> None:
    """Open the rendered runner and coach it; `shortened`: as `DEMO_SHORTENED` says, unless a file says otherwise."""
    from coach.edges.demo import DemoRunner, DemoSource  # noqa: PLC0415 - OpenCV loads only here

    plan = parse_plan(options.belt.plan) if options.belt.plan else None
    # Its belt runs as planned: a plan goes over a speed that was typed, as before any camera.
    speed_mps = plan.at(0.0) if plan else options.belt.speed_mps or DEMO_SPEED_MPS
    belt = plan.corners if plan else speed_mps
    session, baseline = settings.coach.session, settings.coach.baseline
    words = words_of(settings)
    told = [words.line("run.demo", speed=words.speed(speed_mps, settings.units))]
    lasts_s = {"session.warm_up_s": session.warm_up_s, "baseline.duration_s": baseline.duration_s}
    if shortened and options.duration_s is not None and lasts_s.items() <= DEMO_SHORTENED.items():
        warm_up, calm = (words.number(seconds) for seconds in lasts_s.values())
        seconds = words.number(options.duration_s)
        told.append(words.line("run.demo_shortened", seconds=seconds, warm_up=warm_up, baseline=calm))
    Narrator(words).say(" ".join(told))
    # Whatever is trusted elsewhere: this speed is what the belt is drawn with.
    settings = replace(settings, coach=with_typed_speed(settings.coach))
    options = replace(options, belt=replace(options.belt, speed_mps=speed_mps))
    _live(settings, options, lambda: DemoSource(DemoRunner(speed_mps=belt), realtime=True, patient=True))


def _live(settings: Settings, options: LiveOptions, source: Callable[[], FrameSource] | None) -> None:
    from coach.app.live_run import run_live  # noqa: PLC0415 - the network loads only once the options are right

    streams = TAKES_STANDARD_OUTPUT in settings.live_out.to
    if streams and options.outputs.json == STANDARD_OUTPUT:
        raise ConfigError("--json - and --live-out json both take standard output; give one of them a file")
    narrator = Narrator(words_of(settings))
    session = run_live(settings, options, narrator, source)
    if session is not None:
        print_results(session, options.outputs, settings, narrator.notices.not_kept, summary=not streams)


_POSES_HELP = "A pose recording (.jsonl, .jsonl.gz), a .trc, a .csv with named columns, or a folder of OpenPose frames."
_FPS_HELP = "Frames a second, for files that say nothing of time."


def replay(
    poses: Annotated[Path, typer.Argument(metavar="POSES", help=_POSES_HELP)],
    fps: Annotated[float | None, typer.Option("--fps", parser=o.number("--fps"), metavar="N", help=_FPS_HELP)] = None,
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: o.JsonOut = None,
    frames: o.FramesOut = None,
    record: o.RecordOut = None,
    no_store: o.NoStore = False,
    time_scale: o.TimeScale = None,
    both_ways: o.BothWays = False,
) -> None:
    """Run the pipeline on recorded poses, without a pose model."""
    from coach.app import offline  # noqa: PLC0415 - only now are numpy and scipy needed

    settings = o.settings_of(config, session__mode=mode, target__level=level, runner__height_cm=height)
    belt = belt_input(speed, incline)
    outputs = o.outputs_of(json, frames, record, data_dir, no_store=no_store, reads=(poses, config))
    scale = checked_time_scale(time_scale)
    settings = o.who_runs(settings, outputs, runner, height)
    notices = NoticePrinter()
    session = offline.replay(
        poses, settings, belt, outputs, fps=fps, tell=notices, time_scale=scale, both_ways=both_ways
    )
    print_results(session, outputs, settings, notices.not_kept, page=False)


def analyze(
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO…", help="Video files of a runner from the side.")],
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    runner: o.Runner = None,
    model: o.Model = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: o.JsonOut = None,
    frames: o.FramesOut = None,
    record: o.RecordOut = None,
    video_out: o.VideoOut = None,
    no_store: o.NoStore = False,
    time_scale: o.TimeScale = None,
    live_like: o.LiveLike = False,
) -> None:
    """Run the pipeline on video files as fast as the machine can, and keep the sessions."""
    settings = o.settings_of(
        config,
        session__mode=mode,
        target__level=level,
        runner__height_cm=height,
        pose__model=model,
        analyze__both_ways=False if live_like else None,
    )
    belt = belt_input(speed, incline)
    if len(videos) > 1 and (json or frames or record or video_out):
        raise ConfigError("--json, --frames, --record and --video-out take one video; give the videos one by one")
    film = None if video_out is None else _plan(video_out)
    filmed = None if film is None else film.path
    reads = (*videos, config)
    outputs = o.outputs_of(json, frames, record, data_dir, no_store=no_store, video=filmed, reads=reads)
    scale = checked_time_scale(time_scale)
    o.warn_of_reports(settings)
    settings = o.who_runs(settings, outputs, runner, height)
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
                MESSAGES.print(told, soft_wrap=True)
            print_results(session, outputs, settings, notices.not_kept)
        except CoachError as error:
            if len(videos) == 1:
                raise
            failures.append(error)
            if not outcomes or outcomes[-1][0] is not video:
                outcomes.append((video, error))
            MESSAGES.print(f"coach: {error}", style="red", soft_wrap=True)
    if len(videos) > 1:
        print_table(outcomes, words)
    if failures:
        raise typer.Exit(failures[0].exit_status)


def _plan(video_out: Path) -> VideoPlan:
    """Where the annotated video goes, and in what form. Raises ConfigError where it cannot be written."""
    from coach.edges.screen.video_writer import plan_video  # noqa: PLC0415 - OpenCV loads only where it is needed

    return plan_video(video_out)


@contextmanager
def _bar(video: Path) -> Iterator[Callable[[float, float], None]]:
    """A progress bar on the terminal's error side; nothing where nobody looks."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=MESSAGES, transient=True, disable=not MESSAGES.is_terminal) as bar:
        task = bar.add_task(on_one_line(video.name), total=None)

        def tell(t_s: float, duration_s: float) -> None:
            bar.update(task, completed=t_s, total=duration_s if math.isfinite(duration_s) else None)

        yield tell
