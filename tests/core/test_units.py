"""What a runner types, and what Coach makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.units import format_pace, kmh, mph, parse_height_cm, parse_speed_mps
from coach.core.words import Words


@pytest.mark.parametrize(
    ("typed", "speed_mps"),
    [
        ("10.5", 10.5 / 3.6),
        ("10,5", 10.5 / 3.6),
        ("10.5km/h", 10.5 / 3.6),
        ("10.5 kph", 10.5 / 3.6),
        ("6.5mph", 6.5 * 0.44704),
        ("3.5m/s", 3.5),
        ("5:30/km", 1000 / 330),
        ("8:50/mi", 1609.344 / 530),
        ("0", 0.0),
    ],
)
def test_every_way_to_write_a_speed(typed: str, speed_mps: float) -> None:
    assert parse_speed_mps(typed) == pytest.approx(speed_mps)


@pytest.mark.parametrize("typed", ["", "fast", "-3", "5:70/km", "0:00/km", "10.5 furlongs", "nan", "1e3"])
def test_what_is_no_speed_is_refused_with_the_forms_that_are(typed: str) -> None:
    with pytest.raises(ValueError, match=r"write 10\.5"):
        parse_speed_mps(typed)


@pytest.mark.parametrize("typed", ["175", " 175.0 cm", "175,0CM", "5'9", "5’9”", "5ft9", "5 FT 9 in", "5′8.9″"])
def test_every_way_to_write_a_height(typed: str) -> None:
    assert parse_height_cm(typed) == pytest.approx(175, abs=0.3)


@pytest.mark.parametrize(
    "typed", ["", "tall", "5f9", "5:9", "1" * 5000, "1" * 5000 + "ft", "nan", "1e3", "175 m", "5'12"]
)
def test_what_is_no_height_is_refused_with_the_forms_that_are(typed: str) -> None:
    with pytest.raises(ValueError, match="write centimetres, such as 175, or 5ft9"):
        parse_height_cm(typed)


@given(st.integers(100, 230))
def test_a_height_that_is_shown_can_be_typed(height_cm: int) -> None:
    assert parse_height_cm(Words().height(height_cm, "metric")) == height_cm
    assert parse_height_cm(Words().height(height_cm, "imperial")) == pytest.approx(height_cm, abs=1.28)


def test_a_slip_of_the_finger_is_not_a_speed() -> None:
    with pytest.raises(ValueError, match="faster than any treadmill"):
        parse_speed_mps("105")


@given(st.floats(min_value=0.5, max_value=12))
def test_speed_survives_the_way_out_and_in(speed_mps: float) -> None:
    assert parse_speed_mps(f"{kmh(speed_mps):.6f}km/h") == pytest.approx(speed_mps, rel=1e-4)
    assert parse_speed_mps(f"{mph(speed_mps):.6f}mph") == pytest.approx(speed_mps, rel=1e-4)
    assert parse_speed_mps(f"{format_pace(speed_mps)}/km") == pytest.approx(speed_mps, rel=0.01)


def test_standing_has_no_pace() -> None:
    assert format_pace(0.0) == "–"
    assert format_pace(float("nan")) == "–"
