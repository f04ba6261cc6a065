"""Before and while it hurts, the whole way and in two languages: the question, the key, what is kept, the next run.

That every language has the words is tested in tests/test_words.py, that they fit where the screen is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coach.app.data_folder import load_profile, save_profile
from coach.app.kept_sessions import written_report
from coach.core.coach_settings import ProgrammeSettings
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress, plan_session
from coach.core.coaching.stride_record import Stage
from coach.edges.store import Store
from coach.languages import load_words
from coach.ports import UserCommand
from coach.settings import Settings
from tests.app.live_bench import WatchedScreen
from tests.app.live_run import CORE, DAY, LiveRun

COACHED = replace(CORE, programme=ProgrammeSettings())
LANGUAGES = ("en", "de")
UNDER_WAY = Progress(sessions_done=3, held_deg=4.0, holding=1, last_day=DAY - 2, trouble=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_ends_coaching_is_kept_and_the_next_run_starts_one_step_lower(tmp_path: Path, language: str) -> None:
    run = LiveRun(tmp_path, language=language, core=COACHED, profile=RunnerProfile(progress=UNDER_WAY))
    words = load_words(language)
    told = words.line("screen.hurts")

    def script() -> None:
        assert isinstance(run.screen, WatchedScreen)
        run.run_on()
        run.screen.asked.append(UserCommand.HURTS)
        run.until(lambda: run.diary.has(f"shown: {told}"), told)
        run.run_on()

    run.session(script)
    save_profile(tmp_path, run.coach.profile_after())

    assert run.diary.has("hushed", f"said: {told}"), "no cue that was under way or waited is heard after it"
    kept = Store(tmp_path).load("last")
    (event,) = [event for event in kept.events if event.kind == "hurts"]
    assert event.detail == told
    after = [stride for stride in kept.strides if stride.start_s > event.t_s]
    assert after
    assert all(stride.stage is Stage.OBSERVING for stride in after)
    progress = load_profile(tmp_path).progress
    assert progress.held_deg == UNDER_WAY.held_deg - 3.0
    plan = plan_session(progress, ProgrammeSettings(), "steady", DAY + 1)
    assert plan is not None
    assert plan.step_deg == 0.0
    page = written_report("last", tmp_path, Settings(language=language)).read_text("utf-8")
    assert words.line("event.hurts") in page
    for reads in LANGUAGES:
        page = written_report("last", tmp_path, Settings(language=reads)).read_text("utf-8")
        assert load_words(reads).line("screen.hurts") in page, "in the reader's language, whatever the run's was"


@pytest.mark.parametrize(("language", "trouble"), [("en", True), ("de", False)])
def test_the_question_stands_on_the_screen_until_a_key_answers_it_and_that_is_remembered(
    tmp_path: Path, language: str, trouble: bool
) -> None:
    run = LiveRun(tmp_path, language=language, core=COACHED)
    words = load_words(language)
    said = words.line("programme.said_trouble" if trouble else "programme.said_well")

    def script() -> None:
        screen = run.screen
        assert isinstance(screen, WatchedScreen)
        run.until(lambda: screen.question, "the question")
        assert screen.question == words.line("screen.question")
        screen.asked.append(UserCommand.TROUBLE if trouble else UserCommand.WELL)
        run.until(lambda: run.diary.has(f"shown: {said}"), said)
        run.until(lambda: not screen.question, "no question any more")
        run.run_on()

    session = run.session(script)

    assert run.coach.profile_after().progress.trouble is trouble
    assert [event.detail for event in session.events if event.kind == "answer"] == [said]
    never = Stage.COACHING if trouble else Stage.OBSERVING
    assert all(stride.stage is not never for stride in session.strides)


def test_who_has_answered_is_not_asked_again(tmp_path: Path) -> None:
    run = LiveRun(tmp_path, core=COACHED, profile=RunnerProfile(progress=UNDER_WAY))

    run.session(run.run_on)

    assert isinstance(run.screen, WatchedScreen)
    assert run.screen.question == ""
