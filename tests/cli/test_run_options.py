"""Options of `coach run` that become settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.app.parts import LiveOptions
from coach.cli import run
from coach.core.units import kmh
from coach.edges.demo import DemoSource
from coach.ports import FrameSource
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


def test_the_demo_knows_its_belt_whatever_is_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trusted: list[tuple[str, ...]] = []
    monkeypatch.setattr("coach.app.live_run.run_live", lambda settings, *_: trusted.append(settings.coach.speed.trust))
    own = tmp_path / "own.toml"
    own.write_text('[speed]\ntrust = ["treadmill", "video"]\n')
    assert run(["demo", "--headless", "--no-store", "--config", str(own)]) == 0
    assert trusted == [("typed", "treadmill", "video")]


@pytest.mark.parametrize(
    ("command", "file", "says"),
    [
        (["demo"], "", "belt at 10.1 km/h: .* Shortened, it ends after 45 s: warm-up 5 s and baseline 10 s instead of"),
        (["demo", "--duration", "60"], "", "it ends after 60 s"),
        (["demo"], "[session]\nwarm_up_s = 300\n", None),
        (["run", "--source", "demo"], "", None),
        (["run", "--source", "demo", "--duration", "30"], "", None),
        (["demo"], 'units = "imperial"\n', r"belt at 6\.3 mph: "),
    ],
)
def test_the_demo_calls_itself_shortened_only_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: list[str],
    file: str,
    says: str | None,
) -> None:
    monkeypatch.setattr("coach.app.live_run.run_live", lambda *_: None)
    own = tmp_path / "own.toml"
    own.write_text(file)
    assert run([*command, "--no-store", "--config", str(own)]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("A rendered runner on a belt at ")
    assert ("Shortened" in said) is (says is not None)
    assert says is None or re.search(says, said)


def test_the_demos_belt_runs_as_planned_and_not_as_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[FrameSource] = []

    def live(_settings: Settings, options: LiveOptions, _narrator: object, source: Callable[[], FrameSource]) -> None:
        assert options.belt.plan is not None
        opened.append(source())

    monkeypatch.setattr("coach.app.live_run.run_live", live)
    assert run(["run", "--source", "demo", "--plan", "10s@12, 10s@14", "--speed", "9", "--no-store"]) == 0
    said = capsys.readouterr().err
    assert "12.0 km/h" in said
    assert "9.0" not in said
    (source,) = opened
    assert isinstance(source, DemoSource)
    belt = source.runner.belt
    assert [round(kmh(belt(t_s)), 3) for t_s in (0, 5, 10, 12, 30)] == [12, 12, 12, 14, 14]
