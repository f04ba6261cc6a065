"""A runner who listens: stride by stride, with scatter, drift, reaction time and a will of their own.

The legs are numbers here, not pictures: what the pose stage would make of them is modelled too. Sources of
the figures: stride-to-stride deviation, spread between runners and cadence from Fukuchi 2017 (26 runners);
measurement error per stride from the kinematic scoring (`docs/accuracy.md`); the rest is an assumption and
says so. Everything follows from the seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.advice import Advice
from coach.core.coaching.baseline import cadence_spm, peak_flexion_deg
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.cues import Cue, CueKind
from coach.core.gait import Activity, GaitUpdate, LegState, Stride, View
from coach.core.gait.quality import RejectReason, Trust
from coach.core.pose import Side, other
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin

_NORMS: Final = NormSettings()
_LEG: Final = LegState(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class PoseStage:
    """How the measurement errs, stride by stride, in degrees."""

    stride_sd_deg: float
    """Error of one peak, fresh with each stride."""
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


CLEAN: Final = PoseStage(0.1, 0.0, 60, 0.0, 0.0, 0.0, 0.0)
TYPICAL: Final = PoseStage(1.5, 0.5, 60, 0.02, 0.002, 12.0, 0.005)
HARD: Final = PoseStage(2.6, 1.0, 45, 0.15, 0.01, 20.0, 0.04)


@dataclass(frozen=True, slots=True)
class Runner:
    """Body and mind. Angles are against the norm of the present speed."""

    offset_deg: float = 0.0
    """Own calm flexion above the mean runner's."""
    slope_deg_per_mps: float = 0.0
    """How much more it rises with speed than the mean runner's; from 3 m/s on."""
    stride_sd_deg: float = 1.65
    wander_sd_deg: float = 0.7
    """Slow changes over minutes that nobody notices; an assumption."""
    wander_s: float = 120.0
    asymmetry_deg: float = 0.0
    """Left minus right."""
    drops: tuple[tuple[float, float], ...] = ()
    """(t_s, change of lift from then on, reached within 5 s)."""
    fatigue_deg_per_min: float = 0.0
    fatigue_from_s: float = 600.0
    response: float = 0.85
    """Chance that a cue is followed."""
    reaction_s: float = 2.5
    """From hearing to doing, ± 0.8 s."""
    obeys_to: float = 1.0
    """Where an obeying runner aims: 1 is the target, more goes over it."""
    forgets_s: float = 240.0
    """Time constant with which a followed cue fades; an assumption."""
    learns: float = 0.25
    """Share of a followed change that stays when it has faded; an assumption."""
    near: Side = "right"
    cadence_spm: float = 0.0
    """Above the mean runner's."""
    cadence_per_deg: float = -0.3
    """Steps a minute for each degree lifted above the habit; across runners it is −3 (measured)."""


@dataclass(slots=True)
class Run:
    """What came out of one simulated session."""

    cues: list[Cue] = field(default_factory=list)
    advices: list[tuple[float, Advice]] = field(default_factory=list)
    true_deg: list[tuple[float, float]] = field(default_factory=list)
    """(t_s, the near leg's true lift without its scatter)"""
    drifts_deg: list[tuple[float, float, float]] = field(default_factory=list)
    """(t_s, how far the runner has wandered, how far the scene has), by themselves and slowly."""
    asked_deg: list[float] = field(default_factory=list)
    """For each cue that asks for more: the true lift of that moment minus the ceiling."""

    def of(self, *kinds: CueKind) -> list[Cue]:
        """Cues of these kinds."""
        return [cue for cue in self.cues if cue.kind in kinds]


SpeedPlan = Callable[[float], float | None]
Origin = Literal["typed", "video"]


def steady(speed_mps: float) -> SpeedPlan:
    """A belt at one speed."""
    return lambda _: speed_mps


class Body:
    """The runner's true lift as time goes on, and how cues change it."""

    def __init__(self, runner: Runner, rng: np.random.Generator) -> None:
        self.runner = runner
        self.learned_deg = 0.0
        self._rng = rng
        self.wander_deg = runner.wander_sd_deg * float(rng.standard_normal())
        self._followed_deg = 0.0
        self._heard: list[tuple[float, float]] = []
        self._last_s = 0.0

    def lift_deg(self, t_s: float, speed_mps: float) -> float:
        """True peak flexion of the near leg, its stride-to-stride scatter left out."""
        runner = self.runner
        habit = (
            float(peak_flexion_deg(speed_mps, _NORMS)) + runner.offset_deg + runner.slope_deg_per_mps * (speed_mps - 3)
        )
        dropped = sum(change * min(max((t_s - at) / 5.0, 0.0), 1.0) for at, change in runner.drops)
        tired = runner.fatigue_deg_per_min * max(t_s - runner.fatigue_from_s, 0.0) / 60.0
        return habit + dropped - tired + self.wander_deg + self.learned_deg + self._followed_deg

    @property
    def above_habit_deg(self) -> float:
        """How much higher than by habit the runner lifts because of cues."""
        return self.learned_deg + self._followed_deg

    def pass_time(self, t_s: float, speed_mps: float) -> None:
        """Wander, forget, and follow what was heard a reaction time ago."""
        dt_s, self._last_s = t_s - self._last_s, t_s
        keep = math.exp(-dt_s / self.runner.wander_s)
        self.wander_deg = keep * self.wander_deg + math.sqrt(1 - keep * keep) * self.runner.wander_sd_deg * float(
            self._rng.standard_normal()
        )
        fade_deg = self._followed_deg * (1 - math.exp(-dt_s / self.runner.forgets_s))
        self._followed_deg -= fade_deg
        self.learned_deg += self.runner.learns * fade_deg
        for due_s, aim_deg in [heard for heard in self._heard if heard[0] <= t_s]:
            self._followed_deg += aim_deg - self.lift_deg(t_s, speed_mps)
            self._heard.remove((due_s, aim_deg))

    def hear(self, cue: Cue, aim_deg: float) -> None:
        """Follow a cue, or not."""
        if self._rng.random() < self.runner.response:
            delay_s = max(0.8, self.runner.reaction_s + 0.8 * float(self._rng.standard_normal()))
            self._heard = [(cue.t_s + delay_s, aim_deg)]


class Camera:
    """Strides as the pose stage reports them."""

    def __init__(self, stage: PoseStage, rng: np.random.Generator) -> None:
        self.stage = stage
        self._rng = rng
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
        rejected = chance > 1 - stage.rejected
        error = stage.stride_sd_deg * float(rng.standard_normal())
        return replace(
            true,
            peak_knee_flexion_deg=true.peak_knee_flexion_deg + error_deg,
            peak_knee_flexion_sd_deg=max(stage.stride_sd_deg, 0.1),
            vertical_oscillation_ll=true.vertical_oscillation_ll * (1 + 0.02 * error),
            reject_reason=RejectReason.TOO_FEW_FRAMES if rejected else None,
        )


def stride_at(
    end_s: float, peak_deg: float, *, side: Side = "right", near: bool = True, cadence: float = 170.0
) -> Stride:
    """A whole stride that ends at `end_s`; bounce is 0.09 leg lengths."""
    start_s = end_s - 120.0 / cadence
    return Stride(
        side=side,
        near=near,
        start_s=start_s,
        end_s=end_s,
        initial_contact_s=start_s,
        toe_off_s=start_s + 0.23,
        peak_knee_flexion_deg=peak_deg,
        peak_knee_flexion_s=start_s + 0.67 * (end_s - start_s),
        peak_knee_flexion_sd_deg=1.3,
        min_hip_heel_ll=math.cos(math.radians(peak_deg / 2)),
        heel_rise_ll=0.55,
        cadence_spm=cadence,
        contact_time_s=0.23,
        contact_time_sd_s=0.01,
        flight_time_s=0.12,
        vertical_oscillation_ll=0.09,
    )


def gait_at(
    t_s: float,
    strides: tuple[Stride, ...] = (),
    *,
    near: Side | None = "right",
    activity: Activity = Activity.RUNNING,
    trust: Trust = Trust.MEASURING,
    far_leg_trusted: bool = False,
    position_ll: float = 0.0,
    cadence: float = 170.0,
) -> GaitUpdate:
    """What the tracker says at one moment."""
    return GaitUpdate(
        t_s, View(near), _LEG, _LEG, activity, trust, (), strides, cadence, 180.0, position_ll, far_leg_trusted
    )


def typed(speed_mps: float | None, origin: SpeedOrigin = SpeedOrigin.TYPED) -> BeltSpeed | None:
    """A belt speed as the runner typed it."""
    return None if speed_mps is None else BeltSpeed(speed_mps, origin)


def strides_of(
    body: Body, speed: SpeedPlan, duration_s: float, rng: np.random.Generator
) -> Iterator[tuple[Stride, float]]:
    """The near leg's true strides one after the other, with the speed they were run at."""
    runner, t_s = body.runner, 0.0
    while t_s < duration_s:
        speed_mps = speed(t_s) or 3.0
        lifted = body.above_habit_deg
        cadence = cadence_spm(speed_mps) + runner.cadence_spm + runner.cadence_per_deg * lifted
        t_s += 120.0 / cadence
        body.pass_time(t_s, speed_mps)
        peak_deg = body.lift_deg(t_s, speed_mps) + runner.stride_sd_deg * float(rng.standard_normal())
        yield stride_at(t_s, peak_deg, side=runner.near, cadence=cadence), speed_mps


def run_session(
    coaching: Coaching,
    runner: Runner,
    *,
    seed: int,
    speed: SpeedPlan | None = None,
    duration_s: float = 1800.0,
    stage: PoseStage = TYPICAL,
    learned_deg: float = 0.0,
    far_leg: bool = False,
    keep: bool = False,
) -> tuple[Run, Body]:
    """Coach a runner through a session. `keep` remembers the advice of every stride."""
    rng = np.random.default_rng(seed)
    body, camera = Body(runner, rng), Camera(stage, rng)
    body.learned_deg = learned_deg
    speed = speed or steady(3.0)
    run = Run()
    for true, speed_mps in strides_of(body, speed, duration_s, rng):
        dt_s = true.end_s - true.start_s
        strides: tuple[Stride, ...] = (camera.see(true, dt_s),)
        if far_leg:
            strides = (*strides, camera.see(_far(true, runner, rng), dt_s))
        trust = Trust.MEASURING if camera.sure(true.end_s, dt_s) else Trust.UNSURE
        gait = gait_at(true.end_s, strides, near=runner.near, trust=trust, far_leg_trusted=far_leg)
        advice = coaching.step(gait, typed(speed(true.end_s)))
        _listen(run, body, advice, speed_mps)
        if keep:
            run.advices.append((true.end_s, advice))
            run.true_deg.append((true.end_s, body.lift_deg(true.end_s, speed_mps)))
            run.drifts_deg.append((true.end_s, body.wander_deg, camera.wander_deg))
    return run, body


def _far(true: Stride, runner: Runner, rng: np.random.Generator) -> Stride:
    sign = -1.0 if runner.near == "left" else 1.0
    peak_deg = (
        true.peak_knee_flexion_deg + sign * runner.asymmetry_deg + runner.stride_sd_deg * float(rng.standard_normal())
    )
    return replace(true, side=other(runner.near), near=False, peak_knee_flexion_deg=peak_deg)


def _listen(run: Run, body: Body, advice: Advice, speed_mps: float) -> None:
    for cue in advice.cues:
        run.cues.append(cue)
        band = advice.target
        if band is None or cue.kind not in {CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME}:
            continue
        if cue.kind is not CueKind.HEEL_LIFT_HIGH:
            run.asked_deg.append(body.lift_deg(cue.t_s, speed_mps) - band.high_deg)
        body.hear(cue, band.reference_deg + body.runner.obeys_to * (band.target_deg - band.reference_deg))
