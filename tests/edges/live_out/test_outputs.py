"""Live out, received by the real libraries and by the very examples that the docs show."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pylsl
import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

from coach.core.heart import HeartOrigin, HeartRate
from coach.edges.live_out.live_message import FRAME_NUMBERS, messages_of
from coach.edges.live_out.outputs import OSC_ADDRESS, OUTPUTS, JsonLines, LiveTeller, Lsl, Osc, open_output
from coach.errors import ConfigError
from coach.ports import LiveMessage
from tests import kept

PATIENCE_S = 60.0
"""For a machine that does much else."""
ROOT = Path(__file__).parents[3]


def told(duration_s: float = 4.0) -> list[LiveMessage]:
    """What a metronome runner's seconds tell, one cue among them."""
    heart = HeartRate(148.0, HeartOrigin.MONITOR)
    updates = kept.run(duration_s, fps=30, cue_times=(2.0,))
    return [message for update in updates for message in messages_of(update, heart, 0.02)]


def wait_for(holds: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_s, "it never came to pass"
        time.sleep(0.01)


@pytest.fixture
def example() -> Iterator[object]:
    """Starts receivers of `examples/` and ends them."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str, stdin: int | IO[str] | None = None, port: int = OSC_ADDRESS[1]) -> subprocess.Popen[str]:
        program = (ROOT / "examples" / name).read_text("utf-8").replace(str(OSC_ADDRESS[1]), str(port))
        command = [sys.executable, "-c", program]
        started.append(subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout):
            if end is not None:
                end.close()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TestMessages:
    """What is told, whatever tells it."""

    def test_frames_events_strides_and_cues_in_time(self) -> None:
        messages = told()
        assert {message.kind for message in messages} == {"frame", "stride", "cue"}
        frames = [message for message in messages if message.kind == "frame"]
        assert len(frames) == 121
        assert tuple(frames[0].values) == (*FRAME_NUMBERS, "activity", "trust")
        assert frames[0].values["heart_bpm"] == 148.0
        (cue,) = [message for message in messages if message.kind == "cue"]
        assert cue.values == {"cue": "heel_lift_low", "side": None, "text": "Heel up, quick and light"}

    def test_a_stride_is_as_old_as_its_end(self) -> None:
        stride = next(message for message in told() if message.kind == "stride")
        assert stride.ago_s == pytest.approx(0.12, abs=0.04), "it is decided a little after its end"
        assert stride.values["valid"] is True


class TestJson:
    """A line a message."""

    def test_a_file_holds_every_message(self, tmp_path: Path) -> None:
        messages, path, before_s = told(), tmp_path / "live.jsonl", time.time()
        output = JsonLines(path)
        for message in messages:
            output.send(message)
        output.close()
        output.close()

        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert [line["kind"] for line in lines] == [message.kind for message in messages]
        assert before_s - 0.2 <= lines[0]["unix_s"] <= time.time()
        assert max(map(len, path.read_text("utf-8").splitlines())) < 4000, "whole in a pipe"

    def test_a_pipe_may_be_without_a_reader_and_get_one_later(self, tmp_path: Path) -> None:
        pipe = tmp_path / "coach.pipe"
        os.mkfifo(pipe)
        output = open_output(f"json:{pipe}")
        message = told(0.1)[0]
        output.send(message)  # nobody there: dropped at once

        heard: list[str] = []

        def read() -> None:
            with pipe.open() as lines:
                heard.append(lines.readline())

        reader = threading.Thread(target=read)
        reader.start()
        ends_s = time.monotonic() + PATIENCE_S
        while not heard and time.monotonic() < ends_s:
            output.send(message)
            time.sleep(0.02)
        reader.join(PATIENCE_S)
        output.send(message)  # and gone again
        output.close()
        assert json.loads(heard[0])["kind"] == "frame"

    def test_after_a_line_cut_short_by_a_full_disk_the_next_stands_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, write, (first, second, *_) = tmp_path / "live.jsonl", os.write, told(0.2)
        output = JsonLines(path)
        with monkeypatch.context() as full:
            full.setattr(os, "write", lambda file, line: write(file, line[:10]))
            output.send(first)
        output.send(second)
        output.close()
        assert json.loads(path.read_text("utf-8").splitlines()[1])["t_s"] == round(second.t_s, 6)

    def test_the_example_of_the_docs_reads_it(self, tmp_path: Path, example) -> None:  # type: ignore[no-untyped-def]
        path = tmp_path / "live.jsonl"
        output = JsonLines(path)
        for message in told():
            output.send(message)
        output.close()
        with path.open() as lines:
            receiver = example("live_json.py", lines)
            assert receiver.stdout.readline() == "left 98.0\n"


class TestOsc:
    """By UDP on the loopback, read by python-osc."""

    def test_every_kind_arrives_with_its_time_and_types(self) -> None:
        port, heard = free_port(), []
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda address, *values: heard.append((address, values)))
        server = BlockingOSCUDPServer(("127.0.0.1", port), dispatcher)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        messages = told()
        output = open_output(f"osc:127.0.0.1:{port}")
        for message in messages:
            output.send(message)
        output.close()
        wait_for(lambda: len(heard) >= len(messages))
        server.shutdown()
        thread.join(PATIENCE_S)
        server.server_close()

        assert {address for address, _ in heard} == {"/coach/frame", "/coach/stride", "/coach/cue"}
        first = next(values for address, values in heard if address == "/coach/frame")
        assert first[0] == 0.0
        assert first[1] == pytest.approx(messages[0].values["knee_flexion_left_deg"], abs=0.01)
        cue = next(values for address, values in heard if address == "/coach/cue")
        assert cue[1:] == ("heel_lift_low", "", "Heel up, quick and light")

    def test_what_is_not_known_is_nan_and_nobody_listening_no_error(self) -> None:
        output = Osc("127.0.0.1", free_port())
        frame = LiveMessage("frame", 1.0, 0.0, {"knee_flexion_left_deg": None})
        for _ in range(3):
            output.send(frame)
            time.sleep(0.01)
        output.close()

    def test_an_address_in_brackets_is_one(self) -> None:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver:
            try:
                receiver.bind(("::1", 0))
            except OSError:
                pytest.skip("no IPv6 here")
            receiver.settimeout(PATIENCE_S)
            output = open_output(f"osc:[::1]:{receiver.getsockname()[1]}")
            output.send(LiveMessage("event", 1.0, 0.0, {"side": "left", "event": "mid_swing"}))
            output.close()
            assert b"/coach/event" in receiver.recv(999)

    def test_the_example_of_the_docs_hears_it(self, example) -> None:  # type: ignore[no-untyped-def]
        # Not on the port that both have by themselves: somebody else may listen there.
        port = free_port()
        receiver = example("live_osc.py", port=port)
        output = open_output(f"osc:127.0.0.1:{port}")
        line: list[str] = []
        reader = threading.Thread(target=lambda: line.append(receiver.stdout.readline()), daemon=True)
        reader.start()
        ends_s = time.monotonic() + PATIENCE_S
        while reader.is_alive() and time.monotonic() < ends_s:
            output.send(LiveMessage("event", 12.3456, 0.0, {"side": "left", "event": "toe_off"}))
            time.sleep(0.05)
        output.close()
        assert line == ["left toe_off 12.346\n"]


class TestLsl:
    """Read by liblsl's own inlets."""

    def test_frames_and_markers_arrive_on_lsls_clock(self) -> None:
        output = Lsl(network=False)
        frames = pylsl.StreamInlet(pylsl.resolve_byprop("name", "Coach", timeout=PATIENCE_S)[0])
        markers = pylsl.StreamInlet(pylsl.resolve_byprop("name", "CoachMarkers", timeout=PATIENCE_S)[0])
        frames.open_stream(PATIENCE_S)
        markers.open_stream(PATIENCE_S)
        messages, now_s = told(1.0), pylsl.local_clock()
        for message in messages:
            output.send(message)

        numbers, at_s = frames.pull_sample(timeout=PATIENCE_S)
        assert numbers[0] == pytest.approx(messages[0].values["knee_flexion_left_deg"], abs=0.01)
        assert numbers[-1] == 148.0
        assert now_s - 0.1 < at_s < pylsl.local_clock()
        text, _ = markers.pull_sample(timeout=PATIENCE_S)
        assert json.loads(text[0])["kind"] == "stride"
        described = frames.info(PATIENCE_S).desc().child("channels").child("channel")
        assert described.child_value("label") == "knee_flexion_left_deg"
        frames.close_stream()
        markers.close_stream()
        output.close()
        output.close()

    def test_the_example_of_the_docs_hears_it(self, example) -> None:  # type: ignore[no-untyped-def]
        output = open_output("lsl")
        receiver = example("live_lsl.py")
        line: list[str] = []
        reader = threading.Thread(target=lambda: line.append(receiver.stdout.readline()), daemon=True)
        reader.start()
        values = dict.fromkeys(FRAME_NUMBERS) | {"knee_flexion_left_deg": 97.6, "knee_flexion_right_deg": 12.0}
        ends_s = time.monotonic() + PATIENCE_S
        while reader.is_alive() and time.monotonic() < ends_s:
            output.send(LiveMessage("frame", 1.0, 0.0, values))
            time.sleep(0.05)
        output.close()
        assert line
        assert line[0].endswith("left knee 98°, right 12°\n")


class TestTeller:
    """The thread between a run and its receivers."""

    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("coach.edges.live_out.outputs._CLOSE_S", PATIENCE_S)

    class Slow:
        """A receiver that hangs until it may go on."""

        def __init__(self) -> None:
            self.heard: list[float] = []
            self.go = threading.Event()

        def send(self, message: LiveMessage) -> None:
            self.go.wait(PATIENCE_S)
            self.heard.append(message.t_s)

        def close(self) -> None: ...

    def test_whoever_tells_leaves_the_sending_to_another_thread(self) -> None:
        class Where:
            def __init__(self) -> None:
                self.threads: set[threading.Thread] = set()

            def send(self, _message: LiveMessage) -> None:
                self.threads.add(threading.current_thread())

            def close(self) -> None: ...

        where = Where()
        teller = LiveTeller([("where", where)])
        for second in range(20):
            teller.tell(LiveMessage("frame", float(second), 0.0, {}))
        teller.close()
        assert where.threads
        assert threading.current_thread() not in where.threads

    def test_a_receiver_that_hangs_loses_the_oldest_and_holds_nobody_up(self) -> None:
        slow = self.Slow()
        teller = LiveTeller([("slow", slow)])
        for second in range(2000):
            teller.tell(LiveMessage("frame", float(second), 0.0, {}))
        assert slow.heard == [], "all was told while the first message still hung"
        slow.go.set()
        teller.close()
        assert slow.heard[-1] == 1999.0
        assert len(slow.heard) < 600

    def test_an_output_that_fails_is_told_once_and_the_others_go_on(self, tmp_path: Path) -> None:
        path = tmp_path / "live.jsonl"
        teller = LiveTeller([("json:/nowhere", JsonLines(tmp_path / "no" / "folder")), ("json", JsonLines(path))])
        for message in told(0.2):
            teller.tell(message)
        teller.close()
        (notice,) = teller.notices()
        assert notice.key == "screen.live_out_lost"
        assert len(path.read_text().splitlines()) == len(told(0.2))

    def test_a_network_that_is_away_for_a_moment_costs_its_messages_and_no_others(self) -> None:
        class Flaky:
            def __init__(self) -> None:
                self.heard: list[float] = []

            def send(self, message: LiveMessage) -> None:
                if 2 <= message.t_s < 5:
                    raise OSError(errno.ENETUNREACH, "Network is unreachable")
                self.heard.append(message.t_s)

            def close(self) -> None: ...

        flaky = Flaky()
        teller = LiveTeller([("osc", flaky)])
        for second in range(8):
            teller.tell(LiveMessage("frame", float(second), 0.0, {}))
        teller.close()
        assert flaky.heard == [0, 1, 5, 6, 7]
        assert [notice.detail for notice in teller.notices()] == ["osc: Network is unreachable"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("osc:nobody.invalid:9000", "no host nobody.invalid is found"),
        ("osc:a..b:9000", "no host a..b is found"),
        ("json:/nonexistent/x.json", "there is no folder /nonexistent"),
        ("json:/", "cannot write /"),
    ],
)
def test_what_can_never_be_told_is_refused_before_the_run(asked: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        open_output(asked)


def test_a_refused_run_leaves_an_old_file_as_it_is(tmp_path: Path) -> None:
    old = tmp_path / "live.jsonl"
    old.write_text("yesterday\n", "utf-8")
    open_output(f"json:{old}").close()
    assert old.read_text("utf-8") == "yesterday\n"


@pytest.mark.parametrize("asked", ["midi", "osc:here", "osc:127.0.0.1:99999", "lsl:everywhere", ""])
def test_what_is_not_known_is_told(asked: str) -> None:
    with pytest.raises(ConfigError):
        open_output(asked)


@pytest.mark.parametrize(("asked", "module", "extra"), [("osc", "pythonosc", "osc"), ("lsl", "pylsl", "lsl")])
def test_without_the_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, asked: str, module: str, extra: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=f"pip install 'treadmill-coach\\[{extra}\\]'"):
        open_output(asked)


def test_the_docs_show_the_examples_and_every_output() -> None:
    page = (ROOT / "docs" / "live-out.md").read_text("utf-8")
    for name in ("live_json.py", "live_osc.py", "live_lsl.py"):
        text = (ROOT / "examples" / name).read_text("utf-8")
        code = text.split('"""', 2)[2].strip()
        assert code in page
        assert len([line for line in code.splitlines() if line]) <= 10
    assert '("{}", {})'.format(*OSC_ADDRESS) in page, "where it sends unless it is told otherwise"
    assert all(f"`{name}`" in page for name in OUTPUTS)
    assert all(f"`{name}`" in page for name in FRAME_NUMBERS)
