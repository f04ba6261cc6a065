"""MediaPipe is asked for by name and allowed by name, or it is not even loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coach.cli import run

DEMO = ["demo", "--headless", "--no-sound", "--no-store", "--duration", "3"]


def configured(folder: Path, *lines: str) -> str:
    path = folder / "own.toml"
    path.write_text("\n".join(("[pose]", 'backend = "mediapipe"', *lines)) + "\n")
    return str(path)


def imported_by(*words: str) -> set[str]:
    """Top names of every module that a Python started with these words imports, the real one, to its end."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        # COACH_DEBUG: else Python's own report of imports is silenced with the chatter of the native libraries.
        env={**os.environ, "SDL_AUDIODRIVER": "dummy", "COACH_DEBUG": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


def test_reading_the_command_line_loads_no_network() -> None:
    assert {"mediapipe", "ai_edge_litert", "cv2"}.isdisjoint(imported_by("-c", "import coach.cli"))


@pytest.mark.slow
def test_a_run_never_loads_mediapipe_or_what_it_brings(pose_model: Path) -> None:
    loaded = imported_by("-m", "coach", *DEMO)
    assert {"ai_edge_litert", "cv2", "coach"} <= loaded
    assert {"mediapipe", "matplotlib", "sounddevice", "absl"}.isdisjoint(loaded)


@pytest.mark.parametrize("lines", [(), ("mediapipe_may_report = false",)])
@pytest.mark.parametrize("command", [DEMO, ["analyze", "nowhere.mp4", "--no-store"], ["batch", ".", "--out", "out"]])
def test_unless_it_may_report_it_is_refused_before_anything_is_opened(
    command: list[str], lines: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--config", configured(tmp_path, *lines)]) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("coach: ")]
    assert len(said) == 1
    assert "MediaPipe sends usage data to Google" in said[0]
    assert "pose.mediapipe_may_report = true" in said[0]
    assert 'pose.backend = "follower"' in said[0]


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, pose_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)  # as if it were not installed
    for name in [name for name in sys.modules if name.startswith("coach.edges.pose.mediapipe_")]:
        monkeypatch.delitem(sys.modules, name)
    assert run([*DEMO, "--config", configured(tmp_path, "mediapipe_may_report = true")]) == 2
    assert 'pip install "treadmill-coach[mediapipe]"' in capsys.readouterr().err


@pytest.mark.mediapipe
def test_allowed_it_says_so_once_on_the_terminal_and_in_the_session(
    tmp_path: Path, pose_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    config = configured(tmp_path, "mediapipe_may_report = true")
    assert run([*DEMO, "--config", config, "--json", str(out)]) == 0
    assert capsys.readouterr().err.count("MediaPipe sends usage data to Google") == 1
    session = json.loads(out.read_text())
    events = [event for event in session["events"] if event["kind"] == "usage_data"]
    assert [event["detail"] for event in events] == ["MediaPipe sends usage data to Google: pose.backend is mediapipe"]


def test_a_run_without_it_has_no_such_event(tmp_path: Path, pose_model: Path) -> None:
    out = tmp_path / "out.json"
    assert run([*DEMO, "--json", str(out)]) == 0
    assert [event for event in json.loads(out.read_text())["events"] if event["kind"] == "usage_data"] == []
