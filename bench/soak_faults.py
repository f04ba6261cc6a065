"""What a live run stands on in the soak, and the hands that break it: a table of faults, each with its mending.

Everything above the narrow doors is the real code: camera source, network, coach, window, mixer, speech process, store.
Behind them stand a camera that plays drawn pictures (`tests.edges.faulty_camera`), a Bluetooth world without a radio
(`tests.edges.fake_gatt`), SDL's dummy card, and, where it can be mounted, a small disk that is really full.
"""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pygame

from coach.core.coach_settings import TreadmillSettings
from coach.core.notices import NoticeKind
from coach.core.pipeline import Update
from coach.core.units import kmh
from coach.edges.audio.sound import CueSpeaker
from coach.edges.bluetooth.link import LinkState, Patience
from coach.edges.bluetooth.radio import TREADMILL_DATA
from coach.edges.bluetooth.treadmill_link import TreadmillSpeed
from coach.edges.demo import DemoSource
from coach.edges.store import STORE_FILE
from coach.ports import Frame, ImageBGR, LiveStatus, Screen, Speaker, UserCommand
from tests.edges.fake_gatt import Peripheral, World
from tests.edges.faulty_camera import CameraBench

WIDTH: Final = 640
HEIGHT: Final = 360
FPS: Final = 30.0
SPEED_MPS: Final = 2.8
TELLS_EVERY_S: Final = 0.5
LINK: Final = Patience(scan_s=0.5, connect_s=5, silence_s=6, first_wait_s=0.2, longest_wait_s=2)
"""A treadmill in the next room answers at once; ordinary patience would only make the soak longer."""
SLEEP_S: Final = 12.0
LOCK_S: Final = 60.0
"""Another program waits so long for the store."""
DISK_KB: Final = 64_000
SPEECH: Final = b"speech_engine.py"


def drawn(seconds: float) -> list[bytes]:
    """The demo's runner as JPEGs, small enough to be kept in memory."""
    source = DemoSource(width=WIDTH, height=HEIGHT, fps=FPS, duration_s=seconds)
    pictures = (item.image_bgr for item in source.frames() if isinstance(item, Frame))
    return [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures]


class FilmedCamera(CameraBench):
    """A camera that sees the demo's runner again and again, and may be put in the dark."""

    def __init__(self, pictures: list[bytes]) -> None:
        super().__init__(size=(WIDTH, HEIGHT), period_s=1 / FPS)
        self._pictures = pictures
        self._began_s = time.monotonic()
        self._noise = np.random.default_rng(1)
        self.light = 1.0

    def look(self) -> ImageBGR:
        """What is there now: a late reader misses what was before."""
        if self.frozen and self.picture is not None:
            return self.picture
        number = int((time.monotonic() - self._began_s) * FPS) % len(self._pictures)
        seen = cv2.imdecode(np.frombuffer(self._pictures[number], np.uint8), cv2.IMREAD_COLOR)
        assert seen is not None
        if self.light < 1.0:
            seen = cv2.convertScaleAbs(seen, alpha=self.light)
        # A sensor's noise never repeats.
        seen[:8, :8] = self._noise.integers(0, 32, (8, 8, 3))
        self.picture = seen.astype(np.uint8)
        return self.picture


class Treadmill:
    """A treadmill that tells its speed while somebody is connected."""

    def __init__(self, memory: Path) -> None:
        self.world = World([Peripheral()])
        self.link = TreadmillSpeed(TreadmillSettings(bluetooth=True), memory, radio=self.world.radio(), patience=LINK)
        self.speed_mps = SPEED_MPS
        self.hung = False
        self.babbles = False
        self._rng = random.Random(1)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="treadmill", daemon=True)
        self._thread.start()

    @property
    def itself(self) -> Peripheral:
        """The machine."""
        return self.world.peripherals[0]

    def well(self) -> bool:
        """Whether a fresh speed is known."""
        speed = self.link.current(time.monotonic())
        return self.link.state is LinkState.CONNECTED and speed is not None and speed.age_s < 4 * TELLS_EVERY_S

    def close(self) -> None:
        """Switch it off."""
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._over.wait(TELLS_EVERY_S):
            if self.itself.client is None or self.hung:
                continue
            packet = struct.pack("<HH", 0, round(100 * kmh(self.speed_mps)))
            if self.babbles:
                packet = self._rng.randbytes(self._rng.randrange(24))
            with suppress(AssertionError, RuntimeError):  # the link may end in between
                self.itself.notify(TREADMILL_DATA, packet)


class Hands:
    """The runner's hands on the keys: a screen that asks for more than its own window does."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._asked: list[UserCommand] = []
        self.shown_s = -math.inf

    @property
    def is_open(self) -> bool:
        """Whether there is a window now."""
        return bool(getattr(self._screen, "is_open", True))

    def press(self, *commands: UserCommand) -> None:
        """From any thread."""
        self._asked += commands

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        """Show it."""
        self._screen.show(frame, update, status)
        self.shown_s = time.monotonic()

    def commands(self) -> tuple[UserCommand, ...]:
        """Keys of both."""
        asked, self._asked = tuple(self._asked), []
        return asked + self._screen.commands()

    def close(self) -> None:
        """Close the window."""
        self._screen.close()


@dataclass
class Stand:
    """All that can be broken."""

    camera: FilmedCamera
    treadmill: Treadmill
    hands: Hands
    speaker: Speaker
    folder: Path
    """Where store and recordings lie."""
    small_disk: bool
    """Whether that is a disk of its own, which may be filled."""
    written_s: Callable[[], float]
    """How far the session is in the store."""
    said: int = 0
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def sounds(self) -> bool:
        """Whether the runner hears what was set."""
        return self.speaker.trouble() is None

    def say_something_new(self) -> None:
        """A line that was never rendered, so that speech has to work."""
        self.said += 1
        self.speaker.say_line(f"line number {self.said}")


Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    begin: Step
    end: Step
    well: Callable[[], bool]
    """Whether what was broken works again; that pictures are analysed again is asked of every fault."""
    lasts_s: float = 2.0
    limit_s: float = 60.0
    """So long it may take until all is well again."""


def _nothing() -> None:
    """Nothing is to be done."""


def _well() -> bool:
    """Nothing but the pictures is to be waited for."""
    return True


def faults(stand: Stand) -> list[Fault]:
    """Every fault that can be made on this machine."""
    return [*_of_camera(stand), *_of_treadmill(stand), *_of_sound(stand), *_of_runner(stand), *_of_machine(stand)]


def _of_camera(stand: Stand) -> Iterator[Fault]:
    camera = stand.camera
    yield Fault("camera unplugged", _set(camera, plugged=False), _set(camera, plugged=True), _well, 3.0)
    yield Fault("camera taken by another program", lambda: _take(camera), _set(camera, busy=False), _well, 3.0)
    yield Fault("camera frozen", _set(camera, frozen=True), _set(camera, frozen=False), _well, 4.0)
    yield Fault("camera hangs", camera.unblocked.clear, camera.unblocked.set, _well, 3.0)
    yield Fault("camera hangs for long", camera.hang_open_handles, _set(camera, hanging_below=-1), _well, 12.0)
    yield Fault("light out", _set(camera, light=0.1), _set(camera, light=1.0), _well, 4.0)


def _set(what: object, **values: object) -> Step:
    """Set these attributes."""

    def step() -> None:
        for name, value in values.items():
            setattr(what, name, value)

    return step


def _take(camera: FilmedCamera) -> None:
    """Another program has it, and ours loses it."""
    camera.busy, camera.plugged = True, False
    threading.Timer(0.3, _set(camera, plugged=True)).start()


def _of_treadmill(stand: Stand) -> Iterator[Fault]:
    treadmill = stand.treadmill

    def off() -> None:
        treadmill.itself.drop(vanish=True)

    def radio_off() -> None:
        treadmill.world.trouble = OSError("the adapter is off")
        treadmill.itself.drop()

    def faster() -> None:
        treadmill.speed_mps = 2.8 + 0.08 * (stand.said % 3)
        stand.said += 1

    yield Fault("treadmill link dropped", treadmill.itself.drop, _nothing, treadmill.well)
    yield Fault("treadmill switched off", off, _set(treadmill.itself, visible=True), treadmill.well, 4.0)
    yield Fault("radio off", radio_off, _set(treadmill.world, trouble=None), treadmill.well, 4.0)
    yield Fault("treadmill silent", _set(treadmill, hung=True), _set(treadmill, hung=False), treadmill.well, 8.0)
    yield Fault("treadmill babbles", _set(treadmill, babbles=True), _set(treadmill, babbles=False), treadmill.well, 4.0)
    yield Fault("belt changes its speed", faster, _nothing, treadmill.well)


def _of_sound(stand: Stand) -> Iterator[Fault]:
    def no_card() -> None:
        os.environ["SDL_AUDIODRIVER"] = "nosuch"
        if isinstance(stand.speaker, CueSpeaker) and (mixer := stand.speaker._mixer) is not None:
            # A card goes between two calls of the mixer, never inside one: SDL itself would end the process.
            with mixer._lock:
                pygame.mixer.quit()

    def card() -> None:
        os.environ["SDL_AUDIODRIVER"] = "dummy"

    def heard() -> bool:
        trouble = stand.speaker.trouble()
        return trouble is None or trouble.kind is not NoticeKind.SOUND

    yield Fault("sound card gone", no_card, card, heard, 3.0, 120.0)
    yield Fault("speech killed", lambda: _speech(stand, signal.SIGKILL), stand.say_something_new, stand.sounds, 0.5)
    yield Fault(
        "speech hangs",
        lambda: _speech(stand, signal.SIGSTOP),
        lambda: _speech(stand, signal.SIGCONT),
        stand.sounds,
        4.0,
    )


def _speech(stand: Stand, number: int) -> None:
    """Do this to the speech process while it has something to do."""
    stand.say_something_new()
    for pid in children():
        with suppress(OSError):
            if SPEECH in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, number)


def children() -> list[int]:
    """Processes that this one has started."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text("ascii").split())
    return found


def _of_runner(stand: Stand) -> Iterator[Fault]:
    def press(*commands: UserCommand) -> Step:
        return lambda: stand.hands.press(*commands)

    yield Fault("paused", press(UserCommand.PAUSE), press(UserCommand.PAUSE), _well, 3.0)
    yield Fault("muted", press(UserCommand.MUTE), press(UserCommand.MUTE), _well)
    yield Fault("speed by key", press(UserCommand.FASTER), press(UserCommand.SLOWER), _well)
    keys = UserCommand.BASELINE, UserCommand.SIDE, UserCommand.SNAPSHOT, UserCommand.VIEW
    yield Fault("keys all at once", press(*keys), press(UserCommand.SIDE, UserCommand.SIDE), _well)


def _of_machine(stand: Stand) -> Iterator[Fault]:
    database, filler = stand.folder / STORE_FILE, stand.folder / "filler"

    def stored() -> bool:
        return stand.written_s() < 6.0

    yield Fault("store held by another program", *_holding(database), stored, 4.0)
    yield Fault("store held for long", *_holding(database), stored, 14.0)
    if stand.small_disk:
        yield Fault("disk full", lambda: _fill(filler), filler.unlink, stored, 4.0)
    if os.environ.get("SDL_VIDEODRIVER") != "dummy" and shutil.which("xdotool"):
        closed = ["xdotool", "getwindowfocus", "windowclose"]
        yield Fault("window destroyed", lambda: subprocess.run(closed, check=False, capture_output=True), _nothing,
                    lambda: stand.hands.is_open)  # fmt: skip
    asleep = f"kill -STOP {os.getpid()}; sleep {SLEEP_S}; kill -CONT {os.getpid()}"
    yield Fault(
        "machine asleep", lambda: stand.children.append(subprocess.Popen(["sh", "-c", asleep])), _nothing, _well
    )


_HOLDER: Final = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=float(sys.argv[2]))
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def _holding(database: Path) -> tuple[Step, Step]:
    """Another program that begins to write and does not end; and its end.

    It is a process of its own: SQLite keeps the handles of connections that a process closes while it has another one.
    """
    held: list[subprocess.Popen[bytes]] = []

    def hold() -> None:
        command = [sys.executable, "-c", _HOLDER, str(database), str(LOCK_S)]
        held.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert held[-1].stdout is not None
        held[-1].stdout.readline()

    def let_go() -> None:
        held.pop().communicate()

    return hold, let_go


def _fill(filler: Path) -> None:
    """Leave not a byte."""
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 1):
            with suppress(OSError):
                while file.write(b"\0" * size):
                    pass


@contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A disk of its own at `place`; whether that could be had, as root alone can."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(place)]
    mounted = (
        shutil.which("mount") is not None and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=False)
