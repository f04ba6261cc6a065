"""TCX files, read back by a library that shares nothing with what wrote them, and held to the schema's order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tcxreader.tcxreader import TCXReader

from coach.core.heart import HeartOrigin, HeartRate
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.errors import ConfigError
from coach.review.tcx import tcx_text
from tests import kept

NAMESPACE = {"t": "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"}
LAP_ORDER = [
    "TotalTimeSeconds",
    "DistanceMeters",
    "MaximumSpeed",
    "Calories",
    "AverageHeartRateBpm",
    "MaximumHeartRateBpm",
    "Intensity",
    "Cadence",
    "TriggerMethod",
    "Track",
    "Notes",
    "Extensions",
]
"""Of ActivityLap_t; a schema's sequence."""


def two_speeds(
    *, belt: bool = True, heart: bool = True, started_at: str | None = "2026-03-01T07:00:00+01:00"
) -> Session:
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480), started_at=started_at)
    for update in kept.run(
        40.0,
        belt=lambda t_s: BeltSpeed(2.5 if t_s < 20 else 3.25, SpeedOrigin.PLAN) if belt else None,
    ):
        builder.note_heart(update.t_s, HeartRate(130 + update.t_s, HeartOrigin.MONITOR) if heart else None)
        builder.add(update)
    return builder.finish()


def test_another_program_reads_laps_distance_heart_rate_and_cadence(tmp_path: Path) -> None:
    path = tmp_path / "run.tcx"
    path.write_text(tcx_text(two_speeds()), "utf-8")

    read = TCXReader().read(str(path), only_gps=False)

    assert read.activity_type == "Running"
    assert read.start_time.replace(tzinfo=UTC) == datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
    assert [lap.duration for lap in read.laps] == pytest.approx([20.0, 20.0], abs=1.0)
    assert [lap.distance for lap in read.laps] == pytest.approx([50.0, 65.0], abs=0.2)
    assert (read.hr_min, read.hr_max) == (130, 170)
    assert len(read.trackpoints) == 41
    speeds = [point.tpx_ext["Speed"] for point in read.trackpoints]
    assert (speeds[10], speeds[30]) == pytest.approx((2.5, 3.25))
    assert read.trackpoints[30].tpx_ext["RunCadence"] == round(60 / kept.STRIDE_S), "one foot's, as TCX has it"


def test_elements_stand_in_the_schemas_order() -> None:
    root = ET.fromstring(tcx_text(two_speeds()))
    for lap in root.iterfind(".//t:Lap", NAMESPACE):
        names = [child.tag.partition("}")[2] for child in lap]
        assert names == sorted(names, key=LAP_ORDER.index)
        assert {"TotalTimeSeconds", "DistanceMeters", "Calories", "Intensity", "TriggerMethod"} <= set(names)
    activity = root.find(".//t:Activity", NAMESPACE)
    assert activity is not None
    assert [child.tag.partition("}")[2] for child in activity] == ["Id", "Lap", "Lap", "Creator"]


def test_without_a_monitor_there_is_no_heart_rate() -> None:
    assert "HeartRate" not in tcx_text(two_speeds(heart=False))


def test_what_tcx_cannot_say_is_told() -> None:
    with pytest.raises(ConfigError, match="belt speed of this run was never known"):
        tcx_text(two_speeds(belt=False))
    with pytest.raises(ConfigError, match="time of day"):
        tcx_text(two_speeds(started_at=None))
