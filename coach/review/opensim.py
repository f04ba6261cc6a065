"""A session for OpenSim: joint angles over time (`.mot`) and the keypoints as markers (`.trc`).

Both come from a camera at the side: what they tell is the sagittal plane, X along the belt as in the image, Y up,
Z always 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

import numpy as np

from coach.core.gait import GaitUpdate
from coach.core.gait.kinematics import HIP, KNEE
from coach.core.pose import KEYPOINT_NAMES, SIDES, Pose, Side
from coach.core.speed.belt_video import LEG_PER_HEIGHT
from coach.core.units import BoolArray, FloatArray
from coach.errors import FormatError

ASSUMED_HEIGHT_CM: Final = 170.0
"""Scales the markers where the runner's height is not set; angles and times do not depend on it."""
_HIP_CUTOFF_HZ: Final = 8.0
_FAR_SHARE: Final = 0.9
"""The far leg is written where it is known for this share of the near leg's time."""
_LARGEST_GAP: Final = 4.05
"""In frames: where three fell out a spline still follows the thigh to about a degree; a larger gap ends a stretch."""
_CLOSEST: Final = 0.5
"""In frames: through nearer ones, as a stream that stuttered gives them, a spline would swing far beyond both."""
_SHORTEST: Final = 12
"""Frames; the low-pass needs more."""
_FORWARD: Final[Mapping[Side | None, float]] = {"right": 1.0, "left": -1.0}
"""Which way along the picture's x a runner looks who faces there."""


class KneeSign(Enum):
    """Which way a model counts knee flexion."""

    POSITIVE = "Rajagopal 2015 and later: knee flexion positive"
    NEGATIVE = "gait2392, gait2354: knee flexion negative"


@dataclass(frozen=True, slots=True)
class GaitSample:
    """One frame, its legs as from the side, and what the coach saw in it."""

    t_s: float
    pose: Pose | None
    gait: GaitUpdate


def mot_text(samples: Sequence[GaitSample], sign: KneeSign, name: str = "coach") -> str:
    """Knee and hip angles in degrees, a row for each frame in which they are known.

    Knee: flexion as on the live screen, filtered. Hip: thigh against the vertical, flexion (knee forward) positive
    whichever way the runner faces at that moment, zero-phase low-pass at 8 Hz; the pelvis is not measured and taken as
    upright. Raises FormatError without any.
    """
    samples = rising(samples)
    times_s = np.array([sample.t_s for sample in samples])
    angles = {side: _leg_angles(samples, side) for side in SIDES}
    sides = _written(angles, [sample.gait.view.near_side for sample in samples])
    known: BoolArray = np.asarray(np.isfinite(np.column_stack([angles[side] for side in sides])).all(axis=1))
    if not known.any():
        raise FormatError("no running was measured in this session; there are no angles to write")
    turn = 1.0 if sign is KneeSign.POSITIVE else -1.0
    columns = np.column_stack([times_s, *(angles[side] * [1.0, turn] for side in sides)])[known]
    labels = ["time", *(f"{joint}_{side[0]}" for side in sides for joint in ("hip_flexion", "knee_angle"))]
    head = [
        name,
        "version=1",
        f"nRows={len(columns)}",
        f"nColumns={len(labels)}",
        "inDegrees=yes",
        "",
        f"Knee: {sign.value}. Hip: thigh against the vertical, flexion positive.",
        "From one camera at the side; the pelvis is taken as upright.",
        "endheader",
        "\t".join(labels),
    ]
    rows = ["\t".join([f"{row[0]:.6f}", *(f"{value:.4f}" for value in row[1:])]) for row in columns.tolist()]
    return "\n".join([*head, *rows]) + "\n"


def trc_text(samples: Sequence[GaitSample], height_px: int, height_cm: float | None, name: str = "coach.trc") -> str:
    """The keypoints of every frame as markers in millimetres; empty where one was not seen.

    One scale for all frames, from the runner's leg and height. Raises FormatError where nobody was seen.
    """
    scale, samples = mm_per_px(samples, height_cm), rising(samples)
    steps_s = np.diff([s.t_s for s in samples])
    rate = f"{1 / float(np.median(steps_s)):.2f}" if steps_s.size else "1.00"
    count = str(len(samples))
    markers = len(KEYPOINT_NAMES)
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        "\t".join([rate, rate, count, str(markers), "mm", rate, "1", count]),
        "Frame#\tTime\t" + "\t\t\t".join(KEYPOINT_NAMES) + "\t\t",
        "\t\t" + "\t".join(f"X{n}\tY{n}\tZ{n}" for n in range(1, markers + 1)),
        "",
    ]
    # A tab ends each row: OpenSim drops the last cell where it is empty, and then misses it.
    rows = [f"{i}\t{s.t_s:.6f}\t{_markers(s.pose, height_px, scale)}\t" for i, s in enumerate(samples, 1)]
    return "\n".join([*head, *rows]) + "\n"


def rising(samples: Sequence[GaitSample]) -> Sequence[GaitSample]:
    """The frames without those whose time came before."""
    return [s for i, s in enumerate(samples) if i == 0 or s.t_s > samples[i - 1].t_s]


def mm_per_px(samples: Sequence[GaitSample], height_cm: float | None) -> float:
    """One scale for all frames, from the runner's leg and height. Raises FormatError where nobody was seen."""
    lengths = [s.gait.leg_length_px for s in samples if math.isfinite(s.gait.leg_length_px)]
    if not lengths:
        raise FormatError("nobody was seen in this session; there are no markers to write")
    return LEG_PER_HEIGHT * 10 * (height_cm or ASSUMED_HEIGHT_CM) / float(np.median(lengths))


def _markers(pose: Pose | None, height_px: int, scale: float) -> str:
    if pose is None:
        return "\t".join(["", "", ""] * len(KEYPOINT_NAMES))
    cells: list[str] = []
    for x, y in pose.xy_px.tolist():
        seen = math.isfinite(x) and math.isfinite(y)
        cells += [f"{x * scale:.3f}", f"{(height_px - y) * scale:.3f}", "0.000"] if seen else ["", "", ""]
    return "\t".join(cells)


def _leg_angles(samples: Sequence[GaitSample], side: Side) -> FloatArray:
    """(N, 2): hip and knee flexion in degrees; NaN where either was not known or not trusted."""
    thigh = np.full(len(samples), np.nan)
    knee = np.full(len(samples), np.nan)
    forward = np.array([_FORWARD.get(sample.gait.view.facing, 0.0) for sample in samples])
    for row, sample in enumerate(samples):
        leg = sample.gait.leg(side)
        if sample.pose is None or math.isnan(leg.phase) or not forward[row]:
            continue
        points = sample.pose.leg_px(side)
        down, ahead = points[KNEE, 1] - points[HIP, 1], forward[row] * (points[KNEE, 0] - points[HIP, 0])
        thigh[row], knee[row] = math.degrees(math.atan2(ahead, down)), leg.knee_flexion_deg
    both = np.column_stack([_smooth(np.array([s.t_s for s in samples]), thigh, forward), knee])
    both[~np.isfinite(both).all(axis=1)] = np.nan
    return both


def _smooth(times_s: FloatArray, values: FloatArray, forward: FloatArray) -> FloatArray:
    """Zero-phase low-pass of each stretch that no gap and no turn breaks; those too short for it are left out.

    A gap is where the value is not known, and where frames are farther apart than `_LARGEST_GAP`.
    """
    smooth = np.full(len(values), np.nan)
    rate_hz = 1 / float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    if rate_hz <= 2 * _HIP_CUTOFF_HZ:
        return values
    from scipy.signal import butter  # noqa: PLC0415 - takes longer to load than most exports take

    sos = butter(2, _HIP_CUTOFF_HZ, fs=rate_hz, output="sos")
    way = np.where(np.isfinite(values), forward, 0.0)
    breaks = (np.diff(way) != 0) | (np.diff(times_s) * rate_hz > _LARGEST_GAP)
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(way)]
    for start, end in pairwise(edges):
        if end - start > _SHORTEST and way[start]:
            smooth[start:end] = _filtered(sos, times_s[start:end], values[start:end], rate_hz)
    return smooth


def _filtered(sos: FloatArray, times_s: FloatArray, values: FloatArray, rate_hz: float) -> FloatArray:
    """The stretch on even times and back: a filter counts frames, not seconds, and some may have fallen out.

    NaN where it lasts too short for the filter, as frames may come more densely there than elsewhere.
    """
    from scipy.interpolate import CubicSpline  # noqa: PLC0415 - as above
    from scipy.signal import sosfiltfilt  # noqa: PLC0415

    apart = _apart(times_s, _CLOSEST / rate_hz)
    start_s, end_s = times_s[apart[0]], times_s[apart[-1]]
    even_s = np.linspace(start_s, end_s, round((end_s - start_s) * rate_hz) + 1)
    if len(even_s) <= _SHORTEST:
        return np.full(len(times_s), np.nan)
    smooth = sosfiltfilt(sos, CubicSpline(times_s[apart], values[apart])(even_s))
    return np.asarray(CubicSpline(even_s, smooth)(times_s), dtype=np.float64)


def _apart(times_s: FloatArray, least_s: float) -> list[int]:
    """Which frames lie at least so far from the one before."""
    kept = [0]
    for i in range(1, len(times_s)):
        if times_s[i] - times_s[kept[-1]] >= least_s:
            kept.append(i)
    return kept


def _written(angles: dict[Side, FloatArray], near: Sequence[Side | None]) -> tuple[Side, ...]:
    """The leg that is known longest as the near one; the other only where both are known nearly as long.

    angles: (N, 2) a leg; near: the near leg of each frame. Right before left.
    """
    known = {side: np.isfinite(angles[side]).all(axis=1) for side in SIDES}
    shown = {side: int(np.sum(known[side] & np.array([leg == side for leg in near]))) for side in SIDES}
    main = max(SIDES, key=lambda side: shown[side])
    both = int(np.sum(known["left"] & known["right"]))
    enough = both >= _FAR_SHARE * max(int(known[main].sum()), 1)
    return tuple(side for side in reversed(SIDES) if side == main or enough)
