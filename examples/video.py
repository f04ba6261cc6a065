"""Measure a video of a treadmill run and write the session as JSON.

python examples/video.py run.mp4 2.8 session.json
"""

import sys
from pathlib import Path

from coach import analyze
from coach.review.session_json import session_json_text


def main(video: str, speed_mps: str, out: str) -> None:
    """Analyse the video at a known belt speed."""
    session = analyze(video, speed_mps=float(speed_mps))
    Path(out).write_text(session_json_text(session), "utf-8")
    near = session.summary.peak_knee_flexion_near
    print(f"{near.n} strides of the near leg, heel lift {near.mean:.0f}° ± {near.sd:.0f}°")


if __name__ == "__main__":
    main(*sys.argv[1:4])
