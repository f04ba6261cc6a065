"""A whole live run with everything real but camera and pose network: set-up, breaking off, keeping, remembering."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from coach.core.notices import NoticeKind
from coach.core.pipeline import Update
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.edges.screen import Window
from coach.edges.store import Store
from coach.errors import NoRunnerError, SourceError
from coach.ports import Frame, LiveStatus, SourceEvent, UserCommand
from tests.app.bench_run import PATIENCE_S, Bench, Camera, Poses
from tests.app.live_bench import Diary, WatchedScreen
from tests.synth import synthetic_run


@pytest.fixture(scope="module")
def poses() -> list[Pose]:
    return list(synthetic_run(speed_mps=3.0, duration_s=12, fps=30, noise_ll=0.005, seed=6).poses)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def effort(session: Session) -> list[object]:
    return [fact.value for fact in session.settings if fact.key == "pose.effort"]


def test_a_run_is_kept_with_its_speed_and_incline_and_its_baseline_for_this_camera(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    session = bench.run(Camera(poses), poses, tmp_path, record__stills=True)
    assert session is not None
    assert {path.name for path in Store(tmp_path).folder(session.session_id or 0).glob("*.jpg")} >= {"best.jpg"}
    kept = Store(tmp_path).load("last")
    assert kept.summary.strides_valid_near == session.summary.strides_valid_near >= 8
    assert {(stride.speed_mps, stride.incline_pct) for stride in kept.strides} == {(3.0, 1.0)}
    assert effort(session) == ["fast"], "as the machine read its pictures"
    baselines = Store(tmp_path).load_profile()["baselines"]
    assert [baseline["camera"] for baseline in baselines] == ["video bench camera 640x480"]


def test_the_password_of_a_camera_is_in_nothing_that_is_kept_and_pictures_read_twice_are_told(
    bench: Bench, poses: list[Pose], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine decides how often it reads them, so the configuration alone does not tell."""
    monkeypatch.setattr(Poses, "readings", 2)
    asked, kept = tmp_path / "asked.json", tmp_path / "kept"
    address = "http://anna:pass@secret@192.168.1.7:8080/video"
    session = bench.run(Camera(poses), poses, kept, asked, camera__source=address)
    assert session is not None
    assert effort(session) == ["accurate"]
    files = [asked, *(path for path in kept.rglob("*") if path.is_file())]
    assert b"http://192.168.1.7:8080/video" in asked.read_bytes()
    assert [path.name for path in files if b"secret" in path.read_bytes()] == []


def test_a_camera_that_is_gone_for_good_costs_nothing_that_was_run(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    camera, out = Camera(poses, SourceError("the camera is gone; plug it in and run again")), tmp_path / "out.json"
    with pytest.raises(SourceError, match="plug it in"):
        bench.run(camera, poses, tmp_path, out)
    kept = Store(tmp_path).load("last")
    assert kept.complete
    assert kept.summary.strides_valid_near >= 8
    assert json.loads(out.read_text())["strides"]


def test_where_nobody_is_found_a_small_body_is_among_the_reasons(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    with pytest.raises(NoRunnerError, match="and large: move it closer, or crop black borders away"):
        bench.run(Camera(poses), [], tmp_path)


def test_an_empty_room_keeps_nothing(bench: Bench, poses: list[Pose], tmp_path: Path) -> None:
    with pytest.raises(NoRunnerError, match="no runner was found in bench camera"):
        bench.run(Camera(poses), [], tmp_path)
    assert Store(tmp_path).sessions() == ()


def test_a_camera_run_begins_with_the_set_up_check_and_goes_on_by_itself(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    session = bench.run(Camera(poses, kind="camera"), poses, tmp_path)
    assert session is not None
    assert 0 < session.frames.total < len(poses)
    assert bench.narration.updates[0].t_s > 1.5


class Loose(Camera):
    """A camera whose plug is loose while the set-up check goes on."""

    def frames(self) -> Iterator[Frame | SourceEvent]:
        for item in super().frames():
            yield item
            if isinstance(item, Frame) and item.index == 10:
                yield SourceEvent.LOST
                yield SourceEvent.RETURNED


def test_a_camera_that_was_lost_in_the_set_up_check_stands_at_the_beginning_of_the_run(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    session = bench.run(Loose(poses, kind="camera"), poses, tmp_path)
    assert session is not None
    lost = [(event.t_s, event.kind) for event in session.events if event.kind.startswith("source_")]
    assert lost == [(session.frames.first_s, "source_lost"), (session.frames.first_s, "source_returned")]


def test_without_the_check_the_session_begins_at_once(bench: Bench, poses: list[Pose], tmp_path: Path) -> None:
    session = bench.run(Camera(poses, kind="camera"), poses, tmp_path, screen__setup_check=False)
    assert session is not None
    assert session.frames.total == len(poses)


def test_a_plan_and_the_duration_begin_with_the_run_and_not_with_the_set_up_check(bench: Bench, tmp_path: Path) -> None:
    poses = list(synthetic_run(speed_mps=3.0, duration_s=20, fps=30, noise_ll=0.005, seed=6).poses)
    bench.plan, bench.duration_s = "6s@9, 1min@12", 9.0
    session = bench.run(Camera(poses, kind="camera"), poses, tmp_path)
    assert session is not None
    first_s = session.frames.first_s
    assert first_s > 2.0, "the check took its time"
    assert [round(change.speed_mps * 3.6) for change in session.speeds] == [9, 12]
    assert session.speeds[1].t_s - first_s == pytest.approx(6.0, abs=0.1)
    assert session.frames.last_s - first_s == pytest.approx(9.0, abs=0.2)


class Pressing(WatchedScreen):
    """A screen on which the runner presses for a pause: while all still loads, or as soon as the check is there."""

    def __init__(self, *, in_setup: bool) -> None:
        super().__init__(Diary())
        self.obeyed = threading.Semaphore(0)
        """Once for each picture that was shown, when what was pressed at it has been done."""
        self._pictures = 0
        self._waits = in_setup
        self.asked = [] if in_setup else [UserCommand.PAUSE]

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        if self._waits and status.setup is not None:
            self._waits = False
            self.asked.append(UserCommand.PAUSE)
        if status.finish is not None:
            self.asked.append(UserCommand.FINISH)
        self._pictures += 1
        super().show(frame, update, status)

    def commands(self) -> tuple[UserCommand, ...]:
        if self._pictures and not self.asked:
            self.obeyed.release(self._pictures)
            self._pictures = 0
        return super().commands()


class Watched(Camera):
    """A camera whose next picture comes once the screen has shown the last one."""

    def __init__(self, poses: list[Pose], screen: Pressing) -> None:
        super().__init__(poses, kind="camera")
        self._screen = screen

    def frames(self) -> Iterator[Frame | SourceEvent]:
        for item in super().frames():
            yield item
            self._screen.obeyed.acquire(timeout=PATIENCE_S)


@pytest.mark.parametrize(("in_setup", "begins_s"), [(False, (1.5, 3.3)), (True, (0.0, 1.5))])
def test_a_pause_before_the_run_is_none_and_only_skips_a_check_that_is_there(
    bench: Bench,
    poses: list[Pose],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_setup: bool,
    begins_s: tuple[float, float],
) -> None:
    screen = Pressing(in_setup=in_setup)
    monkeypatch.setattr("coach.app.opening.Opening.screen", lambda _: screen)
    session = bench.run(Watched(poses[:100], screen), poses, tmp_path)
    assert session is not None
    assert "paused" not in {event.kind for event in session.events}
    assert begins_s[0] < session.frames.first_s < begins_s[1]


@pytest.fixture(scope="module")
def far_off() -> list[Pose]:
    """A runner who is too small in the picture to pass the check."""
    run = synthetic_run(speed_mps=3.0, duration_s=30, fps=30, noise_ll=0.005, seed=6)
    return [replace(pose, xy_px=0.2 * pose.xy_px + 100.0) for pose in run.poses]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that nobody sees is given up after four seconds."""
    monkeypatch.setattr("coach.app.surroundings.UNSEEN_PATIENCE_S", 4.0)


def told(bench: Bench) -> list[str]:
    return [text for notice, text in bench.narration.notices if notice.kind is NoticeKind.CHECK]


def test_without_a_window_a_runner_whom_the_check_does_not_like_is_told_why_and_coached_all_the_same(
    bench: Bench, far_off: list[Pose], tmp_path: Path
) -> None:
    session = bench.run(Camera(far_off, kind="camera"), far_off, tmp_path)
    assert session is not None
    assert 20.0 < session.frames.first_s < 25.0
    assert told(bench) == [*2 * ["Bring the camera closer"], "Not ideal, on we go: Bring the camera closer"]


def test_a_display_that_is_gone_is_a_run_without_a_window(
    bench: Bench, far_off: list[Pose], tmp_path: Path, display_that_is_gone: None, soon: None
) -> None:
    bench.headless = False
    session = bench.run(Camera(far_off[: 12 * 30], kind="camera"), far_off, tmp_path)
    assert session is not None
    assert bench.narration.lines[0] == "no display here: running without a window"
    assert 4.0 < session.frames.first_s < 7.0


@pytest.fixture
def window_that_goes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[LiveStatus]:
    """The desktop goes with the first picture and stays away; what the window was to show."""
    shown: list[LiveStatus] = []
    draws = Window.show

    def show(window: Window, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        shown.append(status)
        draws(window, frame, update, status)

    def goes(_window: Window, *_: object) -> None:
        monkeypatch.setattr(Window, "_open", lambda _window: False)
        raise pygame.error("the desktop is gone")

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("coach.app.opening.has_display", lambda: True)
    monkeypatch.setattr(Window, "show", show)
    monkeypatch.setattr(Window, "_draw", goes)
    bench.headless = False
    return shown


def test_a_window_that_is_gone_before_the_run_is_waited_for_as_one_that_never_was(
    bench: Bench, far_off: list[Pose], tmp_path: Path, window_that_goes: list[LiveStatus], soon: None
) -> None:
    session = bench.run(Camera(far_off[: 12 * 30], kind="camera"), far_off, tmp_path)
    assert session is not None
    assert 4.0 < session.frames.first_s < 7.0


def test_how_it_was_is_not_shown_for_seconds_in_a_window_that_is_gone(
    bench: Bench, poses: list[Pose], tmp_path: Path, window_that_goes: list[LiveStatus]
) -> None:
    assert bench.run(Camera(poses), poses, tmp_path) is not None
    assert sum(status.finish is not None for status in window_that_goes) == 1


def test_a_check_that_the_runner_did_not_pass_in_time_is_a_failure_that_names_what_to_mend(
    bench: Bench, far_off: list[Pose], tmp_path: Path
) -> None:
    bench.duration_s = 10.0
    with pytest.raises(NoRunnerError, match="the set-up check did not pass: Bring the camera closer"):
        bench.run(Camera(far_off, kind="camera"), far_off, tmp_path)
    assert Store(tmp_path).sessions() == ()


def test_a_speed_that_nobody_told_holds_no_short_run_up_and_asks_for_no_key(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    bench.speed_mps, bench.duration_s = None, 8.0
    session = bench.run(Camera(poses, kind="camera"), poses, tmp_path)
    assert session is not None
    assert session.frames.first_s < 8.0
    remedy = "Give the speed with --speed"
    assert told(bench) == [remedy, f"Not ideal, on we go: {remedy}"]


def test_a_speed_that_is_read_from_the_picture_is_not_asked_for(
    bench: Bench, poses: list[Pose], tmp_path: Path
) -> None:
    bench.speed_mps = None
    session = bench.run(Camera(poses, kind="camera"), poses, tmp_path, runner__height_cm=175)
    assert session is not None
    assert told(bench) == ["All good"]


@pytest.mark.parametrize("duration_s", [None, 8.0])
def test_an_empty_room_before_the_check_is_told_and_is_a_run_without_a_runner(
    bench: Bench, far_off: list[Pose], tmp_path: Path, duration_s: float | None
) -> None:
    camera, out = Camera(far_off, kind="camera"), tmp_path / "out.json"
    bench.duration_s = duration_s
    with pytest.raises(NoRunnerError, match="no runner was found in bench camera"):
        bench.run(camera, [], tmp_path, out)
    assert told(bench)[:2] == ["Step on the belt", "Show head to feet"][: len(told(bench))]
    assert json.loads(out.read_text())["strides"] == []
    assert Store(tmp_path).sessions() == ()
