"""How the tests open a page in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
