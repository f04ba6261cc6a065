"""How a run ends on the terminal: its three lines, the one cue to remember, the page, and what could not be kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from coach.app.parts import STANDARD_OUTPUT, Outputs, words_of
from coach.core.session.session import Session
from coach.core.words import Words
from coach.errors import StoreError
from coach.review.summary_text import remember_line, summary_lines
from coach.settings import Settings, Units

_OUT = Console(highlight=False)


def print_results(
    session: Session, outputs: Outputs, settings: Settings, not_kept: Sequence[str] = (), *, page: bool = True
) -> None:
    """Say how the run was and write its page, unless results go to standard output.

    `page`: whether a page is wanted. `not_kept`: what could not be kept, a reason each. Raises StoreError where there
    is any, which says what was kept.
    """
    reasons = list(not_kept)
    if outputs.json != STANDARD_OUTPUT:
        _print_summary(session, settings.units, words_of(settings))
        try:
            if page:
                _print_page(session, outputs.data_dir, settings)
        except (OSError, StoreError) as error:
            reasons.append(str(error))
    if reasons:
        kept = ", ".join(_kept(session, outputs)) or "nothing"
        raise StoreError(
            f"not everything could be kept: {'; '.join(reasons)}. Kept: {kept}. Make room for the next run"
        )


def _print_summary(session: Session, units: Units, words: Words) -> None:
    for line in summary_lines(session, units, words):
        _OUT.print(line, soft_wrap=True)
    if remembered := remember_line(session, words):
        _OUT.print(f"[bold]{remembered}[/bold]", soft_wrap=True)


def _print_page(session: Session, data_dir: Path | None, settings: Settings) -> None:
    """Write the page of a kept session and say where it is."""
    if session.session_id is None or data_dir is None:
        return
    from coach.app.kept_sessions import written_report  # noqa: PLC0415 - the page's libraries load only here

    page = written_report(str(session.session_id), data_dir, settings)
    _OUT.print(words_of(settings).line("summary.page", address=page.absolute().as_uri()), soft_wrap=True)


def _kept(session: Session, outputs: Outputs) -> list[str]:
    """What there is of the run, in words."""
    kept = [] if session.session_id is None else [f"session {session.session_id}"]
    files = [path for path in (outputs.json, outputs.frames, outputs.record) if path is not None and path.is_file()]
    return kept + [f"{size / 1000:.0f} kB of {path}" for path in files if (size := path.stat().st_size)]
