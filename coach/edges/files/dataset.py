"""Results of many videos as a Parquet dataset: three tables, one file a video in each.

A file is named by the hash of the video's content, so a video cannot be in the dataset twice. The file in
`sessions/` is written last and taken away first: without it nothing of the video counts.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach.edges.files.dataset_rows import (
    FORMER_SCHEMAS,
    ROWS_OF,
    SCHEMA,
    Failure,
    VideoRecord,
    arrow_schema,
    at_present,
)
from coach.errors import ConfigError, FormatError, StoreError
from coach.paths import mended_by
from coach.plain_records import json_value
from coach.private import write_whole

__all__ = ["MISSING", "SCHEMA", "Dataset", "Failure", "Known", "VideoRecord", "require_parquet"]

MARK: Final = "coach_dataset.json"
TABLES: Final = ("sessions", "strides", "curves")
MISSING: Final = "coach batch needs Dask and Parquet; install them with: pip install 'treadmill-coach[batch]'"
_KNOWN: Final = ("content_sha256", "settings_sha256", "path", "size_bytes", "modified_ns", "status")


@dataclass(frozen=True, slots=True)
class Known:
    """A video that is in the dataset already, and what file it was read from."""

    content_sha256: str
    settings_sha256: str
    path: str
    size_bytes: int
    modified_ns: int
    status: str


def require_parquet() -> None:
    """Raise ConfigError, with the way to mend it, where the extra is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 - an optional extra, and slow to load
    except ImportError:
        raise ConfigError(MISSING) from None


class Dataset:
    """One folder of results with one writer at a time; readers see each file whole or not at all."""

    def __init__(self, folder: Path) -> None:
        require_parquet()
        self.folder = folder

    @classmethod
    def create(cls, folder: Path) -> Dataset:
        """Open a dataset, or begin one. Raises ConfigError for a folder that holds something else."""
        dataset = cls(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / MARK).exists():
                dataset = cls.open(folder)
                dataset.bring_up_to_date()
                return dataset
            if any(folder.iterdir()):
                raise ConfigError(f"{folder} is not empty and holds no dataset of coach; name a new folder with --out")
            for table in TABLES:
                (folder / table).mkdir()
            _mark(folder)
        except OSError as error:
            raise ConfigError(f"cannot write to {folder}: {error.strerror or error}; choose another --out") from None
        return dataset

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Open a dataset that exists, one of an earlier version too. Raises FormatError for what is none."""
        try:
            schema = json_value((folder / MARK).read_text("utf-8"))["schema"]
        except FileNotFoundError:
            raise FormatError(f"{folder} holds no dataset; coach batch DIR --out {folder} makes one") from None
        except (OSError, ValueError, TypeError, KeyError):
            raise FormatError(f"{folder / MARK} cannot be read; the folder is no dataset of coach") from None
        if schema not in (SCHEMA, *FORMER_SCHEMAS):
            raise FormatError(f"{folder} is a {schema} dataset; this version reads and writes {SCHEMA}")
        return cls(folder)

    def tidy(self) -> None:
        """Take away what a crash has left: half-written files, and parts of a video whose session is not whole.

        Nobody else may be writing meanwhile.
        """
        whole = {path.name for path in self._files("sessions") if _is_whole(path)}
        for table in TABLES:
            for path in (self.folder / table).glob("*.parquet*"):
                if path.name not in whole:
                    path.unlink(missing_ok=True)

    def known(self) -> Iterator[Known]:
        """Every video of the dataset. A file that cannot be read does not count: its video is done again."""
        for row in self.rows("sessions", _KNOWN):
            yield Known(**row)

    def rows(self, table: str, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, Any]]:
        """The rows of one table, one file after the other."""
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        for path in self._files(table):
            try:
                file = pq.ParquetFile(path)
                # A file of an earlier version may have a column under another name, or lack it.
                named = columns if columns and set(columns) <= set(file.schema_arrow.names) else None
                read = file.read(columns=None if named is None else list(named))
            except (OSError, pa.ArrowException):
                continue
            if named is None:
                read = at_present(table, read)
            yield from (read.select(columns) if columns else read).to_pylist()

    def put(self, record: VideoRecord) -> None:
        """Write all results of one video, in place of what was there of the same content.

        Raises StoreError where the disk does not take them.
        """
        name = f"{record.content_sha256}.parquet"
        try:
            (self.folder / "sessions" / name).unlink(missing_ok=True)
            for table in reversed(TABLES):
                self._write(table, name, record)
        except OSError as error:
            raise StoreError(f"cannot write to {self.folder}: {mended_by(error)}") from None

    def drop(self, content_sha256: str) -> None:
        """Take a video out of the dataset. Raises StoreError where that is not possible."""
        try:
            for table in TABLES:
                (self.folder / table / f"{content_sha256}.parquet").unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot write to {self.folder}: {error.strerror or error}; check its rights") from None

    def _write(self, table: str, name: str, record: VideoRecord) -> None:
        import pyarrow as pa  # noqa: PLC0415

        self._replace(table, name, pa.Table.from_pylist(ROWS_OF[table](record), schema=arrow_schema(table)))

    def _replace(self, table: str, name: str, content: Any) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415

        path = self.folder / table / name
        coming = path.with_name(f"{name}.{os.getpid()}.part")
        try:
            with coming.open("wb") as file:
                pq.write_table(content, file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            coming.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                coming.unlink(missing_ok=True)
            raise

    def bring_up_to_date(self) -> None:
        """Give the files of an earlier version today's columns; one that cannot be read is left to `tidy`."""
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        if json_value((self.folder / MARK).read_text("utf-8"))["schema"] == SCHEMA:
            return
        for table in TABLES:
            for path in self._files(table):
                with contextlib.suppress(pa.ArrowException):
                    self._replace(table, path.name, at_present(table, pq.ParquetFile(path).read()))
        _mark(self.folder)

    def _files(self, table: str) -> list[Path]:
        return sorted((self.folder / table).glob("*.parquet"))


def _mark(folder: Path) -> None:
    write_whole(folder / MARK, f"{json.dumps({'schema': SCHEMA})}\n".encode())


def _is_whole(path: Path) -> bool:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True
