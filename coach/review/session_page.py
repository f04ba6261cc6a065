"""Everything that one session's page shows, worked out before a template sees it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach.core.coaching.advice import Stage
from coach.core.coaching.baseline import FITTED_MPS, Baseline, extrapolated
from coach.core.coaching.guards import like_incline
from coach.core.coaching.programme import ProgrammeState
from coach.core.coaching.stride_record import SHOWN
from coach.core.columns import Column, Shown
from coach.core.notices import NoticeKind, happened
from coach.core.pose import SIDES
from coach.core.session.change import Change, near_valid, over_the_run
from coach.core.session.cue_effects import CueEffect, cue_effects
from coach.core.session.like_speed import above_usual_deg, by_speed, on_incline, on_main_incline, with_speed
from coach.core.session.session import Session
from coach.core.session.summary import Spread, in_band_pct, spread
from coach.core.units import Units
from coach.core.words import UNKNOWN, Words
from coach.review import charts, cycle_charts, sentences
from coach.review.answers import Answer, three_answers
from coach.review.cycle_charts import FEWEST_BASELINE, SwingRelief, relief_change, swing_relief
from coach.review.dates import started_text
from coach.review.figures import Figure, figures_of
from coach.review.plotly_figure import Chart
from coach.review.stride_pictures import Picture, pictures_in, softer_note

_MOSTLY_IN_BAND_PCT: Final = 80.0
_FEWEST_COACHED: Final = 60
"""Strides of the near leg, about 45 s: a cue takes two windows and comes within 25 s (an engineering choice)."""
_LEVEL_SHARE: Final = 0.9
"""A tenth on a hill moves a mean little (an engineering choice)."""


Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionPage:
    """What the template fills in."""

    title: str
    answers: tuple[Answer, ...]
    note: str
    """What somebody wrote about the run; empty where nobody did."""
    figures: tuple[Figure, ...]
    headline: str
    caveats: tuple[str, ...]
    pictures: tuple[Picture, ...]
    picture_note: str
    charts: dict[str, Chart]
    norm: str
    sides: str
    cues: tuple[str, ...]
    cue_rows: tuple[Row, ...]
    relief: str
    relief_notes: tuple[str, ...]
    step_head: Row
    step_rows: tuple[Row, ...]
    step_note: str
    unmeasured: str
    quality: tuple[str, ...]
    reject_rows: tuple[Row, ...]
    latency_rows: tuple[Row, ...]
    event_rows: tuple[Row, ...]


def session_page(
    session: Session,
    words: Words,
    units: Units,
    baselines: Sequence[Baseline] = (),
    folder: Path | None = None,
    *,
    earlier: Iterable[Session] = (),
    programme: ProgrammeState | None = None,
) -> SessionPage:
    """The page of one session. `folder` is where its stills lie.

    baselines: those of the runner's profile that hold for this camera set-up and are not stale. earlier: the runs
    before this one, newest first. programme: how it stands now. units: what is read now, whatever it was in the run.
    """
    answers = three_answers(session, earlier, programme, words, units)
    change = over_the_run(session.strides)
    effects = cue_effects(session.strides, session.cues)
    pictures = pictures_in(folder, words)
    relief, swing = relief_change(session, baselines), swing_relief(session)
    step_rows = _step_rows(session, words)
    return SessionPage(
        title=_title(session, words),
        answers=answers,
        note=session.note,
        figures=figures_of(session, words, units),
        headline=sentences.headline_sentence(session, change, words),
        caveats=_caveats(session, change, answers, words, units),
        pictures=pictures,
        picture_note=softer_note(pictures, words),
        charts=_charts(session, effects, own_baselines(session, baselines), swing, words, units),
        norm=_norm_sentence(session, words, units),
        sides=sentences.sides_sentence(session, words),
        cues=_cue_sentences(session, effects, words),
        cue_rows=_cue_rows(session, words),
        relief=sentences.relief_sentence(relief, words),
        relief_notes=_relief_notes(relief, swing, words),
        step_head=tuple(words.line(f"page.{name}") for name in _STEP_HEAD),
        step_rows=step_rows,
        step_note=_step_note(session, words) if len(step_rows) > 1 else "",
        unmeasured=_unmeasured_note(session, words),
        quality=sentences.quality_sentences(session, words),
        reject_rows=tuple(
            (words.line(f"reject.{reason.name.lower()}"), str(n)) for reason, n in session.summary.strides_rejected
        ),
        latency_rows=tuple(
            (
                words.name(f"latency.{latency.name.replace(' ', '_')}", latency.name),
                words.number(latency.p50_ms, " ms"),
                words.number(latency.p95_ms, " ms"),
            )
            for latency in session.summary.quality.latencies
        ),
        event_rows=_event_rows(session, words, units),
    )


def own_baselines(session: Session, baselines: Sequence[Baseline]) -> tuple[tuple[float, float], ...]:
    """(speed, near leg's peak) of this run's baseline and earlier ones, of its side and main incline."""
    near = session.view.near_side
    incline_pct = session.summary.incline_pct
    alike = [b for b in baselines if b.near_side == near and like_incline(b.incline_pct, incline_pct)]
    found = [(b.speed_mps, b.peak_deg(b.near_side)) for b in alike]
    calm = [kept for kept in on_main_incline(near_valid(session.strides)) if kept.stage is Stage.BASELINE]
    for group in by_speed(calm, FEWEST_BASELINE):
        speeds = [kept.speed_mps for kept in group]
        peaks = [kept.peak_knee_flexion_deg for kept in group]
        found.append((sum(speeds) / len(speeds), sum(peaks) / len(peaks)))
    return tuple((speed, peak) for speed, peak in found if not math.isnan(speed + peak))


def _title(session: Session, words: Words) -> str:
    """What it is and when it was, with the time."""
    name = sentences.run_name(session.source.kind, session.source.name, words)
    return ", ".join(filter(None, (name, started_text(session.started_at, words))))


def _caveats(
    session: Session, change: Change, answers: Sequence[Answer], words: Words, units: Units
) -> tuple[str, ...]:
    """How sure the answers and the change over the run are."""
    detail = sentences.change_detail(change, units, words)
    compared = [f"{answer.question} {answer.caveat}" for answer in answers if answer.caveat]
    return tuple(filter(None, (detail, *compared, sentences.correction_sentence(session, words))))


def _charts(
    session: Session,
    effects: Sequence[CueEffect],
    baselines: Sequence[tuple[float, float]],
    swing: SwingRelief | None,
    words: Words,
    units: Units,
) -> dict[str, Chart]:
    drawn = (
        charts.lift_over_time(session, words, units),
        charts.lift_by_speed(session, words, units, baselines),
        cycle_charts.through_the_stride(session, words),
        charts.cue_outcomes(session, effects, words),
        None if swing is None else cycle_charts.inertia_over_cycle(swing, words),
        charts.lever_and_thigh(session, words),
        charts.steps_over_time(session, words),
    )
    return {chart.key: chart for chart in drawn if chart is not None}


def _on_the_level(session: Session) -> bool:
    """Whether nearly all of it was, as where runners in general were measured."""
    near = near_valid(session.strides)
    return len(on_incline(near, 0.0)) >= _LEVEL_SHARE * len(near)


def _norm_sentence(session: Session, words: Words, units: Units) -> str:
    """Which side of runners in general the lift lies on; where nobody was measured at its speed, that alone."""
    told, speed_mps = with_speed(near_valid(session.strides)), session.summary.speed.mean_mps
    if not told or math.isnan(speed_mps):
        return ""
    if not _on_the_level(session):
        return words.line("page.norm.hill")
    # To the centimetre a second: a mean of 2.5 m/s is 2.4999…, and a session that was written and read is rounded.
    if extrapolated(round(speed_mps, 2)):
        low, high = (words.speed(end_mps, units) for end_mps in FITTED_MPS)
        return words.line("page.norm.unmeasured", low=low, high=high)
    norms = charts.norms_of(session)
    peak, above = spread([kept.peak_knee_flexion_deg for kept in told]).mean, above_usual_deg(told, norms)
    where = "inside" if abs(above) <= norms.sd_deg else "below" if above < 0 else "above"
    return words.line(
        f"page.norm.{where}",
        usual=words.number(peak - above, "°"),
        sd=words.number(norms.sd_deg, "°"),
        peak=words.number(peak, "°"),
    )


def _cue_sentences(session: Session, effects: Sequence[CueEffect], words: Words) -> tuple[str, ...]:
    """What each cue did; silence is praise only for one who would have heard a cue."""
    if effects:
        return tuple(sentences.effect_sentence(effect, words) for effect in effects)
    return (words.line("page.no_cue_praised" if _silence_was_earned(session) else "page.no_cue"),)


def _silence_was_earned(session: Session) -> bool:
    """Whether the coach listened long enough, said nothing of the lift and had no need to; not of a run that hurt."""
    coached = [
        kept for kept in near_valid(session.strides) if kept.stage is Stage.COACHING and kept.in_band is not None
    ]
    hurt = any(event.kind == NoticeKind.HURTS for event in session.events)
    if hurt or len(coached) < _FEWEST_COACHED or any(cue.kind.traits.about_lift for cue in session.cues):
        return False
    return in_band_pct(coached) >= _MOSTLY_IN_BAND_PCT


def _cue_rows(session: Session, words: Words) -> tuple[Row, ...]:
    return tuple(
        (
            words.line(f"cue.{kind}"),
            str(n),
            str(sum(bool(cue.channels) for cue in session.cues if cue.kind is kind)),
        )
        for kind, n in session.summary.cues
    )


def _relief_notes(relief: Change | None, swing: SwingRelief | None, words: Words) -> tuple[str, ...]:
    if relief is None or relief.difference is None:
        return ()
    said = [
        words.line(
            "page.relief.peaks",
            before=words.number(relief.before_deg, "°"),
            after=words.number(relief.after_deg, "°"),
        )
    ]
    if swing is not None:
        said.append(words.line("page.relief.swing", easier=sentences.easier(swing.relief_pct, words)))
    return (*said, words.line("page.relief.method"), words.line("page.relief.caveat"))


def _step_rows(session: Session, words: Words) -> tuple[Row, ...]:
    summary = session.summary
    cadence = words.number(summary.cadence_spm, " /min", 1)
    measures = (_measure_row(session, column, words) for column in SHOWN if summary.spreads[column.name].n)
    sure = words.many("page.strides", summary.strides_valid)
    return ((words.line("figure.cadence"), cadence, "", sure, "", ""), *measures)


_STEP_HEAD: Final = ("measure", "mean", "spread", "how_sure", "usual", "left_right")


def _unmeasured_note(session: Session, words: Words) -> str:
    """Which measures no stride tells, in one line that says why; empty where every one is told, or none at all."""
    summary = session.summary
    if not summary.strides_valid:
        return ""
    names = {
        column.name: words.name(f"stride.{column.name}", column.note.shown.label)
        for column in SHOWN
        if column.note.shown is not None and not summary.spreads[column.name].n
    }
    in_cm = None if session.setting("runner.height_cm") else names.pop("vertical_oscillation_cm", None)
    unseen = words.line("page.not_seen", names=", ".join(names.values())) if names else ""
    unknown = words.line("page.needs_height", name=in_cm, option="--height") if in_cm else ""
    return f"{unseen} {unknown}".strip()


def _step_note(session: Session, words: Words) -> str:
    """Who measured runners in general, or that it was no hill; empty where nothing is said of them."""
    if not _on_the_level(session):
        return words.line("page.usual_hill")
    speed_mps = session.summary.speed.mean_mps
    norms = [norm for column in SHOWN if (norm := column.note.norm) is not None]
    sources = dict.fromkeys(norm.source for norm in norms if not math.isnan(norm.at(speed_mps)[0]))
    return words.line("page.usual_note", sources="; ".join(sources)) if sources else ""


def _usual(session: Session, column: Column, shown: Shown, words: Words) -> str:
    """What runners in general do at the run's mean speed, on the level; empty where that is not known."""
    norm = column.note.norm if _on_the_level(session) else None
    mean, sd = norm.at(session.summary.speed.mean_mps) if norm else (math.nan, math.nan)
    if math.isnan(mean):
        return ""
    unit = words.name(shown.unit, shown.unit)
    spread = words.number(shown.scale * sd, unit, shown.digits)
    return f"{words.number(shown.scale * mean, '', shown.digits)} ± {spread}"


def _left_right(session: Session, column: Column, shown: Shown, words: Words) -> str:
    """Left and right beside each other, where both legs tell it; else empty."""
    left, right = (
        spread([getattr(kept, column.name) for kept in session.strides if kept.valid and kept.side == side])
        for side in SIDES
    )
    if not column.note.each_leg or min(left.n, right.n) < sentences.FEWEST_PER_LEG:
        return ""
    unit = words.name(shown.unit, shown.unit)
    return (
        f"{words.number(shown.scale * left.mean, '', shown.digits)} · "
        f"{words.number(shown.scale * right.mean, unit, shown.digits)}"
    )


def _measure_row(session: Session, column: Column, words: Words) -> Row:
    """One measure of the strides: mean, spread, how sure that is, runners in general, left and right."""
    shown, over_run = column.note.shown, session.summary.spreads[column.name]
    if shown is None:
        return ()
    beside = (_usual(session, column, shown, words), _left_right(session, column, shown, words))
    name, unit = words.name(f"stride.{column.name}", shown.label), words.name(shown.unit, shown.unit)
    values = _spread(words, over_run, shown.scale, unit, shown.digits)
    if not column.note.sd:
        return (name, *values, words.many("page.strides", over_run.n), *beside)
    errors = [getattr(kept, column.note.sd) for kept in near_valid(session.strides)]
    known = [shown.scale * error for error in errors if not math.isnan(error)]
    if not known:
        return (name, *values, UNKNOWN, *beside)
    sure = words.line("page.sure", value=words.spread(sum(known) / len(known), unit, shown.digits))
    if 2 * over_run.n < session.summary.strides_valid_near:
        sure += ", " + words.many("page.strides", over_run.n)
    return (name, *values, sure, *beside)


def _spread(words: Words, spread: Spread, scale: float, unit: str, digits: int = 0) -> Row:
    sd = words.spread(scale * spread.sd, "", digits)
    return words.number(scale * spread.mean, unit, digits), "" if sd == UNKNOWN else f"± {sd}"


def _event_rows(session: Session, words: Words, units: Units) -> tuple[Row, ...]:
    """When and what."""
    return tuple(
        (
            sentences.duration_text(event.t_s - session.frames.first_s),
            happened(event.kind, event.detail, event.noted, words, units),
        )
        for event in session.events
    )
