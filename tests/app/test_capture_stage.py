"""The slot between two stages: newest wins, nothing waits in line. What is taken keeps the moment it was grabbed."""

from __future__ import annotations

import threading
import time
from itertools import cycle

import pytest

from coach.app.analysis_stage import Listeners
from coach.app.capture_stage import CaptureStage, LatestSlot, Meter, Moment
from coach.app.live_stages import LiveStages
from coach.app.loop import NoticeBoard
from coach.core.coaching.cues import Cue
from coach.edges.frames.camera import CameraSource
from coach.languages import load_words
from coach.ports import ImageBGR
from coach.settings import CameraSettings
from tests.app.test_live_stages import PosesInFrames as Known
from tests.app.test_live_stages import ScriptedCamera, frames_at, parts_of
from tests.edges.faulty_camera import CameraBench
from tests.synth import synthetic_run


def test_the_newest_value_wins_and_the_replaced_one_is_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.put(2)
    assert slot.take(0) == 2
    assert slot.replaced == 1


def test_an_empty_slot_answers_none_after_the_timeout() -> None:
    assert LatestSlot[int]().take(0) is None


def test_what_lies_in_a_closed_slot_can_still_be_taken() -> None:
    slot: LatestSlot[str] = LatestSlot()
    slot.put("last")
    slot.close()
    slot.put("too late")
    assert not slot.drained
    assert slot.take() == "last"
    assert slot.drained
    assert slot.take() is None


def test_closing_wakes_who_waits() -> None:
    slot: LatestSlot[int] = LatestSlot()
    answers: list[int | None] = []
    waiter = threading.Thread(target=lambda: answers.append(slot.take()))
    waiter.start()
    slot.close()
    waiter.join(timeout=60)
    assert answers == [None]


def test_what_nobody_took_may_leave_something_to_what_takes_its_place() -> None:
    slot: LatestSlot[list[int]] = LatestSlot(lambda missed, newer: missed + newer)
    for value in ([1], [2], [3]):
        slot.put(value)
    assert slot.take(0) == [1, 2, 3]
    slot.put([4])
    assert slot.take(0) == [4]


def test_a_cue_is_seen_by_a_window_that_missed_the_picture_in_which_it_was_given() -> None:
    poses = synthetic_run(speed_mps=3.0, duration_s=12, fps=30, seed=2).poses
    given: list[Cue] = []
    stages = LiveStages(
        parts_of(ScriptedCamera(frames_at([pose.t_s for pose in poses]), pace := threading.Semaphore(1)), Known(poses)),
        Listeners(update=lambda _update: pace.release(), cue=given.append),
        shows=True,
    )
    stages.start()
    stages._threads[-1].join(60)  # all was analysed before the window looks for the first time
    shown = stages.next_picture(0)
    stages.join()
    assert given
    assert shown is not None
    assert shown.update is not None
    assert list(shown.update.advice.cues) == given
    assert shown.update.t_s > given[-1].t_s, "with the newest picture all the same"


class Kept(LatestSlot[Moment]):
    """Every value that was put."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Moment] = []
        self.enough = threading.Event()

    def put(self, value: Moment) -> None:
        self.all.append(value)
        if len(self.all) >= 12:
            self.enough.set()


class SlowlyDecoded(CameraBench):
    """A camera whose every third picture takes long to decode."""

    waits_s = cycle((0.0, 0.0, 0.08))

    def look(self) -> ImageBGR:
        time.sleep(next(self.waits_s))
        return super().look()


def test_a_picture_is_of_the_moment_it_was_grabbed_however_long_it_took_to_decode() -> None:
    """Cues expire, and other programs are told when something was, by this moment."""
    bench, kept = SlowlyDecoded(), Kept()
    source = CameraSource("4", CameraSettings(), opening=bench.opening, listing=bench.listing)
    stage = CaptureStage(source, kept, Meter(), NoticeBoard(load_words("en"), "metric"))
    capture = threading.Thread(target=stage.run)
    capture.start()
    try:
        assert kept.enough.wait(30)
    finally:
        stage.stop()
        capture.join()
    began_s = [moment.grabbed_s - moment.frame.t_s for moment in kept.all]
    assert began_s == pytest.approx([began_s[0]] * len(began_s), abs=1e-5)
