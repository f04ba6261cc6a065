"""What only its owner may read: folders 0700 and files 0600, whatever the umask says; and files that are whole or not.

And addresses without the name and password in them.

On Windows nothing is done: there the folders of a user's profile are closed to other users by the system itself.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import Final

from coach.paths import in_words, is_file, is_folder, why_out_of_reach

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
OTHERS: Final = 0o077
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/?#]*@|^(\w+:/)?[^\s/\\?#:@]+:[^\s/\\?#]*@")
"""A password may hold an @ itself: all up to the last one before the path. The scheme may lack, or a slash of it."""
_ADDRESS: Final = re.compile(r"\w\w+:/|[^?]+\?")
_NAMED: Final = re.compile(
    r"([\w-]*(?:pass|pwd|psw|usr|user|login|token|auth|secret|signature)\w*|(?<![^/?&;])(?:pw|key|api_?key|sig))=[^&#]*",
    re.IGNORECASE,
)
"""Many cameras take them so: `?user=me&password=…`, `/user=me_password=…_channel=1.sdp`, `?token=…`."""


def without_password(address: str) -> str:
    """The address of a stream without the name and password in it; anything else as it is."""
    bare = _CREDENTIALS.sub(r"\1", address)
    return _NAMED.sub(r"\1=…", bare) if _ADDRESS.match(bare) else bare


def private_folder(path: Path) -> Path:
    """The folder, made if it is missing, like those above it; one that is there already stays as it is."""
    if path.is_dir():
        return path
    private_folder(path.parent)
    try:
        path.mkdir(mode=FOLDER_MODE)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        _set_mode(path, FOLDER_MODE)
    return path


def private_file(path: Path) -> Path:
    """The file, made empty if it is missing, and closed to others before anything is written into it.

    A file that is there is never opened for that: closing it again would take SQLite's locks from this process.
    """
    private_folder(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    except FileExistsError:
        close_to_others(path)
    else:
        _set_mode(path, FILE_MODE)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner alone. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    try:
        private_file(part).write_bytes(content)
        part.replace(path)
    except OSError:
        remove_part(part, path)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that was asked for, whole or not at all: what was there stays until then. Raises OSError."""
    part = part_of(path)
    try:
        part.write_bytes(content)
        name_whole(part, path)
    except OSError:
        remove_part(part, path)
        raise


def why_no_file(path: Path) -> str | None:
    """Why no file can be written there, and what to do: no folder, out of reach, or one itself; None where one can."""
    folder = path.absolute().parent
    if why := why_out_of_reach(path):
        return f"cannot write {path}: {why}; give another place"
    if not is_folder(folder):
        return f"cannot write {path}: there is no folder {folder}; make it first"
    if is_folder(path):
        return f"cannot write {path}: it is a folder; give the name of a file in it"
    # Its place until it is whole has a longer name.
    return f"cannot write {path}: {why}; give another name" if (why := why_out_of_reach(part_of(path))) else None


def part_of(path: Path) -> Path:
    """Where a file is written until it is whole: beside its place, with the same ending, which says to some what it is.

    Never over what lies there: an earlier run could not name it, or a browser is loading it. A pipe, a terminal or a
    device cannot be replaced: it is written to itself.
    """
    if path.exists() and not path.is_file():
        return path
    place = path.resolve()  # a link stays one
    part, number = place.with_name(f"{place.stem}.part{place.suffix}"), 2
    while os.path.lexists(part):
        part, number = place.with_name(f"{place.stem}.part-{number}{place.suffix}"), number + 1
    return part


def left_beside(path: Path) -> list[Path]:
    """What was written to `part_of(path)` and never got its name, as of a run that was killed."""
    place = path.resolve()
    name = re.compile(rf"{re.escape(place.stem)}\.part(-\d+)?{re.escape(place.suffix)}")
    with contextlib.suppress(OSError):
        return sorted(beside for beside in place.parent.iterdir() if name.fullmatch(beside.name) and is_file(beside))
    return []


def name_whole(part: Path, path: Path) -> None:
    """Give what was written to `part_of(path)` its name, and the rights of what had it. Raises OSError."""
    if part == path:
        return
    with contextlib.suppress(OSError):
        part.chmod(stat.S_IMODE(path.stat().st_mode))
    part.replace(path.resolve())


def kept_beside(part: Path, path: Path, error: OSError) -> str:
    """What is told where `name_whole` failed, and what was written stays where it is, unless that is gone as well."""
    told = f"cannot write {path}: {in_words(error)}"
    return f"{told}; the new one lies beside it as {part.name}" if is_file(part) else told


def remove_part(part: Path, path: Path) -> None:
    """Leave nothing of it behind."""
    if part != path:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def close_to_others(path: Path) -> bool:
    """Take every right from others; whether they had one and have none now. A link is left alone."""
    if os.name == "nt":
        return False
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & OTHERS:
            return False
        path.chmod(stat.S_IMODE(mode) & ~OTHERS)
        return not path.lstat().st_mode & OTHERS  # a file system without rights says yes and does nothing
    except OSError:  # gone meanwhile, or another user's
        return False


def close_all_to_others(path: Path) -> bool:
    """The same for a file, or for a folder with all that is in it."""
    closed = close_to_others(path)
    if path.is_symlink() or not path.is_dir():
        return closed
    with contextlib.suppress(OSError):
        for inside in list(path.iterdir()):
            closed |= close_all_to_others(inside)
    return closed


def _set_mode(path: Path, mode: int) -> None:
    """What the umask took away is given back to the owner."""
    if os.name != "nt":
        with contextlib.suppress(OSError):
            path.chmod(mode)
