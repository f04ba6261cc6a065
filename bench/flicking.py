"""Does the coach reward a heel that is flicked up behind? Thousands of virtual half-hours of runners who do so.

    python -m bench.flicking [--sessions 2000] [--seed 1]

A flicking runner answers every cue by kicking the heel up behind: flexion rises as asked, and the thigh falls back by
0.8 to 1.2° for each degree (`tests/virtual_runner.py`). `docs/coaching.md` holds the table and says what it means.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bench.coaching import FREE, coached, drawn
from coach.core.coach_settings import CoachSettings, CueSettings
from coach.core.coaching.cues import CueKind
from coach.core.coaching.profile import RunnerProfile
from tests.virtual_camera import HARD, TYPICAL, PoseStage
from tests.virtual_runner import Run, Runner, run_session

FLICKED_DEG: Final = 6.0
"""A thigh that has truly fallen back by so much is flicked, and no praise may follow."""
CLEAR_DEG: Final = 8.0
"""A flick this large ought to be heard about: the verdict falls at about 6°, where it is even chances."""
HEARD_S: Final = 30.0
MOSTLY: Final = 0.95
PRAISE_LATE_S: Final = 3.0
"""Praise speaks of the window before it: who has begun to flick within this time, or has just ceased, was not praised
for it."""
HEADER: Final = (
    "runners",
    "sessions",
    "flicked in",
    "heard “under you” within 30 s",
    "delay, median / p95",
    "praised while flicking",
    "“under you” per 30 min",
    "steps held, mean (runners with any)",
)


@dataclass(slots=True)
class Tally:
    """One line of the table."""

    name: str
    sessions: int = 0
    flicked: int = 0
    delays_s: list[float] = field(default_factory=list)
    praised: int = 0
    under_you: int = 0
    held_deg: list[float] = field(default_factory=list)

    def add(self, run: Run) -> None:
        """Count one half-hour."""
        self.sessions += 1
        under = run.of(CueKind.UNDER_YOU)
        self.under_you += len(under)
        self.praised += sum(
            flicking_at(run, cue.t_s - PRAISE_LATE_S) and flicking_at(run, cue.t_s) for cue in run.of(CueKind.RECOVERED)
        )
        began_s = flick_begins(run)
        if began_s is not None and sum(cue.t_s < began_s for cue in under) < CueSettings().unanswered:
            self.flicked += 1
            after = (max(cue.t_s - began_s, 0.0) for cue in under if cue.t_s >= began_s - HEARD_S)
            self.delays_s.append(next(after, math.inf))

    def cells(self) -> list[str]:
        """The line's columns."""
        delays = np.array(self.delays_s)
        heard = f"{100 * np.mean(delays <= HEARD_S):.1f} %" if len(delays) else ""
        quick = f"{np.median(delays):.0f} / {np.percentile(delays, 95, method='lower'):.0f} s" if len(delays) else ""
        held = (
            f"{np.mean(self.held_deg):.1f}° ({sum(deg > 0 for deg in self.held_deg)} of {len(self.held_deg)})"
            if self.held_deg
            else ""
        )
        per_run = f"{self.under_you / max(self.sessions, 1):.3f}"
        return [self.name, str(self.sessions), str(self.flicked), heard, quick, str(self.praised), per_run, held]


def flicking_at(run: Run, t_s: float) -> bool:
    """Whether the thigh had truly fallen back then."""
    return next((deg >= FLICKED_DEG for at_s, deg in reversed(run.flicked_deg) if at_s <= t_s), False)


def flick_begins(run: Run) -> float | None:
    """When the first clear flick began that lasted half a minute in which the coach might speak; None without one.

    One that was there from the start, left over from the run before, has not begun. In blocks without feedback, and
    while speed or picture forbid it, nothing is said.
    """
    times, fallen = np.array(run.flicked_deg).T
    begins = np.flatnonzero((fallen >= CLEAR_DEG) & (np.append(False, fallen[:-1] < CLEAR_DEG)))
    for i in begins:
        span = times[(times >= times[i]) & (times <= times[i] + HEARD_S)]
        lasted = fallen[np.isin(times, span)].min() >= CLEAR_DEG - 1.0
        if times[-1] > times[i] + HEARD_S and lasted and np.isin(span, run.open_s).mean() > MOSTLY:
            return float(times[i])
    return None


def flicker(rng: np.random.Generator, **changed: object) -> Runner:
    """A runner who follows every cue by a flick; `changed` fixes some of it."""
    of_flick = {"flicks": float(rng.uniform(0.8, 1.2)), "thigh_sds": float(np.clip(rng.standard_normal(), -2, 2))}
    return drawn(rng, **{"response": 1.0, **of_flick, **changed})


Scene = Callable[..., None]


def programme(tally: Tally, sessions: int, seed: int, stage: PoseStage, **changed: object) -> None:
    """Eight sessions of the programme each, every second day."""
    rng = np.random.default_rng(seed)
    for number in range(sessions // 8):
        profile, learned, runner = RunnerProfile(), 0.0, flicker(rng, **changed)
        for session in range(8):
            coaching = coached(CoachSettings(), profile, 20_000.0 + 2 * session)
            out, body = run_session(
                coaching, runner, seed=seed + 8 * number + session, stage=stage, learned_deg=learned
            )
            profile, learned = coaching.profile_after(), body.learned_deg
            tally.add(out)
        tally.held_deg.append(profile.progress.held_deg)


def dropping(tally: Tally, sessions: int, seed: int, stage: PoseStage, **changed: object) -> None:
    """Free runs in which the lift drops by 8° and the cue is answered by a flick, or by what `changed` says."""
    rng = np.random.default_rng(seed)
    for index in range(sessions):
        runner = flicker(rng, drops=((float(rng.uniform(300, 1200)), -8.0),), **changed)
        out, _ = run_session(coached(FREE), runner, seed=seed + index, stage=stage)
        tally.add(out)


def main() -> None:
    """Run the scenes and print the table."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sessions", type=int, default=2000, help="half-hours in all, about")
    ask.add_argument("--seed", type=int, default=1)
    o = ask.parse_args()
    scenes: tuple[tuple[str, float, Scene, PoseStage, dict[str, object]], ...] = (
        ("programme, flicks, typical", 0.3, programme, TYPICAL, {}),
        ("programme, flicks, hard noise", 0.15, programme, HARD, {}),
        ("drop of 8° answered by a flick, typical", 0.2, dropping, TYPICAL, {}),
        ("drop of 8° answered by a flick, hard noise", 0.1, dropping, HARD, {}),
        ("programme, flicks until told", 0.1, programme, TYPICAL, {"mends": 0.85}),
        ("programme, folds", 0.1, programme, TYPICAL, {"flicks": 0.0}),
        ("drop of 8° answered by a fold, hard noise", 0.05, dropping, HARD, {"flicks": 0.0}),
    )
    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    total = 0
    for number, (name, share, scene, stage, changed) in enumerate(scenes):
        tally = Tally(name)
        scene(tally, max(round(share * o.sessions / 8) * 8, 8), o.seed + 100_000 * number, stage, **changed)
        total += tally.sessions
        print("| " + " | ".join(tally.cells()) + " |", flush=True)
    print(f"\n{total} sessions, seed {o.seed}.")


if __name__ == "__main__":
    main()
