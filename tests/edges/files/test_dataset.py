"""The Parquet dataset: whole or not there, and never twice."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from coach.app import offline
from coach.app.speed_sources import BeltInput
from coach.core.coaching.stride_record import STRIDE_COLUMNS, SUMMED
from coach.core.session.records import SessionEvent
from coach.core.session.session import Session
from coach.edges.files.dataset import Dataset
from coach.edges.files.dataset_rows import COLUMNS, Failure, VideoRecord
from coach.errors import ConfigError, FormatError, StoreError
from tests.app.archives import recording

pq = pytest.importorskip("pyarrow.parquet", reason="coach batch needs the extra [batch]")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return offline.replay(recording(tmp_path_factory.mktemp("run") / "run.jsonl"), belt=BeltInput(3.0))


def record(content: str, session: Session | None) -> VideoRecord:
    failure = None if session else Failure("source", "cannot read it")
    return VideoRecord(content, "settings", "/archive/a.mp4", "a.mp4", 1, 2, "0", 0.5, session, failure)


def test_every_number_of_a_session_is_in_the_tables(tmp_path: Path, session: Session) -> None:
    dataset = Dataset.create(tmp_path / "out")
    dataset.put(record("abc", session))
    (row,) = dataset.rows("sessions")
    assert row["strides_valid"] + row["strides_rejected"] == len(session.strides)
    strides = list(dataset.rows("strides"))
    assert [row["reject_reason"] for row in strides] == [
        kept.reject_reason and str(kept.reject_reason) for kept in session.strides
    ]
    for kept, stride in zip(session.strides, strides, strict=True):
        assert stride["valid"] == kept.valid
        assert stride["toe_off_s"] == (None if math.isnan(kept.toe_off_s) else kept.toe_off_s)
    whole = {row["side"]: row for row in dataset.rows("curves") if row["scope"] == "run"}
    assert set(whole) == set(session.cycles)
    assert all(len(row["mean_deg"]) == 101 for row in whole.values())


def test_no_number_is_ever_nan(tmp_path: Path, session: Session) -> None:
    dataset = Dataset.create(tmp_path / "out")
    dataset.put(record("abc", session))
    dataset.put(record("def", None))
    for table in COLUMNS:
        for row in dataset.rows(table):
            assert not [name for name, value in row.items() if isinstance(value, float) and math.isnan(value)]


def test_a_disk_that_fills_up_leaves_no_half_of_a_table(tmp_path: Path, session: Session) -> None:
    """The limit on a file's size stands for the disk: the kernel cuts the write off in its middle."""
    resource = pytest.importorskip("resource")
    dataset = Dataset.create(tmp_path / "out")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.raises(StoreError, match="free some space"):
            dataset.put(record("abc", session))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == ["coach_dataset.json"]


def test_putting_a_video_again_replaces_it(tmp_path: Path, session: Session) -> None:
    dataset = Dataset.create(tmp_path / "out")
    for _ in range(2):
        dataset.put(record("abc", session))
    assert len(list(dataset.rows("strides"))) == len(session.strides)
    dataset.put(record("abc", None))
    assert [row["status"] for row in dataset.rows("sessions")] == ["failed"]
    assert not list(dataset.rows("strides"))


def test_what_a_crash_left_is_cleared_and_does_not_count(tmp_path: Path, session: Session) -> None:
    dataset = Dataset.create(tmp_path / "out")
    for content in ("kept", "cut", "half"):
        dataset.put(record(content, session))
    # Stopped between the tables, in the middle of a file, and by a power cut after the rename.
    (dataset.folder / "sessions" / "half.parquet").unlink()
    (dataset.folder / "strides" / "half.parquet.123.part").write_bytes(b"PAR1")
    cut = dataset.folder / "sessions" / "cut.parquet"
    cut.write_bytes(cut.read_bytes()[:100])

    dataset.tidy()
    assert [known.content_sha256 for known in dataset.known()] == ["kept"]
    assert {row["content_sha256"] for row in dataset.rows("strides")} == {"kept"}
    assert not list(dataset.folder.rglob("*.part"))


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(ConfigError, match="is not empty"):
        Dataset.create(tmp_path)
    with pytest.raises(FormatError, match="holds no dataset"):
        Dataset.open(tmp_path)


FORMERLY = {"vertical_oscillation_ll": "bounce_ll", "target_low_deg": "low_deg", "target_high_deg": "high_deg"}
NOT_THEN = {"contact_time_sd_s", "stage", "in_band"}


def as_before(folder: Path) -> None:
    """Make a dataset what the first version would have written."""
    for path in folder.glob("*/*.parquet"):
        table = pq.read_table(path)
        table = table.drop_columns([name for name in table.column_names if name in NOT_THEN])
        pq.write_table(table.rename_columns([FORMERLY.get(name, name) for name in table.column_names]), path)
    (folder / "coach_dataset.json").write_text('{"schema": "coach.dataset/1"}')


def test_a_dataset_of_the_first_version_is_read_and_brought_up_to_date(tmp_path: Path, session: Session) -> None:
    folder = tmp_path / "out"
    Dataset.create(folder).put(record("abc", session))
    now = list(Dataset.open(folder).rows("strides"))
    as_before(folder)

    read = list(Dataset.open(folder).rows("strides"))
    Dataset.create(folder)
    renewed = list(Dataset.open(folder).rows("strides"))

    assert read == renewed == [{**row, **dict.fromkeys(NOT_THEN)} for row in now]
    assert any(row["target_low_deg"] for row in read)
    assert [known.content_sha256 for known in Dataset.open(folder).known()] == ["abc"]
    assert pq.read_schema(folder / "strides" / "abc.parquet").names == [name for name, _ in COLUMNS["strides"]]
    assert (folder / "coach_dataset.json").read_text() == '{"schema": "coach.dataset/3"}\n'


def test_what_was_told_of_a_file_is_kept_and_null_in_a_dataset_of_before(tmp_path: Path, session: Session) -> None:
    folder = tmp_path / "out"
    cut = SessionEvent(3.0, "source_cut", "the file ends after 5 of 20 s; copy it again")
    dataset = Dataset.create(folder)
    dataset.put(record("cut", replace(session, events=(SessionEvent(1.0, "running"), cut, cut))))
    dataset.put(record("whole", replace(session, events=())))
    dataset.put(record("bad", None))
    assert {row["content_sha256"]: row["notices"] for row in dataset.rows("sessions")} == {
        "cut": [cut.detail],
        "whole": [],
        "bad": None,
    }

    for path in (folder / "sessions").glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["notices"]), path)
    (folder / "coach_dataset.json").write_text('{"schema": "coach.dataset/2"}')
    Dataset.create(folder)
    assert pq.read_schema(folder / "sessions" / "cut.parquet").names == [name for name, _ in COLUMNS["sessions"]]
    assert [row["notices"] for row in Dataset.open(folder).rows("sessions")] == [None, None, None]


def test_the_dataset_of_a_later_version_is_not_touched(tmp_path: Path) -> None:
    Dataset.create(tmp_path / "out")
    (tmp_path / "out" / "coach_dataset.json").write_text('{"schema": "coach.dataset/9"}')
    with pytest.raises(FormatError, match="this version reads and writes"):
        Dataset.create(tmp_path / "out")


def test_the_documented_columns_are_those_that_are_written() -> None:
    page = (Path(__file__).parents[3] / "docs" / "batch.md").read_text("utf-8")
    for table, columns in COLUMNS.items():
        section = page.split(f"### `{table}`")[1].split("\n#")[0]
        told = [
            name
            for cell in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
            for name in re.findall(r"`(\w+)`", cell)
        ]
        listed = {"sessions": [c.name for c in SUMMED], "strides": [c.name for c in STRIDE_COLUMNS], "curves": []}
        assert [*told, *listed[table]] == [name for name, _ in columns]
