"""The soft tick: at the runner's own cadence, far below the cues, and never over one."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

import numpy as np
import pytest

from coach.edges.audio.mixer import Mixer
from coach.edges.audio.sound import STEPS_IN_BAR, CueSpeaker
from coach.edges.audio.waveform import FULL_SCALE, RATE_HZ, TICK_PEAK, ticks
from tests.edges.audio.heard import LOUD, Heard, HeldCard, cue, place_of, tone

TICKING = dataclasses.replace(LOUD, speech=False, tick=True)
CADENCE_SPM = 172.0
STEP = 60 / CADENCE_SPM * RATE_HZ


def beats(played: np.ndarray) -> np.ndarray:
    """Where each tick begins."""
    loud = np.flatnonzero(np.abs(played[:, 0]) > 0.3 * TICK_PEAK * FULL_SCALE)
    return np.asarray(loud[np.append(True, np.diff(loud) > 0.05 * RATE_HZ)[: loud.size]])


def wait_for(holds: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_a_bar_is_as_long_as_its_steps_and_each_begins_with_a_tick() -> None:
    bar = ticks(CADENCE_SPM, STEPS_IN_BAR)

    assert len(bar) == round(STEPS_IN_BAR * STEP)
    apart = np.diff(beats(np.stack([bar, bar], axis=1)))
    np.testing.assert_allclose(apart, STEP, atol=2)
    assert np.abs(bar).max() == pytest.approx(TICK_PEAK * FULL_SCALE, rel=0.01)


@pytest.mark.parametrize("cadence_spm", [140.0, 171.3, 220.0])
def test_a_tick_lies_16_db_and_more_below_every_tone_of_a_cue(cadence_spm: float) -> None:
    peak = np.abs(ticks(cadence_spm, STEPS_IN_BAR)).max()

    for name in ("low", "high", "recovered", "side", "warning", "notice"):
        assert 20 * math.log10(np.abs(tone(name)).max() / peak) > 15.5, name


def test_what_leaves_the_card_ticks_at_the_cadence_and_is_silent_under_a_cue(
    open_up: Callable[..., CueSpeaker], heard: Heard
) -> None:
    speaker = open_up(TICKING)
    speaker.tick(CADENCE_SPM)
    wait_for(lambda: len(beats(heard())) >= 4)
    assert speaker.say(cue(), 0.0)
    assert speaker.settle(60)
    whole = tone("low")
    wait_for(lambda: place_of(whole, heard()) >= 0)
    wait_for(lambda: len(beats(heard()[place_of(whole, heard()) + len(whole) :])) >= 2)
    speaker.tick(math.nan)
    speaker.close()

    played = heard()
    at = place_of(whole, played)
    assert at > RATE_HZ, "the cue went out sample by sample as it is: nothing ticked over it"
    before, after = beats(played[:at]), beats(played[at + len(whole) :])
    assert len(before) >= 4
    assert len(after) >= 2, "and the ticks came back"
    apart = np.diff(before)
    assert np.median(apart) == pytest.approx(STEP, abs=3)
    assert np.abs(played[:at]).max() <= TICK_PEAK * FULL_SCALE * 1.01


def test_without_the_setting_or_without_a_cadence_nothing_ticks(
    open_up: Callable[..., CueSpeaker], heard: Heard
) -> None:
    plain = open_up(dataclasses.replace(TICKING, tick=False))
    plain.tick(CADENCE_SPM)
    time.sleep(0.6)
    plain.tick(math.nan)
    plain.close()

    assert not len(heard())


def test_mute_stops_it(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(TICKING)
    speaker.mute(True)
    speaker.tick(CADENCE_SPM)
    time.sleep(0.6)
    speaker.close()

    assert not len(heard())


def test_a_cue_stills_the_tick_from_its_first_sample_on_before_anybody_looks_again(held: HeldCard) -> None:
    mixer = Mixer()
    assert mixer.open()
    assert mixer.tick(lambda: np.full((10 * RATE_HZ, 2), 900, np.int16), 1.0), "a tick that never pauses"
    held.take(1000)
    assert mixer.play(tone("low"), 1.0)
    held.run()
    wait_for(lambda: not mixer.remaining_s())
    mixer.close()

    played = held.finish()
    assert (played[:1000] == 900).all()
    assert place_of(tone("low"), played) > 0, "sample by sample as it is: nothing sounds over it"
