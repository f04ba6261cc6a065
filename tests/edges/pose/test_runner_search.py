"""Who runs: people made of a few landmarks, standing, walking by and running."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from coach.edges.pose.people_finder import Person
from coach.edges.pose.runner_search import RunnerSearch, moves_in_place, sighting

Motion = Callable[[float], Person]


def person(t_s: float, *, x_px: float, height_px: float, steps_per_s: float, opening: float, speed: float) -> Person:
    """Somebody whose ankles open and close.

    opening: largest distance of the ankles, in heights. speed: heights a second to image-right.
    """
    xy_px = np.zeros((33, 2))
    x_px += speed * height_px * t_s
    xy_px[:, 0] = x_px
    xy_px[:, 1] = np.linspace(400 - height_px, 400, 33)
    xy_px[[23, 24]] = (x_px, 400 - 0.5 * height_px)
    apart_px = opening * height_px * np.cos(np.pi * steps_per_s * t_s)
    xy_px[27], xy_px[28] = (x_px + apart_px / 2, 390), (x_px - apart_px / 2, 390)
    return Person(xy_px, np.ones(33))


def runner(t_s: float) -> Person:
    return person(t_s, x_px=320, height_px=300, steps_per_s=2.8, opening=0.45, speed=0)


def mirror_image(t_s: float) -> Person:
    return person(t_s, x_px=560, height_px=220, steps_per_s=2.8, opening=0.45, speed=0)


def large_bystander(t_s: float) -> Person:
    return person(t_s, x_px=100, height_px=380, steps_per_s=0, opening=0.06, speed=0)


def passer_by(t_s: float) -> Person:
    return person(t_s, x_px=80, height_px=330, steps_per_s=1.8, opening=0.3, speed=0.7)


def slow_walker_on_the_belt(t_s: float) -> Person:
    return person(t_s, x_px=320, height_px=300, steps_per_s=1.7, opening=0.3, speed=0)


def watch(search: RunnerSearch, motions: Sequence[Motion], start_s: float, seconds: float, fps: float) -> Motion | None:
    """Who is chosen, looking at all of them for so long."""
    for k in range(round(seconds * fps)):
        t_s = start_s + k / fps
        people = [motion(t_s) for motion in motions]
        chosen = search.choose(people, t_s)
        for motion, someone in zip(motions, people, strict=True):
            if chosen is someone:
                return motion
    return None


def followed(motion: Motion, seconds: float = 2.0, fps: float = 30.0) -> RunnerSearch:
    """A search after somebody was followed from 0 s on."""
    search = RunnerSearch()
    search.choose([motion(0.0)], 0.0)
    for k in range(round(seconds * fps)):
        search.follow(sighting(motion(k / fps), k / fps))
    return search


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize(
    ("motion", "moves"),
    [
        (runner, True),
        (mirror_image, True),
        (slow_walker_on_the_belt, True),
        (large_bystander, False),
        (passer_by, False),
    ],
)
def test_running_in_place_is_told_from_standing_and_from_passing_by(motion: Motion, moves: bool, fps: float) -> None:
    for start_s in np.arange(0, 1, 0.13):
        assert moves_in_place([sighting(motion(t), t) for t in start_s + np.arange(0, 0.8, 1 / fps)]) is moves


def test_too_short_a_look_says_nothing() -> None:
    assert not moves_in_place([sighting(runner(t), t) for t in (0.0, 0.1, 0.2)])


def test_somebody_alone_is_taken_at_once() -> None:
    assert RunnerSearch().choose([large_bystander(0.0)], 0.0) is not None


@pytest.mark.parametrize("fps", [12.0, 30.0, 60.0])
def test_of_several_the_one_who_runs_in_place_is_taken(fps: float) -> None:
    everybody = [large_bystander, passer_by, mirror_image, runner]
    assert watch(RunnerSearch(), everybody, 0.0, 1.0, fps) is runner
    assert watch(RunnerSearch(), everybody[::-1], 0.4, 1.0, fps) is runner


def test_whoever_is_chosen_was_watched_since_he_came() -> None:
    search = RunnerSearch()
    assert watch(search, [large_bystander], 0.0, 0.02, 50.0) is large_bystander
    assert search.chosen_since_s == 0.0, "alone: at once"
    search = followed(runner)
    search.lose()
    assert watch(search, [large_bystander], 3.0, 5.0, 30.0) is None
    assert watch(search, [large_bystander, runner], 8.0, 1.0, 30.0) is runner
    assert search.chosen_since_s == 8.0


def test_while_nobody_moves_the_largest_is_taken() -> None:
    def smaller(t_s: float) -> Person:
        return person(t_s, x_px=500, height_px=250, steps_per_s=0, opening=0.05, speed=0)

    assert watch(RunnerSearch(), [smaller, large_bystander], 0.0, 1.0, 30.0) is large_bystander


def test_whoever_was_seen_running_is_locked_on_to_and_a_bystander_is_not() -> None:
    assert followed(runner).locked
    assert not followed(large_bystander).locked


def test_a_bystander_who_was_taken_first_is_left_for_the_runner() -> None:
    search = followed(large_bystander)
    chosen = None
    for k in range(30):
        t_s = 3 + k / 30
        people = [large_bystander(t_s), runner(t_s)]
        chosen = chosen or search.mover(people, t_s)
    assert chosen is not None
    assert chosen.xy_px[23, 0] == 320


def test_after_a_loss_the_runner_is_taken_back_at_once_on_the_belt() -> None:
    search = followed(runner)
    search.lose()
    assert watch(search, [runner], 5.0, 0.05, 30.0) is runner


def test_nobody_else_takes_over_while_the_runner_is_away() -> None:
    search = followed(runner)
    search.lose()
    assert watch(search, [large_bystander], 3.0, 5.0, 30.0) is None
    assert watch(search, [passer_by], 8.0, 0.5, 30.0) is None
    assert watch(search, [large_bystander, runner], 10.0, 1.0, 30.0) is runner


def test_after_a_long_absence_the_belt_is_free_for_anybody() -> None:
    search = followed(runner)
    search.lose()
    assert watch(search, [large_bystander], 60.0, 0.1, 30.0) is large_bystander


def test_a_lock_is_earned_anew_after_every_loss() -> None:
    search = followed(runner)
    search.lose()
    assert not search.locked


def large_bystander_who_steps_about(t_s: float) -> Person:
    return person(t_s, x_px=100, height_px=380, steps_per_s=1.5, opening=0.2, speed=0)


@pytest.mark.parametrize("fps", [15.0, 30.0])
def test_a_larger_bystander_who_steps_about_is_not_picked_over_the_runner(fps: float) -> None:
    assert watch(RunnerSearch(), [large_bystander_who_steps_about, runner], 0.0, 2.0, fps) is runner


def test_somebody_who_steps_about_is_followed_but_others_are_still_looked_for() -> None:
    assert not followed(large_bystander_who_steps_about).locked
    assert followed(runner).locked
