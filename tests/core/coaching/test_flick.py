"""Folded under, not flicked behind: flexion can rise with nothing gained, and the coach does not reward it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.flicking import FLICKED_DEG as TRULY_FLICKED_DEG
from bench.flicking import Tally, dropping, programme
from coach.core.coaching.advice import Hold
from coach.core.coaching.cue_rules import SURE, surely_flicked
from coach.core.coaching.cues import CueKind
from coach.core.coaching.fold import (
    FLICKED_DEG,
    NATURAL_THIGH_SD_DEG,
    FoldMean,
    UsualThigh,
    fold_mean,
    thigh_at_peak_deg,
    thigh_residual_deg,
    thigh_spread_deg,
    uncounted,
    unfolded,
)
from tests.coached_session import LOW, Session, coached
from tests.virtual_camera import TYPICAL
from tests.virtual_runner import stride_at

UNDER, PRAISE = CueKind.UNDER_YOU, CueKind.RECOVERED
OWN = UsualThigh(19.0, 0.2)


def fold(deg: float, newest_deg: float | None = None) -> FoldMean:
    return FoldMean(deg, deg if newest_deg is None else newest_deg, 0.6, 0.3)


def test_a_runner_who_flicks_is_told_under_you_and_asked_for_no_more_lift() -> None:
    session = coached()
    session.thigh_deg = 9.0

    said = session.run(30.0, 84.0)

    assert said[0] is UNDER
    assert LOW not in said
    assert session.now.hold is Hold.FLICKED
    assert session.now.hold_reason == "hold_flicked"


def test_flexion_that_came_back_by_a_flick_is_not_praised_and_by_a_fold_it_is() -> None:
    flicked, folded = coached(), coached()
    assert LOW in flicked.run(20.0, 86.0)
    assert LOW in folded.run(20.0, 86.0)
    flicked.thigh_deg = 11.0

    assert PRAISE not in flicked.run(60.0, 97.0)
    assert PRAISE in folded.run(60.0, 97.0)


def test_who_brings_the_heel_under_again_is_praised_for_that() -> None:
    session = coached()
    session.thigh_deg = 9.0
    assert UNDER in session.run(15.0, 96.0)
    session.thigh_deg = 19.0

    assert PRAISE in session.run(12.0, 96.0)


def test_without_a_baseline_of_the_thigh_nothing_is_claimed() -> None:
    session = Session()
    session.thigh_deg = math.nan
    while session.advice is None or session.now.stage != "coaching":
        session.run(1.0)
    session.thigh_deg = 5.0

    assert session.run(40.0, 96.0) == []


def test_only_what_lies_beyond_the_line_by_two_of_its_errors_is_surely_a_flick() -> None:
    doubt = math.hypot(0.6, 0.3, 0.2, 0.3)
    line = OWN.deg + FLICKED_DEG - SURE * doubt

    assert surely_flicked(fold(line - 0.01), OWN)
    assert not surely_flicked(fold(line + 0.01), OWN)
    assert 5.0 < OWN.deg - line < 6.5
    assert not surely_flicked(fold(5.0), UsualThigh(math.nan, math.nan))


def test_doubt_of_a_flick_already_withholds_praise_and_then_the_count() -> None:
    assert not unfolded(fold(17.1), OWN)
    assert unfolded(fold(16.9), OWN)
    assert not uncounted(fold(16.1), OWN)
    assert uncounted(fold(15.9), OWN)


def test_who_has_just_begun_to_flick_has_not_folded_all_window_long() -> None:
    strides = [stride_at(0.7 * n, 95.0, thigh_deg=19.0 if n < 6 else 9.0) for n in range(8)]

    mean = fold_mean(strides, math.sqrt)

    assert mean.mean_deg == pytest.approx(16.5)
    assert mean.newest_deg == pytest.approx(14.0)
    assert unfolded(mean, OWN)


def test_strides_that_did_not_show_the_thigh_say_nothing_of_it() -> None:
    mean = fold_mean([replace(stride_at(0.7, 95.0), thigh_at_peak_deg=math.nan)], math.sqrt)

    assert math.isnan(mean.mean_deg)
    assert not unfolded(mean, OWN)


def test_a_virtual_runner_who_flicks_hears_it_soon_and_is_not_praised() -> None:
    tally = Tally("drop answered by a flick")
    dropping(tally, 4, 5, TYPICAL)

    assert tally.flicked == 4
    assert max(tally.delays_s) <= 30.0
    assert tally.praised == 0


@pytest.mark.slow
def test_a_programme_that_is_flicked_through_holds_no_step() -> None:
    tally = Tally("programme, flicks")
    programme(tally, 8, 3, TYPICAL, flicks=1.0)

    assert tally.held_deg == [0.0]
    assert tally.praised == 0
    assert TRULY_FLICKED_DEG > -FLICKED_DEG


def test_the_thigh_is_farther_ahead_at_a_faster_pace_and_foretold_better_than_by_the_norm() -> None:
    assert thigh_at_peak_deg(2.5) < thigh_at_peak_deg(3.5) < thigh_at_peak_deg(4.5)
    assert thigh_at_peak_deg(1.0) == thigh_at_peak_deg(2.5)
    assert thigh_residual_deg(0.0) < thigh_residual_deg(1.0) < thigh_residual_deg(2.0) < thigh_spread_deg(3.5)


@pytest.mark.data
def test_measured_runners_hold_the_thigh_as_the_norm_says(test_data: Path) -> None:
    from bench.measured import trials_of
    from bench.posture import strides_thigh_deg

    own: dict[str, dict[float, float]] = {}
    within = []
    for name, build in trials_of().items():
        trial = build()
        legs = [strides_thigh_deg(trial, side)[1] for side in ("left", "right")]
        own.setdefault(name.split("_")[0], {})[trial.speed_mps] = float(np.mean([leg.mean() for leg in legs]))
        within += [leg.std(ddof=1) for leg in legs]
    for speed_mps in (2.5, 3.5, 4.5):
        mean = np.mean([runner[speed_mps] for runner in own.values()])
        assert mean == pytest.approx(thigh_at_peak_deg(speed_mps), abs=0.1)
    away = [
        runner[b] - runner[a] - (thigh_at_peak_deg(b) - thigh_at_peak_deg(a))
        for runner in own.values()
        for a, b in ((2.5, 3.5), (3.5, 4.5), (3.5, 2.5), (4.5, 3.5))
    ]
    assert len(own) == 13
    assert np.mean(within) == pytest.approx(NATURAL_THIGH_SD_DEG, abs=0.1)
    assert np.std(away) == pytest.approx(thigh_residual_deg(1.0), abs=0.1)
