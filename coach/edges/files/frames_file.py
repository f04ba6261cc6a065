"""The per-frame table (CSV): what the live screen used at every moment."""

from __future__ import annotations

import csv
import math
from contextlib import suppress
from pathlib import Path
from typing import Final

from coach.core.pipeline import Update
from coach.core.pose import SIDES
from coach.errors import StoreError
from coach.private import kept_beside, name_whole, part_of, remove_part

COLUMNS: Final = (
    "t_s",
    "knee_flexion_left_deg",
    "knee_flexion_right_deg",
    "phase_left_pct",
    "phase_right_pct",
    "pose_ok",
    "decided_s",
)

_FLUSH_EVERY_S: Final = 1.0
"""A full disk is known within a second, and a crash costs no more."""


class FrameTable:
    """Writes one row a frame; empty where a value is unknown. It gets its name at the end: half a table is none.

    `t_s` is the moment that the row describes, `decided_s` the frame at which it was known.
    A disk that fills up ends the table, never the run: `problem` then says so, and what it took is given back.
    """

    def __init__(self, path: Path) -> None:
        self.problem: str | None = None
        self._flushed_s = -math.inf
        self._path, self._part = path, part_of(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise StoreError(
                f"cannot write {path}: {error.strerror or error}; choose another place with --frames"
            ) from None
        self._table = csv.writer(self._file, lineterminator="\n")
        self._write(COLUMNS)

    def append(self, update: Update) -> None:
        """One frame. Never raises."""
        gait = update.gait
        legs = [gait.leg(side) for side in SIDES]
        self._write(
            (
                f"{gait.t_s:.4f}",
                *(_cell(leg.knee_flexion_deg, 2) for leg in legs),
                *(_cell(100 * leg.phase, 2) for leg in legs),
                int(update.pose is not None),
                f"{update.t_s:.4f}",
            )
        )
        if update.t_s - self._flushed_s >= _FLUSH_EVERY_S:
            self._flushed_s = update.t_s
            self._flush()

    def finish(self) -> None:
        """That was the last frame: close the table and give it its name. Never raises."""
        if self._file.closed:
            return
        try:
            self._file.close()
        except OSError as error:
            self._give_up(error)
            return
        try:
            name_whole(self._part, self._path)
        except OSError as error:
            self.problem = kept_beside(self._part, self._path, error)

    def close(self) -> None:
        """Let go of a table that was not finished. May be called twice."""
        if not self._file.closed:
            self._drop()

    def _write(self, row: tuple[object, ...]) -> None:
        if self.problem is not None:
            return
        try:
            self._table.writerow(row)
        except OSError as error:
            self._give_up(error)

    def _flush(self) -> None:
        if self.problem is not None:
            return
        try:
            self._file.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.problem = f"{self._path}: the table of frames stopped: {error.strerror or error}"
        self._drop()

    def _drop(self) -> None:
        with suppress(OSError):  # what the buffer held does not go anywhere any more
            self._file.close()
        remove_part(self._part, self._path)


def _cell(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else ""
