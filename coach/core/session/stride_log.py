"""The strides of a run that is going on, packed: two hours are twenty thousand of them.

As objects they take about a kilobyte each, packed less than a fifth of that, to the same digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, overload

import numpy as np

from coach.core.coaching.stride_record import STORED, StrideRecord

_ROWS: Final = 256
"""Strides in one block: memory grows in steps of some 40 kB and is never moved."""
_UNKNOWN: Final = -1
_PACKED: Final = {"number": np.float64, "flag": np.bool_, "word": np.int8}
"""A word is kept as its place among those that its column can hold."""
_ROW: Final = np.dtype([(column.name, _PACKED[column.kind]) for column in STORED])


class StrideLog(Sequence[StrideRecord]):
    """Reads like a list of strides; each is unpacked when it is asked for. One writer, and it never shrinks."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray[Any, np.dtype[np.void]]] = []
        self._count = 0

    def append(self, stride: StrideRecord) -> None:
        """One more stride."""
        block, row = divmod(self._count, _ROWS)
        if block == len(self._blocks):
            self._blocks.append(np.zeros(_ROWS, _ROW))
        self._blocks[block][row] = tuple(
            _code(getattr(stride, column.name), column.words) if column.words else getattr(stride, column.name)
            for column in STORED
        )
        # Counted last: another thread that looks meanwhile never sees half a stride.
        self._count += 1

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> StrideRecord: ...

    @overload
    def __getitem__(self, index: slice) -> list[StrideRecord]: ...

    def __getitem__(self, index: int | slice) -> StrideRecord | list[StrideRecord]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(f"there are {self._count} strides, not one numbered {index}")
        block, row = divmod(index % self._count, _ROWS)
        return _unpacked(self._blocks[block][row].item())

    def __iter__(self) -> Iterator[StrideRecord]:
        return (self[i] for i in range(self._count))


def _unpacked(row: tuple[Any, ...]) -> StrideRecord:
    values: dict[str, Any] = {
        column.name: _word(value, column.words) if column.words else value
        for column, value in zip(STORED, row, strict=True)
    }
    return StrideRecord(**values)


def _code(word: str | None, words: tuple[str, ...]) -> int:
    return _UNKNOWN if word is None else words.index(word)


def _word(code: int, words: tuple[str, ...]) -> Any:
    return None if code == _UNKNOWN else words[code]
