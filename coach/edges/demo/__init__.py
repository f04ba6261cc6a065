"""The demo runner: a rendered runner on a treadmill whose truth is known exactly."""

from coach.edges.demo.effort import HeelLift, Scripted, Tiring
from coach.edges.demo.runner import BodyPose, DemoRunner
from coach.edges.demo.source import DemoSource

__all__ = ["BodyPose", "DemoRunner", "DemoSource", "HeelLift", "Scripted", "Tiring"]
