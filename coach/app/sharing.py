"""One run as a zip for somebody else, and such a zip back into a data folder.

`coach.share/1`: `session.json` (a `coach.session/1` whose strides are not rounded), `baselines.json`, the page with
what it needs below `page/`, the same page as PDF and a FIT file where either can be made. Poses and the two stills go
along only when asked for. What says who or where the runner is (stream addresses, Bluetooth addresses, paths) stays
behind.

A zip comes from elsewhere: nothing of it is unpacked by its own names, and nothing larger than a run can be is read.
"""

from __future__ import annotations

import io
import json
import lzma
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from coach import __version__
from coach.app.data_folder import load_profile, store_of
from coach.app.exports import EXPORTS, Kept
from coach.app.kept_sessions import baselines_for, written_report
from coach.app.parts import words_of
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.stride_record import STRIDE_COLUMNS
from coach.core.session.records import SessionEvent
from coach.core.session.session import Session
from coach.edges.files.page_pdf import print_page
from coach.edges.files.poses_file import POSES_FILE, recorded_from
from coach.edges.files.stills import STILL_FILES
from coach.edges.store import SHARED_FILE
from coach.errors import CoachError, ConfigError, FormatError, SourceError, StoreError
from coach.paths import mended_by
from coach.plain_records import plain, plain_fields, record_of
from coach.private import write_private
from coach.review.pages import Letterhead, write_session_page
from coach.review.session_json import session_from_json, session_to_json
from coach.settings import Settings

SCHEMA: Final = "coach.share/1"
STAYS_BEHIND: Final = frozenset(
    {
        "camera.source",
        "treadmill.address",
        "heart.address",
        "foot_pod.name",
        "live_out.to",
        "pose.model",
        "sound.voice",
        "page.header",
        "page.logo",
    }
)
"""Settings that say something of the runner's home and devices, and nothing of the run."""
_ADDRESS: Final = re.compile(
    r"\w+://\S+|\b(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}\b|\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",
    re.IGNORECASE,
)
"""Of a stream, a Bluetooth device (macOS gives it a UUID), a machine: an event may quote what a device said."""
_MANIFEST, _SESSION, _BASELINES, _PAGE = "share.json", "session.json", "baselines.json", "page/"
_PDF: Final = "run.pdf"
_LARGEST: Final = {_MANIFEST: 100_000, _SESSION: 200_000_000, _BASELINES: 1_000_000, POSES_FILE: 500_000_000}
_LARGEST_STILL: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class AlsoShared:
    """What goes along only when it is asked for."""

    poses: bool = False
    stills: bool = False


def shared(which: str, data_dir: Path, settings: Settings, also: AlsoShared | None = None) -> tuple[bytes, str]:
    """A kept session as a zip, and the name of a file for it.

    Raises StoreError for an unknown session, ConfigError for poses or stills that were not kept.
    """
    also = also or AlsoShared()
    store = store_of(data_dir, settings)
    kept = store.load(which)
    folder = store.folder(kept.session_id or 0)
    baselines = baselines_for(kept, load_profile(data_dir, store.runner.name), settings, folder)
    session = _without_home(kept)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MANIFEST, json.dumps({"schema": SCHEMA, "coach": __version__}))
        archive.writestr(_SESSION, json.dumps(_exact(session), allow_nan=False))
        archive.writestr(_BASELINES, json.dumps([plain_fields(one) for one in baselines], allow_nan=False))
        for path in _asked_for(folder, also):
            recording = path.name == POSES_FILE
            archive.writestr(path.name, recorded_from(path, session.source.name) if recording else path.read_bytes())
        _put_page(archive, session, baselines, settings, folder if also.stills else None)
        _put_fit(archive, Kept(session, folder))
    return content.getvalue(), f"run-{kept.session_id}.zip"


def imported(path: Path, data_dir: Path, settings: Settings) -> tuple[int, Path]:
    """Keep the run of such a zip as a new session; its number and its page.

    Raises SourceError for a file that cannot be read, FormatError for one that is no shared run, StoreError where it
    cannot be kept; then nothing of it is.
    """
    session, files = _unpacked(path)
    store = store_of(data_dir, settings)
    number = store.keep(replace(session, session_id=None)).session_id or 0
    try:
        for name, content in files.items():
            write_private(store.folder(number) / name, content)
    except OSError as error:
        store.forget(number)
        raise StoreError(f"cannot keep the run of {path}: {mended_by(error)}") from None
    return number, written_report(str(number), data_dir, settings)


def _unpacked(path: Path) -> tuple[Session, dict[str, bytes]]:
    """The session, and the files that lie beside it."""
    try:
        with zipfile.ZipFile(path) as archive:
            session, baselines = _read(archive, path)
            beside = [name for name in (POSES_FILE, *STILL_FILES) if name in archive.namelist()]
            files = {name: _member(archive, path, name) for name in beside}
            return session, files | {SHARED_FILE: _member(archive, path, _BASELINES) if baselines else b"[]"}
    except zipfile.BadZipFile:
        raise FormatError(f"{path} is no zip, or a damaged one; ask for it again") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}; check the path") from None


def _without_home(session: Session) -> Session:
    settings = tuple(setting for setting in session.settings if setting.key not in STAYS_BEHIND)
    source = session.source
    named = replace(source, name="stream") if source.kind == "stream" else source
    events = tuple(SessionEvent(event.t_s, event.kind, _ADDRESS.sub("…", event.detail)) for event in session.events)
    return replace(session, settings=settings, source=named, events=events, session_id=None, runner="", note="")


def _exact(session: Session) -> dict[str, Any]:
    """The session's JSON with strides to the last digit, so that the page made of it is the same to the last one."""
    strides = [{c.key: plain(getattr(stride, c.name)) for c in STRIDE_COLUMNS} for stride in session.strides]
    return {**session_to_json(session), "strides": strides}


def _asked_for(folder: Path, also: AlsoShared) -> Iterator[Path]:
    wanted = ((also.poses, "poses", (POSES_FILE,)), (also.stills, "stills", STILL_FILES))
    for asked, what, names in wanted:
        there = [folder / name for name in names if (folder / name).is_file()]
        if asked and not there:
            raise ConfigError(f"the {what} of this session were not kept; share it without --with-{what}")
        yield from there if asked else ()


def _put_page(
    archive: zipfile.ZipFile, session: Session, baselines: Sequence[Baseline], settings: Settings, stills: Path | None
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pages = Path(scratch)
        page = write_session_page(
            pages,
            session,
            words_of(settings),
            settings.units,
            baselines=baselines,
            folder=stills,
            head=Letterhead(index=None),
        )
        for file in sorted(pages.iterdir()):
            archive.writestr(_PAGE + file.name, file.read_bytes())
        _put_pdf(archive, page, pages / _PDF)


def _put_pdf(archive: zipfile.ZipFile, page: Path, pdf: Path) -> None:
    """The page as it prints, unless no browser is installed that can: some may not read what lies in this folder."""
    try:
        print_page(page, pdf)
    except (ConfigError, StoreError):
        return
    archive.write(pdf, _PDF)


def _put_fit(archive: zipfile.ZipFile, kept: Kept) -> None:
    """A FIT file, unless the run has no time of day, or the extra is not installed."""
    try:
        content = EXPORTS["fit"](kept)
    except ConfigError:
        return
    archive.writestr("run.fit", content)


def _read(archive: zipfile.ZipFile, path: Path) -> tuple[Session, tuple[Baseline, ...]]:
    try:
        manifest = json.loads(_member(archive, path, _MANIFEST))
        if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
            raise FormatError(f"{path} is no run that `coach share` made, or of another version of Coach")
        session = session_from_json(json.loads(_member(archive, path, _SESSION)))
        baselines = tuple(record_of(Baseline, row) for row in json.loads(_member(archive, path, _BASELINES)))
    except CoachError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"{path} is damaged ({type(error).__name__}); ask for it again") from None
    return session, baselines


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> bytes:
    """The content of one of our own names. Raises FormatError where it is missing, or larger than it can be."""
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise FormatError(f"{path} is no run that `coach share` made: it lacks {name}") from None
    if size > _LARGEST.get(name, _LARGEST_STILL):
        raise FormatError(f"{path} is no run: its {name} is too large")
    try:
        return archive.read(name)
    except (RuntimeError, zlib.error, lzma.LZMAError, EOFError) as error:  # encrypted, packed otherwise, damaged
        raise FormatError(f"{path} cannot be unpacked ({error}); ask for it again") from None
