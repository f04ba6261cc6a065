"""The outputs of a live run, one table of them, and the thread that serves them all.

`json`, `osc` and `lsl` are chosen by name, some with more behind a colon. OSC and LSL need their libraries, which are
extras. Nothing leaves the machine unless an address of another one, or `lsl:network`, was asked for.
"""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import socket
import stat
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from coach.core.notices import Notice, NoticeKind
from coach.edges.live_out.live_message import FRAME_NUMBERS
from coach.errors import ConfigError
from coach.paths import from_home
from coach.ports import LiveMessage, LiveOut, LiveValue
from coach.private import why_no_file

_log = logging.getLogger(__name__)

OSC_ADDRESS: Final = ("127.0.0.1", 9000)
STREAM_NAME: Final = "Coach"
MARKERS_NAME: Final = "CoachMarkers"
_LSL_ON_THIS_MACHINE: Final = "[multicast]\nResolveScope = machine\nAddressesOverride = {127.0.0.1}\n"
_LSL_QUIET: Final = "[log]\nlevel = -2\n"
_RETRY_S: Final = 0.5
_WAITING: Final = 512
"""Messages that may wait for a slow receiver; the oldest goes first."""
_CLOSE_S: Final = 2.0


class JsonLines:
    """One JSON object a line: `kind`, `t_s`, `unix_s` (seconds since 1970), then the message's values."""

    def __init__(self, path: Path | None) -> None:
        """`path`: a file, or a pipe that somebody may read; None is standard output."""
        self._path = path
        self._file: int | None = sys.stdout.fileno() if path is None else None
        self._retry_s = -math.inf
        self._cut = False
        """Whether the last line was written in part, on a disk that filled up."""

    def send(self, message: LiveMessage) -> None:
        """Write a line; while nobody reads a pipe, or reads too slowly, it is dropped whole.

        Raises OSError where it could not be written, such as on a full disk; the next may be.
        """
        unix_s = round(time.time() - message.ago_s, 6)
        content = {"kind": message.kind, "t_s": round(message.t_s, 6), "unix_s": unix_s, **message.values}
        file = self._opened()
        if file is None:
            return
        line = b"\n" * self._cut + (json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n").encode()
        try:
            # A line is shorter than PIPE_BUF, so a pipe takes it whole or not at all.
            self._cut = os.write(file, line) < len(line)
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.close()

    def close(self) -> None:
        """Close the file; standard output is left as it is."""
        file, self._file = self._file, None
        if file is not None and self._path is not None:
            os.close(file)

    def _opened(self) -> int | None:
        if self._file is not None or self._path is None:
            return self._file
        now_s = time.monotonic()
        if now_s < self._retry_s:
            return None
        self._retry_s = now_s + _RETRY_S
        try:
            self._file = os.open(self._path, _how_to_open(self._path), 0o600)
        except OSError:
            if not _is_pipe(self._path):
                raise
        return self._file


def _is_pipe(path: Path) -> bool:
    return path.exists() and stat.S_ISFIFO(path.stat().st_mode)


def _how_to_open(path: Path) -> int:
    """A pipe is never waited for; a file begins anew."""
    if _is_pipe(path):
        return os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)
    return os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Osc:
    """Open Sound Control by UDP: `/coach/frame` and so on, bundled with the moment at which it was."""

    def __init__(self, host: str, port: int) -> None:
        """`host`: its numeric address. Raises ConfigError without the library."""
        try:
            from pythonosc.osc_bundle_builder import OscBundleBuilder  # noqa: PLC0415 - an extra
            from pythonosc.osc_message_builder import OscMessageBuilder  # noqa: PLC0415
            from pythonosc.udp_client import UDPClient  # noqa: PLC0415
        except ImportError:
            raise ConfigError("OSC needs one more package: pip install 'treadmill-coach[osc]'") from None
        self._client = UDPClient(host, port)
        self._bundle, self._message = OscBundleBuilder, OscMessageBuilder

    def send(self, message: LiveMessage) -> None:
        """Send one datagram: `t_s` as a double, then the values in their order; what is not known is NaN or empty.

        Raises OSError where the network does not take it; the next may get through.
        """
        built = self._message(f"/coach/{message.kind}")
        built.add_arg(message.t_s, "d")
        for name, value in message.values.items():
            _put_osc(built, name, value)
        bundle = self._bundle(time.time() - message.ago_s)  # type: ignore[arg-type]  # any time will do
        bundle.add_content(built.build())
        with suppress(ConnectionRefusedError):  # nobody listens now
            self._client.send(bundle.build())

    def close(self) -> None:
        """Close the socket."""
        self._client._sock.close()  # noqa: SLF001 - the library has no call for it


def _put_osc(built: Any, name: str, value: LiveValue) -> None:
    """One argument, whose type is that of its name: unknown numbers are NaN, unknown words empty."""
    if isinstance(value, bool):
        built.add_arg(value)
    elif isinstance(value, str):
        built.add_arg(value, "s")
    elif name == "side":
        built.add_arg("", "s")
    else:
        built.add_arg(math.nan if value is None else float(value), "f")


class Lsl:
    """Two Lab Streaming Layer streams: the numbers of every frame, and a line of JSON for everything else."""

    def __init__(self, *, network: bool) -> None:
        """`network`: announced beyond this machine, too. Raises ConfigError without the library."""
        try:
            import pylsl  # noqa: PLC0415 - an extra
        except (ImportError, RuntimeError):
            raise ConfigError("LSL needs one more package: pip install 'treadmill-coach[lsl]'") from None
        pylsl.set_config_content(_LSL_QUIET + ("" if network else _LSL_ON_THIS_MACHINE))
        self._clock = pylsl.local_clock
        frames = pylsl.StreamInfo(STREAM_NAME, "Gait", len(FRAME_NUMBERS), 0.0, "float32", "coach-gait")
        channels = frames.desc().append_child("channels")
        for name in FRAME_NUMBERS:
            channels.append_child("channel").append_child_value("label", name)
        self._frames = pylsl.StreamOutlet(frames)
        self._markers = pylsl.StreamOutlet(pylsl.StreamInfo(MARKERS_NAME, "Markers", 1, 0.0, "string", "coach-markers"))

    def send(self, message: LiveMessage) -> None:
        """Push a sample, stamped on LSL's clock with the moment at which it was; NaN is what is not known."""
        at_s = self._clock() - message.ago_s
        if message.kind == "frame":
            numbers = (message.values[name] for name in FRAME_NUMBERS)
            self._frames.push_sample([math.nan if n is None else float(n) for n in numbers], at_s)
            return
        content = {"kind": message.kind, "t_s": round(message.t_s, 6), **message.values}
        self._markers.push_sample([json.dumps(content, ensure_ascii=False, allow_nan=False)], at_s)

    def close(self) -> None:
        """Take the streams away."""
        for name in ("_frames", "_markers"):
            self.__dict__.pop(name, None)


def _json(rest: str) -> LiveOut:
    path = from_home(rest) if rest else None
    if path is not None:
        _require_writable(path)
    return JsonLines(path)


def _require_writable(path: Path) -> None:
    """Nothing is opened yet: a run that is refused for something else leaves an old file as it is."""
    if problem := why_no_file(path):
        raise ConfigError(problem)
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise ConfigError(f"cannot write {path}; name a file or a named pipe that may be written")


def _osc(rest: str) -> LiveOut:
    host, _, port = rest.rpartition(":") if rest else (OSC_ADDRESS[0], "", str(OSC_ADDRESS[1]))
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"osc:{rest} is no address; write osc:HOST:PORT, such as osc:127.0.0.1:9000")
    return Osc(_numeric(host.removeprefix("[").removesuffix("]"), int(port)), int(port))


def _numeric(host: str, port: int) -> str:
    """Its address, looked up once: by name it would be asked for anew with every message."""
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError):
        detail = "switch on the network, or write its number, such as osc:192.168.1.20:9000"
        raise ConfigError(f"osc: no host {host} is found; {detail}") from None


def _lsl(rest: str) -> LiveOut:
    if rest not in {"", "network"}:
        raise ConfigError(f"lsl:{rest} is not known; write lsl, or lsl:network to announce it beyond this machine")
    return Lsl(network=rest == "network")


OUTPUTS: Final[Mapping[str, Callable[[str], LiveOut]]] = {"json": _json, "osc": _osc, "lsl": _lsl}
"""Every output there is, by the name before its colon."""


def open_output(asked: str) -> LiveOut:
    """An output as `--live-out` names it. Raises ConfigError for one that is not known, or lacks its library."""
    name, _, rest = asked.partition(":")
    if name not in OUTPUTS:
        raise ConfigError(f"--live-out {asked} is not known; there are {', '.join(OUTPUTS)}")
    return OUTPUTS[name](rest)


class LiveTeller:
    """Serves all outputs in a thread of its own: `tell` never waits, and a slow receiver loses the oldest messages."""

    def __init__(self, outputs: Sequence[tuple[str, LiveOut]]) -> None:
        """`outputs`: each with the name that it was asked for by."""
        self._outputs = tuple(outputs)
        self._failed: set[str] = set()
        self._waiting: queue.Queue[LiveMessage | None] = queue.Queue(_WAITING)
        self._notices: deque[Notice] = deque(maxlen=20)
        self._thread = threading.Thread(target=self._work, name="live out", daemon=True)
        self._thread.start()

    def tell(self, message: LiveMessage) -> None:
        """Have it told to everybody."""
        self._put(message)

    def notices(self) -> tuple[Notice, ...]:
        """Which output failed for the first time since the last call."""
        return tuple(self._notices.popleft() for _ in range(len(self._notices)))

    def close(self) -> None:
        """Tell what is waiting, then let go of all. May be called twice."""
        if self._thread.is_alive():
            self._put(None)
            self._thread.join(_CLOSE_S)

    def _put(self, message: LiveMessage | None) -> None:
        while True:
            try:
                self._waiting.put_nowait(message)
            except queue.Full:
                with suppress(queue.Empty):
                    self._waiting.get_nowait()
            else:
                return

    def _work(self) -> None:
        while (message := self._waiting.get()) is not None:
            for name, output in self._outputs:
                try:
                    output.send(message)
                except OSError as error:
                    self._tell_once(name, error)
        for _, output in self._outputs:
            output.close()

    def _tell_once(self, name: str, error: OSError) -> None:
        """A network that is away for a moment, or a disk that is full, costs its messages and no others."""
        if name not in self._failed:
            self._failed.add(name)
            _log.info("live out %s: %s", name, error)
            detail = f"{name}: {error.strerror or error}"
            self._notices.append(Notice(NoticeKind.COMPANION, "screen.live_out_lost", detail))
