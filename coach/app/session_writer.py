"""Everything that keeps a session: recording, table of frames, store and the session itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from coach.app.outputs import STANDARD_OUTPUT, Outputs
from coach.core.coaching.cues import Cue
from coach.core.coaching.stride_record import StrideRecord
from coach.core.pipeline import Update
from coach.core.session.records import Latency, SourceFacts, settings_facts
from coach.core.session.session import Session, SessionBuilder
from coach.core.speed.belt_speed import BeltSpeed
from coach.edges.files.frames_file import FrameTable
from coach.edges.files.recorder import PoseRecorder
from coach.edges.files.stills import StillKeeper
from coach.edges.store import Store
from coach.errors import StoreError
from coach.ports import Frame, SourceInfo
from coach.review.exports import session_json_text
from coach.settings import Settings

POSES_FILE: Final = "poses.jsonl.gz"


class Keeper:
    """Takes every update of one session to wherever it is kept. Called from one thread."""

    def __init__(self, outputs: Outputs, info: SourceInfo, settings: Settings) -> None:
        facts = SourceFacts(info.kind, info.name, info.width, info.height, info.nominal_fps)
        started_at = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        self._outputs = outputs
        self._builder = SessionBuilder(facts, settings_facts(settings), started_at)
        self._store = Store(outputs.data_dir) if outputs.data_dir else None
        self._stored = self._store.begin(self._builder) if self._store else None
        self._recorders = list(self._open_recorders(info, settings))
        self._frames = FrameTable(outputs.frames) if outputs.frames else None
        self._stills = StillKeeper(self._stored.folder) if self._stored and settings.record.stills else None

    @property
    def source_name(self) -> str:
        """What the frames come from."""
        return self._builder.source.name

    @property
    def runner_seen(self) -> bool:
        """Whether a runner was in any frame so far."""
        return self._builder.frames.with_pose > 0

    def append(self, update: Update, given: BeltSpeed | None, frame: Frame | None = None) -> None:
        """One frame: what came in and what came of it. `frame` is None where there are only poses."""
        self._builder.add(update)
        for recorder in self._recorders:
            recorder.append(update.t_s, update.pose, given)
        if self._frames:
            self._frames.append(update)
        if self._stills and frame is not None:
            self._stills.add(frame, update)
        if self._stored:
            self._stored.write()

    def append_strides(self, strides: tuple[StrideRecord, ...]) -> None:
        """Strides that were decided after the last frame."""
        self._builder.add_strides(strides)

    def delivered(self, cue: Cue, *channels: str) -> None:
        """Note by which channels a cue reached the runner."""
        self._builder.delivered(cue, *channels)

    def event(self, t_s: float, kind: str, detail: str = "") -> None:
        """Note something that happened around the run."""
        self._builder.event(t_s, kind, detail)

    def finish(self, frames_dropped: int | None, latencies: tuple[Latency, ...]) -> Session:
        """Make the session and write it where it was asked for."""
        session = self._builder.finish(frames_dropped=frames_dropped, latencies=latencies)
        try:
            if self._stored is not None:
                session = self._stored.finish(session)
        finally:
            # A store that fails must not take the file with it that was asked for.
            self.close()
            if self._outputs.json is not None:
                self._write_json(session)
        return session

    def discard(self) -> None:
        """Forget the session, as one in which nobody ran."""
        self.close()
        if self._store is not None and self._stored is not None:
            self._store.forget(self._stored.session_id)

    def close(self) -> None:
        """Close the files. May be called twice."""
        for file in (*self._recorders, self._frames, self._stored):
            if file is not None:
                file.close()

    @property
    def problems(self) -> tuple[str, ...]:
        """What cannot be kept at the moment, in words; the run goes on without it."""
        keepers = (*self._recorders, self._frames, self._stills, self._stored)
        return tuple(keeper.problem for keeper in keepers if keeper is not None and keeper.problem)

    def _open_recorders(self, info: SourceInfo, settings: Settings) -> Iterator[PoseRecorder]:
        """Where poses are recorded: the file asked for, and the one that goes with the stored session."""
        if self._outputs.record is not None:
            yield PoseRecorder(self._outputs.record, info)
        if self._stored is not None and settings.record.poses:
            yield PoseRecorder(self._stored.folder / POSES_FILE, info, private=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_json(self, session: Session) -> None:
        text = session_json_text(session)
        path = self._outputs.json
        if path is None or path == STANDARD_OUTPUT:
            sys.stdout.write(text)
            return
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            raise StoreError(
                f"cannot write {path}: {error.strerror or error}; choose another place with --json"
            ) from None
