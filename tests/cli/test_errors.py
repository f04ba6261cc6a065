"""Whatever goes wrong: one line that helps, the contract's exit status, no traceback."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from coach.cli import run
from tests.out_of_reach import in_a_shut_folder, too_long
from tests.synth import recorded, synthetic_run


def complaint_of(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a failing command says."""
    assert run(arguments) == status
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("coach: ")]
    assert len(said) == 1
    assert "Traceback" not in said[0]
    return said[0]


def test_an_unknown_camera(capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint_of(["run", "--source", "97", "--headless", "--no-store"], 3, capsys)
    assert "no camera 97" in line
    assert "coach cameras" in line


def test_a_missing_video(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no video file nowhere.mp4" in complaint_of(["analyze", "nowhere.mp4", "--no-store"], 3, capsys)


def test_a_text_file_named_mp4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("10 km, easy\n")
    assert "not a video" in complaint_of(["analyze", str(path), "--no-store"], 3, capsys)


def test_a_broken_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(2000))
    assert "broken.mp4" in complaint_of(["analyze", str(path), "--no-store"], 3, capsys)


def test_a_missing_recording(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.jsonl" in complaint_of(["replay", "nowhere.jsonl", "--no-store"], 3, capsys)


def test_a_recording_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "poses.jsonl"
    path.write_text("hello\n")
    assert "poses.jsonl" in complaint_of(["replay", str(path), "--no-store"], 3, capsys)


def test_a_recording_without_a_runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty_room.jsonl"
    keypoints = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "knee", "ankle")]
    header = {"schema": "coach.poses/1", "width": 640, "height": 480, "nominal_fps": 30, "keypoints": keypoints}
    path.write_text(json.dumps(header) + '\n{"t_s": 0.0, "xy_px": null}\n{"t_s": 0.033, "xy_px": null}\n')
    assert "no runner was found" in complaint_of(["replay", str(path), "--no-store"], 4, capsys)


def test_a_bad_configuration_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[cues]\nrefractory = 3\n")
    line = complaint_of(["demo", "--config", str(path), "--no-store"], 2, capsys)
    assert "cues.refractory" in line


@pytest.mark.parametrize("speed", ["fast", "120", "5:99/km", "-3"])
def test_a_bad_speed(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--speed" in complaint_of(["demo", f"--speed={speed}", "--no-store"], 2, capsys)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "p.jsonl", "--speed", "١٠"], "--speed: cannot read the speed '١٠'"),
        (["replay", "p.jsonl", "--speed", "3mpſ"], "--speed: cannot read the speed"),
        (["replay", "p.jsonl", "--speed", "9" * 5000], "--speed: cannot read the speed|faster than any treadmill"),
        (
            ["replay", "p.jsonl", "--incline", "1e308"],
            "--incline: 1e\\+308 is no incline in per cent; give a number from",
        ),
        (["replay", "p.jsonl", "--incline", "٣"], "--incline: '٣' is no incline"),
        (["replay", "p.jsonl", "--height", "1_80"], "--height: cannot read the height '1_80'"),
        (["replay", "p.jsonl", "--height", "inf"], "--height: cannot read the height 'inf'"),
        (["replay", "p.jsonl", "--time-scale", "nan"], "--time-scale: 'nan' is no number"),
        (["replay", "p.jsonl", "--fps", "9" * 5000], "--fps: '9+…' is no number"),
        (["demo", "--duration", "0"], "--duration: 0 is no duration in seconds; give a number from 1 to 86400"),
        (["demo", "--duration", "1e300"], "--duration: 1e\\+300 is no duration"),
        (["batch", "x", "--out", "y", "--workers", "9" * 30], "--workers: .* is no number of processes"),
        (["say", "go", "--rate", "١٧٥"], "--rate: .* is no rate of speech; give a whole number from 80 to 400"),
        (["treadmill", "scan", "--seconds", "1e9"], "--seconds: 1000000000 is no duration"),
    ],
)
def test_a_number_that_cannot_be(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint_of(arguments, 2, capsys)
    assert re.search(said, line)
    assert len(line) < 200


@pytest.mark.parametrize("number", ["9" * 23, "9" * 5000, "١", "-1", "0", "1.5"])
@pytest.mark.parametrize("command", ["report", "export", "forget"])
def test_a_session_number_that_cannot_be(
    command: str, number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = complaint_of([command, "--data-dir", str(tmp_path), "--", number], 1, capsys)
    assert "is no session; give its number" in line
    assert len(line) < 200


def test_a_bad_option_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'treadmill' or 'overground'" in complaint_of(["demo", "--mode", "indoors", "--no-store"], 2, capsys)


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert "walk" in complaint_of(["walk"], 2, capsys)


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint_of(["demo", "--json", "/nowhere/at/all/out.json", "--no-store"], 2, capsys)
    assert "/nowhere/at/all" in line


def test_a_missing_pose_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint_of(["demo", "--headless", "--model", str(tmp_path / "none.task"), "--no-store"], 5, capsys)
    assert "none.task" in line


def test_a_session_that_was_never_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no session 12" in complaint_of(["export", "12", "--data-dir", str(tmp_path)], 1, capsys)


def test_the_command_alone_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    said = capsys.readouterr().out
    assert "analyze" in said
    assert "demo" in said


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "coach", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("coach ")


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["target", "--speed", "5:30"], "5:30/km or 5:30/mi"),
        (["run", "--headless", "--height", "1.75"], "did you mean 175?"),
        (["run", "--headless", "--height", "69"], "it counts centimetres; did you mean 175?"),
        (["run", "--headless", "--height", "tall"], "--height: cannot read the height 'tall'; write centimetres"),
        (["run", "--headless", "--source", "99"], "a phone works as one"),
    ],
)
def test_what_may_have_been_meant_is_asked(
    arguments: list[str], asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) in {2, 3}
    said = capsys.readouterr().err.strip()
    assert asked in said
    assert "Traceback" not in said


def test_the_folders_of_data_and_configuration_may_be_named_in_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("units = 'imperial'\n")
    named = {**os.environ, "COACH_DATA_DIR": str(tmp_path / "data"), "COACH_CONFIG": str(own)}
    command = [sys.executable, "-m", "coach"]
    shown = subprocess.run([*command, "config"], env=named, capture_output=True, text=True, check=True).stdout
    assert 'units = "imperial"' in shown
    subprocess.run([*command, "history"], env=named, capture_output=True, check=True)
    assert (tmp_path / "data").is_dir()


def test_the_configuration_that_is_shown_can_be_read_back_whatever_the_consoles_letters_are(tmp_path: Path) -> None:
    """`coach config > own.toml` in a console of Windows, whose letters are cp1252 and lack some of these."""
    own, shown = tmp_path / "own.toml", tmp_path / "shown.toml"
    own.write_text('[runner]\nname = "Zoë Łuczak\\u007f"\n', "utf-8")
    named = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "coach", "config", "--config"]
    with shown.open("wb") as file:
        subprocess.run([*command, str(own)], env=named, stdout=file, check=True)
    assert tomllib.loads(shown.read_text("utf-8"))["runner"]["name"] == "Zoë Łuczak\x7f"
    assert (
        subprocess.run([*command, str(shown)], env=named, capture_output=True, check=True).stdout == shown.read_bytes()
    )


def test_the_configuration_that_is_shown_keeps_the_cameras_password_unless_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[camera]\nsource = 'http://me:secret@10.0.0.7:8080/video'\n")
    assert run(["config", "--config", str(own)]) == 0
    shown = capsys.readouterr().out
    assert "secret" not in shown
    assert "--show-passwords" in shown
    assert tomllib.loads(shown)["camera"]["source"] == "http://10.0.0.7:8080/video"
    assert run(["config", "--config", str(own), "--show-passwords"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["camera"]["source"] == "http://me:secret@10.0.0.7:8080/video"
    assert run(["config"]) == 0
    assert "--show-passwords" not in capsys.readouterr().out, "there is none"


@pytest.fixture(params=[in_a_shut_folder, too_long], ids=["shut", "long"])
def out_of_reach(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    place: Path = request.param(tmp_path)
    yield place
    if place.parent != tmp_path:
        place.parent.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="rights and lengths of names are others there")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("history --data-dir PLACE", 1),
        ("target --speed 10 --data-dir PLACE", 1),
        ("programme --data-dir PLACE", 1),
        ("recover --salvage --data-dir PLACE", 1),
        ("replay POSES --speed 10 --data-dir PLACE", 1),
        ("replay POSES --speed 10 --no-store --json PLACE.json", 2),
        ("replay POSES --speed 10 --no-store --record PLACE.jsonl", 2),
        ("analyze PLACE.mp4 --no-store", 3),
        ("analyze VIDEO --no-store --video-out PLACE.mp4", 2),
        ("replay PLACE.jsonl --no-store", 3),
        ("run --source PLACE.mp4 --headless --no-store", 3),
        ("batch PLACE --out SET", 2),
        ("config --config PLACE.toml", 2),
    ],
)
def test_what_is_out_of_reach_is_one_line_that_names_it(
    arguments: str, status: int, out_of_reach: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poses, video = tmp_path / "poses.jsonl", tmp_path / "run.mp4"
    recorded(poses, synthetic_run(speed_mps=3.0, duration_s=1, fps=30, noise_ll=0.01, seed=2))
    video.touch()
    stand_for = {"PLACE": out_of_reach, "POSES": poses, "VIDEO": video, "SET": tmp_path / "set"}
    for name, path in stand_for.items():
        arguments = arguments.replace(name, str(path))
    line = complaint_of(arguments.split(" "), status, capsys)
    assert str(out_of_reach) in line
    assert re.search(r"Permission denied|File name too long", line)
    assert "unforeseen" not in line


@pytest.mark.skipif(sys.platform == "win32", reason="lengths of names are others there")
def test_a_configuration_that_cannot_be_reached_is_not_taken_for_none(
    out_of_reach: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("coach.config.user_config_path", lambda: out_of_reach)
    assert f"cannot read the configuration file {out_of_reach}" in complaint_of(["config"], 2, capsys)


def test_a_place_that_nobody_asked_about_before_is_named_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def shut(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/shut/file")

    monkeypatch.setattr("coach.cli.system_commands._toml", shut)
    line = complaint_of(["config"], 2, capsys)
    assert line.startswith("coach: cannot get at /shut/file: Permission denied; check")


def test_a_text_with_a_null_in_it_is_no_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "own.toml"
    for section, key in (("page", "logo"), ("pose", "model"), ("camera", "source")):
        config.write_text(f'[{section}]\n{key} = "a\\u0000b"\n', "utf-8")
        line = complaint_of(["config", "--config", str(config)], 2, capsys)
        assert f"{section}.{key}" in line
        assert "leave it away" in line
