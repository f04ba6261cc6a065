"""What was kept, brought back: bands for a speed, pages, files of other programs', forgetting."""

from __future__ import annotations

import base64
import json
import math
import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from coach.app.data_folder import (
    HEART_FILE,
    SNAPSHOTS,
    TREADMILL_FILE,
    load_profile,
    programme_now,
    refuse_during_a_run,
    store_of,
)
from coach.app.exports import Kept
from coach.app.parts import camera_name, today, words_of
from coach.app.runners import settings_for
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import plan_session
from coach.core.coaching.target import HeelLiftTarget, heel_lift_target
from coach.core.session.session import Session
from coach.core.session.summary import SessionLine, own_runs
from coach.edges.files.last_setup import forget_last_setup
from coach.edges.files.poses_file import read_poses
from coach.edges.store import (
    PAGES,
    SHARED_FILE,
    Runners,
    Store,
    came_from_elsewhere,
    index_name,
    remove_damaged_copies,
    started_unix_s,
)
from coach.errors import ConfigError, FormatError, SourceError, StoreError
from coach.paths import from_home
from coach.plain_records import record_of
from coach.review.answers import Answer, better
from coach.review.history_page import at_a_glance, page_name
from coach.review.pages import (
    RUNNERS,
    Letterhead,
    RunnerRow,
    write_comparison,
    write_index,
    write_runners,
    write_session_page,
)
from coach.review.side_by_side import DrawnStride, drawn_stride, typical_stride
from coach.settings import Settings

_LOGOS: Final = (("image/png", b"\x89PNG"), ("image/jpeg", b"\xff\xd8\xff"), ("image/svg+xml", (b"<svg", b"<?xml")))
_LARGEST_LOGO: Final = 1_000_000
_RUNS_BACK: Final = 5
"""So many runs are looked at for one that this one can be compared with."""


def written_report(which: str, data_dir: Path, settings: Settings) -> Path:
    """Path of a session's page, written anew together with the index of all sessions."""
    store = store_of(data_dir, settings)
    page = _written_page(store, store.load(which), settings)
    written_index(data_dir, settings)
    return page


def _written_page(store: Store, session: Session, settings: Settings) -> Path:
    folder = store.folder(session.session_id) if session.session_id is not None else None
    own = folder is None or not came_from_elsewhere(folder)
    return write_session_page(
        store.data_dir / PAGES,
        session if own else replace(session, runner=""),
        words_of(settings),
        settings.units,
        baselines=baselines_for(session, load_profile(store.data_dir, store.runner.name), settings, folder),
        folder=folder,
        earlier=_earlier(store, session) if own else (),
        programme=programme_now(settings, store.data_dir) if own else None,
        head=_letterhead(store, settings),
    )


def _letterhead(store: Store, settings: Settings) -> Letterhead:
    return Letterhead(
        index=index_name(store.runner),
        runner=store.runner.name,
        header=settings.page.header,
        logo=logo_address(settings.page.logo),
        others=len(Runners(store.data_dir).all()) > 1,
    )


def logo_address(logo: str) -> str:
    """The picture as a `data:` address, so that a page carries it along; empty for none.

    Raises ConfigError for a file that cannot be read, is no picture, or is larger than a page should be.
    """
    if not logo:
        return ""
    path = from_home(logo)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read page.logo {path}: {error.strerror or error}; check the path") from None
    kind = next((kind for kind, begins in _LOGOS if content.startswith(begins)), None)
    if kind is None or len(content) > _LARGEST_LOGO:
        raise ConfigError(f"page.logo {path} is no PNG, JPEG or SVG of 1 MB at most; give another file")
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def written_runners(data_dir: Path, settings: Settings) -> None:
    """The page on which one of several runners is chosen; with one alone there is none."""
    runners = Runners(data_dir).all()
    pages = data_dir / PAGES
    if len(runners) == 1:
        (pages / RUNNERS).unlink(missing_ok=True)
        return
    rows = [RunnerRow(one.called, index_name(one), one.sessions, one.last_at) for one in runners]
    head = Letterhead(header=settings.page.header, logo=logo_address(settings.page.logo), others=True)
    write_runners(pages, rows, words_of(settings), head)


def rewritten_pages(data_dir: Path, settings: Settings) -> None:
    """Those pages of a runner that are there, written anew, as after another name; comparisons go until asked for."""
    store = store_of(data_dir, settings)
    if (data_dir / PAGES).exists():
        _pages_after_a_change(store, {line.session_id for line in store.sessions()}, settings)
        written_index(data_dir, settings)


def _pages_after_a_change(store: Store, changed: set[int], settings: Settings) -> None:
    """No page tells these sessions as they were: theirs are written anew, comparisons go until asked for."""
    for page in (store.data_dir / PAGES).glob("compare-*-*.html"):
        if changed & {int(number) for number in page.stem.split("-")[1:] if number.isdecimal()}:
            page.unlink()
    _pages_anew(store, changed, settings)


def _pages_anew(store: Store, session_ids: set[int], settings: Settings) -> None:
    """Those pages of sessions that are there, written anew; what stood there goes first, if no other can be written."""
    pages = {session_id: store.data_dir / PAGES / page_name(session_id) for session_id in sorted(session_ids)}
    there = {session_id: page for session_id, page in pages.items() if page.exists()}
    for page in there.values():
        page.unlink()
    for session_id in there:
        _written_page(store, store.load(session_id), settings)


def written_index(data_dir: Path, settings: Settings) -> Path:
    """Path of the index of all sessions, written anew."""
    programme, store = settings.coach.programme, store_of(data_dir, settings)
    progress = load_profile(data_dir, store.runner.name).progress if programme.enabled else None
    page = write_index(
        data_dir / PAGES,
        store.sessions(),
        words_of(settings),
        settings.units,
        progress,
        len(programme.feedback_pct),
        answers=at_a_glance_now(store, settings),
        head=_letterhead(store, settings),
    )
    written_runners(data_dir, settings)
    return page


def index_anew(data_dir: Path, settings: Settings, changed: Iterable[Session]) -> None:
    """The indexes of whoever ran these sessions are written again, where there are pages."""
    names = {session.runner for session in changed}
    if names and (data_dir / PAGES).exists():
        for runner in Runners(data_dir).all():
            if runner.name in names:
                written_index(data_dir, settings_for(settings, runner))


def at_a_glance_now(store: Store, settings: Settings) -> tuple[Answer, ...]:
    """What a runner wants to know of all runs; of the runner's own, without demos and what was imported."""
    words, own = words_of(settings), own_runs(store.sessions())
    seen = [line for line in own if line.strides_valid_near and line.state != "running"]
    last = None
    if seen:
        newest = store.load(seen[-1].session_id)
        last = better(newest, _earlier(store, newest), words, settings.units)
    return at_a_glance(own, last, programme_now(settings, store.data_dir), datetime.now().astimezone().date(), words)


def _earlier(store: Store, session: Session) -> Iterator[Session]:
    """The runs before this one, the newest first, each loaded only when it is asked for."""
    here = started_unix_s(session.started_at), session.session_id or math.inf
    for line in _looked_back_on(store.sessions(), here, session.source.kind):
        yield store.load(line.session_id)


def _looked_back_on(
    lines: Sequence[SessionLine], here: tuple[float, float], source_kind: str
) -> tuple[SessionLine, ...]:
    """Which runs one that stands `here` may be compared with, the newest first; `lines`: all, oldest first.

    A demo is held against demos alone: another runner ran.
    """
    demo = source_kind == "demo"
    before = reversed(lines[: bisect_left(lines, here, key=lambda line: line.place)])
    alike = (line for line in before if (line.source_kind == "demo") == demo)
    return tuple(islice((line for line in alike if line.strides_valid_near and not line.shared), _RUNS_BACK))


def _looking_back_on(lines: Sequence[SessionLine], gone: set[int]) -> set[int]:
    """The sessions whose pages may tell of one of these, as of the last run before."""
    return {
        line.session_id
        for line in lines
        if gone & {last.session_id for last in _looked_back_on(lines, line.place, line.source_kind)}
    }


def baselines_for(
    session: Session, profile: RunnerProfile, settings: Settings, folder: Path | None
) -> tuple[Baseline, ...]:
    """The runner's baselines that this session may be held against: same camera set-up and side, not stale.

    A session that came from elsewhere brought those that held there. Raises StoreError where they are damaged.
    """
    if folder is not None and came_from_elsewhere(folder):
        try:
            rows = json.loads((folder / SHARED_FILE).read_text("utf-8"))
            return tuple(record_of(Baseline, row) for row in rows)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"cannot read {folder / SHARED_FILE} ({error}); import the run again") from None
    near = session.view.near_side
    if near is None:
        return ()
    return profile.usable(near, camera_name(session.source), today(), settings.coach.baseline.stale_after_days)


def compared(one: str, two: str, data_dir: Path, settings: Settings) -> tuple[str, Path]:
    """What differs between two sessions, in a sentence, and the path of their page."""
    store = store_of(data_dir, settings)
    first, second, words = store.load(one), store.load(two), words_of(settings)
    strides = [_stride(Kept(session, store.folder(session.session_id or 0))) for session in (first, second)]
    head = _letterhead(store, settings)
    return write_comparison(data_dir / PAGES, first, second, words, settings.units, strides=strides, head=head)


def _stride(kept: Kept) -> DrawnStride | None:
    """A typical stride from the recorded poses; None where they were not kept, or cannot be read any more."""
    span = typical_stride(kept.session)
    try:
        if span is None:
            return None
        frames = takewhile(lambda frame: frame[0] <= span[1], read_poses(kept.poses)[1])
        return drawn_stride(kept.session, (pose for _, pose, _ in frames if pose is not None))
    except (ConfigError, SourceError, FormatError):
        return None


def forget(which: str, data_dir: Path, settings: Settings) -> int:
    """Delete a session of the runner, or everything of everybody with `all`, for good; how many sessions went.

    Copies of damaged stores go, too: nothing of them could be saved that was not, and what is forgotten stands there.
    """
    if which != "all":
        return _forget_one(which, data_dir, settings)
    gone = _forget_everybody(data_dir)
    remove_damaged_copies(data_dir)
    shutil.rmtree(data_dir / SNAPSHOTS, ignore_errors=True)
    forget_last_setup(data_dir)
    for remembered in (TREADMILL_FILE, HEART_FILE):
        (data_dir / remembered).unlink(missing_ok=True)
    return gone


def _forget_one(which: str, data_dir: Path, settings: Settings) -> int:
    """Pages of later runs may tell of a forgotten one as of the last time: they are written anew."""
    store, pages_are_there = store_of(data_dir, settings), (data_dir / PAGES).exists()
    before = _lines(store) if pages_are_there else ()
    gone = store.forget(which)
    remove_damaged_copies(data_dir)
    if pages_are_there:
        left = {line.session_id for line in store.sessions()}
        forgotten = {line.session_id for line in before} - left
        _pages_anew(store, _looking_back_on(before, forgotten) & left, settings)
        written_index(data_dir, settings)
    return gone


def _lines(store: Store) -> tuple[SessionLine, ...]:
    """All sessions; none where one of them is damaged, which may be the very one to be forgotten."""
    try:
        return store.sessions()
    except StoreError:
        return ()


def noted(which: str, text: str | None, data_dir: Path, settings: Settings) -> tuple[int, str]:
    """Keep `text` as the note of a session, on its page too if there is one; its number and the note as it is now.

    None changes nothing, an empty text takes the note away. Comparisons, on which it stands too, go until asked for.
    """
    store = store_of(data_dir, settings)
    session = store.load(which)
    number = session.session_id or 0
    if text is None:
        return number, session.note
    kept = text.strip()
    store.write_note(number, kept)
    _pages_after_a_change(store, {number}, settings)
    return number, kept


def _forget_everybody(data_dir: Path) -> int:
    runners = Runners(data_dir)
    stores = [Store(data_dir, runner.name) for runner in reversed(runners.all())]
    for store in stores:
        refuse_during_a_run(store)
    gone = 0
    for store in stores:
        gone += store.forget("all")
        runners.remove(store.runner)
    return gone


def band_for(speed_mps: float, settings: Settings, data_dir: Path, incline_pct: float = math.nan) -> HeelLiftTarget:
    """The heel-lift band on a belt: against the baselines of the camera set-up used last, with the programme's step.

    Raises ConfigError for a speed at which nobody runs.
    """
    if not speed_mps > 0:
        raise ConfigError("there is no heel-lift target for a belt that stands still; give a running speed")
    profile = load_profile(data_dir, settings.coach.runner.name)
    now_day, coach = today(), settings.coach
    plan = plan_session(profile.progress, coach.programme, coach.target.level, now_day)
    return heel_lift_target(
        speed_mps,
        coach,
        profile.usable_as_last_seen(now_day, coach.baseline.stale_after_days),
        held_deg=profile.progress.held_deg,
        step_deg=plan.step_deg if plan else 0.0,
        incline_pct=incline_pct,
    )
