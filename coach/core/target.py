"""The pace-adjusted heel-lift band: a floor, a target and a ceiling, each explained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TargetPart:
    """One summand of the target: `deg` is added, `why` is one line a runner understands."""

    name: str
    deg: float
    why: str


@dataclass(frozen=True, slots=True)
class HeelLiftTarget:
    """Band of peak swing knee flexion for one belt speed; low < target < high."""

    speed_mps: float
    low_deg: float
    target_deg: float
    high_deg: float
    parts: tuple[TargetPart, ...]
    extrapolated: bool
    """Outside 2.5–4.5 m/s, where the published norms end."""
