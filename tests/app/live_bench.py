"""What live runs in tests stand on: a runner whose poses are known, a narration and a screen that remember."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from coach.core.coaching.cues import Cue
from coach.core.notices import Notice
from coach.core.pipeline import Update
from coach.core.pose import Pose
from coach.ports import Frame, LiveStatus, UserCommand
from tests.synth import synthetic_run


@cache
def _poses(duration_s: float) -> Sequence[Pose]:
    return synthetic_run(speed_mps=3.0, duration_s=duration_s, fps=60, noise_ll=0.005, seed=6).poses


class KnownRunner:
    """Stands in for the pose network, which is tested elsewhere: the pose of every moment is known."""

    readings = 1

    def __init__(self, duration_s: float = 30.0) -> None:
        self._poses = _poses(duration_s)
        self._times_s = [pose.t_s for pose in self._poses]

    def estimate(self, frame: Frame) -> Pose | None:
        at = min(bisect.bisect_left(self._times_s, frame.t_s % self._times_s[-1]), len(self._poses) - 1)
        return replace(self._poses[at], t_s=frame.t_s)

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Narration:
    """Remembers what was said on the terminal."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.notices: list[tuple[Notice, str]] = []
        self.updates: list[Update] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def notice(self, notice: Notice, text: str) -> None:
        self.notices.append((notice, text))

    def model(self, what: str, share: float) -> None: ...

    def update(self, update: Update) -> None:
        self.updates.append(update)

    def cue(self, cue: Cue) -> None: ...


class Diary:
    """Everything that the runner was shown or told, in its order; what comes again and again is noted once."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        if not self.lines or self.lines[-1] != line:
            self.lines.append(line)

    def has(self, *wanted: str) -> bool:
        """Whether lines that begin so came in this order, whatever lay between them."""
        lines = iter(self.lines)
        return all(any(line.startswith(start) for line in lines) for start in wanted)


class WatchedScreen:
    """A screen that writes down what it was given to show."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary
        self._lost = False
        self._messages: tuple[str, ...] = ()
        self.asked: list[UserCommand] = []
        self.question = ""

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        self.question = status.question
        for text in status.messages:
            if text not in self._messages:
                self._diary.note(f"shown: {text}")
        self._messages = status.messages
        if status.source_lost != self._lost:
            self._lost = status.source_lost
            self._diary.note("shown: lost" if self._lost else "shown: picture again")

    def commands(self) -> tuple[UserCommand, ...]:
        asked, self.asked = tuple(self.asked), []
        return asked

    def close(self) -> None: ...


class WatchedSpeaker:
    """A speaker that writes down what it was asked to say."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary
        self.heard: list[Callable[[], object]] = []

    def say(self, cue: Cue, now_s: float) -> bool:
        self._diary.note(f"cue: {cue.kind}")
        return True

    def say_line(self, text: str) -> bool:
        self._diary.note(f"said: {text}")
        return True

    def tick(self, cadence_spm: float) -> None: ...

    def mute(self, muted: bool) -> None:
        self._diary.note("quiet" if muted else "may speak")

    def hush(self) -> None:
        self._diary.note("hushed")

    def status(self) -> str:
        return "listening"

    def trouble(self) -> Notice | None:
        return None

    def close(self) -> None: ...
