"""The options that the commands share, and how they become settings."""

from __future__ import annotations

import contextlib
import errno
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from coach.app.data_folder import close_data_folder
from coach.app.leaving import print_whole
from coach.app.parts import STANDARD_OUTPUT, Outputs, words_of
from coach.app.runners import configured_height_cm, named_for_a_run, settings_for
from coach.cli.output_files import check_outputs
from coach.config import data_dir, load_settings, own_place
from coach.core.bounds import ANY, INCLINE_PCT, Bounds
from coach.core.units import parse_height_cm
from coach.core.words import Words
from coach.edges.store import NOBODY_KEPT, Runners
from coach.edges.store import Runner as KeptRunner
from coach.errors import ConfigError, StoreError
from coach.paths import from_home, is_missing, mended_by
from coach.private import left_beside, write_whole
from coach.settings import Settings

Number = TypeVar("Number", int, float)
_FULL: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""A disk, a file's limit or a user's share that is used up."""


def number(option: str, bounds: Bounds = ANY) -> Callable[[str], float]:
    """Reads a number of the command line. ConfigError, with the option's name, for what is none or out of range."""
    return lambda typed: _typed(option, bounds.read, typed)


def whole_number(option: str, bounds: Bounds) -> Callable[[str], int]:
    """The same for one that counts."""
    return lambda typed: _typed(option, bounds.read_whole, typed)


def _typed(option: str, read: Callable[[str], Number], typed: str | Number) -> Number:
    if not isinstance(typed, str):
        return typed  # the option's own default comes through here too
    try:
        return read(typed)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def height_cm(option: str) -> Callable[[str], float]:
    """Reads a body height of the command line. ConfigError, with the option's name, for what is none."""
    return lambda typed: _typed(option, parse_height_cm, typed)


Speed = Annotated[
    str | None,
    typer.Option("--speed", metavar="SPEED", help="Belt speed: 10.5 (km/h), 6.5mph, 3.5m/s, 5:30/km, 8:50/mi."),
]
Mode = Annotated[str | None, typer.Option("--mode", metavar="treadmill|overground", help="What the target allows for.")]
Level = Annotated[str | None, typer.Option("--level", metavar="easy|steady|strong", help="How much is asked for.")]
Incline = Annotated[
    float | None,
    typer.Option(
        "--incline", parser=number("--incline", INCLINE_PCT), metavar="PCT", help="Incline of the belt in per cent."
    ),
]
Height = Annotated[
    float | None,
    typer.Option("--height", parser=height_cm("--height"), metavar="CM", help="The runner's height: 175, or 5ft9."),
]
Runner = Annotated[
    str | None, typer.Option("--runner", metavar="NAME", help="Who it is, where several people run; `me` is the first.")
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration over the default one.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", metavar="DIR", help="Where sessions are kept.")]
JsonOut = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the session as JSON; - prints it.")]
FramesOut = Annotated[Path | None, typer.Option("--frames", metavar="FILE.csv", help="Write a table, one row a frame.")]
RecordOut = Annotated[
    Path | None, typer.Option("--record", metavar="FILE", help="Record the poses, .jsonl or .jsonl.gz.")
]
VideoOut = Annotated[
    Path | None, typer.Option("--video-out", metavar="OUT.mp4", help="Write the video with what was measured on it.")
]
NoStore = Annotated[bool, typer.Option("--no-store", help="Keep nothing of this session.")]
TimeScale = Annotated[
    float | None,
    typer.Option(
        "--time-scale",
        parser=number("--time-scale"),
        metavar="N",
        help="The file is slow motion, so many times slower than life.",
    ),
]
LiveLike = Annotated[bool, typer.Option("--live-like", help="Measure as live: only with what came before.")]
BothWays = Annotated[bool, typer.Option("--both-ways", help="Measure with what comes later, too, as analyze does.")]
Model = Annotated[str | None, typer.Option("--model", metavar="MODEL", help="full, lite, heavy or a bundle's path.")]
Plan = Annotated[
    str | None,
    typer.Option(
        "--plan",
        metavar="PLAN",
        help='Intervals: "5min@9, 8x(1min@14, 1min@9), 5min@8"; on a hill "4x(2min@9 6%, 2min@9)".',
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")]
Long = Annotated[bool, typer.Option("--long", help="A long run: only observed until the programme is far.")]


def settings_of(config: Path | None, **options: object) -> Settings:
    """Settings with the options given on the command line; `session__mode` stands for `session.mode`."""
    return load_settings(config, {name.replace("__", "."): value for name, value in options.items()})


def of_runner(settings: Settings, root: Path, runner: str | None) -> Settings:
    """The settings of the runner who was named, or of the one whom the configuration names.

    Raises StoreError where there is none of this name.
    """
    wanted = settings.coach.runner.name if runner is None else runner
    return settings_for(settings, Runners(root).named(wanted)) if wanted else settings


def asked(runner: str | None, config: Path | None, data_dir: Path | None) -> tuple[Settings, Path]:
    """The settings of whom was asked for, and the data folder."""
    root = data_root(data_dir)
    return of_runner(settings_of(config), root, runner), root


def who_runs(settings: Settings, outputs: Outputs, runner: str | None, height_cm: float | None) -> Settings:
    """The settings of who runs now; somebody new is told, and so is a height that is kept or is not the kept one.

    Raises StoreError for a name that is nearly another's, ConfigError for one that cannot be.
    """
    wanted = settings.coach.runner.name if runner is None else runner
    if outputs.data_dir is None or not (wanted or not is_missing(outputs.data_dir)):
        return settings_for(settings, NOBODY_KEPT, height_cm)
    named, words = named_for_a_run(wanted, outputs.data_dir), words_of(settings)
    if named.is_new:
        typer.echo(words.line("run.runner_new", runner=named.runner.called), err=True)
    if runner and height_cm is not None and height_cm != named.runner.height_cm:
        Runners(outputs.data_dir).set_height(named.runner, height_cm)
        height = words.height(height_cm, settings.units)
        typer.echo(words.line("run.runner_height", runner=named.runner.called, height=height), err=True)
    elif height_cm is None and (told := other_height(settings, named.runner, words)):
        typer.echo(told, err=True)
    return settings_for(settings, named.runner, height_cm)


def other_height(settings: Settings, runner: KeptRunner, words: Words) -> str:
    """That a file gives this runner another body height than is kept, and how to keep it; empty where it does not."""
    height_cm = configured_height_cm(settings, runner)
    if height_cm is None or runner.height_cm is None:
        return ""
    height, kept = (words.height(cm, settings.units) for cm in (height_cm, runner.height_cm))
    if height == kept:
        return ""
    command = f"coach runners height {shlex.quote(runner.called)} {height_cm:g}"
    return words.line("run.runner_heights", runner=runner.called, height=height, kept=kept, command=command)


def outputs_of(
    json: Path | None,
    frames: Path | None,
    record: Path | None,
    store_in: Path | None,
    *,
    no_store: bool,
    video: Path | None = None,
    reads: Sequence[Path | None] = (),
    live_out: Sequence[str] = (),
) -> Outputs:
    """Where the session goes. Raises ConfigError where something cannot be written there, see `check_outputs`.

    reads: the files that the command reads. live_out: outputs that tell a run while it goes on.
    """
    asked = {"--json": json, "--frames": frames, "--record": record, "--video-out": video}
    told = [from_home(one.removeprefix("json:")) for one in live_out if one.startswith("json:")]
    check_outputs(asked | {f"--live-out json:{path}": path for path in told}, reads)
    _tell_left([left for path in (frames, record, video) if path for left in left_beside(path)])
    data_dir = None if no_store else data_root(store_in)
    return Outputs(json=json, frames=frames, record=record, video=video, data_dir=data_dir)


def _tell_left(left: Sequence[Path]) -> None:
    """Say what earlier runs left beside the files that are asked for: nothing is lost, but nothing grows unseen."""
    sizes_b: dict[str, int] = {}
    for path in left:
        with contextlib.suppress(OSError):  # a run that still went on has taken its own away
            sizes_b[str(path)] = path.stat().st_size
    if sizes_b:
        size_mb = sum(sizes_b.values()) / 1e6
        remedy = "delete what you do not need, unless a run still writes there"
        typer.echo(f"left by earlier runs: {', '.join(sizes_b)} ({size_mb:.1f} MB); {remedy}", err=True)


def confirm(question: str, words: Words) -> None:
    """Ask before what cannot be undone; anything but a yes ends the command, with nothing changed.

    A yes is one in the runner's language or in English.
    """
    typer.echo(f"{question} {words.line('ask.keys')} ", nl=False, err=True)
    answer = sys.stdin.readline() if sys.stdin else ""
    if answer.strip().casefold() in {"y", "yes", *words.line("ask.yes").split()}:
        return
    declined = words.line("ask.unchanged") if answer else "\n" + words.line("ask.nobody", option="--yes")
    typer.echo(declined, err=True)
    raise typer.Exit(1)


def data_root(given: Path | None) -> Path:
    """Where sessions are kept, closed to others on this machine; if it had to be closed only now, that is said."""
    root = own_place(given, "--data-dir") if given else data_dir()
    if close_data_folder(root):
        typer.echo(f"others on this machine could read what is kept in {root}; now you alone can", err=True)
    return root


def write_text(path: Path, text: str) -> None:
    """Write a result where it was asked for, whole or not at all; `-` is standard output.

    Raises ConfigError for a place that cannot be written to, StoreError for a disk that is full.
    """
    if path == STANDARD_OUTPUT:
        print_whole(text)
        return
    _write(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The same for what is no text. ConfigError for standard output, too."""
    if path == STANDARD_OUTPUT:
        raise ConfigError("this format is no text; name a file with --out")
    _write(path, content)


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        kind = StoreError if error.errno in _FULL else ConfigError
        raise kind(f"cannot write {path}: {mended_by(error)}") from None


def warn_of_reports(settings: Settings) -> None:
    """Say on the terminal's error side if these settings let MediaPipe report. ConfigError where it was not allowed."""
    if (line := settings.pose.usage_data_line()) is not None:
        typer.echo(line, err=True)
