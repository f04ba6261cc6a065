"""The runner as seen exactly from the side, from wherever the camera stands.

A laptop on a table beside a treadmill is never exactly side-on: 25° ahead or behind shift the knee's angle by up to
6°, more when it stands high or near. The runner's own bones and feet tell where it stands (`sagittal_fit`); points are
turned into the sagittal plane before anything is measured.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.camera_view import CameraAngles, CameraView, camera_view
from coach.core.gait.kinematics import HEEL, HIP, KNEE, BothLegs, Points
from coach.core.gait.place_share import PlaceShare
from coach.core.gait.sagittal_fit import (
    BINS,
    KNEE_OUTWARD_LL,
    LEG_POINTS,
    TURN,
    Averages,
    CameraFit,
    Stance,
    fit_camera,
    rotation,
    stands_ahead_deg,
    to_plane,
)
from coach.core.pose import Side
from coach.core.units import ComplexArray, FloatArray

USUAL_FIELD_OF_VIEW_DEG: Final = 70.0
"""Of the picture's longer side: laptop cameras and phones have 62 to 78°."""

_MEMORY_S: Final = 20.0
"""Averages follow a camera that is moved, and forget it as slowly."""
_LATE_S: Final = 3.0
"""The mean stride, which remembers two seconds, still holds the runner as the camera was taken to stand before: so the
thigh's error fades (`python -m bench.form_places`)."""
_FIRST_FIT_S: Final = 3.0
"""Four strides: each bin has been seen twice."""
_FIT_EVERY_S: Final = 1.0
_TOLD_SD_DEG: Final = 4.0
_TOLD_AS_WELL: Final = 1.25
_TOLD_AFTER_S: Final = 10.0
"""Of yaw: so sure a new rhythm must be, or nearly as sure as of the old place, before the two are held against each
other: with markers that takes three to five seconds, with a network the old one is known to no more than 4 to 9°."""
_SAME_PLACE: Final = 2.0
"""Deviations within which it is the same."""
_READ_AT_ONCE: Final = 64
"""Frames: averages are read once a second."""
_SAME_SLOPE: Final = 0.003
"""0.2°: a third of what the plumb line is ever known to."""
_NEWS: Final = 1 / 10
_LONGEST_WAIT_S: Final = 3.0
"""Later it is fitted where a tenth of a rhythm's frames are news, or, since cameras are moved, after three seconds."""


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


_MIRRORS: Final[tuple[tuple[Side, int], ...]] = (("right", 1), ("left", -1))
"""By facing, what a pixel's way from the middle, and the way ahead, are times: who faces left is seen in a mirror."""


class _Seen(NamedTuple):
    """A frame that waits to be averaged; the points of the left leg, then of the right one."""

    after_contact_rad: float
    points_px: Points
    weights: tuple[float, float]
    facing: Side


@dataclass(frozen=True, slots=True)
class _Sums:
    """Of frames, by place in the stride: (40, 10) each, the points of the left leg, then of the right one."""

    rays: ComplexArray = field(default_factory=lambda: np.zeros((BINS, 2 * LEG_POINTS), np.complex128))
    """Normalised picture coordinates u + iv, each times how far it was believed."""
    seen: FloatArray = field(default_factory=lambda: np.zeros((BINS, 2 * LEG_POINTS)))
    """How far they were believed."""

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(self.rays + other.rays, self.seen + other.seen)

    def times(self, share: float) -> _Sums:
        """What is left of them."""
        return _Sums(share * self.rays, share * self.seen)

    def averages(self, stances: tuple[Stance, Stance], near: int, slope: float) -> Averages:
        """Mean positions; stances: where in the cycle either leg stands."""
        return Averages(self.rays / np.maximum(self.seen, 1e-9), self.seen, stances, near, slope)


_NOTHING: Final = _Sums()


class SagittalView:
    """Learns how the camera is turned while the runner runs, and turns points into the sagittal plane."""

    def __init__(self, lens: Lens, slope: float = 0.0) -> None:
        """`slope`: by how much of its length the belt rises toward the front."""
        self._centre_px, self._focal_px = lens.centre_px, lens.focal_px
        self.view = CameraView()
        self._angles: CameraAngles | None = None
        """Of the camera's axis; the view's yaw is where it stands, and a runner may be beside its picture's middle."""
        self._turn = rotation(CameraAngles())
        self._onto = self._planes()
        self._gain, self._shift, self._knee_out, self._hip = 1.0, 0j, 0.0, 0j
        self._shares = (PlaceShare(), PlaceShare())
        self._late_deg = 0.0
        """How far thighs in the mean stride still point as the camera was taken to stand before."""
        self._began_s = self._fitted_s = math.nan
        self._facing: Side = "right"
        self._slope = slope
        self._now, self._before = _Sums(), _Sums()
        """Of this rhythm, and of those before it until it is clear that the camera still stands there."""
        self._unread: list[_Seen] = []

    def seen_from_the_side(self, legs_px: BothLegs, facing: Side) -> BothLegs:
        """Legs in pixels as a camera exactly at the side would show them, of the same size, y down."""
        if not self.view.known:
            return legs_px
        left, right = legs_px
        # The knee lies a little inward: from ahead it is seen too far back, and with it all below.
        out, hip = self._knee_out, self._hip
        if facing == "right":
            out, hip = -out, -hip
        return self._turned(left, facing, 1 - out, hip), self._turned(right, facing, 1 + out, -hip)

    def trunk_from_the_side(self, trunk_px: Points, facing: Side) -> Points:
        """Points of the runner's middle plane, such as the shoulders' mean, as that camera would show them."""
        return self._turned(trunk_px, facing) if self.view.known else trunk_px

    def share(self, leg: int) -> PlaceShare:
        """What the camera's place makes of a leg's strides; leg: 0 left, 1 right."""
        own, late_deg = self._shares[leg], self._late_deg
        return own._replace(
            plumb_sd_deg=math.hypot(own.plumb_sd_deg, late_deg), reach_sd_deg=math.hypot(own.reach_sd_deg, late_deg)
        )

    def see(self, after_contact_rad: float, legs_px: BothLegs, weights: tuple[float, float], facing: Side) -> None:
        """Add a frame to the averages: raw legs, left and right, and how far each is believed.

        Phases count from the near leg's contact: a rhythm that was lost and found again counts from elsewhere.
        """
        self._unread.append(_Seen(after_contact_rad, (*legs_px[0], *legs_px[1]), weights, facing))
        if len(self._unread) >= _READ_AT_ONCE:
            self._read()

    def begin_anew(self) -> None:
        """A new rhythm: the camera may have been moved meanwhile; until more is seen it is believed not to be."""
        self._read()
        if self.view.known and not self._before.seen.any():
            self._before = self._now
        self._now, self._began_s = _Sums(), math.nan

    def belt_climbs(self, slope: float) -> None:
        """The belt rises by so much of its length toward the front: feet that ride on it tell nothing of what was."""
        if abs(slope - self._slope) > _SAME_SLOPE:
            self.forget()
            self._slope = slope

    def forget(self) -> None:
        """Drop what was averaged: a wrong rhythm has mixed the places of a stride."""
        self._unread.clear()
        self._now, self._before = _Sums(), _Sums()
        self._began_s = math.nan

    def as_known(self) -> SagittalView:
        """A copy that turns points as this one does now; without what this one goes on learning from."""
        known = copy.copy(self)
        known._now = known._before = _NOTHING  # noqa: SLF001 - its own copy
        known._unread = []  # noqa: SLF001
        return known

    def refine(self, t_s: float, stances: tuple[Stance, Stance], near: int) -> None:
        """Fit anew once a second at first, and less often the more is known."""
        if math.isnan(self._began_s):
            self._began_s = t_s
        since_s = t_s - (self._began_s if math.isnan(self._fitted_s) else self._fitted_s)
        run_s = t_s - self._began_s
        if run_s < _FIRST_FIT_S or since_s < min(max(_FIT_EVERY_S, _NEWS * run_s), _LONGEST_WAIT_S):
            return
        self._read()
        self._fitted_s = t_s
        fade = math.exp(-since_s / _MEMORY_S)
        self._late_deg *= math.exp(-since_s / _LATE_S)
        contact_rad = stances[near].contact_rad
        left, right = (stance._replace(contact_rad=stance.contact_rad - contact_rad) for stance in stances)
        self._before = self._before.times(fade)
        if self._before.seen.any() and not self._told_alone((left, right), near, run_s):
            return
        averages = self._now.averages((left, right), near, self._slope)
        self._take(fit_camera(averages, self._angles), averages)
        self._now = self._now.times(fade)

    def _told_alone(self, stances: tuple[Stance, Stance], near: int, run_s: float) -> bool:
        """Whether this rhythm alone tells the place by now: if it is as before the averages go on, else they do not."""
        averages = self._now.averages(stances, near, self._slope)
        alone = fit_camera(averages)
        if alone.yaw_seen_sd_deg > max(_TOLD_SD_DEG, _TOLD_AS_WELL * self.view.yaw_sd_deg) and run_s < _TOLD_AFTER_S:
            return False
        known_sd_deg = self.view.yaw_sd_deg, self.view.pitch_sd_deg, self.view.roll_sd_deg
        apart_deg = np.abs(np.subtract(alone.angles, self._angles or CameraAngles()))
        if (apart_deg <= _SAME_PLACE * np.hypot(alone.sd_deg, known_sd_deg)).all():
            self._now = self._before + self._now
        else:
            self._take(alone, averages)
        self._before = _Sums()
        return True

    def _turned(self, points_px: Points, facing: Side, below: float = 1.0, hip: complex = 0j) -> Points:
        """Points as a camera at the side would show them.

        The first one is moved by `hip`, the others are `below` times as far from the camera's axis.

        Every frame's points come through here: out of the picture onto the sagittal plane, and back again.
        """
        at_x, at_y, at_all, away_x, away_y, away_all = self._onto[facing]
        shift, size = self._shift, self._focal_px * self._gain
        if facing == "left":
            shift, hip = -shift.conjugate(), -hip.conjugate()
        middle = self._centre_px + self._focal_px * shift
        turned, farther, place = list[complex](), size, middle + size * hip
        for point in points_px:
            x, y = point.real, point.imag
            turned.append((at_x * x + at_y * y + at_all) * (farther / (away_x * x + away_y * y + away_all)) + place)
            farther, place = size * below, middle
        return turned

    def _planes(self) -> dict[Side, tuple[complex, complex, complex, float, float, float]]:
        """By facing, what a pixel's x, y and 1 add to ahead + i down where its ray meets the plane, and to how far off.

        The former is still to be divided by the latter.
        """
        rays = np.array([[1, 0, 0], [0, 1, 0], [-self._centre_px.real, -self._centre_px.imag, self._focal_px]])
        planes = dict[Side, tuple[complex, complex, complex, float, float, float]]()
        for facing, mirror in _MIRRORS:
            ahead, down, away = (rays * (mirror, 1, 1) @ self._turn).T
            planes[facing] = (*(1j * down - mirror * ahead).tolist(), *away.tolist())
        return planes

    def _read(self) -> None:
        """Take the frames that wait into the averages."""
        if not self._unread:
            return
        phases, points_px, weights, facing = zip(*self._unread, strict=True)
        self._unread.clear()
        self._facing = facing[-1]
        rays = ((np.array(points_px) - self._centre_px).view(np.float64) / self._focal_px).view(np.complex128)
        rays.real[np.array(facing) == "left"] *= -1
        seen = np.where(np.isnan(rays), 0.0, np.repeat(np.maximum(weights, 0.0), LEG_POINTS, axis=1))
        bins = (np.array(phases) % TURN / TURN * BINS).astype(int) % BINS
        np.add.at(self._now.seen, bins, seen)
        np.add.at(self._now.rays, bins, seen * np.where(seen > 0, rays, 0.0))

    def _take(self, fit: CameraFit, averages: Averages) -> None:
        """Take the new angles; size and place of the runner stay as they were, so that nothing jumps."""
        # Feet may stand below the picture's edge: hips, knees and ankles tell size and place.
        whole = averages.seen.reshape(BINS, 2, LEG_POINTS)[:, :, :HEEL].min(axis=(1, 2)) > 0
        if not whole.any():
            return
        rays = averages.position[whole]
        before = to_plane(rays, self._turn)
        turn = rotation(fit.angles)
        after = to_plane(rays, turn)
        hips = [HIP, HIP + LEG_POINTS]
        middle = self._gain * complex(before[:, hips].mean()) + self._shift
        self._gain *= _size(before) / _size(after)
        self._shift = middle - self._gain * complex(after[:, hips].mean())
        self._turn = turn
        self._onto = self._planes()
        self._knee_out, self._hip = KNEE_OUTWARD_LL * fit.leg_length, fit.hip
        self._angles = fit.angles
        told = CameraAngles(
            stands_ahead_deg(complex(rays[:, hips].mean()), turn),
            fit.angles.pitch_deg,
            # Who faces left is seen in a mirror here, and a mirror tilts the other way.
            fit.angles.roll_deg if self._facing == "right" else -fit.angles.roll_deg,
        )
        self.view = camera_view(told, fit.sd_deg)
        self._shares = fit.shares
        self._late_deg = math.hypot(self._late_deg, _turned_deg(before, after))


def _turned_deg(before: ComplexArray, after: ComplexArray) -> float:
    """By how much thighs point elsewhere, root mean square."""
    hips, knees = [HIP, HIP + LEG_POINTS], [KNEE, KNEE + LEG_POINTS]
    thighs = [plane[:, knees] - plane[:, hips] for plane in (before, after)]
    return float(np.sqrt(np.square(np.degrees(np.angle(thighs[1] * thighs[0].conj()))).mean()))


def _size(plane: ComplexArray) -> float:
    """Mean length of thigh and shank of both legs."""
    legs = plane.reshape(-1, 2, LEG_POINTS)[:, :, :3]
    return float(np.abs(np.diff(legs, axis=2)).mean())
