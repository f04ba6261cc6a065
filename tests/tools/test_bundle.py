"""The bundle's program, its recipe and its launchers, as far as they can be looked at without building one."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle.program import python_part
from coach.edges.audio.mixer import TRIAL
from coach.edges.audio.speech import ENGINE
from coach.edges.pose.pose_model import present_model
from tools import bundle

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "bundle" / "program.py"


def recipe() -> ast.Module:
    return ast.parse((ROOT / "bundle" / "coach.spec").read_text("utf-8"))


def calls(name: str) -> Iterator[dict[str, ast.expr]]:
    for node in ast.walk(recipe()):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}


def test_it_knows_when_it_is_to_be_python() -> None:
    assert python_part(ENGINE[1:]) == ENGINE[-1:]
    assert python_part(TRIAL[1:]) == TRIAL[-2:]
    for words in ([], ["run"], ["--version"], ["demo", "-P"]):
        assert python_part(words) is None


def test_no_other_process_of_coach_s_own_is_started_as_python() -> None:
    """Speech, the sound card's trial, and pip for the model, which a bundle brings along."""
    starts = {path.name for path in (ROOT / "coach").rglob("*.py") if "sys.executable" in path.read_text("utf-8")}
    assert starts == {"speech.py", "mixer.py", "pose_model.py"}


def test_as_python_it_runs_a_script_with_its_arguments_and_code(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys; print(__name__, sys.argv[1:])")
    for words, said in (
        (["-P", "-X", "utf8", str(script), "a"], "__main__ ['a']"),
        (["-P", "-c", "import sys; print(1 + int(sys.argv[-1]))", "1"], "2"),
    ):
        done = subprocess.run([sys.executable, str(PROGRAM), *words], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == said


def test_the_model_that_a_bundle_brings_goes_before_the_cache(
    pose_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = tmp_path / "models" / "pose_landmarker_full.task"
    monkeypatch.setattr("coach.edges.pose.pose_model.asset", tmp_path.joinpath)
    assert present_model("full", pose_model.parent) == pose_model
    brought.parent.mkdir()
    brought.write_bytes(pose_model.read_bytes())
    assert present_model("full", tmp_path / "empty") == brought


def test_macos_is_told_why_camera_and_bluetooth_are_wanted() -> None:
    (app,) = calls("BUNDLE")
    keys = ast.literal_eval(app["info_plist"])
    assert {"NSCameraUsageDescription", "NSBluetoothAlwaysUsageDescription"} <= set(keys)
    assert all(value for value in keys.values())


def test_what_the_recipe_names_is_there() -> None:
    text = (ROOT / "bundle" / "coach.spec").read_text("utf-8")
    named = [ROOT.joinpath(*re.findall(r'"([^"]+)"', parts)) for parts in re.findall(r'ROOT((?: / "[^"]+")+)', text)]
    assert PROGRAM in named
    assert [path for path in named if not path.exists()] == []
    (analysis,) = calls("Analysis")
    assert "excludes" in analysis
    left_out = next(
        ast.literal_eval(node.value)
        for node in recipe().body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "LEFT_OUT"
    )
    imported = {
        alias.name.partition(".")[0]
        for path in (ROOT / "coach").rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not imported & set(left_out), "imported by Coach as it loads"


def test_opencv_is_the_tested_version_without_window_toolkits() -> None:
    usual, instead = bundle.OPENCV
    assert re.fullmatch(r"opencv-contrib-python==[\d.]+", bundle.pinned(usual))
    assert instead.endswith("-headless")


def test_the_launcher_runs_the_program_beside_it_and_waits_until_the_summary_was_read(tmp_path: Path) -> None:
    name, text = bundle.LAUNCHERS["linux"]
    assert name.endswith(".desktop")
    assert "Terminal=true" in text
    # As a desktop reads it: escapes of a string first, then quotes, then its own place for %k.
    (line,) = re.findall(r"^Exec=(.+)$", text, re.MULTILINE)
    place = tmp_path / "a folder" / name
    plain = line.replace("\\\\", "\\").replace("\\$", "$")
    words = [str(place) if word == "%k" else word for word in shlex.split(plain)]
    place.parent.mkdir()
    program = place.with_name("coach")
    program.write_text('#!/bin/sh\necho "it ran: $*"\n')
    program.chmod(0o755)
    done = subprocess.run(words, input="\n", capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "it ran: run"
    assert "pause" in bundle.LAUNCHERS["win32"][1]
