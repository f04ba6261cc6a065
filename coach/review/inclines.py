"""The belt's incline in words, of a run and of a part of it."""

from __future__ import annotations

import math

from coach.core.session.session import Session
from coach.core.words import UNKNOWN, Words


def incline_text(incline_pct: float, words: Words) -> str:
    """`incline 8 %`, `incline −2.5 %`."""
    return words.line("page.incline", pct=_per_cent(incline_pct, words))


def incline_note(session: Session, words: Words) -> str:
    """`incline 8 %`, or `incline 0 to 8 %`; empty where nobody told."""
    told = _told(session, words)
    if told is None:
        return ""
    least, most = told
    if least == most:
        return words.line("page.incline", pct=least)
    return words.line("page.inclines", least=least, most=most)


def incline_figure(session: Session, words: Words) -> str:
    """`8 %`, or `0 to 8 %`; a dash where nobody told."""
    told = _told(session, words)
    if told is None:
        return UNKNOWN
    least, most = told
    return f"{least if least == most else words.line('page.interval', low=least, high=most)} %"


def _told(session: Session, words: Words) -> tuple[str, str] | None:
    """The least and the most of those that were told."""
    told = [change.incline_pct for change in session.speeds if not math.isnan(change.incline_pct)]
    return (_per_cent(min(told), words), _per_cent(max(told), words)) if told else None


def _per_cent(value: float, words: Words) -> str:
    """To a tenth, with a true minus."""
    return words.number(value, digits=1).removesuffix(f"{words.decimal}0").replace("-", "−")
