"""The look around during a run: light and rate of the pictures that came."""

from __future__ import annotations

import numpy as np
import pytest

from coach.app.surroundings import LightMeter
from coach.ports import Frame

PICTURE = np.random.default_rng(1).integers(60, 180, (48, 64, 3)).astype(np.uint8)
"""Bright and full of edges: nothing to say of the light."""


def told(*stretches: tuple[float, float, float], streamed: bool = False) -> list[str]:
    """What is said of pictures from one time to another, so many a second."""
    meter = LightMeter(streamed=streamed)
    times_s = np.concatenate([np.arange(start_s, end_s, 1 / fps) for start_s, end_s, fps in stretches])
    notices = [meter.step(Frame(index, float(t_s), PICTURE)) for index, t_s in enumerate(times_s)]
    return [notice.key for notice in notices if notice is not None]


@pytest.mark.parametrize(
    ("stutters_s", "says"), [(1.2, []), (10.0, ["screen.remedy.faster_camera", "screen.picture_good"])]
)
def test_a_stream_that_stutters_and_is_lost_has_not_been_slow_all_the_while(stutters_s: float, says: list[str]) -> None:
    assert told((0, 10, 30), (10, 10 + stutters_s, 12), (20.5, 30, 30)) == says


def test_a_stream_that_comes_slowly_may_be_the_networks_doing() -> None:
    assert told((0, 10, 30), (15, 25, 15), streamed=True) == ["screen.remedy.faster_stream"]


def test_a_camera_that_comes_back_slower_than_it_was_is_told() -> None:
    assert told((0, 10, 30), (15, 25, 15)) == ["screen.remedy.faster_camera"]
