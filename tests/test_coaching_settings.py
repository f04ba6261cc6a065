"""Norms, correction, schedule and policy in config.toml: what is impossible is refused by key and range."""

from __future__ import annotations

from pathlib import Path

import pytest

from coach.config import load_settings
from coach.errors import ConfigError


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_norms_correction_and_schedule_can_be_changed(tmp_path: Path) -> None:
    settings = load_settings(
        config(
            tmp_path,
            "[norms]\npeak_2_5_mps_deg = 93\n[treadmill]\ncorrection_deg = 1.5\n"
            "[programme]\nfeedback_pct = [100, 50, 0]\nfirst_minutes = 10\n",
        )
    ).coach

    assert settings.norms.peak_2_5_mps_deg == 93
    assert settings.treadmill.correction_deg == 1.5
    assert settings.programme.feedback_pct == (100, 50, 0)
    assert settings.programme.first_minutes == 10


@pytest.mark.parametrize(
    ("section", "line", "limits"),
    [
        ("session", "warm_up_s = -1", "0 to 3600"),
        ("norms", "sd_deg = 50", "2 to 20"),
        ("norms", "peak_3_5_mps_deg = 200", "60 to 150"),
        ("baseline", "duration_s = 2", "5 to 600"),
        ("baseline", "like_speed_mps = 3", "0.1 to 1"),
        ("target", "floor_below_deg = 0", "1 to 10"),
        ("target", "ceiling_above_deg = 1", "3 to 20"),
        ("treadmill", "correction_deg = 7", "0 to 6"),
        ("programme", "goal_deg = 30", "0 to 20"),
        ("programme", "block_s = 5", "60 to 900"),
        ("programme", "seed = -1", "0 to 1000000"),
        ("cues", "refractory_s = 1", "5 to 600"),
        ("cues", "window_strides = 40", "6 to 12"),
        ("cues", "unanswered = 0", "1 to 10"),
        ("cues", "per_2_min = 0", "1 to 10"),
        ("cues", "spoken_every_min = 90", "0 to 60"),
    ],
)
def test_a_number_out_of_range_names_its_key_and_its_range(
    tmp_path: Path, section: str, line: str, limits: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(config(tmp_path, f"[{section}]\n{line}\n"))

    key = line.split(" ", maxsplit=1)[0]
    assert f"{section}.{key}" in str(refused.value)
    assert f"number from {limits}" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[norms]\npeak_2_5_mps_deg = 110\n", r"norms\.peak_2_5_mps_deg.*must rise"),
        ("[programme]\nfeedback_pct = [100, 150]\n", r"programme\.feedback_pct = 150.*0–100"),
        ("[programme]\nfeedback_pct = []\n", r"programme\.feedback_pct.*1–50"),
        ("[programme]\nfirst_minutes = 60\n", r"programme\.last_minutes.*programme\.first_minutes"),
        ("[speed]\ntrust = []\n", r"speed\.trust = \[\] leaves no source"),
        ('[target]\nlevel = "brutal"\n', r"target\.level"),
        ("[programme]\nsessions = 8\n", r"programme\.sessions"),
    ],
)
def test_what_cannot_be_together_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_settings(config(tmp_path, text))
