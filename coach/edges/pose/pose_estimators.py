"""Which pose estimator a session uses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from coach.edges.pose.landmark_network import LandmarkNetwork, MirroredNetwork, Network, affords_two
from coach.edges.pose.model_bundle import detector_model, landmark_model
from coach.edges.pose.people_finder import PeopleFinder, PersonDetector
from coach.edges.pose.region_follower import RegionFollower
from coach.errors import ConfigError
from coach.ports import PoseEstimator, SourceInfo
from coach.settings import Effort, PoseSettings

_MOST_PEOPLE: Final = 3

_USUAL_FPS: Final = 30.0
"""Where a source does not say how many frames it delivers."""


def open_estimator(settings: PoseSettings, bundle: Path, source: SourceInfo, read_before: int = 0) -> PoseEstimator:
    """The estimator that the settings ask for, loaded with `bundle` (see `pose_model.ensure_model`).

    read_before: how many times each picture was read last time, where the machine decided it; 0: not known.
    Raises PoseModelError where the bundle cannot be loaded, ConfigError for MediaPipe where it is not installed or may
    not report.
    """
    if settings.usage_data_line() is not None:
        return _mediapipe(bundle)
    # Live, capture, drawing and speech want the other core; a file may have both.
    threads = settings.threads or (1 if source.live else 2)
    detector, network = load_networks(bundle, threads)
    finder = PeopleFinder(detector, network, at_most=_MOST_PEOPLE)
    return RegionFollower(finder, _with_effort(network, settings.effort, source, read_before))


def load_networks(bundle: Path, threads: int = 1) -> tuple[PersonDetector, LandmarkNetwork]:
    """Both networks of a bundle, ready to run. Raises PoseModelError where one cannot be loaded."""
    return PersonDetector(detector_model(bundle), threads), LandmarkNetwork(landmark_model(bundle), threads)


def _mediapipe(bundle: Path) -> PoseEstimator:
    """MediaPipe is an extra, and imported only here: creating one of its tasks starts its sender of usage data."""
    try:
        from coach.edges.pose.mediapipe_pose import MediaPipePose  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f'pose.backend = "mediapipe" needs MediaPipe ({error}): '
            'pip install "treadmill-coach[mediapipe]", or set pose.backend = "follower"'
        ) from None
    return MediaPipePose(bundle)


def _with_effort(network: LandmarkNetwork, effort: Effort, source: SourceInfo, read_before: int) -> Network:
    """A file waits for its second reading; live there is one where the machine has the time."""
    fps = source.nominal_fps if math.isfinite(source.nominal_fps) else _USUAL_FPS
    if effort == "accurate" or (effort == "auto" and (not source.live or affords_two(network, fps, read_before))):
        return MirroredNetwork(network)
    return network
