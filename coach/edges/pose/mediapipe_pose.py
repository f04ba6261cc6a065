"""Plain MediaPipe Tasks behind the port, for comparison alone.

Whoever creates a MediaPipe task also starts its sender of usage data (docs/people-finder.md). So this module, the only
one that imports MediaPipe, is imported only where `pose.backend = "mediapipe"` asks for it and
`pose.mediapipe_may_report` allows it.

MediaPipe Tasks wants a bundle's networks to say what their input picture is. Official bundles say it; a bundle put
together from the networks inside a MediaPipe wheel does not, and is told it here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import flatbuffers
import numpy as np
from mediapipe.tasks.metadata import metadata_schema_py_generated as about
from mediapipe.tasks.metadata import schema_py_generated as schema
from mediapipe.tasks.python.core.base_options import BaseOptions
from mediapipe.tasks.python.vision import pose_landmarker as tasks
from mediapipe.tasks.python.vision.core.image import Image, ImageFormat

from coach.core.pose import Pose
from coach.edges.pose.model_bundle import MODEL_IDENTIFIER, assemble_bundle, detector_model, landmark_model
from coach.edges.pose.people_finder import Person, pose_of
from coach.edges.pose.runner_search import SAME_PLACE, RunnerSearch, Sighting, alike, distance_px, sighting
from coach.errors import PoseModelError
from coach.ports import Frame, ImageBGR

_MOST_PEOPLE: Final = 3
_LOST_S: Final = 0.3
"""Not seen for so long, the runner is looked for anew."""

_METADATA_IDENTIFIER: Final = b"M001"
_METADATA_BUFFER: Final = b"TFLITE_METADATA"

# How each network wants its pixels (0–255): (value − mean) / std. The detector takes −1 to 1, the landmarks 0 to 1.
_DETECTOR_SCALE: Final = (127.5, 127.5)
_LANDMARKS_SCALE: Final = (0.0, 255.0)


class MediaPipeFinder:
    """MediaPipe's pose landmarker in IMAGE mode: a fresh detection for every picture, no smoothing."""

    def __init__(self, bundle: Path, at_most: int) -> None:
        """Load the bundle. Raises PoseModelError where MediaPipe does not take it."""
        # Bytes rather than the path: paths with other than ASCII letters fail on Windows.
        content = bundle_with_metadata(bundle)
        try:
            options = tasks.PoseLandmarkerOptions(BaseOptions(model_asset_buffer=content), num_poses=at_most)
            self._landmarker: Any = tasks.PoseLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise PoseModelError(
                f"the pose model {bundle} cannot be loaded ({error}); give full, lite, heavy or another bundle"
            ) from error

    def find(self, image_bgr: ImageBGR) -> list[Person]:
        """Everybody in the picture, in no particular order."""
        height, width = image_bgr.shape[:2]
        rgb = np.ascontiguousarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        found = self._landmarker.detect(Image(image_format=ImageFormat.SRGB, data=rgb))
        return [_person(landmarks, width, height) for landmarks in found.pose_landmarks]

    def close(self) -> None:
        """Let go of the network; left open it raises when Python ends. May be called twice."""
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None


def _person(landmarks: list[Any], width: int, height: int) -> Person:
    xy_px = np.array([(point.x * width, point.y * height) for point in landmarks], dtype=float)
    visibility = np.array([point.visibility or 0.0 for point in landmarks], dtype=float)
    return Person(xy_px, visibility)


class MediaPipePose:
    """A fresh detection of everybody in every frame, no smoothing; the runner is told from the others."""

    readings: Final = 1

    def __init__(self, bundle: Path) -> None:
        """Load the bundle; PoseModelError where it cannot be loaded."""
        self._finder = MediaPipeFinder(bundle, at_most=_MOST_PEOPLE)
        self.reset()

    def reset(self) -> None:
        """Forget the runner."""
        self._search = RunnerSearch()
        self._last: Sighting | None = None

    def estimate(self, frame: Frame) -> Pose | None:
        """The runner's pose, or None where no runner is."""
        runner = self._runner(self._finder.find(frame.image_bgr), frame.t_s)
        if runner is None:
            return None
        self._last = sighting(runner, frame.t_s)
        self._search.follow(self._last)
        return pose_of(runner, frame.t_s)

    def _runner(self, people: list[Person], t_s: float) -> Person | None:
        if self._last is None:
            return self._search.choose(people, t_s)
        last = self._last
        same = [person for person in people if alike(sighting(person, t_s), last, SAME_PLACE)]
        if not same:
            if t_s - last.t_s > _LOST_S:
                self._last = None
                self._search.lose()
            return None
        runner = min(same, key=lambda person: distance_px(sighting(person, t_s), last))
        if len(people) > 1 and not self._search.locked:
            return self._search.mover(people, t_s) or runner
        return runner

    def close(self) -> None:
        """Release the network. May be called twice."""
        self._finder.close()


def bundle_with_metadata(bundle: Path) -> bytes:
    """The bundle as MediaPipe Tasks takes it. Raises PoseModelError where it is none."""
    detector, landmarks = detector_model(bundle), landmark_model(bundle)
    if _METADATA_BUFFER in detector and _METADATA_BUFFER in landmarks:
        return bundle.read_bytes()
    return assemble_bundle(
        _with_image_metadata(detector, "pose detector", *_DETECTOR_SCALE),
        _with_image_metadata(landmarks, "pose landmarks detector", *_LANDMARKS_SCALE),
    )


def _with_image_metadata(model: bytes, name: str, mean: float, std: float) -> bytes:
    """The model with TFLite metadata that says how its input image is scaled."""
    content = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(model), 0))
    buffer = schema.BufferT()
    buffer.data = _image_metadata(name, mean, std)
    content.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name = _METADATA_BUFFER
    entry.buffer = len(content.buffers) - 1
    content.metadata = [*(content.metadata or []), entry]
    return _packed(flatbuffers.Builder(len(model) + 4096), content, MODEL_IDENTIFIER)


def _image_metadata(name: str, mean: float, std: float) -> bytes:
    options = about.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    unit = about.ProcessUnitT()
    unit.optionsType, unit.options = about.ProcessUnitOptions.NormalizationOptions, options
    image = about.ImagePropertiesT()
    image.colorSpace = about.ColorSpaceType.RGB
    content = about.ContentT()
    content.contentPropertiesType, content.contentProperties = about.ContentProperties.ImageProperties, image
    tensor = about.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = about.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    metadata = about.ModelMetadataT()
    metadata.name, metadata.subgraphMetadata = name, [graph]
    return _packed(flatbuffers.Builder(0), metadata, _METADATA_IDENTIFIER)


def _packed(builder: Any, content: Any, identifier: bytes) -> bytes:
    builder.Finish(content.Pack(builder), file_identifier=identifier)
    return bytes(builder.Output())
