"""A cohort with effects that are known, through Parquet and JSON to the mixed model of the docs."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.files.dataset import Dataset
from coach.edges.files.dataset_rows import VideoRecord
from coach.review.session_json import session_json_text
from tests import kept

SLOPE = 9.0
RUNNER_SD, RUN_SD = 5.0, 1.5
SPEEDS_MPS = (2.5, 3.5)
RUNNERS = 8


@pytest.fixture(scope="module")
def script() -> ModuleType:
    pytest.importorskip("statsmodels", reason="needs the extra [lab]")
    spec = importlib.util.spec_from_file_location("mixed_model", Path(__file__).parents[2] / "examples/mixed_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sessions() -> Iterator[tuple[str, Session]]:
    """Eight runners at two speeds; a line of strides in each run, whose peaks have the effects."""
    draw = np.random.default_rng(7)
    for number in range(RUNNERS):
        of_runner = draw.normal(0, RUNNER_SD)
        for speed_mps in SPEEDS_MPS:
            mean_deg = 100 + SLOPE * (speed_mps - 3.0) + of_runner + draw.normal(0, RUN_SD)
            peaks_deg = iter(draw.normal(mean_deg, 3.0, 200).tolist())
            belt = partial(_constantly, BeltSpeed(speed_mps, SpeedOrigin.TYPED))
            builder = SessionBuilder(SourceFacts("video", "clip", 640, 480))
            run = kept.run(12.0, fps=4.0, belt=belt, peak_deg=partial(_next_of, peaks_deg))
            for update in run:
                builder.add(update)
            yield f"r{number}_{speed_mps}mps.mp4", builder.finish()


def _constantly(belt: BeltSpeed, _t_s: float) -> BeltSpeed:
    return belt


def _next_of(peaks_deg: Iterator[float], _t_s: float) -> float:
    return next(peaks_deg)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`dataset/` as `coach batch` keeps it, `json/` as `coach export` does."""
    folder = tmp_path_factory.mktemp("cohort")
    dataset = Dataset.create(folder / "dataset")
    (folder / "json").mkdir()
    for name, session in sessions():
        content = hashlib.sha256(name.encode()).hexdigest()
        dataset.put(VideoRecord(content, "settings", f"/clips/{name}", name, 1, 1, "0.1.0", 1.0, session))
        (folder / "json" / f"{name}.json").write_text(session_json_text(session))
    return folder


def test_the_model_finds_the_effects(script: ModuleType, cohort: Path) -> None:
    strides = script.strides_of(cohort / "dataset")
    assert strides["runner"].nunique() == RUNNERS
    assert strides["run"].nunique() == RUNNERS * len(SPEEDS_MPS)
    model = script.fitted(strides)
    error = model.bse_fe["speed"]
    assert abs(model.fe_params["speed"] - SLOPE) < 3 * error
    # Runs differ within a runner, so the slope is as sure as so many runs make it, however many strides they have.
    assert error == pytest.approx(RUN_SD * (2 / RUNNERS) ** 0.5, rel=0.4)
    assert model.cov_re.iloc[0, 0] ** 0.5 == pytest.approx(RUNNER_SD, rel=0.5)
    assert model.scale**0.5 == pytest.approx(3.0, rel=0.1)


def test_json_tells_the_same(script: ModuleType, cohort: Path) -> None:
    said = script.told(script.strides_of(cohort / "json"))
    assert said == script.told(script.strides_of(cohort / "dataset"))
    assert f"{RUNNERS} runners" in said


def test_after_a_turn_the_strides_of_the_run_s_own_near_side_are_taken(script: ModuleType, tmp_path: Path) -> None:
    builder = SessionBuilder(SourceFacts("video", "clip", 640, 480))
    for update in (*kept.run(20.0, fps=4.0), *kept.run(12.0, fps=4.0, first_s=24.0, facing="right")):
        builder.add(update)
    turned = builder.finish()
    dataset = Dataset.create(tmp_path / "dataset")
    (tmp_path / "json").mkdir()
    for name, session in [("anna_turned.mp4", turned), *sessions()]:
        content = hashlib.sha256(name.encode()).hexdigest()
        dataset.put(VideoRecord(content, "settings", f"/clips/{name}", name, 1, 1, "0.1.0", 1.0, session))
        (tmp_path / "json" / f"{name}.json").write_text(session_json_text(session))

    assert len({stride.side for stride in turned.strides if stride.near}) == 2
    for form in ("dataset", "json"):
        strides = script.strides_of(tmp_path / form)
        of_anna = strides[strides["runner"] == "anna"]
        assert set(of_anna["side"]) == {turned.view.near_side}
        assert len(of_anna) == turned.summary.strides_valid_near


def test_one_runner_is_no_cohort(script: ModuleType, cohort: Path, tmp_path: Path) -> None:
    (alone,) = cohort.glob("json/r0_2.5*")
    (tmp_path / alone.name).write_text(alone.read_text())
    with pytest.raises(SystemExit, match="two runners"):
        script.strides_of(tmp_path)
