"""The Python interface: a video or a pose recording in, a session out. `Coach` itself takes poses one by one."""

from __future__ import annotations

import math
from os import PathLike
from pathlib import Path

from coach.app.speed_sources import BeltInput
from coach.core.session.session import Session
from coach.environment import prepare
from coach.settings import Settings


def analyze(
    video: str | PathLike[str],
    *,
    speed_mps: float | None = None,
    incline_pct: float = math.nan,
    settings: Settings | None = None,
) -> Session:
    """Run the whole pipeline on a video file, as fast as the machine can. Nothing is stored.

    speed_mps: the belt's speed; without it there is no target, unless the runner's height is set, with which the
    speed is read from the picture. Raises SourceError, PoseModelError, NoRunnerError or, for a speed or an incline that
    no belt has, ConfigError (all of them CoachError).

    Examples
    --------
    >>> from coach import analyze
    >>> session = analyze("run.mp4", speed_mps=3.0)
    >>> 160 < session.summary.cadence_spm < 175
    True
    >>> 95 < session.summary.peak_knee_flexion_near.mean < 110
    True
    """
    prepare()
    from coach.app import offline  # noqa: PLC0415 - OpenCV loads only now, in its prepared environment

    return offline.analyze(Path(video), settings, BeltInput(speed_mps, incline_pct))


def replay(
    poses: str | PathLike[str],
    *,
    speed_mps: float | None = None,
    incline_pct: float = math.nan,
    settings: Settings | None = None,
    fps: float | None = None,
) -> Session:
    """Run the pipeline on recorded poses: `coach.poses/1`, an OpenPose folder, a `.trc` or a `.csv` (docs/formats.md).

    Nothing is stored, and no pose network is needed. fps is for files that say nothing of time. speed_mps
    goes over what the recording says. Raises SourceError, FormatError, NoRunnerError or ConfigError, as `analyze` does.

    Examples
    --------
    >>> from coach import replay
    >>> session = replay("run.jsonl.gz", speed_mps=3.0)
    >>> first = next(stride for stride in session.strides if stride.near and stride.valid)
    >>> f"{first.side} foot: heel lift {first.peak_knee_flexion_deg:.0f}°"
    'right foot: heel lift 102°'
    """
    prepare()
    from coach.app import offline  # noqa: PLC0415 - the same

    return offline.replay(Path(poses), settings, BeltInput(speed_mps, incline_pct), fps=fps)
