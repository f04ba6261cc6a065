"""A pose landmarker bundle (`.task`): what is in it, and how one is put together.

A bundle is a zip of two TFLite models, stored and 4-byte aligned so that they can be mapped
into memory. MediaPipe Tasks wants each model to say how its input image is scaled; the models
inside the older MediaPipe wheels do not, so their metadata is added here.

MediaPipe is imported only where a bundle is put together: finding one in the cache must not take half a second.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any, Final

from coach.errors import PoseModelError

DETECTOR_ENTRY: Final = "pose_detector.tflite"
LANDMARKS_ENTRY: Final = "pose_landmarks_detector.tflite"

_ALIGNMENT: Final = 4
_LOCAL_HEADER_BYTES: Final = 30
_ALIGNMENT_FIELD: Final = 0xD935
"""Id of the zip extra field that other aligned zips use for padding."""

_MODEL_IDENTIFIER: Final = b"TFL3"
_METADATA_IDENTIFIER: Final = b"M001"
_METADATA_BUFFER: Final = b"TFLITE_METADATA"

# How each network wants its pixels (0–255): (value − mean) / std. The detector takes −1 to 1, the landmarks 0 to 1.
_DETECTOR_SCALE: Final = (127.5, 127.5)
_LANDMARKS_SCALE: Final = (0.0, 255.0)


def assemble_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """A bundle that MediaPipe Tasks loads, from the two bare models. The same input gives the same bytes."""
    return _aligned_zip(
        {
            DETECTOR_ENTRY: _with_image_metadata(detector, "pose detector", *_DETECTOR_SCALE),
            LANDMARKS_ENTRY: _with_image_metadata(landmarks, "pose landmarks detector", *_LANDMARKS_SCALE),
        }
    )


def check_bundle(path: Path) -> None:
    """Raise PoseModelError unless `path` is a whole, undamaged pose landmarker bundle."""
    for entry in (DETECTOR_ENTRY, LANDMARKS_ENTRY):
        _read_entry(path, entry)


def landmark_model(bundle: Path) -> bytes:
    """The landmark network out of a bundle, for running it directly."""
    return _read_entry(bundle, LANDMARKS_ENTRY)


def _read_entry(path: Path, entry: str) -> bytes:
    """One model of the bundle; reading it whole also checks its CRC."""
    try:
        with zipfile.ZipFile(path) as bundle:
            model = bundle.read(entry)
    except FileNotFoundError:
        raise PoseModelError(
            f"there is no pose model {path}; give full, lite, heavy or the path of a .task file"
        ) from None
    except (OSError, zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError) as error:
        raise PoseModelError(
            f"{path} is not a pose landmarker bundle ({error}); give another one, or full, lite or heavy"
        ) from None
    if model[4:8] != _MODEL_IDENTIFIER:
        raise PoseModelError(f"{entry} in {path} is not a TFLite model; give another bundle, or full, lite or heavy")
    return model


def _aligned_zip(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            header_end = target.tell() + _LOCAL_HEADER_BYTES + len(name) + 4
            padding = -header_end % _ALIGNMENT
            info.extra = struct.pack("<HH", _ALIGNMENT_FIELD, padding) + bytes(padding)
            bundle.writestr(info, content)
    return target.getvalue()


def _with_image_metadata(model: bytes, name: str, mean: float, std: float) -> bytes:
    """The model with TFLite metadata that says how its input image is scaled."""
    import flatbuffers  # noqa: PLC0415
    from mediapipe.tasks.metadata import schema_py_generated as schema  # noqa: PLC0415

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
    import flatbuffers  # noqa: PLC0415
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema  # noqa: PLC0415

    options = schema.NormalizationOptionsT()
    options.mean, options.std = [mean], [std]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, options
    image = schema.ImagePropertiesT()
    image.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType, content.contentProperties = schema.ContentProperties.ImageProperties, image
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    metadata = schema.ModelMetadataT()
    metadata.name, metadata.subgraphMetadata = name, [graph]
    return _packed(flatbuffers.Builder(0), metadata, _METADATA_IDENTIFIER)


def _packed(builder: Any, content: Any, identifier: bytes) -> bytes:
    builder.Finish(content.Pack(builder), file_identifier=identifier)
    return bytes(builder.Output())
