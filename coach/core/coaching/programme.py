"""The programme: eight sessions over two weeks, one small step at a time, feedback that fades.

Feedback in every block at first, then in fewer: what holds in the blocks without it was learned.
The step after next is asked only once this one holds.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from coach.core.coach_settings import Level, ProgrammeSettings
from coach.core.coaching.guards import Price

STEP_DEG: Final[dict[Level, float]] = {"easy": 3.0, "steady": 4.0, "strong": 5.0}
"""A step of 3–5° above what the runner has shown: two or three times natural scatter, so that it can be felt, and a
third to a half of the spread between runners (an engineering choice, as all of the programme that names no source)."""
SMALLER_STEP_AFTER: Final = 2
REST_AFTER: Final = 3
"""Sessions in a row without an answer to the step: first a smaller one, then a session without; one may be a
bad day."""
ENOUGH_SHARE: Final = 0.5
"""Share of the session's minutes that makes it count."""
HOLDS_SESSIONS: Final = 2
"""Sessions in a row in which a step must hold before the next is asked: once may be a good day."""
LOST_DEG: Final = -2.0
"""A session this far below what held before takes the last step back: it did not stay."""
SMALLEST_ASK_DEG: Final = 1.0
"""Less is not worth words: a window's mean errs by as much."""
FEWEST_UNFED_STRIDES: Final = 60
"""About 45 s of one leg without feedback; with fewer the fed blocks decide."""
FLICKED_THROUGH_DEG: Final = -2.0
"""A session's mean thigh this far behind the own baseline: its lift was flicked, and no step has held. Who folds brings
the thigh forward by 1° with 8° of lift (13 runners), and over hundreds of strides only slow wander is left (an
engineering choice)."""
PAID_SHARE: Final = 0.25
"""A quarter of the strides not counted is worth a word (an engineering choice)."""
NEXT_SESSION_DAYS: Final = 0.4
"""A second run on the same day is free: practice wants a night in between."""
BREAK_DAYS: Final = 14.0
"""As long as the whole programme is meant to take (published: eight sessions within two weeks)."""
FULL_FEEDBACK_PCT: Final = 100.0
"""Every block: what the fading begins with."""


@dataclass(frozen=True, slots=True)
class Practice:
    """What one session of the programme came to; NaN where nothing was measured."""

    day: float
    session: int
    """1 for the first."""
    step_deg: float
    fed_deg: float
    """Mean heel lift above what was shown before, in blocks with feedback."""
    unfed_deg: float
    """The same in blocks without: retention."""
    held: bool
    """Most strides of the deciding blocks, on their mean, above the line that was asked for."""
    lost: bool
    """Clearly below what held before."""
    price: str = ""
    """What the lift of at least a quarter of the deciding strides was bought with, so that it did not count; empty
    where with nothing."""

    def as_json(self) -> dict[str, object]:
        """Plain values; null for what is unknown."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in values.items()}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the runner has come; kept from session to session."""

    sessions_done: int = 0
    held_deg: float = 0.0
    """Sum of the steps that held and were not taken back."""
    failed: int = 0
    """Sessions in a row whose step did not hold."""
    holding: int = 0
    """Sessions in a row in which the present step held."""
    last_day: float = math.nan
    paused: bool = False
    practices: tuple[Practice, ...] = ()
    trouble: bool | None = None
    """What the runner said of hamstring, Achilles, calf or knee: with trouble only observe. None: not asked yet."""
    hurt_day: float = math.nan
    """When the runner last said that something hurts; coaching rests for that day."""
    counted_deg: tuple[float, ...] = ()
    """The size of each of these steps, oldest first; those of profiles from before sizes were kept are not in it."""

    def week(self, sessions: int) -> int:
        """Which of the programme's two weeks the next of its sessions belongs to."""
        return 1 if self.sessions_done < sessions / 2 else 2

    def practises(self, now_day: float) -> bool:
        """Whether drills are named: not with trouble, before the question is answered, nor on a day that hurt."""
        return self.trouble is False and not now_day - self.hurt_day < NEXT_SESSION_DAYS

    @property
    def in_baseline_deg(self) -> float:
        """Steps that calm running may show now: those that hold, and one that has held once and is not counted yet."""
        being_won = self.practices[-1].step_deg if self.holding and self.practices else 0.0
        return self.held_deg + being_won

    def hurt(self, day: float) -> Progress:
        """Something hurt on this day: the last step that held is taken back, and the next session asks for none."""
        return replace(self._taken_back(), failed=REST_AFTER, holding=0, hurt_day=day)

    def answered(self, *, trouble: bool) -> Progress:
        """The question before the first programme was answered; steps that held stay."""
        return replace(self, trouble=trouble)

    def pause(self) -> Progress:
        """Set the programme aside; steps that held stay."""
        return replace(self, paused=True)

    def resume(self) -> Progress:
        """Go on where it was left."""
        return replace(self, paused=False)

    def restart(self) -> Progress:
        """Begin with session 1 again; steps that held stay, and so does what is remembered of past sessions."""
        return replace(self, sessions_done=0, failed=0, holding=0, paused=False, last_day=math.nan)

    def merged(self, other: Progress) -> Progress:
        """Of one person who was kept as two: the progress that has come farther, and trouble that either told of."""
        farther = max((self, other), key=lambda one: (one.sessions_done, len(one.practices), one.held_deg))
        answers = {self.trouble, other.trouble} - {None}
        return replace(
            farther,
            last_day=_later(self.last_day, other.last_day),
            hurt_day=_later(self.hurt_day, other.hurt_day),
            trouble=any(answers) if answers else None,
        )

    def after(self, practice: Practice, session: int) -> Progress:
        """Progress once `practice` is over."""
        holding = self.holding + 1 if practice.held else 0
        won = holding >= HOLDS_SESSIONS
        changed = self._won(practice.step_deg) if won else self._taken_back() if practice.lost else self
        return replace(
            changed,
            sessions_done=session,
            failed=_failed_after(self.failed, practice),
            holding=0 if won else holding,
            last_day=practice.day,
            practices=(*self.practices, practice),
        )

    def _won(self, step_deg: float) -> Progress:
        return replace(self, held_deg=self.held_deg + step_deg, counted_deg=(*self.counted_deg, step_deg))

    def _taken_back(self) -> Progress:
        """Without the last step that was counted; where its size is not known, without the smallest there is."""
        step_deg = self.counted_deg[-1] if self.counted_deg else min(STEP_DEG.values())
        return replace(self, held_deg=max(0.0, self.held_deg - step_deg), counted_deg=self.counted_deg[:-1])

    def as_json(self) -> dict[str, object]:
        """Plain values; null for what is unknown."""
        return {
            "sessions_done": self.sessions_done,
            "held_deg": self.held_deg,
            "counted_deg": list(self.counted_deg),
            "failed": self.failed,
            "holding": self.holding,
            "last_day": None if math.isnan(self.last_day) else self.last_day,
            "paused": self.paused,
            "trouble": self.trouble,
            "hurt_day": None if math.isnan(self.hurt_day) else self.hurt_day,
            "practices": [practice.as_json() for practice in self.practices],
        }


def _later(day: float, other: float) -> float:
    """NaN where neither is known."""
    return max((each for each in (day, other) if not math.isnan(each)), default=math.nan)


def _failed_after(failed: int, practice: Practice) -> int:
    """Sessions in a row without an answer; after a session of rest one more try, with a small step."""
    if practice.held:
        return 0
    return failed + 1 if practice.step_deg > 0 else min(failed, SMALLER_STEP_AFTER)


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """Today's session of the programme."""

    session: int
    of: int
    minutes: float
    feedback_pct: float
    step_deg: float
    """Asked above what was shown; 0 where the step rests."""
    fed_blocks: tuple[bool, ...]
    block_s: float

    def fed(self, practised_s: float) -> bool:
        """Whether feedback is given after so many seconds of practice."""
        return self.fed_blocks[min(int(practised_s // self.block_s), len(self.fed_blocks) - 1)]

    def over(self, practised_s: float) -> bool:
        """Whether today's minutes are through."""
        return practised_s >= 60 * self.minutes


@dataclass(frozen=True, slots=True)
class ProgrammeState:
    """How the programme stands."""

    enabled: bool
    sessions: int
    """Sessions of the whole programme."""
    progress: Progress
    plan: SessionPlan | None
    """The session that a run now would be; None where it would be free."""
    after_a_night: SessionPlan | None
    """The session that a run tomorrow would be, where none is run before."""
    practises: bool
    """Whether drills are named for days without a run."""


def programme_state(progress: Progress, settings: ProgrammeSettings, level: Level, now_day: float) -> ProgrammeState:
    """How the programme stands at a moment."""
    plan, later = (plan_session(progress, settings, level, day) for day in (now_day, now_day + NEXT_SESSION_DAYS))
    practises = settings.enabled and not progress.paused and progress.practises(now_day)
    return ProgrammeState(settings.enabled, len(settings.feedback_pct), progress, plan, later, practises)


def plan_session(progress: Progress, settings: ProgrammeSettings, level: Level, now_day: float) -> SessionPlan | None:
    """Today's plan; None without one: switched off, set aside, finished, practised today already, or with trouble."""
    sessions = len(settings.feedback_pct)
    done = _sessions_done(progress, settings, now_day)
    if not settings.enabled or progress.paused or progress.trouble or done >= sessions:
        return None
    if now_day - progress.last_day < NEXT_SESSION_DAYS:
        return None
    part = done / max(sessions - 1, 1)
    minutes = settings.first_minutes + part * (settings.last_minutes - settings.first_minutes)
    feedback_pct = settings.feedback_pct[done]
    return SessionPlan(
        session=done + 1,
        of=sessions,
        minutes=minutes,
        feedback_pct=feedback_pct,
        step_deg=_step_deg(progress, settings, level),
        fed_blocks=_fed_blocks(60 * minutes, feedback_pct, settings, done),
        block_s=settings.block_s,
    )


def coaches_long_runs(progress: Progress, settings: ProgrammeSettings, now_day: float) -> bool:
    """Whether the runner is far enough to be coached on a long run: by the sessions done, whatever today's is.

    The next would be session `long_from_session` or a later one, or all are done.
    """
    next_session = _sessions_done(progress, settings, now_day) + 1
    return next_session >= min(settings.long_from_session, len(settings.feedback_pct) + 1)


def _step_deg(progress: Progress, settings: ProgrammeSettings, level: Level) -> float:
    """The next step: smaller after two sessions without an answer, none after three or at the goal."""
    if progress.failed >= REST_AFTER:
        return 0.0
    step_deg = min(STEP_DEG.values()) if progress.failed >= SMALLER_STEP_AFTER else STEP_DEG[level]
    step_deg = min(step_deg, settings.goal_deg - progress.held_deg)
    return step_deg if step_deg >= SMALLEST_ASK_DEG else 0.0


def _sessions_done(progress: Progress, settings: ProgrammeSettings, now_day: float) -> int:
    """Sessions that still count: after a long break the fading begins anew, with full feedback."""
    done, sessions = progress.sessions_done, len(settings.feedback_pct)
    if done >= sessions or not now_day - progress.last_day > BREAK_DAYS:
        return done
    full = sum(pct >= FULL_FEEDBACK_PCT for pct in settings.feedback_pct)
    return min(done, max(full - 1, 0))


def _fed_blocks(practice_s: float, feedback_pct: float, settings: ProgrammeSettings, done: int) -> tuple[bool, ...]:
    """Which blocks carry feedback: the share asked for, the same for the same seed and session."""
    blocks = max(1, math.ceil(practice_s / settings.block_s))
    fed = round(blocks * feedback_pct / 100)
    fed = max(fed, 1) if feedback_pct > 0 else 0
    order = np.random.default_rng([settings.seed, done]).permutation(blocks)
    return tuple(bool(block in order[:fed]) for block in range(blocks))


@dataclass(frozen=True, slots=True)
class Drill:
    """Practice for a day without a run: so many sets of so many steps or repetitions."""

    name: str
    """Ends the key of its words."""
    sets: int
    each: int


def drills(week: int) -> tuple[Drill, ...]:
    """The drills of a week, 1 for the first: on two or three days, with a day between.

    What beginners are advised of strength work, 8–12 repetitions on two or three days a week (ACSM 2009), and marches
    and high knees as coaches use them (Whelan 2016); one set more from the second week on (an engineering choice).
    """
    sets = 2 if week <= 1 else 3
    return Drill("march", sets, 20), Drill("wall", sets, 8), Drill("bridge", sets, 10)


@dataclass(slots=True)
class _Sums:
    """Sums over strides."""

    strides: int = 0
    lift_deg: float = 0.0
    margin_deg: float = 0.0
    step_deg: float = 0.0
    thighs: int = 0
    thigh_deg: float = 0.0
    prices: Counter[Price] = field(default_factory=Counter)

    @property
    def price(self) -> str:
        """What was paid most often, where it was for a quarter of the strides."""
        if self.flicked:
            return Price.FLICK
        paid, strides = next(iter(self.prices.most_common(1)), ("", 0))
        return paid if strides >= PAID_SHARE * max(self.strides, 1) else ""

    @property
    def flicked(self) -> bool:
        """Whether the heel was flicked up behind over these strides; False where the thigh was not seen."""
        return self.thighs > 0 and self.thigh_deg / self.thighs < FLICKED_THROUGH_DEG

    def mean(self, total_deg: float) -> float:
        return total_deg / self.strides if self.strides else math.nan


class PracticeLog:
    """How today's practice goes, gathered stride by stride of the near leg."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan
        self._sums = {True: _Sums(), False: _Sums()}

    @property
    def asked(self) -> bool:
        """Whether any stride was asked for a step."""
        return any(sums.step_deg > 0 for sums in self._sums.values())

    def add(
        self,
        *,
        fed: bool,
        lift_deg: float,
        margin_deg: float,
        room_deg: float,
        thigh_deg: float = math.nan,
        price: Price | None = None,
    ) -> None:
        """One stride: its lift above what was shown before, and above the line from which the step counts as held.

        room_deg: how far the target lies above what was shown; near the ceiling that is less than the step.
        margin_deg is NaN where nothing is asked. thigh_deg: thigh at peak flexion against the own baseline; NaN where
        unknown. price: what it was bought with.
        """
        sums = self._sums[fed]
        sums.prices.update([price] if price else [])
        sums.strides += 1
        sums.lift_deg += lift_deg
        if not math.isnan(thigh_deg):
            sums.thighs += 1
            sums.thigh_deg += thigh_deg
        if not math.isnan(margin_deg):
            sums.margin_deg += margin_deg
            sums.step_deg += min(self._plan.step_deg, room_deg)

    def result(self, day: float) -> Practice:
        """What the session came to. Retention decides where it was measured."""
        fed, unfed = self._sums[True], self._sums[False]
        deciding = unfed if unfed.strides >= FEWEST_UNFED_STRIDES else fed
        step_deg = deciding.mean(deciding.step_deg) if deciding.strides else 0.0
        step_deg = step_deg if step_deg >= SMALLEST_ASK_DEG else 0.0
        return Practice(
            day=day,
            session=self._plan.session,
            step_deg=step_deg,
            fed_deg=fed.mean(fed.lift_deg),
            unfed_deg=unfed.mean(unfed.lift_deg),
            held=step_deg > 0 and deciding.margin_deg >= 0 and not deciding.flicked,
            lost=deciding.mean(deciding.lift_deg) < LOST_DEG,
            price=deciding.price,
        )
