"""Is everything there? Each finding says what was looked at, what was found and how to mend it."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from coach.app.parts import ModelProgress, fetch_model, has_display, words_of
from coach.config import cache_dir, data_dir, own_place, own_words_root, user_config_path
from coach.errors import CoachError, ConfigError
from coach.languages import COMPLETE, OWN_FOLDER, languages, load_words, own_words, unknown_lines
from coach.paths import is_missing
from coach.private import OTHERS
from coach.settings import Settings

Verdict = Literal["ok", "note", "bad"]

_LIBRARIES: Final = ("numpy", "scipy", "cv2", "ai_edge_litert.interpreter", "pygame")
_CV2_PROVIDERS: Final = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
_NAMED: Final = 8
"""Of the lines that a language lacks so many are named; the rest is counted."""
_FREE_SPACE_MB: Final = 200
_BYTES_PER_MB: Final = 1_000_000
_MB_PER_GB: Final = 1000
_ELSEWHERE: Final = {
    "sessions": "choose another place with --data-dir or COACH_DATA_DIR",
    "cache": "give yourself the right to write there, or choose another place with XDG_CACHE_HOME (Linux)",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    says: str
    remedy: str = ""
    """What to do; of what is not ok it is always said."""


def examine(settings: Settings, sessions: Path | None = None) -> tuple[Finding, ...]:
    """Look at everything. Nothing is changed, and no camera is opened.

    sessions: the data folder as `--data-dir` names it; None for the usual one.
    """
    checks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("Python", _python),
        ("libraries", _libraries),
        ("OpenCV", _opencv_alone),
        ("pose model", lambda: _model(settings)),
        ("MediaPipe", lambda: _mediapipe(settings)),
        ("camera", _cameras),
        ("display", _display),
        ("language", lambda: _words(settings)),
        ("sound", lambda: _sound(settings)),
        ("treadmill link", _treadmill),
        ("live out", lambda: _live_out(settings)),
        ("page", lambda: _page(settings)),
        ("sessions", lambda: _sessions(sessions)),
        ("cache", _cache),
        ("configuration", _configuration),
    )
    return tuple(finding for what, check in checks for finding in _looked_at(what, check))


def _looked_at(what: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """One check's findings; what ends it is one of them, and ends no other check."""
    try:
        yield from check()
    except CoachError as error:
        says, _, remedy = str(error).partition("; ")
        yield Finding(what, "bad", says, remedy or "set it otherwise: `coach config --path` says where")


def as_json(findings: tuple[Finding, ...]) -> str:
    """The findings as a JSON list, to be shown to others: the home folder is `~`, and no user or machine is named."""
    text = json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1) + "\n"
    home = Path.home()
    hidden = {str(home): "~", platform.node(): "HOST"} | ({home.name: "USER"} if len(home.name) > 2 else {})
    for private, instead in hidden.items():
        if len(private) > 2:
            text = re.sub(rf"(?<!\w){re.escape(private)}(?!\w)", instead, text, flags=re.IGNORECASE)
    return text


def fetched_model(settings: Settings, progress: ModelProgress) -> Path:
    """Path of the pose model, fetched if it is not there yet. Raises PoseModelError."""
    return fetch_model(settings, progress)


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 14):
        yield Finding("Python", "ok", f"{version} on {platform.system()}")
    else:
        yield Finding("Python", "bad", f"{version} was never tried", "install Python 3.11 to 3.14")


def _libraries() -> Iterator[Finding]:
    for name in _LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            yield Finding(name, "bad", f"cannot be loaded: {error}", _mend_import(str(error)))
    yield Finding(
        "libraries", "ok", ", ".join(f"{name} {_version(name)}" for name in ("numpy", "ai-edge-litert", "pygame-ce"))
    )


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _mend_import(error: str) -> str:
    if ".so" in error:
        return "sudo apt-get install libgl1 libglib2.0-0 libxcb1 (or your system's names for them)"
    return "install Coach again into a fresh virtual environment"


def _opencv_alone() -> Iterator[Finding]:
    providers = [name for name in _CV2_PROVIDERS if _version(name) != "missing"]
    if len(providers) == 1:
        yield Finding("OpenCV", "ok", f"{providers[0]} {_version(providers[0])}, one provider of cv2")
    else:
        yield Finding(
            "OpenCV",
            "bad",
            f"cv2 is provided by {', '.join(providers) or 'nobody'}",
            "keep opencv-contrib-python alone: uninstall every opencv package, then install that one",
        )


def _model(settings: Settings) -> Iterator[Finding]:
    from coach.edges.pose.pose_model import present_model  # noqa: PLC0415

    try:
        path = present_model(settings.pose.model, cache_dir())
    except CoachError as error:
        yield _unfit(error, settings)
        return
    if path is None:
        yield Finding("pose model", "note", "not here yet; the first run fetches it", "coach doctor --fetch-model")
        return
    try:
        from coach.edges.pose.pose_estimators import load_networks  # noqa: PLC0415

        load_networks(path)
    except ImportError:
        return  # the library that is missing was named above
    except CoachError as error:
        yield _unfit(error, settings)
    else:
        yield Finding("pose model", "ok", f"{path}: finder and landmark network load")


def _unfit(error: CoachError, settings: Settings) -> Finding:
    return Finding("pose model", "bad", str(error).partition("; ")[0], model_remedy(settings))


def model_remedy(settings: Settings) -> str:
    """What brings a pose network that works: one of Coach's own is fetched anew, another one left."""
    from coach.edges.pose.pose_model import NAMED_MODELS  # noqa: PLC0415

    return "coach doctor --fetch-model" if settings.pose.model in NAMED_MODELS else 'pose.model = "full"'


def _mediapipe(settings: Settings) -> Iterator[Finding]:
    """Said only where it is asked for; without it nothing is missing."""
    if settings.pose.backend != "mediapipe":
        return
    if _version("mediapipe") == "missing":
        yield Finding("MediaPipe", "bad", "not installed", 'pip install "treadmill-coach[mediapipe]"')
    try:
        line = settings.pose.usage_data_line()
    except CoachError as error:
        yield Finding("MediaPipe", "bad", str(error), 'pose.backend = "follower" needs no MediaPipe and sends nothing')
    else:
        yield Finding("MediaPipe", "note", str(line), 'pose.backend = "follower" sends nothing')


def _cameras() -> Iterator[Finding]:
    from coach.edges.frames.camera import list_cameras  # noqa: PLC0415

    found = list_cameras()
    closed = [str(node) for node in Path("/dev").glob("video*") if not os.access(node, os.R_OK | os.W_OK)]
    if closed:
        says = f"{', '.join(sorted(closed))} may not be opened by you"
        yield Finding("camera", "bad", says, 'sudo usermod -aG video "$USER", then log in again')
    elif found:
        names = ", ".join(camera.name for camera in found)
        yield Finding("camera", "ok", f"{names}; `coach doctor --measure` counts its pictures")
    else:
        yield Finding("camera", "note", "none found", "plug one in, or use a phone: --source http://PHONE:PORT/video")


def _display() -> Iterator[Finding]:
    try:
        seen = has_display()
    except ImportError:
        return  # the library that is missing was named above
    if seen:
        yield Finding("display", "ok", "a window can be opened")
    else:
        remedy = "start it on the desktop, or set DISPLAY to one that is there"
        yield Finding("display", "note", "none; runs go without a window", remedy)


def _words(settings: Settings) -> Iterator[Finding]:
    """The language, what of it is borrowed from English, and an own file that lies where it lay before."""
    root = own_words_root()
    words, own = words_of(settings), own_words(settings.language, root)
    there = f"there are {', '.join(languages(root))}"
    if words.borrowed:
        lacks = f"{', '.join(words.borrowed[:_NAMED])}{' …' if len(words.borrowed) > _NAMED else ''}"
        yield Finding(
            "language",
            "note",
            f"{words.language}, {len(words.borrowed)} lines in English: {lacks}; {there}",
            f"add them to {own.path if own is not None else root / OWN_FOLDER / f'{words.language}.toml'}",
        )
    else:
        yield Finding("language", "ok", f"{words.language}, complete; {there}")
    if own is None:
        return
    if not own.old:
        yield Finding("own words", "ok", str(own.path))
        return
    gone = ", ".join(unknown_lines(own))
    yield Finding(
        "own words",
        "note",
        f"{own.path} is read, from where such files lay before" + (f"; no longer said: {gone}" if gone else ""),
        f"move it to {root / OWN_FOLDER / own.path.name}",
    )


def _sound(settings: Settings) -> Iterator[Finding]:
    if not settings.sound.enabled:
        yield Finding("sound", "note", "off, as set", "sound.enabled = true, to hear cues")
        return
    from coach.edges.audio.sound import examine  # noqa: PLC0415

    try:
        words = words_of(settings)
    except ConfigError:
        words = load_words(COMPLETE)  # what is wrong with the language was named above
    found = examine(settings.sound, words)
    if found.card:
        yield Finding(
            "sound", "note", found.card, "plug in headphones or speakers, and choose them in the system's sound"
        )
    else:
        yield Finding("sound", "ok", "the sound card plays")
    if not found.as_wished:
        yield Finding("speech", "note", found.speech, "set sound.voice to one that `coach say --voices` lists")
    elif found.speaks:
        yield Finding("speech", "ok", found.speech)
    else:
        yield Finding("speech", "note", found.speech, "install espeak-ng (Linux); voices: coach say --voices")


def _treadmill() -> Iterator[Finding]:
    if _version("bleak") == "missing":
        yield Finding("treadmill link", "note", "not installed", 'pip install "treadmill-coach[treadmill]"')
    else:
        yield Finding("treadmill link", "ok", f"bleak {_version('bleak')}; coach treadmill scan looks for one")


def _live_out(settings: Settings) -> Iterator[Finding]:
    """Said only where it is asked for; nothing is told to anybody."""
    if not settings.live_out.to:
        return
    from coach.edges.live_out.outputs import open_output  # noqa: PLC0415

    for asked in settings.live_out.to:
        open_output(asked).close()
    yield Finding("live out", "ok", ", ".join(settings.live_out.to))


def _page(settings: Settings) -> Iterator[Finding]:
    """Said only where it has a picture of one's own."""
    if not settings.page.logo:
        return
    from coach.app.kept_sessions import logo_address  # noqa: PLC0415

    logo_address(settings.page.logo)
    yield Finding("page", "ok", f"with {settings.page.logo}")


def _sessions(named: Path | None = None) -> Iterator[Finding]:
    """The folder, and whether a run could be kept in the store that is in it."""
    from coach.edges.store import check_store  # noqa: PLC0415

    root = data_dir() if named is None else own_place(named, "--data-dir")
    found = _place("sessions", root)
    if found.verdict != "bad":
        check_store(root)
    yield found


def _cache() -> Iterator[Finding]:
    yield _place("cache", cache_dir())


def _configuration() -> Iterator[Finding]:
    own = user_config_path()
    yield Finding("configuration", "ok", f"defaults; your own goes to {own}" if is_missing(own) else str(own))


def _place(what: str, place: Path) -> Finding:
    there = next((folder for folder in (place, *place.parents) if os.access(folder, os.F_OK)), place)
    if not there.is_dir():
        return Finding(what, "bad", f"{there} is no folder", _ELSEWHERE[what])
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding(what, "bad", f"{place} cannot be written", _ELSEWHERE[what])
    free_mb = shutil.disk_usage(there).free / _BYTES_PER_MB
    if free_mb < _FREE_SPACE_MB:
        return Finding(what, "bad", f"{place} has {free_mb:.0f} MB left", "make room on the disk")
    if what == "sessions" and os.name != "nt" and place.exists() and place.stat().st_mode & OTHERS:
        return Finding(what, "note", f"{place} can be read by others on this machine", f'chmod 700 "{place}"')
    return Finding(what, "ok", f"{place}, {free_mb / _MB_PER_GB:.0f} GB free")
