"""Pictures of the pages into docs/screens/, from sessions in a store.

    coach demo --headless --duration 90 --data-dir /tmp/demo      # once, and again for a history
    python -m bench.page_screens /tmp/demo

Needs playwright and a Chromium on the PATH.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from coach.app.data_folder import store_of
from coach.app.kept_sessions import compared, written_index, written_report
from coach.settings import Settings

OUT: Final = Path(__file__).parent.parent / "docs" / "screens"
SHOTS: Final = (
    ("page-light", "session", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"}),
    ("page-dark", "session", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"}),
    ("page-phone", "session", {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}),
    ("index-light", "index", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"}),
    ("compare-dark", "compare", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"}),
)
ALONE: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def written_pages(data_dir: Path, settings: Settings) -> dict[str, Path]:
    """The newest session's page, the index, and the two newest sessions compared, as the commands write them."""
    found = {"session": written_report("last", data_dir, settings), "index": written_index(data_dir, settings)}
    lines = store_of(data_dir, settings).sessions()
    if len(lines) > 1:
        first, second = (str(line.session_id) for line in lines[-2:])
        found["compare"] = compared(first, second, data_dir, settings)[1]
    return found


def shoot(browser: Any, page: Path, picture: Path, how: dict[str, Any]) -> None:
    """The whole page as a picture, once its charts are drawn."""
    opened = browser.new_page(**how)
    opened.goto(page.as_uri())
    opened.wait_for_function("document.querySelectorAll('.chart .main-svg').length > 0")
    opened.wait_for_timeout(300)
    opened.screenshot(path=picture, full_page=True, type="jpeg", quality=68)
    opened.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("data_dir", type=Path)
    options.add_argument("--language", default="en")
    options.add_argument("--out", type=Path, default=OUT)
    asked = options.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    pages = written_pages(asked.data_dir, Settings(language=asked.language))
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=list(ALONE))
        for name, kind, how in SHOTS:
            if kind in pages:
                shoot(browser, pages[kind], asked.out / f"{name}.jpg", how)
                print(asked.out / f"{name}.jpg")
        browser.close()


if __name__ == "__main__":
    main()
