"""Two runs next to each other, both in step: one typical stride of each, drawn from the recorded poses at equal phases.

Lengths are leg lengths around the middle of the hips, y down as in a picture; both runners face to the right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coach.core.pose import LEG_ROWS, Keypoint, Pose, Side, other
from coach.core.session.change import near_valid
from coach.core.session.session import Session
from coach.core.units import FloatArray

PHASES: Final = 24
"""Pictures of one stride: a stride takes some 0.7 s, so that each is 30 ms from the next."""
_FEWEST_SEEN: Final = 8
"""Frames that a stride must have to be drawn (an engineering choice: a third of the pictures)."""
_TRUNK: Final = (Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP), (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER)


@dataclass(frozen=True, slots=True)
class DrawnStride:
    """One stride as `PHASES` pictures: lines by name, each a list of points for an SVG's `points`."""

    frames: tuple[dict[str, str], ...]
    """`near`, `far`, `trunk` and `lever`; a line that was not seen is empty."""
    angles: tuple[str, ...]
    """The mean knee bend of the whole run's strides at that phase, as text."""


def typical_stride(session: Session) -> tuple[float, float] | None:
    """When the valid near stride whose highest bend is nearest the run's median began and ended; None without any."""
    strides = near_valid(session.strides)
    if not strides:
        return None
    median_deg = float(np.median([kept.peak_knee_flexion_deg for kept in strides]))
    best = min(strides, key=lambda kept: abs(kept.peak_knee_flexion_deg - median_deg))
    return best.start_s, best.end_s


def drawn_stride(session: Session, poses: Iterable[Pose]) -> DrawnStride | None:
    """The typical stride drawn from its poses; None where it was hardly seen, or the run has none."""
    span, near = typical_stride(session), session.view.near_side
    if span is None or near is None:
        return None
    seen = [pose for pose in poses if span[0] <= pose.t_s <= span[1]]
    if len(seen) < _FEWEST_SEEN:
        return None
    phase = (np.array([pose.t_s for pose in seen]) - span[0]) / (span[1] - span[0])
    points = _upright(np.array([pose.xy_px for pose in seen]), near)
    at = np.arange(PHASES) / PHASES
    rows = np.stack([_between(at, phase, points[:, row]) for row in range(points.shape[1])], axis=1)
    cycle = session.cycles.get(near)
    bend = [math.nan] * PHASES if cycle is None else [float(cycle.mean_deg[round(100 * p)]) for p in at]
    angles = tuple("" if math.isnan(deg) else f"{deg:.0f}°" for deg in bend)
    return DrawnStride(tuple(_lines(frame, near) for frame in rows), angles)


def _upright(xy_px: FloatArray, near: Side) -> FloatArray:
    """(N, 13, 2) in leg lengths around the hips, facing right. A runner who faces left shows the left side."""
    hip, knee, ankle = (xy_px[:, row] for row in LEG_ROWS[near][:3])
    legs_px = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
    around = np.nanmean(xy_px[:, [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]], axis=1, keepdims=True)
    scaled = (xy_px - around) / np.nanmedian(legs_px)
    return np.asarray(scaled * ((-1.0, 1.0) if near == "left" else (1.0, 1.0)))


def _between(at: FloatArray, phase: FloatArray, points: FloatArray) -> FloatArray:
    """One keypoint at equal phases, drawn through the frames in which it was seen; NaN where it hardly ever was."""
    known = np.isfinite(points).all(axis=1)
    if known.sum() < _FEWEST_SEEN:
        return np.full((len(at), 2), np.nan)
    return np.stack([np.interp(at, phase[known], points[known, axis]) for axis in (0, 1)], axis=1)


def _lines(frame: FloatArray, near: Side) -> dict[str, str]:
    hips, shoulders = (np.nanmean(frame[list(pair)], axis=0) for pair in _TRUNK)
    leg = frame[list(LEG_ROWS[near])]
    return {
        "far": _svg_points(frame[list(LEG_ROWS[other(near)])]),
        "trunk": _svg_points(np.array([hips, shoulders])),
        "near": _svg_points(leg),
        "lever": _svg_points(leg[[0, 3]]),
    }


def _svg_points(points: FloatArray) -> str:
    """Empty where any of them is not known."""
    return "" if not np.isfinite(points).all() else " ".join(f"{x:.3f},{y:.3f}" for x, y in points)


def in_step(strides: Iterable[DrawnStride]) -> list[dict[str, Any]]:
    """What the page's script needs to move both."""
    return [{"frames": list(stride.frames), "angles": list(stride.angles)} for stride in strides]
