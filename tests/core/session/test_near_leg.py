"""Who turns round shows the camera first one leg, then the other: a session tells of one of them."""

from __future__ import annotations

from dataclasses import replace

from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import View
from coach.core.gait.quality import RejectReason
from coach.core.pose import Side
from coach.core.session.change import near_valid
from coach.core.session.near_leg import near_leg, of_near_leg, of_other_near_leg, view_of
from tests.kept import kept_stride


def near_strides(side: Side, n: int, first_s: float = 0.0) -> list[StrideRecord]:
    return [kept_stride(first_s + i, side=side, near=True) for i in range(n)]


def untrusted(strides: list[StrideRecord]) -> list[StrideRecord]:
    return [replace(kept, reject_reason=RejectReason.LEG_COLLAPSED) for kept in strides]


def test_the_leg_with_most_valid_near_strides_is_told_of_whichever_came_last() -> None:
    longer, shorter = near_strides("right", 5), near_strides("left", 3, first_s=60.0)

    assert near_leg([*longer, *shorter]) == near_leg([*shorter, *longer]) == "right"
    assert of_near_leg([*longer, *shorter]) == near_valid([*longer, *shorter]) == longer
    assert of_other_near_leg([*longer, *shorter]) == shorter
    assert view_of(View("left"), [*longer, *shorter]).near_side == "right"


def test_of_two_alike_it_is_the_one_that_was_seen_last() -> None:
    assert near_leg([*near_strides("right", 3), *near_strides("left", 3, first_s=60.0)]) == "left"


def test_strides_that_are_not_trusted_or_were_far_do_not_decide() -> None:
    far = [replace(kept, near=False) for kept in near_strides("right", 9)]

    for others in (far, untrusted(near_strides("right", 9))):
        assert near_leg([*others, *near_strides("left", 2)]) == "left"
        assert of_other_near_leg([*others, *near_strides("left", 2)]) == []


def test_without_a_valid_stride_no_leg_is_told_of_and_the_view_is_the_last_one() -> None:
    assert near_leg([]) is None
    assert of_near_leg([]) == of_other_near_leg([]) == []
    assert view_of(View("left"), untrusted(near_strides("right", 4))) == View("left")
