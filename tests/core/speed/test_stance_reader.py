"""While the gait tracker has lost its rhythm, the feet on the ground still tell the belt."""

from __future__ import annotations

import numpy as np
import pytest

from coach.core.gait import Activity
from coach.core.gait.quality import Trust
from coach.core.speed.belt_video import VideoSpeed
from coach.core.speed.stance import FootFrame
from coach.core.speed.stance_reader import Footing
from tests.core.belt_runner import HEIGHT_CM, Camera, Run

LOST_S = 8.0


def read(run: Run, activity: Activity = Activity.UNKNOWN, lost_s: float = LOST_S) -> list[float]:
    """The belt's speed at every frame, NaN while unknown; from `lost_s` on the tracker tells nothing."""
    video, found = VideoSpeed(HEIGHT_CM), list[float]()
    for t_s, pose, gait in run.frames():
        lost = gait._replace(trust=Trust.UNSURE, activity=activity, events=())
        speed = video.step(t_s, pose, lost if t_s >= lost_s else gait)
        found.append(speed.speed_mps if speed else float("nan"))
    return found


@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize(("before", "after"), [(2.5, 3.5), (4.5, 3.5)])
def test_a_change_is_seen_though_the_rhythm_is_lost_with_it(before: float, after: float, facing: str) -> None:
    camera = Camera(noise_px=2.3, facing="left" if facing == "left" else "right")
    run = Run(lambda t_s: before if t_s < LOST_S else after, LOST_S + 3, camera=camera)

    speeds = read(run)

    assert speeds[int(LOST_S * 30) - 1] == pytest.approx(before, rel=0.06)
    assert speeds[-1] == pytest.approx(after, rel=0.12)  # the runner of rods lifts his feet slowly, which reads low


def test_one_speed_stays_one_speed() -> None:
    speeds = read(Run(lambda _: 3.5, LOST_S + 5, camera=Camera(noise_px=2.3)))

    assert np.nanmax(np.abs(np.array(speeds[150:]) / 3.5 - 1)) < 0.06


@pytest.mark.parametrize("activity", [Activity.WALKING, Activity.STANDING, Activity.AWAY])
def test_who_does_not_run_is_not_read(activity: Activity) -> None:
    speeds = read(Run(lambda t_s: 2.5 if t_s < LOST_S else 3.5, LOST_S + 3), activity)

    assert speeds[-1] == pytest.approx(2.5, rel=0.03)  # the last that was known, until it is too old


def test_before_any_stance_was_known_there_is_no_ground() -> None:
    assert np.isnan(read(Run(lambda _: 3.5, 6.0), lost_s=0.0)).all()


def test_the_ground_is_forgotten() -> None:
    footing = Footing()
    frames = [FootFrame(k / 30, [100.0 - 10 * k + 400j] * 6, 200.0) for k in range(5)]
    for _ in range(3):
        footing.learn("left", frames)
    later = [FootFrame(20 + k / 30, [100.0 - 10 * k + (400j if k < 5 else 300j)] * 6, 200.0) for k in range(8)]

    assert footing.find(20.3, later, "right") == []
    footing.learn("left", [frame._replace(t_s=frame.t_s + 19) for frame in frames])
    assert [stance.side for stance in footing.find(20.3, later, "right")] == ["left"]
    assert footing.find(20.4, later, "right") == []  # told once
