"""A notice that was kept is told again in the reader's words and units."""

from __future__ import annotations

import pytest

from coach.core.notices import Notice, NoticeKind, Word, retold
from coach.core.words import Words
from coach.languages import languages, load_words

NOW = Notice(NoticeKind.BELT_SPEED, "belt.now", values=(("origin", Word("belt.origin.video")), ("speed", 2.5)))
LOST = Notice(NoticeKind.TREADMILL, "screen.belt_lost", "Läufer 3")
ASKED = Notice(NoticeKind.QUESTION, "screen.trouble", Word("programme.how_to_answer"))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("notice", [NOW, LOST, ASKED])
def test_it_says_the_same_as_it_would_have_said_at_once(notice: Notice, language: str) -> None:
    words = load_words(language)
    assert notice.noted is not None
    for units in ("metric", "imperial"):
        assert retold(notice.kind, notice.noted, words, units) == notice.text(words, units)


def test_what_has_no_line_has_nothing_to_be_told_again() -> None:
    assert Notice(NoticeKind.PAUSED).noted is None


@pytest.mark.parametrize(
    ("kind", "noted"),
    [
        ("belt_speed", NOW.noted),  # these words lack its lines, as those of another version may
        ("a kind of tomorrow", LOST.noted),
        ("treadmill", "no JSON"),
        ("treadmill", '["screen.belt_lost"]'),
        ("treadmill", "[[], 1, 2]"),
    ],
)
def test_what_these_words_do_not_have_is_left_as_it_was_kept(kind: str, noted: str) -> None:
    words = Words(lines={"belt.now": "belt speed now {origin}: {speed}", "screen.belt_lost": "lost"})
    assert retold(kind, noted, words, "metric") is None
