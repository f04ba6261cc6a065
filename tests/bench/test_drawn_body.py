"""A body drawn around measured legs: the joints lie under its skin, and in a mirror it is the same one."""

from __future__ import annotations

import numpy as np

from bench.drawn_body import Part, body
from coach.core.units import FloatArray

RUNNING = {
    "left_hip": (20.0, 850, -85),
    "left_knee": (260.0, 520, -75),
    "left_ankle": (-60.0, 420, -50),
    "left_heel": (-110.0, 410, -50),
    "left_foot_index": (-20.0, 300, -60),
    "right_hip": (-20.0, 860, 85),
    "right_knee": (-50.0, 460, 75),
    "right_ankle": (-180.0, 90, 50),
    "right_heel": (-220.0, 40, 50),
    "right_foot_index": (-60.0, 20, 60),
}
"""Millimetres, forward, up, right."""
JOINTS = {name: np.array(place) for name, place in RUNNING.items()}
MIRROR = np.array([1.0, 1.0, -1.0])


def balls(parts: list[Part]) -> FloatArray:
    """(n, 4) places and radii, in an order of their own."""
    rows = np.concatenate([np.column_stack([part.at_mm, part.radius_mm]) for part in parts]).round(6)
    return rows[np.lexsort(rows.T)]


def test_hips_knees_and_ankles_lie_in_the_middle_of_the_flesh() -> None:
    drawn = balls(body(JOINTS))[:, :3]
    for name in ("hip", "knee", "ankle"):
        for side in ("left", "right"):
            nearest_mm = np.linalg.norm(drawn - JOINTS[f"{side}_{name}"], axis=1).min()
            assert nearest_mm < 1e-6, f"{side} {name}"


def test_in_a_mirror_the_same_body_runs() -> None:
    """Who faces left is filmed in one: left is where right was, shoulders and arms too."""
    mirrored = balls(body({name: place * MIRROR for name, place in JOINTS.items()}))
    expected = balls([part._replace(at_mm=part.at_mm * MIRROR) for part in body(JOINTS)])
    np.testing.assert_allclose(mirrored, expected, atol=1e-5)


def test_shoulders_turn_against_the_pelvis() -> None:
    """The left hip is ahead here, so the right shoulder is."""
    trunk = body(JOINTS)[0].at_mm
    top = trunk[trunk[:, 1] > trunk[:, 1].max() - 1.0]
    assert top[top[:, 2].argmax(), 0] > top[top[:, 2].argmin(), 0]
