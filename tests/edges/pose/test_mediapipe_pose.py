"""A bundle of bare networks, as Coach puts it together, is one that MediaPipe takes too."""

from __future__ import annotations

from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from bench.people import demo_pictures, distances_px, open_finder
from coach.edges.pose.model_bundle import assemble_bundle, detector_model, landmark_model

pytestmark = pytest.mark.mediapipe


def bare(model: bytes) -> bytes:
    """The network as it lies in MediaPipe's wheel: nothing said of its input."""
    content = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(model), 0))
    for entry in content.metadata or []:
        if entry.name == b"TFLITE_METADATA":
            content.buffers[entry.buffer].data = None
    content.metadata = None
    builder = flatbuffers.Builder(len(model))
    builder.Finish(content.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def test_a_bundle_of_bare_networks_is_taken_by_either_finder(pose_model: Path, tmp_path: Path) -> None:
    from coach.edges.pose.mediapipe_pose import MediaPipeFinder

    own = tmp_path / "own.task"
    own.write_bytes(assemble_bundle(bare(detector_model(pose_model)), bare(landmark_model(pose_model))))
    assert b"TFLITE_METADATA" not in own.read_bytes()
    picture = demo_pictures()["two"]
    task = MediaPipeFinder(own, at_most=3)
    try:
        answers = np.array([person.xy_px for person in task.find(picture)])
    finally:
        task.close()
    assert len(answers) == 2
    assert np.median(distances_px(open_finder(own).find(picture), answers)) < 0.1
