"""Two photographs of a run: the lowest and the best heel lift at the same moment, each with its whole stride.

Of each frame the runner is held for about a second, until the stride is decided; pictures are made and written when a
stride is trusted and sets a new mark. Nothing else is ever kept.
"""

from __future__ import annotations

import json
import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import Stride
from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.pipeline import Update
from coach.core.pose import Side, other
from coach.core.session.records import STILLS_FILE, Still, StrideFilm
from coach.core.units import FloatArray
from coach.edges.files.leg_pictures import (
    ANKLE,
    CELL_SIZE_PX,
    COLUMNS,
    HEEL,
    HIP,
    KNEE,
    Cutting,
    cutting,
    encoded,
    sharpness,
    sheet,
    with_leg,
)
from coach.plain_records import plain
from coach.ports import Frame, ImageBGR
from coach.private import write_private

STILL_FILES: Final = (STILLS_FILE, "lowest.jpg", "best.jpg", "lowest-stride.jpg", "best-stride.jpg")
"""All that is ever kept."""
PHASES: Final = 24
"""Moments of a stride that are shown: 30 ms from one to the next."""
_HELD_S: Final = 1.3
"""A stride is decided about half a second after its peak; slow walkers need longer and have no strides."""
_MOST_HELD: Final = 56
_APART_S: Final = 0.028
"""Between two frames of a stride that are held: a faster camera's are thinned …"""
_AROUND_PEAK: Final = (0.56, 0.80)
"""… but for this part of the cycle; the peak lies at 0.66–0.68."""
_NEAREST_S: Final = 0.03
"""From the peak to its frame: the knee turns little at its peak, 1° in 30 ms. Of those the sharpest is taken."""
_GAP: Final = 0.13
"""Of a stride: with a larger gap between its frames it was not seen whole."""
_BETTER_BY_DEG: Final = 0.5
_SAME_PACE_DEG: Final = 1.5
"""A stride in which the belt changed by more (0.1 m/s) belongs to neither speed."""
_LEVER_AGREES: Final = 0.12
"""The pose of the very frame must show the lever of the stride, or the legs were taken for each other …"""
_BEND_AGREES_DEG: Final = 8.0
"""… and its knee bend, or a line would be drawn where no leg is."""
_LEG_AGREES_DEG: Final = 15.0
"""Elsewhere in the stride the knee turns by 8° from one picture to the next; beyond this no leg is drawn."""
_JPEG_QUALITY: Final = 85
_SHEET_QUALITY: Final = 78
_STEADY: Final = 24
"""Frames over whose median the cut stands still: the hip rises and falls in it, the room does not."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The runner in a frame of a stride."""

    t_s: float
    cutting: Cutting
    bend_deg: float
    """As this frame's pose shows it."""
    known_deg: float
    """As the stride's curve says; the pose's where that is not known."""
    hip_heel_ll: float
    near_peak: bool


class StillKeeper:
    """Feed it every frame with its update; it keeps `lowest.jpg` and `best.jpg` in `folder`. Never raises.

    Strides are measured against what runners do at their speed, so that a slow minute is not the lowest by
    its pace, nor a target that moved a reason. One above the ceiling is never the best.
    """

    def __init__(self, folder: Path) -> None:
        self.problem: str | None = None
        self._folder = folder
        self._held: deque[_Held] = deque(maxlen=_MOST_HELD)
        self._hips: deque[FloatArray] = deque(maxlen=_STEADY)
        self._marks: dict[str, tuple[float, Still]] = {}
        self._seen_near: Counter[Side] = Counter()
        self._told: Side | None = None
        """The leg that both pictures show: as in the figures, the one with most near strides."""
        self._at_known_speed = False
        self._usual_deg: float | None = None

    def add(self, frame: Frame, update: Update) -> None:
        """One frame; cheap unless a stride sets a new mark."""
        near = update.gait.view.near_side
        if near is None:
            return
        self._hold(frame, update, near)
        for stride in update.strides:
            if stride.valid and stride.near and self._is_told(stride.side) and stride.side == near:
                self._judge(stride)

    @property
    def stills(self) -> tuple[Still, ...]:
        """The pictures kept so far."""
        return tuple(still for _, still in self._marks.values())

    def _is_told(self, side: Side) -> bool:
        """Whether a near stride more makes its leg, or leaves it, the one that is told of; pictures of the other go."""
        self._seen_near[side] += 1
        if self._told != side and self._seen_near[side] >= self._seen_near[other(side)]:
            self._told = side
            self._marks.clear()
        return self._told == side

    def _hold(self, frame: Frame, update: Update, near: Side) -> None:
        while self._held and self._held[0].t_s < frame.t_s - _HELD_S:
            self._held.popleft()
        leg_length_px, leg = update.gait.leg_length_px, update.gait.leg(near)
        if update.pose is None or not leg_length_px > 0:
            return
        leg_px = update.pose.leg_px(near)
        around = _AROUND_PEAK[0] <= leg.phase <= _AROUND_PEAK[1]
        due = not self._held or frame.t_s - self._held[-1].t_s >= _APART_S
        if not (around or due) or not np.isfinite(leg_px).all():
            return
        self._hips.append(leg_px[HIP])
        middle_px = np.median(self._hips, axis=0)
        bend_deg = float(knee_flexion_deg(leg_px[HIP], leg_px[KNEE], leg_px[ANKLE]))
        known_deg = leg.knee_flexion_deg if math.isfinite(leg.knee_flexion_deg) else bend_deg
        hip_heel_ll = float(np.linalg.norm(leg_px[HIP] - leg_px[HEEL])) / leg_length_px
        seen = cutting(frame.image_bgr, leg_px, leg_length_px, middle_px)
        self._held.append(_Held(frame.t_s, seen, bend_deg, known_deg, hip_heel_ll, around))

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
        """The sharpest of the frames beside the peak whose own pose shows the stride's lever and bend."""
        fitting = [
            held
            for held in self._held
            if held.near_peak
            and abs(held.t_s - stride.peak_knee_flexion_s) <= _NEAREST_S
            and abs(held.hip_heel_ll - stride.min_hip_heel_ll) <= _LEVER_AGREES
            and abs(held.bend_deg - stride.peak_knee_flexion_deg) <= _BEND_AGREES_DEG
        ]
        return max(fitting, key=_sharpness, default=None)

    def _keep(self, which: str, score: float, stride: StrideRecord, held: _Held) -> None:
        still = Still(
            which=which,
            file=f"{which}.jpg",
            t_s=stride.peak_knee_flexion_s,
            side=stride.side,
            peak_deg=stride.peak_knee_flexion_deg,
            target_deg=stride.target_deg,
            min_hip_heel_ll=stride.min_hip_heel_ll,
            sharpness=_sharpness(held),
        )
        shown = with_leg(*held.cutting.picture, still.peak_deg)
        try:
            write_private(self._folder / still.file, encoded(shown, _JPEG_QUALITY))
            still = replace(still, film=self._film(f"{which}-stride.jpg", stride))
            self._marks[which] = (score, still)
            _write_index(self._folder / STILLS_FILE, self.stills)
            self.problem = None
        except OSError as error:
            self.problem = f"the two photographs are not kept: {error.strerror or error}"

    def _film(self, name: str, stride: Stride) -> StrideFilm | None:
        """The whole stride on one sheet, written; None where it was not seen whole. Raises OSError."""
        length_s = stride.end_s - stride.start_s
        seen = [held for held in self._held if -_GAP <= (held.t_s - stride.start_s) / length_s <= 1 + _GAP]
        times = np.array([held.t_s for held in seen])
        if len(seen) < 2 or np.diff(times).max() > _GAP * length_s:
            return None
        if times[0] > stride.start_s + _GAP * length_s or times[-1] < stride.end_s - _GAP * length_s:
            return None
        wanted_s = stride.start_s + length_s * np.arange(PHASES) / PHASES
        nearest = [int(np.argmin(np.abs(times - t_s))) for t_s in wanted_s]
        used = sorted(set(nearest))
        most_deg = stride.peak_knee_flexion_deg
        write_private(
            self._folder / name, encoded(sheet([_drawn(seen[one], most_deg) for one in used]), _SHEET_QUALITY)
        )
        at = int(np.argmin(np.abs(wanted_s - stride.peak_knee_flexion_s)))
        angles = [round(min(seen[one].known_deg, most_deg), 1) for one in nearest]
        angles[at] = round(most_deg, 1)
        cells = tuple(used.index(one) for one in nearest)
        return StrideFilm(name, *CELL_SIZE_PX, COLUMNS, len(used), cells, tuple(angles), at)


def _drawn(held: _Held, most_deg: float) -> ImageBGR:
    """A cell with its leg; without one where the pose of this frame is another than the stride's."""
    if abs(held.bend_deg - held.known_deg) > _LEG_AGREES_DEG:
        return held.cutting.cell[0]
    return with_leg(*held.cutting.cell, min(held.known_deg, most_deg))


def _sharpness(held: _Held) -> float:
    return sharpness(held.cutting.picture[0])


def _usual_deg(speed_mps: float) -> float | None:
    return None if math.isnan(speed_mps) else float(peak_flexion_deg(speed_mps, NormSettings()))


def _write_index(path: Path, stills: Sequence[Still]) -> None:
    rows = [{name: plain(value) for name, value in asdict(still).items()} for still in stills]
    write_private(path, json.dumps(rows).encode())
