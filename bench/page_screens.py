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

from coach.core.coaching.profile import RunnerProfile
from coach.core.words import Words
from coach.edges.store import Store
from coach.languages import load_words
from coach.review.pages import write_comparison, write_index, write_session_page

OUT: Final = Path(__file__).parent.parent / "docs" / "screens"
SHOTS: Final = (
    ("page-light", "session", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"}),
    ("page-dark", "session", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"}),
    ("page-phone", "session", {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}),
    ("index-light", "index", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"}),
    ("compare-dark", "compare", {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"}),
)
ALONE: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def written_pages(store: Store, words: Words) -> dict[str, Path]:
    """Every page of a store; the newest session's, the index, and the two newest sessions compared."""
    pages, lines = store.data_dir / "pages", store.sessions()
    profile = store.load_profile()
    progress = RunnerProfile.from_json(profile).progress if profile else None
    found = {}
    for line in lines:
        found["session"] = write_session_page(
            pages, store.load(line.session_id), words, folder=store.folder(line.session_id)
        )
    found["index"] = write_index(pages, lines, words, progress)
    if len(lines) > 1:
        found["compare"] = write_comparison(
            pages, store.load(lines[-2].session_id), store.load(lines[-1].session_id), words
        )
    return found


def shoot(browser: Any, page: Path, picture: Path, how: dict[str, Any]) -> None:
    """The whole page as a picture, once its charts are drawn."""
    opened = browser.new_page(**how)
    opened.goto(page.as_uri())
    opened.wait_for_function("document.querySelectorAll('.chart .main-svg').length > 0")
    opened.wait_for_timeout(300)
    opened.screenshot(path=picture, full_page=True, type="jpeg", quality=85)
    opened.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("data_dir", type=Path)
    options.add_argument("--language", default="en")
    options.add_argument("--out", type=Path, default=OUT)
    asked = options.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    pages = written_pages(Store(asked.data_dir), load_words(asked.language))
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
