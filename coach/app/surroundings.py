"""The look around: the set-up check before a live run; during it the light, the sound, the window, the machine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from coach.app.speed_sources import SpeedSources
from coach.core.coaching.coaching import Advice, Stage
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import UNBOUNDED, PictureSize
from coach.core.gait.sagittal_view import Lens
from coach.core.notices import Notice, NoticeKind, Word
from coach.core.pipeline import Update
from coach.core.setup.light_watch import LIGHT_EVERY_S, LightWatch
from coach.core.setup.setup_check import (
    BEGINS_ANYWAY,
    PictureStats,
    SetupCheck,
    SetupItem,
    SetupState,
    Verdict,
    left_behind,
)
from coach.edges.frames.picture_measures import picture_stats
from coach.ports import Frame, Losable, PoseEstimator, Screen, Speaker
from coach.timing import FrameRate, SleepWatch

_PICTURE_EVERY_S: Final = 0.5
"""Light does not change faster than that, and looking at it costs some milliseconds."""


_LOST_S: Final = 1.5
"""No shutter is open for so long."""


class SourceRate:
    """How many new pictures a second a source gave lately, and which share of all only repeated another.

    Pictures that came and were not analysed count as well: they are numbered by the source. Time in which none came
    does not: a source that was lost is not a slow one.
    """

    def __init__(self) -> None:
        self._new, self._repeats, self._looked_at = FrameRate(), FrameRate(), FrameRate()
        self._last_s = math.nan

    def see(self, frame: Frame) -> None:
        """One more frame."""
        self._new.add(frame.t_s, frame.index)
        self._repeats.add(frame.t_s, frame.repeated)
        self._looked_at.add(frame.t_s)
        if frame.t_s - self._last_s > _LOST_S:
            self.restart()
        self._last_s = frame.t_s

    def restart(self) -> None:
        """Count from the newest frame on."""
        for rate in (self._new, self._repeats, self._looked_at):
            rate.restart()

    @property
    def new_per_s(self) -> float:
        """NaN before the second frame."""
        return self._new.per_s

    @property
    def analysed_per_s(self) -> float:
        """How many of them were seen here; NaN before the second frame."""
        return self._looked_at.per_s

    @property
    def left_behind(self) -> bool:
        """Whether it is this machine that has few pictures: more came than it looked at."""
        return left_behind(self.new_per_s, self.analysed_per_s)

    @property
    def repeated_pct(self) -> float:
        """0 where none is known to repeat another."""
        repeats = self._repeats.per_s
        return 100 * repeats / (repeats + self._new.per_s) if repeats > 0 else 0.0


UNSEEN_PATIENCE_S: Final = 20.0
"""Without a window nobody can skip the check: whoever was in the picture for so long has heard what is wrong twice."""


class SetupPreview:
    """Watches the preview until the run can begin: the same frames, a tracker of its own, nothing kept.

    For the analysis thread; `state` may be read by others.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        speed: SpeedSources,
        speaker: Speaker,
        tell: Callable[[Notice], object],
        lens: Lens | None = None,
        picture: PictureSize = UNBOUNDED,
        incline_pct: float = math.nan,
        *,
        speed_remedy: str | None = "remedy.speed",
        ends_after_s: float = math.inf,
        streamed: bool = False,
        unseen: Callable[[], bool] = lambda: False,
    ) -> None:
        """`lens`, `picture` and `incline_pct` as the run's own coach has them, so that both see the same.

        `tell` hears what is to be mended; `speed_remedy` and `ends_after_s` are the check's own. `streamed`: whether
        the pictures come over a network. `unseen`: whether there is no window now. Without one the run begins although
        something is wrong, once somebody was in the picture for long enough.
        """
        self._estimator = estimator
        self._speed = speed
        self._speaker = speaker
        self._tell = tell
        self._streamed = streamed
        self._unseen = unseen
        self._patience_s = UNSEEN_PATIENCE_S
        self._last_s = math.nan
        self._tracker = GaitTracker(lens=lens, picture=picture)
        self._tracker.belt_climbs(incline_pct)
        self._check = SetupCheck(
            corrects=lens is not None, incline_pct=incline_pct, speed_remedy=speed_remedy, ends_after_s=ends_after_s
        )
        self._picture: PictureStats | None = None
        self._looked_s = -math.inf
        self._rate = SourceRate()
        self.state: SetupState | None = None

    @property
    def done(self) -> bool:
        """Whether the run can begin."""
        return self.state is not None and self.state.done

    @property
    def runner_found(self) -> bool:
        """Whether somebody is in the picture now, be it not as a whole."""
        found = [result for result in self.state.items if result.item is SetupItem.RUNNER] if self.state else []
        return any(result.verdict is Verdict.OK or result.remedy == "remedy.whole_body" for result in found)

    @property
    def remedy(self) -> str | None:
        """Key of the line that says what to do first; None where nothing is known to be wrong."""
        first = self.state.first_to_mend if self.state else None
        return None if first is None else f"screen.{first.remedy}"

    def skip(self) -> None:
        """Begin regardless."""
        self._check.skip()

    def take(self, frame: Frame) -> Update:
        """Look at one more frame; the update carries pose and gait, and no advice."""
        self._rate.see(frame)
        pose = self._estimator.estimate(frame)
        belt = next(iter(self._speed.current(frame.t_s)), None)
        if belt is not None:
            self._tracker.belt_climbs(belt.incline_pct)
        gait = self._tracker.step(frame.t_s, pose)
        unheard = trouble.kind if (trouble := self._speaker.trouble()) is not None else None
        self.state = self._check.step(frame.t_s, pose, gait, self._light(frame), belt, unheard)
        # A plan is one of the run: until then it tells its first speed.
        self._speed.pause(frame.t_s, paused=not self.done)
        if self.state.say is not None:
            self._say(self.state.say)
        self._grow_impatient(frame.t_s)
        advice = Advice(Stage.WARM_UP, math.nan, target=None, lift=None, cues=(), hold_reason=None)
        return Update(frame.t_s, pose, gait, belt, advice, strides=())

    def _grow_impatient(self, t_s: float) -> None:
        if self.runner_found and self._unseen() and t_s > self._last_s:
            self._patience_s -= t_s - self._last_s
        self._last_s = t_s
        if self._patience_s <= 0 and not self.done:
            self._patience_s = math.inf
            self._say(BEGINS_ANYWAY)
            self.skip()

    def _say(self, key: str) -> None:
        """With what is not mended, where the run begins all the same."""
        remedy = self.remedy if key == BEGINS_ANYWAY else None
        self._tell(Notice(NoticeKind.CHECK, key, Word(remedy) if remedy else ""))

    def _light(self, frame: Frame) -> PictureStats:
        if self._picture is None or frame.t_s - self._looked_s >= _PICTURE_EVERY_S:
            seen = picture_stats(frame.image_bgr, self._rate.new_per_s, self._rate.repeated_pct)
            self._picture = replace(seen, analysed_fps=self._rate.analysed_per_s, streamed=self._streamed)
            self._looked_s = frame.t_s
        return self._picture


class LightMeter:
    """Light and rate of a live camera, looked at about once a second; most frames cost nothing."""

    def __init__(self, *, streamed: bool = False) -> None:
        """`streamed`: whether the pictures come over a network."""
        self._streamed = streamed
        self._watch = LightWatch()
        self._rate = SourceRate()
        self._looked_s = math.nan

    def step(self, frame: Frame) -> Notice | None:
        """Take every frame that is analysed; what is to be told now."""
        self._rate.see(frame)
        if frame.t_s - self._looked_s < LIGHT_EVERY_S:
            return None
        self._looked_s = frame.t_s
        seen = picture_stats(frame.image_bgr, self._rate.new_per_s, self._rate.repeated_pct)
        key = self._watch.step(frame.t_s, replace(seen, streamed=self._streamed))
        self._rate.restart()
        return Notice(NoticeKind.LIGHT, f"screen.{key}", t_s=frame.t_s) if key else None


_LISTEN_S: Final = 0.5
"""The speaker is asked this often whether it can still be heard."""


class Surroundings:
    """Looks whether sound, window and the machine itself are still as they were, and says what changed."""

    def __init__(self, speaker: Speaker, screen: Screen) -> None:
        self._speaker = speaker
        self._screen = screen
        self._trouble: Notice | None = None
        self._listen_next_s = 0.0
        self._window_open = True
        self._sleep = SleepWatch()

    def look(self) -> list[Notice]:
        """What there is to tell since the last look; the run goes on either way."""
        found = []
        if (slept := self._sleep.look()) is not None:
            found.append(Notice(NoticeKind.SLEPT, "screen.slept", f"{slept.seconds:.0f} s"))
        if isinstance(self._screen, Losable) and self._screen.is_open != self._window_open:
            self._window_open = self._screen.is_open
            key = "screen.window_back" if self._window_open else "screen.window_lost"
            found.append(Notice(NoticeKind.WINDOW, key))
        if time.monotonic() >= self._listen_next_s:
            self._listen_next_s = time.monotonic() + _LISTEN_S
            found += self._listen()
        return found

    def _listen(self) -> list[Notice]:
        before, now = self._trouble, self._speaker.trouble()
        self._trouble = now
        if (before and before.kind) == (now and now.kind):
            return []
        if now is not None:
            return [now]
        return [Notice(before.kind, "screen.sound_back")] if before is not None else []
