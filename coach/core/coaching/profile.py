"""What is remembered of a runner from session to session: own baselines and the programme's progress."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, Final, TypeVar

from coach.core.coaching.baseline import Baseline
from coach.core.coaching.programme import Practice, Progress
from coach.core.pose import SIDES, Side
from coach.core.speed.belt_scale import SeenLeg
from coach.core.units import nan_if_none
from coach.errors import FormatError

SCHEMA: Final = "coach.profile/2"
_READ: Final = ("coach.profile/1", SCHEMA)
"""Baselines of version 1 do not say whether the camera's place was corrected: it was not."""
MOST_BASELINES: Final = 24
"""Oldest go first: five speeds at four set-ups, with room (an engineering choice)."""
CLOCK_SET_BACK_DAYS: Final = 1.0
"""Travel and daylight saving set a clock back by up to a day."""

_Record = TypeVar("_Record", Baseline, Practice, SeenLeg)


@dataclass(frozen=True, slots=True)
class RunnerProfile:
    """Own baselines, oldest first, and how far the programme has come."""

    baselines: tuple[Baseline, ...] = ()
    progress: Progress = field(default_factory=Progress)
    legs: tuple[SeenLeg, ...] = ()
    """What known belt speeds have taught about the runner's leg in the picture, one for each camera set-up."""

    def with_baseline(self, baseline: Baseline, like_speed_mps: float) -> RunnerProfile:
        """The profile with a new baseline in place of those at a like speed and camera set-up."""
        kept = [old for old in self.baselines if not _alike(old, baseline, like_speed_mps)]
        return replace(self, baselines=(*kept, baseline)[-MOST_BASELINES:])

    def with_leg(self, leg: SeenLeg) -> RunnerProfile:
        """The profile with what the picture has learned in this camera set-up."""
        return replace(self, legs=(*(old for old in self.legs if old.camera != leg.camera), leg)[-MOST_BASELINES:])

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

    def as_json(self) -> dict[str, object]:
        """Plain dicts and lists, ready for JSON; null for what is unknown."""
        return {
            "schema": SCHEMA,
            "baselines": [baseline.as_json() for baseline in self.baselines],
            "progress": self.progress.as_json(),
            "legs": [leg.as_json() for leg in self.legs],
        }

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


def nearest(baselines: tuple[Baseline, ...], speed_mps: float) -> Baseline | None:
    """The baseline nearest in speed, the newest of equals; None without any."""
    return min(reversed(baselines), key=lambda b: abs(b.speed_mps - speed_mps), default=None)


def _fresh(day: float, now_day: float, stale_after_days: float) -> bool:
    """Whether what was taken on `day` still counts. A clock that was set back by up to a day does no harm."""
    return day - CLOCK_SET_BACK_DAYS <= now_day <= day + stale_after_days


def _alike(a: Baseline, b: Baseline, like_speed_mps: float) -> bool:
    like_view = a.camera == b.camera or (a.corrected and b.corrected)
    return a.near_side == b.near_side and like_view and abs(a.speed_mps - b.speed_mps) <= like_speed_mps


def _progress(content: Mapping[str, Any]) -> Progress:
    last_day = content["last_day"]
    return Progress(
        sessions_done=int(content["sessions_done"]),
        held_deg=float(content["held_deg"]),
        failed=int(content["failed"]),
        holding=int(content["holding"]),
        last_day=math.nan if last_day is None else float(last_day),
        paused=bool(content["paused"]),
        practices=tuple(_record(Practice, row) for row in content["practices"]),
    )


def _record(kind: type[_Record], row: Mapping[str, Any]) -> _Record:
    """A flat record from its JSON object: null is NaN, types as the dataclass has them."""
    convert: dict[str, Callable[[Any], Any]] = {
        "float": nan_if_none,
        "int": int,
        "bool": bool,
        "str": str,
        "Side": _side,
    }
    there = [each for each in fields(kind) if each.default is MISSING or each.name in row]
    values = {each.name: convert[str(each.type)](row[each.name]) for each in there}
    return kind(**values)


def _side(value: object) -> Side:
    for side in SIDES:
        if value == side:
            return side
    raise ValueError(f"{value!r} is neither left nor right")
