"""How the camera is turned against the runner: the angles for which bones keep their lengths and feet travel level.

A pinhole camera maps the sagittal plane onto the picture one to one. Three angles undo it, up to one scale: neither the
distance nor the height of the camera is needed. They are those for which

- thigh and shank of both legs are as long all over the cycle as measured runners' are (each sweeps 60 to 130°),
- heel and toe travel along the belt in mid-stance, which is level or climbs as it says,
- and they stay near where people put a laptop (the prior).

A leg does not move in one plane: knee and ankle lie toward the middle, and the hip joint turns with the pelvis. Both
are much the same from runner to runner, so they are expected, not fought: the means over the cycle of 13 runners on an
instrumented treadmill at 2.5 to 4.5 m/s, in three dimensions (Fukuchi 2017; `python -m bench.camera_places --means`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.camera_view import CameraAngles
from coach.core.gait.kinematics import ANKLE, HEEL, HIP, KNEE, TOE
from coach.core.gait.place_share import PlaceShare, place_share
from coach.core.units import ComplexArray, FloatArray

BINS: Final = 40
"""Of a stride's phase: positions are averaged in each."""
LEG_POINTS: Final = 5
TURN: Final = 2 * math.pi
BIN_PHASES: Final = (np.arange(BINS) + 0.5) * (TURN / BINS)

PRIOR_SD_DEG: Final = (20.0, 7.0, 2.0)
"""Yaw, pitch, roll: where people put laptops and phones; a looser pitch runs away on a real clip (E)."""
_LENS_SD_PCT: Final = 7.0
"""Focal length against a usual camera's: fields of view of 64 to 76° (E). It is fitted along, so that what the lens
leaves open is in the stated uncertainty."""

_LEAST_SEEN: Final = 1.5
"""Frames behind an average before it counts."""
_FULLY_SEEN: Final = 3.0
"""With so many it counts half."""
_INDEPENDENT: Final = 4.0
"""A runner differs from the mean runner in smooth ways: so many of the bins are news. With 4 the stated yaw covers 72 %
of the errors (10 trials, five places each, two seeds), with 2 it is 83 %, with 8 it is 62 %."""
_ROBUST: Final = 2.0
"""Standard deviations from which on a bin counts for less."""
_LEVEL_SD_LL: Final = 0.006
_LONGEST_STEP_DEG: Final = 8.0
_NUDGE: Final = 0.5
_NUDGES: Final = _NUDGE * np.eye(5, 4, -1)
"""None, then one of each angle and of the lens: how the misfit changes with them."""
_SEARCH_STEPS: Final = 6
"""From side-on to a place 35° off in yaw and 25° in pitch; a network's errors may lead it too far."""
_SETTLING_STEPS: Final = 6
"""Back to where what the bones say is weighed against where people put cameras."""


@dataclass(frozen=True, slots=True)
class _Bone:
    """A segment over the cycle: constant, then cosine and sine of once, twice, three times the phase after contact."""

    sd: float
    """How far a runner's own length departs from that of the mean runner, share."""
    outward: tuple[float, ...]
    """Of its length, how far its lower end lies to the outside."""
    longer: tuple[float, ...]
    """Logarithm of its length in the sagittal plane against its mean."""


_BONES: Final = (  # thigh, shank
    _Bone(
        0.012,
        (-0.0342, -0.0052, -0.0070, 0.0006, 0.0023, 0.0053, -0.0019),
        (0.0, -0.0116, -0.0093, 0.0114, -0.0044, 0.0054, -0.0021),
    ),
    _Bone(
        0.006,
        (-0.0508, -0.0230, -0.0555, -0.0027, -0.0054, 0.0042, 0.0037),
        (0.0, -0.0063, -0.0016, 0.0027, -0.0038, -0.0012, 0.0016),
    ),
)


@dataclass(frozen=True, slots=True)
class _Sole:
    """Part of the foot that rides on the belt over a share of stance; it may rise a little as it goes back."""

    first: float
    last: float
    slope: float


_SOLES: Final = (_Sole(0.12, 0.45, 0.02), _Sole(0.2, 0.7, 0.0))
"""Heel, then toe. The toe's height stays within 1 mm over this part of stance, the heel rises by 2 % of its way (13
runners)."""

_THIGH: Final = 0
_UPPER: Final = slice(HIP, ANKLE)
_LOWER: Final = slice(KNEE, HEEL)
"""Of both bones, the points at either end."""
_ON_BELT: Final = slice(HEEL, TOE + 1)
"""The points of both soles."""
_SLOPES: Final = np.array([sole.slope for sole in _SOLES])

HIPS_APART_LL: Final = 0.20
"""Joint to joint: 0.20 ± 0.02, and in the mean over a stride square on the run within 1.3° (39 trials,
`python -m bench.camera_places --means`)."""
_HIPS_MOVED: Final = 0.5
"""Of what is missing of that: a network draws hips together to a quarter of it, so from ahead or behind the near one is
read 4 % of the leg beside its place. From ahead the swinging ankle errs against it, and takes half of it back.
All that is missing is stated as doubt: so 64 % of the peaks lie within it (`python -m bench.oblique`, 51 films)."""
_HIPS_NOISE_LL: Final = 0.012
"""What is missing by less is the pelvis of this runner, or noise: markers stay where they are."""

KNEE_OUTWARD_LL: Final = -0.010
"""Where the knee lies against the hip at peak swing flexion, + outward: 1.2° of half a leg (13 runners)."""


class Stance(NamedTuple):
    """Where in the cycle one leg stands, radians: the phase of its initial contact, and how long stance lasts."""

    contact_rad: float
    length_rad: float


@dataclass(frozen=True, slots=True)
class Averages:
    """Mean positions by phase, and how many frames are behind each; phases count from the near leg's contact.

    position: (40, 10), normalised picture coordinates u + iv (y down), left leg, then right leg: hip, knee, ankle,
    heel, toe; the runner faces +u. seen: the same shape.
    """

    position: ComplexArray
    seen: FloatArray
    stances: tuple[Stance, Stance]
    near: int
    """Index of the leg nearer to the camera."""
    slope: float = 0.0
    """By how much of its length the belt rises toward the front."""


@dataclass(frozen=True, slots=True)
class CameraFit:
    """Angles with their standard deviations, and the length of a leg on the plane at unit distance."""

    angles: CameraAngles
    sd_deg: CameraAngles
    leg_length: float
    shares: tuple[PlaceShare, PlaceShare]
    """What the place makes of strides, left and right."""
    hip: complex
    """By how much the near hip is to be moved on that plane, forward + i down; the far one as much the other way."""
    yaw_seen_sd_deg: float
    """Of yaw, by what was seen so far; what is unusual is doubted however much is seen."""


def rotation(angles: CameraAngles) -> FloatArray:
    """(3, 3), rows: image right, image down, camera forward; columns: the runner's forward, up, right."""
    return np.array(_rotation(angles))


def _rotation(angles: Sequence[float]) -> tuple[Sequence[float], ...]:
    yaw, pitch, roll = map(math.radians, angles)
    fx, fy, fz = -math.sin(yaw) * math.cos(pitch), -math.sin(pitch), -math.cos(yaw) * math.cos(pitch)
    rx, rz = math.cos(yaw), -math.sin(yaw)
    # Down is square on forward and right; nine numbers are too few for arrays.
    right, down = (rx, 0.0, rz), (fy * rz, fz * rx - fx * rz, -fy * rx)
    cosine, sine = math.cos(roll), math.sin(roll)
    across = [cosine * r + sine * d for r, d in zip(right, down, strict=True)]
    along = [cosine * d - sine * r for r, d in zip(right, down, strict=True)]
    return across, along, (fx, fy, fz)


def to_plane(rays: ComplexArray, turn: FloatArray) -> ComplexArray:
    """Picture coordinates u + iv (y down) to the sagittal plane at unit distance, forward + i down.

    rays: (n, points); turn: (..., 3, 3).
    """
    return _met(_directions(rays), turn).reshape(*turn.shape[:-2], *rays.shape)


def _directions(rays: ComplexArray) -> FloatArray:
    """(…) → (n, 3), right, down and forward of each."""
    return np.stack([rays.real.ravel(), rays.imag.ravel(), np.ones(rays.size)], axis=1)


def _met(directions: FloatArray, turn: FloatArray) -> ComplexArray:
    """Where they meet the plane: (n, 3) and (..., 3, 3) → (..., n)."""
    forward, up, away = np.moveaxis(directions @ turn, -1, 0)
    plane = np.empty(away.shape, np.complex128)
    plane.real, plane.imag = -forward / away, up / away
    return plane


def stands_ahead_deg(hips: complex, turn: FloatArray) -> float:
    """By how much the camera stands ahead of a runner whose hips it sees there, u + iv.

    Examples
    --------
    From the side, in the middle of the picture and at its front edge; then a camera turned by as much as it stands off:

    >>> side_on = rotation(CameraAngles())
    >>> [round(stands_ahead_deg(hips, side_on)) for hips in (0j, 0.2 + 0j)]
    [0, -11]
    >>> round(stands_ahead_deg(0j, rotation(CameraAngles(yaw_deg=25))))
    25
    """
    forward, _, across = (np.array([hips.real, hips.imag, 1.0]) @ turn).tolist()
    return math.degrees(math.atan2(-forward, -across))


def fit_camera(averages: Averages, start: CameraAngles | None = None) -> CameraFit:
    """Robust least squares: one step from `start`, or as many as it takes from side-on where nothing is known yet."""
    problem = _Problem(averages)
    prior_sd = np.array([*PRIOR_SD_DEG, _LENS_SD_PCT])
    known = np.diag(1 / prior_sd**2)
    now = np.array([*(start or CameraAngles()), 0.0])
    searched = 0 if start else _SEARCH_STEPS
    for i in range(searched + (1 if start else _SETTLING_STEPS)):
        residuals, *nudged = problem.residuals(now + _NUDGES)
        weights = 1 / np.sqrt(1 + (residuals / _ROBUST) ** 2)
        if i >= searched:
            # Bones whose length changes in ways that no turned camera explains say less of it. Far from the place all
            # of them do: weighed there, they would leave it to the prior for good.
            weights /= math.sqrt(max(1.0, problem.scatter(residuals)))
        slopes = weights[:, None] * (np.column_stack(nudged) - residuals[:, None]) / _NUDGE
        information = slopes.T @ slopes + known
        step = np.linalg.solve(information, slopes.T @ (weights * residuals) + now / prior_sd**2)
        now = now - np.clip(step, -_LONGEST_STEP_DEG, _LONGEST_STEP_DEG)
    seen = np.linalg.inv(information)
    covariance = _with_surprise(seen, now, prior_sd)
    sd = np.sqrt(np.diag(covariance))
    leg_length, missing, shares = problem.outcome(now, covariance)
    return CameraFit(
        CameraAngles(*now[:3].tolist()),
        CameraAngles(*sd[:3].tolist()),
        leg_length,
        shares,
        _HIPS_MOVED * missing,
        math.sqrt(seen[0, 0]),
    )


def _with_surprise(covariance: FloatArray, at: FloatArray, prior_sd: FloatArray) -> FloatArray:
    """The covariance with more doubt of what lies farther out than was to be expected.

    Feet that do not travel level belong to a camera that hangs or to a belt that climbs, and what is usual shares them
    out; so it does with a camera that stands over the runner's head. Estimates scatter by the variance that bones and
    feet have taken from what is usual; one that lies beyond says that this camera, or this belt, is none of the usual
    ones (Birge's ratio).
    """
    usual = np.maximum(prior_sd**2 - np.diag(covariance), 1e-9)
    doubt = np.sqrt(np.maximum(1.0, at**2 / usual))
    return np.asarray(covariance * np.outer(doubt, doubt))


class _Problem:
    """What does not fit, in standard deviations, for any angles and lens.

    Arrays are (m, bins, legs, bones) and (m, bins, legs, soles), m being how many angles are tried at once; everything
    that the angles do not change is worked out once.
    """

    def __init__(self, averages: Averages) -> None:
        self._directions, self._near = _directions(averages.position), averages.near
        self._slopes = _SLOPES - averages.slope
        after = np.stack([(BIN_PHASES - stance.contact_rad) % TURN for stance in averages.stances], axis=1)
        self._after = after
        self._side = np.array([1.0 if leg == averages.near else -1.0 for leg in range(2)])
        waves = [(np.cos(k * after), np.sin(k * after)) for k in (1, 2, 3)]
        self._outward = np.stack([_over(waves, bone.outward) * self._side for bone in _BONES], axis=2)
        self._longer = np.stack([_over(waves, bone.longer) for bone in _BONES], axis=2)
        seen = averages.seen.reshape(BINS, 2, LEG_POINTS)
        weights = _trust(np.minimum(seen[:, :, _UPPER], seen[:, :, _LOWER]))
        self._bone_share = _shares(weights)
        self._bone_weight = np.sqrt(weights * (_INDEPENDENT / BINS)) / [bone.sd for bone in _BONES]
        share = after / [stance.length_rad for stance in averages.stances]
        down = np.stack([(sole.first < share) & (share < sole.last) for sole in _SOLES], axis=2)
        weights = np.where(down, _trust(seen[:, :, _ON_BELT]), 0.0)
        self._sole_share = _shares(weights)
        self._sole_weight = np.sqrt(weights * (3 / np.maximum(weights.sum(axis=0), 1.0))) / _LEVEL_SD_LL

    def residuals(self, at: FloatArray) -> FloatArray:
        """Of bones, then soles, (m, n). at: (m, 4), yaw, pitch, roll in degrees, focal length in % above the usual."""
        plane = self._plane(at)
        apart, middle = self._bones(plane)
        place = plane[..., _ON_BELT] / np.exp(middle).sum(axis=-1)[..., None]
        height = place.imag - self._slopes * place.real
        height -= (self._sole_share * height).sum(axis=-3, keepdims=True)
        both = self._bone_weight * apart, self._sole_weight * height
        return np.concatenate([each.reshape(len(at), -1) for each in both], axis=1)

    def scatter(self, residuals: FloatArray) -> float:
        """Mean square of the bones' misfit against what differs between runners: 1 for points as good as markers."""
        return float(np.mean(np.square(residuals[: self._bone_weight.size]))) * BINS / _INDEPENDENT

    def outcome(self, at: FloatArray, covariance: FloatArray) -> tuple[float, complex, tuple[PlaceShare, PlaceShare]]:
        """What angles that are known to (4, 4) `covariance` say. at: (4,).

        Thigh + shank of the near leg on the plane at unit distance, what is missing between the hips there, and what
        the place makes of either leg's strides.
        """
        # One deviation to either side along each axis of the doubt.
        apart = np.linalg.cholesky(covariance).T
        planes = self._plane(np.concatenate([at[None], at + apart, at - apart]))
        _, middle = self._bones(planes[:1])
        lengths = np.exp(middle[0, 0]).sum(axis=-1)
        missing = self._hips_drawn_in(planes[0], float(lengths.mean()))
        return float(lengths[self._near]), missing, self._shares(planes, missing)

    def _hips_drawn_in(self, plane: ComplexArray, leg_length: float) -> complex:
        """By how much the near hip is read nearer to the far one than a pelvis is wide, and the far one as much.

        plane: (bins, legs, points); leg_length: the mean of both, on that plane.
        """
        if not self._bone_share.any(axis=0).all():
            return 0j
        hips = (self._bone_share[..., _THIGH] * plane[..., HIP]).sum(axis=0)
        near, far = hips[self._near], hips[1 - self._near]
        # The pelvis is midway: of the nearer leg, which is seen larger, it would be too wide.
        # What lies toward the camera is seen farther out from where the camera stands.
        expected = HIPS_APART_LL * leg_length * complex(near + far) / 2
        if expected == 0:
            return 0j
        share = (complex(near - far) / expected).real
        missing = expected * (1 - min(max(share, 0.0), 1.0)) / 2
        known = (abs(missing) / (_HIPS_NOISE_LL * leg_length)) ** 4
        return missing * known / (1 + known)

    def _shares(self, planes: ComplexArray, missing: complex) -> tuple[PlaceShare, PlaceShare]:
        """Of either leg. planes: as fitted, and tried beside that; missing: between hips."""
        planes[..., HIP] += _HIPS_MOVED * missing * self._side
        moved = np.repeat(planes[:1], 2, axis=0)
        moved[..., HIP] += np.multiply.outer([1, -1], missing * self._side)[:, None]
        planes = np.concatenate([planes, moved])
        return self._share(planes, 0), self._share(planes, 1)

    def _share(self, planes: ComplexArray, leg: int) -> PlaceShare:
        seen = self._bone_share[:, leg].min(axis=-1) > 0
        if not seen.any():
            return PlaceShare()
        own = planes[:, seen, leg]
        long = np.abs(own[0][:, _LOWER] - own[0][:, _UPPER])
        outward = np.cumsum(self._outward[seen, leg] * long, axis=-1)
        taken = KNEE_OUTWARD_LL * self._side[leg] * float(long.sum(axis=-1).mean())
        after_rad = self._after[seen, leg]
        return place_share(own, outward, taken, int(np.minimum(after_rad, TURN - after_rad).argmin()))

    def _plane(self, at: FloatArray) -> ComplexArray:
        tried = at.tolist()
        turns = np.array([_rotation(angles) for *angles, _ in tried])
        # A longer lens draws what it sees farther from the middle of the picture.
        turns[:, :2] *= np.array([math.exp(-lens_pct / 100) for *_, lens_pct in tried])[:, None, None]
        return _met(self._directions, turns).reshape(-1, BINS, 2, LEG_POINTS)

    def _bones(self, plane: ComplexArray) -> tuple[FloatArray, FloatArray]:
        """By how much logarithmic lengths depart from what is expected, and their means, (m, 1, legs, bones)."""
        lower = plane[..., _LOWER]
        span = lower - plane[..., _UPPER]
        # What lies off the plane toward the camera is seen farther out from where the camera stands.
        span -= self._outward * np.abs(span) * lower
        logs = np.log(np.maximum(np.abs(span), 1e-9)) - self._longer
        middle = (self._bone_share * logs).sum(axis=-3, keepdims=True)
        return logs - middle, middle


def _shares(weights: FloatArray) -> FloatArray:
    """Weights that sum to 1 over the bins; 0 where nothing was seen."""
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-9))


def _trust(seen: FloatArray) -> FloatArray:
    return np.where(seen > _LEAST_SEEN, seen / (seen + _FULLY_SEEN), 0.0)


def _over(waves: Sequence[tuple[FloatArray, FloatArray]], coefficients: Sequence[float]) -> FloatArray:
    """A mean curve at phases after contact, from cosine and sine of once, twice, three times the phase."""
    out = np.full_like(waves[0][0], coefficients[0])
    for k, (cosine, sine) in enumerate(waves, 1):
        out += coefficients[2 * k - 1] * cosine + coefficients[2 * k] * sine
    return out
