"""Where everything stands: pure arithmetic from window size and view to rectangles.

Three arrangements: wide (16:9 and wider), classic (4:3 to 3:2) and tall (portrait). All lengths
follow the window's height, so 640×480 and 4K look alike.
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
LIFT_NUMBER_EMS: Final = 2.5
"""Width of the lift number's slot, three digits and a degree sign, in ems of the bold face."""
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
    lift_label: Rect
    lift_number: Rect
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
        return _numbers(inner, h, Arrangement.WIDE, digits=0.26, curve_beside=True)
    panel_width = round(0.93 * h)
    panel = Rect(inner.right - panel_width, inner.top, panel_width, inner.height)
    picture = Rect(inner.left, inner.top, inner.width - panel_width, inner.height)
    pad, digits = round(0.055 * h), round(0.145 * h)
    lift_number = Rect(panel.left + pad, round(0.485 * h), round(LIFT_NUMBER_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(lift_number.right + round(0.085 * h), round(0.135 * h), round(0.085 * h), round(0.62 * h))
    values_top = round(0.815 * h)
    em = round(TEXT_SHARE * h)
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
        lift_label=Rect(lift_number.left, lift_number.top - round(0.075 * h), lift_number.width, em),
        lift_number=lift_number,
        zone=Rect(lift_number.left, lift_number.bottom + round(0.035 * h), lift_number.width, em),
        gauge=gauge,
        gauge_labels=_beside(gauge, panel, round(0.028 * h)),
        upright=True,
        values=_columns(Rect(lift_number.left, values_top, panel_width - round(1.4 * pad), inner.bottom - values_top)),
        value_em_px=round(0.085 * h),
        banner=_banner(picture, h),
        badge=_badge(picture, h),
        notice=_notice(picture, h, round(0.07 * h)),
        curve=Rect(lift_number.left, round(0.115 * h), lift_number.width, round(0.27 * h)),
    )


def _classic(width: int, height: int, view: View) -> Layout:
    h = height
    border, em = _border(h), round(0.042 * h)
    inner = Rect(border, border, width - 2 * border, h - 2 * border)
    if view is View.NUMBERS:
        return _numbers(inner, h, Arrangement.CLASSIC, digits=0.2, curve_beside=False)
    strip, panel_width = round(0.165 * h), round(0.735 * h)
    body = Rect(inner.left, inner.top, inner.width, inner.height - strip)
    panel = Rect(body.right - panel_width, body.top, panel_width, body.height)
    picture = Rect(body.left, body.top, body.width - panel_width, body.height)
    pad, digits = round(0.03 * h), round(LIFT_DIGIT_SHARE * h)
    lift_number = Rect(panel.left + pad, round(0.44 * h), round(LIFT_NUMBER_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(lift_number.right + round(0.077 * h), round(0.13 * h), round(0.06 * h), round(0.63 * h))
    values = Rect(inner.left + pad, body.bottom + round(0.02 * h), inner.width - 2 * pad, strip - round(0.03 * h))
    return Layout(
        arrangement=Arrangement.CLASSIC,
        view=view,
        window=Rect(0, 0, width, height),
        border_px=border,
        em_px=em,
        gap_px=round(0.024 * h),
        picture=picture,
        panel=panel,
        mode=Rect(lift_number.left, round(0.048 * h), round(0.5 * h), em),
        lift_label=Rect(lift_number.left, lift_number.top - round(0.07 * h), lift_number.width, em),
        lift_number=lift_number,
        zone=Rect(lift_number.left, lift_number.bottom + round(0.033 * h), lift_number.width, em),
        gauge=gauge,
        gauge_labels=_beside(gauge, panel, round(0.02 * h)),
        upright=True,
        values=_columns(values),
        value_em_px=round(0.08 * h),
        banner=_banner(picture, h),
        badge=_badge(picture, h),
        notice=_notice(picture, h, round(0.065 * h)),
        curve=Rect(lift_number.left, round(0.11 * h), lift_number.width, round(0.24 * h)),
    )


def _numbers(inner: Rect, height: int, kind: Arrangement, *, digits: float, curve_beside: bool) -> Layout:
    """No picture: badge and mode on the first line, the lift number as large as it gets."""
    h, em = height, round(TEXT_SHARE * height)
    pad = round(0.06 * h)
    tall_px = round(digits * h)
    lift_number = Rect(inner.left + pad, round(0.40 * h), round(LIFT_NUMBER_EMS * tall_px / DIGIT_EM), tall_px)
    gauge = Rect(lift_number.right + round(0.09 * h), round(0.15 * h), round(0.08 * h), round(0.6 * h))
    label_width = round((0.26 if curve_beside else 0.3) * h)
    labels = _beside(gauge, inner, round(0.028 * h))
    labels.width = min(labels.width, label_width)
    badge = Rect(inner.left + round(0.03 * h), inner.top + round(0.02 * h), round(0.34 * h), round(0.066 * h))
    beside = Rect(labels.right, round(0.3 * h), inner.right - labels.right - round(0.05 * h), round(0.3 * h))
    above = Rect(lift_number.left, round(0.12 * h), lift_number.width, round(0.2 * h))
    values_top = round(0.8 * h)
    return Layout(
        arrangement=kind,
        view=View.NUMBERS,
        window=Rect(0, 0, inner.right + inner.left, h),
        border_px=inner.left,
        em_px=em,
        gap_px=round(0.028 * h),
        picture=Rect(inner.topleft, (0, 0)),
        panel=inner,
        mode=Rect(badge.right + round(0.05 * h), badge.centery - round(0.5 * em), round(0.36 * h), em),
        lift_label=Rect(lift_number.left, lift_number.top - round(0.075 * h), lift_number.width, em),
        lift_number=lift_number,
        zone=Rect(lift_number.left, lift_number.bottom + round(0.035 * h), lift_number.width, em),
        gauge=gauge,
        gauge_labels=labels,
        upright=True,
        values=_columns(
            Rect(lift_number.left, values_top, inner.right - lift_number.left - pad // 2, inner.bottom - values_top)
        ),
        value_em_px=round(0.09 * h),
        banner=_banner(Rect(inner.left, badge.bottom, lift_number.right - inner.left, h), h),
        badge=badge,
        notice=Rect(lift_number.left, round(0.72 * h), lift_number.width, round(0.065 * h)),
        curve=beside if curve_beside and beside.width > 0.2 * h else above,
    )


def _beside(gauge: Rect, panel: Rect, gap: int) -> Rect:
    return Rect(gauge.right + gap, gauge.top, panel.right - gauge.right - gap - gap // 3, gauge.height)


def _notice(picture: Rect, height: int, tall_px: int) -> Rect:
    """Above the badge."""
    margin = round(0.02 * height)
    bottom = _badge(picture, height).top - margin // 2
    return Rect(picture.left + margin, bottom - tall_px, max(picture.width - 2 * margin, 0), tall_px)


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
    top = status.bottom + (round(0.17 * h) if numbers else round(0.022 * h))
    digits = min(round((0.16 if numbers else LIFT_DIGIT_SHARE) * h), round(usable * DIGIT_EM / LIFT_NUMBER_EMS))
    lift_number = Rect(inner.left + pad, top + em + round(0.02 * h), round(LIFT_NUMBER_EMS * digits / DIGIT_EM), digits)
    gauge = Rect(inner.left + pad, lift_number.bottom + round((0.09 if numbers else 0.05) * h), usable, round(0.04 * h))
    row_height = round(0.095 * h)
    row = Rect(inner.left + pad, inner.bottom - row_height - round(0.012 * h), usable, row_height)
    drawn = round(0.15 * h) if curve and not numbers else 0
    picture = Rect(inner.left, inner.top, inner.width, 0 if numbers else inner.height - panel_height - drawn)
    between = Rect(inner.left + pad, picture.bottom, usable, drawn)
    upper = Rect(inner.left, status.bottom, inner.width, round(0.4 * h)) if numbers else picture
    badge = Rect(status.left, status.top, round(0.5 * usable), status.height)
    values = _columns(row, (0.345, 0.295, 0.36))
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
        lift_label=Rect(lift_number.left, top, usable, em),
        lift_number=lift_number,
        zone=Rect(lift_number.left, top, usable, em),
        gauge=gauge,
        gauge_labels=Rect(gauge.left, gauge.bottom + round(0.012 * h), gauge.width, em),
        upright=False,
        values=values,
        value_em_px=min(round(0.062 * h), round(values[2].width / TIME_EMS)),
        banner=_banner(upper, h),
        badge=badge,
        notice=Rect(row.left, (row.top if numbers else upper.bottom) - round(0.085 * h), usable, round(0.065 * h)),
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
