"""Download a file over HTTPS so that a broken line costs little and never leaves half a file.

What has arrived is kept as `NAME.part` and taken up again next time. A running download claims
its part by renaming it, so that two processes never write into the same one.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

from coach.errors import PoseModelError

Progress = Callable[[str, float], None]
"""What is being done, and the share that is done, 0 to 1."""

_TIMEOUT_S: Final = 20.0
_TRIES: Final = 3
_CHUNK_BYTES: Final = 1 << 16
_ABANDONED_S: Final = 3 * _TIMEOUT_S
"""A part that nobody has written to for so long belongs to a process that is gone."""


def download(url: str, target: Path, check: Callable[[Path], None], progress: Progress | None = None) -> None:
    """Bring `url` to `target`, which appears whole or not at all.

    `check` is called with the finished file before it takes its place and raises PoseModelError for a
    wrong one, which is then thrown away. PoseModelError where there is no network.
    """
    part = _claim_part(target)
    try:
        _fetch_patiently(url, part, target.name, progress or (lambda _what, _share: None))
    except (OSError, http.client.HTTPException) as error:
        _give_back(part, target)
        raise PoseModelError(
            f"cannot download the pose model {target.name}: {_reason(error)}; "
            "connect to the internet once, or give a bundle of your own with --model PATH"
        ) from error
    except BaseException:
        _give_back(part, target)
        raise
    try:
        check(part)
    except PoseModelError:
        part.unlink(missing_ok=True)
        raise
    put_in_place(part, target)


def put_in_place(finished: Path, target: Path) -> None:
    """Move a finished file to its place; another process that was quicker is as good."""
    try:
        finished.replace(target)
    except PermissionError:  # Windows, while another process has the same file open
        finished.unlink(missing_ok=True)
        if not target.exists():
            raise


def _claim_part(target: Path) -> Path:
    """A part file of this process alone: one that was left behind, or a new one."""
    own = target.with_name(f"{target.name}.{os.getpid()}.part")
    for part in (target.with_name(f"{target.name}.part"), *_abandoned_parts(target)):
        try:
            part.replace(own)
        except OSError:
            continue
        break
    return own


def _abandoned_parts(target: Path) -> list[Path]:
    parts = target.parent.glob(f"{target.name}.*.part")
    return [part for part in parts if time.time() - part.stat().st_mtime > _ABANDONED_S]


def _give_back(part: Path, target: Path) -> None:
    if part.exists() and part.stat().st_size:
        part.replace(target.with_name(f"{target.name}.part"))


def _fetch_patiently(url: str, part: Path, name: str, progress: Progress) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            _fetch(url, part, name, progress)
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)  # longer than the file itself: not a part of it
            elif error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            if attempt == _TRIES:
                raise
        except (OSError, http.client.HTTPException):
            if attempt == _TRIES:
                raise
        else:
            return
        time.sleep(0.2 * attempt)


def _fetch(url: str, part: Path, name: str, progress: Progress) -> None:
    """Append what is still missing of `url` to `part`."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        done = have if resumed else 0
        total = done + int(response.headers.get("Content-Length") or 0)
        with part.open("ab" if resumed else "wb") as file:
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                progress(f"downloading {name}", done / total if total else 0.0)
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return str(error.reason)
    return str(error) or type(error).__name__
