"""Draw docs/pictures/gait.svg: what the gait tracker makes of noisy keypoints.

    python -m tools.gait_picture [FILE.svg]

Nothing in it is drawn by hand: the demo's runner is seen with a pose network's faults, and the tracker's own output is
plotted against the runner's true knee.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.gait import EventKind, GaitEvent, GaitUpdate, Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.pose import LEG_ROWS, Keypoint, Pose
from coach.edges.demo import DemoRunner, DemoSource

OUT: Final = Path(__file__).parents[1] / "docs" / "pictures" / "gait.svg"

_FPS: Final = 30.0
_NEAR: Final = "right"
_SHOWN_S: Final = (6.0, 8.3)
_NOISE_LL: Final = 0.013
"""SD of a keypoint's error, as a pose network's on a good picture."""
_SWAPPED: Final = frozenset({187, 193, 234})
"""Frames in which left and right are exchanged, as networks do where the legs pass each other."""
_COLLAPSED: Final = frozenset({209, 210, 214})
"""Frames in which the near shank is put onto the far one."""

_WIDTH: Final = 900
_HEIGHT: Final = 470
_LEFT: Final = 60
_RIGHT: Final = 880
_TOP: Final = 40
_BOTTOM: Final = 380
_HIGHEST_DEG: Final = 130

_STYLE: Final = """
text { font: 14px system-ui, sans-serif; fill: #37474f }
.small { font-size: 12px } .axis { stroke: #90a4ae; fill: none } .grid { stroke: #cfd8dc }
.stance { fill: #cfd8dc; fill-opacity: .45 } .seen { fill: #90a4ae } .fault { fill: #d84315 }
.true { fill: none; stroke: #607d8b; stroke-width: 1.5; stroke-dasharray: 5 4 }
.shown { fill: none; stroke: #f9a825; stroke-width: 3 } .peak { stroke: #1565c0; stroke-width: 2; fill: none }
.number { fill: #1565c0; font-weight: 600 } .paper { fill: #fff }
"""


@dataclass(frozen=True, slots=True)
class Film:
    """What was seen, true and told, frame by frame; degrees of the near knee."""

    times_s: list[float]
    seen_deg: list[float]
    true_deg: list[float]
    shown_deg: list[float]
    events: list[GaitEvent]
    strides: list[Stride]


def film() -> Film:
    """Follow the demo's runner up to a stride after the end of what is drawn."""
    runner = DemoRunner(speed_mps=3.0, facing=_NEAR, heel_lift=0.0)
    truth = DemoSource(runner).truth
    tracker = GaitTracker()
    rng = np.random.default_rng(7)
    leg_px = truth.stage.ll_px
    seen = Film([], [], [], [], [], [])
    for index in range(round((_SHOWN_S[1] + 1.5) * _FPS)):
        frame = truth.frame(index / _FPS)
        pose = _as_seen(index, frame.t_s, frame.xy_px + rng.normal(0, _NOISE_LL * leg_px, frame.xy_px.shape))
        update: GaitUpdate = tracker.step(frame.t_s, pose)
        hip, knee, ankle = pose.leg_px(_NEAR)[:3]
        seen.times_s.append(frame.t_s)
        seen.seen_deg.append(float(knee_flexion_deg(hip, knee, ankle)))
        seen.true_deg.append(frame.knee_flexion_deg[_NEAR])
        seen.shown_deg.append(update.leg(_NEAR).knee_flexion_deg)
        seen.events.extend(event for event in update.events if event.side == _NEAR)
        seen.strides.extend(stride for stride in update.strides if stride.near and stride.valid)
    return seen


def _as_seen(index: int, t_s: float, xy_px: np.ndarray) -> Pose:
    """The pose with the faults of this frame."""
    left, right = list(LEG_ROWS["left"]), list(LEG_ROWS["right"])
    if index in _SWAPPED:
        xy_px[left + right] = xy_px[right + left]
    if index in _COLLAPSED:
        xy_px[right[1:]] = xy_px[left[1:]] + 2.0
    return Pose(t_s, xy_px, np.full(len(Keypoint), 0.95))


def draw(seen: Film) -> str:
    """The picture as SVG."""
    shown = [i for i, t_s in enumerate(seen.times_s) if _SHOWN_S[0] <= t_s <= _SHOWN_S[1]]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        "<title>Knee flexion of the near leg: keypoints, truth, and what the gait tracker shows</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        *_stances(seen.events),
        *_axes(),
        *(_dot(seen.times_s[i], seen.seen_deg[i], i in _SWAPPED | _COLLAPSED) for i in shown),
        _line("true", seen, seen.true_deg, shown),
        _line("shown", seen, seen.shown_deg, shown),
        *(mark for stride in seen.strides for mark in _peak(stride)),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(t_s: float) -> float:
    return _LEFT + (t_s - _SHOWN_S[0]) / (_SHOWN_S[1] - _SHOWN_S[0]) * (_RIGHT - _LEFT)


def _y(deg: float) -> float:
    return _BOTTOM - deg / _HIGHEST_DEG * (_BOTTOM - _TOP)


def _stances(events: Sequence[GaitEvent]) -> Iterable[str]:
    """A shade from each contact to the toe-off after it."""
    contacts = [event.t_s for event in events if event.kind is EventKind.INITIAL_CONTACT]
    offs = [event.t_s for event in events if event.kind is EventKind.TOE_OFF]
    for contact_s in contacts:
        off_s = next((t_s for t_s in offs if t_s > contact_s), math.nan)
        if not off_s - contact_s < 0.5 or off_s < _SHOWN_S[0] or contact_s > _SHOWN_S[1]:
            continue
        left, right = (min(max(_x(t_s), _LEFT), _RIGHT) for t_s in (contact_s, off_s))
        yield f'<rect class="stance" x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{_BOTTOM - _TOP}"/>'
        if right - left > 60:
            yield _text((left + right) / 2, _BOTTOM - 8, "contact", "small")


def _axes() -> Iterable[str]:
    for deg in range(0, _HIGHEST_DEG, 30):
        yield f'<path class="grid" d="M{_LEFT} {_y(deg):.1f}H{_RIGHT}"/>'
        yield f'<text class="small" x="{_LEFT - 8}" y="{_y(deg) + 4:.1f}" text-anchor="end">{deg}°</text>'
    yield f'<path class="axis" d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}"/>'
    yield f'<text x="{_LEFT}" y="{_TOP - 16}">knee flexion of the near leg</text>'
    for tenths in range(round(_SHOWN_S[0] * 10), round(_SHOWN_S[1] * 10) + 1, 5):
        yield _text(_x(tenths / 10), _BOTTOM + 18, f"{tenths / 10:.1f} s", "small")


def _dot(t_s: float, deg: float, faulty: bool) -> str:
    return f'<circle class="{"fault" if faulty else "seen"}" cx="{_x(t_s):.1f}" cy="{_y(deg):.1f}" r="3.5"/>'


def _line(name: str, seen: Film, deg: Sequence[float], shown: Sequence[int]) -> str:
    points = " ".join(f"{_x(seen.times_s[i]):.1f},{_y(deg[i]):.1f}" for i in shown if not math.isnan(deg[i]))
    return f'<polyline class="{name}" points="{points}"/>'


def _peak(stride: Stride) -> Iterable[str]:
    """The peak that the finished stride reports, with two sigma either way."""
    if not _SHOWN_S[0] < stride.peak_knee_flexion_s < _SHOWN_S[1]:
        return
    x, deg, sd = _x(stride.peak_knee_flexion_s), stride.peak_knee_flexion_deg, stride.peak_knee_flexion_sd_deg
    yield f'<path class="peak" d="M{x:.1f} {_y(deg - 2 * sd):.1f}V{_y(deg + 2 * sd):.1f}"/>'
    yield f'<circle class="peak" cx="{x:.1f}" cy="{_y(deg):.1f}" r="5"/>'
    yield _text(x, _y(deg + 2 * sd) - 8, f"{deg:.0f}° ± {2 * sd:.0f}°", "number")


def _legend() -> Iterable[str]:
    entries: tuple[tuple[Callable[[float, float], str], str], ...] = (
        (lambda x, y: f'<circle class="seen" cx="{x + 12:.0f}" cy="{y:.0f}" r="3.5"/>', "angle of the keypoints"),
        (lambda x, y: f'<circle class="fault" cx="{x + 12:.0f}" cy="{y:.0f}" r="3.5"/>', "legs swapped or collapsed"),
        (lambda x, y: f'<path class="shown" d="M{x:.0f} {y:.0f}h24"/>', "what the screen shows"),
        (lambda x, y: f'<path class="true" d="M{x:.0f} {y:.0f}h24"/>', "the truth"),
        (lambda x, y: f'<circle class="peak" cx="{x + 12:.0f}" cy="{y:.0f}" r="5"/>', "peak of a stride, ± 2 sigma"),
    )
    for place, (mark, what) in enumerate(entries):
        x, y = _LEFT + 275 * (place % 3), _BOTTOM + 48 + 24 * (place // 3)
        yield mark(x, y)
        yield f'<text class="small" x="{x + 32}" y="{y + 4}">{what}</text>'


def _text(x: float, y: float, what: str, name: str) -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{what}</text>'


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    out.write_text(draw(film()), "utf-8")
    print(f"drew {out}")
