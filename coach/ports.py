"""The seams: frames, and what the edges promise.

Edges implement these protocols; the application joins them; the core knows none of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from coach.core.coaching.cues import Cue
from coach.core.heart import HeartRate
from coach.core.notices import Notice
from coach.core.pipeline import Update
from coach.core.pose import Pose
from coach.core.setup.setup_check import SetupState
from coach.core.speed.belt_speed import BeltSpeed

ImageBGR = NDArray[np.uint8]
"""(height, width, 3), as OpenCV has it."""

TIME_DIGITS: Final = 6
"""Of a frame's time in seconds. More would be lost in a recording, and decide there which frame ends a window."""

SourceKind = Literal["camera", "video", "stream", "demo", "poses"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, stamped when it was grabbed on a monotonic clock (files: its presentation time)."""

    index: int
    t_s: float
    """In whole microseconds, as recordings keep it: what is measured live and again from a recording is the same."""
    image_bgr: ImageBGR
    repeated: int = 0
    """How often the source has delivered a picture once more so far; such repeats are no frames and have no index."""
    notes: tuple[str, ...] = ()
    """What was found and mended about the source's pictures and times so far, a sentence each; a note stays."""
    grabbed_s: float = math.nan
    """When a device gave it, on the monotonic clock; NaN of file and demo, which give it when they are asked."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "t_s", round(self.t_s, TIME_DIGITS))


class SourceEvent(StrEnum):
    """What a source says between frames."""

    LOST = "lost"
    """No picture any more; the source is trying to get it back."""
    RETURNED = "returned"
    ENDED_EARLY = "ended_early"
    """The last word of a file that ends before its own headers say: only a part of it was copied or recorded."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source once it is open."""

    kind: SourceKind
    name: str
    width: int
    height: int
    nominal_fps: float
    """NaN where the device does not say."""
    live: bool
    """True where frames arrive at their own pace and a late reader misses them."""
    duration_s: float = math.nan
    """Length of a file; NaN where there is no end or it is not known."""
    whole_picture: bool = True
    """Whether width and height are those of the camera's picture, as they are not where keypoints alone were kept."""
    filmed_fps: float = math.nan
    """The rate at which a slow-motion file says it was filmed; NaN where it says nothing."""
    filmed_at: datetime | None = None
    """When a file was filmed, with its zone; None for what is filmed now, and where that is not known."""


class FrameSource(Protocol):
    """Where pictures come from. Opening happens in the constructor and raises SourceError."""

    @property
    def info(self) -> SourceInfo:
        """Size, rate and name."""
        ...

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """Frames in time order until the end, or until `close` was called.

        A passing loss is an event, not an error. SourceError where the source is gone for good.
        """
        ...

    def close(self) -> None:
        """Release the device. May be called twice, and from another thread."""
        ...


class PoseEstimator(Protocol):
    """Finds the runner in a frame."""

    @property
    def readings(self) -> int:
        """How many times each picture is read: two readings may lie some degrees from what one says."""
        ...

    def estimate(self, frame: Frame) -> Pose | None:
        """The runner's pose, or None where no runner is. Frames come in time order."""
        ...

    def reset(self) -> None:
        """Forget the runner, as at a new source."""
        ...

    def close(self) -> None:
        """Release the network. May be called twice."""
        ...


@runtime_checkable
class LooksBack(Protocol):
    """A pose estimator that can tell later who was there while it was not clear yet who runs."""

    def look_back(self, again: Callable[[], Iterable[Frame]]) -> Iterator[Pose]:
        """The runner in such frames, in time order; `again` gives all frames once more, and is called if there are any.

        For a file that was seen to its end: nothing can be estimated afterwards but after `reset`.
        """
        ...


class SpeedSource(Protocol):
    """Tells the belt's speed."""

    def current(self, t_s: float) -> BeltSpeed | None:
        """The newest value with its age at `t_s`, or None where there is none. Never blocks."""
        ...

    def notices(self) -> tuple[Notice, ...]:
        """What there is to tell since the last call, oldest first, such as a link that was lost."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


@runtime_checkable
class HeartSource(Protocol):
    """Tells the heart rate: a monitor, or a treadmill that hears one."""

    def heart(self, t_s: float) -> HeartRate | None:
        """The newest rate with its age while it is fresh, else None. Never blocks."""
        ...


LiveValue = str | float | bool | None
"""None where a number is not known."""


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """One thing that a run tells other programs while it goes on."""

    kind: Literal["frame", "event", "stride", "cue"]
    t_s: float
    """On the run's own clock."""
    ago_s: float
    """How long before now that was, so that every output can stamp it on a clock of its own."""
    values: Mapping[str, LiveValue]
    """Always the same names in the same order for one kind."""


class LiveOut(Protocol):
    """Tells other programs. Called in one thread that may wait a little; a receiver that is not there is no error."""

    def send(self, message: LiveMessage) -> None:
        """Tell it. Raises OSError where that failed; the next message may get through."""
        ...

    def close(self) -> None:
        """Let go. May be called twice."""
        ...


class UserCommand(StrEnum):
    """What the runner can ask for during a run, by key or mouse."""

    FASTER = "faster"
    SLOWER = "slower"
    PAUSE = "pause"
    BASELINE = "baseline"
    MUTE = "mute"
    VIEW = "view"
    SIDE = "side"
    SNAPSHOT = "snapshot"
    HURTS = "hurts"
    """Something hurts: no more coaching today."""
    TROUBLE = "trouble"
    """Yes to the question before the first programme: only observe."""
    WELL = "well"
    """No to it."""
    SKIP = "skip"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Load:
    """Rates and delays of the live stages; NaN for what is not known yet."""

    source_fps: float
    pose_fps: float
    screen_fps: float
    pose_ms: float
    """The pose stage's time a frame."""
    grab_to_decision_ms: float
    grab_to_picture_ms: float
    dropped_pct: float


@dataclass(frozen=True, slots=True)
class Finish:
    """What stands on the screen after a run, in the runner's words."""

    figure: str
    """The one large figure."""
    says: str
    """What it means."""
    mark: Literal["good", "below", "above", "plain"]
    coming: str
    """What comes next, in two or three words."""
    coming_says: str
    facts: str = ""
    """How long, how fast."""
    page: str = ""
    """How to see more; empty where nothing was kept."""


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """What the screen shows beside the update: state of the session's edges, in plain values."""

    elapsed_s: float
    paused: bool
    muted: bool
    source_lost: bool
    mode: Literal["treadmill", "overground"]
    messages: tuple[str, ...] = ()
    """Short notices, newest last, such as a lost treadmill link."""
    belt_messages: tuple[str, ...] = ()
    """Those of them that are about the belt's speed."""
    setup: SetupState | None = None
    """The check before the run; while it is there, it is what the screen shows."""
    finish: Finish | None = None
    """How it was; while it is there, it is what the screen shows."""
    heart_bpm: float = math.nan
    """NaN while none is heard."""
    load: Load | None = None
    """What the stages cost, for the debug overlay."""
    question: str = ""
    """What the runner is asked, until it is answered by key."""


class Screen(Protocol):
    """Shows the run and takes keys. Only ever called from one thread."""

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        """Draw one picture. Losing the window never raises."""
        ...

    def commands(self) -> tuple[UserCommand, ...]:
        """What the runner asked for since the last call."""
        ...

    def close(self) -> None:
        """Close the window. May be called twice."""
        ...


@runtime_checkable
class Losable(Protocol):
    """A screen that can tell whether its window is there."""

    @property
    def is_open(self) -> bool:
        """Whether there is a window now."""
        ...


class Speaker(Protocol):
    """Plays tones and phrases. No call blocks, none raises for a missing sound card."""

    def say(self, cue: Cue, now_s: float) -> bool:
        """Play the cue unless it has expired at `now_s` or sound is off; whether it was started."""
        ...

    def say_line(self, text: str) -> bool:
        """Speak a line of the stage (set-up, baseline ready) after whatever is playing; whether it was taken."""
        ...

    def tick(self, cadence_spm: float) -> None:
        """Tick softly at this cadence where the runner wishes so, never over a cue; NaN ends it."""
        ...

    def mute(self, muted: bool) -> None:
        """Silence, or the opposite."""
        ...

    def hush(self) -> None:
        """Cut off what sounds, drop what waits, and say no cue of a picture that was there before; later ones are."""
        ...

    def status(self) -> str:
        """What sounds and what does not, in a few words, with the remedy where there is one."""
        ...

    def trouble(self) -> Notice | None:
        """That the runner hears less than was set: no card, or no speech; None while all is well or muted."""
        ...

    def close(self) -> None:
        """Stop sound and speech. May be called twice."""
        ...


class Recorder(Protocol):
    """Keeps what came in and what came of it, crash-safe, so that everything can be derived again."""

    def append(self, frame: Frame, update: Update) -> None:
        """One frame. What cannot be kept is told, and never raises."""
        ...
