"""A typed speed that the feet contradicted is told as a fact nowhere: page, terminal, history, files, live outputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coach.app.companions import Companions
from coach.core.pipeline import Update
from coach.core.session.change import Verdict, between, near_valid, over_the_run
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed
from coach.edges.live_out.live_message import messages_of
from coach.edges.store import Store
from coach.languages import load_words, packaged_languages
from coach.review.activity_track import activity_of
from coach.review.answers import enough, following
from coach.review.sentences import summary_lines
from coach.review.session_json import session_from_json, session_to_json
from coach.review.session_page import session_page
from coach.review.trend import parted
from tests import kept

ENGLISH = load_words("en")
SURE_S = 40.0
"""From here on nobody knows how fast the belt is."""


def belt(t_s: float) -> BeltSpeed:
    return replace(kept.TYPED_10, doubted=t_s >= SURE_S)


def updates() -> Iterator[Update]:
    """Two minutes, 10 km/h typed once; the belt is sped up at 40 s, and the heel goes higher with it."""
    return kept.run(120.0, 15.0, belt=belt, peak_deg=lambda t_s: (98.0 if t_s < SURE_S else 118.0) + t_s * 7919 % 3)


@pytest.fixture(scope="module")
def session() -> Session:
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480), started_at="2026-03-01T07:00:00+01:00")
    for update in updates():
        builder.add(update)
    return builder.finish()


def test_no_change_is_claimed_over_it(session: Session) -> None:
    assert over_the_run(session.strides).verdict is Verdict.SPEED_UNKNOWN
    page = session_page(session, ENGLISH, "metric")
    assert "rose" not in page.headline
    assert not any("km/h only" in line for line in page.caveats)


def test_two_such_runs_are_compared_where_the_speed_was_known(session: Session) -> None:
    near = near_valid(session.strides)
    fast_alone = [stride for stride in near if stride.speed_doubted]

    assert between(near, near).after_deg == pytest.approx(99, abs=1)
    assert between(fast_alone, fast_alone).difference is None


def test_the_page_says_why_there_is_no_speed(session: Session) -> None:
    page = session_page(session, ENGLISH, "metric")
    figures = {figure.name: (figure.value, figure.note) for figure in page.figures}

    assert figures["Belt speed"] == ("–", "typed in, contradicted by your feet")
    assert figures["Distance"][0] == "0.11 km"
    assert page.norm == ""
    (said,) = [line for line in page.quality if "contradicted" in line]
    assert said.startswith("For 1 min 20 s your feet contradicted the belt speed that was told")
    assert "km/h" not in summary_lines(session, "metric", ENGLISH)[0]
    for language in packaged_languages():
        words = load_words(language)
        assert any("1 min 20 s" in line for line in session_page(session, words, "metric").quality)


def fast_after(known_s: float, duration_s: float = 40.0) -> Session:
    """A run whose belt was sped up after so many seconds, and nobody typed it."""
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480))
    told: Callable[[float], BeltSpeed] = lambda t_s: replace(kept.TYPED_10, doubted=t_s >= known_s)  # noqa: E731
    for update in kept.run(duration_s, 15.0, belt=told):
        known = [stride if stride.end_s < known_s else replace(stride, **NO_BAND) for stride in update.strides]
        builder.add(replace(update, strides=tuple(known)))
    return builder.finish()


NO_BAND: dict[str, Any] = dict.fromkeys(("target_deg", "target_low_deg", "target_high_deg"), math.nan)


def test_who_ran_for_long_enough_is_asked_for_the_speed_and_not_for_a_longer_run() -> None:
    session = fast_after(8.0)

    answer, coming = enough(session, ENGLISH), following(session, None, ENGLISH)
    assert answer.says == "on 11 of 57 trusted strides, those with a band: too few for a verdict, it takes 15"
    assert coming.big == "The right speed"
    assert coming.says == "Your feet contradicted the belt speed that was told: type each change (+ and -)."
    for language in packaged_languages():
        words = load_words(language)
        assert following(session, None, words).says == words.line("answer.retype")


def test_where_no_stride_has_a_band_whoever_told_a_speed_is_not_asked_to_tell_one() -> None:
    session = fast_after(0.0)

    assert enough(session, ENGLISH).says.startswith("Your feet contradicted the belt speed that was told, so")
    assert following(session, None, ENGLISH).says.endswith("type each change (+ and -).")


def test_a_run_that_was_too_short_at_any_speed_is_asked_to_be_longer() -> None:
    assert following(fast_after(4.0, 8.0), None, ENGLISH).says.startswith("Run for at least a minute")


def test_the_share_in_the_band_names_the_strides_that_have_one() -> None:
    session = fast_after(20.0)

    assert summary_lines(session, "metric", ENGLISH)[1].endswith("over 57 strides, 28 of them with a band: 100 % in it")
    assert enough(session, ENGLISH).more == "100 % of your 28 trusted strides with a band were inside it."


def test_at_each_speed_there_is_only_the_one_that_was_known(session: Session) -> None:
    (this_run,) = [
        one
        for one in session_page(session, ENGLISH, "metric").charts["speed"].figure["data"]
        if one["name"] == ENGLISH.line("chart.this_run")
    ]

    assert (this_run["x"], this_run["y"]) == ([10.0], [pytest.approx(99, abs=1)])


def test_history_holds_it_against_nobody(session: Session, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(session)
    (line,) = store.sessions()

    assert math.isnan(line.speed_mps)
    assert parted([line]) == ([], [])


def test_kept_written_and_read_again_it_is_the_same(session: Session, tmp_path: Path) -> None:
    told = session_to_json(session)
    stored = Store(tmp_path).keep(session)

    assert session_from_json(told).summary.doubted_s == stored.summary.doubted_s == pytest.approx(80.0, abs=0.1)
    assert {(stride["speed_mps"], stride["speed_source"]) for stride in told["strides"]} == {
        (2.7778, "manual"),
        (None, "manual"),
    }


def test_a_watch_file_has_no_speed_and_no_way_there(session: Session) -> None:
    points = activity_of(session).points

    assert points[30].speed_mps == pytest.approx(10 / 3.6)
    assert math.isnan(points[60].speed_mps)
    assert points[-1].distance_m == pytest.approx(SURE_S * 10 / 3.6, abs=1)


def test_nobody_who_listens_is_told_it() -> None:
    class Pod:
        """Remembers the speeds it was told."""

        speeds_mps: list[float]

        def __init__(self) -> None:
            self.speeds_mps = []

        def tell(self, speed_mps: float, cadence_spm: float, *, running: bool) -> None:
            self.speeds_mps.append(speed_mps)

        def notices(self) -> tuple[()]:
            return ()

        def close(self) -> None:
            pass

    pod, frames = Pod(), []
    companions = Companions(pod=pod)
    for update in updates():
        companions.see(update)
        frames += [message.values["speed_mps"] for message in messages_of(update, None, 0.0) if message.kind == "frame"]

    assert (frames[0], frames[-1]) == (2.7778, None)
    assert pod.speeds_mps[0] == pytest.approx(10 / 3.6)
    assert math.isnan(pod.speeds_mps[-1])
