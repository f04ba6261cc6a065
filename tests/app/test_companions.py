"""What goes along with a live run: the heart rate into screen, session and page; the pod hears what is trusted."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.app.companions import Companions
from coach.app.live_screen import LiveScreen
from coach.app.live_stages import LiveStages
from coach.core.gait import Activity
from coach.core.gait.quality import Trust
from coach.core.heart import HeartOrigin, HeartRate
from coach.core.notices import Notice, NoticeKind
from coach.core.pipeline import Update
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.edges.store import Store
from coach.languages import load_words
from coach.ports import Frame, LiveMessage, LiveStatus, UserCommand
from coach.review.fit import fit_bytes
from coach.review.session_json import session_from_json, session_to_json
from coach.review.session_page import session_page
from coach.settings import Settings
from tests import kept
from tests.app.live_bench import KnownRunner
from tests.app.test_live_stages import IMAGE, ScriptedCamera, finished, parts_of
from tests.review.test_fit import of, read_back


class Heart:
    """A source of heart rates that is asked and answers; the links behind it are tested with the radio's edge."""

    def __init__(self, origin: HeartOrigin, bpm: float | None) -> None:
        self.origin, self.bpm = origin, bpm

    def heart(self, t_s: float) -> HeartRate | None:
        return None if self.bpm is None else HeartRate(self.bpm + t_s, self.origin)

    def notices(self) -> tuple[Notice, ...]:
        return (Notice(NoticeKind.HEART, "screen.heart_connected", "Strap"),)

    def close(self) -> None:
        self.bpm = None


class Pod:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[float, float, bool]] = []
        self.closed = 0
        self.pace = threading.Semaphore(1)
        """Lets a camera give its next frame once the last one was told."""

    def tell(self, speed_mps: float, cadence_spm: float, *, running: bool) -> None:
        self.told.append((speed_mps, cadence_spm, running))
        self.pace.release()

    def notices(self) -> tuple[Notice, ...]:
        return ()

    def close(self) -> None:
        self.closed += 1


class Watched:
    """A screen that keeps what it was given."""

    def __init__(self) -> None:
        self.bpm: list[float] = []
        self.messages: set[str] = set()

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        self.bpm.append(status.heart_bpm)
        self.messages |= set(status.messages)

    def commands(self) -> tuple[UserCommand, ...]:
        return ()

    def close(self) -> None: ...


def test_the_runners_own_monitor_goes_over_the_treadmills() -> None:
    monitor, console = Heart(HeartOrigin.MONITOR, 150), Heart(HeartOrigin.TREADMILL, 120)
    companions = Companions([console], monitor)
    assert companions.heart(0.0) == HeartRate(150, HeartOrigin.MONITOR)
    monitor.bpm = None
    assert companions.heart(0.0) == HeartRate(120, HeartOrigin.TREADMILL)
    console.bpm = None
    assert companions.heart(0.0) is None


def test_a_run_with_a_strap_from_screen_to_page_and_watch_file(tmp_path: Path) -> None:
    pod, screen = Pod(), Watched()
    camera = ScriptedCamera([Frame(index, index / 15, IMAGE) for index in range(15 * 12)], pod.pace)
    parts = replace(
        parts_of(camera, KnownRunner(), words=load_words("en")),
        companions=Companions([], Heart(HeartOrigin.MONITOR, 140), pod),
    )
    stages = LiveStages(parts, shows=True)
    LiveScreen(stages, screen, parts, Settings(), tmp_path).watch()
    session = replace(finished(parts, stages), started_at="2026-03-01T07:00:00+01:00")

    assert 140 <= np.nanmax(screen.bpm) <= 152
    assert "heart rate connected: Strap" in screen.messages
    assert (session.heart[0].bpm, session.heart[-1].source) == (140.0, HeartOrigin.MONITOR)
    assert session.summary.heart.highest_bpm >= 150
    # Kept, written and read again it is the same.
    stored = Store(tmp_path / "data").keep(session)
    assert stored.heart == session.heart
    assert session_from_json(session_to_json(session)).heart == session.heart
    (figure,) = [one for one in session_page(stored, load_words("en"), "metric").figures if one.name == "Heart rate"]
    assert figure.value == f"{session.summary.heart.mean_bpm:.0f} /min"
    assert figure.note == f"highest {session.summary.heart.highest_bpm:.0f}, from your monitor"
    records = of(read_back(fit_bytes(stored)), "record")
    assert records[0]["heart_rate"] == 140
    assert len(pod.told) == session.frames.total


def test_without_a_monitor_the_page_says_nothing_of_it() -> None:
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480))
    for update in kept.run(10.0):
        builder.add(update)
    names = [figure.name for figure in session_page(builder.finish(), load_words("en"), "metric").figures]
    assert "Cadence" in names
    assert "Heart rate" not in names


def test_other_programs_hear_of_every_frame_with_the_heart_of_that_moment() -> None:
    class Teller:
        """Remembers what it was told; the outputs behind it are tested with their edge."""

        def __init__(self) -> None:
            self.told: list[LiveMessage] = []

        def tell(self, message: LiveMessage) -> None:
            self.told.append(message)

        def notices(self) -> tuple[Notice, ...]:
            return ()

        def close(self) -> None:
            self.told.clear()

    teller = Teller()
    companions = Companions([Heart(HeartOrigin.MONITOR, 140.0)], teller=teller)
    updates = list(kept.run(3.0))
    for update in updates:
        companions.see(update, ago_s=0.04)

    frames = [message for message in teller.told if message.kind == "frame"]
    assert [message.t_s for message in frames] == [update.t_s for update in updates]
    beats = [message.values["heart_bpm"] for message in frames]
    assert beats == pytest.approx([140.0 + update.t_s for update in updates], abs=0.06)
    assert {message.kind for message in teller.told} > {"frame"}


def test_the_pod_hears_only_what_is_trusted() -> None:
    pod = Pod()
    companions = Companions(pod=pod)
    update = next(iter(kept.run(1.0)))
    companions.see(update)
    companions.see(replace(update, gait=update.gait._replace(trust=Trust.UNSURE)))
    companions.see(replace(update, belt=None))
    companions.see(replace(update, gait=update.gait._replace(activity=Activity.AWAY)))

    assert pod.told[0] == (10 / 3.6, 120 / kept.STRIDE_S, True)
    assert math.isnan(pod.told[1][1])
    assert math.isnan(pod.told[2][0])
    assert pod.told[3] == (0.0, 0.0, False)
    companions.close()
    assert pod.closed == 1
