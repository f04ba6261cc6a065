"""Read strides out of a pose recording.

coach demo --headless --record poses.jsonl.gz --no-store
python examples/pose_file.py poses.jsonl.gz
"""

import sys

from coach import replay


def main(path: str) -> None:
    """Print a line for every stride, and the session's cadence."""
    session = replay(path)
    for stride in session.strides:
        what = f"{stride.peak_knee_flexion_deg:6.1f}°" if stride.valid else f"left out: {stride.reject_reason}"
        print(f"{stride.start_s:6.2f} s  {stride.side:5}  {what}")
    print(f"{session.summary.cadence_spm:.0f} steps/min")


if __name__ == "__main__":
    main(sys.argv[1])
