"""Which pose estimator a session uses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from coach.edges.pose.landmark_network import LandmarkNetwork
from coach.edges.pose.mediapipe_pose import MediaPipePose
from coach.edges.pose.mirrored_network import MirroredNetwork, Network, affords_two
from coach.edges.pose.model_bundle import landmark_model
from coach.edges.pose.region_follower import RegionFollower
from coach.ports import PoseEstimator, SourceInfo
from coach.settings import Effort, PoseSettings

_USUAL_FPS: Final = 30.0
"""Where a source does not say how many frames it delivers."""


def open_estimator(settings: PoseSettings, bundle: Path, source: SourceInfo) -> PoseEstimator:
    """The estimator that the settings ask for, loaded with `bundle` (see `pose_model.ensure_model`).

    Raises PoseModelError where the bundle cannot be loaded.
    """
    if settings.backend == "mediapipe":
        return MediaPipePose(bundle)
    # Live, capture, drawing and speech want the other core; a file may have both.
    network = LandmarkNetwork(landmark_model(bundle), threads=1 if source.live else 2)
    return RegionFollower(bundle, _with_effort(network, settings.effort, source))


def _with_effort(network: LandmarkNetwork, effort: Effort, source: SourceInfo) -> Network:
    """A file is read as fast as it can be, unless accuracy was asked for."""
    fps = source.nominal_fps if math.isfinite(source.nominal_fps) else _USUAL_FPS
    if effort == "accurate" or (effort == "auto" and source.live and affords_two(network, fps)):
        return MirroredNetwork(network)
    return network
