"""How leg and trunk are held: the norms by speed, and how well the tracker measures them.

    COACH_TEST_DATA=DATA python -m bench.posture [--norms | --form | --demo] [--every 3] [--seed 1] [--conditions C]

Truth is markers and joint centres of the measured runners, with contacts of the force plate; a stride belongs to the
true one whose peak lies within 150 ms. `--form` measures all but the thigh at peak flexion, `--demo` takes the drawn
runner instead, who has a trunk.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from bench.kinematics import run
from bench.measured import scoring, trials_of
from coach.core.coaching.stride_record import STRIDE_COLUMNS
from coach.core.columns import Column
from coach.core.gait import Stride
from coach.core.gait.deviation import SLOW_S, SLOW_SHARE
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import SIDES, Keypoint, Pose, Side, other
from coach.core.units import FloatArray
from coach.edges.demo import DemoRunner, DemoSource

MATCH_S: Final = 0.15
CONDITIONS: Final = "clean60,typical60,typical30,hard30"
FLAT_SHARE: Final = (0.25, 0.5)
"""Of stance, in which a foot stands flat."""
STEP_S: Final = 0.002
FORM: Final = {
    column.name: column
    for column in STRIDE_COLUMNS
    if column.note.sd and column.note.norm is not None and column.name != "contact_time_s"
}
"""What is measured beside the lift, with its uncertainty and its norm."""
Truths = dict[str, float]


def ahead_deg(bones: FloatArray) -> FloatArray:
    """(..., 2) → (...): bones against the vertical; runners face +x."""
    return np.asarray(np.degrees(np.arctan2(bones[..., 0], -bones[..., 1])))


def thigh_deg(trial: Any, t_s: FloatArray, side: str) -> FloatArray:
    """The true thigh ahead of vertical."""
    points = trial.points(t_s, side)
    return ahead_deg(points["knee"] - points["hip"])


def strides_thigh_deg(trial: Any, side: str) -> tuple[FloatArray, FloatArray]:
    """Times of peak flexion in whole strides, and the true thigh at each."""
    peaks = np.array([s["peak_knee_flexion_s"] for s in trial.strides if s["side"] == side])
    return peaks, thigh_deg(trial, peaks, side)


def truths(points: Callable[[FloatArray, str], dict[str, FloatArray]], leg: float, stride: dict[str, Any]) -> Truths:
    """Every measure of one true stride: contact, toe-off, end and peak in s; points (n, 2) in any unit, y up.

    leg: thigh and shank in that unit.
    """
    side, start_s, off_s = stride["side"], stride["initial_contact_s"], stride["toe_off_s"]
    t_s = np.arange(start_s, stride["end_s"], STEP_S)
    own, far = points(t_s, side), points(t_s, other(side))
    thigh = ahead_deg(own["knee"] - own["hip"])
    foot = own["foot_index"] - own["heel"]
    pitch = np.degrees(np.unwrap(np.arctan2(foot[:, 1], foot[:, 0])))
    share = (t_s - start_s) / (off_s - start_s)
    flat = pitch[(share >= FLAT_SHARE[0]) & (share <= FLAT_SHARE[1])]
    back = int(thigh.argmin())
    ahead = back + int(thigh[back:].argmax())
    return {
        "thigh_at_peak_deg": float(np.interp(stride["peak_knee_flexion_s"], t_s, thigh)),
        "thigh_forward_deg": float(thigh.max()),
        "thigh_back_deg": -float(thigh.min()),
        "thigh_range_deg": float(np.ptp(thigh)),
        "thigh_swing_dps": float((thigh[ahead] - thigh[back]) / max(t_s[ahead] - t_s[back], STEP_S)),
        "shank_at_contact_deg": float(ahead_deg(own["ankle"] - own["knee"])[0]),
        "foot_ahead_ll": float((own["ankle"] - own["hip"])[0, 0] / leg),
        "foot_at_contact_deg": float(pitch[0] - flat.mean()),
        "vertical_oscillation_ll": float(np.ptp(own["hip"][:, 1] + far["hip"][:, 1]) / 2 / leg),
        "duty_factor": float((off_s - start_s) / (stride["end_s"] - start_s)),
    }


def trial_truths(trial: Any, side: str) -> list[tuple[float, Truths]]:
    """(time of peak flexion, every measure) of the whole strides of one leg."""
    leg = trial.fine[side]["leg"]
    return [
        (stride["peak_knee_flexion_s"], truths(trial.points, leg, stride))
        for stride in trial.strides
        if stride["side"] == side
    ]


def runners_means() -> dict[str, dict[float, list[float]]]:
    """By measure and speed: each of the 13 runners' mean, legs averaged."""
    means: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for build in trials_of().values():
        trial = build()
        legs = [[true for _, true in trial_truths(trial, side)] for side in ("left", "right")]
        for name in legs[0][0]:
            each = [np.mean([true[name] for true in leg]) for leg in legs]
            means[name][trial.speed_mps].append(float(np.mean(each)))
    return means


def norms() -> None:
    """Mean and spread between runners by speed, and what stands with the field."""
    print("| measure | 2.5 m/s | 3.5 m/s | 4.5 m/s | stands with the field |\n|---|---|---|---|---|")
    for name, by_speed in runners_means().items():
        scale, digits = (100, 1) if name in {"foot_ahead_ll", "vertical_oscillation_ll", "duty_factor"} else (1, 1)
        cells = [
            f"{scale * np.mean(by_speed[v]):.{digits}f} ± {scale * np.std(by_speed[v], ddof=1):.{digits}f}"
            for v in sorted(by_speed)
        ]
        norm = next(column.note.norm for column in STRIDE_COLUMNS if column.name == name)
        print(f"| `{name}` | {' | '.join(cells)} | {norm.source if norm else 'none'} |")


Errors = dict[str, list[tuple[float, float]]]


def errors(known: list[tuple[float, Truths]], strides: list[Stride], side: Side, names: list[str]) -> Errors:
    """(reported minus true, stated uncertainty) of the valid strides of a leg, by measure."""
    found: Errors = defaultdict(list)
    peaks = np.array([at_s for at_s, _ in known])
    for stride in strides:
        i = int(np.abs(peaks - stride.peak_knee_flexion_s).argmin())
        if stride.side != side or not stride.valid or abs(peaks[i] - stride.peak_knee_flexion_s) > MATCH_S:
            continue
        for name in names:
            told = getattr(stride, name)
            if np.isfinite(told):
                stated = getattr(stride, FORM[name].note.sd)
                found[name].append((told - known[i][1][name], stated))
    return found


class Table:
    """Errors gathered case by case."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._found: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
        self._biases: dict[tuple[str, str, str], list[float]] = defaultdict(list)

    def add(self, condition: str, leg: str, found: Errors) -> None:
        """One case's errors."""
        for name, pairs in found.items():
            self._found[name, condition, leg] += pairs
            self._biases[name, condition, leg].append(float(np.mean([error for error, _ in pairs])))

    def show(self) -> None:
        """Bias, SD and stated SD over all strides, by measure, condition and leg."""
        head = ("measure", "condition", "leg", "strides", "bias", "SD of trials", "SD a stride", "stated")
        print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for (name, condition, leg), pairs in sorted(self._found.items(), key=lambda kv: list(FORM).index(kv[0][0])):
            error, stated = np.array(pairs).T
            figures = (
                error.mean(),
                np.std(self._biases[name, condition, leg]),
                error.std(),
                np.sqrt((stated**2).mean()),
            )
            scale, unit = scaled(FORM[name])
            told = " | ".join(f"{scale * figure:{sign}.2f}{unit}" for figure, sign in zip(figures, "+---", strict=True))
            print(f"| `{name}` | {condition} | {leg} | {len(error)} | {told} |")


def scaled(column: Column) -> tuple[float, str]:
    """How a measure's errors are printed: scale and unit."""
    return {"deg": (1.0, "°"), "dps": (1.0, "°/s")}.get(column.note.unit, (100.0, " %"))


def accuracy(conditions: list[str], every: int, seed: int, names: list[str]) -> None:
    """The tracker on the measured runners."""
    rules, table = scoring(), Table()
    for name, build in list(trials_of().items())[::every]:
        trial = build()
        for condition in conditions:
            recording = rules.film_case(name, condition, trial, seed)
            _, strides, _ = run(recording)
            near = recording["truth"]["near_side"]
            for leg, side in (("near", near), ("far", rules.OTHER[near])):
                table.add(condition, leg, errors(trial_truths(trial, side), strides, side, names))
    table.show()


DEMO_NOISE_LL: Final = {"clean": 0.0, "typical": 0.010, "hard": 0.016}
"""SD of each coordinate, as in the conditions of the measured runners."""


def demo(seed: int, names: list[str]) -> None:
    """The tracker on the demo's runner: four speeds, either way, a pose network's noise, 30 pictures a second."""
    table = Table()
    for number, speed_mps in enumerate((2.5, 3.0, 3.5, 4.5)):
        for facing in SIDES:
            for condition, noise_ll in DEMO_NOISE_LL.items():
                strides, known = demo_run(facing, speed_mps, noise_ll, seed + number)
                legs: tuple[tuple[str, Side], ...] = (("near", facing), ("far", other(facing)))
                for leg, side in legs:
                    table.add(condition, leg, errors(known[side], strides, side, names))
    table.show()


def demo_run(
    facing: Side, speed_mps: float, noise_ll: float, seed: int, seconds: float = 40.0
) -> tuple[list[Stride], dict[str, list[tuple[float, Truths]]]]:
    """Strides as measured and as they were, by leg."""
    runner = DemoRunner(facing=facing, speed_mps=speed_mps, heel_lift=0.0, seed=seed)
    truth = DemoSource(runner).truth
    rng, tracker = np.random.default_rng([seed, 7]), GaitTracker()
    strides: list[Stride] = []
    slow = rng.standard_normal((len(Keypoint), 2))
    keep = np.exp(-1 / 30 / SLOW_S)
    for t_s in np.arange(1, seconds * 30) / 30:
        slow = keep * slow + np.sqrt(1 - keep**2) * rng.standard_normal(slow.shape)
        error = np.sqrt(SLOW_SHARE) * slow + np.sqrt(1 - SLOW_SHARE) * rng.standard_normal(slow.shape)
        xy_px = truth.frame(float(t_s)).xy_px + noise_ll * truth.stage.ll_px * error
        strides += tracker.step(float(t_s), Pose(float(t_s), xy_px, np.ones(len(Keypoint)))).strides
    known: dict[str, list[tuple[float, Truths]]] = {"left": [], "right": []}
    for one in truth.strides(2.0, seconds):
        stride = {
            "side": one.side,
            "initial_contact_s": one.start_s,
            "toe_off_s": one.toe_off_s,
            "end_s": one.end_s,
            "peak_knee_flexion_s": one.peak_knee_flexion_s,
        }
        leans = [runner.at(float(t)).lean_deg for t in np.arange(one.start_s, one.end_s, 0.01)]
        told = truths(demo_points(runner), 1.0, stride) | {"trunk_lean_deg": float(np.mean(leans))}
        known[one.side].append((one.peak_knee_flexion_s, told))
    return strides, known


def demo_points(runner: DemoRunner) -> Callable[[FloatArray, str], dict[str, FloatArray]]:
    """The drawn runner's points in leg lengths, as a measured trial has them."""

    def points(t_s: FloatArray, side: str) -> dict[str, FloatArray]:
        legs = [runner.legs.at("left" if side == "left" else "right", float(t)) for t in t_s]
        places = {"hip": "hip", "knee": "knee", "ankle": "ankle", "heel": "heel", "foot_index": "toe"}
        return {name: np.array([getattr(leg, place) for leg in legs]) for name, place in places.items()}

    return points


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = ask.add_mutually_exclusive_group()
    what.add_argument("--norms", action="store_true", help="only the norms")
    what.add_argument("--form", action="store_true", help="all that is measured beside the lift")
    what.add_argument("--demo", action="store_true", help="the same on the demo's runner, trunk included")
    ask.add_argument("--every", type=int, default=1, help="only every so many-th trial")
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--conditions", default=CONDITIONS)
    o = ask.parse_args()
    of_legs = [name for name in FORM if name != "trunk_lean_deg"]
    if o.norms:
        norms()
    elif o.demo:
        demo(o.seed, list(FORM))
    else:
        names = [n for n in of_legs if n != "thigh_at_peak_deg"] if o.form else ["thigh_at_peak_deg"]
        accuracy(o.conditions.split(","), o.every, o.seed, names)


if __name__ == "__main__":
    main()
