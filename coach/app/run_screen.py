"""The runner's side of a live session: the screen is fed and keys are obeyed, in the main thread."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2

from coach.app.live_stages import LiveStages, Picture
from coach.app.sleep_watch import SleepWatch
from coach.core.coaching.coaching import Coaching
from coach.core.pipeline import Update
from coach.core.pose import Side
from coach.core.session.session import Session
from coach.edges.speed.treadmill_link import LinkState, TreadmillSpeed
from coach.edges.speed.typed_speed import TypedSpeed
from coach.ports import SOUND_TROUBLE, TONES_ONLY, Frame, LiveStatus, Losable, Screen, Speaker, UserCommand
from coach.private import write_private
from coach.review.sentences import remember_text
from coach.review.summary_text import summary_lines
from coach.settings import Settings

_PICTURE_WAIT_S: Final = 1 / 60
"""Keys are looked at this often, also while no picture comes."""
_AGAIN_S: Final = 0.2
"""How often the screen is drawn while the camera is lost."""
_NOTICE_S: Final = 6.0
_LISTEN_S: Final = 0.5
"""The speaker is asked this often whether it can still be heard."""
_SUMMARY_S: Final = 12.0
_LINK_WORDS: Final = {
    LinkState.CONNECTED: "belt_connected",
    LinkState.LOST: "belt_lost",
    LinkState.UNAVAILABLE: "belt_missing",
}
_NEXT_SIDE: Final[dict[Side | None, Side | None]] = {None: "left", "left": "right", "right": None}


class NoScreen:
    """A screen for runs without one: shows nothing, asks for nothing."""

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        """Show nothing."""

    def commands(self) -> tuple[UserCommand, ...]:
        """Ask for nothing."""
        return ()

    def close(self) -> None:
        """Nothing to close."""


class RunScreen:
    """Feeds the screen with the newest picture and obeys the runner's keys."""

    def __init__(
        self,
        stages: LiveStages,
        screen: Screen,
        speaker: Speaker,
        typed: TypedSpeed,
        coaching: Coaching,
        settings: Settings,
        snapshots: Path,
        treadmill: TreadmillSpeed | None = None,
    ) -> None:
        self._stages = stages
        self._screen = screen
        self._speaker = speaker
        self._typed = typed
        self._coaching = coaching
        self._settings = settings
        self._snapshots = snapshots
        self._treadmill = treadmill
        self._finished = False
        self._paused = False
        self._muted = False
        self._side: Side | None = None
        self._shown: tuple[Frame, Update | None] | None = None
        self._first_s = math.nan
        self._again_s = -math.inf
        self._sound_trouble = ""
        self._listen_next_s = 0.0
        self._window_open = True
        self._sleep = SleepWatch()
        self._words = stages.words
        self._notices: deque[tuple[float, str]] = deque(maxlen=3)
        self._orders: dict[UserCommand, Callable[[], None]] = {
            UserCommand.FASTER: self._faster,
            UserCommand.SLOWER: self._slower,
            UserCommand.PAUSE: self._pause,
            UserCommand.BASELINE: self._baseline,
            UserCommand.MUTE: self._mute,
            UserCommand.SIDE: self._next_side,
            UserCommand.SNAPSHOT: self._snapshot,
            UserCommand.SKIP: stages.skip_setup,
            UserCommand.FINISH: self.finish,
        }

    def watch(self) -> None:
        """Show and obey until the session ends. Raises what stopped a stage."""
        self._stages.start()
        while self._stages.running and not self._finished:
            self._hear_treadmill()
            for text in self._stages.notices():
                self.notice(text)
            self._hear_speaker()
            self._look_around()
            self._look(self._stages.next_picture(_PICTURE_WAIT_S))
            for command in self._screen.commands():
                if (order := self._orders.get(command)) is not None:
                    order()
        self._stages.stop()
        self._stages.join()

    def finish(self) -> None:
        """End the session at the next look."""
        self._finished = True

    def show_summary(self, session: Session) -> None:
        """Show how it was until a key is pressed or some seconds have passed."""
        if isinstance(self._screen, NoScreen) or self._shown is None:
            return
        frame, update = self._shown
        status = self._status(frame, summary_lines(session, self._settings.units), remember_text(session.summary) or "")
        until_s = time.monotonic() + _SUMMARY_S
        while time.monotonic() < until_s and not self._screen.commands():
            self._screen.show(frame, update, status)
            time.sleep(_PICTURE_WAIT_S)

    def notice(self, text: str) -> None:
        """A short line on the screen, for some seconds."""
        self._notices.append((time.monotonic() + _NOTICE_S, text))

    def _hear_treadmill(self) -> None:
        """Show and keep what has changed about the treadmill's link."""
        for news in self._treadmill.news() if self._treadmill is not None else ():
            self.notice(f"{self._words(f'screen.{_LINK_WORDS[news.state]}')}: {news.detail}")
            self._stages.note("treadmill", str(news))

    def _hear_speaker(self) -> None:
        """Show and keep that sound or speech was lost or came back; the run goes on either way."""
        if time.monotonic() < self._listen_next_s:
            return
        self._listen_next_s = time.monotonic() + _LISTEN_S
        status = self._speaker.status()
        trouble = status if status.startswith(SOUND_TROUBLE) else ""
        if trouble != self._sound_trouble:
            self._sound_trouble = trouble
            self.notice(self._sound_words(trouble))
            self._stages.note("sound", trouble or "back")

    def _sound_words(self, trouble: str) -> str:
        if trouble.startswith(TONES_ONLY):
            # What is missing, and what to type for it.
            return f"{self._words('screen.tones_only')}:{trouble.removeprefix(TONES_ONLY)}"
        return self._words("screen.no_sound" if trouble else "screen.sound_back")

    def _look_around(self) -> None:
        """Tell that the machine slept, and that the window went or came back: the run goes on either way."""
        if (slept_s := self._sleep.slept_s()) > 0:
            self._stages.tell("slept", self._words("screen.slept"), f"{slept_s:.0f} s")
        if isinstance(self._screen, Losable) and self._screen.is_open != self._window_open:
            self._window_open = self._screen.is_open
            self._stages.tell("window", self._words(f"screen.window_{'back' if self._window_open else 'lost'}"))

    def _look(self, picture: Picture | None) -> None:
        if picture is None:
            self._look_again()
            return
        frame, update = picture.grabbed.frame, picture.update
        if math.isnan(self._first_s) and not self._stages.in_setup:
            self._first_s = frame.t_s
        if update is None and self._shown is not None:
            update = self._shown[1]
        self._shown = (frame, update)
        self._screen.show(frame, update, self._status(frame))
        self._stages.showed(picture)

    def _look_again(self) -> None:
        """While no picture comes, the last one stays and the screen says why."""
        now_s = time.monotonic()
        if self._shown is None or not self._stages.lost.is_set() or now_s - self._again_s < _AGAIN_S:
            return
        self._again_s = now_s
        frame, update = self._shown
        self._screen.show(frame, update, self._status(frame))

    def _status(self, frame: Frame, summary: tuple[str, ...] = (), remember: str = "") -> LiveStatus:
        now_s = time.monotonic()
        return LiveStatus(
            elapsed_s=0.0 if math.isnan(self._first_s) else frame.t_s - self._first_s,
            paused=self._paused,
            muted=self._muted,
            source_lost=self._stages.lost.is_set(),
            mode=self._settings.coach.session.mode,
            messages=tuple(text for until_s, text in self._notices if until_s > now_s),
            setup=self._stages.setup,
            summary=summary,
            remember=remember,
            load=self._stages.load(),
        )

    def _belt_mps(self) -> float | None:
        update = self._shown[1] if self._shown else None
        return update.belt.speed_mps if update is not None and update.belt is not None else None

    def _faster(self) -> None:
        self._typed.faster(self._belt_mps())

    def _slower(self) -> None:
        self._typed.slower(self._belt_mps())

    def _pause(self) -> None:
        self._paused = not self._paused
        paused = self._paused
        self._stages.request(lambda t_s: self._coaching.pause(t_s, paused))
        self._stages.note("paused" if paused else "resumed")

    def _baseline(self) -> None:
        self._stages.request(self._coaching.request_baseline)

    def _mute(self) -> None:
        self._muted = not self._muted
        self._speaker.mute(self._muted)

    def _next_side(self) -> None:
        self._side = side = _NEXT_SIDE[self._side]
        self._stages.request(lambda _t_s: self._coaching.coach_side(side))
        which = self._words(f"screen.{side or 'coached_near'}")
        self.notice(f"{self._words('screen.coached_leg')}: {which}")

    def _snapshot(self) -> None:
        if self._shown is None:
            return
        path = self._snapshots / f"{time.strftime('%Y%m%d-%H%M%S')}.png"
        try:
            written, picture = cv2.imencode(".png", self._shown[0].image_bgr)
            if written:
                write_private(path, picture.tobytes())
        except (OSError, cv2.error):
            written = False
        kept = f"{self._words('screen.picture_kept')}: {path.name}"
        self.notice(kept if written else self._words("screen.picture_lost"))
