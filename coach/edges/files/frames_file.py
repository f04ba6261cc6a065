"""The per-frame table (CSV): what the live screen used at every moment."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Final

from coach.core.pipeline import Update
from coach.core.pose import SIDES
from coach.errors import StoreError

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
    """Writes one row a frame; empty where a value is unknown.

    `t_s` is the moment that the row describes, `decided_s` the frame at which it was known.
    A disk that fills up ends the table, never the run: `problem` then says so.
    """

    def __init__(self, path: Path) -> None:
        self.problem: str | None = None
        self._flushed_s = -math.inf
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", newline="")
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

    def close(self) -> None:
        """Flush and close. May be called twice."""
        try:
            self._file.close()
        except OSError as error:
            self._give_up(error)

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
        self.problem = f"the table of frames stopped: {error.strerror or error}"


def _cell(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else ""
