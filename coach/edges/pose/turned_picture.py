"""Whether a picture in which nobody is found shows somebody once it is turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np

from coach.core.gait.finding import Finding
from coach.core.gait.scene import placed
from coach.core.gait.viewpoint import leg_length_px
from coach.edges.pose.people_finder import Person, pose_of
from coach.ports import ImageBGR

_TURNS: Final = (
    (cv2.ROTATE_180, Finding.UPSIDE_DOWN),
    (cv2.ROTATE_90_CLOCKWISE, Finding.ON_ITS_SIDE),
    (cv2.ROTATE_90_COUNTERCLOCKWISE, Finding.ON_ITS_SIDE),
)


def turned(find: Callable[[ImageBGR], list[Person]], pictures: Sequence[ImageBGR]) -> Finding | None:
    """How most of the pictures are turned; None where somebody stands upright in them, or nobody is in them."""
    upright = sum(_somebody_upright(find(picture)) for picture in pictures)
    for turn, finding in _TURNS:
        found = sum(_somebody_upright(find(np.asarray(cv2.rotate(picture, turn), np.uint8))) for picture in pictures)
        if 2 * found > len(pictures) and found > upright:
            return finding
    return None


def _somebody_upright(people: list[Person]) -> bool:
    return any(_is_upright(pose_of(person, 0.0).xy_px[None]) for person in people)


def _is_upright(xy_px: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    return placed(xy_px, leg_length_px(xy_px)) not in {Finding.UPSIDE_DOWN, Finding.ON_ITS_SIDE}
