"""Coach: a real-time treadmill running coach for a laptop and a webcam.

The loop is the architecture (`coach.app.loop`):

    for frame in source.frames():                     # camera, video, stream or demo; stamped when grabbed
        pose = estimator.estimate(frame)              # 2D keypoints in pixels, or None
        belt = speed.current(frame.t_s)               # what treadmill, keys or plan say, and how old it is
        update = coach.step(frame.t_s, pose, belt)    # pure: kinematics → gait cycle → strides → belt → target → cues
        recorder.append(frame, update)
        for cue in update.cues:
            speaker.say(cue, frame.t_s)
        for notice in update.notices:
            board.tell(notice)
        screen.show(frame, update)

`Coach` is the pure part of it, to be fed from anywhere; `analyze` and `replay` run all of it on a file.
Each is loaded when it is first asked for: `import coach` alone costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from coach.api import analyze, replay
    from coach.core.pipeline import Coach

__version__ = "0.1.0"
__all__ = ["Coach", "__version__", "analyze", "replay"]

_HOMES: Final = {"Coach": "coach.core.pipeline", "analyze": "coach.api", "replay": "coach.api"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
