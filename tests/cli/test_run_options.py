"""Options of `coach run` that become settings."""

from __future__ import annotations

import pytest

from coach.app.live_run import LiveOptions
from coach.cli import run
from coach.settings import Settings


@pytest.mark.parametrize(
    ("typed", "source", "mirror"),
    [
        ([], "", False),
        (["--mirror"], "", True),
        (["--no-mirror", "--source", "2"], "2", False),
        (["--source", "pick"], "pick", False),
    ],
)
def test_camera_and_mirror_are_what_was_typed(
    monkeypatch: pytest.MonkeyPatch, typed: list[str], source: str, mirror: bool
) -> None:
    given: list[tuple[Settings, LiveOptions]] = []
    monkeypatch.setattr("coach.app.live_run.run_live", lambda settings, options, *_: given.append((settings, options)))
    assert run(["run", *typed, "--no-store"]) == 0
    ((settings, options),) = given
    assert (options.source, settings.screen.mirror) == (source, mirror)
