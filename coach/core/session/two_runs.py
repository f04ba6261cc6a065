"""One run against another: what the camera's place makes of both is no change of the runner."""

from __future__ import annotations

import math
from collections.abc import Sequence

from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait.place_share import UNKNOWN_PLACE_SD_DEG
from coach.core.session.change import Change, between, near_valid
from coach.core.session.session import Session


def change_between(before: Session, after: Session) -> Change:
    """The second run's heel lift against the first's, near leg, at the speed that both share best.

    What all strides of a run err by together is in the interval, of both, unless one camera saw them from one place.
    """
    old, new = (near_valid(session.strides) for session in (before, after))
    still = before.seen.from_one_place(after.seen)
    return between(old, new, 0.0 if still else math.hypot(shared_sd_deg(old), shared_sd_deg(new)))


def shared_sd_deg(strides: Sequence[StrideRecord]) -> float:
    """One sigma of what the peaks of a run err by together; that of an unknown place where none tells it."""
    told = [sd for kept in strides if not math.isnan(sd := kept.peak_knee_flexion_shared_sd_deg)]
    return sum(told) / len(told) if told else UNKNOWN_PLACE_SD_DEG
