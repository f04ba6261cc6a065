"""Silence on the page of a run: praise where a cue could have come and need not, and a plain line where none could."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.programme import Progress
from coach.core.coaching.stride_record import Stage
from coach.core.session.session import Session, SessionBuilder
from coach.review.session_page import session_page
from tests import kept
from tests.review.answered import CAMERA, ENGLISH, session_of
from tests.review.test_answers import programme_of


def staged(stage: Callable[[float], Stage], hurts_s: float | None = None, cues: tuple[Cue, ...] = ()) -> Session:
    """A minute and a half in the band, in these stages."""
    builder = SessionBuilder(CAMERA)
    for update in kept.run(90.0, 25.0, stage=stage):
        now = tuple(cue for cue in cues if update.t_s - 0.04 < cue.t_s <= update.t_s)
        builder.add(replace(update, advice=replace(update.advice, cues=now)))
    if hurts_s is not None:
        builder.event(hurts_s, "hurts")
    return builder.finish()


INVITED = Cue(50.0, CueKind.PROGRAMME, "left", "Heels a touch higher now", "A touch higher", 54.0)


@pytest.mark.parametrize(
    ("session", "praised"),
    [
        (lambda: staged(lambda _: Stage.COACHING), True),
        (lambda: staged(lambda t_s: Stage.BASELINE if t_s < 40 else Stage.COACHING), True),
        (lambda: staged(lambda _: Stage.WARM_UP), False),
        (lambda: staged(lambda _: Stage.OBSERVING), False),
        (lambda: staged(lambda t_s: Stage.BASELINE if t_s < 60 else Stage.COACHING), False),
        (lambda: staged(lambda t_s: Stage.COACHING if t_s < 60 else Stage.OBSERVING, hurts_s=60.0), False),
        (lambda: staged(lambda _: Stage.COACHING, cues=(INVITED,)), False),
        (lambda: session_of(88.0), False),
    ],
    ids=["coached", "after the baseline", "warm-up", "only observed", "too short", "hurt", "invited", "below"],
)
def test_silence_is_praise_only_where_a_cue_could_have_come(session: Callable[[], Session], praised: bool) -> None:
    (said,) = session_page(session(), ENGLISH, "metric").cues

    assert (said == "No heel-lift cue was given: silence is the reward.") is praised
    assert praised or "reward" not in said


def test_what_is_said_of_silence_does_not_change_with_the_progress_of_later_days() -> None:
    said = {
        session_page(session_of(98.0), ENGLISH, "metric", programme=programme_of(Progress(trouble=trouble))).cues
        for trouble in (False, True)
    }

    assert said == {("No heel-lift cue was given: silence is the reward.",)}
