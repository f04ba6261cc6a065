"""How fast the stance foot travels: on a treadmill it rides on the belt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from coach.core.pose import SIDES, Side

FOOT_POINTS: Final = 3
"""Ankle, heel and toe."""
_FOOT_LEAD: Final = 1.010
_ANKLE_LEAD: Final = 0.982
"""Slope over that window against the belt, the same 39 trials without noise: mean of ankle, heel and toe
+1.0 ± 1.7 %, ankle alone -1.8 ± 1.5 %, which rides on the rolling foot."""
_FASTEST_LL_S: Final = 16.0
"""12.5 m/s with a leg of 0.78 m; a foot that seems faster was exchanged with the other or not seen."""
_BACKWARD_LL_S: Final = 1.5
"""A stance foot that moves forward is noise; more than this is a mistake in a frame."""
_SLOWEST_LL_S: Final = 0.2
"""0.6 km/h: a foot that moves backward more slowly, or forward, is not the stance foot on a running belt."""
_INLIER_LL: Final = 0.05
MIN_FRAMES: Final = 2
_ANKLE_RISE_DEG: Final = 2.0
"""On a level belt the ankle rises by 1.8 ± 0.8° over that window, as the heel comes up (the same trials)."""

_POINT_SD_LL: Final = 0.022
_POINT_SD_WORTH: Final = 2
"""How far a point lies from where it belongs, in leg lengths, at the noise of a dim 30 fps picture, and how many
points of one foot that disagree outweigh this."""
_STEP_SD_SHARE: Final = 0.02
"""Stances of one runner on one belt differ by so much even where the points are exact."""


@dataclass(frozen=True, slots=True)
class StanceSpeed:
    """One stance, measured.

    speed_ll_s: backward speed of the foot in the image, leg lengths per second, from ankle, heel and toe.
    sd_share: how uncertain that is beside other stances, one sigma as a share: the shorter the way that was seen, the
    fewer the points and the more they differ, the more. ankle_ll_s: the speed of the ankle alone. descent_rad: how far
    the belt's line falls towards the back in the image, which camera roll and incline make. NaN where the ankle was
    not seen.
    """

    t_s: float
    """Middle of the window looked at."""
    side: Side
    speed_ll_s: float
    ankle_ll_s: float
    descent_rad: float
    sd_share: float = 0.06


class FootFrame(NamedTuple):
    """Both feet in one frame: ankle, heel and toe, left then right, x + iy in pixels; NaN where not seen."""

    t_s: float
    feet_px: list[complex]
    leg_px: float

    def foot_px(self, side: Side) -> list[complex]:
        """Ankle, heel and toe of one foot."""
        first = FOOT_POINTS * SIDES.index(side)
        return self.feet_px[first : first + FOOT_POINTS]


def measure(rows: list[FootFrame], side: Side, seen_as: Side, facing: Side) -> StanceSpeed | None:
    """The stance of one foot over these frames, in which it may bear the other's name; None where nothing rides."""
    leg_px = median([row.leg_px for row in rows])
    ankle_px, heel_px, toe_px = zip(*[row.foot_px(seen_as) for row in rows], strict=True)
    back = -leg_px if facing == "right" else leg_px
    along = [_track(rows, [at.real for at in point_px], back) for point_px in (ankle_px, heel_px, toe_px)]
    whole = common_slope(along)
    if whole is None or not whole.per_s >= _SLOWEST_LL_S:
        return None
    ankle = common_slope(along[:1])
    sinking = common_slope([_track(rows, [at.imag for at in ankle_px], leg_px)])
    ankle_ll_s = ankle.per_s if ankle else math.nan
    descent_rad = math.atan2(sinking.per_s, ankle_ll_s) if sinking else math.nan
    return StanceSpeed(
        t_s=sum(row.t_s for row in rows) / len(rows),
        side=side,
        speed_ll_s=whole.per_s / _FOOT_LEAD,
        ankle_ll_s=ankle_ll_s / _ANKLE_LEAD,
        descent_rad=descent_rad + math.radians(_ANKLE_RISE_DEG),
        sd_share=math.hypot(_STEP_SD_SHARE, whole.sd_per_s / whole.per_s),
    )


Track = list[tuple[float, float]]
"""(time, place) of one point wherever it was seen."""


def _track(rows: list[FootFrame], places_px: list[float], unit_px: float) -> Track:
    at_px = zip(rows, places_px, strict=True)
    return [(row.t_s, place_px / unit_px) for row, place_px in at_px if not math.isnan(place_px)]


@dataclass(frozen=True, slots=True)
class Slope:
    """How fast several points travel together, and one sigma of it."""

    per_s: float
    sd_per_s: float


def common_slope(tracks: Sequence[Track]) -> Slope | None:
    """One slope for several tracks, each with an offset of its own; robust against single bad frames.

    Start: the median of the slopes between all pairs of a track that a foot can do, weighted by their time apart
    (Theil 1950, Sen 1968). Then least squares over the points close to it. None where too little is left.
    """
    tracks = [track for track in tracks if len(track) >= MIN_FRAMES]
    start = _pairwise_slope(tracks)
    fits = [fit for track in tracks if (fit := _close_to(track, start)) is not None] if start is not None else []
    weight = sum(spread for spread, _ in fits)
    if not weight > 0:
        return None
    slope = sum(product for _, product in fits) / weight
    # Between the points of one foot: their weighted squares are one point's variance as many times as they are free.
    apart = sum((product - slope * spread) ** 2 / spread for spread, product in fits)
    variance = (_POINT_SD_WORTH * _POINT_SD_LL**2 + apart) / (_POINT_SD_WORTH + len(fits) - 1)
    return Slope(slope, math.sqrt(variance / weight))


def _close_to(track: Track, slope: float) -> tuple[float, float] | None:
    """(sum of squared times, sum of times by places) about their means, of the points that lie close to a slope."""
    offsets = [y - slope * t for t, y in track]
    middle = median(offsets)
    near = [at for at, offset in zip(track, offsets, strict=True) if abs(offset - middle) <= _INLIER_LL]
    if len(near) < MIN_FRAMES:
        return None
    mean_s = sum(t for t, _ in near) / len(near)
    spread = sum((t - mean_s) ** 2 for t, _ in near)
    return (spread, sum((t - mean_s) * y for t, y in near)) if spread > 0 else None


def _pairwise_slope(tracks: Sequence[Track]) -> float | None:
    found: Track = []
    for track in tracks:
        for i, (t_s, y) in enumerate(track):
            for later_s, then in track[i + 1 :]:
                apart_s = later_s - t_s
                if apart_s > 0 and -_BACKWARD_LL_S < (slope := (then - y) / apart_s) < _FASTEST_LL_S:
                    found.append((slope, apart_s))
    found.sort()
    half = 0.5 * sum(weight for _, weight in found)
    for slope, weight in found:
        half -= weight
        if half <= 0:
            return slope
    return found[-1][0] if found else None
