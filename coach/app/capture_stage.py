"""The first stage of a live run: takes every frame that the source has, and offers the newest."""

from __future__ import annotations

import math
import threading
import time
from typing import Final

from coach.app.moments import LatestSlot, Meter, Moment
from coach.app.notice_board import NoticeBoard
from coach.core.notices import Notice, NoticeKind
from coach.ports import FrameSource, SourceEvent

LOSS_AGAIN_S: Final = 20.0
"""A loose plug is on the screen each time, and by voice no more often."""


class CaptureStage:
    """`run` is the capture thread. It alone writes `newest`, `delivered` and `lost`; others read them."""

    def __init__(
        self,
        source: FrameSource,
        frames: LatestSlot[Moment],
        meter: Meter,
        board: NoticeBoard,
        duration_s: float | None = None,
    ) -> None:
        self.newest: Moment | None = None
        self.delivered = 0
        """Frames that came so far."""
        self.lost = False
        """Whether there is no picture at the moment."""
        self._source = source
        self._frames = frames
        self._meter = meter
        self._board = board
        self._duration_s = duration_s
        self._loss_is_news = True
        self._loss_told_s = -math.inf
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until the source ends, the time is over, or `stop`. Raises what the source raises."""
        first_s: float | None = None
        for item in self._source.frames():
            if self._stopping.is_set():
                break
            if isinstance(item, SourceEvent):
                self._tell(item)
                continue
            first_s = item.t_s if first_s is None else first_s
            if self._duration_s is not None and item.t_s - first_s >= self._duration_s:
                break
            self.delivered += 1
            self._meter.tick("source")
            self.newest = Moment(item, time.monotonic())
            self._frames.put(self.newest)
        self._frames.close()

    def stop(self) -> None:
        """Offer no more frames. From any thread."""
        self._stopping.set()
        self._source.close()
        self._frames.close()

    def _tell(self, event: SourceEvent) -> None:
        """The runner cannot look all the time: what the screen shows of a loss is said, too."""
        self.lost = event is SourceEvent.LOST
        now_s = time.monotonic()
        if self.lost:
            self._loss_is_news = now_s - self._loss_told_s >= LOSS_AGAIN_S
            if self._loss_is_news:
                self._loss_told_s = now_s
            kind, key = NoticeKind.SOURCE_LOST, "screen.camera_lost"
        else:
            kind, key = NoticeKind.SOURCE_RETURNED, "screen.camera_back"
        self._board.tell(Notice(kind, key if self._loss_is_news else ""))
