"""Every door, for a moment: what is good comes in, what is bad is refused in words, and what once failed stays mended.

`make fuzz` does the same for long (docs/reliability.md).
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from coach.edges.store import STORE_FILE, Store
from coach.errors import CoachError, StoreError
from tests.edges.clips import ffmpeg, write_clip
from tests.fuzz import corpus
from tests.fuzz.doors import DOORS, Door, Outcome
from tests.fuzz.mutations import changed, changed_at_random

TRIED = 100
BY_NAME = {door.name: door for door in DOORS}
QUICK = [door for door in DOORS if door.cost <= 50]
NOT_ALL_GOOD = {"packed poses", "poses", "session ids", "speed", "speed beside a clip", "video", "answers", "stream"}
"""Doors whose corpus holds what is refused, too."""


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_what_comes_on_an_ordinary_day_comes_in(door: Door, tmp_path: Path) -> None:
    outcomes = [door.attempt(content, tmp_path) for content in door.usual()]
    if door.name in NOT_ALL_GOOD:
        assert Outcome.TAKEN in outcomes or door.name == "stream", "nothing at all comes in"
    else:
        assert set(outcomes) == {Outcome.TAKEN}


@pytest.mark.parametrize("door", QUICK, ids=lambda door: door.name)
def test_what_is_bad_is_refused_in_words_or_makes_sense(door: Door, tmp_path: Path) -> None:
    rng = random.Random(door.name)
    for _ in range(TRIED // door.cost):
        usual, places = changed_at_random(door.usual(), rng)
        door.attempt(changed(usual, places), tmp_path)


FAILED = [
    ("session ids", b"9" * 20, "a number that SQLite does not hold"),
    ("session ids", "²".encode(), "a digit that is no number"),
    ("session ids", b"9" * 5000, "more digits than Python reads"),
    ("config", b"[runner]\nheight_cm = " + b"9" * 5000, "more digits than Python reads"),
    ("config", b"[session]\nwarm_up_s = " + b"[" * 3000, "lists in lists, deeper than Python reads"),
    ("words", b"\n[voice]\nregions = 1e-320", "a number where there should be a list"),
    ("words", b"voice = 5", "a number where there should be a section"),
    ("words", b"[common]\nrecovered = " + b"[" * 3000, "lists in lists, deeper than Python reads"),
    ("profile", b'{"schema": "coach.profile/3", "baselines": [{"day": nan', "a profile that is no JSON"),
    ("poses", b"[" * 3000, "lists in lists, deeper than Python reads"),
    ("store file", b"SQLite format 3\0" + b"\x87" * 4096, "a damaged file, of which SQLite quotes what is no text"),
    ("profile", b"[" * 3000, "lists in lists, deeper than Python reads"),
]
"""(door, what came in, what it is): each raised something that no runner should see."""


@pytest.mark.parametrize(("name", "content", "what"), FAILED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_once_failed_is_refused_in_words(name: str, content: bytes, what: str, tmp_path: Path) -> None:
    assert BY_NAME[name].attempt(content, tmp_path) is Outcome.REFUSED, what


def _without_y(markers: bytes) -> bytes:
    """A marker file whose second coordinates are all empty."""
    head, rows = markers.splitlines()[:5], markers.splitlines()[5:]
    cells = ([b"" if i > 1 and (i - 2) % 3 == 1 else c for i, c in enumerate(row.split(b"\t"))] for row in rows)
    return b"\n".join([*head, *(b"\t".join(row) for row in cells)])


MENDED = [
    (
        "last set-up",
        b'{"source": "C", "facing": "left", "leg_px": 0, "width_px": 9, "height_px": 9}',
        "a leg of no length",
    ),
    ("OpenPose", corpus.openpose()[0].replace(b"0.9,", b"1e3,"), "a confidence that is none"),
    ("markers (.trc)", _without_y(corpus.markers()[0]), "markers of which one coordinate is empty from first to last"),
    (
        "answers",
        corpus.answers()[0].replace(b"Content-Type:", b"Content-Type: a/\r\n  b", 1),
        "a header over two lines",
    ),
]
"""What raised something that no runner should see, and is now taken or refused."""


@pytest.mark.parametrize(("name", "content", "what"), MENDED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_once_failed_does_no_harm(name: str, content: bytes, what: str, tmp_path: Path) -> None:
    assert BY_NAME[name].attempt(content, tmp_path) in set(Outcome), what


def test_two_people_of_one_size_in_a_frame_are_told_apart(tmp_path: Path) -> None:
    """They were compared number by number, which no list of arrays can be."""
    frame = corpus.openpose()[0]
    twice = frame.replace(b'[{"pose', b'[{"pose_keypoints_2d": ' + b"[" + b"0," * 74 + b'0]}, {"pose')
    BY_NAME["OpenPose"].attempt(twice, tmp_path)


def test_an_error_that_is_nobodys_is_a_failure(tmp_path: Path) -> None:
    def read(content: bytes, folder: Path) -> None:
        raise {b"clear": CoachError("say what to do"), b"silent": CoachError(" ")}.get(
            content, OverflowError("too large")
        )

    door = Door("a door", lambda: (b"",), read)
    assert door.attempt(b"clear", tmp_path) is Outcome.REFUSED
    with pytest.raises(OverflowError):
        door.attempt(b"large", tmp_path)
    with pytest.raises(AssertionError, match="without a word"):
        door.attempt(b"silent", tmp_path)


def _encrypted(packed: bytes) -> bytes:
    """The zip, all of whose files say that a password is needed."""
    content = bytearray(packed)
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 1)
    return bytes(content)


def _packed_otherwise(packed: bytes) -> bytes:
    """The zip, whose files say that they are packed in a way that nobody knows."""
    content = bytearray(packed)
    for mark, method in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = content.find(mark)
        while at >= 0:
            content[at + method] = 97
            at = content.find(mark, at + 1)
    return bytes(content)


@pytest.mark.parametrize("change", [_encrypted, _packed_otherwise])
def test_a_zip_that_cannot_be_unpacked_is_refused_in_words(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert BY_NAME["shared run (.zip)"].attempt(change(corpus.shared_runs()[0]), tmp_path) is Outcome.REFUSED


@pytest.mark.parametrize("key", [b"started_at", b"runner", b"note", b"facing", b"language"])
@pytest.mark.parametrize("number", [b"Infinity", b"NaN", b"1e400"])
def test_a_number_where_a_session_has_a_word_is_refused(key: bytes, number: bytes, tmp_path: Path) -> None:
    """It was taken, and no JSON could be written of that session."""
    usual = corpus.session_files()[0]
    changed_at = re.sub(rb'(?<="' + key + rb'": )(null|"[^"]*")', number, usual, count=1)
    assert changed_at != usual
    assert BY_NAME["session JSON"].attempt(changed_at, tmp_path) is Outcome.REFUSED


def test_a_word_where_the_store_has_a_number_is_refused(tmp_path: Path) -> None:
    """As where a damaged page shifts the columns of a row."""
    path = tmp_path / STORE_FILE
    path.write_bytes(corpus.stores()[0])
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE session SET near_peak_deg = 'camera', duration_s = 'camera'")
    with pytest.raises(StoreError, match="coach recover --salvage"):
        Store(tmp_path).sessions()


def test_a_video_whose_title_is_no_text_is_taken(tmp_path: Path) -> None:
    """Who reads the fields of interlaced pictures read title and artist, too, and stopped there."""
    pytest.importorskip("av")
    clip, named = write_clip(tmp_path / "made.mp4", frames=12), tmp_path / "named.mkv"
    assert ffmpeg("-i", str(clip), "-c:v", "mpeg4", "-metadata", "title=QQQQ", "-y", str(named)).wait(200) == 0
    content = named.read_bytes()
    assert b"QQQQ" in content
    assert BY_NAME["video"].attempt(content.replace(b"QQQQ", b"\xa2\xa2\xa2\xa2"), tmp_path) is Outcome.TAKEN
