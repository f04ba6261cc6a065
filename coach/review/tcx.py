"""A session as a TCX file (Garmin's Training Center Database, version 2), for diaries that read no FIT.

The order of elements is that of Garmin's schemas TrainingCenterDatabasev2 and ActivityExtensionv2. Cadence counts the
strides of one foot, as TCX has a runner's. The schema asks for calories, which are not measured: they are 0, as every
program writes them that counts none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree import ElementTree as ET

from coach import __version__
from coach.core.session.session import Session
from coach.errors import ConfigError
from coach.review.activity_track import Activity, Lap, Point, activity_of

_TCD: Final = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
_EXTENSION: Final = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def tcx_text(session: Session) -> str:
    """The session as TCX.

    Raises ConfigError for a session that does not say when it was run, or whose belt speed was never known: TCX cannot
    say that a distance is unknown.
    """
    if session.started_at is None:
        raise ConfigError("a TCX file needs the time of day at which the run began, and this session has none")
    activity = activity_of(session)
    if math.isnan(activity.total.distance_m):
        raise ConfigError(
            "a TCX file needs a distance, and the belt speed of this run was never known; use --format fit"
        )
    started = datetime.fromisoformat(session.started_at).astimezone(UTC)
    root = ET.Element("TrainingCenterDatabase", {"xmlns": _TCD, "xmlns:xsi": _XSI})
    run = _add(_add(root, "Activities"), "Activity", Sport="Running")
    _add(run, "Id", _time(started))
    for place, lap in enumerate(activity.laps):
        _put_lap(run, started, lap, _points_of(activity, lap, last=place == len(activity.laps) - 1))
    _put_creator(run)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _points_of(activity: Activity, lap: Lap, *, last: bool) -> list[Point]:
    """Each second belongs to one lap; the last one of all to the last."""
    return [point for point in activity.points if lap.start <= point.second < lap.end + last]


def _put_lap(run: ET.Element, started: datetime, lap: Lap, points: Iterable[Point]) -> None:
    element = _add(run, "Lap", StartTime=_time(started + timedelta(seconds=lap.start)))
    _add(element, "TotalTimeSeconds", f"{lap.timer_s:.3f}")
    _add(element, "DistanceMeters", f"{0.0 if math.isnan(lap.distance_m) else lap.distance_m:.2f}")
    if math.isfinite(lap.top_speed_mps):
        _add(element, "MaximumSpeed", f"{lap.top_speed_mps:.3f}")
    _add(element, "Calories", "0")
    if math.isfinite(lap.heart.mean_bpm):
        _add(_add(element, "AverageHeartRateBpm"), "Value", f"{lap.heart.mean_bpm:.0f}")
        _add(_add(element, "MaximumHeartRateBpm"), "Value", f"{lap.heart.highest_bpm:.0f}")
    _add(element, "Intensity", "Active")
    _add(element, "TriggerMethod", "Manual")
    track = _add(element, "Track")
    for point in points:
        _put_point(track, started, point)
    more = {"AvgSpeed": (lap.speed_mps, 3), "AvgRunCadence": (lap.cadence_spm / 2, 0)}
    _put_extension(element, "LX", more)


def _put_point(track: ET.Element, started: datetime, point: Point) -> None:
    element = _add(track, "Trackpoint")
    _add(element, "Time", _time(started + timedelta(seconds=point.second)))
    if math.isfinite(point.distance_m):
        _add(element, "DistanceMeters", f"{point.distance_m:.2f}")
    if math.isfinite(point.heart_bpm):
        _add(_add(element, "HeartRateBpm"), "Value", f"{point.heart_bpm:.0f}")
    _put_extension(element, "TPX", {"Speed": (point.speed_mps, 3), "RunCadence": (point.cadence_spm / 2, 0)})


def _put_extension(element: ET.Element, name: str, values: dict[str, tuple[float, int]]) -> None:
    """What the second schema adds, as far as it is known."""
    known = {key: f"{value:.{digits}f}" for key, (value, digits) in values.items() if math.isfinite(value)}
    if known:
        extension = _add(_add(element, "Extensions"), name, xmlns=_EXTENSION)
        for key, text in known.items():
            _add(extension, key, text)


def _put_creator(run: ET.Element) -> None:
    creator = _add(run, "Creator", **{"xsi:type": "Device_t"})
    _add(creator, "Name", "Coach")
    _add(creator, "UnitId", "0")
    _add(creator, "ProductID", "0")
    version = _add(creator, "Version")
    major, minor = __version__.split(".")[:2]
    for key, text in {"VersionMajor": major, "VersionMinor": minor, "BuildMajor": "0", "BuildMinor": "0"}.items():
        _add(version, key, text)


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text
    return element


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
