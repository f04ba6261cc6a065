"""The gait tracker as a runner would meet it."""

from __future__ import annotations

import copy
import math
from collections import deque
from itertools import pairwise

import numpy as np
import pytest

from coach.core.gait import Activity, EventKind
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.quality import RejectReason, Trust
from coach.core.pose import LEG_ROWS, Pose, Side, other
from coach.core.session.cycles import CycleBook, merged
from tests.core.movers import LEG_PX, as_pose, film, run_knee_deg, running, standing, swap_legs, walking
from tests.core.watched import Film, Watched, watch
from tests.synth import synthetic_run

HZ = 1.4


def steady(seconds: float = 9.0, fps: float = 30.0, **more: object) -> list[tuple[float, Pose | None]]:
    return film(np.arange(round(seconds * fps)) / fps, noise_ll=0.008, **more)  # type: ignore[arg-type]


def changed(frames: Film, from_s: float, to_s: float, how: object) -> list[tuple[float, Pose | None]]:
    """The recording with `how(t, pose)` in place of the poses of a span; None: nobody is seen."""
    out: list[tuple[float, Pose | None]] = []
    for t, pose in frames:
        inside = from_s <= t < to_s
        out.append((t, (how(t, pose) if callable(how) else None) if inside else pose))
    return out


@pytest.fixture(scope="module")
def run() -> Watched:
    return watch(steady())


def test_a_steady_run_is_measured_from_the_first_strides_on(run: Watched) -> None:
    near = run.valid("right")
    assert len(near) >= 9
    assert np.mean([s.peak_knee_flexion_deg for s in near]) == pytest.approx(100.0, abs=1.0)
    assert np.std([s.peak_knee_flexion_deg for s in near]) < 1.8
    assert run.last.cadence_spm == pytest.approx(120 * HZ, abs=0.5)
    assert run.last.view.facing == run.last.view.near_side == "right"
    assert run.last.activity is Activity.RUNNING
    assert run.last.trust is Trust.MEASURING
    assert run.last.leg_length_px == pytest.approx(200.0, rel=0.01)


def test_until_a_stride_is_believed_cadence_comes_from_the_rhythm_and_counts_both_feet() -> None:
    """A knee no runner has: no stride is trusted, and yet everybody can count the steps."""
    rng = np.random.default_rng(0)
    times_s = np.arange(120) / 30
    seen = watch([(t, as_pose(t, running(t, peak_deg=156.0) + rng.normal(0, 1.6, (13, 2)))) for t in times_s.tolist()])
    shown = [update.cadence_spm for update in seen.updates if math.isfinite(update.cadence_spm)]

    assert not any(stride.valid for stride in seen.strides)
    assert shown[0] == pytest.approx(120 * HZ, abs=3.0)


def test_every_number_of_a_valid_stride_is_known_and_hangs_together(run: Watched) -> None:
    for s in run.strides:
        if not s.valid:
            continue
        assert s.start_s == s.initial_contact_s < s.toe_off_s < s.peak_knee_flexion_s < s.end_s
        assert s.contact_time_s == pytest.approx(s.toe_off_s - s.start_s)
        assert s.cadence_spm == pytest.approx(120 / (s.end_s - s.start_s))
        assert 0.55 < s.min_hip_heel_ll < 0.75
        assert 0.3 < s.heel_rise_ll < 0.6
        assert 0.05 < s.flight_time_s < 0.2
        assert s.vertical_oscillation_ll == pytest.approx(0.07, abs=0.02)
        assert 0.3 < s.peak_knee_flexion_sd_deg < 3.0
        assert 0.008 < s.contact_time_sd_s < 0.03


def test_contact_of_a_runner_who_drags_is_stated_less_sure() -> None:
    """The ankle is up later than any measured runner's: when the toe left is not known."""
    sd_s = []
    for peak_deg in (75.0, 110.0):
        frames = [(t, as_pose(t, running(t, hz=1.17, peak_deg=peak_deg))) for t in (np.arange(240) / 30).tolist()]
        sd_s.append(np.mean([stride.contact_time_sd_s for stride in watch(frames).valid("right")]))

    assert sd_s[0] > 1.4 * sd_s[1]


def test_strides_of_one_leg_follow_one_another_without_gap_or_overlap(run: Watched) -> None:
    for side in ("left", "right"):
        own = [s for s in run.strides if s.side == side]
        for before, after in pairwise(own):
            assert after.start_s == before.end_s


def test_the_live_curve_is_where_the_knee_is_without_delay(run: Watched) -> None:
    late = [u for u in run.updates if u.t_s > 4]
    error = [u.right.knee_flexion_deg - run_knee_deg((u.t_s * HZ + 0.5) % 1) for u in late]
    assert math.sqrt(np.mean(np.square(error))) < 2.0
    assert all(0 <= u.right.phase < 1 for u in late)
    assert all(0.5 < u.right.hip_heel_ll < 1.15 for u in late)


def test_events_come_in_order_once_each_and_soon(run: Watched) -> None:
    kinds = (EventKind.INITIAL_CONTACT, EventKind.TOE_OFF, EventKind.MID_SWING)
    for side in ("left", "right"):
        told = [(u.t_s, e) for u in run.updates for e in u.events if e.side == side and u.t_s > 4]
        order = [kinds.index(e.kind) for _, e in told]
        assert all((b - a) % 3 == 1 for a, b in pairwise(order))
        assert all(-0.002 <= seen_s - e.t_s < 0.08 for seen_s, e in told)


def test_the_live_cycle_is_that_of_the_strides(run: Watched) -> None:
    book = CycleBook()
    for update in run.updates:
        book.add_frame(update)
        for stride in update.strides:
            book.add_stride(stride)
    cycle = merged(block.cycle for block in book.blocks() if block.side == "right")
    assert cycle is not None
    assert cycle.mean_deg.max() == pytest.approx(100.0, abs=2.0)
    now = run.last.near_cycle
    assert now is not None
    live = now.knee_deg
    assert live.shape == (101,)
    assert live[0] == pytest.approx(live[-1])
    assert np.abs(live - cycle.mean_deg).mean() < 2.5
    near = run.valid("right")[-1]
    assert now.thigh_deg.max() == pytest.approx(near.thigh_forward_deg, abs=1.0)
    assert now.lever_ll.min() == pytest.approx(near.min_hip_heel_ll, abs=0.02)


def test_a_second_of_nothing_is_bridged_and_five_seconds_are_not() -> None:
    for length_s, within_s in ((0.2, 0.8), (5.0, 4.0)):
        seen = watch(changed(steady(15.0), 5.0, 5.0 + length_s, None))
        inside = [s for s in seen.strides if s.valid and 5.05 < s.peak_knee_flexion_s < 4.95 + length_s]
        assert length_s < 1 or not inside
        back = [s.peak_knee_flexion_s for s in seen.valid("right") if s.peak_knee_flexion_s > 5 + length_s]
        assert back[0] < 5 + length_s + within_s
        assert all(s.peak_knee_flexion_deg == pytest.approx(100, abs=6) for s in seen.valid("right"))


def test_a_fold_whose_pictures_never_came_is_no_number() -> None:
    """A camera that hangs sends nothing: there is no frame in which a leg could not be read."""
    frames, begun = steady(7.5), GaitTracker()
    before = [stride for frame in frames[:150] for stride in begun.step(*frame).strides]
    assert len(before) > 8

    for hang_s in (0.45, 0.8):
        for begins_s in np.arange(5.0, 5.0 + 1 / HZ, 0.06):
            tracker = copy.deepcopy(begun)
            left = [frame for frame in frames[150:] if not begins_s <= frame[0] < begins_s + hang_s]
            strides = [stride for frame in left for stride in tracker.step(*frame).strides]
            read = [stride for stride in strides if stride.near and stride.valid]

            assert len(read) >= 1
            for stride in read:
                assert stride.peak_knee_flexion_deg == pytest.approx(100, abs=6)
                assert not begins_s + 0.1 < stride.peak_knee_flexion_s < begins_s + hang_s - 0.1


def test_nobody_is_away_and_no_number_is_shown() -> None:
    seen = watch(changed(steady(8.0), 5.0, 9.0, None))
    assert seen.last.activity is Activity.AWAY
    assert seen.last.trust is Trust.PAUSED
    assert math.isnan(seen.last.right.knee_flexion_deg)
    assert math.isnan(seen.last.cadence_spm)
    assert math.isnan(seen.last.position_ll)


def test_swapped_legs_are_put_back() -> None:
    rng = np.random.default_rng(4)
    bursts = np.repeat(rng.random(100) < 0.12, 4)
    frames = [
        (t, as_pose(t, swap_legs(p.xy_px)) if p is not None and bursts[i % 400] else p)
        for i, (t, p) in enumerate(steady(12.0))
    ]
    seen = watch(frames)
    near = [s for s in seen.valid("right") if s.start_s > 3]
    assert len(near) >= 9
    assert max(abs(s.peak_knee_flexion_deg - 100) for s in near) < 5


def collapsed(t_s: float, pose: Pose | None) -> Pose | None:
    """The near leg drawn onto the far one where it is bent most."""
    if pose is None or abs((t_s * HZ + 0.5) % 1 - 0.67) > 0.18:
        return pose
    xy = pose.xy_px.copy()
    xy[list(LEG_ROWS["right"])[1:]] = xy[list(LEG_ROWS["left"])[1:]] + 2.0
    return as_pose(t_s, xy)


def test_a_collapsed_swing_is_rejected_and_never_read_as_a_low_heel() -> None:
    seen = watch(changed(steady(12.0), 6.0, 8.0, collapsed))
    assert all(abs(s.peak_knee_flexion_deg - 100) < 6 for s in seen.valid("right"))
    reasons = {s.reject_reason for s in seen.strides if s.side == "right" and 6 < s.peak_knee_flexion_s < 8}
    assert reasons & {RejectReason.LEG_COLLAPSED, RejectReason.TOO_FEW_FRAMES}


def knees_as_one(t_s: float, pose: Pose) -> tuple[float, Pose]:
    """The near knee of a swing read where the stance knee is while both are close, as in one dark mass."""
    xy = pose.xy_px.copy()
    (hip, knee, ankle, *_), (_, other_knee, other_ankle, *_) = (xy[list(LEG_ROWS[side])] for side in ("right", "left"))
    leg_px = np.hypot(*(knee - hip)) + np.hypot(*(ankle - knee))
    if ankle[1] < other_ankle[1] and np.hypot(*(other_knee - knee)) < 0.2 * leg_px:
        xy[LEG_ROWS["right"][1]] = other_knee
    return t_s, as_pose(t_s, xy)


def test_a_slow_jog_whose_knees_are_read_as_one_shows_no_number_in_place_of_a_high_one() -> None:
    run = synthetic_run(speed_mps=2.0, heel_lift_deg=-12.0, duration_s=6.0, noise_ll=0.006)
    clear, as_one = (
        [stride for stride in watch(film).strides if stride.near]
        for film in ([(p.t_s, p) for p in run.poses], [knees_as_one(p.t_s, p) for p in run.poses])
    )
    assert all(s.valid and s.peak_knee_flexion_deg == pytest.approx(74, abs=4) for s in clear)
    assert np.mean([s.peak_knee_flexion_deg for s in as_one]) > 81
    assert {s.reject_reason for s in as_one} == {RejectReason.LEG_COLLAPSED}


def test_a_lower_heel_lift_is_told_from_the_first_stride_on() -> None:
    def lower(t_s: float, pose: Pose | None) -> Pose | None:
        return as_pose(t_s, running(t_s, peak_deg=88.0))

    seen = watch(changed(steady(12.0), 6.12, 99.0, lower))
    after = [s for s in seen.valid("right") if s.start_s > 6.12]
    true = max(run_knee_deg(share, 88.0) for share in np.linspace(0.5, 0.8, 200))
    assert after[0].peak_knee_flexion_deg == pytest.approx(true, abs=4.5)
    assert after[3].peak_knee_flexion_deg == pytest.approx(true, abs=1.5)


@pytest.mark.parametrize("noise_px", [0.0, 2.5])
def test_a_walker_is_a_walker_and_makes_no_valid_stride(noise_px: float) -> None:
    rng = np.random.default_rng(0)
    seen = watch((i / 30, as_pose(i / 30, walking(i / 30) + rng.normal(0, noise_px, (13, 2)))) for i in range(240))
    assert seen.last.activity is Activity.WALKING
    assert seen.last.trust is not Trust.MEASURING
    assert {s.reject_reason for s in seen.strides} <= {RejectReason.NOT_RUNNING}


def test_somebody_who_stands_stands() -> None:
    rng = np.random.default_rng(0)
    seen = watch((i / 30, as_pose(i / 30, standing() + rng.normal(0, 2.5, (13, 2)))) for i in range(120))
    assert seen.last.activity is Activity.STANDING
    assert not seen.strides
    assert seen.last.right.knee_flexion_deg == pytest.approx(6.0, abs=4.0)


def test_who_stops_running_is_not_running_a_second_later() -> None:
    rng = np.random.default_rng(0)

    def stop(t_s: float, pose: Pose | None) -> Pose | None:
        return as_pose(t_s, standing() + rng.normal(0, 2.0, (13, 2)))

    seen = watch(changed(steady(9.0), 6.0, 99.0, stop))
    assert next(u for u in seen.updates if u.t_s > 7.5).activity is Activity.STANDING
    assert not [s for s in seen.strides if s.valid and s.peak_knee_flexion_s > 6.1]


def test_walking_then_running_is_measured_soon_after_the_change() -> None:
    def walk(t_s: float, pose: Pose | None) -> Pose | None:
        return as_pose(t_s, walking(t_s))

    seen = watch(changed(steady(13.0), 0.0, 6.0, walk))
    near = seen.valid("right")
    assert near
    assert 6.0 < near[0].start_s < 9.5
    assert len(near) >= 4
    assert all(s.peak_knee_flexion_deg == pytest.approx(100, abs=6) for s in near)


def test_a_far_leg_drawn_onto_the_near_one_is_withheld() -> None:
    def drawn(t_s: float, pose: Pose | None) -> Pose | None:
        xy = running(t_s)
        far = list(LEG_ROWS["left"])
        xy[far] = 0.67 * xy[far] + 0.33 * xy[list(LEG_ROWS["right"])]
        return as_pose(t_s, xy + np.random.default_rng(round(t_s * 30)).normal(0, 1.5, (13, 2)))

    seen = watch(changed(steady(9.0), 0.0, 99.0, drawn))
    assert not seen.valid("left")
    assert RejectReason.FAR_LEG in {s.reject_reason for s in seen.strides if s.side == "left"}
    assert not seen.last.far_leg_trusted
    assert math.isnan(seen.last.left.knee_flexion_deg)
    assert len(seen.valid("right")) >= 7


def test_a_far_leg_that_is_seen_as_it_is_earns_its_place(run: Watched) -> None:
    assert run.last.far_leg_trusted
    assert len(run.valid("left")) >= 5


def test_where_the_runner_drifts_on_the_belt_is_told_in_leg_lengths() -> None:
    def ahead(t_s: float, pose: Pose | None) -> Pose | None:
        assert pose is not None
        return as_pose(t_s, pose.xy_px + np.array([40.0, 0.0]))

    seen = watch(changed(steady(7.0), 5.0, 99.0, ahead))
    assert next(u for u in seen.updates if u.t_s > 4.9).position_ll == pytest.approx(0.0, abs=0.05)
    assert next(u for u in seen.updates if u.t_s > 5.1).position_ll == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize("size", [0.6, 1.6])
@pytest.mark.parametrize("aside_px", [0.0, 280.0, 500.0])
def test_after_the_camera_was_moved_strides_are_measured_within_seconds(size: float, aside_px: float) -> None:
    def filmed_anew(t_s: float, pose: Pose | None) -> Pose | None:
        assert pose is not None
        return as_pose(t_s, size * pose.xy_px + np.array([aside_px, 0.0]))

    seen = watch(changed(steady(15.0), 8.0, 99.0, filmed_anew))

    near = [s for s in seen.valid("right") if s.start_s > 8.0]
    assert near[0].end_s < 8.0 + 4.5
    assert [s.peak_knee_flexion_deg for s in near] == pytest.approx([100.0] * len(near), abs=4)
    assert seen.last.leg_length_px == pytest.approx(size * LEG_PX, rel=0.03)


def test_what_is_left_at_the_end_is_decided_and_nothing_twice() -> None:
    frames = steady(8.0)
    whole = watch(frames)
    ends = [(s.side, s.end_s) for s in whole.strides]
    assert len(ends) == len(set(ends))
    assert whole.strides[-1].end_s <= frames[-1][0] + 0.05


def test_a_clock_that_is_set_back_and_a_long_pause_do_no_harm() -> None:
    tracker = GaitTracker()
    watch(steady(5.0), tracker)
    again = watch(steady(6.0), tracker)
    assert len(again.valid("right")) >= 3
    later = watch([(t + 500.0, p) for t, p in steady(6.0)], tracker)
    assert len(later.valid("right")) >= 3
    assert all(0.6 < s.end_s - s.start_s < 0.85 for s in later.valid("right"))


def test_time_zero_and_an_empty_recording_are_ordinary() -> None:
    assert GaitTracker().finish() == ()
    first = GaitTracker().step(0.0, as_pose(0.0, running(0.0)))
    assert first.t_s == 0.0
    assert first.view.facing is None


@pytest.mark.parametrize("facing", ["left", "right"])
def test_the_near_leg_is_the_one_on_the_side_that_is_faced(facing: Side) -> None:
    seen = watch(steady(6.0, facing=facing))
    assert seen.last.view.facing == facing
    assert {s.side for s in seen.strides if s.near} == {facing}
    assert {s.side for s in seen.strides if not s.near} == {other(facing)}


def test_memory_stays_as_it_is_however_long_the_run() -> None:
    """Everything that grows with time would have grown between one span of 20 s and the next."""

    def held(tracker: GaitTracker) -> int:
        count = 0
        stack: list[object] = [tracker]
        known: set[int] = set()
        while stack:
            thing = stack.pop()
            if id(thing) in known or isinstance(thing, (str, bytes, int, float, type)):
                continue
            known.add(id(thing))
            count += 1
            if isinstance(thing, dict):
                stack += [*thing.keys(), *thing.values()]
            elif isinstance(thing, (list, tuple, set, deque)):
                stack += list(thing)
            else:
                names = [n for c in type(thing).__mro__ for n in getattr(c, "__slots__", ())]
                stack += [getattr(thing, n) for n in names if hasattr(thing, n)]
                stack += list(getattr(thing, "__dict__", {}).values())
        return count

    tracker = GaitTracker()
    frames = steady(40.0)
    watch(frames[:600], tracker)
    half = held(tracker)
    watch(frames[600:], tracker)
    assert held(tracker) <= 1.1 * half
