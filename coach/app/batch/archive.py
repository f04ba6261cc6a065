"""A folder of videos and pose recordings: what is in it, and what of it is still to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from coach.app.batch.speeds import SpeedFrom, belt_beside, belt_in_name
from coach.app.batch.task import POSE_ENDINGS, Task, record_of
from coach.app.speed_sources import BeltInput
from coach.edges.files.dataset import Known
from coach.edges.files.dataset_rows import Failure, VideoRecord
from coach.errors import CoachError, ConfigError
from coach.settings import Settings

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
        if not self.folder.is_dir():
            raise ConfigError(f"{self.folder} is no folder; name the one that holds the videos")
        out = without.resolve()
        found = sorted(
            path
            for path in self.folder.resolve().rglob("*")
            if path.name.lower().endswith((*VIDEO_ENDINGS, *POSE_ENDINGS))
            and not any(part.startswith(".") for part in path.relative_to(self.folder.resolve()).parts)
            and out not in path.parents
            and path.is_file()
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
