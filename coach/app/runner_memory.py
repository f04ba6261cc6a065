"""What is remembered of the runner from one run to the next: the profile, and the programme as it stands in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from coach.app.parts import SECONDS_PER_DAY
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress, SessionPlan, plan_session
from coach.edges.store import Store
from coach.errors import StoreError
from coach.settings import Settings


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


@dataclass(frozen=True, slots=True)
class ProgrammeState:
    """How the programme stands."""

    enabled: bool
    sessions: int
    """Sessions of the whole programme."""
    progress: Progress
    plan: SessionPlan | None
    """The session that a run now would be; None where it would be free."""


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
    return progress.restart()


def _refuse_during_a_run(data_dir: Path) -> None:
    running = [line.session_id for line in Store(data_dir).sessions() if line.state == "running"]
    if running:
        raise StoreError(f"session {running[0]} is still running and writes the programme's progress; finish it first")


def _state(settings: Settings, progress: Progress) -> ProgrammeState:
    coach = settings.coach
    plan = plan_session(progress, coach.programme, coach.target.level, time.time() / SECONDS_PER_DAY)
    return ProgrammeState(coach.programme.enabled, len(coach.programme.feedback_pct), progress, plan)
