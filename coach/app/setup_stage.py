"""The set-up check before a live run: the same frames, a tracker of its own, nothing kept."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from coach.core.coaching.coaching import Advice, Stage
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pipeline import Update
from coach.core.setup.setup_check import PictureStats, SetupCheck, SetupState
from coach.edges.frames.picture_stats import picture_stats
from coach.ports import SOUND_TROUBLE, Frame, PoseEstimator, Speaker, SpeedSource

_PICTURE_EVERY_S: Final = 0.5
"""Light does not change faster than that, and looking at it costs some milliseconds."""
_RATE_OVER: Final = 60
"""Frames over which the rate is taken."""


class SetupStage:
    """Watches the preview until the run can begin. `take` is called in one thread, `skip` from any."""

    def __init__(
        self,
        estimator: PoseEstimator,
        speeds: Sequence[SpeedSource],
        speaker: Speaker,
        words: Callable[[str], str],
    ) -> None:
        """`words`: a line of words by its key."""
        self._estimator = estimator
        self._speeds = speeds
        self._speaker = speaker
        self._words = words
        self._tracker = GaitTracker()
        self._check = SetupCheck()
        self._picture: PictureStats | None = None
        self._looked_s = -math.inf
        self._times_s: deque[float] = deque(maxlen=_RATE_OVER)
        self.state: SetupState | None = None

    @property
    def done(self) -> bool:
        """Whether the run can begin."""
        return self.state is not None and self.state.done

    def skip(self) -> None:
        """Begin regardless."""
        self._check.skip()

    def take(self, frame: Frame) -> Update:
        """Look at one more frame; the update carries pose and gait, and no advice."""
        self._times_s.append(frame.t_s)
        pose = self._estimator.estimate(frame)
        gait = self._tracker.step(frame.t_s, pose)
        known = (source.current(frame.t_s) for source in self._speeds)
        belt = next((speed for speed in known if speed is not None), None)
        self.state = self._check.step(frame.t_s, pose, gait, self._light(frame), belt, self._sound_ok())
        if self.state.say is not None:
            self._speaker.say_line(self._words(self.state.say))
        advice = Advice(Stage.WARM_UP, math.nan, target=None, lift=None, cues=(), hold_reason=None)
        return Update(frame.t_s, pose, gait, belt, advice, strides=())

    def _light(self, frame: Frame) -> PictureStats:
        if self._picture is None or frame.t_s - self._looked_s >= _PICTURE_EVERY_S:
            self._picture = picture_stats(frame.image_bgr, self._rate_fps())
            self._looked_s = frame.t_s
        return self._picture

    def _rate_fps(self) -> float:
        """Rate of the frames that arrived; NaN before there are enough."""
        span_s = self._times_s[-1] - self._times_s[0]
        return (len(self._times_s) - 1) / span_s if span_s > 0 else math.nan

    def _sound_ok(self) -> bool:
        return not self._speaker.status().startswith(SOUND_TROUBLE)
