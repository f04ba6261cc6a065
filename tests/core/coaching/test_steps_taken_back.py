"""Steps are won, baselines taken anew, something hurts or is lost: the band follows the runner down and up again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coach.core.coach_settings import CoachSettings, ProgrammeSettings
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.profile import Bands, RunnerProfile
from tests.coached_session import BEGUN, DAY, Session

SHORT = replace(BEGUN, programme=ProgrammeSettings(first_minutes=5, last_minutes=5))
BASELINE_S = 25.0
PRACTICE_S = 310.0


class Runner:
    """Somebody who runs every other day, as told; calm running at first is 95°."""

    def __init__(self) -> None:
        self.profile = RunnerProfile()
        self.day = DAY

    def run(self, deg: float, *, calm_deg: float = 95.0, camera: str = "") -> Session:
        """Another session: calm until there is a baseline, then practice at this lift."""
        session = self.begin(camera)
        session.run(BASELINE_S, calm_deg)
        session.run(PRACTICE_S, deg)
        self.profile = session.coaching.profile_after()
        return session

    def take_a_new_baseline(self, deg: float) -> None:
        """The key b, and then home before half of the practice."""
        session = self.begin()
        session.run(6.0, deg)
        session.coaching.request_baseline(session.t_s)
        session.run(BASELINE_S, deg)
        self.profile = session.coaching.profile_after()

    def say_that_hurts(self) -> None:
        session = self.begin()
        session.coaching.hurts(session.t_s)
        self.profile = session.coaching.profile_after()

    def begin(self, camera: str = "") -> Session:
        self.day += 2
        session = Session(SHORT, self.profile)
        session.coaching = Coaching(SHORT, self.profile, self.day, camera)
        return session

    def reference_deg(self, camera: str = "") -> float:
        """What counts as shown at 3 m/s."""
        bands = Bands(CoachSettings(), self.profile, self.day, camera)
        bands.look("right")
        target = bands.target("right", 3.0)
        assert target is not None
        return target.reference_deg


def with_a_step(*, new_baseline: bool) -> Runner:
    """Whose first step of 4° was won: 99° is shown, and may have become the own baseline."""
    runner = Runner()
    runner.run(102.0)
    runner.run(102.0)
    assert runner.reference_deg() == pytest.approx(99.0, abs=0.2)
    if new_baseline:
        runner.take_a_new_baseline(99.0)
        assert [b.held_deg for b in runner.profile.baselines] == [4.0]
        assert runner.reference_deg() == pytest.approx(99.0, abs=0.2)
    return runner


@pytest.mark.parametrize("new_baseline", [False, True])
def test_a_step_that_hurts_is_taken_back_and_won_again(new_baseline: bool) -> None:
    runner = with_a_step(new_baseline=new_baseline)

    runner.say_that_hurts()
    assert runner.reference_deg() == pytest.approx(95.0, abs=0.2)

    resting = runner.run(96.0)
    assert resting.coaching.profile_after().progress.practices[-1].step_deg == 0.0
    runner.run(102.0)
    assert runner.reference_deg() == pytest.approx(95.0, abs=0.2), "once may be a good day"
    runner.run(102.0)
    assert runner.reference_deg() == pytest.approx(99.0, abs=0.2)


@pytest.mark.parametrize("new_baseline", [False, True])
def test_a_step_that_is_lost_is_taken_back_and_nothing_that_was_there_before_it(new_baseline: bool) -> None:
    runner = with_a_step(new_baseline=new_baseline)

    runner.run(95.0)
    assert runner.profile.progress.practices[-1].lost
    assert runner.reference_deg() == pytest.approx(95.0, abs=0.2)

    runner.run(90.0)
    assert runner.profile.progress.practices[-1].lost
    assert runner.reference_deg() == pytest.approx(95.0, abs=0.2), "what was run before the first step stays"


def test_what_hurts_again_and_again_leads_back_to_where_the_runner_began_and_no_lower() -> None:
    runner = with_a_step(new_baseline=False)
    runner.run(106.0)
    runner.run(106.0)
    runner.take_a_new_baseline(103.0)

    told = []
    for _ in range(3):
        runner.say_that_hurts()
        told.append(runner.reference_deg())

    assert told == pytest.approx([99.0, 95.0, 95.0], abs=0.2)


# A step that has held once, and a baseline of another set-up before it holds again


@pytest.mark.parametrize("calm_deg", [95.0, 99.0])
def test_a_baseline_amid_a_step_is_asked_for_the_same_step_and_counts_it_once(calm_deg: float) -> None:
    runner = Runner()
    runner.run(102.0)
    runner.run(102.0, calm_deg=calm_deg, camera="phone")

    assert [b.held_deg for b in runner.profile.baselines] == [0.0, 4.0]
    assert runner.profile.progress.held_deg == 4.0
    assert runner.reference_deg() == pytest.approx(99.0, abs=0.2)
    assert runner.reference_deg("phone") == pytest.approx(calm_deg, abs=0.2)


def test_if_the_step_then_fails_it_comes_off_that_baseline() -> None:
    runner = Runner()
    runner.run(102.0)
    runner.run(98.0, calm_deg=99.0, camera="phone")

    assert runner.profile.progress.held_deg == 0.0
    assert runner.reference_deg("phone") == pytest.approx(95.0, abs=0.2)


def test_once_the_step_is_counted_a_new_baseline_has_it_in_it_and_no_other() -> None:
    runner = with_a_step(new_baseline=True)

    assert runner.profile.progress.in_baseline_deg == runner.profile.progress.held_deg == 4.0
    runner.run(106.0)
    assert runner.profile.progress.in_baseline_deg == 8.0
    runner.say_that_hurts()
    assert runner.profile.progress.in_baseline_deg == 0.0
