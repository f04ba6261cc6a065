"""The trend over weeks: only runs that can stand beside each other are told as better or worse."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg
from coach.core.session.seen import Seen
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.core.session.summary import SessionLine
from coach.edges.store import Store
from coach.languages import load_words
from coach.review.trend import above_usual_deg, parted, spark, trend_chart, trend_note, trend_sentence
from tests import kept
from tests.kept import kept_stride

ENGLISH = load_words("en")
SEEN = Seen("left", "camera", "0", ("rtmpose", "heavy", "fast"), 5.0)
RISEN, UNCHANGED = "risen by about", "not surely changed"


def line(number: int, lift_deg: float = 95.0, speed_mps: float = 2.8, seen: Seen = SEEN) -> SessionLine:
    """A run of 1600 trusted strides, on a day of its own."""
    return SessionLine(
        number,
        f"2026-01-{number:02d}T18:00:00+01:00",
        86400.0 * number,
        "finished",
        seen.kind,
        seen.name,
        speed_mps=speed_mps,
        main_speed_mps=speed_mps,
        near_peak_deg=lift_deg,
        above_usual_deg=lift_deg - float(peak_flexion_deg(speed_mps, NormSettings())),
        near_shared_sd_deg=1.5,
        strides_valid_near=1600,
        seen=seen,
    )


def test_a_trend_is_claimed_only_when_the_sessions_carry_it() -> None:
    risen = [line(n, 90 + 2 * n) for n in range(1, 9)]
    same = [line(n, 95 + (-1) ** n) for n in range(1, 9)]

    assert "Over the 8 runs like your last one your heel lift has risen by about 8°" in trend_sentence(risen, ENGLISH)
    assert UNCHANGED in trend_sentence(same, ENGLISH)
    assert trend_sentence(risen[:5], ENGLISH) == ""


def test_a_start_of_a_few_strides_is_no_run_of_the_trend() -> None:
    runs = [line(n, 90 + 2 * n) for n in range(1, 9)]
    started = replace(line(9, 60.0), strides_valid_near=14)

    assert parted([*runs, started]) == (runs, [])
    assert trend_sentence([*runs, started], ENGLISH) == trend_sentence(runs, ENGLISH)


def test_a_run_of_unknown_time_stands_nowhere_over_time() -> None:
    runs = [line(n, 90 + 2 * n) for n in range(1, 9)]
    undated = replace(line(9, 60.0), started_at=None, started_unix_s=0.0)

    assert parted([undated, *runs]) == (runs, [])
    assert "Over the 8 runs" in trend_sentence([undated, *runs], ENGLISH)


def test_runs_on_a_hill_are_no_trend_of_those_on_the_level() -> None:
    flat = [line(n, 90.0) for n in range(1, 5)]
    steep = [replace(line(n, 99.0), incline_pct=8.0) for n in range(5, 9)]
    slight = [replace(line(n, 90.0), incline_pct=1.0) for n in range(9, 11)]

    assert parted([*flat, *steep]) == (steep, flat)
    assert parted([*flat, *steep, *slight]) == ([*flat, *slight], steep)
    assert RISEN not in trend_sentence([*flat, *steep], ENGLISH)


def test_where_nobody_knows_how_fast_the_newest_run_was_no_other_is_like_it() -> None:
    runs = [line(n, 90 + 2 * n) for n in range(1, 9)]
    newest = line(9, 81.0, math.nan)

    assert parted([*runs, newest]) == ([], runs)
    assert (trend_sentence([*runs, newest], ENGLISH), spark([*runs, newest], ENGLISH)) == ("", None)
    assert trend_chart([*runs, newest], "metric", ENGLISH) is not None
    # One in which nothing was measured is not what the others are held against.
    assert parted([*runs, replace(newest, near_peak_deg=math.nan)]) == (runs, [])


def test_five_degrees_over_some_runs_at_about_one_speed_and_place_are_told() -> None:
    rng = np.random.default_rng(2)
    runs = [line(n, 95.0 + 5 * (n > 4) + rng.normal(0, 1), 2.8 + rng.uniform(-0.1, 0.1)) for n in range(1, 9)]

    assert RISEN in trend_sentence(runs, ENGLISH)


@pytest.mark.parametrize(
    ("seen", "speed_mps"),
    [
        (replace(SEEN, near_side="right"), 2.8),
        (replace(SEEN, name="1"), 2.8),
        (replace(SEEN, kind="video", name="run.mp4"), 2.8),
        (replace(SEEN, reading=("rtmpose", "heavy", "accurate")), 2.8),
        (SEEN, 4.5),
    ],
    ids=["side", "camera", "clip", "reading", "speed"],
)
def test_runs_that_were_seen_or_run_another_way_are_no_part_of_a_trend(seen: Seen, speed_mps: float) -> None:
    others = [line(n, 80.0, speed_mps, seen) for n in range(1, 5)]
    newest = [line(n, 95.0) for n in range(5, 9)]

    assert parted([*others, *newest]) == (newest, others)
    assert trend_sentence([*others, *newest], ENGLISH) == ""
    small = spark([*others, *newest], ENGLISH)
    assert small is not None
    assert len(small.heights) == 4


def test_a_drift_of_speed_is_no_trend() -> None:
    """A runner whose lift hardly rises with speed seems to fall against the norm from the slower to the faster."""
    slow, fast = [line(n, 95.0, 2.8) for n in range(1, 5)], [line(n, 97.0, 3.1) for n in range(5, 9)]

    assert float(peak_flexion_deg(3.1, NormSettings()) - peak_flexion_deg(2.8, NormSettings())) > 2 + 1.5
    assert UNCHANGED in trend_sentence([*slow, *fast], ENGLISH)


def test_a_camera_that_was_moved_in_between_is_no_trend() -> None:
    before = [line(n, 95 + 0.3 * (n % 2)) for n in range(1, 5)]
    after = [line(n, 98 + 0.3 * (n % 2)) for n in range(5, 9)]
    moved = [replace(one, seen=replace(SEEN, yaw_deg=20.0)) for one in after]

    assert RISEN in trend_sentence([*before, *after], ENGLISH)
    assert UNCHANGED in trend_sentence([*before, *moved], ENGLISH)
    assert RISEN in trend_sentence([*before, *(line(n, 105.0, seen=moved[0].seen) for n in range(5, 9))], ENGLISH)


def test_intervals_are_held_against_the_norm_of_their_own_speeds(tmp_path: Path) -> None:
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480))
    for update in kept.run(20.0, facing="right"):
        builder.add(update)
    speeds_mps = np.tile([2.5, 4.5], 30)
    norms_deg = peak_flexion_deg(speeds_mps, NormSettings())
    builder.add_strides(
        tuple(
            replace(kept_stride(30 + 0.7 * n, float(deg)), speed_mps=float(mps))
            for n, (deg, mps) in enumerate(zip(norms_deg, speeds_mps, strict=True))
        )
    )
    store = Store(tmp_path)
    store.begin(builder).finish(builder.finish())
    (told,) = store.sessions()

    assert told.seen.near_side == "left", "the leg of most strides, not the last one that was seen"
    assert above_usual_deg(told) == pytest.approx(0.0, abs=0.01)
    older = replace(told, above_usual_deg=math.nan, near_shared_sd_deg=math.nan, main_speed_mps=3.5)
    assert above_usual_deg(older) == pytest.approx(-2.54, abs=0.01)


def test_the_chart_joins_what_is_alike_and_says_what_stands_apart() -> None:
    like, other = [line(n) for n in (1, 2, 3)], line(4, 110.0, 4.5)
    alone = trend_chart(like, "metric", ENGLISH)
    both = trend_chart([other, *like], "metric", ENGLISH)
    assert alone is not None
    assert both is not None

    assert [trace["mode"] for trace in alone.figure["data"]] == ["lines+markers"]
    assert [(trace["mode"], len(trace["x"])) for trace in both.figure["data"]] == [("markers", 1), ("lines+markers", 3)]
    assert "faint rings" in trend_note([other, *like], ENGLISH)
    assert "faint rings" not in trend_note(like, ENGLISH)
    assert trend_chart(like[:2], "metric", ENGLISH) is None


def test_the_small_line_stretches_no_difference_that_is_none() -> None:
    rising = spark([line(n + 1, 84.0 + 4 * n) for n in range(4)], ENGLISH)
    calm = spark([line(n + 1, 94.0 + 0.2 * n) for n in range(4)], ENGLISH)
    assert rising is not None
    assert calm is not None
    assert (rising.bars, calm.bars) == ("▁▃▆█", "▄▄▅▅")
    assert rising.says.startswith("Heel lift of the last 4 runs like the newest one")
    assert rising.points.startswith("2.0,18.0 ")
    assert rising.points.endswith("98.0,2.0")
