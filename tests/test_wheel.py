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
def test_it_runs_the_demo_from_an_empty_folder_and_keeps_it(wheel: Path, tmp_path: Path, pose_model: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    data = tmp_path / "data"

    def ran(*arguments: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=empty, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(site), "SDL_AUDIODRIVER": "dummy"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    said = ran("-m", "coach", "demo", "--headless", "--duration", "8", "--data-dir", str(data))[1]
    assert "warm-up" in said
    assert "Traceback" not in said
    session = json.loads(ran("-m", "coach", "export", "last", "--format", "json", "--data-dir", str(data))[0])
    assert session["source"]["kind"] == "demo"
    assert session["strides"]
    assert list((data / "sessions" / "1").glob("poses.jsonl.gz"))
    assert ran("-c", "import coach; print(coach.__file__)")[0].startswith(str(site))
