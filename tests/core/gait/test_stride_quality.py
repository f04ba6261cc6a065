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
    collapsed_share=0.0,
    swapped_share=0.05,
    expected_s=0.7,
    reading_sd_deg=4.0,
    spread_ll=0.03,
    length_ll=1.0,
    footed=True,
    timed=True,
)
USUAL = Circumstances(running=True, real_time=True, in_view=True, young=False, earned=True)


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
        ({"end_s": 0.55}, RejectReason.IRREGULAR),
        ({"end_s": 1.3, "expected_s": 1.3}, RejectReason.IRREGULAR),
        ({"peak_knee_flexion_deg": 25.0}, RejectReason.IMPLAUSIBLE),
        ({"peak_knee_flexion_deg": 170.0}, RejectReason.IMPLAUSIBLE),
        ({"min_hip_heel_ll": 0.95}, RejectReason.IMPLAUSIBLE),
        ({"contact_time_s": 0.5}, RejectReason.IMPLAUSIBLE),
        ({"contact_time_s": -0.01}, RejectReason.IMPLAUSIBLE),
        ({"earned": False}, RejectReason.FAR_LEG),
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
