"""The photographs on a page: the lowest and the best heel lift, and the whole strides around them, in step."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach.core.session.records import STILLS_FILE, Still, StrideFilm
from coach.core.words import Words
from coach.plain_records import json_value, record_of

_SOFTER: Final = 0.5
"""One picture with less than this share of the other's sharpness is told (an engineering choice: the eye sees it)."""


@dataclass(frozen=True, slots=True)
class Film:
    """One stride, of whose sheet of pictures one at a time is seen."""

    data: str
    facts: StrideFilm

    @property
    def sheet_px(self) -> tuple[int, int]:
        """Width and height of the sheet."""
        rows = math.ceil(self.facts.pictures / self.facts.columns)
        return self.facts.columns * self.facts.width_px, rows * self.facts.height_px

    def corner_px(self, phase: int) -> tuple[int, int]:
        """Left and top of the picture of a phase on the sheet."""
        row, column = divmod(self.facts.cells[phase], self.facts.columns)
        return column * self.facts.width_px, row * self.facts.height_px


@dataclass(frozen=True, slots=True)
class Picture:
    """A still inside the page, so that forgetting the page forgets it too."""

    name: str
    caption: str
    alt: str
    data: str
    sharpness: float
    film: Film | None


def pictures_in(folder: Path | None, words: Words) -> tuple[Picture, ...]:
    """The lowest and the best of a session's folder, as far as they were kept and can be read."""
    if folder is None or not (folder / STILLS_FILE).exists():
        return ()
    try:
        stills = [record_of(Still, row) for row in json_value((folder / STILLS_FILE).read_text("utf-8"))]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ()  # the page is whole without them
    order = sorted(stills, key=lambda still: still.which != "lowest")
    return tuple(_picture(still, folder, words) for still in order if (folder / still.file).exists())


def softer_note(pictures: Sequence[Picture], words: Words) -> str:
    """That one of two pictures is far less sharp than the other; empty where they are alike."""
    if len(pictures) != 2 or any(math.isnan(picture.sharpness) for picture in pictures):
        return ""
    softer, sharper = sorted(pictures, key=lambda picture: picture.sharpness)
    if softer.sharpness >= _SOFTER * sharper.sharpness:
        return ""
    return words.line("picture.softer", which=softer.name)


def films_of(pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """What the page's script needs to move all of them in step: place on the sheet and angle at each phase."""
    films = [picture.film for picture in pictures if picture.film is not None]
    return [
        {
            "corners": [film.corner_px(phase) for phase in range(len(film.facts.cells))],
            "angles": [f"{angle:.0f}°" for angle in film.facts.angles_deg],
        }
        for film in films
    ]


def _picture(still: Still, folder: Path, words: Words) -> Picture:
    measured = {"peak": words.number(still.peak_deg, "°"), "lever": words.number(100 * still.min_hip_heel_ll)}
    return Picture(
        name=words.line(f"picture.{still.which}"),
        caption=words.line("picture.caption", **measured),
        alt=words.line(f"picture.{still.which}_{still.side}", **measured),
        data=_inside(folder / still.file),
        sharpness=still.sharpness,
        film=_film(still.film, folder),
    )


def _film(facts: StrideFilm | None, folder: Path) -> Film | None:
    """None where its sheet is not there or does not hold what it should."""
    if facts is None or not (folder / facts.file).is_file():
        return None
    whole = min(facts.columns, facts.width_px, facts.height_px) > 0 and len(facts.cells) == len(facts.angles_deg)
    if not (whole and 0 <= facts.at < len(facts.cells) and all(0 <= cell < facts.pictures for cell in facts.cells)):
        return None
    return Film(_inside(folder / facts.file), facts)


def _inside(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
