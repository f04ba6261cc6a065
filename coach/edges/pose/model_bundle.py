"""A pose landmarker bundle (`.task`): what is in it, and how one is put together.

A bundle is a zip of two TFLite models, stored and 4-byte aligned so that they can be mapped into memory.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Final

from coach.errors import PoseModelError

DETECTOR_ENTRY: Final = "pose_detector.tflite"
LANDMARKS_ENTRY: Final = "pose_landmarks_detector.tflite"

_ALIGNMENT: Final = 4
_LOCAL_HEADER_BYTES: Final = 30
_ALIGNMENT_FIELD: Final = 0xD935
"""Id of the zip extra field that other aligned zips use for padding."""

MODEL_IDENTIFIER: Final = b"TFL3"


def assemble_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """A bundle of the two models. The same input gives the same bytes."""
    return _aligned_zip({DETECTOR_ENTRY: detector, LANDMARKS_ENTRY: landmarks})


def check_bundle(path: Path) -> None:
    """Raise PoseModelError unless `path` is a whole, undamaged pose landmarker bundle."""
    for entry in (DETECTOR_ENTRY, LANDMARKS_ENTRY):
        _read_entry(path, entry)


def detector_model(bundle: Path) -> bytes:
    """The person detector out of a bundle."""
    return _read_entry(bundle, DETECTOR_ENTRY)


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
    if model[4:8] != MODEL_IDENTIFIER:
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
