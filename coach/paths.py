"""Questions about paths that are answered whatever stands in the way.

pathlib's own raise where a folder on the way may not be entered, or a name is too long. Here what cannot be looked at
is neither a file nor a folder nor missing, and whoever opens it next says why it cannot be had.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import Final

_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_FOLDER: Final = frozenset({errno.EEXIST, errno.ENOTDIR})
_SHARED: Final = frozenset({32, 33})
"""Windows' numbers: another program has the file open, or a part of it locked; errno calls both a lack of rights."""
_DENIED: Final = 5
"""What Windows says of all else, and where a file would take the place of one that is open or write-protected."""
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_file(path: Path) -> bool:
    """Whether a file is there, or a link to one."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path) -> bool:
    """Whether a folder is there, or a link to one."""
    return stat.S_ISDIR(_mode(path))


def is_missing(path: Path) -> bool:
    """Whether there is surely nothing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def why_out_of_reach(path: Path) -> str | None:
    """Why nobody can look at it, in the system's words; None where one can, even if nothing is there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return error.strerror or str(error)
    return None


def in_words(error: OSError) -> str:
    """Why a file cannot be had, without a number and a name that the message has already."""
    if _is_open_elsewhere(error):
        return "another program has it open"
    asked = Path(error.filename or "")
    in_the_way = next((path for path in (asked, *asked.parents) if is_file(path)), None)
    if error.errno in _NO_FOLDER and in_the_way:
        return f"{in_the_way} is a file, no folder"
    return error.strerror or str(error)


def mended_by(error: OSError) -> str:
    """Why something could not be written, and what to do: more space gives nobody the right to write."""
    remedy = "free some space" if error.errno in _NO_SPACE else "choose another place"
    if error.errno in _NO_RIGHT:
        remedy = "give yourself the right to write there"
    if _is_open_elsewhere(error):
        remedy = "close it there and try again"
    return f"{in_words(error)}; {remedy}"


def _is_open_elsewhere(error: OSError) -> bool:
    """Whether it is Windows keeping a file for a program that has it open, such as a spreadsheet or a player."""
    number, place = getattr(error, "winerror", None), Path(error.filename2 or "")
    return number in _SHARED or (number == _DENIED and is_file(place) and bool(_mode(place) & stat.S_IWRITE))


def from_home(path: str | Path) -> Path:
    """The path with `~` as the home folder; as it stands where there is no such home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _mode(path: Path) -> int:
    """0 where it cannot be looked at."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0
