"""Settings become parts: the pose estimator, the coach, the speed sources."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach.config import cache_dir, user_words
from coach.core.coaching.phrases import Phrases
from coach.core.coaching.profile import RunnerProfile
from coach.core.pipeline import Coach
from coach.core.session.records import SourceFacts
from coach.core.speed.speed_plan import parse_plan
from coach.edges.speed.typed_speed import TypedSpeed
from coach.ports import PoseEstimator, SourceInfo
from coach.settings import Settings
from coach.words import load_phrases

SECONDS_PER_DAY: Final = 86_400.0

ModelProgress = Callable[[str, float], None]
"""Told what is being done and how far it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class BeltInput:
    """What the runner says of the belt."""

    speed_mps: float | None = None
    incline_pct: float = math.nan
    """NaN where it was not given."""
    plan: str | None = None


def open_typed_speed(belt: BeltInput | None, step_kmh: float = 0.5) -> TypedSpeed:
    """The speed as typed or planned; keys change it by `step_kmh`. ConfigError for a plan that cannot be read."""
    belt = belt or BeltInput()
    plan = parse_plan(belt.plan) if belt.plan else None
    incline_pct = None if math.isnan(belt.incline_pct) else belt.incline_pct
    return TypedSpeed(belt.speed_mps, incline_pct, plan, step_kmh=step_kmh)


def open_coach(settings: Settings, info: SourceInfo, profile: RunnerProfile | None = None) -> Coach:
    """The pure coach with its words and what is remembered of the runner.

    Own baselines hold for one camera set-up only, which is named after the source and its picture size.
    """
    today = time.time() / SECONDS_PER_DAY
    words = load_words(settings)
    return Coach(settings.coach, words, profile, now_day=today, camera=camera_name(info), units=settings.units)


def load_words(settings: Settings) -> Phrases:
    """The words of the runner's language, their own ones over it. Raises ConfigError."""
    language = settings.sound.language
    return load_phrases(language, settings.coach.cues.wording, user_words(language))


def camera_name(info: SourceInfo | SourceFacts) -> str:
    """The camera set-up by its name and picture size."""
    return f"{info.kind} {info.name} {info.width}x{info.height}"


def open_pose_estimator(settings: Settings, info: SourceInfo, progress: ModelProgress | None = None) -> PoseEstimator:
    """The pose network, after its model was found or made.

    Raises PoseModelError, or ConfigError where MediaPipe is asked for and may not report or is not installed.
    """
    # Imported late: `coach replay` and `coach history` need no network, and its libraries take seconds to load.
    from coach.edges.pose.pose_estimators import open_estimator  # noqa: PLC0415

    return open_estimator(settings.pose, fetch_model(settings, progress), info)


def fetch_model(settings: Settings, progress: ModelProgress | None = None) -> Path:
    """Path of the pose model, fetched if it is not there yet. Raises PoseModelError."""
    from coach.edges.pose.pose_model import ensure_model  # noqa: PLC0415

    return ensure_model(settings.pose.model, cache_dir(), progress)
