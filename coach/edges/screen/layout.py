"""Where everything stands: pure arithmetic from window size and view to rectangles.

Three arrangements: wide (16:9 and wider), classic (4:3 to 3:2) and tall (portrait). All lengths
follow the window's height, so 640×480 and 4K look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pygame import Rect

from coach.edges.screen.theme import HERO_DIGIT_SHARE, TEXT_SHARE
from coach.edges.screen.typeface import DIGIT_EM


class View(StrEnum):
    """What `v` steps through."""

    PICTURE = "picture"
    SKELETON = "skeleton"
    NUMBERS = "numbers"


class Arrangement(StrEnum):
    """How picture and panel share the window."""

    WIDE = "wide"
    CLASSIC = "classic"
    TALL = "tall"


WIDE_FROM: Final = 1.58
TALL_BELOW: Final = 1.0
HERO_EMS: Final = 2.5
"""Width of the hero's slot, three digits and a degree sign, in ems of the bold face."""
TIME_EMS: Final = 3.3
"""Width of `59:59` in ems of the bold face, and a little air."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Rectangles in window pixels. An empty `picture` or `curve` is not drawn."""

    arrangement: Arrangement
    view: View
    window: Rect
    border_px: int
    em_px: int
    """Ordinary text."""
    gap_px: int
    picture: Rect
    panel: Rect
    mode: Rect
    hero_label: Rect
    hero: Rect
    """Exactly the digits' height."""
    zone: Rect
    gauge: Rect
    gauge_labels: Rect
    """Right of an upright gauge, below a lying one."""
    upright: bool
    values: tuple[Rect, Rect, Rect]
    value_em_px: int
    banner: Rect
    badge: Rect
    notice: Rect
    curve: Rect

    @property
    def hero_em_px(self) -> int:
        """Em size of the hero's digits."""
        return round(self.hero.height / DIGIT_EM)


def arrangement(width: int, height: int) -> Arrangement:
    """The arrangement for a window."""
    aspect = width / max(height, 1)
    if aspect < TALL_BELOW:
        return Arrangement.TALL
    return Arrangement.WIDE if aspect >= WIDE_FROM else Arrangement.CLASSIC


def lay_out(width: int, height: int, view: View = View.PICTURE, *, curve: bool = False) -> Layout:
    """The layout of a window of any size; `curve` makes room for the knee curve where there is none to spare."""
    width, height = max(width, 1), max(height, 1)
    kind = arrangement(width, height)
    if kind is Arrangement.TALL:
        return _tall(width, height, view, curve=curve)
    return _wide(width, height, view) if kind is Arrangement.WIDE else _classic(width, height, view)


def _wide(width: int, height: int, view: View) -> Layout:
    h = height
    numbers = view is View.NUMBERS
    border, em = _border(h), round(TEXT_SHARE * h)
    inner = Rect(border, border, width - 2 * border, h - 2 * border)
    panel_width = inner.width if numbers else round(0.93 * h)
    panel = Rect(inner.right - panel_width, inner.top, panel_width, inner.height)
    picture = Rect(inner.left, inner.top, 0 if numbers else inner.width - panel_width, inner.height)
    pad = round(0.055 * h)
    digits = round((0.26 if numbers else 0.145) * h)
    hero_width = round(HERO_EMS * digits / DIGIT_EM)
    block = hero_width + round(0.44 * h)
    left = panel.left + pad + (max(panel_width - 2 * pad - block, 0) // 2 if numbers else 0)
    hero = Rect(left, round((0.40 if numbers else 0.485) * h), hero_width, digits)
    gauge = Rect(hero.right + round(0.085 * h), round(0.135 * h), round(0.085 * h), round(0.62 * h))
    values_top = round(0.815 * h)
    return Layout(
        arrangement=Arrangement.WIDE,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=em,
        gap_px=round(0.028 * h),
        picture=picture,
        panel=panel,
        mode=Rect(panel.left + pad, round(0.048 * h), round(0.5 * h), em),
        hero_label=Rect(hero.left, hero.top - round(0.075 * h), hero.width, em),
        hero=hero,
        zone=Rect(hero.left, hero.bottom + round(0.035 * h), hero.width, em),
        gauge=gauge,
        gauge_labels=Rect(
            gauge.right + round(0.028 * h), gauge.top, panel.right - gauge.right - round(0.04 * h), gauge.height
        ),
        upright=True,
        values=_columns(
            Rect(
                panel.left + pad, values_top, panel_width - round(1.4 * pad), h - border - values_top - round(0.03 * h)
            )
        ),
        value_em_px=round(0.085 * h),
        banner=_banner(picture if not numbers else Rect(panel.left, panel.top, round(0.85 * h), panel.height), h),
        badge=_badge(inner, h),
        notice=Rect(
            inner.left + round(0.03 * h),
            inner.bottom - round(0.18 * h),
            max(picture.width, round(0.8 * h)) - round(0.06 * h),
            round(0.075 * h),
        ),
        curve=Rect(panel.left + pad, round(0.115 * h), hero.right - panel.left - pad, round(0.27 * h)),
    )


def _classic(width: int, height: int, view: View) -> Layout:
    h = height
    numbers = view is View.NUMBERS
    border, em = _border(h), round(0.042 * h)
    inner = Rect(border, border, width - 2 * border, h - 2 * border)
    strip = round(0.165 * h)
    body = Rect(inner.left, inner.top, inner.width, inner.height - strip)
    panel_width = inner.width if numbers else round(0.735 * h)
    panel = Rect(body.right - panel_width, body.top, panel_width, body.height)
    pad = round(0.03 * h)
    digits = round((0.2 if numbers else HERO_DIGIT_SHARE) * h)
    hero_width = round(HERO_EMS * digits / DIGIT_EM)
    left = panel.left + (round(0.14 * h) if numbers else pad)
    hero = Rect(left, round(0.44 * h), hero_width, digits)
    gauge = Rect(hero.right + round(0.077 * h), round(0.13 * h), round(0.06 * h), round(0.63 * h))
    strip_area = Rect(inner.left + pad, body.bottom + round(0.02 * h), inner.width - 2 * pad, strip - round(0.03 * h))
    return Layout(
        arrangement=Arrangement.CLASSIC,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=em,
        gap_px=round(0.024 * h),
        picture=Rect(body.left, body.top, 0 if numbers else body.width - panel_width, body.height),
        panel=panel,
        mode=Rect(panel.left + pad, round(0.048 * h), round(0.5 * h), em),
        hero_label=Rect(hero.left, hero.top - round(0.07 * h), hero.width, em),
        hero=hero,
        zone=Rect(hero.left, hero.bottom + round(0.033 * h), hero.width, em),
        gauge=gauge,
        gauge_labels=Rect(
            gauge.right + round(0.02 * h), gauge.top, panel.right - gauge.right - round(0.025 * h), gauge.height
        ),
        upright=True,
        values=_columns(strip_area),
        value_em_px=round(0.08 * h),
        banner=_banner(Rect(body.left, body.top, body.width if numbers else body.width - panel_width, body.height), h),
        badge=_badge(body, h),
        notice=Rect(
            body.left + round(0.02 * h),
            body.bottom - round(0.16 * h),
            max(body.width - panel_width, round(0.6 * h)) - round(0.04 * h),
            round(0.07 * h),
        ),
        curve=Rect(panel.left + pad, round(0.11 * h), hero.right - panel.left - pad, round(0.24 * h)),
    )


def _tall(width: int, height: int, view: View, *, curve: bool) -> Layout:
    h = height
    numbers = view is View.NUMBERS
    border, em = _border(h), round(0.0405 * h)
    inner = Rect(border, border, width - 2 * border, h - 2 * border)
    panel_height = inner.height if numbers else round(0.535 * h)
    panel = Rect(inner.left, inner.bottom - panel_height, inner.width, panel_height)
    pad = round(0.025 * h)
    usable = inner.width - 2 * pad
    status = Rect(inner.left + pad, panel.top + (round(0.03 * h) if numbers else 0), usable, round(0.066 * h))
    top = status.bottom + (round(0.13 * h) if numbers else round(0.022 * h))
    digits = min(round((0.16 if numbers else HERO_DIGIT_SHARE) * h), round(usable * DIGIT_EM / HERO_EMS))
    hero = Rect(inner.left + pad, top + em + round(0.02 * h), round(HERO_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(inner.left + pad, hero.bottom + round((0.09 if numbers else 0.05) * h), usable, round(0.04 * h))
    row_height = round(0.095 * h)
    row = Rect(inner.left + pad, inner.bottom - row_height - round(0.012 * h), usable, row_height)
    drawn = round(0.15 * h) if curve and not numbers else 0
    picture = Rect(inner.left, inner.top, inner.width, 0 if numbers else inner.height - panel_height - drawn)
    between = Rect(inner.left + pad, picture.bottom, usable, drawn)
    upper = Rect(inner.left, status.bottom, inner.width, round(0.4 * h)) if numbers else picture
    badge = Rect(status.left, status.top, round(0.5 * usable), status.height)
    values = _columns(row, (0.31, 0.33, 0.36))
    return Layout(
        arrangement=Arrangement.TALL,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=em,
        gap_px=round(0.02 * h),
        picture=picture,
        panel=panel,
        mode=Rect(badge.right, status.centery - em // 2, usable - badge.width, em),
        hero_label=Rect(hero.left, top, usable, em),
        hero=hero,
        zone=Rect(hero.left, top, usable, em),
        gauge=gauge,
        gauge_labels=Rect(gauge.left, gauge.bottom + round(0.012 * h), gauge.width, em),
        upright=False,
        values=values,
        value_em_px=min(round(0.062 * h), round(values[2].width / TIME_EMS)),
        banner=_banner(upper, h),
        badge=badge,
        notice=Rect(
            inner.left + round(0.02 * h), upper.bottom - round(0.085 * h), inner.width - 2 * pad, round(0.065 * h)
        ),
        curve=Rect(row.left, gauge.bottom + round(0.1 * h), usable, round(0.2 * h)) if numbers else between,
    )


def _border(height: int) -> int:
    return max(3, round(0.0165 * height))


def _columns(area: Rect, shares: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)) -> tuple[Rect, Rect, Rect]:
    a, b = round(shares[0] * area.width), round((shares[0] + shares[1]) * area.width)
    return (
        Rect(area.left, area.top, a, area.height),
        Rect(area.left + a, area.top, b - a, area.height),
        Rect(area.left + b, area.top, area.width - b, area.height),
    )


def _banner(area: Rect, height: int) -> Rect:
    margin = round(0.03 * height)
    return Rect(area.left + margin, area.top + margin, max(area.width - 2 * margin, 0), round(0.125 * height))


def _badge(area: Rect, height: int) -> Rect:
    tall = round(0.066 * height)
    return Rect(area.left + round(0.02 * height), area.bottom - tall - round(0.02 * height), round(0.31 * height), tall)
