"""`coach history`, `report`, `compare`, `export`, `recover` and `forget`: what was kept."""

from __future__ import annotations

import math
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console
from rich.table import Table

from coach.app.parts import STANDARD_OUTPUT, words_of
from coach.cli import options as o
from coach.core.units import kmh, mph
from coach.core.words import Words

_OUT = Console(highlight=False)

SessionId = Annotated[str, typer.Argument(metavar="ID|last", help="A session's number, as `coach history` lists it.")]
_FORMATS: Final = "json|csv|frames|fit|mot|mot-gait2392|trc"
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - is standard output.")]


def history(config: o.Config = None, data_dir: o.DataDir = None) -> None:
    """List the sessions that were kept, newest first."""
    from coach.edges.store import Store  # noqa: PLC0415

    settings = o.settings_of(config)
    words = words_of(settings)
    lines = tuple(reversed(Store(o.data_root(data_dir)).sessions()))
    if not lines:
        _OUT.print(words.line("list.none", demo="`coach demo`", run="`coach run`"))
        return
    imperial = settings.units == "imperial"
    table = Table(box=None, pad_edge=False)
    for column, justify in _COLUMNS:
        name = words.line(f"list.{column}") if column else ""
        table.add_column(("mph" if imperial else "km/h") if column == "speed" else name, justify=justify, no_wrap=True)
    for line in lines:
        table.add_row(
            str(line.session_id),
            _when(line.started_at),
            words.name(f"list.source.{line.source_kind}", line.source_kind),
            _minutes(line.ran_s),
            words.number(mph(line.speed_mps) if imperial else kmh(line.speed_mps), digits=1),
            words.number(line.near_peak_deg, "°"),
            words.number(line.in_band_pct, " %"),
            words.number(line.cadence_spm),
            str(line.cues_total),
            "" if line.state == "finished" else words.line(f"list.state.{line.state.replace(' ', '_')}"),
        )
    _OUT.print(table)


def export(
    session: SessionId = "last",
    format: Annotated[str, typer.Option("--format", metavar=_FORMATS, help="What to write.")] = "json",  # noqa: A002
    out: Out = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write a kept session as a file that other programs read."""
    from coach.app.exporting import exported  # noqa: PLC0415

    content = exported(session, format, o.data_root(data_dir))
    if isinstance(content, str):
        o.write_text(out or STANDARD_OUTPUT, content)
    else:
        o.write_bytes(out, content)


def report(
    session: SessionId = "last",
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    index: Annotated[bool, typer.Option("--index", help="The page of all sessions instead.")] = False,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write a session's page and say where it is."""
    from coach.app.kept_sessions import written_index, written_report  # noqa: PLC0415

    settings, root = o.settings_of(config), o.data_root(data_dir)
    page = written_index(root, settings) if index else written_report(session, root, settings)
    _tell_page(page, words_of(settings), show=show)


def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="A session's number, or last.")],
    two: Annotated[str, typer.Argument(metavar="B", help="Another one's.")],
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Say what differs between two sessions, and write a page of them side by side."""
    from coach.app.kept_sessions import compared  # noqa: PLC0415

    settings = o.settings_of(config)
    sentence, page = compared(one, two, o.data_root(data_dir), settings)
    _OUT.print(sentence, soft_wrap=True)
    _tell_page(page, words_of(settings), show=show)


def recover(config: o.Config = None, data_dir: o.DataDir = None) -> None:
    """Finish sessions that were cut short, as by a crash or an empty battery."""
    from coach.edges.store import Store  # noqa: PLC0415

    words = words_of(o.settings_of(config))
    found = Store(o.data_root(data_dir)).recover()
    for session in found:
        saved = words.line("list.saved", number=session.session_id, time=_minutes(session.summary.duration_s))
        _OUT.print(saved, soft_wrap=True)
    if not found:
        _OUT.print(words.line("list.none_cut_short"))


def forget(
    session: Annotated[str, typer.Argument(metavar="ID|last|all", help="A session's number, last, or all.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before forgetting everything.")] = False,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Delete a session, or everything, for good: numbers, poses, stills and pages."""
    from coach.app.kept_sessions import forget as forgotten  # noqa: PLC0415

    settings = o.settings_of(config)
    words = words_of(settings)
    if session == "all" and not yes and not typer.confirm(words.line("list.forget_all")):
        raise typer.Exit(1)
    gone = forgotten(session, o.data_root(data_dir), settings)
    _OUT.print(words.many("list.forgotten", gone))


def _tell_page(page: Path, words: Words, *, show: bool) -> None:
    _OUT.print(page.absolute().as_uri(), soft_wrap=True)
    if show and not webbrowser.open(page.absolute().as_uri()):
        _OUT.print(words.line("list.no_browser"))


Justify = Literal["left", "right"]
_COLUMNS: Final[tuple[tuple[str, Justify], ...]] = (
    ("id", "right"),
    ("started", "left"),
    ("source_kind", "left"),
    ("min", "right"),
    ("speed", "right"),
    ("lift", "right"),
    ("in_band", "right"),
    ("steps", "right"),
    ("cues", "right"),
    ("", "left"),
)


def _when(started_at: str | None) -> str:
    return datetime.fromisoformat(started_at).strftime("%Y-%m-%d %H:%M") if started_at else "–"


def _minutes(seconds: float) -> str:
    if math.isnan(seconds):
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
