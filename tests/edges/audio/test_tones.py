"""The packaged tones: short, pleasant at both ends, equally loud, and told apart without perfect pitch."""

import runpy
import wave
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from coach.core.coaching.cues import CueKind
from coach.edges.audio.sound import load_tones
from coach.edges.audio.waveform import RATE_HZ
from coach.environment import asset

NAMES = ("high", "low", "notice", "recovered", "side", "warning")


def spectrum_hz(samples: np.ndarray) -> float:
    """The strongest frequency."""
    padded = np.zeros(1 << 15)
    padded[: samples.size] = samples * np.hanning(samples.size)
    return float(np.argmax(np.abs(np.fft.rfft(padded))) * RATE_HZ / padded.size)


@pytest.mark.parametrize("name", NAMES)
def test_a_tone_is_short_soft_edged_and_as_loud_as_the_others(name: str) -> None:
    with wave.open(str(asset("sounds", f"{name}.wav"))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
        tone = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_767
    assert 0.15 < tone.size / RATE_HZ <= 0.4
    assert np.abs(tone).max() == pytest.approx(0.5, abs=0.002)
    assert np.abs(tone[:20]).max() < 0.02
    assert np.abs(tone[-20:]).max() < 0.02
    assert abs(tone.mean()) < 0.005


def test_low_rises_and_high_falls() -> None:
    """The ear needs no names: up for `lift`, down for `ease`."""
    for name, rises in (("low", True), ("high", False)):
        tone = load_tones()[name].astype(float)
        first, last = spectrum_hz(tone[: round(0.09 * RATE_HZ)]), spectrum_hz(tone[round(0.16 * RATE_HZ) :])
        assert (last > 1.3 * first) is rises
        assert (last < 0.8 * first) is not rises


def test_any_two_tones_differ_in_shape_not_only_in_pitch() -> None:
    """Envelopes in 20 ms steps: for an ear without perfect pitch the rhythm has to differ, or the direction."""
    envelopes = {}
    for name, tone in load_tones().items():
        steps = np.pad(np.abs(tone.astype(float)), (0, round(0.4 * RATE_HZ) - tone.size)).reshape(20, -1).mean(axis=1)
        envelopes[name] = steps / np.linalg.norm(steps)
    for one, other in combinations(NAMES, 2):
        if {one, other} != {"low", "high"}:  # mirror images: told apart by direction above
            assert envelopes[one] @ envelopes[other] < 0.97, (one, other)


def test_the_packaged_tones_are_what_the_script_makes(tmp_path: Path) -> None:
    runpy.run_path(str(asset("make_sounds.py")))["write"](tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == set(NAMES)
    for name in NAMES:
        made, packaged = load_tones(tmp_path)[name].astype(int), load_tones()[name].astype(int)
        assert np.abs(made - packaged).max() <= 2, "but for the last bit of another machine's sine"


def test_left_and_right_are_mirror_images() -> None:
    assert CueKind.SIDE_LEFT.traits.pan == CueKind.SIDE_RIGHT.traits.pan[::-1] == (1.0, 0.3)


def test_every_kind_of_cue_has_a_tone() -> None:
    assert {kind.traits.tone for kind in CueKind} == set(NAMES)


def test_a_damaged_tone_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "low.wav").write_bytes(b"RIFF")
    (tmp_path / "high.wav").write_bytes(asset("sounds", "high.wav").read_bytes())
    assert set(load_tones(tmp_path)) == {"high"}
