"""`coach replay`: recorded poses in, the contract's files out."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from coach.cli import run
from coach.core.pose import other
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from tests.synth import SynthRun, recorded, synthetic_run

STRIDE_KEYS = {
    "side",
    "near",
    "start_s",
    "end_s",
    "initial_contact_s",
    "toe_off_s",
    "peak_knee_flexion_deg",
    "peak_knee_flexion_s",
    "min_hip_heel_ll",
    "heel_rise_ll",
    "cadence_spm",
    "contact_time_s",
    "speed_mps",
    "speed_source",
    "target_deg",
    "valid",
    "reject_reason",
}


@pytest.fixture(scope="module")
def filmed() -> SynthRun:
    return synthetic_run(speed_mps=3.0, duration_s=14, fps=30, noise_ll=0.01, seed=4)


@pytest.fixture(scope="module")
def replayed(filmed: SynthRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay")
    recorded(folder / "poses.jsonl", filmed)
    arguments = ["--speed", "3m/s", "--json", str(folder / "s.json"), "--frames", str(folder / "f.csv")]
    assert (
        run(["replay", str(folder / "poses.jsonl"), *arguments, "--record", str(folder / "again.jsonl"), "--no-store"])
        == 0
    )
    return folder


def test_the_session_has_the_contracts_keys(replayed: Path) -> None:
    session = json.loads((replayed / "s.json").read_text(), parse_constant=pytest.fail)
    assert session["schema"] == "coach.session/1"
    assert {
        "source",
        "view",
        "frames_total",
        "frames_with_pose",
        "strides",
        "cues",
        "cycle",
        "summary",
    } <= session.keys()
    assert all(stride.keys() >= STRIDE_KEYS for stride in session["strides"])
    assert all((stride["reject_reason"] is None) == stride["valid"] for stride in session["strides"])


def test_it_measures_what_is_true(replayed: Path, filmed: SynthRun) -> None:
    session = json.loads((replayed / "s.json").read_text())
    near = [s for s in session["strides"] if s["near"] and s["valid"]]
    true_deg = {round(s.peak_knee_flexion_s, 1): s.peak_knee_flexion_deg for s in filmed.of(filmed.near_side)}
    view = session["view"]
    assert (view["facing"], view["near_side"]) == (filmed.near_side, filmed.near_side)
    assert abs(view["yaw_deg"]) < 3 * view["yaw_sd_deg"] < 20
    assert len(near) >= len(true_deg) - 4
    mean_error = sum(s["peak_knee_flexion_deg"] for s in near) / len(near) - sum(true_deg.values()) / len(true_deg)
    assert abs(mean_error) < 2
    assert abs(session["summary"]["cadence_spm"] - filmed.cadence_spm) < 1


def test_speed_and_target_stand_beside_every_stride(replayed: Path, filmed: SynthRun) -> None:
    session = json.loads((replayed / "s.json").read_text())
    for stride in session["strides"]:
        assert stride["speed_mps"] == 3.0
        assert stride["speed_source"] == "manual"
        if stride["side"] != other(filmed.near_side):
            assert stride["target_deg"] is not None


def test_every_frame_has_its_row(replayed: Path, filmed: SynthRun) -> None:
    with (replayed / "f.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == len(filmed.poses)
    assert list(rows[0])[:6] == [
        "t_s", "knee_flexion_left_deg", "knee_flexion_right_deg", "phase_left_pct", "phase_right_pct", "pose_ok",
    ]  # fmt: skip
    assert not any("nan" in value.lower() for row in rows for value in row.values())


def test_what_was_recorded_again_replays_the_same(replayed: Path) -> None:
    again = replayed / "again.json"
    assert run(["replay", str(replayed / "again.jsonl"), "--json", str(again), "--no-store"]) == 0
    first, second = (json.loads((replayed / name).read_text()) for name in ("s.json", "again.json"))
    assert [s["peak_knee_flexion_deg"] for s in first["strides"]] == [
        pytest.approx(s["peak_knee_flexion_deg"], abs=0.1) for s in second["strides"]
    ]


def test_a_recording_in_slow_motion_was_taken_at_the_rate_that_is_measured_in_life(tmp_path: Path) -> None:
    slow = synthetic_run(speed_mps=3.0, duration_s=6, fps=60, noise_ll=0.01, seed=8)
    poses = [replace(pose, t_s=2 * pose.t_s) for pose in slow.poses]
    recorded(tmp_path / "slow.jsonl", replace(slow, poses=poses))
    told = ["--time-scale", "2", "--json", str(tmp_path / "run.json"), "--record", str(tmp_path / "life.jsonl")]
    assert run(["replay", str(tmp_path / "slow.jsonl"), *told, "--no-store"]) == 0
    source = json.loads((tmp_path / "run.json").read_text())["source"]
    assert (source["nominal_fps"], source["measured_fps"]) == (60.0, pytest.approx(60.0, abs=0.01))
    assert json.loads((tmp_path / "life.jsonl").read_text().splitlines()[0])["nominal_fps"] == 60.0


def test_the_session_is_kept_and_can_be_exported(
    replayed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ["--data-dir", str(tmp_path)]
    assert run(["replay", str(replayed / "poses.jsonl"), "--speed", "3m/s", *kept]) == 0
    assert run(["history", *kept]) == 0
    assert run(["export", "last", "--format", "json", *kept, "--out", str(tmp_path / "out.json")]) == 0
    exported, direct = (json.loads(path.read_text()) for path in (tmp_path / "out.json", replayed / "s.json"))
    assert exported["strides"] == direct["strides"]
    assert "synthetic" in capsys.readouterr().out


def test_an_incline_that_is_typed_goes_over_the_one_that_a_recording_tells_with_its_speed(tmp_path: Path) -> None:
    run_of = synthetic_run(speed_mps=3.0, duration_s=6, fps=30, noise_ll=0.01, seed=4)
    recorded(tmp_path / "run.jsonl", run_of, BeltSpeed(3.0, SpeedOrigin.TYPED, 0.09, incline_pct=2.0))
    told = ["--incline", "8", "--json", str(tmp_path / "run.json"), "--no-store"]
    assert run(["replay", str(tmp_path / "run.jsonl"), *told]) == 0
    strides = json.loads((tmp_path / "run.json").read_text())["strides"]
    assert {(stride["speed_mps"], stride["incline_pct"]) for stride in strides} == {(3.0, 8.0)}
