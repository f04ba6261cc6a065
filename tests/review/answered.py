"""Runs whose answers are known: strides about a lift, in a band."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from coach.core.coaching.target import HeelLiftTarget
from coach.core.pose import Side
from coach.core.session.records import settings_facts
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed
from coach.languages import load_words
from coach.settings import PoseSettings, Settings
from tests import kept

ENGLISH = load_words("en")
CAMERA = SourceFacts("camera", "front room", 640, 480)
READ_ONCE = PoseSettings(effort="fast")


@cache
def session_of(
    lift_deg: float,
    day: int = 5,
    duration_s: float = 90.0,
    source: SourceFacts = CAMERA,
    *,
    belt: BeltSpeed | None = kept.TYPED_10,
    band: HeelLiftTarget | None = kept.BAND,
    facing: Side = "left",
    scatter_deg: float = 3.0,
    cue_times: tuple[float, ...] = (),
    pose: PoseSettings = READ_ONCE,
    year: int = 2026,
) -> Session:
    """Strides about a lift, in a band of 92–107° unless another is given; made once, however many tests look at it."""
    peak: Callable[[float], float] = lambda t_s: lift_deg + scatter_deg * ((t_s * 7919 % 3) / 3 - 0.5)  # noqa: E731
    builder = SessionBuilder(source, settings_facts(Settings(pose=pose)), f"{year}-11-{day:02d}T18:00:00+01:00")
    told = kept.run(duration_s, 15.0, peak_deg=peak, belt=lambda _: belt, band=band, facing=facing, cue_times=cue_times)
    for update in told:
        builder.add(update)
    return builder.finish()
