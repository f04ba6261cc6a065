"""What may be said of a change: known changes are found, none is invented, too little stays unsaid."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coach.core.coaching.guards import Price
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait.quality import RejectReason
from coach.core.session.change import Verdict, bought_with, near_valid, over_the_run, thirds
from coach.core.speed.belt_speed import SpeedOrigin
from tests.kept import kept_stride


def run(peaks_deg: np.ndarray, speed_mps: float | np.ndarray = 2.8, near: bool = True) -> list[StrideRecord]:
    speeds = np.broadcast_to(speed_mps, peaks_deg.shape)
    return [
        replace(kept_stride(0.7 * n, float(peak), near=near), speed_mps=float(speed), speed_source=SpeedOrigin.TYPED)
        for n, (peak, speed) in enumerate(zip(peaks_deg, speeds, strict=True))
    ]


def noisy(mean_deg: np.ndarray, seed: int) -> np.ndarray:
    """Stride-to-stride deviation as measured (1.65°) and as noisy a measurement, half of both slow."""
    rng = np.random.default_rng(seed)
    white, slow = rng.normal(0, 1.5, mean_deg.size), np.zeros(mean_deg.size)
    for n in range(1, mean_deg.size):
        slow[n] = 0.4 * slow[n - 1] + rng.normal(0, 1.3)
    return mean_deg + white + slow


def test_a_drop_is_found_with_its_size_inside_the_interval() -> None:
    change = over_the_run(run(noisy(np.linspace(100, 91, 300), 1)))

    assert change.verdict is Verdict.FALLEN
    assert change.difference is not None
    assert change.difference.low < -6.0 < change.difference.high  # the thirds' means lie two thirds of 9° apart
    assert change.before_deg == pytest.approx(98.5, abs=0.7)


def test_a_rise_is_found() -> None:
    assert over_the_run(run(noisy(np.linspace(90, 97, 300), 2))).verdict is Verdict.RISEN


def test_a_steady_run_is_called_steady() -> None:
    assert over_the_run(run(noisy(np.full(300, 98.0), 3))).verdict is Verdict.STEADY


def test_no_change_is_seldom_called_a_change() -> None:
    verdicts = [over_the_run(run(noisy(np.full(120, 98.0), seed))).verdict for seed in range(200)]
    invented = sum(verdict in (Verdict.RISEN, Verdict.FALLEN) for verdict in verdicts)

    assert invented <= 6  # 95 % intervals and a smallest size: 3 %


@pytest.mark.parametrize("strides", [0, 1, 29])
def test_too_few_strides_say_nothing(strides: int) -> None:
    change = over_the_run(run(np.linspace(100, 80, strides)))

    assert (change.verdict, change.difference) == (Verdict.TOO_FEW, None)
    assert math.isnan(change.before_deg)


def test_a_change_of_speed_is_not_called_a_change_of_lift() -> None:
    speeds = np.where(np.arange(300) < 150, 2.5, 3.5)
    change = over_the_run(run(noisy(91 + 14 * (speeds - 2.5), 4), speeds))

    assert (change.verdict, change.difference) == (Verdict.SPEED_CHANGED, None)


@pytest.mark.parametrize("known", [slice(0, 150), slice(150, 300)], ids=["link lost", "told late"])
def test_a_speed_that_nobody_knew_is_not_called_a_change_of_speed(known: slice) -> None:
    speeds = np.full(300, math.nan)
    speeds[known] = 2.8
    strides = run(noisy(np.full(300, 95.0), 4), speeds)

    assert over_the_run(strides).verdict is Verdict.SPEED_UNKNOWN
    assert over_the_run(strides[:20]).verdict is Verdict.TOO_FEW


def test_the_speed_that_both_thirds_share_is_compared() -> None:
    speeds = np.where((np.arange(300) // 25) % 2, 2.5, 3.5)  # intervals
    fall = np.linspace(0, -6, 300)
    change = over_the_run(run(noisy(91 + 14 * (speeds - 2.5) + fall, 5), speeds))

    assert change.verdict is Verdict.FALLEN
    assert change.difference is not None
    assert change.difference.estimate == pytest.approx(-4.0, abs=1.2)
    assert change.speed_mps == pytest.approx(2.5) or change.speed_mps == pytest.approx(3.5)


def test_rejected_and_far_strides_have_no_say() -> None:
    good = run(noisy(np.full(200, 98.0), 6))
    bad = [replace(kept, reject_reason=RejectReason.LEG_COLLAPSED) for kept in run(np.linspace(90, 50, 200))]
    far = run(np.linspace(90, 50, 200), near=False)

    assert over_the_run([*good, *bad, *far]).verdict is Verdict.STEADY
    assert len(near_valid([*good, *bad, *far])) == 200


def test_thirds_are_thirds_of_the_time_not_of_the_strides() -> None:
    strides = run(np.full(90, 98.0))
    del strides[10:50]  # nothing was seen in the middle

    first, last = thirds(strides)

    assert len(first) == 10
    assert len(last) == 30


@pytest.mark.parametrize(
    ("middle_deg", "held", "strayed"),
    [(98.0, True, False), (99.5, True, False), (94.0, False, True), (103.0, False, True)],
)
def test_steady_is_held_only_where_the_middle_was_there_too(middle_deg: float, held: bool, strayed: bool) -> None:
    peaks = np.concatenate([np.full(60, 98.0), np.full(60, middle_deg), np.full(60, 98.0)])
    change = over_the_run(run(noisy(peaks, 3)))

    assert change.verdict is Verdict.STEADY
    assert (change.held, change.strayed) == (held, strayed)


def test_a_middle_between_a_low_beginning_and_a_high_end_is_no_detour() -> None:
    change = over_the_run(run(noisy(np.repeat([90.0, 98.0, 106.0], 60), 3)))

    assert change.verdict is Verdict.RISEN
    assert not change.strayed


def test_a_middle_that_was_not_seen_is_not_held() -> None:
    strides = run(np.full(180, 98.0))
    del strides[60:120]
    change = over_the_run(strides)

    assert change.verdict is Verdict.STEADY
    assert math.isnan(change.middle_deg)
    assert not change.held


def group(start_s: float, peak_deg: float, **of: float) -> list[StrideRecord]:
    """Thirty near strides at 3 m/s, each a little unlike the one before."""
    return [
        kept_stride(
            start_s + 0.7 * n, peak_deg + 0.5 * (-1) ** n, **{k: v * (1 + 0.002 * (n % 7)) for k, v in of.items()}
        )
        for n in range(30)
    ]


FORM = {
    "thigh_at_peak_deg": 19.0,
    "cadence_spm": 170.0,
    "vertical_oscillation_ll": 0.1,
    "foot_ahead_ll": 0.24,
    "trunk_lean_deg": 7.0,
}


@pytest.mark.parametrize(
    ("changed", "price"),
    [
        ({}, None),
        ({"cadence_spm": 164.0}, None),
        ({"cadence_spm": 158.0}, Price.CADENCE),
        ({"vertical_oscillation_ll": 0.105}, None),
        ({"vertical_oscillation_ll": 0.115}, Price.BOUNCE),
        ({"foot_ahead_ll": 0.26}, None),
        ({"foot_ahead_ll": 0.28}, Price.OVERSTRIDE),
        ({"trunk_lean_deg": 10.0}, None),
        ({"trunk_lean_deg": 12.0}, Price.LEAN),
        ({"thigh_at_peak_deg": 16.0}, None),
        ({"thigh_at_peak_deg": 14.0}, Price.FLICK),
        ({"trunk_lean_deg": math.nan}, None),
    ],
)
def test_a_rise_is_told_with_what_it_was_surely_bought(changed: dict[str, float], price: Price | None) -> None:
    before, after = group(0.0, 95.0, **FORM), group(60.0, 103.0, **{**FORM, **changed})

    assert bought_with(before, after) is price


@pytest.mark.parametrize("told_pct", [1.0, math.nan])
@pytest.mark.parametrize(("incline_pct", "price"), [(2.0, Price.LEAN), (7.0, None), (-5.0, None)])
def test_on_another_incline_a_trunk_that_leans_bought_nothing(
    told_pct: float, incline_pct: float, price: Price | None
) -> None:
    """Also where nobody told the one of before."""
    before = [replace(kept, incline_pct=told_pct) for kept in group(0.0, 95.0, **FORM)]
    leans = group(60.0, 103.0, **{**FORM, "trunk_lean_deg": 12.0})

    assert bought_with(before, [replace(kept, incline_pct=incline_pct) for kept in leans]) is price


def test_too_few_strides_say_nothing_of_a_price() -> None:
    after = group(60.0, 103.0, **{**FORM, "cadence_spm": 140.0})

    assert bought_with(group(0.0, 95.0, **FORM)[:10], after) is None
    assert bought_with([], after) is None


def test_strides_at_a_doubted_speed_are_compared_with_none() -> None:
    """Told by a source and yet not known: the belt was changed, and at the end once more."""
    speeds = np.where(np.arange(300) < 60, 2.8, math.nan)

    change = over_the_run(run(noisy(np.linspace(85, 120, 300), 1), speeds))

    assert change.verdict is Verdict.SPEED_UNKNOWN
    assert change.difference is None


def test_a_run_that_ends_on_a_hill_is_not_told_as_one_whose_lift_rose() -> None:
    strides = run(noisy(np.where(np.arange(300) < 150, 95.0, 102.0), 4))
    climbing = [replace(kept, incline_pct=8.0 if n >= 150 else math.nan) for n, kept in enumerate(strides)]

    assert over_the_run(strides).verdict is Verdict.RISEN
    assert over_the_run(climbing).verdict is Verdict.INCLINE_CHANGED
