"""The names of what is seen where no runner is measured."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Finding(StrEnum):
    """What is there in place of a runner who can be measured. The value is kept, and names its words."""

    NOBODY = "nobody"
    STILL_PICTURE = "still_picture"
    UPSIDE_DOWN = "upside_down"
    ON_ITS_SIDE = "on_its_side"
    FRONT_VIEW = "front_view"
    REAR_VIEW = "rear_view"
    NO_HUMAN_BODY = "no_human_body"
    STANDING = "standing"
    WALKING = "walking"
    SQUATTING = "squatting"
    JUMPING = "jumping"
    FEW_PICTURES = "few_pictures"
    SLOW_MOTION = "slow_motion"
    FAST_MOTION = "fast_motion"
    FEET_OUT_OF_PICTURE = "feet_out_of_picture"
    NO_RHYTHM = "no_rhythm"


NOT_A_RUN: Final = frozenset(
    {
        Finding.STILL_PICTURE,
        Finding.UPSIDE_DOWN,
        Finding.ON_ITS_SIDE,
        Finding.FRONT_VIEW,
        Finding.REAR_VIEW,
        Finding.NO_HUMAN_BODY,
        Finding.SQUATTING,
        Finding.JUMPING,
    }
)
"""While one of these is seen, no rhythm is a run from the side."""
