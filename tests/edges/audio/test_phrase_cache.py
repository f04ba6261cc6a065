"""Words on disk: found again, never half, never too many."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from coach.edges.audio.phrase_cache import Delivery, PhraseCache, phrase_key

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
from coach.edges.audio.phrase_cache import PhraseCache
cache = PhraseCache(Path(sys.argv[1]), limit_bytes=200_000)
for i in range(150):
    level = int(sys.argv[2]) + i
    cache.store(f"key{i % 5}", np.full(20_000, level, np.int16))
    found = cache.load(f"key{(i + 2) % 5}")
    if found is not None and (found.size != 20_000 or len(set(found.tolist())) != 1):
        sys.exit("half a phrase")
"""


def test_two_processes_at_once_never_see_half_a_phrase(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), start]) for start in ("1000", "2000")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert not list(tmp_path.glob("*.tmp"))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.wav")) <= 200_000 + 2 * 40_044
