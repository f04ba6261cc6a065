"""Several videos in one table: a line each, also for what could not be analysed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coach.core.session.summary import SessionSummary
from coach.errors import CoachError

Outcome = tuple[Path, SessionSummary | CoachError]


def print_table(outcomes: Sequence[Outcome]) -> None:
    """Say what came of each video, in the order they were given. A dash stands for what is not known."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("video", overflow="fold")
    for name in ("valid strides", "heel lift °", "in band %", "steps/min"):
        table.add_column(name, justify="right")
    for path, outcome in outcomes:
        # Text, not markup: a name may hold brackets.
        table.add_row(Text(path.name), *_cells(outcome))
    console = Console()
    console.print()
    console.print(table)


def _cells(outcome: SessionSummary | CoachError) -> tuple[str, ...]:
    if isinstance(outcome, CoachError):
        return ("failed", "–", "–", "–")
    return (
        str(outcome.strides_valid),
        _number(outcome.peak_knee_flexion_deg.near),
        _number(outcome.in_band_pct),
        _number(outcome.cadence_spm),
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if math.isfinite(value) else "–"
