"""The loop: one frame in, one update out. A live run, a video file and a recording all go through it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from coach.core.coaching.cues import Cue
from coach.core.notices import Notice
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.speed.belt_speed import Told
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
