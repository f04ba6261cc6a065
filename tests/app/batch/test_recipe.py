"""The recipe of docs/batch.md runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coach.app import offline
from coach.app.batch.archive import Archive, Sieve
from coach.app.batch.task import Task, analyse
from coach.app.speed_sources import BeltInput
from coach.edges.files.dataset import Dataset
from coach.settings import Settings
from tests.app.batch.archives import damaged, recording

pytest.importorskip("pyarrow", reason="coach batch needs the extra [batch]")
PAGE = Path(__file__).parents[3] / "docs" / "batch.md"


def test_the_recipe_prints_a_line_a_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = recording(tmp_path / "run.jsonl")
    damaged(tmp_path / "bad.jsonl")
    asked = Archive(tmp_path, Settings(), BeltInput(3.0))
    dataset = Dataset.create(tmp_path / "results")
    for task in Sieve(asked, ()).tasks(asked.files(without=tmp_path / "results")):
        assert isinstance(task, Task)
        dataset.put(analyse(task))

    monkeypatch.chdir(tmp_path)
    (recipe,) = re.findall(r"```python\n(import pyarrow.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    exec(compile(recipe, str(PAGE), "exec"), {})

    summary = offline.replay(clip, belt=BeltInput(3.0)).summary
    name, speed, peak, strides = capsys.readouterr().out.split()
    assert (name, int(strides)) == ("run.jsonl", summary.strides_valid_near)
    assert float(speed) == pytest.approx(3.0)
    assert float(peak) == pytest.approx(summary.peak_knee_flexion_deg.near)
