"""What is remembered from one run to the next of camera and window, and what this run leaves to be remembered."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Final

from coach.core.pose import SIDES
from coach.core.setup.setup_check import SetupItem, SetupState
from coach.edges.files.last_setup import LastSetup, load_last_setup, save_last_setup
from coach.edges.frames.camera import find_camera, list_cameras
from coach.edges.frames.sources import camera_spec
from coach.ports import SourceInfo

FIRST_WINDOW: Final = (1280, 720)


class LastTime:
    """The last run's camera, its view of the runner, and the window. `stood` may be called in another thread."""

    def __init__(self, data_dir: Path, *, keeps: bool) -> None:
        """`keeps`: whether this run is remembered, too."""
        self._data_dir = data_dir
        self._keeps = keeps
        self._before = load_last_setup(data_dir) or LastSetup()
        self._now = replace(self._before, facing=None, leg_px=math.nan)

    @property
    def camera(self) -> str:
        """The camera as `--source` takes it; empty where none was used."""
        return self._before.source

    @property
    def window(self) -> tuple[int, int]:
        """Width and height of the window."""
        return self._before.window or FIRST_WINDOW

    def opened(self, spec: str, info: SourceInfo) -> None:
        """A source was opened; cameras are remembered, files and streams are given anew each time."""
        if info.kind != "camera":
            return
        devices = list_cameras()
        device = find_camera(spec, devices)
        source = camera_spec(device, devices) if device else spec
        self._now = replace(self._now, source=source, width_px=info.width, height_px=info.height)
        # At once: whoever breaks off the set-up check has chosen all the same.
        self._save(self._now)

    def stood(self, check: SetupState) -> bool:
        """Note how the camera sees the runner; whether that is clearly another place than last time's.

        False where either is not known.
        """
        found = {result.item: result for result in check.items}
        facing, size = found.get(SetupItem.FACING), found.get(SetupItem.SIZE)
        self._now = replace(
            self._now,
            facing=next((side for side in SIDES if facing is not None and facing.word == side), None),
            leg_px=size.value if size is not None else math.nan,
        )
        same_camera = self._now.source == self._before.source
        return same_camera and self._now.known and self._before.known and not self._now.like(self._before)

    def keep(self, window: tuple[int, int] | None) -> None:
        """Remember this run. A view that was not measured leaves the last one of this camera as it was."""
        now = replace(self._now, window=window or self._before.window)
        if not now.known and now.source == self._before.source:
            kept = self._before
            now = replace(now, facing=kept.facing, leg_px=kept.leg_px, width_px=kept.width_px, height_px=kept.height_px)
        self._save(now)

    def _save(self, setup: LastSetup) -> None:
        if self._keeps:
            save_last_setup(self._data_dir, setup)
