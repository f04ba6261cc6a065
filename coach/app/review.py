"""What was kept, brought back: bands for a speed, exports, pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from coach.app.memory import load_profile
from coach.app.parts import SECONDS_PER_DAY
from coach.core.session import Session
from coach.core.target import HeelLiftTarget, heel_lift_target
from coach.edges.store import Store
from coach.errors import ConfigError
from coach.review.exports import session_json_text, strides_csv_text
from coach.settings import Settings

EXPORTS: Final[Mapping[str, Callable[[Session], str]]] = {"json": session_json_text, "csv": strides_csv_text}


def exported(which: str, form: str, data_dir: Path) -> str:
    """A kept session as text. Raises ConfigError for an unknown format, StoreError for an unknown session."""
    if form not in EXPORTS:
        raise ConfigError(f"--format {form} is not known; there are {', '.join(EXPORTS)}")
    return EXPORTS[form](Store(data_dir).load(which))


def band_for(speed_mps: float, settings: Settings, data_dir: Path) -> HeelLiftTarget:
    """The heel-lift band at a speed, against the runner's own baselines where there are some.

    Raises ConfigError for a speed at which nobody runs.
    """
    if not speed_mps > 0:
        raise ConfigError("there is no heel-lift target for a belt that stands still; give a running speed")
    profile = load_profile(data_dir)
    today = time.time() / SECONDS_PER_DAY
    baselines = tuple(
        baseline
        for baseline in profile.baselines
        if 0 <= today - baseline.day <= settings.coach.baseline.stale_after_days
    )
    return heel_lift_target(speed_mps, settings.coach, baselines, held_deg=profile.progress.held_deg)
