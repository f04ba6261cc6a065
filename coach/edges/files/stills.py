"""Two photographs of a run: the lowest and the best heel lift, at the same moment of the stride.

Only frames around the highest knee flexion are held, for about a second and a half, until their stride
is decided; a picture is written when its stride is trusted and sets a new mark. Nothing else is ever kept.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import Stride
from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.pipeline import Update
from coach.core.pose import Side
from coach.core.session.records import Still
from coach.core.units import FloatArray
from coach.ports import Frame, ImageBGR
from coach.private import write_private

INDEX: Final = "stills.json"
PICTURE_SIZE_PX: Final = (480, 640)
"""Width and height of a kept picture."""
_HELD_S: Final = 1.6
"""A stride is decided about half a second after its peak; slow walkers need longer and have no strides."""
_MOST_HELD: Final = 24
_AROUND_PEAK: Final = (0.56, 0.80)
"""Of the cycle; the peak lies at 0.66–0.68."""
_NEAREST_S: Final = 0.03
"""From the peak to its frame: the knee turns little at its peak, 1° in 30 ms."""
_BETTER_BY_DEG: Final = 0.5
_SAME_PACE_DEG: Final = 1.5
"""A stride in which the belt changed by more (0.1 m/s) belongs to neither speed."""
_LEVER_AGREES: Final = 0.12
"""The pose of the very frame must show the lever of the stride, or the legs were taken for each other …"""
_BEND_AGREES_DEG: Final = 8.0
"""… and its knee bend, or a line would be drawn where no leg is."""
_JPEG_QUALITY: Final = 85

_YELLOW: Final = (66, 228, 240)
_WHITE: Final = (250, 250, 250)
_DARK: Final = (20, 20, 20)
_HIP, _KNEE, _ANKLE, _HEEL, _TOE = range(5)


@dataclass(frozen=True, slots=True)
class _Held:
    """A frame near the peak, cut down at once, so that a large camera costs no memory."""

    t_s: float
    picture: ImageBGR
    points: FloatArray
    """(5, 2) hip, knee, ankle, heel, toe in the picture."""
    hip_heel_ll: float
    bend_deg: float


class StillKeeper:
    """Feed it every frame with its update; it keeps `lowest.jpg` and `best.jpg` in `folder`. Never raises.

    Strides are measured against what runners do at their speed, so that a slow minute is not the lowest by
    its pace, nor a target that moved a reason. One above the ceiling is never the best.
    """

    def __init__(self, folder: Path) -> None:
        self.problem: str | None = None
        self._folder = folder
        self._held: deque[_Held] = deque(maxlen=_MOST_HELD)
        self._marks: dict[str, tuple[float, Still]] = {}
        self._at_known_speed = False
        self._usual_deg: float | None = None

    def add(self, frame: Frame, update: Update) -> None:
        """One frame; cheap unless a stride sets a new mark."""
        near = update.gait.view.near_side
        if near is None:
            return
        self._hold(frame, update, near)
        for stride in update.strides:
            if stride.valid and stride.side == near:
                self._judge(stride)

    @property
    def stills(self) -> tuple[Still, ...]:
        """The pictures kept so far."""
        return tuple(still for _, still in self._marks.values())

    def _hold(self, frame: Frame, update: Update, near: Side) -> None:
        while self._held and self._held[0].t_s < frame.t_s - _HELD_S:
            self._held.popleft()
        leg_length_px = update.gait.leg_length_px
        around = _AROUND_PEAK[0] <= update.gait.leg(near).phase <= _AROUND_PEAK[1]
        if update.pose is None or not around or not leg_length_px > 0:
            return
        leg_px = update.pose.leg_px(near)
        if np.isfinite(leg_px).all():
            hip_heel_ll = float(np.linalg.norm(leg_px[_HIP] - leg_px[_HEEL])) / leg_length_px
            bend_deg = float(knee_flexion_deg(leg_px[_HIP], leg_px[_KNEE], leg_px[_ANKLE]))
            self._held.append(_Held(frame.t_s, *cut_out(frame.image_bgr, leg_px, leg_length_px), hip_heel_ll, bend_deg))

    def _judge(self, stride: StrideRecord) -> None:
        usual_deg = _usual_deg(stride.speed_mps)
        before_deg, self._usual_deg = self._usual_deg, usual_deg
        if usual_deg is not None and before_deg is not None and abs(usual_deg - before_deg) > _SAME_PACE_DEG:
            return
        if usual_deg is None and self._at_known_speed:
            return
        if usual_deg is not None and not self._at_known_speed:
            self._at_known_speed = True
            self._marks.clear()
        score = stride.peak_knee_flexion_deg - (usual_deg or 0.0)
        too_high = stride.peak_knee_flexion_deg > stride.target_high_deg
        for which, beats in (("lowest", self._lower(score)), ("best", not too_high and self._higher(score))):
            if beats and (held := self._at_peak(stride)) is not None:
                self._keep(which, score, stride, held)

    def _lower(self, score: float) -> bool:
        return "lowest" not in self._marks or score < self._marks["lowest"][0] - _BETTER_BY_DEG

    def _higher(self, score: float) -> bool:
        return "best" not in self._marks or score > self._marks["best"][0] + _BETTER_BY_DEG

    def _at_peak(self, stride: Stride) -> _Held | None:
        peak_s = stride.peak_knee_flexion_s
        nearest = min(self._held, key=lambda held: abs(held.t_s - peak_s), default=None)
        if nearest is None or abs(nearest.t_s - peak_s) > _NEAREST_S:
            return None
        lever_agrees = abs(nearest.hip_heel_ll - stride.min_hip_heel_ll) <= _LEVER_AGREES
        bend_agrees = abs(nearest.bend_deg - stride.peak_knee_flexion_deg) <= _BEND_AGREES_DEG
        return nearest if lever_agrees and bend_agrees else None

    def _keep(self, which: str, score: float, stride: StrideRecord, held: _Held) -> None:
        still = Still(
            which=which,
            file=f"{which}.jpg",
            t_s=stride.peak_knee_flexion_s,
            side=stride.side,
            peak_deg=stride.peak_knee_flexion_deg,
            target_deg=stride.target_deg,
            min_hip_heel_ll=stride.min_hip_heel_ll,
        )
        try:
            _write(self._folder / still.file, with_lever(held.picture, held.points))
            self._marks[which] = (score, still)
            _write_index(self._folder / INDEX, self.stills)
            self.problem = None
        except OSError as error:
            self.problem = f"the two photographs are not kept: {error.strerror or error}"


def _usual_deg(speed_mps: float) -> float | None:
    return None if math.isnan(speed_mps) else float(peak_flexion_deg(speed_mps, NormSettings()))


def cut_out(image_bgr: ImageBGR, leg_px: FloatArray, leg_length_px: float) -> tuple[ImageBGR, FloatArray]:
    """(640, 480, 3): the runner, at the same size and place whatever the camera, and the leg (5, 2) in that picture.

    leg_px: (5, 2) hip, knee, ankle, heel, toe. Two pictures of one run can be laid side by side.
    """
    width, height = PICTURE_SIZE_PX
    # From head to feet a body measures about 2.1 leg lengths; the hip stands near the middle of the picture.
    scale = height / (2.5 * leg_length_px)
    shift = np.array([width / 2, 0.48 * height]) - scale * leg_px[_HIP]
    place = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
    picture = cv2.warpAffine(image_bgr, place, (width, height), flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(picture, np.uint8), scale * leg_px + shift


def with_lever(picture: ImageBGR, points: FloatArray) -> ImageBGR:
    """The picture with the leg in white and the lever, hip to heel, in yellow."""
    drawn = picture.copy()
    at = [(round(float(x)), round(float(y))) for x, y in points]
    for start, end in ((_HIP, _KNEE), (_KNEE, _ANKLE), (_HEEL, _TOE)):
        _line(drawn, at[start], at[end], _WHITE, 3)
    _line(drawn, at[_HIP], at[_HEEL], _YELLOW, 6)
    for joint in (_HIP, _HEEL):
        cv2.circle(drawn, at[joint], 8, _DARK, -1, cv2.LINE_AA)
        cv2.circle(drawn, at[joint], 6, _YELLOW, -1, cv2.LINE_AA)
    return drawn


def _line(picture: ImageBGR, start: tuple[int, ...], end: tuple[int, ...], colour: tuple[int, ...], px: int) -> None:
    cv2.line(picture, start, end, _DARK, px + 3, cv2.LINE_AA)
    cv2.line(picture, start, end, colour, px, cv2.LINE_AA)


def _write(path: Path, picture: ImageBGR) -> None:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise OSError(0, "the picture cannot be encoded")
    write_private(path, data.tobytes())


def _write_index(path: Path, stills: tuple[Still, ...]) -> None:
    rows = [{k: None if v != v else v for k, v in asdict(still).items()} for still in stills]  # noqa: PLR0124 - NaN
    write_private(path, json.dumps(rows).encode())
