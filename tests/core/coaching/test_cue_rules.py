"""The verdict on one leg: two windows in a row, hysteresis, one praise, three unanswered and then quiet."""

import math
from dataclasses import replace

import pytest

from coach.core.coach_settings import CueSettings
from coach.core.coaching.cue_rules import Balance, LegJudge, Yardstick
from coach.core.coaching.cues import CueKind
from coach.core.coaching.evidence import LONGEST_GAP_S, StrideWindow, window_mean
from coach.core.coaching.guards import Mean, Price, price, stand
from coach.core.coaching.target import HeelLiftTarget
from coach.core.gait import Stride
from tests.virtual_runner import stride_at

STRIDE_S = 0.7
N = 8
BAND = HeelLiftTarget(3.0, 92.0, 99.0, 107.0, (), reference_deg=95.0)
ASKING = replace(BAND, ask_deg=98.0, enough_deg=98.0)
LOW, HIGH, STEP = CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME


class Leg:
    """A leg that runs on, stride by stride, and is judged after each."""

    def __init__(self, target: HeelLiftTarget = BAND) -> None:
        self.judge = LegJudge("right", CueSettings())
        self.target = target
        self.t_s = 0.0

    def run(self, strides: int, deg: float, *, sd_deg: float = 1.0) -> list[CueKind]:
        """Verdicts and praise while these strides are run; a verdict is said at once, as if nothing held it back."""
        said: list[CueKind] = []
        for index in range(strides):
            self.t_s += STRIDE_S
            peak_deg = deg + (sd_deg if index % 2 else -sd_deg)
            self.judge.add(stride_at(self.t_s, peak_deg, cadence=120 / STRIDE_S))
            if self.judge.settle(Yardstick(self.target)):
                said.append(CueKind.RECOVERED)
            if kind := self.judge.wish(Yardstick(self.target)):
                self.judge.said(kind, self.t_s)
                said.append(kind)
        return said


# Two windows in a row


def test_one_window_below_the_floor_is_not_enough_and_two_are() -> None:
    leg = Leg()

    assert leg.run(2 * N - 1, 85.0) == []
    assert leg.run(1, 85.0) == [LOW]


def test_a_single_good_window_between_starts_the_count_anew() -> None:
    leg = Leg()
    leg.run(N, 85.0)
    leg.run(N, 95.0)

    assert leg.run(N + 2, 85.0) == []
    assert leg.run(N - 2, 85.0) == [LOW]


def test_inside_the_band_there_is_silence() -> None:
    for deg in (92.5, 95.0, 99.0, 106.0):
        assert Leg().run(200, deg) == []


def test_a_little_below_the_floor_may_be_chance_and_is_not_said() -> None:
    """A window's mean is known to 0.7°; twice that below the floor is the least that counts."""
    assert Leg().run(200, 91.0) == []
    assert LOW in Leg().run(200, 90.0)


def test_the_more_the_strides_scatter_the_more_evidence_is_wanted() -> None:
    assert LOW in Leg().run(2 * N, 89.0, sd_deg=1.0)
    assert Leg().run(2 * N, 89.0, sd_deg=6.0) == []


def test_an_unsure_baseline_asks_for_more_evidence() -> None:
    assert Leg(replace(BAND, baseline_se_deg=2.0)).run(200, 89.0) == []


def test_above_the_ceiling_the_runner_is_told_to_relax() -> None:
    assert Leg().run(2 * N, 112.0) == [HIGH]


def test_a_step_is_asked_for_only_where_one_is_asked() -> None:
    assert Leg(BAND).run(2 * N, 95.0) == []
    assert Leg(ASKING).run(2 * N, 95.0) == [STEP]
    assert Leg(ASKING).run(2 * N, 98.0) == []


# Hysteresis and praise


def test_an_answer_is_praised_once() -> None:
    leg = Leg()
    leg.run(2 * N, 85.0)

    assert leg.run(60, 96.0) == [CueKind.RECOVERED]


def test_just_above_the_floor_is_not_an_answer_yet() -> None:
    leg = Leg()
    leg.run(2 * N, 85.0)

    assert leg.run(40, 92.5) == []
    assert leg.run(N, 94.5) == [CueKind.RECOVERED]


def test_who_is_back_at_the_own_baseline_is_praised_although_the_floor_is_near() -> None:
    leg = Leg()
    leg.run(2 * N, 85.0)

    assert leg.run(2 * N, 94.0) == [CueKind.RECOVERED]


def test_only_strides_after_the_cue_count_as_its_answer() -> None:
    leg = Leg()
    leg.run(2 * N, 85.0)

    assert leg.run(N - 1, 99.0) == []
    assert leg.run(1, 99.0) == [CueKind.RECOVERED]


def test_without_a_cue_there_is_no_praise() -> None:
    leg = Leg()
    leg.run(N, 85.0)

    assert leg.run(60, 96.0) == []


def test_who_comes_back_minutes_later_came_back_alone() -> None:
    leg = Leg()
    leg.run(2 * N, 85.0)
    leg.run(100, 91.5)

    assert CueKind.RECOVERED not in leg.run(60, 97.0)


def test_coming_down_is_an_answer_to_too_high() -> None:
    leg = Leg()
    leg.run(2 * N, 112.0)

    assert leg.run(N, 100.0) == [CueKind.RECOVERED]


def test_just_below_the_ceiling_is_not_an_answer_yet() -> None:
    """A cue about too high is answered 1° inside the band, 106°, as one about too low is."""
    leg = Leg()
    leg.run(2 * N, 112.0)

    assert leg.run(N, 106.1) == []
    assert leg.run(N, 105.9) == [CueKind.RECOVERED]


def test_a_step_is_answered_at_the_line_that_was_asked_for() -> None:
    leg = Leg(ASKING)
    leg.run(2 * N, 94.0)

    assert leg.run(N, 96.9) == []
    assert leg.run(N, 98.1) == [CueKind.RECOVERED]


# Three unanswered, then quiet


def test_after_three_unanswered_cues_there_is_silence() -> None:
    leg = Leg()

    assert leg.run(500, 85.0) == [LOW] * 3
    assert leg.judge.quiet(LOW)


def test_who_comes_back_may_be_cued_again() -> None:
    leg = Leg()
    leg.run(500, 85.0)
    leg.run(4 * N, 97.0)

    assert not leg.judge.quiet(LOW)
    assert LOW in leg.run(3 * N, 85.0)


def test_one_good_window_may_be_chance_and_does_not_end_the_silence() -> None:
    leg = Leg()
    leg.run(500, 85.0)
    leg.run(N, 96.0)

    assert leg.judge.quiet(LOW)
    assert leg.run(100, 85.0) == []


def test_each_kind_counts_for_itself() -> None:
    leg = Leg(ASKING)
    leg.run(500, 95.0)

    assert leg.judge.quiet(STEP)
    assert not leg.judge.quiet(LOW)
    assert LOW in leg.run(3 * N, 85.0)


# New beginnings


def test_after_a_change_of_speed_both_windows_are_fresh() -> None:
    leg = Leg()
    leg.run(2 * N - 1, 85.0)
    leg.judge.wait(leg.t_s)

    assert leg.run(2 * N - 1, 85.0) == []
    assert leg.run(1, 85.0) == [LOW]


def test_after_a_gap_both_windows_are_fresh() -> None:
    leg = Leg()
    leg.run(2 * N - 1, 85.0)
    leg.t_s += LONGEST_GAP_S

    assert leg.run(2 * N - 1, 85.0) == []


def test_strides_before_coaching_began_do_not_count() -> None:
    leg = Leg()
    for _ in range(2 * N):
        leg.t_s += STRIDE_S
        leg.judge.add(stride_at(leg.t_s, 85.0))
    leg.judge.begin(leg.t_s)

    assert leg.judge.wish(Yardstick(BAND)) is None


def test_hours_of_strides_do_not_grow_the_window() -> None:
    window = StrideWindow(N)
    for index in range(10_000):
        window.add(stride_at(STRIDE_S * (index + 1), 95.0))

    assert len(window) == 2 * N


# What a window says


def test_the_uncertainty_of_a_window_is_never_less_than_strides_scatter() -> None:
    same = [stride_at(STRIDE_S * (i + 1), 95.0) for i in range(N)]
    wild = [stride_at(STRIDE_S * (i + 1), 95.0 + 10 * (-1) ** i) for i in range(N)]

    assert window_mean(same).se_deg == pytest.approx(math.hypot(1.65, 1.3) / math.sqrt(N))
    assert window_mean(wild).se_deg > 3


def seen(strides: int, error_deg: float) -> list[Stride]:
    """Strides of 95° that are measured with this error."""
    return [replace(stride_at(STRIDE_S * (i + 1), 95.0), peak_knee_flexion_sd_deg=error_deg) for i in range(strides)]


def test_what_all_strides_err_by_together_does_not_shrink_with_their_number() -> None:
    few, many = window_mean(seen(N, 2.5)), window_mean(seen(10 * N, 2.5))

    assert many.se_deg < few.se_deg / 3
    assert many.shared_deg == pytest.approx(few.shared_deg)


def test_the_larger_half_of_what_a_poor_picture_adds_to_the_error_is_shared() -> None:
    good, poor, worse = (window_mean(seen(N, error_deg)).shared_deg for error_deg in (1.5, 2.1, 2.6))

    assert good == pytest.approx(0.3, abs=0.01)
    assert poor > 2 * good
    assert worse == pytest.approx(math.hypot(good, 0.55 * math.sqrt(2.6**2 - 1.5**2)))


def test_the_baseline_has_a_shared_error_of_its_own_and_a_stranger_none() -> None:
    """The same strides, the same line: held against an own baseline they must lie further out."""
    judge = LegJudge("right", CueSettings())
    for stride in seen(2 * N, 2.6):
        judge.add(stride)
    line = replace(BAND, low_deg=95.0 + 3.4)

    assert judge.wish(Yardstick(line)) is LOW
    assert judge.wish(Yardstick(replace(line, baseline_se_deg=0.01))) is None


def test_a_poor_picture_makes_the_coach_slower_to_speak_than_its_scatter_alone_would() -> None:
    """The same 6° below the own baseline, once well and once poorly seen."""
    own = replace(BAND, baseline_se_deg=0.3)
    for error_deg, said in ((1.5, LOW), (2.6, None)):
        judge = LegJudge("right", CueSettings())
        for stride in seen(2 * N, error_deg):
            judge.add(replace(stride, peak_knee_flexion_deg=BAND.reference_deg - 6.0))

        assert judge.wish(Yardstick(own)) is said


@pytest.mark.parametrize(("mean_ll", "rose"), [(0.101, False), (0.0985, False), (0.104, True)])
def test_bounce_must_have_risen_for_sure(mean_ll: float, rose: bool) -> None:
    """Beyond 0.099 by more than its own error, 0.003 here; an error never makes a rise of none."""
    usual_ll = 0.09
    swing_ll = 0.003 * math.sqrt(N - 1)
    strides = [
        replace(stride_at(STRIDE_S * (i + 1), 95.0), vertical_oscillation_ll=mean_ll + swing_ll * (-1) ** i)
        for i in range(N)
    ]

    assert stand(strides)[Price.BOUNCE].se == pytest.approx(0.003)
    paid = price({Price.BOUNCE: stand(strides)[Price.BOUNCE]}, {Price.BOUNCE: Mean(usual_ll, 0.0)})
    assert (paid is Price.BOUNCE) is rose


# Left and right


def both(left_deg: float, right_deg: float) -> tuple[LegJudge, LegJudge]:
    legs = LegJudge("left", CueSettings()), LegJudge("right", CueSettings())
    for leg, deg in zip(legs, (left_deg, right_deg), strict=True):
        for index in range(2 * N):
            leg.add(stride_at(STRIDE_S * (index + 1), deg, side=leg.side))
    return legs


def test_a_difference_is_named_only_beyond_9_degrees() -> None:
    balance = Balance(CueSettings())

    assert balance.lower(*both(95.0, 103.0), usual_deg=0.0) is None
    assert balance.lower(*both(95.0, 107.0), usual_deg=0.0) == "left"
    assert balance.lower(*both(107.0, 95.0), usual_deg=0.0) == "right"


def test_a_difference_that_was_in_the_baseline_is_no_news() -> None:
    """One camera sees the far leg worse: what it always saw says nothing about the runner."""
    assert Balance(CueSettings()).lower(*both(95.0, 107.0), usual_deg=-11.0) is None
    assert Balance(CueSettings()).lower(*both(95.0, 107.0), usual_deg=-3.0) == "left"


def test_without_a_baseline_of_both_legs_no_difference_is_named() -> None:
    assert Balance(CueSettings()).lower(*both(95.0, 115.0), usual_deg=math.nan) is None


def test_a_difference_is_named_three_times_at_most() -> None:
    balance = Balance(CueSettings())
    for _ in range(3):
        balance.said()

    assert balance.lower(*both(95.0, 115.0), usual_deg=0.0) is None


# Where strides are lost


def test_where_every_other_stride_is_lost_a_window_is_what_nine_seconds_brought() -> None:
    judge = LegJudge("right", CueSettings())
    said_s = None
    for index in range(40):
        end_s = 2 * STRIDE_S * (index + 1)
        judge.add(stride_at(end_s, 80.0, cadence=120 / STRIDE_S))
        if said_s is None and judge.wish(Yardstick(BAND)) is LOW:
            said_s = end_s

    assert said_s == pytest.approx(18.0, abs=1.5)


def test_fewer_than_five_strides_are_no_window_however_long_it_takes() -> None:
    judge = LegJudge("right", CueSettings())
    for index in range(40):
        judge.add(stride_at(3.0 * (index + 1), 80.0, cadence=120 / STRIDE_S))

        assert judge.wish(Yardstick(BAND)) is None
