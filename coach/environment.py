"""What Coach stands in: its packaged files, and what OpenCV and SDL read from the environment, set before they load.

A program's own settings are left alone. Importing Coach changes nothing; whoever runs it (`coach.cli`, `coach.api`, a
batch's worker) calls `prepare` first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


def asset(*parts: str) -> Path:
    """Path of a file or folder below `assets/`."""
    return _root().joinpath("assets", *parts)


def default_config() -> Path:
    """Path of the documented default configuration."""
    return _root() / "config.toml"


def _root() -> Path:
    """Inside the wheel the files lie in the package; in a checkout beside it."""
    from pathlib import Path  # noqa: PLC0415 - `import coach.cli` stays light

    package = Path(__file__).parent
    return package if (package / "config.toml").exists() else package.parent


SETTINGS: Final[Mapping[str, str]] = {
    # pygame's greeting belongs on nobody's terminal.
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    # SDL would catch SIGTERM and turn it into a window event: a run without a window could not be ended.
    "SDL_NO_SIGNAL_HANDLERS": "1",
    # Windows: hardware transforms make opening a camera take up to 20 s.
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
    # Linux: a camera that hangs lets go after 3 s instead of 10.
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
    # Failures are told in our own words, in one line.
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}


def prepare() -> None:
    """Set what is not set yet. Once `cv2` or `pygame` is loaded it comes too late for some of it."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
