"""`coach view`: a kept run in the window, frame by frame, over the video if there is one."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from coach.app.data_folder import store_of
from coach.app.exports import Kept, tracked
from coach.app.parts import has_display, words_of
from coach.edges.frames.sources import open_source
from coach.errors import ConfigError, SourceError
from coach.ports import Frame, FrameSource, ImageBGR
from coach.private import write_private
from coach.settings import CameraSettings, Settings

if TYPE_CHECKING:
    from coach.edges.screen.viewer import Track

MARKS_FILE: Final = "marks.json"
"""Marked frames, beside the session's recording."""
_KEPT_FRAMES: Final = 90
"""So many pictures can be stepped back through before the video is read again from its beginning."""
_SAME_FRAME_S: Final = 0.02


def view(which: str, data_dir: Path, settings: Settings, video: Path | None, stills: Path) -> list[Path]:
    """Show a session until its window is closed; the stills that were written into the folder `stills`.

    Raises StoreError for an unknown session, ConfigError for one whose poses were not kept and without a display,
    SourceError for a video that cannot be read.
    """
    from coach.edges.screen import open_screen, tell  # noqa: PLC0415 - pygame loads only where a window is wanted
    from coach.edges.screen.viewer import Viewer, view_run  # noqa: PLC0415

    store = store_of(data_dir, settings)
    session = store.load(which)
    kept = Kept(session, store.folder(session.session_id or 0))
    if not kept.poses.is_file() or not has_display():
        raise ConfigError("there is no display here to show a session on; run it where a window can open")
    window = open_screen(settings.screen, settings.units, words_of(settings))
    pictures = None if video is None else VideoPictures(video)
    try:
        tell(window, "view.loading")
        viewer = Viewer(session, track_of(kept), read_marks(kept.folder), units=settings.units)
        found = view_run(
            window,
            viewer,
            (lambda _t_s: None) if pictures is None else pictures.at,
            lambda t_s: stills / f"session-{session.session_id}-{t_s:.3f}s.png",
        )
        write_marks(kept.folder, viewer.marks)
    finally:
        window.close()
        if pictures is not None:
            pictures.close()
    return found


def track_of(kept: Kept) -> Track:
    """Every recorded frame with what the tracker says of it. Raises ConfigError where the recording holds none."""
    from coach.edges.screen.viewer import Track  # noqa: PLC0415

    t_s, xy_px, confidence, flexion_deg, phase = [], [], [], [], []
    nothing = np.full((13, 2), np.nan, np.float32), np.zeros(13, np.float32)
    for at_s, pose, gait in tracked(kept):
        seen = nothing if pose is None else (pose.xy_px.astype(np.float32), pose.confidence.astype(np.float32))
        t_s.append(at_s)
        xy_px.append(seen[0])
        confidence.append(seen[1])
        flexion_deg.append((gait.left.knee_flexion_deg, gait.right.knee_flexion_deg))
        phase.append((gait.left.phase, gait.right.phase))
    if not t_s:
        raise ConfigError("the recording of this session holds no frame; there is nothing to show")
    return Track(
        t_s=np.array(t_s),
        xy_px=np.array(xy_px),
        confidence=np.array(confidence),
        flexion_deg=np.array(flexion_deg),
        phase=np.array(phase),
        size=(kept.session.source.width, kept.session.source.height),
    )


def read_marks(folder: Path) -> list[float]:
    """Marked times of a session; none where there is no such file, or one that cannot be understood."""
    try:
        return sorted(float(t_s) for t_s in json.loads((folder / MARKS_FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return []


def write_marks(folder: Path, marks: list[float]) -> None:
    """Keep them beside the recording; no file where there are none."""
    if marks:
        write_private(folder / MARKS_FILE, json.dumps(marks).encode())
    else:
        (folder / MARKS_FILE).unlink(missing_ok=True)


class VideoPictures:
    """The pictures of a video by their time. Forward is cheap; far back the file is read from its beginning."""

    def __init__(self, video: Path) -> None:
        """Raises SourceError where it cannot be opened."""
        self._video = video
        self._near: deque[Frame] = deque(maxlen=_KEPT_FRAMES)
        self._open()

    def at(self, t_s: float) -> ImageBGR | None:
        """The picture nearest to a moment; None where the video has none of it, or broke."""
        try:
            if self._near and t_s < self._near[0].t_s - _SAME_FRAME_S:
                self._restart()
            while not self._near or self._near[-1].t_s < t_s - _SAME_FRAME_S:
                self._near.append(next(self._frames))
        except (StopIteration, SourceError):
            pass
        nearest = min(self._near, key=lambda frame: abs(frame.t_s - t_s), default=None)
        return None if nearest is None or abs(nearest.t_s - t_s) > _SAME_FRAME_S else nearest.image_bgr

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def _open(self) -> None:
        self._source: FrameSource = open_source(str(self._video), realtime=False, camera=CameraSettings())
        self._frames: Iterator[Frame] = (item for item in self._source.frames() if isinstance(item, Frame))

    def _restart(self) -> None:
        with closing(self._source):
            self._near.clear()
        self._open()
