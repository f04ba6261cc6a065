"""The window: one glance, one number."""

from coach.edges.screen.display import finds_display
from coach.edges.screen.picker import Choice, pick_camera, pick_runner, tell
from coach.edges.screen.window import Window, open_screen

__all__ = ["Choice", "Window", "finds_display", "open_screen", "pick_camera", "pick_runner", "tell"]
