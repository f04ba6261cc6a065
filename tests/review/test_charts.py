"""What the charts draw: each value for as long as it held, and nothing where nobody knew or ran."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from coach.core.coaching.stride_record import StrideRecord
from coach.core.pipeline import Update
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.languages import load_words
from coach.review.plotly_figure import Chart
from coach.review.session_page import SessionPage, session_page
from tests import kept

ENGLISH = load_words("en")
Each = Callable[[StrideRecord], StrideRecord]


def as_it_was(stride: StrideRecord) -> StrideRecord:
    return stride


def kept_of(updates: Iterable[Update], each: Each = as_it_was) -> Session:
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480, 30.0))
    for update in updates:
        builder.add(replace(update, strides=tuple(map(each, update.strides))))
    return builder.finish()


def page_of(updates: Iterable[Update], each: Each = as_it_was) -> SessionPage:
    return session_page(kept_of(updates, each), ENGLISH, "metric")


def away(updates: Iterable[Update], from_s: float, to_s: float) -> Iterable[Update]:
    """The same run, of which no stride was seen for a while."""
    for update in updates:
        seen = tuple(s for s in update.strides if s.end_s <= from_s or s.start_s >= to_s)
        yield replace(update, strides=seen)


def drawn(chart: Chart, name: str) -> list[tuple[float | None, float | None]]:
    found: list[dict[str, Any]] = [one for one in chart.figure["data"] if one["name"] == name]
    return [point for one in found for point in zip(one["x"], one["y"], strict=True)]


def spans(points: Iterable[tuple[float | None, float | None]]) -> list[tuple[float, float]]:
    """When each unbroken piece of a line begins and ends."""
    pieces: list[list[float]] = [[]]
    for x, y in points:
        if x is None or y is None:
            pieces.append([])
        else:
            pieces[-1].append(x)
    return [(min(piece), max(piece)) for piece in pieces if piece]


def test_a_belt_speed_is_drawn_up_to_where_it_was_no_longer_known() -> None:
    lost = page_of(kept.run(60.0, belt=lambda t_s: kept.TYPED_10 if t_s < 40.0 else None))

    (known,) = spans(drawn(lost.charts["lift"], "belt speed"))

    assert known[0] == 0.0
    assert math.isclose(known[1], 40.0, abs_tol=0.1)


def test_where_the_belt_speed_was_never_known_no_room_is_left_for_it() -> None:
    layout = page_of(kept.run(30.0, belt=lambda _: None, band=None)).charts["lift"].figure["layout"]

    assert "yaxis2" not in layout
    assert (layout["xaxis"]["anchor"], layout["yaxis"]["domain"]) == ("y", [0.0, 1.0])


def test_band_target_and_mean_are_not_drawn_over_a_time_in_which_nobody_ran() -> None:
    lift = page_of(away(kept.run(100.0), 30.0, 60.0)).charts["lift"]

    for name, begins_again_s in (("band", 60.0), ("target", 60.0), ("mean of 10 strides", 66.0)):
        before, after = spans(drawn(lift, name))
        assert before[1] <= 30.0, name
        assert after[0] >= begins_again_s, name


def test_the_mean_after_a_pause_holds_no_stride_from_before_it() -> None:
    run = kept.run(100.0, peak_deg=lambda t_s: 90.0 if t_s < 45.0 else 110.0)

    means = drawn(page_of(away(run, 30.0, 60.0)).charts["lift"], "mean of 10 strides")

    assert {y for _, y in means if y is not None} == {90.0, 110.0}


def told_by_few(stride: StrideRecord) -> StrideRecord:
    """Ground contact that only each eighth stride of the near leg tells."""
    tells = not stride.near or round(stride.start_s / kept.STRIDE_S) % 8 == 0
    return stride if tells else replace(stride, contact_time_s=math.nan)


def test_what_few_strides_tell_is_no_line_over_time_and_says_how_many() -> None:
    """Twelve of ninety strides: a mean of ten of them is none of any moment."""
    page = page_of(kept.run(64.0), told_by_few)

    assert [one["name"] for one in page.charts["steps"].figure["data"]] == ["steps/min", "bounce %"]
    (contact,) = (row for row in page.step_rows if row[0] == "Ground contact")
    assert contact[3] == "± 10 ms a stride, 12 strides"


def test_legs_are_set_beside_each_other_only_where_each_told_it_often_enough() -> None:
    beside = {
        each: {row[0]: row[5] for row in page_of(kept.run(64.0), each).step_rows} for each in (as_it_was, told_by_few)
    }

    assert beside[as_it_was]["Ground contact"] == "260 · 260 ms"
    assert beside[told_by_few]["Ground contact"] == ""


def test_each_leg_s_curve_has_its_own_band() -> None:
    def far_leg_lower(stride: StrideRecord) -> StrideRecord:
        if stride.near:
            return stride
        return replace(stride, target_low_deg=80.0, target_deg=85.0, target_high_deg=95.0)

    shapes = page_of(kept.run(64.0), far_leg_lower).charts["cycle"].figure["layout"]["shapes"]

    boxes = {(one["yref"], one["y0"], one["y1"]) for one in shapes if one["type"] == "rect"}
    assert boxes == {("y", 92.0, 107.0), ("y2", 80.0, 95.0)}


def test_what_was_seen_in_two_short_bouts_has_no_row_without_a_line() -> None:
    """A mean of ten strides stands once in each: two points that nothing joins."""
    page = page_of(away(kept.run(60.0), 7.4, 52.2))

    assert spans(drawn(page.charts["lift"], "mean of 10 strides")) == []
    assert "steps" not in page.charts


def test_a_steady_line_is_not_stretched_into_a_change() -> None:
    layout = page_of(kept.run(30.0)).charts["steps"].figure["layout"]

    axes = [one for name, one in layout.items() if name.startswith("yaxis")]
    shown = {one["title"]["text"]: one["autorangeoptions"]["include"] for one in axes}
    spans_shown = {name: round(high - low, 6) for name, (low, high) in shown.items()}
    assert spans_shown == {"steps/min": 4.0, "contact ms": 20.0, "bounce %": 1.0}
