"""Has the belt changed, may its speed be believed, and does the runner drift back?"""

from __future__ import annotations

import math

import pytest

from coach.core.coaching.evidence import (
    DRIFTED_FOR_S,
    SETTLE_S,
    BeltWatch,
    DriftMonitor,
    SpeedDoubtMonitor,
    SpeedMonitor,
)
from coach.core.gait.quality import Trust
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.belt_video import LEG_PER_HEIGHT
from coach.core.speed.stance_pool import Level
from tests.virtual_runner import gait_at, typed

LEG_M = 0.85


def video(speed_mps: float) -> BeltSpeed:
    return BeltSpeed(speed_mps, SpeedOrigin.VIDEO)


# Changes


def test_the_first_speed_is_no_change() -> None:
    watch = SpeedMonitor()

    assert not watch.changed(0.0, None)
    assert not watch.changed(1.0, typed(3.0))
    assert watch.settled(1.0)


def test_half_a_kmh_is_a_change_and_takes_its_time_to_settle() -> None:
    watch = SpeedMonitor()
    watch.changed(0.0, typed(3.0))

    assert watch.changed(10.0, typed(3.0 + 0.5 / 3.6))
    assert not watch.settled(10.0 + SETTLE_S - 0.1)
    assert watch.settled(10.0 + SETTLE_S)


def test_slow_creeping_adds_up_to_a_change() -> None:
    watch = SpeedMonitor()

    assert any(watch.changed(float(t), typed(3.0 + 0.02 * t)) for t in range(20))


def test_losing_and_finding_the_speed_are_changes() -> None:
    watch = SpeedMonitor()
    watch.changed(0.0, typed(3.0))

    assert watch.changed(1.0, None)
    assert not watch.changed(2.0, None)
    assert watch.changed(3.0, typed(3.0))


def test_a_speed_read_from_the_picture_may_wander() -> None:
    watch = SpeedMonitor()
    watch.changed(0.0, video(3.0))

    assert not watch.changed(1.0, video(3.2))
    assert watch.changed(2.0, video(3.4))


# Doubt


def feet(true_mps: float, sd_share: float = 0.03) -> Level:
    """What they say of a belt that runs so fast."""
    return Level(true_mps / LEG_M, sd_share * true_mps / LEG_M)


def running(
    watch: SpeedDoubtMonitor, given: BeltSpeed | None, true_mps: float, seconds: float, from_s: float = 0.0
) -> list[bool]:
    """Whether the speed was doubted, stride by stride."""
    return [
        watch.doubted(from_s + 0.35 * i, given, feet(true_mps), new_stride=True) for i in range(int(seconds / 0.35))
    ]


def test_a_typed_speed_is_doubted_once_the_feet_contradict_it_for_some_time() -> None:
    watch = SpeedDoubtMonitor()
    assert not any(running(watch, typed(3.0), 3.0, 20))

    doubts = running(watch, typed(3.0), 3.5, 5, from_s=20)

    assert not any(doubts[:4])
    assert all(doubts[6:])
    assert not any(running(watch, typed(3.5), 3.5, 5, from_s=25))


def test_what_the_feet_say_errs_by_some_per_cent_and_is_not_held_against_the_console() -> None:
    watch = SpeedDoubtMonitor()
    running(watch, typed(3.0), 3.0, 20)

    assert not any(running(watch, typed(3.0), 3.2, 20, from_s=20))


def test_feet_that_are_not_sure_contradict_nothing_and_teach_nothing() -> None:
    """Few pictures: both feet tell another speed, ten per cent either way, and then they agree."""
    watch = SpeedDoubtMonitor()
    strides = [feet(3.3, 0.10)] * 20 + [feet(2.7, 0.10)] * 20 + [feet(3.0)] * 20

    assert not any(watch.doubted(0.35 * i, typed(3.0), seen, new_stride=True) for i, seen in enumerate(strides))
    assert running(watch, typed(3.0), 3.5, 5, from_s=21.0)[-1], "a real change is found all the same"


def test_a_wrong_speed_from_the_start_is_taken_as_the_measure() -> None:
    """Only changes can be told without knowing the runner's leg."""
    watch = SpeedDoubtMonitor()

    assert not any(running(watch, typed(2.0), 3.0, 30))


def test_a_speed_that_comes_from_the_picture_is_not_held_against_the_picture() -> None:
    watch = SpeedDoubtMonitor()
    running(watch, typed(3.0), 3.0, 20)

    assert not any(running(watch, video(3.0), 4.0, 20, from_s=20))


@pytest.mark.parametrize("seen", [math.nan, 0.0])
def test_feet_that_say_nothing_raise_no_doubt(seen: float) -> None:
    watch = SpeedDoubtMonitor()
    running(watch, typed(3.0), 3.0, 20)

    assert not any(watch.doubted(20.0 + i, typed(3.0), Level(seen, 0.0), new_stride=True) for i in range(10))


def in_doubt() -> SpeedDoubtMonitor:
    """The belt went from 3 to 4 m/s after 20 s, and nobody typed it; 5 s later that is sure."""
    watch = SpeedDoubtMonitor()
    running(watch, typed(3.0), 3.0, 20)
    assert running(watch, typed(3.0), 4.0, 5, from_s=20)[-1]
    return watch


@pytest.mark.parametrize("seen", [math.nan, 0.0])
def test_a_doubt_lasts_while_the_feet_say_nothing_until_another_speed_is_told(seen: float) -> None:
    watch = in_doubt()

    assert all(watch.doubted(25.0 + i, typed(3.0), Level(seen, 0.0), new_stride=False) for i in range(30))
    assert not watch.doubted(60.0, typed(4.0), Level(seen, 0.0), new_stride=False)


def test_a_contradiction_is_known_before_it_is_sure() -> None:
    watch = SpeedDoubtMonitor()
    running(watch, typed(3.0), 3.0, 20)

    assert not watch.doubted(20.0, typed(3.0), feet(4.0), new_stride=True)
    assert watch.contradicted


def test_at_the_border_a_doubt_does_not_come_and_go() -> None:
    watch = SpeedDoubtMonitor()
    running(watch, typed(3.0), 3.0, 20)
    border = [3.0 * (1.15 if i % 2 else 1.11) for i in range(40)]
    running(watch, typed(3.0), 3.0 * 1.15, 5, from_s=20)

    assert all(watch.doubted(25 + 0.35 * i, typed(3.0), feet(mps), new_stride=True) for i, mps in enumerate(border))
    assert not any(running(watch, typed(3.0), 3.1, 5, from_s=40)), "the belt is back at what was typed"


def test_whoever_answers_by_typing_is_believed_even_where_the_first_speed_was_wrong() -> None:
    """Typed 4.0 at 3 m/s: what is typed right later contradicts the leg that was learned from that."""
    watch = SpeedDoubtMonitor()
    running(watch, typed(4.0), 3.0, 20)
    assert running(watch, typed(4.0), 4.5, 10, from_s=20)[-1]

    doubts = running(watch, typed(4.5), 4.5, 30, from_s=30)

    assert all(doubts[: int((SETTLE_S - 1) / 0.35)])
    assert not any(doubts[int((SETTLE_S + 1) / 0.35) :])


HEIGHT_CM = 100 * LEG_M / LEG_PER_HEIGHT


def knowing(height_cm: float = HEIGHT_CM) -> SpeedDoubtMonitor:
    return SpeedDoubtMonitor(LEG_PER_HEIGHT * height_cm / 100)


@pytest.mark.parametrize("share", [0.75, 1.33])
def test_with_the_height_known_a_wrong_speed_is_doubted_from_the_start_and_the_right_one_never(share: float) -> None:
    """Typed 12 km/h at 9: the leg was learned from that, and when the belt did run 12 that was what was doubted."""
    watch = knowing()
    wrong = running(watch, typed(3.3), 3.3 * share, 20)

    assert not any(wrong[:4])
    assert all(wrong[6:])
    assert not any(running(watch, typed(3.3), 3.3, 30, from_s=20)[1:])
    assert running(watch, typed(3.3), 3.3 * share, 10, from_s=50)[-1]


@pytest.mark.parametrize("height_off_cm", [-5, 0, 5])
@pytest.mark.parametrize("leg_share", [1 - 0.032, 1 + 0.032])
@pytest.mark.parametrize("seen_share", [0.92, 1.04])
def test_longer_legs_than_usual_and_a_height_that_is_wrong_by_5_cm_raise_no_doubt(
    height_off_cm: float, leg_share: float, seen_share: float
) -> None:
    watch = knowing(HEIGHT_CM / leg_share + height_off_cm)
    running(watch, typed(3.0), 3.0 * seen_share, 3)

    assert not watch.contradicted
    assert not any(running(watch, typed(3.0), 3.0, 20, from_s=3))


def test_once_learned_the_leg_is_held_as_closely_as_without_a_height() -> None:
    watch, border = knowing(0.95 * HEIGHT_CM), 3.0 * 1.14
    assert not any(running(watch, typed(3.0), 3.0, 20))

    assert running(watch, typed(3.0), border, 5, from_s=20)[-1]
    assert not any(running(knowing(), typed(3.0), border, 4)), "from the height alone it cannot be told"


def test_what_the_height_contradicts_teaches_no_leg() -> None:
    """Nobody answers for ten minutes; then the belt is where it was said to be."""
    watch = knowing()
    running(watch, typed(4.0), 3.0, 600)

    assert not any(running(watch, typed(4.0), 4.0, 20, from_s=600)[1:])


def test_whoever_answers_by_typing_is_believed_against_the_height_too() -> None:
    watch = knowing(0.75 * HEIGHT_CM)
    assert running(watch, typed(3.0), 3.0, 10)[-1]

    doubts = running(watch, typed(3.1), 3.1, 30, from_s=10)

    assert all(doubts[: int((SETTLE_S - 1) / 0.35)])
    assert not any(doubts[int((SETTLE_S + 1) / 0.35) :])


def test_a_belt_that_follows_what_was_typed_within_seconds_is_not_doubted() -> None:
    watch = BeltWatch()
    doubts = []
    for i in range(100):
        t_s = 0.35 * i
        true_mps = 3.0 + 0.25 * min(max(t_s - 21, 0), 4)
        watch.step(t_s, typed(3.0 if t_s < 20 else 4.0), feet(true_mps), new_stride=True)
        doubts.append(watch.belt_of_stride is not None and watch.belt_of_stride.doubted)

    assert not any(doubts)


def test_a_plan_that_goes_on_is_no_answer() -> None:
    def planned(speed_mps: float) -> BeltSpeed:
        return BeltSpeed(speed_mps, SpeedOrigin.PLAN)

    watch = SpeedDoubtMonitor()
    running(watch, planned(3.0), 3.0, 20)
    assert running(watch, planned(4.0), 3.0, 20, from_s=20)[-1], "the belt did not follow"

    assert all(running(watch, planned(5.0), 3.0, 30, from_s=40))


@pytest.mark.parametrize(("origin", "marked"), [(SpeedOrigin.TYPED, True), (SpeedOrigin.TREADMILL, False)])
def test_what_a_person_told_is_marked_and_a_device_follows_rules_of_its_own(origin: SpeedOrigin, marked: bool) -> None:
    watch, belt = BeltWatch(), BeltSpeed(3.0, origin)
    for i in range(100):
        watch.step(0.35 * i, belt, feet(3.0 if i < 60 else 4.0), new_stride=True)

    assert watch.doubted
    assert math.isnan(watch.band_mps)
    assert watch.speed_mps == 3.0
    assert watch.belt is not None
    assert (watch.belt.doubted, math.isnan(watch.belt.believed_mps)) == (marked, marked)


# Drift


def drifting(
    watch: DriftMonitor, position_ll: float, seconds: float, from_s: float, trust: Trust = Trust.MEASURING
) -> int:
    """How often the runner was called forward."""
    steps = int(seconds * 10)
    return sum(watch.step(gait_at(from_s + i / 10, position_ll=position_ll, trust=trust)) for i in range(steps))


def test_called_forward_once_for_each_time_and_again_only_after_coming_back() -> None:
    watch = DriftMonitor()

    assert drifting(watch, -0.6, 30, 0) == 1
    assert drifting(watch, -0.4, 5, 30) == 0
    assert drifting(watch, -0.6, 30, 35) == 0
    assert drifting(watch, 0.0, 5, 65) == 0
    assert drifting(watch, -0.6, 30, 70) == 1


def test_a_moment_at_the_rear_is_no_drift() -> None:
    assert drifting(DriftMonitor(), -0.6, DRIFTED_FOR_S - 0.2, 0) == 0


def test_no_call_without_trust_or_position() -> None:
    assert drifting(DriftMonitor(), -0.6, 30, 0, Trust.UNSURE) == 0
    assert drifting(DriftMonitor(), math.nan, 30, 0) == 0
