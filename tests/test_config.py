"""config.toml: documented, complete, checked."""

from __future__ import annotations

import codecs
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from coach import config
from coach.cli import run
from coach.config import load_settings
from coach.environment import default_config
from coach.errors import ConfigError
from coach.settings import Settings


def test_the_shipped_file_says_what_the_code_does() -> None:
    assert load_settings() == Settings()


def test_every_key_of_the_shipped_file_has_a_word_of_explanation() -> None:
    lines = default_config().read_text("utf-8").splitlines()
    sections = tomllib.loads("\n".join(lines))
    assert {"session", "baseline", "target", "treadmill", "programme", "cues", "pose", "runner"} <= sections.keys()
    assert sum(line.startswith("#") for line in lines) >= 0.5 * sum("=" in line for line in lines)


def test_a_file_goes_over_the_default_and_options_over_the_file(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[session]\nwarm_up_s = 5\nmode = "overground"\n')
    settings = load_settings(own, {"session.warm_up_s": 9, "session.mode": None})
    assert settings.coach.session.warm_up_s == 9
    assert settings.coach.session.mode == "overground"
    assert settings.coach.baseline == Settings().coach.baseline


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[sesion]\nmode = 'treadmill'", r"no setting 'sesion' \(did you mean \[session\]\?\)"),
        ("[cues]\nvolume = 3", r"no setting 'cues.volume' \(did you mean volume below \[sound\]\?\)"),
        ("[runner]\nheight = 175", r"no setting 'runner.height' \(did you mean height_cm below \[runner\]\?\)"),
        ("[runner]\nsex = 'f'", "no setting 'runner.sex';"),
        ("height_cm = 175", r"no setting 'height_cm' \(did you mean height_cm below \[runner\]\?\)"),
        ("unit = 'imperial'", r"no setting 'unit' \(did you mean units\?\)"),
        ("enabled = true", "no setting 'enabled';"),
        ("[coach]\nunits = 'imperial'", "no setting 'coach';"),
        ("[treadmill]\ncorrection_deg = 9", r"treadmill\.correction_deg = 9 .* from 0 to 6"),
        ("[treadmill]\ncorrection_deg = true", r"treadmill\.correction_deg = true .* from 0 to 6"),
        ("[cues]\nrefractory_s = 'long'", r"cues\.refractory_s = 'long' .* a number from 5 to 600"),
        ("[programme]\nseed = 1.5", r"programme\.seed = 1\.5 .* a whole number from 0 to 1000000"),
        ("[runner]\nheight_cm = 20", r"runner\.height_cm = 20 .* from 100 to 230"),
        ("[session]\nmode = 'indoors'", r"session\.mode = 'indoors' .*'treadmill' or 'overground'"),
        ("[session\n", "not valid TOML"),
        ("[camera]\nheight = '720'", r"camera\.height = '720' .* a whole number from 120 to 4320"),
        ("[camera]\nheight = 720.0", r"camera\.height = 720\.0 .* a whole number from 120 to 4320"),
        ("[sound]\nrate_wpm = '175'", r"sound\.rate_wpm = '175' .* a whole number from 80 to 400"),
        ("[sound]\nenabled = 0", r"sound\.enabled = 0 .* true or false"),
        ("[sound]\nenabled = 'yes'", r"sound\.enabled = 'yes' .* true or false"),
        ("[sound]\nvolume = 1e-320", r"sound\.volume = .* a number from 0 to 1"),
        ("[sound]\nvolume = nan", r"sound\.volume = nan .* a number from 0 to 1"),
        ("[cues]\nrefractory_s = inf", r"cues\.refractory_s = inf .* a number from 5 to 600"),
        ("[programme]\nfeedback_pct = [100, '50']", r"programme\.feedback_pct\.1 = '50' is not possible"),
        ("[programme]\nseed = 1" + "0" * 40, r"programme\.seed = a number of more than 40 digits is not possible"),
        ("[programme]\nseed = 1" + "0" * 5000, "not valid TOML: .* digits"),
        ("[programme]\nseed = " + "[" * 5000, "not valid TOML: too many brackets"),
        ("[camera]\nsource = 0", r'camera\.source = 0 is not possible: put it in quotes, "0"'),
        ("language = ['de']", r"language = \['de'\] is not possible: give a text in quotes"),
        ("[live_out]\nto = 'osc'", r"live_out\.to = 'osc' .* square brackets, \['osc'\]"),
        ("[programme]\nfeedback_pct = true", r"feedback_pct = true .* a list in square brackets"),
        ("[programme]\nfeedback_pct = [100, 'x']", r"programme\.feedback_pct\.1 = 'x' .*: give a number$"),
        ("[speed]\ntrust = []", r"speed\.trust = \[\] leaves no source"),
        ("[programme]\nfeedback_pct = [100, 150]", r"programme\.feedback_pct = 150 is not possible"),
        ("[programme]\nlast_minutes = 10", r"last_minutes = 10 is less than programme\.first_minutes = 15"),
        ("[norms]\npeak_2_5_mps_deg = 110", r"must rise with speed"),
        ("runner = 'Anna'", r"runner = 'Anna' .* it is a section; write \[runner\] on a line and its settings below"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, text: str, complaint: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(ConfigError, match=complaint) as caught:
        load_settings(own)
    assert str(own) in str(caught.value)


@pytest.mark.parametrize(
    ("own", "over", "key", "value"),
    [
        ("[programme]\nfirst_minutes = 20\nlast_minutes = 60", "[programme]\nfirst_minutes = 40", "last_minutes", 60),
        (
            "[norms]\npeak_2_5_mps_deg = 100\npeak_3_5_mps_deg = 112\npeak_4_5_mps_deg = 120",
            "[norms]\npeak_2_5_mps_deg = 99\npeak_3_5_mps_deg = 111",
            "peak_4_5_mps_deg",
            120,
        ),
    ],
    ids=["programme", "norms"],
)
def test_numbers_that_belong_together_may_stand_in_two_files(
    tmp_path: Path, own: str, over: str, key: str, value: float
) -> None:
    config.user_config_path().parent.mkdir(parents=True, exist_ok=True)
    config.user_config_path().write_text(own)
    file = tmp_path / "over.toml"
    file.write_text(over)
    coach = load_settings(file).coach
    assert getattr(coach.programme if key == "last_minutes" else coach.norms, key) == value

    config.user_config_path().unlink()
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    assert str(file) in str(caught.value), "alone it goes over the defaults, and is what is wrong"


def test_a_file_as_windows_saves_it_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('units = "imperial"\r\n', "utf-8-sig")
    assert load_settings(own).units == "imperial"
    for mark, code in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        own.write_bytes(mark + 'units = "imperial"\r\nlanguage = "de"\r\n'.encode(code))
        assert load_settings(own).language == "de", "`coach config > own.toml` in PowerShell 5.1"
    own.write_text('units = "überall"', "latin-1")
    with pytest.raises(ConfigError, match=r"own\.toml is not text in UTF-8; save it as UTF-8$"):
        load_settings(own)


@pytest.mark.skipif(os.name == "nt", reason="no pipe has a path")
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pipe_is_read_whole(code: str) -> None:
    """`--config <(make_config)`: what was looked at for its letters was lost to who read it, and nothing was set."""
    out, into = os.pipe()
    try:
        os.write(into, 'units = "imperial"\r\n'.encode(code))
        os.close(into)
        assert load_settings(Path(f"/dev/fd/{out}")).units == "imperial"
    finally:
        os.close(out)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no configuration file"):
        load_settings(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('[sound]\nlanguage = "de"\n', "de"),
        ('language = "fr"\n', "fr"),
        ('language = "fr"\n[sound]\nlanguage = "de"\n', "fr"),
    ],
)
def test_the_language_is_read_by_its_older_name_too(tmp_path: Path, text: str, language: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")

    assert load_settings(path).language == language


def test_a_home_that_nobody_has_is_no_folder_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["history", "--data-dir", "~nosuch/place"]) == 2
    monkeypatch.setenv("COACH_DATA_DIR", "~nosuch/place")
    assert run(["history"]) == 2
    said = capsys.readouterr().err
    assert all(f"{name} ~nosuch/place: there is no such home" in said for name in ("COACH_DATA_DIR", "--data-dir"))
    with pytest.raises(ConfigError, match="COACH_CONFIG ~nosuch/place: there is no such home"):
        config.own_place("~nosuch/place", "COACH_CONFIG")
    assert not list(tmp_path.iterdir())


def explained() -> dict[tuple[str, str], str]:
    """Section and key of each setting → what `config.toml` says of it: the comment above it or above its neighbours."""
    said: dict[tuple[str, str], str] = {}
    section, comment, is_open = "", "", False
    for line in default_config().read_text("utf-8").splitlines():
        if key := re.match(r"(?:# )?(\w+) = ", line):
            said[section, key[1]] = comment
        elif line.startswith("#"):
            comment = f"{comment} {line[1:].strip()}" if is_open else line[1:].strip()
        else:
            section, comment = line.strip("[]") or section, ""
        is_open = line.startswith("#") and not key
    return said


def settings_of(section: type, name: str = "") -> Iterator[tuple[tuple[str, str], Field[Any], Any]]:
    """Section and key of every setting below a section, with its field and type."""
    types = get_type_hints(section)
    for field in fields(section):
        if is_dataclass(types[field.name]):
            yield from settings_of(types[field.name], "" if field.name == "coach" else field.name)
        else:
            yield (name, field.name), field, types[field.name]


def test_the_shipped_file_names_each_range_and_each_choice() -> None:
    said = explained()
    for key, field, kind in settings_of(Settings):
        if "ge" in field.metadata:
            assert re.search(rf"\b{field.metadata['ge']:g}–{field.metadata['le']:.7g}\b", said[key]), key
        if get_origin(kind) is Literal:
            assert all(f'"{choice}"' in said[key] for choice in get_args(kind)), key
