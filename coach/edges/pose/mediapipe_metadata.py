"""What MediaPipe Tasks wants a bundle's networks to say of their input picture.

Official bundles say it; a bundle put together from the networks inside a MediaPipe wheel does not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import flatbuffers
from mediapipe.tasks.metadata import metadata_schema_py_generated as about
from mediapipe.tasks.metadata import schema_py_generated as schema

from coach.edges.pose.model_bundle import assemble_bundle, detector_model, landmark_model

_MODEL_IDENTIFIER: Final = b"TFL3"
_METADATA_IDENTIFIER: Final = b"M001"
_METADATA_BUFFER: Final = b"TFLITE_METADATA"

# How each network wants its pixels (0–255): (value − mean) / std. The detector takes −1 to 1, the landmarks 0 to 1.
_DETECTOR_SCALE: Final = (127.5, 127.5)
_LANDMARKS_SCALE: Final = (0.0, 255.0)


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
    return _packed(flatbuffers.Builder(len(model) + 4096), content, _MODEL_IDENTIFIER)


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
