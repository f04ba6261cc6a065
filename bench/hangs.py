"""Pictures that never came: what is said of a fold over which the camera hung.

    COACH_TEST_DATA=DATA python -m bench.hangs [--every 6] [--seed 0]

Measured runners are filmed as `typical30`; from 10 s on the pictures of a span are left out, which begins at twelve
places of the stride in turn. Near leg: the strides in whose span, or up to 0.35 s from it, the fold lies.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from bench.kinematics import poses
from bench.measured import scoring, trials_of
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import Pose

HANGS_S: Final = (0.1, 0.2, 0.3, 0.4, 0.6, 1.0)
FROM_S: Final = 10.0
UNTIL_S: Final = 13.5
PLACES: Final = 12
USUAL_STRIDE_S: Final = 0.75
NEAR_S: Final = 0.35
Picture = tuple[float, Pose | None]


def main(arguments: Sequence[str] | None = None) -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--every", type=int, default=6, help="only every so many-th trial")
    ask.add_argument("--seed", type=int, default=0)
    o = ask.parse_args(arguments)
    trials = trials_of()
    errors: dict[float, list[float]] = {hang_s: [] for hang_s in HANGS_S}
    folds = dict.fromkeys(HANGS_S, 0)
    for name in list(trials)[:: o.every]:
        recording = scoring().film_case(name, "typical30", trials[name](), o.seed)
        true = [stride for stride in recording["truth"]["strides"] if stride["near"]]
        frames = [frame for frame in poses(recording) if frame[0] < UNTIL_S]
        begun = GaitTracker()
        for frame in frames:
            if frame[0] < FROM_S:
                begun.step(*frame)
        later = [frame for frame in frames if frame[0] >= FROM_S]
        for hang_s in HANGS_S:
            for begins_s in FROM_S + np.arange(PLACES) / PLACES * USUAL_STRIDE_S:
                ends_s = float(begins_s + hang_s)
                hidden = [one for one in true if begins_s - NEAR_S < one["peak_knee_flexion_s"] < ends_s + NEAR_S]
                came = [frame for frame in later if not begins_s <= frame[0] < ends_s]
                folds[hang_s] += len(hidden)
                errors[hang_s] += told_errors_deg(copy.deepcopy(begun), came, hidden)
    _tell(errors, folds)


def told_errors_deg(tracker: GaitTracker, came: Iterable[Picture], hidden: Iterable[dict[str, Any]]) -> list[float]:
    """Of the hidden strides, the error of every peak that was told as valid."""
    told = [s for picture in came for s in tracker.step(*picture).strides if s.near and s.valid]
    return [
        stride.peak_knee_flexion_deg - one["peak_knee_flexion_deg"]
        for one in hidden
        for stride in told
        if stride.start_s < one["peak_knee_flexion_s"] < stride.end_s
    ]


def _tell(errors: dict[float, list[float]], folds: dict[float, int]) -> None:
    print("| hang, s | folds near it | told, % | error: mean ± SD, ° | beyond 8°, % | worst, ° |")
    print("|---|---|---|---|---|---|")
    for hang_s, found in errors.items():
        error = np.array(found)
        print(
            f"| {hang_s} | {folds[hang_s]} | {100 * len(error) / folds[hang_s]:.0f} | "
            f"{error.mean():+.1f} ± {error.std():.1f} | {100 * np.mean(np.abs(error) > 8):.1f} | "
            f"{error[np.abs(error).argmax()]:+.1f} |"
        )


if __name__ == "__main__":
    main()
