"""The belt speed of a clip: beside it, or in its name."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from coach.app.batch.speeds import belt_beside, belt_in_name
from coach.app.speed_sources import BeltInput
from coach.errors import FormatError

OTHERWISE = BeltInput(2.0)


@pytest.mark.parametrize(
    ("name", "speed_mps"),
    [
        ("anna_10.8kmh.mp4", 3.0),
        ("10,8kmh anna.mp4", 3.0),
        ("anna-3.5mps-left.mp4", 3.5),
        ("S01_run_10_kmh.jsonl.gz", 10 / 3.6),
        ("6mph.mov", 6 * 0.44704),
        ("KPH_12KPH.avi", 12 / 3.6),
        ("anna_12.mp4", 2.0),
        ("take3kmhours.mp4", 2.0),
    ],
)
def test_a_name_with_a_unit_says_the_speed(name: str, speed_mps: float) -> None:
    assert belt_in_name(Path(name), OTHERWISE).speed_mps == pytest.approx(speed_mps)


def test_a_name_with_two_speeds_or_an_impossible_one_is_refused() -> None:
    with pytest.raises(FormatError, match="more than one speed"):
        belt_in_name(Path("10kmh_12kmh.mp4"), OTHERWISE)
    with pytest.raises(FormatError, match="faster than any treadmill"):
        belt_in_name(Path("100kmh.mp4"), OTHERWISE)


@pytest.mark.parametrize("name", ["clip.json", "clip.mp4.json"])
def test_a_json_beside_the_clip_gives_speed_and_incline(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"speed_mps": 3.5, "incline_pct": 1}))
    assert belt_beside(tmp_path / "clip.mp4", OTHERWISE) == BeltInput(3.5, 1.0)


def test_a_recording_has_its_sidecar_too(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"speed": "5:00/km"}')
    assert belt_beside(tmp_path / "run.jsonl.gz", OTHERWISE).speed_mps == pytest.approx(1000 / 300)


def test_a_text_beside_the_clip_holds_a_speed_as_it_is_typed(tmp_path: Path) -> None:
    (tmp_path / "clip.txt").write_text("10.8 km/h\n")
    belt = belt_beside(tmp_path / "clip.mp4", OTHERWISE)
    assert belt.speed_mps == pytest.approx(3.0)
    assert math.isnan(belt.incline_pct)


def test_without_a_sidecar_the_typed_speed_holds(tmp_path: Path) -> None:
    assert belt_beside(tmp_path / "clip.mp4", OTHERWISE) == OTHERWISE


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clip.txt", "fast"),
        ("clip.json", "{"),
        ("clip.json", "[3.0]"),
        ("clip.json", '{"pace": 3}'),
        ("clip.json", '{"speed_mps": "3"}'),
        ("clip.json", '{"speed_mps": true}'),
        ("clip.json", '{"speed_mps": NaN}'),
        ("clip.json", '{"speed_mps": 3, "incline_pct": 99}'),
    ],
)
def test_a_sidecar_that_cannot_be_understood_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=f"{name} gives no speed"):
        belt_beside(tmp_path / "clip.mp4", OTHERWISE)
