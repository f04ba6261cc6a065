"""Cycles are resampled without cutting the peak, and merge as if averaged at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.session.cycles import CYCLE_POINTS, merged, resampled
from coach.core.session.records import Cycle
from tests.kept import flexion_deg

WAVE_S = 0.7


def sampled(fps: float, until_s: float = 1.6) -> tuple[np.ndarray, np.ndarray]:
    t_s = np.arange(0, until_s, 1 / fps)
    return t_s, np.array([flexion_deg((t / WAVE_S) % 1.0, 100.0) for t in t_s])


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
def test_the_peak_survives_resampling_at_every_frame_rate(fps: float) -> None:
    curve = resampled(*sampled(fps), 0.7, 1.4)

    assert curve is not None
    assert curve.shape == (CYCLE_POINTS,)
    assert curve.max() == pytest.approx(100.0, abs=0.8)


def test_the_curve_is_scipy_s_natural_spline() -> None:
    from scipy.interpolate import CubicSpline

    t_s, flexion = sampled(30)
    inside = (t_s >= 0.7 - 0.09) & (t_s <= 1.4 + 0.09)
    theirs = CubicSpline(t_s[inside], flexion[inside], bc_type="natural")(np.linspace(0.7, 1.4, CYCLE_POINTS))

    ours = resampled(t_s, flexion, 0.7, 1.4)
    assert ours is not None
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_a_gap_or_a_stride_cut_short_gives_no_curve() -> None:
    t_s, flexion = sampled(30)
    holed = flexion.copy()
    holed[30:35] = np.nan

    assert resampled(t_s, holed, 0.7, 1.4) is None
    assert resampled(t_s, flexion, 1.2, 1.9) is None
    assert resampled(t_s[:2], flexion[:2], 0.0, 0.7) is None


@given(st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_merging_blocks_equals_averaging_every_curve(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = [rng.normal(60, 20, (n, CYCLE_POINTS)) for n in sizes]
    every = np.concatenate(blocks)
    sd = [b.std(axis=0, ddof=1) if len(b) > 1 else np.zeros(CYCLE_POINTS) for b in blocks]

    whole = merged(Cycle(b.mean(axis=0), s, len(b)) for b, s in zip(blocks, sd, strict=True))

    assert whole is not None
    assert whole.n == len(every)
    np.testing.assert_allclose(whole.mean_deg, every.mean(axis=0), atol=1e-9)
    if whole.n > 1:
        np.testing.assert_allclose(whole.sd_deg, every.std(axis=0, ddof=1), atol=1e-6)


def test_nothing_merges_to_nothing() -> None:
    assert merged([]) is None
