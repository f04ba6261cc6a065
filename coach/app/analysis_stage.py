"""The second stage of a live run: the loop itself, on the newest frame each time."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from coach.app.capture_stage import LatestSlot, Meter, Moment
from coach.app.companions import Companions
from coach.app.loop import NoticeBoard, loop
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import SpeedSources
from coach.app.surroundings import LightMeter, SetupPreview, SourceRate
from coach.core.coaching.advice import Hold
from coach.core.coaching.cues import Cue
from coach.core.notices import Notice
from coach.core.pipeline import Coach, Update
from coach.core.setup.setup_check import FPS_LEAST, SLOW_COMPUTER, SetupState
from coach.ports import Frame, FrameSource, PoseEstimator, Speaker

_WAIT_S: Final = 0.2
"""How long the stage waits for a frame before it looks whether the session has ended."""

_OF_FEW_PICTURES: Final = {
    "seen.few_pictures": math.inf,
    "left_out.too_fast": math.inf,
    "left_out.too_few_frames": FPS_LEAST,
    "seen.no_rhythm": 12.0,
}
"""What may be said for want of pictures, whoever has left them out, and below how many a second it is."""

Change = Callable[[float], None]
"""Something to be done between two frames, at the time of the second."""


def _pass(_what: object) -> None:
    """Nothing more is to be done."""


@dataclass(frozen=True, slots=True)
class LiveParts:
    """What a live session is made of, open and ready."""

    source: FrameSource
    estimator: PoseEstimator
    speed: SpeedSources
    coach: Coach
    writer: SessionWriter
    speaker: Speaker
    board: NoticeBoard
    preview: SetupPreview | None = None
    """The check before the session begins, where there is one."""
    companions: Companions = field(default_factory=Companions)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who else hears of what comes; called in the analysis thread."""

    update: Callable[[Update], None] = _pass
    cue: Callable[[Cue], None] = _pass
    begin: Callable[[SetupState], Notice | None] = lambda _check: None
    """The set-up check is over; what is to be told of it."""


class AnalysisStage:
    """`run` is the analysis thread. Estimator, coach, writer and preview are used by it alone.

    To the loop it stands for all but estimator, speed and coach: it stamps what comes by, and hands it on. Other
    threads read `preview`; what they want changed they ask for with `request`.
    """

    def __init__(
        self,
        parts: LiveParts,
        frames: LatestSlot[Moment],
        pictures: LatestSlot[Moment],
        meter: Meter,
        listeners: Listeners,
        *,
        shows: bool,
    ) -> None:
        """`shows`: a screen shows the cues."""
        self.preview = parts.preview
        """The set-up check while it goes on; None once the session has begun."""
        self._parts = parts
        self._frames = frames
        self._pictures = pictures
        self._meter = meter
        self._listeners = listeners
        self._shows = shows
        kind = parts.source.info.kind
        self._light = LightMeter(streamed=kind == "stream") if kind in {"camera", "stream"} else None
        self._rate = SourceRate()
        self._too_slow_told = False
        self._requests: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._grabbed_s = 0.0
        self._began_s = 0.0

    def run(self) -> None:
        """Until no more frames come."""
        parts = self._parts
        loop(self, parts.estimator, parts.speed, parts.coach, self, self, self, self)
        self._pictures.close()

    def request(self, change: Change) -> None:
        """Have something changed before the next frame. From any thread."""
        self._requests.put(change)

    # What the loop takes this stage for

    def frames(self) -> Iterator[Frame]:
        """The newest frame, each time one is asked for; those of the set-up check go there."""
        last_s: float | None = None
        while not self._frames.drained:
            moment = self._frames.take(_WAIT_S)
            if moment is None:
                self._parts.speaker.tick(math.nan)
                continue
            last_s = moment.frame.t_s
            self._obey(last_s)
            if self.preview is not None:
                self._check_setup(self.preview, moment)
                continue
            if self._light is not None and (notice := self._light.step(moment.frame)) is not None:
                self._parts.board.tell(notice)
            self._rate.see(moment.frame)
            self._grabbed_s, self._began_s = moment.grabbed_s, time.monotonic()
            yield moment.frame
        if last_s is not None:
            # A run that ends while its camera is lost shall still say so.
            self._obey(last_s)

    def append(self, frame: Frame, update: Update) -> None:
        """Record it, and note what deciding it has cost."""
        self._parts.writer.heart(update.t_s, self._parts.companions.heart(update.t_s))
        self._parts.writer.append(frame, update)
        now_s = time.monotonic()
        self._parts.companions.see(update, now_s - self._grabbed_s)
        self._meter.tick("pose")
        self._meter.note("pose and coach", now_s - self._began_s)
        self._meter.note("grab to decision", now_s - self._grabbed_s)

    def say(self, cue: Cue, now_s: float) -> bool:
        """Say it unless it comes too late by now, and keep by which ways it reached the runner."""
        decided_s = time.monotonic()
        spoken = self._parts.speaker.say(cue, now_s + decided_s - self._grabbed_s)
        self._meter.note("decision to sound", time.monotonic() - decided_s)
        channels = [name for name, went in (("speech", spoken), ("screen", self._shows)) if went]
        self._parts.writer.delivered(cue, *channels)
        self._listeners.cue(cue)
        return spoken

    def tell(self, notice: Notice) -> None:
        """Tell it, but that more light helps where it is this machine that sees too few of the pictures."""
        if self._rate.left_behind and self._rate.analysed_per_s < _OF_FEW_PICTURES.get(notice.key, 0.0):
            if self._too_slow_told:
                return
            self._too_slow_told = True
            notice = replace(notice, key=f"screen.{SLOW_COMPUTER}")
        self._parts.board.tell(notice)

    def show(self, frame: Frame, update: Update) -> None:
        """Offer it to the screen."""
        self._listeners.update(update)
        self._parts.speaker.tick(math.nan if update.advice.hold is Hold.PAUSED else update.gait.cadence_spm)
        self._pictures.put(Moment(frame, self._grabbed_s, update))

    def _obey(self, t_s: float) -> None:
        while not self._requests.empty():
            self._requests.get()(t_s)

    def _check_setup(self, preview: SetupPreview, moment: Moment) -> None:
        self._pictures.put(Moment(moment.frame, moment.grabbed_s, preview.take(moment.frame)))
        if preview.done:
            self.preview = None
            if preview.state is not None and (notice := self._listeners.begin(preview.state)) is not None:
                self._parts.board.tell(notice)
