"""Speech in its own process: the real engine where there is one, and every way in which an engine fails."""

import ctypes.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from coach.core.coach_settings import Wording
from coach.core.coaching.cues import CueKind
from coach.core.notices import SAID_AT_ONCE
from coach.edges.audio.speech import (
    ENGINE,
    Delivery,
    NoEngineError,
    SilentPhraseError,
    SpeechProcess,
    Spoken,
    install_hint,
    list_voices,
)
from coach.edges.audio.speech_engine import Voices
from coach.edges.audio.waveform import RATE_HZ, read_audio, ready_to_play
from coach.errors import SpeechError
from coach.languages import load_words, packaged_languages
from coach.settings import SoundSettings

ENGLISH = Delivery("en", "", 175)
needs_engine = pytest.mark.skipif(
    sys.platform.startswith("linux") and ctypes.util.find_library("espeak-ng") is None,
    reason="no speech engine: install libespeak-ng1",
)


@pytest.fixture(scope="module")
def engine() -> Iterator[SpeechProcess]:
    """The machine's own engine, one process for all tests."""
    process = SpeechProcess()
    yield process
    process.close()


def faulty(fault: str, diary: Path) -> tuple[str, ...]:
    return (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), fault, str(diary))


@needs_engine
def test_voices_are_listed_with_their_languages() -> None:
    voices = list_voices()
    assert any("de" in voice.languages for voice in voices)
    assert all(voice.name and voice.id and voice.languages for voice in voices)


def said_in(language: str) -> str:
    return load_words(language).cue(CueKind.HEEL_LIFT_LOW, 0).say


@needs_engine
@pytest.mark.parametrize("language", packaged_languages())
def test_every_language_has_a_voice_of_its_own(engine: SpeechProcess, tmp_path: Path, language: str) -> None:
    speaks = {voice.name: voice.languages for voice in engine.voices()}
    spoken = engine.render(said_in(language), Delivery(language, "", 175), tmp_path / "phrase.wav")
    assert any(code.split("-")[0] == language for code in speaks[spoken.voice])
    words = ready_to_play(read_audio(tmp_path / "phrase.wav"))
    assert 0.8 < words.size / RATE_HZ < 3.0
    loudest = np.abs(words[: round(0.2 * RATE_HZ)].astype(float)).max()
    assert loudest > 1500, "the words begin at once"


@needs_engine
@pytest.mark.parametrize("language", packaged_languages())
@pytest.mark.parametrize("wording", ["external", "internal"])
def test_every_cue_is_said_in_a_breath(engine: SpeechProcess, tmp_path: Path, language: str, wording: Wording) -> None:
    """At most 1.5 s at the default rate, with the voice that Linux brings."""
    for text in load_words(language, wording).spoken():
        engine.render(text, Delivery(language, "", SoundSettings().rate_wpm), tmp_path / "phrase.wav")
        length_s = ready_to_play(read_audio(tmp_path / "phrase.wav")).size / RATE_HZ
        assert length_s <= 1.5, text


@needs_engine
@pytest.mark.parametrize("language", packaged_languages())
def test_what_is_told_by_voice_during_a_run_is_short(engine: SpeechProcess, tmp_path: Path, language: str) -> None:
    """At most 2.5 s; why strides are left out once took 5 s, all the while no cue could be said."""
    lines = load_words(language).lines
    begins = ("seen.", "left_out.", "screen.remedy.")
    for key in (*SAID_AT_ONCE, "screen.picture_good", *(key for key in lines if key.startswith(begins))):
        engine.render(lines[key], Delivery(language, "", SoundSettings().rate_wpm), tmp_path / "phrase.wav")
        length_s = ready_to_play(read_audio(tmp_path / "phrase.wav")).size / RATE_HZ
        assert length_s <= 2.5, f"{key}: {lines[key]}"


@needs_engine
def test_a_faster_rate_makes_shorter_phrases(engine: SpeechProcess, tmp_path: Path) -> None:
    length_s = []
    for rate in (120, 175, 300):
        engine.render(said_in("en"), Delivery("en", "", rate), tmp_path / f"{rate}.wav")
        length_s.append(ready_to_play(read_audio(tmp_path / f"{rate}.wav")).size / RATE_HZ)
    assert length_s[0] > 1.2 * length_s[1] > 1.2 * length_s[2]


@needs_engine
def test_the_file_is_whole_when_the_answer_comes(engine: SpeechProcess, tmp_path: Path) -> None:
    """pyttsx3 says that it is done while espeak-ng's thread still renders; a long text shows it."""
    text = " ".join([said_in("en")] * 12)
    engine.render(text, ENGLISH, tmp_path / "long.wav")
    at_once = (tmp_path / "long.wav").read_bytes()
    time.sleep(0.3)
    assert at_once == (tmp_path / "long.wav").read_bytes()
    assert read_audio(tmp_path / "long.wav").samples.size / 22_050 > 12


@needs_engine
def test_a_voice_is_taken_by_name_and_by_part_of_it(engine: SpeechProcess, tmp_path: Path) -> None:
    listed = [voice for voice in engine.voices() if "en-us" in voice.languages]
    for wish in (listed[0].name, listed[0].name.upper(), listed[0].id):
        assert engine.render("Good", Delivery("en", wish, 175), tmp_path / "a.wav") == Spoken(listed[0].name, True)


@needs_engine
def test_an_unknown_voice_gives_way_to_the_languages_own(engine: SpeechProcess, tmp_path: Path) -> None:
    own = engine.render("Gut so", Delivery("de", "", 175), tmp_path / "own.wav")
    instead = engine.render("Gut so", Delivery("de", "No Such Voice", 175), tmp_path / "wish.wav")
    assert (own.as_wished, instead.as_wished) == (True, False)
    assert instead.voice == own.voice


@needs_engine
def test_no_voice_for_the_language_is_said_not_mispronounced(engine: SpeechProcess, tmp_path: Path) -> None:
    with pytest.raises(NoEngineError, match="no installed voice speaks 'tlh'"):
        engine.render("nuqneH", Delivery("tlh", "", 175), tmp_path / "a.wav")


@needs_engine
def test_the_engine_leaves_when_its_parent_has_gone() -> None:
    process = subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    assert process.stdin is not None
    assert "engine" in process.stdout.readline()
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def test_without_the_library_the_remedy_is_said(tmp_path: Path) -> None:
    """The real child, in a place where the engine's library cannot be loaded."""
    (tmp_path / "pyttsx3.py").write_text("raise OSError('libespeak-ng.so.1: cannot open shared object file')")
    run_engine = f"import runpy; runpy.run_path({ENGINE[-1]!r}, run_name='__main__')"
    bare = (ENGINE[0], "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {run_engine}")
    with pytest.raises(NoEngineError) as caught:
        list_voices(bare)
    assert str(caught.value) == f"no speech engine: {install_hint()}"


@pytest.mark.parametrize(
    ("platform", "remedy"), [("linux", "libespeak-ng1"), ("darwin", "System Settings"), ("win32", "Settings")]
)
def test_each_system_has_its_own_remedy(platform: str, remedy: str) -> None:
    assert remedy in install_hint(platform)


FAULTS = {
    "hangs at the start": (SpeechError, "did not answer within 0.3 s"),
    "hangs": (SpeechError, "did not answer within 0.3 s"),
    "crashes": (SpeechError, "ended by itself"),
    "talks nonsense": (SpeechError, "answered 'Audio saved"),
    "refuses": (SpeechError, "unknown property"),
    "is not installed": (NoEngineError, "install|add a voice"),
    "has no voice": (NoEngineError, "no installed voice"),
    "writes nothing": (SilentPhraseError, "no sound"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_an_error_in_words_and_leaves_no_process(tmp_path: Path, fault: str) -> None:
    kind, words = FAULTS[fault]
    start_s = 0.3 if fault == "hangs at the start" else 60
    process = SpeechProcess(
        faulty(fault, tmp_path / "diary"), start_s=start_s, phrase_s=0.3 if fault == "hangs" else 60
    )
    with pytest.raises(kind, match=words):
        process.render("Heels up", ENGLISH, tmp_path / "a.wav")
    child = process._process
    process.close()
    assert child is None or child.poll() is not None
    assert process._process is None


@pytest.mark.parametrize("fault", ["hangs once", "crashes once"])
def test_after_a_fault_the_next_request_finds_a_new_process(tmp_path: Path, fault: str) -> None:
    process = SpeechProcess(faulty(fault, tmp_path / "diary"), start_s=60, phrase_s=0.5)
    with pytest.raises(SpeechError):
        process.render("Heels up", ENGLISH, tmp_path / "a.wav")
    process._phrase_s = 60  # only the fault is not waited for
    assert process.render("Heels up", ENGLISH, tmp_path / "a.wav") == Spoken("Hum", True)
    process.close()
    diary = (tmp_path / "diary").read_text().splitlines()
    assert diary.count("start") == 2
    assert diary[-2:] == ["start", "Heels up"]


def test_closing_ends_a_request_that_hangs(tmp_path: Path) -> None:
    process = SpeechProcess(faulty("hangs", tmp_path / "diary"), phrase_s=120)
    outcome: list[SpeechError] = []

    def ask() -> None:
        try:
            process.render("Heels up", ENGLISH, tmp_path / "a.wav")
        except SpeechError as error:
            outcome.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not (tmp_path / "diary").exists() or "Heels" not in (tmp_path / "diary").read_text():
        time.sleep(0.01)
    process.close()
    asking.join(timeout=60)
    assert len(outcome) == 1
    with pytest.raises(SpeechError, match="closed"):
        process.voices()


def test_a_command_that_does_not_exist_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="ended"):
        list_voices((str(tmp_path / "no-such-python"),))


@dataclass
class InstalledVoices:
    """What an engine says of its voices; the lists of other systems cannot be had here, so they are written down."""

    voices: list[SimpleNamespace]
    system: str

    def getProperty(self, name: str) -> object:  # noqa: N802 - pyttsx3's name
        return self.voices if name == "voices" else self.system


def voice(id_: str, name: str, *languages: object) -> SimpleNamespace:
    return SimpleNamespace(id=id_, name=name, languages=list(languages))


MAC = InstalledVoices(
    [
        voice("com.apple.voice.Anna", "Anna", "de_DE"),
        voice("com.apple.voice.Daniel", "Daniel", "en_GB"),
        voice("com.apple.voice.Samantha", "Samantha", "en_US"),
        voice("com.apple.voice.Joana", "Joana", "pt_PT"),
        voice("com.apple.voice.Luciana", "Luciana", "pt_BR"),
        voice("com.apple.voice.broken", "Broken", None),
    ],
    "com.apple.voice.Daniel",
)
WINDOWS = InstalledVoices(
    [
        voice(r"HKEY\TTS_MS_EN-US_ZIRA", "Microsoft Zira Desktop - English (United States)", "en-US"),
        voice(r"HKEY\TTS_MS_DE-DE_HEDDA", "Microsoft Hedda Desktop - German", "de-DE"),
        voice(r"HKEY\TTS_MS_ES-MX", "Microsoft Sabina Desktop - Spanish (Mexico)", "es-MX"),
    ],
    r"HKEY\TTS_MS_DE-DE_HEDDA",
)


@pytest.mark.parametrize(
    ("system", "wanted", "language", "expected"),
    [
        (MAC, "", "en", "Daniel"),  # the system's own voice speaks English
        (MAC, "", "de", "Anna"),
        (MAC, "", "pt", "Luciana"),  # Brazil before Portugal, as the words file says, unless the runner does
        (MAC, "joana", "pt", "Joana"),
        (MAC, "", "fr", None),
        (WINDOWS, "", "en", "Microsoft Zira Desktop - English (United States)"),
        (WINDOWS, "hedda", "de", "Microsoft Hedda Desktop - German"),
        (WINDOWS, "", "es", "Microsoft Sabina Desktop - Spanish (Mexico)"),
        (WINDOWS, "german", "de", "Microsoft Hedda Desktop - German"),
        (MAC, "ana", "en", "Daniel"),  # the end of a word is no name: Luciana stays out of it
        (WINDOWS, "nobody", "de", "Microsoft Hedda Desktop - German"),
    ],
)
def test_voices_are_chosen_on_every_system(
    system: InstalledVoices, wanted: str, language: str, expected: str | None
) -> None:
    chosen = Voices(system).choose(wanted, language, load_words(language).regions)
    assert (chosen and chosen[1]) == expected
    assert chosen is None or chosen[2] is (wanted not in {"nobody", "ana"})


def test_the_engines_own_nice_value_leaves_the_picture_its_time() -> None:
    if not hasattr(os, "nice") or not Path("/proc").exists():
        pytest.skip("no nice values here")
    process = subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    process.stdout.readline()
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= os.getpriority(os.PRIO_PROCESS, 0) + 5
    process.kill()
    process.communicate()
