"""Page, terminal, history, JSON and FIT say the same of one run: how long, how far, how fast, at what cadence."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from coach.core.gait import Activity
from coach.core.pose import Side, other
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.edges.store import Store
from coach.languages import load_words
from coach.review.history_page import index_page
from coach.review.sentences import summary_lines
from coach.review.session_json import session_from_json, session_to_json
from coach.review.session_page import session_page
from tests import kept

ENGLISH = load_words("en")

fitdecode = pytest.importorskip("fitdecode", reason="FIT files are read back with the extra [dev]")

Span = tuple[float, float]
BELT_MPS = kept.TYPED_10.speed_mps


def run_of(*, pause: Span | None = None, walk: Span | None = None, speed_known: bool = True) -> Session:
    """Two minutes on a belt at 10 km/h, with a pause and a walk if asked for."""
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480), started_at="2026-03-01T07:00:00+01:00")
    for update in kept.run(120.0, 15.0, belt=lambda t_s: kept.TYPED_10 if speed_known else None):
        walks = walk is not None and walk[0] <= update.t_s < walk[1]
        gait = update.gait._replace(activity=Activity.WALKING if walks else Activity.RUNNING)
        # No stride of a walk is one of a run.
        ran = tuple(s for s in update.strides if walk is None or not walk[0] <= s.start_s < walk[1])
        builder.add(replace(update, gait=gait, strides=ran))
    if pause is not None:
        builder.event(pause[0], "paused")
        builder.event(pause[1], "resumed")
    return builder.finish()


def fit_of(session: Session) -> dict[str, list[dict[str, object]]]:
    """The messages of its FIT file by their names."""
    from coach.review.fit import fit_bytes

    told: dict[str, list[dict[str, object]]] = {}
    with fitdecode.FitReader(io.BytesIO(fit_bytes(session))) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                told.setdefault(frame.name, []).append({field.name: field.value for field in frame.fields})
    return told


STORIES: dict[str, tuple[Span | None, Span | None, float]] = {
    "straight through": (None, None, 120.0),
    "a pause": ((40.0, 70.0), None, 90.0),
    "a walk": (None, (50.0, 80.0), 90.0),
    "a walk into a pause": ((70.0, 100.0), (50.0, 80.0), 70.0),
}
"""When a run has a pause and a walk, and how many seconds of it were running."""


@pytest.mark.parametrize(("pause", "walk", "ran_s"), STORIES.values(), ids=STORIES)
def test_all_say_the_same(pause: Span | None, walk: Span | None, ran_s: float, tmp_path: Path) -> None:
    session = run_of(pause=pause, walk=walk)
    summary, (fit,) = session.summary, fit_of(session)["session"]
    figures = {figure.name: figure.value for figure in session_page(session, ENGLISH, "metric").figures}
    store = Store(tmp_path)
    store.keep(session)
    (line,) = store.sessions()
    index = dict(zip(("Time", "Speed"), index_page([line], None, [], "metric", ENGLISH).lines[0].cells, strict=False))

    assert summary.duration_s == pytest.approx(120.0)
    assert summary.running_s == line.running_s == pytest.approx(ran_s, abs=0.1)
    assert fit["total_timer_time"] == pytest.approx(summary.running_s, abs=0.001)
    assert fit["total_elapsed_time"] == pytest.approx(summary.duration_s, abs=0.001)
    assert summary.speed.distance_m == line.distance_m == pytest.approx(ran_s * BELT_MPS, abs=0.3)
    assert fit["total_distance"] == pytest.approx(summary.speed.distance_m, abs=0.01)
    assert figures["Distance"] == f"{summary.speed.distance_m / 1000:.2f} km"
    minutes, seconds = divmod(round(ran_s), 60)
    assert figures["Time"] == index["Time"] == (f"{minutes} min {seconds} s" if seconds else f"{minutes} min")
    assert summary_lines(session, "metric", ENGLISH)[0].startswith(f"{minutes}:{seconds:02d} min ")
    assert fit["enhanced_avg_speed"] == pytest.approx(summary.speed.mean_mps, abs=0.001)
    one_foot_spm = fit["avg_running_cadence"] + fit["avg_fractional_cadence"]  # type: ignore[operator]
    assert 2 * one_foot_spm == pytest.approx(summary.cadence_spm, abs=0.01)
    data = session_to_json(session)["summary"]
    assert data["running_s"] == pytest.approx(summary.running_s, abs=0.001)
    assert session_from_json(session_to_json(session)).summary.running_s == pytest.approx(summary.running_s, abs=0.001)
    assert store.load(1).summary.running_s == summary.running_s


def test_the_records_of_a_fit_file_run_as_long_and_as_far() -> None:
    pause, walk, ran_s = STORIES["a walk into a pause"]
    session = run_of(pause=pause, walk=walk)
    told = fit_of(session)
    metres = [record["distance"] for record in told["record"]]

    assert metres[-1] == pytest.approx(session.summary.speed.distance_m, abs=0.01)
    assert metres == sorted(metres)  # type: ignore[type-var]
    assert len(metres) == pytest.approx(ran_s, abs=3)
    starts_and_stops = [re.sub("_.*", "", str(event["event_type"])) for event in told["event"]]
    assert starts_and_stops == ["start", "stop", "start", "stop"], "the last one stops all"


def turned_run(right_s: float = 40.0, left_s: float = 25.0) -> Session:
    """The right leg near at 98°, then a turn, and the left one near at 104°."""
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480), started_at="2026-03-01T07:00:00+01:00")
    for update in kept.run(right_s, 15.0, facing="right"):
        builder.add(update)
    for update in kept.run(left_s, 15.0, first_s=right_s + 30.0, facing="left", peak_deg=lambda t_s: 104.0):
        builder.add(update)
    return builder.finish()


@pytest.mark.parametrize(
    ("right_s", "left_s", "leg", "lift_deg"), [(40.0, 25.0, "right", 98.0), (25.0, 40.0, "left", 104.0)]
)
def test_of_a_runner_who_turned_round_all_tell_of_the_same_leg(
    right_s: float, left_s: float, leg: Side, lift_deg: float, tmp_path: Path
) -> None:
    session = turned_run(right_s, left_s)
    near = session.summary.peak_knee_flexion_near
    of_leg = [one for one in session.strides if one.near and one.side == leg]
    not_counted = sum(one.near and one.side != leg for one in session.strides)
    store = Store(tmp_path)
    store.keep(session)
    (line,) = store.sessions()
    page, data = session_page(session, ENGLISH, "metric"), session_to_json(session)
    told = {value for point in fit_of(session)["record"] if (value := point.get("peak_knee_flexion")) is not None}

    assert near.n == len(of_leg)
    assert near.mean == pytest.approx(lift_deg)
    assert near.sd == pytest.approx(0.0, abs=1e-6), "the strides of one leg alone"
    assert (
        f"{lift_deg:.0f}° ± 0° on the {leg} leg over {near.n} strides" in summary_lines(session, "metric", ENGLISH)[1]
    )
    assert data["view"]["near_side"] == leg
    assert data["summary"]["peak_knee_flexion_deg"]["near"] == lift_deg
    assert (data["summary"]["strides_valid_near"], line.strides_valid_near) == (near.n, near.n)
    assert line.near_peak_deg == pytest.approx(lift_deg)
    for kept_again in (store.load(1), session_from_json(data)):
        assert kept_again.view.near_side == leg
        assert kept_again.summary.peak_knee_flexion_near.mean == pytest.approx(lift_deg, abs=0.01)
    assert told == {lift_deg}
    assert any(f"{not_counted} strides of your {other(leg)} leg, from when you ran" in line for line in page.quality)
    assert sum(one["near"] for one in data["strides"]) == near.n + not_counted, "each stride is near or far by itself"


def test_nothing_is_said_of_a_turn_where_there_was_none() -> None:
    assert not any("the other way" in line for line in session_page(run_of(), ENGLISH, "metric").quality)


def test_a_run_without_speed_has_no_distance_and_no_speed() -> None:
    session = run_of(speed_known=False)
    told = fit_of(session)

    for message in (*told["record"], *told["lap"], *told["session"]):
        of_speed = {name for name, value in message.items() if value is not None and re.search("distance|speed", name)}
        assert not of_speed
    assert told["session"][0]["total_timer_time"] == pytest.approx(120.0)
    assert {figure.name: figure.value for figure in session_page(session, ENGLISH, "metric").figures}["Distance"] == "–"


def test_a_glance_aside_is_no_walk() -> None:
    assert run_of(walk=(50.0, 51.0)).events == ()


def test_what_the_runner_did_stands_among_the_events() -> None:
    events = [(round(event.t_s), event.kind) for event in run_of(walk=(50.0, 80.0)).events]

    assert events == [(50, "walking"), (80, "running")]
