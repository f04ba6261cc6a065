"""A live session whose treadmill dies: it says so, takes the next speed within ten seconds, and goes on."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from coach.app.analysis_stage import Listeners
from coach.app.live_screen import LiveScreen
from coach.app.live_stages import LiveStages
from coach.core.coach_settings import (
    BaselineSettings,
    CoachSettings,
    ProgrammeSettings,
    SessionSettings,
    TreadmillSettings,
)
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.speed.belt_speed import SpeedOrigin
from coach.edges.bluetooth.link import LinkState, Patience
from coach.edges.bluetooth.radio import NO_RADIO, TREADMILL_DATA
from coach.edges.bluetooth.treadmill_link import TreadmillSpeed
from coach.edges.speed.typed_speed import TypedSpeed
from coach.languages import load_words
from coach.ports import Frame, LiveStatus, UserCommand
from coach.settings import Settings
from tests.app.test_live_stages import ScriptedCamera, finished, frames_at, parts_of
from tests.edges.fake_gatt import Peripheral, World
from tests.synth import synthetic_run

DIES_S, RETURNS_S, ENDS_S = 12.0, 23.0, 30.0
CONSOLE_KMH, TYPED_KMH = 10.8, 10.4
CORE = CoachSettings(
    session=SessionSettings(warm_up_s=0),
    baseline=BaselineSettings(duration_s=6, reuse=False),
    programme=ProgrammeSettings(enabled=False),
)
PATIENCE = Patience(scan_s=0.03, connect_s=60, silence_s=60, first_wait_s=0.01, longest_wait_s=0.02, look_s=0.01)


def wait_for(holds: Callable[[], object]) -> None:
    ends_s = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends_s, "it never came to pass"
        time.sleep(0.002)


class Gym:
    """Estimator and treadmill of one session, both on the session's own clock: the time of the frame at hand."""

    readings = 1

    def __init__(self, poses: list[Pose]) -> None:
        self.now_s = 0.0
        self.world = World([Peripheral()])
        self.link = TreadmillSpeed(
            TreadmillSettings(bluetooth=True), radio=self.world.radio(), patience=PATIENCE, clock=lambda: self.now_s
        )
        self._poses = poses
        self._sent_s = -1.0

    @property
    def treadmill(self) -> Peripheral:
        return self.world.peripherals[0]

    def estimate(self, frame: Frame) -> Pose | None:
        self.now_s = frame.t_s
        if DIES_S <= frame.t_s < RETURNS_S:
            if self.treadmill.visible:
                self.treadmill.drop(vanish=True)
                wait_for(lambda: self.link.state is LinkState.LOST)
        else:
            self.treadmill.visible = True
            wait_for(lambda: self.link.state is LinkState.CONNECTED)
            self._send(frame.t_s)
        return self._poses[frame.index]

    def _send(self, t_s: float) -> None:
        if t_s - self._sent_s < 1.0:
            return
        self._sent_s = t_s
        self.treadmill.notify(TREADMILL_DATA, struct.pack("<HH", 0, round(100 * CONSOLE_KMH)))
        wait_for(lambda: (speed := self.link.current(t_s)) is not None and speed.age_s == 0)

    def reset(self) -> None: ...

    def close(self) -> None: ...


class WatchedScreen:
    """Remembers which notices were shown."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        self.messages += [text for text in status.messages if text not in self.messages]

    def commands(self) -> tuple[UserCommand, ...]:
        return ()

    def close(self) -> None: ...


def test_a_dead_treadmill_is_replaced_within_ten_seconds_visibly_and_the_session_goes_on(tmp_path: Path) -> None:
    run = synthetic_run(speed_mps=3.0, duration_s=ENDS_S, fps=30, seed=5)
    gym, screen, pace = Gym(list(run.poses)), WatchedScreen(), threading.Semaphore(1)
    typed, updates = TypedSpeed(TYPED_KMH / 3.6), list[Update]()
    camera = ScriptedCamera(frames_at([pose.t_s for pose in run.poses]), pace)
    parts = parts_of(camera, gym, coach=Coach(CORE), speeds=[gym.link, typed], words=load_words("en"))

    def took(update: Update) -> None:
        updates.append(update)
        pace.release()

    stages = LiveStages(parts, Listeners(update=took), shows=True)
    LiveScreen(stages, screen, parts, Settings(), tmp_path).watch()
    session = finished(parts, stages)
    parts.speed.close()

    def origins(since_s: float, until_s: float) -> set[SpeedOrigin | None]:
        return {update.belt.origin if update.belt else None for update in updates if since_s <= update.t_s < until_s}

    assert origins(1.0, DIES_S) == {SpeedOrigin.TREADMILL}
    assert origins(DIES_S + 10, RETURNS_S) == {SpeedOrigin.TYPED}, "within ten seconds the typed speed stands in"
    assert origins(RETURNS_S + 1, ENDS_S) == {SpeedOrigin.TREADMILL}
    assert None not in origins(1.0, ENDS_S), "there was a speed at every moment"
    assert all(update.advice.target is not None for update in updates if update.t_s > 11), "the target never went"

    for text in (
        "treadmill connected: Run 5000",
        "treadmill link lost: Run 5000",
        "belt speed now as typed: 10.4 km/h",
        "belt speed now from the treadmill: 10.8 km/h",
    ):
        assert text in screen.messages

    sources = [stride.speed_source for stride in session.strides]
    assert {"treadmill", "manual"} == set(sources) - {None}
    said = [(event.t_s, event.detail) for event in session.events if event.kind == "belt_speed"]
    assert [text for _, text in said][:2] == [
        "belt speed now as typed: 10.4 km/h",
        "belt speed now from the treadmill: 10.8 km/h",
    ]
    assert DIES_S < said[0][0] <= DIES_S + 10
    assert "link lost" in " ".join(event.detail for event in session.events if event.kind == "treadmill")
    assert np.isclose(session.strides[-1].end_s, ENDS_S, atol=3), "strides are measured to the end"
    assert gym.world.writes == []


class NobodyThere:
    readings = 1

    def estimate(self, frame: Frame) -> Pose | None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


def test_what_is_missing_is_shown_in_the_runners_language_with_its_remedy(tmp_path: Path) -> None:
    world = World([])
    world.trouble = BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF)
    link = TreadmillSpeed(TreadmillSettings(bluetooth=True), radio=world.radio(), patience=PATIENCE)
    wait_for(lambda: link.state is LinkState.UNAVAILABLE)
    screen, pace, typed = WatchedScreen(), threading.Semaphore(1), TypedSpeed(3.0)
    camera, german = ScriptedCamera(frames_at([i / 30 for i in range(10)]), pace), load_words("de")
    parts = parts_of(camera, NobodyThere(), coach=Coach(CORE), speeds=[link, typed], words=german)
    stages = LiveStages(parts, Listeners(update=lambda _update: pace.release()), shows=True)
    LiveScreen(stages, screen, parts, Settings(), tmp_path).watch()
    parts.speed.close()
    assert f"kein Laufband: {NO_RADIO}" in screen.messages
