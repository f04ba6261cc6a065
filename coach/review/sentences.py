"""The page in plain words: every sentence follows from figures, and says when they cannot carry one.

Warm, short, never scolding; no medical claim. What is decided here is which sentence is true; how it is said stands
in the words of the runner's language.
"""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import Final

from coach.core.coaching.guards import Price
from coach.core.gait.scene import ODD_TIME, Finding
from coach.core.gait.stride import RejectReason
from coach.core.gait.time_scale import scale_option
from coach.core.notices import NoticeKind
from coach.core.session.change import Change, Verdict, bought_with, near_valid, thirds
from coach.core.session.cue_effects import FEWEST_CUES, STRIDES, CueEffect
from coach.core.session.cycles import relief_pct
from coach.core.session.intervals import FEWEST, Interval
from coach.core.session.near_leg import of_other_near_leg
from coach.core.session.session import Session
from coach.core.session.summary import LiftInBand
from coach.core.units import METRES_PER_KM, METRES_PER_MILE, Units, format_pace, kmh, mph
from coach.core.words import UNKNOWN, Words
from coach.review.given_names import isolated
from coach.review.inclines import incline_text

LARGE_SIDE_DIFFERENCE_DEG: Final = 9.0
"""Nine of ten runners differ by less from leg to leg."""
_MANY_LEFT_OUT: Final = 0.25
_AS_USUAL: Final = frozenset({RejectReason.FAR_LEG, RejectReason.PAUSED})
"""Left out in good runs, too: there is nothing to mend."""
_DIM_FPS: Final = 12.0
"""New pictures a second; a camera with fewer has mostly its shutter open for long, for want of light."""
_OF_FEW_PICTURES: Final = frozenset({Finding.FEW_PICTURES, Finding.NO_RHYTHM})
_LEFT_OUT_OF_FEW: Final = frozenset({RejectReason.TOO_FEW_FRAMES, RejectReason.TOO_FAST})
FEWEST_PER_LEG: Final = 30


def clip_name(source_kind: str, source_name: str) -> str | None:
    """The name of a clip; None for what is no file."""
    return PurePath(source_name).stem if source_kind in ("video", "poses") else None


def run_name(source_kind: str, source_name: str, words: Words) -> str:
    """What a run is called: a clip by its name, the demo as such, every other simply a run."""
    if (name := clip_name(source_kind, source_name)) is not None:
        return isolated(name)
    return words.line("page.demo" if source_kind == "demo" else "page.run")


def as_sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}".removesuffix(".") + "."


def duration_text(duration_s: float) -> str:
    """`42 s`, `12 min 5 s`, `1 h 2 min`, with signs that every language shares; `–` where it is not known."""
    if math.isnan(duration_s):
        return UNKNOWN
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def distance_text(distance_m: float, units: Units, words: Words) -> str:
    """Kilometres or miles; `–` where it is not known."""
    if units == "imperial":
        return words.number(distance_m / METRES_PER_MILE, " mi", 2)
    return words.number(distance_m / 1000, " km", 2)


def interval_text(interval: Interval, unit: str, words: Words) -> str:
    """`+1.2° to +5.0°`"""
    return words.line("page.interval", low=words.signed(interval.low, unit), high=words.signed(interval.high, unit))


def change_sentence(change: Change, words: Words) -> str:
    """What changed over the run, in one sentence."""
    before, after = words.number(change.before_deg, "°"), words.number(change.after_deg, "°")
    difference = change.difference
    if difference is None:
        return words.line(f"page.change.{change.verdict.name.lower()}", fewest=FEWEST)
    step = words.number(abs(change.whole_deg), "°")
    said = words.line(f"page.change.{_said_verdict(change)}", step=step, before=before, after=after)
    if change.strayed:
        said += " " + words.line("page.change.middle", deg=words.number(change.middle_deg, "°"))
    return said


def bought_sentence(price: Price | None, words: Words) -> str:
    """What a rise was bought with; empty where with nothing."""
    return words.line("page.bought", what=words.line(f"page.price.{price}")) if price else ""


def _said_verdict(change: Change) -> str:
    """The verdict's name in the words; whatever is not sure is unclear, and only what was seen throughout is held."""
    if change.verdict is Verdict.STEADY:
        return "steady" if change.held else "back"
    return change.verdict.name.lower() if change.verdict in (Verdict.RISEN, Verdict.FALLEN) else "unclear"


def change_detail(change: Change, units: Units, words: Words) -> str:
    """How sure that is, and at which speed; empty where nothing was compared."""
    if change.difference is None:
        return ""
    interval = interval_text(change.difference, "°", words)
    if math.isnan(change.speed_mps):
        return words.line("page.change.detail_unknown_speed", interval=interval)
    return words.line("page.change.detail", interval=interval, speed=_compared_at(change, units, words))


def _compared_at(change: Change, units: Units, words: Words) -> str:
    """`10.0 km/h`, of a run with hills `10.0 km/h, incline 6 %`."""
    speed = words.speed(change.speed_mps, units)
    if math.isnan(change.incline_pct):
        return speed
    return f"{speed}, {incline_text(change.incline_pct, words)}"


def comparison_detail(change: Change, units: Units, words: Words) -> str:
    """How sure a change from run to run is, and what to do for the next; empty where nothing was compared."""
    if change.difference is None:
        return ""
    key = "detail_unknown_speed" if math.isnan(change.speed_mps) else "detail"
    told = words.line(
        f"compare.{key}",
        interval=interval_text(change.difference, "°", words),
        speed=_compared_at(change, units, words),
    )
    return f"{told} {words.line('compare.wide_by_place' if change.blurred_by_place else 'compare.leave_camera')}"


def something_hurt(session: Session) -> bool:
    """Whether the runner said so in the run."""
    return any(event.kind == NoticeKind.HURTS for event in session.events)


def remember_text(session: Session, words: Words) -> str | None:
    """The one cue to remember; None without a band, and where something hurt: then nothing is asked.

    As it was said in the run, where that spoke this language, else in the page's own words.
    """
    remember = session.summary.remember
    if remember is None or something_hurt(session):
        return None
    said = remember.text if session.setting("language") in (None, words.language) else None
    return said or words.line(f"page.remember.{remember.kind}")


def effect_sentence(effect: CueEffect, words: Words) -> str:
    """What one kind of cue did, as far as the data can say."""
    name = words.line(f"cue.{effect.kind}")
    times = words.many("page.effect.times", effect.given)
    if effect.reached == 0:
        return words.line("page.effect.unheard", name=name, times=times)
    if effect.mean is None:
        return words.line("page.effect.too_few", name=name, times=times, fewest=FEWEST_CUES)
    sure = {"worked": effect.worked, "bought": effect.bought, "opposed": effect.opposed}
    return words.line(
        f"page.effect.{next((told for told, so in sure.items() if so), 'unsure')}",
        name=name,
        times=times,
        what=words.line(f"page.price.{Price.FLICK}"),
        step=words.signed(effect.mean.estimate, "°"),
        strides=STRIDES,
        interval=interval_text(effect.mean, "°", words),
        cues=effect.mean.n,
    )


def relief_interval(change: Change) -> Interval | None:
    """By how many per cent the leg became easier to swing, from the change of its peak flexion."""
    difference = change.difference
    if difference is None:
        return None
    estimate, low, high = (
        relief_pct(change.before_deg + step, change.before_deg)
        for step in (difference.estimate, difference.low, difference.high)
    )
    return Interval(estimate, low, high, difference.n)


def relief_sentence(change: Change | None, words: Words) -> str:
    """How much easier the leg was to swing than at the runner's own baseline."""
    if change is None:
        return words.line("page.relief.no_baseline")
    relief = relief_interval(change)
    if relief is None:
        return words.line("page.relief.too_few")
    if change.verdict is Verdict.RISEN:
        pct, low, high = relief.estimate, relief.low, relief.high
        return words.line("page.relief.easier", pct=words.number(pct), low=words.number(low), high=words.number(high))
    if change.verdict is Verdict.FALLEN:
        pct, low, high = -relief.estimate, -relief.high, -relief.low
        return words.line("page.relief.harder", pct=words.number(pct), low=words.number(low), high=words.number(high))
    key = "page.relief.same" if change.verdict is Verdict.STEADY else "page.relief.unclear"
    return words.line(key, low=easier(relief.low, words), high=easier(relief.high, words))


def easier(pct: float, words: Words) -> str:
    """`8 % easier`, `3 % harder`."""
    return words.line("page.easier" if pct >= 0 else "page.harder", pct=words.number(abs(pct)))


def sides_sentence(session: Session, words: Words) -> str:
    """Left against right, named only where it is large and both legs were seen."""
    counts = {side: sum(kept.valid and kept.side == side for kept in session.strides) for side in ("left", "right")}
    if min(counts.values()) < FEWEST_PER_LEG:
        return words.line("page.sides.unseen")
    peak = session.summary.peak_knee_flexion_deg
    left, right = words.number(peak.left, "°"), words.number(peak.right, "°")
    if abs(peak.left - peak.right) < LARGE_SIDE_DIFFERENCE_DEG:
        return words.line("page.sides.alike", left=left, right=right)
    higher = "page.sides.left_higher" if peak.left > peak.right else "page.sides.right_higher"
    return words.line(higher, left=left, right=right)


def headline_sentence(session: Session, change: Change, words: Words) -> str:
    """The page's first sentence: what changed; or, where nothing was measured, what was seen instead."""
    if not session.summary.strides_valid and (seen := mostly_seen(session, words)):
        return words.line("page.no_running", seen=seen)
    return f"{change_sentence(change, words)} {bought_sentence(_bought(session, change), words)}".strip()


def _bought(session: Session, change: Change) -> Price | None:
    return bought_with(*thirds(near_valid(session.strides))) if change.verdict is Verdict.RISEN else None


def seen_sentence(kind: str, words: Words, time_scale: float = math.nan, fps: float = math.nan) -> str:
    """What was seen in place of a run, with what to do. `fps`: new pictures a second, NaN where they are not known."""
    if kind == Finding.NO_RHYTHM and fps < _DIM_FPS:
        return words.line("instead.no_rhythm_few_pictures")
    return words.line(f"instead.{kind}", option=scale_option(time_scale))


def session_seen(session: Session, kind: str, words: Words) -> str:
    """What this session's pictures showed in place of a run, with what to do."""
    if kind in ODD_TIME and session.summary.strides_valid:
        # One scale for the whole film would take the measured part out of life's time.
        return words.line(f"instead.{kind}_in_part", option=scale_option(session.time_scale))
    if kind in _OF_FEW_PICTURES and _left_behind(session):
        return words.line("instead.slow_computer")
    return seen_sentence(kind, words, session.time_scale, session.frames.measured_fps)


def _left_behind(session: Session) -> bool:
    """Whether the pictures were few because the machine was too slow for more."""
    dropped = session.summary.quality.frames_dropped or 0
    return session.frames.measured_fps < _DIM_FPS and dropped > session.frames.total / 2


def mostly_seen(session: Session, words: Words) -> str:
    """What they showed for the longest time; empty where they showed nothing else."""
    return next((session_seen(session, kind, words) for kind, _ in session.seen_instead), "")


def left_out_sentence(session: Session, words: Words) -> str:
    """The most frequent reason why strides were left out, with its remedy; empty where few were."""
    summary = session.summary
    told = [(reason, n) for reason, n in summary.strides_rejected if reason not in _AS_USUAL]
    rejected = sum(n for _, n in told)
    if not told or rejected < max(_MANY_LEFT_OUT * (summary.strides_valid + rejected), 3):
        return ""
    reason, n = told[0]
    slow = reason in _LEFT_OUT_OF_FEW and _left_behind(session)
    return words.many(
        "page.left_out_why", n, why=words.line("instead.slow_computer" if slow else f"why.{reason.name.lower()}")
    )


def odd_time_sentence(session: Session, words: Words) -> str:
    """What a film with strides shows for a while at another speed than life's, with what to do; empty without that."""
    if not session.summary.strides_valid:
        return ""
    odd = [(kind, seconds) for kind, seconds in session.seen_instead if kind in ODD_TIME and seconds >= 1]
    return " ".join(_instead_sentence(session, kind, seconds, words) for kind, seconds in odd)


def _instead_sentence(session: Session, kind: str, seconds: float, words: Words) -> str:
    seen = session_seen(session, kind, words)
    return words.line("page.quality.instead", time=duration_text(seconds), seen=seen)


def quality_sentences(session: Session, words: Words) -> tuple[str, ...]:
    """What stands behind the numbers."""
    summary, frames = session.summary, session.frames
    if frames.total == 0:
        return (words.line("page.quality.no_frame"),)
    rejected = sum(n for _, n in summary.strides_rejected)
    found = words.number(100 * frames.with_pose / frames.total)
    if math.isnan(frames.measured_fps):
        said = [words.line("page.quality.found", pct=found, frames=frames.total)]
    else:
        fps = words.number(frames.measured_fps, digits=1)
        said = [words.line("page.quality.found_at", pct=found, frames=frames.total, fps=fps)]
    said.append(words.many("page.quality.trusted", summary.strides_valid, rejected=rejected))
    if left_out := left_out_sentence(session, words):
        said.append(as_sentence(left_out))
    instead = session.seen_instead
    said += [_instead_sentence(session, kind, seconds, words) for kind, seconds in instead if seconds >= 1]
    if session.summary.doubted_s >= 1:
        said.append(words.line("page.quality.doubted", time=duration_text(session.summary.doubted_s)))
    if summary.strides_valid and math.isnan(summary.spreads["contact_time_s"].mean):
        said.append(words.line("page.quality.no_contact"))
    if summary.quality.frames_dropped is not None:
        said.append(words.many("page.quality.dropped", summary.quality.frames_dropped))
    if session.view.near_side is not None:
        said.append(words.line(f"page.quality.near_{session.view.near_side}"))
        if turned := of_other_near_leg(session.strides):
            said.append(words.many(f"page.quality.turned_{turned[0].side}", len(turned)))
    if not session.complete:
        said.append(words.line("page.quality.cut_short"))
    return tuple(said)


def correction_sentence(session: Session, words: Words) -> str:
    """What treadmill mode did to the target, called what it is."""
    if session.setting("session.mode") == "overground":
        return words.line("page.correction.overground")
    correction = session.setting("treadmill.correction_deg")
    if not isinstance(correction, int | float):
        return ""
    return words.line("page.correction.treadmill", deg=f"{correction:g}".replace(".", words.decimal))


def summary_lines(session: Session, units: Units, words: Words) -> tuple[str, str, str]:
    """Three lines: what was measured, the heel lift, the cues."""
    return _run_line(session, units, words), _lift_line(session, words), _cue_line(session, words)


def remember_line(session: Session, words: Words) -> str | None:
    """The one cue to take home; None where there was no band to be held against."""
    text = remember_text(session, words)
    return words.line("summary.remember", cue=text) if text else None


def _run_line(session: Session, units: Units, words: Words) -> str:
    summary = session.summary
    parts = [words.line("summary.seen", time=_run_time(summary.running_s))]
    if math.isfinite(summary.cadence_spm):
        parts.append(words.line("summary.cadence", spm=words.number(summary.cadence_spm)))
    if math.isfinite(summary.speed.mean_mps):
        parts.append(_speed_text(summary.speed.mean_mps, units, words))
    return " · ".join(parts)


def _lift_line(session: Session, words: Words) -> str:
    summary = session.summary
    near = summary.peak_knee_flexion_near
    if not near.n:
        seen = mostly_seen(session, words)
        return words.line("summary.no_stride_but", seen=seen) if seen else words.line("summary.no_stride")
    spread = f" ± {words.spread(near.sd, '°')}" if near.n > 1 else ""
    leg = words.line(f"summary.{session.view.near_side or 'near'}_leg")
    parts = [words.many("summary.lift", near.n, lift=words.number(near.mean, "°") + spread, leg=leg)]
    if math.isfinite(summary.in_band_pct):
        share, n = words.number(summary.in_band_pct), summary.lift.strides
        parts.append(words.line(f"summary.{share_in_band(summary.lift)}", pct=share, n=n))
    return ", ".join(parts)


def share_in_band(lift: LiftInBand) -> str:
    """Name of the line that says how many of the judged strides lay in their band: of how many, where others have none.

    It stands among the lines of `page` and of `summary`, with places for `pct` and `n`.
    """
    if lift.unbanded:
        return "practised_banded_in_band" if lift.practised else "banded_in_band"
    return "practised_in_band" if lift.practised else "in_band"


def _cue_line(session: Session, words: Words) -> str:
    rejected = sum(n for reason, n in session.summary.strides_rejected if reason is not RejectReason.PAUSED)
    count = len(session.cues)
    cues = words.many("summary.cues", count) if count else words.line("summary.no_cues")
    if not rejected:
        return cues
    left_out = words.many("summary.left_out", rejected)
    if why := left_out_sentence(session, words):
        return words.line("summary.cues_and_left_out_why", cues=cues, left_out=left_out, why=why)
    return words.line("summary.cues_and_left_out", cues=cues, left_out=left_out)


def _run_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"


def _speed_text(speed_mps: float, units: Units, words: Words) -> str:
    if units == "imperial":
        return words.number(mph(speed_mps), f" mph ({format_pace(speed_mps, METRES_PER_MILE)}/mi)", 1)
    return words.number(kmh(speed_mps), f" km/h ({format_pace(speed_mps, METRES_PER_KM)}/km)", 1)
