"""The loop: one frame in, one update out. A live run, a video file and a recording all go through it.

And the board on which it tells notices: each takes the ways that the table of its kind names
(`coach.core.notices.WAYS`).
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from typing import Protocol

from coach.core.coaching.cues import Cue
from coach.core.notices import WAYS, Notice, NoticeKind
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.speed.belt_speed import Told
from coach.core.units import Units
from coach.core.words import Words
from coach.ports import Frame, Recorder


class Frames(Protocol):
    """What gives frames: camera, video, stream, demo or recording."""

    def frames(self) -> Iterable[Frame]:
        """In time order, stamped when they were grabbed."""
        ...


class Estimator(Protocol):
    """What finds the runner."""

    def estimate(self, frame: Frame) -> Pose | None:
        """2D keypoints in pixels; None where no runner is."""
        ...


class Speed(Protocol):
    """What knows the belt."""

    def current(self, t_s: float) -> Told:
        """What is said of its speed at `t_s`."""
        ...


class Voice(Protocol):
    """What says cues."""

    def say(self, cue: Cue, now_s: float) -> bool:
        """Whether it was said."""
        ...


class Board(Protocol):
    """What tells notices."""

    def tell(self, notice: Notice) -> None:
        """Show, say, keep and print it, as its kind asks for."""
        ...


class Show(Protocol):
    """What shows pictures."""

    def show(self, frame: Frame, update: Update) -> None:
        """Show one frame and what came of it."""
        ...


def loop(
    source: Frames,
    estimator: Estimator,
    speed: Speed,
    coach: Coach,
    recorder: Recorder,
    speaker: Voice,
    board: Board,
    screen: Show,
) -> None:
    """Coach from the first frame to the last. README and `coach/__init__.py` show it; a test holds them to it."""
    # fmt: off
    for frame in source.frames():                     # camera, video, stream or demo; stamped when grabbed
        pose = estimator.estimate(frame)              # 2D keypoints in pixels, or None
        belt = speed.current(frame.t_s)               # what treadmill, keys or plan say, and how old it is
        update = coach.step(frame.t_s, pose, belt)    # pure: kinematics → gait cycle → strides → belt → target → cues
        recorder.append(frame, update)
        for cue in update.cues:
            speaker.say(cue, frame.t_s)
        for notice in update.notices:
            board.tell(notice)
        screen.show(frame, update)
    # fmt: on


class Silence:
    """A voice for files: nobody listens."""

    def say(self, cue: Cue, now_s: float) -> bool:  # noqa: ARG002 - nothing is said
        """Say nothing."""
        return False


Keep = Callable[[Notice, str], object]
"""Keep a notice, in these words, as an event of the session."""
Print = Callable[[Notice, str], object]


def nowhere(_notice: Notice, _text: str) -> None:
    """Keep or print nothing."""


class NoticeBoard:
    """Words a notice and tells it. `tell` may be called from any thread; `shown` is for the one that has the screen.

    `say`, `keep` and `print` must not wait: they are called in the teller's thread.
    """

    def __init__(
        self,
        words: Words,
        units: Units,
        *,
        say: Callable[[str], object] = lambda _text: None,
        keep: Keep = nowhere,
        print: Print = nowhere,  # noqa: A002 - the way's name in the table
    ) -> None:
        self.words = words
        self._units: Units = units
        self._say = say
        self._print = print
        self.keep = keep
        """Set once the session is there to be kept."""
        self._to_show: queue.SimpleQueue[tuple[NoticeKind, str]] = queue.SimpleQueue()

    def tell(self, notice: Notice) -> None:
        """Tell it by every way that is its kind's. One without words is only kept."""
        ways = WAYS[notice.kind]
        whole = notice.text(self.words, self._units)
        if ways.kept:
            self.keep(notice, whole)
        if not notice.key:
            return
        if ways.shown:
            self._to_show.put((notice.kind, notice.text(self.words, self._units, detail=ways.detail)))
        if ways.said:
            self._say(notice.text(self.words, self._units, detail=False))
        if ways.printed:
            self._print(notice, whole)

    def shown(self) -> tuple[tuple[NoticeKind, str], ...]:
        """What is to be shown since the last call, oldest first, each with its kind."""
        return tuple(self._to_show.get() for _ in range(self._to_show.qsize()))
