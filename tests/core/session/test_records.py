"""Packed strides are the strides: the same values to the last digit, read like a list."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.coaching.stride_record import STORED, StrideRecord, stride_record
from coach.core.columns import Column
from coach.core.gait import Stride
from coach.core.session.records import StrideLog

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
    vertical_oscillation_ll=0.08,
)
RECORD = stride_record(STRIDE, None, None, None)


def anything(column: Column) -> st.SearchStrategy[Any]:
    """Whatever a column can hold."""
    if column.kind == "number":
        return st.floats(allow_infinity=False)
    values: st.SearchStrategy[Any] = st.sampled_from(column.words) if column.words else st.booleans()
    return st.none() | values if column.nullable else values


def record(values: dict[str, Any]) -> StrideRecord:
    """A record of these values."""
    return StrideRecord(**values)


RECORDS = st.fixed_dictionaries({column.name: anything(column) for column in STORED}).map(record)


def told(kept: StrideRecord) -> str:
    """Every value of a stride; NaN is like NaN."""
    return repr(astuple(kept))


@given(st.lists(RECORDS, max_size=8))
def test_what_goes_in_comes_out_to_the_last_digit(strides: list[StrideRecord]) -> None:
    log = StrideLog()
    for kept in strides:
        log.append(kept)
    assert [told(kept) for kept in log] == [told(kept) for kept in strides]


def test_it_reads_like_a_list_across_its_blocks() -> None:
    strides = [replace(RECORD, start_s=float(i)) for i in range(600)]
    log = StrideLog()
    for kept in strides:
        log.append(kept)
    assert len(log) == 600
    for part in (slice(250, 262), slice(-3, None), slice(598, 900), slice(0, 0)):
        assert [told(kept) for kept in log[part]] == [told(kept) for kept in strides[part]]
    assert log[-1].start_s == 599.0
    for beyond in (600, -601):
        with pytest.raises(IndexError):
            log[beyond]


def test_a_stride_takes_a_fraction_of_its_object() -> None:
    numbers = [column.name for column in STORED if column.kind == "number"]  # each measured one is an object of its own

    def bytes_of(strides: StrideLog | list[StrideRecord]) -> int:
        tracemalloc.start()
        try:
            for i in range(2048):
                own: dict[str, Any] = {name: i + k / 9 for k, name in enumerate(numbers)}
                strides.append(replace(RECORD, **own))
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    assert bytes_of(StrideLog()) < 0.5 * bytes_of([])
