"""A live session: capture, pose, screen and sound side by side.

    capture thread → newest frame → analysis thread → newest update → screen (the caller's thread)
                                                    ↘ speaker, which plays without waiting

Nothing queues up: a frame that was not taken in time is replaced, a cue that is too late is dropped.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coach.app.analysis import Analysis
from coach.app.light import LightMeter
from coach.app.meter import Meter
from coach.app.setup_stage import SetupStage
from coach.app.slots import LatestSlot
from coach.core.coaching.cues import Cue
from coach.core.pipeline import Update
from coach.core.setup.setup_check import SetupState
from coach.ports import Frame, FrameSource, Load, SourceEvent, Speaker

_WAIT_S: Final = 0.2
"""How long a stage waits for its input before it looks whether the session has ended."""
_STALE_PICTURE_S: Final = 0.1
"""When analysis lags by more, the newest picture is shown without the skeleton that belongs to an older one."""

_LOSS_AGAIN_S: Final = 20.0
"""A loose plug is on the screen each time, and by voice no more often."""


@dataclass(frozen=True, slots=True)
class Grabbed:
    """A frame and when it was received, on the machine's monotonic clock."""

    frame: Frame
    at_s: float


@dataclass(frozen=True, slots=True)
class Analysed:
    """A frame with what came of it."""

    grabbed: Grabbed
    update: Update


@dataclass(frozen=True, slots=True)
class Picture:
    """What the screen is to show: a frame, and the newest update if one came since the last picture.

    When analysis lags, the update belongs to an earlier frame (`update.t_s` says which).
    """

    grabbed: Grabbed
    update: Update | None


class LiveStages:
    """The two threads behind the screen. `start`, look at `newest` as often as you like, `stop`, `close`."""

    def __init__(
        self,
        source: FrameSource,
        analysis: Analysis,
        speaker: Speaker,
        *,
        on_update: Callable[[Update], None] | None = None,
        on_cue: Callable[[Cue], None] | None = None,
        shows: bool = False,
        duration_s: float | None = None,
        setup_stage: SetupStage | None = None,
        on_begin: Callable[[SetupState], str | None] = lambda _check: None,
    ) -> None:
        """`shows`: a screen shows the cues. `on_update` and `on_cue` are called in the analysis thread.

        With a `setup_stage` the frames go there until it is done; only then does the session begin, and `on_begin`
        has a line to say of the check, or none.
        """
        self.meter = Meter()
        self.delivered = 0
        self.lost = threading.Event()
        self._loss_is_news = True
        self._loss_said_s = -math.inf
        self._source = source
        self._analysis = analysis
        self._speaker = speaker
        self._on_update = on_update
        self._on_cue = on_cue
        self._shows = shows
        self._duration_s = duration_s
        self._setup_stage = setup_stage
        self._on_begin = on_begin
        self.words = analysis.coach.phrases.line
        """Words for the screen by their key."""
        self._light = LightMeter() if source.info.kind in {"camera", "stream"} else None
        self._requests: queue.SimpleQueue[Callable[[float], None]] = queue.SimpleQueue()
        self._notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._frames: LatestSlot[Grabbed] = LatestSlot()
        self._updates: LatestSlot[Analysed] = LatestSlot()
        self._newest: Grabbed | None = None
        self._pictured: Grabbed | None = None
        self._failure: BaseException | None = None
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._guarded, args=(stage,), name=name, daemon=True)
            for name, stage in (("capture", self._capture), ("analysis", self._analyse))
        ]

    @property
    def dropped(self) -> int:
        """Frames that were delivered and never analysed."""
        return self._frames.replaced

    @property
    def setup(self) -> SetupState | None:
        """The set-up check as it stands; None once the session has begun."""
        setup_stage = self._setup_stage
        return None if setup_stage is None else setup_stage.state

    @property
    def in_setup(self) -> bool:
        """Whether the session has not begun yet."""
        return self._setup_stage is not None

    def skip_setup(self) -> None:
        """Begin the session with the next frame."""
        if (setup_stage := self._setup_stage) is not None:
            setup_stage.skip()

    @property
    def running(self) -> bool:
        """Whether more can still come."""
        return not self._updates.drained

    def start(self) -> None:
        """Let the frames flow."""
        for thread in self._threads:
            thread.start()

    def request(self, change: Callable[[float], None]) -> None:
        """Have `change(t_s)` called in the analysis thread before the next frame."""
        self._requests.put(change)

    def next_picture(self, timeout_s: float) -> Picture | None:
        """The newest analysed frame; when analysis lags, the newest frame alone; None when nothing new came."""
        analysed = self._updates.take(timeout_s)
        newest = self._newest
        if newest is None:
            return None
        if analysed is not None and newest.at_s - analysed.grabbed.at_s <= _STALE_PICTURE_S:
            self._pictured = analysed.grabbed
            return Picture(analysed.grabbed, analysed.update)
        lagging = self._pictured is None or newest.at_s - self._pictured.at_s > _STALE_PICTURE_S
        if analysed is None and not lagging:
            return None
        self._pictured = newest
        return Picture(newest, analysed.update if analysed else None)

    def showed(self, picture: Picture) -> None:
        """Note that this picture is on the screen now."""
        self.meter.note("grab to picture", time.monotonic() - picture.grabbed.at_s)
        self.meter.tick("screen")

    def note(self, kind: str, detail: str = "") -> None:
        """Keep an event of the run, stamped with the next frame's time."""
        self.request(lambda t_s: self._analysis.keeper.event(t_s, kind, detail))

    def tell(self, kind: str, text: str, detail: str = "") -> None:
        """Say, show and keep a line about the run; `detail` is kept beside it."""
        self._notices.put(text)
        self._speaker.say_line(text)
        self.note(kind, f"{text}: {detail}" if detail else text)

    def notices(self) -> tuple[str, ...]:
        """What updates had to say since the last call, also those whose picture was never shown."""
        return tuple(self._notices.get() for _ in range(self._notices.qsize()))

    def stop(self) -> None:
        """End the session at the next frame; what was analysed stays."""
        self._stopping.set()
        self._source.close()
        self._frames.close()

    def join(self) -> None:
        """Wait for both threads, then raise what stopped one of them, if anything did."""
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _guarded(self, stage: Callable[[], None]) -> None:
        try:
            stage()
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that joins
            self._failure = self._failure or error
            self.stop()
            self._updates.close()

    def _capture(self) -> None:
        first_s: float | None = None
        for item in self._source.frames():
            if self._stopping.is_set():
                break
            if isinstance(item, SourceEvent):
                self._note_event(item)
                continue
            first_s = item.t_s if first_s is None else first_s
            if self._duration_s is not None and item.t_s - first_s >= self._duration_s:
                break
            self.delivered += 1
            self.meter.tick("source")
            grabbed = Grabbed(item, time.monotonic())
            self._newest = grabbed
            self._frames.put(grabbed)
        self._frames.close()

    def _note_event(self, event: SourceEvent) -> None:
        """The runner cannot look all the time: what the screen shows of a loss is said, too."""
        now_s = time.monotonic()
        if event is SourceEvent.LOST:
            self.lost.set()
            self._loss_is_news = now_s - self._loss_said_s >= _LOSS_AGAIN_S
            if self._loss_is_news:
                self._loss_said_s = now_s
                self._speaker.say_line(self.words("screen.camera_lost"))
        else:
            self.lost.clear()
            if self._loss_is_news:
                self._notices.put(self.words("screen.camera_back"))
                self._speaker.say_line(self.words("screen.camera_back"))
        self.note(f"source_{event}")

    def _analyse(self) -> None:
        last_s: float | None = None
        while not self._frames.drained:
            grabbed = self._frames.take(_WAIT_S)
            if grabbed is not None:
                self._take(grabbed)
                last_s = grabbed.frame.t_s
        if last_s is not None:
            # A run that ends while its camera is lost shall still say so.
            self._obey(last_s)
        self._updates.close()

    def _obey(self, t_s: float) -> None:
        while not self._requests.empty():
            self._requests.get()(t_s)

    def _take(self, grabbed: Grabbed) -> None:
        frame = grabbed.frame
        self._obey(frame.t_s)
        if self._setup_stage is not None:
            self._check_setup(self._setup_stage, grabbed)
            return
        if self._light is not None and (key := self._light.step(frame)):
            self.tell("light", self.words(f"screen.{key}"))
        began_s = time.monotonic()
        update = self._analysis.take(frame)
        self.meter.tick("pose")
        self.meter.note("pose and coach", time.monotonic() - began_s)
        self.meter.note("grab to decision", time.monotonic() - grabbed.at_s)
        for cue in update.cues:
            self._say(cue, grabbed)
        if self._on_update:
            self._on_update(update)
        for text in update.notices:
            self._notices.put(text)
        self._updates.put(Analysed(grabbed, update))

    def _check_setup(self, setup_stage: SetupStage, grabbed: Grabbed) -> None:
        self._updates.put(Analysed(grabbed, setup_stage.take(grabbed.frame)))
        if setup_stage.done:
            self._setup_stage = None
            if setup_stage.state is not None and (text := self._on_begin(setup_stage.state)):
                self.tell("set_up", text)

    def _say(self, cue: Cue, grabbed: Grabbed) -> None:
        decided_s = time.monotonic()
        now_s = grabbed.frame.t_s + decided_s - grabbed.at_s
        spoken = self._speaker.say(cue, now_s)
        self.meter.note("decision to sound", time.monotonic() - decided_s)
        channels = [name for name, went in (("speech", spoken), ("screen", self._shows)) if went]
        self._analysis.keeper.delivered(cue, *channels)
        if self._on_cue:
            self._on_cue(cue)

    def load(self) -> Load:
        """What the stages cost now, for the debug overlay."""
        return Load(
            source_fps=self.meter.rate_hz("source"),
            pose_fps=self.meter.rate_hz("pose"),
            screen_fps=self.meter.rate_hz("screen"),
            pose_ms=self.meter.recent_ms("pose and coach"),
            grab_to_decision_ms=self.meter.recent_ms("grab to decision"),
            grab_to_picture_ms=self.meter.recent_ms("grab to picture"),
            dropped_pct=100 * self.dropped / self.delivered if self.delivered else 0.0,
        )
