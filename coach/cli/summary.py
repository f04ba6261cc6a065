"""The session's three lines and the one cue to remember, on the terminal."""

from __future__ import annotations

from rich.console import Console

from coach.core.session import Session
from coach.review.summary_text import remember_line, summary_lines
from coach.settings import Units

_OUT = Console(highlight=False)


def print_summary(session: Session, units: Units) -> None:
    """Say how the run was."""
    for line in summary_lines(session, units):
        _OUT.print(line, soft_wrap=True)
    if remembered := remember_line(session):
        _OUT.print(f"[bold]{remembered}[/bold]", soft_wrap=True)
