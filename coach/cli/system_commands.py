"""`coach target`, `cameras`, `config`, `doctor`, `bench`, `say` and `treadmill`: this installation and its devices."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from coach.app.data_folder import TREADMILL_FILE
from coach.app.leaving import print_whole
from coach.app.parts import words_of
from coach.app.speed_sources import belt_input
from coach.cli import options as o
from coach.cli.console import OUT, with_bold
from coach.cli.legible import legible
from coach.config import cache_dir, user_config_path, without_passwords
from coach.core.bounds import DAY_S, Bounds
from coach.core.coach_settings import CoachSettings
from coach.core.coaching.target import TargetPart
from coach.core.units import Units
from coach.core.words import Words
from coach.errors import ConfigError, TreadmillError
from coach.settings import Settings


def target(
    speed: o.Speed = None,
    incline: o.Incline = None,
    level: o.Level = None,
    mode: o.Mode = None,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write it as JSON; - prints it.")] = None,
) -> None:
    """Show the heel-lift band for a speed, with everything that goes into it."""
    from coach.app.kept_sessions import band_for  # noqa: PLC0415

    belt = belt_input(speed, incline)
    if belt.speed_mps is None:
        raise ConfigError("say which speed with --speed, such as --speed 12 or --speed 5:30/km")
    root = o.data_root(data_dir)
    settings = o.of_runner(o.settings_of(config, target__level=level, session__mode=mode), root, runner)
    words = words_of(settings)
    why = partial(_why, words=words, units=settings.units)
    band = band_for(belt.speed_mps, settings, root, belt.incline_pct)
    if json is not None:
        content = {
            "low_deg": round(band.low_deg, 2),
            "target_deg": round(band.target_deg, 2),
            "high_deg": round(band.high_deg, 2),
            "parts": [{"name": part.name, "deg": round(part.deg, 2), "why": why(part)} for part in band.parts],
        }
        o.write_text(json, jsonlib.dumps(content, indent=1) + "\n")
        return
    asked = words.number(band.target_deg, "°")
    told = words.line(
        "target.band",
        speed=words.speed(band.speed_mps, settings.units),
        target=asked,
        low=words.number(band.low_deg, "°"),
        high=words.number(band.high_deg, "°"),
    )
    OUT.print(with_bold(told, asked), soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    for part in band.parts:
        signed = f"{part.deg:+.1f}°".replace(".", words.decimal)
        table.add_row(signed, words.line(f"target.{part.name.replace(' ', '_')}"), why(part))
    OUT.print(table)


def _why(part: TargetPart, words: Words, units: Units) -> str:
    """One line that a runner understands."""
    values = {name: words.speed(speed_mps, units) for name, speed_mps in part.values}
    return words.line(f"target.why.{part.why}", **values)


def cameras() -> None:
    """List the cameras of this machine."""
    from coach.edges.frames.camera import list_cameras  # noqa: PLC0415 - OpenCV loads only here

    found = list_cameras()
    if not found:
        told = "No camera was found. Plug one in, or use a phone: coach run --source http://PHONE:PORT/video"
        OUT.print(told, soft_wrap=True)
        return
    for camera in found:
        backend = (str(camera.backend), "dim")
        OUT.print(Text.assemble(f"{camera.number}  {legible(camera.name)}  ", backend), soft_wrap=True)


def config(
    config_file: o.Config = None,
    path: Annotated[bool, typer.Option("--path", help="Only say where your own file lies.")] = False,
    show_passwords: Annotated[
        bool, typer.Option("--show-passwords", help="The camera's address as it is, its password included.")
    ] = False,
) -> None:
    """Show every setting as it is resolved."""
    if path:
        typer.echo(str(user_config_path()))
        return
    settings = o.settings_of(config_file)
    shown = settings if show_passwords else without_passwords(settings)
    lines = list(_toml(shown))
    if shown != settings:
        lines[:0] = ("# camera.source without its name and password; `coach config --show-passwords` prints them", "")
    if sys.stdout.isatty():
        typer.echo("\n".join(lines))
    else:
        print_whole("\n".join((*lines, "")))  # to be read back, also where the console's own letters are others


def doctor(
    fetch_model: Annotated[bool, typer.Option("--fetch-model", help="Only fetch the pose model, and say so.")] = False,
    model: o.Model = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
    json: Annotated[bool, typer.Option("--json", help="Print it for a report: no name and no home folder.")] = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Count the camera's pictures too, and time this machine.")
    ] = False,
    latency: Annotated[
        bool,
        typer.Option("--latency", help="Time the way from the screen through the camera: let it look at the window."),
    ] = False,
    source: Annotated[
        str | None, typer.Option("--source", metavar="N|NAME|URL", help="The camera for --measure and --latency.")
    ] = None,
) -> None:
    """Check the whole installation, and say how to mend what is not right."""
    from coach.app import doctor as surgery  # noqa: PLC0415
    from coach.cli.terminal import ModelBar  # noqa: PLC0415

    settings = o.settings_of(config, pose__model=model)
    if fetch_model:
        OUT.print(f"pose model: {surgery.fetched_model(settings, ModelBar())}", soft_wrap=True)
        return
    findings = () if latency and not measure else surgery.examine(settings, data_dir)
    if measure or latency:
        from coach.app import doctor_measures as stopwatch  # noqa: PLC0415 - OpenCV loads only here

        findings += tuple(stopwatch.measured(settings, source or "")) if measure else ()
        findings += tuple(stopwatch.glass_to_glass(settings, source or "")) if latency else ()
    if json:
        print_whole(surgery.as_json(findings))
        raise typer.Exit(int(any(finding.verdict == "bad" for finding in findings)))
    for finding in findings:
        mark = {"ok": ("✓", "green"), "note": ("–", "yellow"), "bad": ("✗", "red")}[finding.verdict]
        OUT.print(Text.assemble(mark, legible(f" {finding.what}: {finding.says}")), soft_wrap=True)
        if finding.remedy:
            OUT.print(f"    → {finding.remedy}", soft_wrap=True)
    if any(finding.verdict == "bad" for finding in findings):
        raise typer.Exit(1)


def bench(
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=60, help="How long to time each effort.")] = 5.0,
    model: o.Model = None,
    config: o.Config = None,
) -> None:
    """Measure this machine: how many pictures a second it can coach, at each effort of the pose network."""
    from coach.app.machine_bench import measure  # noqa: PLC0415
    from coach.cli.terminal import ModelBar  # noqa: PLC0415
    from coach.core.gait.timekeeping import TIMING_FPS  # noqa: PLC0415

    settings = o.settings_of(config, pose__model=model)
    size = (settings.camera.width, settings.camera.height)
    table = Table(box=None, pad_edge=False)
    for column in ("effort", "stage", "median", "95 % within"):
        table.add_column(column, justify="left" if column in ("effort", "stage") else "right")
    fps: dict[str, float] = {}
    for reading in measure(settings, size, seconds, ModelBar()):
        table.add_row(reading.effort, reading.stage, f"{reading.p50_ms:.1f} ms", f"{reading.p95_ms:.1f} ms")
        fps[reading.effort] = 1000 / reading.p95_ms
    OUT.print(table)
    for effort, pictures in fps.items():
        enough = "enough" if pictures >= TIMING_FPS else f"too few for contact times, which need {TIMING_FPS:.0f}"
        OUT.print(f"{effort}: {pictures:.0f} pictures a second of {size[0]}×{size[1]}, {enough}", soft_wrap=True)
    OUT.print("Window and sound come on top; pose.effort in your configuration chooses, and is auto if left alone.")


def _toml(settings: Settings) -> Iterator[str]:
    """Settings as the lines of a configuration file."""
    sections = {f.name: getattr(settings, f.name) for f in dataclasses.fields(Settings) if f.name != "coach"}
    core = {f.name: getattr(settings.coach, f.name) for f in dataclasses.fields(CoachSettings)}
    for name, section in {**sections, **core}.items():
        if not dataclasses.is_dataclass(section):
            yield f"{name} = {_toml_value(section)}"
    for name, section in {**core, **sections}.items():
        if dataclasses.is_dataclass(section):
            yield ""
            yield f"[{name}]"
            yield from _section(section)


def _section(section: object) -> Iterator[str]:
    for field in dataclasses.fields(section):  # type: ignore[arg-type]
        value = getattr(section, field.name)
        if value is None:
            yield f"# {field.name} is not set"
        else:
            yield f"{field.name} = {_toml_value(value)}"


def _toml_value(value: object) -> str:
    """As JSON has it, but for the one sign that TOML does not take as it is."""
    return jsonlib.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


treadmill = typer.Typer(help="Listen to a Bluetooth treadmill; nothing is ever written to it.")


@treadmill.callback(invoke_without_command=True)
def _say_how(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def say(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What to say.")] = None,
    voices: Annotated[
        bool, typer.Option("--voices", help="List the voices of this machine; with TEXT, try those of the language.")
    ] = False,
    voice: Annotated[str | None, typer.Option("--voice", metavar="NAME", help="A voice from that list.")] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="NAME", help="Such as en or de.")] = None,
    rate: Annotated[
        int | None,
        typer.Option(
            "--rate",
            parser=o.whole_number("--rate", Bounds(80, 400, "rate of speech")),
            metavar="WPM",
            help="Words a minute.",
        ),
    ] = None,
    config: o.Config = None,
) -> None:
    """Say something as the coach would, list the voices, or try them one after the other."""
    settings = o.settings_of(config, sound__voice=voice, language=language, sound__rate_wpm=rate)
    if voices and text is not None:
        _try_voices(text, settings)
        return
    if voices:
        from coach.edges.audio.speech import list_voices  # noqa: PLC0415

        table = Table(box=None, pad_edge=False)
        for column in ("voice", "languages"):
            table.add_column(column)
        for found in list_voices():
            table.add_row(found.name, ", ".join(found.languages))
        OUT.print(table)
        return
    if text is None:
        raise ConfigError('say what to say, such as: coach say "Heel up, light"; or list the voices with --voices')
    from coach.edges.audio.sound import say_aloud  # noqa: PLC0415 - pygame loads only here

    OUT.print(say_aloud(text, settings.sound, words_of(settings), cache_dir()))


def _try_voices(text: str, settings: Settings) -> None:
    """Say the text in every voice of the language, each after its name."""
    from coach.edges.audio.sound import say_aloud  # noqa: PLC0415
    from coach.edges.audio.speech import list_voices  # noqa: PLC0415

    words = words_of(settings)
    speak = [voice.name for voice in list_voices() if any(_speaks(code, settings.language) for code in voice.languages)]
    if not speak:
        raise ConfigError(f"no voice here speaks {settings.language!r}; `coach say --voices` lists all of them")
    for name in speak:
        OUT.print(name, soft_wrap=True)
        say_aloud(text, replace(settings.sound, voice=name), words, cache_dir())
    OUT.print("Keep one with sound.voice in your configuration.")


def _speaks(code: str, language: str) -> bool:
    """Whether a voice's language, such as `en-GB` or `en_us`, is this one."""
    return code.replace("_", "-").lower().split("-")[0] == language


def _seconds(most: float) -> Callable[[str], float]:
    return o.number("--seconds", Bounds(1, most, "duration in seconds"))


@treadmill.command()
def scan(
    seconds: Annotated[
        float, typer.Option("--seconds", parser=_seconds(60), metavar="S", help="How long to look.")
    ] = 8.0,
) -> None:
    """List the treadmills, foot pods and heart-rate monitors in reach."""
    from coach.edges.bluetooth.radio import scan as look  # noqa: PLC0415

    found = look(seconds)
    if not found:
        OUT.print("Nothing in reach. Wake it up, and end its link to phone or watch: most serve one listener.")
        return
    for device in found:
        OUT.print(f"{device.address}  {device.name}  {device.kind}  {device.rssi_dbm} dBm", soft_wrap=True)
    OUT.print(
        "Use them with treadmill.bluetooth = true and heart.bluetooth = true in your configuration "
        "(and treadmill.address, heart.address for one of many)."
    )


@treadmill.command()
def watch(
    seconds: Annotated[
        float | None, typer.Option("--seconds", parser=_seconds(DAY_S), metavar="S", help="End after so long.")
    ] = None,
    config: o.Config = None,
) -> None:
    """Show what the treadmill tells, once a second."""
    from coach.edges.bluetooth.treadmill_link import watch as listen  # noqa: PLC0415

    settings = o.settings_of(config)
    words = words_of(settings)
    heard = listen(
        lambda told: OUT.print(told if isinstance(told, str) else told.text(words, settings.units), soft_wrap=True),
        settings.units,
        settings.coach.treadmill,
        o.data_root(None) / TREADMILL_FILE,
        duration_s=seconds,
    )
    if not heard:
        raise TreadmillError("no speed was heard from a treadmill; `coach treadmill scan` lists those in reach")
