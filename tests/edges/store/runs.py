"""Runs under way, for what the store does with them."""

from __future__ import annotations

from pathlib import Path

from coach.core.session.records import settings_facts
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.settings import Settings
from tests import kept

SOURCE = SourceFacts("camera", "front camera", 1280, 720, 60.0)
CHECKOUT = Path(__file__).parents[3]


def builder_of(duration_s: float = 20.0, **how: object) -> SessionBuilder:
    builder = SessionBuilder(SOURCE, settings_facts(Settings()), "2026-01-05T18:00:00+01:00")
    for update in kept.run(duration_s, cue_times=(12.0,), **how):  # type: ignore[arg-type]
        builder.add(update)
    return builder
