"""Which leg a session tells of. Who turned round showed the camera first one leg, then the other: one of them counts.

Each stride says by itself whether it was seen near or far; what is told of *the near leg* (mean and spread, charts,
bands, history, exports) is of one leg alone, for the two may differ by more than the strides of either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import View
from coach.core.pose import Side, other


def near_leg(strides: Iterable[StrideRecord]) -> Side | None:
    """The leg with most valid near strides, of two alike the one seen last; None without any."""
    told = of_near_leg(strides)
    return told[0].side if told else None


def of_near_leg(strides: Iterable[StrideRecord]) -> list[StrideRecord]:
    """That leg's valid strides while it was near, in their order."""
    return _parted(strides)[0]


def of_other_near_leg(strides: Iterable[StrideRecord]) -> list[StrideRecord]:
    """The other leg's, from when the runner faced the other way: no figure of the near leg counts them."""
    return _parted(strides)[1]


def view_of(last: View, strides: Iterable[StrideRecord]) -> View:
    """How the camera saw the leg that a session tells of; `last`, the latest view, where no stride was valid."""
    side = near_leg(strides)
    return last if side is None else replace(last, facing=side)


def _parted(strides: Iterable[StrideRecord]) -> tuple[list[StrideRecord], list[StrideRecord]]:
    """Valid near strides, of the leg that is told of and of the other one."""
    seen = [kept for kept in strides if kept.valid and kept.near]
    if not seen:
        return [], []
    latest, counts = max(seen, key=lambda kept: kept.start_s).side, Counter(kept.side for kept in seen)
    told = latest if counts[latest] >= counts[other(latest)] else other(latest)
    return [kept for kept in seen if kept.side == told], [kept for kept in seen if kept.side != told]
