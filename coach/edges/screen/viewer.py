"""A kept run, frame by frame, in the window: the runner as recorded, the angle, where in the stride, what happened.

Nothing is measured here: what is shown was measured when the run was, or is read off the recorded poses by the same
tracker.
"""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pygame
from numpy.typing import NDArray

from coach.core.coaching.stride_record import StrideRecord
from coach.core.notices import happened
from coach.core.pose import Pose, Side, other
from coach.core.session.session import Session
from coach.core.units import FloatArray, Units
from coach.core.words import Words
from coach.edges.screen.page import Page, wrapped
from coach.edges.screen.picture import Canvas, Framing, paint, surface_of
from coach.edges.screen.skeleton import draw_body, draw_runner
from coach.edges.screen.theme import DIGIT_EM, Colour
from coach.edges.screen.window import Window
from coach.ports import ImageBGR

_AROUND_S: Final = 2.5
"""So much of the curve is seen before and after the frame."""
_LEAP: Final = 10
"""Frames that a step with Shift goes."""
_NEAR_EVENT_S: Final = 1.0
_TOLD_LINES: Final = 3
"""Room for what happened at this moment, so that a cue moves nothing."""
_BREATH_S: Final = 1 / 60
_LONGEST_WAIT_S: Final = 1.0
"""A longer gap between frames lasts so long while it plays: nothing is seen to go on meanwhile."""
_HIGHEST_DEG: Final = 140.0
_KEYS: Final = ("step", "leap", "stride", "play", "mark", "still", "leave")


@dataclass(frozen=True, slots=True)
class Track:
    """Every frame of a recording, as columns. NaN where nothing was seen.

    t_s: (N,). xy_px: (N, 13, 2). confidence: (N, 13). flexion_deg, phase: (N, 2), left and right; the phase goes from
    contact (0) to the next (1).
    """

    t_s: FloatArray
    xy_px: NDArray[np.float32]
    confidence: NDArray[np.float32]
    flexion_deg: FloatArray
    phase: FloatArray
    size: tuple[int, int]
    """Width and height of the pictures in which the points lie."""

    def pose(self, at: int) -> Pose | None:
        """The runner of one frame; None where nobody was seen."""
        xy_px = self.xy_px[at]
        if not np.isfinite(xy_px).any():
            return None
        return Pose(float(self.t_s[at]), xy_px.astype(np.float64), self.confidence[at].astype(np.float64))

    def last_frame(self, t_s: float) -> int:
        """The frame that is to be seen at this moment: the last one not after it, or the first."""
        return max(int(np.searchsorted(self.t_s, t_s, side="right")) - 1, 0)

    def frame_at(self, t_s: float) -> int:
        """The frame nearest in time."""
        after = int(np.searchsorted(self.t_s, t_s))
        rivals = [at for at in (after - 1, after) if 0 <= at < len(self.t_s)]
        return min(rivals, key=lambda at: abs(float(self.t_s[at]) - t_s))


Picture = Callable[[float], ImageBGR | None]
"""The picture of a moment, where a video is at hand; None where it has none."""


@dataclass(slots=True)
class Viewer:
    """Where in a run somebody is looking, and what keys do. `draw` paints it; nothing else is touched."""

    session: Session
    track: Track
    marks: list[float] = field(default_factory=list)
    """Times of marked frames, ascending."""
    units: Units = "metric"
    at: int = 0
    playing: bool = False
    _played_s: float = math.nan
    """The recording's time up to which it has played; between two frames, mostly."""
    _framing: Framing = field(default_factory=Framing)
    _near: list[StrideRecord] = field(init=False)
    """The strides of whichever leg was near then, by their start."""

    def __post_init__(self) -> None:
        self._near = sorted((kept for kept in self.session.strides if kept.near), key=lambda kept: kept.start_s)

    @property
    def t_s(self) -> float:
        """The time of the frame that is shown."""
        return float(self.track.t_s[self.at])

    @property
    def near(self) -> Side:
        """The leg that was near at this moment, which is shown bold; the left one where the run did not tell."""
        if not self._near:
            return self.session.view.near_side or "left"
        begun = bisect.bisect_right(self._near, self.t_s, key=lambda kept: kept.start_s)
        return self._near[max(begun - 1, 0)].side

    def go(self, frame: int) -> None:
        """Show this frame, or the first or last."""
        self.at = min(max(frame, 0), len(self.track.t_s) - 1)

    def stride(self, step: int) -> None:
        """Go to the next highest bend of the near leg (1), or the one before (-1)."""
        peaks = sorted(k.peak_knee_flexion_s for k in self._near if k.peak_knee_flexion_s > 0)
        frames = sorted({self.track.frame_at(peak_s) for peak_s in peaks})
        place = bisect.bisect_right(frames, self.at) if step > 0 else bisect.bisect_left(frames, self.at) - 1
        if 0 <= place < len(frames):
            self.at = frames[place]

    def mark(self) -> None:
        """Mark this frame, or take its mark away."""
        if self.t_s in self.marks:
            self.marks.remove(self.t_s)
        else:
            bisect.insort(self.marks, self.t_s)

    def next_mark(self) -> None:
        """Go to the next marked frame; after the last one to the first."""
        if self.marks:
            self.at = self.track.frame_at(next((t_s for t_s in self.marks if t_s > self.t_s), self.marks[0]))

    def key(self, event: pygame.event.Event) -> bool:
        """Do what a key asks for; whether it was one of ours."""
        step = _LEAP if event.mod & pygame.KMOD_SHIFT else 1
        orders: dict[int, Callable[[], object]] = {
            pygame.K_RIGHT: lambda: self.go(self.at + step),
            pygame.K_LEFT: lambda: self.go(self.at - step),
            pygame.K_UP: lambda: self.stride(1),
            pygame.K_DOWN: lambda: self.stride(-1),
            pygame.K_HOME: lambda: self.go(0),
            pygame.K_END: lambda: self.go(len(self.track.t_s)),
            pygame.K_m: self.mark,
            pygame.K_n: self.next_mark,
        }
        if event.key == pygame.K_SPACE:
            self.play()
            return True
        if (order := orders.get(event.key)) is None:
            return False
        self.playing = False
        order()
        return True

    def play(self) -> None:
        """Play on from this frame, or stop; from the last frame it begins anew."""
        self.playing = not self.playing
        if self.playing and self._ended:
            self.at = 0
        self._played_s = self.t_s

    def pass_time(self, seconds: float) -> None:
        """Go on as life does while it plays, however often the window is drawn; stop at the end."""
        if not self.playing:
            return
        self._played_s += seconds
        self.at = self.track.last_frame(self._played_s)
        if self._ended:
            self.playing = False
        elif self._played_s - self.t_s > _LONGEST_WAIT_S:
            self.at += 1
            self._played_s = self.t_s

    @property
    def _ended(self) -> bool:
        return self.at >= len(self.track.t_s) - 1

    def says(self, words: Words) -> list[tuple[str, str]]:
        """What stands beside the picture: names and values of this frame."""
        rows = [(words.line("view.time"), f"{self.t_s - float(self.track.t_s[0]):.2f} s".replace(".", words.decimal))]
        for side in (self.near, other(self.near)):
            leg = ("left", "right").index(side)
            rows.append((words.line(f"view.{side}"), words.number(float(self.track.flexion_deg[self.at, leg]), "°")))
        phase = float(self.track.phase[self.at, ("left", "right").index(self.near)])
        rows.append((words.line("view.phase"), words.number(100 * phase, " %")))
        kept = next((k for k in self._near if k.start_s <= self.t_s < k.end_s), None)
        if kept is None:
            return [*rows, (words.line("view.stride"), "–")]
        if not math.isnan(kept.toe_off_s):
            on_ground = self.t_s < kept.toe_off_s
            rows.append((words.line("view.foot"), words.line("view.ground" if on_ground else "view.air")))
        peak = words.number(kept.peak_knee_flexion_deg, "°")
        if kept.reject_reason is None:
            return [*rows, (words.line("view.stride"), words.line("view.valid", peak=peak))]
        return [*rows, (words.line("view.stride"), words.line(f"reject.{kept.reject_reason.name.lower()}"))]

    def happened(self, words: Words) -> list[str]:
        """What happened around this moment: cues and events, the nearest first."""
        told = [(cue.t_s, words.line("run.cue", text=cue.text)) for cue in self.session.cues]
        told += [
            (event.t_s, happened(event.kind, event.detail, event.noted, words, self.units))
            for event in self.session.events
        ]
        near = [(abs(t_s - self.t_s), text) for t_s, text in told if abs(t_s - self.t_s) <= _NEAR_EVENT_S]
        return [text for _, text in sorted(near)]

    def draw(self, page: Page, image: ImageBGR | None) -> None:
        """The whole window."""
        window, em = page.layout.window, page.em
        page.surface.fill(page.theme.background)
        strip = pygame.Rect(0, 0, window.width, round(0.24 * window.height))
        strip.bottom = window.bottom - round(1.9 * em)
        picture = pygame.Rect(0, 0, round(0.64 * window.width), strip.top)
        beside = pygame.Rect(picture.right, 0, window.width - picture.width, strip.top).inflate(-2 * em, -2 * em)
        if window.height > window.width:
            picture = pygame.Rect(0, 0, window.width, round(0.55 * strip.top))
            beside = pygame.Rect(0, picture.bottom, window.width, strip.top - picture.bottom).inflate(-2 * em, -em)
        self._draw_runner(page, picture, image)
        self._draw_numbers(page, beside)
        self._draw_curve(page, strip)
        keys = "   ".join(page.words.line(f"view.key.{name}") for name in _KEYS)
        size = page.face.largest(keys, "medium", window.width - em, round(0.8 * em))
        page.write(keys, (em / 2, window.bottom - 0.6 * em), em=size, colour=page.theme.muted)

    def _draw_runner(self, page: Page, place: pygame.Rect, image: ImageBGR | None) -> None:
        pose, size = self.track.pose(self.at), self.track.size
        canvas: Canvas = np.zeros((place.height, place.width, 3), np.uint8)
        cut = self._framing.step(self.t_s, size, place.size, pose, whole=image is not None)
        placing = paint(image, canvas, cut, page.theme.card, mirrored=False)
        if pose is not None:
            if image is None:
                draw_body(canvas, pose, placing, page.theme)
            draw_runner(canvas, pose, placing, self.near, page.theme, trusted=True)
        page.surface.blit(surface_of(canvas), place)
        if pose is None:
            page.write(page.words.line("view.nobody"), place.center, colour=page.theme.muted, align="centre")

    def _draw_numbers(self, page: Page, place: pygame.Rect) -> None:
        words = page.words
        leg = ("left", "right").index(self.near)
        angle = words.number(float(self.track.flexion_deg[self.at, leg]), "°")
        large = page.face.largest("188°", "bold", 0.6 * place.width, round(0.3 * place.height))
        page.write(angle, (place.left, place.top + DIGIT_EM * large), em=large, weight="bold")
        top = place.top + DIGIT_EM * large
        rows = self.says(words)
        em = min(page.em, int((place.bottom - top) / (1.4 * (len(rows) + _TOLD_LINES))))
        names = max(page.face.width(name, "medium", em) for name, _ in rows) + em
        widest = names + max(page.face.width(value, "medium", em) for _, value in rows)
        if widest > place.width:
            em, names = int(em * place.width / widest), int(names * place.width / widest)
        for row, (name, value) in enumerate(rows, start=1):
            at, left = top + (0.6 + 1.4 * row) * em, place.left + names
            page.write(name, (place.left, at), em=em, colour=page.theme.muted)
            page.write(value, (left, at), em=page.face.largest(value, "medium", place.right - left, em))
        self._draw_told(page, (place.left, top + (0.6 + 1.4 * len(rows)) * em), place.width, em)

    def _draw_told(self, page: Page, at: tuple[float, float], width: int, em: int) -> None:
        """What happened here, below that place; what is long, in smaller letters."""
        texts = [page.words.line("view.marked")] if self.t_s in self.marks else []
        texts += self.happened(page.words)
        room, lines = _TOLD_LINES * em, [""]
        for small in range(em, max(em // 2, 1) - 1, -1):
            lines = [line for text in texts for line in wrapped(text, page.face, small, width, most_px=width)]
            if small * len(lines) <= room:
                break
        for row, line in enumerate(lines[: room // small], start=1):
            page.write(line, (at[0], at[1] + 1.4 * row * small), em=small)

    def _draw_curve(self, page: Page, place: pygame.Rect) -> None:
        """Both knees around this moment, contacts and toe-offs below, marks and cues above."""
        theme, left = page.theme, ("left", "right").index(self.near)
        pygame.draw.rect(page.surface, theme.card, place)
        low_s, high_s = self.t_s - _AROUND_S, self.t_s + _AROUND_S
        seen = np.flatnonzero((self.track.t_s >= low_s) & (self.track.t_s <= high_s))

        def x(t_s: float) -> float:
            return place.left + place.width * (t_s - low_s) / (2 * _AROUND_S)

        for leg, colour, width in ((1 - left, theme.muted, 1), (left, theme.accent, 3)):
            for run in _known_runs(seen, self.track.flexion_deg[:, leg]):
                points = [
                    (x(float(self.track.t_s[at])), _height(place, float(self.track.flexion_deg[at, leg]))) for at in run
                ]
                pygame.draw.lines(page.surface, colour, closed=False, points=points, width=width)
        for kept in self._near:
            if kept.end_s > low_s and kept.start_s < high_s:
                _tick(page, x(kept.initial_contact_s), place.bottom, theme.text)
                _tick(page, x(kept.toe_off_s), place.bottom, theme.muted)
        cues = ((cue.t_s, theme.accent) for cue in self.session.cues)
        for t_s, colour in (*((t_s, theme.lever) for t_s in self.marks), *cues):
            if low_s < t_s < high_s:
                page.mark("diamond", (x(t_s), place.top + 0.7 * page.em), 0.8 * page.em, colour)
        pygame.draw.line(page.surface, theme.text, (place.centerx, place.top), (place.centerx, place.bottom))


def _height(place: pygame.Rect, flexion_deg: float) -> float:
    share = min(max(flexion_deg, 0.0), _HIGHEST_DEG) / _HIGHEST_DEG
    return place.bottom - (0.08 + 0.84 * share) * place.height


def _known_runs(frames: NDArray[np.intp], values: FloatArray) -> list[list[int]]:
    """Stretches of frames, two at least, without a value that is not known in between."""
    runs: list[list[int]] = [[]]
    for at in frames:
        if math.isnan(float(values[at])):
            runs.append([])
        else:
            runs[-1].append(int(at))
    return [run for run in runs if len(run) > 1]


def _tick(page: Page, x: float, bottom: int, colour: Colour) -> None:
    if math.isfinite(x):
        pygame.draw.line(page.surface, colour, (x, bottom), (x, bottom - 0.6 * page.em), 3)


def view_run(window: Window, viewer: Viewer, picture: Picture, save_as: Callable[[float], Path]) -> list[Path]:
    """Show the run until the window is closed; the stills that were written. `save_as` names one by its time."""

    def paint_it() -> None:
        window.present(lambda page: viewer.draw(page, picture(viewer.t_s)))

    written: list[Path] = []
    before_s = time.monotonic()
    while window.is_open:
        try:
            paint_it()
            for event in pygame.event.get():
                if event.type == pygame.QUIT:
                    return written
                if event.type != pygame.KEYDOWN or viewer.key(event):
                    continue
                if event.key in {pygame.K_ESCAPE, pygame.K_q}:
                    return written
                if event.key == pygame.K_s:
                    paint_it()  # what was pressed just before shows on it, too
                    if window.save(path := save_as(viewer.t_s)):
                        written.append(path)
        except pygame.error:
            return written
        time.sleep(_BREATH_S)
        now_s = time.monotonic()
        viewer.pass_time(now_s - before_s)
        before_s = now_s
    return written
