"""Texts that name other files or hosts, and that a video reader would follow: they are told from videos."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_ENDINGS: Final = frozenset({".m3u8", ".m3u", ".ffconcat", ".sdp", ".mpd", ".pls", ".xspf", ".asx", ".wpl", ".smil"})
_HEAD_BYTES: Final = 4096
_LISTS: Final = re.compile(
    r"""\A\s*(?:\#EXTM3U | ffconcat | \[playlist\] | v=0\s)   # HLS and M3U; FFmpeg's list; PLS; a session description
    | ^(?:\#EXT-X- | c=IN\ IP | m=video\ )                     # the same further down
    | <(?:MPD | SmoothStreamingMedia | playlist | asx | smil)\b""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def is_playlist(path: Path) -> bool:
    """Whether a file is a list of other files or addresses, by its ending or by what it holds. Raises OSError."""
    if path.suffix.lower() in _ENDINGS:
        return True
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return b"\0" not in head and _LISTS.search(head.decode("utf-8-sig", "replace")) is not None
