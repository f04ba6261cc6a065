"""The pose model is brought once, whole or not at all, over a line that breaks, lies or is not there."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import multiprocessing
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from coach.edges.pose import pose_model as pose_models
from coach.edges.pose.model_bundle import (
    DETECTOR_ENTRY,
    LANDMARKS_ENTRY,
    assemble_bundle,
    check_bundle,
    detector_model,
    landmark_model,
)
from coach.edges.pose.pose_model import download, ensure_model
from coach.errors import PoseModelError

HEAVY = "package/pose_landmark_heavy.tflite"
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
        models = dict(zip(pose_models.WHEEL_MODELS, map(bundle.read, (DETECTOR_ENTRY, LANDMARKS_ENTRY)), strict=True))
    shelf, cache, told = tmp_path / "shelf", tmp_path / "cache", list[tuple[str, float]]()
    shelf.mkdir()
    write_wheel(shelf, models)
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in models.items()}
    monkeypatch.setattr(pose_models, "WHEEL_MODELS", hashes)
    made = ensure_model("full", cache, lambda what, share: told.append((what, share)))
    check_bundle(made)
    assert [path.name for path in cache.iterdir()] == ["pose_landmarker_full.task"]
    assert told[0][1] == 0.0
    assert told[-1] == ("packing the pose model", 1.0)


def test_a_wheel_with_other_networks_is_refused(
    tmp_path: Path, no_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(tmp_path, dict.fromkeys(pose_models.WHEEL_MODELS, b"not these"))
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


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder in which not even root can write")
def test_nothing_is_fetched_for_a_place_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[Path] = []
    monkeypatch.setattr(pose_models, "_download_wheel", lambda folder, _progress: fetched.append(folder))
    with pytest.raises(PoseModelError, match="cannot write the pose model to /proc"):
        ensure_model("full", Path("/proc"))
    assert not fetched


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
    monkeypatch.setenv("PATH", "")  # a machine without npm
    monkeypatch.setattr(pose_models, "MODEL_STORE_URL", "http://127.0.0.1:9/store")
    with pytest.raises(PoseModelError, match=r"pose_landmarker_lite\.task"):
        ensure_model("lite", tmp_path)


CONTENT = bytes(range(256)) * 2000


@dataclass
class Shop:
    """What the server on the loopback does."""

    url: str
    content: bytes = CONTENT
    breaks: int = 0
    """So many answers end half-way."""
    knows_ranges: bool = True
    status: int = 200
    ranges: list[str] = field(default_factory=list)


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    now = Shop(f"http://127.0.0.1:{server.server_port}/model.task")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            now.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-") or 0) if now.knows_ranges else 0
            body = now.content[start:]
            self.send_response(206 if start and now.status == 200 else now.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if now.breaks:
                now.breaks -= 1
                body = body[: len(body) // 2]
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server.RequestHandlerClass = Handler
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield now
    server.shutdown()
    server.server_close()


def anything(_: Path) -> None:
    """A check that every file passes."""


def test_a_file_arrives_whole_and_the_progress_is_told(shop: Shop, tmp_path: Path) -> None:
    told: list[float] = []
    download(shop.url, tmp_path / "model.task", anything, lambda what, share: told.append(share))
    assert (tmp_path / "model.task").read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_broken_line_is_taken_up_where_it_broke(shop: Shop, tmp_path: Path) -> None:
    shop.breaks = 2
    download(shop.url, tmp_path / "model.task", anything)
    assert (tmp_path / "model.task").read_bytes() == CONTENT
    first, second, third = shop.ranges
    assert first == ""
    assert second == f"bytes={len(CONTENT) // 2}-"
    assert third == f"bytes={len(CONTENT) // 2 + len(CONTENT) // 4}-"


def test_what_arrived_before_giving_up_is_used_the_next_time(shop: Shop, tmp_path: Path) -> None:
    shop.breaks = 3
    with pytest.raises(PoseModelError, match="cannot download the pose model"):
        download(shop.url, tmp_path / "model.task", anything)
    assert not (tmp_path / "model.task").exists()
    shop.ranges.clear()
    download(shop.url, tmp_path / "model.task", anything)
    assert (tmp_path / "model.task").read_bytes() == CONTENT
    assert shop.ranges[0].startswith("bytes=")
    assert [path.name for path in tmp_path.iterdir()] == ["model.task"]


def test_a_server_without_ranges_starts_again(shop: Shop, tmp_path: Path) -> None:
    shop.breaks, shop.knows_ranges = 1, False
    download(shop.url, tmp_path / "model.task", anything)
    assert (tmp_path / "model.task").read_bytes() == CONTENT


def test_a_wrong_file_is_thrown_away(shop: Shop, tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise PoseModelError("not a bundle")

    with pytest.raises(PoseModelError, match="not a bundle"):
        download(shop.url, tmp_path / "model.task", refuse)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_says_so_at_once(shop: Shop, tmp_path: Path) -> None:
    shop.status = 404
    with pytest.raises(PoseModelError, match=r"404.*--model PATH"):
        download(shop.url, tmp_path / "model.task", anything)
    assert len(shop.ranges) == 1


def test_no_network_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(PoseModelError) as told:
        download("http://127.0.0.1:9/model.task", tmp_path / "model.task", anything)
    assert "connect to the internet once" in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.exit_status == 5


def _fetch(url: str, target: Path) -> None:
    download(url, target, anything)


def test_two_processes_at_once_do_not_disturb_each_other(shop: Shop, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    target = tmp_path / "model.task"
    both = [context.Process(target=_fetch, args=(shop.url, target)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert target.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["model.task"]


class NpmShelf(http.server.BaseHTTPRequestHandler):
    """A package registry on the loopback with one package on its shelf; the real npm asks it."""

    package = b""

    def do_GET(self) -> None:
        host = f"http://{self.headers['Host']}"
        version = pose_models.NPM_PACKAGE.rpartition("@")[2]
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(self.package).digest()).decode()
        dist = {"tarball": f"{host}/pose.tgz", "integrity": integrity}
        about = {"name": "@mediapipe/pose", "version": version, "dist": dist}
        known = {"name": "@mediapipe/pose", "dist-tags": {"latest": version}, "versions": {version: about}}
        body = self.package if self.path.endswith(".tgz") else json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def npm_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[NpmShelf]]:
    if shutil.which("npm") is None:
        pytest.skip("npm is not here")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), NpmShelf) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        yield NpmShelf
        server.shutdown()


def npm_package(network: bytes) -> bytes:
    """What npm packs: a tar with the network in it."""
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as archive:
        for name, content in (("package/package.json", b'{"name": "@mediapipe/pose"}'), (HEAVY, network)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return package.getvalue()


def test_another_network_comes_out_of_npms_package(
    pose_model: Path, tmp_path: Path, npm_shelf: type[NpmShelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = landmark_model(pose_model) + b"heavier"
    npm_shelf.package = npm_package(network)
    monkeypatch.setitem(pose_models.NPM_MODELS, "heavy", (HEAVY, hashlib.sha256(network).hexdigest()))
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / pose_model.name).write_bytes(pose_model.read_bytes())
    made = ensure_model("heavy", cache)
    assert landmark_model(made) == network
    assert detector_model(made) == detector_model(pose_model)
    npm_shelf.package = npm_package(b"another")
    made.unlink()
    with pytest.raises(PoseModelError, match="not the one expected"):
        ensure_model("heavy", cache)
    assert sorted(path.name for path in cache.iterdir()) == [pose_model.name]


def test_without_a_registry_npm_says_so_in_one_line(
    pose_model: Path, tmp_path: Path, npm_shelf: type[NpmShelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    (tmp_path / pose_model.name).write_bytes(pose_model.read_bytes())
    with pytest.raises(PoseModelError, match="npm cannot download") as told:
        ensure_model("heavy", tmp_path)
    assert "\n" not in str(told.value)
