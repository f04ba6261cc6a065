"""Sessions that an earlier Coach has stored are still there, with what was known then."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coach.core.coaching.stride_record import STORED, Stage
from coach.core.session.summary import FIGURES
from coach.core.speed.belt_speed import SpeedOrigin
from coach.edges.store import Runners, Store
from coach.edges.store.salvage import copy_readable
from coach.edges.store.schema import connect
from coach.errors import StoreError

VERSION_1 = """
CREATE TABLE session (id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'recovered')), started_at TEXT,
  source_kind TEXT NOT NULL, source_name TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
  nominal_fps REAL, facing TEXT, frames_total INTEGER NOT NULL DEFAULT 0, frames_with_pose INTEGER NOT NULL DEFAULT 0,
  first_s REAL, last_s REAL, measured_fps REAL, frames_dropped INTEGER, latencies TEXT NOT NULL DEFAULT '[]',
  settings TEXT NOT NULL DEFAULT '{}', duration_s REAL, cadence_spm REAL, near_peak_deg REAL, near_peak_sd_deg REAL,
  target_deg REAL, in_band_pct REAL, speed_mps REAL, distance_m REAL, strides_valid INTEGER,
  strides_valid_near INTEGER, strides_total INTEGER, cues_total INTEGER);
CREATE TABLE stride (session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
  side TEXT NOT NULL, near INTEGER NOT NULL, start_s REAL, end_s REAL, initial_contact_s REAL, toe_off_s REAL,
  peak_knee_flexion_deg REAL, peak_knee_flexion_s REAL, peak_knee_flexion_sd_deg REAL, min_hip_heel_ll REAL,
  heel_rise_ll REAL, cadence_spm REAL, contact_time_s REAL, contact_time_sd_s REAL, flight_time_s REAL,
  bounce_ll REAL, reject_reason TEXT, speed_mps REAL, speed_source TEXT, incline_pct REAL, low_deg REAL,
  target_deg REAL, high_deg REAL, stage TEXT, PRIMARY KEY (session_id, n)) WITHOUT ROWID;
CREATE TABLE cue (session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
  t_s REAL NOT NULL, kind TEXT NOT NULL, side TEXT, text TEXT NOT NULL, channels TEXT NOT NULL,
  PRIMARY KEY (session_id, n)) WITHOUT ROWID;
CREATE TABLE speed (session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
  t_s REAL NOT NULL, speed_mps REAL, source TEXT, incline_pct REAL, PRIMARY KEY (session_id, n)) WITHOUT ROWID;
CREATE TABLE event (session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
  t_s REAL NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (session_id, n)) WITHOUT ROWID;
CREATE TABLE curve (session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, start_s REAL NOT NULL,
  side TEXT NOT NULL, n INTEGER NOT NULL, mean BLOB NOT NULL, sd BLOB NOT NULL,
  PRIMARY KEY (session_id, start_s, side)) WITHOUT ROWID;
CREATE TABLE profile (one INTEGER PRIMARY KEY CHECK (one = 1), content TEXT NOT NULL);
INSERT INTO session (state, started_at, source_kind, source_name, width, height, facing, frames_total,
  frames_with_pose, first_s, last_s, duration_s, distance_m, strides_valid)
  VALUES ('finished', '2026-03-01T07:00:00+01:00', 'camera', 'front room', 640, 480, 'left', 90, 88, 0.0, 3.0,
  3.0, 9.0, 1);
INSERT INTO stride VALUES (1, 0, 'left', 1, 0.5, 1.2, 0.5, 0.76, 98.5, 0.98, 1.2, 0.65, 0.55, 171.4, 0.26, 0.01, 0.09,
  0.1, NULL, 3.0, 'manual', NULL, 92.0, 97.0, 107.0, 'coaching');
INSERT INTO speed VALUES (1, 0, 0.0, 3.0, 'manual', NULL);
PRAGMA user_version = 1;
"""


def test_an_event_of_before_has_the_words_that_were_kept(old: Path) -> None:
    with sqlite3.connect(old / "sessions.db") as connection:
        connection.execute("INSERT INTO event VALUES (1, 0, 1.5, 'light', 'More light, please')")
    connection.close()
    (event,) = Store(old).load(1).events
    assert (event.kind, event.detail, event.noted) == ("light", "More light, please", None)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as the first version made it, with one run of one stride."""
    with sqlite3.connect(tmp_path / "sessions.db") as connection:
        connection.executescript(VERSION_1)
    connection.close()
    return tmp_path


def columns(folder: Path, table: str) -> list[str]:
    connection = sqlite3.connect(folder / "sessions.db")
    try:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    finally:
        connection.close()


def test_a_run_of_the_first_version_is_still_there(old: Path) -> None:
    (stride,) = Store(old).load(1).strides

    assert (stride.target_low_deg, stride.target_deg, stride.target_high_deg) == (92.0, 97.0, 107.0)
    assert (stride.peak_knee_flexion_deg, stride.vertical_oscillation_ll) == (98.5, 0.1)
    assert (stride.speed_source, stride.stage, stride.in_band) == (SpeedOrigin.TYPED, Stage.COACHING, True)
    assert math.isnan(stride.incline_pct)


def test_its_line_in_history_too(old: Path) -> None:
    (line,) = Store(old).sessions()

    assert (line.duration_s, line.distance_m, line.strides_valid) == (3.0, 9.0, 1)
    assert math.isnan(line.cadence_spm)


def test_the_tables_have_the_columns_of_the_records(old: Path) -> None:
    Store(old)

    assert set(columns(old, "stride")) == {"session_id", "n", *(column.name for column in STORED)}
    assert set(FIGURES) <= set(columns(old, "session"))


def test_a_column_that_a_table_lacks_is_added_and_not_known_of_old_strides(old: Path) -> None:
    Store(old)
    connection = sqlite3.connect(old / "sessions.db")
    connection.execute("ALTER TABLE stride DROP COLUMN heel_rise_ll")
    connection.close()

    (stride,) = Store(old).load(1).strides

    assert math.isnan(stride.heel_rise_ll)
    assert stride.min_hip_heel_ll == 0.65


def test_the_incline_of_an_old_run_is_told_by_its_strides(old: Path) -> None:
    """Of a session from before its line told the incline: level where no stride knows it."""
    assert [line.incline_pct for line in Store(old).sessions()] == [0.0]
    connection = sqlite3.connect(old / "sessions.db")
    with connection:
        connection.execute("UPDATE stride SET incline_pct = 8.0")
        connection.execute("ALTER TABLE session DROP COLUMN incline_pct")
    connection.close()

    assert [line.incline_pct for line in Store(old).sessions()] == [8.0]


@pytest.mark.parametrize(("level_pct", "hill_pct"), [(0.0, 8.0), (1.1, 4.1)])
def test_of_an_old_run_on_the_level_and_on_a_hill_no_lift_is_told_for_the_trend(
    old: Path, level_pct: float, hill_pct: float
) -> None:
    """Its line held the mean of two belts; the level's own speed and lift were not kept."""
    assert [(line.incline_pct, line.main_speed_mps) for line in Store(old).sessions()] == [(0.0, 3.0)]
    connection = sqlite3.connect(old / "sessions.db")
    with connection:
        columns = ", ".join(row[1] for row in connection.execute("PRAGMA table_info(stride)"))
        again = columns.replace("n,", "n + 1,", 1).replace("incline_pct", str(hill_pct))
        connection.execute("UPDATE stride SET incline_pct = ?", (level_pct,))
        connection.execute(f"INSERT INTO stride ({columns}) SELECT {again} FROM stride")
        connection.execute("UPDATE session SET incline_pct = 4.0, above_usual_deg = 5.0")
        connection.execute("ALTER TABLE session DROP COLUMN main_speed_mps")
    connection.close()

    (line,) = Store(old).sessions()
    assert all(map(math.isnan, (line.incline_pct, line.main_speed_mps, line.above_usual_deg)))


def test_a_password_that_an_earlier_coach_kept_is_kept_no_longer(old: Path) -> None:
    settings = {"units": "metric", "camera.source": "http://me:secret@phone:8080/video", "camera.fps": 30.5}
    with sqlite3.connect(old / "sessions.db") as connection:
        address = "http://phone/video?password=secret"
        connection.execute("UPDATE session SET source_kind = 'stream', source_name = ?", (address,))
        connection.execute("UPDATE session SET settings = ?", (json.dumps(settings),))
    connection.close()

    session = Store(old).load(1)
    with sqlite3.connect(old / "sessions.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

    assert session.source.name == "http://phone/video?password=…"
    assert session.setting("camera.source") == "http://phone:8080/video"
    assert (session.setting("units"), session.setting("camera.fps")) == ("metric", 30.5)
    assert b"secret" not in (old / "sessions.db").read_bytes()


def test_a_camera_that_is_no_text_is_no_reason_not_to_open_a_store(old: Path) -> None:
    with sqlite3.connect(old / "sessions.db") as connection:
        connection.execute("""UPDATE session SET settings = '{"camera.source": 0}'""")
    connection.close()

    assert Store(old).load(1).source.kind == "camera"


def test_a_password_in_a_damaged_store_of_an_earlier_coach_is_not_saved_from_it(old: Path, tmp_path: Path) -> None:
    settings = json.dumps({"camera.source": "http://me:secret@phone:8080/video"})
    with sqlite3.connect(old / "sessions.db") as connection:
        connection.execute("UPDATE session SET settings = ?", (settings,))
    connection.close()

    with closing(connect(tmp_path / "saved.db")) as fresh:
        copy_readable(old / "sessions.db", fresh)
        assert "secret" not in fresh.execute("SELECT settings FROM session").fetchone()[0]


def test_what_is_new_is_written_beside_what_is_old(old: Path) -> None:
    store = Store(old)
    kept = store.keep(store.load(1))

    assert kept.session_id == 2
    assert store.load(1).strides[0].target_low_deg == kept.strides[0].target_low_deg == 92.0


def test_a_run_and_a_profile_from_before_there_were_several_runners_are_the_first_one_s(old: Path) -> None:
    connection = sqlite3.connect(old / "sessions.db")
    connection.execute('INSERT INTO profile (one, content) VALUES (1, \'{"kept": "then"}\')')
    connection.commit()
    connection.close()
    Runners(old).add("Ben")

    assert [line.session_id for line in Store(old).sessions()] == [1]
    assert Store(old).load_profile() == {"kept": "then"}
    assert (Store(old).load(1).runner, Store(old).load(1).note) == ("", "")
    assert Store(old, "Ben").sessions() == ()
    assert Store(old, "Ben").load_profile() == {}


def test_a_store_of_a_later_version_is_not_touched(old: Path) -> None:
    connection = sqlite3.connect(old / "sessions.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreError, match="newer Coach"):
        Store(old)
    assert "low_deg" in columns(old, "stride")
