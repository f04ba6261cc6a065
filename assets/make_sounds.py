"""Make the cue tones of this folder's `sounds`: `python assets/make_sounds.py [FOLDER]`.

Each cue has a shape of its own, so that it is known without perfect pitch: number of notes, their direction,
rhythm and timbre all differ. Pitches lie between 260 and 1200 Hz, where laptop loudspeakers
are loud and a treadmill's motor and footfalls are not. All peak at the same level and are over in 0.4 s.

| sound     | notes | direction        | timbre          | says                      |
|-----------|-------|------------------|-----------------|---------------------------|
| low       | 2     | a fifth up       | round           | lift                      |
| high      | 2     | a fifth down     | round           | ease                      |
| recovered | 3     | major chord up   | bell, rings out | good                      |
| side      | 2     | the same twice   | wooden, short   | one leg                   |
| warning   | 3     | level, low       | reedy, pulsing  | something is not right    |
| notice    | 1     | level            | soft            | a word from the session   |
"""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 44_100
PEAK = 0.5
"""6 dB below full scale, −20 to −15 LUFS, as loud as the phrases, whose peaks are higher and rarer."""

Signal = NDArray[np.float64]

ROUND = (1.0, 0.25, 0.08)
BELL = (1.0, 0.0, 0.35, 0.0, 0.12)
WOODEN = (1.0, 0.0, 0.0, 0.45)
REEDY = (1.0, 0.1, 0.6, 0.1, 0.35, 0.05, 0.2)
SOFT = (1.0, 0.12)
"""Strength of each harmonic."""


def note(
    hz: float, duration_s: float, harmonics: tuple[float, ...], *, decay_s: float, attack_s: float = 0.006
) -> Signal:
    """One note: harmonics under an envelope that rises softly and dies away, silent at both ends."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    wave_form = sum(level * np.sin(2 * np.pi * hz * (i + 1) * t) for i, level in enumerate(harmonics))
    rise = np.clip(t / attack_s, 0, 1)
    fall = np.clip((duration_s - t) / 0.012, 0, 1)
    envelope = np.sin(rise * np.pi / 2) ** 2 * np.exp(-t / decay_s) * np.sin(fall * np.pi / 2) ** 2
    return np.asarray(wave_form * envelope)


def placed(*notes: tuple[float, Signal]) -> Signal:
    """Notes at their times in seconds, added up, at the common peak."""
    ends = [round(at_s * RATE_HZ) + signal.size for at_s, signal in notes]
    total = np.zeros(max(ends))
    for (_, signal), end in zip(notes, ends, strict=True):
        total[end - signal.size : end] += signal
    return np.asarray(total * (PEAK / np.abs(total).max()))


def sounds() -> dict[str, Signal]:
    """Every tone by name. E5 659 Hz, B5 988, A5 880, D5 587, C5 523, G5 784, C6 1047, A4 440, C4 262."""
    pulse = {"harmonics": REEDY, "decay_s": 0.12}
    return {
        "low": placed((0, note(659.3, 0.13, ROUND, decay_s=0.12)), (0.10, note(987.8, 0.22, ROUND, decay_s=0.10))),
        "high": placed((0, note(880.0, 0.13, ROUND, decay_s=0.12)), (0.10, note(587.3, 0.22, ROUND, decay_s=0.10))),
        "recovered": placed(
            (0, note(523.3, 0.32, BELL, decay_s=0.12)),
            (0.07, note(659.3, 0.30, BELL, decay_s=0.12)),
            (0.14, note(1046.5, 0.26, BELL, decay_s=0.13)),
        ),
        "side": placed((0, note(440.0, 0.07, WOODEN, decay_s=0.02)), (0.13, note(440.0, 0.07, WOODEN, decay_s=0.02))),
        "warning": placed(*((at_s, note(261.6, 0.10, **pulse)) for at_s in (0, 0.14, 0.28))),  # type: ignore[arg-type]
        "notice": placed((0, note(784.0, 0.25, SOFT, decay_s=0.07, attack_s=0.02))),
    }


def write(folder: Path) -> None:
    """One WAV a tone: mono, 16 bit, 44.1 kHz."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, signal in sounds().items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(np.round(signal * 32_767).astype("<i2").tobytes())


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sounds"))
