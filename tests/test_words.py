"""The words of every language, and a runner's own over them or beside them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from coach import config
from coach.app.doctor import _words as examine_words
from coach.app.parts import words_of
from coach.core.coach_settings import Wording
from coach.core.coaching.advice import Hold
from coach.core.coaching.baseline import BaselineRefusal
from coach.core.coaching.cues import CUE_WORDS, CueClass, CueKind
from coach.core.words import Phrase, Words
from coach.environment import asset
from coach.errors import ConfigError
from coach.languages import OwnWords, check_words, languages, load_words, own_words, packaged_languages, unknown_lines
from coach.settings import Settings
from tests.words_read import asked_for, read_keys

LANGUAGES = packaged_languages()
WORDINGS: tuple[Wording, ...] = get_args(Wording)


def content(language: str) -> dict[str, Any]:
    return tomllib.loads(asset("words", f"{language}.toml").read_text("utf-8"))


def own(tmp_path: Path, text: str) -> OwnWords:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return OwnWords(path)


def beside_the_configuration(folder: str, name: str, text: str) -> Path:
    path = config.user_config_path().parent / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


# Complete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_packaged_language_has_every_cue_and_line_with_the_places_of_english(language: str) -> None:
    check_words(asset("words", f"{language}.toml"), complete=True)

    # A new measure of a stride may wait for its word; its English comes with its column.
    assert [key for key in load_words(language).borrowed if not key.startswith("stride.")] == []


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_cue_can_be_said_in_every_language_and_wording(language: str, wording: Wording) -> None:
    assert set(load_words(language, wording).cues) == set(CUE_WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hold_and_every_refused_baseline_can_be_explained(language: str) -> None:
    words = load_words(language)

    for key in (*Hold, *BaselineRefusal):
        assert words.line(key) != key


@pytest.mark.parametrize("language", LANGUAGES)
def test_remedies_have_at_most_five_words(language: str) -> None:
    remedies: dict[str, str] = content(language)["lines"]["screen"]["remedy"]

    assert all(len(remedy.replace(" + ", " ").split()) <= 5 for remedy in remedies.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_remedies_say_the_same(language: str) -> None:
    remedies: dict[str, str] = content(language)["lines"]["screen"]["remedy"]

    assert len(set(remedies.values())) == len(remedies)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("[lines]\nhold_paused = 'a'\n", r"\[common\] lacks baseline_ready"),
        ("", r"\[common\] lacks"),
    ],
)
def test_a_language_that_lacks_something_is_not_complete(tmp_path: Path, text: str, lacks: str) -> None:
    path = own(tmp_path, text).path

    check_words(path)
    with pytest.raises(ConfigError, match=lacks):
        check_words(path, complete=True)


def test_a_line_with_other_places_is_not_complete(tmp_path: Path) -> None:
    english = asset("words", "en.toml").read_text("utf-8")
    path = own(tmp_path, english.replace("belt speed now {origin}: {speed}", "belt speed now {speed}")).path

    with pytest.raises(ConfigError, match=r"belt\.now has other \{places\}"):
        check_words(path, complete=True)


def test_a_line_that_is_missing_is_named(tmp_path: Path) -> None:
    english = asset("words", "en.toml").read_text("utf-8")
    path = own(tmp_path, english.replace('hold_paused = "paused"\n', "")).path

    with pytest.raises(ConfigError, match="lacks hold_paused"):
        check_words(path, complete=True)


# Read


def test_every_line_is_read_by_some_code() -> None:
    read = read_keys(load_words("en").lines)

    assert sorted(set(load_words("en").lines) - read) == []


def test_every_line_that_code_asks_for_is_there() -> None:
    lines = load_words("en").lines

    assert [ask for ask in sorted(asked_for()) if ask not in lines] == []


# In the ear


@pytest.mark.parametrize("language", LANGUAGES)
def test_internal_and_external_wording_differ_in_every_cue_about_the_leg(language: str) -> None:
    external, internal = load_words(language, "external"), load_words(language, "internal")
    about_the_leg = {name for name, kind in CUE_WORDS.items() if kind.traits.cls is CueClass.ADVICE}

    for name in about_the_leg:
        assert not {p.say for p in external.cues[name]} & {p.say for p in internal.cues[name]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cue_that_comes_most_often_has_three_ways_to_say_it(language: str) -> None:
    words = load_words(language)
    said = [words.cue(CueKind.HEEL_LIFT_LOW, count).say for count in range(6)]

    assert len(set(said[:3])) == 3
    assert said[:3] == said[3:]


# A runner's own words


def test_own_words_replace_only_what_they_name(tmp_path: Path) -> None:
    mine = own(
        tmp_path, '[external]\nheel_lift_low = [{ say = "Up, up", banner = "Up" }]\n[lines]\nhold_paused = "tea"\n'
    )

    words = load_words("en", "external", mine)

    assert words.cues[CueKind.HEEL_LIFT_LOW] == (Phrase("Up, up", "Up"),)
    assert words.line("hold_paused") == "tea"
    assert words.cues[CueKind.RECOVERED] == load_words("en").cues[CueKind.RECOVERED]


def test_own_words_for_the_other_wording_stay_unused(tmp_path: Path) -> None:
    mine = own(tmp_path, '[internal]\nheel_lift_low = [{ say = "Fold", banner = "Fold" }]\n')

    assert load_words("en", "external", mine) == load_words("en", "external")


def test_own_words_lie_beside_the_own_configuration() -> None:
    root = config.user_config_path().parent
    assert own_words("en", root) is None

    path = beside_the_configuration("words", "en.toml", '[lines]\nhold_paused = "tea"\n')

    assert own_words("en", root) == OwnWords(path)
    assert own_words("de", root) is None
    assert words_of(Settings()).line("hold_paused") == "tea"


def test_own_words_in_the_old_place_are_still_read_and_what_is_gone_is_named() -> None:
    root = config.user_config_path().parent
    path = beside_the_configuration("cues", "en.toml", '[lines]\nhold_paused = "tea"\nno_longer_said = "gone"\n')
    old = own_words("en", root)

    assert old == OwnWords(path, old=True)
    assert words_of(Settings()).line("hold_paused") == "tea"
    assert unknown_lines(old) == ("no_longer_said",)


def test_the_new_place_wins_over_the_old_one() -> None:
    beside_the_configuration("cues", "en.toml", '[lines]\nhold_paused = "old"\n')
    beside_the_configuration("words", "en.toml", '[lines]\nhold_paused = "new"\n')

    assert words_of(Settings()).line("hold_paused") == "new"


def test_an_own_file_adds_a_language_and_what_it_lacks_is_english_and_named() -> None:
    beside_the_configuration(
        "words",
        "tlh.toml",
        '[external]\nheel_lift_low = [{ say = "Up", banner = "Up" }]\n[lines.screen]\npaused = "yev"\n',
    )

    words = words_of(Settings(language="tlh"))

    assert "tlh" in languages(config.user_config_path().parent)
    assert "tlh" not in languages()
    assert words.language == "tlh"
    assert words.line("screen.paused") == "yev"
    assert words.line("hold_paused") == load_words("en").line("hold_paused")
    assert {"hold_paused", "recovered"} <= set(words.borrowed)
    assert not {"screen.paused", "heel_lift_low"} & set(words.borrowed)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[shouting]\n", r"\[shouting\]"),
        ("[voice]\nregion = 'en-us'\n", r"\[voice\] holds regions"),
        ("[voice]\nregions = [3]\n", r"\[voice\] holds regions"),
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
        load_words("en", "external", own(tmp_path, text))

    assert "own.toml" in str(refused.value)


def test_own_words_are_read_as_windows_saves_them(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[lines.ask]\r\nkeys = "[Y/n]"\r\n', "utf-8-sig")
    assert load_words("en", own=OwnWords(own)).line("ask.keys") == "[Y/n]"
    own.write_text('[lines.ask]\r\nkeys = "[Y/n]"\r\n', "utf-16")
    assert load_words("en", own=OwnWords(own)).line("ask.keys") == "[Y/n]"
    own.write_text("ü", "latin-1")
    with pytest.raises(ConfigError, match="is not text in UTF-8; save it as UTF-8"):
        load_words("en", own=OwnWords(own))


def test_a_words_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        load_words("en", "external", OwnWords(tmp_path / "missing.toml"))


def test_a_language_without_words_names_those_that_have_some() -> None:
    with pytest.raises(ConfigError, match=", ".join(LANGUAGES)):
        load_words("la")


# Numbers


def test_numbers_have_the_decimal_sign_of_the_language_and_a_true_minus() -> None:
    words = Words(lines={"number.decimal": ","})

    assert words.number(10.46, " km/h", 1) == "10,5 km/h"
    assert words.signed(-1.25, "°", 2) == "−1,25°"
    assert words.signed(-0.04, "°") == "+0,0°"
    assert words.number(float("nan"), " km/h") == words.signed(float("nan")) == "–"
    assert Words().number(10.46, digits=1) == "10.5"


def test_one_and_many() -> None:
    words = Words(lines={"run.one": "one run", "run.many": "{n} runs"})

    assert [words.many("run", n) for n in (0, 1, 2)] == ["0 runs", "one run", "2 runs"]


# Without words


def test_without_words_kinds_and_keys_speak_for_themselves() -> None:
    assert Words().cue(CueKind.HEEL_LIFT_LOW, 0) == Phrase("heel lift low", "heel lift low")
    assert Words().line("hold_paused") == "hold_paused"


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_minute_is_told_in_the_singular(language: str) -> None:
    one, more = (load_words(language).cue(name, 0) for name in ("status_one", CueKind.STATUS))

    assert "{minutes}" in more.say
    assert "{" not in one.say + one.banner
    assert one.say.split()[-1] == more.say.split()[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_of_every_few_minutes_praises_nobody_who_may_drag_or_hurt(language: str) -> None:
    for name in ("status_one", CueKind.STATUS):
        phrase = load_words(language).cue(name, 0)

        assert phrase.say.startswith(phrase.banner)
        assert "." not in phrase.say, "the minutes, and nothing more"


def test_everything_that_may_be_said_can_be_prepared_ahead() -> None:
    words = load_words("en")

    for name in (name for name, kind in CUE_WORDS.items() if not kind.traits.places or name == kind.traits.for_one):
        assert words.cue(name, 0).say in words.spoken()


# Told by `coach doctor`


def told(language: str) -> dict[str, tuple[str, str, str]]:
    found = examine_words(Settings(language=language))
    return {finding.what: (finding.verdict, finding.says, finding.remedy) for finding in found}


def test_doctor_names_the_language_and_those_that_there_are() -> None:
    assert told("en") == {"language": ("ok", f"en, complete; there are {', '.join(LANGUAGES)}", "")}


def test_doctor_names_what_an_own_language_borrows_from_english() -> None:
    path = beside_the_configuration("words", "tlh.toml", '[lines.screen]\npaused = "yev"\n')

    verdict, says, remedy = told("tlh")["language"]

    assert verdict == "note"
    assert says.startswith("tlh, ")
    assert "lines in English: recovered, " in says
    assert str(path) in remedy


def test_doctor_says_where_old_own_words_belong() -> None:
    path = beside_the_configuration("cues", "en.toml", '[lines]\nhold_paused = "tea"\nno_longer_said = "gone"\n')

    verdict, says, remedy = told("en")["own words"]

    assert (verdict, remedy) == ("note", f"move it to {path.parent.parent / 'words' / 'en.toml'}")
    assert str(path) in says
    assert "no longer said: no_longer_said" in says
