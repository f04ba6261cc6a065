"""`coach programme`: it can be looked at, paused, taken up and begun anew, and no past session is lost."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coach.app.data_folder import load_profile, save_profile
from coach.app.parts import today
from coach.cli import run
from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import Baseline, peak_flexion_deg
from coach.core.coaching.drills import drills
from coach.core.coaching.guards import Price
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Extent, Practice, Progress
from coach.core.session.records import SourceFacts
from coach.core.session.session import SessionBuilder
from coach.edges.store import Store
from coach.languages import load_words, packaged_languages
from coach.review.history_page import _held, index_page

TODAY = today()
PRACTICES = tuple(Practice(TODAY - 9 + 2 * n, n, 4.0, 4.2, math.nan, held=n > 1, lost=False) for n in (1, 2, 3))
UNDER_WAY = Progress(sessions_done=3, held_deg=4.0, holding=1, last_day=TODAY - 3, practices=PRACTICES)
Said = Callable[..., str]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A runner who has done three sessions, the last one three days ago."""
    save_profile(tmp_path, RunnerProfile(progress=UNDER_WAY))
    return tmp_path


@pytest.fixture
def said(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """What `coach programme …` prints, after it ended well."""

    def say(*arguments: str) -> str:
        assert run(["programme", *arguments, "--data-dir", str(data_dir)]) == 0
        return capsys.readouterr().out

    return say


def kept(data_dir: Path) -> Progress:
    return load_profile(data_dir).progress


def test_it_says_how_the_programme_stands_and_changes_nothing(said: Said, data_dir: Path) -> None:
    text = said()

    assert "3 of 8 sessions done" in text
    assert "4° above where you began" in text
    assert "session 4 of 8: 21 minutes, feedback in 100 % of the blocks, a step of 4° is practised" in text
    assert kept(data_dir) == UNDER_WAY


def test_it_says_when_to_stop_and_that_it_is_no_medical_device_once(said: Said) -> None:
    text = said()

    assert text.count("Stop for the day") == 1
    assert text.count("no medical device") == 1


def test_before_the_first_run_it_says_how_it_will_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["programme", "--data-dir", str(tmp_path / "none yet")]) == 0

    text = capsys.readouterr().out
    assert "begins with your next coached run" in text
    assert "session 1 of 8: 15 minutes" in text
    assert not (tmp_path / "none yet").exists()


def test_paused_runs_are_free_until_it_goes_on_where_it_was(said: Said, data_dir: Path) -> None:
    assert "coach programme resume" in said("pause")
    assert kept(data_dir).paused

    assert "session 4 of 8" in said("resume")
    assert kept(data_dir) == UNDER_WAY


def test_it_can_be_paused_before_the_first_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["programme", "pause", "--data-dir", str(tmp_path)]) == 0

    assert "has not begun" in capsys.readouterr().out
    assert kept(tmp_path).paused


def test_asking_twice_is_no_error_and_says_so(said: Said, data_dir: Path) -> None:
    said("pause")
    assert "paused already" in said("pause")
    said("resume")
    assert "It was not paused." in said("resume")
    assert kept(data_dir) == UNDER_WAY


def test_restarted_it_begins_with_session_1_and_loses_no_history(said: Said, data_dir: Path) -> None:
    text = said("restart")

    assert "session 1 of 8: 15 minutes" in text
    assert "kept" in text
    assert kept(data_dir).sessions_done == 0
    assert kept(data_dir).practices == PRACTICES
    assert kept(data_dir).held_deg == 4.0


def test_through_it_can_be_begun_once_more(said: Said, data_dir: Path) -> None:
    save_profile(data_dir, RunnerProfile(progress=Progress(sessions_done=8, last_day=TODAY - 3)))

    assert "coach programme restart" in said()
    assert "session 1 of 8" in said("restart")


def test_a_second_run_on_the_same_day_is_called_free(said: Said, data_dir: Path) -> None:
    save_profile(data_dir, RunnerProfile(progress=Progress(sessions_done=1, last_day=TODAY)))

    assert "Today's session is done" in said()


@pytest.mark.parametrize(
    ("progress", "key"),
    [
        (UNDER_WAY, "answer.hurt"),
        (Progress(sessions_done=8), "answer.hurt_free"),
        (replace(UNDER_WAY, paused=True), "answer.hurt"),
    ],
)
@pytest.mark.parametrize("language", packaged_languages())
def test_on_a_day_that_hurt_a_run_is_called_observed(
    said: Said, data_dir: Path, tmp_path: Path, language: str, progress: Progress, key: str
) -> None:
    config = tmp_path / "own.toml"
    config.write_text(f'language = "{language}"\n')
    save_profile(data_dir, RunnerProfile(progress=progress.hurt(TODAY)))

    assert said("--config", str(config)).startswith(load_words(language).line(key))


def test_after_a_month_it_says_why_a_session_comes_again(said: Said, data_dir: Path) -> None:
    save_profile(data_dir, RunnerProfile(progress=replace(UNDER_WAY, sessions_done=7, last_day=TODAY - 30)))

    text = said()

    assert "A run now is session 4 of 8" in text
    assert "begins again with full feedback" in text
    assert "begins again with full feedback" not in said("restart")


@pytest.mark.parametrize(
    ("extent", "why"),
    [
        (Extent(TODAY, 15.0, 7.4, 7.4), "it ran 7 of its 15 minutes, and 8 are needed"),
        (Extent(TODAY, 15.0, 14.9, 7.4), "heel lift was measured in 7 of its 15 minutes, and 8 are needed"),
    ],
    ids=["too short", "not measured"],
)
def test_a_session_that_comes_again_is_told_with_why_and_what_it_takes(
    said: Said, data_dir: Path, extent: Extent, why: str
) -> None:
    save_profile(data_dir, RunnerProfile(progress=replace(UNDER_WAY, uncounted=extent)))

    text = said()

    assert "A run now is session 4 of 8" in text
    assert why in text
    assert "does not count" not in said("restart")


@pytest.mark.parametrize(("above_deg", "told"), [(0.0, "a step of 4°"), (10.0, "a step of 2°"), (20.0, "no step")])
def test_no_step_is_told_that_the_ceiling_of_the_own_pace_does_not_leave(
    said: Said, data_dir: Path, above_deg: float, told: str
) -> None:
    """At 3 m/s nobody is asked for more than 12° above the norm."""
    shown_deg = float(peak_flexion_deg(3.0, NormSettings())) + above_deg
    own = Baseline(TODAY - 9, 3.0, "left", shown_deg, math.nan, 1.6, 80, 167.0, 0.1)
    save_profile(data_dir, RunnerProfile(baselines=(own,), progress=replace(UNDER_WAY, held_deg=0.0)))

    text = said()

    assert told in text
    assert ("More is not asked at the pace of your baseline" in text) is (above_deg > 0)


def test_switched_off_it_names_the_key_that_switches_it_on(said: Said, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[programme]\nenabled = false\n")

    assert "programme.enabled" in said("--config", str(own))


def test_a_schedule_of_ones_own_counts_its_own_sessions(said: Said, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[programme]\nfeedback_pct = [100, 100, 50, 50, 25]\n")

    text = said("--config", str(own))
    assert "3 of 5 sessions done" in text
    assert "session 4 of 5" in text


def test_what_cannot_be_done_is_one_line_that_names_what_can(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["programme", "stop", "--data-dir", str(data_dir)]) == 2

    line = capsys.readouterr().err
    assert "'stop'" in line
    assert "pause, resume, restart, trouble or well" in line
    assert kept(data_dir) == UNDER_WAY


def test_during_a_run_it_is_not_changed(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run keeps its own progress when it ends, and would write over the change."""
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480, 30.0), (), "2026-05-04T10:00:00+00:00")
    live = Store(data_dir).begin(builder)
    try:
        assert run(["programme", "pause", "--data-dir", str(data_dir)]) == 1
        assert "still running" in capsys.readouterr().err
        assert run(["programme", "--data-dir", str(data_dir)]) == 0
    finally:
        live.close()

    assert not kept(data_dir).paused


@pytest.mark.parametrize("language", packaged_languages())
def test_the_question_is_asked_until_it_is_answered_and_the_answer_holds(
    said: Said, data_dir: Path, tmp_path: Path, language: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'language = "{language}"\n')
    words = load_words(language)
    question = words.line("programme.question", how=words.line("programme.how_to_answer"))
    config = ("--config", str(own))

    assert question in said(*config)
    text = said("trouble", *config)
    assert words.line("programme.said_trouble") in text
    assert words.line("programme.observed", command="coach programme well") in text
    assert question not in text
    assert kept(data_dir).trouble is True
    assert words.line("programme.said_well") in said("well", *config)
    assert kept(data_dir).trouble is False
    assert kept(data_dir).held_deg == UNDER_WAY.held_deg


@pytest.mark.parametrize("language", packaged_languages())
def test_once_the_question_is_answered_with_no_it_names_the_weeks_drills(
    data_dir: Path, said: Said, tmp_path: Path, language: str
) -> None:
    config = tmp_path / "own.toml"
    config.write_text(f'language = "{language}"\n')
    words, ask = load_words(language), ("--config", str(config))
    told = [words.line(f"programme.drill.{one.name}", sets=one.sets, each=one.each) for one in drills(1)]

    assert not any(line in said(*ask) for line in told), "not asked yet"
    assert not any(line in said("trouble", *ask) for line in told)
    assert all(line in said("well", *ask) for line in told)
    assert words.line("programme.drill.heading", week=1) in said(*ask)
    assert words.line("programme.drill.note") in said(*ask)
    assert not any(line in said("pause", *ask) for line in told)


def test_the_second_week_asks_for_one_set_more_and_a_day_that_hurt_for_none(data_dir: Path, said: Said) -> None:
    well = UNDER_WAY.answered(trouble=False)
    save_profile(data_dir, RunnerProfile(progress=replace(well, sessions_done=4)))
    assert "Week 2" in said()
    assert "A-march, 3 times 20 steps" in said()

    save_profile(data_dir, RunnerProfile(progress=well.hurt(TODAY)))
    assert "A-march" not in said()
    assert "Something hurt: no more coaching today." in said()
    assert "A run now is session" not in said()


def test_a_step_that_was_bought_is_told_with_what(data_dir: Path) -> None:
    bought = replace(PRACTICES[0], held=False, price=Price.CADENCE)

    assert _held(bought, load_words("en")) == "not counted: slower steps"
    assert _held(replace(bought, price="", fed_deg=2.0), load_words("en")) == load_words("en").line("programme.not_yet")


def test_a_session_that_asked_for_no_step_neither_held_nor_failed_one() -> None:
    rested = replace(PRACTICES[0], step_deg=0.0, held=False)
    page = index_page([], replace(UNDER_WAY, practices=(rested, PRACTICES[0])), [], "metric", load_words("en"))

    assert [(row[1], row[-1]) for row in page.practice_rows] == [("–", "–"), ("+4°", "nearly")]
