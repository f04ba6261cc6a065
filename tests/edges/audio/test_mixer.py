"""The sound card: played samples are written to a file by SDL's own `disk` driver and looked at there."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest
from pygame._sdl2 import audio as sdl_audio

from coach.edges.audio.mixer import BUFFER, TRIAL, Mixer
from coach.edges.audio.waveform import RATE_HZ
from tests.edges.audio.heard import Heard, HeldCard


@pytest.fixture
def mixer() -> Iterator[Mixer]:
    card = Mixer()
    yield card
    card.close()


def ramp(n: int, start: int = 1) -> np.ndarray:
    """Samples that can be told apart: left counts up, right counts down."""
    left = np.arange(start, start + n)
    return np.stack([left, -left], axis=1).astype(np.int16)


def wait_for(holds: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def wait_until_silent(card: Mixer) -> None:
    wait_for(lambda: not card.remaining_s())


def test_every_sample_is_played_once_and_in_order(mixer: Mixer, held: HeldCard) -> None:
    assert mixer.open()
    assert mixer.play(ramp(10_000), 1.0)
    # The card has begun at the most: whatever time has passed, it plays.
    assert BUFFER / RATE_HZ <= mixer.remaining_s() <= 10_000 / RATE_HZ
    held.run()
    wait_until_silent(mixer)
    mixer.close()
    np.testing.assert_array_equal(held.finish(), ramp(10_000))


def test_a_second_sound_takes_the_place_of_the_first(mixer: Mixer, held: HeldCard) -> None:
    assert mixer.open()
    mixer.play(ramp(15_000), 1.0)
    held.take(4_000)
    mixer.play(ramp(5_000, start=20_000), 1.0)
    held.run()
    wait_until_silent(mixer)
    mixer.close()
    left = held.finish()[:, 0]
    (cut,) = np.flatnonzero(left == 20_000)
    np.testing.assert_array_equal(left[:cut], np.arange(1, cut + 1), "the first, until it was cut")
    np.testing.assert_array_equal(left[cut:], np.arange(20_000, 25_000), "then the second alone")
    assert 4_000 <= cut < 15_000


def test_volume_scales(mixer: Mixer, heard: Heard) -> None:
    assert mixer.open()
    mixer.play(np.full((4_000, 2), 8_000, np.int16), 0.5)
    wait_until_silent(mixer)
    mixer.close()
    assert heard().max() == pytest.approx(4_000, rel=0.02)


def test_stop_is_at_once(mixer: Mixer, held: HeldCard) -> None:
    assert mixer.open()
    mixer.play(ramp(30_000), 1.0)
    held.take(1_000)
    mixer.stop()
    assert mixer.remaining_s() == 0
    held.run()
    wait_for(lambda: held.length > 20_000)
    mixer.close()
    assert 1_000 <= held.finish().shape[0] < 10_000


def test_no_card_is_a_state_with_words(mixer: Mixer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    assert not mixer.open()
    assert mixer.trouble().startswith("no sound card")
    assert not mixer.play(ramp(10), 1.0)
    assert mixer.remaining_s() == 0
    mixer.stop()
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    assert mixer.open(), "a card that comes later is taken"
    assert not mixer.trouble()
    assert mixer.play(ramp(10), 1.0)


def test_a_mixer_shut_down_behind_our_back_is_survived(mixer: Mixer, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pygame.quit` by whoever closes the window; pygame-ce 2.5.8 then crashes the process in `Channel.play`."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    assert mixer.open()
    mixer.play(ramp(30_000), 1.0)
    pygame.quit()
    assert mixer.remaining_s() == 0
    assert not mixer.play(ramp(10), 1.0)
    mixer.stop()
    assert mixer.trouble() == "no sound: the card was closed"
    assert mixer.open()
    assert mixer.play(ramp(10), 1.0)


def test_another_format_than_ours_is_put_right(mixer: Mixer, heard: Heard) -> None:
    """Somebody called `pygame.init` first, with the mixer as it comes."""
    pygame.mixer.init(22_050, -16, 1, 512)
    assert mixer.open()
    assert pygame.mixer.get_init() == (RATE_HZ, -16, 2)


def test_headphones_that_come_are_noticed(mixer: Mixer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    assert mixer.open()
    assert not mixer.changed()
    names = ["System audio output device", "Headphones"]
    monkeypatch.setattr(sdl_audio, "get_audio_device_names", lambda capture: names)
    assert mixer.changed()
    seen_meanwhile: list[str] = []

    def look() -> str:
        seen_meanwhile.append(mixer.trouble())
        return ""

    monkeypatch.setattr("coach.edges.audio.mixer._refusal", look)
    assert mixer.open()
    assert seen_meanwhile == [""], "changing over is no trouble to be told"
    assert not mixer.changed()


def test_closing_twice_and_using_it_after_is_harmless(mixer: Mixer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    mixer.open()
    mixer.close()
    mixer.close()
    assert not mixer.play(ramp(10), 1.0)
    assert mixer.trouble()


STUCK = """
import os, sys, time
import numpy as np
from coach.edges.audio import mixer
mixer.OVERDUE_S = 0.2
reader = os.open(os.environ["SDL_DISKAUDIOFILE"], os.O_RDONLY | os.O_NONBLOCK)
card = mixer.Mixer()
assert card.open()
assert card.play(np.ones((20_000, 2), np.int16), 1.0)
until = time.monotonic() + 60
while not card.trouble() and time.monotonic() < until:
    time.sleep(0.01)
print(card.trouble())
assert not card.play(np.ones((100, 2), np.int16), 1.0)
if sys.argv[1] == "wakes":
    os.set_blocking(reader, True)
    while card.trouble():
        os.read(reader, 65536)
    print("plays again")
    os.set_blocking(reader, False)
card.close()
print("closed")
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a card that freezes is a full pipe here")
@pytest.mark.parametrize(("then", "last"), [("stays", "closed"), ("wakes", "plays again\nclosed")])
def test_a_card_that_freezes_holds_up_nothing_not_even_the_end(tmp_path: Path, then: str, last: str) -> None:
    """The card is a pipe that nobody empties: SDL's own thread stands still, as with a driver that hangs."""
    pipe = tmp_path / "card"
    os.mkfifo(pipe)
    environment = {**os.environ, "SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(pipe)}
    run = subprocess.run(
        [sys.executable, "-c", STUCK, then],
        env=environment,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
    )
    assert run.stdout.strip() == f"no sound: the card does not answer\n{last}"
    assert run.returncode == 0


HANGING_TRIAL = """
import sys, threading, time
from coach.edges.audio import mixer
mixer.TRIAL = (sys.executable, "-c", "import time; time.sleep(600)")
mixer.TRIAL_S = 0.5
ticks = []
def tick():
    while True:
        time.sleep(0.005)
        ticks.append(1)
threading.Thread(target=tick, daemon=True).start()
card = mixer.Mixer()
# A machine that stands still while the card is tried is no library that holds Python's lock: once is enough.
for _ in range(4):
    before = len(ticks)
    opened = card.open()
    if len(ticks) - before > 10:
        break
print(opened, card.trouble())
print("the rest went on" if len(ticks) - before > 10 else "all stood still")
"""


def test_a_sound_server_that_hangs_stops_nothing_else() -> None:
    """pygame would hold Python's lock while it waits for one, so a process that may hang asks first."""
    environment = {**os.environ, "SDL_AUDIODRIVER": "pulseaudio"}
    run = subprocess.run(
        [sys.executable, "-c", HANGING_TRIAL],
        env=environment,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
    )
    assert run.stdout.splitlines() == ["False no sound: the card does not answer", "the rest went on"]
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ALSA is Linux's")
def test_a_machine_without_a_card_prints_nothing() -> None:
    environment = {**os.environ, "SDL_AUDIODRIVER": "alsa", "ALSA_CONFIG_PATH": "/nonexistent"}
    code = (
        "from coach.edges.audio import mixer; mixer.TRIAL_S = 200; m = mixer.Mixer(); print(m.open(), m.trouble()[:13])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=False, capture_output=True, encoding="utf-8", timeout=200
    )
    assert (run.stdout.strip(), run.stderr) == ("False no sound card", "")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_run_without_a_window_can_still_be_ended() -> None:
    """SDL would swallow SIGTERM as a window event that nobody reads."""
    code = (
        "import time; from coach.edges.audio.mixer import Mixer; "
        "Mixer().open(); print('open', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "SDL_AUDIODRIVER": "dummy"}
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    process.terminate()
    assert process.wait(timeout=60) != 0
    process.stdout.close()


def test_a_trial_of_a_card_that_hangs_ends_by_itself_where_nobody_waits_for_it(tmp_path: Path) -> None:
    """Ctrl-C while Coach loads leaves it alone; a sound server that hung would keep it for good."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        server.listen()
        hung = {**os.environ, "SDL_AUDIODRIVER": "pulseaudio", "PULSE_SERVER": f"unix:{tmp_path}/native"}
        with subprocess.Popen([*TRIAL, "3"], env=hung, stderr=subprocess.PIPE, encoding="utf-8") as trial:
            try:
                _, said = trial.communicate(timeout=60)
            finally:
                trial.kill()
    if "pulse" in said.lower() and "not available" in said:
        pytest.skip("SDL knows no PulseAudio here")
    assert "Timeout (0:00:03)" in said
