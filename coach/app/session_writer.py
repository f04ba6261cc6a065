"""Everything that keeps a session: recording, table of frames, store and the session itself.

What cannot be kept is told at once as a notice; the run goes on without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from coach.app.data_folder import store_of
from coach.app.leaving import print_whole
from coach.app.parts import STANDARD_OUTPUT, Outputs, words_of
from coach.config import without_passwords
from coach.core.coaching.cues import Cue
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import Activity
from coach.core.gait.scene import Finding
from coach.core.heart import HeartRate
from coach.core.notices import KEPT_AGAIN, NOT_KEPT, SOURCE_NOTE, Notice, NoticeKind
from coach.core.pipeline import Update
from coach.core.session.records import Latency, SourceFacts, settings_facts
from coach.core.session.session import Session, SessionBuilder
from coach.edges.files.frames_file import FrameTable
from coach.edges.files.poses_file import POSES_FILE, PoseRecorder
from coach.edges.files.stills import StillKeeper
from coach.errors import NoRunnerError, StoreError
from coach.ports import Frame, SourceInfo
from coach.private import write_whole
from coach.review.sentences import session_seen
from coach.review.session_json import session_json_text
from coach.settings import Settings

_NOBODY: Final = frozenset({Finding.NOBODY, Activity.AWAY})
_NAMED_S: Final = 1.0
"""So long something is seen before a whole file is called by it."""


class SessionWriter:
    """Takes every update of one session to wherever it is kept. Called from one thread."""

    def __init__(
        self,
        outputs: Outputs,
        info: SourceInfo,
        settings: Settings,
        tell: Callable[[Notice], None] = lambda _notice: None,
        incline_pct: float = math.nan,
    ) -> None:
        """`tell` hears of what cannot be kept. `incline_pct` was typed; recordings keep it.

        Raises StoreError where it fails from the start.
        """
        facts = SourceFacts(info.kind, info.name, info.width, info.height, info.nominal_fps)
        self._outputs = outputs
        self._is_file = info.kind in {"video", "poses"}
        self._tell, self._words = tell, words_of(settings)
        self._filmed_at = info.filmed_at
        self._builder = SessionBuilder(facts, settings_facts(without_passwords(settings)), self._began())
        self._last: Update | None = None
        self._untimed: list[tuple[str, str, str | None]] = []
        self._noted: set[str] = set()
        self._store = store_of(outputs.data_dir, settings) if outputs.data_dir else None
        self._stored = self._store.begin(self._builder) if self._store else None
        self._recorders = list(self._open_recorders(info, settings, incline_pct))
        self._frames = FrameTable(outputs.frames) if outputs.frames else None
        pictures = settings.record.stills and info.kind != "poses"
        self._stills = StillKeeper(self._stored.folder) if self._stored and pictures else None
        keepers = (*self._recorders, self._frames, self._stills, self._stored)
        self._watched = [keeper for keeper in keepers if keeper is not None]
        self._told: list[str | None] = [None] * len(self._watched)

    @property
    def source_name(self) -> str:
        """What the frames come from."""
        return self._builder.source.name

    @property
    def runner_seen(self) -> bool:
        """Whether a runner was in any frame so far."""
        return self._builder.frames.with_pose > 0

    def append(self, frame: Frame, update: Update) -> None:
        """One frame: what came in and what came of it. Never raises."""
        if self._last is None:
            # The set-up check before it may have taken minutes.
            self._builder.started_at = self._began()
        self._last = update
        self._keep_untimed(update.t_s)
        for note in frame.notes:
            if note not in self._noted:
                self._noted.add(note)
                self._tell(Notice(NoticeKind.SOURCE, SOURCE_NOTE, note, t_s=update.t_s))
        self._builder.add(update)
        # What was read from the picture is read again on replay.
        given = None if update.belt is None or update.belt.traits.from_picture else update.belt
        for recorder in self._recorders:
            recorder.append(update.t_s, update.pose, given)
        if self._frames:
            self._frames.append(update)
        if self._stills:
            self._stills.add(frame, update)
        if self._stored:
            self._stored.write()
        self._look_after()

    def delivered(self, cue: Cue, *channels: str) -> None:
        """Note by which channels a cue reached the runner."""
        self._builder.delivered(cue, *channels)

    def heart(self, t_s: float, rate: HeartRate | None) -> None:
        """Note what is known of the heart rate at a frame."""
        self._builder.note_heart(t_s, rate)

    def keep(self, notice: Notice, text: str) -> None:
        """Keep a notice, in these words; one that knows no time gets that of the next frame, or of the last.

        What was told before the first frame has a time before the run, and gets that of the first.
        """
        if notice.t_s is None or self._last is None:
            self._untimed.append((notice.kind, text, notice.noted))
        else:
            self._builder.event(notice.t_s, notice.kind, text, notice.noted)

    def _began(self) -> str:
        """When the clip was filmed; else now, with the zone."""
        return (self._filmed_at or datetime.now(UTC).astimezone()).isoformat(timespec="seconds")

    def _keep_untimed(self, t_s: float) -> None:
        while self._untimed:
            self._builder.event(t_s, *self._untimed.pop(0))

    def finish(
        self,
        pending: tuple[StrideRecord, ...],
        frames_dropped: int | None = None,
        latencies: tuple[Latency, ...] = (),
    ) -> Session:
        """Make the session and write it where it was asked for; where that fails it is told, and the session is given.

        `pending`: strides that were decided after the last frame.
        Raises NoRunnerError, and keeps nothing, where nobody was ever found, or nobody ran in a file; the JSON that
        was asked for is written all the same, and says what was seen.
        """
        self._keep_untimed(0.0 if self._last is None else self._last.t_s)
        self._builder.add_strides(pending)
        if not self.runner_seen or (self._is_file and not self._builder.somebody_ran):
            raise self._nobody_ran(frames_dropped, latencies)
        session = self._builder.finish(frames_dropped=frames_dropped, latencies=latencies)
        try:
            if self._stored is not None:
                session = self._stored.finish(session)
        except StoreError as error:
            self.not_kept(str(error))
        # A store that fails must not take the file with it that was asked for.
        self._close_whole()
        if self._outputs.json is not None:
            self._write_json(session)
        return session

    def _nobody_ran(self, frames_dropped: int | None, latencies: tuple[Latency, ...]) -> NoRunnerError:
        session = self._builder.finish(frames_dropped=frames_dropped, latencies=latencies)
        self._close_whole()
        self.discard()
        if self._outputs.json is not None:
            self._write_json(session)
        # What has a name tells more than that nobody was there for the rest of the time.
        named = [kind for kind, seconds in session.seen_instead if kind not in _NOBODY and seconds >= _NAMED_S]
        if not named:
            return NoRunnerError(self._words.line("run.no_runner", source=self.source_name))
        seen = session_seen(session, named[0], self._words)
        return NoRunnerError(self._words.line("run.nobody_runs", source=self.source_name, seen=seen))

    def not_kept(self, why: str) -> None:
        """Tell that something is not kept."""
        self._tell(Notice(NoticeKind.STORAGE, NOT_KEPT, why, t_s=self._last.t_s if self._last else None))

    def discard(self) -> None:
        """Forget the session, as one in which nobody ran."""
        self.close()
        if self._store is not None and self._stored is not None:
            self._store.forget(self._stored.session_id)

    def _close_whole(self) -> None:
        """Close the files at the end of the session: the table is whole now, and gets its name."""
        if self._frames is not None:
            self._frames.finish()
        self.close()

    def close(self) -> None:
        """Close the files, wherever the session stands; half a table goes. May be called twice."""
        for file in (*self._recorders, self._frames, self._stored):
            if file is not None:
                file.close()
        self._look_after()

    def _look_after(self) -> None:
        """Tell what cannot be kept any more, or again."""
        for place, keeper in enumerate(self._watched):
            told = self._told[place]
            if keeper.problem is None and told is not None:
                self._tell(Notice(NoticeKind.STORAGE, KEPT_AGAIN, told, t_s=self._last.t_s if self._last else None))
            elif keeper.problem is not None and told is None:
                self.not_kept(keeper.problem)
            self._told[place] = keeper.problem

    def _open_recorders(self, info: SourceInfo, settings: Settings, incline_pct: float) -> Iterator[PoseRecorder]:
        """Where poses are recorded: the file asked for, and the one that goes with the stored session."""
        if self._outputs.record is not None:
            yield PoseRecorder(self._outputs.record, info, incline_pct)
        if self._stored is not None and settings.record.poses:
            yield PoseRecorder(self._stored.folder / POSES_FILE, info, incline_pct, private=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or self._builder.frames.total:
            self.close()
            return
        with suppress(StoreError):  # left before the first frame: there is nothing to finish later
            self.discard()

    def _write_json(self, session: Session) -> None:
        text = session_json_text(session)
        path = self._outputs.json
        if path is None or path == STANDARD_OUTPUT:
            print_whole(text)
            return
        try:
            write_whole(path, text.encode())
        except OSError as error:
            self.not_kept(f"cannot write {path}: {error.strerror or error}; choose another place with --json")
