"""Whether the feet stand still: on the rails, or because the belt has stopped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from coach.core.speed.stance import FOOT_CELLS, FootFrame

_STILL_S: Final = 0.8
_STILL_X_LL: Final = 0.10
_STILL_Y_LL: Final = 0.08
"""Feet that stay within this (p10–p90) do not walk; a running foot travels ten times as far."""
_SEEN_SHARE: Final = 0.6
LOOK_EVERY_S: Final = 0.1


def feet_still(t_s: float, newest_first: Iterable[FootFrame]) -> bool:
    """Whether every point of a foot that is seen has stayed where it is; False where none is seen well enough."""
    recent: list[FootFrame] = []
    for frame in newest_first:
        if t_s - frame.t_s > _STILL_S:
            break
        recent.append(frame)
    if not recent or t_s - recent[0].t_s >= 2 * LOOK_EVERY_S or recent[0].t_s - recent[-1].t_s < 0.8 * _STILL_S:
        return False
    seen = False
    for cell in range(len(FOOT_CELLS)):
        # The first point that moves settles it, so a runner costs one point's look.
        moved_ll = _spread_ll(recent, cell)
        if moved_ll is not None and moved_ll > (_STILL_Y_LL if cell % 2 else _STILL_X_LL):
            return False
        seen = seen or moved_ll is not None
    return seen


def _spread_ll(frames: list[FootFrame], cell: int) -> float | None:
    """How far apart one coordinate's 10th and 90th percentiles lie; None where it is seen too rarely."""
    places = [place for frame in frames if (place := frame.feet_px[cell] / frame.leg_px) == place]  # NaN is not itself
    if len(places) < _SEEN_SHARE * len(frames):
        return None
    places.sort()
    return places[int(0.9 * (len(places) - 1))] - places[int(0.1 * (len(places) - 1))]
