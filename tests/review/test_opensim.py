"""What OpenSim is told of moments in which little was seen: nothing that was not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import Keypoint, Pose, Side, other
from coach.errors import FormatError
from coach.review.opensim import GaitSample, KneeSign, mot_text, trc_text
from tests.synth import synthetic_run

HEIGHT_PX = 480


def samples_of(poses: list[Pose | None]) -> list[GaitSample]:
    """Frames at 30 a second as the tracker saw them."""
    tracker = GaitTracker()
    return [GaitSample(i / 30, pose, tracker.step(i / 30, pose)) for i, pose in enumerate(poses)]


@pytest.fixture(scope="module")
def poses() -> list[Pose]:
    return synthetic_run(speed_mps=3.0, duration_s=9, fps=30, noise_ll=0.005, seed=5).poses


def blinded(poses: list[Pose], keypoint: Keypoint, frames: range) -> list[Pose | None]:
    """The same run with one keypoint unseen for a while."""

    def run() -> Iterator[Pose]:
        for index, pose in enumerate(poses):
            xy_px = pose.xy_px.copy()
            if index in frames:
                xy_px[keypoint] = np.nan
            yield Pose(pose.t_s, xy_px, pose.confidence)

    return list(run())


def marker_cells(text: str, row: int) -> list[str]:
    return text.splitlines()[6 + row].split("\t")


def times_of(text: str) -> list[float]:
    return [float(line.split("\t")[0]) for line in text.partition("endheader\n")[2].splitlines()[1:]]


def rows_of(text: str) -> np.ndarray:
    """(N, 1 + 2 a leg): time, hip and knee."""
    lines = text.partition("endheader\n")[2].splitlines()[1:]
    return np.array([[float(cell) for cell in line.split("\t")] for line in lines])


def hips_of(poses: list[Pose]) -> dict[str, float]:
    """The near hip at each time as the file writes it."""
    tracker = GaitTracker()
    rows = rows_of(mot_text([GaitSample(p.t_s, p, tracker.step(p.t_s, p)) for p in poses], KneeSign.POSITIVE))
    return {f"{row[0]:.3f}": row[1] for row in rows}


def leg_known(samples: list[GaitSample], side: Side) -> int:
    return sum(not math.isnan(sample.gait.leg(side).phase) for sample in samples)


def test_a_marker_that_was_not_seen_is_three_empty_cells(poses: list[Pose]) -> None:
    text = trc_text(samples_of(blinded(poses, Keypoint.RIGHT_FOOT_INDEX, range(10, 12))), HEIGHT_PX, 175.0)

    assert marker_cells(text, 9)[-4:-1] != ["", "", ""]
    assert marker_cells(text, 10)[-4:] == ["", "", "", ""]
    assert len(marker_cells(text, 10)) == len(marker_cells(text, 9))


def test_a_frame_without_a_runner_keeps_its_row(poses: list[Pose]) -> None:
    seen: list[Pose | None] = [*poses]
    seen[20] = None
    text = trc_text(samples_of(seen), HEIGHT_PX, None)

    cells = marker_cells(text, 20)
    assert cells[:2] == ["21", f"{20 / 30:.6f}"]
    assert set(cells[2:]) == {""}


def test_a_taller_runner_has_larger_markers_and_the_same_angles(poses: list[Pose]) -> None:
    samples = samples_of([*poses])
    small, tall = (trc_text(samples, HEIGHT_PX, height_cm) for height_cm in (150.0, 200.0))
    ratio = [
        float(b) / float(a) for a, b in zip(marker_cells(small, 50)[2:8:3], marker_cells(tall, 50)[2:8:3], strict=True)
    ]
    assert ratio == pytest.approx([200 / 150] * len(ratio), rel=1e-4)


def test_angles_are_left_out_while_the_runner_was_away(poses: list[Pose]) -> None:
    seen: list[Pose | None] = [None if 150 <= i < 180 else pose for i, pose in enumerate(poses)]
    times = times_of(mot_text(samples_of(seen), KneeSign.POSITIVE))

    assert not any(5.0 <= t_s < 6.0 for t_s in times)
    assert any(t_s < 5.0 for t_s in times)
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("lost", "within_deg"),
    [(range(150, 162), 1.5), (range(5, 270, 10), 1.0)],
    ids=["0.4 s at once", "one frame in ten"],
)
def test_the_hip_beside_frames_that_fell_out_is_that_of_the_whole_run(lost: range, within_deg: float) -> None:
    whole = synthetic_run(speed_mps=3.0, duration_s=9, fps=30, seed=5).poses
    seen, hip = hips_of([pose for i, pose in enumerate(whole) if i not in lost]), hips_of(whole)
    apart_deg = [seen[at] - hip[at] for at in seen.keys() & hip.keys()]
    assert len(apart_deg) > 150
    assert max(map(abs, apart_deg)) < within_deg


def test_a_frame_that_came_late_does_not_swing_the_hip() -> None:
    """A stream that stutters gives two within two milliseconds; what they differ by is noise, and no slope."""
    still, noisy = (
        synthetic_run(speed_mps=3.0, duration_s=9, fps=480, noise_ll=noise_ll, seed=5).poses for noise_ll in (0.0, 0.02)
    )
    true_deg, even_deg = hips_of(still[::16]), hips_of(noisy[::16])
    late_deg = hips_of([noisy[i + (15 if i % 160 == 0 else 0)] for i in range(0, len(noisy), 16)])

    def worst_deg(hip_deg: dict[str, float]) -> float:
        return max(abs(hip_deg[at] - true_deg[at]) for at in hip_deg.keys() & true_deg.keys())

    assert len(late_deg.keys() & true_deg.keys()) > 150
    assert worst_deg(late_deg) < 1.2 * worst_deg(even_deg), "it was 1.6 times as far off"


def test_a_stretch_that_is_dense_and_too_short_for_the_filter_is_left_out() -> None:
    """A camera of 20 frames a second that gave 60 for a quarter of a second, between two breaks."""
    poses = synthetic_run(speed_mps=3.0, duration_s=9, fps=60, seed=5).poses
    seen = [p for i, p in enumerate(poses) if (i % 3 == 0 and not 250 <= i < 310) or 272 <= i < 287]
    times = [float(at) for at in hips_of(seen)]
    assert len(times) > 100
    assert not any(4.2 < t_s < 5.1 for t_s in times)


def test_a_time_that_came_twice_is_written_once(poses: list[Pose]) -> None:
    samples = samples_of([*poses])
    samples.insert(200, replace(samples[199]))

    assert len(times_of(mot_text(samples, KneeSign.POSITIVE))) == len(
        set(times_of(mot_text(samples, KneeSign.POSITIVE)))
    )
    assert trc_text(samples, HEIGHT_PX, None).splitlines()[2].split("\t")[2] == str(len(poses))


def turned_round(poses: list[Pose]) -> list[Pose | None]:
    """The same run, then three seconds of nobody, then a run the other way."""
    other_way = synthetic_run(speed_mps=3.0, duration_s=9, fps=30, facing="left", noise_ll=0.005, seed=6).poses
    return [*poses, *[None] * 90, *other_way]


def test_hip_flexion_is_positive_ahead_before_and_after_a_turn(poses: list[Pose]) -> None:
    rows = rows_of(mot_text(samples_of(turned_round(poses)), KneeSign.POSITIVE))

    before, after = rows[rows[:, 0] < 9], rows[rows[:, 0] > 12]
    for hip, knee in ((1, 2), (3, 4)):
        for part in (before, after):
            assert 25 < part[:, hip].max() < 40
            assert -30 < part[:, hip].min() < -15
            folded = part[:, knee] > 85
            assert part[folded, hip].mean() == pytest.approx(13.0, abs=5.0), "the thigh is ahead while the knee is bent"


def without_far_leg(sample: GaitSample) -> GaitSample:
    """The same frame with its far leg not trusted."""
    near = sample.gait.view.near_side
    if near is None:
        return sample
    far = sample.gait.leg(other(near))._replace(phase=math.nan)
    return replace(sample, gait=sample.gait._replace(left=far) if near == "right" else sample.gait._replace(right=far))


def test_a_far_leg_that_was_known_only_after_a_turn_leaves_no_row_out(poses: list[Pose]) -> None:
    samples = samples_of(turned_round(poses))
    near_alone = [without_far_leg(sample) for sample in samples]
    text = mot_text(near_alone, KneeSign.POSITIVE)

    known = [leg_known(near_alone, side) for side in ("right", "left")]
    assert min(known) > 100
    assert len(rows_of(text)) == pytest.approx(max(known), rel=0.1)
    assert len(rows_of(text)[0]) == 3, "one leg, the one that was near for longer"


def test_nobody_is_said_to_be_nobody() -> None:
    samples = samples_of([None] * 40)
    with pytest.raises(FormatError, match="nobody"):
        trc_text(samples, HEIGHT_PX, None)
    with pytest.raises(FormatError, match="no running"):
        mot_text(samples, KneeSign.POSITIVE)
