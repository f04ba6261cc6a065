"""The programme: eight sessions over two weeks, one small step at a time, feedback that fades.

Feedback in every block at first, then in fewer: what holds in the blocks without it was learned.
The step after next is asked only once this one holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coach.core.coach_settings import Level, ProgrammeSettings

STEP_DEG: Final[dict[Level, float]] = {"easy": 3.0, "steady": 4.0, "strong": 5.0}
"""A step of 3–5° above what the runner has shown: two or three times natural scatter, so that it can be felt, and a
third to a half of the spread between runners (an engineering choice, as all of the programme that names no source)."""
SMALLER_STEP_AFTER: Final = 2
REST_AFTER: Final = 3
"""Sessions in a row without an answer to the step: first a smaller one, then a session without; one may be a
bad day."""
ENOUGH_SHARE: Final = 0.5
"""Share of the session's minutes that makes it count, and of what was practised that must have been measured: of
strides that nobody saw none has held, nor was anything said about them."""
HOLDS_SESSIONS: Final = 2
"""Sessions in a row in which a step must hold before the next is asked: once may be a good day."""
SMALLEST_ASK_DEG: Final = 1.0
"""Less is not worth words: a window's mean errs by as much."""
NEARLY_SHARE: Final = 2 / 3
"""Who lifts so much of what holds is nearly there. At typical noise the invitation falls silent a little below it (an
engineering choice)."""
SHORTEST_NIGHT_DAYS: Final = 0.25
"""Past midnight it is still the same day until six hours after the run (an engineering choice)."""
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
    """The mean of the deciding blocks' strides lies above the line that was asked for, or above the step itself, and
    less than a quarter of them was bought."""
    lost: bool
    """Clearly below what held before."""
    price: str = ""
    """What the lift of at least a quarter of the deciding strides was bought with, so that it did not count; empty
    where with nothing."""

    @property
    def nearly(self) -> bool:
        """Whether most of a step that did not hold was lifted: without feedback, or with it where that is not known."""
        lifted_deg = self.fed_deg if math.isnan(self.unfed_deg) else self.unfed_deg
        return not self.held and not self.price and 0 < NEARLY_SHARE * self.step_deg <= lifted_deg


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a session there was: minutes that were planned, run and measured."""

    day: float
    of_min: float
    run_min: float
    measured_min: float

    @property
    def too_short(self) -> bool:
        """Whether too little of it was run to count."""
        return self.run_min < ENOUGH_SHARE * self.of_min

    @property
    def takes_min(self) -> float:
        """From here on it would have counted: of the minutes run where it was too short, else of those measured."""
        return ENOUGH_SHARE * (self.of_min if self.too_short else self.run_min)

    @property
    def counts(self) -> bool:
        """Whether enough was run, and enough of that was measured."""
        return not self.too_short and self.measured_min >= self.takes_min


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the runner has come; kept from session to session."""

    sessions_done: int = 0
    held_deg: float = 0.0
    """Sum of the steps that held and were not taken back."""
    counted_deg: tuple[float, ...] = ()
    """The size of each of these steps, oldest first; those of profiles from before sizes were kept are not in it."""
    failed: int = 0
    """Sessions in a row whose step did not hold."""
    holding: int = 0
    """Sessions in a row in which the present step held."""
    last_day: float = math.nan
    paused: bool = False
    trouble: bool | None = None
    """What the runner said of hamstring, Achilles, calf or knee: with trouble only observe. None: not asked yet."""
    hurt_day: float = math.nan
    """When the runner last said that something hurts; coaching rests for that day."""
    practices: tuple[Practice, ...] = ()
    uncounted: Extent | None = None
    """The last session, where it was begun and did not count, so that it comes again."""

    def week(self, sessions: int) -> int:
        """Which of the programme's two weeks the next of its sessions belongs to."""
        return 1 if self.sessions_done < sessions / 2 else 2

    def practises(self, now_day: float) -> bool:
        """Whether drills are named: not with trouble, before the question is answered, nor on a day that hurt."""
        return self.trouble is False and not self.rests(now_day)

    def rests(self, now_day: float) -> bool:
        """Whether something hurt on this very day: runs are then only observed."""
        return same_day(self.hurt_day, now_day)

    @property
    def in_baseline_deg(self) -> float:
        """Steps that calm running may show now: those that hold, and one that has held once and is not counted yet."""
        being_won = self.practices[-1].step_deg if self.holding and self.practices else 0.0
        return self.held_deg + being_won

    def hurt(self, day: float) -> Progress:
        """Something hurt on this day: the last step that held is taken back, and the next session asks for none.

        Said again on the same day, it takes nothing more: nothing was asked meanwhile.
        """
        lower = self if self.rests(day) else self._taken_back()
        return replace(lower, failed=REST_AFTER, holding=0, hurt_day=day, uncounted=None)

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
        return replace(self, sessions_done=0, failed=0, holding=0, paused=False, last_day=math.nan, uncounted=None)

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
            uncounted=None,
        )

    def _won(self, step_deg: float) -> Progress:
        return replace(self, held_deg=self.held_deg + step_deg, counted_deg=(*self.counted_deg, step_deg))

    def _taken_back(self) -> Progress:
        """Without the last step that was counted; where its size is not known, without the smallest there is."""
        step_deg = self.counted_deg[-1] if self.counted_deg else min(STEP_DEG.values())
        return replace(self, held_deg=max(0.0, self.held_deg - step_deg), counted_deg=self.counted_deg[:-1])


def same_day(since_day: float, now_day: float) -> bool:
    """Whether no night lies in between, by the clock on the wall; False where either is not known.

    Examples
    --------
    Seven in the morning, and half past six in the evening; ten in the evening, and the next morning at seven.

    >>> same_day(7 / 24, 18.5 / 24), same_day(22 / 24, 31 / 24)
    (True, False)
    """
    apart_days = now_day - since_day
    if math.isnan(apart_days):
        return False
    return apart_days < SHORTEST_NIGHT_DAYS or math.floor(now_day) == math.floor(since_day)


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
    rests: bool
    """Whether something hurt today, so that a run now would only be observed."""
    at_ceiling: bool
    """Whether the step is smaller than it would be, or none, since nobody is asked for more at the runner's pace."""

    @property
    def asks_less(self) -> bool:
        """Whether anything is asked that a day that hurt makes less: a session to come, or a step that has held."""
        return self.after_a_night is not None or (self.progress.held_deg > 0 and not self.progress.trouble)

    @property
    def begins_anew(self) -> bool:
        """Whether the next session was done before: after a long break feedback is full again."""
        coming = self.plan or self.after_a_night
        return coming is not None and coming.session <= self.progress.sessions_done


def programme_state(
    progress: Progress, settings: ProgrammeSettings, level: Level, now_day: float, room_deg: float = math.inf
) -> ProgrammeState:
    """How the programme stands at a moment.

    room_deg: what the ceiling leaves for a step at the runner's pace; no more of it is told, as no more will be asked.
    """
    plans = [plan_session(progress, settings, level, day) for day in (now_day, now_day + 1)]
    plan, later = (each and replace(each, step_deg=_worth_asking(min(each.step_deg, room_deg))) for each in plans)
    practises, rests = settings.enabled and not progress.paused and progress.practises(now_day), progress.rests(now_day)
    at_ceiling = (plan, later) != tuple(plans)
    return ProgrammeState(
        settings.enabled, len(settings.feedback_pct), progress, plan, later, practises, rests, at_ceiling
    )


def plan_session(progress: Progress, settings: ProgrammeSettings, level: Level, now_day: float) -> SessionPlan | None:
    """Today's plan; None where there is none.

    That is: switched off, set aside, finished, practised today already, with trouble, or on a day that hurt.
    """
    sessions = len(settings.feedback_pct)
    done = _sessions_done(progress, settings, now_day)
    if not settings.enabled or progress.paused or progress.trouble or done >= sessions:
        return None
    if same_day(progress.last_day, now_day) or progress.rests(now_day):
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
    return _worth_asking(min(step_deg, settings.goal_deg - progress.held_deg))


def _worth_asking(step_deg: float) -> float:
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
