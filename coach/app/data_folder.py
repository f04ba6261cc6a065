"""The data folder: closed to others on this machine; what it remembers of the runner from one run to the next."""

from __future__ import annotations

import stat
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from coach import config
from coach.app.parts import today
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import ProgrammeState, Progress
from coach.edges.files.last_setup import FILE_NAME as LAST_SETUP_FILE
from coach.edges.store import PAGES, SESSIONS, STORE_FILE, Runner, Store, is_damaged_copy
from coach.errors import StoreError
from coach.paths import is_missing
from coach.private import close_all_to_others, close_to_others
from coach.settings import Settings

SNAPSHOTS: Final = "snapshots"
"""Folder of the pictures that the key for a snapshot takes."""
TREADMILL_FILE: Final = "treadmill.json"
"""Address of the treadmill that was heard last."""
HEART_FILE: Final = "heart.json"
"""Address and name of the heart rate monitor that was heard last."""

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
    own = [path for path in inside if path.name.removesuffix(".part") in _OWN or is_damaged_copy(path.name)]
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


def store_of(data_dir: Path, settings: Settings) -> Store:
    """What is kept of the runner whom the settings name, and of nobody else.

    Whoever wants something kept goes through here, so that nothing of one runner shows with another. Raises
    StoreError where it cannot be opened, or where there is no such runner.
    """
    return Store(data_dir, settings.coach.runner.name)


def load_profile(data_dir: Path | None, runner: str = "") -> RunnerProfile:
    """The runner's baselines and progress; an empty profile where nothing was kept.

    Raises FormatError for a damaged one and StoreError for a store that cannot be read.
    """
    if data_dir is None or is_missing(data_dir):
        return RunnerProfile()
    kept = Store(data_dir, runner).load_profile()
    return RunnerProfile.from_json(kept) if kept else RunnerProfile()


def save_profile(data_dir: Path | None, profile: RunnerProfile, runner: str = "") -> None:
    """Keep the profile. Raises StoreError where that cannot be done."""
    if data_dir is not None:
        Store(data_dir, runner).save_profile(profile.as_json())


def snapshots_of(data_dir: Path, settings: Settings) -> Path:
    """Folder of the snapshots of the runner whom the settings name; it need not exist."""
    name = settings.coach.runner.name
    return snapshots_folder(data_dir, Store(data_dir, name).runner) if name else data_dir / SNAPSHOTS


def snapshots_folder(data_dir: Path, runner: Runner) -> Path:
    """Those of the first runner lie in the folder itself, where they have always been."""
    return data_dir / SNAPSHOTS / ("" if runner.is_first else str(runner.runner_id))


class ProgrammeChange(StrEnum):
    """What a runner may do with the programme between runs."""

    PAUSE = "pause"
    RESUME = "resume"
    RESTART = "restart"
    TROUBLE = "trouble"
    """There is trouble in hamstring, Achilles tendon, calf or knee: only observe."""
    WELL = "well"
    """There is none, or the runner wants to be coached all the same."""


def programme_now(settings: Settings, data_dir: Path) -> ProgrammeState:
    """How the programme stands today."""
    return load_profile(data_dir, settings.coach.runner.name).programme(settings.coach, today())


def change_programme(change: ProgrammeChange, settings: Settings, data_dir: Path) -> tuple[Progress, ProgrammeState]:
    """Change it and keep that: the progress before, and how it stands now. Past sessions are never lost.

    Raises StoreError while a run is under way, which would write its own progress over the change.
    """
    runner = settings.coach.runner.name
    profile = load_profile(data_dir, runner)
    before = profile.progress
    after = _changed(before, change)
    if after is not before:
        refuse_during_a_run(store_of(data_dir, settings))
        save_profile(data_dir, replace(profile, progress=after), runner)
    return before, replace(profile, progress=after).programme(settings.coach, today())


def _changed(progress: Progress, change: ProgrammeChange) -> Progress:
    """The progress after the change; the same object where there is nothing to change."""
    if change is ProgrammeChange.PAUSE:
        return progress if progress.paused else progress.pause()
    if change is ProgrammeChange.RESUME:
        return progress.resume() if progress.paused else progress
    if change is ProgrammeChange.RESTART:
        return progress.restart()
    return progress.answered(trouble=change is ProgrammeChange.TROUBLE)


def refuse_during_a_run(store: Store) -> None:
    """Raises StoreError while a run of this runner is under way."""
    running = [line.session_id for line in store.sessions() if line.state == "running"]
    if running:
        raise StoreError(f"session {running[0]} is still running and writes the programme's progress; finish it first")
