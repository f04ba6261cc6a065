"""The session in three lines and one cue to remember: the same words in terminal and window."""

from __future__ import annotations

import math

from coach.core.session.session import Session
from coach.core.units import METRES_PER_KM, METRES_PER_MILE, format_pace, kmh, mph
from coach.review.sentences import left_out_sentence, remember_text, seen_sentence
from coach.settings import Units


def summary_lines(session: Session, units: Units) -> tuple[str, str, str]:
    """Three lines: what was measured, the heel lift, the cues."""
    return _run_line(session, units), _lift_line(session), _cue_line(session)


def remember_line(session: Session) -> str | None:
    """The one cue to take home; None where there was no band to be held against."""
    text = remember_text(session.summary)
    return f"To remember: {text}" if text else None


def _run_line(session: Session, units: Units) -> str:
    summary = session.summary
    parts = [f"{_clock(summary.running_s)} of running seen"]
    if math.isfinite(summary.cadence_spm):
        parts.append(f"{summary.cadence_spm:.0f} steps/min")
    if math.isfinite(summary.speed.mean_mps):
        parts.append(_speed_text(summary.speed.mean_mps, units))
    return " · ".join(parts)


def _lift_line(session: Session) -> str:
    summary = session.summary
    near = summary.peak_knee_flexion_near
    if not near.n:
        seen = session.seen_instead
        why = f": {seen_sentence(seen[0][0], session.time_scale)}" if seen else ""
        return f"heel lift: no stride could be trusted{why}"
    spread = f" ± {near.sd:.0f}°" if near.n > 1 else ""
    parts = [f"heel lift {near.mean:.0f}°{spread} on the {session.view.near_side} leg over {near.n} strides"]
    if math.isfinite(summary.in_band_pct):
        parts.append(f"{summary.in_band_pct:.0f} % of them in the band")
    return ", ".join(parts)


def _cue_line(session: Session) -> str:
    rejected = sum(not kept.valid for kept in session.strides)
    left_out = f"; {rejected} strides left out as not trusted" if rejected else ""
    if why := left_out_sentence(session.summary):
        left_out += f" ({why})"
    count = len(session.cues)
    return f"{count or 'no'} cue{'' if count == 1 else 's'}{left_out}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"


def _speed_text(speed_mps: float, units: Units) -> str:
    if units == "imperial":
        return f"{mph(speed_mps):.1f} mph ({format_pace(speed_mps, METRES_PER_MILE)}/mi)"
    return f"{kmh(speed_mps):.1f} km/h ({format_pace(speed_mps, METRES_PER_KM)}/km)"
