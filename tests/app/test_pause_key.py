"""The key for a pause: what stands still with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from coach.core.gait.stride import RejectReason
from coach.ports import UserCommand
from tests.app.live_bench import WatchedScreen
from tests.app.live_run import ENOUGH, LiveRun


def test_the_plan_stands_still_with_the_clocks_of_warm_up_and_practice_and_no_stride_of_it_counts(
    tmp_path: Path,
) -> None:
    run = LiveRun(tmp_path, plan="20s@10.8, 1h@14.4")
    frames = run.writer._builder

    def pause_and_go_on() -> None:
        assert isinstance(run.screen, WatchedScreen)
        run.run_on()
        run.screen.asked.append(UserCommand.PAUSE)
        paused_s = frames.frames.last_s
        run.until(lambda: frames.frames.last_s > paused_s + 25, "a pause longer than the step of the plan")
        run.screen.asked.append(UserCommand.PAUSE)
        run.until(lambda: any(change.speed_mps > 3.5 for change in frames.speeds), "the next step")

    session = run.session(pause_and_go_on)
    assert run.diary.lines.count("hushed") == 1, "no cue goes on into the pause"

    at = {event.kind: event.t_s for event in session.events}
    assert at["resumed"] - at["paused"] > 24
    paused = [one for one in session.strides if one.start_s >= at["paused"] and one.end_s <= at["resumed"]]
    assert RejectReason.PAUSED in {one.reject_reason for one in paused}
    assert not any(one.valid for one in paused)
    assert session.summary.strides_valid == sum(one.valid for one in session.strides) > ENOUGH
    # A test machine that stalls may make the feet contradict a speed for a moment.
    steps = {round(change.speed_mps, 3): change.t_s for change in reversed(session.speeds) if not change.doubted}
    assert list(steps) == [4.0, 3.0]
    ran_s = steps[4.0] - session.frames.first_s - (at["resumed"] - at["paused"])
    assert ran_s == pytest.approx(20.0, abs=0.5)
