"""What is remembered of a runner."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.coach_settings import BaselineSettings, CoachSettings
from coach.core.coaching.baseline import Baseline, nearest
from coach.core.coaching.guards import Price
from coach.core.coaching.profile import MOST_BASELINES, Bands, RunnerProfile
from coach.core.coaching.programme import Extent, Practice, Progress
from coach.errors import FormatError

BASELINE = Baseline(
    day=20_000.0,
    speed_mps=3.0,
    near_side="right",
    left_deg=math.nan,
    right_deg=95.0,
    sd_deg=2.0,
    strides=80,
    cadence_spm=168.0,
    bounce_ll=0.09,
    camera="camera 0",
)
numbers = st.floats(-360, 360)
baselines = st.builds(
    Baseline,
    day=numbers,
    speed_mps=st.floats(1, 6),
    near_side=st.sampled_from(["left", "right"]),
    left_deg=st.one_of(numbers, st.just(math.nan)),
    right_deg=numbers,
    sd_deg=numbers,
    strides=st.integers(1, 500),
    cadence_spm=st.one_of(st.floats(0, 400), st.just(math.nan)),
    bounce_ll=st.floats(-1, 1),
    camera=st.text(max_size=9),
    left_thigh_deg=st.one_of(numbers, st.just(math.nan)),
    right_thigh_deg=numbers,
    thigh_sd_deg=numbers,
    held_deg=numbers,
)
practices = st.builds(
    Practice, numbers, st.integers(1, 9), numbers, numbers, st.just(math.nan), st.booleans(), st.booleans()
)
progresses = st.builds(
    Progress,
    st.integers(0, 9),
    numbers,
    st.lists(numbers, max_size=3).map(tuple),
    st.integers(0, 9),
    st.integers(0, 2),
    st.one_of(numbers, st.just(math.nan)),
    st.booleans(),
    practices=st.lists(practices, max_size=3).map(tuple),
    uncounted=st.none() | st.builds(Extent, *[st.floats(0, 60)] * 4),
)


@settings(max_examples=40)
@given(st.lists(baselines, max_size=3).map(tuple), progresses)
def test_a_profile_survives_being_written_and_read(kept: tuple[Baseline, ...], progress: Progress) -> None:
    profile = RunnerProfile(kept, progress)

    text = json.dumps(profile.as_json(), allow_nan=False)

    assert json.loads(text) == RunnerProfile.from_json(json.loads(text)).as_json()
    assert repr(RunnerProfile.from_json(json.loads(text))) == repr(profile)


def test_the_programme_is_kept_as_it_always_was_to_the_byte() -> None:
    practised = Practice(20000.0, 3, 4.0, 4.5, math.nan, held=True, lost=False)
    progress = Progress(3, 4.0, (4.0,), holding=1, last_day=20000.0, practices=(practised,))

    assert json.dumps(RunnerProfile(progress=progress).as_json()["progress"]) == (
        '{"sessions_done": 3, "held_deg": 4.0, "counted_deg": [4.0], "failed": 0, "holding": 1, "last_day": 20000.0, '
        '"paused": false, "trouble": null, "hurt_day": null, "practices": [{"day": 20000.0, "session": 3, '
        '"step_deg": 4.0, "fed_deg": 4.5, "unfed_deg": null, "held": true, "lost": false, "price": ""}], '
        '"uncounted": null}'
    )


@pytest.mark.parametrize("content", [{}, {"schema": "coach.profile/9"}, {"schema": "coach.profile/1", "baselines": 3}])
def test_a_damaged_profile_is_one_clear_error(content: dict[str, object]) -> None:
    with pytest.raises(FormatError, match="profile"):
        RunnerProfile.from_json(content)


def test_a_new_baseline_takes_the_place_of_the_old_one_at_a_like_speed() -> None:
    newer = replace(BASELINE, day=20_010.0, speed_mps=3.2, right_deg=97.0)
    faster = replace(BASELINE, speed_mps=4.0)

    profile = RunnerProfile((BASELINE, faster)).with_baseline(newer, 0.4)

    assert profile.baselines == (faster, newer)


def test_another_camera_or_side_keeps_its_own() -> None:
    profile = RunnerProfile((BASELINE,))

    assert len(profile.with_baseline(replace(BASELINE, camera="phone"), 0.4).baselines) == 2
    assert len(profile.with_baseline(replace(BASELINE, near_side="left"), 0.4).baselines) == 2


def test_stale_baselines_and_those_of_another_camera_or_side_are_not_used() -> None:
    profile = RunnerProfile((BASELINE,))

    assert profile.usable("right", "camera 0", 20_027.0, 28) == (BASELINE,)
    assert profile.usable("right", "camera 0", 20_029.0, 28) == ()
    assert profile.usable("right", "phone", 20_001.0, 28) == ()
    assert profile.usable("left", "camera 0", 20_001.0, 28) == ()


def test_a_baseline_whose_camera_was_corrected_for_holds_wherever_the_next_one_stands() -> None:
    corrected = replace(BASELINE, corrected=True)
    profile = RunnerProfile(baselines=(corrected,))
    assert profile.usable("right", "phone", 20_001.0, 28) == (corrected,)
    assert profile.usable("left", "phone", 20_001.0, 28) == ()
    again = replace(corrected, camera="phone", day=20_002.0)
    assert profile.with_baseline(again, 0.4).baselines == (again,)
    seen_obliquely = replace(BASELINE, camera="phone")
    assert len(profile.with_baseline(seen_obliquely, 0.4).baselines) == 2


def test_a_clock_that_was_set_back_a_little_makes_no_baseline_stale() -> None:
    profile = RunnerProfile((BASELINE,))

    assert profile.usable("right", "camera 0", 19_999.5, 28) == (BASELINE,)
    assert profile.usable("right", "camera 0", 19_998.5, 28) == ()


def test_without_a_camera_those_count_that_the_camera_used_last_could_use() -> None:
    phone = replace(BASELINE, camera="phone", speed_mps=3.1, day=20_010.0)
    faster = replace(phone, speed_mps=4.0, day=20_012.0)
    stale = replace(phone, speed_mps=2.0, day=19_900.0)

    profile = RunnerProfile((stale, BASELINE, phone, faster))

    assert profile.usable_as_last_seen(20_020.0, 28) == (phone, faster)
    assert profile.usable_as_last_seen(20_060.0, 28) == ()
    assert RunnerProfile().usable_as_last_seen(20_020.0, 28) == ()


def test_the_nearest_in_speed_speaks() -> None:
    faster = replace(BASELINE, speed_mps=4.0)

    assert nearest((BASELINE, faster), 3.4) is BASELINE
    assert nearest((BASELINE, faster), 3.6) is faster
    assert nearest((), 3.0) is None


def test_years_of_running_do_not_grow_the_profile() -> None:
    profile = RunnerProfile()
    for index in range(100):
        profile = profile.with_baseline(replace(BASELINE, camera=f"camera {index}"), 0.4)

    assert len(profile.baselines) == MOST_BASELINES


DAY = 20_000.0
OWN = Baseline(
    day=DAY - 1,
    speed_mps=3.0,
    near_side="right",
    left_deg=92.0,
    right_deg=95.0,
    sd_deg=2.0,
    strides=80,
    cadence_spm=170.0,
    bounce_ll=0.09,
)


def bands(settings: CoachSettings | None = None, *kept: Baseline) -> Bands:
    made = Bands(settings or CoachSettings(), RunnerProfile(kept or (OWN,)), DAY, "")
    made.look("right")
    return made


def test_before_the_near_side_is_known_there_is_no_band() -> None:
    unseen = Bands(CoachSettings(), RunnerProfile((OWN,)), DAY, "")

    assert unseen.target("right", 3.0) is None
    assert unseen.own(3.0) is None


@pytest.mark.parametrize("speed_mps", [math.nan, 0.0])
def test_without_a_speed_there_is_no_band(speed_mps: float) -> None:
    assert bands().target("right", speed_mps) is None


def test_seen_from_the_other_side_the_baseline_does_not_count() -> None:
    turned = bands()
    turned.look("left")

    assert turned.own(3.0) is None


def test_without_reuse_old_baselines_are_kept_but_not_used() -> None:
    fresh = bands(CoachSettings(baseline=BaselineSettings(reuse=False)))

    assert fresh.own(3.0) is None
    assert fresh.profile.baselines == (OWN,)


def test_the_far_leg_has_a_band_only_with_a_baseline_of_its_own() -> None:
    assert bands().target("left", 3.0) is not None
    assert bands(None, Baseline(DAY, 3.0, "right", math.nan, 95.0, 2.0, 80, 170.0, 0.09)).target("left", 3.0) is None


def test_a_new_baseline_moves_the_band_at_once() -> None:
    moving = bands()
    before = moving.target("right", 3.0)
    moving.add(Baseline(DAY, 3.0, "right", math.nan, 99.0, 2.0, 80, 170.0, 0.09))
    after = moving.target("right", 3.0)

    assert before is not None
    assert after is not None
    assert after.reference_deg - before.reference_deg == pytest.approx(4.0, abs=0.1)


def test_cadence_may_fall_with_the_speed_and_need_not_rise_with_it() -> None:
    usual = bands()

    assert usual.usual_stand(2.5)[Price.CADENCE].value == pytest.approx(165, abs=1)
    assert usual.usual_stand(3.0)[Price.CADENCE].value == pytest.approx(170)
    assert usual.usual_stand(4.0)[Price.CADENCE].value == pytest.approx(170)


def test_bounce_and_difference_hold_for_a_like_speed_only() -> None:
    usual = bands()

    assert usual.usual_stand(3.2)[Price.BOUNCE].value == 0.09
    assert usual.usual_difference_deg(3.2) == pytest.approx(-3.0)
    assert Price.BOUNCE not in usual.usual_stand(3.6)
    assert math.isnan(usual.usual_difference_deg(3.6))


@pytest.mark.parametrize("version", ["coach.profile/1", "coach.profile/2"])
def test_a_profile_from_before_the_thigh_was_measured_is_read_and_judges_no_flick(version: str) -> None:
    content = RunnerProfile((BASELINE,)).as_json()
    written = json.loads(json.dumps(content, allow_nan=False))
    written["schema"] = version
    for row in written["baselines"]:
        for name in ("left_thigh_deg", "right_thigh_deg", "thigh_sd_deg"):
            del row[name]

    (known,) = RunnerProfile.from_json(written).baselines

    assert known.right_deg == BASELINE.right_deg
    assert math.isnan(known.thigh_deg("right"))


def test_a_profile_from_before_the_sizes_of_steps_were_kept_is_read() -> None:
    written = json.loads(json.dumps(RunnerProfile(progress=Progress(8, 8.0, counted_deg=(4.0, 4.0))).as_json()))
    assert RunnerProfile.from_json(written).progress.counted_deg == (4.0, 4.0)
    del written["progress"]["counted_deg"]

    assert RunnerProfile.from_json(written).progress == Progress(8, 8.0)


def test_of_one_who_was_kept_as_two_each_baseline_keeps_what_its_own_programme_made_of_it() -> None:
    """The farther programme counts its own steps; those of the other are neither lost nor won by that."""
    farther = RunnerProfile((replace(OWN, held_deg=2.0),), Progress(8, 4.0))
    other = RunnerProfile((replace(OWN, camera="phone", held_deg=8.0),), Progress(3, 8.0))

    for one in (farther.merged(other, 0.4), other.merged(farther, 0.4)):
        assert one.progress == farther.progress
        assert {b.camera: one.progress.held_deg - b.held_deg for b in one.baselines} == {"": 2.0, "phone": 0.0}
