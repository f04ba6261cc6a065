"""`coach analyze A B …`: a bad file does not end it, and a table closes it."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from coach.cli import run
from coach.edges.demo import DemoSource
from coach.ports import Frame


@pytest.mark.slow
def test_it_goes_on_after_a_bad_file_and_ends_with_a_table(
    pose_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("[bad].mp4").write_bytes(b"no video")
    writer = cv2.VideoWriter("run.mp4", cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (320, 240))
    for frame in DemoSource(width=320, height=240, duration_s=4.0).frames():
        assert isinstance(frame, Frame)
        writer.write(frame.image_bgr)
    writer.release()

    assert run(["analyze", "[bad].mp4", "run.mp4", "--no-store"]) == 3
    said = capsys.readouterr()
    assert "coach: [bad].mp4 is not a video" in " ".join(said.err.split())
    heading, bad, good = said.out.strip().splitlines()[-3:]
    assert heading.split()[0] == "video"
    assert bad.split()[:2] == ["[bad].mp4", "failed"]
    assert good.split()[0] == "run.mp4"
    assert good.split()[1].isdecimal()
