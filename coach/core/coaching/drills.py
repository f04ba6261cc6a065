"""Drills: what the programme names for days without a run (docs/practice.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drill:
    """Practice for a day without a run: so many sets of so many steps or repetitions."""

    name: str
    """Ends the key of its words."""
    sets: int
    each: int


def drills(week: int) -> tuple[Drill, ...]:
    """The drills of a week, 1 for the first: on two or three days, with a day between.

    What beginners are advised of strength work, 8–12 repetitions on two or three days a week (ACSM 2009), and marches
    and high knees as coaches use them (Whelan 2016); one set more from the second week on (an engineering choice).
    """
    sets = 2 if week <= 1 else 3
    return Drill("march", sets, 20), Drill("wall", sets, 8), Drill("bridge", sets, 10)
