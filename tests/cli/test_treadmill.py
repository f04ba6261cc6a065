"""`coach treadmill` without what it needs, and what it prints."""

from __future__ import annotations

import pytest

from coach.cli import run
from coach.edges.bluetooth import radio, treadmill_link
from coach.edges.bluetooth.radio import FoundDevice
from coach.errors import TreadmillError


def test_watching_without_the_extra_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise TreadmillError(radio.MISSING_EXTRA)

    monkeypatch.setattr(treadmill_link, "require_extra", missing)

    assert run(["treadmill", "watch"]) == 1
    assert "pip install 'treadmill-coach[treadmill]'" in capsys.readouterr().err


def test_names_with_brackets_are_printed_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = FoundDevice("AA:BB", "Run [bold]5000[/bold]", -60, "treadmill")
    monkeypatch.setattr(radio, "scan", lambda _seconds: (found,))

    assert run(["treadmill", "scan"]) == 0
    assert "AA:BB  Run [bold]5000[/bold]  treadmill  -60 dBm" in capsys.readouterr().out
