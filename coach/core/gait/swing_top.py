"""A swing's own top: the parabola through what was read near it, and how far the cycle filter's curve may lie from it.

What all swings of a run are misread by alike shows in none of them: how far it may go is told by the mean cycle.

Template and deviation are steadier than a single swing's readings, and slower: where a runner changes, or the
template is young, the curve still leans on strides that were. The swing's own readings have the last word, as far as
their noise lets them: no peak lies farther from their parabola than that is known.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.deviation import SLOW_S, SLOW_SHARE
from coach.core.gait.events import PHASES
from coach.core.units import FloatArray

WINDOW_S: Final = 0.085
"""On both sides of the top: five readings at 30 pictures a second. What a parabola cuts off a swing's top it cuts off
the curve's alike."""
_FEWEST: Final = 4
"""A parabola goes through any three."""
_PRIOR_READINGS: Final = 6.0
"""How many readings' worth the noise that is known of the leg counts, beside how these very ones scatter."""
_KEEP: Final = 0.8
"""Of what was found of the strides before, with each more: five count."""
_SINGLE: Final = 2.0
"""Deviations by which one stride alone may differ before it is believed."""

_FOLD_S: Final = 0.06
"""On both sides of the top: the ankle's speed changes fast there, its mean hardly."""
LONGEST_OPEN_S: Final = 1 / 30
"""A camera's shutter is open for as long as a picture lasts at most, and in a lit room no longer than this. How long it
was open is not known: any time up to that is as likely as another."""
_SMEARED_DEG: Final = 0.11
"""What the fold reads low, for each degree of arc about the knee that the ankle is smeared over: the demo's runner at
2.5 to 5.5 m/s with the shutter open for 1/30, 1/60 and 1/125 s, against 1/250 s (`python -m bench.blur`)."""
_SIDEWAYS: Final = 0.5
"""Of how far ankle or knee is drawn along the shank, what it is off across, which alone bends the knee (drawn clips:
their near bias is 0.2 to 0.5 of it)."""
_CLEAR: Final = 96
"""Of 128 places in the cycle, in the order of the shank's length there: three quarters in it is as long as it is. The
longest are a network's mistakes. On measured runners it reads 0.98 to 1.01 of that in the fold."""
_NEXT: Final = np.arange(1, len(PHASES) + 1) % len(PHASES)
_LAST: Final = np.arange(-1, len(PHASES) - 1)
"""Of each place in the cycle, the one after it and the one before."""


class TopGap(NamedTuple):
    """By how much a swing's readings top its curve, and the one-sigma uncertainty of that, degrees."""

    deg: float
    sd_deg: float


def top_gap(
    t_s: FloatArray, seen_deg: FloatArray, curve_deg: FloatArray, top_s: float, noise_deg2: float
) -> TopGap | None:
    """Compare the parabola through a swing's readings with the one through its curve at the same moments.

    t_s, seen_deg, curve_deg: (n,), NaN where nothing was read. top_s: when the curve is highest. noise_deg2: variance
    of a reading. None where too little was read, or on one side of the top alone.
    """
    near = (np.abs(t_s - top_s) <= WINDOW_S) & np.isfinite(seen_deg + curve_deg)
    since_s = t_s[near] - top_s
    if len(since_s) < _FEWEST or not since_s[0] < 0 < since_s[-1]:
        return None
    powers = since_s[:, None] ** np.arange(3)
    through = np.linalg.pinv(powers)
    own, curve = through @ seen_deg[near], through @ curve_deg[near]
    at_s = _top_s(own)
    rest = seen_deg[near] - powers @ own
    known = (1 - SLOW_SHARE) * noise_deg2
    # A few readings may lie on a parabola by chance.
    white = (_PRIOR_READINGS * known + float(rest @ rest)) / (_PRIOR_READINGS + len(rest) - 3)
    share = at_s ** np.arange(3) @ through
    slow = np.exp(np.abs(since_s[:, None] - since_s) / -SLOW_S) * (SLOW_SHARE * noise_deg2)
    variance = white * float(share @ share) + float(share @ slow @ share)
    return TopGap(_height(own, at_s) - _height(curve, _top_s(curve)), math.sqrt(variance))


class Fold(NamedTuple):
    """How well the fold of the mean stride can be read at all."""

    travel_ll: float
    """How far the ankle travels in it while the shutter may be open."""
    shared_sd_deg: float
    """One-sigma uncertainty that all its strides share."""
    stretch: float
    """How long the shank reads at its longest in it, against the rest of the cycle: a knee that is read where the other
    leg's knee is lies too far ahead, which makes the shank longer and the fold deeper."""
    stretch_sd: float
    """One-sigma uncertainty of that, which is larger while the mean stride is young."""


def fold_of(
    knee_ll: FloatArray,
    ankle_ll: FloatArray,
    top_rad: float,
    rate_rad_s: float,
    picture_s: float,
    shank_sd_ll: float,
) -> Fold:
    """What the mean cycle says of blur in the fold, and of a shank that reads shorter or longer there than it is.

    knee_ll, ankle_ll: (128, 2) from the own hip, at `PHASES`. top_rad: where the knee is bent most. picture_s: from one
    picture to the next. shank_sd_ll: one-sigma uncertainty of how long the shank reads anywhere in the cycle.
    """
    from_top = np.abs((PHASES - top_rad + math.pi) % (2 * math.pi) - math.pi)
    fold = from_top <= _FOLD_S * rate_rad_s
    shank = ankle_ll - knee_ll
    shank_ll = np.hypot(shank[:, 0], shank[:, 1])
    own_ll = float(np.sort(shank_ll)[_CLEAR])
    in_fold = shank_ll[fold]
    mean, stretch = float(in_fold.sum()) / len(in_fold) / own_ll, float(in_fold.max()) / own_ll
    way = (ankle_ll[_NEXT] - ankle_ll[_LAST])[fold]
    speed_ll_s = float((np.hypot(way[:, 0], way[:, 1]) / 2).sum()) / len(way) * len(PHASES) / (2 * math.pi) * rate_rad_s
    travel_ll = speed_ll_s * min(picture_s, LONGEST_OPEN_S)
    # The root mean square of a share that is anything from 0 to 1.
    smeared = _SMEARED_DEG * travel_ll / own_ll / math.sqrt(3)
    sideways = _SIDEWAYS * max(1 - mean, stretch - 1, 0.0)
    return Fold(travel_ll, math.degrees(math.hypot(smeared, sideways)), stretch, shank_sd_ll / own_ll)


class OwnTops:
    """What the readings of one leg's swings say against its curve, stride after stride."""

    def __init__(self) -> None:
        self._gap = self._variance = self._strides = 0.0

    def raise_deg(self, gap: TopGap | None) -> float:
        """By how much a stride's peak must be raised to stand within two deviations of what its own readings say.

        What several strides have in common is known better than one of them. At one deviation the single stride on
        real clips scattered more than before, since a network errs alike through a swing (docs/accuracy-front-end.md).
        """
        if gap is None:
            return 0.0
        self._strides = _KEEP * self._strides + 1
        self._gap = _KEEP * self._gap + gap.deg
        self._variance = _KEEP**2 * self._variance + gap.sd_deg**2
        common = _beyond(self._gap / self._strides, math.sqrt(self._variance) / self._strides)
        return common + _beyond(gap.deg - common, _SINGLE * gap.sd_deg)


def _beyond(apart: float, sd: float) -> float:
    """How much of a difference chance does not explain; what is left of it is never more than `sd`."""
    return apart - sd**2 / apart if abs(apart) > sd else 0.0


def _top_s(parabola: FloatArray) -> float:
    """Where it is highest within the window."""
    _, slope, bend = (float(part) for part in parabola)
    if bend >= 0:
        return math.copysign(WINDOW_S, slope)
    return min(max(-slope / (2 * bend), -WINDOW_S), WINDOW_S)


def _height(parabola: FloatArray, at_s: float) -> float:
    level, slope, bend = parabola.tolist()
    return float(level + (slope + bend * at_s) * at_s)
