"""What the window says: the update put into few, calm words and numbers.

Numbers change once a stride, and a rounded number stays until its value has clearly left it. How the runner steps
stands beside the heel lift, as means of the last near strides, in the view that has room for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Literal

from coach.core.coaching.advice import ONLY_UPWARD, allowed_kinds
from coach.core.coaching.coaching import Advice, Hold, Stage, Zone
from coach.core.coaching.cues import Cue, Mark
from coach.core.coaching.stride_record import SHOWN
from coach.core.coaching.target import HeelLiftTarget
from coach.core.gait import Activity
from coach.core.gait.quality import Trust
from coach.core.pipeline import Update
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.units import kmh, mph
from coach.core.words import Words
from coach.edges.screen.recent_strides import RecentStrides
from coach.edges.screen.verdict import BORDER_SHAPES, KEYS, ZONE_SHAPES, Border, Card
from coach.ports import LiveStatus
from coach.settings import Units

NOTHING: Final = "–"
STICKINESS: Final = 0.65
"""A shown whole number stays until the value is this far from it: a mean at x.5 would flicker otherwise."""
BANNER_S: Final = 5.0
STALE_S: Final = 1.5
"""An update this much older than the picture says nothing of now: the pose stage hangs."""
HELD_AFTER_S: Final = 5.0
"""A speed that the treadmill last sent longer ago is marked as held; what was typed holds until it is changed."""
_UNJUDGED: Final = frozenset({Stage.WARM_UP, Stage.BASELINE})
"""Before there is a baseline, the number is shown and not judged."""
_NO_MORE: Final = ONLY_UPWARD - {Hold.QUIET}
"""While these hold, no more lift may be asked for, on the screen as little as by voice."""


@dataclass(frozen=True, slots=True)
class Banner:
    """A cue as it is shown."""

    mark: Mark | Literal["right"]
    """The cue's own mark; `right`: something is to be mended."""
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """One secondary number and the wordings of its label, longest first."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The target band in whole degrees."""

    low_deg: int
    target_deg: int
    high_deg: int


@dataclass(frozen=True, slots=True)
class Readout:
    """Everything the panel says at one moment. Equal readouts look equal."""

    border: Border
    card: Card
    lift_number: str
    lift_labels: tuple[str, ...]
    band: Band | None
    marker_deg: float | None
    """On the gauge, to half a degree; None without trust."""
    values: tuple[Value, Value, Value]
    banner: Banner | None
    notice: str
    muted: bool

    @property
    def zone(self) -> Zone | None:
        """The verdict; None where nothing is judged or nothing may be asked."""
        return self.card.zone


@dataclass(slots=True)
class Reader:
    """Turns updates into readouts and remembers what keeps them calm."""

    words: Words
    units: Units
    _shown_deg: int | None = None
    _cadence: int | None = None
    _heart: int | None = None
    _speed: tuple[str, float] | None = None
    _stage: Stage | None = None
    _stage_total_s: float = math.nan
    _cue: Cue | None = None
    _latest: Readout | None = field(default=None)

    def read(self, t_s: float, update: Update | None, status: LiveStatus) -> Readout:
        """The readout for a frame grabbed at `t_s`."""
        advice = update.advice if update else None
        border, reason = self._border(t_s, update, status)
        trusted = border is Border.MEASURING
        lift = advice.lift if advice and trusted else None
        self._shown_deg = sticky(self._shown_deg, lift.mean_deg) if lift else None
        band = _band(advice.target) if advice else None
        if update is not None and trusted:
            card = self._card(update, band)
        else:
            card = Card(BORDER_SHAPES[border], self.words.either(f"screen.{border.value}"), reason)
        return Readout(
            border=border,
            card=card,
            lift_number=NOTHING if self._shown_deg is None else f"{self._shown_deg}°",
            lift_labels=self._lift_labels(advice),
            band=band,
            marker_deg=None if lift is None else round(lift.mean_deg * 2) / 2,
            values=(self._cadence_value(update, trusted), self._speed_value(update), self._time_value(status)),
            banner=self._banner(t_s, advice, status),
            notice=self._notice(card, advice, status),
            muted=status.muted,
        )

    def _card(self, update: Update, band: Band | None) -> Card:
        """What to do now, or what is going on, while the camera measures."""
        advice, words = update.advice, self.words
        progress = self._progress(advice)
        if progress is not None or advice.stage in _UNJUDGED:
            left, names = _clock(advice.stage_remaining_s), words.either(f"screen.{advice.stage.value}")
            return Card("ring", tuple(f"{name} {left}".strip() for name in names), progress=progress)
        if (asked := self._belt_card(update)) is not None:
            return asked
        if advice.stage is Stage.OBSERVING or advice.hold is Hold.UNFED:
            return Card("ring", words.either("screen.observing"))
        zone = self._zone(advice, band)
        if (zone is Zone.BELOW and advice.hold in _NO_MORE) or (zone is Zone.IN_BAND and advice.hold is Hold.FLICKED):
            return Card("diamond", words.either("screen.verdict.easy"))
        if zone is not None and advice.hold in {None, Hold.QUIET, *_NO_MORE}:
            return Card(ZONE_SHAPES[zone], words.either(f"screen.verdict.{zone.value}"), zone=zone)
        plain = "no_band" if advice.lift and band is None else "counting"
        return Card("ring", words.either(f"screen.{plain}"))

    def _belt_card(self, update: Update) -> Card | None:
        """The one question about the belt: how fast it is, or whether it is as fast as was said."""
        belt = update.belt
        if belt is None or not math.isfinite(belt.speed_mps):
            return Card("question", self.words.either("screen.no_speed"), KEYS)
        if update.advice.hold is not Hold.SPEED_DOUBTED:
            return None
        shown = self.words.number(self._in_units(belt.speed_mps), digits=1)
        names = ("screen.belt_really", "screen.belt_really_short")
        return Card("question", tuple(self.words.line(name, speed=shown) for name in names), KEYS)

    def _zone(self, advice: Advice, band: Band | None) -> Zone | None:
        """Where the shown number lies in the shown band, so that both say the same and are equally calm."""
        if advice.lift is None or advice.lift.zone is None or band is None or self._shown_deg is None:
            return None
        if self._shown_deg < band.low_deg:
            return Zone.BELOW
        return Zone.ABOVE if self._shown_deg > band.high_deg else Zone.IN_BAND

    def _border(self, t_s: float, update: Update | None, status: LiveStatus) -> tuple[Border, str]:
        if status.source_lost:
            # Who pauses meanwhile shall see that it was heard.
            return Border.LOST, self.words.line("screen.paused" if status.paused else "screen.camera_lost_hint")
        if status.paused:
            return Border.PAUSED, self.words.line("screen.paused_hint")
        if update is None:
            return Border.LOADING, ""
        if not t_s - update.t_s < STALE_S:
            return Border.UNSURE, ""
        hints = {Activity.AWAY: "away", Activity.STANDING: "standing", Activity.WALKING: "walking"}
        hint = hints.get(update.gait.activity)
        words = self.words.line(f"screen.{hint}") if hint else ""
        return {
            Trust.MEASURING: (Border.MEASURING, ""),
            Trust.UNSURE: (Border.UNSURE, words),
            Trust.PAUSED: (Border.PAUSED, words),
        }[update.gait.trust]

    def _lift_labels(self, advice: Advice | None) -> tuple[str, ...]:
        heel_lift = self.words.line("screen.heel_lift")
        if advice is None or advice.lift is None:
            return (heel_lift,)
        return (f"{heel_lift}, {self.words.line(f'screen.{advice.lift.side}')}", heel_lift)

    def _progress(self, advice: Advice) -> float | None:
        if advice.stage not in _UNJUDGED:
            self._stage = None
            return None
        left_s = advice.stage_remaining_s
        if advice.stage is not self._stage:
            self._stage, self._stage_total_s = advice.stage, left_s
        self._stage_total_s = max(self._stage_total_s, left_s)
        if not self._stage_total_s > 0:
            return None
        return round(min(max(1 - left_s / self._stage_total_s, 0), 1), 2)

    def _cadence_value(self, update: Update | None, trusted: bool) -> Value:
        labels = self.words.either("screen.steps")
        if update is None or not trusted:
            self._cadence = None
            return Value(NOTHING, labels)
        value = update.gait.cadence_spm
        if not math.isfinite(value):
            self._cadence = None
        elif self._cadence is None or update.gait.strides:
            self._cadence = sticky(self._cadence, value)
        return Value(NOTHING if self._cadence is None else str(self._cadence), labels)

    def _speed_value(self, update: Update | None) -> Value:
        unit = "km/h" if self.units == "metric" else "mph"
        belt = update.belt if update else None
        if belt is None or not math.isfinite(belt.speed_mps):
            return Value(NOTHING, (unit,))
        speed = self._in_units(belt.speed_mps)
        held = "?" if belt.doubted or (belt.traits.overruled and belt.age_s > HELD_AFTER_S) else ""
        labels = (f"{unit} · {self.words.line(f'screen.speed.{belt.origin.value}')}{held}", unit + held)
        incline = self.words.signed(belt.incline_pct, " %")
        tilted = tuple(f"{label} · {incline}" for label in labels) if _tilted(belt) else ()
        return Value(self.words.number(speed, digits=1), (*tilted, *labels))

    def _in_units(self, speed_mps: float) -> float:
        return kmh(speed_mps) if self.units == "metric" else mph(speed_mps)

    def _time_value(self, status: LiveStatus) -> Value:
        labels = self.words.either("screen.elapsed")
        self._heart = sticky(self._heart, status.heart_bpm)
        if self._heart is not None:
            heart, short = (self.words.line(f"screen.{name}", bpm=self._heart) for name in ("heart", "heart_short"))
            labels = (*(f"{label} · {heart}" for label in labels), heart, short)
        return Value(_clock(status.elapsed_s), labels)

    def _banner(self, t_s: float, advice: Advice | None, status: LiveStatus) -> Banner | None:
        if advice and advice.cues:
            self._cue = advice.cues[-1]
        cue = self._cue
        if cue and (status.paused or (advice and cue.kind not in allowed_kinds(advice.stage, advice.hold))):
            # It would ask for what is not asked any more, as after the key for what hurts; nor again when that is over.
            self._cue = cue = None
        if cue is None or status.source_lost or not cue.t_s <= t_s < cue.t_s + BANNER_S:
            return None
        return Banner(cue.kind.traits.mark, cue.banner)

    def _notice(self, card: Card, advice: Advice | None, status: LiveStatus) -> str:
        asks = card.mark == "question"  # one message about the belt at a time: the question
        told = [text for text in status.messages if not (asks and text in status.belt_messages)]
        if told:
            return told[-1]
        if advice is None or not advice.hold_reason or asks or advice.hold is Hold.PAUSED:
            return ""  # a pause has the card, and is over before the coach has heard of it
        return self.words.line(advice.hold_reason)


def sticky(shown: int | None, value: float) -> int | None:
    """The whole number to show: the old one until the value has left it by STICKINESS; None for NaN."""
    if not math.isfinite(value):
        return None
    return shown if shown is not None and abs(value - shown) < STICKINESS else round(value)


def _band(target: HeelLiftTarget | None) -> Band | None:
    if target is None:
        return None
    return Band(round(target.low_deg), round(target.target_deg), round(target.high_deg))


def _tilted(belt: BeltSpeed) -> bool:
    """Whether the belt is known to be inclined by as much as is written."""
    return abs(belt.incline_pct) >= 0.05


def _clock(seconds: float) -> str:
    """`m:ss` or `h:mm:ss`; empty for NaN."""
    if not math.isfinite(seconds):
        return ""
    whole = max(int(seconds), 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class Measures:
    """The measures that have a place on the screen, over the last trusted strides of the near leg."""

    def __init__(self) -> None:
        self._strides = RecentStrides()

    def step(self, update: Update) -> None:
        """Take one frame's strides."""
        self._strides.step(update)

    def rows(self, words: Words) -> tuple[tuple[str, str], ...]:
        """Each measure's name with its figure; none while no stride tells it."""
        found: list[tuple[str, str]] = []
        for column in SHOWN:
            shown, mean = column.note.shown, self._strides.mean(column.name)
            if shown is not None and "screen" in shown.where and not math.isnan(mean):
                figure = words.number(shown.scale * mean, words.name(shown.unit, shown.unit), shown.digits)
                found.append((words.name(f"stride.{column.name}", shown.label), figure))
        return tuple(found)
