"""Pictures at another speed of time: what `--time-scale` confirms is set right before anything is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from coach.edges.files.poses_file import RecordedFrame
from coach.errors import ConfigError
from coach.ports import Frame, FrameSource, SourceEvent, SourceInfo

_RANGE: Final = (0.1, 20.0)


def checked_time_scale(scale: float | None) -> float:
    """A time scale as it was typed, 1 where none was. Raises ConfigError for one that cannot be."""
    if scale is None:
        return 1.0
    if not _RANGE[0] <= scale <= _RANGE[1]:
        raise ConfigError(f"--time-scale {scale:g} is not possible; 4 is for slow motion four times slower than life")
    return scale


class ScaledSource:
    """A source whose pictures run `scale` times slower than life, stamped as they were in life."""

    def __init__(self, source: FrameSource, scale: float) -> None:
        """Takes the source over: closing this closes it. Raises ConfigError for a camera, which runs as life does."""
        given = source.info
        if given.kind not in {"video", "stream"}:
            source.close()
            raise ConfigError("--time-scale is for files and streams; leave it away")
        self._source = source
        self._scale = scale
        self.info: SourceInfo = replace(
            given, nominal_fps=given.nominal_fps * scale, duration_s=given.duration_s / scale
        )

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """In time order."""
        for item in self._source.frames():
            yield replace(item, t_s=item.t_s / self._scale) if isinstance(item, Frame) else item

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()


def scaled(source: FrameSource, scale: float) -> FrameSource:
    """The source at its own time, or at another."""
    return source if scale == 1.0 else ScaledSource(source, scale)


def scaled_poses(frames: Iterable[RecordedFrame], scale: float) -> Iterator[RecordedFrame]:
    """Recorded poses stamped as they were in life."""
    for t_s, pose, belt in frames:
        yield t_s / scale, None if pose is None else replace(pose, t_s=t_s / scale), belt
