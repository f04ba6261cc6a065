"""A live session whose sound breaks: it says so, goes on, keeps every cue with the way it took, and sounds again."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pygame
import pytest

from coach.app.analysis_stage import Listeners
from coach.app.live_screen import LiveScreen, NoScreen
from coach.app.live_stages import LiveStages
from coach.app.speed_sources import SpeedSources
from coach.app.surroundings import SetupPreview
from coach.core.coaching.cues import Cue, CueKind
from coach.core.notices import Notice, NoticeKind
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.setup.setup_check import SetupItem, Verdict
from coach.core.speed.belt_speed import Told
from coach.edges.audio import sound as sound_module
from coach.edges.audio.mixer import Mixer
from coach.edges.audio.phrase_book import PhraseBook, PhraseCache
from coach.edges.audio.sound import CueSpeaker
from coach.edges.audio.speech import Delivery, SpeechProcess
from coach.languages import load_words
from coach.ports import Frame, LiveStatus
from coach.settings import Settings, SoundSettings
from tests.app.test_live_stages import FAST, IMAGE, PosesInFrames, ScriptedCamera, finished, frames_at, parts_of
from tests.synth import synthetic_run

ENGINES = Path(__file__).parent.parent / "edges" / "faulty_engine.py"
CUES_AT = (60, 120, 180)
FRAMES = 240


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_module, "CARE_S", 0.01)
    monkeypatch.setattr(sound_module, "OPEN_WAIT_S", 60)
    monkeypatch.setattr("coach.edges.audio.mixer.TRIAL_S", 200)
    monkeypatch.setattr(sound_module, "RETRY_S", 0.02)
    monkeypatch.setattr("coach.app.surroundings._LISTEN_S", 0.0)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")


class PunctualCoach(Coach):
    """Gives a cue at set frames and at no others."""

    def step(self, t_s: float, pose: Pose | None, given: Told = None) -> Update:
        update = super().step(t_s, pose, given)
        cue = Cue(t_s, CueKind.HEEL_LIFT_LOW, None, "Heel up", "HEEL UP", t_s + 60)
        return replace(update, advice=replace(update.advice, cues=(cue,) if round(30 * t_s) in CUES_AT else ()))


class Notebook(NoScreen):
    """Keeps the short notices that a screen would show."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        self.read += [text for text in status.messages if text not in self.read]


@dataclass
class Run:
    """A session frame by frame; at some frames something happens to the sound first."""

    speaker: CueSpeaker
    happenings: dict[int, Callable[[], None]] = field(default_factory=dict)
    notebook: Notebook = field(default_factory=Notebook)
    live_screen: LiveScreen | None = None

    def session(self) -> Session:
        poses = synthetic_run(speed_mps=3.0, duration_s=FRAMES / 30, fps=30, seed=3).poses
        pace = threading.Semaphore(0)
        seen = iter(range(1, len(poses) + 1))

        def go_on(_update: Update) -> None:
            self.happenings.get(next(seen), lambda: None)()
            pace.release()

        camera = ScriptedCamera(frames_at([pose.t_s for pose in poses]), pace)
        words = load_words("en")
        coach = PunctualCoach(FAST)
        parts = parts_of(camera, PosesInFrames(list(poses)), self.speaker, coach, words=words)
        stages = LiveStages(parts, Listeners(update=go_on), shows=True)
        pace.release()
        self.live_screen = LiveScreen(stages, self.notebook, parts, Settings(), Path("unused"))
        self.live_screen.watch()
        session = finished(parts, stages)
        assert session.frames.total == len(poses), "not a frame was lost to the sound"
        return session

    def wait_for(self, trouble: NoticeKind | None) -> None:
        """Hold the run here until the live_screen knows of it."""
        until_s = time.monotonic() + 60
        while self.live_screen is None or self._known() is not trouble:
            assert time.monotonic() < until_s, self.speaker.status()
            time.sleep(0.005)

    def _known(self) -> NoticeKind | None:
        assert self.live_screen is not None
        notice = self.live_screen._surroundings._trouble
        return notice.kind if notice else None


@pytest.fixture
def open_speaker(tmp_path: Path) -> Iterator[Callable[[str], CueSpeaker]]:
    opened = []

    def open_with(fault: str) -> CueSpeaker:
        process = SpeechProcess(
            (sys.executable, str(ENGINES), fault, str(tmp_path / "diary")), phrase_s=0.3 if fault == "hangs" else 60
        )
        book = PhraseBook(PhraseCache(tmp_path / "cache"), Delivery("en", "", 175), process, ["Heel up"])
        opened.append(CueSpeaker(SoundSettings(), Mixer(), book))
        assert book.wait(60)
        return opened[-1]

    yield open_with
    for speaker in opened:
        speaker.close()


def ways(session: Session) -> list[tuple[str, ...]]:
    return [cue.channels for cue in session.cues]


def test_a_card_that_is_lost_and_comes_back(
    open_speaker: Callable[[str], CueSpeaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(open_speaker("none"))

    def lose() -> None:
        monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
        pygame.mixer.quit()
        run.wait_for(NoticeKind.SOUND)

    def bring_back() -> None:
        monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
        run.wait_for(None)

    run.happenings = {100: lose, 150: bring_back}
    session = run.session()
    assert ways(session) == [("speech", "screen"), ("screen",), ("speech", "screen")]
    told = [event.detail for event in session.events if event.kind == "sound"]
    assert told[0].startswith("no sound card, run on: no sound")
    assert told[-1] == "sound is back"


def test_no_card_at_all(open_speaker: Callable[[str], CueSpeaker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    run = Run(open_speaker("none"))
    session = run.session()
    assert ways(session) == [("screen",)] * 3
    assert [line[:13] for line in run.notebook.read] == ["no sound card"], "said once, however often it is tried"
    assert [event.kind for event in session.events] == ["sound"]


@pytest.mark.parametrize("fault", ["hangs", "crashes", "is not installed"])
def test_an_engine_that_fails_leaves_the_tones(open_speaker: Callable[[str], CueSpeaker], fault: str) -> None:
    run = Run(open_speaker(fault))
    session = run.session()
    assert ways(session) == [("speech", "screen")] * 3
    assert any(line.startswith("tones only: ") for line in run.notebook.read)
    assert [event.kind for event in session.events].count("speech") == 1


@pytest.mark.parametrize(
    ("driver", "fault", "seen"),
    [
        ("dummy", "none", (Verdict.OK, None, "")),
        ("dummy", "is not installed", (Verdict.OK, None, "tones_only")),
        ("nosuch", "none", (Verdict.MEND, "remedy.sound", "")),
    ],
)
def test_the_set_up_check_sends_nobody_to_the_loudspeaker_for_a_missing_voice(
    open_speaker: Callable[[str], CueSpeaker],
    monkeypatch: pytest.MonkeyPatch,
    driver: str,
    fault: str,
    seen: tuple[Verdict, str | None, str],
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", driver)
    preview = SetupPreview(PosesInFrames([None]), SpeedSources([]), open_speaker(fault), list[Notice]().append)
    preview.take(Frame(0, 0.0, IMAGE))
    assert preview.state is not None
    sound = next(result for result in preview.state.items if result.item is SetupItem.SOUND)
    assert (sound.verdict, sound.remedy, sound.told) == seen


def test_a_window_library_shut_down_in_the_middle_takes_nothing_with_it(
    open_speaker: Callable[[str], CueSpeaker],
) -> None:
    run = Run(open_speaker("none"), {90: pygame.quit})
    session = run.session()
    assert ways(session)[0] == ("speech", "screen")
    assert len(session.cues) == 3
