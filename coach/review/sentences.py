"""The page in plain words: every sentence follows from figures, and says when they cannot carry one.

Warm, short, never scolding; no medical claim.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from coach.core.coaching.cues import CueKind
from coach.core.gait.finding import Finding
from coach.core.gait.stride import RejectReason
from coach.core.session.change import FEWEST, FEWEST_CUES, STRIDES, Change, CueEffect, Interval, Verdict
from coach.core.session.records import SettingValue
from coach.core.session.session import Session
from coach.core.session.summary import SessionSummary
from coach.core.session.swing_relief import relief_pct
from coach.core.units import METRES_PER_MILE, kmh, mph

LARGE_SIDE_DIFFERENCE_DEG: Final = 9.0
"""Nine of ten runners differ by less from leg to leg."""
_MANY_LEFT_OUT: Final = 0.25
_FEWEST_PER_LEG: Final = 30

CUE_NAMES: Final[dict[CueKind, str]] = {
    CueKind.HEEL_LIFT_LOW: "heel higher",
    CueKind.HEEL_LIFT_HIGH: "heel lower",
    CueKind.SIDE_LEFT: "left heel higher",
    CueKind.SIDE_RIGHT: "right heel higher",
    CueKind.RECOVERED: "well done",
    CueKind.PROGRAMME: "next step",
    CueKind.BASELINE_READY: "baseline ready",
    CueKind.STEPPED_BACK: "come forward",
    CueKind.STATUS: "spoken line",
}
_REMEMBER: Final[dict[CueKind, str]] = {
    CueKind.HEEL_LIFT_LOW: "Heel up under you, quick and light",
    CueKind.HEEL_LIFT_HIGH: "Relax, let the heel come up by itself",
}


_SEEN: Final[dict[str, str]] = {
    "away": "nobody was in the picture",
    Finding.NOBODY: "nobody was in the picture; the camera must see the whole body from the side",
    Finding.STILL_PICTURE: "it is a still picture; a film of some seconds is needed",
    Finding.UPSIDE_DOWN: "the picture is upside down; turn it and come again",
    Finding.ON_ITS_SIDE: "the picture lies on its side; turn it and come again",
    Finding.FRONT_VIEW: "the body is seen from the front; film from the side",
    Finding.REAR_VIEW: "the body is seen from behind; film from the side",
    Finding.NO_HUMAN_BODY: "the body has no human proportions; a drawing cannot be measured",
    Finding.STANDING: "somebody stood",
    Finding.WALKING: "somebody walked",
    Finding.SQUATTING: "somebody did squats",
    Finding.JUMPING: "somebody jumped",
    Finding.FEW_PICTURES: "there are too few pictures a second; 10 are needed for a stride, 24 for its contact",
    Finding.SLOW_MOTION: "it looks like slow motion",
    Finding.FAST_MOTION: "it looks faster than life",
    Finding.FEET_OUT_OF_PICTURE: "the feet are outside the picture; film from head to feet",
    Finding.NO_RHYTHM: "somebody was seen, but no stride; the camera must see the whole body from the side",
}
REMEDIES: Final[dict[RejectReason, str]] = {
    RejectReason.TOO_FEW_FRAMES: "the leg was seen too rarely at its highest; more light helps",
    RejectReason.IRREGULAR: "they came in no even rhythm",
    RejectReason.LEG_COLLAPSED: "the other leg hid this one; place the camera a little higher, or farther forward",
    RejectReason.LEGS_SWAPPED: "left and right could not be told apart; more light, or shoes of two colours help",
    RejectReason.IMPLAUSIBLE: "no knee moves so; are the feet hidden behind the rail?",
    RejectReason.FAR_LEG: "the far leg was not seen well enough, which is usual",
    RejectReason.NOT_RUNNING: "nobody ran",
    RejectReason.ODD_TIME: "time runs slower or faster than in life",
    RejectReason.OUT_OF_VIEW: "the runner left the picture; stay in its middle",
}


def seen_sentence(kind: str, time_scale: float = math.nan) -> str:
    """What was seen in place of a run, with what to do."""
    said = _SEEN[kind]
    if kind in {Finding.SLOW_MOTION, Finding.FAST_MOTION}:
        scale = f"--time-scale {time_scale:g}" if not math.isnan(time_scale) else "--time-scale"
        said += f"; if it is, {scale} sets it right, and until then nothing of it counts"
    return said


def left_out_sentence(summary: SessionSummary) -> str:
    """The most frequent reason why strides were left out, with its remedy; empty where few were."""
    told = [(reason, n) for reason, n in summary.strides_rejected if reason is not RejectReason.FAR_LEG]
    rejected = sum(n for _, n in told)
    if not told or rejected < max(_MANY_LEFT_OUT * (summary.strides_valid + rejected), 3):
        return ""
    reason, n = told[0]
    return f"{n} strides left out: {REMEDIES[reason]}"


def started_text(started_at: str | None) -> str:
    """`Monday 5 January 2026, 18:00`; empty where no clock time is known."""
    if started_at is None:
        return ""
    try:
        at = datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M}"


def started_short(started_at: str | None) -> str:
    """`5 Jan 2026, 18:00`; empty where no clock time is known."""
    if started_at is None:
        return ""
    try:
        at = datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    return f"{at.day} {at:%b %Y}, {at:%H:%M}"


def duration_text(duration_s: float) -> str:
    """`42 s`, `12 min 5 s`, `1 h 2 min`; `–` where it is not known."""
    if math.isnan(duration_s):
        return "–"
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def speed_text(speed_mps: float, units: SettingValue) -> str:
    """`10.0 km/h` or `6.2 mph`; `–` where it is not known."""
    if math.isnan(speed_mps):
        return "–"
    return f"{mph(speed_mps):.1f} mph" if units == "imperial" else f"{kmh(speed_mps):.1f} km/h"


def distance_text(distance_m: float, units: SettingValue) -> str:
    """Kilometres or miles; `–` where it is not known."""
    if math.isnan(distance_m):
        return "–"
    return f"{distance_m / METRES_PER_MILE:.2f} mi" if units == "imperial" else f"{distance_m / 1000:.2f} km"


def number(value: float, unit: str = "", digits: int = 0) -> str:
    """A figure with its unit, `–` where it is not known."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}{unit}"


def signed(value: float, unit: str = "", digits: int = 1) -> str:
    """The same with its sign; a true minus."""
    return "–" if math.isnan(value) else f"{value:+.{digits}f}{unit}".replace("-", "−")


def interval_text(interval: Interval, unit: str) -> str:
    """`+1.2° to +5.0°`"""
    return f"{signed(interval.low, unit)} to {signed(interval.high, unit)}"


def change_sentence(change: Change) -> str:
    """What changed over the run, in one sentence."""
    before, after = number(change.before_deg, "°"), number(change.after_deg, "°")
    between = f"{before} in the first third, {after} in the last"
    difference = change.difference
    if difference is None:
        if change.verdict is Verdict.SPEED_CHANGED:
            return "The speed changed between start and end, so they cannot be compared with each other."
        return f"Too few trusted strides to say how your heel lift changed: at least {FEWEST} are needed in each third."
    if change.verdict is Verdict.RISEN:
        return f"Your heel lift rose by about {abs(difference.estimate):.0f}° over the run: {between}."
    if change.verdict is Verdict.FALLEN:
        return f"Your heel lift fell by about {abs(difference.estimate):.0f}° over the run: {between}."
    if change.verdict is Verdict.STEADY:
        return f"Your heel lift held steady over the run: {between}."
    return f"Your heel lift was {between}: too close to tell from chance."


def change_detail(change: Change, units: SettingValue) -> str:
    """How sure that is, and at which speed; empty where nothing was compared."""
    if change.difference is None:
        return ""
    said = f"Last against first third: {interval_text(change.difference, '°')} (95 % interval"
    if math.isnan(change.speed_mps):
        return f"{said}). The belt speed was not known: a change of pace would look like a change of heel lift."
    return f"{said}), strides at about {speed_text(change.speed_mps, units)} only."


def band_sentence(summary: SessionSummary) -> str:
    """How much of the run lay in the band."""
    if math.isnan(summary.in_band_pct):
        return "Without a known belt speed there was no band to measure against."
    return f"{summary.in_band_pct:.0f} % of your trusted strides were inside your band."


def remember_text(summary: SessionSummary) -> str | None:
    """The one cue to remember: as it was said in the run, else in the page's own words; None without a band."""
    if summary.remember is None:
        return None
    return summary.remember.text or _REMEMBER[summary.remember.kind]


def effect_sentence(effect: CueEffect) -> str:
    """What one kind of cue did, as far as the data can say."""
    name = f"“{CUE_NAMES[effect.kind]}”"
    times = "once" if effect.given == 1 else f"{effect.given} times"
    if effect.reached == 0:
        return f"{name} was due {times}, but was neither played nor shown."
    if effect.mean is None:
        return (
            f"{name} came {times}: too few with trusted strides at one speed around them "
            f"to say whether it worked ({FEWEST_CUES} are needed)."
        )
    found = (
        f"{signed(effect.mean.estimate, '°')} on average over the next {STRIDES} strides "
        f"({interval_text(effect.mean, '°')}, {effect.mean.n} cues)"
    )
    if effect.worked:
        return f"{name} worked: {found}."
    return f"{name} came {times} with no sure effect: {found}."


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


def relief_sentence(change: Change | None) -> str:
    """How much easier the leg was to swing than at the runner's own baseline."""
    if change is None:
        return "Swing-leg relief needs a baseline of your own at a like speed, and there is none for this run."
    relief = relief_interval(change)
    if relief is None:
        return "Swing-leg relief needs more strides at the speed of your baseline."
    if change.verdict is Verdict.RISEN:
        lighter = f"about {relief.estimate:.0f} % easier to swing than at your baseline"
        return f"In mid-swing your leg was {lighter} (95 % interval {relief.low:.0f} to {relief.high:.0f} %)."
    if change.verdict is Verdict.FALLEN:
        harder = f"about {-relief.estimate:.0f} % harder to swing than at your baseline"
        return f"In mid-swing your leg was {harder} (95 % interval {-relief.high:.0f} to {-relief.low:.0f} %)."
    between = f"95 % interval from {easier(relief.low)} to {easier(relief.high)}"
    if change.verdict is Verdict.STEADY:
        return f"In mid-swing your leg was about as easy to swing as at your baseline ({between})."
    return f"Whether your leg was easier to swing than at your baseline cannot be told from chance ({between})."


def easier(pct: float) -> str:
    """`8 % easier`, `3 % harder`."""
    return f"{abs(pct):.0f} % {'easier' if pct >= 0 else 'harder'}"


def sides_sentence(session: Session) -> str:
    """Left against right, named only where it is large and both legs were seen."""
    counts = {side: sum(kept.valid and kept.side == side for kept in session.strides) for side in ("left", "right")}
    if min(counts.values()) < _FEWEST_PER_LEG:
        return "The far leg was not seen well enough to compare left and right."
    peak = session.summary.peak_knee_flexion_deg
    difference = abs(peak.left - peak.right)
    if difference < LARGE_SIDE_DIFFERENCE_DEG:
        return f"Left {peak.left:.0f}°, right {peak.right:.0f}°: no difference worth naming."
    higher = "left" if peak.left > peak.right else "right"
    return (
        f"Left {peak.left:.0f}°, right {peak.right:.0f}°: your {higher} heel comes clearly higher. "
        "The far leg is measured less well; film the other side before you make much of it."
    )


def headline_sentence(session: Session, change: Change) -> str:
    """The page's first sentence: what changed; or, where nothing was measured, what was seen instead."""
    if session.summary.strides_valid or not session.seen_instead:
        return change_sentence(change)
    said = seen_sentence(session.seen_instead[0][0], session.time_scale)
    return f"No running was measured: {said}."


def quality_sentences(session: Session) -> tuple[str, ...]:
    """What stands behind the numbers."""
    summary, frames = session.summary, session.frames
    if frames.total == 0:
        return ("No frame was read.",)
    rejected = sum(n for _, n in summary.strides_rejected)
    said = [
        f"You were found in {100 * frames.with_pose / frames.total:.0f} % of {frames.total} frames"
        + ("." if math.isnan(frames.measured_fps) else f", {frames.measured_fps:.1f} a second."),
        f"{summary.strides_valid} strides were trusted and {rejected} left out.",
    ]
    if left_out := left_out_sentence(summary):
        said.append(f"{left_out[0].upper()}{left_out[1:]}.")
    said += [
        f"For {duration_text(seconds)} {seen_sentence(kind, session.time_scale)}."
        for kind, seconds in session.seen_instead
        if seconds >= 1
    ]
    if summary.strides_valid and math.isnan(summary.spreads["contact_time_s"].mean):
        said.append("Contact and flight are not told: they need feet that are seen, and 24 pictures a second.")
    if summary.quality.frames_dropped is not None:
        said.append(f"{summary.quality.frames_dropped} frames were dropped to keep up.")
    if session.view.near_side is not None:
        said.append(
            f"The camera saw your {session.view.near_side} side; that leg counts, the far one is measured worse."
        )
    if not session.complete:
        said.append("This session was cut short and recovered: its last second may be missing.")
    return tuple(said)


def correction_sentence(session: Session) -> str:
    """What treadmill mode did to the target, called what it is."""
    if session.setting("session.mode") == "overground":
        return "Overground mode: nothing was added to the target."
    correction = session.setting("treadmill.correction_deg")
    if not isinstance(correction, int | float):
        return ""
    return (
        f"Treadmill mode adds {correction:g}° to the target for the belt's help. "
        "That is a coaching preference on mixed evidence, not a measurement."
    )
