"""From a decided cue to its sound: how long, at rest and while every core is busy.

    python -m bench.sound [--cues 60]

Two clocks are read. *Begun*: `say` has returned and the mixer's channel is busy. *Leaves the card*: the first
sample of the tone comes out of the audio driver; SDL's `disk` driver writes into a pipe here, and a process of its
own stamps what arrives, so that a busy machine delays the stamp as well. Linux and macOS only.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.coaching.cues import Cue, CueKind
from coach.edges.audio.mixer import BUFFER, Mixer
from coach.edges.audio.phrase_book import PhraseBook, PhraseCache
from coach.edges.audio.sound import CueSpeaker
from coach.edges.audio.speech import Delivery, SpeechProcess
from coach.edges.audio.waveform import RATE_HZ
from coach.languages import load_words
from coach.settings import SoundSettings

LIMIT_MS: Final = 50.0
LISTENER: Final = """
import sys, time
block, quiet = 256, True
with open(sys.argv[1], "rb", buffering=0) as card:
    while data := card.read(block):
        silent = not any(data)
        if quiet and not silent:
            print(time.monotonic(), flush=True)
        quiet = silent
"""
"""Reads what leaves the card as it comes and prints when silence ends."""


@contextmanager
def card_with_a_listener(folder: Path) -> Iterator[queue.Queue[float]]:
    """SDL's output goes to a process that stamps the beginning of every sound."""
    pipe = folder / "card"
    os.mkfifo(pipe)
    os.environ.update(SDL_AUDIODRIVER="disk", SDL_DISKAUDIOFILE=str(pipe))
    process = subprocess.Popen([sys.executable, "-c", LISTENER, str(pipe)], stdout=subprocess.PIPE, encoding="utf-8")
    heard: queue.Queue[float] = queue.Queue()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            heard.put(float(line))

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield heard
    finally:
        process.kill()
        process.wait()


def spin(until_s: float) -> None:
    while time.monotonic() < until_s:
        sum(range(10_000))


@contextmanager
def busy_cores(share: str) -> Iterator[None]:
    """`idle`, `cores`: a spinning process on each core, `python`: these and a spinning thread in here besides."""
    until_s = time.monotonic() + 600
    processes = [multiprocessing.Process(target=spin, args=(until_s,)) for _ in range(os.cpu_count() or 2)]
    stop = threading.Event()

    def spin_here() -> None:
        while not stop.is_set():
            sum(range(1_000))

    thread = threading.Thread(target=spin_here, daemon=True)
    if share != "idle":
        for process in processes:
            process.start()
    if share == "python":
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            if process.is_alive():
                process.kill()


def measure(
    speaker: CueSpeaker, heard: queue.Queue[float], texts: Sequence[str], cues: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from the decision until the sound has begun, and until it leaves the card, cue by cue."""
    begun_ms, left_ms = [], []
    for i in range(cues):
        cue = Cue(0.0, CueKind.HEEL_LIFT_LOW, None, texts[i % len(texts)], "", 5.0)
        time.sleep(0.05 + 0.013 * (i % 7))  # not in step with the card's buffers
        while not heard.empty():
            heard.get()
        decided_s = time.monotonic()
        started = speaker.say(cue, 0.0)
        begun_ms.append(1000 * (time.monotonic() - decided_s))
        assert started, speaker.status()
        left_ms.append(1000 * (heard.get(timeout=10) - decided_s))
        speaker.hush()
    return begun_ms, left_ms


def open_speaker(folder: Path, texts: Sequence[str]) -> CueSpeaker:
    book = PhraseBook(PhraseCache(folder / "cache"), Delivery("en", "", 175), SpeechProcess(), texts)
    speaker = CueSpeaker(SoundSettings(), Mixer(), book)
    began_s = time.monotonic()
    assert book.wait(120)
    print(f"{len(texts)} phrases rendered in {time.monotonic() - began_s:.1f} s: {book.status()}")
    return speaker


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cues", type=int, default=60)
    options = parser.parse_args(arguments)
    texts = load_words("en").spoken()
    worst_ms = 0.0
    with tempfile.TemporaryDirectory() as folder, card_with_a_listener(Path(folder)) as heard:
        speaker = open_speaker(Path(folder), texts)
        print(f"\none buffer of the mixer is {1000 * BUFFER / RATE_HZ:.0f} ms; {options.cues} cues each, in ms\n")
        print("| load | begun p50 | p95 | max | leaves the card p50 | p95 | max |\n|---|---|---|---|---|---|---|")
        for share in ("idle", "cores", "python"):
            with busy_cores(share):
                ways = measure(speaker, heard, texts, options.cues)
            cells = [f"{value:.1f}" for way in ways for value in (*np.percentile(way, (50, 95)), max(way))]
            print(f"| {share} | {' | '.join(cells)} |")
            worst_ms = max(worst_ms, float(np.percentile(ways[0], 95)))
        speaker.close()
    print(f"\ndecision to playback, worst p95: {worst_ms:.1f} ms; at most {LIMIT_MS:.0f} ms is asked")
    return int(worst_ms > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
