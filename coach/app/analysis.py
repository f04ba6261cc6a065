"""One frame in, one update out: the same for a live run, a video file and a recording."""

from __future__ import annotations

from collections.abc import Sequence

from coach.app.session_writer import Keeper
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.session.records import Latency
from coach.core.session.session import Session
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.errors import NoRunnerError
from coach.ports import Frame, PoseEstimator, SpeedSource


class Analysis:
    """Joins estimator, coach and keeper. Called from one thread."""

    def __init__(
        self, coach: Coach, keeper: Keeper, speeds: Sequence[SpeedSource], estimator: PoseEstimator | None = None
    ) -> None:
        """`estimator` may be left out where poses come ready, as from a recording."""
        self.coach = coach
        self.keeper = keeper
        self._speeds = speeds
        self._estimator = estimator
        self._remarks: list[tuple[str, str]] = []

    def remark(self, kind: str, detail: str) -> None:
        """Keep an event of the session, stamped with the next frame's time."""
        self._remarks.append((kind, detail))

    def take(self, frame: Frame) -> Update:
        """Find the runner in the frame and go on from there."""
        if self._estimator is None:
            raise TypeError("an analysis without an estimator takes poses, not frames")
        return self._step(frame.t_s, self._estimator.estimate(frame), self._given(frame.t_s), frame)

    def take_pose(self, t_s: float, pose: Pose | None, recorded: BeltSpeed | None = None) -> Update:
        """Go on from a pose. `recorded` is the belt speed that a recording brings along."""
        given = self._given(t_s)
        if recorded is not None:
            given.append(recorded)
        return self._step(t_s, pose, given, None)

    def _given(self, t_s: float) -> list[BeltSpeed]:
        return [speed for source in self._speeds if (speed := source.current(t_s)) is not None]

    def _step(self, t_s: float, pose: Pose | None, given: list[BeltSpeed], frame: Frame | None) -> Update:
        update = self.coach.step(t_s, pose, given)
        while self._remarks:
            self.keeper.event(t_s, *self._remarks.pop(0))
        for text in update.notices:
            self.keeper.event(t_s, "belt_speed", text)
        self.keeper.append(update, _told(update.belt), frame)
        return update

    def finish(self, frames_dropped: int | None = None, latencies: tuple[Latency, ...] = ()) -> Session:
        """Decide what was still pending, and make the session of it all.

        Raises NoRunnerError, and keeps nothing, where nobody was ever found.
        """
        if not self.keeper.runner_seen:
            self.keeper.discard()
            raise NoRunnerError(
                f"no runner was found in {self.keeper.source_name}; "
                "the camera must see the whole body from the side, feet and shoulders too"
            )
        self.keeper.append_strides(self.coach.finish())
        return self.keeper.finish(frames_dropped, latencies)

    def close(self) -> None:
        """Let go of network and speed sources."""
        if self._estimator is not None:
            self._estimator.close()
        for source in self._speeds:
            source.close()


def _told(belt: BeltSpeed | None) -> BeltSpeed | None:
    """The believed speed, for the recording; what was read from the picture is read again on replay."""
    return None if belt is None or belt.origin is SpeedOrigin.VIDEO else belt
