"""What a key did is told on the screen, in the runner's language."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from coach.ports import UserCommand
from tests.app.live_bench import WatchedScreen
from tests.app.live_run import LiveRun

TOLD = {
    "en": ("left leg ", "coached leg: right", "coached leg: the nearer one", "picture kept: "),
    "de": ("Bein links noch ", "beobachtetes Bein: rechts", "beobachtetes Bein: das nähere", "Bild gespeichert: "),
    "fr": ("jambe gauche encore ", "jambe suivie: droite", "jambe suivie: la plus proche", "image gardée: "),
}
"""A wish that cannot be met yet, for the left leg is the far one; one that is; the end of wishing; a picture."""


@pytest.mark.parametrize("language", TOLD)
def test_what_a_key_did_is_told_in_the_runners_language(tmp_path: Path, language: str) -> None:
    run = LiveRun(tmp_path, language=language)
    far, near, nearer, kept = (f"shown: {text}" for text in TOLD[language])

    def script() -> None:
        assert isinstance(run.screen, WatchedScreen)
        run.run_on()
        for text in (far, near, nearer):
            run.screen.asked.append(UserCommand.SIDE)
            run.until(lambda: not run.screen.asked, "the key was heard")  # type: ignore[union-attr]
            run.until(partial(run.diary.has, text), text)
        run.screen.asked.append(UserCommand.SNAPSHOT)
        run.until(lambda: run.diary.has(kept), kept)

    run.session(script)
    assert run.diary.has(far, near, nearer, kept)
    told = next(line for line in run.diary.lines if line.startswith(far))
    assert told.endswith(near.removeprefix("shown: ").split(": ")[1]), "the leg that is coached meanwhile"
    assert len(list(tmp_path.glob("*.png"))) == 1


def test_a_picture_that_cannot_be_kept_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    run = LiveRun(tmp_path)
    run.live_screen._snapshots = tmp_path / "taken"
    run.live_screen._snapshots.write_text("a file where the folder should be")

    def script() -> None:
        assert isinstance(run.screen, WatchedScreen)
        run.run_on()
        run.screen.asked.append(UserCommand.SNAPSHOT)
        run.until_line("shown: the picture could not be kept")
        run.run_on()

    run.assert_kept(run.session(script))
