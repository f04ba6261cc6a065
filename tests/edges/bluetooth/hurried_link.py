"""What the tests of the treadmill, the strap and the radio share: haste, a clock with leaps, and patience."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

from coach.edges.bluetooth.link import LinkState, Patience
from coach.edges.bluetooth.treadmill_link import HeartMonitor, TreadmillSpeed
from coach.languages import load_words
from tests.edges.fake_gatt import Peripheral, World

WORDS = load_words("en")
HURRIED = Patience(scan_s=0.05, connect_s=60.0, silence_s=12.0, first_wait_s=0.01, longest_wait_s=0.05, look_s=0.01)


class Clock:
    """A clock that goes in leaps alone: however long a busy machine takes, nothing has fallen silent meanwhile."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return self.ahead_s


def told(link: TreadmillSpeed) -> tuple[str, ...]:
    """What has changed, as the terminal gets it."""
    return tuple(notice.text(WORDS, "metric") for notice in link.notices())


def eventually(holds: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until something holds; fail where it never does."""
    ends_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends_s, "it never came to pass"
        time.sleep(0.005)


def lost_beside_a_neighbour(
    world: World, own: Peripheral, neighbour: Peripheral, link: HeartMonitor | TreadmillSpeed
) -> None:
    """The own device goes while a neighbour's is in reach: it is looked for again and again, and no other taken."""
    world.peripherals.append(neighbour)

    own.drop(vanish=True)
    eventually(lambda: link.state is LinkState.LOST)
    scans = world.scans
    eventually(lambda: world.scans >= scans + 5)
    assert neighbour.connections == 0


def data(speed_kmh: float, incline_pct: float = 1.0, elapsed_s: int = 0) -> bytes:
    """A treadmill data packet: speed, inclination with ramp angle, elapsed time."""
    return struct.pack("<HHhhH", 1 << 3 | 1 << 10, round(100 * speed_kmh), round(10 * incline_pct), 0x7FFF, elapsed_s)


def connected(link: TreadmillSpeed) -> None:
    eventually(lambda: link.state is LinkState.CONNECTED)
