"""The published JSON Schema is what sessions obey: made ones, replayed ones, cut-short ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coach.cli import run
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.review.session_json import session_from_json, session_json_text
from tests import kept
from tests.synth import recorded, synthetic_run

SCHEMA = Path(__file__).parents[2] / "docs" / "session.schema.json"

Obeys = Callable[[Any], list[str]]


@pytest.fixture(scope="module")
def broken_rules() -> Obeys:
    """Where an object breaks the published schema; empty where it obeys."""
    import jsonschema  # dear to import, and needed here alone

    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    return lambda data: [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    """Every value of a JSON tree by its path."""
    if isinstance(tree, dict | list):
        parts = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {name: leaf for key, part in parts for name, leaf in leaves(part, f"{path}.{key}").items()}
    return {path: tree}


@cache
def made() -> Session:
    """A run with cues, a lost camera, strides that were rejected and a belt that changed."""
    builder = SessionBuilder(SourceFacts("camera", "Läufer", 640, 480), started_at="2026-03-01T07:00:00+01:00")
    for update in kept.run(20.0, cue_times=(12.0,)):
        builder.add(update)
    builder.event(14.0, "lost")
    return builder.finish(frames_dropped=3)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("schema")
    recorded(folder / "poses.jsonl", synthetic_run(speed_mps=3.0, duration_s=12, fps=30, noise_ll=0.01, seed=2))
    out = folder / "session.json"
    assert run(["replay", str(folder / "poses.jsonl"), "--speed", "3m/s", "--json", str(out), "--no-store"]) == 0
    return json.loads(out.read_text("utf-8"))


def test_a_made_session_obeys_and_round_trips(broken_rules: Obeys) -> None:
    data = json.loads(session_json_text(made()))

    assert broken_rules(data) == []
    assert json.loads(session_json_text(session_from_json(data))) == data


def test_a_replayed_session_obeys_and_round_trips(broken_rules: Obeys, replayed: Any) -> None:
    assert replayed["strides"]
    assert broken_rules(replayed) == []
    again = json.loads(session_json_text(session_from_json(replayed)))
    # The summary is worked out again from rounded strides, so its own last digit may differ.
    assert leaves(again.pop("summary")) == pytest.approx(leaves(replayed["summary"]), abs=0.02, nan_ok=True)
    assert again == {key: value for key, value in replayed.items() if key != "summary"}


def test_a_session_of_nothing_obeys(broken_rules: Obeys) -> None:
    data = json.loads(session_json_text(SessionBuilder(SourceFacts("demo", "nobody", 640, 480)).finish()))

    assert broken_rules(data) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.update(schema="coach.session/2"),
        lambda data: data.pop("summary"),
        lambda data: data.update(unheard_of=1),
        lambda data: data["strides"][0].update(side="middle"),
        lambda data: data["strides"][0].update(valid=False, reject_reason=None),
        lambda data: data["strides"][0].update(cadence_spm="fast"),
        lambda data: data["cycle"]["left"]["mean_deg"].pop(),
    ],
)
def test_what_is_no_session_breaks_it(broken_rules: Obeys, damage: Callable[[Any], object]) -> None:
    data = json.loads(session_json_text(made()))
    damage(data)

    assert broken_rules(data)
