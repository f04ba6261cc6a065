"""Hips that are read beside where they are: what it does to the fold, and whether the runner's own legs can tell.

    COACH_TEST_DATA=DATA python -m bench.hips                     # what legs tell, at best
    COACH_TEST_DATA=DATA python -m bench.hips --filmed [--cases 6]    # and what Coach makes of such hips
    COACH_TEST_DATA=DATA python -m bench.hips --clips POSES       # which joint a network misreads, of drawn clips

*What legs tell*: true mean strides of 13 runners, seen exactly from the side, without noise, both hips moved by a known
amount. The hip is sought as the point about which the knee describes a circle (its length as it is in other runners, to
1.2 %), with thigh against shank as in other runners (their own spread) and the mean of both legs. *Filmed*: the same in
the pictures of `bench.camera_places`, noise and camera included. *Clips*: at each true peak one joint as a network has
it, the other two as drawn. POSES holds a recording of each clip (`coach analyze CLIP --record POSES/CLIP.jsonl`).
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.camera_places import peak_errors, recordings, trials, watch
from bench.measured import data_folder, filming
from coach.core.gait.kinematics import flexion_deg
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import LEG_ROWS, SIDES
from coach.core.units import ComplexArray, FloatArray
from coach.edges.files.poses_file import read_poses

OFFSETS_LL: Final = (0j, -0.035 + 0j, -0.035 + 0.02j, -0.035 + 0.05j, -0.035 + 0.1j, 0.05j)
"""Where hips are read against where they are, forward + i up: back under a shirt, high behind a rail."""
_PRIOR_LL: Final = (0.03, 0.05)
_ROUND_SD: Final = 0.012
_INDEPENDENT: Final = 4.0
"""Of the 40 places in the cycle; as in `coach.core.gait.sagittal_fit`."""
_SHARES: Final = np.linspace(0, 1, 40, endpoint=False)
_JOINTS: Final = ("hip", "knee", "ankle")


@dataclass(frozen=True, slots=True)
class MeanStride:
    """Of one leg of one trial, from its own hip in leg lengths, forward + i up: (40,) each."""

    trial: str
    knee: ComplexArray
    ankle: ComplexArray

    @property
    def runner(self) -> str:
        """Whose trial it is."""
        return self.trial.split("_", maxsplit=1)[0]

    @property
    def thigh_log(self) -> FloatArray:
        """Logarithm of the thigh's length, (40,)."""
        return np.asarray(np.log(np.abs(self.knee)))

    @property
    def ratio_log(self) -> float:
        """Logarithm of thigh against shank."""
        return float(self.thigh_log.mean() - np.log(np.abs(self.ankle - self.knee)).mean())

    @property
    def peak_deg(self) -> float:
        """The most that the knee is bent."""
        return max(map(flexion_deg, self.knee.tolist(), self.ankle.tolist()))

    def from_hip_at(self, moved_ll: complex) -> MeanStride:
        """As seen from a hip that is read so far beside."""
        return MeanStride(self.trial, self.knee - moved_ll, self.ankle - moved_ll)


def mean_strides(solids: dict[str, Any]) -> list[MeanStride]:
    """Of every leg."""
    found, names = [], filming().KEYPOINTS
    for name, solid in solids.items():
        for side in SIDES:
            hip, knee, ankle = (names.index(f"{side}_{joint}") for joint in _JOINTS)
            own = [stride for stride in solid.flat.strides if stride["side"] == side][2:12]
            spans = [(s["initial_contact_s"], s["end_s"]) for s in own]
            points = np.mean([solid.points(start + _SHARES * (end - start)) for start, end in spans], axis=0)
            place = (points[..., 0] + 1j * points[..., 1]) / solid.flat.leg_mm
            found.append(MeanStride(name, place[:, knee] - place[:, hip], place[:, ankle] - place[:, hip]))
    return found


def hip_ll(stride: MeanStride, others: list[MeanStride]) -> complex:
    """Where the hip seems to lie, from where it was read: regularised least squares about the knee's circle."""
    usual = np.mean([other.thigh_log - other.thigh_log.mean() for other in others], axis=0)
    ratios = [other.ratio_log for other in others]
    shank_log = float(np.log(np.abs(stride.ankle - stride.knee)).mean())
    weight = math.sqrt(_INDEPENDENT / len(_SHARES)) / _ROUND_SD

    def misfit(at: FloatArray) -> FloatArray:
        length = np.log(np.abs(stride.knee - complex(*at))) - usual
        ratio = (length.mean() - shank_log - np.mean(ratios)) / np.std(ratios)
        return np.concatenate([weight * (length - length.mean()), [ratio], at / _PRIOR_LL])

    at = np.zeros(2)
    for _ in range(6):
        now = misfit(at)
        slopes = np.column_stack([(misfit(at + nudge) - now) / 1e-4 for nudge in 1e-4 * np.eye(2)])
        at = at - np.linalg.solve(slopes.T @ slopes, slopes.T @ now)
    return complex(*at)


def what_legs_tell(strides: list[MeanStride]) -> None:
    """Peak as read and as corrected, hips moved by each offset."""
    print("hip read back, high, %   peak as read: error, deg   with the hip sought: error    RMS before → after")
    for offset in OFFSETS_LL:
        before, after = [], []
        for trial in dict.fromkeys(stride.trial for stride in strides):
            legs = [stride for stride in strides if stride.trial == trial]
            others = [stride for stride in strides if stride.runner != legs[0].runner]
            seen = [leg.from_hip_at(offset) for leg in legs]
            sought = complex(np.mean([hip_ll(leg, others) for leg in seen]))
            before += [s.peak_deg - leg.peak_deg for s, leg in zip(seen, legs, strict=True)]
            after += [s.from_hip_at(sought).peak_deg - leg.peak_deg for s, leg in zip(seen, legs, strict=True)]
        rms = [float(np.sqrt(np.mean(np.square(errors)))) for errors in (before, after)]
        print(f"{_place(offset)}   {_spread(before):>24s}   {_spread(after):>26s}    {rms[0]:.1f} → {rms[1]:.1f}")


def filmed(solids: dict[str, Any], cases: int) -> None:
    """Peak and camera as Coach reads them, five places each."""
    names = list(solids)
    hips = [filming().KEYPOINTS.index(f"{side}_hip") for side in SIDES]
    found: dict[complex, list[tuple[float, float, float]]] = defaultdict(list)
    for i in np.unique(np.linspace(0, len(names) - 1, min(cases, len(names))).round().astype(int)):
        for _, place, camera, recording in recordings(solids[names[i]], 0):
            own = [filming().KEYPOINTS.index(f"{camera.near}_{joint}") for joint in _JOINTS]
            leg_px = np.nanmedian(np.linalg.norm(np.diff(recording["xy"][:, own], axis=1), axis=2).sum(1))
            ahead = 1 if camera.facing == "right" else -1
            for offset in OFFSETS_LL:
                xy = recording["xy"].copy()
                xy[:, hips] += leg_px * np.array([ahead * offset.real, -offset.imag])
                seen = watch({**recording, "xy": xy}, Lens(camera.width, camera.height))
                errors = peak_errors(recording, camera.near, seen)[:, 0]
                own_strides = [s for s in seen.strides if s.valid and s.side == camera.near]
                stated = float(np.mean([s.peak_knee_flexion_sd_deg for s in own_strides]))
                found[offset].append((float(errors.mean()), seen.camera.yaw_deg - place.yaw_deg, stated))
    print("hip read back, high, %   near peak: error of a recording   yaw: error   stated SD of a stride")
    for offset, rows in found.items():
        peak, yaw, said = np.array(rows).T
        print(f"{_place(offset)}   {_spread(peak):>31s}   {_spread(yaw):>10s}   {said.mean():21.1f}")


def clips(folder: Path) -> None:
    """Errors at the peak by joint: medians of each clip, near and far."""
    print("clip                     leg    all    hip   knee  ankle alone, deg    ahead, high, % of the leg, each")
    for path in sorted(data_folder().glob("rendered/*.truth.json")):
        truth, name = json.loads(path.read_text()), path.name.removesuffix(".truth.json")
        _, frames = read_poses(folder / f"{name}.jsonl")
        seen = {round(t_s * truth["fps"]): pose for t_s, pose, _ in frames}
        for leg in ("near", "far"):
            rows = [row for stride in truth["strides"] if _counts(stride, leg) for row in _misread(stride, truth, seen)]
            degrees, places = (np.median(part, axis=0) for part in zip(*rows, strict=True))
            told = "  ".join(f"{100 * p.real:+.1f}, {100 * p.imag:+.1f}" for p in _pairs(places))
            print(f"{name:24s} {leg:4s} {''.join(f'{d:+7.1f}' for d in degrees)}                     {told}")


def _counts(stride: dict[str, Any], leg: str) -> bool:
    return bool(stride["complete"] and stride["in_frame"] == 1 and stride["near"] == (leg == "near"))


def _misread(stride: dict[str, Any], truth: dict[str, Any], seen: dict[int, Any]) -> Iterable[tuple[Any, Any]]:
    """Error of the peak with all joints as read, and with one of them; where each is read, (3, 2) in leg lengths."""
    frame = round(stride["peak_knee_flexion_s"] * truth["fps"])
    pose = seen.get(frame)
    if pose is None:
        return
    order = truth["per_frame"]["keypoints_px_order"]
    drawn = np.array(truth["per_frame"]["keypoints_px"][frame], float).reshape(-1, 2)
    true = _upright(drawn[[order.index(f"{stride['side']}_{joint}") for joint in _JOINTS]], truth)
    read = _upright(pose.xy_px[list(LEG_ROWS[stride["side"]][:3])], truth)
    peak_deg = _bent(true)
    alone = [_bent([*true[:i], read[i], *true[i + 1 :]]) - peak_deg for i in range(3)]
    apart = [(r - t) / truth["leg_length_px"] for r, t in zip(read, true, strict=True)]
    yield np.array([_bent(read) - peak_deg, *alone]), np.array([(a.real, a.imag) for a in apart])


def _upright(xy_px: FloatArray, truth: dict[str, Any]) -> list[complex]:
    """Forward + i up, pixels."""
    ahead = 1 if truth["facing"] == "right" else -1
    return [complex(ahead * x, -y) for x, y in xy_px.tolist()]


def _bent(joints: list[complex]) -> float:
    hip, knee, ankle = joints
    return flexion_deg(knee - hip, ankle - hip)


def _pairs(places: FloatArray) -> list[complex]:
    return [complex(x, y) for x, y in places.tolist()]


def _place(offset: complex) -> str:
    return f"{abs(100 * offset.real):11.1f} {100 * offset.imag:9.1f}"


def _spread(values: Sequence[float] | FloatArray) -> str:
    known = np.asarray(values)
    return f"{known.mean():+.1f} ± {known.std():.1f}"


def main() -> None:
    """Print one of the tables."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--filmed", action="store_true")
    ask.add_argument("--cases", type=int, default=6, help="trials, each filmed from five places")
    ask.add_argument("--clips", type=Path, metavar="POSES")
    o = ask.parse_args()
    if o.clips:
        clips(o.clips)
    elif o.filmed:
        filmed(trials(), o.cases)
    else:
        what_legs_tell(mean_strides(trials()))


if __name__ == "__main__":
    main()
