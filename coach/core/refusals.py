"""Why nothing is measured, or much is left out: told once for each reason, with what to do."""

from __future__ import annotations

import math
from collections import Counter, deque
from typing import Final

from coach.core.gait import Activity, GaitUpdate
from coach.core.gait.finding import Finding
from coach.core.gait.stride import RejectReason
from coach.core.notices import Notice, NoticeKind

_CLEAR_S: Final = 3.0
"""A finding is told once it has held for so long: whoever steps on the belt stands and walks first."""
_CALM: Final = {Finding.NOBODY: 8.0, Finding.STANDING: 8.0, Finding.WALKING: 8.0}
"""What every run begins and ends with is told later."""
_STRIDES: Final = 12
_LEFT_OUT: Final = 0.5
_NOT_TOLD: Final = frozenset({RejectReason.NOT_RUNNING, RejectReason.ODD_TIME, RejectReason.FAR_LEG})
"""These have a finding of their own, or are no trouble: the near leg counts."""


class Refusals:
    """Watches what the tracker says; each reason is told once a run."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._finding: Finding | None = None
        self._since_s = math.nan
        self._strides: deque[RejectReason | None] = deque(maxlen=_STRIDES)

    def step(self, gait: GaitUpdate) -> tuple[Notice, ...]:
        """Take one frame; what is to be told now."""
        self._strides += [stride.reject_reason for stride in gait.strides if stride.near]
        if gait.finding is not self._finding:
            self._finding, self._since_s = gait.finding, gait.t_s
        if gait.activity is not Activity.RUNNING and self._finding is not None:
            if gait.t_s - self._since_s >= _CALM.get(self._finding, _CLEAR_S):
                return self._once(f"seen.{self._finding}", gait.t_s, _offer(gait))
            return ()
        reason = most_frequent(self._strides)
        return () if reason is None else self._once(f"left_out.{reason.name.lower()}", gait.t_s)

    def _once(self, key: str, t_s: float, detail: str = "") -> tuple[Notice, ...]:
        if key in self._told:
            return ()
        self._told.add(key)
        return (Notice(NoticeKind.SEEN, key, detail, t_s=t_s),)


def most_frequent(verdicts: deque[RejectReason | None]) -> RejectReason | None:
    """Why most of the last strides were left out; None where fewer than half were."""
    reasons = Counter(reason for reason in verdicts if reason is not None and reason not in _NOT_TOLD)
    if len(verdicts) < _STRIDES or sum(reasons.values()) < _LEFT_OUT * len(verdicts):
        return None
    return reasons.most_common(1)[0][0]


def _offer(gait: GaitUpdate) -> str:
    """What to type where time does not run as in life."""
    if gait.finding in {Finding.SLOW_MOTION, Finding.FAST_MOTION} and not math.isnan(gait.time_scale):
        return f"--time-scale {gait.time_scale:g}"
    return ""
