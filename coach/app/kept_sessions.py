"""What was kept, brought back: bands for a speed, pages, forgetting."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from coach.app.own_folder import SNAPSHOTS, TREADMILL_FILE
from coach.app.parts import SECONDS_PER_DAY, camera_name, words_of
from coach.app.runner_memory import load_profile
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import plan_session
from coach.core.coaching.target import HeelLiftTarget, heel_lift_target
from coach.core.session.session import Session
from coach.edges.files.last_setup import forget_last_setup
from coach.edges.store import PAGES, Store
from coach.errors import ConfigError
from coach.review.history_page import comparison_sentence
from coach.review.pages import write_comparison, write_index, write_session_page
from coach.settings import Settings


def written_report(which: str, data_dir: Path, settings: Settings) -> Path:
    """Path of a session's page, written anew together with the index of all sessions."""
    store = Store(data_dir)
    session = store.load(which)
    folder = store.folder(session.session_id) if session.session_id is not None else None
    baselines = _baselines(session, load_profile(data_dir), settings)
    page = write_session_page(data_dir / PAGES, session, words_of(settings), baselines=baselines, folder=folder)
    written_index(data_dir, settings)
    return page


def written_index(data_dir: Path, settings: Settings) -> Path:
    """Path of the index of all sessions, written anew."""
    programme = settings.coach.programme
    progress = load_profile(data_dir).progress if programme.enabled else None
    sessions = len(programme.feedback_pct)
    lines, words = Store(data_dir).sessions(), words_of(settings)
    return write_index(data_dir / PAGES, lines, words, progress, settings.units, sessions)


def _baselines(session: Session, profile: RunnerProfile, settings: Settings) -> tuple[Baseline, ...]:
    """The runner's baselines that this session may be held against: same camera set-up and side, not stale."""
    near = session.view.near_side
    if near is None:
        return ()
    today = time.time() / SECONDS_PER_DAY
    return profile.usable(near, camera_name(session.source), today, settings.coach.baseline.stale_after_days)


def compared(one: str, two: str, data_dir: Path, settings: Settings) -> tuple[str, Path]:
    """What differs between two sessions, in a sentence, and the path of their page."""
    store = Store(data_dir)
    first, second, words = store.load(one), store.load(two), words_of(settings)
    return comparison_sentence(first, second, words), write_comparison(data_dir / PAGES, first, second, words)


def forget(which: str, data_dir: Path, settings: Settings) -> int:
    """Delete a session, or everything with `all`, for good; how many sessions went."""
    gone = Store(data_dir).forget(which)
    if which == "all":
        shutil.rmtree(data_dir / SNAPSHOTS, ignore_errors=True)
        forget_last_setup(data_dir)
        (data_dir / TREADMILL_FILE).unlink(missing_ok=True)
    elif (data_dir / PAGES).exists():
        written_index(data_dir, settings)
    return gone


def band_for(speed_mps: float, settings: Settings, data_dir: Path) -> HeelLiftTarget:
    """The heel-lift band at a speed: against the baselines of the camera set-up used last, with the programme's step.

    Raises ConfigError for a speed at which nobody runs.
    """
    if not speed_mps > 0:
        raise ConfigError("there is no heel-lift target for a belt that stands still; give a running speed")
    profile = load_profile(data_dir)
    today, coach = time.time() / SECONDS_PER_DAY, settings.coach
    plan = plan_session(profile.progress, coach.programme, coach.target.level, today)
    return heel_lift_target(
        speed_mps,
        coach,
        profile.usable_as_last_seen(today, coach.baseline.stale_after_days),
        held_deg=profile.progress.held_deg,
        step_deg=plan.step_deg if plan else 0.0,
    )
