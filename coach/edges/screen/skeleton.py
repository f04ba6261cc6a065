"""The leg on the picture: thigh, shank and foot, the yellow lever from hip to heel, the target lever."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np

from coach.core.pose import Keypoint, Pose, Side, other
from coach.core.units import FloatArray
from coach.edges.screen.picture import SHIFT, Canvas, Placing
from coach.edges.screen.theme import INK, Colour, Theme, mix

_FAR_SHOWN: Final = 0.55
"""How much of its colour the far leg keeps."""
_TURNING_DEG_S: Final = 180.0
"""A knee that bends faster than this is on its way up, at some 400°/s: a gap to the target would say nothing yet."""
GHOST_S: Final = 0.2
"""How long the target lever stays after mid-swing: long enough to be seen, gone before the leg is elsewhere."""
_BODY: Final = (
    (Keypoint.LEFT_SHOULDER, Keypoint.LEFT_HIP),
    (Keypoint.RIGHT_SHOULDER, Keypoint.RIGHT_HIP),
    (Keypoint.LEFT_SHOULDER, Keypoint.NOSE),
    (Keypoint.RIGHT_SHOULDER, Keypoint.NOSE),
)


class MidSwingLevers(Protocol):
    """Says when it is mid-swing, and where the heel was and should have been."""

    def step(self, t_s: float, leg_px: FloatArray, target_deg: float | None) -> tuple[FloatArray, FloatArray] | None:
        """(target, actual) heel minus hip in frame pixels at the mid-swing that is to be shown at `t_s`, or None."""
        ...


@dataclass(slots=True)
class TargetLever:
    """Catches the moment of greatest flexion in each swing and keeps its two levers for a while.

    At the peak the shank is turned about the knee until the knee has the target's flexion: that heel is
    where the runner's heel would have been. The heel positions are kept relative to the hip.
    """

    _peak_deg: float = 0.0
    _t_s: float = -math.inf
    _last: tuple[float, float] = (-math.inf, math.nan)
    _target_px: FloatArray | None = None
    _actual_px: FloatArray | None = None

    def step(self, t_s: float, leg_px: FloatArray, target_deg: float | None) -> tuple[FloatArray, FloatArray] | None:
        """(target, actual) heel minus hip at the last mid-swing, in frame pixels, while they are fresh.

        leg_px: (5, 2) hip, knee, ankle, heel, foot index; NaN where not seen.
        """
        hip, knee, ankle, heel = leg_px[:4]
        flexion_deg = flexion(hip, knee, ankle)
        if target_deg is None or not t_s >= self._t_s:
            self._t_s, self._peak_deg = -math.inf, 0.0
        elif flexion_deg > max(self._peak_deg, 0.6 * target_deg) and np.isfinite(heel).all():
            self._peak_deg, self._t_s = flexion_deg, t_s
            self._actual_px = heel - hip
            self._target_px = _turned(heel - knee, hip - knee, ankle - knee, target_deg - flexion_deg) + knee - hip
        elif flexion_deg < 0.4 * target_deg:
            self._peak_deg = 0.0
        rising = flexion_deg - self._last[1] > _TURNING_DEG_S * (t_s - self._last[0])
        self._last = (t_s, flexion_deg)
        if self._target_px is None or self._actual_px is None or rising or t_s - self._t_s > GHOST_S:
            return None
        return self._target_px, self._actual_px


def flexion(hip: FloatArray, knee: FloatArray, ankle: FloatArray) -> float:
    """Knee flexion in degrees from three points; NaN where one is missing."""
    thigh, shank = hip - knee, ankle - knee
    lengths = float(np.linalg.norm(thigh) * np.linalg.norm(shank))
    cosine = float(thigh @ shank) / (lengths or math.nan)
    if not math.isfinite(cosine):
        return math.nan
    return 180.0 - math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))


def _turned(vector: FloatArray, thigh: FloatArray, shank: FloatArray, more_deg: float) -> FloatArray:
    """A vector turned about the knee so that the shank nears the thigh by `more_deg`."""
    toward = math.copysign(1.0, float(shank[0] * thigh[1] - shank[1] * thigh[0]))
    angle = math.radians(more_deg) * toward
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray(turn @ vector)


def draw_runner(canvas: Canvas, pose: Pose, placing: Placing, side: Side, theme: Theme, *, trusted: bool) -> None:
    """Far leg faint, near leg bold; no lever while the measurement is not trusted."""
    width = line_width(canvas)
    far = placing.points(pose.leg_px(other(side)))
    near = placing.points(pose.leg_px(side))
    far_bone = mix(theme.bone, (90, 96, 104), _FAR_SHOWN)
    _leg(canvas, far, far_bone, max(width * 0.55, 1.5))
    _leg(canvas, near, theme.bone, width)
    if trusted:
        _lever(canvas, near[0], near[3], theme.lever, width * 1.35)


def draw_body(canvas: Canvas, pose: Pose, placing: Placing, theme: Theme) -> None:
    """Trunk and head, for the view without the picture."""
    points = placing.points(pose.xy_px)
    grey = mix(theme.muted, theme.background, 0.45)
    width = line_width(canvas)
    for a, b in _BODY[:2]:
        _line(canvas, points[a], points[b], grey, width)
    shoulders = points[[Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]]
    nose = points[Keypoint.NOSE]
    if np.isfinite(shoulders).all() and np.isfinite(nose).all():
        neck = shoulders.mean(axis=0)
        radius = 0.42 * float(np.linalg.norm(nose - neck))
        centre = neck + 0.9 * (nose - neck)
        _disc(canvas, centre, radius, grey)


def draw_target(
    canvas: Canvas, hip_px: FloatArray, levers: tuple[FloatArray, FloatArray], placing: Placing, theme: Theme
) -> None:
    """The dotted target lever with its ring, and where the heel really was: the gap as a picture."""
    hip, target, actual = placing.points(np.stack([hip_px, hip_px + levers[0], hip_px + levers[1]]))
    if not np.isfinite(target).all():
        return
    width = line_width(canvas)
    _dots(canvas, hip, target, theme.target_lever, width)
    for colour, extra in ((theme.ink, 0.9), (theme.target_lever, 0.0)):
        _ring(canvas, target, width * 2.3, colour, width * (0.75 + extra))
    _disc(canvas, actual, width * 0.9, theme.lever)


def line_width(canvas: Canvas) -> float:
    """Width of a bone, in canvas pixels."""
    return max(0.0095 * float(canvas.shape[0]), 2.0)


def _leg(canvas: Canvas, leg: FloatArray, colour: Colour, width: float) -> None:
    hip, knee, ankle, heel, toe = leg
    bones = ((hip, knee), (knee, ankle), (heel, toe), (ankle, heel))
    for a, b in bones:
        _line(canvas, a, b, INK, width * 1.7)
    for a, b in bones:
        _line(canvas, a, b, colour, width)
    for joint in (knee, ankle):
        _disc(canvas, joint, width * 1.15, colour)


def _lever(canvas: Canvas, hip: FloatArray, heel: FloatArray, colour: Colour, width: float) -> None:
    _line(canvas, hip, heel, INK, width * 1.6)
    _line(canvas, hip, heel, colour, width)
    for end in (hip, heel):
        _disc(canvas, end, width * 1.05, colour)


def _dots(canvas: Canvas, a: FloatArray, b: FloatArray, colour: Colour, width: float) -> None:
    length = float(np.linalg.norm(b - a))
    count = max(int(length / (2.6 * width)), 1) if math.isfinite(length) else 0
    for i in range(1, count):
        at = a + (b - a) * (i / count)
        _disc(canvas, at, width * 0.85, INK)
        _disc(canvas, at, width * 0.6, colour)


def _line(canvas: Canvas, a: FloatArray, b: FloatArray, colour: Colour, width: float) -> None:
    ends = _fixed(a), _fixed(b)
    if ends[0] and ends[1]:
        cv2.line(canvas, ends[0], ends[1], colour[::-1], max(round(width), 1), cv2.LINE_AA, SHIFT)


def _disc(canvas: Canvas, at: FloatArray, radius: float, colour: Colour) -> None:
    if centre := _fixed(at):
        cv2.circle(canvas, centre, max(round(radius * 2**SHIFT), 1), colour[::-1], -1, cv2.LINE_AA, SHIFT)


def _ring(canvas: Canvas, at: FloatArray, radius: float, colour: Colour, width: float) -> None:
    if centre := _fixed(at):
        cv2.circle(canvas, centre, round(radius * 2**SHIFT), colour[::-1], max(round(width), 1), cv2.LINE_AA, SHIFT)


def _fixed(point: FloatArray) -> tuple[int, int] | None:
    """OpenCV's fixed-point coordinates; None for a point not seen or absurdly far outside."""
    x, y = float(point[0]), float(point[1])
    if not (math.isfinite(x) and math.isfinite(y)) or max(abs(x), abs(y)) > 30000:
        return None
    return round(x * 2**SHIFT), round(y * 2**SHIFT)
