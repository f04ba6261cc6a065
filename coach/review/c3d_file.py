"""A session as a C3D file: the keypoints as markers with the feet's events, for Visual3D, Mokka, Vicon and their like.

From one camera at the side: X lies along the belt as in the image, Z is up, Y is 0. C3D knows one rate for all frames,
so the markers are put onto an even grid, each between the two pictures around it; where either did not see it, or they
lie more than two frames apart, it is not there.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach.core.coaching.stride_record import StrideRecord
from coach.core.pose import KEYPOINT_NAMES
from coach.core.units import FloatArray
from coach.errors import ConfigError, FormatError
from coach.review.opensim import GaitSample, mm_per_px, rising

_LARGEST_GAP: Final = 2.01
"""In frames, and a hundredth for times of whole microseconds; a marker away for longer is not drawn through."""
_ON_GRID: Final = 0.01
"""Of a frame's time."""
_MOST_FRAMES: Final = 65535
"""C3D counts frames in two octets. No way around it is read by all: ezc3d stops there and says nothing."""
_PER_ARRAY: Final = 255
"""C3D counts an array's columns in one octet; further events go into LABELS2, CONTEXTS2 and TIMES2, and so on."""
_MOST_EVENTS: Final = 20 * _PER_ARRAY
"""C3D counts the blocks of all parameters in one octet; more of these do not fit."""
_Event = tuple[float, str, str]
"""Seconds from the first frame, whose foot, what."""


def c3d_bytes(
    samples: Sequence[GaitSample], strides: Sequence[StrideRecord], height_px: int, height_cm: float | None
) -> bytes:
    """The markers in millimetres and the contacts and toe-offs of trusted strides.

    Raises ConfigError without the library, FormatError where nobody was seen or for more than such a file can hold.
    """
    try:
        import ezc3d  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError("C3D files need one more package: pip install 'treadmill-coach[c3d]'") from None
    scale, samples = mm_per_px(samples, height_cm), rising(samples)
    times_s = np.array([sample.t_s for sample in samples])
    rate_hz = 1 / float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    events = _events(strides, float(times_s[0]), float(times_s[-1]))
    _must_fit(_frames(times_s, rate_hz), len(events))
    file: Any = ezc3d.c3d()
    points = file["parameters"]["POINT"]
    points["RATE"]["value"], points["UNITS"]["value"] = [rate_hz], ["mm"]
    points["LABELS"]["value"] = list(KEYPOINT_NAMES)
    file.add_parameter("POINT", "X_SCREEN", ["+X"])
    file.add_parameter("POINT", "Y_SCREEN", ["+Z"])
    file["data"]["points"] = _markers(samples, times_s, rate_hz, height_px, scale)
    _put_events(file, events)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.c3d"
        file.write(str(path))
        return path.read_bytes()


def _frames(times_s: FloatArray, rate_hz: float) -> int:
    """Of the even grid."""
    return round(float(times_s[-1] - times_s[0]) * rate_hz) + 1


def _must_fit(frames: int, events: int) -> None:
    if frames > _MOST_FRAMES or events > _MOST_EVENTS:
        raise FormatError(
            f"a C3D file holds {_MOST_FRAMES} frames and {_MOST_EVENTS} events, this run has {frames} and {events}; "
            "use --format trc for the markers, bids for markers and events"
        )


def _markers(
    samples: Sequence[GaitSample], times_s: FloatArray, rate_hz: float, height_px: int, scale: float
) -> FloatArray:
    """(4, markers, frames): x, y, z in mm and 1, as the library has them; NaN for a marker that is not there."""
    frames = _frames(times_s, rate_hz)
    grid_s = times_s[0] + np.arange(frames) / rate_hz
    unseen = np.full((len(KEYPOINT_NAMES), 2), np.nan)
    seen = np.array([unseen if sample.pose is None else sample.pose.xy_px for sample in samples])
    right = np.clip(np.searchsorted(times_s, grid_s), 1, len(times_s) - 1) if len(times_s) > 1 else np.zeros(1, int)
    left = np.maximum(right - 1, 0)
    step_s = np.maximum(times_s[right] - times_s[left], 1e-9)
    share = np.clip((grid_s - times_s[left]) / step_s, 0.0, 1.0)[:, None, None]
    mixed = (1 - share) * seen[left] + share * seen[right]
    mixed[step_s * rate_hz > _LARGEST_GAP] = np.nan
    # A picture that lies on the grid stands for itself, whatever its neighbour saw, and however far it is.
    between = np.where(share < _ON_GRID, seen[left], np.where(share > 1 - _ON_GRID, seen[right], mixed))
    placed = np.full((4, len(KEYPOINT_NAMES), frames), np.nan)
    placed[0], placed[2] = scale * between[:, :, 0].T, scale * (height_px - between[:, :, 1].T)
    placed[1] = np.where(np.isfinite(placed[0]), 0.0, np.nan)
    placed[3] = 1.0
    return placed


def _events(strides: Sequence[StrideRecord], first_s: float, last_s: float) -> list[_Event]:
    moments = [
        (at_s - first_s, stride.side.capitalize(), label)
        for stride in strides
        if stride.valid
        for at_s, label in ((stride.initial_contact_s, "Foot Strike"), (stride.toe_off_s, "Foot Off"))
        if math.isfinite(at_s) and first_s <= at_s <= last_s
    ]
    return sorted(moments)


def _put_events(file: Any, events: Sequence[_Event]) -> None:
    """Group EVENT: whose foot, what, and when, in minutes and seconds from the first frame."""
    if events:
        file.add_parameter("EVENT", "USED", [len(events)])  # the library keeps it as a float
    for number, start in enumerate(range(0, len(events), _PER_ARRAY), 1):
        some, nth = events[start : start + _PER_ARRAY], "" if number == 1 else str(number)
        file.add_parameter("EVENT", f"CONTEXTS{nth}", [side for _, side, _ in some])
        file.add_parameter("EVENT", f"LABELS{nth}", [label for _, _, label in some])
        file.add_parameter("EVENT", f"TIMES{nth}", np.array([[at_s // 60, at_s % 60] for at_s, _, _ in some]).T)
