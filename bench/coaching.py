"""The cue policy against virtual runners: thousands of 30-minute sessions, stride by stride.

    python -m bench.coaching [--sessions 2100] [--seed 1] [--only NAME] [--floor DEG] [--sure SIGMAS]
    python -m bench.coaching --trace hard --sessions 300

Every runner is drawn from measured spreads (`tests/virtual_runner.py` names the sources); every figure follows from
the seed. `docs/coaching.md` holds the table and says what it means.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from coach.core.coach_settings import CoachSettings, ProgrammeSettings, SessionSettings, TargetSettings
from coach.core.coaching import cue_rules
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.guards import Price
from coach.core.coaching.profile import RunnerProfile
from tests.virtual_camera import CLEAN, HARD, TYPICAL, PoseStage
from tests.virtual_runner import COSTS, Run, Runner, SpeedPlan, run_session

FREE: Final = CoachSettings(programme=ProgrammeSettings(enabled=False))
UNDER: Final = CueKind.UNDER_YOU
HEEL: Final = (CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME)
WANDERING: Final = replace(TYPICAL, wander_sd_deg=2.0, wander_s=120.0)
TRACED: Final = {"typical": TYPICAL, "hard": HARD}
BEGUN_S: Final = 200.0
"""Warm-up and baseline are over by now."""
DROP_S: Final = 5.0
"""A drop needs so long to become steady."""


@dataclass(slots=True)
class Row:
    """One line of the table."""

    name: str
    sessions: int = 0
    minutes: float = 0.0
    heel_cues: int = 0
    sessions_over_1: int = 0
    most_in_2_min: int = 0
    beyond_ceiling: int = 0
    delays_s: list[float] = field(default_factory=list)
    held_deg: list[float] = field(default_factory=list)
    """Steps of the programme that each runner came to hold."""
    remarks: list[str] = field(default_factory=list)

    def add(self, run: Run, minutes: float, since_s: float = 0.0) -> list[Cue]:
        """Count one session; its cues about heel lift from `since_s` on."""
        heel = [cue for cue in run.of(*HEEL) if cue.t_s >= since_s]
        self.sessions += 1
        self.minutes += minutes
        self.heel_cues += len(heel)
        self.sessions_over_1 += len(heel) > 1
        self.most_in_2_min = max(self.most_in_2_min, most_within(run.cues, 120.0))
        self.beyond_ceiling += sum(above > 0 for above in run.asked_deg)
        return heel

    def cells(self) -> list[str]:
        """The line's columns."""
        delays = np.array(self.delays_s)
        within = f"{100 * np.mean(delays <= 25):.1f} %" if len(delays) else ""
        quick = f"{np.median(delays):.0f} / {np.percentile(delays, 95):.0f} s" if len(delays) else ""
        return [
            self.name,
            str(self.sessions),
            f"{30 * self.heel_cues / max(self.minutes, 1e-9):.3f}",
            f"{100 * self.sessions_over_1 / max(self.sessions, 1):.1f} %",
            str(self.most_in_2_min),
            str(self.beyond_ceiling),
            within,
            quick,
            "; ".join(self.remarks),
        ]


HEADER: Final = [
    "runners",
    "sessions",
    "heel-lift cues per 30 min",
    "sessions with > 1",
    "most cues in any 2 min",
    "asked beyond the ceiling",
    "cued within 25 s",
    "delay, median / p95",
    "more",
]


def most_within(cues: Sequence[Cue], span_s: float) -> int:
    """The largest number of cues in any span."""
    times = [cue.t_s for cue in cues]
    return max((sum(first <= t < first + span_s for t in times) for first in times), default=0)


def drawn(rng: np.random.Generator, **changed: object) -> Runner:
    """A runner from the measured spreads; `changed` fixes some of it."""
    runner = Runner(
        offset_deg=float(np.clip(9.4 * rng.standard_normal(), -22, 22)),
        slope_deg_per_mps=5.2 * float(rng.standard_normal()) * 0.7,
        stride_sd_deg=float(np.clip(1.65 + 0.5 * rng.standard_normal(), 1.0, 3.0)),
        cadence_spm=10.0 * float(rng.standard_normal()),
    )
    return replace(runner, **changed)  # type: ignore[arg-type]


def coached(settings: CoachSettings, profile: RunnerProfile | None = None, day: float = 20_000.0) -> Coaching:
    """A coach with its words."""
    return Coaching(settings, profile or RunnerProfile(), day)


Scene = Callable[[str, int, int], Row]


def calm(settings: CoachSettings, stage: PoseStage) -> Scene:
    """Runners who go on as in their baseline: every heel-lift cue is a false one."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        for index in range(sessions):
            out, _ = run_session(coached(settings), drawn(rng), seed=seed + index, stage=stage)
            row.add(out, 30)
        return row

    return run


def trace(stage: PoseStage, sessions: int, seed: int) -> None:
    """Print, cue by cue, how far runner and scene had drifted when calm runners were cued all the same."""
    rng, found = np.random.default_rng(seed), []
    for index in range(sessions):
        out, _ = run_session(coached(FREE), drawn(rng), seed=seed + index, stage=stage, keep=True)
        found += [carried(out, cue.t_s) for cue in out.of(*HEEL)]
    for runner_deg, scene_deg in found:
        print(f"runner {runner_deg:+.1f}°, scene {scene_deg:+.1f}°")
    print(f"{len(found)} heel-lift cues in {sessions} sessions")


def carried(out: Run, t_s: float) -> tuple[float, float]:
    """Drift of runner and scene over the 12 s before `t_s`, against the minute in which the baseline was taken."""
    drifts = np.array(out.drifts_deg)
    now = (drifts[:, 0] > t_s - 12) & (drifts[:, 0] <= t_s)
    then = (drifts[:, 0] > 120) & (drifts[:, 0] <= 181)
    runner_deg, scene_deg = drifts[now, 1:].mean(axis=0) - drifts[then, 1:].mean(axis=0)
    return float(runner_deg), float(scene_deg)


def somewhere_in_band(settings: CoachSettings, stage: PoseStage) -> Scene:
    """Runners who settle anywhere between floor and ceiling after the baseline, and stay there."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        for index in range(sessions):
            moved = float(rng.uniform(-3.0, 12.0))
            runner = drawn(rng, drops=((BEGUN_S, moved),), response=0.0)
            out, _ = run_session(coached(settings), runner, seed=seed + index, stage=stage)
            row.add(out, 30)
        return row

    return run


def drop(change_deg: float, settings: CoachSettings, stage: PoseStage, *, far_leg: bool = False) -> Scene:
    """Runners whose lift falls by some degrees within 5 s and who do not listen. `far_leg`: both legs are trusted."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        most = 0
        for index in range(sessions):
            at_s = float(rng.uniform(300, 1200))
            runner = drawn(rng, drops=((at_s, change_deg),), response=0.0)
            out, _ = run_session(coached(settings), runner, seed=seed + index, stage=stage, far_leg=far_leg)
            heel = row.add(out, (1800 - at_s) / 60, since_s=at_s)
            row.delays_s.append(max(heel[0].t_s - at_s - DROP_S, 0.0) if heel else math.inf)
            most = max(most, len(heel))
        row.remarks.append(f"never more than {most} cues to who does not answer")
        return row

    return run


def intervals(settings: CoachSettings) -> Scene:
    """Speed changes every 3–5 minutes; each runner's lift rises with speed in an own way."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        for index in range(sessions):
            out, _ = run_session(coached(settings), drawn(rng), seed=seed + index, speed=interval_plan(rng))
            row.add(out, 30)
        return row

    return run


def interval_plan(rng: np.random.Generator) -> SpeedPlan:
    """Speeds between 2.5 and 4.2 m/s after five minutes at the first."""
    ends = np.cumsum([300.0, *rng.uniform(180, 300, 8)])
    speeds = [3.0, *rng.uniform(2.5, 4.2, 9)]
    return lambda t_s: float(speeds[int(np.searchsorted(ends, t_s))])


def tiring(response: float, settings: CoachSettings) -> Scene:
    """Runners who lose 0.6° a minute from the tenth minute on."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        end, praised = [], 0
        for index in range(sessions):
            runner = drawn(rng, fatigue_deg_per_min=0.6, response=response)
            out, _ = run_session(coached(settings), runner, seed=seed + index, keep=True)
            row.add(out, 30)
            end += [
                deg - advice.target.reference_deg
                for (t_s, deg), (_, advice) in zip(out.true_deg, out.advices, strict=True)
                if t_s > 1500 and advice.target
            ]
            praised += len(out.of(CueKind.RECOVERED))
        row.remarks.append(
            f"last 5 min {np.mean(end):+.1f}° against the baseline; praised {praised / sessions:.1f} times"
        )
        return row

    return run


def over_lifting(settings: CoachSettings) -> Scene:
    """Runners who overdo it by 18°: told to relax, never to lift."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        for index in range(sessions):
            runner = drawn(rng, drops=((300.0, 18.0),), response=1.0, obeys_to=1.0)
            out, _ = run_session(coached(settings), runner, seed=seed + index)
            row.add(out, 30)
            row.delays_s.append(next((c.t_s - 305 for c in out.of(CueKind.HEEL_LIFT_HIGH)), math.inf))
        return row

    return run


def programme(response: float, pays: Price | None = None) -> Scene:
    """Eight sessions each, every second day; what the runner learned stays with the body, and what `pays` for it."""

    def run(name: str, sessions: int, seed: int) -> Row:
        row, rng = Row(name), np.random.default_rng(seed)
        lifted, later = [], []
        for number in range(max(sessions // 8, 1)):
            profile, learned, runner = RunnerProfile(), 0.0, drawn(rng, response=response, pays=pays)
            for session in range(8):
                coaching = coached(CoachSettings(), profile, 20_000.0 + 2 * session)
                out, body = run_session(coaching, runner, seed=seed + 8 * number + session, learned_deg=learned)
                profile, learned = coaching.profile_after(), body.learned_deg
                heel = row.add(out, 30)
            row.held_deg.append(profile.progress.held_deg)
            lifted.append(learned)
            later.append(len(heel))
        any_pct = 100 * np.mean(np.array(row.held_deg) > 0)
        row.remarks.append(
            f"steps held {np.mean(row.held_deg):.1f}° ({any_pct:.0f} % of runners any); "
            f"lift kept {np.mean(lifted):+.1f}°; last session {np.mean(later):.1f} cues"
        )
        return row

    return run


def scenes(free: CoachSettings) -> tuple[tuple[str, float, Scene], ...]:
    """(name, share of all sessions, scene), free runs under these settings."""
    outside = replace(free, session=SessionSettings(mode="overground"))
    return (
        ("calm, clean", 0.05, calm(free, CLEAN)),
        ("calm, typical noise", 0.2, calm(free, TYPICAL)),
        ("calm, typical noise, overground", 0.06, calm(outside, TYPICAL)),
        ("calm, hard noise", 0.2, calm(free, HARD)),
        ("calm, scene wanders by 2°", 0.04, calm(free, WANDERING)),
        ("anywhere in the band, typical", 0.1, somewhere_in_band(free, TYPICAL)),
        ("anywhere in the band, hard noise", 0.1, somewhere_in_band(free, HARD)),
        ("intervals, typical", 0.08, intervals(free)),
        ("drop of 8°, typical", 0.12, drop(-8.0, free, TYPICAL)),
        ("drop of 8°, overground", 0.04, drop(-8.0, outside, TYPICAL)),
        ("drop of 8°, hard noise", 0.05, drop(-8.0, free, HARD)),
        ("tiring, 85 % response", 0.03, tiring(0.85, free)),
        ("tiring, no response", 0.02, tiring(0.0, free)),
        ("over-lifting by 18°", 0.03, over_lifting(free)),
        ("programme, 85 % response", 0.07, programme(0.85)),
        ("programme, no response", 0.05, programme(0.0)),
        *((f"programme, bought with {pays}", 0.03, programme(0.85, pays)) for pays in COSTS),
        ("drop of 8°, both legs trusted", 0.04, drop(-8.0, free, TYPICAL, far_leg=True)),
    )


def main() -> None:
    """Run the scenes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=2100, help="30-minute sessions in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="scenes whose name this regular expression finds")
    parser.add_argument("--floor", type=float, default=FREE.target.floor_below_deg, help="target.floor_below_deg")
    parser.add_argument("--sure", type=float, default=cue_rules.SURE, help="standard errors beyond a line")
    parser.add_argument("--trace", choices=TRACED, help="only say where the false cues of calm runners come from")
    options = parser.parse_args()
    cue_rules.SURE = options.sure  # type: ignore[misc]
    free = replace(FREE, target=TargetSettings(floor_below_deg=options.floor))
    if options.trace:
        trace(TRACED[options.trace], options.sessions, options.seed)
        return
    began = time.perf_counter()
    total = 0
    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    for number, (name, share, scene) in enumerate(scenes(free)):
        if re.search(options.only, name):
            row = scene(name, max(round(share * options.sessions), 8), options.seed + 100_000 * number)
            total += row.sessions
            print("| " + " | ".join(row.cells()) + " |", flush=True)
    print(f"\n{total} sessions, seed {options.seed}, {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
