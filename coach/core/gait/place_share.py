"""What the camera's place makes of a stride: what it leaves open, and what a leg does out of its plane.

Points are turned into the sagittal plane as if all of a leg moved in it. Knee and ankle lie inward of the hip, at
contact more than at the fold, and from ahead or behind what lies off the plane shows farther along it: a foot at
contact by 3 % of the leg with a camera 28° ahead. By how much is known from measured runners (`sagittal_fit`), so it
is taken out where one moment of the cycle is told. What the fit leaves open of the camera's angles turns the plumb
line, against which thigh, shank and trunk are measured: all strides of a run share that.
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np

from coach.core.gait.kinematics import ANKLE, HEEL, HIP, KNEE
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
    fitted = planes[0, :, HIP:HEEL]
    in_plane = fitted * (1 - np.column_stack([np.zeros(len(outward)), outward]))
    as_taken = fitted * [1.0, 1 - taken, 1 - taken]
    # All in one go: what takes its time are the many small steps.
    folds_deg, figures = _figures(np.concatenate([planes[..., HIP:HEEL], in_plane[None], as_taken[None]]), contact)
    return PlaceShare(
        fold_sd_deg=_doubt(folds_deg[:-2]),
        plumb_sd_deg=_doubt(figures[:-2, 0]),
        reach_sd_deg=_doubt(figures[:-2, 1] + figures[:-2, 2]),
        off=OutOfPlane(*(figures[-2] - figures[-1]).tolist()),
    )


def _doubt(tried: FloatArray) -> float:
    """One sigma of a figure (1 + 2 k,). Seen from the side, yaw bends angles one way only: hence both sides."""
    return math.sqrt(float(np.square(tried[1:] - tried[0]).sum()) / 2)


def placed(stride: Stride, share: PlaceShare) -> dict[str, Any]:
    """What the camera's place makes of a stride: the fields that change."""
    off, plumb_sd_deg = share.off, share.plumb_sd_deg
    reach_deg = stride.thigh_range_deg + off.thigh_forward_deg + off.thigh_back_deg
    return {
        "peak_knee_flexion_sd_deg": math.hypot(stride.peak_knee_flexion_sd_deg, share.fold_sd_deg),
        "peak_knee_flexion_shared_sd_deg": math.hypot(stride.peak_knee_flexion_shared_sd_deg, share.fold_sd_deg),
        "plumb_sd_deg": plumb_sd_deg,
        "thigh_at_peak_deg": stride.thigh_at_peak_deg + off.thigh_at_peak_deg,
        "thigh_at_peak_sd_deg": math.hypot(stride.thigh_at_peak_sd_deg, plumb_sd_deg),
        "thigh_forward_deg": stride.thigh_forward_deg + off.thigh_forward_deg,
        "thigh_back_deg": stride.thigh_back_deg + off.thigh_back_deg,
        "thigh_extreme_sd_deg": math.hypot(stride.thigh_extreme_sd_deg, plumb_sd_deg),
        "thigh_range_deg": reach_deg,
        "thigh_range_sd_deg": math.hypot(stride.thigh_range_sd_deg, share.reach_sd_deg),
        "thigh_swing_dps": stride.thigh_swing_dps * reach_deg / stride.thigh_range_deg,
        "thigh_swing_sd_dps": math.hypot(
            stride.thigh_swing_sd_dps, stride.thigh_swing_dps * share.reach_sd_deg / stride.thigh_range_deg
        ),
        "shank_at_contact_deg": stride.shank_at_contact_deg + off.shank_at_contact_deg,
        "shank_at_contact_sd_deg": math.hypot(stride.shank_at_contact_sd_deg, plumb_sd_deg),
        "foot_ahead_ll": stride.foot_ahead_ll + off.foot_ahead_ll,
        "foot_ahead_sd_ll": math.hypot(stride.foot_ahead_sd_ll, math.radians(plumb_sd_deg)),
        "trunk_lean_sd_deg": math.hypot(stride.trunk_lean_sd_deg, plumb_sd_deg),
    }


def _figures(points: ComplexArray, contact: int) -> tuple[FloatArray, FloatArray]:
    """(m,) the highest flexion and (m, 5) the figures of `OutOfPlane`.

    points: (m, n, 3), hip, knee and ankle over the cycle in a plane, forward + i down; contact: where the foot lands.
    """
    hip, knee, ankle = (points[..., joint] for joint in (HIP, KNEE, ANKLE))
    thigh, shank = knee - hip, ankle - knee
    flexion_deg = np.degrees(np.angle(thigh.conj() * shank))
    fold = int(flexion_deg[0].argmax())
    thigh_deg, landing_deg = _ahead_deg(thigh), _ahead_deg(shank[:, contact])
    ahead_ll = (ankle - hip)[:, contact].real / (np.abs(thigh) + np.abs(shank)).mean(axis=1)
    columns = thigh_deg[:, fold], thigh_deg.max(axis=1), -thigh_deg.min(axis=1), landing_deg, ahead_ll
    return flexion_deg[:, fold], np.stack(columns, axis=1)


def _ahead_deg(bones: ComplexArray) -> FloatArray:
    """How far each bone's lower end is ahead of its upper one, forward + i down."""
    return np.asarray(np.degrees(np.arctan2(bones.real, bones.imag)))
