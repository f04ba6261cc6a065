"""A session in a folder after BIDS, the Brain Imaging Data Structure, whose part for motion capture this follows.

    study/  dataset_description.json  README.md  participants.tsv
        sub-01/ses-12/motion/  …_tracksys-webcam_motion.tsv, .json   a row a frame: time, knees, markers
                               …_tracksys-webcam_channels.tsv, .json what each column is
                               …_events.tsv, .json                   contacts, toe-offs, cues, turns
        sub-01/ses-12/beh/     …_beh.tsv, .json                      a row a stride

BIDS 1.11. Runners and sessions have their numbers in the data folder, and no names; days and times stay out.
Missing is `n/a` everywhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from coach import __version__
from coach.core.coaching.stride_record import STRIDE_COLUMNS, StrideRecord
from coach.core.columns import UNITS
from coach.core.pose import KEYPOINT_NAMES, SIDES, Side
from coach.core.session.session import Session
from coach.core.units import FloatArray
from coach.plain_records import plain_row
from coach.review.opensim import GaitSample, mm_per_px

BIDS_VERSION: Final = "1.11.0"
TASK: Final = "treadmill"
_TRACKSYS: Final = "webcam"
_FRAME: Final = "side"
_MISSING: Final = "n/a"
_MM_PER_M: Final = 1000.0

README: Final = """# Treadmill running, by Coach

Motion of one camera at the side: thirteen points of a pose network, turned into the runner's sagittal plane and scaled
by the height of the runner (170 cm where it is not known), and the knees' flexion as Coach measures it. `sub-` is the
number of the runner and `ses-` that of the run in the data folder which this was written from. `beh/` has one row a
stride. All times of a session count from the first row of its motion file.
"""
_EVENTS: Final = {
    "onset": {"Description": "from the first row of the motion file", "Units": "s"},
    "duration": {"Description": "events are moments", "Units": "s"},
    "trial_type": {
        "Description": "what happened",
        "Levels": {
            "foot_strike": "initial contact of a trusted stride",
            "foot_off": "toe-off of a trusted stride",
            "cue": "the coach asked for something",
            "turn": "the runner was seen to face the other way from here on",
        },
    },
    "value": {"Description": "whose foot, which cue, or which side of the picture is faced after a turn"},
}


def stem_of(subject: int, session: int) -> str:
    """How the names of a session's files begin."""
    return f"sub-{subject:02d}_ses-{session}_task-{TASK}"


def folder_of(subject: int, session: int) -> str:
    """A session's folder within the study."""
    return f"sub-{subject:02d}/ses-{session}"


def study_files(subjects: Iterable[int]) -> Mapping[str, str]:
    """Path → text of what describes the whole study."""
    about = {
        "Name": "Treadmill running, by Coach",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "Coach", "Version": __version__}],
    }
    rows = [{"participant_id": f"sub-{number:02d}"} for number in sorted(set(subjects))]
    return {
        "dataset_description.json": _json(about),
        "README.md": README,
        "participants.tsv": _table(rows, ["participant_id"]),
    }


def session_files(
    session: Session, samples: Sequence[GaitSample], subject: int, height_cm: float | None
) -> Mapping[str, str]:
    """Path within the study → text of one session's files.

    samples: every frame, legs as from the side. Raises FormatError where nobody was seen.
    """
    number = session.session_id or 0
    stem, folder = stem_of(subject, number), folder_of(subject, number)
    motion = f"{folder}/motion/{stem}_tracksys-{_TRACKSYS}"
    channels = _channels()
    return {
        f"{motion}_motion.tsv": _motion(samples, session.source.height, height_cm),
        f"{motion}_motion.json": _json(_about_motion(session, len(channels))),
        f"{motion}_channels.tsv": _table(channels, list(channels[0])),
        f"{motion}_channels.json": _json(_about_channels({side for _, side in _turns(samples)})),
        f"{folder}/motion/{stem}_events.tsv": _table(_events(session, samples), list(_EVENTS)),
        f"{folder}/motion/{stem}_events.json": _json(_EVENTS),
        f"{folder}/beh/{stem}_beh.tsv": _strides(session, samples[0].t_s),
        f"{folder}/beh/{stem}_beh.json": _json(_about_strides()),
    }


def _channels() -> list[dict[str, Any]]:
    """The columns of the motion file, which has no header of its own."""
    columns = ("name", "component", "type", "tracked_point", "units", "reference_frame")
    rows: list[tuple[str, ...]] = [("t_s", _MISSING, "LATENCY", _MISSING, "s", _MISSING)]
    rows += [(f"{side}_knee_flexion", _MISSING, "JNTANG", f"{side}_knee", "deg", _MISSING) for side in SIDES]
    rows += [(f"{point}_{axis}", axis, "POS", point, "m", _FRAME) for point in KEYPOINT_NAMES for axis in "xy"]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _motion(samples: Sequence[GaitSample], height_px: int, height_cm: float | None) -> str:
    """A row a frame in the order of the channels; y up from the lower edge of the picture."""
    m_per_px = mm_per_px(samples, height_cm) / _MM_PER_M
    unseen = np.full((len(KEYPOINT_NAMES), 2), np.nan)
    rows = []
    for sample in samples:
        points: FloatArray = unseen if sample.pose is None else sample.pose.xy_px
        placed_m = m_per_px * (np.array([0.0, height_px]) + points * [1.0, -1.0])
        knees_deg = [sample.gait.leg(side).knee_flexion_deg for side in SIDES]
        row = [sample.t_s - samples[0].t_s, *knees_deg, *placed_m.ravel().tolist()]
        rows.append("\t".join(f"{value:.5f}" if math.isfinite(value) else _MISSING for value in row))
    return "\n".join(rows) + "\n"


def _about_motion(session: Session, channels: int) -> dict[str, Any]:
    nominal, measured = session.source.nominal_fps, session.frames.measured_fps
    return {
        "TaskName": TASK,
        "TaskDescription": "Running on a treadmill, filmed from the side.",
        "SamplingFrequency": round(nominal if math.isfinite(nominal) else measured, 3),
        "SamplingFrequencyEffective": round(measured, 3) if math.isfinite(measured) else _MISSING,
        "TrackingSystemName": _TRACKSYS,
        "SoftwareVersions": f"Coach {__version__}",
        "MotionChannelCount": channels,
        "LATENCYChannelCount": 1,
        "JNTANGChannelCount": len(SIDES),
        "POSChannelCount": 2 * len(KEYPOINT_NAMES),
        "TrackedPointsCount": len(KEYPOINT_NAMES),
        "MissingValues": _MISSING,
        "SubjectArtefactDescription": _MISSING,
    }


def _about_channels(faced: Collection[Side]) -> dict[str, Any]:
    """X to the right of the picture: ahead of a runner who faces right, behind one who faces left; y up.

    faced: the sides of the picture that were faced. Of a runner who turned round x is neither for the whole file.
    """
    ahead = ("P" if "left" in faced else "A") if len(faced) == 1 else "_"
    side = {"SpatialAxes": f"{ahead}S_", "RotationOrder": _MISSING, "RotationRule": _MISSING}
    about = "the runner's sagittal plane, x to the right of the picture, y up"
    if len(faced) > 1:
        about += "; x is ahead while the runner faces right, behind after a turn (events) to the left"
    return {"reference_frame": {"Description": about, "Levels": {_FRAME: side}}}


def _turns(samples: Sequence[GaitSample]) -> list[tuple[float, Side]]:
    """When it was seen which side of the picture the runner faces, first and after each turn."""
    turns: list[tuple[float, Side]] = []
    for sample in samples:
        facing = sample.gait.view.facing
        if facing and (not turns or facing != turns[-1][1]):
            turns.append((sample.t_s, facing))
    return turns


def _events(session: Session, samples: Sequence[GaitSample]) -> list[dict[str, Any]]:
    first_s = samples[0].t_s
    moments = [(cue.t_s, "cue", str(cue.kind)) for cue in session.cues]
    moments += [(t_s, "turn", facing) for t_s, facing in _turns(samples)[1:]]
    for stride in session.strides:
        if stride.valid:
            moments += [
                (stride.initial_contact_s, "foot_strike", stride.side),
                (stride.toe_off_s, "foot_off", stride.side),
            ]
    found = sorted(moment for moment in moments if math.isfinite(moment[0]) and moment[0] >= first_s)
    return [
        {"onset": f"{at_s - first_s:.4f}", "duration": 0, "trial_type": kind, "value": value}
        for at_s, kind, value in found
    ]


def _strides(session: Session, first_s: float) -> str:
    rows = [plain_row(_since(stride, first_s), STRIDE_COLUMNS) for stride in session.strides]
    return _table(rows, [column.key for column in STRIDE_COLUMNS])


def _since(stride: StrideRecord, first_s: float) -> StrideRecord:
    """The stride with its moments counted from the first frame, as events and motion are."""
    moments = [column.name for column in STRIDE_COLUMNS if column.note.moment]
    return replace(stride, **{name: getattr(stride, name) - first_s for name in moments})


def _about_strides() -> dict[str, Any]:
    return {
        column.key: {
            "Description": column.note.about + ("; 0 is the first row of the motion file" * column.note.moment)
        }
        | ({"Units": UNITS[column.note.unit]} if column.note.unit else {})
        for column in STRIDE_COLUMNS
    }


def _table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    lines = ["\t".join(columns)]
    lines += ["\t".join(_cell(row[column]) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None or value == "":
        return _MISSING
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
