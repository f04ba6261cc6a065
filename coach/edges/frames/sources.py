"""From what the runner typed to a source of frames."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from coach.edges.frames.camera import CameraDevice, CameraSource, camera_number, find_camera
from coach.edges.frames.new_pictures import NewPictures
from coach.edges.frames.stream import StreamSource, without_scheme
from coach.edges.frames.video import VideoFile
from coach.errors import SourceError
from coach.paths import from_home, is_missing
from coach.ports import FrameSource
from coach.private import without_password
from coach.settings import CameraSettings

_URL: Final = re.compile(r"^(rtsps?|https?|rtmps?|udp|tcp|srt|rtp)://", re.IGNORECASE)
_SCHEME: Final = re.compile(r"^\w{2,}:/")
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{2,5}$")
_NO_SUCH_ADDRESS: Final = "no stream has such an address; it begins with http://, https:// or rtsp://"
"""It may hold a password, and is not shown."""


def open_source(spec: str, *, realtime: bool, camera: CameraSettings) -> FrameSource:
    """Open a camera (number or name), a video file, a network stream or the demo.

    Of cameras, streams and files only new pictures come, see `new_pictures`.
    realtime: deliver video and demo at their own pace, as a camera would; devices always do.
    Raises SourceError with one line that says what to do.
    """
    wanted = spec.strip()
    if wanted.lower() == "demo":
        from coach.edges.demo import DemoSource  # noqa: PLC0415 - its curves need scipy, which is slow to load

        return DemoSource(realtime=realtime)
    if _URL.match(wanted):
        return NewPictures(StreamSource(wanted))
    if _SCHEME.match(wanted) and is_missing(Path(wanted)):
        raise SourceError(_NO_SUCH_ADDRESS)
    if (bare := without_scheme(wanted)) and is_missing(Path(wanted)):
        asked, told = "" if bare == wanted else "NAME:PASSWORD@", without_password(bare)
        place = told if "/" in told else f"{told}/video"
        raise SourceError(f"{told} looks like the address of a stream; type: --source http://{asked}{place}")
    if without_password(wanted) != wanted and is_missing(Path(wanted)):
        raise SourceError(_NO_SUCH_ADDRESS)
    if camera_number(wanted) is not None or not _looks_like_a_file(wanted):
        return NewPictures(CameraSource(wanted, camera))
    return NewPictures(VideoFile(from_home(wanted), realtime=realtime))


def open_film(path: Path) -> FrameSource:
    """Open a video file as fast as it can be read; only new pictures come.

    Whatever it is called, it is a file: a camera or a stream has no end, and is run live.
    Raises SourceError with one line that says what to do.
    """
    film, spec = from_home(path), str(path)
    if is_missing(film):
        # A path keeps one of an address's two slashes; it may hold a password, and is not shown.
        if _URL.match(re.sub(r"^(\w+):/+", r"\1://", spec)):
            raise SourceError("an address is no video file; a stream is run live: coach run --source ADDRESS")
        if spec == "demo" or camera_number(spec) is not None:
            live = "coach demo" if spec == "demo" else f"coach run --source {spec}"
            raise SourceError(f"there is no video file {spec}; what has no end is run live: {live}")
    return NewPictures(VideoFile(film, realtime=False))


def camera_spec(device: CameraDevice, devices: tuple[CameraDevice, ...]) -> str:
    """What `open_source` takes for a camera: its name, which outlasts a change of sockets, where the name tells it."""
    name = device.name.strip()
    told = find_camera(name, devices) == device and sum(other.name.strip() == name for other in devices) == 1
    numbered = camera_number(name) is not None
    plain = not (_URL.match(name) or numbered or name.lower() == "demo" or _looks_like_a_file(name))
    return name if told and plain else str(device.number)


def _looks_like_a_file(spec: str) -> bool:
    """A path rather than a camera's name: it exists, has a folder, or an ending."""
    path = from_home(spec)
    return not is_missing(path) or len(path.parts) > 1 or bool(_ENDING.search(spec))
