"""What the demo's runner does over time: ramps, tiring, and listening to the coach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.coaching.cues import CueKind
from coach.edges.demo import DemoRunner, DemoSource, Tiring
from coach.edges.demo.effort import Ramp, steady
from coach.ports import Frame


def lifts(runner: Tiring, until_s: float, cues: dict[float, str] | None = None) -> dict[float, float]:
    """Offset at every tenth of a second, cues said on the way."""
    seen = {}
    for tenth in range(round(until_s * 10)):
        t_s = tenth / 10
        if cues and t_s in cues:
            runner.hear(cues[t_s], t_s)
        seen[t_s] = runner(t_s)
    return seen


def test_by_default_the_runner_is_fresh_then_tires_then_recovers_and_all_over_again() -> None:
    seen = lifts(Tiring(), 120.0)
    assert all(seen[t] == 0 for t in (0.0, 8.0, 15.4))
    assert seen[20.0] == pytest.approx(-14.0)
    assert seen[31.9] == pytest.approx(-14.0)
    assert seen[35.0] == pytest.approx(0.0)
    assert seen[60.0] == pytest.approx(-14.0)
    assert seen[80.0] == pytest.approx(0.0)


def test_a_cue_that_is_heard_brings_the_heels_up_sooner() -> None:
    seen = lifts(Tiring(), 40.0, {24.0: CueKind.HEEL_LIFT_LOW})
    assert seen[24.5] == pytest.approx(-14.0)
    assert seen[27.5] == pytest.approx(0.0)


@pytest.mark.parametrize("kind", [CueKind.RECOVERED, CueKind.BASELINE_READY, CueKind.HEEL_LIFT_HIGH])
def test_other_cues_change_nothing(kind: CueKind) -> None:
    assert lifts(Tiring(), 40.0, {24.0: kind}) == lifts(Tiring(), 40.0)


def test_a_cue_to_a_fresh_runner_changes_nothing() -> None:
    assert lifts(Tiring(), 40.0, {8.0: CueKind.HEEL_LIFT_LOW}) == lifts(Tiring(), 40.0)


def test_the_swing_that_is_under_way_is_not_changed_by_a_cue() -> None:
    runner = DemoRunner(speed_mps=3.0, peak_sd_deg=0.0)
    source = DemoSource(runner, width=64, height=48, fps=10.0, duration_s=40.0)
    peaks = {}
    for frame in source.frames():
        if isinstance(frame, Frame) and frame.t_s == 24.0:
            source.hear(CueKind.HEEL_LIFT_LOW, 23.9)
    for stride in source.truth.strides(18.0):
        if stride.near:
            peaks[stride.toe_off_s] = stride.peak_knee_flexion_deg
    low = [peak for t_s, peak in peaks.items() if 20.0 < t_s < 24.0]
    high = [peak for t_s, peak in peaks.items() if 28.0 < t_s < 36.0]
    assert np.ptp(low) < 0.1
    assert np.mean(high) - np.mean(low) == pytest.approx(14.0, abs=0.3)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-20, 60), st.floats(0, 6)), min_size=1, max_size=6, unique_by=lambda p: round(p[0], 2))
)
def test_the_way_is_the_integral_of_the_speed(points: list[tuple[float, float]]) -> None:
    ramp = Ramp(tuple(sorted(points)))
    times = np.linspace(0, 30, 3001)
    numeric = np.trapezoid([ramp(float(t)) for t in times], times)
    assert ramp.integral(30.0) == pytest.approx(float(numeric), abs=0.1)


def test_a_ramp_holds_its_ends_and_goes_straight_between() -> None:
    ramp = Ramp(((1.0, 10.0), (3.0, 20.0)))
    assert [ramp(t) for t in (0.0, 1.0, 2.0, 3.0, 9.0)] == [10, 10, 15, 20, 20]
    assert steady(3.0).integral(-2.0) == pytest.approx(-6.0)


@pytest.mark.parametrize("points", [(), ((1.0, 2.0), (1.0, 3.0)), ((2.0, 2.0), (1.0, 3.0))])
def test_a_ramp_needs_rising_times(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="rising time order"):
        Ramp(points)
