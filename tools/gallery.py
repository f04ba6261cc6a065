"""Pages to look at without installing anything: the demo's run in every language, and a real clip in numbers.

    python -m tools.gallery [FOLDER]    into site/gallery; `make gallery`

The demo is run as `coach demo` runs it, without window and sound, in 45 seconds. The clip is that of the measured data
(`COACH_TEST_DATA`); without them it is left out. Plain files that ask nothing of any network; no picture of anybody.
"""

from __future__ import annotations

import argparse
import html
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coach.cli import run
from coach.core.session.session import Session
from coach.edges.store import Store
from coach.languages import languages, load_words
from coach.review.pages import CSP, INDEX, Letterhead, write_session_page

ROOT: Final = Path(__file__).parents[1]
CLIP: Final = "real/treadmill_garage_30fps.mp4"
_NO_STILLS: Final = "[record]\nstills = false\n"
_CALLED: Final = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "pt": "Português"}
_INDEX: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pages to look at · Coach</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="review.css">
</head>
<body>
<main>
<h1>What Coach says after a run</h1>
<p>The pages below are what a run leaves on the runner's own machine, as it left them; nothing here was written by hand.
A number that Coach does not trust is not on them.</p>
{entries}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of the gallery and its pages, by language."""

    title: str
    about: str
    pages: dict[str, str]

    @property
    def text(self) -> str:
        """As it stands in the index."""
        links = " · ".join(
            f'<a href="{name}" lang="{code}">{_CALLED.get(code, code)}</a>' for code, name in self.pages.items()
        )
        return f"<h2>{html.escape(self.title)}</h2>\n<p>{html.escape(self.about)}</p>\n<p>{links}</p>"


def ran(words: list[str], data: Path) -> Session:
    """The session that a command has kept. Raises SystemExit where it ends with another status than 0."""
    config = data / "gallery.toml"
    config.write_text(_NO_STILLS, "utf-8")
    if status := run([*words, "--config", str(config), "--data-dir", str(data)]):
        raise SystemExit(status)
    return Store(data).load("last")


def pages_of(session: Session, stem: str, folder: Path, chosen: Sequence[str]) -> dict[str, str]:
    """Write the page of a session in these languages; language → name of the file."""
    names = {}
    for language in chosen:
        page = write_session_page(
            folder, replace(session, session_id=None), load_words(language), "metric", head=Letterhead(index=INDEX)
        )
        names[language] = page.replace(folder / f"{stem}-{language}.html").name
    return names


def entries(folder: Path, clip: Path | None) -> Iterator[Entry]:
    """Run, measure and write, one after the other."""
    with tempfile.TemporaryDirectory() as data:
        demo = ran(["demo", "--headless", "--no-sound"], Path(data))
    yield Entry(
        "The demo",
        "A rendered runner on a belt at 10 km/h runs well, tires, is cued and recovers, in 45 seconds. The pose "
        "network sees the pictures as it would see a camera's.",
        pages_of(demo, "demo", folder, sorted(languages(), key=lambda code: (code != "en", code))),
    )
    if clip is None:
        return
    with tempfile.TemporaryDirectory() as data:
        real = ran(["analyze", str(clip)], Path(data))
    yield Entry(
        "A real clip",
        "Twelve seconds of a man on a treadmill in a dim garage, filmed by somebody else (MIT licence). The belt's "
        "speed is not known, so there is no target and no verdict. Numbers alone: the pictures stay where they are.",
        # A file's time is that of the copy here, not of the filming.
        pages_of(replace(real, started_at=None), "clip", folder, ["en"]),
    )


def written(folder: Path, clip: Path | None) -> Path:
    """The gallery's first page, after all the others were written."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = "\n".join(entry.text for entry in entries(folder, clip))
    index = folder / INDEX
    index.write_text(_INDEX.format(csp=html.escape(CSP), entries=text), "utf-8")
    for page in folder.iterdir():
        page.chmod(0o644)  # pages are private, but these are for everybody
    return index


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "site" / "gallery")
    data = os.environ.get("COACH_TEST_DATA")
    clip = Path(data) / CLIP if data else None
    print(written(parser.parse_args().folder, clip if clip and clip.is_file() else None).as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
