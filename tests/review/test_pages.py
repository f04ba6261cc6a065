"""Pages on disk: complete, small, offline, and honest about what is not known."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import plotly.graph_objects as go
import pytest

from coach.core.coaching.advice import Stage
from coach.core.coaching.programme import Practice, Progress
from coach.core.session.records import Latency, settings_facts
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.session.summary import SessionLine, own_runs
from coach.edges.store import started_unix_s
from coach.languages import load_words
from coach.review.history_page import at_a_glance, index_page, programme_sentences
from coach.review.pages import write_comparison, write_index, write_session_page
from coach.review.session_json import session_json_text
from coach.review.session_page import session_page
from coach.review.trend import spark, trend_sentence
from coach.settings import Settings
from tests import kept

ENGLISH = load_words("en")


def session_of(name: str = "0", duration_s: float = 60.0, *, fall_deg: float = 0.0) -> Session:
    builder = SessionBuilder(
        SourceFacts("camera", name, 640, 480, 30.0), settings_facts(Settings()), "2026-01-05T18:00:00+01:00"
    )
    updates = kept.run(
        duration_s,
        fps=25.0,
        peak_deg=lambda t_s: 98.0 - fall_deg * t_s / duration_s + (t_s * 7919 % 3) - 1.5,
        cue_times=(30.0,),
        stage=lambda t_s: Stage.BASELINE if t_s < 20 else Stage.COACHING,
    )
    for update in updates:
        builder.add(update)
        for cue in update.cues:
            builder.delivered(cue, "speech")
    builder.event(12.0, "lost", "<camera> & co")
    return builder.finish(frames_dropped=1, latencies=(Latency("grab to picture", 40.0, 61.0),))


def charts_of(page: Path) -> dict[str, dict[str, object]]:
    found = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found
    charts: dict[str, dict[str, object]] = json.loads(found.group(1))
    return charts


class Links(HTMLParser):
    """Whatever a page would load, and its inline handlers and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href") and value and tag != "a":
                self.loaded.append(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag == "style":
            self.inline.append(tag)
        if tag == "script":
            self.scripts.append(dict(attrs))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_session_page(tmp_path_factory.mktemp("pages"), session_of(fall_deg=15.0), ENGLISH, "metric")


def test_a_page_loads_only_what_lies_beside_it(page: Path) -> None:
    links = Links(page.read_text("utf-8"))

    beside = [link for link in links.loaded if not link.startswith("data:")]
    assert {Path(link).suffix for link in beside} == {".css", ".js"}
    assert all((page.parent / link).is_file() for link in beside)
    assert links.inline == []
    assert [script for script in links.scripts if "src" not in script] == [{"type": "application/json", "id": "charts"}]


def test_the_policy_forbids_everything_else(page: Path) -> None:
    text = page.read_text("utf-8")

    assert "default-src &#39;none&#39;" in text
    assert "unsafe" not in text
    assert "http" not in text.split("</head>", maxsplit=1)[0].replace("http-equiv", "")


def test_plotly_s_script_is_stored_once(tmp_path: Path) -> None:
    (tmp_path / "plotly-0.9.min.js").write_text("old")
    write_session_page(tmp_path, session_of(), ENGLISH, "metric")
    write_index(tmp_path, [], ENGLISH, "metric")

    assert [path.stat().st_size > 1_000_000 for path in tmp_path.glob("plotly-*.js")] == [True]


def test_every_figure_is_one_that_plotly_knows(page: Path) -> None:
    """Plotly's own classes refuse unknown names and values; colours are filled in by the page's script."""
    charts = charts_of(page)

    assert set(charts) == {"lift", "speed", "cycle", "cues", "relief", "steps"}
    for figure in charts.values():
        plain = json.loads(re.sub(r'"@[a-z-]+"', '"#123456"', json.dumps(figure)))
        assert go.Figure(plain).data


def test_the_colours_of_the_figures_are_those_of_the_style(page: Path) -> None:
    used = set(re.findall(r'"@([a-z-]+)"', page.read_text("utf-8")))
    style = (page.parent / "review.css").read_text("utf-8")

    assert used
    assert all(f"--{name}:" in style for name in used)


def test_the_chart_shows_the_strides_of_the_session(page: Path) -> None:
    session = session_of(fall_deg=15.0)
    traces = {trace["name"]: trace for trace in charts_of(page)["lift"]["data"]}  # type: ignore[attr-defined]
    near = [k for k in session.strides if k.near]

    assert len(traces["stride"]["y"]) == len(near)
    assert traces["stride"]["y"][0] == pytest.approx(near[0].peak_knee_flexion_deg, abs=0.06)
    assert traces["cue"]["x"] == [30.0]
    assert traces["target"]["y"][0] == 97.0
    assert traces["mean of 10 strides"]["y"][0] == pytest.approx(
        sum(s.peak_knee_flexion_deg for s in near[:10]) / 10, abs=0.06
    )


def test_settings_stand_in_the_export_alone(page: Path) -> None:
    assert "cues.refractory_s" not in page.read_text("utf-8")
    assert "cues.refractory_s" in session_json_text(session_of())


def test_the_stride_is_drawn_whole_with_its_toe_off(tmp_path: Path) -> None:
    short, long = (
        charts_of(write_session_page(tmp_path, session_of("0", s), ENGLISH, "metric"))["cycle"] for s in (20.0, 120.0)
    )
    names = {len(drawn["data"]): [trace["name"] for trace in drawn["data"]] for drawn in (short, long)}  # type: ignore[arg-type, attr-defined]
    lines = [shape for shape in long["layout"]["shapes"] if shape["type"] == "line"]  # type: ignore[index]

    assert names[2] == ["whole run", "whole run"], "both legs, and no thirds where there are none"
    assert names[6][:3] == ["whole run", "first third", "last third"]
    assert [line["x0"] for line in lines] == pytest.approx([37.1, 37.1], abs=0.2)  # 0.26 of 0.7 s


def test_words_stand_before_charts_and_quality_comes_late(page: Path) -> None:
    text = page.read_text("utf-8")
    order = [text.index(part) for part in ("Enough?", "Heel lift over the run", "Your heel lift fell", "Data quality")]

    assert order == sorted(order)


def test_what_others_typed_cannot_become_markup(tmp_path: Path) -> None:
    session = session_of("</script><img src=x onerror=alert(1)>", duration_s=20.0)
    for path in (
        write_session_page(tmp_path, session, ENGLISH, "metric"),
        write_comparison(tmp_path, session, session, ENGLISH, "metric")[1],
        write_index(tmp_path, [line(1, source_name="<b>mine</b>", started_at=None)], ENGLISH, "metric"),
    ):
        assert "<img src=x" not in path.read_text("utf-8")
        assert "<b>mine" not in path.read_text("utf-8")
        assert "&lt;camera&gt;" in path.read_text("utf-8") or "Data quality" not in path.read_text("utf-8")


def test_a_session_without_anything_still_makes_a_page(tmp_path: Path) -> None:
    path = write_session_page(
        tmp_path, SessionBuilder(SourceFacts("video", "empty.mp4", 640, 480)).finish(), ENGLISH, "metric"
    )
    text = path.read_text("utf-8")

    assert charts_of(path) == {}
    assert "No stride of the near leg was trusted" in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)
    assert "None" not in text


# --- index -----------------------------------------------------------------------------------------------------------


def line(session_id: int, near_peak_deg: float = 95.0, **changed: object) -> SessionLine:
    values: dict[str, object] = {
        "session_id": session_id,
        "started_at": f"2026-01-{session_id:02d}T18:00:00+01:00",
        "state": "finished",
        "source_kind": "camera",
        "source_name": "0",
        "duration_s": 1200.0,
        "speed_mps": 2.8,
        "main_speed_mps": 2.8,
        "distance_m": 3360.0,
        "near_peak_deg": near_peak_deg,
        "near_peak_sd_deg": 2.0,
        "target_deg": 97.0,
        "in_band_pct": 60.0,
        "cadence_spm": 168.0,
        "strides_valid": 3000,
        "strides_valid_near": 1600,
        "strides_total": 3100,
        "cues_total": 5,
    }
    values |= changed
    began_s = started_unix_s(str(values["started_at"]))
    return SessionLine(started_unix_s=began_s, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inclines_pct", "told"),
    [((1.5, 1.5), "typed in, incline 1.5 %"), ((0.0, 4.0), "incline 0 to 4 %"), ((math.nan, math.nan), "typed in<")],
)
def test_a_page_names_the_incline_that_is_known(tmp_path: Path, inclines_pct: tuple[float, float], told: str) -> None:
    builder = SessionBuilder(SourceFacts("video", "hill.mp4", 640, 480))
    for update in kept.run(20.0, belt=lambda t_s: replace(kept.TYPED_10, incline_pct=inclines_pct[t_s > 10])):
        builder.add(update)

    text = write_session_page(tmp_path, builder.finish(), ENGLISH, "metric").read_text("utf-8")

    assert told in text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_index_counts_the_sessions_of_the_programme_as_it_is_set(tmp_path: Path) -> None:
    assert "3 of 5 sessions done" in write_index(
        tmp_path, [line(1)], ENGLISH, "metric", Progress(3), sessions=5
    ).read_text("utf-8")


def test_the_index_links_the_pages_that_exist(tmp_path: Path) -> None:
    (tmp_path / "session-2.html").write_text("")
    text = write_index(tmp_path, [line(1), line(2)], ENGLISH, "metric").read_text("utf-8")

    assert 'href="session-2.html"' in text
    assert 'href="session-1.html"' not in text


def test_a_session_with_nothing_known_is_listed_without_invention(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("duration_s", "speed_mps", "near_peak_deg", "target_deg", "in_band_pct"), math.nan)
    path = write_index(tmp_path, [line(1, state="cut short", **nothing), line(2)], ENGLISH, "metric")

    assert "cut short" in path.read_text("utf-8")
    assert not re.search(r"\bnan\b", path.read_text("utf-8"), re.IGNORECASE)
    assert "trend" not in charts_of(path)


def test_only_the_runners_own_runs_make_headline_trend_and_line(tmp_path: Path) -> None:
    own = [line(n, 90 + 2 * n) for n in range(1, 9)]
    others = [line(20 + n, 60.0, source_kind="demo") for n in range(4)]
    others += [line(24 + n, 140.0, shared=True) for n in range(4)]
    page = index_page([*own, *others], None, [], "metric", ENGLISH)

    alone = index_page(own, None, [], "metric", ENGLISH)
    assert (page.headline, page.spark, page.charts) == (alone.headline, alone.spark, alone.charts)
    assert page.headline.startswith("8 sessions, ")
    assert len(page.lines) == 16
    assert [one.state for one in page.lines] == [*[""] * 12, *["imported"] * 4]
    assert "No session yet" in index_page(others, None, [], "metric", ENGLISH).headline


def test_clips_stand_by_the_time_of_their_filming_and_not_by_when_they_were_read() -> None:
    lines = [line(9 - n, 90 + 2 * n, started_at=f"2026-01-{n:02d}T18:00:00+01:00") for n in range(1, 9)]

    assert own_runs(lines[::-1]) == tuple(lines)
    assert "risen by about 8°" in trend_sentence(own_runs(lines[::-1]), ENGLISH)
    unknown = line(10, started_at=None), line(11, started_at="yesterday")
    assert own_runs([*lines, *unknown]) == (*unknown, *lines)


def test_the_programme_is_told_as_far_as_it_went() -> None:
    practice = Practice(1.0, 1, 4.0, 3.9, math.nan, held=True, lost=False)

    assert programme_sentences(None, ENGLISH) == ("The programme is switched off: you run freely.",)
    assert "begins with your next coached run" in programme_sentences(Progress(), ENGLISH)[0]
    assert programme_sentences(Progress(3, 4.0, practices=(practice,)), ENGLISH)[:2] == (
        "3 of 8 sessions done.",
        "Steps that held so far: 4° above where you began.",
    )
    assert any("Before you begin" in told for told in programme_sentences(Progress(), ENGLISH))
    assert not any("Before you begin" in told for told in programme_sentences(Progress(trouble=False), ENGLISH))
    assert "Stop for the day" in programme_sentences(Progress(), ENGLISH)[-2]
    assert programme_sentences(Progress(8), ENGLISH)[0] == "All 8 sessions are done."
    assert programme_sentences(Progress(3), ENGLISH, 5)[0] == "3 of 5 sessions done."
    assert programme_sentences(Progress(paused=True), ENGLISH)[:2] == (
        "The programme has not begun: 8 short sessions, a day or two apart.",
        "The programme is paused.",
    )


# --- comparison ------------------------------------------------------------------------------------------------------


def test_two_sessions_are_compared_at_a_like_speed(tmp_path: Path) -> None:
    text = write_comparison(tmp_path, session_of(), session_of(fall_deg=20.0), ENGLISH, "metric")[1].read_text("utf-8")

    assert "lower in the second run" in text


def test_sessions_that_cannot_be_compared_are_not(tmp_path: Path) -> None:
    left = session_of()
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480))
    for update in kept.run(30.0, fps=25.0, facing="right"):
        builder.add(update)

    text = write_comparison(tmp_path, left, builder.finish(), ENGLISH, "metric")[1].read_text("utf-8")

    assert "The camera saw different sides" in text


def of_day(day: str | None, number: int, lift_deg: float = 94.0, source: str = "camera") -> SessionLine:
    at = None if day is None else f"{day}T18:00:00+01:00"
    return SessionLine(
        number, at, started_unix_s(at), "finished", source, "0", 1200.0, 1200.0, 2.78, near_peak_deg=lift_deg
    )


@pytest.mark.parametrize(
    ("days", "big", "says"),
    [
        (["2026-01-05", "2026-01-07"], "2 runs", "40 min in all."),
        (["2025-12-23", "2025-12-31", "2026-01-06"], "1 run", "20 min in all. 3 weeks in a row with a run."),
        (["2025-12-24", "2025-12-31"], "0 runs", "Your last run was on 31 Dec. 2 weeks in a row with a run."),
        (["2025-12-20"], "0 runs", "Your last run was on 20 Dec."),
    ],
)
def test_the_week_and_its_streak_are_those_of_the_calendar(days: list[str], big: str, says: str) -> None:
    lines = [of_day(day, number) for number, day in enumerate([None, *days])]
    week = at_a_glance(lines, None, None, date(2026, 1, 7), ENGLISH)[0]
    assert (week.question, week.big, week.says) == ("This week", big, says)


def test_who_never_ran_is_told_nothing_and_two_runs_draw_no_line() -> None:
    assert at_a_glance([], None, None, date(2026, 1, 7), ENGLISH) == ()
    assert spark([of_day("2026-01-05", 1), of_day("2026-01-06", 2)], ENGLISH) is None


def test_measures_that_no_stride_told_take_no_row_but_a_line_that_says_why() -> None:
    page = session_page(session_of(), ENGLISH, "metric")
    assert not any(row[1] == "–" for row in page.step_rows)
    assert page.unmeasured.endswith("Bounce in cm needs your height (--height).")
    empty = session_page(SessionBuilder(SourceFacts("camera", "0", 640, 480)).finish(), ENGLISH, "metric")
    assert empty.unmeasured == ""
