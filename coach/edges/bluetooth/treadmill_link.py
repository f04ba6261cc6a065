"""What is heard over Bluetooth: the treadmill as a source of belt speed, and a heart-rate monitor.

Both listen and never write.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from coach.core.coach_settings import TreadmillSettings
from coach.core.heart import HeartFeed, HeartOrigin, HeartRate
from coach.core.notices import Notice, NoticeKind
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.speed.treadmill_feed import TreadmillFeed
from coach.core.units import METRES_PER_MILE, Units
from coach.core.words import Words
from coach.edges.bluetooth.link import Link, LinkState, Patience, Wanted
from coach.edges.bluetooth.radio import (
    HEART_RATE_MEASUREMENT,
    RSC_MEASUREMENT,
    TREADMILL_DATA,
    Radio,
    require_extra,
)

_TREADMILL_WORDS: Final = {
    LinkState.CONNECTED: "screen.belt_connected",
    LinkState.LOST: "screen.belt_lost",
    LinkState.UNAVAILABLE: "screen.belt_missing",
}
_HEART_WORDS: Final = {
    LinkState.CONNECTED: "screen.heart_connected",
    LinkState.LOST: "screen.heart_lost",
    LinkState.UNAVAILABLE: "screen.heart_missing",
}


class TreadmillSpeed:
    """A speed source that never raises and never blocks: without extra, radio or treadmill it knows no speed.

    `memory` is a file that remembers the treadmill used last.
    """

    def __init__(
        self,
        settings: TreadmillSettings | None = None,
        memory: Path | None = None,
        *,
        radio: Radio | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        settings = settings or TreadmillSettings(bluetooth=True)
        self._feed = feed = TreadmillFeed(mph=settings.unit == "mph")
        wanted = Wanted(
            "treadmill",
            "speed",
            "treadmill.address",
            ((TREADMILL_DATA, feed.treadmill_packet), (RSC_MEASUREMENT, feed.foot_pod_packet)),
            NoticeKind.TREADMILL,
            _TREADMILL_WORDS,
        )
        self._link = Link(wanted, settings.address, memory, radio=radio, patience=patience, clock=clock)

    @property
    def state(self) -> LinkState:
        """How the link stands now."""
        return self._link.state

    def current(self, t_s: float) -> BeltSpeed | None:  # noqa: ARG002 - see below
        """The newest speed with its age.

        The age is counted on the clock that stamps the packets, since a session's time may stand still or start
        at 0; `t_s` is not needed.
        """
        with self._link.lock:
            return self._feed.current(self._link.clock())

    def heart(self, t_s: float) -> HeartRate | None:  # noqa: ARG002 - as above
        """The heart rate that the treadmill tells of its own; None where it tells none."""
        with self._link.lock:
            return self._feed.heart(self._link.clock())

    def notices(self) -> tuple[Notice, ...]:
        """What has changed about the link since the last call, oldest first."""
        return self._link.notices()

    def reading(self, units: Units) -> str:
        """All that the treadmill tells now, in one line."""
        with self._link.lock:
            now_s = self._link.clock()
            speed, data, heart = self._feed.current(now_s), self._feed.latest, self._feed.heart(now_s)
        if speed is None:
            return "no speed yet"
        parts = [Words().speed(speed.speed_mps, units), f"{speed.age_s:.0f} s old"]
        parts += [f"{speed.incline_pct:.1f} %"] if math.isfinite(speed.incline_pct) else []
        parts += [_distance(data.distance_m, units)] if math.isfinite(data.distance_m) else []
        parts += [f"{data.elapsed_s:.0f} s"] if math.isfinite(data.elapsed_s) else []
        parts += [f"{heart.bpm:.0f} bpm"] if heart is not None else []
        return " · ".join(parts)

    def close(self) -> None:
        """Drop the link. May be called twice."""
        self._link.close()


class HeartMonitor:
    """A strap, armband or watch that sends its heart rate. It never raises and never blocks.

    `memory` is a file that remembers the monitor used last, so that in a full gym the runner's own is taken again.
    """

    def __init__(
        self,
        address: str = "",
        memory: Path | None = None,
        *,
        radio: Radio | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = HeartFeed(HeartOrigin.MONITOR)
        wanted = Wanted(
            "heart-rate monitor",
            "heart rate",
            "heart.address",
            ((HEART_RATE_MEASUREMENT, self._feed.packet),),
            NoticeKind.HEART,
            _HEART_WORDS,
        )
        self._link = Link(wanted, address, memory, radio=radio, patience=patience, clock=clock)

    @property
    def state(self) -> LinkState:
        """How the link stands now."""
        return self._link.state

    def heart(self, t_s: float) -> HeartRate | None:  # noqa: ARG002 - its age is counted on the link's clock
        """The newest rate while it is fresh."""
        with self._link.lock:
            return self._feed.current(self._link.clock())

    def notices(self) -> tuple[Notice, ...]:
        """What has changed about the link since the last call, oldest first."""
        return self._link.notices()

    def close(self) -> None:
        """Drop the link. May be called twice."""
        self._link.close()


def _distance(metres: float, units: Units) -> str:
    return f"{metres / METRES_PER_MILE:.2f} mi" if units == "imperial" else f"{metres:.0f} m"


def watch(
    report: Callable[[Notice | str], None],
    units: Units,
    settings: TreadmillSettings | None = None,
    memory: Path | None = None,
    *,
    duration_s: float | None = None,
    stop: threading.Event | None = None,
    radio: Radio | None = None,
    patience: Patience | None = None,
) -> bool:
    """What `coach treadmill watch` shows: what changes, and a reading a second; whether a speed was ever heard.

    Ends after `duration_s`, when `stop` is set, or with KeyboardInterrupt. Raises TreadmillError without the extra,
    which no waiting brings.
    """
    require_extra()
    stop = stop or threading.Event()
    ends_s = math.inf if duration_s is None else time.monotonic() + duration_s
    link = TreadmillSpeed(settings, memory, radio=radio, patience=patience)
    try:
        while time.monotonic() < ends_s and not stop.wait(min(1.0, duration_s or 1.0)):
            for notice in link.notices():
                report(notice)
            if link.state is LinkState.CONNECTED:
                report(link.reading(units))
    finally:
        link.close()
    return link.current(0.0) is not None
