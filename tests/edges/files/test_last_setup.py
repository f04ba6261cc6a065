"""The camera of last time is remembered, and a damaged memory is none."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from coach.edges.files.last_setup import FILE_NAME, LastSetup, load_last_setup, save_last_setup

SETUP = LastSetup("USB camera", "left", 214.5, 1280, 720, mirror=True)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_last_setup(tmp_path / "new", SETUP)
    assert load_last_setup(tmp_path / "new") == SETUP
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE_NAME]


def test_an_unknown_leg_stays_unknown(tmp_path: Path) -> None:
    save_last_setup(tmp_path, LastSetup("0"))
    kept = load_last_setup(tmp_path)
    assert kept is not None
    assert math.isnan(kept.leg_px)
    assert kept.facing is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"source": 1', '{"source": "0", "facing": "up", "leg_px": "x"}'])
def test_a_damaged_memory_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, "utf-8")
    assert load_last_setup(tmp_path) is None


def test_nothing_yet_and_nowhere_to_write_are_no_errors(tmp_path: Path) -> None:
    assert load_last_setup(tmp_path) is None
    (tmp_path / "file").write_text("", "utf-8")
    save_last_setup(tmp_path / "file", SETUP)


def test_alike_means_the_same_place() -> None:
    assert SETUP.like(replace(SETUP, leg_px=220.0))
    assert SETUP.like(replace(SETUP, leg_px=429.0, width_px=2560, height_px=1440))
    for moved in ({"facing": "right"}, {"source": "1"}, {"leg_px": 150.0}, {"leg_px": math.nan}):
        assert not SETUP.like(replace(SETUP, **moved))
