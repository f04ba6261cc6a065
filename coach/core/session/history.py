"""Sessions over weeks: one line a session, as terminal and index page list them."""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from typing import Final, Literal

from coach.core.session.session import Session

State = Literal["running", "finished", "recovered", "cut short"]
"""`cut short`: its process died; `coach recover` finishes it, and then it is `recovered`."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session as history lists it; NaN where a figure is not known."""

    session_id: int
    started_at: str | None
    state: State
    source_kind: str
    source_name: str
    duration_s: float = math.nan
    """First frame to last."""
    running_s: float = math.nan
    """NaN for sessions that were stored when it was not told apart from the duration."""
    speed_mps: float = math.nan
    distance_m: float = math.nan
    near_peak_deg: float = math.nan
    near_peak_sd_deg: float = math.nan
    target_deg: float = math.nan
    in_band_pct: float = math.nan
    cadence_spm: float = math.nan
    strides_valid: int = 0
    strides_valid_near: int = 0
    strides_total: int = 0
    cues_total: int = 0

    @property
    def ran_s(self) -> float:
        """Running time, or what was taken for it."""
        return self.duration_s if math.isnan(self.running_s) else self.running_s


FIGURES: Final = {f.name: str(f.type) for f in fields(SessionLine) if f.default is not MISSING}
"""Name and type (`float` or `int`) of every figure of a line."""


def figures_of(session: Session) -> dict[str, float]:
    """What a line of history says of a run, by the names of `SessionLine`."""
    summary = session.summary
    near = summary.peak_knee_flexion_near
    return {
        "duration_s": summary.duration_s,
        "running_s": summary.running_s,
        "speed_mps": summary.speed.mean_mps,
        "distance_m": summary.speed.distance_m,
        "near_peak_deg": near.mean,
        "near_peak_sd_deg": near.sd,
        "target_deg": summary.target_deg,
        "in_band_pct": summary.in_band_pct,
        "cadence_spm": summary.cadence_spm,
        "strides_valid": summary.strides_valid,
        "strides_valid_near": summary.strides_valid_near,
        "strides_total": len(session.strides),
        "cues_total": len(session.cues),
    }
