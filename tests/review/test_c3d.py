"""C3D files, written with ezc3d and read back by a library that shares nothing with it."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace

import c3d
import numpy as np
import pytest

from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import KEYPOINT_NAMES, Keypoint, Pose
from coach.errors import FormatError
from coach.review.c3d_file import c3d_bytes
from coach.review.opensim import GaitSample, mm_per_px
from tests import kept
from tests.synth import synthetic_run

HEIGHT_PX = 480


@pytest.fixture(scope="module")
def samples() -> list[GaitSample]:
    tracker = GaitTracker()
    poses: list[Pose | None] = [*synthetic_run(speed_mps=3.0, duration_s=6, fps=30, noise_ll=0.005, seed=5).poses]
    hidden = poses[40]
    assert hidden is not None
    xy_px = hidden.xy_px.copy()
    xy_px[Keypoint.LEFT_HEEL] = np.nan
    poses[40], poses[50] = Pose(hidden.t_s, xy_px, hidden.confidence), None
    return [GaitSample(i / 30, pose, tracker.step(i / 30, pose)) for i, pose in enumerate(poses)]


def read(content: bytes) -> tuple[c3d.Reader, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = c3d.Reader(io.BytesIO(content))
        frames = [points for _, points, _ in reader.read_frames()]
    return reader, np.array(frames)


def test_markers_rate_and_names_are_read_back(samples: list[GaitSample]) -> None:
    reader, frames = read(c3d_bytes(samples, [], HEIGHT_PX, 175.0))

    assert reader.point_rate == pytest.approx(30.0)
    assert [label.strip() for label in reader.point_labels] == list(KEYPOINT_NAMES)
    assert len(frames) == len(samples)
    scale, pose = mm_per_px(samples, 175.0), samples[20].pose
    assert pose is not None
    knee = frames[20, Keypoint.RIGHT_KNEE]
    assert knee[0] == pytest.approx(scale * pose.xy_px[Keypoint.RIGHT_KNEE, 0], abs=0.1)
    assert knee[1] == 0.0
    assert knee[2] == pytest.approx(scale * (HEIGHT_PX - pose.xy_px[Keypoint.RIGHT_KNEE, 1]), abs=0.1)


def test_what_was_not_seen_is_not_there(samples: list[GaitSample]) -> None:
    _, frames = read(c3d_bytes(samples, [], HEIGHT_PX, None))
    assert frames[40, Keypoint.LEFT_HEEL, 3] < 0, "C3D's mark of a marker that is not there"
    assert frames[40, Keypoint.RIGHT_HEEL, 3] >= 0
    assert (frames[50, :, 3] < 0).all()
    assert (frames[49, :, 3] >= 0).all()


def test_contacts_and_toe_offs_are_events(samples: list[GaitSample]) -> None:
    strides = [kept.kept_stride(1.0), kept.kept_stride(1.7), replace(kept.kept_stride(2.4), initial_contact_s=99.0)]
    reader, _ = read(c3d_bytes(samples, strides, HEIGHT_PX, None))
    events = reader.get("EVENT")
    assert events.get("USED").float_value == 5
    assert [label.strip() for label in events.get("LABELS").string_array][:2] == ["Foot Strike", "Foot Off"]
    times = np.asarray(events.get("TIMES").float_array).reshape(-1, 2)
    assert times[:, 1].tolist() == pytest.approx([1.0, 1.26, 1.7, 1.96, 2.66], abs=0.001)


def test_a_long_run_keeps_all_its_contacts_and_toe_offs(samples: list[GaitSample]) -> None:
    strides = [kept.kept_stride(1.0 + i / 100) for i in range(300)]
    reader, frames = read(c3d_bytes(samples, strides, HEIGHT_PX, None))
    events = reader.get("EVENT")
    assert events.get("USED").float_value == 600
    assert [len(events.get(f"LABELS{nth}").string_array) for nth in ("", "2", "3")] == [255, 255, 90]
    assert [len(events.get(f"CONTEXTS{nth}").string_array) for nth in ("", "2", "3")] == [255, 255, 90]
    times = np.concatenate([np.asarray(events.get(f"TIMES{nth}").float_array).reshape(-1, 2) for nth in ("", "2", "3")])
    assert times[-1, 1] == pytest.approx(strides[-1].toe_off_s, abs=0.001)
    assert (np.diff(times[:, 1]) >= 0).all()
    assert len(frames) == len(samples)


def test_as_many_events_as_fit_are_read_back_and_one_more_is_refused(samples: list[GaitSample]) -> None:
    strides = [kept.kept_stride(1.0 + i / 1000) for i in range(2550)]
    reader, frames = read(c3d_bytes(samples, strides, HEIGHT_PX, None))
    assert reader.get("EVENT:LABELS20").string_array[-1].strip() == "Foot Off"
    assert len(frames) == len(samples)
    with pytest.raises(FormatError, match=r"5100 events.*--format trc"):
        c3d_bytes(samples, [*strides, kept.kept_stride(0.5)], HEIGHT_PX, None)


def test_more_frames_than_c3d_counts_are_refused_and_not_cut_off(samples: list[GaitSample]) -> None:
    late = replace(samples[-1], t_s=samples[0].t_s + 65535 / 30)
    with pytest.raises(FormatError, match=r"holds 65535 frames.*has 65536"):
        c3d_bytes([*samples, late], [], HEIGHT_PX, None)


def test_frames_that_fell_out_leave_a_gap_and_no_line_through_it(samples: list[GaitSample]) -> None:
    fewer = samples[:60] + samples[75:]
    _, frames = read(c3d_bytes(fewer, [], HEIGHT_PX, None))
    assert len(frames) == len(samples), "the grid goes on"
    assert (frames[60:75, :, 3] < 0).all()
    assert (frames[[59, 75], :, 3] >= 0).all(), "what was seen at either end is there"


def test_one_frame_that_fell_out_is_drawn_through_whatever_the_clocks_last_digit(samples: list[GaitSample]) -> None:
    stamped = [replace(sample, t_s=round(sample.t_s, 6)) for sample in samples]
    fewer = [sample for i, sample in enumerate(stamped) if i % 10 != 5]
    _, frames = read(c3d_bytes(fewer, [], HEIGHT_PX, None))
    assert len(frames) == len(samples)
    assert (frames[100:, Keypoint.RIGHT_KNEE, 3] >= 0).all()


def test_nobody_seen_is_told() -> None:
    tracker = GaitTracker()
    nobody = [GaitSample(i / 30, None, tracker.step(i / 30, None)) for i in range(30)]
    with pytest.raises(FormatError, match="nobody was seen"):
        c3d_bytes(nobody, [], HEIGHT_PX, None)
