"""The landmark network as Coach runs it says what the network as shipped says."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.pose.landmark_network import CROP_PX, LandmarkNetwork, MirroredNetwork, NetworkReading, affords_two
from coach.edges.pose.model_bundle import landmark_model
from coach.edges.pose.region import Region
from coach.errors import PoseModelError
from coach.ports import ImageBGR


@pytest.fixture(scope="module")
def crop() -> ImageBGR:
    """The demo's runner, cut out."""
    picture = DemoSource(DemoRunner(heel_lift=0.0)).picture(0.3)
    return Region(300, 260, 460, 17).cut(picture)


@pytest.fixture(scope="module")
def network(pose_model: Path) -> LandmarkNetwork:
    return LandmarkNetwork(landmark_model(pose_model), threads=1)


def test_what_was_cut_off_changes_nothing_that_is_left(
    pose_model: Path, network: LandmarkNetwork, crop: ImageBGR
) -> None:
    whole: Any = Interpreter(model_content=landmark_model(pose_model), num_threads=1)
    whole.allocate_tensors()
    pixels = crop[np.newaxis, :, :, ::-1].astype(np.float32) / 255
    whole.set_tensor(whole.get_input_details()[0]["index"], pixels)
    whole.invoke()
    outputs = {prod(d["shape"]): whole.get_tensor(d["index"]) for d in whole.get_output_details()}
    reading = network.read(crop)
    assert reading.xy == pytest.approx(outputs[195].reshape(39, 5)[:33, :2], abs=1e-2)
    assert reading.presence == pytest.approx(outputs[1].item(), abs=1e-4)
    assert np.abs(reading.heat_logits - outputs[64 * 64 * 39].reshape(64, 64, 39)).max() < 1e-2


def test_it_knows_whether_somebody_is_there(network: LandmarkNetwork, crop: ImageBGR) -> None:
    assert network.read(crop).presence > 0.9
    assert network.read(np.full((CROP_PX, CROP_PX, 3), 120, np.uint8)).presence < 0.1


def test_the_mirrored_reading_does_not_depend_on_which_way_the_runner_faces(
    network: LandmarkNetwork, crop: ImageBGR
) -> None:
    both = MirroredNetwork(network)
    right, left = both.read(crop), both.read(np.asarray(cv2.flip(crop, 1), np.uint8))
    ankles, swapped = [27, 28], [28, 27]
    assert right.xy[ankles, 0] == pytest.approx(CROP_PX - left.xy[swapped, 0], abs=1e-2)
    assert right.xy[ankles, 1] == pytest.approx(left.xy[swapped, 1], abs=1e-2)
    opposite = left.heat_logits[:, :0:-1]
    assert np.abs(right.heat_logits[:, 1:, ankles] - opposite[:, :, swapped]).max() < 1e-2


def test_both_readings_lie_on_each_other(network: LandmarkNetwork, crop: ImageBGR) -> None:
    """The network sees a joint in the mirror image where it sees it in the picture, within a fifth of a cell."""
    plain, both = network.read(crop), MirroredNetwork(network).read(crop)
    joints = [row for row in range(11, 33) if plain.heat_logits[:, :, row].max() > 0]
    moved = [_centre(both.heat_logits[:, :, row]) - _centre(plain.heat_logits[:, :, row]) for row in joints]
    assert len(moved) > 12
    assert np.abs(np.median(moved, axis=0)).max() < 0.2


def _centre(logits: NDArray[np.float32]) -> FloatArray:
    """(2,) Column and line of the heat around its hottest cell."""
    line, column = np.unravel_index(logits.argmax(), logits.shape)
    lines, columns = (slice(max(at - 3, 0), at + 4) for at in (int(line), int(column)))
    heat = 1 / (1 + np.exp(-logits[lines, columns].astype(float)))
    down, along = np.indices(heat.shape)
    return np.array([columns.start + (heat * along).sum() / heat.sum(), lines.start + (heat * down).sum() / heat.sum()])


def test_a_second_reading_is_afforded_by_a_slow_camera_only(network: LandmarkNetwork) -> None:
    assert affords_two(network, fps=0.01)
    assert not affords_two(network, fps=1e6)


class TimedNetwork:
    """A network that takes so long, by a clock of its own."""

    readings = 1

    def __init__(self, monkeypatch: pytest.MonkeyPatch, read_ms: float) -> None:
        self._now_s, self._read_ms = 0.0, read_ms
        monkeypatch.setattr("coach.edges.pose.landmark_network.time.perf_counter", lambda: self._now_s)

    def read(self, _: ImageBGR) -> NetworkReading:
        self._now_s += self._read_ms / 1000
        return NetworkReading(np.zeros((33, 2)), np.zeros(33), 0.0, np.zeros((64, 64, 39), np.float32))


@pytest.mark.parametrize(
    ("before", "affords_ms", "asks_too_much_ms"),
    [pytest.param(0, 4.9, 5.1, id="first"), pytest.param(1, 3.7, 4.9, id="one"), pytest.param(2, 6.6, 6.8, id="two")],
)
def test_a_machine_at_the_edge_goes_on_as_last_time(
    monkeypatch: pytest.MonkeyPatch, before: int, affords_ms: float, asks_too_much_ms: float
) -> None:
    """At 30 pictures a second two readings of 5 ms are the edge."""
    assert affords_two(TimedNetwork(monkeypatch, affords_ms), 30.0, before)
    assert not affords_two(TimedNetwork(monkeypatch, asks_too_much_ms), 30.0, before)


@pytest.mark.parametrize("model", [b"", b"not a model"])
def test_what_is_no_network_is_one_clear_error(model: bytes) -> None:
    with pytest.raises(PoseModelError, match="landmark network cannot be loaded"):
        LandmarkNetwork(model, threads=1)
