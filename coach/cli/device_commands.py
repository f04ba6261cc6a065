"""`coach say` and `coach treadmill`: try what surrounds the runner."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from coach.app.own_folder import TREADMILL_FILE
from coach.app.parts import words_of
from coach.cli import options as o
from coach.config import cache_dir
from coach.errors import ConfigError, TreadmillError
from coach.settings import Settings

_OUT = Console(highlight=False, markup=False)  # device names and "[treadmill]" may hold brackets

treadmill = typer.Typer(help="Listen to a Bluetooth treadmill; nothing is ever written to it.", no_args_is_help=True)


def say(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What to say.")] = None,
    voices: Annotated[
        bool, typer.Option("--voices", help="List the voices of this machine; with TEXT, try those of the language.")
    ] = False,
    voice: Annotated[str | None, typer.Option("--voice", metavar="NAME", help="A voice from that list.")] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="NAME", help="Such as en or de.")] = None,
    rate: Annotated[int | None, typer.Option("--rate", metavar="WPM", help="Words a minute.")] = None,
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
        _OUT.print(table)
        return
    if text is None:
        raise ConfigError('say what to say, such as: coach say "Heel up, light"; or list the voices with --voices')
    from coach.edges.audio.sound import say_aloud  # noqa: PLC0415 - pygame loads only here

    _OUT.print(say_aloud(text, settings.sound, words_of(settings), cache_dir()))


def _try_voices(text: str, settings: Settings) -> None:
    """Say the text in every voice of the language, each after its name."""
    from coach.edges.audio.sound import say_aloud  # noqa: PLC0415
    from coach.edges.audio.speech import list_voices  # noqa: PLC0415

    words = words_of(settings)
    speak = [voice.name for voice in list_voices() if any(_speaks(code, settings.language) for code in voice.languages)]
    if not speak:
        raise ConfigError(f"no voice here speaks {settings.language!r}; `coach say --voices` lists all of them")
    for name in speak:
        _OUT.print(name, soft_wrap=True)
        say_aloud(text, replace(settings.sound, voice=name), words, cache_dir())
    _OUT.print("Keep one with sound.voice in your configuration.")


def _speaks(code: str, language: str) -> bool:
    """Whether a voice's language, such as `en-GB` or `en_us`, is this one."""
    return code.replace("_", "-").lower().split("-")[0] == language


@treadmill.command()
def scan(
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=60, help="How long to look.")] = 8.0,
) -> None:
    """List the treadmills and foot pods in reach."""
    from coach.edges.speed.bluetooth import scan as look  # noqa: PLC0415

    found = look(seconds)
    if not found:
        _OUT.print("No treadmill in reach. Wake it up, and end its link to phone or watch: most serve one listener.")
        return
    for device in found:
        _OUT.print(f"{device.address}  {device.name}  {device.kind}  {device.rssi_dbm} dBm", soft_wrap=True)
    _OUT.print("Use it with treadmill.bluetooth = true in your configuration (and treadmill.address for one of many).")


@treadmill.command()
def watch(
    seconds: Annotated[float | None, typer.Option("--seconds", min=1, help="End after so long.")] = None,
    config: o.Config = None,
) -> None:
    """Show what the treadmill tells, once a second."""
    from coach.edges.speed.treadmill_link import watch as listen  # noqa: PLC0415

    settings = o.settings_of(config)
    words = words_of(settings)
    heard = listen(
        lambda told: _OUT.print(told if isinstance(told, str) else told.text(words), soft_wrap=True),
        settings.coach.treadmill,
        o.data_root(None) / TREADMILL_FILE,
        duration_s=seconds,
    )
    if not heard:
        raise TreadmillError("no speed was heard from a treadmill; `coach treadmill scan` lists those in reach")
