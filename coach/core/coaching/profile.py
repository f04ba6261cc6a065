"""What is remembered of a runner from session to session, and the bands of each leg that follow from it at a speed.

Own baselines and the programme's progress are remembered; they count today where the same camera has taken them and
they are not stale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from coach.core.bounds import COUNT, bounds_of
from coach.core.coach_settings import CoachSettings
from coach.core.coaching.baseline import Baseline, cadence_spm, nearest
from coach.core.coaching.fold import UNKNOWN_THIGH, UsualThigh, thigh_at_peak_deg, thigh_residual_deg
from coach.core.coaching.guards import Mean, Means, Price, like_incline, telling
from coach.core.coaching.programme import Extent, Practice, ProgrammeState, Progress, programme_state
from coach.core.coaching.stride_record import STRIDE_COLUMNS
from coach.core.coaching.target import HeelLiftTarget, heel_lift_target
from coach.core.pose import SIDES, Side
from coach.core.speed.belt_video import SeenLeg
from coach.errors import FormatError

SCHEMA: Final = "coach.profile/4"
_READ: Final = ("coach.profile/1", "coach.profile/2", "coach.profile/3", SCHEMA)
"""Baselines of version 1 do not say whether the camera's place was corrected: it was not. Those of versions 1 and 2
do not know the thigh, nor those before 4 where the foot lands and how the trunk leans."""
MOST_BASELINES: Final = 24
"""Oldest go first: five speeds at four set-ups, with room (an engineering choice)."""
WOBBLE_PCT: Final = 0.5
"""By less than a belt's usual step its incline has not changed: one that stands tells now this, now that tenth."""
CLOCK_SET_BACK_DAYS: Final = 1.0
"""Travel and daylight saving set a clock back by up to a day."""

_Record = TypeVar("_Record", Baseline, Extent, Practice, SeenLeg)


@dataclass(frozen=True, slots=True)
class RunnerProfile:
    """Own baselines, oldest first, and how far the programme has come."""

    baselines: tuple[Baseline, ...] = ()
    progress: Progress = field(default_factory=Progress)
    legs: tuple[SeenLeg, ...] = ()
    """What known belt speeds have taught about the runner's leg in the picture, one for each camera set-up."""

    def with_baseline(self, baseline: Baseline, like_speed_mps: float) -> RunnerProfile:
        """The profile with a new baseline in place of those at a like speed, incline and camera set-up."""
        kept = [old for old in self.baselines if not _alike(old, baseline, like_speed_mps)]
        return replace(self, baselines=(*kept, baseline)[-MOST_BASELINES:])

    def with_leg(self, leg: SeenLeg) -> RunnerProfile:
        """The profile with what the picture has learned in this camera set-up."""
        return replace(self, legs=(*(old for old in self.legs if old.camera != leg.camera), leg)[-MOST_BASELINES:])

    def merged(self, other: RunnerProfile, like_speed_mps: float) -> RunnerProfile:
        """What is known of one person who was kept as two: newer baselines over older ones, the farther programme.

        Trouble and pain that either has told of stay told.
        """
        progress = self.progress.merged(other.progress)
        baselines = (*other._counted_in(progress), *self._counted_in(progress))
        one = RunnerProfile(progress=progress)
        for leg in sorted((*other.legs, *self.legs), key=lambda leg: leg.day):
            one = one.with_leg(leg)
        for baseline in sorted(baselines, key=lambda baseline: baseline.day):
            one = one.with_baseline(baseline, like_speed_mps)
        return one

    def _counted_in(self, progress: Progress) -> tuple[Baseline, ...]:
        """The baselines as another progress counts steps: what was won or lost since each was taken stays the same."""
        more_deg = progress.held_deg - self.progress.held_deg
        return tuple(replace(old, held_deg=max(0.0, old.held_deg + more_deg)) for old in self.baselines)

    def leg(self, camera: str, now_day: float, stale_after_days: float) -> SeenLeg | None:
        """The leg as this camera set-up saw it; None where that was never or too long ago."""
        for leg in self.legs:
            if leg.camera == camera and _fresh(leg.day, now_day, stale_after_days):
                return leg
        return None

    def usable(self, near: Side, camera: str, now_day: float, stale_after_days: float) -> tuple[Baseline, ...]:
        """Baselines that this run may be measured against: same side, not stale, and seen by the same camera set-up.

        Where the camera's place was corrected for, a baseline holds wherever the camera stands.
        """
        return tuple(
            baseline
            for baseline in self.baselines
            if baseline.near_side == near
            and baseline.holds_for(camera)
            and _fresh(baseline.day, now_day, stale_after_days)
        )

    def usable_as_last_seen(self, now_day: float, stale_after_days: float) -> tuple[Baseline, ...]:
        """The usable ones of the set-up that took the newest: what counts where no camera is open yet."""
        if not self.baselines:
            return ()
        newest = self.baselines[-1]
        return self.usable(newest.near_side, newest.camera, now_day, stale_after_days)

    def programme(self, settings: CoachSettings, now_day: float) -> ProgrammeState:
        """How the programme stands; of its step what the ceiling leaves at the pace of the newest baseline."""
        own, room_deg = self.usable_as_last_seen(now_day, settings.baseline.stale_after_days), math.inf
        if own:
            band = heel_lift_target(
                own[-1].speed_mps,
                settings,
                own,
                incline_pct=own[-1].incline_pct,
                held_deg=self.progress.held_deg,
                step_deg=settings.programme.goal_deg,
            )
            room_deg = band.target_deg - band.reference_deg
        return programme_state(self.progress, settings.programme, settings.target.level, now_day, room_deg)

    def as_json(self) -> dict[str, object]:
        """Plain dicts and lists, ready for JSON; null for what is unknown."""
        return {"schema": SCHEMA, **_plain(self)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RunnerProfile:
        """The profile that `as_json` wrote. Raises FormatError for anything else."""
        try:
            if content["schema"] not in _READ:
                raise FormatError(f"the runner's profile is of the kind {content['schema']!r}; this needs {SCHEMA!r}")
            return cls(
                baselines=tuple(_record(Baseline, row) for row in content["baselines"]),
                progress=_progress(content["progress"]),
                legs=tuple(_record(SeenLeg, row) for row in content.get("legs", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"the runner's profile is damaged ({error}); `coach forget` begins a new one") from error


def _plain(record: Any) -> Any:
    """A record as its fields by name, those of records in it as well; NaN as null."""
    if isinstance(record, tuple):
        return [_plain(each) for each in record]
    if is_dataclass(record):
        return {each.name: _plain(getattr(record, each.name)) for each in fields(record)}
    return None if isinstance(record, float) and math.isnan(record) else record


def _fresh(day: float, now_day: float, stale_after_days: float) -> bool:
    """Whether what was taken on `day` still counts. A clock that was set back by up to a day does no harm."""
    return day - CLOCK_SET_BACK_DAYS <= now_day <= day + stale_after_days


def _alike(a: Baseline, b: Baseline, like_speed_mps: float) -> bool:
    like_view = a.camera == b.camera or (a.corrected and b.corrected)
    like_belt = abs(a.speed_mps - b.speed_mps) <= like_speed_mps and like_incline(a.incline_pct, b.incline_pct)
    return a.near_side == b.near_side and like_view and like_belt


def _progress(content: Mapping[str, Any]) -> Progress:
    return Progress(
        sessions_done=COUNT.given_whole(content["sessions_done"]),
        held_deg=bounds_of("held_deg").given(content["held_deg"]),
        counted_deg=tuple(map(bounds_of("counted_deg").given, content.get("counted_deg", ()))),
        failed=COUNT.given_whole(content["failed"]),
        holding=COUNT.given_whole(content["holding"]),
        last_day=bounds_of("last_day").given_or_nan(content["last_day"]),
        paused=bool(content["paused"]),
        trouble=content.get("trouble"),
        hurt_day=bounds_of("hurt_day").given_or_nan(content.get("hurt_day")),
        practices=tuple(_record(Practice, row) for row in content["practices"]),
        uncounted=_record(Extent, row) if (row := content.get("uncounted")) else None,
    )


def _record(kind: type[_Record], row: Mapping[str, Any]) -> _Record:
    """A flat record from its JSON object: null is NaN, types as the dataclass has them."""
    convert: dict[str, Callable[[Any], Any]] = {"int": COUNT.given_whole, "bool": bool, "str": str, "Side": _side}
    there = [each for each in fields(kind) if each.default is MISSING or each.name in row]
    values = {
        each.name: convert.get(str(each.type), bounds_of(each.name).given_or_nan)(row[each.name]) for each in there
    }
    return kind(**values)


def _side(value: object) -> Side:
    for side in SIDES:
        if value == side:
            return side
    raise ValueError(f"{value!r} is neither left nor right")


_FOOT_AHEAD: Final = next(column.note.norm for column in STRIDE_COLUMNS if column.name == "foot_ahead_ll")


def usual_foot_ll(speed_mps: float) -> float:
    """Where runners' feet land at a speed; used for its change with speed."""
    return _FOOT_AHEAD.at(speed_mps)[0] if _FOOT_AHEAD else math.nan


class Bands:
    """What is asked of each leg. Remembers the last answer, since it is asked for at every frame."""

    def __init__(self, settings: CoachSettings, profile: RunnerProfile, now_day: float, camera: str) -> None:
        self._settings = settings
        self._now_day = now_day
        self._camera = camera
        self.profile = profile
        """What is to be stored: everything known, and what this session adds."""
        self._usable = profile if settings.baseline.reuse else replace(profile, baselines=())
        self._near: Side | None = None
        self._step_deg = 0.0
        self._incline_pct = self._since_pct = 0.0
        self._all: tuple[Baseline, ...] = ()
        self._own: tuple[Baseline, ...] = ()
        self._known: dict[Side, tuple[float, HeelLiftTarget | None]] = {}
        self._thighs: dict[Side, tuple[float, UsualThigh]] = {}
        self._stand: tuple[float, Means] = (math.nan, {})

    def look(self, near: Side | None) -> None:
        """Which leg the camera sees better; held once it is known."""
        if near is not None and near != self._near:
            self._near = near
            self._refresh()

    def climb(self, incline_pct: float) -> bool:
        """The belt's incline; whether it is another belt than it was, or other baselines count on it.

        NaN: nobody tells, and it is as it was, level at first. It is followed up a slope and down again, since a belt
        that is half-way down is not yet where it stays.
        """
        if not abs(incline_pct - self._incline_pct) >= WOBBLE_PCT:
            return False
        self._incline_pct, own = incline_pct, self._own
        self._refresh()
        if self._own == own and like_incline(incline_pct, self._since_pct):
            return False
        self._since_pct = incline_pct
        return True

    def ask(self, step_deg: float) -> None:
        """The programme's step from now on; 0 asks nothing."""
        self._step_deg = step_deg
        self._known.clear()

    @property
    def asks(self) -> bool:
        """Whether more than the runner has shown is asked now; of a stranger, who has shown nothing, nothing is."""
        return bool(self._own) and (self._step_deg > 0 or self._settings.target.level == "strong")

    def add(self, baseline: Baseline) -> None:
        """A baseline was taken."""
        like_mps = self._settings.baseline.like_speed_mps
        self.profile = self.profile.with_baseline(baseline, like_mps)
        self._usable = self._usable.with_baseline(baseline, like_mps)
        self._refresh()

    def target(self, side: Side, speed_mps: float) -> HeelLiftTarget | None:
        """The band of one leg; None without a speed or view, or for a far leg without an own baseline."""
        if self._near is None or not speed_mps > 0:
            return None
        known_mps, target = self._known.get(side, (math.nan, None))
        if known_mps != speed_mps:
            target = self._band(side, speed_mps)
            self._known[side] = (speed_mps, target)
        return target

    def own(self, speed_mps: float) -> Baseline | None:
        """The usable baseline nearest in speed."""
        return nearest(self._own, speed_mps) if speed_mps > 0 else None

    def own_alike(self, speed_mps: float) -> Baseline | None:
        """The usable baseline at a like speed."""
        own = self.own(speed_mps)
        return own if own and abs(own.speed_mps - speed_mps) <= self._settings.baseline.like_speed_mps else None

    def usual_stand(self, speed_mps: float) -> Means:
        """How the runner steps and stands by habit, as far as it is known at this speed and incline."""
        if speed_mps != self._stand[0]:
            self._stand = (speed_mps, telling(self._stands(speed_mps), self._incline_pct))
        return self._stand[1]

    def _stands(self, speed_mps: float) -> Means:
        """Cadence from any baseline, and at a like speed how the runner bounces, lands and leans.

        Slower than the baseline cadence falls along the norm. Faster it is not expected to rise: some runners only
        lengthen their stride. The foot lands farther ahead at a faster pace, along the norm.
        """
        own, alike = self.own(speed_mps), self.own_alike(speed_mps)
        if own is None:
            return {}
        slower_spm = min(0.0, cadence_spm(speed_mps) - cadence_spm(own.speed_mps))
        known = {Price.CADENCE: Mean(own.cadence_spm + slower_spm, 0.0)}
        if alike is None:
            return known
        farther_ll = usual_foot_ll(speed_mps) - usual_foot_ll(alike.speed_mps)
        return known | {
            Price.BOUNCE: Mean(alike.bounce_ll, 0.0),
            Price.OVERSTRIDE: Mean(alike.foot_ahead_ll + farther_ll, alike.foot_ahead_se_ll),
            Price.LEAN: Mean(alike.lean_deg, alike.lean_se_deg),
        }

    def usual_thigh(self, side: Side, speed_mps: float) -> UsualThigh:
        """The runner's own thigh at peak flexion: the baseline's, moved along the norm to this speed."""
        known_mps, usual = self._thighs.get(side, (math.nan, UNKNOWN_THIGH))
        if known_mps != speed_mps:
            usual = self._thigh(side, speed_mps)
            self._thighs[side] = (speed_mps, usual)
        return usual

    def _thigh(self, side: Side, speed_mps: float) -> UsualThigh:
        own = self.own(speed_mps)
        if own is None or math.isnan(own.thigh_deg(side)):
            return UNKNOWN_THIGH
        moved_deg = thigh_at_peak_deg(speed_mps) - thigh_at_peak_deg(own.speed_mps)
        away_deg = thigh_residual_deg(abs(speed_mps - own.speed_mps))
        return UsualThigh(own.thigh_deg(side) + moved_deg, math.hypot(own.thigh_se_deg, away_deg))

    def usual_difference_deg(self, speed_mps: float) -> float:
        """The runner's own left minus right; NaN unless both legs are in the baseline."""
        own = self.own_alike(speed_mps)
        return own.left_deg - own.right_deg if own else math.nan

    def _refresh(self) -> None:
        """Which baselines count, seen from this side and not stale; those of this incline for all that is asked."""
        stale_days = self._settings.baseline.stale_after_days
        self._all = self._usable.usable(self._near, self._camera, self._now_day, stale_days) if self._near else ()
        self._own = tuple(b for b in self._all if like_incline(b.incline_pct, self._incline_pct))
        self._known.clear()
        self._thighs.clear()
        self._stand = (math.nan, {})

    def _band(self, side: Side, speed_mps: float) -> HeelLiftTarget | None:
        if side != self._near and not any(math.isfinite(baseline.peak_deg(side)) for baseline in self._own):
            return None
        held_deg = self.profile.progress.held_deg
        return heel_lift_target(
            speed_mps,
            self._settings,
            self._all,
            side=side,
            held_deg=held_deg,
            step_deg=self._step_deg,
            incline_pct=self._incline_pct,
        )
