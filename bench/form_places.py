"""How leg and trunk are held, filmed from anywhere: what is left of the camera's place, and whether it is stated.

    COACH_TEST_DATA=DATA python -m bench.form_places [--cases 12] [--seed 0]

The recordings of `bench.camera_places`, near leg, valid strides against the true ones. Taken as seen from the side, and
as the camera's place is found: mean over the recordings of their own means, and its root mean square; then how many
strides lie within what is stated of them. Distances in per cent of the leg.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any, Final

import numpy as np

from bench.camera_places import Yaws, chosen, recordings, trials, watch
from bench.posture import Errors, errors, trial_truths
from coach.core.gait.sagittal_view import Lens

MEASURES: Final = [
    "thigh_at_peak_deg",
    "thigh_forward_deg",
    "thigh_back_deg",
    "thigh_range_deg",
    "shank_at_contact_deg",
    "foot_ahead_ll",
]
Filmed = tuple[Errors, Errors]
"""Of one recording: taken as seen from the side, and with its camera's place."""


def filmed(trial: Any, seed: int) -> list[tuple[Yaws, Filmed]]:
    """One trial from every range of yaw."""
    found = []
    for yaws, _, camera, recording in recordings(trial, seed):
        known = trial_truths(trial.flat, camera.near)
        lenses = None, Lens(camera.width, camera.height)
        plain, placed = (errors(known, watch(recording, lens).strides, camera.near, MEASURES) for lens in lenses)
        found.append((yaws, (plain, placed)))
    return found


def report(found: list[tuple[Yaws, Filmed]]) -> None:
    """The table."""
    print("measure                 yaw, deg     plain: mean  rms   placed: mean  rms   within said %")
    by_yaws: dict[Yaws, list[Filmed]] = defaultdict(list)
    for yaws, both in found:
        by_yaws[yaws].append(both)
    for name in MEASURES:
        scale = 100 if name.endswith("_ll") else 1
        for yaws, rows in by_yaws.items():
            plain, placed = (
                scale * np.array([np.mean([off for off, _ in row[i][name]]) for row in rows]) for i in range(2)
            )
            strides = np.array([stride for row in rows for stride in row[1][name]])
            within = 100 * np.mean(abs(strides[:, 0]) <= strides[:, 1])
            print(
                f"{name:22}  {yaws[0]:+d}…{yaws[1]:+d}".ljust(36),
                f"{plain.mean():+9.1f} {np.sqrt(np.square(plain).mean()):4.1f}",
                f"{placed.mean():+14.1f} {np.sqrt(np.square(placed).mean()):4.1f} {within:12.0f}",
            )


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    ask.add_argument("--cases", type=int, default=12, help="trials, each filmed from five places")
    ask.add_argument("--seed", type=int, default=0)
    options = ask.parse_args()
    solids = trials()
    report([each for name in chosen(list(solids), options.cases) for each in filmed(solids[name], options.seed)])


if __name__ == "__main__":
    main()
