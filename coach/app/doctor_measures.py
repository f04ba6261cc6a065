"""What the doctor measures with a stopwatch: the camera, this machine, and the way from the screen through the camera.

Glass to glass is what lies between a movement and its picture on the screen. It is measured the other way round, for
nobody can say when a runner moved, but Coach knows when it lit a square: from there through screen, light, camera and
cable to the picture in hand, and on top what pose network and coach then take.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.app.doctor import Finding, model_remedy
from coach.app.machine_bench import EFFORTS, Reading, measure
from coach.app.parts import has_display, words_of
from coach.core.gait.timekeeping import STRIDES_FPS, TIMING_FPS
from coach.core.units import FloatArray
from coach.edges.frames.camera import list_cameras
from coach.edges.frames.new_pictures import NewPictures
from coach.edges.frames.sources import camera_spec, open_source
from coach.errors import CoachError, SourceError
from coach.ports import Frame, FrameSource, ImageBGR, UserCommand
from coach.settings import Settings

_COUNTED_S: Final = 4.0
_FIRST_S: Final = 1.0
"""A camera finds its exposure in the first second."""
_TIMED_S: Final = 2.0
"""So long each effort is timed."""
_LESS: Final = 0.9
"""A rate below this share of another one is called less."""

_LEARNING: Final = (False, True, False, True)
"""Dark and lit, to find where in the picture the square is."""
_LEARNED_S: Final = 0.8
FLASHES: Final = 24
_BETWEEN_S: Final = (0.35, 0.65)
"""From one change to the next; never the same, so that no rate of the camera goes with it."""
_MISSED_S: Final = 2.0
_MISSED_MOST: Final = FLASHES // 4
_SEEN_LEVELS: Final = 12.0
"""Grey levels by which the square must change the picture; noise and codecs stay below."""
_WIDTH_PX: Final = 160
"""Of the small grey picture that is looked at."""
_SLOW_MS: Final = 250.0
"""A third of a stride: by then the other leg swings."""


def measured(settings: Settings, source: str) -> Iterator[Finding]:
    """Camera and machine. `source` as `--source` takes it; empty for the camera there is. Opens the camera."""
    yield from _camera_rate(settings, source or settings.camera.source)
    yield from _speed(settings)


def _camera_rate(settings: Settings, wanted: str) -> Iterator[Finding]:
    what = "camera's rate"
    try:
        with closing(_opened(settings, wanted)) as camera:
            came_fps, new_fps = counted_fps(camera, _COUNTED_S)
            info = camera.info
    except CoachError as error:
        yield Finding(what, "bad", str(error), "`coach cameras` lists what is there; close other programs that use it")
        return
    rate = f"{new_fps:.0f} new pictures a second of {info.width}×{info.height}"
    if new_fps < _LESS * came_fps:
        rate += f", {came_fps:.0f} delivered"
    if new_fps < _LESS * TIMING_FPS:
        remedy = "more light, another USB socket, or a smaller camera.width and camera.height"
        yield Finding(what, "note", f"{rate}; contact times need {TIMING_FPS:.0f}", remedy)
    else:
        yield Finding(what, "ok", rate)


def counted_fps(camera: FrameSource, seconds: float) -> tuple[float, float]:
    """Pictures a second that a live source delivers, and those of them that are new.

    Repeats are known by motion (`NewPictures`); in a still scene those are, in which not one grey level changed, as a
    sensor's noise would. Raises SourceError where pictures stay away.
    """
    first: Frame | None = None
    same, last = 0, np.zeros(0)
    for frame in _pictures(camera):
        small = _small(frame.image_bgr)
        if first is None and frame.t_s >= _FIRST_S:
            first = frame
        elif first is not None:
            same += np.array_equal(small, last)
        last = small
        if first is not None and (passed_s := frame.t_s - first.t_s) >= seconds:
            new = frame.index - first.index - same
            return (new + same + frame.repeated - first.repeated) / passed_s, new / passed_s
    raise SourceError(f"{camera.info.name} gave no pictures for {seconds:.0f} s; plug it in again")


def _speed(settings: Settings) -> Iterator[Finding]:
    """What each effort of the network makes of this machine, against what is needed."""
    size = settings.camera.width, settings.camera.height
    try:
        readings = [one for one in measure(settings, size, _TIMED_S) if one.stage == "picture"]
    except CoachError as error:
        yield Finding("speed", "bad", str(error), model_remedy(settings))
        return
    yield from (_judged(one, settings.camera.fps) for one in readings)


def _judged(reading: Reading, camera_fps: float) -> Finding:
    fps = 1000 / reading.p95_ms
    what, says = f'speed, pose.effort = "{reading.effort}"', f"{fps:.0f} pictures a second"
    if fps >= camera_fps:
        return Finding(what, "ok", f"{says}: all of the {camera_fps:.0f} that the camera is asked for")
    if fps >= TIMING_FPS:
        return Finding(what, "ok", f"{says}: enough for everything; of the camera's {camera_fps:.0f} some are left out")
    cheaper = reading.effort != EFFORTS[0]
    remedy = f'pose.effort = "{EFFORTS[0]}"' if cheaper else "close other programs, and plug the machine in"
    if fps < STRIDES_FPS:
        return Finding(what, "bad", f"{says}: too few for a stride, which needs {STRIDES_FPS:.0f}", remedy)
    return Finding(what, "note", f"{says}: heel lift, but no contact times, which need {TIMING_FPS:.0f}", remedy)


@dataclass(frozen=True, slots=True)
class Delays:
    """From lighting or darkening the square to the first picture in hand that shows it."""

    ms: FloatArray
    """(N,), one a change that was seen."""
    period_ms: float
    """From one picture to the next. A change waits up to so long for the next picture; that is part of the delay."""


def glass_to_glass(settings: Settings, source: str) -> Iterator[Finding]:
    """Flash a square on the screen and look for it with the camera. Opens window and camera, for about 20 s."""
    what = "screen to camera"
    if not has_display():
        yield Finding(what, "bad", "there is no display to flash on", "run it on the desktop, not over ssh")
        return
    from coach.edges.screen import open_screen  # noqa: PLC0415 - pygame's window loads only where it is wanted

    try:
        with (
            closing(_opened(settings, source or settings.camera.source)) as camera,
            closing(open_screen(settings.screen, settings.units, words_of(settings))) as window,
        ):

            def flash(lit: bool) -> None:
                if not window.flash(lit=lit) or UserCommand.FINISH in window.commands():
                    raise SourceError("the window was closed before all flashes were seen")

            delays = flashed(camera, flash)
            name = camera.info.name
    except CoachError as error:
        yield Finding(what, "bad", str(error), "turn the camera to this screen, a hand's breadth away, and try again")
        return
    median_ms, late_ms = (float(value) for value in np.percentile(delays.ms, (50, 95)))
    says = (
        f"{median_ms:.0f} ms through {name}, 95 % within {late_ms:.0f} ms ({len(delays.ms)} flashes, a picture every "
    )
    yield Finding(what, "ok", f"{says}{delays.period_ms:.0f} ms)")
    yield from _with_analysis(median_ms, settings)


def _with_analysis(median_ms: float, settings: Settings) -> Iterator[Finding]:
    """What the runner waits for, with the network and the coach in between."""
    size = settings.camera.width, settings.camera.height
    effort = EFFORTS[0] if settings.pose.effort == "auto" else settings.pose.effort
    try:
        readings = measure(settings, size, _TIMED_S)
        picture = next(one for one in readings if (one.effort, one.stage) == (effort, "picture"))
    except CoachError as error:
        yield Finding("glass to glass", "bad", str(error), model_remedy(settings))
        return
    whole_ms = median_ms + picture.p50_ms
    says = f"{whole_ms:.0f} ms from the runner to the screen, {picture.p50_ms:.0f} of them analysis ({effort})"
    if whole_ms <= _SLOW_MS:
        yield Finding("glass to glass", "ok", says)
    else:
        remedy = "a camera on a cable, not a stream; more light; a screen without picture enhancement"
        yield Finding("glass to glass", "note", f"{says}: the leg that you see is not where yours is", remedy)


def flashed(camera: FrameSource, flash: Callable[[bool], None], flashes: int = FLASHES) -> Delays:
    """Light and darken the square so many times, and time each change until a picture shows it.

    `flash` shows the square lit or dark. Raises SourceError where the camera does not see it, or stops.
    """
    # Between two flashes nothing moves, which is no machine that repeats its pictures.
    camera = camera.source if isinstance(camera, NewPictures) else camera
    rng, pictures = np.random.default_rng(1), _pictures(camera)
    square = _found(pictures, flash, camera.info.name)
    period_s = _period_s(pictures)
    delays_s: list[float] = []
    for change in range(flashes):
        lit = change % 2 == 0
        before = _level_after(pictures, rng.uniform(*_BETWEEN_S), square)
        # A picture has just come: without a pause of any length all changes would fall into the same moment of it.
        time.sleep(rng.uniform(0.0, period_s))
        flash(lit)
        changed_s = time.monotonic()
        for frame in pictures:
            seen_s = time.monotonic()
            step = (square.level(frame.image_bgr) - before) * (1 if lit else -1)
            if step >= square.step / 2:
                delays_s.append(seen_s - changed_s)
                break
            if seen_s - changed_s > _MISSED_S:
                break
    if flashes - len(delays_s) > min(_MISSED_MOST, flashes // 4):
        raise SourceError(
            f"{camera.info.name} saw {len(delays_s)} of {flashes} flashes; hold it still, and dim the room"
        )
    return Delays(1000 * np.array(delays_s), 1000 * period_s)


@dataclass(frozen=True, slots=True)
class _Square:
    """Where in the small picture the square is, and by how many grey levels it changes there."""

    mask: NDArray[np.bool_]
    step: float

    def level(self, image_bgr: ImageBGR) -> float:
        return float(_small(image_bgr)[self.mask].mean())


def _found(pictures: Iterator[Frame], flash: Callable[[bool], None], name: str) -> _Square:
    """Show it dark and lit, and see what changes with it."""
    seen: dict[bool, list[FloatArray]] = {False: [], True: []}
    for lit in _LEARNING:
        flash(lit)
        until_s = time.monotonic() + _LEARNED_S
        frames = list(_until(pictures, until_s))
        settled = frames[len(frames) // 2 :]
        seen[lit].append(np.mean([_small(frame.image_bgr) for frame in settled], axis=0))
    flash(False)
    # What changes with the square does so both times; somebody who walks by does it once.
    change = np.minimum(*(lit - dark for dark, lit in zip(seen[False], seen[True], strict=True)))
    change = cv2.blur(change, (5, 5))
    if change.max() < _SEEN_LEVELS:
        raise SourceError(f"{name} does not see the square that flashes in the window")
    mask = change >= change.max() / 2
    return _Square(mask, float(change[mask].mean()))


def _level_after(pictures: Iterator[Frame], pause_s: float, square: _Square) -> float:
    """Let time pass; the level of the last picture: a camera's exposure drifts."""
    level = 0.0
    for frame in _until(pictures, time.monotonic() + pause_s):
        level = square.level(frame.image_bgr)
    return level


def _period_s(pictures: Iterator[Frame]) -> float:
    times_s = [frame.t_s for frame in islice(pictures, 16)]
    return float(np.median(np.diff(times_s)))


def _until(pictures: Iterator[Frame], until_s: float) -> Iterator[Frame]:
    """Pictures up to a moment of the monotonic clock, one at least."""
    for frame in pictures:
        yield frame
        if time.monotonic() >= until_s:
            return


def _pictures(camera: FrameSource) -> Iterator[Frame]:
    """Its frames. Raises SourceError where they end or stay away."""
    for item in camera.frames():
        if not isinstance(item, Frame):
            break
        yield item
    raise SourceError(f"{camera.info.name} gives no pictures any more; plug it in again")


def _small(image_bgr: ImageBGR) -> FloatArray:
    """(h, 160) grey levels of a picture."""
    step = max(image_bgr.shape[1] // _WIDTH_PX, 1)
    return np.asarray(image_bgr[::step, ::step, 1], np.float64)


def _opened(settings: Settings, wanted: str) -> FrameSource:
    """The camera that is named, or the first there is. Raises SourceError."""
    if not (wanted := wanted.strip()):
        devices = list_cameras()
        if not devices:
            raise SourceError("there is no camera; plug one in, or name a phone: --source http://PHONE:PORT/video")
        wanted = camera_spec(devices[0], devices)
    source = open_source(wanted, realtime=True, camera=settings.camera)
    if not source.info.live:
        source.close()
        raise SourceError(f"{wanted} is no camera: a file's pictures come when they are asked for")
    return source
