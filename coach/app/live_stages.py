"""A live session: capture, analysis and screen side by side, each in a thread of its own.

    capture thread → newest frame → analysis thread → newest picture → screen (the caller's thread)
    CaptureStage     LatestSlot     AnalysisStage      LatestSlot        LiveScreen
                                                    ↘ speaker, which plays without waiting

Nothing queues up: a frame that was not taken in time is replaced, a cue that is too late is dropped. One type goes the
whole way, `Moment`: a frame, when it was grabbed, and once it was analysed its update.

| thread | runs | owns: it alone writes |
|---|---|---|
| capture | `CaptureStage.run` | the source; the newest frame, how many came, whether the camera is lost |
| analysis | `AnalysisStage.run`, the loop | estimator, coach, session writer, set-up check |
| the caller's (main) | `LiveScreen.watch` | window and keys; which picture was shown last, paused, muted, coached leg |
| sound, treadmill, camera reader | inside their edges | what their edge says; asked through its port |

What crosses: two `LatestSlot`s; `request`, a queue of changes that the analysis thread makes before its next frame
(pause, new baseline, events to be kept); the notice board, whose `tell` any thread may call; the meter, with its lock.
What one thread writes and others only read is a single attribute that is replaced whole, never changed in parts.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from coach.app.analysis_stage import AnalysisStage, Change, Listeners, LiveParts
from coach.app.capture_stage import CaptureStage, LatestSlot, Meter, Moment, with_cues_of
from coach.app.surroundings import SetupPreview
from coach.core.notices import Notice
from coach.core.setup.setup_check import SetupState
from coach.ports import Load

_STALE_PICTURE_S: Final = 0.1
"""When analysis lags by more, the newest picture is shown without the skeleton that belongs to an older one."""


class LiveStages:
    """The two threads behind the screen. `start`, look at `next_picture` as often as you like, `stop`, `join`."""

    def __init__(
        self,
        parts: LiveParts,
        listeners: Listeners | None = None,
        *,
        shows: bool = False,
        duration_s: float | None = None,
    ) -> None:
        """`shows`: a screen shows the cues. `duration_s`: the session ends by itself so long after it began."""
        self.meter = Meter()
        self._frames: LatestSlot[Moment] = LatestSlot()
        self._pictures: LatestSlot[Moment] = LatestSlot(with_cues_of)
        self._analysis = AnalysisStage(
            parts, self._frames, self._pictures, self.meter, listeners or Listeners(), shows=shows
        )
        self._capture = CaptureStage(
            parts.source, self._frames, self.meter, parts.board, duration_s, lambda: self.in_setup
        )
        self._pictured_s: float | None = None
        self._failure: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=(run,), name=name, daemon=True)
            for name, run in (("capture", self._capture.run), ("analysis", self._analysis.run))
        ]

        def keep(notice: Notice, text: str) -> None:
            def change(told_s: float) -> None:
                parts.writer.keep(replace(notice, t_s=told_s if notice.t_s is None else notice.t_s), text)

            self.request(change)

        parts.board.keep = keep

    # The session as a whole

    def start(self) -> None:
        """Let the frames flow."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the session at the next frame; what was analysed stays."""
        self._capture.stop()

    def join(self) -> None:
        """Wait for both threads, then raise what stopped one of them, if anything did."""
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def request(self, change: Change) -> None:
        """Have `change(t_s)` called in the analysis thread before the next frame; `t_s`: when it was asked for.

        While the camera is away no frame comes for a long time, and what the runner did meanwhile has its own.
        """
        asked_s = self.now_s()
        self._analysis.request(lambda next_s: change(min(asked_s, next_s)))

    def skip_setup(self) -> None:
        """Begin the session with the next frame."""
        if (preview := self._analysis.preview) is not None:
            self.request(lambda _t_s: preview.skip())

    # How it stands

    def now_s(self) -> float:
        """What the frames' clock shows at this moment, as far as the newest frame tells; infinite before the first."""
        newest = self._capture.newest
        return math.inf if newest is None else newest.frame.t_s + time.monotonic() - newest.grabbed_s

    @property
    def running(self) -> bool:
        """Whether more can still come."""
        return not self._pictures.drained

    @property
    def lost(self) -> bool:
        """Whether the source gives no picture at the moment."""
        return self._capture.lost

    @property
    def overdue(self) -> bool:
        """Whether the time is over, and no picture comes that would end the session."""
        return self.lost and self._capture.over(self.now_s())

    @property
    def delivered(self) -> int:
        """Frames that came from the source."""
        return self._capture.delivered

    @property
    def dropped(self) -> int:
        """Frames that were delivered and never analysed."""
        return self._frames.replaced + self._capture.passed

    @property
    def setup(self) -> SetupState | None:
        """The set-up check as it stands; None once the session has begun."""
        preview = self._analysis.preview
        return None if preview is None else preview.state

    @property
    def in_setup(self) -> bool:
        """Whether the session has not begun yet."""
        return self._analysis.preview is not None

    @property
    def preview(self) -> SetupPreview | None:
        """The set-up check while it goes on, or where it went on to the end."""
        return self._analysis.preview

    @property
    def load(self) -> Load:
        """What the stages cost now, for the debug overlay."""
        meter = self.meter
        return Load(
            source_fps=meter.rate_hz("source"),
            pose_fps=meter.rate_hz("pose"),
            screen_fps=meter.rate_hz("screen"),
            pose_ms=meter.recent_ms("pose and coach"),
            grab_to_decision_ms=meter.recent_ms("grab to decision"),
            grab_to_picture_ms=meter.recent_ms("grab to picture"),
            dropped_pct=100 * self.dropped / self.delivered if self.delivered else 0.0,
        )

    # Pictures, for the screen's thread

    def next_picture(self, timeout_s: float) -> Moment | None:
        """The newest analysed frame; when analysis lags, the newest frame alone; None when nothing new came."""
        analysed = self._pictures.take(timeout_s)
        newest = self._capture.newest
        if newest is None:
            return None
        if analysed is not None and newest.grabbed_s - analysed.grabbed_s <= _STALE_PICTURE_S:
            self._pictured_s = analysed.grabbed_s
            return analysed
        lagging = self._pictured_s is None or newest.grabbed_s - self._pictured_s > _STALE_PICTURE_S
        if analysed is None and not lagging:
            return None
        self._pictured_s = newest.grabbed_s
        return Moment(newest.frame, newest.grabbed_s, analysed.update if analysed else None)

    def showed(self, picture: Moment) -> None:
        """Note that this picture is on the screen now."""
        self.meter.note("grab to picture", time.monotonic() - picture.grabbed_s)
        self.meter.tick("screen")

    def _guarded(self, run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that joins
            self._failure = self._failure or error
            self.stop()
            self._pictures.close()
