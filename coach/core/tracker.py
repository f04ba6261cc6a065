"""The gait tracker: poses in, knee angles, events and strides out."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait import Activity, EventKind, GaitEvent, GaitUpdate, KneeCycle, LegState, Stride, View
from coach.core.kinematics import ANKLE, HEEL, HIP, FacingFinder, Legs, LegScale, leg_lengths_px, legs_px, normalised
from coach.core.pose import SIDES, Pose, Side
from coach.core.quality import RejectReason, Trust
from coach.core.smoothing import OneEuroFilter
from coach.core.units import FloatArray

_AWAY_AFTER_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Sample:
    t_s: float
    flexion_deg: float
    ankle_forward_ll: float
    lever_ll: float
    heel_up_ll: float
    hip_up_ll: float


class _StrideClock:
    """One leg's strides from parabolic flexion peaks."""

    def __init__(self, side: Side) -> None:
        self.side: Side = side
        self.samples: deque[_Sample] = deque(maxlen=400)
        self.peaks: list[tuple[float, float]] = []
        self.contact_s = math.nan
        self.cycles: list[FloatArray] = []

    def step(self, sample: _Sample, near: bool) -> tuple[Stride | None, tuple[GaitEvent, ...]]:
        self.samples.append(sample)
        peak = self._new_peak()
        if peak is None:
            return None, ()
        self.peaks = [*self.peaks[-1:], peak]
        if len(self.peaks) < 2:
            return None, ()
        (before_s, _), (after_s, _) = self.peaks
        if not 0.5 < after_s - before_s < 0.95:
            self.contact_s = math.nan
            return None, ()
        contact_s, toe_off_s = self._events(before_s, after_s)
        start_s, self.contact_s = self.contact_s, contact_s
        events = (
            GaitEvent(contact_s, self.side, EventKind.INITIAL_CONTACT),
            GaitEvent(toe_off_s, self.side, EventKind.TOE_OFF),
        )
        stride = None if math.isnan(start_s) else self._stride(start_s, contact_s, near)
        return stride, events

    def _window(self, a_s: float, b_s: float) -> list[_Sample]:
        return [s for s in self.samples if a_s <= s.t_s <= b_s]

    def _new_peak(self) -> tuple[float, float] | None:
        recent = list(self.samples)
        for i in range(len(recent) - 2, 0, -1):
            if recent[-1].t_s - recent[i].t_s > 0.2:
                break
            near = [s.flexion_deg for s in recent if abs(s.t_s - recent[i].t_s) <= 0.15]
            if recent[-1].t_s - recent[i].t_s < 0.12 or recent[i].flexion_deg < max(50.0, *near):
                continue
            if self.peaks and recent[i].t_s - self.peaks[-1][0] < 0.35:
                return None
            return _parabola([(s.t_s, s.flexion_deg) for s in recent[i - 1 : i + 2]])
        return None

    def _events(self, before_s: float, after_s: float) -> tuple[float, float]:
        window = self._window(before_s, after_s)
        contact_s = max(window, key=lambda s: s.ankle_forward_ll).t_s + 0.032
        stance = [s for s in window if s.t_s > contact_s + 0.08] or window
        return contact_s, min(stance, key=lambda s: s.flexion_deg).t_s - 0.012

    def _stride(self, start_s: float, end_s: float, near: bool) -> Stride | None:
        window = self._window(start_s, end_s)
        early = [s for s in window if s.t_s < start_s + 0.6 * (end_s - start_s)]
        late = [s for s in window if s.t_s >= start_s + 0.4 * (end_s - start_s)]
        if len(window) < 8 or not early or not late:
            return None
        stance = [s for s in early if s.t_s > start_s + 0.08] or early
        off_s = min(stance, key=lambda s: s.flexion_deg).t_s - 0.012
        peak_s, peak_deg = self.peaks[0]
        return Stride(
            side=self.side,
            near=near,
            start_s=start_s,
            end_s=end_s,
            initial_contact_s=start_s,
            toe_off_s=off_s,
            peak_knee_flexion_deg=peak_deg,
            peak_knee_flexion_s=peak_s,
            peak_knee_flexion_sd_deg=2.5,
            min_hip_heel_ll=min(s.lever_ll for s in late),
            heel_rise_ll=max(s.heel_up_ll for s in late) - min(s.heel_up_ll for s in early),
            cadence_spm=120 / (end_s - start_s),
            contact_time_s=off_s - start_s,
            contact_time_sd_s=0.015,
            flight_time_s=(end_s - start_s) / 2 - (off_s - start_s),
            bounce_ll=max(s.hip_up_ll for s in window) - min(s.hip_up_ll for s in window),
            reject_reason=None if near else RejectReason.FAR_LEG,
        )


def _parabola(points: list[tuple[float, float]]) -> tuple[float, float]:
    (t0, y0), (t1, y1), (t2, y2) = points
    a = ((y2 - y1) / (t2 - t1) - (y1 - y0) / (t1 - t0)) / (t2 - t0)
    if a >= 0:
        return t1, y1
    b = (y1 - y0) / (t1 - t0) - a * (t0 + t1)
    top_s = min(max(-b / (2 * a), t0), t2)
    return top_s, y1 + a * (top_s**2 - t1**2) + b * (top_s - t1)


class GaitTracker:
    """Follows one runner, frame by frame. Uses only what was seen up to the frame given."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything; the tracker is as new."""
        self._scale = LegScale()
        self._facing = FacingFinder()
        self._filters = {side: OneEuroFilter() for side in SIDES}
        self._clocks = {side: _StrideClock(side) for side in SIDES}
        self._last_pose_s = -math.inf
        self._periods: deque[float] = deque(maxlen=8)

    def step(self, t_s: float, pose: Pose | None) -> GaitUpdate:
        """Take the frame at `t_s`; None where no runner was found."""
        if pose is None:
            return self._empty(t_s)
        self._last_pose_s = t_s
        raw = legs_px(pose)
        unit_px = self._scale.update(t_s, leg_lengths_px(raw))
        facing = self._facing.update(t_s, raw, unit_px)
        if not unit_px > 0:
            return self._empty(t_s)
        legs = normalised(t_s, raw, facing or "right", unit_px)
        states: dict[Side, LegState] = {}
        events: tuple[GaitEvent, ...] = ()
        strides: list[Stride] = []
        for i, side in enumerate(SIDES):
            states[side] = self._leg(legs, i, side)
            sample = self._sample(legs, i, states[side])
            if facing is None or math.isnan(sample.flexion_deg):
                continue
            stride, found = self._clocks[side].step(sample, side == facing)
            events += found
            if stride is not None:
                strides.append(stride)
                self._periods.append(stride.end_s - stride.start_s)
        running = bool(self._periods)
        return GaitUpdate(
            t_s=t_s,
            view=View(facing),
            left=states["left"],
            right=states["right"],
            activity=Activity.RUNNING if running else Activity.UNKNOWN,
            trust=Trust.MEASURING if running else Trust.UNSURE,
            events=events,
            strides=tuple(strides),
            cadence_spm=120 / float(np.median(self._periods)) if running else math.nan,
            leg_length_px=unit_px,
            position_ll=math.nan,
            far_leg_trusted=False,
        )

    def finish(self) -> tuple[Stride, ...]:
        """Strides still pending that can be decided honestly."""
        return ()

    def cycles(self) -> dict[Side, KneeCycle]:
        """Mean knee curve over the cycle of each leg, from valid strides."""
        return {}

    def _leg(self, legs: Legs, i: int, side: Side) -> LegState:
        lever = float(np.hypot(*(legs.points_ll[i, HEEL] - legs.points_ll[i, HIP])))
        return LegState(self._filters[side].step(legs.t_s, float(legs.flexion_deg[i])), lever, math.nan, math.nan)

    def _sample(self, legs: Legs, i: int, state: LegState) -> _Sample:
        points = legs.points_ll[i]
        return _Sample(
            legs.t_s,
            state.knee_flexion_deg,
            float(points[ANKLE, 0] - points[HIP, 0]),
            state.hip_heel_ll,
            float(points[HEEL, 1]),
            float(points[HIP, 1]),
        )

    def _empty(self, t_s: float) -> GaitUpdate:
        away = t_s - self._last_pose_s > _AWAY_AFTER_S
        nothing = LegState(math.nan, math.nan, math.nan, math.nan)
        return GaitUpdate(
            t_s=t_s,
            view=View(self._facing.facing),
            left=nothing,
            right=nothing,
            activity=Activity.AWAY if away else Activity.UNKNOWN,
            trust=Trust.PAUSED if away else Trust.UNSURE,
            events=(),
            strides=(),
            cadence_spm=math.nan,
            leg_length_px=self._scale.length_px,
            position_ll=math.nan,
            far_leg_trusted=False,
        )
