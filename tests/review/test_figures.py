"""The numbers at the head of a page, and what stands beside them, agree with each other."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.gait.quality import RejectReason
from coach.languages import load_words
from coach.review.figures import figures_of
from coach.review.session_page import session_page
from tests import kept
from tests.review.test_charts import kept_of, page_of

ENGLISH = load_words("en")


@pytest.mark.parametrize(("known_s", "note"), [(0.0, ""), (1.0, ""), (20.0, "in 40 s at a known speed"), (99.0, "")])
def test_a_distance_that_is_short_for_its_time_says_in_how_much_of_it(known_s: float, note: str) -> None:
    session = kept_of(kept.run(60.0, belt=lambda t_s: kept.TYPED_10 if t_s >= known_s else None))
    distance = figures_of(session, ENGLISH, "metric")[3]

    assert (distance.name, distance.note) == ("Distance", note)


def test_a_descent_is_written_with_a_true_minus() -> None:
    session = kept_of(kept.run(10.0, belt=lambda _t_s: replace(kept.TYPED_10, incline_pct=-2.5)))

    assert figures_of(session, ENGLISH, "metric")[2].note == "typed in, incline −2.5 %"


@pytest.mark.parametrize("incline_pct", [math.nan, 8.0])
def test_of_a_run_without_a_measure_runners_in_general_are_not_named(incline_pct: float) -> None:
    belt = replace(kept.TYPED_10, incline_pct=incline_pct)
    left_out = page_of(
        kept.run(10.0, belt=lambda _t_s: belt), lambda one: replace(one, reject_reason=RejectReason.LEG_COLLAPSED)
    )

    assert left_out.step_note == ""
    assert session_page(kept_of(kept.run(10.0, belt=lambda _t_s: belt)), ENGLISH, "metric").step_note != ""
