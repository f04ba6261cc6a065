"""The store keeps what was run and says so where it cannot."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from coach.core.session.records import Latency
from coach.core.session.session import SessionBuilder
from coach.edges.store import Store
from coach.edges.store import live_session as live_module
from coach.errors import StoreError
from coach.review.session_json import session_to_json
from tests import kept
from tests.edges.store.runs import SOURCE, builder_of


def test_a_session_comes_back_as_it_went_in(tmp_path: Path) -> None:
    builder = builder_of()
    builder.delivered(kept.low_cue(12.0), "speech", "screen")
    builder.event(3.0, "paused")
    session = builder.finish(frames_dropped=4, latencies=(Latency("grab to picture", 31.0, 48.0),))

    stored = Store(tmp_path).keep(session)

    assert stored.session_id == 1
    assert session_to_json(Store(tmp_path).load("last")) == session_to_json(stored)
    assert {**session_to_json(stored), "session_id": None} == session_to_json(session)


def test_a_run_is_written_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "WRITE_EVERY_S", 0.0)
    store = Store(tmp_path)
    builder = SessionBuilder(SOURCE, started_at="2026-01-05T18:00:00+01:00")
    live = store.begin(builder)
    for update in kept.run(40.0, cue_times=(12.0,)):
        builder.add(update)
        live.write()
        for cue in update.cues:
            builder.delivered(cue, "speech")
        assert store.sessions()[0].state == "running" or update.t_s > 0.2
        if update.t_s > 39:
            break
    seen_meanwhile = store.load(live.session_id)
    finished = live.finish(builder.finish())

    assert len(seen_meanwhile.strides) >= len(finished.strides) - 2
    assert seen_meanwhile.cues[0].channels == ("speech",)
    assert session_to_json(store.load("last")) == session_to_json(finished)
    assert store.sessions()[0].state == "finished"
    assert live.problem is None


def test_what_is_found_out_late_stands_in_the_store_as_in_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "WRITE_EVERY_S", 0.0)
    builder = builder_of()
    live = Store(tmp_path).begin(builder)
    for t_s, kind in ((30.0, "light"), (20.0, "few_pictures")):
        builder.event(t_s, kind)
        live.write()
    finished = live.finish(builder.finish())

    assert [event.t_s for event in finished.events] == [20.0, 30.0]
    assert Store(tmp_path).load("last").events == finished.events


def test_history_lists_the_figures_without_reading_strides(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(builder_of().finish())
    store.keep(SessionBuilder(SOURCE).finish())

    empty, full = store.sessions()  # whose time is not known comes first

    assert (full.session_id, full.state, full.cues_total) == (1, "finished", 1)
    assert full.near_peak_deg == pytest.approx(98.0)
    assert full.in_band_pct == 100.0
    assert full.strides_valid == full.strides_total > 40
    assert empty.near_peak_deg != empty.near_peak_deg  # not known, so NaN


@pytest.mark.parametrize("which", [7, "7", "first", ""])
def test_an_unknown_session_is_one_line_that_helps(tmp_path: Path, which: int | str) -> None:
    with pytest.raises(StoreError, match="coach history"):
        Store(tmp_path).load(which)


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no session yet"):
        Store(tmp_path).load("last")


def test_the_profile_is_kept_and_begins_empty(tmp_path: Path) -> None:
    store = Store(tmp_path)

    assert store.load_profile() == {}
    store.save_profile({"baselines": [{"speed_mps": 2.8, "left_deg": 95.0}]})
    assert Store(tmp_path).load_profile() == {"baselines": [{"speed_mps": 2.8, "left_deg": 95.0}]}


def test_a_damaged_store_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sessions.db").write_bytes(b"this is no database, " * 100)

    with pytest.raises(StoreError, match="is damaged"):
        Store(tmp_path)


def test_a_store_of_a_newer_coach_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path)
    connection = sqlite3.connect(tmp_path / "sessions.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreError, match="newer Coach"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="--data-dir"):
        Store(tmp_path / "file")


def test_a_run_that_was_cut_short_began_with_its_first_stride_as_any_other(tmp_path: Path) -> None:
    builder = builder_of()
    live = Store(tmp_path).begin(builder)
    builder.event(builder.frames.first_s, "away")
    builder.event(builder.strides[0].start_s + 2.0, "running")
    live.write()
    live.close()
    (recovered,), whole = Store(tmp_path).recover(), builder.finish()

    assert recovered.events == whole.events
    assert recovered.summary.running_s == whole.summary.running_s
    assert Store(tmp_path).load("last").summary == recovered.summary
