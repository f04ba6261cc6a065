"""What the pose stage makes of a virtual runner's strides: scatter, slow wander, strides left out or misread.

Measurement error per stride from the kinematic scoring (`docs/accuracy.md`); the rest is an assumption and says so.
Everything follows from the seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coach.core.coaching.guards import TEMPLATE_STRIDES
from coach.core.gait import Stride
from coach.core.gait.quality import RejectReason


@dataclass(frozen=True, slots=True)
class PoseStage:
    """How the measurement errs, stride by stride, in degrees."""

    stride_sd_deg: float
    """Error of one peak, fresh with each stride."""
    thigh_sd_deg: float
    """The same of the thigh at peak flexion (`python -m bench.posture`)."""
    foot_sd_ll: float
    lean_sd_deg: float
    """The same of where the foot lands and of the trunk (`python -m bench.posture --form`, and `--demo`)."""
    wander_sd_deg: float
    """Slow error of the whole scene (light, place on the belt, clothing); an assumption."""
    wander_s: float
    rejected: float
    """Share of strides that the quality gate leaves out."""
    false: float
    """Share of strides that pass although a collapsed swing made them read low."""
    false_deg: float
    unsure: float
    """Share of time, in spells of about 5 s, in which the picture is not trusted at all."""


CLEAN: Final = PoseStage(0.1, 0.1, 0.001, 0.05, 0.0, 60, 0.0, 0.0, 0.0, 0.0)
TYPICAL: Final = PoseStage(1.5, 1.4, 0.014, 0.4, 0.5, 60, 0.02, 0.002, 12.0, 0.005)
HARD: Final = PoseStage(2.6, 2.1, 0.020, 0.7, 1.0, 45, 0.15, 0.01, 20.0, 0.04)


class Camera:
    """Strides as the pose stage reports them."""

    def __init__(self, stage: PoseStage, rng: np.random.Generator, seed: int = 0) -> None:
        self.stage = stage
        self._rng = rng
        self._chance = np.random.default_rng([seed, 2])
        self._form_chance = np.random.default_rng([seed, 4])
        self._form_error = self._form_chance.standard_normal(2)
        self.thigh_wander_deg = 0.0
        self.wander_deg = 0.0
        self._unsure_until_s = -1.0

    def sure(self, t_s: float, dt_s: float) -> bool:
        """Whether the picture is trusted now."""
        if t_s >= self._unsure_until_s and self._rng.random() < self.stage.unsure * dt_s / 5.0:
            self._unsure_until_s = t_s + 5.0
        return t_s >= self._unsure_until_s

    def see(self, true: Stride, dt_s: float) -> Stride:
        """The stride with the errors of measurement."""
        stage, rng = self.stage, self._rng
        keep = math.exp(-dt_s / stage.wander_s)
        self.wander_deg = keep * self.wander_deg + math.sqrt(1 - keep * keep) * stage.wander_sd_deg * float(
            rng.standard_normal()
        )
        error_deg = self.wander_deg + stage.stride_sd_deg * float(rng.standard_normal())
        chance = rng.random()
        if chance < stage.false:
            error_deg -= stage.false_deg
        self.thigh_wander_deg = keep * self.thigh_wander_deg + math.sqrt(1 - keep * keep) * stage.wander_sd_deg * float(
            self._chance.standard_normal()
        )
        thigh_error_deg = self.thigh_wander_deg + stage.thigh_sd_deg * float(self._chance.standard_normal())
        # The mean stride, off which both are read, remembers about three strides: their errors go on.
        keep = math.exp(-1.0 / TEMPLATE_STRIDES)
        fresh = self._form_chance.standard_normal(2)
        self._form_error = keep * self._form_error + math.sqrt(1 - keep * keep) * fresh
        foot_error, lean_error = (float(one) for one in self._form_error)
        rejected = chance > 1 - stage.rejected
        error = stage.stride_sd_deg * float(rng.standard_normal())
        return replace(
            true,
            peak_knee_flexion_deg=true.peak_knee_flexion_deg + error_deg,
            peak_knee_flexion_sd_deg=max(stage.stride_sd_deg, 0.1),
            vertical_oscillation_ll=true.vertical_oscillation_ll * (1 + 0.02 * error),
            thigh_at_peak_deg=true.thigh_at_peak_deg + thigh_error_deg,
            thigh_at_peak_sd_deg=max(stage.thigh_sd_deg, 0.1),
            foot_ahead_ll=true.foot_ahead_ll + stage.foot_sd_ll * foot_error,
            foot_ahead_sd_ll=max(stage.foot_sd_ll, 0.002),
            trunk_lean_deg=true.trunk_lean_deg + stage.lean_sd_deg * lean_error,
            trunk_lean_sd_deg=max(stage.lean_sd_deg, 0.1),
            reject_reason=RejectReason.TOO_FEW_FRAMES if rejected else None,
        )
