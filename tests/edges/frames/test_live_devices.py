"""Cameras that are unplugged, frozen, stuck, slow or busy; streams that break off. The run goes on.

The camera is a bench model behind the capture door (see `faulty_camera`); the streams are real.
What is asserted is the order of events, never how long they took.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import pytest

from coach.edges.frames.camera import CameraDevice, CameraSource, find_camera, list_cameras
from coach.edges.frames.capture import open_stream
from coach.edges.frames.live_reader import Patience
from coach.edges.frames.stream import StreamSource
from coach.errors import SourceError
from coach.ports import Frame, FrameSource, SourceEvent
from coach.settings import CameraSettings
from tests.edges.clips import free_port, serve_mjpeg
from tests.edges.faulty_camera import CameraBench
from tests.edges.frames.test_sources import connect
from tests.edges.rtsp_server import H264, PLAIN_JPEG, RtspCamera

HASTY = Patience(lost_after_s=0.4, frozen_after_s=0.1, stuck_after_s=60.0, retry_s=(0.02, 0.05), gone_after_s=120.0)
STUCK = replace(HASTY, stuck_after_s=1.0)
"""Where a call that hangs is what is tested."""


def camera(bench: CameraBench, spec: str = "4", patience: Patience = HASTY) -> CameraSource:
    return CameraSource(spec, CameraSettings(), patience=patience, opening=bench.opening, listing=bench.listing)


def until(items: Iterator[Frame | SourceEvent], wanted: SourceEvent) -> list[Frame | SourceEvent]:
    """Everything up to an event."""
    seen: list[Frame | SourceEvent] = []
    for item in items:
        seen.append(item)
        if item is wanted:
            return seen
    raise AssertionError(f"{wanted} never came")


def pull_the_plug(bench: CameraBench) -> None:
    bench.plugged = False


def put_it_in(bench: CameraBench) -> None:
    bench.plugged = True


def freeze(bench: CameraBench) -> None:
    bench.frozen = True


def thaw(bench: CameraBench) -> None:
    bench.frozen = False


def block(bench: CameraBench) -> None:
    bench.unblocked.clear()


def unblock(bench: CameraBench) -> None:
    bench.unblocked.set()


@pytest.mark.parametrize(
    ("fault", "mend"),
    [(pull_the_plug, put_it_in), (freeze, thaw), (block, unblock)],
    ids=["unplugged", "frozen", "stuck"],
)
def test_a_camera_that_fails_is_lost_and_returns(
    fault: Callable[[CameraBench], None], mend: Callable[[CameraBench], None]
) -> None:
    bench = CameraBench()
    source = camera(bench, patience=STUCK)
    items = source.frames()
    # Up to a picture: a machine that stalls may have lost the camera before, and seen it again.
    before = list(islice((item for item in items if isinstance(item, Frame)), 5))
    fault(bench)
    assert until(items, SourceEvent.LOST).count(SourceEvent.LOST) == 1
    mend(bench)
    assert until(items, SourceEvent.RETURNED) == [SourceEvent.RETURNED]
    after = next(items)
    assert isinstance(after, Frame)
    assert after.t_s > before[-1].t_s + HASTY.lost_after_s
    assert after.index > before[-1].index
    source.close()


def test_a_long_freeze_is_one_loss_however_often_the_camera_is_opened_again() -> None:
    bench = CameraBench()
    source = camera(bench)
    items = source.frames()
    next(items)
    bench.frozen = True
    until(items, SourceEvent.LOST)
    opened = bench.opened
    more: list[Frame | SourceEvent] = []
    watcher = threading.Thread(target=lambda: more.extend(items), daemon=True)
    watcher.start()
    while bench.opened < opened + 5:
        time.sleep(0.01)
    source.close()
    watcher.join(60)
    assert not watcher.is_alive()
    assert more == []


def test_a_stuck_camera_does_not_keep_the_run_from_ending() -> None:
    bench = CameraBench()
    source = camera(bench, patience=STUCK)
    items = source.frames()
    next(items)
    bench.unblocked.clear()
    until(items, SourceEvent.LOST)
    source.close()
    assert list(items) == []
    bench.unblocked.set()


def test_a_handle_that_stays_stuck_is_left_behind_for_a_new_one() -> None:
    bench = CameraBench()
    source = camera(bench, patience=STUCK)
    items = source.frames()
    next(items)
    bench.hang_open_handles()
    until(items, SourceEvent.LOST)
    until(items, SourceEvent.RETURNED)
    assert isinstance(next(items), Frame)
    assert bench.opened >= 2
    source.close()
    bench.hanging_below = -1


def test_every_handle_is_released_in_the_end() -> None:
    bench = CameraBench()
    source = camera(bench, patience=STUCK)
    items = source.frames()
    next(items)
    bench.unblocked.clear()
    until(items, SourceEvent.LOST)
    bench.unblocked.set()
    until(items, SourceEvent.RETURNED)
    source.close()
    patience_s = time.monotonic() + 60
    while bench.open_now and time.monotonic() < patience_s:
        time.sleep(0.01)
    assert bench.open_now == 0


def test_a_camera_that_never_comes_back_ends_the_source() -> None:
    bench = CameraBench()
    source = camera(bench, patience=Patience(0.05, 0.1, 5.0, (0.02,), gone_after_s=0.2))
    items = source.frames()
    next(items)
    bench.plugged = False
    with pytest.raises(SourceError, match="Bench Cam did not come back; check its cable"):
        list(items)


def test_a_slow_reader_gets_the_newest_picture() -> None:
    bench = CameraBench()
    source = camera(bench)
    items = source.frames()
    first = next(items)
    shown = bench.shown
    while bench.shown < shown + 30:
        time.sleep(0.005)
    second = next(items)
    source.close()
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert second.index > first.index + 25
    assert second.t_s > first.t_s + 0.1


def test_mjpg_is_asked_for_before_the_size_and_the_rate() -> None:
    bench = CameraBench()
    source = CameraSource(
        "4", CameraSettings(width=800, height=600, fps=50), opening=bench.opening, listing=bench.listing
    )
    source.close()
    order = [prop for prop, _ in bench.asked]
    assert order[0] == cv2.CAP_PROP_FOURCC
    assert dict(bench.asked)[cv2.CAP_PROP_FRAME_WIDTH] == 800
    assert dict(bench.asked)[cv2.CAP_PROP_FPS] == 50


def test_a_camera_without_mjpg_is_opened_plainly_and_so_again() -> None:
    bench = CameraBench(only_plain=True)
    source = camera(bench)
    assert bench.opened == 2
    items = source.frames()
    next(items)
    bench.plugged = False
    until(items, SourceEvent.LOST)
    bench.plugged = True
    until(items, SourceEvent.RETURNED)
    assert bench.opened == 3
    source.close()


def test_a_busy_camera_says_what_to_do() -> None:
    with pytest.raises(SourceError, match="Bench Cam gives no picture; close other programs"):
        camera(CameraBench(busy=True))


def test_on_macos_the_camera_is_tried_again_while_permission_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    source = camera(CameraBench(refusals=3))
    assert isinstance(next(source.frames()), Frame)
    source.close()


def test_on_macos_a_camera_without_permission_says_where_to_give_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(SourceError, match="System Settings → Privacy"):
        camera(CameraBench(refusals=99))


def test_a_camera_that_opens_slowly_is_waited_for() -> None:
    source = camera(CameraBench(opening_s=0.1))
    assert isinstance(next(source.frames()), Frame)
    source.close()


def test_a_camera_that_hangs_while_it_opens_is_given_up() -> None:
    bench = CameraBench()
    bench.unblocked.clear()
    with pytest.raises(SourceError, match="Bench Cam does not answer"):
        camera(bench, patience=STUCK)
    bench.unblocked.set()


def test_a_camera_is_found_by_number_or_by_part_of_its_name() -> None:
    devices = (
        CameraDevice(0, "Integrated Camera", 200),
        CameraDevice(2, "Logi C920", 200),
        CameraDevice(4, "C920", 200),
    )
    specs = ("2", "integrated", "c920", " Logi C920 ", "7", "", "/dev/video2", "/dev/video7")
    found = {spec: find_camera(spec, devices) for spec in specs}
    numbers = {spec: device.number if device else None for spec, device in found.items()}
    assert numbers == dict(zip(specs, (2, 0, 4, 2, None, None, 2, None), strict=True))


def test_a_camera_given_by_name_is_found_again_by_name() -> None:
    bench = CameraBench()
    source = camera(bench, spec="bench")
    items = source.frames()
    next(items)
    bench.plugged = False
    until(items, SourceEvent.LOST)
    bench.plugged = True
    until(items, SourceEvent.RETURNED)
    source.close()


def test_a_camera_that_comes_back_with_another_size_fills_the_announced_one() -> None:
    bench = CameraBench(size=(64, 48))
    source = camera(bench)
    items = source.frames()
    next(items)
    bench.plugged = False
    until(items, SourceEvent.LOST)
    bench.size, bench.plugged = (40, 80), True
    until(items, SourceEvent.RETURNED)
    frame = next(items)
    assert isinstance(frame, Frame)
    assert frame.image_bgr.shape == (48, 64, 3)
    assert frame.image_bgr[:, 20:44].min() > 0, "upright in the middle"
    assert frame.image_bgr[:, :19].max() == frame.image_bgr[:, 45:].max() == 0, "black beside it"
    source.close()


def test_listing_cameras_works_where_there_are_none() -> None:
    assert all(isinstance(device.name, str) for device in list_cameras())


def test_a_stream_that_breaks_off_is_connected_again() -> None:
    port = free_port()
    server = serve_mjpeg(port)
    patience = Patience(lost_after_s=0.5, frozen_after_s=5.0, stuck_after_s=30.0, retry_s=(0.1,), gone_after_s=60.0)
    source: FrameSource | None = None
    try:
        source = connect(port, patience)
        items = source.frames()
        assert isinstance(next(items), Frame)
        server.kill()
        server.wait()
        until(items, SourceEvent.LOST)
        server = serve_mjpeg(port)
        until(items, SourceEvent.RETURNED)
        assert isinstance(next(items), Frame)
    finally:
        if source is not None:
            source.close()
        server.kill()
        server.wait()


def test_the_size_of_a_stream_is_known() -> None:
    port = free_port()
    server = serve_mjpeg(port)
    try:
        source = connect(port)
        assert (source.info.kind, source.info.width, source.info.height) == ("stream", 160, 120)
        assert source.info.live
        assert math.isnan(source.info.duration_s)
        source.close()
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("codec", [PLAIN_JPEG, H264], ids=["MJPEG", "H.264"])
def test_an_rtsp_camera_is_read(tmp_path: Path, codec: tuple[str, ...]) -> None:
    server = RtspCamera(tmp_path, codec)
    source = None
    try:
        source = StreamSource(server.url)
        frames = [item for item in islice(source.frames(), 5) if isinstance(item, Frame)]
        assert (source.info.width, source.info.height) == (160, 128)
        assert len(frames) == 5
        assert frames[0].image_bgr.std() > 20
    finally:
        if source is not None:
            source.close()
        server.switch_off()


@pytest.mark.skipif(os.cpu_count() == 1, reason="on one core FFmpeg holds no more back by itself")
def test_a_picture_is_not_held_back_for_each_core(tmp_path: Path) -> None:
    """FFmpeg knows that one is whole when the next one begins; it waits for no further ones."""
    server = RtspCamera(tmp_path, H264, pictures=40)
    seen = threading.Event()
    capture = open_stream(server.url, 15.0, 60.0)
    assert capture is not None

    def look() -> None:
        if all(capture.grab() for _ in range(39)):
            seen.set()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        assert seen.wait(30.0)
    finally:
        server.switch_off()
        looking.join()
        capture.release()
