"""A page as PDF, printed by the browser that is installed: Chromium, or one that is built on it.

The browser is given a profile of its own that goes with it, and resolves no names: nothing is looked up or fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from coach.errors import ConfigError, StoreError
from coach.paths import is_file
from coach.private import write_private

_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "brave-browser",
    "microsoft-edge",
    "msedge",
)
_MAC: Final = tuple(
    Path("/Applications") / f"{name}.app/Contents/MacOS/{name}"
    for name in ("Chromium", "Google Chrome", "Brave Browser", "Microsoft Edge")
)
_WINDOWS: Final = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_QUIET: Final = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)
_DRAWN_MS: Final = 10_000
"""Time that the page may take for its charts; it passes as fast as the machine can."""
_WAIT_S: Final = 120.0


def find_browser() -> Path:
    """Where the browser lies. Raises ConfigError where none is found."""
    for path in _candidates():
        if is_file(path):
            return path
    raise ConfigError(
        "no Chromium or Chrome was found to print with; install one, "
        "or open the page with `coach report --open` and print it from there"
    )


def print_page(page: Path, pdf: Path) -> None:
    """Print a page that lies on this machine. Raises ConfigError without a browser, StoreError where it fails."""
    browser = find_browser()
    # Chromium's own walls need a user who is not root, as root it refuses to start with them.
    walls = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        made = Path(own) / "page.pdf"
        asked = [f"--user-data-dir={own}/profile", f"--virtual-time-budget={_DRAWN_MS}", f"--print-to-pdf={made}"]
        try:
            subprocess.run(
                [browser, *_QUIET, *walls, *asked, page.absolute().as_uri()],
                capture_output=True,
                timeout=_WAIT_S,
                check=True,
            )
            content = made.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise StoreError(f"{browser.name} did not print the page ({error}); open {page} in it and print") from None
    try:
        write_private(pdf, content)
    except OSError as error:
        raise StoreError(f"cannot write {pdf}: {error.strerror or error}; choose another place with --out") from None


def _candidates() -> Iterator[Path]:
    """On the PATH first, then where installers put them."""
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))
    if sys.platform == "darwin":
        yield from _MAC
    for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if root := os.environ.get(folder):
            yield from (Path(root) / name for name in _WINDOWS)
