"""The words of five languages, and a runner's own over them."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from coach import config
from coach.config import user_words
from coach.core.coach_settings import Wording
from coach.core.coaching.advice import Hold
from coach.core.coaching.baseline import BaselineRefusal
from coach.core.coaching.cues import CueClass, CueKind
from coach.core.coaching.phrases import Phrase, Phrases
from coach.errors import ConfigError
from coach.resources import asset
from coach.settings import Language
from coach.words import check_phrases, languages, load_phrases

LANGUAGES: tuple[str, ...] = get_args(Language)
WORDINGS: tuple[Wording, ...] = get_args(Wording)
LONGEST_S = 1.5


def content(language: str) -> dict[str, Any]:
    return tomllib.loads(asset("cues", f"{language}.toml").read_text("utf-8"))


def flat(table: dict[str, Any], above: str = "") -> set[str]:
    keys: set[str] = set()
    for key, value in table.items():
        keys |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}"}
    return keys


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return path


# Complete


def test_every_language_that_can_be_set_has_words() -> None:
    assert set(languages()) == set(LANGUAGES)


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_cue_can_be_said_in_every_language_and_wording(language: str, wording: Wording) -> None:
    phrases = load_phrases(language, wording)

    assert set(phrases.cues) == set(CueKind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lines_as_english(language: str) -> None:
    assert flat(content(language)["lines"]) == flat(content("en")["lines"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hold_and_every_refused_baseline_can_be_explained(language: str) -> None:
    phrases = load_phrases(language)

    for key in (*Hold, *BaselineRefusal):
        assert phrases.line(key) != key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_packaged_words_pass_their_own_check(language: str) -> None:
    check_phrases(asset("cues", f"{language}.toml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_remedies_have_at_most_five_words(language: str) -> None:
    remedies: dict[str, str] = content(language)["lines"]["screen"]["remedy"]

    assert all(len(remedy.replace(" + ", " ").split()) <= 5 for remedy in remedies.values())


# In the ear


@pytest.mark.parametrize("language", LANGUAGES)
def test_internal_and_external_wording_differ_in_every_cue_about_the_leg(language: str) -> None:
    external, internal = load_phrases(language, "external"), load_phrases(language, "internal")
    about_the_leg = {kind for kind in CueKind if kind.traits.cls is CueClass.ADVICE}

    for kind in about_the_leg:
        assert not {p.say for p in external.cues[kind]} & {p.say for p in internal.cues[kind]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cue_that_comes_most_often_has_three_ways_to_say_it(language: str) -> None:
    phrases = load_phrases(language)
    said = [phrases.cue(CueKind.HEEL_LIFT_LOW, count).say for count in range(6)]

    assert len(set(said[:3])) == 3
    assert said[:3] == said[3:]


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed, so nothing can be spoken")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cue_is_spoken_in_a_second_and_a_half(language: str) -> None:
    advice = {kind for kind in CueKind if not kind.traits.places}
    for wording in WORDINGS:
        phrases = load_phrases(language, wording)
        for text in {phrase.say for kind in advice for phrase in phrases.cues[kind]}:
            assert spoken_s(text, language) <= LONGEST_S, text


def spoken_s(text: str, language: str) -> float:
    """Seconds from the first sound to the last, at the default 175 words a minute."""
    command = ["espeak-ng", "-v", language, "-s", "175", "--stdout", text]
    wave = subprocess.run(command, capture_output=True, check=True).stdout
    (rate_hz,) = struct.unpack_from("<I", wave, 24)
    samples = memoryview(wave[44 : 44 + (len(wave) - 44) // 2 * 2]).cast("h")
    loud = [index for index, sample in enumerate(samples) if abs(sample) > 200]
    return float(loud[-1] - loud[0]) / float(rate_hz)


# A runner's own words


def test_own_words_replace_only_what_they_name(tmp_path: Path) -> None:
    path = own(
        tmp_path, '[external]\nheel_lift_low = [{ say = "Up, up", banner = "Up" }]\n[lines]\nhold_paused = "tea"\n'
    )

    phrases = load_phrases("en", "external", path)

    assert phrases.cues[CueKind.HEEL_LIFT_LOW] == (Phrase("Up, up", "Up"),)
    assert phrases.line("hold_paused") == "tea"
    assert phrases.cues[CueKind.RECOVERED] == load_phrases("en").cues[CueKind.RECOVERED]


def test_own_words_for_the_other_wording_stay_unused(tmp_path: Path) -> None:
    path = own(tmp_path, '[internal]\nheel_lift_low = [{ say = "Fold", banner = "Fold" }]\n')

    assert load_phrases("en", "external", path) == load_phrases("en", "external")


def test_own_words_lie_beside_the_own_configuration() -> None:
    assert user_words("en") is None

    path = config.user_config_path().parent / "cues" / "en.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[lines]\nhold_paused = "tea"\n', "utf-8")

    assert user_words("en") == path
    assert user_words("de") is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[shouting]\n", r"\[shouting\]"),
        ('[external]\nheel_lift_lo = [{ say = "a", banner = "a" }]\n', "heel_lift_lo"),
        ("[external]\nheel_lift_low = []\n", "heel_lift_low"),
        ('[external]\nheel_lift_low = [{ say = "a" }]\n', "say and banner"),
        ('[external]\nheel_lift_low = [{ say = "a", banner = "" }]\n', "1–4 words"),
        ('[external]\nheel_lift_low = [{ say = "a b c d e f g", banner = "a" }]\n', "1–6 words"),
        ('[external]\nheel_lift_low = [{ say = "a", banner = "a b c d e" }]\n', "1–4 words"),
        ('[external]\nheel_lift_low = [{ say = "{lift} deg", banner = "a" }]\n', "place open"),
        ('[lines]\nhold_pausd = "a"\n', "hold_pausd"),
        ('[lines.belt]\nnow = "{speed} {tempo}"\n', r"belt\.now.*\{origin\}, \{speed\}"),
        ('[lines.belt]\nunknown = "how fast {"\n', r"belt\.unknown.*no \{place\}"),
        ("[lines]\nhold_paused = 3\n", "hold_paused"),
        ("not toml", "not valid TOML"),
    ],
)
def test_impossible_words_are_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named) as refused:
        load_phrases("en", "external", own(tmp_path, text))

    assert "own.toml" in str(refused.value)


@pytest.mark.parametrize("language", languages())
def test_lines_leave_the_same_places_open_in_every_language(language: str) -> None:
    english, own = load_phrases("en").lines, load_phrases(language).lines
    places = re.compile(r"\{\w*\}")
    assert {key: sorted(places.findall(text)) for key, text in own.items()} == {
        key: sorted(places.findall(text)) for key, text in english.items()
    }


def test_a_words_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        load_phrases("en", "external", tmp_path / "missing.toml")


def test_a_language_without_words_names_those_that_have_some() -> None:
    with pytest.raises(ConfigError, match="de, en, es, fr, pt"):
        load_phrases("la")


# Without words


def test_without_words_kinds_and_keys_speak_for_themselves() -> None:
    assert Phrases().cue(CueKind.HEEL_LIFT_LOW, 0) == Phrase("heel lift low", "heel lift low")
    assert Phrases().line("hold_paused") == "hold_paused"


def test_everything_that_may_be_said_can_be_prepared_ahead() -> None:
    phrases = load_phrases("en")

    for kind in (kind for kind in CueKind if not kind.traits.places):
        assert phrases.cue(kind, 0).say in phrases.spoken()
