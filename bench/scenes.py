"""The states of the window as data: what a run can bring before the screen, without a run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from coach.core.coaching.coaching import Advice, HeelLift, Hold, Stage, Zone
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.target import HeelLiftTarget, TargetPart
from coach.core.gait import Activity, GaitUpdate, LegState, View
from coach.core.gait.quality import Trust
from coach.core.pipeline import Update
from coach.core.pose import Pose, Side
from coach.core.setup.setup_check import SetupItem, SetupResult, SetupState, Unit, Verdict
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.ports import Finish, LiveStatus

TARGET: Final = HeelLiftTarget(
    speed_mps=2.78,
    low_deg=92.0,
    target_deg=97.0,
    high_deg=107.0,
    parts=(
        TargetPart("baseline", 93.0, "your own calm running at this speed"),
        TargetPart("level", 1.0, "level steady"),
        TargetPart("treadmill", 3.0, "the belt helps the leg back"),
    ),
    treadmill_deg=3.0,
)
_NOWHERE: Final = LegState(math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Scene:
    """One state: what the core says and how the session stands."""

    name: str
    update: Update | None
    status: LiveStatus


def update(pose: Pose | None, t_s: float, near: Side = "left", leg: LegState = _NOWHERE) -> Update:
    """A trusted, coached moment with the heel lift in the band."""
    gait = GaitUpdate(
        t_s=t_s,
        view=View(near),
        left=leg if near == "left" else _NOWHERE,
        right=leg if near == "right" else _NOWHERE,
        activity=Activity.RUNNING,
        trust=Trust.MEASURING,
        events=(),
        strides=(),
        cadence_spm=168.3,
        leg_length_px=210.0,
        position_ll=0.0,
        far_leg_trusted=False,
    )
    lift = HeelLift(near, 99.2, 10, Zone.IN_BAND)
    advice = Advice(Stage.COACHING, math.nan, TARGET, lift, (), None)
    return Update(t_s, pose, gait, BeltSpeed(2.78, SpeedOrigin.TYPED), advice, ())


def status(elapsed_s: float = 761.0) -> LiveStatus:
    """A session under way on a treadmill."""
    return LiveStatus(elapsed_s, paused=False, muted=False, source_lost=False, mode="treadmill")


def cue(t_s: float, kind: CueKind, banner: str) -> Cue:
    """A cue that is on the banner now."""
    return Cue(t_s, kind, None, banner, banner, t_s + 4)


def with_advice(base: Update, **changes: object) -> Update:
    """The same moment with other advice."""
    return replace(base, advice=replace(base.advice, **changes))  # type: ignore[arg-type]


def with_gait(base: Update, **changes: object) -> Update:
    """The same moment with other gait."""
    return replace(base, gait=base.gait._replace(**changes))  # type: ignore[arg-type]


def lifted(base: Update, mean_deg: float, zone: Zone | None) -> Update:
    """The same moment with another heel lift."""
    lift = base.advice.lift
    return with_advice(base, lift=replace(lift, mean_deg=mean_deg, zone=zone) if lift else None)


def running_scenes(base: Update) -> list[Scene]:
    """The states of a run around one moment."""
    t_s = base.t_s
    below = with_advice(lifted(base, 88.3, Zone.BELOW), cues=(cue(t_s, CueKind.HEEL_LIFT_LOW, "Heel up, light"),))
    above = with_advice(lifted(base, 112.4, Zone.ABOVE), cues=(cue(t_s, CueKind.HEEL_LIFT_HIGH, "Easy, heel lower"),))
    good = with_advice(lifted(base, 97.6, Zone.IN_BAND), cues=(cue(t_s, CueKind.RECOVERED, "Good, like this"),))
    measured = lifted(base, 93.1, None)
    baseline = with_advice(measured, stage=Stage.BASELINE, stage_remaining_s=23.0, target=None)
    warm_up = with_advice(measured, stage=Stage.WARM_UP, stage_remaining_s=71.0)
    doubted = with_advice(
        lifted(base, 95.2, None), target=None, hold=Hold.SPEED_DOUBTED, hold_reason=Hold.SPEED_DOUBTED.value
    )
    easy = with_advice(lifted(base, 88.3, Zone.BELOW), hold=Hold.CADENCE_FELL, hold_reason=Hold.CADENCE_FELL.value)
    no_speed = with_advice(lifted(base, 95.2, None), target=None, hold=Hold.SPEED_UNKNOWN)
    watching = with_advice(lifted(base, 88.3, Zone.BELOW), stage=Stage.OBSERVING)
    unsure = with_gait(with_advice(base, lift=None), trust=Trust.UNSURE)
    away = with_gait(with_advice(base, lift=None), trust=Trust.PAUSED, activity=Activity.AWAY)
    return [
        Scene("loading", None, status(0)),
        Scene("warm_up", warm_up, status(49)),
        Scene("baseline", baseline, status(157)),
        Scene("in_band", base, status()),
        Scene("below", below, status()),
        Scene("above", above, status()),
        Scene("recovered", good, status()),
        Scene("easy", easy, status()),
        Scene("doubted", replace(doubted, belt=base.belt and replace(base.belt, doubted=True)), status()),
        Scene("no_speed", replace(no_speed, belt=None), status()),
        Scene("question", warm_up, status(49)),
        Scene("observing", watching, status()),
        Scene("unsure", unsure, status()),
        Scene("away", replace(away, pose=None), status()),
        Scene("paused", base, replace(status(), paused=True, muted=True)),
        Scene("camera_lost", replace(base, pose=None), replace(status(), source_lost=True)),
        Scene("camera_lost_paused", replace(base, pose=None), replace(status(), source_lost=True, paused=True)),
    ]


def setup_state(*mend: SetupItem, starts_in_s: float = math.nan) -> SetupState:
    """The set-up check with some items to mend."""
    good = {
        SetupItem.RUNNER: (100.0, Unit.PERCENT, "remedy.step_on"),
        SetupItem.SIDE_ON: (18.0, Unit.DEGREES, "remedy.side_on"),
        SetupItem.WHOLE_BODY: (4.0, Unit.PERCENT, "remedy.whole_body"),
        SetupItem.SIZE: (212.0, Unit.PIXELS, "remedy.closer"),
        SetupItem.LIGHT: (29.9, Unit.FRAMES, "remedy.brighter"),
        SetupItem.LEVEL: (-1.2, Unit.DEGREES, "remedy.level"),
        SetupItem.FACING: (math.nan, Unit.NONE, "remedy.face"),
        SetupItem.SPEED: (2.78, Unit.SPEED, "remedy.speed"),
        SetupItem.SOUND: (math.nan, Unit.NONE, "remedy.sound"),
    }
    bad = {SetupItem.SIDE_ON: 38.0, SetupItem.SIZE: 84.0, SetupItem.LIGHT: 14.8, SetupItem.SPEED: math.nan}
    words = {SetupItem.FACING: ("left", ""), SetupItem.SIDE_ON: ("", "ahead")}
    items = tuple(
        SetupResult(item, Verdict.MEND, bad.get(item, value), unit, remedy)
        if item in mend
        else SetupResult(item, Verdict.OK, value, unit, None, *words.get(item, ()))
        for item, (value, unit, remedy) in good.items()
    )
    return SetupState(items, starts_in_s, done=False)


def other_scenes(base: Update) -> list[Scene]:
    """The states before and after a run."""
    first = SetupState(
        tuple(SetupResult(item, Verdict.WAITING, math.nan, Unit.NONE) for item in SetupItem), math.nan, done=False
    )
    mending = setup_state(SetupItem.SIDE_ON, SetupItem.SPEED)
    finish = Finish(
        "98°",
        "inside your band 92–107°",
        "good",
        "Session 4 of 8",
        "Tomorrow or the day after: 20 minutes, practising 3° more heel lift.",
        "31:20 of running seen · 171 steps/min · 10.0 km/h",
        "the whole run: coach report 12 --open",
    )
    unclear = Finish(
        "–",
        "Strides not measured: a leg hides the other, raise the camera.",
        "plain",
        "A better look",
        "The other leg hid this one; place the camera a little higher, or farther forward.",
        "4:10 of running seen",
    )
    return [
        Scene("setup_first", None, replace(status(0), setup=first)),
        Scene("setup", base, replace(status(0), setup=mending)),
        Scene("setup_good", base, replace(status(0), setup=setup_state(starts_in_s=1.4))),
        Scene("finished", base, replace(status(), finish=finish)),
        Scene("finished_unseen", base, replace(status(), finish=unclear)),
    ]
