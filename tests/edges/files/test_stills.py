"""Two photographs: the lowest and the best trusted stride, at the same moment, with the lever drawn."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.core.gait.quality import RejectReason
from coach.core.pipeline import Update
from coach.core.pose import Keypoint, Pose, Side
from coach.core.session.records import Still
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.files import stills as stills_module
from coach.edges.files.leg_pictures import CELL_SIZE_PX, PICTURE_SIZE_PX, cut_out, cutting, sharpness, with_leg
from coach.edges.files.stills import PHASES, STILL_FILES, StillKeeper
from coach.languages import load_words
from coach.ports import Frame
from coach.review.session_page import session_page
from coach.review.stride_pictures import films_of, pictures_in, softer_note
from tests import kept

ENGLISH = load_words("en")

HIP_PX, LEG_PX = np.array([320.0, 200.0]), 200.0


def pose_of(update: Update, side: Side = "left") -> Pose:
    """A leg of two equal segments whose bend is that of the update, hanging straight down from the hip."""
    pose = kept.pose_at(update.t_s)
    xy_px = pose.xy_px.copy()
    half = math.radians(update.gait.leg(side).knee_flexion_deg / 2)
    ankle, knee = np.array([0, LEG_PX * math.cos(half)]), LEG_PX / 2 * np.array([math.sin(half), math.cos(half)])
    for name, at in (("HIP", 0 * knee), ("KNEE", knee), ("ANKLE", ankle), ("HEEL", ankle), ("FOOT_INDEX", ankle + 9)):
        xy_px[Keypoint[f"{side.upper()}_{name}"]] = HIP_PX + at
    return replace(pose, xy_px=xy_px)


def photographed(
    folder: Path,
    peak_deg: Callable[[float], float],
    change: Callable[[Update], Update] = lambda update: update,
    duration_s: float = 13.0,
    fps: float = 15.0,
    **how: object,
) -> StillKeeper:
    """Every picture is one grey tone that tells its time: 5 a second."""
    keeper = StillKeeper(folder)
    for number, update in enumerate(kept.run(duration_s, fps, peak_deg=peak_deg, **how)):  # type: ignore[arg-type]
        image = np.full((480, 640, 3), int(update.t_s * 5) + 50, dtype=np.uint8)
        keeper.add(Frame(number, update.t_s, image), change(replace(update, pose=pose_of(update))))
    return keeper


def by_name(keeper: StillKeeper) -> dict[str, Still]:
    return {still.which: still for still in keeper.stills}


def test_the_lowest_and_the_best_stride_are_kept_at_their_highest_bend(tmp_path: Path) -> None:
    keeper = photographed(tmp_path / "1", lambda t_s: 100 - abs(t_s - 9.8))
    stills = by_name(keeper)

    assert stills["best"].peak_deg == pytest.approx(100.0, abs=0.8)
    assert stills["best"].t_s == pytest.approx(9.8 + 0.68 * 0.7, abs=0.71)
    assert stills["lowest"].peak_deg == pytest.approx(90.2, abs=0.8)
    for still in stills.values():
        picture = cv2.imread(str(tmp_path / "1" / still.file))
        assert picture is not None
        assert picture.shape[:2] == PICTURE_SIZE_PX[::-1]
        assert picture[300, 30, 0] == pytest.approx(int(still.t_s * 5) + 50, abs=2)  # the frame of that very moment


def test_the_lever_is_drawn_in_yellow_from_hip_to_heel() -> None:
    leg = np.array([[320.0, 200.0], [380.0, 290.0], [300.0, 320.0], [320.0, 340.0], [310.0, 370.0]])

    picture = with_leg(*cut_out(np.full((480, 640, 3), 90, dtype=np.uint8), leg, LEG_PX), 94.0)

    scale = PICTURE_SIZE_PX[1] / (2.5 * LEG_PX)
    middle = picture[int(0.48 * 640 + scale * 70), 240]
    assert middle.tolist() == pytest.approx([66, 228, 240], abs=3)


@pytest.mark.parametrize("size_px", [(480, 640), (1280, 720), (240, 320)])
def test_pictures_are_alike_whatever_the_camera_s_size(size_px: tuple[int, int]) -> None:
    zoom = size_px[0] / 480
    leg = zoom * np.array([[320.0, 200.0], [380.0, 290.0], [300.0, 320.0], [320.0, 340.0], [310.0, 370.0]])

    picture = with_leg(*cut_out(np.full((*size_px, 3), 90, dtype=np.uint8), leg, zoom * LEG_PX), 94.0)

    yellow = np.argwhere((abs(picture.astype(int) - [66, 228, 240]) < 20).all(axis=2))
    assert yellow[:, 0].max() - yellow[:, 0].min() == pytest.approx(140 * 640 / 500, abs=16)


def test_rejected_strides_make_no_picture(tmp_path: Path) -> None:
    def distrust(update: Update) -> Update:
        low = [
            replace(c, reject_reason=RejectReason.LEG_COLLAPSED) if c.peak_knee_flexion_deg < 80 else c
            for c in update.strides
        ]
        return replace(update, strides=tuple(low))

    keeper = photographed(tmp_path, lambda t_s: 60.0 if 8 < t_s < 12 else 98.0, distrust)

    assert by_name(keeper)["lowest"].peak_deg == pytest.approx(98.0, abs=0.1)


@pytest.mark.parametrize(("right_s", "kept_deg"), [(20.0, 104.0), (8.0, 96.0)])
def test_both_pictures_are_of_the_leg_that_was_near_for_most_strides(
    right_s: float, kept_deg: float, tmp_path: Path
) -> None:
    """The right leg at 104°, then a turn and the left one at 96°: they would be best and lowest, a leg each."""
    keeper, image = StillKeeper(tmp_path), np.zeros((480, 640, 3), dtype=np.uint8)
    right = kept.run(right_s, 15.0, facing="right", peak_deg=lambda t_s: 104.0)
    left = kept.run(13.0, 15.0, facing="left", first_s=right_s + 30, peak_deg=lambda t_s: 96.0)
    for number, update in enumerate((*right, *left)):
        near = update.gait.view.facing or "left"
        keeper.add(Frame(number, update.t_s, image), replace(update, pose=pose_of(update, near)))

    assert {(still.which, round(still.peak_deg)) for still in keeper.stills} == {
        ("lowest", kept_deg),
        ("best", kept_deg),
    }
    assert len({still.side for still in keeper.stills}) == 1


def test_a_lift_above_the_ceiling_is_not_the_best(tmp_path: Path) -> None:
    keeper = photographed(tmp_path, lambda t_s: 118.0 if t_s > 10 else 99.0)

    assert by_name(keeper)["best"].peak_deg == pytest.approx(99.0, abs=0.1)


def test_a_slow_stretch_is_not_the_lowest_by_its_pace(tmp_path: Path) -> None:
    """91° at 2.5 m/s is more for its pace than 98° at 3.5 m/s."""
    keeper = photographed(
        tmp_path,
        lambda t_s: 91.0 if t_s < 10 else 98.0,
        belt=lambda t_s: BeltSpeed(2.5 if t_s < 10 else 3.5, SpeedOrigin.TYPED),
    )

    assert by_name(keeper)["lowest"].peak_deg == pytest.approx(98.0, abs=0.1)


@pytest.mark.parametrize(
    ("keypoint", "wrong_px"),
    [(Keypoint.LEFT_HEEL, [0.0, LEG_PX]), (Keypoint.LEFT_KNEE, [10.0, 70.0]), (Keypoint.LEFT_ANKLE, [math.nan, 0.0])],
)
def test_a_frame_whose_pose_does_not_show_the_stride_is_left_out(
    tmp_path: Path, keypoint: Keypoint, wrong_px: list[float]
) -> None:
    """Legs taken for each other, a knee beside the leg, a point not seen."""

    def spoilt(update: Update) -> Update:
        assert update.pose is not None
        update.pose.xy_px[keypoint] = HIP_PX + np.array(wrong_px)
        return update

    assert photographed(tmp_path, lambda t_s: 98.0, spoilt).stills == ()


def test_few_frames_are_held_and_the_larger_part_of_them_for_the_sheet_alone(tmp_path: Path) -> None:
    keeper = photographed(tmp_path, lambda t_s: 98.0, fps=120.0, duration_s=4.0)

    assert len(keeper._held) <= stills_module._MOST_HELD
    assert keeper._held[-1].t_s - keeper._held[0].t_s < stills_module._HELD_S
    assert sum(held.near_peak for held in keeper._held) < len(keeper._held)


@pytest.mark.parametrize("hip_px", [(320.0, 200.0), (20.4, 470.7), (700.0, -300.0)])
def test_what_is_held_of_a_frame_gives_the_same_picture(hip_px: tuple[float, float]) -> None:
    """In the middle, at the edge and beyond it."""
    grain = np.random.default_rng(2).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    leg = np.add(hip_px, [[0.0, 0.0], [60.0, 90.0], [-20.0, 120.0], [0.0, 140.0], [-10.0, 170.0]])
    middle = leg[0] + [0.3, -4.7]

    held = cutting(grain, leg, LEG_PX, middle)

    for made, size_px in ((held.picture, PICTURE_SIZE_PX), (held.cell, CELL_SIZE_PX)):
        picture, points = cut_out(grain, leg, LEG_PX, size_px, middle)
        assert cv2.absdiff(made[0], picture).max() <= 1, "where a place between two pixels is rounded"
        assert np.allclose(made[1], points)
    grain[:] = 0
    assert held.part_bgr.max() > 0, "a copy: a source may write into its frame again"


def test_of_a_large_camera_no_more_is_held_than_a_picture() -> None:
    grain = np.random.default_rng(2).integers(0, 255, (2160, 3840, 3)).astype(np.uint8)
    leg = np.array([[1900.0, 900.0], [2170.0, 1300.0], [1810.0, 1440.0], [1900.0, 1530.0], [1855.0, 1660.0]])

    held = cutting(grain, leg, 800.0, leg[0])

    picture, points = cut_out(grain, leg, 800.0)
    assert held.part_bgr.nbytes <= picture.nbytes
    assert np.array_equal(held.picture[0], picture)
    assert np.allclose(held.picture[1], points)
    assert held.cell[1] == pytest.approx(points * CELL_SIZE_PX[1] / PICTURE_SIZE_PX[1])


def test_each_of_the_two_brings_its_whole_stride_in_step_with_the_other(tmp_path: Path) -> None:
    stills = by_name(photographed(tmp_path, lambda t_s: 100 - abs(t_s - 9.8)))

    assert {path.name for path in tmp_path.iterdir()} == set(STILL_FILES)
    for still in stills.values():
        film, picture = still.film, cv2.imread(str(tmp_path / f"{still.which}-stride.jpg"))
        assert film is not None
        assert picture is not None
        assert len(film.cells) == len(film.angles_deg) == PHASES
        assert film.cells[0] == 0
        assert list(film.cells) == sorted(film.cells), "through the stride in the order of time"
        assert picture.shape[1] == film.columns * CELL_SIZE_PX[0]
        assert film.angles_deg[film.at] == pytest.approx(still.peak_deg, abs=0.1), "the same figure as the caption's"
        assert max(film.angles_deg) == film.angles_deg[film.at]
        row, column = divmod(film.cells[film.at], film.columns)
        corner = picture[row * CELL_SIZE_PX[1] + 225, column * CELL_SIZE_PX[0] + 22, 0]
        assert corner == pytest.approx(int(still.t_s * 5) + 50, abs=2), "the frame of that moment"


def test_a_stride_with_a_gap_in_it_is_kept_at_its_peak_alone(tmp_path: Path) -> None:
    def hidden_in_stance(update: Update) -> Update:
        return replace(update, pose=None) if update.gait.left.phase < 0.4 else update

    stills = by_name(photographed(tmp_path, lambda t_s: 98.0, hidden_in_stance))

    assert set(stills) == {"lowest", "best"}
    assert all(still.film is None for still in stills.values())
    assert not (tmp_path / "best-stride.jpg").exists()


def test_of_the_frames_beside_the_peak_the_sharpest_is_taken(tmp_path: Path) -> None:
    grain = np.random.default_rng(1).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(grain, (0, 0), 4), np.uint8)
    assert sharpness(soft) < 0.1 * sharpness(grain)
    keeper = StillKeeper(tmp_path)
    for number, update in enumerate(kept.run(6.0, peak_deg=lambda _t_s: 98.0, fps=60.0)):
        keeper.add(Frame(number, update.t_s, grain if number % 3 == 0 else soft), replace(update, pose=pose_of(update)))
    assert all(still.sharpness > 10 * sharpness(soft) for still in keeper.stills)


def test_the_angle_stands_in_front_of_the_knee() -> None:
    leg = np.array([[320.0, 200.0], [380.0, 290.0], [300.0, 320.0], [320.0, 340.0], [310.0, 370.0]])
    grey, points = cut_out(np.full((480, 640, 3), 90, dtype=np.uint8), leg, LEG_PX)
    changed = (with_leg(grey, points, 94.0) != with_leg(grey, points, 38.0)).any(axis=2)
    where = np.argwhere(changed).mean(axis=0)
    assert where[1] > points[1, 0] + 30, "on the side away from the heel"
    assert abs(where[0] - points[1, 1]) < 40


def test_a_full_disk_costs_the_pictures_and_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    keeper = photographed(tmp_path / "file", lambda t_s: 98.0)

    assert keeper.problem is not None
    assert "are not kept" in keeper.problem


def test_pictures_are_kept_again_once_there_is_room(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")

    def room_at_last(update: Update) -> Update:
        if update.t_s > 10.0 and blocked.is_file():
            blocked.unlink()
        return update

    keeper = photographed(blocked, lambda t_s: 98.0, room_at_last)

    assert keeper.problem is None
    assert set(by_name(keeper)) == {"lowest", "best"}
    assert all(still.t_s > 9.0 for still in keeper.stills)


def test_the_page_shows_the_pictures_with_words_for_those_who_do_not_see_them(tmp_path: Path) -> None:
    from coach.core.session.session import SessionBuilder, SourceFacts

    photographed(tmp_path, lambda t_s: 100 - abs(t_s - 9.8), band=None)
    empty = SessionBuilder(SourceFacts("camera", "0", 640, 480)).finish()

    pictures = session_page(empty, ENGLISH, "metric", folder=tmp_path).pictures

    assert [picture.name for picture in pictures] == ["Lowest", "Best"]
    assert all(picture.data.startswith("data:image/jpeg;base64,") for picture in pictures)
    assert pictures[1].alt.startswith("Best heel lift of the run: the left knee bent to 100°")
    assert math.isnan(json.loads((tmp_path / "stills.json").read_text())[0]["target_deg"] or math.nan)
    assert session_page(empty, ENGLISH, "metric", folder=tmp_path / "none").pictures == ()


def test_the_page_s_slider_knows_where_each_moment_stands_on_its_sheet(tmp_path: Path) -> None:
    photographed(tmp_path, lambda t_s: 98.0, duration_s=4.0)
    best = pictures_in(tmp_path, ENGLISH)[1]
    assert best.film is not None
    moves = films_of([best])[0]
    width, height = CELL_SIZE_PX
    sheet_px = cv2.imread(str(tmp_path / "best-stride.jpg")).shape[1::-1]  # type: ignore[union-attr]
    assert best.film.sheet_px == sheet_px
    assert len(moves["corners"]) == len(moves["angles"]) == PHASES
    assert moves["corners"][0] == (0, 0)
    assert all(x + width <= sheet_px[0] and y + height <= sheet_px[1] for x, y in moves["corners"])
    assert moves["angles"][best.film.facts.at] == "98°"

    (tmp_path / "best-stride.jpg").unlink()
    assert pictures_in(tmp_path, ENGLISH)[1].film is None, "the picture stays without it"


def test_a_picture_that_is_far_less_sharp_is_told(tmp_path: Path) -> None:
    photographed(tmp_path, lambda t_s: 98.0, duration_s=4.0)
    one, two = pictures_in(tmp_path, ENGLISH)
    assert softer_note((replace(one, sharpness=40.0), replace(two, sharpness=70.0)), ENGLISH) == ""
    assert softer_note((replace(one, sharpness=20.0), replace(two, sharpness=70.0)), ENGLISH).startswith("“Lowest” is")
    assert softer_note((replace(one, sharpness=math.nan), replace(two, sharpness=70.0)), ENGLISH) == ""
    assert softer_note((one,), ENGLISH) == ""
