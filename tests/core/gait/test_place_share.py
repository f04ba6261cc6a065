"""What is told of thigh, shank and foot is the same from wherever it is filmed, and no surer than the plumb line."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from functools import cache
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.gait import Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.place_share import (
    UNKNOWN_PLUMB_SD_DEG,
    UNKNOWN_REACH_SD_DEG,
    OutOfPlane,
    PlaceShare,
    place_share,
    placed,
)
from coach.core.gait.sagittal_view import Lens
from tests.core.solid_runner import Place, filmed
from tests.core.watched import watch
from tests.synth import synthetic_run

LENS: Final = Lens(1280, 720)
SETTLED_S: Final = 9.0


@cache
def near_strides(yaw_deg: float, lens: Lens | None = LENS) -> list[Stride]:
    """Of a runner whose knees and feet lie under the body, filmed from there."""
    run = synthetic_run(speed_mps=3.0, duration_s=16, noise_ll=0.005, seed=3)
    return watch(filmed(run, Place(yaw_deg=yaw_deg), LENS), GaitTracker(lens=lens)).valid(run.near_side)


def mean(name: str, yaw_deg: float) -> float:
    return float(np.mean([getattr(s, name) for s in near_strides(yaw_deg) if s.start_s > SETTLED_S]))


@pytest.mark.parametrize(
    ("name", "within"),
    [
        # A foot that lies off the plane was read 5 % of the leg farther ahead from one side than from the other.
        ("foot_ahead_ll", 0.014),
        ("shank_at_contact_deg", 1.2),
        ("thigh_forward_deg", 1.5),
        ("thigh_back_deg", 1.5),
        ("thigh_at_peak_deg", 2.0),
        ("thigh_range_deg", 1.0),
    ],
)
def test_how_a_leg_is_held_does_not_hang_on_where_the_camera_stands(name: str, within: float) -> None:
    from_anywhere = [mean(name, yaw_deg) for yaw_deg in (-28, -15, 0, 15, 28)]

    assert float(np.ptp(from_anywhere)) < within


def test_angles_against_the_vertical_are_as_sure_as_the_plumb_line() -> None:
    first, *_, last = near_strides(25)

    assert first.plumb_sd_deg >= UNKNOWN_PLUMB_SD_DEG, "nothing was known of it yet"
    assert last.plumb_sd_deg < UNKNOWN_PLUMB_SD_DEG / 2
    for stride in (first, last):
        assert stride.thigh_at_peak_sd_deg > stride.plumb_sd_deg
        assert stride.thigh_extreme_sd_deg > stride.plumb_sd_deg
        assert stride.shank_at_contact_sd_deg > stride.plumb_sd_deg
        assert stride.foot_ahead_sd_ll > math.radians(stride.plumb_sd_deg)
    # Where thighs swing between is told by the picture's level no less: their range hangs on yaw alone.
    assert first.thigh_range_sd_deg > UNKNOWN_REACH_SD_DEG
    assert last.thigh_range_sd_deg < first.thigh_range_sd_deg / 2


def test_strides_of_one_run_are_held_against_each_other_as_surely_as_ever() -> None:
    """The plumb line is theirs in common: from ahead, a stride's own part is as large as with a camera at the side."""
    oblique, beside = near_strides(25)[-1], near_strides(0, None)[-1]

    assert beside.plumb_sd_deg == 0
    assert beside.own_thigh_sd_deg == beside.thigh_at_peak_sd_deg
    for name in ("own_thigh_sd_deg", "own_foot_ahead_sd_ll"):
        assert getattr(oblique, name) == pytest.approx(getattr(beside, name), rel=0.35)


def test_just_after_the_place_was_found_the_mean_stride_is_still_of_before() -> None:
    sds_deg = [(s.end_s, s.plumb_sd_deg) for s in near_strides(-28)]
    found_s = next(end_s for end_s, sd_deg in sds_deg if sd_deg != UNKNOWN_PLUMB_SD_DEG)
    just_after, later = (
        [sd_deg for end_s, sd_deg in sds_deg if begin_s <= end_s < begin_s + 1.5] for begin_s in (found_s, found_s + 7)
    )

    assert min(just_after) > max(later) + 0.5


def folding_leg(outward: float, share: float) -> tuple[np.ndarray, np.ndarray]:
    """(n, 5) points of a leg in the plane at unit distance over a swing, and the same with its knee and foot off it."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    thigh, fold = 0.35 + 0.5 * np.cos(turn), 0.9 + 0.8 * np.sin(turn)
    hip = np.full(40, 0.02 - 0.3j)
    knee = hip + 0.15j * np.exp(-1j * thigh)
    ankle = knee + 0.15j * np.exp(-1j * (thigh - fold))
    in_plane = np.stack([hip, knee, ankle, ankle, ankle], axis=1)
    off = np.array([0.0, outward * share, outward, outward, outward])
    return in_plane, in_plane / (1 - off)


@given(outward=st.floats(-0.05, 0.05), share=st.floats(0, 1), at=st.integers(0, 39), middle=st.floats(-0.6, 0.6))
def test_what_lies_off_the_plane_is_taken_out_to_the_letter(
    outward: float, share: float, at: int, middle: float
) -> None:
    """As far off as was expected: then the figures are those of the leg in its plane, wherever it is in the picture."""
    in_plane, seen = folding_leg(outward, share)
    in_plane, seen = in_plane + middle, (in_plane + middle) / (in_plane / seen)
    offsets = np.tile([outward * share, outward], (40, 1))

    off = place_share(seen[None], offsets, 0.0, at).off

    thigh = in_plane[:, 1] - in_plane[:, 0]
    was = seen[:, 1] - seen[:, 0]
    ahead_deg, seen_deg = (np.degrees(np.arctan2(bone.real, bone.imag)) for bone in (thigh, was))
    assert off.thigh_forward_deg == pytest.approx(ahead_deg.max() - seen_deg.max(), abs=1e-6)
    assert off.thigh_back_deg == pytest.approx(seen_deg.min() - ahead_deg.min(), abs=1e-6)
    legs = [np.abs(np.diff(points[:, :3], axis=1)).sum(axis=1).mean() for points in (in_plane, seen)]
    ahead_ll = [(points[at, 2] - points[at, 0]).real / leg for points, leg in zip((in_plane, seen), legs, strict=True)]
    assert off.foot_ahead_ll == pytest.approx(ahead_ll[0] - ahead_ll[1], abs=1e-9)


def test_what_was_taken_out_already_is_not_taken_out_twice() -> None:
    _, seen = folding_leg(0.03, 1.0)

    off = place_share(seen[None], np.full((40, 2), 0.03), 0.03, 5).off

    assert np.allclose(off, 0.0)


def test_a_stride_is_told_as_its_place_has_it() -> None:
    plain = near_strides(0, None)[-1]
    share = PlaceShare(fold_sd_deg=0.0, plumb_sd_deg=0.0, reach_sd_deg=0.0, off=OutOfPlane(1.0, 2.0, 3.0, 4.0, 0.05))

    told = replace(plain, **placed(plain, share))

    assert told.thigh_at_peak_deg == pytest.approx(plain.thigh_at_peak_deg + 1)
    assert told.thigh_range_deg == pytest.approx(told.thigh_forward_deg + told.thigh_back_deg)
    assert told.thigh_swing_dps / plain.thigh_swing_dps == pytest.approx(told.thigh_range_deg / plain.thigh_range_deg)
    assert told.shank_at_contact_deg == pytest.approx(plain.shank_at_contact_deg + 4)
    assert told.foot_ahead_ll == pytest.approx(plain.foot_ahead_ll + 0.05)
    untouched = replace(plain, **placed(plain, share._replace(off=OutOfPlane())))
    assert asdict(untouched) == pytest.approx(asdict(plain), nan_ok=True)
