"""The key "that hurts", the whole way and in five languages: told at once, by screen and voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from coach.languages import load_words, packaged_languages
from coach.ports import UserCommand
from tests.app.live_bench import WatchedScreen
from tests.app.live_run import LiveRun


@pytest.mark.parametrize("language", packaged_languages())
def test_the_key_ends_coaching_and_says_so(tmp_path: Path, language: str) -> None:
    run = LiveRun(tmp_path, language=language)
    told = f"shown: {load_words(language).line('screen.hurts')}"

    def script() -> None:
        assert isinstance(run.screen, WatchedScreen)
        run.run_on()
        run.screen.asked.append(UserCommand.HURTS)
        run.until(lambda: run.diary.has(told), told)

    run.session(script)

    assert run.diary.has(told)
