"""What the doctor says of the networks: loaded, not only looked for; and MediaPipe is named where it is used."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from coach.app import doctor
from coach.app.doctor import Finding, examine
from coach.cli import run
from coach.edges.pose.model_bundle import DETECTOR_ENTRY, LANDMARKS_ENTRY
from coach.settings import PoseSettings, Settings, SoundSettings
from tests.edges.faulty_camera import plug_in


def findings(pose: PoseSettings) -> dict[str, Finding]:
    return {found.what: found for found in examine(Settings(pose=pose, sound=SoundSettings(enabled=False)))}


def test_both_networks_are_loaded(pose_model: Path) -> None:
    found = findings(PoseSettings())
    assert found["pose model"].verdict == "ok"
    assert "finder and landmark network load" in found["pose model"].says
    assert "ai-edge-litert" in found["libraries"].says
    assert "MediaPipe" not in found


@pytest.mark.parametrize(("broken", "name"), [(DETECTOR_ENTRY, "detector"), (LANDMARKS_ENTRY, "landmark network")])
def test_a_network_that_does_not_load_is_bad_news(pose_model: Path, tmp_path: Path, broken: str, name: str) -> None:
    own = tmp_path / "own.task"
    with zipfile.ZipFile(pose_model) as good, zipfile.ZipFile(own, "w") as bundle:
        for entry in (DETECTOR_ENTRY, LANDMARKS_ENTRY):
            bundle.writestr(entry, b"\x1c\x00\x00\x00TFL3 and nothing more" if entry == broken else good.read(entry))
    found = findings(PoseSettings(model=str(own)))["pose model"]
    assert found.verdict == "bad"
    assert name in found.says


@pytest.mark.parametrize("allowed", [False, True])
def test_whoever_uses_mediapipe_reads_that_it_reports(allowed: bool) -> None:
    found = findings(PoseSettings(backend="mediapipe", mediapipe_may_report=allowed))["MediaPipe"]
    assert "sends usage data to Google" in found.says
    assert found.verdict == ("note" if allowed else "bad")


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    version = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: "missing" if name == "mediapipe" else version(name))
    said = [
        found for found in examine(Settings(pose=PoseSettings(backend="mediapipe"), sound=SoundSettings(enabled=False)))
        if found.what == "MediaPipe"
    ]  # fmt: skip
    assert 'pip install "treadmill-coach[mediapipe]"' in said[0].remedy


def test_whatever_is_not_well_comes_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    monkeypatch.setenv("COACH_DATA_DIR", str(data))
    monkeypatch.setattr("coach.app.doctor.has_display", lambda: False)
    monkeypatch.setattr(doctor, "_version", lambda _name: "missing")
    plug_in(monkeypatch)
    settings = Settings(pose=PoseSettings(model=str(tmp_path / "none.task")), sound=SoundSettings(enabled=False))
    unwell = {found.what: found for found in examine(settings) if found.verdict != "ok"}
    assert {"OpenCV", "pose model", "camera", "display", "sound", "treadmill link"} <= set(unwell)
    assert [found.what for found in unwell.values() if not found.remedy] == []
    if os.name != "nt":
        assert unwell["sessions"].remedy == f'chmod 700 "{data}"'


def test_a_disk_with_little_room_is_bad_news(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("coach.app.doctor.shutil.disk_usage", lambda _place: SimpleNamespace(free=150_000_000))
    found = doctor._place("sessions", tmp_path / "not" / "there" / "yet")
    assert (found.verdict, found.remedy) == ("bad", "make room on the disk")
    assert "150 MB left" in found.says


def test_findings_for_a_report_name_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/grace"))
    monkeypatch.setattr("platform.node", lambda: "graces-laptop")
    found = doctor.Finding("sessions", "bad", "/home/grace/.local/share is full on graces-laptop", "ask grace")
    (row,) = json.loads(doctor.as_json((found,)))
    assert row == {"what": "sessions", "verdict": "bad", "says": "~/.local/share is full on HOST", "remedy": "ask USER"}


def test_an_extra_s_brackets_reach_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Finding("link [x]", "note", "not installed", 'pip install "treadmill-coach[treadmill]"')
    monkeypatch.setattr(doctor, "examine", lambda _settings, _data_dir: (found,))
    assert run(["doctor"]) == 0
    said = capsys.readouterr().out
    assert found.what in said
    assert found.remedy in said
