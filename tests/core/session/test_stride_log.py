"""Packed strides are the strides: the same values to the last digit, read like a list."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.coaching.advice import Stage
from coach.core.gait import Stride
from coach.core.gait.quality import RejectReason
from coach.core.session.records import KeptStride
from coach.core.session.stride_log import StrideLog
from coach.core.speed.belt_speed import SpeedOrigin

STRIDE = Stride(
    side="left",
    near=True,
    start_s=12.1,
    end_s=12.8,
    initial_contact_s=12.1,
    toe_off_s=12.36,
    peak_knee_flexion_deg=96.123456789012345,
    peak_knee_flexion_s=12.58,
    peak_knee_flexion_sd_deg=1.1,
    min_hip_heel_ll=0.68,
    heel_rise_ll=0.55,
    cadence_spm=168.9,
    contact_time_s=0.26,
    contact_time_sd_s=math.nan,
    flight_time_s=0.09,
    bounce_ll=0.08,
)
VALUES = st.floats(allow_infinity=False)
KEPT = st.builds(
    KeptStride,
    stride=st.builds(
        lambda side, near, peak_deg, start_s, reason: replace(
            STRIDE, side=side, near=near, peak_knee_flexion_deg=peak_deg, start_s=start_s, reject_reason=reason
        ),
        st.sampled_from(["left", "right"]),
        st.booleans(),
        VALUES,
        VALUES,
        st.none() | st.sampled_from(RejectReason),
    ),
    speed_mps=VALUES,
    speed_source=st.none() | st.sampled_from(SpeedOrigin),
    incline_pct=VALUES,
    low_deg=VALUES,
    target_deg=VALUES,
    high_deg=VALUES,
    stage=st.none() | st.sampled_from(Stage),
)


def told(kept: KeptStride) -> str:
    """Every value of a stride; NaN is like NaN."""
    return repr(astuple(kept))


@given(st.lists(KEPT, max_size=8))
def test_what_goes_in_comes_out_to_the_last_digit(strides: list[KeptStride]) -> None:
    log = StrideLog()
    for kept in strides:
        log.append(kept)
    assert [told(kept) for kept in log] == [told(kept) for kept in strides]


def test_it_reads_like_a_list_across_its_blocks() -> None:
    strides = [KeptStride(replace(STRIDE, start_s=float(i))) for i in range(600)]
    log = StrideLog()
    for kept in strides:
        log.append(kept)
    assert len(log) == 600
    for part in (slice(250, 262), slice(-3, None), slice(598, 900), slice(0, 0)):
        assert [told(kept) for kept in log[part]] == [told(kept) for kept in strides[part]]
    assert log[-1].stride.start_s == 599.0
    for beyond in (600, -601):
        with pytest.raises(IndexError):
            log[beyond]


def test_a_stride_takes_a_fraction_of_its_object() -> None:
    def bytes_of(strides: StrideLog | list[KeptStride]) -> int:
        tracemalloc.start()
        try:
            for i in range(2048):
                stride = replace(STRIDE, start_s=i + 0.1, end_s=i + 0.8, toe_off_s=i + 0.3, cadence_spm=165 + i / 9)
                strides.append(KeptStride(stride, speed_mps=2.5 + i))
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    assert bytes_of(StrideLog()) < 0.5 * bytes_of([])
