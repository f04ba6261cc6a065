"""What goes along with a live run: the heart rate comes in; a watch and other programs are told what is measured.

None of it changes what is measured or coached, and none of it can hold up the run: every part keeps a thread of its own
or never waits. What is wrong with one is a notice, and the others go on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from coach.app.speed_sources import SpeedSources
from coach.core.gait import Activity
from coach.core.gait.quality import Trust
from coach.core.heart import HeartRate
from coach.core.notices import Notice
from coach.core.pipeline import Update
from coach.errors import ConfigError
from coach.ports import HeartSource, LiveMessage, LiveOut
from coach.settings import Settings

TAKES_STANDARD_OUTPUT: Final = "json"
"""The live output that does."""
_AT_REST: Final = frozenset({Activity.AWAY, Activity.STANDING})


class _Monitor(HeartSource, Protocol):
    """A heart source of its own."""

    def notices(self) -> tuple[Notice, ...]: ...

    def close(self) -> None: ...


class _Pod(Protocol):
    """What a watch takes for a foot pod."""

    def tell(self, speed_mps: float, cadence_spm: float, *, running: bool) -> None: ...

    def notices(self) -> tuple[Notice, ...]: ...

    def close(self) -> None: ...


class _Teller(Protocol):
    """What serves the live outputs."""

    def tell(self, message: LiveMessage) -> None: ...

    def notices(self) -> tuple[Notice, ...]: ...

    def close(self) -> None: ...


class Companions:
    """All of them as one. `see` is called in the analysis thread, the rest from anywhere."""

    def __init__(
        self,
        hearts: Sequence[HeartSource] = (),
        monitor: _Monitor | None = None,
        pod: _Pod | None = None,
        teller: _Teller | None = None,
    ) -> None:
        """`hearts`: who tells a heart rate besides the monitor, which is trusted most."""
        self._hearts: tuple[HeartSource, ...] = (*([monitor] if monitor else []), *hearts)
        self._pod, self._teller = pod, teller
        self._owned = tuple(part for part in (monitor, pod, teller) if part is not None)

    def heart(self, t_s: float) -> HeartRate | None:
        """The heart rate by the first source that knows it; None where none does. Never blocks."""
        told = (source.heart(t_s) for source in self._hearts)
        return next((rate for rate in told if rate is not None), None)

    def see(self, update: Update, ago_s: float = 0.0) -> None:
        """Tell on what one frame changed. `ago_s`: how long ago it was grabbed."""
        if self._pod is not None:
            self._pod.tell(*_pace(update), running=update.gait.activity is Activity.RUNNING)
        if self._teller is not None:
            from coach.edges.live_out.live_message import messages_of  # noqa: PLC0415 - for this alone

            for message in messages_of(update, self.heart(update.t_s), ago_s):
                self._teller.tell(message)

    def notices(self) -> tuple[Notice, ...]:
        """What they have to tell since the last call."""
        return tuple(notice for part in self._owned for notice in part.notices())

    def close(self) -> None:
        """Let go of all of them. May be called twice."""
        for part in self._owned:
            part.close()


def _pace(update: Update) -> tuple[float, float]:
    """Speed in m/s and cadence in steps a minute, as a foot pod tells them: a shoe that rests does not move."""
    gait = update.gait
    if gait.activity in _AT_REST:
        return 0.0, 0.0
    trusted = gait.trust is Trust.MEASURING
    return (math.nan if update.belt is None else update.belt.believed_mps), (gait.cadence_spm if trusted else math.nan)


def open_companions(settings: Settings, speed: SpeedSources, heart_memory: Path | None) -> Companions:
    """Those that the settings ask for. `heart_memory`: a file that remembers the monitor used last.

    Raises ConfigError for an output that is not known, or lacks its library.
    """
    teller = _open_teller(settings.live_out.to)
    monitor: _Monitor | None = None
    pod: _Pod | None = None
    if settings.heart.bluetooth:
        from coach.edges.bluetooth.treadmill_link import HeartMonitor  # noqa: PLC0415 - asyncio, for this alone

        monitor = HeartMonitor(settings.heart.address, heart_memory)
    if settings.foot_pod.advertise:
        from coach.edges.bluetooth.foot_pod import FootPod  # noqa: PLC0415

        pod = FootPod(settings.foot_pod)
    return Companions(speed.hearts, monitor, pod, teller)


def _open_teller(asked: Sequence[str]) -> _Teller | None:
    """The thread that tells other programs; None where none is asked for."""
    if not asked:
        return None
    from coach.edges.live_out.outputs import LiveTeller, open_output  # noqa: PLC0415

    if len(set(asked)) < len(asked):
        raise ConfigError("--live-out names an output twice; name each once")
    opened: list[tuple[str, LiveOut]] = []
    try:
        opened += ((name, open_output(name)) for name in asked)
    except BaseException:
        for _, output in opened:
            output.close()
        raise
    return LiveTeller(opened)
