"""One run against another: what the camera's place makes of both is no change of the runner."""

from __future__ import annotations

from coach.core.coaching.guards import Price
from coach.core.session.change import Change, between, bought_with, near_valid
from coach.core.session.seen import place_sd_deg
from coach.core.session.session import Session


def change_between(before: Session, after: Session) -> Change:
    """The second run's heel lift against the first's, near leg, at the speed that both share best.

    What all strides of a run err by together is in the interval, of both, unless one camera saw them from one place.
    """
    still = before.seen.from_one_place(after.seen)
    stated = (session.summary.near_shared_sd_deg for session in (before, after))
    return between(near_valid(before.strides), near_valid(after.strides), 0.0 if still else place_sd_deg(*stated))


def bought_between(before: Session, after: Session) -> Price | None:
    """What a rise from the first run to the second was surely bought with; None where with nothing."""
    return bought_with(near_valid(before.strides), near_valid(after.strides))
