"""Which baselines count today, and what they say of cadence, bounce and the legs."""

from __future__ import annotations

import math

import pytest

from coach.core.coach_settings import BaselineSettings, CoachSettings
from coach.core.coaching.bands import Bands
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile

DAY = 20_000.0
OWN = Baseline(
    day=DAY - 1,
    speed_mps=3.0,
    near_side="right",
    left_deg=92.0,
    right_deg=95.0,
    sd_deg=2.0,
    strides=80,
    cadence_spm=170.0,
    bounce_ll=0.09,
)


def bands(settings: CoachSettings | None = None, *kept: Baseline) -> Bands:
    made = Bands(settings or CoachSettings(), RunnerProfile(kept or (OWN,)), DAY, "")
    made.look("right")
    return made


def test_before_the_near_side_is_known_there_is_no_band() -> None:
    unseen = Bands(CoachSettings(), RunnerProfile((OWN,)), DAY, "")

    assert unseen.target("right", 3.0) is None
    assert unseen.own(3.0) is None


@pytest.mark.parametrize("speed_mps", [math.nan, 0.0])
def test_without_a_speed_there_is_no_band(speed_mps: float) -> None:
    assert bands().target("right", speed_mps) is None


def test_seen_from_the_other_side_the_baseline_does_not_count() -> None:
    turned = bands()
    turned.look("left")

    assert turned.own(3.0) is None


def test_without_reuse_old_baselines_are_kept_but_not_used() -> None:
    fresh = bands(CoachSettings(baseline=BaselineSettings(reuse=False)))

    assert fresh.own(3.0) is None
    assert fresh.profile.baselines == (OWN,)


def test_the_far_leg_has_a_band_only_with_a_baseline_of_its_own() -> None:
    assert bands().target("left", 3.0) is not None
    assert bands(None, Baseline(DAY, 3.0, "right", math.nan, 95.0, 2.0, 80, 170.0, 0.09)).target("left", 3.0) is None


def test_a_new_baseline_moves_the_band_at_once() -> None:
    moving = bands()
    before = moving.target("right", 3.0)
    moving.add(Baseline(DAY, 3.0, "right", math.nan, 99.0, 2.0, 80, 170.0, 0.09))
    after = moving.target("right", 3.0)

    assert before is not None
    assert after is not None
    assert after.reference_deg - before.reference_deg == pytest.approx(4.0, abs=0.1)


def test_cadence_may_fall_with_the_speed_and_need_not_rise_with_it() -> None:
    usual = bands()

    assert usual.usual_cadence_spm(2.5) == pytest.approx(165, abs=1)
    assert usual.usual_cadence_spm(3.0) == pytest.approx(170)
    assert usual.usual_cadence_spm(4.0) == pytest.approx(170)


def test_bounce_and_difference_hold_for_a_like_speed_only() -> None:
    usual = bands()

    assert usual.usual_bounce_ll(3.2) == 0.09
    assert usual.usual_difference_deg(3.2) == pytest.approx(-3.0)
    assert math.isnan(usual.usual_bounce_ll(3.6))
    assert math.isnan(usual.usual_difference_deg(3.6))
