"""`coach export`: a kept run as the files of other programs, and one of them brought back."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coach.cli import run
from coach.core.pose import Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from tests.synth import SynthRun, recorded, synthetic_run

FORMATS = ("json", "csv", "frames", "fit", "mot", "mot-gait2392", "trc")


@pytest.fixture(scope="module", params=["right", "left"])
def filmed(request: pytest.FixtureRequest) -> SynthRun:
    return synthetic_run(speed_mps=3.0, duration_s=12, fps=30, noise_ll=0.01, seed=4, facing=request.param)


@pytest.fixture(scope="module")
def exports(filmed: SynthRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the kept run in every format, `run.<format>`, and its frames as they were first written."""
    folder = tmp_path_factory.mktemp("export")
    recorded(folder / "poses.jsonl", filmed, BeltSpeed(3.0, SpeedOrigin.TYPED))
    kept = ["--data-dir", str(folder / "kept")]
    direct = ["--frames", str(folder / "direct.csv")]
    assert run(["replay", str(folder / "poses.jsonl"), "--height", "180", *direct, *kept]) == 0
    for form in FORMATS:
        assert run(["export", "last", "--format", form, "--out", str(folder / f"run.{form}"), *kept]) == 0
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as table:
        return list(csv.DictReader(table))


def motion_of(path: Path) -> tuple[dict[str, str], list[str], Any]:
    """Header, labels and (N, columns) of a `.mot`, as OpenSim's Storage reads it."""
    head, _, body = path.read_text().partition("endheader\n")
    facts = dict(line.split("=", 1) for line in head.splitlines() if "=" in line)
    labels, *rows = body.splitlines()
    return facts, labels.split("\t"), np.array([[float(cell) for cell in row.split("\t")] for row in rows])


def rolled(pose: Pose, deg: float) -> Pose:
    """As a camera sees it that is turned about its own axis, in a picture of 640 by 480."""
    middle, turn_rad = np.array([320.0, 240.0]), np.radians(deg)
    turn = np.array([[np.cos(turn_rad), -np.sin(turn_rad)], [np.sin(turn_rad), np.cos(turn_rad)]])
    return replace(pose, xy_px=middle + (pose.xy_px - middle) @ turn.T)


def test_the_table_of_strides_says_what_the_json_says(exports: Path) -> None:
    strides = json.loads((exports / "run.json").read_text())["strides"]
    rows = rows_of(exports / "run.csv")
    assert len(rows) == len(strides) > 20
    for row, stride in zip(rows, strides, strict=True):
        for name, value in stride.items():
            said = {"true": True, "false": False, "": None}.get(row[name], row[name])
            assert (float(row[name]) if isinstance(value, float | int) and not isinstance(value, bool) else said) == (
                value
            )


def test_the_frames_are_those_of_the_run(exports: Path) -> None:
    assert (exports / "run.frames").read_text() == (exports / "direct.csv").read_text()


def test_a_typed_incline_holds_in_what_is_measured_again_where_nobody_told_the_speed(tmp_path: Path) -> None:
    recorded(tmp_path / "run.jsonl", synthetic_run(speed_mps=3.0, duration_s=6, fps=30, noise_ll=0.01, seed=4))
    kept, first, again = ["--data-dir", str(tmp_path)], tmp_path / "first.csv", tmp_path / "again.csv"
    told = ["--incline", "10", "--frames", str(first), "--record", str(tmp_path / "climbing.jsonl")]
    assert run(["replay", str(tmp_path / "run.jsonl"), *told, *kept]) == 0
    assert run(["export", "last", "--format", "frames", "--out", str(again), *kept]) == 0
    assert again.read_text() == first.read_text()
    assert run(["replay", str(tmp_path / "climbing.jsonl"), "--frames", str(again), "--no-store"]) == 0
    assert again.read_text() == first.read_text()


def test_the_angles_have_opensim_s_header_and_rise_in_time(exports: Path) -> None:
    facts, labels, values = motion_of(exports / "run.mot")
    assert facts["version"] == "1"
    assert facts["inDegrees"] == "yes"
    assert (int(facts["nRows"]), int(facts["nColumns"])) == values.shape
    assert labels[0] == "time"
    assert {"hip_flexion_r", "knee_angle_r", "hip_flexion_l", "knee_angle_l"} >= set(labels[1:])
    assert (np.diff(values[:, 0]) > 0).all()
    assert np.isfinite(values).all()


def test_the_knee_is_the_live_screen_s(exports: Path, filmed: SynthRun) -> None:
    _, labels, values = motion_of(exports / "run.mot")
    near = filmed.near_side
    shown = {round(float(r["t_s"]), 3): r[f"knee_flexion_{near}_deg"] for r in rows_of(exports / "run.frames")}
    knee = values[:, labels.index(f"knee_angle_{near[0]}")]
    for t_s, angle in zip(values[:, 0].tolist(), knee.tolist(), strict=True):
        assert angle == pytest.approx(float(shown[round(t_s, 3)]), abs=0.01)


def test_the_older_models_count_the_knee_the_other_way(exports: Path) -> None:
    _, labels, positive = motion_of(exports / "run.mot")
    _, _, negative = motion_of(exports / "run.mot-gait2392")
    turn = np.array([-1.0 if label.startswith("knee") else 1.0 for label in labels])
    np.testing.assert_allclose(positive * turn, negative)
    assert positive[:, labels.index(f"knee_angle_{labels[1][-1]}")].max() > 80
    assert "flexion negative" in (exports / "run.mot-gait2392").read_text().partition("endheader")[0]


def test_the_thigh_swings_forward_while_the_knee_is_most_bent(exports: Path, filmed: SynthRun) -> None:
    _, labels, values = motion_of(exports / "run.mot")
    hip, knee = (values[:, labels.index(f"{joint}_{filmed.near_side[0]}")] for joint in ("hip_flexion", "knee_angle"))
    assert 15 < hip.max() < 70
    assert -50 < hip.min() < 0
    peaks = np.flatnonzero((knee[1:-1] > knee[:-2]) & (knee[1:-1] >= knee[2:]) & (knee[1:-1] > 80)) + 1
    assert np.median([hip[i + 3] - hip[i - 3] for i in peaks[1:-1]]) > 10


def test_the_hip_of_a_rolled_camera_is_held_against_the_plumb_line_like_the_strides(tmp_path: Path) -> None:
    upright = synthetic_run(speed_mps=3.0, duration_s=20, fps=30, noise_ll=0.006, seed=4)
    recorded(tmp_path / "rolled.jsonl", replace(upright, poses=[rolled(pose, 5.0) for pose in upright.poses]))
    kept = ["--data-dir", str(tmp_path / "kept")]
    assert run(["replay", str(tmp_path / "rolled.jsonl"), "--speed", "3m/s", *kept]) == 0
    for form in ("json", "mot"):
        assert run(["export", "last", "--format", form, "--out", str(tmp_path / f"run.{form}"), *kept]) == 0
    _, labels, values = motion_of(tmp_path / "run.mot")
    hip = values[:, labels.index("hip_flexion_r")]
    strides = [s for s in json.loads((tmp_path / "run.json").read_text())["strides"] if s["valid"] and s["near"]]
    apart = [
        np.interp(stride["peak_knee_flexion_s"], values[:, 0], hip) - stride["thigh_at_peak_deg"]
        for stride in strides
        if stride["peak_knee_flexion_s"] > values[0, 0]
    ]
    assert len(apart) > 15
    assert np.mean(apart) == pytest.approx(0.0, abs=1.0)


def test_the_markers_have_motion_analysis_header(exports: Path, filmed: SynthRun) -> None:
    lines = (exports / "run.trc").read_text().splitlines()
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    facts = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert facts["Units"] == "mm"
    assert float(facts["DataRate"]) == 30
    assert int(facts["NumFrames"]) == len(filmed.poses) == len(lines) - 6
    names = [name for name in lines[3].split("\t")[2:] if name]
    assert int(facts["NumMarkers"]) == len(names) == 13
    assert lines[4].split("\t")[2:5] == ["X1", "Y1", "Z1"]
    # OpenSim wants a tab at the end of each row, or it miscounts rows whose last marker is missing.
    assert {len(line.split("\t")) for line in lines[6:]} == {2 + 3 * len(names) + 1}
    times = [float(line.split("\t")[1]) for line in lines[6:]]
    assert times == sorted(set(times))


def test_the_markers_are_as_large_as_the_runner(exports: Path) -> None:
    lines = (exports / "run.trc").read_text().splitlines()
    names, cells = lines[3].split("\t"), np.array([line.split("\t")[2:-1] for line in lines[6:]], dtype=float)
    at = {name: cells[:, column - 2 : column + 1] for column, name in enumerate(names) if column > 1 and name}
    leg_mm = sum(
        np.median(np.linalg.norm(at[f"left_{a}"] - at[f"left_{b}"], axis=1))
        for a, b in (("hip", "knee"), ("knee", "ankle"))
    )
    assert leg_mm == pytest.approx(0.478 * 1800, rel=0.03)
    assert np.median(at["nose"][:, 1]) > np.median(at["left_hip"][:, 1]) > np.median(at["left_ankle"][:, 1])


def test_replaying_the_markers_gives_the_same_strides(exports: Path) -> None:
    again = exports / "again.json"
    arguments = ["--speed", "3m/s", "--height", "180", "--no-store", "--json", str(again)]
    assert run(["replay", str(exports / "run.trc"), *arguments]) == 0
    first, second = (json.loads(path.read_text()) for path in (exports / "run.json", again))
    for name in ("facing", "near_side"):
        assert first["view"][name] == second["view"][name]
    assert second["view"]["yaw_deg"] is None, "markers lie in the sagittal plane; of a camera they know nothing"
    assert len(first["strides"]) == len(second["strides"]) > 20
    for one, two in zip(first["strides"], second["strides"], strict=True):
        assert (one["side"], one["valid"], one["reject_reason"]) == (two["side"], two["valid"], two["reject_reason"])
        assert one["peak_knee_flexion_deg"] == pytest.approx(two["peak_knee_flexion_deg"], abs=0.05)
        for name in ("start_s", "end_s", "toe_off_s"):
            assert one[name] == pytest.approx(two[name], abs=0.001)
        for name in ("min_hip_heel_ll", "heel_rise_ll", "bounce_ll"):
            assert one[name] == pytest.approx(two[name], abs=0.001)


def complaint_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(arguments) == 2
    return capsys.readouterr().err.strip()


def test_an_unknown_format_names_those_there_are(exports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = complaint_of(["export", "--format", "gpx", "--data-dir", str(exports / "kept")], capsys)
    assert all(form in said for form in FORMATS)


def test_bytes_go_to_a_file_that_is_named_after_the_run(
    exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fit_tool")
    monkeypatch.chdir(tmp_path)
    fit = ["export", "--format", "fit", "--data-dir", str(exports / "kept")]
    assert run(fit) == 0
    assert capsys.readouterr().out.strip() == "run-1.fit"
    assert (tmp_path / "run-1.fit").read_bytes()[8:12] == b".FIT"
    assert "--out" in complaint_of([*fit, "--out", "-"], capsys)


def test_without_kept_poses_there_are_no_markers(
    exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[record]\nposes = false\n")
    kept = ["--data-dir", str(tmp_path / "kept")]
    assert run(["replay", str(exports / "poses.jsonl"), "--config", str(config), *kept]) == 0
    for form in ("trc", "mot", "frames"):
        assert "record.poses" in complaint_of(["export", "--format", form, *kept], capsys)


def test_without_its_library_fit_says_what_to_install(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "coach.review.fit", raising=False)
    monkeypatch.setitem(sys.modules, "fit_tool", None)
    for name in [name for name in sys.modules if name.startswith("fit_tool.")]:
        monkeypatch.delitem(sys.modules, name)
    arguments = ["export", "--format", "fit", "--data-dir", str(exports / "kept"), "--out", str(tmp_path / "run.fit")]
    assert "pip install" in complaint_of(arguments, capsys)
    assert not (tmp_path / "run.fit").exists()
