"""The set-up check before the run: what the camera sees, item by item, each with a measured value.

It needs no button: it goes on by itself once the picture can be coached on.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from coach.core.gait import GaitUpdate
from coach.core.gait.camera_view import (
    UNKNOWN_CAMERA,
    CameraView,
    facing_side,
    leg_length_px,
    off_side_deg,
    roll_deg,
    smallest_margin_pct,
    stacked,
)
from coach.core.gait.scene import TURNED, placed
from coach.core.notices import NoticeKind
from coach.core.pose import Pose, Side
from coach.core.speed.belt_speed import BeltSpeed

WINDOW_S: Final = 2.0
"""What is judged: a little more than two strides."""
FULL_STRIDE_S: Final = 0.8
"""Longest stride of a runner: less is not enough to have seen the whole swing."""
EVERY_S: Final = 0.2
"""The check is worked out anew this often; people do not move the camera faster."""
FOUND_PCT: Final = 80.0
CUT_PCT: Final = 20.0
"""Whoever is found in so many pictures is there; head or feet outside of them are why the rest is missing."""
SIDE_ON_MOST_DEG: Final = 25.0
"""Turned by this much, the picture shortens a swinging leg by a tenth."""
CORRECTED_MOST_DEG: Final = 35.0
"""So far angles are measured in the sagittal plane from an oblique picture (docs/accuracy.md, camera places)."""
YAW_KNOWN_SD_DEG: Final = 5.0
"""From here on the runner's own bones say where the camera stands; before, the width of the trunk does."""
YAW_TOLD_DEG: Final = 8.0
"""Nearer to the side than this it is called side-on: no more than the uncertainty of the angle."""
MARGIN_LEAST_PCT: Final = 1.0
LEG_LEAST_PX: Final = 100.0
"""One pixel of error on a shorter leg costs more than a degree."""
FPS_LEAST: Final = 24.0
FPS_USABLE: Final = 10.0
"""From here on knees can be measured, if less surely: a slow camera does not hold the run up for long."""
SLOW: Final = frozenset({"remedy.faster_camera", "remedy.faster_stream", "remedy.repeats"})
SLOW_COMPUTER: Final = "remedy.slow_computer"
LEFT_BEHIND: Final = 1.5
"""So many times the pictures that were looked at came: a hiccup is none."""
REPEATED_MOST_PCT: Final = 10.0
"""From here on the rate is low because pictures come twice, whatever the camera calls its rate."""
BRIGHTNESS_LEAST: Final = 40.0
SHARPNESS_LEAST: Final = 0.01
"""Sharp clips of runners, also dim ones, have 0.09–0.4; out of focus by 1 % of the width they have 0.01."""
ROLL_MOST_DEG: Final = 8.0
"""Read from a network's feet it scatters by 2° and is up to 5° off where they are blurred or hidden; angles do not
suffer from a tilted picture, so only a clear tilt is worth the runner's trouble."""
ROLL_OVER_S: Final = 6.0
"""So the median of this long is what is judged."""
READY_AFTER_S: Final = 2.0
"""All is well for this long: go."""
LENIENT_AFTER_S: Final = 10.0
"""What hinders nobody (level, speed, sound) holds the run up for this long at most."""
SAY_AFTER_S: Final = 1.5
SAY_AGAIN_S: Final = 12.0
BEGINS_ANYWAY: Final = "run.begins_anyway"
"""Key of what is said where the run begins although something is to be mended."""
_EVERY_OTHER_TIME: Final = {"screen.remedy.step_on": "screen.remedy.whole_body"}
"""What a reminder says in its place: nobody is found of whom too little is seen, and who runs need not be told to."""


class SetupItem(StrEnum):
    """What is checked, in the order in which it is shown and mended."""

    RUNNER = "runner"
    SIDE_ON = "side_on"
    WHOLE_BODY = "whole_body"
    SIZE = "size"
    LIGHT = "light"
    LEVEL = "level"
    FACING = "facing"
    SPEED = "speed"
    SOUND = "sound"


ADVISORY: Final = frozenset({SetupItem.LEVEL, SetupItem.SPEED, SetupItem.SOUND})
"""The run can begin without these: angles are the same in a tilted picture, a speed may come later."""


class Verdict(StrEnum):
    """What the check says of one item."""

    WAITING = "waiting"
    """Not measured yet."""
    OK = "ok"
    MEND = "mend"


class Unit(StrEnum):
    """What the measured value counts."""

    NONE = ""
    PERCENT = "%"
    DEGREES = "deg"
    PIXELS = "px"
    FRAMES = "fps"
    SPEED = "m/s"


@dataclass(frozen=True, slots=True)
class SetupResult:
    """One line of the check.

    value: the measured number in `unit`; NaN where there is none yet, or where a word says it.
    remedy: key of the words that say how to mend it; None unless the verdict is MEND.
    word: `left` or `right` for the facing. told: the words that stand for the item, where its own would not do.
    """

    item: SetupItem
    verdict: Verdict
    value: float
    unit: Unit
    remedy: str | None = None
    word: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class SetupState:
    """The whole check at one moment."""

    items: tuple[SetupResult, ...]
    starts_in_s: float
    """Seconds until the session goes on by itself; NaN while something keeps it back."""
    done: bool
    say: str | None = None
    """Key of the line to speak now, as `Words.line` takes it; None for silence."""

    @property
    def first_to_mend(self) -> SetupResult | None:
        """What to do first."""
        to_mend = [result for result in self.items if result.verdict is Verdict.MEND]
        return next((r for r in to_mend if r.item not in ADVISORY), to_mend[0] if to_mend else None)


@dataclass(frozen=True, slots=True)
class PictureStats:
    """What the edge measures of the picture itself; NaN for what it could not.

    brightness: mean of the grey picture, 0–255. sharpness: variance of the Laplacian of the grey
    picture, 320 wide, against the variance of the picture itself: near 0 without any edges.
    """

    width_px: int
    height_px: int
    measured_fps: float
    brightness: float
    sharpness: float
    repeated_pct: float = 0.0
    """Of the pictures that the source delivered, the share that only repeated the one before."""
    analysed_fps: float = math.nan
    """How many a second were looked at for the runner; NaN where that is not asked."""
    streamed: bool = False
    """Whether they come over a network, which may be what is slow."""


@dataclass(slots=True)
class SetupCheck:
    """Watches the preview. `step` with every picture; `skip` when the runner does not care.

    corrects: whether the tracker that is watched measures in the sagittal plane, wherever the camera stands.
    incline_pct: of the belt, while it does not say itself; NaN: not known. speed_remedy: key of the words that say how
    the belt's speed becomes known here; None where the picture tells it once the runner runs. ends_after_s: seconds
    from the first picture after which nobody waits any longer; whoever can be coached by then is.
    """

    corrects: bool = False
    incline_pct: float = math.nan
    speed_remedy: str | None = "remedy.speed"
    ends_after_s: float = math.inf
    _seen: deque[tuple[float, Pose | None]] = field(default_factory=deque)
    _rolls: deque[tuple[float, float]] = field(default_factory=deque)
    _state: SetupState = SetupState((), math.nan, done=False)
    _worked_out_s: float = math.nan
    _first_s: float = math.nan
    _good_since_s: float = math.nan
    _trouble: tuple[str, float] = ("", math.nan)
    """What is wrong first, and since when."""
    _said: tuple[str, float] = ("", -math.inf)
    _times_said: int = 0
    _skipped: bool = False

    def skip(self) -> None:
        """Go on regardless."""
        self._skipped = True

    def step(
        self,
        t_s: float,
        pose: Pose | None,
        gait: GaitUpdate | None,
        picture: PictureStats,
        belt: BeltSpeed | None,
        unheard: NoticeKind | None,
    ) -> SetupState:
        """The check at a time. `unheard`: SOUND where nothing plays, SPEECH where tones alone do, else None."""
        self._first_s = t_s if math.isnan(self._first_s) else self._first_s
        self._seen.append((t_s, pose))
        while self._seen and t_s - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        if t_s - self._worked_out_s < EVERY_S and not self._skipped:
            self._state = SetupState(self._state.items, self._starts_in_s(t_s, self._state.items), self._state.done)
            return self._state
        self._worked_out_s = t_s
        items = (*self._body(gait, picture, belt), judged_light(picture), self._speed(belt), _sound(unheard))
        items = tuple(sorted(items, key=lambda result: list(SetupItem).index(result.item)))
        starts_in_s = self._starts_in_s(t_s, items)
        state = SetupState(items, starts_in_s, done=self._skipped or starts_in_s <= 0)
        self._state = SetupState(items, starts_in_s, state.done, self._to_say(t_s, state))
        return self._state

    def _body(self, gait: GaitUpdate | None, picture: PictureStats, belt: BeltSpeed | None) -> tuple[SetupResult, ...]:
        """What the poses of the last two seconds say."""
        span_s = self._seen[-1][0] - self._seen[0][0]
        poses = [pose for _, pose in self._seen if pose is not None]
        found_pct = 100.0 * len(poses) / len(self._seen)
        long_enough = span_s >= FULL_STRIDE_S
        xy_px = stacked(poses)
        margin_pct = smallest_margin_pct(xy_px, picture.width_px, picture.height_px) if poses else math.nan
        is_cut = found_pct >= CUT_PCT and margin_pct < MARGIN_LEAST_PCT
        remedy = "remedy.whole_body" if is_cut else "remedy.step_on"
        runner = _judged(SetupItem.RUNNER, found_pct, Unit.PERCENT, ok=found_pct >= FOUND_PCT, remedy=remedy)
        waiting = [SetupItem.SIDE_ON, SetupItem.WHOLE_BODY, SetupItem.SIZE, SetupItem.LEVEL, SetupItem.FACING]
        if not long_enough or runner.verdict is not Verdict.OK:
            first = runner if long_enough else _waiting(SetupItem.RUNNER)
            return (first, *(_waiting(item) for item in waiting))
        leg_px = leg_length_px(xy_px)
        if placed(xy_px, leg_px) in TURNED:
            return (_turned(), *(_waiting(item) for item in waiting))
        facing = (gait.view.facing if gait else None) or facing_side(xy_px)
        return (
            runner,
            self._side_on(gait.view.camera if gait else UNKNOWN_CAMERA, off_side_deg(xy_px)),
            _judged(
                SetupItem.WHOLE_BODY,
                margin_pct,
                Unit.PERCENT,
                ok=margin_pct >= MARGIN_LEAST_PCT,
                remedy="remedy.whole_body",
            ),
            _judged(SetupItem.SIZE, leg_px, Unit.PIXELS, ok=leg_px >= LEG_LEAST_PX, remedy="remedy.closer"),
            _level(self._usual_roll(roll_deg(xy_px)) - self._climb_deg(belt, facing)),
            _facing(facing),
        )

    def _side_on(self, camera: CameraView, by_trunk_deg: float) -> SetupResult:
        """How far the camera is turned: as legs in motion say it, and until then as the trunk does."""
        most_deg = CORRECTED_MOST_DEG if self.corrects else SIDE_ON_MOST_DEG
        known = camera.known and camera.yaw_sd_deg <= YAW_KNOWN_SD_DEG
        off_deg = abs(camera.yaw_deg) if known else by_trunk_deg
        side_on = _judged(SetupItem.SIDE_ON, off_deg, Unit.DEGREES, ok=off_deg <= most_deg, remedy="remedy.side_on")
        if known and off_deg >= YAW_TOLD_DEG and side_on.verdict is Verdict.OK:
            return replace(side_on, told="ahead" if camera.yaw_deg > 0 else "behind")
        return side_on

    def _usual_roll(self, roll: float) -> float:
        """Median roll of the last seconds; NaN where there is none."""
        now_s = self._seen[-1][0]
        if math.isfinite(roll):
            self._rolls.append((now_s, roll))
        while self._rolls and now_s - self._rolls[0][0] > ROLL_OVER_S:
            self._rolls.popleft()
        return statistics.median(value for _, value in self._rolls) if self._rolls else math.nan

    def _climb_deg(self, belt: BeltSpeed | None, facing: Side | None) -> float:
        """How far the belt climbs to the right of the picture, as somebody says; 0 where nobody does."""
        incline_pct = belt.on_incline(self.incline_pct).incline_pct if belt else self.incline_pct
        if facing is None or math.isnan(incline_pct):
            return 0.0
        climb_deg = math.degrees(math.atan(incline_pct / 100))
        return climb_deg if facing == "right" else -climb_deg

    def _starts_in_s(self, t_s: float, items: tuple[SetupResult, ...]) -> float:
        good = {result.item for result in items if result.verdict is Verdict.OK}
        borne = {result.item for result in items if result.remedy in SLOW and result.value >= FPS_USABLE}
        # The machine may have its hands full with the beginning, and waiting mends no slow one.
        borne |= {result.item for result in items if result.remedy == SLOW_COMPUTER}
        if not items or not set(SetupItem) - ADVISORY - borne <= good:
            self._good_since_s = math.nan
            return math.nan
        if math.isnan(self._good_since_s):
            self._good_since_s = t_s
        wait_s = READY_AFTER_S if good >= set(SetupItem) else LENIENT_AFTER_S
        latest_s = self._first_s + self.ends_after_s - READY_AFTER_S
        return max(min(self._good_since_s + wait_s, latest_s) - t_s, 0.0)

    def _to_say(self, t_s: float, state: SetupState) -> str | None:
        """The first remedy once it has been needed for a moment, and again after a while; then how the run begins.

        Nothing of a check that was skipped.
        """
        if self._skipped:
            return None
        first = state.first_to_mend
        key = f"screen.{first.remedy}" if first else ""
        if state.done:
            key = BEGINS_ANYWAY if first else "screen.setup.all_good"
        if key != self._trouble[0]:
            self._trouble = (key, t_s)
        needed_s = t_s - self._trouble[1]
        if not key or (needed_s < SAY_AFTER_S and not state.done):
            return None
        is_again = key == self._said[0]
        if is_again and t_s - self._said[1] < SAY_AGAIN_S:
            return None
        self._said = (key, t_s)
        self._times_said = self._times_said + 1 if is_again else 1
        return key if self._times_said % 2 else _EVERY_OTHER_TIME.get(key, key)

    def _speed(self, belt: BeltSpeed | None) -> SetupResult:
        speed_mps = belt.speed_mps if belt else math.nan
        if not math.isfinite(speed_mps) and self.speed_remedy is None:
            return SetupResult(SetupItem.SPEED, Verdict.OK, math.nan, Unit.SPEED, told="speed_seen")
        if not math.isfinite(speed_mps):
            return SetupResult(SetupItem.SPEED, Verdict.MEND, math.nan, Unit.SPEED, self.speed_remedy)
        return SetupResult(SetupItem.SPEED, Verdict.OK, speed_mps, Unit.SPEED)


def _judged(item: SetupItem, value: float, unit: Unit, *, ok: bool, remedy: str) -> SetupResult:
    """A measured item; not measurable is waiting, not wrong."""
    if not math.isfinite(value):
        return _waiting(item)
    return SetupResult(item, Verdict.OK if ok else Verdict.MEND, value, unit, None if ok else remedy)


def _waiting(item: SetupItem) -> SetupResult:
    return SetupResult(item, Verdict.WAITING, math.nan, Unit.NONE)


def _turned() -> SetupResult:
    """Somebody is there, in a picture that is upside down or lies on its side: nothing else can be judged."""
    return SetupResult(SetupItem.RUNNER, Verdict.MEND, math.nan, Unit.NONE, "remedy.upright")


def left_behind(came_fps: float, analysed_fps: float) -> bool:
    """Whether it is the machine that has few pictures: enough came, and far more than it looked at."""
    return came_fps >= FPS_USABLE and came_fps > LEFT_BEHIND * analysed_fps


def judged_light(picture: PictureStats) -> SetupResult:
    """The camera's real rate is what darkness costs first; then noise, then blur. Of many pictures few may be seen."""
    fps = picture.measured_fps
    if picture.brightness < BRIGHTNESS_LEAST:
        return SetupResult(SetupItem.LIGHT, Verdict.MEND, fps, Unit.FRAMES, "remedy.brighter")
    if picture.sharpness < SHARPNESS_LEAST:
        return SetupResult(SetupItem.LIGHT, Verdict.MEND, fps, Unit.FRAMES, "remedy.sharper")
    if left_behind(fps, picture.analysed_fps) and picture.analysed_fps < FPS_USABLE:
        few = SetupResult(SetupItem.LIGHT, Verdict.MEND, picture.analysed_fps, Unit.FRAMES, SLOW_COMPUTER)
        return replace(few, told="pictures")
    slow = "remedy.faster_stream" if picture.streamed else "remedy.faster_camera"
    if picture.repeated_pct >= REPEATED_MOST_PCT:
        slow = "remedy.repeats"
    found = _judged(SetupItem.LIGHT, fps, Unit.FRAMES, ok=fps >= FPS_LEAST, remedy=slow)
    return replace(found, told="pictures") if found.remedy == "remedy.faster_stream" else found


def _level(roll: float) -> SetupResult:
    return _judged(SetupItem.LEVEL, roll, Unit.DEGREES, ok=abs(roll) <= ROLL_MOST_DEG, remedy="remedy.level")


def _facing(side: str | None) -> SetupResult:
    if side is None:
        return SetupResult(SetupItem.FACING, Verdict.MEND, math.nan, Unit.NONE, "remedy.face")
    return SetupResult(SetupItem.FACING, Verdict.OK, math.nan, Unit.NONE, word=side)


def _sound(unheard: NoticeKind | None) -> SetupResult:
    """Tones without a voice are told and hold nothing up: no hand at the loudspeaker brings the voice."""
    if unheard is NoticeKind.SOUND:
        return SetupResult(SetupItem.SOUND, Verdict.MEND, math.nan, Unit.NONE, "remedy.sound")
    told = "tones_only" if unheard is NoticeKind.SPEECH else ""
    return SetupResult(SetupItem.SOUND, Verdict.OK, math.nan, Unit.NONE, told=told)
