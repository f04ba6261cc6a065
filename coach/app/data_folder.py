"""The data folder: closed to others on this machine; what it remembers of the runner from one run to the next."""

from __future__ import annotations

import stat
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from coach import config
from coach.app.parts import SECONDS_PER_DAY
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress, SessionPlan, plan_session
from coach.edges.files.last_setup import FILE_NAME as LAST_SETUP_FILE
from coach.edges.store import PAGES, SESSIONS, STORE_FILE, Store
from coach.errors import StoreError
from coach.private import close_all_to_others, close_to_others
from coach.settings import Settings

SNAPSHOTS: Final = "snapshots"
"""Folder of the pictures that the key for a snapshot takes."""
TREADMILL_FILE: Final = "treadmill.json"
HEART_FILE: Final = "heart.json"
"""Address of the treadmill that was heard last."""

_STORE_FILES: Final = tuple(f"{STORE_FILE}{ending}" for ending in ("", "-wal", "-shm", "-journal"))
_OWN: Final = frozenset((*_STORE_FILES, SESSIONS, PAGES, SNAPSHOTS, TREADMILL_FILE, HEART_FILE, LAST_SETUP_FILE))


def close_data_folder(data_dir: Path) -> bool:
    """Close what others could read; whether there was anything.

    The folder itself is closed too, unless it holds other things as well: whoever names their home or a shared
    place with `--data-dir` keeps it as it is, and only Coach's files in it are closed.
    """
    try:
        inside = list(data_dir.iterdir())
        mode = data_dir.stat().st_mode
    except OSError:
        return False
    own = [path for path in inside if path.name.removesuffix(".part") in _OWN]
    default = data_dir == config.data_dir()
    if inside and not default and data_dir / STORE_FILE not in own:
        return False  # never used by Coach: folders of such names are somebody else's
    closed = False
    for path in own:
        closed |= close_all_to_others(path)
    shared = bool(mode & stat.S_ISVTX)
    if not shared and (default or len(own) == len(inside)):
        closed |= close_to_others(data_dir)
    return closed


def load_profile(data_dir: Path | None) -> RunnerProfile:
    """The runner's baselines and progress; an empty profile where nothing was kept.

    Raises FormatError for a damaged one and StoreError for a store that cannot be read.
    """
    if data_dir is None or not data_dir.exists():
        return RunnerProfile()
    kept = Store(data_dir).load_profile()
    return RunnerProfile.from_json(kept) if kept else RunnerProfile()


def save_profile(data_dir: Path | None, profile: RunnerProfile) -> None:
    """Keep the profile. Raises StoreError where that cannot be done."""
    if data_dir is not None:
        Store(data_dir).save_profile(profile.as_json())


class ProgrammeChange(StrEnum):
    """What a runner may do with the programme between runs."""

    PAUSE = "pause"
    RESUME = "resume"
    RESTART = "restart"
    TROUBLE = "trouble"
    """There is trouble in hamstring, Achilles tendon, calf or knee: only observe."""
    WELL = "well"
    """There is none, or the runner wants to be coached all the same."""


@dataclass(frozen=True, slots=True)
class ProgrammeState:
    """How the programme stands."""

    enabled: bool
    sessions: int
    """Sessions of the whole programme."""
    progress: Progress
    plan: SessionPlan | None
    """The session that a run now would be; None where it would be free."""
    practises: bool
    """Whether drills are named for days without a run."""


def programme_state(settings: Settings, data_dir: Path) -> ProgrammeState:
    """How the programme stands today."""
    return _state(settings, load_profile(data_dir).progress)


def change_programme(change: ProgrammeChange, settings: Settings, data_dir: Path) -> tuple[Progress, ProgrammeState]:
    """Change it and keep that: the progress before, and how it stands now. Past sessions are never lost.

    Raises StoreError while a run is under way, which would write its own progress over the change.
    """
    profile = load_profile(data_dir)
    before = profile.progress
    after = _changed(before, change)
    if after is not before:
        _refuse_during_a_run(data_dir)
        save_profile(data_dir, replace(profile, progress=after))
    return before, _state(settings, after)


def _changed(progress: Progress, change: ProgrammeChange) -> Progress:
    """The progress after the change; the same object where there is nothing to change."""
    if change is ProgrammeChange.PAUSE:
        return progress if progress.paused else progress.pause()
    if change is ProgrammeChange.RESUME:
        return progress.resume() if progress.paused else progress
    if change is ProgrammeChange.RESTART:
        return progress.restart()
    return progress.answered(trouble=change is ProgrammeChange.TROUBLE)


def _refuse_during_a_run(data_dir: Path) -> None:
    running = [line.session_id for line in Store(data_dir).sessions() if line.state == "running"]
    if running:
        raise StoreError(f"session {running[0]} is still running and writes the programme's progress; finish it first")


def _state(settings: Settings, progress: Progress) -> ProgrammeState:
    coach = settings.coach
    today = time.time() / SECONDS_PER_DAY
    plan, sessions = plan_session(progress, coach.programme, coach.target.level, today), coach.programme.feedback_pct
    practises = coach.programme.enabled and not progress.paused and progress.practises(today)
    return ProgrammeState(coach.programme.enabled, len(sessions), progress, plan, practises)
