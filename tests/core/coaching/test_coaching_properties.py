"""Whatever happens on the belt: what must hold of every cue. Hypothesis plays fate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.coach_settings import BaselineSettings, CoachSettings, ProgrammeSettings, SessionSettings
from coach.core.coaching.coaching import Advice, Coaching, Stage
from coach.core.coaching.cues import COUNTED_S, SHORTEST_GAP_S, Cue, CueKind
from coach.core.coaching.profile import RunnerProfile
from coach.core.gait import Activity, GaitUpdate
from coach.core.gait.quality import RejectReason, Trust
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.stance_pool import Level
from tests.virtual_runner import gait_at, stride_at

QUICK = CoachSettings(
    session=SessionSettings(warm_up_s=4),
    baseline=BaselineSettings(duration_s=8),
    programme=ProgrammeSettings(enabled=False),
)
PROGRAMME = replace(QUICK, programme=ProgrammeSettings())
HEEL = {CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME, CueKind.SIDE_LEFT, CueKind.SIDE_RIGHT}
STRIDE_S = 0.7


@dataclass(frozen=True)
class Spell:
    """Some strides under the same conditions."""

    strides: int
    deg: float
    speed_mps: float | None
    activity: Activity
    trust: Trust
    valid: bool
    far_deg: float | None
    position_ll: float
    seen_ll_s: float


spells = st.lists(
    st.builds(
        Spell,
        strides=st.integers(1, 60),
        deg=st.one_of(st.floats(88, 100), st.floats(60, 130)),
        speed_mps=st.sampled_from([3.0, 3.0, 3.0, 3.05, 3.5, 5.5, 0.0, None]),
        activity=st.sampled_from([Activity.RUNNING] * 12 + list(Activity)),
        trust=st.sampled_from([Trust.MEASURING] * 8 + list(Trust)),
        valid=st.sampled_from([True, True, True, False]),
        far_deg=st.one_of(st.none(), st.floats(60, 130)),
        position_ll=st.sampled_from([0.0, 0.0, -0.6, -2.0, float("nan")]),
        seen_ll_s=st.sampled_from([float("nan"), 3.5, 4.1]),
    ),
    min_size=1,
    max_size=10,
)
setups = st.sampled_from([QUICK, PROGRAMME])


def frames(fate: list[Spell]) -> list[tuple[GaitUpdate, BeltSpeed | None, Spell]]:
    out, index = [], 0
    for spell in fate:
        belt = None if spell.speed_mps is None else BeltSpeed(spell.speed_mps, SpeedOrigin.TYPED)
        for _ in range(spell.strides):
            index += 1
            t_s = index * STRIDE_S
            reason = None if spell.valid else RejectReason.LEG_COLLAPSED
            strides = [replace(stride_at(t_s, spell.deg, cadence=120 / STRIDE_S), reject_reason=reason)]
            if spell.far_deg is not None:
                strides.append(stride_at(t_s, spell.far_deg, side="left", near=False, cadence=120 / STRIDE_S))
            gait = gait_at(
                t_s,
                tuple(strides),
                activity=spell.activity,
                trust=spell.trust,
                far_leg_trusted=spell.far_deg is not None,
                position_ll=spell.position_ll,
            )
            out.append((gait, belt, spell))
    return out


def live(fate: list[Spell], setup: CoachSettings) -> list[tuple[Advice, Spell]]:
    coaching = Coaching(setup, RunnerProfile(), 20_000.0)
    return [(coaching.step(gait, belt, Level(spell.seen_ll_s, 0.1)), spell) for gait, belt, spell in frames(fate)]


def cues_of(advices: list[tuple[Advice, Spell]]) -> list[tuple[Cue, Advice, Spell]]:
    return [(cue, advice, spell) for advice, spell in advices for cue in advice.cues]


@settings(deadline=None, max_examples=25)
@given(spells, setups)
def test_never_two_cues_at_once_and_never_too_many(fate: list[Spell], setup: CoachSettings) -> None:
    advices = live(fate, setup)
    advice = [cue for cue, _, _ in cues_of(advices) if cue.kind is not CueKind.STEPPED_BACK]

    assert all(len(each.cues) <= 1 for each, _ in advices)
    assert all(b.t_s - a.t_s >= SHORTEST_GAP_S for a, b in pairwise(advice))
    for cue in advice:
        assert sum(cue.t_s <= other.t_s < cue.t_s + COUNTED_S for other in advice) <= setup.cues.per_2_min


@settings(deadline=None, max_examples=25)
@given(spells, setups)
def test_no_cue_about_heels_without_trust_speed_running_and_coaching(fate: list[Spell], setup: CoachSettings) -> None:
    for cue, advice, spell in cues_of(live(fate, setup)):
        if cue.kind not in HEEL:
            continue
        assert advice.stage is Stage.COACHING
        assert spell.trust is Trust.MEASURING
        assert spell.activity is Activity.RUNNING
        assert spell.speed_mps is not None
        assert spell.speed_mps > 0
        assert advice.target is not None


@settings(deadline=None, max_examples=25)
@given(spells, setups)
def test_no_safety_cue_without_trust(fate: list[Spell], setup: CoachSettings) -> None:
    for cue, _, spell in cues_of(live(fate, setup)):
        if cue.kind is CueKind.STEPPED_BACK:
            assert spell.trust is Trust.MEASURING
            assert spell.position_ll == -0.6


@settings(deadline=None, max_examples=25)
@given(spells, setups)
def test_more_is_never_asked_of_a_leg_that_was_above_its_target_for_two_windows(
    fate: list[Spell], setup: CoachSettings
) -> None:
    above = 0
    for advice, spell in live(fate, setup):
        told = advice.lift is not None and advice.lift.side == "right"
        high = told and advice.target is not None and spell.valid and spell.deg > advice.target.target_deg
        above = above + 1 if high else 0
        for cue in advice.cues:
            if above >= 2 * setup.cues.window_strides and cue.side == "right":
                assert cue.kind not in {CueKind.HEEL_LIFT_LOW, CueKind.PROGRAMME}


@settings(deadline=None, max_examples=25)
@given(spells, setups)
def test_no_number_is_shown_without_trust(fate: list[Spell], setup: CoachSettings) -> None:
    for advice, spell in live(fate, setup):
        if spell.trust is not Trust.MEASURING:
            assert advice.lift is None
        if not (spell.speed_mps or 0) > 0:
            assert advice.target is None


@settings(deadline=None, max_examples=15)
@given(spells, setups)
def test_the_same_run_gives_the_same_advice(fate: list[Spell], setup: CoachSettings) -> None:
    assert repr(live(fate, setup)) == repr(live(fate, setup))


@settings(deadline=None, max_examples=20)
@given(spells, setups, st.sampled_from([-1024.0, 0.5, 4096.0]))
def test_the_clock_may_start_anywhere(fate: list[Spell], setup: CoachSettings, shift_s: float) -> None:
    coaching = Coaching(setup, RunnerProfile(), 20_000.0)
    kinds = []
    for gait, belt, spell in frames(fate):
        strides = tuple(replace(s, start_s=s.start_s + shift_s, end_s=s.end_s + shift_s) for s in gait.strides)
        moved = gait._replace(t_s=gait.t_s + shift_s, strides=strides)
        kinds += [cue.kind for cue in coaching.step(moved, belt, Level(spell.seen_ll_s, 0.1)).cues]

    assert kinds == [cue.kind for cue, _, _ in cues_of(live(fate, setup))]
