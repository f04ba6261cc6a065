"""What is said of an easier swing is what strides, curves and baseline carry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coach.core.coaching.advice import Stage
from coach.core.coaching.baseline import Baseline
from coach.core.session.cycles import relief_pct
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.languages import load_words
from coach.review import sentences
from coach.review.cycle_charts import relief_change, swing_relief
from tests.kept import flexion_deg
from tests.kept import run as kept_run
from tests.review.told import run, session_of, staged

ENGLISH = load_words("en")


def relief_said(after_deg: float, strides_after: int = 200) -> str:
    peaks = np.concatenate([np.full(80, 92.0), np.full(strides_after, after_deg)])
    return sentences.relief_sentence(relief_change(session_of(staged(run(peaks), 80))), ENGLISH)


def test_relief_is_that_of_the_formula() -> None:
    by_formula = relief_pct(100.0, 92.0)

    assert f"about {by_formula:.0f} % easier" in relief_said(100.0)
    assert "harder" in relief_said(85.0)
    assert "easier to swing than" not in relief_said(85.0)


@pytest.mark.parametrize("after_deg", [85.0, 100.0])
def test_the_interval_of_relief_begins_with_its_smaller_end(after_deg: float) -> None:
    peaks = np.concatenate([np.full(80, 92.0), np.full(200, after_deg)])
    change = relief_change(session_of(staged(run(peaks), 80)))
    assert change is not None
    assert change.difference is not None
    relief = sentences.relief_interval(change)

    assert relief is not None
    assert relief.low < relief.estimate < relief.high
    assert relief.low == pytest.approx(relief_pct(change.before_deg + change.difference.low, change.before_deg))
    assert relief.high == pytest.approx(relief_pct(change.before_deg + change.difference.high, change.before_deg))
    near, far = sorted((abs(relief.low), abs(relief.high)))
    assert f"interval {near:.0f} to {far:.0f} %" in sentences.relief_sentence(change, ENGLISH)


def test_no_relief_is_claimed_without_change_baseline_or_strides() -> None:
    assert "about as easy to swing as at your baseline" in relief_said(92.2)
    assert "needs a baseline" in sentences.relief_sentence(relief_change(session_of(run(np.full(200, 98.0)))), ENGLISH)
    assert "needs more strides" in relief_said(100.0, strides_after=10)


def curved(before_deg: float, after_deg: float, speed_change_mps: float = 0.0) -> Session:
    """A minute of baseline and a minute of coaching with curves, as builder and tracker would leave them."""
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480, 30.0))
    for update in kept_run(
        120.0,
        peak_deg=lambda t_s: before_deg if t_s < 60 else after_deg,
        stage=lambda t_s: Stage.BASELINE if t_s < 60 else Stage.COACHING,
        belt=lambda t_s: BeltSpeed(2.8 if t_s < 60 else 2.8 + speed_change_mps, SpeedOrigin.TYPED),
    ):
        builder.add(update)
    return builder.finish()


def test_relief_over_the_swing_is_that_of_the_curves() -> None:
    found = swing_relief(curved(92.0, 102.0))

    assert found is not None
    off = round(100 * 0.26 / 0.7)
    by_hand = relief_pct(
        np.array([flexion_deg(n / 100, 102.0) for n in range(off, 101)]),
        np.array([flexion_deg(n / 100, 92.0) for n in range(off, 101)]),
    )
    assert found.relief_pct == pytest.approx(by_hand, abs=0.6)
    assert 1 < found.relief_pct < relief_pct(102.0, 92.0)
    assert found.inertia_pct(found.before)[68] == pytest.approx(100 * 0.0215 / 0.0341, abs=1)


def test_relief_over_the_swing_needs_one_speed_and_curves() -> None:
    assert swing_relief(curved(92.0, 102.0, speed_change_mps=0.5)) is None
    assert swing_relief(session_of(staged(run(np.full(200, 98.0)), 80))) is None


def test_an_earlier_baseline_serves_at_its_speed_and_side_only() -> None:
    session = session_of(run(np.full(200, 100.0)))
    own = Baseline(20000.0, 2.8, "left", 92.0, 91.0, 2.0, 80, 170.0, 0.1, session.source.set_up)

    assert "easier to swing" in sentences.relief_sentence(relief_change(session, (own,)), ENGLISH)
    assert "needs a baseline" in sentences.relief_sentence(
        relief_change(session, (replace(own, near_side="right"),)), ENGLISH
    )
    assert "needs more strides" in sentences.relief_sentence(
        relief_change(session, (replace(own, speed_mps=4.0),)), ENGLISH
    )


def test_against_a_baseline_of_another_camera_a_few_degrees_are_no_relief() -> None:
    session = session_of(run(np.full(200, 95.0)))
    own = Baseline(20000.0, 2.8, "left", 92.0, 91.0, 2.0, 80, 170.0, 0.1, session.source.set_up, corrected=True)

    assert "easier to swing" in sentences.relief_sentence(relief_change(session, (own,)), ENGLISH)
    told = sentences.relief_sentence(relief_change(session, (replace(own, camera="camera 7 640x480"),)), ENGLISH)
    assert "cannot be told from chance" in told
