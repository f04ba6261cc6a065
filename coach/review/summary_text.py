"""The session in three lines and one cue to remember: the same words in terminal and window."""

from __future__ import annotations

import math

from coach.core.session.session import Session
from coach.core.units import METRES_PER_KM, METRES_PER_MILE, format_pace, kmh, mph
from coach.core.words import Words
from coach.review.sentences import left_out_sentence, remember_text, seen_sentence
from coach.settings import Units


def summary_lines(session: Session, units: Units, words: Words) -> tuple[str, str, str]:
    """Three lines: what was measured, the heel lift, the cues."""
    return _run_line(session, units, words), _lift_line(session, words), _cue_line(session, words)


def remember_line(session: Session, words: Words) -> str | None:
    """The one cue to take home; None where there was no band to be held against."""
    text = remember_text(session.summary, words)
    return words.line("summary.remember", cue=text) if text else None


def _run_line(session: Session, units: Units, words: Words) -> str:
    summary = session.summary
    parts = [words.line("summary.seen", time=_clock(summary.running_s))]
    if math.isfinite(summary.cadence_spm):
        parts.append(words.line("summary.cadence", spm=words.number(summary.cadence_spm)))
    if math.isfinite(summary.speed.mean_mps):
        parts.append(_speed_text(summary.speed.mean_mps, units, words))
    return " · ".join(parts)


def _lift_line(session: Session, words: Words) -> str:
    summary = session.summary
    near = summary.peak_knee_flexion_near
    if not near.n:
        if not session.seen_instead:
            return words.line("summary.no_stride")
        seen = seen_sentence(session.seen_instead[0][0], words, session.time_scale)
        return words.line("summary.no_stride_but", seen=seen)
    spread = f" ± {words.number(near.sd, '°')}" if near.n > 1 else ""
    leg = words.line(f"summary.{session.view.near_side or 'near'}_leg")
    parts = [words.many("summary.lift", near.n, lift=words.number(near.mean, "°") + spread, leg=leg)]
    if math.isfinite(summary.in_band_pct):
        parts.append(words.line("summary.in_band", pct=words.number(summary.in_band_pct)))
    return ", ".join(parts)


def _cue_line(session: Session, words: Words) -> str:
    rejected = sum(not kept.valid for kept in session.strides)
    count = len(session.cues)
    cues = words.many("summary.cues", count) if count else words.line("summary.no_cues")
    if not rejected:
        return cues
    left_out = words.many("summary.left_out", rejected)
    if why := left_out_sentence(session.summary, words):
        return words.line("summary.cues_and_left_out_why", cues=cues, left_out=left_out, why=why)
    return words.line("summary.cues_and_left_out", cues=cues, left_out=left_out)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"


def _speed_text(speed_mps: float, units: Units, words: Words) -> str:
    if units == "imperial":
        return words.number(mph(speed_mps), f" mph ({format_pace(speed_mps, METRES_PER_MILE)}/mi)", 1)
    return words.number(kmh(speed_mps), f" km/h ({format_pace(speed_mps, METRES_PER_KM)}/km)", 1)
