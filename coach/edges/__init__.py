"""The edges: the only code that knows devices, threads, files and clocks. They do not import each other."""

import os

# pygame reads these when it is imported or opens its first device.
# Its greeting belongs on nobody's terminal.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# SDL would catch SIGTERM and turn it into a window event: a run without a window could not be ended.
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
# OpenCV reads these when it is loaded or first used, so they are set before any edge imports it.
# Windows: hardware transforms make opening a camera take up to 20 s.
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
# Linux: a camera that hangs lets go after 3 s instead of 10.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")
# Failures are told in our own words, in one line.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
