"""Whether a video file is all there: what its own headers say of its length, against the bytes that there are.

Counts of frames are no measure of it. They stand in headers as an estimate, and an edited clip keeps pictures that no
player shows. A box of pictures that reaches beyond the end of its file was copied, loaded or recorded only in part.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

_BOX: Final = 8
_LONG_BOX: Final = 16
_BEGINNINGS: Final = frozenset({b"ftyp", b"wide", b"mdat", b"moov", b"free", b"skip", b"pnot"})
_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"
_VINT_MOST: Final = 8


def is_cut(path: Path) -> bool:
    """Whether the file ends before what its headers promise; False where they promise nothing. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_LONG_BOX)
        file.seek(0)
        return any(looks(head) and reaches(file) > size for looks, reaches in _FORMATS)


def _end_of_mp4(file: IO[bytes]) -> int:
    """Where the box with the pictures ends that reaches farthest (ISO/IEC 14496-12, 4.2)."""
    at, farthest = 0, 0
    while len(head := file.read(_LONG_BOX)) >= _BOX:
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1:  # it stands behind the kind
            size = int.from_bytes(head[_BOX:], "big") if len(head) == _LONG_BOX else 0
        if size < _BOX:  # to the end of the file, or no box
            break
        at += size
        if kind == b"mdat":
            farthest = at
        file.seek(at)
    return farthest


def _end_of_avi(file: IO[bytes]) -> int:
    """Where the first RIFF chunk ends."""
    return _BOX + int.from_bytes(file.read(_BOX)[4:], "little")


def _end_of_matroska(file: IO[bytes]) -> int:
    """Where the segment ends (RFC 8794, RFC 9559); 0 where its length was not known as it was written."""
    file.read(len(_EBML))
    header = _vint(file)
    if header is None:
        return 0
    file.seek(header, 1)
    if file.read(len(_SEGMENT)) != _SEGMENT:
        return 0
    segment = _vint(file)
    return 0 if segment is None else file.tell() + segment


def _vint(file: IO[bytes]) -> int | None:
    """A number of EBML, whose first byte says by its leading zeros how many follow; None for none, or "not known"."""
    first = file.read(1)
    length = _VINT_MOST + 1 - first[0].bit_length() if first else _VINT_MOST + 1
    if length > _VINT_MOST:
        return None
    mask = (1 << 7 * length) - 1
    value = int.from_bytes(first + file.read(length - 1), "big") & mask
    return None if value == mask else value


_FORMATS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[IO[bytes]], int]], ...]] = (
    (lambda head: head[4:8] in _BEGINNINGS, _end_of_mp4),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"AVI ", _end_of_avi),
    (lambda head: head.startswith(_EBML), _end_of_matroska),
)
