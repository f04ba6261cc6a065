"""`coach run` and `coach demo`: the coach at work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from coach.app.parts import Outputs, words_of
from coach.app.speed_sources import BeltInput, belt_input
from coach.app.time_scaling import checked_time_scale
from coach.cli import options as o
from coach.cli.narrator import Narrator
from coach.cli.terminal_summary import print_results
from coach.config import load_settings
from coach.core.units import kmh
from coach.settings import Settings

if TYPE_CHECKING:
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
Duration = Annotated[float | None, typer.Option("--duration", metavar="S", min=1, help="End after so many seconds.")]

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


@dataclass(frozen=True, slots=True)
class LiveCall:
    """What the command line said."""

    settings: Settings
    headless: bool
    duration_s: float | None
    belt: BeltInput
    outputs: Outputs
    time_scale: float = 1.0


def run(
    source: Source = None,
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    plan: o.Plan = None,
    long: o.Long = False,
    mirror: Mirror = None,
    headless: Headless = False,
    no_sound: Quiet = False,
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
    )
    options = LiveCall(
        settings,
        headless,
        duration,
        belt_input(speed, incline, plan),
        o.outputs_of(json, frames, record, data_dir, no_store=no_store),
        time_scale=checked_time_scale(time_scale),
    )
    if settings.camera.source == "demo":
        _demo(options)
    else:
        _live(options, None)


def demo(
    speed: o.Speed = None,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    headless: Headless = False,
    no_sound: Quiet = False,
    duration: Duration = DEMO_SECONDS,
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
        },
        beneath=DEMO_SHORTENED,
    )
    _demo(
        LiveCall(
            settings,
            headless,
            duration,
            belt_input(speed, incline),
            o.outputs_of(json, frames, record, data_dir, no_store=no_store),
        )
    )


def _demo(call: LiveCall) -> None:
    """Open the rendered runner and coach it."""
    from coach.edges.demo import DemoRunner, DemoSource  # noqa: PLC0415 - OpenCV loads only here

    speed_mps = call.belt.speed_mps or DEMO_SPEED_MPS
    session, baseline = call.settings.coach.session, call.settings.coach.baseline
    words = words_of(call.settings)
    Narrator(words).say(
        words.line(
            "run.demo",
            speed=words.number(kmh(speed_mps), " km/h", 1),
            seconds=words.number(call.duration_s or DEMO_SECONDS),
            warm_up=words.number(session.warm_up_s),
            baseline=words.number(baseline.duration_s),
        )
    )
    source = DemoSource(DemoRunner(speed_mps=speed_mps), realtime=True)
    _live(replace(call, belt=replace(call.belt, speed_mps=speed_mps)), source)


def _live(call: LiveCall, source: FrameSource | None) -> None:
    from coach.app.live_run import LiveOptions, run_live  # noqa: PLC0415 - the network loads only once the options are right

    options = LiveOptions(
        call.settings.camera.source, call.headless, call.duration_s, call.belt, call.outputs, call.time_scale
    )
    narrator = Narrator(words_of(call.settings))
    session = run_live(call.settings, options, narrator, source)
    if session is not None:
        print_results(session, call.outputs, call.settings, narrator.notices.not_kept)
