"""The judgement on one leg: is it below, in or above its band, and what would a good coach say now?

Every rule waits for two windows of strides in a row, each beyond the line by more than chance does.
A cue that is answered is praised once; after three without an answer the coach is silent and only shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from coach.core.coach_settings import CueSettings
from coach.core.coaching.cues import CueKind
from coach.core.coaching.evidence import StepMean, StrideWindow, WindowMean
from coach.core.coaching.target import HeelLiftTarget
from coach.core.gait import Stride
from coach.core.pose import Side

SURE: Final = 2.0
"""By how many of its standard errors the difference of window and own baseline must pass a line, twice in a row
(docs/coaching.md has the choice)."""
CLEAR_DEG: Final = 1.0
"""Hysteresis: a cue is answered once the mean is this far back inside the band, 2° under what the runner has shown.

More would leave unpraised who comes back to the own baseline: it lies 3° above the floor, and means scatter by 1°."""
PRAISE_WITHIN_S: Final = 60.0
"""A recovery later than this came by itself."""
FALLEN_CADENCE: Final = 0.95
RISEN_BOUNCE: Final = 1.10
"""More flexion at one speed goes with a slower cadence and more bounce: beyond this it is the wrong way to lift."""
DIFFERENCE_DEG: Final = 9.0
"""Left-right differences up to here are usual (one runner in ten has more)."""
NEW_DIFFERENCE_DEG: Final = 5.0
"""And it must be new: one camera sees the far leg worse, so a difference is certain only against the own baseline."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A cue that has not been answered yet."""

    kind: CueKind
    t_s: float


class LegJudge:
    """Remembers the last strides of one leg and what was already said about them."""

    def __init__(self, side: Side, settings: CueSettings) -> None:
        self.side: Side = side
        self.window = StrideWindow(settings.window_strides)
        self._settings = settings
        self._open: _Open | None = None
        self._unanswered: dict[CueKind, int] = {}
        self._evidence_from_s = -math.inf

    def add(self, stride: Stride) -> None:
        """One more valid stride of this leg."""
        self.window.add(stride)

    def wait(self, until_s: float) -> None:
        """Strides before `until_s` are no evidence, as while the speed changes; an open cue stays open."""
        self._evidence_from_s = max(self._evidence_from_s, until_s)

    def begin(self, t_s: float) -> None:
        """Coaching starts here: strides before do not count, and nothing is open."""
        self._evidence_from_s = t_s
        self._open = None
        self._unanswered.clear()

    def quiet(self, kind: CueKind) -> bool:
        """Whether cues of this kind went unanswered so often that it is only shown from now on."""
        return self._unanswered.get(kind, 0) >= self._settings.unanswered

    def settle(self, target: HeelLiftTarget) -> bool:
        """Close a cue that was answered; whether praise is due now (at most once for each recovery)."""
        opened = self._open
        if opened is None and not self._unanswered:
            return False
        for kind in [kind for kind in self._unanswered if self._back(kind, target)]:
            del self._unanswered[kind]
        recent = self.window.latest(self._since_s())
        if opened is None or recent is None or not _answered(opened.kind, recent.mean_deg, target):
            return False
        self._open = None
        return recent.end_s - opened.t_s <= PRAISE_WITHIN_S

    def _back(self, kind: CueKind, target: HeelLiftTarget) -> bool:
        """Whether the leg has answered. Once the coach is quiet, one window may be chance: two in a row are needed."""
        if self.quiet(kind):
            pair = self.window.pair(self._since_s())
            return pair is not None and all(_answered(kind, mean.mean_deg, target) for mean in pair)
        recent = self.window.latest(self._since_s())
        return recent is not None and _answered(kind, recent.mean_deg, target)

    def wish(self, target: HeelLiftTarget) -> CueKind | None:
        """What ought to be said about this leg, by two windows in a row; None while it may run on."""
        pair = self.window.pair(self._since_s())
        if pair is None:
            return None
        kind = _verdict(pair, target)
        return None if kind is None or self.quiet(kind) else kind

    def said(self, kind: CueKind, t_s: float) -> None:
        """Note that a cue was given; it counts as unanswered until the leg answers."""
        self._open = _Open(kind, t_s)
        self._unanswered[kind] = self._unanswered.get(kind, 0) + 1

    def _since_s(self) -> float:
        """Only strides from here on count: those after the last cue, and in settled running."""
        return max(self._evidence_from_s, self._open.t_s if self._open else -math.inf)


def _verdict(pair: tuple[WindowMean, WindowMean], target: HeelLiftTarget) -> CueKind | None:
    if all(_surely_below(mean, target.low_deg, target) for mean in pair):
        return CueKind.HEEL_LIFT_LOW
    if all(_surely_above(mean, target.high_deg, target) for mean in pair):
        return CueKind.HEEL_LIFT_HIGH
    if all(_surely_below(mean, target.ask_deg, target) for mean in pair):
        return CueKind.PROGRAMME
    return None


def _surely_below(mean: WindowMean, line_deg: float, target: HeelLiftTarget) -> bool:
    """False where the line is NaN: nothing is asked there."""
    return mean.mean_deg + SURE * _doubt_deg(mean, target) < line_deg


def _surely_above(mean: WindowMean, line_deg: float, target: HeelLiftTarget) -> bool:
    return mean.mean_deg - SURE * _doubt_deg(mean, target) > line_deg


def _doubt_deg(mean: WindowMean, target: HeelLiftTarget) -> float:
    """One-sigma error of a window against a line of the band.

    The line hangs on the own baseline. That was minutes ago, so it has a shared error of its own, and since only
    baselines of the same camera set-up count, one of like size.
    """
    baseline_se_deg = target.baseline_se_deg
    baseline_shared_deg = mean.shared_deg if baseline_se_deg > 0 else 0.0
    return math.hypot(mean.se_deg, mean.shared_deg, baseline_se_deg, baseline_shared_deg)


def _answered(kind: CueKind, mean_deg: float, target: HeelLiftTarget) -> bool:
    if kind is CueKind.HEEL_LIFT_LOW:
        return mean_deg >= target.low_deg + CLEAR_DEG
    if kind is CueKind.HEEL_LIFT_HIGH:
        return mean_deg <= target.high_deg - CLEAR_DEG
    return not mean_deg < target.ask_deg


def cadence_fell(recent: StepMean, usual_spm: float) -> bool:
    """Whether cadence is more than 5 % under the runner's own; False where either is unknown."""
    return recent.cadence_spm < FALLEN_CADENCE * usual_spm


def bounce_rose(recent: StepMean, usual_ll: float) -> bool:
    """Whether bounce is surely more than 10 % over the runner's own; False where either is unknown."""
    return recent.bounce_ll - recent.bounce_se_ll > RISEN_BOUNCE * usual_ll


class Balance:
    """Whether one leg has fallen behind the other."""

    def __init__(self, settings: CueSettings) -> None:
        self._settings = settings
        self._named = 0

    def lower(self, left: LegJudge, right: LegJudge, usual_deg: float) -> Side | None:
        """The leg that lifts clearly less than the other and than it used to; None without two windows of both."""
        lefts, rights = left.window.pair(), right.window.pair()
        if lefts is None or rights is None or self._named >= self._settings.unanswered:
            return None
        pairs = list(zip(lefts, rights, strict=True))
        if all(_apart(-1.0, lt, rt, usual_deg) for lt, rt in pairs):
            return "left"
        return "right" if all(_apart(1.0, lt, rt, usual_deg) for lt, rt in pairs) else None

    def said(self) -> None:
        """Note that the difference was named."""
        self._named += 1


def _apart(sign: float, left: WindowMean, right: WindowMean, usual_deg: float) -> bool:
    """Whether `sign` × (left − right) surely exceeds what is usual; False for a NaN usual."""
    doubt = SURE * math.hypot(left.se_deg, right.se_deg, left.shared_deg, right.shared_deg)
    difference = sign * (left.mean_deg - right.mean_deg) - doubt
    return difference > DIFFERENCE_DEG and difference > sign * usual_deg + NEW_DIFFERENCE_DEG
