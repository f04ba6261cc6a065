"""A runner who listens: stride by stride, with scatter, drift, reaction time and a will of their own.

The legs are numbers here, not pictures: what the pose stage makes of them is modelled in `tests/virtual_camera.py`.
Sources of the figures: stride-to-stride deviation, spread between runners and cadence from Fukuchi 2017 (26 runners);
the rest is an assumption and says so. Everything follows from the seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.advice import ONLY_UPWARD, Advice, Stage
from coach.core.coaching.baseline import cadence_spm, peak_flexion_deg
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.fold import NATURAL_THIGH_SD_DEG, thigh_at_peak_deg, thigh_spread_deg
from coach.core.coaching.guards import Price
from coach.core.coaching.profile import usual_foot_ll
from coach.core.gait import Activity, GaitUpdate, LegState, Stride, View
from coach.core.gait.quality import Trust
from coach.core.pose import Side, other
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from tests.virtual_camera import TYPICAL, Camera, PoseStage

_NORMS: Final = NormSettings()
_LEG: Final = LegState(math.nan, math.nan, math.nan)

THIGH_PER_LIFT: Final = 0.14
"""Degrees that the thigh comes forward with a degree of lift: across speeds 1.6° a m/s against 11.6° (measured)."""
FOOT_SCATTER_LL: Final = 0.009
"""How far ahead of the hip the foot lands: stride-to-stride deviation in one leg (13 runners, Fukuchi 2017)."""
USUAL_LEAN_DEG: Final = 7.2
"""Mean of 40 runners (Teng & Powers 2015)."""
LEAN_SCATTER_DEG: Final = 1.0
"""Stride-to-stride deviation of the trunk; an assumption."""
FORM_WANDERS: Final = 0.5
"""Foot and trunk wander over minutes by so much of their scatter; an assumption."""
FOLLOWED: Final = {CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME, CueKind.NEARLY}
COSTS: Final = {Price.CADENCE: -0.010, Price.BOUNCE: 0.020, Price.OVERSTRIDE: 0.006, Price.LEAN: 0.8}
"""What a degree of lift costs who buys it so: share of cadence and of bounce, leg lengths that the foot lands farther
ahead, degrees of trunk. Each passes its guard's line at 5° of lift; an assumption."""


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
    thigh_sds: float = 0.0
    """Own thigh at peak flexion above the mean runner's, in standard deviations between runners."""
    flicks: float = 0.0
    """Degrees that the thigh falls back for each degree lifted because of cues: 0 folds under, 1 flicks the heel up
    behind; an assumption."""
    mends: float = 0.0
    """Chance that "under you" turns the flick into a fold."""
    pays: Price | None = None
    """What a lift because of cues is bought with, by what `COSTS` says."""
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
    flicked_deg: list[tuple[float, float]] = field(default_factory=list)
    """(t_s, how far the near leg's true thigh has fallen back by flicking), at every stride."""
    open_s: list[float] = field(default_factory=list)
    """Times of the strides at which something could be said about the legs."""
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

    def __init__(self, runner: Runner, rng: np.random.Generator, seed: int = 0) -> None:
        self.runner = runner
        self.learned_deg = 0.0
        self._rng = rng
        self.wander_deg = runner.wander_sd_deg * float(rng.standard_normal())
        self._followed_deg = 0.0
        self._heard: list[tuple[float, float]] = []
        self._last_s = 0.0
        self.flicks = runner.flicks
        self._mends_s = math.inf
        self._chance = np.random.default_rng([seed, 1])
        """Of what the thigh does: a stream of its own, so that the lift's stays as it is."""
        self.thigh_wander_deg = runner.wander_sd_deg * float(self._chance.standard_normal())
        self._form_chance = np.random.default_rng([seed, 3])
        self._form_wander = self._form_chance.standard_normal(2)

    def lift_deg(self, t_s: float, speed_mps: float) -> float:
        """True peak flexion of the near leg, its stride-to-stride scatter left out."""
        runner = self.runner
        habit = (
            float(peak_flexion_deg(speed_mps, _NORMS)) + runner.offset_deg + runner.slope_deg_per_mps * (speed_mps - 3)
        )
        dropped = sum(change * min(max((t_s - at) / 5.0, 0.0), 1.0) for at, change in runner.drops)
        tired = runner.fatigue_deg_per_min * max(t_s - runner.fatigue_from_s, 0.0) / 60.0
        return habit + dropped - tired + self.wander_deg + self.learned_deg + self._followed_deg

    def thigh_deg(self, t_s: float, speed_mps: float) -> float:
        """True thigh ahead of vertical at peak flexion, its stride-to-stride scatter left out."""
        usual = thigh_at_peak_deg(speed_mps) + self.runner.thigh_sds * thigh_spread_deg(speed_mps)
        tired = self.runner.fatigue_deg_per_min * max(t_s - self.runner.fatigue_from_s, 0.0) / 60.0
        dropped = sum(change * min(max((t_s - at) / 5.0, 0.0), 1.0) for at, change in self.runner.drops)
        with_lift = THIGH_PER_LIFT * (dropped - tired + (self.above_habit_deg if self.flicks == 0 else 0.0))
        return usual + with_lift - self.flicked_deg + self.thigh_wander_deg

    def paid(self, price: Price) -> float:
        """What the lift because of cues costs of this now."""
        return COSTS[price] * max(self.above_habit_deg, 0.0) if self.runner.pays is price else 0.0

    def formed(self, stride: Stride, speed_mps: float) -> Stride:
        """With where the foot lands and how the trunk stands, with their scatter, and with what is paid."""
        foot, lean = FORM_WANDERS * self._form_wander + self._form_chance.standard_normal(2)
        usual_ll = usual_foot_ll(speed_mps)
        return replace(
            stride,
            foot_ahead_ll=usual_ll + FOOT_SCATTER_LL * float(foot) + self.paid(Price.OVERSTRIDE),
            trunk_lean_deg=USUAL_LEAN_DEG + LEAN_SCATTER_DEG * float(lean) + self.paid(Price.LEAN),
            vertical_oscillation_ll=stride.vertical_oscillation_ll * (1 + self.paid(Price.BOUNCE)),
        )

    @property
    def flicked_deg(self) -> float:
        """How far the thigh has fallen back because the heel is flicked up."""
        return self.flicks * max(self.above_habit_deg, 0.0)

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
        self.thigh_wander_deg = keep * self.thigh_wander_deg + math.sqrt(
            1 - keep * keep
        ) * self.runner.wander_sd_deg * float(self._chance.standard_normal())
        self._form_wander = keep * self._form_wander + math.sqrt(1 - keep * keep) * self._form_chance.standard_normal(2)
        if t_s >= self._mends_s:
            self.flicks = 0.0
        fade_deg = self._followed_deg * (1 - math.exp(-dt_s / self.runner.forgets_s))
        self._followed_deg -= fade_deg
        self.learned_deg += self.runner.learns * fade_deg
        for due_s, aim_deg in [heard for heard in self._heard if heard[0] <= t_s]:
            self._followed_deg += aim_deg - self.lift_deg(t_s, speed_mps)
            self._heard.remove((due_s, aim_deg))

    def thigh_scatter(self) -> float:
        """One stride's own, in standard deviations."""
        return float(self._chance.standard_normal())

    def hear_under_you(self, cue: Cue) -> None:
        """Fold from now on, or go on flicking."""
        if self._chance.random() < self.runner.mends:
            self._mends_s = cue.t_s + self.runner.reaction_s

    def hear(self, cue: Cue, aim_deg: float) -> None:
        """Follow a cue, or not."""
        if self._rng.random() < self.runner.response:
            delay_s = max(0.8, self.runner.reaction_s + 0.8 * float(self._rng.standard_normal()))
            self._heard = [(cue.t_s + delay_s, aim_deg)]


def stride_at(
    end_s: float,
    peak_deg: float,
    *,
    side: Side = "right",
    near: bool = True,
    cadence: float = 170.0,
    thigh_deg: float = 19.0,
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
        thigh_at_peak_deg=thigh_deg,
        thigh_at_peak_sd_deg=1.3,
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
        usual = cadence_spm(speed_mps) + runner.cadence_spm
        cadence = usual * (1 + body.paid(Price.CADENCE)) + runner.cadence_per_deg * lifted
        t_s += 120.0 / cadence
        body.pass_time(t_s, speed_mps)
        peak_deg = body.lift_deg(t_s, speed_mps) + runner.stride_sd_deg * float(rng.standard_normal())
        thigh_deg = body.thigh_deg(t_s, speed_mps) + NATURAL_THIGH_SD_DEG * body.thigh_scatter()
        stride = stride_at(t_s, peak_deg, side=runner.near, cadence=cadence, thigh_deg=thigh_deg)
        yield body.formed(stride, speed_mps), speed_mps


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
    body, camera = Body(runner, rng, seed), Camera(stage, rng, seed)
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
        run.flicked_deg.append((true.end_s, body.flicked_deg))
        if advice.stage is Stage.COACHING and (advice.hold is None or advice.hold in ONLY_UPWARD):
            run.open_s.append(true.end_s)
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
        if cue.kind is CueKind.UNDER_YOU:
            body.hear_under_you(cue)
        if band is None or cue.kind not in FOLLOWED:
            continue
        if cue.kind is not CueKind.HEEL_LIFT_HIGH:
            run.asked_deg.append(body.lift_deg(cue.t_s, speed_mps) - band.high_deg)
        body.hear(cue, band.reference_deg + body.runner.obeys_to * (band.target_deg - band.reference_deg))
