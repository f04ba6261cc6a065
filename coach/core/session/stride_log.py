"""The strides of a run that is going on, packed: two hours are twenty thousand of them.

As objects they take about a kilobyte each, packed less than a fifth of that, to the same digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, TypeVar, overload

import numpy as np

from coach.core.coaching.advice import Stage
from coach.core.gait import Stride
from coach.core.gait.quality import RejectReason
from coach.core.pose import SIDES
from coach.core.session.records import KeptStride
from coach.core.speed.belt_speed import SpeedOrigin

_ROWS: Final = 256
"""Strides in one block: memory grows in steps of some 40 kB and is never moved."""
_UNKNOWN: Final = -1
_MEASURED: Final = tuple(f.name for f in fields(Stride) if f.name not in {"side", "near", "reject_reason"})
_HELD: Final = tuple(f.name for f in fields(KeptStride) if f.name not in {"stride", "speed_source", "stage"})
_ROW: Final = np.dtype(
    [(name, np.float64) for name in (*_MEASURED, *_HELD)]
    + [("side", np.int8), ("near", np.bool_), ("reject_reason", np.int8), ("speed_source", np.int8), ("stage", np.int8)]
)
_REASONS: Final = tuple(RejectReason)
_ORIGINS: Final = tuple(SpeedOrigin)
_STAGES: Final = tuple(Stage)
Word = TypeVar("Word", bound=StrEnum)


class StrideLog(Sequence[KeptStride]):
    """Reads like a list of strides; each is unpacked when it is asked for. One writer, and it never shrinks."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray[Any, np.dtype[np.void]]] = []
        self._count = 0

    def append(self, kept: KeptStride) -> None:
        """One more stride."""
        block, row = divmod(self._count, _ROWS)
        if block == len(self._blocks):
            self._blocks.append(np.zeros(_ROWS, _ROW))
        stride = kept.stride
        self._blocks[block][row] = (
            *(getattr(stride, name) for name in _MEASURED),
            *(getattr(kept, name) for name in _HELD),
            SIDES.index(stride.side),
            stride.near,
            _code(stride.reject_reason, _REASONS),
            _code(kept.speed_source, _ORIGINS),
            _code(kept.stage, _STAGES),
        )
        # Counted last: another thread that looks meanwhile never sees half a stride.
        self._count += 1

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> KeptStride: ...

    @overload
    def __getitem__(self, index: slice) -> list[KeptStride]: ...

    def __getitem__(self, index: int | slice) -> KeptStride | list[KeptStride]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(f"there are {self._count} strides, not one numbered {index}")
        block, row = divmod(index % self._count, _ROWS)
        return _unpacked(self._blocks[block][row].item())

    def __iter__(self) -> Iterator[KeptStride]:
        return (self[i] for i in range(self._count))


def _unpacked(row: tuple[Any, ...]) -> KeptStride:
    values = dict(zip(_ROW.names or (), row, strict=True))
    stride = Stride(
        side=SIDES[values["side"]],
        near=values["near"],
        reject_reason=_word(values["reject_reason"], _REASONS),
        **{name: values[name] for name in _MEASURED},
    )
    return KeptStride(
        stride=stride,
        speed_source=_word(values["speed_source"], _ORIGINS),
        stage=_word(values["stage"], _STAGES),
        **{name: values[name] for name in _HELD},
    )


def _code(word: Word | None, words: tuple[Word, ...]) -> int:
    return _UNKNOWN if word is None else words.index(word)


def _word(code: int, words: tuple[Word, ...]) -> Word | None:
    return None if code == _UNKNOWN else words[code]
