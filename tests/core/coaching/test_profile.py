"""What is remembered of a runner."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import MOST_BASELINES, RunnerProfile, nearest
from coach.core.coaching.programme import Practice, Progress
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
numbers = st.floats(-1e6, 1e6)
baselines = st.builds(
    Baseline,
    day=numbers,
    speed_mps=st.floats(1, 6),
    near_side=st.sampled_from(["left", "right"]),
    left_deg=st.one_of(numbers, st.just(math.nan)),
    right_deg=numbers,
    sd_deg=numbers,
    strides=st.integers(1, 500),
    cadence_spm=st.one_of(numbers, st.just(math.nan)),
    bounce_ll=numbers,
    camera=st.text(max_size=9),
    held_deg=numbers,
)
practices = st.builds(
    Practice, numbers, st.integers(1, 9), numbers, numbers, st.just(math.nan), st.booleans(), st.booleans()
)
progresses = st.builds(
    Progress,
    st.integers(0, 9),
    numbers,
    st.integers(0, 9),
    st.integers(0, 2),
    st.one_of(numbers, st.just(math.nan)),
    st.booleans(),
    st.lists(practices, max_size=3).map(tuple),
)


@settings(max_examples=40)
@given(st.lists(baselines, max_size=3).map(tuple), progresses)
def test_a_profile_survives_being_written_and_read(kept: tuple[Baseline, ...], progress: Progress) -> None:
    profile = RunnerProfile(kept, progress)

    text = json.dumps(profile.as_json(), allow_nan=False)

    assert json.loads(text) == RunnerProfile.from_json(json.loads(text)).as_json()
    assert repr(RunnerProfile.from_json(json.loads(text))) == repr(profile)


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
