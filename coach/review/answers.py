"""The three answers at the head of a page: was it enough, was it better than last time, what comes next.

Each is short; what makes it less sure stands further down the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from coach.core.coach_settings import SpeedSettings
from coach.core.coaching.guards import Price
from coach.core.coaching.programme import ProgrammeState
from coach.core.session.change import Change, Verdict
from coach.core.session.intervals import FEWEST
from coach.core.session.session import Session
from coach.core.session.summary import LiftInBand, Standing
from coach.core.session.two_runs import bought_between, change_between
from coach.core.speed.belt_speed import unknown_line
from coach.core.units import Units
from coach.core.words import UNKNOWN, Words
from coach.review import sentences
from coach.review.dates import day_of, started_day

Mark = Literal["good", "below", "above", "plain"]
"""How an answer is marked, by colour, shape and word."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer: a figure or two words, and what they mean."""

    question: str
    big: str
    says: str
    mark: Mark = "plain"
    more: str = ""
    caveat: str = ""
    """How sure that is; shown below, not here."""


def three_answers(
    session: Session,
    earlier: Iterable[Session],
    programme: ProgrammeState | None,
    words: Words,
    units: Units,
) -> tuple[Answer, Answer, Answer]:
    """Enough? Better than last time? Next?

    earlier: runs before this one, the newest first; read only as far as needed. programme: None where none is known.
    """
    return enough(session, words), better(session, earlier, words, units), following(session, programme, words)


def enough(session: Session, words: Words) -> Answer:
    """The run's heel lift against its band."""
    lift = session.summary.lift
    standing, question = lift.standing, words.line("answer.enough")
    if standing is Standing.UNSEEN:
        return Answer(question, UNKNOWN, _why_unseen(session, words) or words.line("answer.unseen"))
    big = words.number(lift.lift_deg, "°")
    if standing is Standing.TOO_FEW:
        return Answer(question, big, _too_few(lift, words))
    if standing is Standing.NO_BAND:
        return Answer(question, big, words.line("answer.no_band_doubted" if lift.lacks_by_doubt else "answer.no_band"))
    pct = words.number(session.summary.in_band_pct)
    share = words.line(f"page.{sentences.share_in_band(lift)}", pct=pct, n=lift.strides)
    whole = words.number(session.summary.peak_knee_flexion_near.mean, "°")
    if whole != big:
        key = "answer.practised" if lift.practised else "answer.whole_run"
        share += " " + words.line(key, lift=whole)
    # After a run that hurt no mark asks for more.
    mark: Mark = "plain" if sentences.something_hurt(session) else _MARKS[standing]
    return Answer(question, big, against_band(lift, words), mark, share)


def _too_few(lift: LiftInBand, words: Words) -> str:
    if lift.lacks_speed:
        return words.line("answer.too_few_banded", n=lift.strides, of=lift.near, fewest=FEWEST)
    return words.many("answer.too_few", lift.strides, fewest=FEWEST)


def against_band(lift: LiftInBand, words: Words) -> str:
    """`inside your band 90–109°`; only where there is a band."""
    apart = max(round(lift.low_deg) - round(lift.lift_deg), round(lift.lift_deg) - round(lift.high_deg), 0)
    band = f"{words.number(lift.low_deg)}–{words.number(lift.high_deg, '°')}"
    return words.line(f"answer.{lift.standing}", step=f"{apart}°", band=band)


def _why_unseen(session: Session, words: Words) -> str:
    """Why nothing was measured, with what helps; empty where nobody knows."""
    if seen := sentences.mostly_seen(session, words):
        return sentences.as_sentence(seen)
    if why := sentences.left_out_sentence(session, words):
        return sentences.as_sentence(why)
    return ""


def better(session: Session, earlier: Iterable[Session], words: Words, units: Units) -> Answer:
    """The run against the last one that it can be compared with."""
    question = words.line("answer.better")
    first_reason = ""
    for last in earlier:
        when = _when(last, session, words)
        if refusal := _refusal(last, session):
            first_reason = first_reason or words.line(f"answer.{refusal}", when=when)
            continue
        change = change_between(last, session)
        if change.difference is not None:
            return _compared(question, change, last, session, words, units)
        first_reason = first_reason or words.line(f"answer.apart.{change.verdict.name.lower()}", when=when)
    return Answer(question, UNKNOWN, first_reason or words.line("answer.first"))


def following(session: Session, programme: ProgrammeState | None, words: Words) -> Answer:
    """What the runner does next: mend the picture, rest, the next session of the programme, or the same again."""
    question = words.line("answer.next")
    if sentences.something_hurt(session) or (programme is not None and programme.rests):
        return Answer(question, *_rest(programme, words))
    coming = next_session(programme, words)
    if remedy := _remedy(session, words):
        return Answer(question, *remedy, more=": ".join(coming or ()))
    cue = sentences.remember_text(session, words)
    left_open = session.summary.remember is not None and session.summary.remember.at_end
    taken = words.line("answer.take_along_end" if left_open else "answer.take_along", cue=cue) if cue else ""
    if coming is not None:
        return Answer(question, coming[0], coming[1], more=taken)
    if cue:
        return Answer(question, words.line("answer.one_cue"), taken)
    return Answer(question, words.line("answer.again"), words.line("answer.as_today"))


def _remedy(session: Session, words: Words) -> tuple[str, str] | None:
    """What to do before anything else, large and small, where this run could not be judged; None where it could."""
    lift = session.summary.lift
    if lift.lacks_speed:
        return words.line("answer.speed"), _speed_remedy(session, words)
    if lift.standing is Standing.UNSEEN:
        return words.line("answer.measure"), _why_unseen(session, words) or words.line("answer.longer")
    if lift.standing is Standing.TOO_FEW:
        return words.line("answer.measure"), words.line("answer.longer")
    return None


def _speed_remedy(session: Session, words: Words) -> str:
    """What would have told the belt's speed."""
    if session.summary.lift.lacks_by_doubt:
        return words.line("answer.retype")
    trust = session.setting("speed.trust")
    kept = trust.split(", ") if isinstance(trust, str) else SpeedSettings().trust
    return sentences.as_sentence(words.line(unknown_line(kept)))


def next_session(programme: ProgrammeState | None, words: Words) -> tuple[str, str] | None:
    """What the programme asks for next, large and small; None where it is switched off, but for a day that hurt."""
    if programme is not None and programme.rests:
        return _rest(programme, words)
    if programme is None or not programme.enabled:
        return None
    plan = programme.plan or programme.after_a_night
    if plan is not None:
        when = words.line("answer.now" if programme.plan else "answer.tomorrow")
        key = "answer.session_step" if plan.step_deg else "answer.session_even"
        step = words.number(plan.step_deg, "°")
        said = words.line(key, when=when, minutes=words.number(plan.minutes), step=step)
        return words.line("answer.session", session=plan.session, of=plan.of), " ".join(
            (said, *reasons(programme, words))
        )
    if programme.progress.trouble:
        return words.line("answer.observed"), words.line("programme.observed", command="coach programme well")
    if programme.progress.paused:
        free = words.line("programme.free_until", command="coach programme resume")
        return words.line("answer.free"), free
    all_done = words.line("programme.all_done", of=programme.sessions)
    return words.line("answer.free"), f"{all_done} {words.line('answer.keep_it')}"


def reasons(programme: ProgrammeState, words: Words) -> tuple[str, ...]:
    """Why the session to come is what it is, where a runner would wonder: it comes again, or else asks for little.

    After a session that did not count that alone is said: both find no room on a tall window.
    """
    said = [words.line("programme.at_ceiling")] if programme.at_ceiling else []
    if programme.begins_anew:
        return (*said, words.line("programme.anew"))
    if (extent := programme.progress.uncounted) is not None:
        # Rounded so that what was too little never reads as enough.
        key = "too_short" if extent.too_short else "unmeasured"
        had_min = extent.run_min if extent.too_short else extent.measured_min
        of_min = extent.of_min if extent.too_short else extent.run_min
        had, of, takes = math.floor(had_min), math.ceil(of_min), math.ceil(extent.takes_min)
        said = [words.line(f"programme.{key}", had=had, of=of, takes=takes)]
    return tuple(said)


def hurt_text(programme: ProgrammeState | None, words: Words) -> str:
    """That coaching ends for a day that hurt, and that less is asked afterwards, where anything would be."""
    return words.line("answer.hurt" if programme is not None and programme.asks_less else "answer.hurt_free")


def _rest(programme: ProgrammeState | None, words: Words) -> tuple[str, str]:
    return words.line("answer.rest"), hurt_text(programme, words)


def _refusal(last: Session, session: Session) -> str:
    """Why two runs cannot be held against each other; empty where they can."""
    return next((f"other_{what}" for what in last.seen.apart(session.seen)), "")


def _compared(question: str, change: Change, last: Session, session: Session, words: Words, units: Units) -> Answer:
    price = bought_between(last, session) if change.verdict is Verdict.RISEN else None
    key, mark = _judged(change, session.summary.lift, price)
    big = words.signed(change.whole_deg, "°", 0) if change.verdict in _MOVED else _SIGNS.get(change.verdict, UNKNOWN)
    before, after = words.number(change.before_deg, "°"), words.number(change.after_deg, "°")
    what = words.line(f"page.price.{price}") if price else ""
    return Answer(
        question,
        big,
        words.line(f"answer.{key}", before=before, after=after, when=_when(last, session, words), what=what),
        mark,
        caveat=sentences.comparison_detail(change, units, words),
    )


def _judged(change: Change, lift: LiftInBand, price: Price | None) -> tuple[str, Mark]:
    """Which sentence is true of a change, and its mark: better is what leads towards the band or up inside it.

    price: what a rise was bought with; it does not count then.
    """
    if lift.standing is Standing.SCATTERED and change.verdict in _MOVED and not price:
        return "moved_scattered", "plain"
    if change.verdict is Verdict.RISEN:
        if lift.standing is Standing.ABOVE:
            return "risen_above", "above"
        return ("risen_bought", "plain") if price else ("risen", "good")
    if change.verdict is Verdict.FALLEN:
        if change.before_deg > lift.high_deg:
            return "eased", "good"
        return ("fallen_inside", "plain") if lift.standing is Standing.INSIDE else ("fallen", "below")
    unclear = "unclear_place" if change.blurred_by_place else "unclear"
    return ("same" if change.verdict is Verdict.STEADY else unclear), "plain"


def _when(last: Session, session: Session, words: Words) -> str:
    """`on 3 Nov`; `earlier that day`; where no date is known, `last time`."""
    day, today = day_of(last.started_at), day_of(session.started_at)
    if last.started_at is None:
        return words.line("answer.last_time")
    if last.started_at == session.started_at or (day is not None and day == today):
        return words.line("answer.same_day")
    return words.line("answer.on_day", day=started_day(last.started_at, words, today))


_MARKS: Final[dict[Standing, Mark]] = {
    Standing.INSIDE: "good",
    Standing.BELOW: "below",
    Standing.ABOVE: "above",
    Standing.SCATTERED: "plain",
}
_MOVED: Final = (Verdict.RISEN, Verdict.FALLEN)
_SIGNS: Final = {Verdict.STEADY: "=", Verdict.UNCLEAR: "≈"}
