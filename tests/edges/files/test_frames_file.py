"""The per-frame table holds what the screen used, and nothing where it had nothing."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from coach.edges.files.frames_file import COLUMNS, FrameTable
from coach.errors import StoreError
from tests import kept


def test_every_frame_is_a_row_of_what_was_shown(tmp_path: Path) -> None:
    table = FrameTable(tmp_path / "deep" / "frames.csv")
    updates = list(kept.run(2.0))
    unseen = updates[5].gait.left
    updates[5] = replace(
        updates[5],
        pose=None,
        t_s=updates[5].t_s + 0.03,
        gait=updates[5].gait._replace(left=unseen._replace(knee_flexion_deg=kept.NAN, phase=kept.NAN)),
    )
    for update in updates:
        table.append(update)
    assert not (tmp_path / "deep" / "frames.csv").exists(), "half a table is none"
    table.finish()
    table.close()

    rows = list(csv.DictReader((tmp_path / "deep" / "frames.csv").read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(updates)
    assert rows[0]["t_s"] == rows[0]["decided_s"] == "0.0000"
    assert float(rows[7]["knee_flexion_right_deg"]) == pytest.approx(updates[7].gait.right.knee_flexion_deg, abs=0.01)
    assert float(rows[7]["phase_left_pct"]) == pytest.approx(100 * updates[7].gait.left.phase, abs=0.01)
    assert (rows[5]["knee_flexion_left_deg"], rows[5]["phase_left_pct"], rows[5]["pose_ok"]) == ("", "", "0")
    assert float(rows[5]["decided_s"]) - float(rows[5]["t_s"]) == pytest.approx(0.03, abs=1e-4)


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="--frames"):
        FrameTable(tmp_path / "file" / "frames.csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the always-full device of Linux")
def test_a_full_disk_ends_the_table_with_a_message_and_not_the_run() -> None:
    table = FrameTable(Path("/dev/full"))
    for update in kept.run(20.0):
        table.append(update)
    table.finish()

    assert table.problem is not None
    assert "No space left" in table.problem


def test_a_run_that_is_given_up_leaves_the_table_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "frames.csv"
    path.write_text("of yesterday\n")
    table = FrameTable(path)
    for update in kept.run(2.0):
        table.append(update)
    table.close()
    table.finish()

    assert path.read_text() == "of yesterday\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_table_that_cannot_have_its_name_stays_beside_it(tmp_path: Path) -> None:
    """On Windows nothing takes the place of a file that a spreadsheet has open; here a folder stands there by then."""
    path = tmp_path / "frames.csv"
    lengths = []
    for name, duration_s in (("frames.part.csv", 2.0), ("frames.part-2.csv", 1.0)):
        table = FrameTable(path)
        for update in kept.run(duration_s):
            table.append(update)
        path.mkdir()
        table.finish()
        table.close()
        path.rmdir()
        assert table.problem is not None
        assert table.problem.endswith(f"lies beside it as {name}")
        lengths.append(len((tmp_path / name).read_text().splitlines()))
    assert len((tmp_path / "frames.part.csv").read_text().splitlines()) == lengths[0] > lengths[1] > 10, (
        "both are there"
    )


def test_a_table_whose_folder_is_gone_at_the_end_is_said_to_lie_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "away" / "frames.csv"
    table = FrameTable(path)
    shutil.rmtree(path.parent)
    table.finish()

    assert table.problem == f"cannot write {path}: No such file or directory"
