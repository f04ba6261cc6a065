"""A lift that is bought with slower steps, leaping, overstride or lean is told and not counted."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from bench.coaching import programme
from coach.core.coach_settings import ProgrammeSettings
from coach.core.coaching.advice import FOR_A_PRICE, ONLY_UPWARD, Hold
from coach.core.coaching.guards import GUARDS, TEMPLATE_STRIDES, UNKNOWN, Mean, Price, price, stand
from coach.core.coaching.practice_log import PracticeLog
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress, plan_session
from coach.core.gait import Stride
from tests.coached_session import DAY, Session, coached
from tests.virtual_runner import stride_at

N: Final = 8
OWN: Final = {
    Price.CADENCE: Mean(170.0, 0.0),
    Price.BOUNCE: Mean(0.09, 0.0),
    Price.OVERSTRIDE: Mean(0.24, 0.0),
    Price.LEAN: Mean(7.0, 0.0),
}
LINE: Final = {Price.CADENCE: 161.5, Price.BOUNCE: 0.099, Price.OVERSTRIDE: 0.27, Price.LEAN: 11.0}
FIELD: Final = {guard.price: guard.field for guard in GUARDS}


def eight(**of: float) -> list[Stride]:
    return [replace(stride_at(0.7 * (n + 1), 95.0), **of) for n in range(N)]  # type: ignore[arg-type]


@pytest.mark.parametrize("which", list(LINE))
def test_each_line_is_passed_only_beyond_it(which: Price) -> None:
    beyond = -1e-3 if which is Price.CADENCE else 1e-3
    for step, told in ((0.0, None), (-beyond * LINE[which], None), (beyond * LINE[which], which)):
        now = {**OWN, which: Mean(LINE[which] + step, 0.0)}
        assert price(now, OWN) is told


@pytest.mark.parametrize("which", [Price.OVERSTRIDE, Price.LEAN])
def test_it_must_be_passed_by_two_errors_of_both_means(which: Price) -> None:
    doubt = math.hypot(0.03, 0.04)
    usual = {which: Mean(OWN[which].value, 0.04)}

    assert price({which: Mean(LINE[which] + 1.99 * doubt, 0.03)}, usual) is None
    assert price({which: Mean(LINE[which] + 2.01 * doubt, 0.03)}, usual) is which


@pytest.mark.parametrize("which", list(LINE))
def test_what_is_not_known_is_not_claimed(which: Price) -> None:
    far_beyond = {which: Mean(LINE[which] * (0.5 if which is Price.CADENCE else 2.0), 0.0)}

    assert price(far_beyond, {}) is None
    assert price({}, OWN) is None
    assert price(stand(eight(**{FIELD[which]: math.nan})), {which: OWN[which]}) is None
    assert price(far_beyond, {which: UNKNOWN}) is None


def test_strides_of_one_template_count_once() -> None:
    told = stand(eight(foot_ahead_ll=0.24, foot_ahead_sd_ll=0.02))[Price.OVERSTRIDE]

    assert told.value == pytest.approx(0.24)
    assert told.se == pytest.approx(0.02 / math.sqrt(N / TEMPLATE_STRIDES))


@pytest.mark.parametrize(
    ("which", "form"),
    [
        (Price.OVERSTRIDE, {"foot_ahead_ll": 0.24, "foot_ahead_sd_ll": 0.02}),
        (Price.LEAN, {"trunk_lean_deg": 7.0, "trunk_lean_sd_deg": 1.0}),
    ],
)
def test_a_plumb_line_that_all_strides_share_hides_no_change(which: Price, form: dict[str, float]) -> None:
    sd = next(name for name in form if "_sd_" in name)
    plumb_sd_deg = 3.0
    shared = math.radians(plumb_sd_deg) if sd.endswith("_ll") else plumb_sd_deg

    told = stand(eight(**form | {sd: math.hypot(form[sd], shared), "plumb_sd_deg": plumb_sd_deg}))[which]

    assert told == pytest.approx(stand(eight(**form))[which])


def test_every_price_has_a_reason_of_its_own_and_forbids_nothing_but_more() -> None:
    assert set(FOR_A_PRICE) == set(Price)
    assert set(FOR_A_PRICE.values()) <= ONLY_UPWARD


Change = Callable[[Session], None]
PAID: Final[dict[Price, Change]] = {
    Price.CADENCE: lambda session: setattr(session, "cadence", 158.0),
    Price.BOUNCE: lambda session: setattr(session, "bounce_ll", 0.102),
    Price.OVERSTRIDE: lambda session: session.form.update(foot_ahead_ll=0.29),
    Price.LEAN: lambda session: session.form.update(trunk_lean_deg=13.0),
}


@pytest.mark.parametrize("which", list(PAID))
def test_while_it_is_paid_no_more_lift_is_asked_and_the_screen_says_why(which: Price) -> None:
    session = coached()
    PAID[which](session)
    session.run(20.0, 95.0)

    assert session.now.hold is FOR_A_PRICE[which]
    assert session.now.hold_reason == FOR_A_PRICE[which].value
    assert session.run(40.0, 84.0) == []


@pytest.mark.parametrize("which", list(PAID))
@pytest.mark.parametrize("incline_pct", [1.0, 8.0, -8.0])
def test_on_a_hill_trunk_and_landing_are_no_price(which: Price, incline_pct: float) -> None:
    session = coached()
    session.incline_pct = incline_pct
    session.run(40.0, 95.0)  # a hill gets a baseline of its own
    PAID[which](session)
    session.run(20.0, 95.0)

    hill = incline_pct != 1.0 and which in {Price.OVERSTRIDE, Price.LEAN}
    assert session.now.hold is (None if hill else FOR_A_PRICE[which])


@pytest.mark.parametrize(
    ("form", "hold"), [({"trunk_lean_deg": 2.0}, Hold.LEAN), ({"foot_ahead_ll": 0.18}, Hold.OVERSTRIDE)]
)
@pytest.mark.parametrize("incline_pct", [math.nan, 1.0, 8.0, -8.0])
def test_nor_is_the_level_held_against_a_baseline_of_a_hill(
    form: dict[str, float], hold: Hold, incline_pct: float
) -> None:
    session = Session()
    level = session.form
    session.form, session.incline_pct = {**level, **form}, incline_pct
    session.run(30.0, 95.0)
    session.form, session.incline_pct = level, 0.0
    session.run(30.0, 95.0)

    assert session.now.hold is (None if abs(incline_pct) == 8.0 else hold)


@pytest.mark.parametrize("which", [None, *PAID])
def test_a_step_that_was_bought_does_not_hold_and_the_programme_says_with_what(which: Price | None) -> None:
    settings = replace(
        coached().settings, programme=ProgrammeSettings(first_minutes=2, last_minutes=2, feedback_pct=(100.0,) * 8)
    )
    session = coached(settings, RunnerProfile(progress=Progress(trouble=False)))
    if which:
        PAID[which](session)
    session.run(110.0, 104.0)

    practice = session.coaching.profile_after().progress.practices[-1]

    assert practice.held is (which is None)
    assert practice.price == (which or "")
    kept = json.loads(json.dumps(session.coaching.profile_after().as_json(), allow_nan=False))
    assert RunnerProfile.from_json(kept).progress.practices[-1].price == (which or "")


def test_a_price_that_a_quarter_of_the_strides_paid_is_told_and_no_step_has_held_whatever_the_others_lift() -> None:
    plan = plan_session(Progress(), ProgrammeSettings(), "steady", DAY)
    assert plan is not None
    for paid, told in ((24, ""), (25, "lean")):
        log = PracticeLog(plan)
        for n in range(100):
            lift_deg, price = (0.0, Price.LEAN) if n < paid else (6.0, None)
            log.add(fed=True, lift_deg=lift_deg, margin_deg=lift_deg - 4.0, room_deg=8.0, price=price)
        assert (log.result(DAY).price, log.result(DAY).held) == (told, not told)


def test_a_profile_from_before_knows_no_foot_and_no_trunk_and_guards_them_not() -> None:
    session = coached()
    kept = json.loads(json.dumps(session.coaching.profile_after().as_json(), allow_nan=False))
    assert kept["baselines"][0]["foot_ahead_ll"] == pytest.approx(0.24)
    kept["schema"] = "coach.profile/3"
    for name in ("foot_ahead_ll", "foot_ahead_se_ll", "lean_deg", "lean_se_deg"):
        del kept["baselines"][0][name]
    old = Session(replace(session.settings), RunnerProfile.from_json(kept))
    old.form.update(foot_ahead_ll=0.4, trunk_lean_deg=30.0)
    old.run(60.0, 95.0)

    assert old.now.hold not in {Hold.OVERSTRIDE, Hold.LEAN}


@pytest.mark.slow
def test_a_virtual_runner_who_buys_the_lift_holds_less_than_the_guard_allows() -> None:
    """Each degree has its price, and at 5° the line is passed (`tests/virtual_runner.py`); unpaid, 7° are held."""
    assert programme(0.85, Price.LEAN)("", 8, 1).held_deg[0] < 5.0
