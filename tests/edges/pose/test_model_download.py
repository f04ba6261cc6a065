"""A model comes over a line that breaks, lies or is not there, and arrives whole or not at all."""

from __future__ import annotations

import http.server
import multiprocessing
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from coach.edges.pose.model_download import download
from coach.errors import PoseModelError

CONTENT = bytes(range(256)) * 2000


@dataclass
class Shop:
    """What the server on the loopback does."""

    url: str
    content: bytes = CONTENT
    breaks: int = 0
    """So many answers end half-way."""
    knows_ranges: bool = True
    status: int = 200
    ranges: list[str] = field(default_factory=list)


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    now = Shop(f"http://127.0.0.1:{server.server_port}/model.task")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            now.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-") or 0) if now.knows_ranges else 0
            body = now.content[start:]
            self.send_response(206 if start and now.status == 200 else now.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if now.breaks:
                now.breaks -= 1
                body = body[: len(body) // 2]
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server.RequestHandlerClass = Handler
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield now
    server.shutdown()
    server.server_close()


def anything(_: Path) -> None:
    """A check that every file passes."""


def test_a_file_arrives_whole_and_the_progress_is_told(shop: Shop, tmp_path: Path) -> None:
    told: list[float] = []
    download(shop.url, tmp_path / "model.task", anything, lambda what, share: told.append(share))
    assert (tmp_path / "model.task").read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_broken_line_is_taken_up_where_it_broke(shop: Shop, tmp_path: Path) -> None:
    shop.breaks = 2
    download(shop.url, tmp_path / "model.task", anything)
    assert (tmp_path / "model.task").read_bytes() == CONTENT
    first, second, third = shop.ranges
    assert first == ""
    assert second == f"bytes={len(CONTENT) // 2}-"
    assert third == f"bytes={len(CONTENT) // 2 + len(CONTENT) // 4}-"


def test_what_arrived_before_giving_up_is_used_the_next_time(shop: Shop, tmp_path: Path) -> None:
    shop.breaks = 3
    with pytest.raises(PoseModelError, match="cannot download the pose model"):
        download(shop.url, tmp_path / "model.task", anything)
    assert not (tmp_path / "model.task").exists()
    shop.ranges.clear()
    download(shop.url, tmp_path / "model.task", anything)
    assert (tmp_path / "model.task").read_bytes() == CONTENT
    assert shop.ranges[0].startswith("bytes=")
    assert [path.name for path in tmp_path.iterdir()] == ["model.task"]


def test_a_server_without_ranges_starts_again(shop: Shop, tmp_path: Path) -> None:
    shop.breaks, shop.knows_ranges = 1, False
    download(shop.url, tmp_path / "model.task", anything)
    assert (tmp_path / "model.task").read_bytes() == CONTENT


def test_a_wrong_file_is_thrown_away(shop: Shop, tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise PoseModelError("not a bundle")

    with pytest.raises(PoseModelError, match="not a bundle"):
        download(shop.url, tmp_path / "model.task", refuse)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_says_so_at_once(shop: Shop, tmp_path: Path) -> None:
    shop.status = 404
    with pytest.raises(PoseModelError, match=r"404.*--model PATH"):
        download(shop.url, tmp_path / "model.task", anything)
    assert len(shop.ranges) == 1


def test_no_network_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(PoseModelError) as told:
        download("http://127.0.0.1:9/model.task", tmp_path / "model.task", anything)
    assert "connect to the internet once" in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.exit_status == 5


def _fetch(url: str, target: Path) -> None:
    download(url, target, anything)


def test_two_processes_at_once_do_not_disturb_each_other(shop: Shop, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    target = tmp_path / "model.task"
    both = [context.Process(target=_fetch, args=(shop.url, target)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert target.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["model.task"]
