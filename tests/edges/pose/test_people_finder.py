"""The finder of people finds what MediaPipe's pose landmarker found in the same pictures.

`people_answers.json` holds MediaPipe's landmarks in pixels, written by `python -m bench.people --record FILE`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.people import ROUNDING_PX, clip_pictures, demo_pictures, distances_px, open_finder
from coach.edges.pose.model_bundle import detector_model, landmark_model
from coach.edges.pose.people_finder import PeopleFinder, PersonDetector
from coach.errors import PoseModelError
from coach.ports import ImageBGR

SLOW = pytest.mark.slow
ANSWERS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("people_answers.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def finder(pose_model: Path) -> PeopleFinder:
    return open_finder(pose_model)


@pytest.fixture(scope="module")
def pictures() -> dict[str, ImageBGR]:
    return demo_pictures()


@pytest.mark.parametrize(
    "name", ["two, one small", *(pytest.param(n, marks=SLOW) for n in ANSWERS["demo"] if n != "two, one small")]
)
def test_in_pictures_of_the_demo_everybody_is_where_mediapipe_found_them(
    finder: PeopleFinder, pictures: dict[str, ImageBGR], name: str
) -> None:
    """Where a landmark's heat lies at the threshold of being believed, a processor's rounding decides."""
    found = finder.find(pictures[name])
    distances = distances_px(found, np.array(ANSWERS["demo"][name]).reshape(-1, 33, 2))
    assert (distances <= ROUNDING_PX).mean() >= 0.9 if found else distances.size == 0
    assert all(((person.visibility >= 0) & (person.visibility <= 1)).all() for person in found)


def test_the_pictures_of_the_demo_hold_nobody_one_two_and_three() -> None:
    assert {len(people) for people in ANSWERS["demo"].values()} == {0, 1, 2, 3}


def test_no_more_are_looked_at_than_asked_for(finder: PeopleFinder, pictures: dict[str, ImageBGR]) -> None:
    picture = pictures["three"]
    few = PeopleFinder(finder._detector, finder._network, at_most=2)
    assert len(few.find(picture)) == 2
    assert np.array_equal(few.find(picture)[0].xy_px, finder.find(picture)[0].xy_px), "the surest first"


@pytest.mark.slow
def test_no_memory_between_pictures(finder: PeopleFinder, pictures: dict[str, ImageBGR]) -> None:
    alone = finder.find(pictures["facing left"])[0]
    finder.find(pictures["three"])
    assert np.array_equal(finder.find(pictures["facing left"])[0].xy_px, alone.xy_px)


@pytest.mark.data
@pytest.mark.slow
def test_on_all_clips_within_rounding_of_a_pixel(finder: PeopleFinder, test_data: Path) -> None:
    distances = {
        name: distances_px(finder.find(picture), np.array(ANSWERS["clips"][name]).reshape(-1, 33, 2))
        for name, picture in clip_pictures(test_data)
    }
    assert distances.keys() == ANSWERS["clips"].keys()
    assert np.mean(np.concatenate(list(distances.values())) <= ROUNDING_PX) >= 0.99
    assert all(np.median(off) <= 0.1 for off in distances.values() if off.size)


@pytest.mark.parametrize("model", [b"", b"not a model"])
def test_what_is_no_network_is_one_clear_error(model: bytes) -> None:
    with pytest.raises(PoseModelError, match="person detector cannot be loaded"):
        PersonDetector(model, threads=1)


def test_another_network_is_no_detector(pose_model: Path) -> None:
    with pytest.raises(PoseModelError, match="person detector is not BlazePose's"):
        PersonDetector(landmark_model(pose_model), threads=1)
    assert PersonDetector(detector_model(pose_model), threads=1)
