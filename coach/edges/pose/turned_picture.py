"""A picture that is turned: a phone that lies on its side, a camera that hangs upside down.

Networks find nobody in it, or a body that is none. Who stands upright once the picture is turned is told as he lies
in it, so that whoever judges poses can say what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from coach.core.gait.camera_view import leg_length_px
from coach.core.gait.scene import TURNED, placed
from coach.core.pose import Pose
from coach.core.units import FloatArray
from coach.edges.pose.people_finder import Person, pose_of
from coach.edges.pose.runner_search import LOST_S
from coach.ports import Frame, ImageBGR

_EVERY_S: Final = 1.0
"""An empty picture is looked at from all sides this often; one with a body that is not upright, at once."""
_TURNS: Final = (cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)


class TurnedPicture:
    """Looks whether somebody would stand upright in the picture if it were turned, and follows who would."""

    def __init__(self, find: Callable[[ImageBGR], list[Person]]) -> None:
        self._find = find
        self._looked_s = self._seen_s = -math.inf
        self._turn: int | None = None

    def look(self, frame: Frame, people: Sequence[Person]) -> bool:
        """Whether that is so. `people`: who was found in the frame as it is."""
        upright = any(map(_is_upright, people))
        if upright or (not people and frame.t_s - self._looked_s < _EVERY_S):
            return False
        self._looked_s = frame.t_s
        self._turn = next((turn for turn in _TURNS if self._upright(frame, turn) is not None), None)
        self._seen_s = frame.t_s
        return self._turn is not None

    def follow(self, frame: Frame) -> Pose | None:
        """Who was found so, as he lies in the frame; None where nobody was, or is no longer."""
        if self._turn is None:
            return None
        person = self._upright(frame, self._turn)
        if person is None:
            if frame.t_s - self._seen_s > LOST_S:
                self._turn = None
            return None
        self._seen_s = frame.t_s
        pose = pose_of(person, frame.t_s)
        return replace(pose, xy_px=_turned_back(pose.xy_px, self._turn, frame.image_bgr))

    def _upright(self, frame: Frame, turn: int) -> Person | None:
        people = self._find(np.asarray(cv2.rotate(frame.image_bgr, turn), np.uint8))
        return next(filter(_is_upright, people), None)


def _is_upright(person: Person) -> bool:
    xy_px = pose_of(person, 0.0).xy_px[None]
    return placed(xy_px, leg_length_px(xy_px)) not in TURNED


def _turned_back(xy_px: FloatArray, turn: int, image: ImageBGR) -> FloatArray:
    """(n, 2) points of a turned picture where they lie in the picture itself."""
    height, width = image.shape[:2]
    x, y = xy_px[:, 0], xy_px[:, 1]
    back = {
        cv2.ROTATE_180: (width - 1 - x, height - 1 - y),
        cv2.ROTATE_90_CLOCKWISE: (y, height - 1 - x),
        cv2.ROTATE_90_COUNTERCLOCKWISE: (width - 1 - y, x),
    }
    return np.column_stack(back[turn])
