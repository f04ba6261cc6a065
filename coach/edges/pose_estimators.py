"""Which pose estimator a session uses."""

from __future__ import annotations

from pathlib import Path

from coach.edges.mediapipe_pose import MediaPipePose
from coach.edges.region_follower import RegionFollower
from coach.ports import PoseEstimator, SourceInfo
from coach.settings import PoseSettings


def open_estimator(settings: PoseSettings, bundle: Path, source: SourceInfo) -> PoseEstimator:
    """The estimator that the settings ask for, loaded with `bundle` (see `pose_model.ensure_model`).

    Raises PoseModelError where the bundle cannot be loaded.
    """
    if settings.backend == "mediapipe":
        return MediaPipePose(bundle)
    # Live, capture, drawing and speech want the other core; a file may have both.
    return RegionFollower(bundle, threads=1 if source.live else 2)
