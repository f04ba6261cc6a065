"""Words ahead of time: everything announced is ready before it is needed, whatever the engine does."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from coach.edges.audio.phrase_book import PhraseBook, PhraseCache, phrase_key
from coach.edges.audio.speech import Delivery, SpeechProcess, install_hint

ENGLISH = Delivery("en", "", 175)
PHRASE = np.arange(-4000, 4000, dtype=np.int16)


def test_a_phrase_is_found_again_bit_by_bit(tmp_path: Path) -> None:
    PhraseCache(tmp_path / "new" / "folder").store("key", PHRASE)
    np.testing.assert_array_equal(PhraseCache(tmp_path / "new" / "folder").load("key"), PHRASE)


def test_what_was_never_stored_is_none(tmp_path: Path) -> None:
    assert PhraseCache(tmp_path / "nowhere").load("key") is None


@pytest.mark.parametrize("change", [{"language": "de"}, {"voice": "Anna"}, {"rate_wpm": 176}])
def test_everything_that_shapes_the_sound_names_the_file(change: dict[str, object]) -> None:
    other = dataclasses.replace(ENGLISH, **change)  # type: ignore[arg-type]
    assert phrase_key("Heels up", other) != phrase_key("Heels up", ENGLISH)
    assert phrase_key("Heels up", ENGLISH) != phrase_key("heels up", ENGLISH)


def test_a_damaged_phrase_is_forgotten_and_rendered_anew(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path)
    for content in (b"", b"RIFF", b"rubbish" * 100):
        (tmp_path / "key.wav").write_bytes(content)
        assert cache.load("key") is None
        assert not (tmp_path / "key.wav").exists()


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = PhraseCache(tmp_path / "file" / "below")
    cache.store("key", PHRASE)
    assert cache.load("key") is None


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    one_phrase = 44 + PHRASE.nbytes
    cache = PhraseCache(tmp_path, limit_bytes=3 * one_phrase)
    for age, name in enumerate(("oldest", "old", "new")):
        cache.store(name, PHRASE)
        os.utime(tmp_path / f"{name}.wav", (1000 + age, 1000 + age))
    cache.load("oldest")  # used: now the youngest
    cache.store("newest", PHRASE)
    assert {path.stem for path in tmp_path.iterdir()} == {"oldest", "new", "newest"}


def test_what_a_dead_process_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".key.dead.tmp").touch()
    (tmp_path / ".key.busy.tmp").touch()
    os.utime(tmp_path / ".key.dead.tmp", (1000, 1000))
    PhraseCache(tmp_path).store("key", PHRASE)
    assert {path.name for path in tmp_path.iterdir()} == {".key.busy.tmp", "key.wav"}


WRITER = """
import sys, numpy as np
from pathlib import Path
from coach.edges.audio.phrase_book import PhraseCache
cache = PhraseCache(Path(sys.argv[1]), limit_bytes=200_000)
for i in range(150):
    level = int(sys.argv[2]) + i
    cache.store(f"key{i % 5}", np.full(20_000, level, np.int16))
    found = cache.load(f"key{(i + 2) % 5}")
    if found is not None and (found.size != 20_000 or np.ptp(found) != 0):
        sys.exit("half a phrase")
"""


def test_two_processes_at_once_never_see_half_a_phrase(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), start]) for start in ("1000", "2000")]
    assert [writer.wait(timeout=250) for writer in writers] == [0, 0]
    assert not list(tmp_path.glob("*.tmp"))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.wav")) <= 200_000 + 2 * 40_044


ENGLISH = Delivery("en", "", 175)
Opened = Callable[..., PhraseBook]


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / "diary"


class PatientAgain(SpeechProcess):
    """An engine that hangs is soon given up; the next one has all the time that a busy machine takes."""

    def __init__(self, command: Sequence[str], phrase_s: float, again_s: float) -> None:
        super().__init__(command, start_s=120, phrase_s=phrase_s)
        self._again_s = again_s

    def _give_up(self) -> None:
        super()._give_up()
        self._phrase_s = self._again_s


@pytest.fixture
def open_book(tmp_path: Path, diary: Path) -> Iterator[Opened]:
    """A book over an engine with a fault (`none` for a good one), closed at the end."""
    books = []

    def opened(fault: str, prepare: list[str], phrase_s: float = 1.5, again_s: float | None = None) -> PhraseBook:
        command = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), fault, str(diary))
        process = PatientAgain(command, phrase_s, phrase_s if again_s is None else again_s)
        book = PhraseBook(PhraseCache(tmp_path / "cache"), ENGLISH, process, prepare)
        books.append(book)
        return book

    yield opened
    for book in books:
        book.close()


def lines(diary: Path) -> list[str]:
    return diary.read_text("utf-8").splitlines() if diary.exists() else []


def test_all_that_was_announced_is_ready_in_its_order(open_book: Opened, diary: Path) -> None:
    book = open_book("none", ["one", "two", "", "one", "three"], phrase_s=60)
    assert book.wait(120)
    assert lines(diary) == ["start", "one", "two", "three"]
    assert all(book.get(text) is not None for text in ("one", "two", "three"))
    assert book.status() == "speech: ready, faulty, Hum"


def test_the_next_run_needs_no_engine(open_book: Opened, diary: Path) -> None:
    assert open_book("none", ["one"], phrase_s=60).wait(120)
    again = open_book("hangs at the start", ["one"])
    assert again.wait(120)
    assert again.get("one") is not None
    assert lines(diary) == ["start", "one"]
    assert again.status() == "speech: ready"


def test_a_new_text_is_none_at_first_and_ready_soon(open_book: Opened) -> None:
    book = open_book("none", [], phrase_s=60)
    assert book.get("five minutes") is None
    assert book.wait(120)
    assert book.get("five minutes") is not None


def test_asking_again_and_again_renders_once(open_book: Opened, diary: Path) -> None:
    book = open_book("none", [], phrase_s=60)
    for _ in range(50):
        book.get("cadence 170")
    assert book.wait(120)
    assert lines(diary) == ["start", "cadence 170"]


@pytest.mark.parametrize("fault", ["hangs", "crashes", "refuses", "talks nonsense"])
def test_an_engine_that_fails_is_restarted_once_then_tones_remain(open_book: Opened, diary: Path, fault: str) -> None:
    book = open_book(fault, ["one", "two", "three"], phrase_s=1.5 if fault == "hangs" else 60)
    assert book.wait(120), "no endless tries"
    # A machine that stands still all the while ends an engine before it has heard the word.
    heard = [line for line in lines(diary) if fault != "hangs" or line == "start"]
    expected = ["start", "start"] if fault == "hangs" else ["start", "one", "start", "one"]
    assert heard == expected, "one restart, and nothing after it"
    assert set(lines(diary)) <= {"start", "one"}
    assert book.status().startswith("tones only: the speech engine")
    assert book.get("one") is None
    assert book.get("later") is None
    assert book.wait(0.1), "nothing is asked of it any more"


@pytest.mark.parametrize("fault", ["hangs once", "crashes once"])
def test_an_engine_that_recovers_loses_no_phrase(open_book: Opened, diary: Path, fault: str) -> None:
    book = open_book(fault, ["one", "two"], phrase_s=2 if fault == "hangs once" else 60, again_s=60)
    assert book.wait(120)
    assert lines(diary)[-3:] == ["start", "one", "two"]
    assert lines(diary).count("start") == 2
    assert book.get("one") is not None
    assert book.get("two") is not None
    assert not book.trouble()


@pytest.mark.parametrize("fault", ["writes nothing", "writes an empty file", "writes silence"])
def test_an_engine_without_sound_ends_in_tones(open_book: Opened, tmp_path: Path, fault: str) -> None:
    book = open_book(fault, ["one", "two", "three", "four"], phrase_s=60)
    assert book.wait(120)
    assert book.status().startswith("tones only: ")
    assert not list((tmp_path / "cache").glob("*")), "nothing empty is kept for the next run"


def test_one_text_without_sound_does_not_silence_the_rest(open_book: Opened) -> None:
    book = open_book("writes no word for dots", ["one", "...", "two", "..", "three", ".", "four"], phrase_s=60)
    assert book.wait(120)
    assert not book.trouble()
    assert book.get("four") is not None
    assert book.get("...") is None


def test_without_an_engine_the_remedy_is_shown_and_nothing_is_tried_twice(open_book: Opened, diary: Path) -> None:
    book = open_book("is not installed", ["one", "two"], phrase_s=60)
    assert book.wait(120)
    assert book.status() == f"tones only: {install_hint()}"
    assert lines(diary) == ["start"]


def test_a_voice_that_is_not_there_is_said_and_its_stand_in_not_kept(open_book: Opened, tmp_path: Path) -> None:
    book = open_book("has only others", ["one"], phrase_s=60)
    assert book.wait(120)
    assert book.get("one") is not None
    assert book.status().endswith("(no voice is named '')")
    assert not list(tmp_path.glob("cache/*.wav"))


def test_closing_does_not_wait_for_an_engine_that_hangs(open_book: Opened, diary: Path) -> None:
    book = open_book("hangs", ["one"], phrase_s=600)
    while lines(diary) != ["start", "one"]:
        threading.Event().wait(0.01)
    book.close()
    book.close()
    assert book.get("two") is None
    assert not any(thread.name == "phrases" and thread.is_alive() for thread in threading.enumerate())
