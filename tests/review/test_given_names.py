"""Names of any script, length and sign."""

from __future__ import annotations

import pytest

from coach.languages import load_words
from coach.review.given_names import in_legend, isolated
from coach.review.sentences import run_name


@pytest.mark.parametrize("name", ["garage", "Straße 5", "跑步", "a, b: 3", ""])
def test_a_name_from_left_to_right_is_left_as_it_is(name: str) -> None:
    assert isolated(name) == name


@pytest.mark.parametrize("name", ["שלום", "جري 5", "run\u202egnp"])
def test_a_name_that_turns_the_line_turns_only_itself(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"
    assert run_name("video", f"{name}.mp4", load_words("en")) == isolated(name)


def test_a_legend_takes_no_sign_for_markup() -> None:
    assert in_legend("<b>&amp; 5 > 3") == "&lt;b&gt;&amp;amp; 5 &gt; 3"


def test_a_long_name_stands_in_lines_and_loses_no_letter() -> None:
    name = "12: " + "a_b" * 40
    lines = in_legend(name).split("<br>")
    assert max(map(len, lines)) <= 44
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
