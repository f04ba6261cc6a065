"""The speed that the runner typed: one value, keys to change it, or planned intervals."""

from __future__ import annotations

import math
import threading
from typing import Final

from coach.core.bounds import FASTEST_MPS
from coach.core.notices import Notice
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.speed_plan import SpeedPlan
from coach.core.units import METRES_PER_KM, SECONDS_PER_HOUR

TYPED_SD_SHARE: Final = 0.03
"""What is typed is read off the console, and consoles are off by some per cent: belts of the measured treadmill trials
ran 2–3 % below their label (Fukuchi 2017, heel markers), up to 10 % under load on worn ones."""

_START_MPS: Final = 8.0 * METRES_PER_KM / SECONDS_PER_HOUR
"""Where the first press of a key starts when nothing at all is known of the speed: an easy jog."""

_AS_SHOWN_KMH: Final = 0.05
"""Nearer than this to a step's multiple it is shown as that, so a key that went only there would change nothing."""


class TypedSpeed:
    """A speed source that never goes stale: what was typed holds until it is changed.

    A plan starts with the first call of `current`, and its clock stands still in a pause. A key pressed during a plan
    holds until the plan's next step. A step that names no incline is run on the one that was typed, or on the level.
    Keys may come from another thread than the one that asks for the speed.
    """

    def __init__(
        self,
        speed_mps: float | None = None,
        incline_pct: float | None = None,
        plan: SpeedPlan | None = None,
        *,
        step_kmh: float = 0.5,
    ) -> None:
        self._typed_mps = speed_mps
        self._incline_pct = math.nan if incline_pct is None else incline_pct
        if plan is not None and plan.climbs and incline_pct is None:
            self._incline_pct = 0.0
        self._plan = plan
        self._step_mps = step_kmh * METRES_PER_KM / SECONDS_PER_HOUR
        self._planned_s = 0.0
        """How much of the plan is over."""
        self._seen_s: float | None = None
        self._paused = False
        self._plan_step = -1
        self._changed_s: float | None = None
        self._override = False
        self._lock = threading.Lock()

    def current(self, t_s: float) -> BeltSpeed | None:
        """What was typed or is planned for now; None where nothing was ever said."""
        with self._lock:
            self._follow_plan(t_s)
            if self._typed_mps is None:
                return None
            if self._changed_s is None:
                self._changed_s = t_s
            planned = self._plan is not None and not self._override
            return BeltSpeed(
                speed_mps=self._typed_mps,
                origin=SpeedOrigin.PLAN if planned else SpeedOrigin.TYPED,
                sd_mps=TYPED_SD_SHARE * self._typed_mps,
                age_s=max(0.0, t_s - self._changed_s),
                incline_pct=self._incline_now_pct(),
            )

    def pause(self, t_s: float, paused: bool) -> None:
        """From `t_s` on the plan's clock stands still, or goes on; the speed of its step holds meanwhile."""
        with self._lock:
            self._pass_time(t_s)
            self._paused = paused

    def notices(self) -> tuple[Notice, ...]:
        """Nothing: whoever typed it knows."""
        return ()

    def faster(self, now_mps: float | None = None) -> float:
        """One step up from the typed speed; where none was typed, the next multiple of a step above `now_mps`.

        `now_mps`: such as read from the picture; None or NaN where nothing is known.
        """
        return self._change(+1, now_mps)

    def slower(self, now_mps: float | None = None) -> float:
        """One step down, or the next multiple of a step below `now_mps`; never below 0."""
        return self._change(-1, now_mps)

    def close(self) -> None:
        """Nothing to let go of."""

    def _change(self, steps: int, now_mps: float | None) -> float:
        with self._lock:
            self._typed_mps = self._next_mps(steps, now_mps)
            self._changed_s = None
            self._override = True
            return self._typed_mps

    def _next_mps(self, steps: int, now_mps: float | None) -> float:
        if self._typed_mps is not None:
            return min(max(self._typed_mps + steps * self._step_mps, 0.0), FASTEST_MPS)
        if now_mps is None or not math.isfinite(now_mps):
            return round(_START_MPS / self._step_mps) * self._step_mps
        now_steps, near = now_mps / self._step_mps, _AS_SHOWN_KMH * METRES_PER_KM / SECONDS_PER_HOUR / self._step_mps
        to_steps = math.floor(now_steps + near) + 1 if steps > 0 else math.ceil(now_steps - near) - 1
        return min(max(to_steps * self._step_mps, 0.0), FASTEST_MPS)

    def _follow_plan(self, t_s: float) -> None:
        if self._plan is None:
            return
        self._pass_time(t_s)
        step = self._plan.index_at(self._planned_s)
        if step != self._plan_step:
            self._plan_step = step
            self._typed_mps = self._plan.steps[step].speed_mps
            self._changed_s = t_s
            self._override = False

    def _incline_now_pct(self) -> float:
        planned_pct = math.nan if self._plan is None else self._plan.steps[self._plan_step].incline_pct
        return self._incline_pct if math.isnan(planned_pct) else planned_pct

    def _pass_time(self, t_s: float) -> None:
        """Up to `t_s`: two threads ask, so that it may lie behind another's, and is infinite before the first frame."""
        if not math.isfinite(t_s) or (self._seen_s is not None and t_s < self._seen_s):
            return
        if self._seen_s is not None and not self._paused:
            self._planned_s += t_s - self._seen_s
        self._seen_s = t_s
