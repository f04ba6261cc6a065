"""Colours and sizes of the window, and the rules that they keep.

Colours are Okabe and Ito's (2008), made for every kind of colour vision; each is doubled by a
shape or a word wherever it is used. Words keep a contrast of at least 7:1 (WCAG 2.2, level AAA).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coach.settings import Theme as ThemeName

Colour = tuple[int, int, int]
"""Red, green, blue, 0–255."""

ORANGE: Final[Colour] = (230, 159, 0)
SKY_BLUE: Final[Colour] = (86, 180, 233)
GREEN: Final[Colour] = (0, 158, 115)
YELLOW: Final[Colour] = (240, 228, 66)
BLUE: Final[Colour] = (0, 114, 178)
VERMILLION: Final[Colour] = (213, 94, 0)
PURPLE: Final[Colour] = (204, 121, 167)
PURPLE_DARK: Final[Colour] = (163, 72, 122)
"""Okabe and Ito's purple, darkened for light grounds."""
INK: Final[Colour] = (9, 12, 16)
PAPER: Final[Colour] = (245, 248, 251)

DIGIT_EM: Final = 0.727
"""Height of a digit and of a capital letter against the em size (Inter)."""
TEXT_SHARE: Final = 0.044
"""Em size of ordinary text against the window's height; the smallest there is."""
MIN_TEXT_SHARE: Final = 0.04
LIFT_DIGIT_SHARE: Final = 0.125
"""Height of the lift number's digits against the window's height, where room is scarcest."""
MIN_LIFT_DIGIT_SHARE: Final = 0.12
MIN_CONTRAST: Final = 7.0
MIN_SHAPE_CONTRAST: Final = 3.0
"""Shapes and borders need less than words (WCAG 2.2, 1.4.11)."""


def mix(a: Colour, b: Colour, share_b: float) -> Colour:
    """A colour between two."""
    red, green, blue = (round(x + (y - x) * share_b) for x, y in zip(a, b, strict=True))
    return red, green, blue


def contrast(a: Colour, b: Colour) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


LIGHT_GREEN: Final = mix(GREEN, (255, 255, 255), 0.2)
LIGHT_PURPLE: Final = mix(PURPLE, (255, 255, 255), 0.2)
"""Lightened so that dark words stand on them, no more: without green cones the two come near each other."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. Words are drawn in `text` or `muted` on `background` or `card`, or in `ink` on a filled colour."""

    name: ThemeName
    background: Colour
    card: Colour
    rail: Colour
    """The gauge's empty tube."""
    text: Colour
    muted: Colour
    below: Colour
    in_band: Colour
    above: Colour
    accent: Colour
    """Marks that judge nothing, such as the mode's diamond."""
    quiet: Colour
    """A solid frame that judges nothing."""
    ink: Colour = INK
    banner_low: Colour = ORANGE
    banner_high: Colour = LIGHT_PURPLE
    banner_good: Colour = LIGHT_GREEN
    banner_plain: Colour = PAPER
    lever: Colour = YELLOW
    target_lever: Colour = SKY_BLUE
    bone: Colour = (255, 255, 255)

    def words(self) -> dict[str, tuple[Colour, Colour]]:
        """Every pairing of word and ground that is drawn; the tests hold them to MIN_CONTRAST."""
        grounds = {"background": self.background, "card": self.card}
        fills = {
            "low": self.banner_low,
            "high": self.banner_high,
            "good": self.banner_good,
            "plain": self.banner_plain,
        }
        return {
            **{f"text on {name}": (self.text, ground) for name, ground in grounds.items()},
            **{f"muted on {name}": (self.muted, ground) for name, ground in grounds.items()},
            **{f"ink on {name} banner": (self.ink, fill) for name, fill in fills.items()},
        }

    def shapes(self) -> dict[str, tuple[Colour, Colour]]:
        """Every pairing of shape and ground in the panel; the tests hold them to MIN_SHAPE_CONTRAST."""
        marks = {
            "below": self.below,
            "in band": self.in_band,
            "above": self.above,
            "accent": self.accent,
            "quiet": self.quiet,
        }
        return {name: (mark, self.background) for name, mark in marks.items()}


DARK: Final = Theme(
    name="dark",
    background=INK,
    card=(24, 30, 39),
    rail=(34, 42, 53),
    text=PAPER,
    muted=(168, 182, 198),
    below=ORANGE,
    in_band=GREEN,
    above=PURPLE,
    accent=SKY_BLUE,
    quiet=(92, 104, 118),
)
LIGHT: Final = Theme(
    name="light",
    background=PAPER,
    card=(255, 255, 255),
    rail=(214, 222, 231),
    text=INK,
    muted=(66, 78, 92),
    below=VERMILLION,
    in_band=GREEN,
    above=PURPLE_DARK,
    accent=BLUE,
    quiet=(124, 136, 150),
)
THEMES: Final[dict[ThemeName, Theme]] = {"dark": DARK, "light": LIGHT}
