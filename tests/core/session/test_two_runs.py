"""From run to run the camera's place is no change of the runner, and a true change is still seen."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coach.core.session.change import Verdict
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.session.two_runs import change_between
from tests.kept import kept_stride

CAMERA, CLIP = (SourceFacts(kind, "0", 640, 480) for kind in ("camera", "video"))


def run(lift_deg: float, seed: int, source: SourceFacts = CAMERA, shared_sd_deg: float = 1.3) -> Session:
    """Fourteen minutes at 3 m/s, of whose lift so much is said to be the camera's place."""
    rng = np.random.default_rng(seed)
    builder = SessionBuilder(source)
    builder.add_strides(
        tuple(
            replace(
                kept_stride(0.7 * n, lift_deg + rng.normal(0, 2.2), peak_knee_flexion_shared_sd_deg=shared_sd_deg),
                speed_mps=3.0,
            )
            for n in range(300)
        )
    )
    return builder.finish()


def test_clips_from_other_places_seldom_show_a_change_that_is_none() -> None:
    rng = np.random.default_rng(1)
    told = [
        change_between(*(run(100 + rng.normal(0, 1.3), 2 * n + k, CLIP) for k in range(2))).verdict for n in range(60)
    ]

    assert sum(verdict in (Verdict.RISEN, Verdict.FALLEN) for verdict in told) <= 6  # 5 % of 60, and chance


@pytest.mark.parametrize(("source", "least_deg"), [(CAMERA, 1.6), (CLIP, 4.5)])
def test_a_true_rise_is_seen_where_it_is_more_than_the_place(source: SourceFacts, least_deg: float) -> None:
    change = change_between(run(100.0, 1, source), run(100 + least_deg, 2, source))

    assert change.verdict is Verdict.RISEN
    assert change.blurred_by_place is (source is CLIP)


def test_what_no_stride_states_is_as_wide_as_an_unknown_place() -> None:
    told, untold = (change_between(*(run(100.0, n, CLIP, sd) for n in (1, 2))) for sd in (1.3, math.nan))

    assert told.place_sd_deg == pytest.approx(1.3 * math.sqrt(2))
    assert untold.place_sd_deg == pytest.approx(4.5 * math.sqrt(2))


def on(session: Session, incline_pct: float, first: int = 0) -> Session:
    """The same with a belt that climbs so from a stride on."""
    strides = tuple(replace(kept, incline_pct=incline_pct) for kept in session.strides[first:])
    return replace(session, strides=(*session.strides[:first], *strides))


@pytest.mark.parametrize(
    ("before_pct", "after_pct", "verdict"),
    [
        (math.nan, 8.0, Verdict.INCLINE_CHANGED),
        (0.0, 3.0, Verdict.INCLINE_CHANGED),
        (8.0, -2.0, Verdict.INCLINE_CHANGED),
        (8.0, 8.0, Verdict.RISEN),
        (math.nan, 1.0, Verdict.RISEN),
        (4.0, 6.5, Verdict.RISEN),
    ],
)
def test_a_hill_is_held_against_a_like_hill_alone(before_pct: float, after_pct: float, verdict: Verdict) -> None:
    change = change_between(on(run(95.0, 1), before_pct), on(run(101.0, 2), after_pct))

    assert change.verdict is verdict
    assert (change.difference is None) is (verdict is Verdict.INCLINE_CHANGED)


def test_of_two_runs_with_hills_the_level_parts_are_compared() -> None:
    hilly = on(run(95.0, 1), 8.0, first=200)
    hilly = replace(hilly, strides=(*hilly.strides[:200], *on(run(110.0, 3), 8.0).strides[200:]))

    change = change_between(hilly, run(95.0, 2))

    assert change.verdict is Verdict.STEADY
    assert change.strides == (200, 300)
