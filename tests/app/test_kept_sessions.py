"""Pages of kept runs: written in the units of today, whatever was set on the day of the run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coach.app.kept_sessions import compared, written_report
from coach.core.session.records import settings_facts
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.core.units import Units
from coach.edges.store import Store
from coach.settings import Settings
from tests import kept

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
    session = written_report("last", tmp_path, settings).read_text("utf-8")
    comparison = compared("1", "2", tmp_path, settings)[1].read_text("utf-8")
    history = (tmp_path / "pages" / "index.html").read_text("utf-8")

    speed, distance = SAID[now]
    assert distance in session
    other = r"\bmph\b|\bmi\b" if now == "metric" else r"\bkm\b"
    for page in (session, comparison, history):
        assert speed in page
        assert re.findall(other, page) == []
