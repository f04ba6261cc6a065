"""The slot between two stages: newest wins, nothing waits in line."""

from __future__ import annotations

import threading

from coach.app.capture_stage import LatestSlot


def test_the_newest_value_wins_and_the_replaced_one_is_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.put(2)
    assert slot.take(0) == 2
    assert slot.replaced == 1


def test_an_empty_slot_answers_none_after_the_timeout() -> None:
    assert LatestSlot[int]().take(0) is None


def test_what_lies_in_a_closed_slot_can_still_be_taken() -> None:
    slot: LatestSlot[str] = LatestSlot()
    slot.put("last")
    slot.close()
    slot.put("too late")
    assert not slot.drained
    assert slot.take() == "last"
    assert slot.drained
    assert slot.take() is None


def test_closing_wakes_who_waits() -> None:
    slot: LatestSlot[int] = LatestSlot()
    answers: list[int | None] = []
    waiter = threading.Thread(target=lambda: answers.append(slot.take()))
    waiter.start()
    slot.close()
    waiter.join(timeout=60)
    assert answers == [None]
