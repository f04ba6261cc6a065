"""Several sources speak of one belt; one is believed, and the runner is told which."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from coach.core.coach_settings import SpeedSettings
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin, Told
from coach.core.speed.speed_choice import Correction, SpeedChoice
from coach.core.units import Units
from coach.languages import languages, load_words


class Speaking:
    """A choice whose notices are put into words."""

    def __init__(self, settings: SpeedSettings | None, units: Units, language: str) -> None:
        self._choice = SpeedChoice(settings)
        self._units: Units = units
        self._words = load_words(language)

    def step(
        self, t_s: float, given: Told, seen: BeltSpeed | None, *, running: bool = False
    ) -> tuple[BeltSpeed | None, tuple[str, ...]]:
        chosen, notices = self._choice.step(t_s, given, seen, running=running)
        assert all(notice.t_s == t_s for notice in notices)
        return chosen, tuple(notice.text(self._words, self._units) for notice in notices)

    @property
    def correction(self) -> Correction | None:
        return self._choice.correction


def speaking(settings: SpeedSettings | None = None, units: Units = "metric", language: str = "en") -> Speaking:
    return Speaking(settings, units, language)


def treadmill(kmh: float, age_s: float = 0.2) -> BeltSpeed:
    return BeltSpeed(kmh / 3.6, SpeedOrigin.TREADMILL, 0.03 * kmh / 3.6, age_s)


def typed(kmh: float, age_s: float = 1000.0) -> BeltSpeed:
    return BeltSpeed(kmh / 3.6, SpeedOrigin.TYPED, 0.03 * kmh / 3.6, age_s)


def picture(kmh: float, age_s: float = 0.5) -> BeltSpeed:
    return BeltSpeed(kmh / 3.6, SpeedOrigin.VIDEO, 0.038 * kmh / 3.6, age_s)


def origin(chosen: BeltSpeed | None) -> SpeedOrigin | None:
    return chosen.origin if chosen else None


Offer = Callable[[float], tuple[tuple[BeltSpeed, ...], BeltSpeed | None]]


def run(choice: Speaking, seconds: float, offer: Offer, start_s: float = 0.0) -> tuple[BeltSpeed | None, list[str]]:
    """The last choice and all notices of a run at 10 frames a second."""
    said: list[str] = []
    chosen = None
    for i in range(round(10 * seconds)):
        t_s = start_s + i / 10
        given, seen = offer(t_s)
        chosen, notices = choice.step(t_s, given, seen)
        said += notices
    return chosen, said


def test_nothing_offered_is_nothing_known_and_said_once() -> None:
    chosen, said = run(speaking(), 60, lambda _: ((), None))

    assert chosen is None
    assert said == ["belt speed unknown: give it (--speed, + and -) or your height (--height)"]


@pytest.mark.parametrize(
    ("trust", "helps"),
    [
        (("treadmill", "typed"), "give it (--speed, + and -)"),
        (("treadmill", "video"), "give your height (--height)"),
        (("treadmill",), "connect the treadmill (treadmill.bluetooth)"),
    ],
)
def test_what_is_asked_for_is_what_would_be_believed(trust: tuple[str, ...], helps: str) -> None:
    settings = SpeedSettings(trust=trust)  # type: ignore[arg-type]
    assert run(speaking(settings), 60, lambda _: ((), None))[1] == [f"belt speed unknown: {helps}"]


def test_a_typed_speed_works_from_the_first_frame_without_a_word() -> None:
    assert speaking().step(0.0, typed(10.5), None) == (typed(10.5), ())


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (("treadmill", "typed", "video"), SpeedOrigin.TREADMILL),
        (("typed", "treadmill", "video"), SpeedOrigin.TYPED),
        (("video", "treadmill"), SpeedOrigin.VIDEO),
        (("typed",), SpeedOrigin.TYPED),
    ],
)
def test_the_order_of_trust_is_the_runners(trust: tuple[str, ...], expected: SpeedOrigin | None) -> None:
    choice = speaking(SpeedSettings(trust=trust))  # type: ignore[arg-type]

    chosen, _ = choice.step(0.0, (typed(10), treadmill(10.1)), picture(10.2))

    assert origin(chosen) is expected


def test_a_silent_treadmill_is_left_for_the_next_source_and_returned_to() -> None:
    choice = speaking()
    run(choice, 5, lambda _: ((treadmill(10), typed(9.5)), picture(9.8)))

    chosen, said = run(choice, 10, lambda t_s: ((treadmill(10, age_s=t_s - 5), typed(9.5)), picture(9.8)), 5)
    assert origin(chosen) is SpeedOrigin.TYPED
    assert said == ["belt speed now as typed: 9.5 km/h"]

    chosen, said = run(choice, 1, lambda _: ((treadmill(10), typed(9.5)), picture(9.8)), 15)
    assert origin(chosen) is SpeedOrigin.TREADMILL
    assert said == ["belt speed now from the treadmill: 10.0 km/h"]


def test_without_any_other_source_the_picture_feeds_the_target() -> None:
    choice = speaking(units="imperial")
    run(choice, 2, lambda _: ((treadmill(10),), picture(9.8)))

    chosen, said = run(choice, 10, lambda t_s: ((treadmill(10, age_s=t_s),), picture(9.8)), 2)

    assert origin(chosen) is SpeedOrigin.VIDEO
    assert said == ["belt speed now read from the picture: 6.1 mph"]


def test_an_old_picture_is_not_believed() -> None:
    assert speaking().step(0.0, None, picture(10, age_s=5.5))[0] is None


def test_console_and_picture_disagree() -> None:
    chosen, said = run(speaking(), 100, lambda _: ((treadmill(12.0),), picture(10.9)))

    assert said == ["the console says 12.0 km/h, the picture says 10.9 km/h"]
    assert origin(chosen) is SpeedOrigin.TREADMILL, "the order of trust holds"


def test_a_key_that_was_forgotten_is_asked_for() -> None:
    _, said = run(speaking(), 30, lambda t_s: ((typed(9.0),), picture(9.1 if t_s < 10 else 14.2)))

    assert said == ["you typed 9.0 km/h, the picture says 14.2 km/h"]


@pytest.mark.parametrize("seen_kmh", [11.4, 12.5, 0.0, 3.0])
def test_small_differences_and_a_runner_on_the_rails_are_no_disagreement(seen_kmh: float) -> None:
    _, said = run(speaking(), 60, lambda _: ((treadmill(12.0),), picture(seen_kmh)))

    assert said == []


def test_a_disagreement_that_passes_is_not_mentioned() -> None:
    _, said = run(speaking(), 60, lambda t_s: ((typed(12.0),), picture(9.0 if t_s % 8 < 4 else 12.0)))

    assert said == []


def test_a_minute_in_which_nobody_saw_the_belt_is_no_minute_of_disagreement() -> None:
    """The belt ramps for a second, the runner leaves; it ramps for another second when he is back."""

    def offer(t_s: float) -> tuple[tuple[BeltSpeed, ...], BeltSpeed | None]:
        ramps, away = t_s % 60 < 1, 1 <= t_s < 60
        return (typed(12.0),), None if away else picture(9.5 if ramps else 12.0)

    assert run(speaking(), 70, offer)[1] == []


@pytest.mark.parametrize(("says_kmh", "seen_kmh"), [(7.5, 12.0), (16.0, 10.0)])
def test_miles_for_kilometres_are_recognised_and_not_believed(says_kmh: float, seen_kmh: float) -> None:
    chosen, said = run(speaking(), 30, lambda _: ((treadmill(says_kmh),), picture(seen_kmh)))

    assert origin(chosen) is SpeedOrigin.VIDEO
    assert any("treadmill.unit" in notice for notice in said)
    assert said[-1].startswith("belt speed now read from the picture")


def test_a_console_that_says_zero_while_the_runner_runs_is_not_believed() -> None:
    choice = speaking()
    run(choice, 5, lambda _: ((treadmill(10), typed(10)), None))

    chosen = None
    for i in range(50):
        chosen, _ = choice.step(5 + i / 10, (treadmill(0), typed(10)), None, running=True)
    assert origin(chosen) is SpeedOrigin.TYPED

    chosen, _ = choice.step(10.1, (treadmill(0), typed(10)), None, running=False)
    assert origin(chosen) is SpeedOrigin.TREADMILL
    assert chosen is not None
    assert chosen.speed_mps == 0.0


class TestCorrection:
    """How far the console is off, learned from the picture."""

    def test_what_is_learned_is_shown_and_not_applied_by_itself(self) -> None:
        choice = speaking()

        chosen, _ = run(choice, 60, lambda _: ((treadmill(12.0),), picture(10.8)))

        learned = choice.correction
        assert learned is not None
        assert 0.9 < learned.factor < 1.0, "the console's word weighs too"
        assert 0 < learned.sd_share < 0.038
        assert chosen == treadmill(12.0)

    def test_it_is_applied_where_the_runner_wants_it(self) -> None:
        choice = speaking(SpeedSettings(learn_correction=True))

        chosen, _ = run(choice, 60, lambda _: ((treadmill(12.0),), picture(10.8)))

        assert chosen is not None
        assert choice.correction is not None
        assert chosen.speed_mps == pytest.approx(12 / 3.6 * choice.correction.factor)

    def test_a_factor_of_ones_own_is_applied_and_checked(self) -> None:
        choice = speaking(SpeedSettings(correction_factor=0.9))

        chosen, said = run(choice, 60, lambda _: ((treadmill(12.0),), picture(10.8)))

        assert chosen is not None
        assert chosen.speed_mps == pytest.approx(10.8 / 3.6)
        assert said == []

    def test_the_picture_itself_is_never_corrected(self) -> None:
        choice = speaking(SpeedSettings(correction_factor=0.9))
        assert choice.step(0.0, None, picture(10))[0] == picture(10)

    def test_nothing_is_learned_from_nothing(self) -> None:
        choice = speaking()
        run(choice, 60, lambda _: ((treadmill(12.0),), None))
        assert choice.correction is None


speeds = st.builds(
    BeltSpeed,
    st.floats(0, 12.5) | st.just(math.nan),
    st.sampled_from(SpeedOrigin),
    st.floats(0, 2) | st.just(math.nan),
    st.floats(0, 100),
)


@for_all(st.lists(st.tuples(st.lists(speeds, max_size=4), st.none() | speeds), max_size=30))
def test_whatever_is_offered_the_choice_is_one_of_it_and_fresh(
    frames: list[tuple[list[BeltSpeed], BeltSpeed | None]],
) -> None:
    choice = speaking()
    for i, (given, seen) in enumerate(frames):
        chosen, notices = choice.step(float(i), given, seen)
        assert chosen is None or chosen in [*given, seen]
        assert chosen is None or math.isfinite(chosen.speed_mps)
        assert chosen is None or chosen.origin not in (SpeedOrigin.TREADMILL, SpeedOrigin.VIDEO) or chosen.age_s <= 5
        assert len(notices) <= 3


@pytest.mark.parametrize("language", languages())
def test_every_notice_is_in_the_runners_language(language: str) -> None:
    choice = speaking(language=language)
    _, said = run(choice, 60, lambda _: ((), None))
    _, more = run(choice, 40, lambda t_s: ((treadmill(12.0),), picture(12.0 * 1.609)), start_s=60)
    _, last = run(choice, 40, lambda t_s: ((typed(12.0),), picture(9.0)), start_s=100)
    notices = [*said, *more, *last]
    assert len(notices) >= 4
    for text in notices:
        assert "belt." not in text, "every key has words"
        assert "{" not in text, "every place is filled"
    if language != "en":
        assert not set(notices) & set(
            run(speaking(), 60, lambda _: ((), None))[1]
            + run(speaking(), 40, lambda _: ((typed(12.0),), picture(9)))[1]
        )
