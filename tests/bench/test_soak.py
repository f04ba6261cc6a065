"""The soak in its short form: every few hundred milliseconds something breaks, and nothing is lost.

What else runs on the machine are the other tests.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = (
    *("camera hangs for long", "store held for long", "machine asleep", "sound card gone"),
    *("treadmill silent", "disk full", "speech hangs"),
)
"""Faults that last, or are mended only after their own pauses: those are for `make soak`."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the soak reads /proc")
def test_a_run_in_which_everything_quick_breaks_loses_nothing() -> None:
    without = [word for name in SLOW for word in ("--without", name)]
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.soak",
            "--minutes",
            "0.15",
            "--every",
            "0.5",
            "--known-runner",
            "--burners",
            "0",
            *without,
        ],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=290,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = [line for line in ran.stdout.splitlines() if line.startswith("| ")]
    begun = {row.split("|")[1].strip() for row in rows}
    assert {"camera unplugged", "treadmill switched off", "speech killed", "store held by another program"} <= begun
    assert "| poses recorded: " in ran.stdout
    assert "NO" not in ran.stdout
