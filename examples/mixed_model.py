"""Does heel lift rise with belt speed, and how much do runners differ? A mixed model over a cohort.

coach batch clips --out results --speed-from name
python examples/mixed_model.py results

The folder holds a dataset of `coach batch`, or sessions as JSON (`coach export ID --format json --out anna_3.json`). A
file's name up to its first `_` or `/` says whose run it is: `anna_10.5kmh.mp4` and `anna/first.mp4` are Anna's.

Strides of one run resemble each other, runs of one runner too: to take a thousand strides for a thousand witnesses
would make every difference certain. So runners have intercepts of their own, and within a runner each run has one.
Needs: pip install 'treadmill-coach[lab]'
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.dataset as ds
from statsmodels.regression.mixed_linear_model import MixedLM

MEASURE = "peak_knee_flexion_deg"
COLUMNS = [MEASURE, "speed_mps", "side", "near", "valid"]


def strides_of(cohort: Path) -> pd.DataFrame:
    """Trusted near-leg strides at a known speed: runner, run, speed and measure."""
    rows = _parquet(cohort) if (cohort / "strides").is_dir() else pd.DataFrame(_json_rows(cohort))
    # Of a runner who turned round both legs have near strides; those of the run's near side are what it is told by.
    near = rows["near"] & (rows["side"] == rows["near_side"])
    kept = rows[rows["valid"] & near].dropna(subset=[MEASURE, "speed_mps"])
    if kept["run"].map(whose).nunique() < 2 or kept["speed_mps"].nunique() < 2:
        raise SystemExit("trusted strides of two runners and two speeds are the least; see --speed of coach batch")
    # A camera's own error is the same for all strides of a run; measured speeds flicker by centimetres a second.
    return kept.assign(runner=kept["run"].map(whose), speed_mps=kept["speed_mps"].round(2))


def whose(run: str) -> str:
    """The runner, from the name of a file."""
    return re.split(r"[_/\\]", run, maxsplit=1)[0]


def fitted(strides: pd.DataFrame) -> Any:
    """Measure ~ speed, by REML; the speed is centred, so that the intercept is the lift at the mean speed."""
    centred = strides.assign(speed=strides["speed_mps"] - strides["speed_mps"].mean())
    runs = {"run": "0 + C(run)"}
    return MixedLM.from_formula(f"{MEASURE} ~ speed", centred, groups="runner", vc_formula=runs, re_formula="1").fit()


def told(strides: pd.DataFrame) -> str:
    """The model in words."""
    model = fitted(strides)
    low, high = model.conf_int().loc["speed"]
    between, runs = model.cov_re.iloc[0, 0] ** 0.5, model.vcomp[0] ** 0.5
    return "\n".join(
        (
            f"{len(strides)} strides, {strides['run'].nunique()} runs, {strides['runner'].nunique()} runners",
            f"heel lift at {strides['speed_mps'].mean():.2f} m/s: {model.fe_params['Intercept']:.1f}°",
            f"a metre a second more: {model.fe_params['speed']:+.1f}° (95 % from {low:+.1f} to {high:+.1f})",
            f"SD between runners {between:.1f}°, runs of one {runs:.1f}°, strides of a run {model.scale**0.5:.1f}°",
        )
    )


def _parquet(cohort: Path) -> pd.DataFrame:
    names = ds.dataset(cohort / "sessions").to_table(columns=["content_sha256", "name", "near_side"])
    strides = ds.dataset(cohort / "strides").to_table(columns=["content_sha256", *COLUMNS])
    return strides.join(names, "content_sha256").rename_columns({"name": "run"}).to_pandas()


def _json_rows(cohort: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(cohort.glob("*.json")):
        session = json.loads(path.read_text("utf-8"))
        run = {"run": path.name, "near_side": session["view"]["near_side"]}
        for stride in session["strides"]:
            yield run | {column: stride[column] for column in COLUMNS}


if __name__ == "__main__":
    print(told(strides_of(Path(sys.argv[1]))))
