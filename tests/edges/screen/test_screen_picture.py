"""Picture, leg and curve: the runner stays whole, lines lie on the runner, the target lever is right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.pose import Keypoint, Pose, Side, empty_keypoints
from coach.core.units import FloatArray
from coach.edges.screen.curve import KneeCurve
from coach.edges.screen.picture import Canvas, Cut, Framing, paint
from coach.edges.screen.skeleton import GHOST_S, TargetLever, draw_runner, flexion
from coach.edges.screen.theme import DARK

FRAME = (640, 480)


def leg(flexion_deg: float, facing: float = 1.0, at: tuple[float, float] = (320.0, 200.0)) -> FloatArray:
    """(5, 2) hip, knee, ankle, heel, toe with a hanging thigh and the shank bent back by `flexion_deg`."""
    hip = np.array(at)
    knee = hip + np.array([0.0, 100.0])
    angle = math.radians(flexion_deg)
    back = np.array([-math.sin(angle) * facing, math.cos(angle)])
    ankle = knee + 100.0 * back
    heel = ankle + 8.0 * back
    return np.stack([hip, knee, ankle, heel, ankle + np.array([15.0 * facing, 5.0])])


def pose(t_s: float, side: Side, points: FloatArray) -> Pose:
    xy_px, confidence = empty_keypoints()
    xy_px[Keypoint.NOSE] = points[0] - (0, 170)
    for name in ("LEFT", "RIGHT"):
        xy_px[Keypoint[f"{name}_SHOULDER"]] = points[0] - (0, 120)
        for joint, point in zip(("HIP", "KNEE", "ANKLE", "HEEL", "FOOT_INDEX"), points, strict=True):
            xy_px[Keypoint[f"{name}_{joint}"]] = point
    return Pose(t_s, xy_px, confidence + 1)


@given(st.floats(1, 130), st.sampled_from([1.0, -1.0]))
def test_flexion_is_the_angle_that_was_bent(flexion_deg: float, facing: float) -> None:
    hip, knee, ankle = leg(flexion_deg, facing)[:3]
    assert flexion(hip, knee, ankle) == pytest.approx(flexion_deg, abs=1e-6)


@given(st.floats(70, 110), st.floats(80, 115), st.sampled_from([1.0, -1.0]))
def test_the_target_lever_ends_where_a_knee_bent_to_the_target_puts_the_heel(
    peak_deg: float, target_deg: float, facing: float
) -> None:
    lever = TargetLever()
    for t_s, deg in ((0.0, 40.0), (0.1, peak_deg), (0.15, peak_deg - 5)):
        levers = lever.step(t_s, leg(deg, facing), target_deg)
    assert levers is not None
    wished, reached = levers
    hip = leg(0.0)[0]
    assert wished == pytest.approx(leg(target_deg, facing)[3] - hip, abs=1e-6)
    assert reached == pytest.approx(leg(peak_deg, facing)[3] - hip, abs=1e-6)
    shorter = np.linalg.norm(wished) < np.linalg.norm(reached)
    assert bool(shorter) == (target_deg > peak_deg) or target_deg == pytest.approx(peak_deg)


def test_on_the_way_up_there_is_no_gap_to_show() -> None:
    lever = TargetLever()
    assert [lever.step(i / 30, leg(deg), 97.0) for i, deg in enumerate((50.0, 65.0, 80.0, 92.0))][1:] == [None] * 3
    assert lever.step(4 / 30, leg(94.0), 97.0) is not None


def test_the_target_lever_is_a_passing_picture() -> None:
    lever = TargetLever()
    lever.step(0.0, leg(95.0), 97.0)
    assert lever.step(GHOST_S - 0.05, leg(30.0), 97.0) is not None
    assert lever.step(GHOST_S + 0.05, leg(20.0), 97.0) is None
    assert TargetLever().step(0.0, leg(95.0), None) is None


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("place", [(610, 696), (300, 700), (900, 400)])
def test_points_land_where_the_picture_puts_them(place: tuple[int, int], mirrored: bool) -> None:
    picture = np.zeros((FRAME[1], FRAME[0], 3), np.uint8)
    picture[238:243, 378:383] = 255
    canvas: Canvas = np.zeros((place[1], place[0], 3), np.uint8)
    placing = paint(picture, canvas, Cut(350.0, 240.0, 1.3), (0, 0, 0), mirrored=mirrored)
    (x, y) = placing.points(np.array([[380.0, 240.0]]))[0]
    rows, columns = np.nonzero(canvas[..., 0] > 128)
    assert (columns.mean(), rows.mean()) == (pytest.approx(x, abs=1.5), pytest.approx(y, abs=1.5))


@pytest.mark.parametrize("mirrored", [False, True])
def test_beside_the_frame_there_is_ground_and_nothing_of_the_picture_before(mirrored: bool) -> None:
    canvas: Canvas = np.full((400, 900, 3), 77, np.uint8)
    frame = np.full((FRAME[1], FRAME[0], 3), 255, np.uint8)
    paint(frame, canvas, Cut(370.0, 240.0, 400 / FRAME[1]), (10, 20, 30), mirrored=mirrored)
    covered = (canvas == 255).all(axis=(0, 2))
    assert covered.sum() == pytest.approx(FRAME[0] * 400 / FRAME[1], abs=1)
    assert np.argmax(covered[::-1] if mirrored else covered) == 142, "the frame's middle lies 42 px left of the place's"
    assert (canvas[:, ~covered] == (30, 20, 10)).all()


@given(st.floats(120, 520), st.floats(180, 260), st.sampled_from([(600, 700), (380, 620), (690, 560)]))
def test_the_runner_is_whole_and_large_in_the_cut(x: float, y: float, place: tuple[int, int]) -> None:
    points = leg(90.0, at=(x, y))
    seen = pose(0.0, "left", points)
    cut = Framing().step(0.0, FRAME, place, seen, whole=False)
    canvas: Canvas = np.zeros((place[1], place[0], 3), np.uint8)
    placing = paint(None, canvas, cut, (0, 0, 0), mirrored=False)
    placed = placing.points(seen.xy_px)
    assert (placed > -1).all()
    assert (placed < np.array(place)).all()
    assert np.ptp(placed[:, 1]) > 0.3 * place[1]


def test_the_picture_does_not_sway_with_the_steps() -> None:
    framing, cuts = Framing(), []
    for i in range(120):
        t_s = i / 30
        sway = 12 * math.sin(2 * math.pi * 1.4 * t_s)
        cuts.append(framing.step(t_s, FRAME, (600, 700), pose(t_s, "left", leg(60, at=(320 + sway, 200))), whole=False))
    assert len(set(cuts)) == 1


def test_the_picture_follows_a_runner_who_moves_for_good() -> None:
    framing = Framing()
    first = framing.step(0.0, FRAME, (400, 700), pose(0.0, "left", leg(60, at=(250.0, 200.0))), whole=False)
    for i in range(1, 300):
        last = framing.step(i / 30, FRAME, (400, 700), pose(i / 30, "left", leg(60, at=(400.0, 200.0))), whole=False)
    assert last.x_px > first.x_px + 80


def test_before_anybody_was_seen_the_whole_frame_is_shown() -> None:
    cut = Framing().step(0.0, FRAME, (600, 700), None, whole=False)
    assert (cut.x_px, cut.y_px) == (320, 240)
    assert cut.scale == pytest.approx(600 / 640)


def test_the_lever_is_drawn_in_yellow_only_with_trust() -> None:
    for trusted in (True, False):
        canvas: Canvas = np.zeros((480, 640, 3), np.uint8)
        seen = pose(0.0, "left", leg(90.0))
        placing = paint(None, canvas, Cut(320, 240, 1.0), (0, 0, 0), mirrored=False)
        draw_runner(canvas, seen, placing, "left", DARK, trusted=trusted)
        yellow = (canvas == np.array(DARK.lever[::-1])).all(axis=2).any()
        assert bool(yellow) == trusted


def test_missing_keypoints_leave_lines_out_and_raise_nothing() -> None:
    canvas: Canvas = np.zeros((480, 640, 3), np.uint8)
    nothing = Pose(0.0, *empty_keypoints())
    placing = paint(None, canvas, Cut(320, 240, 1.0), (0, 0, 0), mirrored=True)
    draw_runner(canvas, nothing, placing, "right", DARK, trusted=True)
    assert not canvas.any()
    assert TargetLever().step(0.0, nothing.leg_px("left"), 97.0) is None


def run_cycles(curve: KneeCurve, cycles: int, amplitude: float = 50.0) -> None:
    for i in range(cycles * 20 + 5):
        phase = (i / 20) % 1.0
        curve.step(phase, amplitude * (1 - math.cos(2 * math.pi * phase)))


def test_the_usual_band_holds_the_cycles_that_made_it() -> None:
    curve = KneeCurve()
    run_cycles(curve, 5)
    usual = curve.usual()
    assert usual is not None
    phase, low, high = usual
    wanted = 50.0 * (1 - np.cos(2 * np.pi * phase))
    assert (low < wanted + 0.7).all()
    assert (high > wanted - 0.7).all()
    assert np.ptp(high - low) < 3
    assert len(curve.now()) == pytest.approx(5, abs=1)


def test_a_cycle_with_a_hole_is_not_part_of_the_band() -> None:
    curve = KneeCurve()
    for i in range(100):
        phase = (i / 20) % 1.0
        curve.step(phase, math.nan if 0.3 < phase < 0.6 else 40.0)
    assert curve.usual() is None
