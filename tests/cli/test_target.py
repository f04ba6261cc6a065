"""`coach target`: the band for a speed, with everything that goes into it."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import pytest

from coach.app.data_folder import save_profile
from coach.cli import run
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress

TODAY = time.time() / 86_400.0
OWN = Baseline(
    day=TODAY - 3,
    speed_mps=12 / 3.6,
    near_side="right",
    left_deg=math.nan,
    right_deg=95.0,
    sd_deg=2.2,
    strides=80,
    cadence_spm=170.0,
    bounce_ll=0.09,
    camera="camera 0",
)


def band(data_dir: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """What `coach target --speed 12 --json -` says."""
    assert run(["target", "--speed", "12", "--json", "-", "--data-dir", str(data_dir), *more]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def parts_deg(said: dict[str, Any]) -> dict[str, float]:
    return {part["name"]: part["deg"] for part in said["parts"]}


def test_it_prints_the_band_with_its_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["target", "--speed", "12", "--level", "steady", "--data-dir", str(tmp_path)]) == 0

    text = capsys.readouterr().out
    assert "At 12.0 km/h: 107°" in text
    assert "between 91° and 124°" in text
    for part in ("norm", "baseline", "held steps", "level steady", "programme step", "treadmill correction", "ceiling"):
        assert part in text
    assert "preference on mixed evidence" in " ".join(text.split())


@pytest.mark.parametrize(("units", "speed"), [("metric", "12.0 km/h"), ("imperial", "7.5 mph")])
def test_every_speed_is_in_the_runners_units(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], units: str, speed: str
) -> None:
    save_profile(tmp_path, RunnerProfile(baselines=(OWN,)))
    own = tmp_path / "own.toml"
    own.write_text(f'units = "{units}"\n')
    assert run(["target", "--speed", "12", "--data-dir", str(tmp_path), "--config", str(own)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"At {speed}: " in text
    assert f"runners' mean at {speed}" in text
    assert f"own baseline at {speed}" in text
    assert "m/s" not in text


def test_its_json_holds_what_the_contract_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = band(tmp_path, capsys, "--level", "steady")

    assert list(said) == ["low_deg", "target_deg", "high_deg", "parts"]
    assert all(list(part) == ["name", "deg", "why"] for part in said["parts"])
    assert said["low_deg"] < said["target_deg"] < said["high_deg"]
    assert sum(parts_deg(said).values()) == pytest.approx(said["target_deg"], abs=0.05)


def test_overground_the_correction_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inside, outside = band(tmp_path, capsys), band(tmp_path, capsys, "--mode", "overground")

    assert outside["target_deg"] == pytest.approx(inside["target_deg"] - 3.0)
    assert parts_deg(outside)["treadmill correction"] == 0


def test_a_higher_level_asks_for_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [band(tmp_path, capsys, "--level", level)["target_deg"] for level in ("easy", "steady", "strong")]

    assert asked == sorted(set(asked))


def test_the_own_baseline_and_the_step_practised_next_go_into_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_profile(tmp_path, RunnerProfile((OWN,)))

    said = band(tmp_path, capsys)

    assert said["low_deg"] == pytest.approx(95.0 - 3.0, abs=0.1)
    assert said["target_deg"] == pytest.approx(95.0 + 1.0 + 4.0 + 3.0, abs=0.1)
    assert parts_deg(said)["programme step"] == 4.0


def test_a_paused_programme_asks_for_no_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_profile(tmp_path, RunnerProfile((OWN,), Progress(paused=True)))

    assert parts_deg(band(tmp_path, capsys))["programme step"] == 0


def test_a_stale_baseline_does_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = Baseline(**{name: getattr(OWN, name) for name in OWN.__slots__} | {"day": TODAY - 40})
    save_profile(tmp_path, RunnerProfile((old,)))

    assert parts_deg(band(tmp_path, capsys))["baseline"] == 0


@pytest.mark.parametrize(("arguments", "names"), [(["--speed", "0"], "running speed"), ([], "--speed")])
def test_without_a_running_speed_it_says_what_to_give(
    arguments: list[str], names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["target", *arguments]) == 2
    assert names in capsys.readouterr().err


def test_an_impossible_correction_names_its_key_and_range(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[treadmill]\ncorrection_deg = 7\n")

    assert run(["target", "--speed", "12", "--config", str(own)]) == 2

    line = capsys.readouterr().err
    assert "treadmill.correction_deg" in line
    assert "6" in line


def test_on_a_hill_the_level_s_baseline_is_told_as_another_and_nothing_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_profile(tmp_path, RunnerProfile(baselines=(OWN,)))
    level, slight, steep = (band(tmp_path, capsys, *more) for more in ((), ("--incline", "1"), ("--incline", "8")))

    assert slight == level
    assert (parts_deg(level)["programme step"], parts_deg(steep)["programme step"]) == (4.0, 0.0)
    assert parts_deg(steep)["baseline"] == parts_deg(level)["baseline"], "it still says where the runner is"
    assert steep["low_deg"] == pytest.approx(level["low_deg"] - 9.4, abs=0.01)
    assert [part["why"] for part in steep["parts"][:2]] == [
        "runners' mean at 12.0 km/h on the level; nobody was measured on a hill",
        "own baseline at 12.0 km/h, on another incline: wide band, no step",
    ]
    assert level["parts"][0]["why"] == "runners' mean at 12.0 km/h"
