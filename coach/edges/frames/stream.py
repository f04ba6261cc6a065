"""A network stream as a source, such as a phone used as a camera (MJPEG over HTTP, RTSP and what else FFmpeg reads).

An address that gives no stream is asked what is there instead, to say what to type: phone apps show a page at their
root. So is one whose video may be a file, or a live stream that comes in pieces. Only the host that was typed is
asked, a redirect is not followed, and no more than the head of an answer is read.
"""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import cv2

from coach.edges.frames.capture import MJPEG, Capture, next_picture, open_stream, rate_of, size_of
from coach.edges.frames.live_reader import LiveReader, Patience
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo
from coach.private import without_password

STREAM_PATIENCE: Final = Patience(lost_after_s=1.5, frozen_after_s=6.0, stuck_after_s=30.0)
"""A network hiccups more than a cable, and a resting phone picture may repeat."""

_OPEN_LIMIT_S: Final = 6.0
_READ_LIMIT_S: Final = 4.0

_NO_ANSWER: Final = (
    "no stream answers at {name}; check the address (one that leads on to another kind, as http to https, "
    "is not followed), and that the camera app runs in the same network"
)
_NO_PICTURE: Final = "{name} answers but sends no moving picture; restart the camera app and try again"
_A_FILE: Final = "{name} is a video file on a server, not a live stream; download it and give the file"
_IN_PIECES: Final = (
    "{name} comes in pieces (HLS or DASH), seconds late; give the camera app's MJPEG or RTSP address, "
    "or download a recording and give the file"
)

_ANSWER_LIMIT_S: Final = 3.0
_USUAL: Final = ("/video", "/mjpegfeed", "/videofeed", "/stream", "/video.mjpg")
"""Where cameras have their stream: IP Webcam (port 8080) and DroidCam (4747) at the first two, others further on."""
_STREAMS: Final = ("multipart/x-mixed-replace", "video/", "application/octet-stream")
_LISTS: Final = frozenset(
    {
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "audio/mpegurl",
        "audio/x-mpegurl",
        "application/dash+xml",
    }
)
_LIST_ENDINGS: Final = (".m3u8", ".m3u", ".mpd")
_APPS: Final = "IP Webcam has it at :8080/video, DroidCam at :4747/video"
_BARE: Final = re.compile(r"(?:(?:\d{1,3}\.){3}\d{1,3}|localhost)(?::\d+)?(?:/.*)?|[\w-]+(?:\.[\w-]+)*:\d{2,5}(?:/.*)?")


class StreamSource:
    """Frames of a network stream, by URL."""

    def __init__(
        self,
        url: str,
        *,
        patience: Patience = STREAM_PATIENCE,
    ) -> None:
        """Connect; SourceError says what to do where nothing answers."""
        self._url = url
        name = without_password(url)
        if _is_web(url) and _names_a_list(url):
            raise SourceError(_IN_PIECES.format(name=name))
        capture = self._connect()
        if capture is None:
            raise SourceError(why_no_stream(url, _NO_ANSWER.format(name=name)))
        first = self._first_picture(capture, name)
        self.info = SourceInfo("stream", name, *size_of(first), rate_of(capture), live=True)
        self._reader = LiveReader(name, capture, first, self._connect, patience)

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """The newest frames with LOST and RETURNED between them, until `close`."""
        return self._reader.frames()

    def close(self) -> None:
        """End `frames()` and hang up."""
        self._reader.close()

    def _first_picture(self, capture: Capture, name: str) -> ImageBGR:
        """The picture that a stream begins with. SourceError, and the stream is let go, where it is none."""
        web = _is_web(self._url)
        fault = _why_not_live(self._url, capture) if web else ""
        first = None if fault else next_picture(capture)
        if first is None:
            fault = fault or why_no_stream(self._url, _NO_PICTURE.format(name=name))
        elif web and not capture.grab():
            # What ends after one picture is a snapshot; a stream only makes one wait for the next.
            fault = why_no_stream(self._url, _NO_PICTURE.format(name=name))
        if fault or first is None:
            capture.release()
            raise SourceError(fault)
        return first

    def _connect(self) -> Capture | None:
        return open_stream(self._url, _OPEN_LIMIT_S, _READ_LIMIT_S)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one question."""

    status: int
    content: str
    """Its Content-Type, in small letters, without parameters."""
    leads_to: str = ""
    """Where it sends the asker on to; empty where it does not."""
    bounded: bool = False
    """Whether it has a length."""

    @property
    def streams(self) -> bool:
        """Whether this is what a camera sends."""
        return self.status == http.client.OK and self.content.startswith(_STREAMS)

    @property
    def in_pieces(self) -> bool:
        """Whether this is a list of short files, or leads to one: HLS or DASH."""
        return self.content in _LISTS or _names_a_list(self.leads_to)

    @property
    def is_file(self) -> bool:
        """Whether this has an end, given that it holds a video: a file's kind may be misnamed, its length is not."""
        return self.status == http.client.OK and self.bounded and not self.content.startswith("multipart/")

    @property
    def locked(self) -> bool:
        """Whether a name and a password are asked for."""
        return self.status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}


def without_scheme(spec: str) -> str | None:
    """The address that only lacks its `http://`, without a name and password in it; None for anything else."""
    place = spec.strip()
    bare = place if _BARE.fullmatch(place) else place.rpartition("@")[2]
    return bare if _BARE.fullmatch(bare) else None


def why_no_stream(url: str, otherwise: str) -> str:
    """One line on what is at an address in place of a stream, and what to type; `otherwise` where that is not known."""
    try:
        address = urlsplit(url)
    except ValueError:
        return otherwise
    answer = ask(address) if _is_web(url) else None
    if answer is None:
        return otherwise
    if answer.in_pieces:
        return _IN_PIECES.format(name=without_password(url))
    if answer.leads_to or answer.streams:
        return otherwise
    return _locked(address) if answer.locked else _not_here(address, _what_is_here(without_password(url), answer))


def _not_here(address: SplitResult, here: str) -> str:
    """What is there, and at which of the usual paths the stream is."""
    for path in _USUAL:
        found = ask(address._replace(path=path, query="", fragment=""))
        if found is not None and found.streams:
            return f"{here}; the stream is at another path, type: --source {_at(address, path)}"
        if found is not None and found.locked:
            return f"{here}; {_locked(address._replace(path=path, query='', fragment=''))}"
    return f"{here}, and no stream at the usual paths; look in the camera app for its video address ({_APPS})"


def _why_not_live(url: str, capture: Capture) -> str:
    """One line on what ends, or comes late, though it opens as a video; empty where it is live."""
    if capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
        return _A_FILE.format(name=without_password(url))
    # Some camera apps serve one viewer only: whom the pictures themselves tell to be live is not asked.
    if round(capture.get(cv2.CAP_PROP_FOURCC)) == MJPEG:
        return ""
    answer = ask(urlsplit(url))
    if answer is None:
        return ""
    if answer.in_pieces:
        return _IN_PIECES.format(name=without_password(url))
    return _A_FILE.format(name=without_password(url)) if answer.is_file else ""


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _names_a_list(url: str) -> bool:
    """Whether an address is, by its ending, that of a list of short files."""
    try:
        return urlsplit(url).path.lower().endswith(_LIST_ENDINGS)
    except ValueError:
        return False


def ask(address: SplitResult) -> Answer | None:
    """What the server says of an address; None where there is none that speaks HTTP."""
    kind = http.client.HTTPSConnection if address.scheme.lower() == "https" else http.client.HTTPConnection
    try:
        with closing(kind(address.hostname or "", address.port, timeout=_ANSWER_LIMIT_S)) as connection:
            path = urlunsplit(("", "", address.path or "/", address.query, ""))
            connection.request("GET", path, headers=_headers(address))
            answer = connection.getresponse()
            # A header that is folded over lines is one line in a message.
            content = " ".join((answer.getheader("Content-Type") or "").partition(";")[0].lower().split())
            return Answer(answer.status, content, answer.getheader("Location") or "", bool(answer.length))
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _headers(address: SplitResult) -> dict[str, str]:
    if address.username is None:
        return {}
    known = f"{unquote(address.username)}:{unquote(address.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(known.encode()).decode('ascii')}"}


def _what_is_here(name: str, answer: Answer) -> str:
    if answer.status != http.client.OK:
        return f"{name} has nothing to show (its server says {answer.status})"
    if answer.content == "text/html":
        return f"{name} is a page, not a stream"
    if answer.content.startswith("image/"):
        return f"{name} is a single picture, not a stream"
    return f"{name} answers with {answer.content or 'something'} that is no stream"


def _locked(address: SplitResult) -> str:
    place = without_password(urlunsplit(address))
    if address.username is not None:
        return f"{place} does not take this name and password; look them up in the camera app"
    kept = place.replace("://", "://NAME:PASSWORD@", 1)
    return f"{place} asks for a name and a password, type: --source {kept}"


def _at(address: SplitResult, path: str) -> str:
    """The same host at another path; a password that was typed is left for the runner to type again."""
    place = address.netloc.rpartition("@")[2]
    known = "NAME:PASSWORD@" if address.username is not None else ""
    return urlunsplit((address.scheme, known + place, path, "", ""))
