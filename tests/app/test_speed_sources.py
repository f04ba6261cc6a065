"""Several sources as one: the most trusted first, nothing stale, and what they have to tell."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coach.app.speed_sources import (
    BeltInput,
    SpeedSources,
    belt_beside,
    belt_in_name,
    belt_input,
    open_speed_sources,
    with_typed_speed,
)
from coach.core.coach_settings import CoachSettings, SpeedSettings, SpeedTrust, TreadmillSettings
from coach.core.notices import Notice, NoticeKind
from coach.core.speed.belt_speed import TRAITS, BeltSpeed, SpeedOrigin, by_trust
from coach.core.speed.speed_plan import parse_plan
from coach.edges.speed.typed_speed import TypedSpeed
from coach.errors import ConfigError, FormatError
from coach.languages import languages, load_words
from coach.ports import SpeedSource


class Console:
    """Stands for a treadmill: it says one speed, and one thing to tell."""

    def __init__(self, speed: BeltSpeed | None) -> None:
        self.speed = speed
        self.to_tell = [Notice(NoticeKind.TREADMILL, "screen.belt_connected", "Run 5000")]
        self.closed = 0

    def current(self, t_s: float) -> BeltSpeed | None:
        return self.speed

    def notices(self) -> tuple[Notice, ...]:
        told, self.to_tell = tuple(self.to_tell), []
        return told

    def close(self) -> None:
        self.closed += 1


def treadmill(age_s: float = 0.0) -> BeltSpeed:
    return BeltSpeed(2.8, SpeedOrigin.TREADMILL, 0.08, age_s)


def origins(sources: SpeedSources) -> list[SpeedOrigin]:
    return [speed.origin for speed in sources.current(0.0)]


def test_the_most_trusted_comes_first_whatever_the_order_of_opening() -> None:
    sources: list[SpeedSource] = [TypedSpeed(3.0), Console(treadmill())]
    assert origins(SpeedSources(sources)) == [SpeedOrigin.TREADMILL, SpeedOrigin.TYPED]
    doubting = SpeedSettings(trust=("typed", "treadmill"))
    assert origins(SpeedSources(sources, doubting)) == [SpeedOrigin.TYPED, SpeedOrigin.TREADMILL]


def test_what_is_stale_or_unknown_or_not_trusted_is_left_out() -> None:
    for speed in (treadmill(age_s=5.1), BeltSpeed(math.nan, SpeedOrigin.TREADMILL), None):
        assert origins(SpeedSources([Console(speed), TypedSpeed(3.0)])) == [SpeedOrigin.TYPED]
    assert origins(SpeedSources([Console(treadmill())], SpeedSettings(trust=("typed",)))) == []


def test_a_treadmill_that_tells_no_incline_climbs_as_it_is_planned() -> None:
    planned = TypedSpeed(plan=parse_plan("1min@9 6%"))
    silent, telling = Console(treadmill()), Console(replace(treadmill(), incline_pct=2.0))

    assert [told.incline_pct for told in SpeedSources([silent, planned]).current(0.0)] == [6.0, 6.0]
    assert [told.incline_pct for told in SpeedSources([telling, planned]).current(0.0)] == [2.0, 6.0]


def test_what_they_tell_is_told_once_and_all_are_closed() -> None:
    one, other = Console(None), Console(None)
    sources = SpeedSources([one, other])
    assert [notice.detail for notice in sources.notices()] == ["Run 5000", "Run 5000"]
    assert sources.notices() == ()
    sources.close()
    assert (one.closed, other.closed) == (1, 1)


def test_keys_change_the_typed_speed_and_nothing_where_there_is_none() -> None:
    sources = open_speed_sources(BeltInput(speed_mps=10 / 3.6), CoachSettings())
    sources.faster(None)
    assert sources.current(0.0)[0].speed_mps == pytest.approx(10.5 / 3.6)
    sources.slower(None)
    assert sources.current(0.0)[0].speed_mps == pytest.approx(10 / 3.6)
    SpeedSources([]).faster(3.0)


UNTYPED = CoachSettings(speed=SpeedSettings(trust=("treadmill", "video")))


@pytest.mark.parametrize("belt", [BeltInput(speed_mps=3.0), BeltInput(plan="5min@9")])
def test_a_speed_that_would_never_be_used_is_refused(belt: BeltInput) -> None:
    with pytest.raises(ConfigError, match=r'a belt speed is given, but speed\.trust leaves "typed" out'):
        open_speed_sources(belt, UNTYPED)
    assert open_speed_sources(belt, with_typed_speed(UNTYPED)).current(0.0)[0].speed_mps > 2
    assert open_speed_sources(BeltInput(incline_pct=2.0), UNTYPED).current(0.0) == ()


def test_a_key_whose_speed_would_never_be_used_says_so_and_changes_nothing() -> None:
    sources = open_speed_sources(BeltInput(), UNTYPED)
    sources.faster(3.0)
    assert [(notice.kind, notice.key) for notice in sources.notices()] == [(NoticeKind.KEY, "belt.untrusted")]
    assert sources.notices() == ()
    assert sources.current(0.0) == ()


@pytest.mark.parametrize(
    ("trust", "keys", "remedy"),
    [
        (("treadmill", "typed", "video"), True, "remedy.speed"),
        (("typed",), False, "remedy.speed_option"),
        (("treadmill", "video"), True, "remedy.height"),
        (("treadmill",), False, "remedy.treadmill"),
    ],
)
def test_the_remedy_for_an_unknown_speed_is_one_that_is_trusted(
    trust: tuple[SpeedTrust, ...], keys: bool, remedy: str
) -> None:
    assert SpeedSources([], SpeedSettings(trust=trust)).remedy(keys=keys) == remedy


def test_a_file_looks_for_no_treadmill() -> None:
    settings = CoachSettings(treadmill=TreadmillSettings(bluetooth=True))
    sources = open_speed_sources(BeltInput(speed_mps=3.0), settings)
    assert len(sources._sources) == 1
    live = open_speed_sources(BeltInput(speed_mps=3.0), settings, treadmill_memory=Path("unused"))
    assert len(live._sources) == 2
    live.close()


@pytest.mark.parametrize(
    ("speed", "incline_pct", "complaint"),
    [
        ("fast", None, "--speed: "),
        ("10", 51.0, "--incline: 51 is no incline in per cent; give a number from -30 to 50"),
    ],
)
def test_a_slip_is_one_line(speed: str, incline_pct: float | None, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        belt_input(speed, incline_pct)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("origin", SpeedOrigin)
def test_every_source_has_its_row_and_its_words(origin: SpeedOrigin, language: str) -> None:
    line = load_words(language).line
    keys = [f"belt.origin.{origin}", f"screen.speed.{origin}"]
    if not TRAITS[origin].from_picture:
        keys.append(f"belt.given.{origin}")
    assert [key for key in keys if line(key) == key] == []


def test_among_sources_of_one_name_the_table_decides() -> None:
    told = [BeltSpeed(3.0, origin, age_s=0.0) for origin in reversed(SpeedOrigin)]
    assert [speed.origin for speed in by_trust(told, SpeedSettings())] == list(TRAITS)


@pytest.mark.parametrize("speed_mps", [0, 0.0, -1, 12.6, 100, math.nan, math.inf, True, "10.5km/h", "3"])
def test_whoever_says_it_no_belt_runs_at_such_a_speed(speed_mps: Any) -> None:
    with pytest.raises(ConfigError, match="belt"):
        BeltInput(speed_mps)


@pytest.mark.parametrize("incline_pct", [1000, -31, math.inf, "4", None])
def test_whoever_says_it_no_belt_climbs_so(incline_pct: Any) -> None:
    with pytest.raises(ConfigError, match="incline in per cent; give a number from -30 to 50"):
        BeltInput(3.0, incline_pct)


@pytest.mark.parametrize("number", [np.float32(3), np.float64(3), np.int64(3), 3])
def test_a_number_out_of_a_table_is_taken_as_a_plain_one(number: Any) -> None:
    belt = BeltInput(number, number)
    assert (type(belt.speed_mps), type(belt.incline_pct)) == (float, float)
    assert belt == BeltInput(3.0, 3.0)
    assert math.isnan(BeltInput(number, np.float32("nan")).incline_pct)  # type: ignore[arg-type]


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
    with pytest.raises(FormatError, match=r"q_0kmh\.mp4: at 0 the belt stands still"):
        belt_in_name(Path("q_0kmh.mp4"), OTHERWISE)


@pytest.mark.parametrize("name", ["clip.json", "clip.mp4.json"])
def test_a_json_beside_the_clip_gives_speed_and_incline(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"speed_mps": 3.5, "incline_pct": 1}))
    assert belt_beside(tmp_path / "clip.mp4", OTHERWISE) == BeltInput(3.5, 1.0)


def test_a_recording_has_its_sidecar_too(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"speed": "5:00/km"}')
    assert belt_beside(tmp_path / "run.jsonl.gz", OTHERWISE).speed_mps == pytest.approx(1000 / 300)


def test_a_text_beside_the_clip_is_read_as_powershell_writes_it(tmp_path: Path) -> None:
    (tmp_path / "clip.txt").write_text("10.8km/h\r\n", "utf-16")

    assert belt_beside(tmp_path / "clip.mp4", OTHERWISE).speed_mps == pytest.approx(3.0)


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
        ("clip.txt", "0"),
        ("clip.json", '{"speed_mps": 0}'),
        ("clip.json", '{"speed": "0 km/h"}'),
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
