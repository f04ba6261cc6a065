"""Before a run: screen and source are opened, the screen first where the runner is to be asked for a camera.

Which camera a run takes: the one asked for, that of last time, the only one, or the one that the runner picks. What a
run leaves to be remembered of camera and window stands here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from coach.app.live_screen import NoScreen
from coach.app.parts import has_display
from coach.core.pose import SIDES
from coach.core.setup.setup_check import SetupItem, SetupState
from coach.core.words import Words
from coach.edges.files.last_setup import LastSetup, load_last_setup, save_last_setup
from coach.edges.frames.camera import CameraDevice, find_camera, glimpse, list_cameras
from coach.edges.frames.sources import camera_spec, open_source
from coach.ports import Frame, FrameSource, ImageBGR, LiveStatus, Screen, SourceEvent, SourceInfo
from coach.private import without_password
from coach.settings import Settings

if TYPE_CHECKING:
    from coach.edges.screen import Choice, Window
    from coach.edges.store import Runner


FIRST_WINDOW: Final = (1280, 720)


class LastTime:
    """The last run's camera, its view of the runner, and the window. `stood` may be called in another thread."""

    def __init__(self, data_dir: Path, *, keeps: bool) -> None:
        """`keeps`: whether this run is remembered, too."""
        self._data_dir = data_dir
        self._keeps = keeps
        self._before = load_last_setup(data_dir) or LastSetup()
        self._now = replace(self._before, facing=None, leg_px=math.nan)
        self._of_camera = False

    @property
    def camera(self) -> str:
        """The camera as `--source` takes it; empty where none was used."""
        return self._before.source

    @property
    def window(self) -> tuple[int, int]:
        """Width and height of the window."""
        return self._before.window or FIRST_WINDOW

    @property
    def readings(self) -> int:
        """How many times the machine read each picture of this camera last time; 0: not known, or it is no camera."""
        return self._now.readings if self._of_camera else 0

    def opened(self, spec: str, info: SourceInfo) -> None:
        """A source was opened; cameras are remembered, files and streams are given anew each time."""
        if info.kind != "camera":
            return
        devices = list_cameras()
        device = find_camera(spec, devices)
        source = camera_spec(device, devices) if device else spec
        readings = self._before.readings if source == self._before.source else 0
        self._now = replace(self._now, source=source, width_px=info.width, height_px=info.height, readings=readings)
        self._of_camera = True
        # At once: whoever breaks off the set-up check has chosen all the same.
        self._save(self._now)

    def runs(self, runner: str) -> None:
        """Who runs: legs of two people are never compared."""
        self._now = replace(self._now, runner=runner)

    def reads(self, readings: int) -> None:
        """So many times the machine reads each picture: two readings may lie some degrees from what one says."""
        if self._of_camera:
            self._now = replace(self._now, readings=readings)

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
        same = (self._now.source, self._now.runner) == (self._before.source, self._before.runner)
        return same and self._now.known and self._before.known and not self._now.like(self._before)

    def keep(self, window: tuple[int, int] | None) -> None:
        """Remember this run. A view that was not measured leaves the last one of this camera as it was."""
        now = replace(self._now, window=window or self._before.window)
        if not now.known and now.source == self._before.source:
            kept = self._before
            now = replace(kept, window=now.window, readings=now.readings)
        self._save(now)

    def _save(self, setup: LastSetup) -> None:
        if self._keeps:
            save_last_setup(self._data_dir, setup)


class BegunSource:
    """A source that is looked at while the network loads. The run takes it over where it then stands."""

    def __init__(self, source: FrameSource) -> None:
        """Takes the source over: closing this closes it."""
        self.info: SourceInfo = source.info
        self._source = source
        self._frames = source.frames()
        self._kept: Frame | SourceEvent | None = None
        """What was taken and still belongs to the run: the demo's first picture, or that a camera is lost."""

    def glance(self) -> Frame | None:
        """The newest picture; None where there is none now, or where one that nobody analyses would be missed.

        A camera's pictures before the run are gone in any case; the demo stands still; a film waits. May take as long
        as the source takes to notice that it is lost. Raises SourceError.
        """
        if self.info.kind in _GOES_ON:
            item = next(self._frames, None)
            self._kept = None if isinstance(item, Frame) else item
            return item if isinstance(item, Frame) else None
        if self.info.kind == "demo" and self._kept is None:
            self._kept = next(self._frames, None)
        return self._kept if isinstance(self._kept, Frame) else None

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """What comes from now on, in time order."""
        if self._kept is not None:
            yield self._kept
        yield from self._frames

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()


_GOES_ON: Final = frozenset({"camera", "stream"})
"""Kinds of sources that show what is going on whether or not anybody looks."""

Say = Callable[[str], None]
Loaded = TypeVar("Loaded")
_BREATH_S: Final = 0.05
"""So often a window that waits is drawn again."""

PICK: Final = "pick"
"""What `--source` takes to be asked, also where last time's camera is there."""
_FIRST: Final = "0"
"""Where none is listed, the system's first is still tried: not every system can list them."""

Ask = Callable[[tuple[CameraDevice, ...]], CameraDevice | None]
"""Let the runner choose one of several; None where the runner wants none."""


class Opening:
    """Opens screen and source of one run. The screen is opened once, when it is first wanted."""

    def __init__(self, settings: Settings, words: Words, say: Say, last: LastTime, *, headless: bool) -> None:
        self._settings = settings
        self._words = words
        self._say = say
        self._last = last
        self._hidden = headless or not settings.screen.enabled
        self._screen: Screen | None = None
        self._window: Window | None = None

    def screen(self) -> Screen:
        """The window, or none where none is wanted or possible."""
        if self._screen is None:
            self._window = self._open_window()
            self._screen = self._window or NoScreen()
        return self._screen

    @property
    def unseen(self) -> bool:
        """Whether there is no window now in which something could be seen or skipped."""
        return self._open is None

    @property
    def _open(self) -> Window | None:
        """The window, while it is open."""
        return self._window if self._window is not None and self._window.is_open else None

    def loading(self) -> None:
        """Open the window, which says that it loads."""
        self.screen()
        self._tell_loading()

    def until(self, loaded: Future[Loaded], source: BegunSource | None = None) -> Loaded:
        """Keep the window alive until something is loaded, with what the source sees where it may be looked at already.

        Raises what the loading raises, and SourceError where the source breaks meanwhile.
        """
        while not loaded.done():
            if source is None or not self._show(source):
                self._tell_loading()
            wait((loaded,), _BREATH_S)
        return loaded.result()

    def _show(self, source: BegunSource) -> bool:
        """Whether there was a window and a picture for it."""
        if (window := self._open) is None or (frame := source.glance()) is None:
            return False
        mode = self._settings.coach.session.mode
        window.show(frame, None, LiveStatus(0.0, paused=False, muted=False, source_lost=False, mode=mode))
        return True

    def _tell_loading(self) -> None:
        if (window := self._open) is not None:
            from coach.edges.screen import tell  # noqa: PLC0415

            tell(window, "screen.loading")

    def source(self, asked: str) -> FrameSource | None:
        """The source asked for, or the camera that is chosen; None where the runner wanted none of them.

        Raises SourceError with one line that says what to do.
        """
        ask = self._ask if self._window_to_ask_in() is not None else None
        spec = choose_camera(asked, self._last.camera, ask, self._say, self._words)
        if spec is None:
            return None
        self._say(self._words.line("run.opening", source=without_password(spec)))
        source = open_source(spec, realtime=True, camera=self._settings.camera)
        self._last.opened(spec, source.info)
        return source

    def runner(self, runners: Sequence[Runner]) -> Runner | None:
        """Who runs: asked in the window where there are several; None where nobody was chosen."""
        if len(runners) == 1:
            return runners[0]
        window = self._window_to_ask_in()
        if window is None:
            self._say(self._words.line("run.running_as", runner=runners[0].called, option="`--runner`"))
            return runners[0]
        from coach.edges.screen import Choice, pick_runner  # noqa: PLC0415

        by_number = {str(runner.runner_id): runner for runner in runners}
        choices = [Choice(number, runner.called) for number, runner in by_number.items()]
        newest = max(runners, key=lambda runner: runner.last_at or "")
        picked = pick_runner(window, choices, last=str(newest.runner_id))
        return None if picked is None else by_number[picked.source]

    def _window_to_ask_in(self) -> Window | None:
        self.screen()
        return self._open

    def keep(self) -> None:
        """Remember camera and window for the next run."""
        self._last.keep(self._window.size if self._window is not None else None)

    def close(self) -> None:
        """Close the window. May be called twice."""
        if self._screen is not None:
            self._screen.close()

    def _open_window(self) -> Window | None:
        if self._hidden:
            return None
        window = self._new_window() if has_display() else None
        if window is None or not window.is_open:
            self._say(self._words.line("run.no_display"))
            return None
        return window

    def _new_window(self) -> Window:
        from coach.edges.screen import open_screen  # noqa: PLC0415 - pygame's window loads only where it is wanted

        return open_screen(self._settings.screen, self._settings.units, self._words, self._last.window)

    def _ask(self, devices: tuple[CameraDevice, ...]) -> CameraDevice | None:
        """Ask in the window, with name and picture of every camera; without one the first is taken."""
        from coach.edges.screen import Choice, pick_camera, tell  # noqa: PLC0415

        window = self._window_to_ask_in()
        if window is None:
            self._say(self._words.line("run.no_window", camera=devices[0].name))
            return devices[0]
        by_number = {str(device.number): device for device in devices}
        known = find_camera(self._last.camera, devices)

        def preview(choice: Choice) -> ImageBGR | None:
            return glimpse(by_number[choice.source])

        choices = [Choice(number, device.name) for number, device in by_number.items()]
        picked = pick_camera(window, choices, preview, last=str(known.number) if known else None)
        if picked is None:
            return None
        tell(window, "screen.picker.opening")
        return by_number[picked.source]


def choose_camera(asked: str, last: str, ask: Ask | None, say: Say, words: Words) -> str | None:
    """The source to open, as `open_source` takes it; None where the runner was asked and wanted none.

    asked: what option or configuration name, empty where they name nothing. last: the camera of last time, empty
    without one. ask: None where nobody can be asked, as without a window; then it is the first one.
    """
    if (asked := asked.strip()) not in {"", PICK}:
        return asked
    devices = list_cameras()
    known = find_camera(last, devices) if last else None
    if asked != PICK and known is not None:
        if len(devices) > 1:
            say(words.line("run.camera_as_last", camera=known.name, option=f"`--source {PICK}`"))
        return camera_spec(known, devices)
    gone = f"{words.line('run.camera_gone', camera=last)} " if last and known is None else ""
    if not devices:
        return _FIRST
    if len(devices) > 1 and ask is not None:
        say(gone + words.line("run.choose_camera", n=len(devices)))
        picked = ask(devices)
        return None if picked is None else camera_spec(picked, devices)
    first = known or devices[0]
    if gone or len(devices) > 1:
        key = "run.taking_one_of_many" if len(devices) > 1 else "run.taking"
        say(gone + words.line(key, camera=first.name, list="`coach cameras`", option="`--source`"))
    return camera_spec(first, devices)
