"""Pages of kept runs: in the units of today, and telling nothing that was taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coach.app.kept_sessions import compared, forget, noted, written_report
from coach.core.session.records import settings_facts
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.core.units import Units
from coach.edges.store import Store
from coach.errors import StoreError
from coach.settings import Settings
from tests import kept
from tests.edges.store.test_forgetting import traces

SAID: dict[Units, tuple[str, str]] = {"metric": ("10.0 km/h", "0.17 km"), "imperial": ("6.2 mph", "0.10 mi")}
"""Speed and distance of a minute on the belt."""


def ran(root: Path, day: int, drop_deg: float = 0.0, units: Units = "metric") -> None:
    """Keep a minute on a belt at 10 km/h, run with these units."""
    source, day_and_hour = SourceFacts("camera", "front", 640, 480), f"2026-01-{day:02d}T18:00:00+01:00"
    builder = SessionBuilder(source, settings_facts(Settings(units=units)), day_and_hour)
    for update in kept.run(60.0, 25.0, peak_deg=lambda t_s: 98.0 - drop_deg + (t_s * 7919 % 3)):
        builder.add(update)
    Store(root).keep(builder.finish())


@pytest.mark.parametrize("then", ["metric", "imperial"])
@pytest.mark.parametrize("now", ["metric", "imperial"])
def test_every_page_speaks_in_the_units_of_today(then: Units, now: Units, tmp_path: Path) -> None:
    ran(tmp_path, 5, units=then)
    ran(tmp_path, 6, 6.0, units=then)
    settings = Settings(units=now)
    report, beside = written_report("last", tmp_path, settings), compared("1", "2", tmp_path, settings)[1]
    # A number and its unit stay on one line, by a space that does not break.
    session, comparison, history = (
        page.read_text("utf-8").replace("\u00a0", " ") for page in (report, beside, tmp_path / "pages" / "index.html")
    )

    speed, distance = SAID[now]
    assert distance in session
    other = r"\bmph\b|\bmi\b" if now == "metric" else r"\bkm\b"
    for page in (session, comparison, history):
        assert speed in page
        assert re.findall(other, page) == []


SECRET = "since the affair"


@pytest.mark.parametrize("then", ["", "new shoes"])
def test_a_note_that_is_taken_away_or_changed_stands_on_no_page_any_more(then: str, tmp_path: Path) -> None:
    for day in (5, 6, 7):
        ran(tmp_path, day)
    noted("2", SECRET, tmp_path, Settings())
    written_report("2", tmp_path, Settings())
    for one, two in (("1", "2"), ("2", "3"), ("1", "3")):
        compared(one, two, tmp_path, Settings())
    assert len(traces(tmp_path / "pages", SECRET.encode())) == 3

    assert noted("2", then, tmp_path, Settings()) == (2, then)

    assert traces(tmp_path / "pages", SECRET.encode()) == []
    assert then in (tmp_path / "pages" / "session-2.html").read_text("utf-8")
    assert [page.stem for page in (tmp_path / "pages").glob("compare-*")] == ["compare-1-3"]


def test_what_a_forgotten_run_was_stands_on_no_later_page(tmp_path: Path) -> None:
    """The page of a run tells the last one's heel lift beside its own."""
    for day, drop_deg in ((5, 5.0), (6, 18.0), (7, 0.0)):
        ran(tmp_path, day, drop_deg)
    pages = {number: written_report(str(number), tmp_path, Settings()) for number in (1, 2, 3)}
    assert "81° on 6 Jan" in pages[3].read_text("utf-8")
    first = pages[1].stat().st_mtime_ns

    assert forget("2", tmp_path, Settings()) == 1

    assert "94° on 5 Jan" in pages[3].read_text("utf-8")
    assert traces(tmp_path / "pages", "81°".encode()) == []
    assert pages[1].stat().st_mtime_ns == first, "an earlier page never told of it"


def test_a_page_that_cannot_be_written_anew_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(tmp_path, 5)
    noted("1", SECRET, tmp_path, Settings())
    written_report("1", tmp_path, Settings())

    def full(*_: object, **__: object) -> None:
        raise StoreError("cannot write the page; free some space")

    monkeypatch.setattr("coach.app.kept_sessions.write_session_page", full)
    with pytest.raises(StoreError):
        noted("1", "", tmp_path, Settings())
    assert traces(tmp_path / "pages", SECRET.encode()) == []
