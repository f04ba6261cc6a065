"""Sessions of which sentences are told: strides of a given lift, and what a store would have kept of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from coach.core.coaching.advice import Stage
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import View
from coach.core.session.records import FrameFacts, KeptCue, Setting, SpeedChange
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import SpeedOrigin
from tests.kept import kept_stride


def session_of(
    strides: list[StrideRecord], cues: tuple[KeptCue, ...] = (), settings: tuple[Setting, ...] = ()
) -> Session:
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480, 30.0), settings)
    builder.view = View("left")
    for kept in strides:
        builder.strides.append(kept)
    builder.cues = list(cues)
    if strides and not math.isnan(strides[0].speed_mps):
        builder.speeds = [SpeedChange(0.0, strides[0].speed_mps, SpeedOrigin.TYPED)]
    end_s = strides[-1].end_s if strides else math.nan
    session = builder.finish()
    frames = FrameFacts(300, 300, 0.0, end_s, 30.0)
    from coach.core.session.summary import summarise

    summary = summarise(frames, strides, cues, builder.speeds)
    return replace(session, frames=frames, summary=summary)


def run(
    peaks_deg: np.ndarray, speed_mps: float = 2.8, seed: int = 0, band: tuple[float, float, float] = (92, 97, 107)
) -> list[StrideRecord]:
    noise = np.random.default_rng(seed).normal(0, 2, peaks_deg.size)
    low, target, high = band
    return [
        replace(
            kept_stride(0.7 * n, float(peak)),
            speed_mps=speed_mps,
            speed_source=None if math.isnan(speed_mps) else SpeedOrigin.TYPED,
            target_low_deg=low,
            target_deg=target,
            target_high_deg=high,
            stage=Stage.COACHING,
        )
        for n, peak in enumerate(peaks_deg + noise)
    ]


def staged(strides: list[StrideRecord], baseline: int) -> list[StrideRecord]:
    return [replace(kept, stage=Stage.BASELINE) if n < baseline else kept for n, kept in enumerate(strides)]


def both_legs(left_deg: float, right_deg: float, far: int = 100) -> Session:
    right = [replace(kept, side="right", near=False) for kept in run(np.full(far, right_deg))]
    return session_of([*run(np.full(100, left_deg)), *right])
