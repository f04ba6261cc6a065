"""A session: what is kept of a run. Pure data; `coach.review` and `coach.edges.store` write it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from coach.core.coaching.cues import Cue
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import View
from coach.core.heart import HeartChange, HeartLog, HeartRate
from coach.core.pipeline import Update
from coach.core.pose import SIDES, Side
from coach.core.session.cycles import CycleBook, merged
from coach.core.session.near_leg import view_of
from coach.core.session.records import (
    CurveBlock,
    Cycle,
    FrameFacts,
    KeptCue,
    Latency,
    SessionEvent,
    Setting,
    SettingValue,
    SourceFacts,
    SpeedChange,
    StrideLog,
    kept_cue,
    settings_facts,
    speed_change,
)
from coach.core.session.running_time import SHORTEST_REST_S, ActivityLog, offered_scale, run_since_strides, seen_instead
from coach.core.session.seen import Seen, reading_of
from coach.core.session.summary import SessionSummary, summarise
from coach.core.speed.belt_speed import BeltSpeed

__all__ = ["Session", "SessionBuilder", "SourceFacts", "settings_facts"]

_FRAME_GAP_S: Final = 1.0
"""A longer silence of the source is a pause or a loss, and does not count for its rate."""
_SPEED_STEP_MPS: Final = 0.02
"""0.07 km/h: less is the flicker of a measured speed, not a change of the belt."""


@dataclass(frozen=True, slots=True)
class Session:
    """A finished run. `cycles` holds a leg only where at least one of its strides was valid.

    `view` is the one in which its near leg was seen: of a runner who turned round, that of most valid near strides.
    """

    source: SourceFacts
    view: View
    frames: FrameFacts
    strides: tuple[StrideRecord, ...]
    cues: tuple[KeptCue, ...]
    speeds: tuple[SpeedChange, ...]
    events: tuple[SessionEvent, ...]
    curves: tuple[CurveBlock, ...]
    cycles: Mapping[Side, Cycle]
    settings: tuple[Setting, ...]
    summary: SessionSummary
    started_at: str | None = None
    """Wall-clock time of the start, of a clip that of its filming, ISO 8601 with its zone; None where not known."""
    session_id: int | None = None
    """Its number in the store; None if it was never stored."""
    runner: str = ""
    """Whose it is, by the name of now; empty where nobody was named."""
    note: str = ""
    """What somebody wrote about it."""
    complete: bool = True
    """False for a session that was cut short by a crash and recovered."""
    heart: tuple[HeartChange, ...] = ()
    """The heart rate, each value from when it held; empty where none was heard."""

    @property
    def seen_instead(self) -> tuple[tuple[str, float], ...]:
        """What was seen in place of running, and for how many seconds; the longest first."""
        return seen_instead(self.events, self.frames.first_s, self.frames.last_s)

    @property
    def time_scale(self) -> float:
        """By which `--time-scale` the pictures seem to run as in life; NaN where there is no sign that they do not."""
        return offered_scale(self.events)

    def setting(self, key: str) -> SettingValue:
        """The value of one setting, None where it was not kept."""
        return next((setting.value for setting in self.settings if setting.key == key), None)

    @property
    def seen(self) -> Seen:
        """How it was seen, by which it may be held against another."""
        source, view = self.source, self.view
        return Seen(view.near_side, source.kind, source.name, reading_of(self.setting), view.camera.yaw_deg)


class SessionBuilder:
    """Takes the updates of a run, one a frame, and makes the session of them.

    `strides`, `cues`, `speeds`, `heart` and `events` may be read while the run goes on, as the store does. The events
    are as they were noted; those of the session have what was found out later.
    """

    def __init__(
        self,
        source: SourceFacts,
        settings: tuple[Setting, ...] = (),
        started_at: str | None = None,
    ) -> None:
        self.source = source
        self.settings = settings
        self.started_at = started_at
        self.view = View()
        self.strides = StrideLog()
        self.cues: list[KeptCue] = []
        self.speeds: list[SpeedChange] = []
        self.events: list[SessionEvent] = []
        self._heart = HeartLog()
        self._cycles = CycleBook()
        self._activity = ActivityLog(live=source.kind not in {"video", "poses"})
        self._frames = 0
        self._with_pose = 0
        self._first_s = math.nan
        self._last_s = math.nan
        self._steady_s = 0.0
        self._steady_frames = 0

    def add(self, update: Update) -> None:
        """One more frame."""
        self._count(update)
        if update.gait.view.facing is not None:
            self.view = update.gait.view
        self._note_speed(update.t_s, update.belt)
        self.events += self._activity.step(
            update.t_s, update.gait.activity, update.gait.finding, update.gait.time_scale
        )
        self._cycles.add_frame(update.gait)
        self.add_strides(update.strides)
        # What only informs, such as a baseline that is ready, is said but is no advice to look back on.
        self.cues += [kept_cue(cue) for cue in update.cues if cue.kind.traits.is_kept]

    def add_strides(self, strides: tuple[StrideRecord, ...]) -> None:
        """Strides that were decided just now, or after the last frame."""
        for stride in strides:
            self.strides.append(stride)
            self._cycles.add_stride(stride)

    def delivered(self, cue: Cue, *channels: str) -> None:
        """Note that a cue really reached the runner by these channels, such as `speech` and `screen`."""
        for index in range(len(self.cues) - 1, -1, -1):
            kept = self.cues[index]
            if (kept.t_s, kept.kind, kept.side) == (cue.t_s, cue.kind, cue.side):
                ways = tuple(dict.fromkeys((*kept.channels, *channels)))
                self.cues[index] = replace(kept, channels=ways)
                return

    def event(self, t_s: float, kind: str, detail: str = "", noted: str | None = None) -> None:
        """Note something that happened around the run."""
        self.events.append(SessionEvent(t_s, kind, detail, noted))

    def note_heart(self, t_s: float, rate: HeartRate | None) -> None:
        """What is known of the heart rate at a frame."""
        self._heart.step(t_s, rate)

    @property
    def heart(self) -> list[HeartChange]:
        """The heart rate so far."""
        return self._heart.changes

    @property
    def somebody_ran(self) -> bool:
        """Whether a stride was measured, or running seen for two seconds."""
        return self._activity.running_s >= SHORTEST_REST_S or any(stride.valid for stride in self.strides)

    @property
    def frames(self) -> FrameFacts:
        """The frames so far."""
        fps = self._steady_frames / self._steady_s if self._steady_s > 0 else math.nan
        return FrameFacts(self._frames, self._with_pose, self._first_s, self._last_s, fps)

    @property
    def curves(self) -> tuple[CurveBlock, ...]:
        """The mean cycles so far, block by block."""
        return self._cycles.blocks()

    def curves_since(self, t_s: float) -> tuple[CurveBlock, ...]:
        """Those blocks that began at `t_s` or later."""
        return self._cycles.blocks(since_s=t_s)

    def finish(
        self,
        cycles: Mapping[Side, Cycle] | None = None,
        frames_dropped: int | None = None,
        latencies: tuple[Latency, ...] = (),
    ) -> Session:
        """The session. `cycles` replaces the mean curves that were collected on the way."""
        curves, strides = self.curves, tuple(self.strides)
        named = [*self._activity.named(self.events), *self._activity.finish()]
        events = tuple(run_since_strides(named, strides))
        return Session(
            source=self.source,
            view=view_of(self.view, strides),
            frames=self.frames,
            strides=strides,
            cues=tuple(self.cues),
            speeds=tuple(self.speeds),
            events=events,
            curves=curves,
            cycles=mean_cycles(curves) if cycles is None else dict(cycles),
            settings=self.settings,
            summary=summarise(
                self.frames,
                strides,
                self.cues,
                self.speeds,
                events,
                self.heart,
                frames_dropped=frames_dropped,
                latencies=latencies,
            ),
            started_at=self.started_at,
            heart=tuple(self.heart),
        )

    def _count(self, update: Update) -> None:
        if self._frames == 0:
            self._first_s = update.t_s
        elif 0 < update.t_s - self._last_s < _FRAME_GAP_S:
            self._steady_s += update.t_s - self._last_s
            self._steady_frames += 1
        self._last_s = update.t_s
        self._frames += 1
        self._with_pose += update.pose is not None

    def _note_speed(self, t_s: float, belt: BeltSpeed | None) -> None:
        new = speed_change(t_s, belt)
        if not self.speeds:
            if belt is not None:
                self.speeds.append(new)
        elif _differ(self.speeds[-1], new):
            self.speeds.append(new)


def mean_cycles(curves: tuple[CurveBlock, ...]) -> dict[Side, Cycle]:
    """The mean cycle of each leg over all blocks."""
    whole = {side: merged(block.cycle for block in curves if block.side == side) for side in SIDES}
    return {side: cycle for side, cycle in whole.items() if cycle is not None}


def _differ(old: SpeedChange, new: SpeedChange) -> bool:
    if (old.source, math.isnan(old.speed_mps)) != (new.source, math.isnan(new.speed_mps)):
        return True
    inclines = (old.incline_pct, new.incline_pct)
    tilted = not all(map(math.isnan, inclines)) and not abs(inclines[0] - inclines[1]) < 0.05
    return tilted or abs(new.speed_mps - old.speed_mps) >= _SPEED_STEP_MPS
