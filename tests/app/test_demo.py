"""The demo from end to end with the real pose network: what it measures and what it says.

That its command keeps it, tests/test_wheel.py sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import pytest

from coach.app.loop import NoticeBoard, loop
from coach.app.parts import Outputs, open_coach, open_pose_estimator
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import SpeedSources
from coach.cli.run_commands import DEMO_SHORTENED
from coach.config import load_settings
from coach.core.coaching.cues import Cue
from coach.core.pipeline import Update
from coach.core.session.session import Session
from coach.core.words import Words
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.speed.typed_speed import TypedSpeed
from coach.ports import Frame

DURATION_S = 45.0
FPS = 20.0
"""Every picture costs the network as much as any other: two thirds of them show the same."""


@pytest.fixture(scope="module")
def source() -> DemoSource:
    return DemoSource(DemoRunner(speed_mps=2.8), fps=FPS, duration_s=DURATION_S)


@pytest.fixture(scope="module")
def session(source: DemoSource, pose_model: Path) -> Session:
    """The whole demo, as fast as the machine can."""
    settings = load_settings(None, {"pose.effort": "fast"}, beneath=DEMO_SHORTENED)
    estimator = open_pose_estimator(settings, source.info)
    writer = SessionWriter(Outputs(), source.info, settings)
    coach, speed = open_coach(settings, source.info), SpeedSources([TypedSpeed(2.8)])
    try:
        loop(
            Frames(source),
            estimator,
            speed,
            coach,
            writer,
            Listening(source),
            NoticeBoard(Words(), "metric"),
            Nowhere(),
        )
    finally:
        estimator.close()
    return writer.finish(coach.finish())


class Frames:
    """The demo's frames; it says nothing between them."""

    def __init__(self, source: DemoSource) -> None:
        self._source = source

    def frames(self) -> Iterator[Frame]:
        for frame in self._source.frames():
            assert isinstance(frame, Frame)
            yield frame


class Listening:
    """What is said, the demo's runner hears."""

    def __init__(self, source: DemoSource) -> None:
        self._source = source

    def say(self, cue: Cue, now_s: float) -> bool:
        self._source.hear(cue.kind, cue.t_s)
        return True


class Nowhere:
    def show(self, frame: Frame, update: Update) -> None: ...


@pytest.mark.slow
def test_the_runner_is_found_in_every_frame(session: Session) -> None:
    assert session.frames.with_pose == session.frames.total == round(DURATION_S * FPS)
    assert session.view.near_side == "right"


@pytest.mark.slow
def test_strides_cadence_and_heel_lift_agree_with_the_runners_own_truth(session: Session, source: DemoSource) -> None:
    near = [kept for kept in session.strides if kept.valid and kept.near]
    truth = [stride for stride in source.truth.strides(0.0, DURATION_S) if stride.near]
    assert len(near) >= 0.9 * len(truth)
    assert abs(session.summary.cadence_spm - fmean(stride.cadence_spm for stride in truth)) < 1
    seen = fmean(stride.peak_knee_flexion_deg for stride in near)
    assert abs(seen - fmean(stride.peak_knee_flexion_deg for stride in truth)) < 6


@pytest.mark.slow
def test_a_newcomer_sees_a_cue_and_its_reward_in_time(session: Session) -> None:
    kinds = [str(cue.kind) for cue in session.cues]
    assert kinds.index("heel_lift_low") < kinds.index("recovered")
    low, recovered = (
        next(cue.t_s for cue in session.cues if cue.kind == kind) for kind in ("heel_lift_low", "recovered")
    )
    assert 16 < low < recovered < DURATION_S
