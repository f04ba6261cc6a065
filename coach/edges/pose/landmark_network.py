"""MediaPipe's landmark network, run directly through LiteRT on a crop of our choosing.

The network takes a 256 × 256 picture of one person and returns landmarks, how sure it is that
somebody is there, and a heat map for every landmark. It also draws a segmentation and estimates
landmarks in 3D; nobody here asks for these, and the branches that make them cost 40 % of the time
(9.1 → about 6 ms a frame, identical results otherwise), so they are cut off before it is loaded.

It may be asked twice, about the crop and about its mirror image: the network is not quite symmetric, and what it
misreads in one of the two it often reads right in the other. The mean of both readings scatters by a quarter less and
suffers less from blur, for twice the time. Only two readings gain by light: one alone took a leg for the other in a
brightened picture (docs/accuracy-front-end.md).
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass
from math import prod
from typing import Any, Final, Protocol

import cv2
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.pose.light import lit
from coach.edges.pose.model_bundle import MODEL_IDENTIFIER
from coach.errors import PoseModelError
from coach.ports import ImageBGR

NOT_A_NETWORK: Final = (ValueError, RuntimeError, TypeError, AttributeError, IndexError, struct.error)
"""What a file that is something else makes the flatbuffers reader and LiteRT raise."""

CROP_PX: Final = 256
"""Width and height of the network's input picture."""

HEAT_MAP_PX: Final = 64
"""Width and height of a heat map, which covers the same square."""

LEAST_PRESENCE: Final = 0.5
"""Below it nobody is in the crop. MediaPipe's own threshold; the network says at most 0.04 where nobody is."""

_LANDMARKS: Final = 39
"""33 of the body and 6 auxiliary ones; 5 values each: x, y, z, visibility, presence."""

_LANDMARK_VALUES: Final = _LANDMARKS * 5
_HEAT_MAP_VALUES: Final = HEAT_MAP_PX * HEAT_MAP_PX * _LANDMARKS
_BODY: Final = 33
_NAME: Final = "the landmark network"

_PAIRS: Final = ((1, 4), (2, 5), (3, 6), (7, 8), (9, 10), *((row, row + 1) for row in range(11, 33, 2)))
"""Left and right landmarks of the body; the nose and the auxiliary ones stay."""

_OTHER_SIDE: Final = np.arange(39)
for _left, _right in _PAIRS:
    _OTHER_SIDE[[_left, _right]] = _right, _left

_AFFORDED: Final = 0.3
"""Live, two readings may take this share of the time between two frames, where the machine decides: capture, drawing,
sound and a warm laptop's slower clock want the rest."""
_STAYS: Final = 4 / 3
"""Which way it goes must not change from day to day, for a baseline was read the one way or the other: a machine that
once had the time for two goes on with two while they take no more than so much of that share, one that had not with
one until they take as much less."""

_TRIALS: Final = 5


def load_network(model: bytes, threads: int, name: str) -> Any:
    """The interpreter, ready to run. Raises PoseModelError, which calls the network by its name."""
    try:
        interpreter: Any = Interpreter(model_content=model, num_threads=threads)
        interpreter.allocate_tensors()
    except NOT_A_NETWORK as error:
        raise cannot_load(name, error) from error
    return interpreter


def cannot_load(name: str, error: Exception) -> PoseModelError:
    """One line for a network that is none."""
    return PoseModelError(f"{name} cannot be loaded ({error}); give full, lite, heavy or another bundle")


@dataclass(frozen=True, slots=True)
class NetworkReading:
    """What the network says of one crop.

    xy: (33, 2) in crop pixels, as regressed. visibility: (33,), 0 to 1.
    presence: 0 to 1, at most 0.04 where nobody is there.
    heat_logits: (64, 64, 39), row, column, landmark; their sigmoid is the heat.
    """

    xy: FloatArray
    visibility: FloatArray
    presence: float
    heat_logits: NDArray[np.float32]


class LandmarkNetwork:
    """The network, loaded and ready."""

    readings: Final = 1

    def __init__(self, model: bytes, threads: int) -> None:
        """Load a bundle's landmark model. Raises PoseModelError where it is not one."""
        try:
            needed = _pruned(model)
        except NOT_A_NETWORK as error:
            raise cannot_load(_NAME, error) from error
        self._interpreter = load_network(needed, threads, _NAME)
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs = {prod(d["shape"]): d["index"] for d in self._interpreter.get_output_details()}

    def read(self, crop_bgr: ImageBGR) -> NetworkReading:
        """Landmarks of the person in a (256, 256, 3) crop."""
        rgb = cv2.cvtColor(crop_bgr, cv2.COLOR_BGR2RGB)
        self._interpreter.set_tensor(self._input, (rgb * np.float32(1 / 255))[np.newaxis])
        self._interpreter.invoke()
        values = self._output(_LANDMARK_VALUES).reshape(_LANDMARKS, 5)[:_BODY].astype(float)
        return NetworkReading(
            xy=values[:, :2],
            visibility=1 / (1 + np.exp(-values[:, 3])),
            presence=float(self._output(1).item()),
            heat_logits=self._output(_HEAT_MAP_VALUES).reshape(HEAT_MAP_PX, HEAT_MAP_PX, _LANDMARKS),
        )

    def _output(self, values: int) -> Any:
        return self._interpreter.get_tensor(self._outputs[values])


def _pruned(model: bytes) -> bytes:
    """The model with its landmark, presence and heat map outputs, and only the operators that these need.

    Outputs are told apart by their number of values: their names differ between versions of the model.
    """
    content = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(model), 0))
    graph = content.subgraphs[0]
    wanted = {_LANDMARK_VALUES, 1, _HEAT_MAP_VALUES}
    graph.outputs = [output for output in graph.outputs if prod(graph.tensors[output].shape) in wanted]
    if len(graph.outputs) != len(wanted):
        raise ValueError("it is not a pose landmark network with heat maps")
    needed, operators = set(graph.outputs), []
    for operator in reversed(graph.operators):
        if needed.intersection(operator.outputs):
            operators.append(operator)
            needed.update(operator.inputs)
    graph.operators = operators[::-1]
    content.signatureDefs = None
    builder = flatbuffers.Builder(len(model))
    builder.Finish(content.Pack(builder), file_identifier=MODEL_IDENTIFIER)
    return bytes(builder.Output())


class Network(Protocol):
    """Reads a crop."""

    @property
    def readings(self) -> int:
        """How many times each crop is read."""
        ...

    def read(self, crop_bgr: ImageBGR) -> NetworkReading:
        """Landmarks of the person in a (256, 256, 3) crop."""
        ...


class MirroredNetwork:
    """Means of two readings."""

    readings: Final = 2

    def __init__(self, network: LandmarkNetwork) -> None:
        self._network = network

    def read(self, crop_bgr: ImageBGR) -> NetworkReading:
        """Landmarks of the person in a (256, 256, 3) crop."""
        bright = lit(crop_bgr)
        plain = self._network.read(bright)
        mirrored = self._network.read(np.asarray(cv2.flip(bright, 1), np.uint8))
        body = _OTHER_SIDE[: len(plain.xy)]
        xy = mirrored.xy[body] * (-1, 1) + (CROP_PX, 0)
        heat_logits = plain.heat_logits.copy()
        # Cell c is the crop's pixel 4 c, so it lies opposite cell 64 - c, and the first one has none opposite.
        heat_logits[:, 1:] += mirrored.heat_logits[:, :0:-1, _OTHER_SIDE]
        heat_logits[:, 1:] *= np.float32(0.5)
        return NetworkReading(
            xy=(plain.xy + xy) / 2,
            visibility=(plain.visibility + mirrored.visibility[body]) / 2,
            presence=min(plain.presence, mirrored.presence),
            heat_logits=heat_logits,
        )


def affords_two(network: Network, fps: float, before: int = 0) -> bool:
    """Whether this machine reads two crops well within the time of a frame.

    The best of a few trials, so that other programs do not decide it. before: how many it read last time; 0: not known.
    """
    blank, quickest_s = np.zeros((CROP_PX, CROP_PX, 3), np.uint8), np.inf
    for _ in range(_TRIALS):
        started = time.perf_counter()
        network.read(blank)
        quickest_s = min(quickest_s, time.perf_counter() - started)
    afforded = _AFFORDED * {1: 1 / _STAYS, 2: _STAYS}.get(before, 1.0)
    return bool(2 * quickest_s * fps <= afforded)
