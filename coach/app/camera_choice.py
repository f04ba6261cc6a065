"""Which camera a run takes: the one asked for, that of last time, the only one, or the one that the runner picks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from coach.edges.frames.cameras import CameraDevice, find_camera, list_cameras
from coach.edges.frames.sources import camera_spec

PICK: Final = "pick"
"""What `--source` takes to be asked, also where last time's camera is there."""
_FIRST: Final = "0"
"""Where none is listed, the system's first is still tried: not every system can list them."""

Ask = Callable[[tuple[CameraDevice, ...]], CameraDevice | None]
"""Let the runner choose one of several; None where the runner wants none."""


def choose_camera(asked: str, last: str, ask: Ask | None, say: Callable[[str], None]) -> str | None:
    """The source to open, as `open_source` takes it; None where the runner was asked and wanted none.

    asked: what option or configuration name, empty where they name nothing. last: the camera of last time, empty
    without one. ask: None where nobody can be asked, as without a window; then it is the first one.
    """
    if asked not in {"", PICK}:
        return asked
    devices = list_cameras()
    known = find_camera(last, devices) if last else None
    if asked != PICK and known is not None:
        if len(devices) > 1:
            say(f"camera: {known.name}, as last time; `--source {PICK}` lets you choose another")
        return camera_spec(known, devices)
    gone = f"{last}, the camera of last time, is not connected; " if last and known is None else ""
    if not devices:
        return _FIRST
    if len(devices) > 1 and ask is not None:
        say(f"{gone}choose one of {len(devices)} cameras in the window")
        picked = ask(devices)
        return None if picked is None else camera_spec(picked, devices)
    first = known or devices[0]
    if gone or len(devices) > 1:
        others = "; `coach cameras` lists the others, `--source` takes one" if len(devices) > 1 else ""
        say(f"{gone}taking {first.name}{others}")
    return camera_spec(first, devices)
