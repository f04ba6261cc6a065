"""A folder of videos and pose recordings: what is in it, and what of it is still to do."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from coach import __version__
from coach.app.speed_sources import BeltInput, SpeedFrom, belt_beside, belt_in_name
from coach.core.notices import Notice, NoticeKind
from coach.core.session.records import settings_facts
from coach.core.session.session import Session
from coach.edges.files.dataset import Known
from coach.edges.files.dataset_rows import Failure, FailureKind, VideoRecord
from coach.environment import prepare
from coach.errors import CoachError, ConfigError, FormatError, NoRunnerError, PoseModelError, SourceError
from coach.paths import is_file, is_folder, why_out_of_reach
from coach.settings import Settings

if TYPE_CHECKING:
    from coach.app.loop import Print

POSE_ENDINGS: Final = (".jsonl", ".jsonl.gz")
_MATTERS_NOT: Final = ("screen", "sound", "record", "page", "units", "language", "heart", "foot_pod", "live_out")
"""Sections that change how a run is shown, said, kept or told, and nothing that is measured of a file."""
_NOR: Final = frozenset({"pose.threads", *(f"camera.{key}" for key in ("source", "width", "height", "fps"))})
"""Nor do these: a file is opened by its path, as large and as fast as it is."""


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
    facts = [
        [f.key, f.value]
        for f in settings_facts(settings)
        if f.key.split(".")[0] not in _MATTERS_NOT and f.key not in _NOR
    ]
    text = json.dumps([sorted(facts, key=str), repr(belt)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def analyse(task: Task) -> VideoRecord:
    """Analyse one file. What is wrong with the file is the result; PoseModelError is raised: no file would go."""
    start_s = time.perf_counter()
    cut: list[str] = []

    def hear(notice: Notice, text: str) -> None:
        if notice.kind is NoticeKind.SOURCE_CUT:
            cut.append(text)

    try:
        outcome: Session | Failure = _session(task, hear)
    except PoseModelError:
        raise
    except NoRunnerError as error:
        # Who is not in the first seconds may well be in those that are missing.
        outcome = Failure("source" if cut else "no_runner", " ".join("; ".join([*cut, str(error)]).split()))
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


def _session(task: Task, hear: Print) -> Session:
    prepare()
    from coach.app import offline  # noqa: PLC0415 - OpenCV and the network load only where a file is read

    run = offline.analyze if is_video(task.path) else offline.replay
    return run(task.path, _on_one_core(task.settings), task.belt, tell=hear)


def _on_one_core(settings: Settings) -> Settings:
    """There are as many workers as cores: two threads each would only get in each other's way."""
    import cv2  # noqa: PLC0415 - loads only where a file is read

    cv2.setNumThreads(1)
    return replace(settings, pose=replace(settings.pose, threads=settings.pose.threads or 1))


def _kind(error: CoachError) -> FailureKind:
    kinds: tuple[tuple[type[CoachError], FailureKind], ...] = (
        (SourceError, "source"),
        (FormatError, "format"),
    )
    return next((kind for known, kind in kinds if isinstance(error, known)), "unforeseen")


VIDEO_ENDINGS: Final = (
    *(".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg"),
    *(".mts", ".m2ts", ".3gp", ".wmv"),
)


@dataclass(frozen=True, slots=True)
class Archive:
    """What is asked for: the files of a folder, and how they are to be analysed."""

    folder: Path
    settings: Settings
    belt: BeltInput = field(default_factory=BeltInput)
    """For files that say nothing of their speed."""
    speed_from: SpeedFrom | None = None
    retry: bool = False
    """Do failed ones again."""

    def files(self, without: Path) -> list[Path]:
        """All videos and recordings of the folder, at any depth, in order; hidden ones and those in `without` left out.

        Raises ConfigError for a folder that is none, or that holds no video.
        """
        if why := why_out_of_reach(self.folder):
            raise ConfigError(f"cannot read {self.folder}: {why}; check the rights of the folders on the way")
        if not is_folder(self.folder):
            raise ConfigError(f"{self.folder} is no folder; name the one that holds the videos")
        out = without.resolve()
        found = sorted(
            path
            for path in self.folder.resolve().rglob("*")
            if path.name.lower().endswith((*VIDEO_ENDINGS, *POSE_ENDINGS))
            and not any(part.startswith(".") for part in path.relative_to(self.folder.resolve()).parts)
            and out not in path.parents
            and (is_file(path) or why_out_of_reach(path))
        )
        if not found:
            raise ConfigError(f"there is no video and no pose recording (.jsonl, .jsonl.gz) in {self.folder}")
        return found


@dataclass(slots=True)
class Sifted:
    """How many files needed nothing, counted while they are gone through."""

    there: int = 0
    """In the dataset already."""
    copies: int = 0
    """Of the same content as a file before it."""


class Sieve:
    """Goes through the files of an archive, one by one as they are asked for, and lets through what is to do."""

    def __init__(self, archive: Archive, known: Iterable[Known]) -> None:
        self.sifted = Sifted()
        self._archive = archive
        self._known: dict[str, Known] = {}
        self._hashes: dict[tuple[str, int, int], str] = {}
        self._seen: set[str] = set()
        self._paths: set[str] = set()
        for video in known:
            self._known[video.content_sha256] = video
            self._hashes[video.path, video.size_bytes, video.modified_ns] = video.content_sha256

    def tasks(self, files: Iterable[Path]) -> Iterator[Task | VideoRecord]:
        """A task for each file that is to do; the record at once where that cannot even be said."""
        for path in files:
            self._paths.add(str(path))
            try:
                content, size_bytes, modified_ns = self._identity(path)
            except OSError as error:
                yield self._unreadable(path, error)
                continue
            if content in self._seen:
                self.sifted.copies += 1
                continue
            self._seen.add(content)
            task = self._task(path, content, size_bytes, modified_ns)
            failure: Failure | None = None
            try:
                task = self._task(path, content, size_bytes, modified_ns, self._belt(path))
            except CoachError as error:
                failure = Failure("speed", " ".join(str(error).split()))
            if failure:
                # A sidecar that was mended changes no content: such a file is looked at each time.
                yield record_of(task, failure, 0.0)
            elif self._is_there(task):
                self.sifted.there += 1
            else:
                yield task

    def gone(self) -> list[str]:
        """Contents in the dataset whose file, after all were gone through, holds something else: mended or replaced."""
        return [c for c, video in self._known.items() if video.path in self._paths and c not in self._seen]

    def _belt(self, path: Path) -> BeltInput:
        belt = self._archive.belt
        if self._archive.speed_from == "sidecar":
            return belt_beside(path, belt)
        return belt_in_name(path, belt) if self._archive.speed_from == "name" else belt

    def _is_there(self, task: Task) -> bool:
        known = self._known.get(task.content_sha256)
        if known is None or known.settings_sha256 != task.settings_sha256:
            return False
        return known.status == "done" or not self._archive.retry

    def _identity(self, path: Path) -> tuple[str, int, int]:
        """Hash, size and time of a file. One that lies unchanged where it was is not read again."""
        facts = path.stat()
        size_bytes, modified_ns = facts.st_size, facts.st_mtime_ns
        known = self._hashes.get((str(path), size_bytes, modified_ns))
        return known or content_hash(path), size_bytes, modified_ns

    def _task(self, path: Path, content: str, size_bytes: int, modified_ns: int, belt: BeltInput | None = None) -> Task:
        name = path.relative_to(self._archive.folder.resolve()).as_posix()
        return Task(path, name, content, size_bytes, modified_ns, self._archive.settings, belt or self._archive.belt)

    def _unreadable(self, path: Path, error: OSError) -> VideoRecord:
        """A file without content has its place in the dataset by its path."""
        reason = f"cannot read {path}: {error.strerror or error}; check its permissions"
        content = hashlib.sha256(f"path {path}".encode()).hexdigest()
        self._seen.add(content)
        task = self._task(path, content, 0, 0)
        return record_of(task, Failure("source", reason), 0.0)


def content_hash(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
