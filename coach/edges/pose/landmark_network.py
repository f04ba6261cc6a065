"""MediaPipe's landmark network, run directly through LiteRT on a crop of our choosing.

The network takes a 256 × 256 picture of one person and returns landmarks, how sure it is that
somebody is there, and a heat map for every landmark. It also draws a segmentation and estimates
landmarks in 3D; nobody here asks for these, and the branches that make them cost 40 % of the time
(9.1 → about 6 ms a frame, identical results otherwise), so they are cut off before it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Final

import cv2
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.pose.network_loading import NOT_A_NETWORK, cannot_load, load_network
from coach.ports import ImageBGR

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
_MODEL_IDENTIFIER: Final = b"TFL3"
_NAME: Final = "the landmark network"


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
    builder.Finish(content.Pack(builder), file_identifier=_MODEL_IDENTIFIER)
    return bytes(builder.Output())
