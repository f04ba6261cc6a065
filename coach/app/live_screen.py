"""The runner's side of a live session: the screen is fed and keys are obeyed, in the main thread."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import cv2

from coach.app.analysis_stage import LiveParts
from coach.app.capture_stage import Moment
from coach.app.live_stages import LiveStages
from coach.app.surroundings import Surroundings
from coach.core.coaching.advice import NotYet
from coach.core.notices import Notice, NoticeKind, Word
from coach.core.pipeline import Update
from coach.core.pose import Side, other
from coach.ports import Finish, Frame, LiveStatus, Losable, Screen, UserCommand
from coach.private import write_private
from coach.settings import Settings

_PICTURE_WAIT_S: Final = 1 / 60
"""Keys are looked at this often, also while no picture comes."""
_AGAIN_S: Final = 0.2
"""How often the screen is drawn while the camera is lost."""
_NOTICE_S: Final = 6.0
_SUMMARY_S: Final = 12.0
_OF_WHAT_IS_SEEN: Final = frozenset({UserCommand.PAUSE, UserCommand.SKIP, UserCommand.TROUBLE, UserCommand.WELL})
"""Pressed while the window still loads, these mean nothing: neither run nor check nor question was there."""
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


@dataclass(slots=True)
class _Wishes:
    """What the runner has set by key."""

    paused: bool = False
    muted: bool = False
    side: Side | None = None
    answered: bool = False
    """Whether the question before the first programme was answered just now."""


@dataclass(slots=True)
class _Shown:
    """What stands on the screen."""

    first_s: float = math.nan
    """The session's first frame."""
    frame: Frame | None = None
    update: Update | None = None
    drawn_s: float = -math.inf
    messages: deque[tuple[float, NoticeKind, str]] = field(default_factory=lambda: deque(maxlen=3))
    """Short lines, each with when it goes and what it is about."""


class LiveScreen:
    """Feeds the screen with the newest picture and obeys the runner's keys."""

    def __init__(
        self, stages: LiveStages, screen: Screen, parts: LiveParts, settings: Settings, snapshots: Path
    ) -> None:
        """`snapshots`: where the key for one puts its picture."""
        self._stages = stages
        self._screen = screen
        self._parts = parts
        self._settings = settings
        self._snapshots = snapshots
        self._finished = self._left = False
        self._wishes = _Wishes()
        self._shown = _Shown()
        self._surroundings = Surroundings(parts.speaker, screen)
        self._orders: dict[UserCommand, Callable[[], None]] = {
            UserCommand.FASTER: lambda: parts.speed.faster(self._belt_mps()),
            UserCommand.SLOWER: lambda: parts.speed.slower(self._belt_mps()),
            UserCommand.PAUSE: self._pause,
            UserCommand.BASELINE: lambda: stages.request(self._baseline),
            UserCommand.MUTE: self._mute,
            UserCommand.SIDE: self._next_side,
            UserCommand.SNAPSHOT: self._snapshot,
            UserCommand.HURTS: self._hurts,
            UserCommand.TROUBLE: lambda: self._answer(trouble=True),
            UserCommand.WELL: lambda: self._answer(trouble=False),
            UserCommand.SKIP: stages.skip_setup,
            UserCommand.FINISH: self.finish,
        }

    def watch(self) -> None:
        """Show and obey until the session ends. Raises what stopped a stage."""
        self._stages.start()
        self._obey(but=_OF_WHAT_IS_SEEN)
        while self._stages.running and not self._finished and not self._stages.overdue:
            told = (*self._parts.speed.notices(), *self._parts.companions.notices())
            for notice in (*told, *self._surroundings.look()):
                self._parts.board.tell(notice)
            self._look(self._stages.next_picture(_PICTURE_WAIT_S))
            self._obey()
        self._stages.stop()
        self._stages.join()

    @property
    def finished(self) -> bool:
        """Whether somebody ended it: the runner, or a signal."""
        return self._finished

    def finish(self) -> None:
        """End the session at the next look."""
        self._finished = True

    def leave(self) -> None:
        """End it so, and show no summary: whoever sends a signal does not look at the window any more."""
        self._left = self._finished = True

    def show_finish(self, finish: Finish) -> None:
        """Show how it was until a key is pressed, some seconds have passed or nobody can see it any more."""
        frame = self._shown.frame
        if isinstance(self._screen, NoScreen) or frame is None:
            return
        until_s = time.monotonic() + _SUMMARY_S
        while time.monotonic() < until_s and not self._left and not self._screen.commands():
            self._screen.show(frame, self._shown.update, self._status(frame, finish))
            if isinstance(self._screen, Losable) and not self._screen.is_open:
                return
            time.sleep(_PICTURE_WAIT_S)

    def _obey(self, but: frozenset[UserCommand] = frozenset()) -> None:
        for command in self._screen.commands():
            if command not in but and (order := self._orders.get(command)) is not None:
                order()

    def _look(self, picture: Moment | None) -> None:
        if picture is None:
            self._look_again()
            return
        frame, shown = picture.frame, self._shown
        if math.isnan(shown.first_s) and not self._stages.in_setup:
            shown.first_s = frame.t_s
        shown.frame, shown.update = frame, picture.update or shown.update
        self._screen.show(frame, shown.update, self._status(frame))
        self._stages.showed(picture)

    def _look_again(self) -> None:
        """While no picture comes, the last one stays and the screen says why; clock and belt go on."""
        now_s, shown = time.monotonic(), self._shown
        if shown.frame is None or not self._stages.lost or now_s - shown.drawn_s < _AGAIN_S:
            return
        shown.drawn_s = now_s
        t_s = self._stages.now_s()
        self._screen.show(shown.frame, self._with_belt_of(t_s, shown.update), self._status(shown.frame, t_s=t_s))

    def _with_belt_of(self, t_s: float, update: Update | None) -> Update | None:
        """Without a picture keys and plan still change the belt's speed."""
        told = next(iter(self._parts.speed.current(t_s)), None)
        if update is None or update.belt is None or told is None or told.speed_mps == update.belt.speed_mps:
            return update
        return replace(update, belt=told)

    def _status(self, frame: Frame, finish: Finish | None = None, t_s: float | None = None) -> LiveStatus:
        """`t_s`: the time to show, where it is not that of the frame."""
        now_s, shown = time.monotonic(), self._shown
        heart = self._parts.companions.heart(frame.t_s)
        shown.messages += [(now_s + _NOTICE_S, *told) for told in self._parts.board.shown()]
        told = [(kind, text) for until_s, kind, text in shown.messages if until_s > now_s]
        return LiveStatus(
            elapsed_s=0.0 if math.isnan(shown.first_s) else (frame.t_s if t_s is None else t_s) - shown.first_s,
            paused=self._wishes.paused,
            muted=self._wishes.muted,
            source_lost=self._stages.lost,
            mode=self._settings.coach.session.mode,
            messages=tuple(text for _, text in told),
            belt_messages=tuple(text for kind, text in told if kind is NoticeKind.BELT_SPEED),
            setup=self._stages.setup,
            finish=finish,
            heart_bpm=math.nan if heart is None else heart.bpm,
            load=self._stages.load,
            question="" if finish else self._question(),
        )

    def _question(self) -> str:
        """What is to be answered before the first programme; nothing once it is, or where none begins."""
        unasked = self._parts.coach.unasked and not self._wishes.answered
        return self._parts.board.words.line("screen.question") if unasked else ""

    def _belt_mps(self) -> float | None:
        update = self._shown.update
        return update.belt.speed_mps if update is not None and update.belt is not None else None

    def _pause(self) -> None:
        if self._stages.in_setup:
            # Nothing runs yet that could stand still; what is there goes on at this key.
            self._stages.skip_setup()
            return
        self._wishes.paused = paused = not self._wishes.paused
        if paused:
            self._parts.speaker.hush()
        self._stages.request(lambda t_s: self._parts.coach.pause(t_s, paused))
        # At once: while the camera is lost the plan goes on, and no frame comes that would stop it.
        self._parts.speed.pause(self._stages.now_s(), paused)
        self._parts.board.tell(Notice(NoticeKind.PAUSED if paused else NoticeKind.RESUMED))

    def _baseline(self, t_s: float) -> None:
        """Tell where it waits: on the screen the warm-up just goes on."""
        if self._parts.coach.new_baseline(t_s):
            self._parts.board.tell(Notice(NoticeKind.KEY, "screen.baseline_later"))

    def _hurts(self) -> None:
        self._stages.request(self._parts.coach.hurts)
        self._parts.speaker.hush()
        self._parts.board.tell(Notice(NoticeKind.HURTS, "screen.hurts"))

    def _answer(self, *, trouble: bool) -> None:
        if not self._question():
            return
        self._wishes.answered = True
        self._stages.request(lambda t_s: self._parts.coach.answer(t_s, trouble=trouble))
        said = "programme.said_trouble" if trouble else "programme.said_well"
        self._parts.board.tell(Notice(NoticeKind.ANSWER, said))

    def _mute(self) -> None:
        self._wishes.muted = not self._wishes.muted
        self._parts.speaker.mute(self._wishes.muted)

    def _next_side(self) -> None:
        self._wishes.side = side = _NEXT_SIDE[self._wishes.side]
        self._stages.request(lambda _t_s: self._coach(side))

    def _coach(self, side: Side | None) -> None:
        """Tell the leg that is really coached; only who analyses knows it."""
        self._parts.board.tell(_coached(side, self._parts.coach.coach_side(side)))

    def _snapshot(self) -> None:
        frame = self._shown.frame
        if frame is None:
            return
        path = self._snapshots / f"{time.strftime('%Y%m%d-%H%M%S')}.png"
        try:
            written, picture = cv2.imencode(".png", frame.image_bgr)
            if written:
                write_private(path, picture.tobytes())
        except (OSError, cv2.error):
            written = False
        notice = Notice(NoticeKind.KEY, "screen.picture_kept", path.name) if written else _LOST_SNAPSHOT
        self._parts.board.tell(notice)


def _coached(wanted: Side | None, not_yet: NotYet | None) -> Notice:
    if wanted is None or not_yet is None:
        return Notice(NoticeKind.KEY, "screen.coached_leg", Word(f"screen.{wanted or 'coached_near'}"))
    legs = (("wanted", Word(f"screen.{wanted}")), ("leg", Word(f"screen.{other(wanted)}")))
    return Notice(NoticeKind.KEY, f"screen.not_yet.{not_yet}", values=legs)


_LOST_SNAPSHOT: Final = Notice(NoticeKind.KEY, "screen.picture_lost")
