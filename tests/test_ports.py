"""What the ports promise of what goes through them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coach.ports import Frame

PICTURE = np.zeros((2, 2, 3), np.uint8)


@pytest.mark.parametrize("fps", [23.976, 25, 29.97, 30, 60, 120, 240])
def test_a_frame_s_time_is_what_a_recording_of_it_says(fps: float) -> None:
    """Else a frame ends a window live, and the next one does where the recording is measured again."""
    times_s = [Frame(index, index / fps, PICTURE).t_s for index in range(2000)]

    assert [float(json.dumps(round(t_s, 6))) for t_s in times_s] == times_s
    assert np.diff(times_s) == pytest.approx(1 / fps, abs=2e-6)
