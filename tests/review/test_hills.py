"""A run that was partly or wholly run on a hill: level and hill are two belts on every page, and in no mean of both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coach.core.coaching.advice import Stage
from coach.core.coaching.baseline import Baseline
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.session.summary import SessionLine
from coach.edges.store import Store
from coach.languages import load_words
from coach.review.cycle_charts import relief_change
from coach.review.history_page import index_page
from coach.review.session_page import session_page
from coach.review.side_by_side import compare_page
from coach.review.trend import above_usual_deg, parted
from tests import kept

ENGLISH = load_words("en")
Incline = Callable[[float], float]


def level(_t_s: float) -> float:
    return 0.0


def hill(_t_s: float) -> float:
    return 8.0


def up_at(from_s: float) -> Incline:
    return lambda t_s: 8.0 if t_s >= from_s else 0.0


def run_on(incline: Incline, hill_deg: float = 105.0, hill_kmh: float = 10.0) -> Session:
    """A minute at 10 km/h and 98° on the level; on a hill at another lift and speed."""
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480, 30.0), started_at="2026-01-05T18:00:00+01:00")
    for update in kept.run(
        60.0,
        peak_deg=lambda t_s: hill_deg if incline(t_s) else 98.0,
        belt=lambda t_s: replace(
            kept.TYPED_10, incline_pct=incline(t_s), speed_mps=(hill_kmh if incline(t_s) else 10.0) / 3.6
        ),
    ):
        builder.add(update)
    return builder.finish()


def line_of(session: Session, folder: Path) -> SessionLine:
    store = Store(folder)
    number = store.keep(session).session_id
    return next(line for line in store.sessions() if line.session_id == number)


def test_the_level_of_a_run_with_a_hill_stands_among_level_runs(tmp_path: Path) -> None:
    flat = line_of(run_on(level), tmp_path)
    mixed = line_of(run_on(up_at(35.0), hill_kmh=6.0), tmp_path)
    steep = line_of(run_on(hill), tmp_path)

    assert mixed.incline_pct == 0.0
    assert mixed.main_speed_mps == pytest.approx(10 / 3.6)
    assert above_usual_deg(mixed) == pytest.approx(above_usual_deg(flat), abs=0.5)
    assert mixed.speed_mps < 9 / 3.6, "its mean is that of the whole run"
    assert parted([flat, steep, mixed]) == ([flat, mixed], [steep])


@pytest.mark.parametrize(
    ("incline", "measured"), [(level, True), (hill, False), (up_at(30.0), False), (up_at(57.0), True)]
)
def test_a_hill_is_not_held_against_runners_who_were_measured_on_the_level(incline: Incline, measured: bool) -> None:
    page = session_page(run_on(incline), ENGLISH, "metric")

    assert page.norm.startswith("Runners in general bend the knee to about 95°") is measured
    assert ("measured on the level" in page.norm) is not measured
    assert any(row[4] for row in page.step_rows) is measured
    assert ("measured on the level" in page.step_note) is not measured


def test_at_each_speed_a_hill_has_marks_of_its_own() -> None:
    chart = session_page(run_on(up_at(30.0)), ENGLISH, "metric").charts["speed"]
    drawn = {trace["name"]: trace["y"] for trace in chart.figure["data"] if trace["mode"] == "markers"}

    assert drawn["this run"] == [98.0]
    assert drawn["this run, incline 8 %"] == [pytest.approx(105.0, abs=0.5)]


def test_two_runs_side_by_side_name_their_inclines() -> None:
    rows = {row[0]: row[1:] for row in compare_page(run_on(up_at(30.0)), run_on(hill), ENGLISH, "metric").rows}
    told_by_nobody = run_on(lambda _t_s: math.nan)
    untold = compare_page(told_by_nobody, told_by_nobody, ENGLISH, "metric").rows

    assert rows["Incline"] == ("0 to 8 %", "8 %")
    assert "Incline" not in {row[0] for row in untold}


def test_a_run_on_a_hill_is_marked_among_all_runs(tmp_path: Path) -> None:
    lines = [line_of(run_on(incline), tmp_path) for incline in (level, up_at(40.0), hill)]
    speeds = [line.cells[1] for line in index_page(lines, None, (), "metric", ENGLISH).lines]

    assert speeds == ["10.0 km/h", "10.0 km/h", "10.0 km/h, incline 8 %"]


def test_the_run_over_time_shows_where_it_climbed() -> None:
    chart, flat = (session_page(run_on(on), ENGLISH, "metric").charts["lift"] for on in (up_at(30.0), level))
    lines = {trace["name"]: (trace["x"], trace["y"]) for trace in chart.figure["data"]}

    assert lines["incline"] == ([0.0, 30.0, 30.0, 60.0], [0.0, 0.0, 8.0, 8.0])
    assert "yaxis3" in chart.figure["layout"]
    assert "yaxis3" not in flat.figure["layout"]


def test_what_of_a_run_with_hills_is_compared_is_told_with_its_incline() -> None:
    there_and_back = run_on(lambda t_s: 8.0 if 25.0 <= t_s < 35.0 else 0.0)
    steep, flat = run_on(hill), run_on(level)

    assert "strides at about 10.0 km/h, incline 0 % only" in session_page(there_and_back, ENGLISH, "metric").caveats[0]
    assert "10.0 km/h, incline 8 % only" in compare_page(run_on(up_at(20.0)), steep, ENGLISH, "metric").detail
    assert "strides at about 10.0 km/h only" in compare_page(flat, flat, ENGLISH, "metric").detail
    assert "strides at about 10.0 km/h only" in compare_page(steep, steep, ENGLISH, "metric").detail


def test_relief_is_told_against_the_baseline_of_the_incline_that_was_coached() -> None:
    """Another one was asked for on the hill, where the heel comes higher."""
    flat_then_hill = run_on(up_at(40.0))
    asked_again = [
        replace(kept, stage=Stage.COACHING if 20 <= kept.start_s < 40 else Stage.BASELINE)
        for kept in flat_then_hill.strides
    ]

    change = relief_change(replace(flat_then_hill, strides=tuple(asked_again)))
    assert change is not None
    assert (change.before_deg, change.after_deg) == pytest.approx((98.0, 98.0), abs=0.1)


def test_of_earlier_baselines_the_nearest_to_the_speed_on_their_incline_is_taken() -> None:
    run = run_on(up_at(20.0), hill_kmh=6.0)
    near, mean = (
        Baseline(20000.0, kmh / 3.6, "left", 100.0, 99.0, 2.0, 80, 170.0, 0.1, run.source.set_up, incline_pct=8.0)
        for kmh in (6.0, 7.4)
    )

    change = relief_change(run, (mean, near))
    assert change is not None
    assert change.speed_mps == near.speed_mps
