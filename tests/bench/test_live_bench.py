"""The live bench opens what a run opens, and its figures are of that run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.live import naive, side_by_side, table
from bench.live_rig import demo_video, display

FPS, SECONDS = 15, 9.0
"""A cue is given every five seconds: a machine that stands still for three has time for one all the same."""


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("DISPLAY") and not shutil.which("Xvfb"), reason="needs a display, or Xvfb")
def test_both_loops_run_through_and_say_what_they_saw(tmp_path: Path, pose_model: Path) -> None:
    folders = [tmp_path / name for name in ("live", "naive")]
    for folder in folders:
        folder.mkdir()
    video = demo_video(tmp_path, FPS, SECONDS)

    with display():
        results = {"side by side": side_by_side(video, folders[0]), "naive loop": naive(video, folders[1])}

    for seen in results.values():
        # On a busy machine the source leaves out frames that nobody comes for, the last ones unseen.
        assert 0 < seen.poses <= seen.delivered <= seen.delivered + seen.skipped <= FPS * SECONDS
        assert seen.pictures > 0
        assert seen.cues == 1
    printed = table(results)
    assert printed.count(" / ") >= 8, "median and 95th percentile of each way"
    assert "nan" not in printed
