"""Draws one moment of a session onto a surface; knows nothing of windows and keys."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
import pygame

from coach.core.pipeline import Update
from coach.core.pose import Side
from coach.core.words import Words
from coach.edges.screen import shapes
from coach.edges.screen.curve import KneeCurve, LiftTrend, draw_curve, draw_trend
from coach.edges.screen.form_view import Form, draw_form
from coach.edges.screen.full_pages import draw_finish, draw_help, draw_question, draw_setup, draw_setup_banner
from coach.edges.screen.layout import Layout, View, lay_out
from coach.edges.screen.overlays import draw_badge, draw_banner, draw_load, draw_notice, draw_state
from coach.edges.screen.page import Page, Typeface
from coach.edges.screen.panel import draw_measures, draw_panel
from coach.edges.screen.picture import Canvas, Framing, Placing, dim, paint, surface_of
from coach.edges.screen.readout import Band, Measures, Reader, Readout
from coach.edges.screen.skeleton import MidSwingLevers, TargetLever, draw_body, draw_runner, draw_target
from coach.edges.screen.theme import THEMES, Theme
from coach.edges.screen.verdict import Border, round_corners
from coach.ports import Frame, LiveStatus
from coach.settings import ScreenSettings, Units

SAME_FRAME_S: Final = 0.02
"""A pose from another frame than the picture's is not drawn on it: the leg has moved on."""
STALE_POSE_S: Final = 0.4
"""Without a picture behind it a skeleton may lag; older than this it is not shown."""


class Painter:
    """What is shown and how; the public attributes are what keys change."""

    def __init__(
        self, settings: ScreenSettings, units: Units, words: Words, levers: MidSwingLevers | None = None
    ) -> None:
        """`levers` finds mid-swing where more is known than in a live run, as in a film."""
        self.theme: Theme = THEMES[settings.theme]
        self.mirror = settings.mirror
        self.view = View.PICTURE
        self.help = False
        self.curve = False
        self.form = False
        self.load = False
        self.layout: Layout = lay_out(1, 1)
        self._units: Units = units
        self._words = words
        self._reader = Reader(words, units)
        self._face = Typeface()
        self._framing = Framing()
        self._target: MidSwingLevers = levers or TargetLever()
        self._film = levers is not None
        self._side: Side | None = None
        """Whose curve and trend these are."""
        self._knee = KneeCurve()
        self._trend = LiftTrend()
        self._measures = Measures()
        self._form = Form()
        self._base = pygame.Surface((1, 1))
        self._base_of: object = None
        self._canvas: Canvas = np.zeros((0, 0, 3), np.uint8)
        self._followed_s = -math.inf

    def draw(
        self, surface: pygame.Surface, frame: Frame, update: Update | None, status: LiveStatus, drawing_ms: float
    ) -> Page:
        """Everything; the page comes back for what the window adds on top."""
        layout = self._fitting(surface.get_size(), setting_up=status.setup is not None)
        page = self._page(surface)
        if status.finish is not None:
            draw_finish(page, status.finish)
        else:
            readout = self._draw_run(page, layout, frame, update, status, drawing_ms)
            if self.form and status.setup is None:
                draw_form(page, self._form)
                if readout.border in {Border.PAUSED, Border.LOST} and not status.question:
                    draw_badge(page, readout)
                if status.messages:
                    draw_notice(page, readout.notice, banner=readout.banner is not None)
                if readout.banner:
                    draw_banner(page, readout.banner)
        if status.question:
            draw_question(page, status.question)
        if self.help:
            target = update.advice.target if update else None
            draw_help(page, round(target.treadmill_deg) if target else 0)
        return page

    def page(self, surface: pygame.Surface) -> Page:
        """An empty page of the window, in its look, for whoever draws something else."""
        return Page(surface, lay_out(*surface.get_size()), self.theme, self._face, self._words)

    def _draw_run(
        self,
        page: Page,
        layout: Layout,
        frame: Frame,
        update: Update | None,
        status: LiveStatus,
        drawing_ms: float,
    ) -> Readout:
        readout = self._reader.read(frame.t_s, update, status)
        if status.setup is not None:
            readout = replace(readout, border=Border.SETUP, banner=None)
        self._refresh_base(readout, status)
        _copy_around(self._base, page.surface, layout.picture)
        self._follow_knee(update)
        if layout.has_picture:
            self._draw_picture(page, frame, update, readout, whole=status.setup is not None)
        if status.setup is None:
            self._draw_curves(page, layout, update, readout.band)
        round_corners(page, readout.border, readout.zone)
        draw_state(page, readout)
        if status.setup is None and not status.question:
            draw_badge(page, readout)
        if readout.notice and not (readout.banner and layout.view is View.NUMBERS):
            draw_notice(page, readout.notice, banner=status.setup is not None or readout.banner is not None)
        if status.setup is not None:
            draw_setup_banner(page, status.setup)
        elif readout.banner:
            draw_banner(page, readout.banner)
        if self.load:
            draw_load(page, status.load, drawing_ms)
        return readout

    def _draw_curves(self, page: Page, layout: Layout, update: Update | None, band: Band | None) -> None:
        """Knee angle, trend and how the runner steps, each where it has room."""
        if update is not None:
            self._trend.step(update.t_s, update.advice.lift.mean_deg if update.advice.lift else math.nan)
        if self.curve:
            draw_curve(page, self._knee, band.target_deg if band else None)
        if not self.curve or layout.curve != layout.trend:
            draw_trend(page, self._trend, (band.low_deg, band.high_deg) if band else None)
        if not self.curve or layout.curve != layout.aside:
            draw_measures(page, self._measures)

    def _page(self, surface: pygame.Surface) -> Page:
        return Page(surface, self.layout, self.theme, self._face, self._words)

    def _fitting(self, size: tuple[int, int], *, setting_up: bool) -> Layout:
        """The layout for this size; the set-up check always shows the picture."""
        view = View.PICTURE if setting_up and self.view is View.NUMBERS else self.view
        wanted = lay_out(*size, view, curve=self.curve and not setting_up)
        if wanted != self.layout:
            self.layout = wanted
            self._base, self._base_of = pygame.Surface(size), None
            self._canvas = np.zeros((wanted.picture.height, wanted.picture.width, 3), np.uint8)
        return self.layout

    def _refresh_base(self, readout: Readout, status: LiveStatus) -> None:
        """Draw what surrounds the picture, if it has changed."""
        page = self._page(self._base)
        if status.setup is not None:
            starts = status.setup.starts_in_s
            shown = math.ceil(starts) if math.isfinite(starts) else None
            setup_key = (status.setup.items, shown, self.theme, self.mirror, status.question)
            if setup_key != self._base_of:
                self._base_of = setup_key
                draw_setup(page, status.setup, self._units, mirrored=self.mirror, question=status.question)
            return
        key = (replace(readout, banner=None, notice=""), self.theme)
        if key != self._base_of:
            self._base_of = key
            draw_panel(page, readout)

    def _draw_picture(self, page: Page, frame: Frame, update: Update | None, readout: Readout, *, whole: bool) -> None:
        height, width = frame.image_bgr.shape[:2]
        place = page.layout.picture
        drawn_alone = page.layout.view is View.SKELETON
        within_s = STALE_POSE_S if drawn_alone else SAME_FRAME_S
        pose = update.pose if update and abs(frame.t_s - update.t_s) < within_s else None
        cut = self._framing.step(frame.t_s, (width, height), place.size, pose, whole=whole)
        image = None if drawn_alone else frame.image_bgr
        placing = paint(image, self._canvas, cut, self.theme.background, mirrored=self.mirror)
        if image is not None and readout.border in {Border.PAUSED, Border.LOST}:
            dim(self._canvas, 0.4, self.theme.background)
        if pose is not None and update is not None:
            self._draw_leg(update, placing, readout)
        page.surface.blit(surface_of(self._canvas), place)
        thick = max(round(0.035 * page.layout.unit_px), 1)
        if page.layout.upright:
            strip = shapes.fade((thick, place.height), self.theme.background, "right")
            page.surface.blit(strip, (place.right - thick, place.top))
        else:
            strip = shapes.fade((place.width, thick), self.theme.background, "down")
            page.surface.blit(strip, (place.left, place.bottom - thick))

    def _draw_leg(self, update: Update, placing: Placing, readout: Readout) -> None:
        side = coached_side(update)
        if update.pose is None or side is None:
            return
        trusted = readout.border is Border.MEASURING
        if self.view is View.SKELETON:
            draw_body(self._canvas, update.pose, placing, self.theme)
        target = update.advice.target
        leg_px = update.pose.leg_px(side)
        # Where nothing is judged nothing is asked, by the picture neither; a film asks nobody, it shows.
        asked_deg = target.target_deg if target and (readout.zone or self._film) else None
        levers = self._target.step(update.t_s, leg_px, asked_deg)
        if levers is not None and trusted:
            draw_target(self._canvas, leg_px[0], levers, placing, self.theme)
        draw_runner(self._canvas, update.pose, placing, side, self.theme, trusted=trusted)

    def _follow_knee(self, update: Update | None) -> None:
        if update is None or (side := coached_side(update)) is None or update.t_s <= self._followed_s:
            return
        self._followed_s = update.t_s
        if self._side not in {None, side}:
            # One leg's curve says nothing of the other's, and a jump from one to the other is no change of the lift.
            self._knee, self._trend = KneeCurve(), LiftTrend()
        self._side = side
        leg = update.gait.leg(side)
        self._knee.step(leg.phase, leg.knee_flexion_deg)
        self._measures.step(update)
        self._form.step(update)


def coached_side(update: Update) -> Side | None:
    """The leg that is drawn bold: the coached one, else the near one."""
    lift = update.advice.lift
    return lift.side if lift else update.gait.view.near_side


def _copy_around(base: pygame.Surface, onto: pygame.Surface, hole: pygame.Rect) -> None:
    """Copy all of `base` but the hole, where the picture goes."""
    width, height = base.get_size()
    if hole.width <= 0 or hole.height <= 0:
        onto.blit(base, (0, 0))
        return
    for area in (
        pygame.Rect(0, 0, width, hole.top),
        pygame.Rect(0, hole.bottom, width, height - hole.bottom),
        pygame.Rect(0, hole.top, hole.left, hole.height),
        pygame.Rect(hole.right, hole.top, width - hole.right, hole.height),
    ):
        if area.width > 0 and area.height > 0:
            onto.blit(base, area, area)
