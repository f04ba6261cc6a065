"""Every stride is valid or carries its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coach.core.gait.quality import RejectReason, StrideEvidence, judge

GOOD = StrideEvidence(
    usable_share=0.9,
    collapsed_share=0.0,
    swapped_share=0.05,
    peak_deg=100.0,
    peak_sd_deg=1.6,
    lever_ll=0.64,
    period_s=0.71,
    expected_s=0.7,
    contact_s=0.24,
    running=True,
    in_view=True,
    young=False,
    earned=True,
)


def test_a_good_stride_is_valid() -> None:
    assert judge(GOOD) is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"running": False}, RejectReason.NOT_RUNNING),
        ({"in_view": False}, RejectReason.OUT_OF_VIEW),
        ({"swapped_share": 0.8}, RejectReason.LEGS_SWAPPED),
        ({"usable_share": 0.2}, RejectReason.TOO_FEW_FRAMES),
        ({"usable_share": 0.2, "collapsed_share": 0.6}, RejectReason.LEG_COLLAPSED),
        ({"peak_sd_deg": 5.0}, RejectReason.TOO_FEW_FRAMES),
        ({"period_s": 0.55}, RejectReason.IRREGULAR),
        ({"period_s": 1.3, "expected_s": 1.3}, RejectReason.IRREGULAR),
        ({"peak_deg": 25.0}, RejectReason.IMPLAUSIBLE),
        ({"peak_deg": 170.0}, RejectReason.IMPLAUSIBLE),
        ({"lever_ll": 0.95}, RejectReason.IMPLAUSIBLE),
        ({"contact_s": 0.5}, RejectReason.IMPLAUSIBLE),
        ({"contact_s": -0.01}, RejectReason.IMPLAUSIBLE),
        ({"earned": False}, RejectReason.FAR_LEG),
    ],
)
def test_each_fault_has_its_reason(fault: dict[str, Any], reason: RejectReason) -> None:
    assert judge(replace(GOOD, **fault)) is reason


@pytest.mark.parametrize("fault", [{"usable_share": 0.6}, {"collapsed_share": 0.2}, {"swapped_share": 0.3}])
def test_a_young_template_asks_for_more(fault: dict[str, Any]) -> None:
    doubtful = replace(GOOD, **fault)
    assert judge(doubtful) is None
    assert judge(replace(doubtful, young=True)) is not None


def test_an_unknown_uncertainty_is_no_certainty() -> None:
    assert judge(replace(GOOD, peak_sd_deg=float("nan"))) is RejectReason.TOO_FEW_FRAMES
