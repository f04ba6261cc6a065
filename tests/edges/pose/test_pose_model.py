"""The pose model is found or made without asking, checked, and never half there."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from coach.edges.pose import pose_model as pose_models
from coach.edges.pose.model_bundle import DETECTOR_ENTRY, LANDMARKS_ENTRY, assemble_bundle, check_bundle, landmark_model
from coach.edges.pose.pose_model import ensure_model
from coach.errors import PoseModelError

WHEEL = "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl"


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real pip, kept from the network."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def write_wheel(folder: Path, models: dict[str, bytes]) -> None:
    """A wheel that pip takes for the one asked for."""
    about = "mediapipe-0.10.21.dist-info"
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, content in models.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_the_model_at_hand_holds_both_networks_aligned(pose_model: Path) -> None:
    check_bundle(pose_model)
    with zipfile.ZipFile(pose_model) as bundle:
        assert set(bundle.namelist()) >= {DETECTOR_ENTRY, LANDMARKS_ENTRY}
        content = pose_model.read_bytes()
        for entry in (DETECTOR_ENTRY, LANDMARKS_ENTRY):
            assert content.index(bundle.read(entry)[:64]) % 4 == 0


def test_a_bundle_is_assembled_alike_every_time(pose_model: Path) -> None:
    model = landmark_model(pose_model)
    bundle = assemble_bundle(model, model)
    assert bundle == assemble_bundle(model, model)


def test_the_cached_model_is_used_without_any_network(pose_model: Path, no_index: None) -> None:
    assert ensure_model("full", pose_model.parent) == pose_model


def test_it_is_assembled_from_the_wheel_that_pip_brings(
    pose_model: Path, tmp_path: Path, no_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(pose_model) as bundle:
        models = dict(zip(pose_models._WHEEL_MODELS, map(bundle.read, (DETECTOR_ENTRY, LANDMARKS_ENTRY)), strict=True))
    shelf, cache, told = tmp_path / "shelf", tmp_path / "cache", list[tuple[str, float]]()
    shelf.mkdir()
    write_wheel(shelf, models)
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in models.items()}
    monkeypatch.setattr(pose_models, "_WHEEL_MODELS", hashes)
    made = ensure_model("full", cache, lambda what, share: told.append((what, share)))
    check_bundle(made)
    assert [path.name for path in cache.iterdir()] == ["pose_landmarker_full.task"]
    assert told[0][1] == 0.0
    assert told[-1] == ("packing the pose model", 1.0)


def test_a_wheel_with_other_networks_is_refused(
    tmp_path: Path, no_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(tmp_path, dict.fromkeys(pose_models._WHEEL_MODELS, b"not these"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(PoseModelError, match="not the one expected"):
        ensure_model("full", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_a_network_one_line_says_what_to_do(tmp_path: Path, no_index: None) -> None:
    with pytest.raises(PoseModelError) as told:
        ensure_model("full", tmp_path)
    assert "connect to the internet once" in str(told.value)
    assert "--model PATH" in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.exit_status == 5


def test_a_damaged_cache_is_not_trusted(pose_model: Path, tmp_path: Path, no_index: None) -> None:
    content = bytearray(pose_model.read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "pose_landmarker_full.task").write_bytes(content)
    with pytest.raises(PoseModelError, match="cannot download"):
        ensure_model("full", tmp_path)


def test_a_bundle_of_ones_own_is_taken_as_it_is(pose_model: Path, tmp_path: Path) -> None:
    own = tmp_path / "größer als nötig.task"
    own.write_bytes(pose_model.read_bytes())
    assert ensure_model(str(own), tmp_path / "cache") == own
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("content", [None, b"", b"just text", b"PK\x03\x04 broken"])
def test_what_is_not_a_bundle_is_refused_with_advice(content: bytes | None, tmp_path: Path) -> None:
    own = tmp_path / "own.task"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(PoseModelError, match="full, lite") as told:
        ensure_model(str(own), tmp_path)
    assert str(own) in str(told.value)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.task"
    with zipfile.ZipFile(own, "w") as bundle:
        bundle.writestr(DETECTOR_ENTRY, b"\0\0\0\0XXXX")
        bundle.writestr(LANDMARKS_ENTRY, b"\0\0\0\0XXXX")
    with pytest.raises(PoseModelError, match="not a TFLite model"):
        ensure_model(str(own), tmp_path)


def test_lite_is_asked_for_at_its_own_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pose_models, "MODEL_STORE_URL", "http://127.0.0.1:9/store")
    with pytest.raises(PoseModelError, match=r"pose_landmarker_lite\.task"):
        ensure_model("lite", tmp_path)
