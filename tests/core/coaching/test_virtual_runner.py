"""The policy against runners who listen, or don't: a few sessions here, thousands in `bench/coaching.py`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coach.core.coach_settings import CoachSettings, Mode, ProgrammeSettings, SessionSettings
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.cues import CueKind
from coach.core.coaching.profile import RunnerProfile
from tests.virtual_camera import HARD, TYPICAL, PoseStage
from tests.virtual_runner import Run, Runner, run_session

FREE = CoachSettings(programme=ProgrammeSettings(enabled=False))
DAY = 20_000.0
HEEL = (CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME)


def session(
    runner: Runner, seed: int, settings: CoachSettings = FREE, stage: PoseStage = TYPICAL, duration_s: float = 1800.0
) -> Run:
    coaching = Coaching(settings, RunnerProfile(), DAY)
    return run_session(coaching, runner, seed=seed, stage=stage, duration_s=duration_s)[0]


@pytest.mark.parametrize("stage", [TYPICAL, HARD])
def test_runners_in_their_band_are_left_alone_for_half_an_hour(stage: PoseStage) -> None:
    cues = [
        len(session(Runner(offset_deg=offset), seed, stage=stage).of(*HEEL)) for seed, offset in enumerate((-12, 0, 10))
    ]

    assert np.mean(cues) <= 1


@pytest.mark.parametrize("mode", ["treadmill", "overground"])
def test_a_drop_of_8_degrees_is_cued_within_25_s_of_becoming_steady(mode: Mode) -> None:
    settings = replace(FREE, session=SessionSettings(mode=mode))
    for seed in range(6):
        at_s = 260.0 + 20 * seed
        run = session(Runner(drops=((at_s, -8.0),), response=0.0), seed, settings, duration_s=at_s + 31)

        (low,) = run.of(*HEEL)
        assert low.kind is CueKind.HEEL_LIFT_LOW
        assert at_s < low.t_s <= at_s + 5 + 25


def test_nobody_hears_more_than_three_cues_in_two_minutes_nor_is_asked_beyond_the_ceiling() -> None:
    for seed, drop_deg in enumerate((-20.0, -8.0, 18.0)):
        run = session(Runner(drops=((300.0, drop_deg),), forgets_s=40.0), seed, duration_s=1200.0)
        times = [cue.t_s for cue in run.cues]

        assert len(times) > 1
        assert all(sum(t <= other < t + 120 for other in times) <= 3 for t in times)
        assert all(above < 0 for above in run.asked_deg)


def eight_sessions(response: float) -> tuple[RunnerProfile, float, list[int]]:
    """(profile, lift that stayed, cues in each session)"""
    profile, learned_deg, cues = RunnerProfile(), 0.0, []
    for number in range(8):
        coaching = Coaching(CoachSettings(), profile, DAY + 2 * number)
        run, body = run_session(
            coaching,
            Runner(offset_deg=-4.0, response=response),
            seed=number,
            learned_deg=learned_deg,
            duration_s=1200.0,
        )
        profile, learned_deg = coaching.profile_after(), body.learned_deg
        cues.append(len(run.of(*HEEL)))
    return profile, learned_deg, cues


@pytest.mark.slow
def test_a_runner_who_follows_85_per_cent_of_the_cues_climbs_the_programme() -> None:
    profile, learned_deg, cues = eight_sessions(0.85)

    assert profile.progress.sessions_done == 8
    assert profile.progress.held_deg >= 4
    assert learned_deg >= 4
    assert cues[-1] <= 1


@pytest.mark.slow
def test_a_runner_who_does_not_follow_is_left_in_peace() -> None:
    profile, learned_deg, cues = eight_sessions(0.0)

    assert profile.progress.held_deg == 0
    assert learned_deg == 0
    assert max(cues) <= 4
    assert np.mean(cues[-4:]) <= 2
