"""Footage that failed in the field, made by ffmpeg from a real clip: what is measured of it, or told instead."""

from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coach.cli import run
from tests.edges.clips import made

pytestmark = pytest.mark.slow

CADENCE_SPM = 168.9
"""Of the whole clip, counted by hand."""
PEAK_DEG = 94.0
"""Near peak of the whole clip as it is measured; 93.3 by hand."""


class Told(NamedTuple):
    """What `coach analyze` left behind."""

    status: int
    words: str
    json: dict[str, Any]

    @property
    def peaks_deg(self) -> list[float]:
        return [s["peak_knee_flexion_deg"] for s in self.json["strides"] if s["near"] and s["valid"]]


@pytest.fixture(scope="module")
def clip(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of the clip, half as large, nearly without loss."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not here")
    whole, encode = test_data / "real" / "treadmill_garage_30fps.mp4", ("-qp", "6", "-preset", "ultrafast", "-an")
    small = tmp_path_factory.mktemp("clip") / "small.mp4"
    return made(small, "-t", "10", "-i", str(whole), "-vf", "scale=360:640", "-c:v", "libx264", *encode)


@pytest.fixture
def once(tmp_path: Path) -> tuple[str, str]:
    """Each picture read once: where nothing is measured to the degree, it is told all the same."""
    config = tmp_path / "once.toml"
    config.write_text('[pose]\neffort = "fast"\n')
    return "--config", str(config)


def analyzed(video: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Told:
    out = video.with_suffix(".json")
    status = run(["analyze", str(video), "--no-store", "--json", str(out), *options])
    said = capsys.readouterr()
    return Told(status, said.out + said.err, json.loads(out.read_text("utf-8")) if out.exists() else {})


def filmed(clip: Path, folder: Path, seconds: float, filters: str, *more: str) -> Path:
    """Some seconds of the clip, filtered."""
    encode = ["-c:v", "libx264", "-crf", "16", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    return made(folder / "case.mp4", "-t", str(seconds), "-i", str(clip), "-vf", filters, *more, *encode)


@pytest.mark.parametrize(
    ("seconds", "filters", "fewest"),
    [
        pytest.param(10, "fps=10", 7, id="10 pictures a second"),
        pytest.param(5, "scale=iw*3/4:ih,setsar=4/3", 5, id="pixels that are not square"),
    ],
)
def test_what_can_be_measured_is(
    clip: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    filters: str,
    fewest: int,
) -> None:
    told = analyzed(filmed(clip, tmp_path, seconds, filters), capsys)
    assert told.status == 0
    assert len(told.peaks_deg) >= fewest
    assert statistics.median(told.peaks_deg) == pytest.approx(PEAK_DEG, abs=4)
    assert told.json["summary"]["cadence_spm"] == pytest.approx(CADENCE_SPM, abs=1.5)


@pytest.mark.parametrize(
    ("seconds", "filters", "told_as", "seen"),
    [
        pytest.param(5, "vflip,hflip", "the picture is upside down", "upside_down", id="upside down"),
        pytest.param(3, "transpose=1", "the picture lies on its side", "on_its_side", id="on its side"),
        pytest.param(3, "transpose=2", "the picture lies on its side", "on_its_side", id="on its other side"),
        pytest.param(
            5, "crop=iw:490:0:0", "the feet are outside the picture", "feet_out_of_picture", id="feet cropped"
        ),
        pytest.param(4, "drawbox=color=gray:t=fill", "no runner was found", "away", id="an empty room"),
    ],
)
def test_what_is_no_run_is_told_by_name_and_nothing_is_kept(
    clip: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    filters: str,
    told_as: str,
    seen: str,
    once: tuple[str, str],
) -> None:
    told = analyzed(filmed(clip, tmp_path, seconds, f"fps=15,{filters}"), capsys, *once)
    assert told.status == 4
    assert told_as in told.words
    assert "of running seen" not in told.words
    assert seen in told.json["view"]["seen_instead"]
    assert told.json["strides"] == [] or not told.peaks_deg


def test_slow_motion_is_named_and_counts_for_nothing_until_it_is_confirmed(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], once: tuple[str, str]
) -> None:
    slow = filmed(clip, tmp_path, 6, "setpts=4*PTS", "-r", "30")
    told = analyzed(slow, capsys, *once)
    assert (told.status, told.peaks_deg) == (4, [])
    assert "slow motion" in told.words
    assert "--time-scale 4" in told.words
    confirmed = analyzed(slow, capsys, *once, "--time-scale", "4")
    assert confirmed.json["summary"]["cadence_spm"] == pytest.approx(CADENCE_SPM, abs=1.5)
    assert len(confirmed.peaks_deg) >= 5


def test_a_still_picture_is_no_video(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    still = made(tmp_path / "still.jpg", "-i", str(clip), "-frames:v", "1")
    told = analyzed(still, capsys)
    assert told.status == 3
    assert "it is a still picture" in told.words
