"""The wheel, installed alone in an empty folder, is the whole program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*build, "--wheel-dir", str(folder)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_it_carries_assets_defaults_types_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"coach/config.toml", "coach/py.typed", "coach/assets/words/en.toml"} <= names
    assert any(name.startswith("coach/assets/sounds/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".task", ".tflite", ".mp4", ".npz"))]


@pytest.mark.slow
def test_it_runs_the_demo_from_an_empty_folder(wheel: Path, tmp_path: Path, pose_model: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "coach", "demo", "--headless", "--duration", "8", "--json", "out.json", "--no-store"],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(site), "SDL_AUDIODRIVER": "dummy"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    session = json.loads((empty / "out.json").read_text())
    assert session["source"]["kind"] == "demo"
    assert session["strides"]
    where = subprocess.run(
        [sys.executable, "-c", "import coach; print(coach.__file__)"],
        cwd=empty, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(site))
