"""How a run was seen: which leg was near, by what camera and from where, and how its pictures were read.

Each of these moves what is measured by degrees, alike for all strides of a run: two runs that were seen alike share it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from coach.core.gait.place_share import UNKNOWN_PLACE_SD_DEG
from coach.core.pose import Side
from coach.core.session.records import SettingValue

Apart = Literal["side", "camera", "reading"]
LIVE: Final = frozenset({"camera", "stream"})
"""Kinds of sources that stand at one place from run to run, and whose picture is the same."""
_FILES: Final = frozenset({"video", "poses"})
LIKE_YAW_DEG: Final = 3.0
"""What is found of a camera that was not moved differs by less from run to run (stated: 1.3 to 1.9° each)."""
_READ_BY: Final = ("pose.backend", "pose.model", "pose.effort")
_NOT_TOLD: Final = frozenset((None, "auto"))
"""How often a picture is read was once left to the machine, and not kept."""


def reading_of(setting: Callable[[str], SettingValue]) -> tuple[SettingValue, ...]:
    """Network and effort, out of the settings of a run by their keys; None for what was not kept."""
    return tuple(setting(key) for key in _READ_BY)


def place_sd_deg(before_deg: float, after_deg: float) -> float:
    """One sigma of what two places of the camera make of a difference, from what the peaks of either state.

    NaN where they state nothing: it is then as much as of an unknown place.
    """
    return math.hypot(*(UNKNOWN_PLACE_SD_DEG if math.isnan(sd) else sd for sd in (before_deg, after_deg)))


def like_yaw(before_deg: float, after_deg: float) -> bool:
    """Whether a camera looks from where it did; NaN where that was not found, then of both."""
    return (math.isnan(before_deg) and math.isnan(after_deg)) or abs(before_deg - after_deg) <= LIKE_YAW_DEG


@dataclass(frozen=True, slots=True)
class Seen:
    """How one run was seen."""

    near_side: Side | None
    kind: str
    """Of the source."""
    name: str
    reading: tuple[SettingValue, ...] = ()
    yaw_deg: float = math.nan
    """By how much the camera stood ahead of the runner; NaN where it was not found."""

    def read_like(self, other: Seen) -> bool:
        """Whether the same network read the pictures of both as often; what either does not tell speaks for it."""
        told = zip(self.reading, other.reading, strict=False)
        return all(one == two or not _NOT_TOLD.isdisjoint((one, two)) for one, two in told)

    def by_same_camera(self, other: Seen) -> bool:
        """Whether one camera saw both; of two clips nobody knows."""
        return self.kind == other.kind and (self.kind not in LIVE or self.name == other.name)

    def apart(self, other: Seen) -> tuple[Apart, ...]:
        """What keeps the two runs from being held against each other, the plainest first; empty where nothing does."""
        alike: dict[Apart, bool] = {
            "side": self.near_side == other.near_side,
            "camera": self.by_same_camera(other),
            "reading": self.read_like(other),
        }
        return tuple(what for what, same in alike.items() if not same)

    def like(self, other: Seen) -> bool:
        """Whether the two runs may be held against each other."""
        return not self.apart(other)

    def from_one_place(self, other: Seen) -> bool:
        """Whether the camera was surely not moved in between: of two files nobody knows."""
        if self.kind in _FILES or (self.kind, self.name) != (other.kind, other.name):
            return False
        return like_yaw(self.yaw_deg, other.yaw_deg)
