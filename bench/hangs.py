"""Pictures that never came: what is said of a fold over which the camera hung.

    COACH_TEST_DATA=DATA python -m bench.hangs [--every 6] [--seed 0]

Measured runners are filmed as `typical30`; from 10 s on the pictures of a span are left out, which begins at twelve
places of the stride in turn. Near leg: the strides in whose span, or up to 0.35 s from it, the fold lies.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.kinematics import poses
from bench.measured import scoring, trials_of
from coach.core.gait.gait_tracker import GaitTracker

HANGS_S: Final = (0.1, 0.2, 0.3, 0.4, 0.6, 1.0)
FROM_S: Final = 10.0
UNTIL_S: Final = 13.5
PLACES: Final = 12
NEAR_S: Final = 0.35


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
        for hang_s in HANGS_S:
            for begins_s in FROM_S + np.arange(PLACES) / PLACES * 0.75:
                ends_s = float(begins_s + hang_s)
                tracker = copy.deepcopy(begun)
                came = [f for f in frames if f[0] >= FROM_S and not begins_s <= f[0] < ends_s]
                strides = [s for frame in came for s in tracker.step(*frame).strides if s.near and s.valid]
                for one in true:
                    top_s = one["peak_knee_flexion_s"]
                    if not begins_s - NEAR_S < top_s < ends_s + NEAR_S:
                        continue
                    folds[hang_s] += 1
                    told = [s for s in strides if s.start_s < top_s < s.end_s]
                    errors[hang_s] += [s.peak_knee_flexion_deg - one["peak_knee_flexion_deg"] for s in told]
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
