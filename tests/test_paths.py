"""Where a folder may not be entered, or a name is too long for the disk, a question about a file is no error."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.cli import run
from coach.edges.pose.pose_model import ensure_model
from coach.errors import PoseModelError
from coach.paths import from_home, is_file, is_folder, is_missing, mended_by, why_out_of_reach
from coach.private import why_no_file
from tests.out_of_reach import in_a_shut_folder, too_long


def a_link_to_itself(folder: Path) -> Path:
    loop = folder / "loop"
    loop.symlink_to(loop)
    return loop


@pytest.mark.skipif(os.name == "nt", reason="rights and lengths of names are others there")
@pytest.mark.parametrize(
    ("place", "why"),
    [
        (in_a_shut_folder, "Permission denied"),
        (too_long, "File name too long"),
        (a_link_to_itself, "Too many levels of symbolic links"),
    ],
)
def test_what_is_out_of_reach_is_neither_there_nor_missing(
    tmp_path: Path, place: Callable[[Path], Path], why: str
) -> None:
    path = place(tmp_path)
    assert (is_file(path), is_folder(path), is_missing(path)) == (False, False, False)
    assert why_out_of_reach(path) == why
    assert why_no_file(path) == f"cannot write {path}: {why}; give another place"


def test_what_can_be_looked_at_is_told_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert (is_file(file), is_folder(file), is_missing(file)) == (True, False, False)
    assert (is_file(tmp_path), is_folder(tmp_path), is_missing(tmp_path)) == (False, True, False)
    for nothing in (tmp_path / "none", file / "below"):
        assert (is_file(nothing), is_folder(nothing), is_missing(nothing)) == (False, False, True)
        assert why_out_of_reach(nothing) is None


@pytest.mark.skipif(os.name == "nt", reason="lengths of names are others there")
def test_a_name_that_only_fits_once_it_is_whole_is_refused_before_the_run(tmp_path: Path) -> None:
    assert "give another name" in (why_no_file(tmp_path / f"{'a' * 248}.json") or "")
    assert why_no_file(tmp_path / f"{'a' * 200}.json") is None


def test_a_home_that_nobody_has_is_a_name_like_any_other() -> None:
    assert from_home("~nobody-of-this-name/run.mp4") == Path("~nobody-of-this-name/run.mp4")
    assert from_home("~/run.mp4") == Path.home() / "run.mp4"


def test_what_cannot_be_written_for_want_of_rights_is_not_mended_by_space() -> None:
    read_only = OSError(errno.EROFS, "Read-only file system", "/media/stick")
    assert mended_by(read_only) == "Read-only file system; give yourself the right to write there"
    assert mended_by(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device; free some space"
    assert mended_by(OSError(errno.EIO, "Input/output error")) == "Input/output error; choose another place"


class SharedError(PermissionError):
    """As Windows raises it, with a number of its own."""

    winerror = 32


class DeniedError(PermissionError):
    """The same."""

    winerror = 5


def test_what_another_program_has_open_is_closed_there(tmp_path: Path) -> None:
    """Windows calls that a want of rights; a file that would take its place is denied, with no word why."""
    (table := tmp_path / "run.csv").touch()
    shared = SharedError(errno.EACCES, "The process cannot access the file", str(table))
    denied = DeniedError(errno.EACCES, "Access is denied", "part", None, str(table))
    no_right = DeniedError(errno.EACCES, "Access is denied", str(tmp_path))
    for error in (shared, denied):
        assert mended_by(error) == "another program has it open; close it there and try again"
    table.chmod(0o444)
    assert mended_by(denied).startswith("Access is denied;"), "write-protected, whoever has it open"
    assert mended_by(no_right) == "Access is denied; give yourself the right to write there"


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file := tmp_path / "runs").touch()
    assert run(["history", "--data-dir", str(file)]) == 1
    assert f"sessions.db: {file} is a file, no folder; choose another place" in capsys.readouterr().err
    for beneath in (file, file / "cache"):
        with pytest.raises(
            PoseModelError, match=f"{file} is a file, no folder; choose another place, or give a bundle"
        ):
            ensure_model("full", beneath)
