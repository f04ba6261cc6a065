"""One task: a file and all that its result depends on, in; what came of it, out.

Runs in a worker process, perhaps on another machine, perhaps for the second time: it writes nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach import __version__
from coach.app.speed_sources import BeltInput
from coach.core.session.records import settings_facts
from coach.core.session.session import Session
from coach.edges.files.dataset_rows import Failure, FailureKind, VideoRecord
from coach.environment import prepare
from coach.errors import CoachError, FormatError, NoRunnerError, PoseModelError, SourceError
from coach.settings import Settings

POSE_ENDINGS: Final = (".jsonl", ".jsonl.gz")
_MATTERS_NOT: Final = ("camera", "screen", "sound", "record", "units")
"""Sections that change how a run is shown, said or kept, and nothing that is measured of a file."""


@dataclass(frozen=True, slots=True)
class Task:
    """One video or recording to analyse."""

    path: Path
    name: str
    content_sha256: str
    size_bytes: int
    modified_ns: int
    settings: Settings
    belt: BeltInput

    @property
    def settings_sha256(self) -> str:
        """What the result depends on besides the file."""
        return settings_hash(self.settings, self.belt)


def is_video(path: Path) -> bool:
    """Pixels rather than recorded poses, by the name."""
    return not path.name.lower().endswith(POSE_ENDINGS)


def settings_hash(settings: Settings, belt: BeltInput) -> str:
    """A name for everything a result depends on besides the file."""
    facts = [[f.key, f.value] for f in settings_facts(settings) if f.key.split(".")[0] not in _MATTERS_NOT]
    text = json.dumps([sorted(facts, key=str), repr(belt)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def analyse(task: Task) -> VideoRecord:
    """Analyse one file. What is wrong with the file is the result; PoseModelError is raised: no file would go."""
    start_s = time.perf_counter()
    try:
        outcome: Session | Failure = _session(task)
    except PoseModelError:
        raise
    except CoachError as error:
        outcome = Failure(_kind(error), " ".join(str(error).split()))
    except Exception as error:  # noqa: BLE001 - one odd file of hundreds must not end the batch; its row says why
        outcome = Failure("unforeseen", " ".join(f"{type(error).__name__}: {error}".split()))
    return record_of(task, outcome, time.perf_counter() - start_s)


def record_of(task: Task, outcome: Session | Failure, seconds: float) -> VideoRecord:
    """The record of a task."""
    return VideoRecord(
        content_sha256=task.content_sha256,
        settings_sha256=task.settings_sha256,
        path=str(task.path),
        name=task.name,
        size_bytes=task.size_bytes,
        modified_ns=task.modified_ns,
        coach_version=__version__,
        seconds=seconds,
        session=outcome if isinstance(outcome, Session) else None,
        failure=outcome if isinstance(outcome, Failure) else None,
    )


def _session(task: Task) -> Session:
    prepare()
    from coach.app import offline  # noqa: PLC0415 - OpenCV and the network load only where a file is read

    run = offline.analyze if is_video(task.path) else offline.replay
    return run(task.path, task.settings, task.belt)


def _kind(error: CoachError) -> FailureKind:
    kinds: tuple[tuple[type[CoachError], FailureKind], ...] = (
        (SourceError, "source"),
        (FormatError, "format"),
        (NoRunnerError, "no_runner"),
    )
    return next((kind for known, kind in kinds if isinstance(error, known)), "unforeseen")
