"""How the tests make a page's run, open it in a real browser, and read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from coach.core.session.session import Session, SessionBuilder, SourceFacts
from tests import kept

# The browser's own talk with its maker's servers is switched off: only the page's requests are of interest.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process draws all pages: the charting script is read once, not for each.
    "--renderer-process-limit=1",
]
PATIENCE_MS = 120_000
"""For a machine that does much else: on an idle one a page is there in a second."""
DRAWN = "document.querySelectorAll('.chart .main-svg').length > 0"
CUT = "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth).map(s => s.innerText)"
"""What of a page's tables can be seen by scrolling alone."""


class Visit:
    """A page that was opened, with what its console said and what it asked for."""

    def __init__(self, browser: Any, path: Path, **how: Any) -> None:
        self.page = browser.new_page(**how)
        self.page.set_default_timeout(PATIENCE_MS)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_function(DRAWN)


Look = Callable[[str, str, int], Visit]


def ran(source: SourceFacts, drop_deg: float = 0.0) -> Session:
    """A minute in which the heel lift falls by so much."""
    builder = SessionBuilder(source, started_at="2026-01-05T18:00:00+01:00")
    for update in kept.run(60.0, fps=25.0, peak_deg=lambda t_s: 98 - drop_deg * t_s / 60, cue_times=(30.0,)):
        builder.add(update)
        for cue in update.cues:
            builder.delivered(cue, "screen")
    return builder.finish()


def head_and_row(page: Any) -> list[list[str]]:
    """Of the chooser's table: whose figures stand there, and their heel lift."""
    rows = page.locator("#compare-table tr").all()
    lift = next(row for row in rows if row.text_content().startswith("Heel lift"))
    return [row.locator(".number").all_inner_texts() for row in (rows[0], lift)]
