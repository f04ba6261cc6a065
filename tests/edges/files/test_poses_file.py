"""`coach.poses/1`: what was recorded is what is read, also after a crash."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from coach.core.pose import KEYPOINT_NAMES, Keypoint, Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.files.poses_file import PoseRecorder, read_poses
from coach.errors import FormatError, SourceError, StoreError
from coach.ports import SourceInfo
from tests.kept import TYPED_10, pose_at

INFO = SourceInfo("camera", "front camera", 640, 480, math.nan, live=True)
LEGS = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "knee", "ankle", "heel", "foot_index")]
HEADER = {"schema": "coach.poses/1", "width": 640, "height": 480, "nominal_fps": 60, "keypoints": LEGS, "source": "s"}


def written(path: Path, *lines: object, end: str = "") -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + end)
    return path


def legs(t_s: float, **changed: object) -> dict[str, object]:
    return {"t_s": t_s, "xy_px": [[10.0 * i, 20.0 * i] for i in range(10)], "confidence": [0.9] * 10, **changed}


@pytest.mark.parametrize("name", ["poses.jsonl", "poses.jsonl.gz"])
def test_a_recording_reads_back_as_it_was_appended(tmp_path: Path, name: str) -> None:
    first, second = pose_at(0.0), pose_at(1 / 30)
    second.xy_px[Keypoint.NOSE] = np.nan
    recorder = PoseRecorder(tmp_path / name, INFO)
    recorder.append(0.0, first, None)
    recorder.append(1 / 30, second, TYPED_10)
    recorder.append(2 / 30, None, TYPED_10)
    recorder.append(3 / 30, first, None)
    recorder.close()
    recorder.close()

    header, frames = read_poses(tmp_path / name)
    read = list(frames)

    assert header.keypoints == KEYPOINT_NAMES
    assert header.info(tmp_path / name).kind == "poses"
    assert math.isnan(header.nominal_fps)
    assert [t_s for t_s, _, _ in read] == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30], abs=1e-6)
    assert [pose is None for _, pose, _ in read] == [False, False, True, False]
    assert [belt.speed_mps if belt else None for _, _, belt in read] == [
        None,
        pytest.approx(10 / 3.6, abs=1e-3),
        pytest.approx(10 / 3.6, abs=1e-3),
        None,
    ]
    assert read[1][1] is not None
    np.testing.assert_allclose(read[1][1].xy_px, second.xy_px, atol=1e-3)
    assert read[1][1].confidence[Keypoint.NOSE] == 0.0


@pytest.mark.parametrize("name", ["poses.jsonl", "poses.jsonl.gz"])
def test_the_recording_of_yesterday_stays_until_there_is_a_frame_of_today(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"yesterday")
    stopped = PoseRecorder(path, INFO)
    stopped.close()
    assert path.read_bytes() == b"yesterday"

    recorder = PoseRecorder(path, INFO)
    assert path.read_bytes() == b"yesterday"
    recorder.append(0.0, pose_at(0.0), None)
    assert len(list(read_poses(path)[1])) == 1, "a crash from now on keeps what was recorded"
    recorder.close()
    assert [left.name for left in tmp_path.iterdir()] == [name]


def test_an_aging_but_unchanged_speed_is_written_once(tmp_path: Path) -> None:
    recorder = PoseRecorder(tmp_path / "p.jsonl", INFO)
    for frame in range(20):
        recorder.append(frame / 10, None, BeltSpeed(3.0, SpeedOrigin.TREADMILL, age_s=frame / 10))
    recorder.close()

    assert (tmp_path / "p.jsonl").read_text().count("speed_mps") == 1


@pytest.mark.parametrize("name", ["poses.jsonl", "poses.jsonl.gz"])
def test_a_crash_costs_at_most_the_last_second(tmp_path: Path, name: str) -> None:
    recorder = PoseRecorder(tmp_path / name, INFO)
    for frame in range(300):
        recorder.append(frame / 30, pose_at(frame / 30), TYPED_10)
    crashed = tmp_path / f"crashed-{name}"
    crashed.write_bytes((tmp_path / name).read_bytes())
    recorder.close()

    times = [t_s for t_s, _, _ in read_poses(crashed)[1]]

    assert times[-1] >= 299 / 30 - 1.1


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_file_cut_at_any_byte_is_read_as_far_as_it_goes(tmp_path: Path, suffix: str) -> None:
    header_end = 0
    lines = [HEADER, *(legs(i / 30) for i in range(12))]
    with (gzip.open if suffix == ".jsonl.gz" else open)(tmp_path / "whole", "wb") as file:
        for line in lines:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            header_end = (tmp_path / "whole").stat().st_size if line is HEADER else header_end
    data = (tmp_path / "whole").read_bytes()
    for cut in range(header_end, len(data), 7):
        path = tmp_path / f"cut{suffix}"
        path.write_bytes(data[:cut])
        times = [t_s for t_s, _, _ in read_poses(path)[1]]
        assert times == [i / 30 for i in range(len(times))]


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz"])
def test_a_recording_is_read_as_windows_saves_it(tmp_path: Path, name: str) -> None:
    text = "\r\n".join(json.dumps(line) for line in (HEADER, legs(0.0), legs(0.1)))
    content = text.encode("utf-8-sig")
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    assert [t_s for t_s, _, _ in read_poses(tmp_path / name)[1]] == [0.0, 0.1]


def test_the_password_in_an_earlier_recordings_source_is_told_nowhere(tmp_path: Path) -> None:
    address = "http://me:secret@phone/video?token=secret"
    path = written(tmp_path / "p.jsonl", HEADER | {"source": address}, legs(0.0))

    assert read_poses(path)[0].info(path).name == "http://phone/video?token=…"


def test_legs_alone_and_nulls_make_ordinary_poses(tmp_path: Path) -> None:
    points = [None, [1, None], *([[5, 6]] * 8)]
    path = written(tmp_path / "p.jsonl", HEADER, legs(0.0, xy_px=points, confidence=None))

    ((_, pose, _),) = read_poses(path)[1]

    assert isinstance(pose, Pose)
    assert np.isnan(pose.xy_px[[Keypoint.NOSE, Keypoint.LEFT_HIP, Keypoint.LEFT_KNEE]]).all()
    assert pose.xy_px[Keypoint.RIGHT_FOOT_INDEX].tolist() == [5, 6]
    assert pose.confidence[Keypoint.LEFT_KNEE] == 0.0


def test_a_speed_line_holds_from_its_time_on_wherever_it_stands(tmp_path: Path) -> None:
    speeds = ({"t_s": 0.2, "speed_mps": 3.5}, {"t_s": 0.0, "speed_mps": 2.5})
    path = written(tmp_path / "p.jsonl", HEADER, *speeds, *(legs(i / 10) for i in range(4)))

    belts = [belt for _, _, belt in read_poses(path)[1]]

    assert [belt.speed_mps for belt in belts if belt] == [2.5, 2.5, 3.5, 3.5]
    assert belts[0] is not None
    assert belts[0].origin is SpeedOrigin.RECORDING


@pytest.mark.parametrize(
    ("lines", "end", "said"),
    [
        ((), "", "is empty"),
        ((), "hello\n", 'no "coach.poses/1" header'),
        (({**HEADER, "schema": "coach.poses/9"},), "", "this version reads coach.poses/1"),
        (({**HEADER, "keypoints": ["nose"]},), "", "the keypoints lack left_hip"),
        (({k: v for k, v in HEADER.items() if k != "width"},), "", "lacks 'width'"),
        ((HEADER, legs(0.0)), "{broken\n" + json.dumps(legs(0.1)), "line 3 is not a JSON object"),
        ((HEADER, legs(0.0)), "{broken\n", "line 3 is not a JSON object"),
        ((HEADER, [1, 2], legs(0.1)), "", "line 2 is not a JSON object"),
        ((HEADER, legs(1.0), legs(0.5)), "", "line 3: time does not rise"),
        ((HEADER, {"xy_px": None}), "", "line 2: 't_s' is missing"),
        ((HEADER, {"t_s": 1.0}), "", "line 2: 'xy_px' is missing"),
        ((HEADER, legs(0.0, xy_px=[[1, 2]])), "", "line 2: 1 keypoints, but the header names 10"),
        ((HEADER, legs(0.0, xy_px=[5] * 10)), "", "line 2: 5 is no point"),
        ((HEADER, legs(0.0, confidence=[1])), "", "line 2: 1 confidences"),
        (
            (HEADER, {"t_s": 0.0, "speed_mps": -1}),
            "",
            "line 2: -1 is no belt speed in m/s; give a number from 0 to 12.5",
        ),
        ((HEADER, {"t_s": "now", "xy_px": None}), "", "line 2: 'now' is no time in seconds"),
        ((HEADER, legs(0.0), legs(10**400)), "", "line 3: a number of more than 40 digits is no time"),
        ((HEADER, legs(0.0), legs(1e300)), "", "line 3: 1e\\+300 is no time"),
        ((HEADER, legs(0.0), legs(math.inf)), "", "line 3: inf is no time"),
        ((HEADER, legs(0.0), legs(0.1, xy_px=[[1e302, 5]] * 10)), "", "line 3: .* is no place in a picture"),
        ((HEADER, legs(0.0), legs(0.1, xy_px=[[3, -math.inf]] * 10)), "", "line 3: .* is no place in a picture"),
        ((HEADER, legs(0.0), legs(86_400.5)), "", "line 3: the recording lasts longer than a day"),
        ((HEADER, legs(0.0), legs(True)), "", "line 3: True is no time"),
        ((HEADER, {"t_s": 0.0, "speed_mps": 1e30}), "", "line 2: .* is no belt speed"),
        ((HEADER, {"t_s": 0.0, "speed_mps": 3, "incline_pct": 1e308}), "", "line 2: .* is no incline"),
        ((HEADER,), '{"t_s": ' + "9" * 5000 + ', "xy_px": null}\n', "line 2 is not a JSON object"),
        ((HEADER,), '{"t_s": ' + "[" * 100_000 + "\n", "line 2 is not a JSON object"),
        ((HEADER, legs(0.0, confidence=[10**400] * 10)), "", "line 2: .* is no confidence"),
        ((HEADER, {"t_s": 0.0, "speed_mps": 10**400}), "", "line 2: .* is no belt speed"),
        (({**HEADER, "height": math.inf},), "", "line 1: .* inf is no width or height"),
        (({**HEADER, "width": 10**400},), "", "line 1: the header holds a value that is not possible"),
        (({**HEADER, "width": -640},), "", "line 1: .* -640 is no width or height"),
        (({**HEADER, "nominal_fps": 0},), "", "line 1: .* 0 is no rate"),
    ],
)
def test_a_damaged_recording_names_the_line(tmp_path: Path, lines: tuple[object, ...], end: str, said: str) -> None:
    path = written(tmp_path / "p.jsonl", *lines, end=end)

    with pytest.raises(FormatError, match=said):
        list(read_poses(path)[1])


def test_what_is_no_text_or_no_gzip_or_no_file_says_so(tmp_path: Path) -> None:
    binary, zipped = tmp_path / "b.jsonl", tmp_path / "z.jsonl.gz"
    binary.write_bytes(bytes(range(128, 256)))
    zipped.write_text("plain text")

    with pytest.raises(FormatError, match="it is not text"):
        read_poses(binary)
    with pytest.raises(FormatError, match="compression is damaged"):
        read_poses(zipped)
    with pytest.raises(SourceError, match="check the path"):
        read_poses(tmp_path / "missing.jsonl")


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="--record"):
        PoseRecorder(tmp_path / "file" / "poses.jsonl", INFO)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the always-full device of Linux")
def test_a_full_disk_holds_the_recording_up_with_a_message_and_never_the_run(tmp_path: Path) -> None:
    recorder = PoseRecorder(tmp_path / "poses.jsonl", INFO)
    recorder.append(-1 / 30, None, None)
    recorder.close()
    recorder._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    for frame in range(100):
        recorder.append(frame / 30, pose_at(frame / 30), TYPED_10)
    recorder.close()

    assert recorder.problem == "the pose recording stopped: No space left on device"


@pytest.mark.parametrize("name", ["poses.jsonl", "poses.jsonl.gz"])
def test_a_recording_that_cannot_have_its_name_goes_on_beside_it(tmp_path: Path, name: str) -> None:
    """On Windows nothing takes the place of a file that another program has open; here a folder stands there."""
    path = tmp_path / name
    recorder = PoseRecorder(path, INFO)
    path.mkdir()
    for frame in range(100):
        recorder.append(frame / 30, pose_at(frame / 30), TYPED_10)
    recorder.close()

    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    assert recorder.problem is not None
    assert recorder.problem.endswith(f"lies beside it as {beside.name}")
    assert len(list(read_poses(beside)[1])) == 100
