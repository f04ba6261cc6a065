"""Draw the drills' figures with the demo's runner: `python -m tools.drill_pictures [FOLDER]`.

Each is the pose that the words ask for, laid out by joint angles and drawn on an empty floor.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from coach.edges.demo.motion import ANKLE_HEIGHT_LL, SHANK_LL, THIGH_LL, LegPose, Point, posed_leg
from coach.edges.demo.runner import FOREARM_LL, NECK_LL, TRUNK_LL, UPPER_ARM_LL, ArmPose, BodyPose
from coach.edges.demo.runner_figure import figure
from coach.ports import ImageBGR

SIZE: Final = (720, 540)
LL_PX: Final = 190.0
"""One leg length."""
FLOOR_PX: Final = 480
_BACKGROUND: Final = (240, 238, 234)
_FLOOR: Final = (205, 202, 196)
_WALL: Final = (180, 176, 168)
FAR_RISE_LL: Final = 0.03


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pose with where its hip is in the picture, and the wall's place in leg lengths; NaN for none."""

    body: BodyPose
    hip_x_px: float
    wall_ll: float = math.nan


def _towards(point: Point, length: float, deg: float) -> Point:
    """From a point by a length: 0° up, 90° forward."""
    return point[0] + length * math.sin(math.radians(deg)), point[1] + length * math.cos(math.radians(deg))


def _arm(shoulder: Point, upper_deg: float, fore_deg: float) -> ArmPose:
    """An arm by the directions of its two parts."""
    elbow = _towards(shoulder, UPPER_ARM_LL, upper_deg)
    wrist = _towards(elbow, FOREARM_LL, fore_deg)
    return ArmPose(shoulder, elbow, wrist)


def _body(
    hip: Point, lean_deg: float, legs: tuple[LegPose, LegPose], arms: tuple[ArmPose, ArmPose], head: float
) -> BodyPose:
    shoulder = _towards(hip, TRUNK_LL, lean_deg)
    return BodyPose(0.0, *legs, *arms, hip, shoulder, _towards(shoulder, NECK_LL, head), lean_deg, head, 30.0, 0.0)


def march() -> Drawn:
    """Tall, one knee at the height of the hip and the foot under it, the other leg straight below."""
    hip = (0.0, THIGH_LL + SHANK_LL + ANKLE_HEIGHT_LL)
    up, down = posed_leg(hip, 84.0, 88.0, 0.0), posed_leg(hip, 0.0, 0.0, 0.0)
    shoulder = _towards(hip, TRUNK_LL, 2.0)
    arms = (_arm(shoulder, 215.0, 128.0), _arm(shoulder, 155.0, 62.0))
    return Drawn(_body(hip, 2.0, (up, down), arms, 4.0), 330.0)


def wall() -> Drawn:
    """Hands on the wall, one line from ankle to head, one knee up under the body."""
    lean = 38.0
    ankle_rise = ANKLE_HEIGHT_LL + 0.07
    hip = _towards((0.0, ankle_rise), THIGH_LL + SHANK_LL, lean)
    up, down = posed_leg(hip, 60.0, 100.0, -20.0), posed_leg(hip, -lean, 0.0, -42.0)
    shoulder = _towards(hip, TRUNK_LL, lean)
    arms = (_arm(shoulder, 96.0, 84.0), _arm(shoulder, 98.0, 82.0))
    at = max(arm.wrist[0] for arm in arms) + 0.13
    return Drawn(_body(hip, lean, (up, down), arms, lean - 6.0), 130.0, at)


def bridge() -> Drawn:
    """On the back, feet on the floor, hips lifted until shoulder, hip and knee are one line."""
    shoulder = (-0.95, 0.13)
    rise = 24.0
    hip = _towards(shoulder, TRUNK_LL, 90.0 - rise)
    knee = _towards(hip, THIGH_LL, 90.0 - rise)
    foot_x = knee[0] + math.sqrt(max(SHANK_LL**2 - (knee[1] - ANKLE_HEIGHT_LL) ** 2, 0.0)) * 0.25
    shank_deg = math.degrees(math.atan2(foot_x - knee[0], knee[1] - ANKLE_HEIGHT_LL))
    thigh_deg = 90.0 + rise
    leg = posed_leg(hip, thigh_deg, thigh_deg - shank_deg, 0.0)
    arms = (_arm(shoulder, 97.0, 92.0), _arm(shoulder, 97.0, 92.0))
    pose = BodyPose(
        0.0, leg, leg, *arms, hip, shoulder, _towards(shoulder, NECK_LL, 272.0), 270.0 + rise, 274.0, 250.0, 0.0
    )
    return Drawn(pose, 560.0)


DRILLS: Final = {"march": march, "wall": wall, "bridge": bridge}


def picture(drawn: Drawn) -> ImageBGR:
    """The pose on a floor, near and far side as the demo draws them."""
    width, height = SIZE
    canvas: ImageBGR = np.full((height, width, 3), _BACKGROUND, np.uint8)
    canvas[FLOOR_PX:] = _FLOOR

    def near(point: Point) -> tuple[float, float]:
        return drawn.hip_x_px + (point[0]) * LL_PX, FLOOR_PX + 14 - point[1] * LL_PX

    def far(point: Point) -> tuple[float, float]:
        x, y = near(point)
        return x, y - FAR_RISE_LL * LL_PX

    if not math.isnan(drawn.wall_ll):
        left = round(near((drawn.wall_ll, 0.0))[0])
        canvas[:FLOOR_PX, left : left + 26] = _WALL
    figure(LL_PX).draw(canvas, drawn.body, near, far)
    return canvas


def main(folder: Path) -> None:
    """Write a JPEG of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pose in DRILLS.items():
        written, jpeg = cv2.imencode(".jpg", picture(pose()), [cv2.IMWRITE_JPEG_QUALITY, 88])
        if not written:
            raise SystemExit(f"{name} could not be written")
        (folder / f"drill-{name}.jpg").write_bytes(jpeg.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/pictures"))
