"""The pace-adjusted heel-lift band: a floor, a target and a ceiling, each explained.

What the runner has shown (norm, own baseline, programme steps that held) is the reference.
The floor guards it: a little below, by no more than strides scatter. The target lies above it by
what is asked: level, programme step and treadmill correction. docs/coaching.md argues the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from coach.core.coach_settings import CoachSettings, Level, NormSettings
from coach.core.coaching.baseline import (
    FITTED_MPS,
    PARABOLA_MPS,
    Baseline,
    extrapolated,
    high_lift_deg,
    nearest,
    peak_flexion_deg,
    personal_residual_deg,
)
from coach.core.coaching.guards import like_incline
from coach.core.coaching.programme import NEARLY_SHARE, SMALLEST_ASK_DEG
from coach.core.pose import Side
from coach.core.units import FloatArray

LEVEL_DEG: Final[dict[Level, float]] = {"easy": 0.0, "steady": 1.0, "strong": 2.0}
"""How far the level puts the target above what the runner has shown: at most what single strides scatter by (an
engineering choice)."""
ASK_SHARE: Final = 0.6
"""A step is asked for below this share of the way up to the target: of the usual 8° on a treadmill (level 1°, step 4°,
correction 3°) that is 4.8°, the step and a little. It counts as held from there, or from the step itself where that is
less (an engineering choice)."""
PERSONAL_LOSS_PER_MPS: Final = 0.25
"""An own baseline keeps 0.75 of its difference from the norm one m/s away (26 runners, Fukuchi 2017)."""
PERSONAL_SHARE_LEFT: Final = 0.5
"""And from two m/s away on half of it: who lifts high at one pace does so at another."""

_GRID_MPS: Final[FloatArray] = np.linspace(*PARABOLA_MPS, 61)
"""Steps of 0.05 m/s, 0.2 km/h: between them the parabola is straight to 0.002°. An own baseline's speed is added to it,
inside or beyond."""


@dataclass(frozen=True, slots=True)
class TargetPart:
    """One summand of the target: `deg` is added; `why` names the line that says why, `values` (m/s) fill it."""

    name: str
    deg: float
    why: str
    values: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class HeelLiftTarget:
    """Band of peak swing knee flexion for one belt speed; low < target < high."""

    speed_mps: float
    low_deg: float
    target_deg: float
    high_deg: float
    parts: tuple[TargetPart, ...]
    reference_deg: float = math.nan
    """What the runner has shown at this speed: norm, own baseline and the steps that held."""
    ask_deg: float = math.nan
    """Below this line a step is asked for, above it the step surely holds; NaN while nothing is asked."""
    enough_deg: float = math.nan
    """From here on it holds: that line, or the step itself where that is less; NaN while nothing is asked."""
    baseline_se_deg: float = 0.0
    """One-sigma uncertainty of the own baseline's mean; 0 without one, where the band is wide instead."""
    treadmill_deg: float = 0.0
    """What the treadmill's correction asks for; 0 overground."""
    away_deg: float = 0.0
    """By how much floor and ceiling are moved out because the own baseline is of another belt; 0 without one."""

    @property
    def nearly_deg(self) -> float:
        """From here on most of what is asked is lifted; NaN while nothing is."""
        return self.reference_deg + NEARLY_SHARE * (self.enough_deg - self.reference_deg)

    def as_at_home(self, slack_deg: float = 0.0) -> HeelLiftTarget:
        """The band as it would be were the own baseline of this speed, wider by the slack; never wider than it is.

        A stranger's stays as it is.
        """
        moved_deg = max(self.away_deg - slack_deg, 0.0)
        return replace(self, low_deg=self.low_deg + moved_deg, high_deg=self.high_deg - moved_deg, away_deg=0.0)


def heel_lift_target(
    speed_mps: float,
    settings: CoachSettings | None = None,
    baselines: tuple[Baseline, ...] = (),
    *,
    side: Side | None = None,
    held_deg: float = 0.0,
    step_deg: float = 0.0,
    incline_pct: float = math.nan,
) -> HeelLiftTarget:
    """The band at `speed_mps` for one leg (None: the near one), against the given own baselines.

    held_deg: programme steps that hold now; those that a baseline has in it beyond these are taken off it.
    step_deg: the step that is practised now.
    incline_pct: of the belt; NaN: not told, level. Without a baseline of a like incline those of others say where the
    runner is, as unsurely as of a stranger, and nothing is asked.
    Never falls with speed. Raises ValueError for a speed that is not above 0.

    Examples
    --------
    A stranger's band is wide; what goes into the target is told part by part.

    >>> band = heel_lift_target(3.0)
    >>> [round(deg) for deg in (band.low_deg, band.target_deg, band.high_deg)]
    [86, 103, 120]
    >>> [(part.name, round(part.deg, 1)) for part in band.parts if part.deg]
    [('norm', 98.7), ('level', 1.0), ('treadmill correction', 3.0)]

    Without the treadmill correction:

    >>> from coach.core.coach_settings import CoachSettings, SessionSettings
    >>> overground = CoachSettings(session=SessionSettings(mode="overground"))
    >>> round(heel_lift_target(3.0, overground).target_deg)
    100
    """
    if not speed_mps > 0 or math.isinf(speed_mps):
        raise ValueError(f"a belt speed above 0 m/s is needed, not {speed_mps}")
    settings = settings or CoachSettings()
    known = tuple(b for b in baselines if math.isfinite(b.peak_deg(side or b.near_side)))
    here = tuple(b for b in known if like_incline(b.incline_pct, incline_pct))
    own = here or known
    norm = _shown_deg(speed_mps, settings.norms, ())
    shown = _shown_deg(speed_mps, settings.norms, _points(own, side))
    reference = _shown_deg(speed_mps, settings.norms, _points(own, side, held_deg))
    held = reference - shown
    asks = _asks(settings, step_deg if here else 0.0)
    top = max(reference, float(high_lift_deg(speed_mps, settings.norms)))
    target = min(reference + sum(part.deg for part in asks), top)
    closest = nearest(own, speed_mps)
    doubt = personal_residual_deg(abs(closest.speed_mps - speed_mps) if closest and here else math.inf)
    asks_more = step_deg > 0 or settings.target.level == "strong"
    asked = here and asks_more and target - reference >= SMALLEST_ASK_DEG
    ask = reference + ASK_SHARE * (target - reference) if asked else math.nan
    return HeelLiftTarget(
        speed_mps=speed_mps,
        low_deg=reference - settings.target.floor_below_deg - doubt,
        target_deg=target,
        high_deg=target + settings.target.ceiling_above_deg + doubt,
        parts=(
            _norm_part(norm, speed_mps, on_hill=not like_incline(incline_pct, 0.0)),
            _baseline_part(shown - norm, closest, speed_mps, elsewhere=not here),
            TargetPart("held steps", held, "not_held" if held < 0 else "held"),
            *asks,
            TargetPart("ceiling", target - reference - sum(p.deg for p in asks), "ceiling"),
        ),
        reference_deg=reference,
        ask_deg=ask,
        enough_deg=min(ask, reference + step_deg) if step_deg > 0 else ask,
        baseline_se_deg=closest.se_deg if closest else 0.0,
        treadmill_deg=_treadmill_deg(settings),
        away_deg=doubt if own else 0.0,
    )


def _asks(settings: CoachSettings, step_deg: float) -> tuple[TargetPart, ...]:
    level = settings.target.level
    treadmill = settings.session.mode == "treadmill"
    why = "correction_preference" if treadmill else "overground"
    return (
        TargetPart("level", LEVEL_DEG[level], f"level_{level}"),
        TargetPart("programme step", step_deg, "step" if step_deg else "no_step"),
        TargetPart("treadmill correction", _treadmill_deg(settings), why),
    )


def _treadmill_deg(settings: CoachSettings) -> float:
    return settings.treadmill.correction_deg if settings.session.mode == "treadmill" else 0.0


def _norm_part(norm_deg: float, speed_mps: float, *, on_hill: bool) -> TargetPart:
    if not extrapolated(speed_mps):
        return TargetPart("norm", norm_deg, "norm_level" if on_hill else "norm", (("speed", speed_mps),))
    slowest, fastest = FITTED_MPS
    values = (("speed", speed_mps), ("slowest", slowest), ("fastest", fastest))
    return TargetPart("norm", norm_deg, "norm_extrapolated", values)


def _baseline_part(deg: float, closest: Baseline | None, speed_mps: float, *, elsewhere: bool) -> TargetPart:
    if closest is None:
        return TargetPart("baseline", deg, "no_baseline")
    if elsewhere:
        return TargetPart("baseline", deg, "baseline_incline", (("speed", closest.speed_mps),))
    away_mps = abs(closest.speed_mps - speed_mps)
    if away_mps < 0.05:
        why = "baseline" if closest.corrected else "baseline_uncorrected"
        return TargetPart("baseline", deg, why, (("speed", closest.speed_mps),))
    why = "baseline_away" if closest.corrected else "baseline_away_uncorrected"
    return TargetPart("baseline", deg, why, (("speed", closest.speed_mps), ("away", away_mps)))


def _points(
    own: tuple[Baseline, ...], side: Side | None, held_deg: float | None = None
) -> tuple[tuple[float, float], ...]:
    """(speed, flexion) of the own baselines by speed, as they were taken or with the steps that hold now.

    A step that a baseline has in it and that holds no longer comes off again. Of two at one speed the lower one counts.
    """
    since_deg = [0.0 if held_deg is None else held_deg - b.held_deg for b in own]
    peaks_deg = [b.peak_deg(side or b.near_side) for b in own]
    points = [(b.speed_mps, peak + since) for b, peak, since in zip(own, peaks_deg, since_deg, strict=True)]
    return tuple(sorted(dict(sorted(points, reverse=True)).items()))


def _shown_deg(speed_mps: float, norms: NormSettings, points: tuple[tuple[float, float], ...]) -> float:
    return float(np.interp(speed_mps, *_personal_curve(norms, points)))


@lru_cache(maxsize=64)
def _personal_curve(norms: NormSettings, points: tuple[tuple[float, float], ...]) -> tuple[FloatArray, FloatArray]:
    """(speeds, the runner's own flexion at each) from (speed, flexion) points; held beyond, never falls with speed.

    Between two points both speak, the nearer one louder. Where two contradict each other (the slower
    one higher), the lower one counts: in doubt less is asked. At its own speed a point counts wholly: what is
    foretold of a faster one is no less.
    """
    if not points:
        return _GRID_MPS, peak_flexion_deg(_GRID_MPS, norms)
    speeds, flexions = np.array(points).T
    grid = np.union1d(_GRID_MPS, speeds)
    offsets = (flexions - peak_flexion_deg(speeds, norms))[:, np.newaxis]
    away_mps = np.abs(grid - speeds[:, np.newaxis])
    curves = offsets * np.maximum(PERSONAL_SHARE_LEFT, 1 - PERSONAL_LOSS_PER_MPS * away_mps)
    shares = np.array([np.interp(grid, speeds, row) for row in np.eye(len(speeds))])
    foretold = peak_flexion_deg(grid, norms) + (shares * curves).sum(axis=0)
    counted = _never_falling(flexions)
    slower = np.searchsorted(speeds, grid, side="right") - 1
    shown = np.where(slower >= 0, counted[slower], -np.inf)
    return grid, _never_falling(np.maximum(foretold, shown))


def _never_falling(values: FloatArray) -> FloatArray:
    return np.asarray(np.minimum.accumulate(values[::-1])[::-1])
