"""Where a session's results go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

STANDARD_OUTPUT: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files asked for; None where one was not."""

    json: Path | None = None
    """`-` is standard output."""
    frames: Path | None = None
    record: Path | None = None
    video: Path | None = None
    """An annotated video; `plan_video` says in what form it can be written."""
    data_dir: Path | None = None
    """Root of the session store; None keeps nothing."""
