"""Nothing that a runner sees is written in the code: with marked words, every word that is seen bears the mark."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from bench.scenes import other_scenes, running_scenes, update
from coach.core.words import Phrase, Words
from coach.edges.screen.full_pages import draw_help
from coach.edges.screen.layout import View
from coach.edges.screen.overlays import draw_load
from coach.languages import load_words
from coach.review.pages import write_comparison, write_index, write_session_page
from coach.review.sentences import remember_line, summary_lines
from tests.edges.screen.test_screen_fits import LOAD, Written, show, written
from tests.review.test_pages import line, session_of

ENGLISH = load_words("en")
MARKED = replace(
    ENGLISH,
    lines={key: text if key == "number.decimal" else f"⟦{text}⟧" for key, text in ENGLISH.lines.items()},
    cues={kind: tuple(Phrase(f"⟦{w.say}⟧", f"⟦{w.banner}⟧") for w in ways) for kind, ways in ENGLISH.cues.items()},
)
SIGNS = frozenset({"km", "h", "mph", "mi", "s", "min", "ms", "fps", "px", "y", "x"})
"""Units, which every language writes alike, and the places of Plotly's own text."""

assert written  # a fixture, used by its name


def unmarked(text: str) -> set[str]:
    """Words outside all marks."""
    while "⟦" in text:
        text, found = re.subn(r"⟦[^⟦⟧]*⟧", " ", text)
        assert found, f"a mark is not closed in {text!r}"
    return set(re.findall(r"[A-Za-zÀ-ÿ]+", text)) - SIGNS


def seen_on(page: Path) -> str:
    """Text, labels and figures' words of a page, without its settings, which are named as in config.toml."""
    text = re.sub(
        r"<style.*?</style>|<details.*?</details>|<title>.*?</title>", " ", page.read_text("utf-8"), flags=re.DOTALL
    )
    figures = re.search(r'<script type="application/json" id="charts">(.*?)</script>', text, flags=re.DOTALL)
    assert figures
    labels = re.findall(r'(?:aria-label|alt)="([^"]*)"', text)
    body = re.sub(r"<script.*?</script>|<head.*?</head>", " ", text, flags=re.DOTALL)
    said = [re.sub(r"<[^>]+>", " ", body), *labels, *labels_in(json.loads(figures.group(1)))]
    return html.unescape("\n".join(said))


def without(kept: tuple[str, ...], text: str) -> str:
    for one in kept:
        assert one in text
        text = text.replace(one, "")
    return text


def labels_in(figure: object, key: str = "") -> list[str]:
    """What Plotly shows as text: names, titles, templates and notes."""
    if isinstance(figure, dict):
        return [text for name, value in figure.items() for text in labels_in(value, name)]
    if isinstance(figure, list):
        return [text for value in figure for text in labels_in(value, key)]
    shown = isinstance(figure, str) and key in {"name", "text", "hovertemplate"}
    return [re.sub(r"%\{[^}]*\}|<[^>]*>", " ", str(figure))] if shown else []


@pytest.mark.parametrize("fall_deg", [0.0, 15.0, 30.0])
def test_every_word_of_a_session_s_page_comes_from_the_words(tmp_path: Path, fall_deg: float) -> None:
    page = write_session_page(tmp_path, session_of("0", 400.0, fall_deg=fall_deg), MARKED, "metric")

    # What was said in the run, and an event of a kind that has no words, are kept as they were.
    kept = ("lost <camera> & co",) if fall_deg < 20 else ("Heel up, quick and light", "lost <camera> & co")
    assert unmarked(without(kept, seen_on(page))) == set()


def test_every_word_of_the_pages_over_many_runs_comes_from_the_words(tmp_path: Path) -> None:
    lines = [line(number, state=state) for number, state in enumerate(("finished", "cut short", "recovered"), 1)]

    assert unmarked(seen_on(write_index(tmp_path, lines, MARKED, "metric"))) == set()
    assert unmarked(seen_on(write_index(tmp_path, [], MARKED, "metric"))) == set()
    assert (
        unmarked(seen_on(write_comparison(tmp_path, session_of(), session_of(fall_deg=9.0), MARKED, "metric")[1]))
        == set()
    )


def test_every_word_of_the_summary_comes_from_the_words() -> None:
    session = session_of()

    assert unmarked("\n".join(summary_lines(session, "metric", MARKED))) == set()
    remembered = remember_line(session, MARKED) or ""
    assert unmarked(remembered.replace("Heel up, quick and light", "")) == set()


def test_every_word_in_the_window_comes_from_the_words(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.edges.screen.test_screen_fits.load_words", lambda _language: MARKED)
    base = update(None, 1.0)
    given = {text for scene in running_scenes(base) + other_scenes(base) for text in spoken_in(scene)}

    for scene in running_scenes(base) + other_scenes(base):
        for view in View:
            window = show(scene.name, (1920, 1080), "en", view)
            window.close()
    window = show("in_band", (1920, 1080), "en", View.PICTURE, "curve")
    assert window._window is not None
    page = window._painter._page(window._window.get_surface())
    draw_help(page)
    draw_load(page, LOAD, 4.2)
    window.close()

    keys = {"b", "m", "v", "l", "c", "s", "f", "t", "r", "d", "h", "q"}
    seen = {text.replace("\u00a0", " ") for text, _, _ in written}
    shown = {text for text in seen if not any(text in one for one in given)} - keys
    assert {word for text in shown for word in unmarked(text)} == set()
    pygame.display.quit()


def spoken_in(scene: object) -> list[str]:
    """What a scene brings along: banner, notice, summary."""
    status, moment = scene.status, scene.update  # type: ignore[attr-defined]
    advice = moment.advice if moment else None
    return [
        *status.messages,
        *((str(getattr(status.finish, name)) for name in status.finish.__slots__) if status.finish else ()),
        *([MARKED.line(advice.hold_reason)] if advice and advice.hold_reason else []),
        *([advice.hold_reason or "", *(cue.banner for cue in advice.cues)] if advice else []),
    ]


def test_the_mark_is_missed_where_a_word_is_written_in_the_code() -> None:
    assert unmarked("⟦heel lift ⟦left leg⟧⟧ 98° · 10.0 km/h") == set()
    assert unmarked("⟦heel lift⟧ over 3 strides") == {"over", "strides"}
    assert Words().line("nothing") == "nothing"
