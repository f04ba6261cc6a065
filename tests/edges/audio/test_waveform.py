"""A phrase as an engine leaves it, made fit to be played: words at once, one loudness, one rate."""

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.edges.audio.waveform import (
    RATE_HZ,
    SPEECH_RMS,
    Waveform,
    faded,
    levelled,
    loudness_rms,
    read_audio,
    ready_to_play,
    resampled,
    tightened,
    to_samples,
    trimmed,
    write_wav,
)
from coach.errors import FormatError


def hum(seconds: float, rate_hz: int = 22_050, level: float = 0.5) -> np.ndarray:
    """A 200 Hz tone, as loud as asked."""
    return level * np.sin(2 * np.pi * 200 * np.arange(round(seconds * rate_hz)) / rate_hz)


def phrase(before_s: float, words_s: float, after_s: float, *, level: float = 0.5, rate_hz: int = 22_050) -> Waveform:
    """Words between two stretches of silence with a little hiss, as engines write it."""
    quiet = [np.random.default_rng(7).normal(0, 1e-4, round(s * rate_hz)) for s in (before_s, after_s)]
    return Waveform(np.concatenate([quiet[0], hum(words_s, rate_hz, level), quiet[1]]), rate_hz)


def test_the_words_come_at_once() -> None:
    cut = trimmed(phrase(0.3, 0.8, 0.5))
    assert cut.samples.size / cut.rate_hz == pytest.approx(0.84, abs=0.012), "10 ms before, 30 ms after"
    assert np.argmax(np.abs(cut.samples) > 0.1) / cut.rate_hz < 0.02


@pytest.mark.parametrize(("written_s", "heard_s"), [(0.05, 0.05), (0.14, 0.14), (0.4, 0.15)])
def test_a_rest_between_words_stays_and_a_long_one_becomes_short(written_s: float, heard_s: float) -> None:
    two_words = np.concatenate([hum(0.3), np.zeros(round(written_s * 22_050)), hum(0.3)])
    tight = tightened(trimmed(Waveform(two_words, 22_050))).samples
    assert tight.size / 22_050 == pytest.approx(0.6 + heard_s, abs=0.015)
    assert np.abs(np.diff(tight)).max() < 0.03, "no click where it was joined"


def test_it_begins_and_ends_without_a_click() -> None:
    shaped = faded(np.ones(1000), 22_050)
    assert shaped[0] == pytest.approx(0)
    assert shaped[-1] == pytest.approx(0, abs=1e-3)
    assert shaped[500] == 1


@given(st.floats(0.02, 0.99), st.floats(0.0, 0.4))
@settings(max_examples=25, deadline=None)
def test_quiet_and_loud_engines_sound_alike(level: float, pause_s: float) -> None:
    recorded = Waveform(
        np.concatenate([hum(0.3, level=level), np.zeros(round(pause_s * 22_050)), hum(0.3, level=level)]), 22_050
    )
    played = levelled(recorded)
    assert loudness_rms(played) == pytest.approx(SPEECH_RMS, rel=0.02)


def test_peaks_are_bent_and_never_clipped() -> None:
    peaky = phrase(0, 1, 0, level=0.05).samples
    peaky[5000:5003] = 0.9
    played = levelled(Waveform(peaky, 22_050)).samples
    assert 0.9 < np.abs(played).max() < 0.9901


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_every_engines_rate_becomes_ours(rate_hz: int) -> None:
    played = resampled(Waveform(hum(0.5, rate_hz), rate_hz), RATE_HZ)
    assert played.samples.size == pytest.approx(0.5 * RATE_HZ, abs=2)
    spectrum = np.abs(np.fft.rfft(played.samples))
    assert np.argmax(spectrum) * RATE_HZ / played.samples.size == pytest.approx(200, abs=2), "the pitch stays"


@pytest.mark.parametrize("samples", [np.zeros(4000), np.zeros(0), np.full(4000, 1e-6)])
def test_silence_is_an_error_not_a_phrase(samples: np.ndarray) -> None:
    with pytest.raises(FormatError, match="silent"):
        ready_to_play(Waveform(samples, 22_050))


def test_what_was_written_is_read_back_bit_by_bit(tmp_path: Path) -> None:
    samples = to_samples(hum(0.1, RATE_HZ))
    write_wav(tmp_path / "a.wav", samples)
    again = read_audio(tmp_path / "a.wav")
    assert again.rate_hz == RATE_HZ
    np.testing.assert_array_equal(np.round(again.samples * 32_768), samples)


def test_stereo_is_mixed_to_one(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "stereo.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(np.array([[1000, 3000], [-2000, 0]], dtype="<i2").tobytes())
    np.testing.assert_allclose(read_audio(tmp_path / "stereo.wav").samples * 32_768, [2000, -1000])


def aiff(samples: np.ndarray, *, little_endian: bool = False, odd_chunk: bool = True) -> bytes:
    """A file as macOS writes it: an odd-sized chunk first, the rate as an 80-bit float (22 050 Hz)."""
    rate = struct.pack(">HQ", 16383 + 14, 22_050 << (63 - 14))
    common = struct.pack(">hIh", 1, samples.size, 16) + rate + (b"sowt\x00\x00" if little_endian else b"")
    sound = struct.pack(">II", 0, 0) + samples.astype("<i2" if little_endian else ">i2").tobytes()
    chunks = ([(b"ANNO", b"odd\x00")] if odd_chunk else []) + [(b"COMM", common), (b"SSND", sound)]
    sizes = {b"ANNO": 3}
    body = b"".join(name + struct.pack(">I", sizes.get(name, len(data))) + data for name, data in chunks)
    kind = b"AIFC" if little_endian else b"AIFF"
    return b"FORM" + struct.pack(">I", len(body) + 4) + kind + body


@pytest.mark.parametrize("little_endian", [False, True])
def test_macos_writes_aiff_whatever_the_name(tmp_path: Path, little_endian: bool) -> None:
    numbers = np.array([0, 1000, -2000, 32_767, -32_768])
    path = tmp_path / "phrase.wav"
    path.write_bytes(aiff(numbers, little_endian=little_endian))
    sound = read_audio(path)
    assert sound.rate_hz == 22_050
    np.testing.assert_array_equal(sound.samples * 32_768, numbers)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"FORM\x00\x00\x00\x04AIFF",
        b"FORM\x00\x00\x00\x04AIFFCOMM\x00\x00\x00\x02ab",
        b"<html>not a sound</html>",
        aiff(np.arange(4), little_endian=True).replace(b"sowt", b"ulaw"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(FormatError):
        read_audio(path)
