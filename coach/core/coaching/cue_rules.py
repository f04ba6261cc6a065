"""The judgement on the legs: is one below, in or above its band, and what would a good coach say now?

Every rule waits for two windows of strides in a row, each beyond the line by more than chance does.
A cue that is answered is praised once; after three without an answer the coach is silent and only shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from coach.core.coach_settings import CueSettings
from coach.core.coaching.cues import Cue, CueKind, Wish
from coach.core.coaching.evidence import StrideWindow, WindowMean
from coach.core.coaching.fold import FLICKED_DEG, UNKNOWN_THIGH, FoldMean, UsualThigh, unfolded
from coach.core.coaching.target import HeelLiftTarget
from coach.core.gait import Stride
from coach.core.pose import SIDES, Side, other

SURE: Final = 2.0
"""By how many of its standard errors the difference of window and own baseline must pass a line, twice in a row.
Chosen on virtual runners against 1.5 (docs/coaching.md, "How floor and certainty were chosen")."""
CLEAR_DEG: Final = 1.0
"""Hysteresis: a cue is answered once the mean is this far back inside the band, 2° under what the runner has shown.

More would leave unpraised who comes back to the own baseline: it lies 3° above the floor, and means scatter by 1°."""
PRAISE_WITHIN_S: Final = 60.0
"""A recovery later than this came by itself: two windows and a reaction take about 15 s (an engineering choice)."""
DIFFERENCE_DEG: Final = 9.0
"""Left-right differences up to here are usual: one runner in ten has more (9.2° at 4.5 m/s, Fukuchi 2017)."""
NEW_DIFFERENCE_DEG: Final = 5.0
"""And it must be new: one camera sees the far leg worse, so a difference is certain only against the own baseline (an
engineering choice: four times what the difference of two windows errs by, 1.2°)."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What the strides of one leg are held against: its band, and the runner's own thigh; NaN where it is unknown."""

    target: HeelLiftTarget
    usual_thigh: UsualThigh = UNKNOWN_THIGH


@dataclass(frozen=True, slots=True)
class LegRule:
    """When something is to be said about a leg. Both functions judge one window."""

    kind: CueKind
    due: Callable[[WindowMean, Yardstick], bool]
    """Whether the window surely calls for it; it is wished for once two in a row do."""
    answered: Callable[[WindowMean, Yardstick], bool]
    """Whether the leg has done as it was asked."""


def _folded(mean: WindowMean, by: Yardstick) -> bool:
    return not unfolded(mean.fold, by.usual_thigh)


LEG_RULES: Final = (
    LegRule(
        CueKind.UNDER_YOU,
        due=lambda mean, by: surely_flicked(mean.fold, by.usual_thigh),
        answered=_folded,
    ),
    LegRule(
        CueKind.HEEL_LIFT_LOW,
        due=lambda mean, by: _surely_below(mean, by.target.low_deg, by.target),
        answered=lambda mean, by: mean.mean_deg >= by.target.low_deg + CLEAR_DEG and _folded(mean, by),
    ),
    LegRule(
        CueKind.HEEL_LIFT_HIGH,
        due=lambda mean, by: _surely_above(mean, by.target.high_deg, by.target),
        answered=lambda mean, by: mean.mean_deg <= by.target.high_deg - CLEAR_DEG,
    ),
    LegRule(
        CueKind.PROGRAMME,
        due=lambda mean, by: _surely_below(mean, by.target.ask_deg, by.target) and _folded(mean, by),
        answered=lambda mean, by: not mean.mean_deg < by.target.ask_deg and _folded(mean, by),
    ),
    LegRule(
        CueKind.NEARLY,
        due=lambda mean, by: by.target.nearly_deg <= mean.mean_deg < by.target.enough_deg and _folded(mean, by),
        answered=lambda mean, by: not mean.mean_deg < by.target.enough_deg and _folded(mean, by),
    ),
)
"""The first that is due is wished for."""
_ASKS_MORE: Final = frozenset({CueKind.PROGRAMME, CueKind.NEARLY})  # than was shown: who stays lies well
_RULE_OF: Final = {rule.kind: rule for rule in LEG_RULES}
_ONE_LEG: Final[dict[Side, CueKind]] = {"left": CueKind.SIDE_LEFT, "right": CueKind.SIDE_RIGHT}


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

    def close(self) -> None:
        """What was asked is not waited for any longer, and not praised; until the leg answers it stays unanswered."""
        self._open = None

    def begin(self, t_s: float) -> None:
        """Coaching starts here: strides before do not count, and nothing is open."""
        self._evidence_from_s = t_s
        self._open = None
        self._unanswered.clear()

    @property
    def asked(self) -> bool:
        """Whether a cue is open."""
        return self._open is not None

    @property
    def told(self) -> bool:
        """Whether a cue about this leg has not been answered yet, however often it was said."""
        return bool(self._unanswered)

    def quiet(self, kind: CueKind) -> bool:
        """Whether cues of this kind went unanswered so often that it is only shown from now on."""
        return self._unanswered.get(kind, 0) >= self._settings.unanswered

    def settle(self, by: Yardstick, *, waits: bool = False, strict: bool = False) -> bool:
        """Close a cue that was answered; whether praise is due now (at most once for each recovery).

        strict: what went unanswered at another speed is answered where calm running would be, not by a band that is
        wide for being unsure.
        waits: a leg lies where it is corrected, this one beyond the other line perhaps, so that the answer stays open.
        """
        opened = self._open
        if opened is None and not self._unanswered:
            return False
        home = replace(by, target=by.target.as_at_home(CLEAR_DEG)) if strict else by
        for kind in [kind for kind in self._unanswered if self._back(kind, home)]:
            del self._unanswered[kind]
        recent = self._recent()
        if waits or opened is None or recent is None:
            return False
        if not _done(opened.kind, recent, by):
            return False
        self._open = None
        return recent.end_s - opened.t_s <= PRAISE_WITHIN_S

    def _back(self, kind: CueKind, by: Yardstick) -> bool:
        """Whether the leg has answered. Once the coach is quiet, one window may be chance: two in a row are needed."""
        answered = _RULE_OF[kind].answered
        if self.quiet(kind):
            pair = self.window.pair(self._evidence_from_s)
            return pair is not None and all(answered(mean, by) for mean in pair)
        recent = self._recent()
        return recent is not None and answered(recent, by)

    def wish(self, by: Yardstick) -> CueKind | None:
        """What ought to be said about this leg, by two windows in a row; None while it may run on."""
        pair = self.window.pair(self._evidence_from_s)
        if pair is None:
            return None
        kind = next((rule.kind for rule in LEG_RULES if all(rule.due(mean, by) for mean in pair)), None)
        return None if kind is None or self.quiet(kind) else kind

    def leans(self, kind: CueKind, by: Yardstick) -> bool:
        """Whether the newest window alone calls for it, sure or not, once the other leg's two surely do."""
        recent = self._recent()
        return recent is not None and _RULE_OF[kind].due(*_as_read(recent, by)) and not self.quiet(kind)

    def short(self, by: Yardstick) -> bool:
        """Whether the leg seems to lie where it is corrected or was asked to leave, or that is not known yet."""
        recent = self._recent()
        if recent is None:
            return self._open is not None
        invited = self._open is not None and self._open.kind in _ASKS_MORE
        if invited and not _done(CueKind.NEARLY, recent, by):
            return True
        return any(rule.due(*_as_read(recent, by)) for rule in LEG_RULES if rule.kind not in _ASKS_MORE)

    def said(self, kind: CueKind, t_s: float) -> None:
        """Note that a cue was given; it counts as unanswered until the leg answers, by strides after it."""
        self._open = _Open(kind, t_s)
        self._unanswered[kind] = self._unanswered.get(kind, 0) + 1
        self.wait(t_s)

    def _recent(self) -> WindowMean | None:
        """The newest window that is evidence."""
        return self.window.latest(self._evidence_from_s)


def _done(kind: CueKind, mean: WindowMean, by: Yardstick) -> bool:
    """Whether the leg does what it was told, be the line higher from which an invited step surely holds."""
    return _RULE_OF[CueKind.NEARLY if kind in _ASKS_MORE else kind].answered(mean, by)


def _as_read(mean: WindowMean, by: Yardstick) -> tuple[WindowMean, Yardstick]:
    """Both without their doubt: which side of a line the leg seems to lie on."""
    fold, thigh = replace(mean.fold, se_deg=0.0, shared_deg=0.0), by.usual_thigh._replace(se_deg=0.0)
    target = replace(by.target, baseline_se_deg=0.0)
    return replace(mean, se_deg=0.0, shared_deg=0.0, fold=fold), Yardstick(target, thigh)


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


def surely_flicked(fold: FoldMean, usual: UsualThigh) -> bool:
    """Whether the thigh has surely fallen behind the own baseline; False where either is unknown."""
    doubt_deg = math.hypot(fold.se_deg, fold.shared_deg, usual.se_deg, fold.shared_deg)
    return fold.mean_deg - usual.deg + SURE * doubt_deg < FLICKED_DEG


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


class CoachedLegs:
    """Both legs: which of them is coached, and what there is to say about them."""

    def __init__(self, settings: CueSettings) -> None:
        self._judges = {side: LegJudge(side, settings) for side in SIDES}
        self._balance = Balance(settings)
        self.near: Side | None = None
        """The leg the camera sees better; held once it is known."""
        self.wanted: Side | None = None
        """The leg the runner wants to be coached."""
        self.last_stride_s = -math.inf
        """When the last valid stride of either ended."""
        self.left_open = False
        """Whether a speed, or coaching, was left without the answer to a cue, and none has been answered since."""
        self._alone = dict.fromkeys(SIDES, False)
        """Whether the last cue about each leg's lift was about it alone."""

    def __getitem__(self, side: Side) -> LegJudge:
        return self._judges[side]

    def look(self, near: Side | None) -> None:
        """Which leg the camera sees better now."""
        self.near = near or self.near

    def add(self, stride: Stride) -> None:
        """One more valid stride of either leg."""
        self._judges[stride.side].add(stride)
        self.last_stride_s = stride.end_s

    def wait(self, until_s: float, *, afresh: bool) -> None:
        """What was run before `until_s` is no evidence; afresh: nor is it shown any longer."""
        for leg in self._judges.values():
            leg.wait(until_s)
            if afresh:
                leg.window.clear()

    def begin(self, t_s: float, *, left_open: bool = False) -> None:
        """Coaching starts here, or ends; left_open: with a cue that has no answer yet."""
        self.left_open = left_open
        for leg in self._judges.values():
            leg.begin(t_s)

    def coached(self, *, far_fit: bool) -> tuple[Side, ...]:
        """The leg to show first: the near one, unless a cue about the far one alone has no answer yet.

        The far one only where it is fit: trusted, and with a baseline of its own.
        """
        if self.near is None:
            return ()
        far = other(self.near)
        if self.wanted is not None:
            return (self.wanted if self.wanted == self.near or far_fit else self.near,)
        if not far_fit:
            return (self.near,)
        only_far = self._alone[far] and self._judges[far].told and not self._judges[self.near].told
        return (far, self.near) if only_far else (self.near, far)

    @property
    def told(self) -> bool:
        """Whether a cue about either leg has not been answered yet."""
        return any(leg.told for leg in self._judges.values())

    def close(self) -> None:
        """The speed is another one: what was asked of either leg is not waited for any longer, and not praised."""
        self.left_open = self.left_open or any(leg.asked for leg in self._judges.values())
        for leg in self._judges.values():
            leg.close()

    def wishes(self, held_against: dict[Side, Yardstick], usual_difference_deg: float) -> list[Wish]:
        """What is to be said about these legs, were there no holds and no spacing; of both, about their difference."""
        wishes = self._praise(held_against) + self._verdicts(held_against)
        if len(held_against) == len(SIDES):
            lower = self._balance.lower(self._judges["left"], self._judges["right"], usual_difference_deg)
            # What a leg was told is not said again as a difference, nor the other leg asked to follow.
            wishes += [Wish(_ONE_LEG[lower], lower)] if lower and not self.told else []
        return wishes

    def _praise(self, held_against: dict[Side, Yardstick]) -> list[Wish]:
        """One for each recovery, and only while neither leg lies where it would be told something else."""
        waits = any(self._judges[side].short(by) for side, by in held_against.items())
        strict = self.left_open
        settled = [
            side for side, by in held_against.items() if self._judges[side].settle(by, waits=waits, strict=strict)
        ]
        if not settled:
            return []
        self.left_open = False
        for side in held_against:
            self._judges[side].close()
        return [Wish(CueKind.RECOVERED, settled[0])]

    def _verdicts(self, held_against: dict[Side, Yardstick]) -> list[Wish]:
        """Each kind once, about every leg that calls for it; it names the leg where that is the far one alone."""
        wished = {side: kind for side, by in held_against.items() if (kind := self._judges[side].wish(by))}
        wishes = []
        for kind in dict.fromkeys(wished.values()):
            meant = [
                side
                for side, by in held_against.items()
                if wished.get(side) is kind or self._judges[side].leans(kind, by)
            ]
            both = len(meant) == len(SIDES)
            side = self.near if both and self.near else meant[0]
            named = len(held_against) == len(SIDES) and not both and side != self.near
            wishes.append(Wish(kind, side, words=kind.traits.words_for(side) if named else "", both=both))
        return wishes

    def note(self, cue: Cue) -> None:
        """Remember what was said, for each leg that was meant."""
        if cue.kind in _ONE_LEG.values():
            self._balance.said()
        elif cue.side is not None and cue.kind in _RULE_OF:
            for side in SIDES if cue.both else (cue.side,):
                self._alone[side] = not cue.both
                self._judges[side].said(cue.kind, cue.t_s)
