"""Several videos in one table: a line each, also for what could not be analysed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coach.core.session.summary import SessionSummary
from coach.core.words import UNKNOWN, Words
from coach.errors import CoachError

Outcome = tuple[Path, SessionSummary | CoachError]


def print_table(outcomes: Sequence[Outcome], words: Words) -> None:
    """Say what came of each video, in the order they were given. A dash stands for what is not known."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(words.line("clips.video"), overflow="fold")
    for name in ("strides", "lift", "in_band", "steps"):
        table.add_column(words.line(f"clips.{name}"), justify="right")
    for path, outcome in outcomes:
        # Text, not markup: a name may hold brackets.
        table.add_row(Text(path.name), *_cells(outcome, words))
    console = Console()
    console.print()
    console.print(table)


def _cells(outcome: SessionSummary | CoachError, words: Words) -> tuple[str, ...]:
    if isinstance(outcome, CoachError):
        return (words.line("clips.failed"), UNKNOWN, UNKNOWN, UNKNOWN)
    return (
        str(outcome.strides_valid),
        words.number(outcome.peak_knee_flexion_deg.near),
        words.number(outcome.in_band_pct),
        words.number(outcome.cadence_spm),
    )
