"""Sessions over weeks: one line a session, as terminal and index page list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    duration_s: float
    speed_mps: float
    distance_m: float
    near_peak_deg: float
    near_peak_sd_deg: float
    target_deg: float
    in_band_pct: float
    cadence_spm: float
    strides_valid: int
    strides_valid_near: int
    strides_total: int
    cues_total: int
