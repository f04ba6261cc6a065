"""Recorded sound as numbers: read, cut to the words, brought to one loudness and one sample rate.

Speech engines leave up to half a second of silence around a phrase and differ in loudness by
10 dB and more; a cue has to start at once and sound as loud as the one before.
"""

from __future__ import annotations

import math
import struct
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach.errors import FormatError

Samples = NDArray[np.int16]
"""(n,), mono at `RATE_HZ`."""

RATE_HZ: Final = 44_100
"""Sample rate of everything that is played: tones, phrases and the mixer itself."""

FULL_SCALE: Final = 32_767
FRAME_S: Final = 0.005
"""Length of the pieces whose loudness is looked at: below a syllable, above a period of a low voice."""
SILENCE_DB: Final = -40.0
"""Against the loudest piece; breath and room of the engines measured lie below −60 dB, an `h` above −35."""
PAUSE_S: Final = 0.15
"""Longest rest between two words: heard as a comma, and a phrase has 1.5 s in all."""
LEAD_S: Final = 0.010
TAIL_S: Final = 0.030
"""Kept around the words, so that a soft first consonant and the last breath stay."""
FADE_S: Final = 0.004
"""Ramp at both ends against clicks."""
SPEECH_RMS: Final = 0.16
"""Loudness of the words, 16 dB below full scale; only the rare peaks have to be bent."""
KNEE: Final = 0.7
"""Level above which peaks are bent softly toward full scale instead of being clipped."""


TICK_HZ: Final = 1900.0
"""Above the motor and the footfalls, where little energy is heard."""
TICK_S: Final = 0.018
TICK_PEAK: Final = 0.08
"""22 dB below full scale, 16 dB below the cues' tones: under music, over the belt."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """Mono sound, −1 … 1, shape (n,)."""

    samples: NDArray[np.float64]
    rate_hz: int


def ready_to_play(recorded: Waveform) -> Samples:
    """A phrase as an engine wrote it, made fit for the mixer. Raises FormatError where nothing is heard."""
    words = levelled(tightened(trimmed(recorded)))
    return to_samples(resampled(words, RATE_HZ).samples)


def to_samples(signal: NDArray[np.float64]) -> Samples:
    """−1 … 1 as 16-bit numbers."""
    return np.round(np.clip(signal, -1.0, 1.0) * FULL_SCALE).astype(np.int16)


def trimmed(sound: Waveform) -> Waveform:
    """Without the silence at both ends. Raises FormatError where all of it is silence."""
    loudness = _frame_rms(sound)
    peak = float(loudness.max(initial=0.0))
    if peak < 1e-4:
        raise FormatError("the recorded phrase is silent")
    loud = np.flatnonzero(loudness >= peak * 10 ** (SILENCE_DB / 20))
    frame = _frame_length(sound.rate_hz)
    start = max(0, int(loud[0]) * frame - round(LEAD_S * sound.rate_hz))
    stop = min(sound.samples.size, (int(loud[-1]) + 1) * frame + round(TAIL_S * sound.rate_hz))
    return Waveform(faded(sound.samples[start:stop], sound.rate_hz), sound.rate_hz)


def tightened(sound: Waveform) -> Waveform:
    """With pauses inside the phrase no longer than `PAUSE_S`: engines rest up to 0.4 s at a full stop."""
    loudness = _frame_rms(sound)
    quiet = loudness < loudness.max(initial=0.0) * 10 ** (SILENCE_DB / 20)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]])))
    kept = np.ones(quiet.size, dtype=bool)
    rest = round(PAUSE_S / FRAME_S)
    for start, stop in edges.reshape(-1, 2):
        if stop - start > rest:  # the middle goes: the last breath of one word and the first of the next stay
            kept[start + rest // 2 : stop - (rest - rest // 2)] = False
    samples = sound.samples[np.repeat(kept, _frame_length(sound.rate_hz))[: sound.samples.size]]
    return Waveform(samples, sound.rate_hz)


def faded(signal: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """With a short ramp at both ends, so that it neither starts nor ends with a click."""
    n = min(round(FADE_S * rate_hz), signal.size // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(n) / max(n, 1))
    shaped = signal.copy()
    shaped[:n] *= ramp
    shaped[signal.size - n :] *= ramp[::-1]
    return shaped


def levelled(sound: Waveform) -> Waveform:
    """At the loudness of all other phrases, peaks bent below full scale."""
    gain = SPEECH_RMS / loudness_rms(sound)
    return Waveform(_bent(sound.samples * gain), sound.rate_hz)


def loudness_rms(sound: Waveform) -> float:
    """RMS of the pieces within 20 dB of the loudest: the words without the pauses between them.

    A plain RMS would make phrases with pauses louder than phrases without.
    """
    loudness = _frame_rms(sound)
    spoken = loudness[loudness >= 0.1 * loudness.max(initial=0.0)]
    return float(np.sqrt(np.mean(spoken**2)))


def resampled(sound: Waveform, rate_hz: int) -> Waveform:
    """At another sample rate."""
    if sound.rate_hz == rate_hz:
        return sound
    from scipy.signal import resample_poly  # noqa: PLC0415 - takes longer to load than a window to open

    ratio = Fraction(rate_hz, sound.rate_hz)
    return Waveform(np.asarray(resample_poly(sound.samples, ratio.numerator, ratio.denominator)), rate_hz)


def _bent(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear up to the knee, then a tanh that never reaches 0.99."""
    room = 0.99 - KNEE
    over = np.maximum(np.abs(signal) - KNEE, 0.0)
    return np.sign(signal) * (np.minimum(np.abs(signal), KNEE) + room * np.tanh(over / room))


def _frame_length(rate_hz: int) -> int:
    return max(1, round(FRAME_S * rate_hz))


def _frame_rms(sound: Waveform) -> NDArray[np.float64]:
    """(frames,), the last one filled up with silence."""
    frame = _frame_length(sound.rate_hz)
    padded = np.pad(sound.samples, (0, -sound.samples.size % frame))
    rms: NDArray[np.float64] = np.sqrt(np.mean(padded.reshape(-1, frame) ** 2, axis=1))
    return rms


def read_audio(path: Path) -> Waveform:
    """A WAV or AIFF file of whole numbers (macOS writes AIFF whatever the name). Raises FormatError, OSError."""
    content = path.read_bytes()
    try:
        match content[:4]:
            case b"RIFF":
                return _read_wav(path)
            case b"FORM":
                return _read_aiff(content)
    except (EOFError, wave.Error, struct.error, KeyError, ValueError) as error:
        raise FormatError(f"{path.name} is a damaged sound file ({error})") from error
    raise FormatError(f"{path.name} is neither a WAV nor an AIFF file")


def write_wav(path: Path, samples: Samples) -> None:
    """Mono, 16 bit, `RATE_HZ`."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())


def _read_wav(path: Path) -> Waveform:
    with wave.open(str(path), "rb") as file:
        raw = file.readframes(file.getnframes())
        return _decoded(raw, file.getsampwidth(), file.getnchannels(), file.getframerate(), "<")


def _read_aiff(content: bytes) -> Waveform:
    """Apple's container; `sowt` in its compressed form means little-endian and nothing else."""
    chunks = dict(_aiff_chunks(content))
    common = chunks[b"COMM"]
    channels, _frames, bits = struct.unpack(">hIh", common[:8])
    kind = common[18:22] if content[8:12] == b"AIFC" else b"NONE"
    if kind not in {b"NONE", b"twos", b"sowt"}:
        raise FormatError(f"an AIFF file in the form {kind!r} is not supported")
    offset = struct.unpack(">I", chunks[b"SSND"][:4])[0]
    order = "<" if kind == b"sowt" else ">"
    return _decoded(chunks[b"SSND"][8 + offset :], bits // 8, channels, _extended(common[8:18]), order)


def _aiff_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 12
    while at + 8 <= len(content):
        name, size = struct.unpack(">4sI", content[at : at + 8])
        chunks.append((name, content[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return chunks


def _extended(ten_bytes: bytes) -> int:
    """The 80-bit float that AIFF keeps its sample rate in: exponent with bias 16383, explicit leading bit."""
    exponent, mantissa = struct.unpack(">HQ", ten_bytes)
    return int(math.ldexp(mantissa, (exponent & 0x7FFF) - 16383 - 63))


def _decoded(raw: bytes, width: int, channels: int, rate_hz: int, order: str) -> Waveform:
    if width not in {2, 4} or channels < 1 or rate_hz < 1:
        raise FormatError(f"sound of {8 * width} bits in {channels} channels at {rate_hz} Hz is not supported")
    frame = width * channels
    numbers = np.frombuffer(raw[: len(raw) // frame * frame], dtype=f"{order}i{width}").astype(np.float64)
    mono = numbers.reshape(-1, channels).mean(axis=1) / 2.0 ** (8 * width - 1)
    return Waveform(mono, rate_hz)


def ticks(cadence_spm: float, steps: int) -> Samples:
    """So many steps at a cadence, each a soft tick at its beginning; exactly as long as the steps take.

    Examples
    --------
    >>> bar = ticks(180.0, 4)
    >>> len(bar) / RATE_HZ, round(float(abs(bar).max()) / FULL_SCALE, 2)
    (1.3333333333333333, 0.08)
    """
    whole = np.zeros(round(60 * steps / cadence_spm * RATE_HZ))
    t_s = np.arange(round(TICK_S * RATE_HZ)) / RATE_HZ
    envelope = np.sin(np.pi * t_s / TICK_S) ** 2
    one = np.sin(2 * np.pi * TICK_HZ * t_s) * envelope
    one *= TICK_PEAK / np.abs(one).max()
    for step in range(steps):
        at = round(step * 60 / cadence_spm * RATE_HZ)
        whole[at : at + len(one)] += one[: len(whole) - at]
    return to_samples(whole)
