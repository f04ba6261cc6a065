"""The runner as seen exactly from the side, from wherever the camera stands.

A laptop on a table beside a treadmill is never exactly side-on: 25° ahead or behind shift the knee's angle by up to
6°, more when it stands high or near. The runner's own bones and feet tell where it stands (`sagittal_fit`); points are
turned into the sagittal plane before anything is measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait.camera_view import CameraAngles, CameraView, camera_view
from coach.core.gait.kinematics import HEEL, HIP, BothLegs, Points
from coach.core.gait.sagittal_fit import (
    BINS,
    FIRST_STEPS,
    KNEE_OUTWARD_LL,
    LEG_POINTS,
    TURN,
    Averages,
    CameraFit,
    ComplexArray,
    Stance,
    fit_camera,
    rotation,
    to_plane,
)
from coach.core.pose import Side

USUAL_FIELD_OF_VIEW_DEG: Final = 70.0
"""Of the picture's longer side: laptop cameras and phones have 62 to 78°."""

_MEMORY_S: Final = 20.0
"""Averages follow a camera that is moved, and forget it as slowly."""
_FIRST_FIT_S: Final = 3.0
"""Four strides: each bin has been seen twice."""
_FIT_EVERY_S: Final = 1.0
_SETTLED_S: Final = 30.0
_FIT_SETTLED_EVERY_S: Final = 3.0
"""Later nothing is news, unless the camera is moved."""


@dataclass(frozen=True, slots=True)
class Lens:
    """What is known of the camera: the picture's size in pixels, and the field of view of its longer side."""

    width_px: float
    height_px: float
    field_of_view_deg: float = USUAL_FIELD_OF_VIEW_DEG

    @property
    def focal_px(self) -> float:
        """Focal length."""
        return 0.5 * max(self.width_px, self.height_px) / math.tan(math.radians(self.field_of_view_deg) / 2)

    @property
    def centre_px(self) -> complex:
        """The middle of the picture, taken for the principal point."""
        return complex(self.width_px / 2, self.height_px / 2)


class SagittalView:
    """Learns how the camera is turned while the runner runs, and turns points into the sagittal plane."""

    def __init__(self, lens: Lens) -> None:
        self._centre_px, self._focal_px = lens.centre_px, lens.focal_px
        self.view = CameraView()
        self._turn: tuple[float, ...] = tuple(rotation(CameraAngles()).ravel().tolist())
        self._gain, self._shift, self._knee_out = 1.0, 0j, 0.0
        self._began_s = self._fitted_s = math.nan
        self._sums = [[0j] * (2 * LEG_POINTS) for _ in range(BINS)]
        self._seen = [[0.0] * (2 * LEG_POINTS) for _ in range(BINS)]

    def seen_from_the_side(self, legs_px: BothLegs, facing: Side) -> BothLegs:
        """Legs in pixels as a camera exactly at the side would show them, of the same size, y down."""
        if not self.view.known:
            return legs_px
        left, right = legs_px
        near_left = facing == "left"
        return self._leg(left, facing, near=near_left), self._leg(right, facing, near=not near_left)

    def point_from_the_side(self, point_px: complex, facing: Side) -> complex:
        """A point of the runner's middle plane, such as the shoulders' mean, as that camera would show it."""
        if not self.view.known:
            return point_px
        return self._pixels(self._places([point_px], facing), facing)[0]

    def see(self, phase_rad: float, legs_px: BothLegs, weights: tuple[float, float], facing: Side) -> None:
        """Add a frame to the averages: raw legs, left and right, and how far each is believed."""
        row = int(phase_rad % TURN / TURN * BINS) % BINS
        sums, seen = self._sums[row], self._seen[row]
        for first, leg, weight in zip((0, LEG_POINTS), legs_px, weights, strict=True):
            if weight > 0:
                for column, ray in enumerate(self._rays(leg, facing), first):
                    if ray == ray:  # noqa: PLR0124 - seen, that is no NaN, in a tenth of the time of asking for it
                        sums[column] += weight * ray
                        seen[column] += weight

    def refine(self, t_s: float, stances: tuple[Stance, Stance], near: int) -> bool:
        """Fit anew once a second; whether the angles are others now."""
        if math.isnan(self._began_s):
            self._began_s = self._fitted_s = t_s
        since_s = t_s - self._fitted_s
        run_s = t_s - self._began_s
        if run_s < _FIRST_FIT_S or since_s < (_FIT_EVERY_S if run_s < _SETTLED_S else _FIT_SETTLED_EVERY_S):
            return False
        self._fitted_s = t_s
        seen = np.array(self._seen)
        averages = Averages(np.array(self._sums) / np.maximum(seen, 1e-9), seen, stances, near)
        self._take(fit_camera(averages, self.view.angles, 1 if self.view.known else FIRST_STEPS), averages)
        fade = math.exp(-since_s / _MEMORY_S)
        self._sums = [[fade * value for value in row] for row in self._sums]
        self._seen = [[fade * value for value in row] for row in self._seen]
        return True

    def _leg(self, leg: Points, facing: Side, *, near: bool) -> Points:
        # The knee lies a little inward: from ahead it is seen too far back, and with it all below.
        below = 1 - (self._knee_out if near else -self._knee_out)
        hip, *rest = self._places(leg, facing)
        return self._pixels([hip, *[place * below for place in rest]], facing)

    # Every frame's points come through here, a leg at a time.

    def _rays(self, points_px: Sequence[complex], facing: Side) -> list[complex]:
        """Normalised picture coordinates of a runner who faces +u."""
        centre, focal = self._centre_px, self._focal_px
        rays = [(point - centre) / focal for point in points_px]
        return rays if facing == "right" else [-ray.conjugate() for ray in rays]

    def _places(self, points_px: Sequence[complex], facing: Side) -> list[complex]:
        """Points on the sagittal plane."""
        places = list[complex]()
        a, b, c, d, e, f, g, h, i = self._turn
        for ray in self._rays(points_px, facing):
            u, v = ray.real, ray.imag
            away = c * u + f * v + i
            places.append(complex(-(a * u + d * v + g) / away, (b * u + e * v + h) / away))
        return places

    def _pixels(self, places: Sequence[complex], facing: Side) -> list[complex]:
        """Places on the plane as the camera at the side would show them."""
        centre, focal, gain, shift = self._centre_px, self._focal_px, self._gain, self._shift
        seen = [gain * place + shift for place in places]
        return [centre + focal * (place if facing == "right" else -place.conjugate()) for place in seen]

    def _take(self, fit: CameraFit, averages: Averages) -> None:
        """Take the new angles; size and place of the runner stay as they were, so that nothing jumps."""
        # Feet may stand below the picture's edge: hips, knees and ankles tell size and place.
        whole = averages.seen.reshape(BINS, 2, LEG_POINTS)[:, :, :HEEL].min(axis=(1, 2)) > 0
        if not whole.any():
            return
        rays = averages.position[whole]
        before = to_plane(rays, np.array(self._turn).reshape(3, 3))
        turn = rotation(fit.angles)
        after = to_plane(rays, turn)
        hips = [HIP, HIP + LEG_POINTS]
        middle = self._gain * complex(before[:, hips].mean()) + self._shift
        self._gain *= _size(before) / _size(after)
        self._shift = middle - self._gain * complex(after[:, hips].mean())
        self._turn = tuple(turn.ravel().tolist())
        self._knee_out = KNEE_OUTWARD_LL * fit.leg_length
        self.view = camera_view(fit.angles, fit.sd_deg)


def _size(plane: ComplexArray) -> float:
    """Mean length of thigh and shank of both legs."""
    legs = plane.reshape(-1, 2, LEG_POINTS)[:, :, :3]
    return float(np.abs(np.diff(legs, axis=2)).mean())
