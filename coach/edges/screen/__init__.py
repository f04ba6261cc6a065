"""The window: one glance, one number."""

from coach.edges.screen.window import Window, open_screen

__all__ = ["Window", "open_screen"]
