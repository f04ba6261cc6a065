"""The session's three lines and the one cue to remember, on the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from coach.core.session.session import Session
from coach.review.summary_text import remember_line, summary_lines
from coach.settings import Settings, Units

_OUT = Console(highlight=False)


def print_summary(session: Session, units: Units) -> None:
    """Say how the run was."""
    for line in summary_lines(session, units):
        _OUT.print(line, soft_wrap=True)
    if remembered := remember_line(session):
        _OUT.print(f"[bold]{remembered}[/bold]", soft_wrap=True)


def print_page(session: Session, data_dir: Path | None, settings: Settings) -> None:
    """Write the page of a kept session and say where it is."""
    if session.session_id is None or data_dir is None:
        return
    from coach.app.kept_sessions import written_report  # noqa: PLC0415 - the page's libraries load only here

    page = written_report(str(session.session_id), data_dir, settings)
    _OUT.print(f"the page: {page.absolute().as_uri()}", soft_wrap=True)
