"""Everything that one session's page shows, worked out before a template sees it."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach.core.coaching.advice import Stage
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.norms import peak_flexion_deg
from coach.core.coaching.stride_record import SHOWN, StrideRecord
from coach.core.columns import Column
from coach.core.session.change import Change, CueEffect, cue_effects, near_valid, over_the_run, speed_bin
from coach.core.session.records import Still
from coach.core.session.session import Session
from coach.core.session.summary import Spread
from coach.review import charts, cycle_charts, sentences
from coach.review.plotly_figure import Chart
from coach.review.relief_panel import FEWEST_BASELINE, SwingRelief, relief_change, swing_relief

_MOSTLY_IN_BAND_PCT: Final = 80.0
_PICTURE_NAMES: Final = {"lowest": "Lowest", "best": "Best"}
_INDEX: Final = "stills.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number at the head of the page."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A still inside the page, so that forgetting the page forgets it too."""

    name: str
    caption: str
    alt: str
    data: str


Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionPage:
    """What the template fills in."""

    title: str
    headline: str
    band: str
    detail: str
    figures: tuple[Figure, ...]
    remember: str | None
    pictures: tuple[Picture, ...]
    charts: dict[str, Chart]
    norm: str
    sides: str
    cues: tuple[str, ...]
    cue_rows: tuple[Row, ...]
    relief: str
    relief_notes: tuple[str, ...]
    step_rows: tuple[Row, ...]
    quality: tuple[str, ...]
    reject_rows: tuple[Row, ...]
    latency_rows: tuple[Row, ...]
    event_rows: tuple[Row, ...]
    correction: str
    setting_rows: tuple[Row, ...]


def session_page(session: Session, baselines: Sequence[Baseline] = (), folder: Path | None = None) -> SessionPage:
    """The page of one session. `folder` is where its stills lie.

    baselines: those of the runner's profile that hold for this camera set-up and are not stale.
    """
    change = over_the_run(session.strides)
    effects = cue_effects(session.strides, session.cues)
    relief, swing = relief_change(session, baselines), swing_relief(session)
    return SessionPage(
        title=_title(session),
        headline=sentences.headline_sentence(session, change),
        band=sentences.band_sentence(session.summary),
        detail=sentences.change_detail(change, session.setting("units")),
        figures=_figures(session),
        remember=sentences.remember_text(session.summary),
        pictures=_pictures(folder),
        charts=_charts(session, effects, own_baselines(session, baselines), swing),
        norm=_norm_sentence(session),
        sides=sentences.sides_sentence(session),
        cues=_cue_sentences(session, effects),
        cue_rows=_cue_rows(session),
        relief=sentences.relief_sentence(relief),
        relief_notes=_relief_notes(relief, swing),
        step_rows=_step_rows(session),
        quality=sentences.quality_sentences(session),
        reject_rows=tuple((str(reason), str(n)) for reason, n in session.summary.strides_rejected),
        latency_rows=tuple(
            (latency.name, sentences.number(latency.p50_ms, " ms"), sentences.number(latency.p95_ms, " ms"))
            for latency in session.summary.quality.latencies
        ),
        event_rows=_event_rows(session),
        correction=sentences.correction_sentence(session),
        setting_rows=tuple((s.key, "not set" if s.value is None else str(s.value)) for s in session.settings),
    )


def own_baselines(session: Session, baselines: Sequence[Baseline]) -> tuple[tuple[float, float], ...]:
    """(speed, near leg's peak) of this run's baseline and of earlier ones from the same side."""
    near = session.view.near_side
    found = [(b.speed_mps, b.peak_deg(near)) for b in baselines if near is not None and b.near_side == near]
    calm = [kept for kept in near_valid(session.strides) if kept.stage is Stage.BASELINE]
    by_speed: dict[int, list[StrideRecord]] = {}
    for kept in calm:
        if (one := speed_bin(kept.speed_mps)) is not None:
            by_speed.setdefault(one, []).append(kept)
    for group in by_speed.values():
        if len(group) >= FEWEST_BASELINE:
            speeds = [kept.speed_mps for kept in group]
            peaks = [kept.peak_knee_flexion_deg for kept in group]
            found.append((sum(speeds) / len(speeds), sum(peaks) / len(peaks)))
    return tuple((speed, peak) for speed, peak in found if not math.isnan(speed + peak))


def _title(session: Session) -> str:
    when = sentences.started_text(session.started_at)
    live = session.source.kind in ("camera", "stream", "demo")
    what = "Run" if live else session.source.name
    return f"{what}, {when}" if when and live else what


def _figures(session: Session) -> tuple[Figure, ...]:
    summary, units = session.summary, session.setting("units")
    near = summary.peak_knee_flexion_near
    target = "" if math.isnan(summary.target_deg) else f"target {summary.target_deg:.0f}°"
    return (
        Figure("Heel lift", sentences.number(near.mean, "°"), target or "peak knee bend"),
        Figure("In your band", sentences.number(summary.in_band_pct, " %")),
        Figure("Cadence", sentences.number(summary.cadence_spm), "steps a minute"),
        Figure("Time", sentences.duration_text(summary.running_s)),
        Figure("Belt speed", sentences.speed_text(summary.speed.mean_mps, units), _speed_note(session)),
        Figure("Distance", sentences.distance_text(summary.speed.distance_m, units)),
    )


def _speed_note(session: Session) -> str:
    names = {
        "treadmill": "from the treadmill",
        "manual": "typed in",
        "plan": "from the plan",
        "recording": "from the recording",
        "video": "read from the picture",
    }
    sources = [names.get(source, source) for source in session.summary.speed.sources]
    inclines = [change.incline_pct for change in session.speeds if not math.isnan(change.incline_pct)]
    return ", ".join([*sources, *([_incline_note(min(inclines), max(inclines))] if inclines else [])])


def _incline_note(least_pct: float, most_pct: float) -> str:
    if most_pct - least_pct < 0.05:
        return f"incline {least_pct:g} %"
    return f"incline {least_pct:g} to {most_pct:g} %"


def _charts(
    session: Session,
    effects: Sequence[CueEffect],
    baselines: Sequence[tuple[float, float]],
    swing: SwingRelief | None,
) -> dict[str, Chart]:
    drawn = (
        charts.lift_over_time(session),
        charts.lift_by_speed(session, baselines),
        cycle_charts.through_the_stride(session),
        charts.cue_outcomes(session, effects),
        None if swing is None else cycle_charts.inertia_over_cycle(swing),
        charts.steps_over_time(session),
    )
    return {chart.key: chart for chart in drawn if chart is not None}


def _norm_sentence(session: Session) -> str:
    summary = session.summary
    speed_mps, peak = summary.speed.mean_mps, summary.peak_knee_flexion_deg.near
    if math.isnan(speed_mps) or math.isnan(peak):
        return ""
    norms = charts.norms_of(session)
    usual = float(peak_flexion_deg(speed_mps, norms))
    apart = abs(peak - usual)
    where = "inside" if apart <= norms.sd_deg else "below" if peak < usual else "above"
    return (
        f"Runners in general bend the knee to about {usual:.0f}° (± {norms.sd_deg:.0f}°) at your mean speed; "
        f"your {peak:.0f}° lies {where} that range. One camera reads some degrees off, so trust your own change more."
    )


def _cue_sentences(session: Session, effects: Sequence[CueEffect]) -> tuple[str, ...]:
    if effects:
        return tuple(sentences.effect_sentence(effect) for effect in effects)
    if session.summary.in_band_pct >= _MOSTLY_IN_BAND_PCT:
        return ("No heel-lift cue was given: silence is the reward.",)
    return ("No heel-lift cue was given.",)


def _cue_rows(session: Session) -> tuple[Row, ...]:
    return tuple(
        (
            sentences.CUE_NAMES[kind],
            str(n),
            str(sum(bool(cue.channels) for cue in session.cues if cue.kind is kind)),
        )
        for kind, n in session.summary.cues
    )


def _relief_notes(relief: Change | None, swing: SwingRelief | None) -> tuple[str, ...]:
    if relief is None or relief.difference is None:
        return ()
    said = [f"Peak knee bend {relief.before_deg:.0f}° at the baseline, {relief.after_deg:.0f}° afterwards."]
    if swing is not None:
        said.append(f"Over the whole swing, from toe-off to contact: {sentences.easier(swing.relief_pct)}.")
    return (
        *said,
        "Worked out from the leg's moment of inertia about the hip with mean segment masses (de Leva 1996).",
        "It is the geometry of a shorter lever, not a measured saving of effort.",
    )


def _step_rows(session: Session) -> tuple[Row, ...]:
    summary = session.summary
    cadence = sentences.number(summary.cadence_spm, " /min", 1)
    measures = (_measure_row(session, column) for column in SHOWN)
    return (("Cadence", cadence, "", f"{summary.strides_valid} strides"), *measures)


def _measure_row(session: Session, column: Column) -> Row:
    """One measure of the strides: mean, spread, and how sure that is."""
    shown, spread = column.note.shown, session.summary.spreads[column.name]
    if shown is None:
        return ()
    values = _spread(spread, shown.scale, shown.unit, shown.digits)
    if not column.note.sd:
        return (shown.label, *values, f"{spread.n} strides")
    errors = [getattr(kept, column.note.sd) for kept in near_valid(session.strides)]
    known = [shown.scale * error for error in errors if not math.isnan(error)]
    sure = f"± {sum(known) / len(known):.{shown.digits}f}{shown.unit} a stride" if known else "–"
    return (shown.label, *values, sure)


def _spread(spread: Spread, scale: float, unit: str, digits: int = 0) -> Row:
    sd = sentences.number(scale * spread.sd, "", digits)
    return sentences.number(scale * spread.mean, unit, digits), "" if sd == "–" else f"± {sd}"


def _event_rows(session: Session) -> tuple[Row, ...]:
    return tuple(
        (sentences.duration_text(event.t_s - session.frames.first_s), f"{event.kind} {event.detail}".strip())
        for event in session.events
    )


def _pictures(folder: Path | None) -> tuple[Picture, ...]:
    if folder is None or not (folder / _INDEX).exists():
        return ()
    rows: list[dict[str, Any]] = json.loads((folder / _INDEX).read_text("utf-8"))
    stills = [Still(**{**row, "target_deg": row["target_deg"] or math.nan}) for row in rows]
    order = sorted(stills, key=lambda still: still.which != "lowest")
    return tuple(_picture(still, folder) for still in order if (folder / still.file).exists())


def _picture(still: Still, folder: Path) -> Picture:
    name = _PICTURE_NAMES.get(still.which, still.which)
    lever = f"the lever {100 * still.min_hip_heel_ll:.0f} % of the leg"
    return Picture(
        name=name,
        caption=f"knee bend {still.peak_deg:.0f}°, {lever}",
        alt=f"{name} heel lift of the run: the {still.side} knee bent to {still.peak_deg:.0f}°, {lever} long.",
        data="data:image/jpeg;base64," + base64.b64encode((folder / still.file).read_bytes()).decode("ascii"),
    )
