"""`coach history` and `coach export`: what was kept."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console
from rich.table import Table

from coach.app.outputs import STANDARD_OUTPUT
from coach.cli import options as o
from coach.core.units import kmh, mph

_OUT = Console(highlight=False)

SessionId = Annotated[str, typer.Argument(metavar="ID|last", help="A session's number, as `coach history` lists it.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - is standard output.")]


def history(config: o.Config = None, data_dir: o.DataDir = None) -> None:
    """List the sessions that were kept, newest first."""
    from coach.edges.store import Store  # noqa: PLC0415

    settings = o.settings_of(config)
    lines = Store(o.data_root(data_dir)).sessions()
    if not lines:
        _OUT.print("No session is kept yet; `coach demo` or `coach run` makes the first.")
        return
    table = Table(box=None, pad_edge=False)
    for column, justify in _COLUMNS:
        table.add_column(column, justify=justify)
    imperial = settings.units == "imperial"
    for line in lines:
        table.add_row(
            str(line.session_id),
            _when(line.started_at),
            line.source_kind,
            _minutes(line.duration_s),
            _number(mph(line.speed_mps) if imperial else kmh(line.speed_mps), 1, " mph" if imperial else " km/h"),
            _number(line.near_peak_deg, 0, "°"),
            _number(line.in_band_pct, 0, " %"),
            _number(line.cadence_spm, 0, ""),
            str(line.cues_total),
            "" if line.state == "finished" else line.state,
        )
    _OUT.print(table)


def export(
    session: SessionId = "last",
    format: Annotated[str, typer.Option("--format", metavar="json|csv", help="What to write.")] = "json",  # noqa: A002
    out: Out = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write a kept session as a file that other programs read."""
    from coach.app.review import exported  # noqa: PLC0415

    o.write_text(out or STANDARD_OUTPUT, exported(session, format, o.data_root(data_dir)))


Justify = Literal["left", "right"]
_COLUMNS: Final[tuple[tuple[str, Justify], ...]] = (
    ("id", "right"),
    ("started", "left"),
    ("source", "left"),
    ("length", "right"),
    ("speed", "right"),
    ("heel lift", "right"),
    ("in band", "right"),
    ("steps/min", "right"),
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


def _number(value: float, digits: int, unit: str) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}{unit}"
