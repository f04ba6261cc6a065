"""The leg behind is shown once it has earned it, and hidden as soon as it is read off the other one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coach.core.gait import stride_measures
from coach.core.gait.deviation import Readings, smoothed
from coach.core.gait.quality import FarLegTrust, StrideEvidence
from coach.core.units import FloatArray
from tests.core.gait.test_stride_quality import SEEN, STRIDE
from tests.core.watched import watch
from tests.synth import synthetic_run


def after(
    far: int = 6, *, near: int = 6, near_deg: float = 100.0, far_deg: float = 100.0, **evidence: Any
) -> FarLegTrust:
    """What is thought of the far leg after so many strides of either, all alike."""
    trust = FarLegTrust()
    for _ in range(near):
        trust.see(replace(STRIDE, peak_knee_flexion_deg=near_deg), SEEN, near=True)
    for _ in range(far):
        trust.see(replace(STRIDE, peak_knee_flexion_deg=far_deg), replace(SEEN, **evidence), near=False)
    return trust


@pytest.mark.parametrize(("far", "near", "trusted"), [(0, 6, False), (1, 6, False), (2, 6, True), (6, 0, False)])
def test_two_strides_are_enough_beside_a_near_leg_to_compare_with(far: int, near: int, trusted: bool) -> None:
    assert after(far, near=near).trusted is trusted


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ({"usable_share": 0.5}, {"usable_share": 0.49}),
        ({"reading_sd_deg": 8.5}, {"reading_sd_deg": 8.51}),
        ({"spread_ll": 0.055}, {"spread_ll": 0.0551}),
        ({"length_ll": 0.88}, {"length_ll": 0.879}),
        ({"far_deg": 83.0}, {"far_deg": 82.9}),
    ],
)
def test_each_sign_of_a_leg_that_is_not_seen_hides_it_alone(within: dict[str, Any], beyond: dict[str, Any]) -> None:
    assert after(**within).trusted
    assert not after(**beyond).trusted


def test_a_far_leg_that_folds_more_than_the_near_one_is_no_fault() -> None:
    assert after(far_deg=140.0).trusted


def test_one_bad_stride_of_six_changes_nothing_and_most_of_them_do() -> None:
    trust = after()
    hidden: StrideEvidence = replace(SEEN, usable_share=0.0)
    told = []
    for _ in range(4):
        trust.see(STRIDE, hidden, near=False)
        told.append(trust.trusted)
    assert told == [True, True, False, False]


def test_nothing_is_shown_before_it_is_known() -> None:
    assert not FarLegTrust().trusted


def test_six_strides_are_remembered_so_three_good_ones_do_not_yet_make_up_for_three_bad_ones() -> None:
    trust = after(far=6, usable_share=0.0)
    told = []
    for _ in range(4):
        trust.see(STRIDE, SEEN, near=False)
        told.append(trust.trusted)
    assert told == [False, False, False, True]


def test_a_single_stride_of_a_trusted_leg_must_be_readable_by_itself() -> None:
    trust = after()
    assert trust.believes(replace(SEEN, usable_share=0.4))
    assert not trust.believes(replace(SEEN, usable_share=0.39))
    assert not after(far=1).believes(SEEN)


def test_its_strides_are_taken_to_differ_as_much_as_the_near_legs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less is allowed for where it is read, for it is read worse; what a stride does of its own is the runner's."""
    own_deg: list[float] = []

    def watched(
        at_s: FloatArray, at_sd_deg: FloatArray, readings: Readings, scale_s: float
    ) -> tuple[FloatArray, FloatArray]:
        own_deg.append(readings.true_share * float(at_sd_deg.max()))
        return smoothed(at_s, at_sd_deg, readings, scale_s)

    monkeypatch.setattr(stride_measures, "smoothed", watched)
    run = synthetic_run(noise_ll=0.01)
    assert {stride.near for stride in watch((pose.t_s, pose) for pose in run.poses).strides} == {True, False}
    np.testing.assert_allclose(own_deg, 1.2, atol=0.05)
