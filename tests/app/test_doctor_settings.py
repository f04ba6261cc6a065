"""What the doctor says of settings that name what is not there: each by itself, and none ends the examination."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coach.app import doctor
from coach.app.doctor import Finding, examine
from coach.cli import run
from coach.edges.audio import sound
from coach.errors import StoreError
from coach.settings import LiveOutSettings, PageSettings, PoseSettings, Settings, SoundSettings

SILENT = SoundSettings(enabled=False)


def findings(settings: Settings) -> dict[str, Finding]:
    return {found.what: found for found in examine(settings)}


@pytest.mark.parametrize(
    ("language", "remedy"),
    [
        ("xx", "set language to one of de, en, es, fr, pt, or write words/xx.toml"),
        ("de_AT", "set language to de, or write words/de_AT.toml"),
        ("Estonian", "set language to one of de, en, es, fr, pt, or write words/Estonian.toml"),
        ("", "set language to one of de, en, es, fr, pt"),
    ],
)
def test_a_language_that_is_not_there_is_one_finding_among_all_others(language: str, remedy: str) -> None:
    well = findings(Settings(sound=SILENT))
    found = findings(Settings(language=language, sound=SILENT))
    assert list(found) == list(well)
    assert (found["language"].verdict, found["language"].says) == ("bad", f"there are no words in {language!r}")
    assert found["language"].remedy.removesuffix(" beside your configuration") == remedy


def test_a_report_is_whole_although_a_setting_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text('language = "xx"\n[sound]\nenabled = false\n', "utf-8")
    assert run(["doctor", "--json", "--config", str(own)]) == 1
    rows = {row["what"]: row["verdict"] for row in json.loads(capsys.readouterr().out)}
    assert rows["language"] == "bad"
    assert {"Python", "camera", "sessions", "configuration"} <= set(rows)


def test_the_sound_is_tried_although_the_language_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "ENGINE", faulty_engine("none", tmp_path))
    found = findings(Settings(language="xx"))
    assert (found["sound"].verdict, found["speech"].verdict) == ("ok", "ok")


def test_a_voice_that_is_not_there_is_no_tick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "ENGINE", faulty_engine("has only others", tmp_path))
    found = findings(Settings(sound=SoundSettings(voice="Anna")))["speech"]
    assert (found.verdict, found.says) == ("note", "faulty, Hum (no voice is named 'Anna')")
    assert "coach say --voices" in found.remedy


def faulty_engine(fault: str, folder: Path) -> tuple[str, ...]:
    return sys.executable, str(Path(__file__).parents[1] / "edges" / "faulty_engine.py"), fault, str(folder / "diary")


def no_such_file(folder: Path) -> str:
    return str(folder / "none.task")


def no_bundle(folder: Path) -> str:
    path = folder / "notes.task"
    path.write_text("10 km, easy", "utf-8")
    return str(path)


@pytest.mark.parametrize("model", [no_such_file, no_bundle, lambda _folder: "Full"])
def test_a_model_of_one_s_own_that_does_not_do_is_not_mended_by_fetching_it(
    tmp_path: Path, model: Callable[[Path], str]
) -> None:
    found = findings(Settings(pose=PoseSettings(model=model(tmp_path)), sound=SILENT))["pose model"]
    assert (found.verdict, found.remedy) == ("bad", 'pose.model = "full"')


def test_a_model_of_coach_s_own_is_fetched_anew() -> None:
    assert doctor.model_remedy(Settings()) == "coach doctor --fetch-model"


@pytest.mark.parametrize(
    ("settings", "what", "says"),
    [
        (Settings(page=PageSettings(logo="/nowhere/logo.png")), "page", "cannot read page.logo /nowhere/logo.png"),
        (Settings(live_out=LiveOutSettings(to=("osz",))), "live out", "--live-out osz is not known"),
        (
            Settings(live_out=LiveOutSettings(to=("json:/nowhere/at/all",))),
            "live out",
            "no folder /nowhere/at",
        ),
    ],
)
def test_what_a_run_or_a_page_would_stumble_over_is_named(settings: Settings, what: str, says: str) -> None:
    found = findings(replace(settings, sound=SILENT))[what]
    assert found.verdict == "bad"
    assert says in found.says
    assert found.remedy


def test_what_nobody_asks_for_is_not_mentioned() -> None:
    assert not {"page", "live out"} & set(findings(Settings(sound=SILENT)))


def test_a_check_that_breaks_off_keeps_what_it_had_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_off() -> Iterator[Finding]:
        yield Finding("camera", "ok", "one")
        raise StoreError("the rest is lost; look again")

    monkeypatch.setattr(doctor, "_cameras", breaks_off)
    cameras = [found for found in examine(Settings(sound=SILENT)) if found.what == "camera"]
    assert cameras == [Finding("camera", "ok", "one"), Finding("camera", "bad", "the rest is lost", "look again")]
