"""Did the cues work? Known effects are found; where the data cannot carry it, nothing is claimed."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from coach.core.coaching.cues import CueKind
from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.cue_effects import cue_effects
from coach.core.session.records import KeptCue, kept_cue
from coach.core.speed.belt_speed import SpeedOrigin
from tests.kept import kept_stride, low_cue

CUES_S = (60.0, 120.0, 180.0, 240.0, 300.0)


def run(lift_after_cue_deg: float, seed: int = 0, cues_s: tuple[float, ...] = CUES_S) -> list[StrideRecord]:
    """Six minutes at 90°, with so much more for 15 s after each cue."""
    rng = np.random.default_rng(seed)
    strides = []
    for plain in plain_strides():
        lifted = any(cue_s <= plain.start_s < cue_s + 15 for cue_s in cues_s)
        peak = 90 + lift_after_cue_deg * lifted + rng.normal(0, 2)
        strides.append(replace(plain, peak_knee_flexion_deg=float(peak)))
    return strides


@cache
def plain_strides() -> tuple[StrideRecord, ...]:
    return tuple(replace(kept_stride(0.7 * n), speed_mps=2.8, speed_source=SpeedOrigin.TYPED) for n in range(514))


def cues(*times_s: float, channels: tuple[str, ...] = ("speech",)) -> list[KeptCue]:
    return [kept_cue(low_cue(t_s), channels) for t_s in times_s]


def test_an_effect_is_found_with_its_size() -> None:
    (effect,) = cue_effects(run(5.0), cues(*CUES_S))

    assert effect.kind is CueKind.HEEL_LIFT_LOW
    assert (effect.given, effect.reached) == (5, 5)
    assert effect.worked is True
    assert effect.mean is not None
    assert effect.mean.low < 5.0 < effect.mean.high


def test_no_effect_is_not_called_one() -> None:
    worked = [cue_effects(run(0.0, seed), cues(*CUES_S))[0].worked for seed in range(100)]

    assert worked.count(True) <= 6


@pytest.mark.parametrize("times_s", [(60.0,), (60.0, 120.0)])
def test_one_or_two_cues_carry_no_claim(times_s: tuple[float, ...]) -> None:
    (effect,) = cue_effects(run(8.0), cues(*times_s))

    assert effect.mean is None
    assert effect.worked is None


def test_a_cue_around_which_the_speed_was_doubted_is_not_judged() -> None:
    doubted = [replace(kept, speed_mps=math.nan) if kept.start_s > 125 else kept for kept in run(5.0)]

    (effect,) = cue_effects(doubted, cues(*CUES_S))

    assert [round(one.cue.t_s) for one in effect.outcomes if not math.isnan(one.difference_deg)] == [60]
    assert effect.mean is None


def test_a_cue_that_never_reached_the_runner_is_not_judged() -> None:
    (effect,) = cue_effects(run(5.0), cues(*CUES_S, channels=()))

    assert (effect.given, effect.reached, effect.mean) == (5, 0, None)


def test_cues_at_the_ends_or_at_a_speed_change_are_left_out() -> None:
    strides = run(5.0)
    faster = [replace(kept, speed_mps=3.5) if kept.start_s > 185 else kept for kept in strides]

    (effect,) = cue_effects(faster, cues(2.0, 60.0, 120.0, 180.0, 358.0))

    unknown = [outcome.cue.t_s for outcome in effect.outcomes if math.isnan(outcome.difference_deg)]
    assert unknown == [2.0, 180.0, 358.0]


def test_a_gap_in_the_measurement_is_not_bridged() -> None:
    strides = [kept for kept in run(5.0) if not 61 < kept.start_s < 100]

    (effect,) = cue_effects(strides, cues(60.0))

    assert math.isnan(effect.outcomes[0].after_deg)


def test_a_lowering_cue_works_downwards() -> None:
    high = [replace(cue, kind=CueKind.HEEL_LIFT_HIGH) for cue in cues(*CUES_S)]

    assert cue_effects(run(-5.0), high)[0].worked is True
    assert cue_effects(run(5.0), high)[0].worked is False
    assert cue_effects(run(5.0), []) == ()


def held(strides: list[StrideRecord], thigh_after_cue_deg: float, seed: int = 5) -> list[StrideRecord]:
    """The same with a thigh at 19° that moves by so much for 15 s after each cue."""
    rng = np.random.default_rng(seed)
    moved = [any(cue_s <= k.start_s < cue_s + 15 for cue_s in CUES_S) for k in strides]
    return [
        replace(k, thigh_at_peak_deg=19 + thigh_after_cue_deg * after + float(rng.normal(0, 1.5)))
        for k, after in zip(strides, moved, strict=True)
    ]


def test_a_lift_that_was_flicked_is_not_called_an_effect_and_one_that_was_folded_is() -> None:
    (flicked,) = cue_effects(held(run(6.0), -7.0), cues(*CUES_S))
    (folded,) = cue_effects(held(run(6.0), 1.0), cues(*CUES_S))

    assert flicked.mean is not None
    assert flicked.mean.low > 0
    assert flicked.worked is False
    assert folded.worked is True


def test_under_you_is_judged_by_the_thigh() -> None:
    under = [replace(cue, kind=CueKind.UNDER_YOU) for cue in cues(*CUES_S)]

    (brought,) = cue_effects(held(run(0.0), 6.0), under)
    (blind,) = cue_effects(run(0.0), under)

    assert brought.worked is True
    assert brought.mean is not None
    assert 4.0 < brought.mean.estimate < 8.0
    assert blind.worked is None


def test_a_cue_is_judged_by_the_leg_that_it_was_about() -> None:
    """The left leg, which is near, goes on as before; the right one rises by 6° and brings its thigh forward by 5°."""
    still, moved = held(run(0.0), 0.0), held(run(6.0, seed=1), 5.0, seed=6)
    strides = still + [replace(kept, side="right", near=False) for kept in moved]
    for kind, least_deg in ((CueKind.HEEL_LIFT_LOW, 4.5), (CueKind.UNDER_YOU, 3.5)):
        far, near, either = (
            cue_effects(strides, [replace(cue, kind=kind, side=side) for cue in cues(*CUES_S)])[0]
            for side in ("right", "left", None)
        )

        assert far.worked is True
        assert far.mean is not None
        assert far.mean.low > least_deg
        assert near.worked is False
        assert either == replace(near, outcomes=either.outcomes)
