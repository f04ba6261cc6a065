"""What the runner hears: a short tone that says what it is about, then a few words.

The mixer plays from a thread of SDL's; phrases are rendered ahead of time by the phrase book. All that happens
at the moment of a cue is to join two arrays and start them, so that a cue sounds when it is decided.
"""

from __future__ import annotations

import math
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.coaching.cues import Cue
from coach.core.notices import SAID_AT_ONCE, Notice, NoticeKind, Word
from coach.core.words import Words
from coach.edges.audio.mixer import Mixer, StereoSamples
from coach.edges.audio.phrase_book import PhraseBook, PhraseCache
from coach.edges.audio.speech import ENGINE, Delivery, SpeechProcess, reason
from coach.edges.audio.waveform import RATE_HZ, Samples, faded, read_audio, ready_to_play, resampled, ticks, to_samples
from coach.environment import asset
from coach.errors import FormatError, SpeechError
from coach.ports import Speaker
from coach.settings import SoundSettings

GAP_S: Final = 0.04
"""Between tone and words; none at all lets the tone mask the first consonant."""
LINE_PRIORITY: Final = -1
"""Stage lines wait for cues, never the other way round."""
LINE_EXPIRES_S: Final = 6.0
OPEN_WAIT_S: Final = 5.0
"""How long the start waits for the card; one that takes longer is used when it comes."""
_SAY_WITHIN_S: Final = 30.0
"""In which a text is rendered, and in which it is over."""
CARE_S: Final = 2.0
RETRY_S: Final = 10.0
LONGEST_RETRY_S: Final = 40.0
"""A machine without a card is not asked all the time."""
STEPS_IN_BAR: Final = 4
"""Ticks are rendered so many at a time, exact to the sample; the next bar follows the cadence as it is by then."""
TICK_LOOK_S: Final = 0.1
FOLLOW_S: Final = 0.6
"""Words this long after their tone still belong to it."""
POLL_S: Final = 0.005


HINT: Final = {"darwin": "screen.speech_mac", "win32": "screen.speech_windows"}.get(sys.platform, "screen.speech_linux")
"""Key of what to do where there is no speech engine, or no voice."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing to be heard, tone and words."""

    tone: str
    """Empty: words alone."""
    text: str
    pan: tuple[float, float]
    priority: int
    deadline_s: float
    """On the clock of `time.monotonic`: from then on it is not begun any more."""
    since_s: float
    """On the same clock: of what it speaks."""


def open_speaker(settings: SoundSettings, cache: Path, words: Words) -> Speaker:
    """Sound as set, with every phrase of a run rendered in the background; never raises, whatever is missing."""
    if not settings.enabled:
        return CueSpeaker(settings, None, None)
    ahead = (*words.spoken(), *map(words.line, SAID_AT_ONCE))
    return CueSpeaker(settings, Mixer(), _phrase_book(settings, cache, words, ahead))


def _phrase_book(settings: SoundSettings, cache: Path, words: Words, prepare: Sequence[str]) -> PhraseBook | None:
    if not settings.speech:
        return None
    return PhraseBook(PhraseCache(cache / "phrases"), _delivery(settings, words), SpeechProcess(ENGINE), prepare)


def _delivery(settings: SoundSettings, words: Words) -> Delivery:
    return Delivery(words.language, settings.voice, settings.rate_wpm, words.regions)


class CueSpeaker:
    """Plays tones and phrases: never two at once, one waiting at most, nothing late."""

    def __init__(self, settings: SoundSettings, mixer: Mixer | None, book: PhraseBook | None) -> None:
        self._volume = settings.volume**2  # the ear's scale: half of it sounds half as loud
        self._mixer = mixer
        self._book = book
        self._tones = load_tones() if mixer else {}
        self._changed = threading.Condition()
        self._current: Utterance | None = None
        self._waiting: Utterance | None = None
        self._muted = False
        self._hushed_s = -math.inf
        self._ticks = settings.tick
        self._cadence_spm = math.nan
        self._closed = False
        self._opened = threading.Event()
        self._retry_s = RETRY_S
        self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
        if mixer:
            self._thread.start()
            self._opened.wait(OPEN_WAIT_S)

    def say(self, cue: Cue, now_s: float) -> bool:
        """Play the cue unless it has expired at `now_s` or sound is off.

        True where it was started, or will be within its time as soon as what plays now is over.
        """
        of_run_s = time.monotonic() - now_s
        traits = cue.kind.traits
        until_s, since_s = of_run_s + cue.expires_s, of_run_s + cue.t_s
        return self._offer(Utterance(traits.tone, cue.text, cue.pan, traits.priority, until_s, since_s))

    def say_line(self, text: str) -> bool:
        """Speak a line of the stage after whatever is playing; whether it was taken."""
        if self._book is None or self._book.trouble():
            return False
        asked_s = time.monotonic()
        return self._offer(Utterance("", text, (1.0, 1.0), LINE_PRIORITY, asked_s + LINE_EXPIRES_S, asked_s))

    def tick(self, cadence_spm: float) -> None:
        """Tick softly at this cadence from the next bar on, where that is set; NaN ends it."""
        begins = self._ticks and math.isnan(self._cadence_spm) != math.isnan(cadence_spm)
        self._cadence_spm = cadence_spm
        if begins:
            with self._changed:
                self._changed.notify_all()

    def mute(self, muted: bool) -> None:
        """Silence, or the opposite; what was under way is cut off."""
        with self._changed:
            self._muted = muted
            if muted:
                self._stop()

    def hush(self) -> None:
        """Cut off what sounds, drop what waits; a cue that was just being decided comes too late, too."""
        with self._changed:
            self._hushed_s = time.monotonic()
            self._stop()

    def _stop(self) -> None:
        self._waiting = None
        if self._mixer:
            self._mixer.stop()

    def status(self) -> str:
        """What sounds and what does not, in a few words, with the remedy where there is one."""
        if self._mixer is None:
            return "sound off, as set"
        if trouble := self._mixer.trouble():
            return trouble
        if self._muted:
            return "muted"
        return self._book.status() if self._book else "tones only, as set"

    def trouble(self) -> Notice | None:
        """That the runner hears less than was set; None while all is well or muted."""
        if self._mixer and (card := self._mixer.trouble()):
            return Notice(NoticeKind.SOUND, "screen.no_sound", card)
        if self._mixer is None or self._book is None or self._muted or not (speech := self._book.trouble()):
            return None
        return Notice(NoticeKind.SPEECH, "screen.tones_only", Word(HINT) if self._book.lacks_engine else speech)

    def settle(self, timeout_s: float) -> bool:
        """Wait until all is rendered and all is said; whether that came about in time."""
        until_s = time.monotonic() + timeout_s
        done = self._book is None or self._book.wait(timeout_s)
        while self._at_work() and time.monotonic() < until_s:
            time.sleep(POLL_S)
        return done and time.monotonic() < until_s

    def _at_work(self) -> bool:
        """Whether something sounds or waits; asked under the lock, so that what is just being started counts, too."""
        with self._changed:
            return self._waiting is not None or self._remaining_s() > 0

    def close(self) -> None:
        """Stop sound and speech. May be called twice."""
        with self._changed:
            self._closed, self._waiting = True, None
            self._changed.notify_all()
        if self._book:
            self._book.close()
        if self._thread.is_alive():
            self._thread.join(timeout=OPEN_WAIT_S)

    def _offer(self, new: Utterance) -> bool:
        """Start it, let it wait, or drop it."""
        with self._changed:
            if self._mixer is None or self._muted or self._closed or self._mixer.trouble():
                return False
            if time.monotonic() > new.deadline_s or new.since_s < self._hushed_s:
                return False
            remaining_s = self._mixer.remaining_s()
            cuts = self._current is not None and new.priority > self._current.priority
            if (not remaining_s or cuts) and self._start(new):
                return True
            return not self._mixer.trouble() and self._queue(new, remaining_s)

    def _queue(self, new: Utterance, remaining_s: float) -> bool:
        """Room for one: the more important one stays, the newer of two equals."""
        if time.monotonic() + remaining_s > new.deadline_s:
            return False
        if self._waiting and self._waiting.priority > new.priority:
            return False
        self._waiting = new
        self._changed.notify_all()
        return True

    def _start(self, utterance: Utterance) -> bool:
        """Play it now; false for a line whose words are still being rendered."""
        words = self._book.get(utterance.text) if self._book else None
        tone = self._tones.get(utterance.tone)
        if self._mixer is None or (tone is None and words is None):
            return False
        self._current = utterance
        started = self._mixer.play(joined(tone, words, utterance.pan), self._volume)
        if started and words is None and not self._waiting:
            self._let_words_follow(utterance)
        return started

    def _let_words_follow(self, utterance: Utterance) -> None:
        """The tone comes when it should; words with a number in them are rendered while it sounds."""
        if self._book and utterance.text.strip() and not self._book.trouble():
            soon_s = time.monotonic() + self._remaining_s() + FOLLOW_S
            self._waiting = replace(utterance, tone="", deadline_s=min(utterance.deadline_s, soon_s))
            self._changed.notify_all()

    def _remaining_s(self) -> float:
        return self._mixer.remaining_s() if self._mixer else 0.0

    def _work(self) -> None:
        """The thread: open the card, start what waits, see to a card that is gone."""
        mixer = self._mixer
        assert mixer is not None  # noqa: S101 - started only with one
        mixer.open()
        self._opened.set()
        looked_s = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait(POLL_S if self._waiting else TICK_LOOK_S if self._ticking else CARE_S)
                if self._closed:
                    break
                self._start_waiting()
            self._keep_ticking(mixer)
            if time.monotonic() - looked_s >= CARE_S and self._cared(mixer, time.monotonic() - looked_s):
                looked_s = time.monotonic()
        mixer.close()

    @property
    def _ticking(self) -> bool:
        return self._ticks and not math.isnan(self._cadence_spm) and not self._muted

    def _keep_ticking(self, mixer: Mixer) -> None:
        """Have a bar of ticks follow the one that sounds."""
        if not self._ticks:
            return
        mixer.tick(self._bar if self._ticking else None, self._volume)

    def _bar(self) -> StereoSamples:
        return ticks(self._cadence_spm, STEPS_IN_BAR)[:, None].repeat(2, axis=1)

    def _start_waiting(self) -> None:
        if self._waiting is None or self._remaining_s():
            return
        waiting, self._waiting = self._waiting, None
        if time.monotonic() <= waiting.deadline_s and not self._start(waiting):
            self._waiting = waiting

    def _cared(self, mixer: Mixer, since_s: float) -> bool:
        """Open a lost card again, or the one that came; whether this was looked at."""
        if mixer.remaining_s():
            return False
        if mixer.trouble():
            if since_s < self._retry_s:
                return False
            self._retry_s = RETRY_S if mixer.open() else min(2 * self._retry_s, LONGEST_RETRY_S)
        elif mixer.changed():
            mixer.open()
        return True


def joined(tone: Samples | None, words: Samples | None, pan: tuple[float, float]) -> StereoSamples:
    """Tone, a breath, words, as one sound, so that nothing can come between: (n, 2)."""
    parts = []
    if tone is not None:
        parts.append(np.round(tone[:, None] * np.asarray(pan)).astype(np.int16))
    if tone is not None and words is not None:
        parts.append(np.zeros((round(GAP_S * RATE_HZ), 2), np.int16))
    if words is not None:
        parts.append(np.repeat(words[:, None], 2, axis=1))
    return np.concatenate(parts)


def load_tones(folder: Path | None = None) -> dict[str, Samples]:
    """The packaged tones by name; a damaged or missing file leaves its name out."""
    tones = {}
    for path in sorted((folder or asset("sounds")).glob("*.wav")):
        try:
            sound = resampled(read_audio(path), RATE_HZ)
        except (OSError, FormatError):
            continue
        tones[path.stem] = to_samples(faded(sound.samples, sound.rate_hz))
    return tones


def say_aloud(text: str, settings: SoundSettings, words: Words, cache: Path) -> str:
    """Speak one text and wait until it is over, for `coach say`; how it was said in a few words.

    Raises SpeechError where nothing could be heard.
    """
    speaker = CueSpeaker(settings, Mixer(), _phrase_book(replace(settings, speech=True), cache, words, [text]))
    try:
        speaker.settle(_SAY_WITHIN_S)
        if not speaker.say_line(text):
            raise SpeechError(f"nothing was said: {speaker.status()}")
        speaker.settle(_SAY_WITHIN_S)
        return speaker.status()
    finally:
        speaker.close()


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of trying card and speech."""

    card: str
    """What is wrong with the sound card; empty: it plays."""
    speech: str
    """How speech goes, in a few words."""
    speaks: bool
    as_wished: bool
    """Whether in the voice that was set, where one was."""


def examine(settings: SoundSettings, words: Words) -> Examined:
    """Try sound card and speech, for `coach doctor`."""
    card = Mixer()
    card.open()
    trouble = card.trouble()
    card.close()
    return Examined(trouble, *_tried_speech(settings, words))


def _tried_speech(settings: SoundSettings, words: Words) -> tuple[str, bool, bool]:
    """How it went, whether it speaks, and whether in the voice that was set."""
    if not settings.speech:
        return "tones only, as set", True, True
    process = SpeechProcess(ENGINE)
    try:
        with tempfile.TemporaryDirectory(prefix="coach-speech-", ignore_cleanup_errors=True) as folder:
            spoken = process.render("1, 2, 3", _delivery(settings, words), Path(folder) / "trial.wav")
            ready_to_play(read_audio(Path(folder) / "trial.wav"))
    except (SpeechError, FormatError, OSError) as error:
        return f"tones only: {reason(error)}", False, True
    finally:
        process.close()
    refused = "" if spoken.as_wished else f" (no voice is named {settings.voice!r})"
    return f"{process.engine}, {spoken.voice}{refused}", True, spoken.as_wished
