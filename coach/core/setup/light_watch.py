"""The light during a run: told when it goes bad, and when it is good again."""

from __future__ import annotations

import math
from typing import Final

from coach.core.setup.setup_check import SLOW, PictureStats, Verdict, judged_light

LIGHT_EVERY_S: Final = 1.0
"""How often a picture is looked at."""
LIGHT_LASTS_S: Final = 4.0
"""A hand before the lens, or a flash of sun, is no change of the light."""
LIGHT_QUIET_S: Final = 30.0
"""Not said more often: light that flickers is annoying enough."""
SLOWED_TO: Final = 0.75
"""Share of the best rate so far: a camera that never gave more than 20 a second has not slowed down."""
PICTURE_GOOD: Final = "picture_good"


class LightWatch:
    """Feed it a picture's figures once a second; now and then it has something to say."""

    def __init__(self) -> None:
        self._best_fps = math.nan
        self._told = ""
        """The remedy that holds; empty while all is well."""
        self._told_s = -math.inf
        self._seen = ""
        self._since_s = math.nan

    def step(self, t_s: float, picture: PictureStats) -> str | None:
        """Key of the words to say now: a remedy, or that the picture is good again; None for silence."""
        remedy = self._remedy(picture)
        if remedy != self._seen or math.isnan(self._since_s):
            self._seen, self._since_s = remedy, t_s
        if remedy == self._told or t_s - self._since_s < LIGHT_LASTS_S:
            return None
        if remedy and t_s - self._told_s < LIGHT_QUIET_S:
            return None
        self._told, self._told_s = remedy, t_s
        return remedy or PICTURE_GOOD

    def _remedy(self, picture: PictureStats) -> str:
        fps = picture.measured_fps
        if math.isnan(self._best_fps) or fps > self._best_fps:
            self._best_fps = fps
        found = judged_light(picture)
        if found.verdict is not Verdict.MEND or found.remedy is None:
            return ""
        slow_as_ever = found.remedy in SLOW and fps > SLOWED_TO * self._best_fps
        return "" if slow_as_ever else found.remedy
