"""Two small curves: the knee angle over the cycle on the band of the own last ones, and five minutes of heel lift."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import pygame

from coach.core.units import FloatArray
from coach.edges.screen.page import Page, wrapped
from coach.edges.screen.picture import SHIFT, Canvas, surface_of
from coach.edges.screen.theme import Colour, mix

CYCLES: Final = 12
"""Cycles that make up the usual band."""
_FEWEST: Final = 3
_GRID: Final[FloatArray] = np.linspace(0.0, 1.0, 61)
LOW_DEG: Final = -5.0
HIGH_DEG: Final = 135.0
"""Range of the picture: from a straight leg to the most that fast running bends a knee."""


@dataclass(slots=True)
class KneeCurve:
    """Collects the cycle that runs and the usual band of the last ones."""

    _now: list[tuple[float, float]] = field(default_factory=list)
    _cycles: deque[FloatArray] = field(default_factory=lambda: deque(maxlen=CYCLES))

    def step(self, phase: float, flexion_deg: float) -> None:
        """One frame of the coached leg; NaN phase or angle is a gap."""
        if not (math.isfinite(phase) and math.isfinite(flexion_deg)):
            return
        if self._now and phase < self._now[-1][0] - 0.5:
            self._finish()
        if not self._now or phase > self._now[-1][0]:
            self._now.append((phase, flexion_deg))

    def now(self) -> FloatArray:
        """(N, 2) phase and degrees of the cycle that runs."""
        return np.array(self._now).reshape(-1, 2)

    def usual(self) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """(61,) phase, lower and upper edge: mean ± 2 SD of the last cycles; None while there are too few."""
        if len(self._cycles) < _FEWEST:
            return None
        stack = np.stack(self._cycles)
        mean, spread = stack.mean(axis=0), np.maximum(2 * stack.std(axis=0), 3.0)
        return _GRID, mean - spread, mean + spread

    def _finish(self) -> None:
        phase, deg = self.now().T
        # A cycle with a hole wider than a tenth would be drawn from nothing.
        ends = np.concatenate([[phase[-1] - 1.0], phase, [phase[0] + 1.0]])
        if len(phase) >= 8 and np.diff(ends).max() < 0.1:
            self._cycles.append(np.interp(_GRID, phase, deg, period=1.0))
        self._now.clear()


TREND_S: Final = 300.0
"""What the trend shows: longer than a tired minute, shorter than a run."""
_EACH_S: Final = 1.0


@dataclass(slots=True)
class LiftTrend:
    """The heel lift's mean of the last five minutes, once a second; NaN where there was none to trust."""

    _seen: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=round(TREND_S / _EACH_S) + 1))

    def step(self, t_s: float, mean_deg: float) -> None:
        """What is shown at `t_s`; NaN is a gap."""
        if self._seen and t_s < self._seen[-1][0]:
            self._seen.clear()
        if not self._seen or t_s - self._seen[-1][0] >= _EACH_S:
            self._seen.append((t_s, mean_deg))

    def now(self) -> FloatArray:
        """(N, 2): share of the five minutes, 1 is now, and degrees."""
        seen = np.array(self._seen).reshape(-1, 2)
        if len(seen):
            seen[:, 0] = 1 + (seen[:, 0] - seen[-1, 0]) / TREND_S
        return seen[seen[:, 0] >= 0]


def draw_trend(page: Page, trend: LiftTrend, band_deg: tuple[float, float] | None) -> None:
    """The last five minutes below the number, on the target band; nothing before there are some seconds of it."""
    place, theme, em, seen = page.layout.trend, page.theme, page.em, trend.now()
    if place.width < 6 * em or place.height < 2.4 * em or np.isfinite(seen[:, 1]).sum() < _FEWEST_SECONDS:
        return
    page.write(page.words.line("screen.trend"), (place.left, place.top + 0.86 * em), colour=theme.muted)
    area = pygame.Rect(place.left, place.top + round(1.25 * em), place.width, place.height - round(1.25 * em))
    middle = sum(band_deg) / 2 if band_deg else float(np.nanmedian(seen[:, 1]))
    span = max(_TREND_SPAN_DEG, 1.6 * (band_deg[1] - band_deg[0])) if band_deg else _TREND_SPAN_DEG

    def y(deg: FloatArray) -> FloatArray:
        return np.asarray((area.height - 1) * (0.5 - np.clip((deg - middle) / span, -0.47, 0.47)))

    canvas: Canvas = np.full((area.height, area.width, 3), theme.background[::-1], np.uint8)
    if band_deg:
        low, high = (round(float(edge)) for edge in y(np.array(band_deg)))
        canvas[high : low + 1] = mix(theme.background, theme.in_band, 0.4)[::-1]
    points = np.column_stack([seen[:, 0] * (area.width - 1), y(seen[:, 1])])
    thick = max(round(0.08 * em), 2)
    for piece in np.split(points, np.flatnonzero(np.isnan(points[:, 1]))):
        drawn = np.round(piece[np.isfinite(piece[:, 1])] * 2**SHIFT).astype(np.int32)
        cv2.polylines(canvas, [drawn], False, theme.text[::-1], thick, cv2.LINE_AA, SHIFT)
    page.surface.blit(surface_of(canvas), area)


_FEWEST_SECONDS: Final = 5
_TREND_SPAN_DEG: Final = 30.0
"""Degrees from the lower to the upper edge; a wider band gets more."""


def draw_curve(page: Page, curve: KneeCurve, target_deg: float | None) -> None:
    """The curve in its place, with the target as a dotted line where the swing should reach."""
    place, theme, em = page.layout.curve, page.theme, page.em
    title = wrapped(page.words.line("screen.knee_curve"), page.face, em, place.width)
    head_px = round((0.2 + 1.15 * len(title)) * em)
    if place.width < 20 or place.height < head_px + 1.65 * em:
        return
    area = pygame.Rect(place.left, place.top + head_px, place.width, place.height - head_px)
    for i, line in enumerate(title):
        page.write(line, (place.left, place.top + (0.86 + 1.15 * i) * em), colour=theme.muted)
    canvas: Canvas = np.full((area.height, area.width, 3), theme.background[::-1], np.uint8)
    if (usual := curve.usual()) is not None:
        phase, low, high = usual
        outline = np.concatenate([_points(phase, high, area), _points(phase, low, area)[::-1]])
        cv2.fillPoly(canvas, [outline], mix(theme.rail, theme.muted, 0.18)[::-1], cv2.LINE_AA, SHIFT)
    if target_deg is not None:
        _target(canvas, target_deg, area, theme.accent)
    _running(canvas, curve.now(), area, theme.lever if theme.name == "dark" else theme.below)
    page.surface.blit(surface_of(canvas), area)


def _target(canvas: Canvas, target_deg: float, area: pygame.Rect, colour: Colour) -> None:
    dot = max(area.height // 60, 2)
    from_x, to_x = round(0.52 * area.width), round(0.84 * area.width)
    y = round(_y(target_deg, area))
    for x in range(from_x, to_x, 4 * dot):
        cv2.circle(canvas, (x, y), dot, colour[::-1], -1, cv2.LINE_AA)


def _running(canvas: Canvas, now: FloatArray, area: pygame.Rect, colour: Colour) -> None:
    if len(now) < 2:
        return
    points = _points(now[:, 0], now[:, 1], area)
    width = max(area.height // 45, 2)
    cv2.polylines(
        canvas, [points], isClosed=False, color=colour[::-1], thickness=width, lineType=cv2.LINE_AA, shift=SHIFT
    )
    end = (int(points[-1, 0]), int(points[-1, 1]))
    cv2.circle(canvas, end, round(1.9 * width * 2**SHIFT), colour[::-1], -1, cv2.LINE_AA, SHIFT)


def _points(phase: FloatArray, deg: FloatArray, area: pygame.Rect) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """(N, 2) OpenCV's fixed-point pixels."""
    x = phase * (area.width - 1)
    y = np.array([_y(value, area) for value in deg])
    return np.round(np.column_stack([x, y]) * 2**SHIFT).astype(np.int32)


def _y(deg: float, area: pygame.Rect) -> float:
    return (area.height - 1) * (1 - (deg - LOW_DEG) / (HIGH_DEG - LOW_DEG))
