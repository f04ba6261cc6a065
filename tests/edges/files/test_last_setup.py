"""The camera of last time is remembered, and a damaged memory is none."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from coach.edges.files.last_setup import (
    FILE_NAME,
    LastSetup,
    forget_last_setup,
    load_last_setup,
    save_last_setup,
)

SETUP = LastSetup("USB camera", "left", 214.5, 1280, 720, window=(1500, 900), readings=2)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_last_setup(tmp_path / "new", SETUP)
    assert load_last_setup(tmp_path / "new") == SETUP
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE_NAME]


def test_an_unknown_leg_stays_unknown_and_stands_like_nothing(tmp_path: Path) -> None:
    save_last_setup(tmp_path, LastSetup("0"))
    kept = load_last_setup(tmp_path)
    assert kept is not None
    assert math.isnan(kept.leg_px)
    assert kept.facing is None
    assert not kept.known
    assert not kept.like(kept)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"source": 1', '{"source": "0", "facing": "up", "leg_px": "x"}'])
def test_a_damaged_memory_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, "utf-8")
    assert load_last_setup(tmp_path) is None


@pytest.mark.parametrize("window", ['"large"', "[1, 2, 3]", "[0, 700]", "null"])
def test_a_window_that_cannot_be_is_none_and_the_camera_stays(tmp_path: Path, window: str) -> None:
    kept = '{"source": "0", "facing": "left", "leg_px": 200, "width_px": 640, "height_px": 480, "window": WINDOW}'
    (tmp_path / FILE_NAME).write_text(kept.replace("WINDOW", window), "utf-8")
    assert load_last_setup(tmp_path) == LastSetup("0", "left", 200.0, 640, 480)


@pytest.mark.parametrize("readings", ['"two"', "7", "null"])
def test_readings_that_cannot_be_are_not_known(tmp_path: Path, readings: str) -> None:
    kept = '{"source": "0", "facing": "left", "leg_px": 200, "width_px": 640, "height_px": 480, "readings": READINGS}'
    (tmp_path / FILE_NAME).write_text(kept.replace("READINGS", readings), "utf-8")
    assert load_last_setup(tmp_path) == LastSetup("0", "left", 200.0, 640, 480)


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    save_last_setup(tmp_path, SETUP)
    for _ in range(2):
        forget_last_setup(tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_nothing_yet_and_nowhere_to_write_are_no_errors(tmp_path: Path) -> None:
    assert load_last_setup(tmp_path) is None
    (tmp_path / "file").write_text("", "utf-8")
    save_last_setup(tmp_path / "file", SETUP)


def test_alike_means_the_same_place() -> None:
    assert SETUP.like(replace(SETUP, leg_px=220.0))
    assert SETUP.like(replace(SETUP, leg_px=429.0, width_px=2560, height_px=1440))
    for moved in ({"facing": "right"}, {"source": "1"}, {"leg_px": 150.0}, {"leg_px": math.nan}):
        assert not SETUP.like(replace(SETUP, **moved))
