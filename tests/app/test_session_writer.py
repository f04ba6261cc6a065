"""What a session says of its own time: a set-up check goes before the run and is no part of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np
import pytest

from coach.app import session_writer
from coach.app.parts import Outputs
from coach.app.session_writer import SessionWriter
from coach.core.notices import Notice, NoticeKind
from coach.core.session.session import Session
from coach.edges.store import Store
from coach.ports import Frame, SourceInfo
from coach.settings import Settings
from tests import kept

CAMERA = SourceInfo("camera", "bench", 64, 48, 30.0, live=True)
IMAGE = np.zeros((48, 64, 3), np.uint8)
OPENED = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
CHECKED_S = 90.0
"""How long the set-up check went on."""


class Wall:
    """The clock on the wall, as the writer reads it."""

    def __init__(self) -> None:
        self.at = OPENED

    def now(self, zone: tzinfo) -> datetime:
        return self.at.astimezone(zone)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(session_writer, "datetime", wall)
    return wall


def run_after_a_check(wall: Wall, folder: Path, info: SourceInfo = CAMERA) -> Session:
    """A camera that was lost for a moment while the check went on, and then a short run."""
    with SessionWriter(Outputs(data_dir=folder), info, Settings()) as writer:
        writer.keep(Notice(NoticeKind.SOURCE_LOST, t_s=20.0), "camera lost")
        writer.keep(Notice(NoticeKind.SOURCE_RETURNED), "camera back")
        wall.at += timedelta(seconds=CHECKED_S)
        for index, update in enumerate(kept.run(3.0, first_s=CHECKED_S)):
            writer.append(Frame(index, update.t_s, IMAGE), update)
            wall.at += timedelta(seconds=1 / 30)
        return writer.finish(())


def test_a_run_began_with_its_first_frame_not_with_the_check_before_it(wall: Wall, tmp_path: Path) -> None:
    session = run_after_a_check(wall, tmp_path)
    assert datetime.fromisoformat(session.started_at or "") == OPENED + timedelta(seconds=CHECKED_S)
    assert Store(tmp_path).load().started_at == session.started_at


def test_a_clip_keeps_the_time_of_its_filming(wall: Wall, tmp_path: Path) -> None:
    filmed = SourceInfo("video", "clip.mp4", 64, 48, 30.0, live=False, filmed_at=OPENED - timedelta(days=2))
    session = run_after_a_check(wall, tmp_path, filmed)
    assert datetime.fromisoformat(session.started_at or "") == OPENED - timedelta(days=2)


def test_what_was_told_during_the_check_stands_at_the_beginning_of_the_run(wall: Wall, tmp_path: Path) -> None:
    session = run_after_a_check(wall, tmp_path)
    assert [(event.t_s, event.kind) for event in session.events] == [
        (CHECKED_S, "source_lost"), (CHECKED_S, "source_returned"),
    ]  # fmt: skip
    assert session.summary.running_s == session.summary.duration_s
