"""The tracker's camera: learnt from the frames of a rhythm, or known in hindsight.

Without a lens it is taken to stand at the side.
"""

from __future__ import annotations

from typing import Any, Final

from coach.core.gait.camera_view import CameraView
from coach.core.gait.cycle_tracker import CycleFrame
from coach.core.gait.hindsight import Hindsight
from coach.core.gait.kinematics import Body, BothLegs, Legs, lean_deg
from coach.core.gait.place_share import placed
from coach.core.gait.sagittal_fit import Stance
from coach.core.gait.sagittal_view import Lens, SagittalView
from coach.core.gait.stride import Stride
from coach.core.pose import SIDES, Side

_CLEAR_PHASE_VARIANCE: Final = 0.05
"""rad²; beyond it a frame says nothing of where the camera stands."""
_SIDE_ON: Final = CameraView()


class CameraPlace:
    """Where one runner's camera stands, as far as it is known."""

    def __init__(self, lens: Lens | None, hindsight: Hindsight | None) -> None:
        self._lens, self._hindsight = lens, hindsight
        self._slope = 0.0
        """By how much of its length the belt rises toward the front, as far as is known."""
        self._sagittal = self._new_view()

    @property
    def corrects(self) -> bool:
        """Whether points are turned into the sagittal plane at all."""
        return self._sagittal is not None

    @property
    def view(self) -> CameraView:
        """The camera's angles, with their uncertainty."""
        return self._sagittal.view if self._sagittal else _SIDE_ON

    @property
    def _learner(self) -> SagittalView | None:
        """What learns of the frames; None without a lens, and where a first look has learnt it all."""
        return self._sagittal if self._hindsight is None else None

    def learnt(self) -> SagittalView | None:
        """A copy of what is known; None without a lens."""
        return self._sagittal.as_known() if self._sagittal else None

    def recall(self, t_s: float) -> None:
        """Take what a first look at these frames learnt of this moment, if there was one."""
        if self._hindsight is not None:
            self._sagittal = self._hindsight.camera(t_s) or self._sagittal

    def from_the_side(self, legs_px: BothLegs, facing: Side | None) -> BothLegs:
        """Legs as a camera exactly at the side would show them; as they are while it is not clear who faces where."""
        return self._sagittal.seen_from_the_side(legs_px, facing) if self._sagittal and facing else legs_px

    def lean_deg(self, body: Body, facing: Side) -> float:
        """How far the shoulders are ahead of the hips; NaN where either was not seen."""
        hips, shoulders = body.hips, body.shoulders
        if self._sagittal is not None:
            hips, shoulders = self._sagittal.trunk_from_the_side((hips, shoulders), facing)
        return lean_deg(hips, shoulders, facing)

    def learn(self, frame: CycleFrame, legs: Legs, stances: tuple[Stance, Stance], near: int) -> None:
        """Take a frame of a run whose place in the stride is known. stances: where in the cycle either leg stands."""
        learner, seen = self._learner, legs.picture_px
        if learner is None or seen is None or frame.phase_variance > _CLEAR_PHASE_VARIANCE:
            return
        left, right = frame.legs
        after_contact_rad, weights = frame.phase_rad - stances[near].contact_rad, (left.weight, right.weight)
        learner.see(after_contact_rad, seen[::-1] if frame.swapped else seen, weights, SIDES[near])
        learner.refine(frame.t_s, stances, near)

    def belt_climbs(self, slope: float) -> None:
        """The belt rises by so much of its length toward the front, as far as is known."""
        self._slope = slope
        if learner := self._learner:
            learner.belt_climbs(slope)

    def new_rhythm(self) -> None:
        """Another rhythm is followed from now on."""
        if learner := self._learner:
            learner.begin_anew()

    def wrong_rhythm(self) -> None:
        """What was followed was none: it has mixed the places of a stride."""
        if learner := self._learner:
            learner.forget()

    def turned_round(self) -> None:
        """The runner faces the other way: what stood ahead stands behind."""
        self._sagittal = self._new_view()

    def _new_view(self) -> SagittalView | None:
        return SagittalView(self._lens, self._slope) if self._lens else None

    def placed(self, stride: Stride) -> dict[str, Any]:
        """What the camera's place makes of a stride: the fields that change."""
        return placed(stride, self._sagittal.share(SIDES.index(stride.side))) if self._sagittal else {}
