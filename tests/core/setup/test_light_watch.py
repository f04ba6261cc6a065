"""Light that goes bad in mid-run is told once, and so is its end."""

from __future__ import annotations

import itertools
import math

import pytest

from coach.core.setup.light_watch import LIGHT_LASTS_S, LIGHT_QUIET_S, PICTURE_GOOD, LightWatch
from coach.core.setup.setup_check import PictureStats


def seen(fps: float = 30.0, brightness: float = 110.0, sharpness: float = 0.2) -> PictureStats:
    return PictureStats(1280, 720, fps, brightness, sharpness)


def told(watch: LightWatch, *stretches: tuple[PictureStats, float]) -> list[tuple[float, str]]:
    """What is said over stretches of so many seconds of one picture each, looked at once a second, and when."""
    said, t_s = [], 0.0
    for picture, seconds in stretches:
        for _ in range(round(seconds)):
            if (key := watch.step(t_s, picture)) is not None:
                said.append((t_s, key))
            t_s += 1.0
    return said


@pytest.mark.parametrize(
    ("picture", "remedy"),
    [
        (seen(brightness=20.0), "remedy.brighter"),
        (seen(sharpness=0.001), "remedy.sharper"),
        (seen(fps=15.0), "remedy.faster_camera"),
    ],
)
def test_bad_light_is_told_once_and_so_is_its_end(picture: PictureStats, remedy: str) -> None:
    said = told(LightWatch(), (seen(), 10), (picture, 200), (seen(), 20))
    assert said == [(10 + LIGHT_LASTS_S, remedy), (210 + LIGHT_LASTS_S, PICTURE_GOOD)]


def test_a_moment_of_darkness_is_nothing() -> None:
    assert told(LightWatch(), (seen(), 10), (seen(brightness=5.0), LIGHT_LASTS_S), (seen(), 10)) == []


def test_flickering_light_is_not_said_again_and_again() -> None:
    dark, lit = (seen(brightness=5.0), 6.0), (seen(), 6.0)
    said = told(LightWatch(), lit, *(dark, lit) * 10)
    remedies = [t_s for t_s, key in said if key != PICTURE_GOOD]
    assert len(remedies) > 1
    assert all(later - earlier >= LIGHT_QUIET_S for earlier, later in itertools.pairwise(remedies))


def test_a_camera_that_was_never_fast_has_not_slowed_down() -> None:
    assert told(LightWatch(), (seen(fps=15.0), 60), (seen(fps=12.0), 60)) == []
    assert told(LightWatch(), (seen(fps=15.0), 60), (seen(fps=7.0), 60)) == [
        (60 + LIGHT_LASTS_S, "remedy.faster_camera")
    ]


def test_a_camera_that_begins_to_repeat_its_pictures_is_told_as_that() -> None:
    doubled = PictureStats(1280, 720, 15.0, 110.0, 0.2, repeated_pct=50.0)
    assert told(LightWatch(), (seen(), 10), (doubled, 60)) == [(10 + LIGHT_LASTS_S, "remedy.repeats")]
    assert told(LightWatch(), (doubled, 60)) == [], "it was never faster"


def test_an_unknown_rate_is_no_complaint() -> None:
    assert told(LightWatch(), (seen(fps=math.nan), 30), (seen(), 30)) == []
