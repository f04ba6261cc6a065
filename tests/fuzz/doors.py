"""Every door through which something comes in from outside: what is tried there, and who reads it.

A new door is a row of `DOORS`: a name, what comes in on an ordinary day, and a reader (`readers.py`). A reader is given
the bytes and a folder of its own. It may take them, and then checks that what it took makes sense; or refuse them with
one of the door's errors, whose message is what the runner is told. Anything else that it raises, warnings too, is a
failure.

Fed by `python -m tools.fuzz` (`make fuzz`) for long, by `test_doors.py` for seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from coach.errors import CoachError
from tests.fuzz import corpus, readers
from tests.fuzz.mutations import mutated


class Outcome(StrEnum):
    """What became of an input."""

    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True)
class Door:
    """One row."""

    name: str
    usual: Callable[[], corpus.Corpus]
    """Good input, from which bad input is made."""
    read: Callable[[bytes, Path], None]
    cost: int = 1
    """Of so many inputs asked for, one is tried: 1 for doors that are quickly gone through."""
    refuses: tuple[type[Exception], ...] = (CoachError,)

    @cached_property
    def inputs(self) -> st.SearchStrategy[bytes]:
        """What is tried."""
        return mutated(self.usual())

    def attempt(self, content: bytes, folder: Path) -> Outcome:
        """Let it in. Raises whatever is no clear answer."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                self.read(content, folder)
            except self.refuses as error:
                said = str(error)
            else:
                return Outcome.TAKEN
        assert said.strip(), "it was refused without a word"
        return Outcome.REFUSED


DOORS: Final[tuple[Door, ...]] = (
    Door("poses", corpus.poses, readers.poses),
    Door("packed poses", corpus.packed_poses, partial(readers.poses, name="run.jsonl.gz")),
    Door("markers (.trc)", corpus.markers, partial(readers.poses, name="run.trc")),
    Door("OpenPose", corpus.openpose, readers.openpose),
    Door("tables (.csv)", corpus.tables, partial(readers.poses, name="run.csv")),
    Door("tables with --fps", corpus.tables, partial(readers.poses, name="run.csv", fps=30.0)),
    Door("config", corpus.configs, readers.config),
    Door("words", corpus.words, readers.words, 5),
    Door("plan", lambda: corpus.PLANS, readers.plan),
    Door("speed", lambda: corpus.SPEEDS, readers.speed, refuses=(CoachError, ValueError)),
    Door("speed beside a clip", lambda: corpus.SIDECARS, readers.sidecar),
    Door("session ids", lambda: corpus.SESSION_IDS, readers.session_id, 5),
    Door("FTMS packets", lambda: corpus.FTMS, readers.ftms, refuses=()),
    Door("RSC packets", lambda: corpus.RSC, readers.rsc, refuses=()),
    Door("heart packets", lambda: corpus.HEARTS, readers.heart, refuses=()),
    Door("last set-up", lambda: corpus.LAST_SETUPS, readers.last_setup, refuses=()),
    Door("session JSON", corpus.session_files, readers.session_file, 5),
    Door("shared run (.zip)", corpus.shared_runs, readers.shared_run, 50),
    Door("answers", corpus.answers, readers.answer, refuses=()),
    Door("profile", corpus.profiles, readers.profile, 50),
    Door("names on pages", lambda: corpus.NAMES, readers.page, 20),
    Door("store file", corpus.stores, readers.store_file, 20),
    Door("whole run", corpus.running, readers.whole_run, 100),
    Door("video", corpus.videos, readers.video, 50),
    Door("stream", corpus.answers, readers.stream, 200),
)
