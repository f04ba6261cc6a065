"""What the camera's place makes of a stride: what it leaves open, and what a leg does out of its plane.

Points are turned into the sagittal plane as if all of a leg moved in it. Knee and ankle lie inward of the hip, at
contact more than at the fold, and from ahead or behind what lies off the plane shows farther along it: a foot at
contact by 3 % of the leg with a camera 28° ahead. By how much is known from measured runners (`sagittal_fit`), so it
is taken out where one moment of the cycle is told. What the fit leaves open of the camera's angles turns the plumb
line, against which thigh, shank and trunk are measured: all strides of a run share that.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.kinematics import ANKLE, HIP, KNEE
from coach.core.gait.stride import Stride
from coach.core.units import ComplexArray, FloatArray

UNKNOWN_PLACE_SD_DEG: Final = 4.5
"""Of the highest knee flexion while nothing is known of the place: what pictures from anywhere read wrong, root mean
square: 4.0 and 4.9 with two seeds (last line of `python -m bench.camera_places --cases 39`)."""
UNKNOWN_PLUMB_SD_DEG: Final = 4.0
UNKNOWN_REACH_SD_DEG: Final = 4.7
"""The same for the thigh at the fold, 4.1 and 4.1, and for the thigh's range, 4.6 and 4.7; shank and foot at contact
are 2.4 to 2.7° off (`python -m bench.form_places --cases 39`, plain)."""


class OutOfPlane(NamedTuple):
    """What is to be added to a leg's figures, by their names in `Stride`, for what lies off the sagittal plane."""

    thigh_at_peak_deg: float = 0.0
    thigh_forward_deg: float = 0.0
    thigh_back_deg: float = 0.0
    shank_at_contact_deg: float = 0.0
    foot_ahead_ll: float = 0.0


class PlaceShare(NamedTuple):
    """Of one leg; standard deviations are the place's alone."""

    fold_sd_deg: float = UNKNOWN_PLACE_SD_DEG
    """Of the highest knee flexion."""
    plumb_sd_deg: float = UNKNOWN_PLUMB_SD_DEG
    """Of the plumb line."""
    reach_sd_deg: float = UNKNOWN_REACH_SD_DEG
    """Of the thigh's range."""
    off: OutOfPlane = OutOfPlane()


def place_share(planes: ComplexArray, outward: FloatArray, taken: float, contact: int) -> PlaceShare:
    """Of one leg.

    planes: (1 + 2 k, n, 5), mean positions of its points over the cycle on the plane at unit distance, forward + i
    down: as fitted, then one deviation to either side along each of the k axes of the doubt. outward: (n, 2), how far
    knee and ankle lie off that plane, + toward the camera. taken: what was taken out as that. contact: where it lands.
    """
    hip, knee, ankle = (planes[..., joint] for joint in (HIP, KNEE, ANKLE))
    flexion_deg = np.degrees(np.angle((knee - hip).conj() * (ankle - knee)))
    fold = int(flexion_deg[0].argmax())
    figures = _figures(hip, knee, ankle, at=(fold, contact))
    below = np.stack([knee[:1], ankle[:1]])
    in_plane = _figures(hip[:1], *(below * (1 - outward.T[:, None])), at=(fold, contact))
    as_taken = _figures(hip[:1], *(below * (1 - taken)), at=(fold, contact))
    return PlaceShare(
        fold_sd_deg=_doubt(flexion_deg[:, fold]),
        plumb_sd_deg=_doubt(figures[:, 0]),
        reach_sd_deg=_doubt(figures[:, 1] + figures[:, 2]),
        off=OutOfPlane(*(in_plane - as_taken)[0].tolist()),
    )


def _doubt(tried: FloatArray) -> float:
    """One sigma of a figure (1 + 2 k,). Seen from the side, yaw bends angles one way only: hence both sides."""
    return math.sqrt(float(np.square(tried[1:] - tried[0]).sum()) / 2)


def placed(stride: Stride, share: PlaceShare) -> Stride:
    """The stride with what the camera's place makes of it."""
    off, plumb_sd_deg = share.off, share.plumb_sd_deg
    reach_deg = stride.thigh_range_deg + off.thigh_forward_deg + off.thigh_back_deg
    return replace(
        stride,
        peak_knee_flexion_sd_deg=math.hypot(stride.peak_knee_flexion_sd_deg, share.fold_sd_deg),
        peak_knee_flexion_shared_sd_deg=math.hypot(stride.peak_knee_flexion_shared_sd_deg, share.fold_sd_deg),
        plumb_sd_deg=plumb_sd_deg,
        thigh_at_peak_deg=stride.thigh_at_peak_deg + off.thigh_at_peak_deg,
        thigh_at_peak_sd_deg=math.hypot(stride.thigh_at_peak_sd_deg, plumb_sd_deg),
        thigh_forward_deg=stride.thigh_forward_deg + off.thigh_forward_deg,
        thigh_back_deg=stride.thigh_back_deg + off.thigh_back_deg,
        thigh_extreme_sd_deg=math.hypot(stride.thigh_extreme_sd_deg, plumb_sd_deg),
        thigh_range_deg=reach_deg,
        thigh_range_sd_deg=math.hypot(stride.thigh_range_sd_deg, share.reach_sd_deg),
        thigh_swing_dps=stride.thigh_swing_dps * reach_deg / stride.thigh_range_deg,
        thigh_swing_sd_dps=math.hypot(
            stride.thigh_swing_sd_dps, stride.thigh_swing_dps * share.reach_sd_deg / stride.thigh_range_deg
        ),
        shank_at_contact_deg=stride.shank_at_contact_deg + off.shank_at_contact_deg,
        shank_at_contact_sd_deg=math.hypot(stride.shank_at_contact_sd_deg, plumb_sd_deg),
        foot_ahead_ll=stride.foot_ahead_ll + off.foot_ahead_ll,
        foot_ahead_sd_ll=math.hypot(stride.foot_ahead_sd_ll, math.radians(plumb_sd_deg)),
        trunk_lean_sd_deg=math.hypot(stride.trunk_lean_sd_deg, plumb_sd_deg),
    )


def _figures(hip: ComplexArray, knee: ComplexArray, ankle: ComplexArray, *, at: tuple[int, int]) -> FloatArray:
    """(m, 5), those of `OutOfPlane`: of points (m, n) over the cycle in a plane, forward + i down.

    at: where the knee is bent most, and where the foot lands.
    """
    fold, contact = at
    thigh, shank = knee - hip, ankle - knee
    thigh_deg, shank_deg = (np.degrees(np.arctan2(bone.real, bone.imag)) for bone in (thigh, shank))
    ahead_ll = (ankle - hip).real / (np.abs(thigh) + np.abs(shank)).mean(axis=1, keepdims=True)
    columns = thigh_deg[:, fold], thigh_deg.max(1), -thigh_deg.min(1), shank_deg[:, contact], ahead_ll[:, contact]
    return np.stack(columns, axis=1)
