"""Legs that a network takes for each other, or lays together, are told apart again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.units import FloatArray
from coach.edges.pose.pose_reading import LegChoice, Places

THIGH_PX, SHANK_PX = 90.0, 88.0
STRIDE_S = 0.7
PASSING_PX = 40.0
"""While the knees pass each other one may be taken for the other, by 0.2 leg lengths at most; the ankles never."""


def leg(t_s: float) -> FloatArray:
    """(2, 2): knee and ankle from the hip of a running leg: thigh and knee swing like a runner's."""
    phase = 2 * np.pi * t_s / STRIDE_S
    thigh = np.radians(15 + 32 * np.cos(phase))
    flexion = np.radians(55 + 48 * np.cos(phase + 1.3))
    knee = THIGH_PX * np.array([np.sin(thigh), np.cos(thigh)])
    ankle = knee + SHANK_PX * np.array([np.sin(thigh - flexion), np.cos(thigh - flexion)])
    return np.array([knee, ankle])


def legs(t_s: float) -> FloatArray:
    """(2, 2, 2): left and right, half a stride apart."""
    return np.array([leg(t_s), leg(t_s + STRIDE_S / 2)])


@dataclass
class Network:
    """What a network answers: the true places, labelled right unless told otherwise."""

    swapped: bool = False
    collapsed: bool = False
    """The right leg's own maps show the left ankle more clearly than the right one."""

    def places(self, joints: FloatArray, joint: int) -> Places:
        sure, unsure = (0.15, 0.8) if self.swapped else (0.8, 0.15)
        xy = joints[:, joint]
        heat = np.array([[sure, unsure], [unsure, sure]])
        if self.collapsed and joint == 1:
            between = xy.mean(axis=0)
            return Places(np.array([*xy, between]), np.array([[0.8, 0.6], [0.1, 0.4], [0.05, 0.2]]))
        return Places(xy, heat)


def run(times: FloatArray, network_at: dict[int, Network], mirror: bool = False) -> FloatArray:
    """(n, 2): largest error of knees and of ankles in pixels, frame by frame."""
    choice, errors = LegChoice(), []
    for index, t_s in enumerate(times):
        joints = legs(t_s) * ((-1, 1) if mirror else (1, 1))
        network = network_at.get(index, Network())
        labelled = joints[::-1] if network.swapped else joints
        chosen = choice.choose(float(t_s), network.places(joints, 0), network.places(joints, 1), labelled)
        errors.append(np.abs(chosen.joints_px - joints).max(axis=(0, 2)))
    return np.array(errors)


def frames(seconds: float, fps: float) -> FloatArray:
    return np.arange(round(seconds * fps)) / fps


def test_legs_that_are_seen_rightly_stay_as_they_are() -> None:
    assert run(frames(3, 30), {}).max() == 0


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("start_s", [1.0, 1.17, 1.31, 1.46])
def test_a_short_exchange_of_the_legs_is_put_back(fps: float, start_s: float) -> None:
    burst = {round(start_s * fps) + k: Network(swapped=True) for k in range(max(2, round(0.1 * fps)))}
    knees_px, ankles_px = run(frames(2.5, fps), burst).T
    assert ankles_px.max() == 0
    assert knees_px.max() < PASSING_PX


@given(start=st.integers(30, 70), length=st.integers(1, 3), mirror=st.booleans())
@settings(max_examples=25, deadline=None)
def test_at_any_moment_and_whichever_way_the_runner_faces(start: int, length: int, mirror: bool) -> None:
    burst = {start + k: Network(swapped=True) for k in range(length)}
    knees_px, ankles_px = run(frames(3, 30), burst, mirror).T
    assert ankles_px.max() == 0
    assert knees_px.max() < PASSING_PX


def test_a_swing_ankle_laid_onto_the_stance_leg_is_found_at_its_own_place() -> None:
    burst = {45 + k: Network(collapsed=True) for k in range(4)}
    assert run(frames(2.5, 30), burst).max() == 0


def test_a_wrong_beginning_is_given_up_within_half_a_second() -> None:
    burst = {k: Network(swapped=True) for k in range(4)}
    errors = run(frames(2, 30), burst)
    assert errors[:4].max() > 50
    assert errors[20:].max() == 0


def test_after_a_gap_the_network_is_believed_again() -> None:
    times = np.concatenate([frames(1, 30), 1.5 + frames(1, 30)])
    assert run(times, {}).max() == 0


def test_how_clearly_each_joint_is_seen_is_told() -> None:
    joints = legs(0.1)
    chosen = LegChoice().choose(0.1, Network().places(joints, 0), Network().places(joints, 1), joints)
    assert chosen.heat == pytest.approx(np.full((2, 2), 0.8))


def test_two_frames_at_one_time_and_a_body_without_extent_do_no_harm() -> None:
    choice = LegChoice()
    for t_s in (0.0, 0.0, 0.0, 0.1):
        point = Places(np.zeros((1, 2)), np.full((1, 2), 0.5))
        chosen = choice.choose(t_s, point, point, np.zeros((2, 2, 2)))
        assert np.isfinite(chosen.joints_px).all()
