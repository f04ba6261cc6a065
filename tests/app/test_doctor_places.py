"""What the doctor says of the folders into which is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coach.app import doctor
from coach.app.doctor import Finding


def found(monkeypatch: pytest.MonkeyPatch, sessions: Path, cache: Path) -> dict[str, Finding]:
    monkeypatch.setattr(doctor, "data_dir", lambda: sessions)
    monkeypatch.setattr(doctor, "cache_dir", lambda: cache)
    return {finding.what: finding for finding in doctor._places()}


def test_a_folder_that_is_still_to_be_made_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    places = found(monkeypatch, tmp_path / "a" / "b", tmp_path / "c")
    assert [places[what].verdict for what in ("sessions", "cache")] == ["ok", "ok"]


def test_no_folder_can_be_made_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("here I lie", "utf-8")
    places = found(monkeypatch, file / "sessions", file)
    for what, moved_by in (("sessions", "COACH_DATA_DIR"), ("cache", "XDG_CACHE_HOME")):
        assert (places[what].verdict, places[what].says) == ("bad", f"{file} is no folder")
        assert moved_by in places[what].remedy


def test_each_place_that_cannot_be_written_names_what_moves_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "access", lambda _place, mode: mode == os.F_OK)  # whoever runs tests may write everywhere
    places = found(monkeypatch, tmp_path, tmp_path)
    assert "--data-dir" in places["sessions"].remedy
    assert "--data-dir" not in places["cache"].remedy
    assert "XDG_CACHE_HOME" in places["cache"].remedy
