"""Where everything stands: pure arithmetic from window size and view to rectangles.

Three arrangements: wide (16:9 and wider), classic (4:3 to 3:2) and tall (portrait). All lengths
follow the window's height, so 640×480 and 4K look alike; in one slimmer than a phone its width, so that words fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pygame import Rect

from coach.edges.screen.theme import DIGIT_EM, LIFT_DIGIT_SHARE, TEXT_SHARE


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
TALL_BELOW: Final = 1.2
SLIMMEST: Final = 9 / 16
"""Width against height up to which lengths follow the height: a phone, upright."""
LIFT_NUMBER_EMS: Final = 2.5
"""Width of the lift number's slot, three digits and a degree sign, in ems of the bold face."""
TIME_EMS: Final = 3.3
"""Width of `59:59` in ems of the bold face, and a little air."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Rectangles in window pixels. An empty `picture`, `curve` or `trend` is not drawn."""

    arrangement: Arrangement
    view: View
    window: Rect
    border_px: int
    em_px: int
    """Ordinary text."""
    gap_px: int
    picture: Rect
    panel: Rect
    card: Rect
    """What to do now, in the largest letters there are."""
    lift_label: Rect
    lift_number: Rect
    """Exactly the digits' height."""
    gauge: Rect
    gauge_labels: Rect
    """Right of an upright gauge, below a lying one."""
    upright: bool
    values: tuple[Rect, Rect, Rect]
    value_em_px: int
    banner: Rect
    badge: Rect
    notice: Rect
    trend: Rect
    """Below the number. The knee curve takes its place where it has none of its own."""
    curve: Rect
    aside: Rect
    """What is left for more figures; empty where all room is taken."""

    @property
    def unit_px(self) -> int:
        """What all lengths follow."""
        return _unit(*self.window.size)

    @property
    def has_picture(self) -> bool:
        """Whether the camera's picture has a place."""
        return min(self.picture.size) > 0

    @property
    def lift_number_em_px(self) -> int:
        """Em size of the lift number's digits."""
        return round(self.lift_number.height / DIGIT_EM)


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
    border = _border(h)
    inner = Rect(border, border, width - 2 * border, h - 2 * border)
    if view is View.NUMBERS:
        return _numbers(inner, h, Arrangement.WIDE, digits=0.26)
    panel_width = round(0.92 * h)
    panel = Rect(inner.right - panel_width, inner.top, panel_width, inner.height)
    picture = Rect(inner.left, inner.top, inner.width - panel_width, inner.height)
    pad, digits = round(0.05 * h), round(0.15 * h)
    lift_number = Rect(panel.left + pad, round(0.365 * h), round(LIFT_NUMBER_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(lift_number.right + round(0.075 * h), round(0.29 * h), round(0.08 * h), round(0.475 * h))
    values_top = round(0.815 * h)
    under = Rect(lift_number.left, round(0.57 * h), lift_number.width, round(0.195 * h))
    return Layout(
        arrangement=Arrangement.WIDE,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=round(TEXT_SHARE * h),
        gap_px=round(0.028 * h),
        picture=picture,
        panel=panel,
        card=_card(panel, h, 0.2),
        lift_label=Rect(lift_number.left, round(0.292 * h), lift_number.width, round(TEXT_SHARE * h)),
        lift_number=lift_number,
        gauge=gauge,
        gauge_labels=_beside(gauge, panel, round(0.028 * h)),
        upright=True,
        values=_columns(
            Rect(lift_number.left, values_top, panel_width - round(1.4 * pad), inner.bottom - values_top),
            (0.32, 0.385, 0.295),
        ),
        value_em_px=round(0.085 * h),
        banner=_banner(picture, h),
        badge=_badge(picture, h),
        notice=_notice(picture, h, round(0.07 * h)),
        trend=under,
        curve=under,
        aside=Rect(panel.topright, (0, 0)),
    )


def _classic(width: int, height: int, view: View) -> Layout:
    h = height
    border, em = _border(h), round(0.042 * h)
    inner = Rect(border, border, width - 2 * border, h - 2 * border)
    if view is View.NUMBERS:
        return _numbers(inner, h, Arrangement.CLASSIC, digits=0.2)
    strip, panel_width = round(0.165 * h), round(0.76 * h)
    body = Rect(inner.left, inner.top, inner.width, inner.height - strip)
    panel = Rect(body.right - panel_width, body.top, panel_width, body.height)
    picture = Rect(body.left, body.top, body.width - panel_width, body.height)
    pad, digits = round(0.03 * h), round(LIFT_DIGIT_SHARE * h)
    lift_number = Rect(panel.left + pad, round(0.345 * h), round(LIFT_NUMBER_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(lift_number.right + round(0.072 * h), round(0.265 * h), round(0.06 * h), round(0.5 * h))
    values = Rect(inner.left + pad, body.bottom + round(0.02 * h), inner.width - 2 * pad, strip - round(0.03 * h))
    under = Rect(lift_number.left, round(0.535 * h), lift_number.width, round(0.23 * h))
    return Layout(
        arrangement=Arrangement.CLASSIC,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=em,
        gap_px=round(0.024 * h),
        picture=picture,
        panel=panel,
        card=_card(panel, h, 0.175),
        lift_label=Rect(lift_number.left, round(0.272 * h), lift_number.width, em),
        lift_number=lift_number,
        gauge=gauge,
        gauge_labels=_beside(gauge, panel, round(0.02 * h)),
        upright=True,
        values=_columns(values),
        value_em_px=round(0.08 * h),
        banner=_banner(picture, h),
        badge=_badge(picture, h),
        notice=_notice(picture, h, round(0.065 * h)),
        trend=under,
        curve=under,
        aside=Rect(panel.topright, (0, 0)),
    )


def _numbers(inner: Rect, height: int, kind: Arrangement, *, digits: float) -> Layout:
    """No picture: what to do over the whole width, the lift number as large as it gets."""
    h, em = height, round(TEXT_SHARE * height)
    wide = kind is Arrangement.WIDE
    pad, tall_px = round(0.06 * h), round(digits * h)
    card = _card(inner, h, 0.235 if wide else 0.2)
    row = Rect(inner.left + round(0.02 * h), card.bottom + round(0.016 * h), round(0.34 * h), round(0.06 * h))
    top = row.top if wide else row.bottom + round(0.012 * h)
    lift_number = Rect(inner.left + pad, top + round(0.066 * h), round(LIFT_NUMBER_EMS * tall_px / DIGIT_EM), tall_px)
    values_top = round(0.8 * h)
    gauge = Rect(lift_number.right + round(0.09 * h), top, round(0.08 * h), values_top - top - round(0.03 * h))
    labels = _beside(gauge, inner, round(0.028 * h))
    labels.width = min(labels.width, round((0.24 if wide else 0.3) * h))
    aside = Rect(labels.right, row.bottom, max(card.right - labels.right, 0) if wide else 0, gauge.bottom - row.bottom)
    under_top = lift_number.bottom + round(0.03 * h)
    under = Rect(lift_number.left, under_top, lift_number.width, gauge.bottom - under_top)
    return Layout(
        arrangement=kind,
        view=View.NUMBERS,
        window=Rect(0, 0, inner.right + inner.left, h),
        border_px=inner.left,
        em_px=em,
        gap_px=round(0.028 * h),
        picture=Rect(inner.topleft, (0, 0)),
        panel=inner,
        card=card,
        lift_label=Rect(lift_number.left, top, lift_number.width, em),
        lift_number=lift_number,
        gauge=gauge,
        gauge_labels=labels,
        upright=True,
        values=_columns(
            Rect(lift_number.left, values_top, inner.right - lift_number.left - pad // 2, inner.bottom - values_top)
        ),
        value_em_px=round(0.09 * h),
        banner=Rect(under.left, under.top, under.width, min(under.height, round(0.125 * h))),
        badge=Rect(max(labels.right, card.right - row.width), row.top, row.width, row.height) if wide else row,
        # As broad as the window: a long one hides the gauge's lower end rather than the digits.
        notice=Rect(under.left, under.bottom - round(0.065 * h), card.right - under.left, round(0.065 * h)),
        trend=under,
        curve=aside if wide else under,
        aside=aside,
    )


def _card(panel: Rect, height: int, tall: float) -> Rect:
    """Along the panel's upper edge."""
    margin = round(0.02 * height)
    return Rect(panel.left + margin, panel.top + margin, panel.width - 2 * margin, round(tall * height))


def _beside(gauge: Rect, panel: Rect, gap: int) -> Rect:
    return Rect(gauge.right + gap, gauge.top, panel.right - gauge.right - gap - gap // 3, gauge.height)


def _notice(picture: Rect, height: int, tall_px: int) -> Rect:
    """Above the badge."""
    margin = round(0.02 * height)
    bottom = _badge(picture, height).top - margin // 2
    return Rect(picture.left + margin, bottom - tall_px, max(picture.width - 2 * margin, 0), tall_px)


def _unit(width: int, height: int) -> int:
    return min(height, round(width / SLIMMEST))


def _tall(width: int, height: int, view: View, *, curve: bool) -> Layout:
    h = _unit(width, height)
    numbers = view is View.NUMBERS
    border, em = _border(h), round(0.0405 * h)
    inner = Rect(border, border, width - 2 * border, height - 2 * border)
    panel_height = inner.height if numbers else round(0.59 * h)
    panel = Rect(inner.left, inner.bottom - panel_height, inner.width, panel_height)
    pad = round(0.025 * h)
    usable = inner.width - 2 * pad
    drawn = round(0.15 * h) if curve and not numbers else 0
    picture = Rect(inner.left, inner.top, inner.width, 0 if numbers else inner.height - panel_height - drawn)
    between = Rect(inner.left + pad, picture.bottom, usable, drawn)
    card = _card(panel, h, 0.2 if numbers else 0.115)
    badge = _badge(picture, h)
    if numbers:
        badge = Rect(card.left, card.bottom + round(0.015 * h), round(0.5 * usable), round(0.06 * h))
    top = badge.bottom + round(0.03 * h) if numbers else card.bottom + round(0.015 * h)
    digits = min(round((0.13 if numbers else 0.121) * h), round(usable * DIGIT_EM / LIFT_NUMBER_EMS))
    lift_number = Rect(inner.left + pad, top + em + round(0.02 * h), round(LIFT_NUMBER_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(
        inner.left + pad, lift_number.bottom + round((0.06 if numbers else 0.045) * h), usable, round(0.04 * h)
    )
    row_height = round(0.095 * h)
    row = Rect(inner.left + pad, inner.bottom - row_height - round(0.012 * h), usable, row_height)
    values = _columns(row, (0.345, 0.295, 0.36))
    labels = Rect(gauge.left, gauge.bottom + round(0.012 * h), gauge.width, em)
    under_top = labels.bottom + round(0.03 * h)
    under = Rect(row.left, under_top, usable, row.top - under_top - round(0.03 * h) if numbers else 0)
    return Layout(
        arrangement=Arrangement.TALL,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=em,
        gap_px=round(0.02 * h),
        picture=picture,
        panel=panel,
        card=card,
        lift_label=Rect(lift_number.left, top, usable, em),
        lift_number=lift_number,
        gauge=gauge,
        gauge_labels=labels,
        upright=False,
        values=values,
        value_em_px=min(round(0.062 * h), round(values[2].width / TIME_EMS)),
        banner=Rect(under.left, under.top, under.width, min(under.height, round(0.125 * h)))
        if numbers
        else _banner(picture, h),
        badge=badge,
        notice=Rect(row.left, row.top - round(0.085 * h), usable, round(0.065 * h))
        if numbers
        else _notice(picture, h, round(0.065 * h)),
        trend=under,
        curve=under if numbers else between,
        aside=Rect(panel.topright, (0, 0)),
    )


def _border(height: int) -> int:
    """Broad enough that its colour is seen at a tenth of the size."""
    return max(4, round(0.021 * height))


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
