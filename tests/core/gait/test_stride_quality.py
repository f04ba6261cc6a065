"""Every stride is valid or carries its reason."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from coach.core.gait.quality import Circumstances, RejectReason, StrideEvidence, judge
from tests.kept import stride

STRIDE = stride(0.0, 100.0, end_s=0.71, contact_time_s=0.24, min_hip_heel_ll=0.64, peak_knee_flexion_sd_deg=1.6)
SEEN = StrideEvidence(
    usable_share=0.9,
    unread_s=0.03,
    collapsed_share=0.0,
    swapped_share=0.05,
    expected_s=0.7,
    reading_sd_deg=4.0,
    spread_ll=0.03,
    misfit_ll=0.02,
    length_ll=1.0,
    travel_ll=0.1,
    stretch=1.01,
    stretch_sd=0.03,
    footed=True,
    timed=True,
)
USUAL = Circumstances(running=True, real_time=True, in_view=True, at_edge=False, young=False, earned=True)


def verdict(**fault: Any) -> RejectReason | None:
    """What is said of a good stride in which only this is changed."""
    parts = (STRIDE, SEEN, USUAL)
    names = [{one.name for one in fields(part)} for part in parts]
    assert fault.keys() <= set().union(*names)
    changed = [{name: value for name, value in fault.items() if name in own} for own in names]
    return judge(replace(STRIDE, **changed[0]), replace(SEEN, **changed[1]), replace(USUAL, **changed[2]))


def test_a_good_stride_is_valid() -> None:
    assert verdict() is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"running": False}, RejectReason.NOT_RUNNING),
        ({"in_view": False}, RejectReason.OUT_OF_VIEW),
        ({"swapped_share": 0.8}, RejectReason.LEGS_SWAPPED),
        ({"usable_share": 0.2}, RejectReason.TOO_FEW_FRAMES),
        ({"usable_share": 0.2, "collapsed_share": 0.6}, RejectReason.LEG_COLLAPSED),
        ({"peak_knee_flexion_sd_deg": 6.0}, RejectReason.TOO_FEW_FRAMES),
        ({"travel_ll": 0.2}, RejectReason.TOO_FAST),
        ({"stretch": 1.13}, RejectReason.LEG_COLLAPSED),
        ({"end_s": 0.55}, RejectReason.IRREGULAR),
        ({"end_s": 1.3, "expected_s": 1.3}, RejectReason.IRREGULAR),
        ({"misfit_ll": 0.08}, RejectReason.IRREGULAR),
        ({"peak_knee_flexion_deg": 25.0}, RejectReason.IMPLAUSIBLE),
        ({"peak_knee_flexion_deg": 170.0}, RejectReason.IMPLAUSIBLE),
        ({"min_hip_heel_ll": 0.95}, RejectReason.IMPLAUSIBLE),
        ({"contact_time_s": 0.5}, RejectReason.IMPLAUSIBLE),
        ({"contact_time_s": -0.01}, RejectReason.IMPLAUSIBLE),
        ({"earned": False}, RejectReason.FAR_LEG),
        ({"at_edge": True, "spread_ll": 0.06}, RejectReason.OUT_OF_VIEW),
    ],
)
def test_each_fault_has_its_reason(fault: dict[str, Any], reason: RejectReason) -> None:
    assert verdict(**fault) is reason


@pytest.mark.parametrize("fault", [{"usable_share": 0.6}, {"collapsed_share": 0.2}, {"swapped_share": 0.3}])
def test_a_young_template_asks_for_more(fault: dict[str, Any]) -> None:
    assert verdict(**fault) is None
    assert verdict(**fault, young=True) is not None


def test_an_unknown_uncertainty_is_no_certainty() -> None:
    assert verdict(peak_knee_flexion_sd_deg=float("nan")) is RejectReason.TOO_FEW_FRAMES


BELIEVED = None
LEVER_100 = 0.6427876
"""cos 50°: the lever of a knee bent by 100°."""


FEW, ODD, NO_KNEE = RejectReason.TOO_FEW_FRAMES, RejectReason.IRREGULAR, RejectReason.IMPLAUSIBLE
STRETCHED, FOLDED = 0.94, 0.26
"""Levers of a knee at 40° and at 150°."""


def steps(end_s: float) -> dict[str, float]:
    """A stride of this length from a runner who always runs like that."""
    return {"end_s": end_s, "expected_s": end_s, "contact_time_s": 0.2}


@pytest.mark.parametrize(
    ("within", "beyond", "reason"),
    [
        ({"usable_share": 0.34}, {"usable_share": 0.33}, FEW),
        ({"usable_share": 0.7, "young": True}, {"usable_share": 0.69, "young": True}, FEW),
        ({"collapsed_share": 0.15, "young": True}, {"collapsed_share": 0.16, "young": True}, FEW),
        ({"at_edge": True, "spread_ll": 0.04}, {"at_edge": True, "spread_ll": 0.041}, RejectReason.OUT_OF_VIEW),
        ({"spread_ll": 0.08}, {"at_edge": True, "spread_ll": 0.08}, RejectReason.OUT_OF_VIEW),
        ({"spread_ll": 0.09}, {"spread_ll": 0.091}, FEW),
        ({"swapped_share": 0.6}, {"swapped_share": 0.61}, RejectReason.LEGS_SWAPPED),
        ({"swapped_share": 0.2, "young": True}, {"swapped_share": 0.21, "young": True}, RejectReason.LEGS_SWAPPED),
        ({"peak_knee_flexion_sd_deg": 5.0}, {"peak_knee_flexion_sd_deg": 5.01}, FEW),
        ({"stretch": 1.10}, {"stretch": 1.101}, RejectReason.LEG_COLLAPSED),
        ({"stretch": 1.15, "stretch_sd": 0.06}, {"stretch": 1.151, "stretch_sd": 0.06}, RejectReason.LEG_COLLAPSED),
        (steps(0.47), steps(0.469), ODD),
        (steps(1.1), steps(1.101), ODD),
        ({"misfit_ll": 0.07}, {"misfit_ll": 0.071}, ODD),
        ({"end_s": 0.8, "expected_s": 0.7}, {"end_s": 0.81, "expected_s": 0.7}, ODD),
        ({"end_s": 0.6, "expected_s": 0.7}, {"end_s": 0.59, "expected_s": 0.7}, ODD),
        (
            {"peak_knee_flexion_deg": 40.0, "min_hip_heel_ll": STRETCHED},
            {"peak_knee_flexion_deg": 39.9, "min_hip_heel_ll": STRETCHED},
            NO_KNEE,
        ),
        (
            {"peak_knee_flexion_deg": 150.0, "min_hip_heel_ll": FOLDED},
            {"peak_knee_flexion_deg": 150.1, "min_hip_heel_ll": FOLDED},
            NO_KNEE,
        ),
        ({"min_hip_heel_ll": LEVER_100 + 0.219}, {"min_hip_heel_ll": LEVER_100 + 0.221}, NO_KNEE),
        ({"min_hip_heel_ll": LEVER_100 - 0.219}, {"min_hip_heel_ll": LEVER_100 - 0.221}, NO_KNEE),
        ({"end_s": 0.7, "contact_time_s": 0.3499}, {"end_s": 0.7, "contact_time_s": 0.35}, NO_KNEE),
        ({"contact_time_s": 0.001}, {"contact_time_s": 0.0}, NO_KNEE),
    ],
)
def test_each_limit_lies_where_it_is_said_to(
    within: dict[str, Any], beyond: dict[str, Any], reason: RejectReason
) -> None:
    assert verdict(**within) is BELIEVED
    assert verdict(**beyond) is reason


def test_it_does_not_matter_when_a_stride_was_run() -> None:
    late: dict[str, Any] = {"start_s": 100.0, "end_s": 100.71}

    assert verdict(**late) is BELIEVED
    assert verdict(**late, contact_time_s=0.5) is NO_KNEE


def test_what_a_stride_is_judged_by_stays_what_it_is() -> None:
    with pytest.raises(AttributeError):
        SEEN.usable_share = 1.0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        USUAL.running = False  # type: ignore[misc]


def test_a_fold_between_whose_readings_a_quarter_of_a_second_lies_was_not_seen() -> None:
    assert verdict(unread_s=0.24) is None
    assert verdict(unread_s=0.25) is RejectReason.TOO_FEW_FRAMES


@pytest.mark.parametrize(
    "fault", [{"usable_share": 0.2}, {"unread_s": 0.3}, {"spread_ll": 0.1}, {"peak_knee_flexion_sd_deg": 6.0}]
)
def test_a_fast_leg_that_was_badly_read_besides_is_not_told_to_be_merely_fast(fault: dict[str, Any]) -> None:
    assert verdict(travel_ll=0.2, **fault) is RejectReason.TOO_FEW_FRAMES


def test_a_fast_leg_that_lies_on_the_other_one_for_a_moment_is_only_too_fast() -> None:
    assert verdict(travel_ll=0.2, collapsed_share=0.4) is RejectReason.TOO_FAST


def test_a_travel_that_is_not_known_is_no_slow_one() -> None:
    assert verdict(travel_ll=float("nan")) is RejectReason.TOO_FEW_FRAMES


def test_from_three_tenths_of_collapsed_frames_on_the_collapse_is_the_reason() -> None:
    assert verdict(usable_share=0.2, collapsed_share=0.3) is RejectReason.TOO_FEW_FRAMES
    assert verdict(usable_share=0.2, collapsed_share=0.31) is RejectReason.LEG_COLLAPSED


def test_of_several_faults_the_plainest_is_named() -> None:
    """Not running says more than a bad picture, a bad picture more than an odd stride, all more than a far leg."""
    faults: list[dict[str, Any]] = [
        {"running": False},
        {"in_view": False},
        {"swapped_share": 0.8},
        {"usable_share": 0.2},
        {"expected_s": 1.0},
        {"contact_time_s": 0.5},
        {"earned": False},
    ]
    reasons = []
    for first in range(len(faults)):
        together: dict[str, Any] = {}
        for fault in faults[first:]:
            together |= fault
        reasons.append(verdict(**together))

    assert reasons == [
        RejectReason.NOT_RUNNING, RejectReason.OUT_OF_VIEW, RejectReason.LEGS_SWAPPED, RejectReason.TOO_FEW_FRAMES,
        RejectReason.IRREGULAR, RejectReason.IMPLAUSIBLE, RejectReason.FAR_LEG,
    ]  # fmt: skip


def test_what_strides_share_is_stated_and_refuses_none() -> None:
    """A camera whose place is not known yet sees every shank of the run short: what changes is told all the same."""
    doubted: dict[str, Any] = {"peak_knee_flexion_sd_deg": 6.0, "peak_knee_flexion_shared_sd_deg": 5.5}
    assert verdict(**doubted) is None
    assert replace(STRIDE, **doubted).own_peak_sd_deg == pytest.approx(2.4, abs=0.01)
