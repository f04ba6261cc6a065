"""The demo's runner made solid and filmed by a pinhole camera that stands anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from coach.core.gait.sagittal_view import Lens
from coach.core.pose import LEG_ROWS, Pose, other
from coach.core.units import FloatArray
from tests.synth import SynthRun

_HALF_PELVIS_LL = 0.1
_KNEE_INWARD_LL = 0.015
"""Knees and feet lie a little under the body, the feet more so."""
_FOOT_INWARD_LL = 0.035
_AIM_UP_LL = 1.0
"""The camera looks at this height above the belt."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the camera stands, in leg lengths from the belt's middle; yaw + is ahead of the runner."""

    yaw_deg: float = 0.0
    distance_ll: float = 3.0
    height_ll: float = 1.0
    roll_deg: float = 0.0
    field_of_view_deg: float = 70.0
    aims_ahead_ll: float = 0.0
    """Where it looks, from the belt's middle: a runner need not be in the middle of the picture."""

    @property
    def at_ll(self) -> FloatArray:
        """Forward, up, right of the runner."""
        yaw = np.radians(self.yaw_deg)
        return np.array([self.distance_ll * np.sin(yaw), self.height_ll, self.distance_ll * np.cos(yaw)])

    def axes(self) -> FloatArray:
        """(3, 3), rows: image right, image down, into the picture."""
        ahead = np.array([self.aims_ahead_ll, _AIM_UP_LL, 0.0]) - self.at_ll
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        down = np.cross(ahead, right)
        c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        return np.stack([c * right + s * down, c * down - s * right, ahead])

    def picture(self, points_ll: FloatArray, lens: Lens) -> FloatArray:
        """(..., 3) leg lengths to (..., 2) pixels."""
        seen = (points_ll - self.at_ll) @ self.axes().T
        focal = 0.5 * max(lens.width_px, lens.height_px) / np.tan(np.radians(self.field_of_view_deg) / 2)
        return np.asarray(focal * seen[..., :2] / seen[..., 2:] + [lens.width_px / 2, lens.height_px / 2])


def filmed(run: SynthRun, place: Place, lens: Lens) -> Iterator[tuple[float, Pose | None]]:
    """The run's legs as the camera sees them; the runner is made solid and stands on the middle of the belt."""
    legs = {side: list(rows) for side, rows in LEG_ROWS.items()}
    flat = np.array([pose.xy_px for pose in run.poses]) / run.leg_length_px
    ground = np.nanmax(flat[..., 1])
    middle = np.nanmean(flat[:, legs["left"][:1] + legs["right"][:1], 0])
    mirror = 1.0 if run.near_side == "right" else -1.0
    xy = np.full_like(flat, np.nan)
    for side, outward in ((run.near_side, 1.0), (other(run.near_side), -1.0)):
        own = flat[:, legs[side]]
        out = np.broadcast_to(outward * _out_ll(), own.shape[:2])
        seen = place.picture(np.stack([mirror * (own[..., 0] - middle), ground - own[..., 1], out], axis=-1), lens)
        if mirror < 0:
            seen[..., 0] = lens.width_px - seen[..., 0]
        xy[:, legs[side]] = seen
    for pose, xy_px in zip(run.poses, xy, strict=True):
        yield pose.t_s, Pose(pose.t_s, xy_px, pose.confidence)


def later(film: Iterable[tuple[float, Pose | None]], by_s: float) -> Iterator[tuple[float, Pose | None]]:
    """The same, put off."""
    for t_s, pose in film:
        yield t_s + by_s, pose and replace(pose, t_s=t_s + by_s)


def _out_ll() -> FloatArray:
    """Hip, knee, ankle, heel, toe of a leg: how far to the outside."""
    below = _HALF_PELVIS_LL - _FOOT_INWARD_LL
    return np.array([_HALF_PELVIS_LL, _HALF_PELVIS_LL - _KNEE_INWARD_LL, below, below, below])
