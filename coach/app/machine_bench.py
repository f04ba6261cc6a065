"""What this machine makes of a run: the pose network and the coach, timed on pictures of the demo's runner."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coach.app.parts import ModelProgress, open_coach, open_pose_estimator
from coach.edges.demo.source import DemoSource
from coach.ports import Frame
from coach.settings import Effort, Settings

EFFORTS: Final[tuple[Effort, ...]] = ("fast", "accurate")
_PICTURES: Final = 30
"""A second of the demo, shown over and over: drawing it is not what is timed."""
_FIRST_S: Final = 1.0
"""The first pictures find the runner and fill caches; a run does that once."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One stage at one effort: median and 95th percentile, milliseconds a picture."""

    effort: Effort
    stage: str
    p50_ms: float
    p95_ms: float


def measure(
    settings: Settings, size: tuple[int, int], seconds: float, progress: ModelProgress | None = None
) -> Iterator[Reading]:
    """Time each effort for so many seconds on pictures of this size: `pose`, `coach`, and both together as `picture`.

    Raises PoseModelError where the model is missing.
    """
    source = DemoSource(width=size[0], height=size[1], duration_s=_PICTURES / 30)
    frames = [item for item in source.frames() if isinstance(item, Frame)]
    for effort in EFFORTS:
        asked = replace(settings, pose=replace(settings.pose, effort=effort))
        times_ms = np.array(list(_timed(asked, source, frames, seconds, progress)))
        for stage, column in (("pose", times_ms[:, 0]), ("coach", times_ms[:, 1]), ("picture", times_ms.sum(axis=1))):
            yield Reading(effort, stage, *(float(value) for value in np.percentile(column, (50, 95))))


def _timed(
    settings: Settings, source: DemoSource, frames: list[Frame], seconds: float, progress: ModelProgress | None
) -> Iterator[tuple[float, float]]:
    """Milliseconds of network and coach for each picture after the first ones; at least one picture is timed."""
    estimator, coach = open_pose_estimator(settings, source.info, progress), open_coach(settings, source.info)
    try:
        began_s = time.perf_counter()
        index = 0
        while index < 2 or time.perf_counter() - began_s < _FIRST_S + seconds:
            frame = replace(frames[index % len(frames)], index=index, t_s=index / source.info.nominal_fps)
            start_s = time.perf_counter()
            pose = estimator.estimate(frame)
            posed_s = time.perf_counter()
            coach.step(frame.t_s, pose, [])
            done_s = time.perf_counter()
            index += 1
            if index >= 2 and done_s - began_s >= min(_FIRST_S, seconds):
                yield 1000 * (posed_s - start_s), 1000 * (done_s - posed_s)
    finally:
        estimator.close()
