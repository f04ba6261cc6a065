"""Which runs may be held against each other, and which a camera saw from one place."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.session.seen import Seen

RUN = Seen("left", "camera", "0", ("rtmpose", "heavy", "fast"), 5.0)
CLIP = replace(RUN, kind="video", name="monday.mp4")


def test_runs_of_one_side_one_camera_and_one_reading_are_alike() -> None:
    assert RUN.like(replace(RUN, yaw_deg=30.0))
    assert CLIP.like(replace(CLIP, name="tuesday.mp4"))
    assert RUN.like(replace(RUN, reading=("rtmpose", "heavy", "auto")))
    assert RUN.like(replace(RUN, reading=(None, "heavy", "fast")))


@pytest.mark.parametrize(
    "other",
    [
        replace(RUN, near_side="right"),
        replace(RUN, name="1"),
        CLIP,
        replace(RUN, reading=("rtmpose", "heavy", "accurate")),
        replace(RUN, reading=("rtmpose", "light", "fast")),
    ],
    ids=["side", "camera", "clip", "effort", "model"],
)
def test_what_was_seen_another_way_is_not_like(other: Seen) -> None:
    assert not RUN.like(other)


@pytest.mark.parametrize(
    ("one", "other", "still"),
    [
        (RUN, RUN, True),
        (RUN, replace(RUN, yaw_deg=7.5), True),
        (RUN, replace(RUN, yaw_deg=9.0), False),
        (RUN, replace(RUN, yaw_deg=math.nan), False),
        (replace(RUN, yaw_deg=math.nan), replace(RUN, yaw_deg=math.nan), True),
        (RUN, replace(RUN, name="1"), False),
        (CLIP, CLIP, False),
    ],
)
def test_only_a_live_camera_that_looks_as_before_stands_at_one_place(one: Seen, other: Seen, still: bool) -> None:
    assert one.from_one_place(other) is still
