"""A run in a folder after BIDS, read as a lab would: by the names' rules and by the tables' own headers."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.app.exports import exported_study
from coach.cli import run
from coach.core.gait import View
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import Keypoint
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.review import bids
from coach.review.opensim import GaitSample
from tests import kept
from tests.synth import recorded, synthetic_run


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one run of six seconds."""
    folder = tmp_path_factory.mktemp("bids")
    recorded(folder / "run.jsonl", synthetic_run(speed_mps=3.0, duration_s=6, fps=30, noise_ll=0.005, seed=5))
    kept_in = ["--data-dir", str(folder / "data")]
    assert run(["replay", str(folder / "run.jsonl"), "--speed", "3m/s", "--height", "180", *kept_in]) == 0
    return folder / "data"


@pytest.fixture(scope="module")
def study(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    exported_study("last", folder, data)
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_file_is_called_as_bids_wants_it(study: Path) -> None:
    validator = pytest.importorskip("bids_validator").BIDSValidator()
    names = [path.relative_to(study).as_posix() for path in study.rglob("*") if path.is_file()]
    assert len(names) == 11
    assert [name for name in names if not validator.is_bids(f"/{name}")] == []


def test_the_channels_name_the_columns_of_the_motion(study: Path, data: Path) -> None:
    (motion,) = study.rglob("*_motion.tsv")
    rows = [line.split("\t") for line in motion.read_text().splitlines()]
    channels = [row["name"] for row in table(next(study.rglob("*_channels.tsv")))]
    assert {len(row) for row in rows} == {len(channels)}
    said = json.loads(next(study.rglob("*_motion.json")).read_text())
    assert said["MotionChannelCount"] == len(channels)
    assert said["SamplingFrequency"] == 30
    at = {name: [row[column] for row in rows] for column, name in enumerate(channels)}
    assert [float(t) for t in at["t_s"][:3]] == pytest.approx([0, 1 / 30, 2 / 30], abs=1e-4)
    knees = [float(deg) for side in ("left", "right") for deg in at[f"{side}_knee_flexion"] if deg != "n/a"]
    assert 80 < max(knees) < 130
    ankle, knee = (np.array(at[f"right_{joint}_y"], dtype=float) for joint in ("ankle", "knee"))
    assert np.median(knee - ankle) == pytest.approx(0.4, abs=0.1), "metres, y up"


def test_strides_and_events_tell_the_run(study: Path, data: Path) -> None:
    strides = table(next(study.rglob("*_beh.tsv")))
    about = json.loads(next(study.rglob("*_beh.json")).read_text())
    assert list(strides[0]) == list(about)
    assert about["peak_knee_flexion_deg"]["Units"] == "°"
    trusted = [row for row in strides if row["valid"] == "true"]
    assert len(trusted) > 4
    events = table(next(study.rglob("*_events.tsv")))
    assert sum(row["trial_type"] == "foot_strike" for row in events) == len(trusted)
    onsets = [float(row["onset"]) for row in events]
    assert onsets == sorted(onsets)


def test_a_second_runner_comes_beside_the_first(study: Path, data: Path) -> None:
    (study / "sub-07" / "ses-3" / "motion").mkdir(parents=True)
    exported_study("last", study, data)
    assert [row["participant_id"] for row in table(study / "participants.tsv")] == ["sub-01", "sub-07"]


def test_what_was_not_seen_is_n_a_and_the_axis_turns_with_the_runner() -> None:
    tracker = GaitTracker()
    poses = [*synthetic_run(speed_mps=3.0, duration_s=3, fps=30, facing="left", seed=5).poses]
    samples = [
        GaitSample(pose.t_s, pose if i != 40 else None, tracker.step(pose.t_s, pose)) for i, pose in enumerate(poses)
    ]
    builder = SessionBuilder(SourceFacts("video", "clip.mp4", 640, 480))
    for update in kept.run(5.0):
        builder.add(update)
    session = replace(builder.finish(), view=View(facing="left"))
    files = bids.session_files(session, samples, 2, None)
    motion = next(text for name, text in files.items() if name.endswith("_motion.tsv")).splitlines()
    assert motion[40].split("\t")[3:] == ["n/a"] * (2 * len(Keypoint))
    assert "n/a" not in motion[41].split("\t")[3:]
    axes = next(text for name, text in files.items() if name.endswith("_channels.json"))
    assert json.loads(axes)["reference_frame"]["Levels"]["side"]["SpatialAxes"] == "PS_"
    assert all(math.isfinite(float(row.split("\t")[0])) for row in motion)


def test_a_turn_is_an_event_and_leaves_the_axis_without_ahead_and_behind() -> None:
    tracker = GaitTracker()
    first = synthetic_run(speed_mps=3.0, duration_s=5, fps=30, seed=5).poses
    then = synthetic_run(speed_mps=3.0, duration_s=5, fps=30, facing="left", start_s=8.0, seed=6).poses
    samples = [GaitSample(pose.t_s, pose, tracker.step(pose.t_s, pose)) for pose in [*first, *then]]
    builder = SessionBuilder(SourceFacts("video", "clip.mp4", 640, 480))
    files = bids.session_files(replace(builder.finish(), view=View(facing="right")), samples, 2, None)
    axes = json.loads(next(text for name, text in files.items() if name.endswith("_channels.json")))["reference_frame"]
    assert axes["Levels"]["side"]["SpatialAxes"] == "_S_"
    assert "turn" in axes["Description"]
    rows = next(text for name, text in files.items() if name.endswith("_events.tsv")).splitlines()
    turns = [row.split("\t") for row in rows if "\tturn\t" in row]
    assert [value for *_, value in turns] == ["left"]
    assert 8.0 <= float(turns[0][0]) < 9.0


def test_strides_events_and_motion_count_from_the_same_moment_whenever_the_runs_clock_began() -> None:
    tracker = GaitTracker()
    poses = synthetic_run(speed_mps=3.0, duration_s=3, fps=30, start_s=90.0, seed=5).poses
    samples = [GaitSample(pose.t_s, pose, tracker.step(pose.t_s, pose)) for pose in poses]
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480))
    for update in kept.run(3.0, first_s=90.0):
        builder.add(update)
    files = bids.session_files(builder.finish(), samples, 2, None)
    strides, events = (next(t for n, t in files.items() if n.endswith(f"_{kind}.tsv")) for kind in ("beh", "events"))
    began = [row.split("\t")[2] for row in strides.splitlines()[1:]]
    struck = [row.split("\t")[0] for row in events.splitlines() if "\tfoot_strike\t" in row]
    assert [float(at_s) for at_s in began] == [float(at_s) for at_s in struck]
    first = dict(zip(*(row.split("\t") for row in strides.splitlines()[:2]), strict=True))
    moments = [
        float(first[name]) for name in ("start_s", "initial_contact_s", "toe_off_s", "peak_knee_flexion_s", "end_s")
    ]
    assert moments == pytest.approx([0.0, 0.0, 0.26, 0.476, 0.7])
    assert float(first["contact_time_s"]) == 0.26


def test_the_command_says_where(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["export", "last", "--format", "bids", "--data-dir", str(data)]
    assert run([*asked, "--out", str(tmp_path / "study")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "study" / "sub-01" / "ses-1")
    (tmp_path / "file").write_text("x")
    assert run([*asked, "--out", str(tmp_path / "file")]) != 0
    assert "--out" in capsys.readouterr().err
