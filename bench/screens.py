"""Pictures of the window in every state and size, into docs/screens.

    python -m bench.screens [--out DIR] [--language de] [--theme light] [--only below] [--every] [--largest]

The runner is the built-in one; what the core says of it is put together here (see `bench.scenes`),
since a picture of each state wants each state, not a long run.
"""

from __future__ import annotations

import argparse
import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
import pygame

from bench.scenes import Scene, other_scenes, running_scenes, update, with_gait
from coach.core.gait import LegState
from coach.core.pipeline import Coach, Update
from coach.core.pose import Keypoint, Pose, empty_keypoints
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.demo.motion import LegPose, Point
from coach.edges.demo.treadmill_scene import FAR_RISE_LL, stage
from coach.edges.screen import Choice, Window, open_screen, pick_camera
from coach.edges.screen.layout import View
from coach.languages import load_words
from coach.ports import Frame, ImageBGR, Load
from coach.settings import ScreenSettings, Theme

SIZES: Final = ((640, 480), (1280, 720), (1920, 1080), (720, 1280))
LARGEST: Final = (3840, 2160)
"""Looked at, not kept: `--largest`."""
STATES: Final = ("setup", "baseline", "in_band", "below", "above", "unsure", "paused", "camera_lost", "help")
EXTRAS: Final = (
    "loading",
    "setup_first",
    "setup_good",
    "warm_up",
    "recovered",
    "easy",
    "doubted",
    "no_speed",
    "question",
    "camera_lost_paused",
    "observing",
    "away",
    "finished",
    "finished_unseen",
    "curve",
    "numbers",
    "load",
    "form",
    "skeleton",
    "light",
)
"""Taken at 1280×720 alone, unless every state is asked for in every size."""
FPS: Final = 30.0
LED_UP_S: Final = 3.2
"""Run before the picture is taken: the knee curve wants some cycles, the framing some time."""
LOAD: Final = Load(30.0, 30.0, 30.0, 15.0, 21.0, 24.0, 0.0)
"""The frame budget of a machine with time to spare."""
HEEL_LIFT_DEG: Final = {"below": -14.0, "easy": -14.0, "above": 13.0}


@dataclass(frozen=True, slots=True)
class Clip:
    """The demo's runner up to a mid-swing: updates with poses, and the picture of the last moment."""

    moments: tuple[Update, ...]
    image_bgr: ImageBGR

    @classmethod
    def film(cls, size: tuple[int, int], heel_lift_deg: float) -> Clip:
        """Film the runner facing left, as in most living rooms."""
        width, height = (720, 1280) if size[1] > size[0] else (1280, 720)
        runner = DemoRunner(facing="left", speed_mps=2.78, heel_lift=heel_lift_deg)
        source = DemoSource(runner, width=width, height=height, fps=FPS)
        times = np.arange(5.0, 9.0, 1 / FPS)
        flexion = [runner.at(t_s).near.knee_flexion_deg for t_s in times]
        late = times > 5.0 + LED_UP_S
        end_s = float(times[late][int(np.argmax(np.array(flexion)[late]))])
        seen = [t_s for t_s in times if end_s - LED_UP_S <= t_s <= end_s + 1e-9]
        return cls(tuple(_moment(runner, float(t_s), width, height) for t_s in seen), source.picture(end_s))


def _moment(runner: DemoRunner, t_s: float, width: int, height: int) -> Update:
    body, side = runner.at(t_s), runner.near_side
    leg = LegState(body.near.knee_flexion_deg, 0.8, runner.legs.phase(side, t_s) % 1.0)
    return update(_pose(runner, t_s, width, height), t_s, side, leg)


def _pose(runner: DemoRunner, t_s: float, width: int, height: int) -> Pose:
    """The demo's true keypoints in pixels of its picture."""
    body, place = runner.at(t_s), stage(width, height)
    xy_px, confidence = empty_keypoints()

    def px(point: Point, rise: float = 0.0) -> tuple[float, float]:
        x = place.hip_x_px + (point[0] + body.drift_ll) * place.ll_px
        y = place.ground_y_px - (point[1] + rise) * place.ll_px
        return (x if runner.facing == "right" else width - 1 - x), y

    near, far = ("LEFT", "RIGHT") if runner.near_side == "left" else ("RIGHT", "LEFT")
    for name, leg, arm, rise in ((near, body.near, body.near_arm, 0.0), (far, body.far, body.far_arm, FAR_RISE_LL)):
        xy_px[Keypoint[f"{name}_SHOULDER"]] = px(arm.shoulder, rise)
        for joint, point in _joints(leg):
            xy_px[Keypoint[f"{name}_{joint}"]] = px(point, rise)
    xy_px[Keypoint.NOSE] = px((body.head[0] + 0.1, body.head[1]))
    return Pose(t_s, xy_px, confidence + 1.0)


def _joints(leg: LegPose) -> Iterator[tuple[str, Point]]:
    yield from (
        ("HIP", leg.hip),
        ("KNEE", leg.knee),
        ("ANKLE", leg.ankle),
        ("HEEL", leg.heel),
        ("FOOT_INDEX", leg.toe),
    )


def measured(until_s: float) -> Iterator[Update]:
    """What the coach makes of the demo's true keypoints over twenty seconds."""
    runner, coach = DemoRunner(facing="left", speed_mps=2.78), Coach()
    for t_s in np.arange(until_s - 20.0, until_s, 1 / FPS):
        yield coach.step(float(t_s), _pose(runner, float(t_s), 1280, 720), BeltSpeed(2.78, SpeedOrigin.TYPED))


def scene_of(name: str, moment: Update) -> Scene:
    """A state by name; views and help are the state `in_band`, seen otherwise."""
    scenes = {scene.name: scene for scene in running_scenes(moment) + other_scenes(moment)}
    return scenes.get(name, scenes["below" if name in {"skeleton", "light"} else "in_band"])


def take(window: Window, name: str, clip: Clip) -> None:
    """Show the state until the picture is what a runner would see."""
    painter = window._painter
    painter.help, painter.curve = name == "help", name in {"curve", "numbers"}
    painter.load, painter.form = name == "load", name == "form"
    painter.view = {"numbers": View.NUMBERS, "skeleton": View.SKELETON}.get(name, View.PICTURE)
    begin_s = clip.moments[0].t_s
    for i in range(280 - min(int(scene_of(name, clip.moments[0]).status.elapsed_s), 279), 280):
        # Five minutes in which a runner tires and hears the coach.
        tired_deg = 9.0 * math.sin(i / 32.0) * math.exp(-i / 200.0) + 1.2 * math.sin(i / 5.0)
        painter._trend.step(begin_s - 280 + i, 97.0 - tired_deg)
    swings = tuple(measured(begin_s)) if name == "form" else ()
    for moment in swings:
        painter._form.step(moment)
    for i, moment in enumerate(clip.moments):
        scene = scene_of(name, moment)
        if i == 0 and scene.update is not None and scene.update.advice.stage_remaining_s > 0:
            begun = replace(scene.update.advice, stage_remaining_s=scene.update.advice.stage_remaining_s + 45)
            scene = replace(scene, update=replace(scene.update, advice=begun))
        if name in {"numbers", "load"}:
            scene = replace(scene, status=replace(scene.status, load=LOAD))
        if swings and scene.update is not None:
            scene = replace(scene, update=with_gait(scene.update, near_cycle=swings[-1].gait.near_cycle))
        if name == "question":
            scene = replace(scene, status=replace(scene.status, question=painter._words.line("screen.question")))
        window.show(Frame(i, moment.t_s, clip.image_bgr), scene.update, scene.status)


def main() -> None:
    """Take all pictures that are asked for."""
    parser = argparse.ArgumentParser(description="Pictures of the window in every state and size")
    parser.add_argument("--out", type=Path, default=Path("docs/screens"))
    parser.add_argument("--language", default="en")
    parser.add_argument("--theme", default="dark", choices=("dark", "light"))
    parser.add_argument("--every", action="store_true", help="every state in every size")
    parser.add_argument("--largest", action="store_true", help="in 3840×2160 alone")
    parser.add_argument("--only", default="", help="a state")
    options = parser.parse_args()
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    options.out.mkdir(parents=True, exist_ok=True)
    for size in (LARGEST,) if options.largest else SIZES:
        for name in (*STATES, *(EXTRAS if options.every or size == (1280, 720) else ())):
            if options.only in {"", name}:
                path = options.out / f"{name}_{size[0]}x{size[1]}.jpg"
                write(path, shoot(name, size, "light" if name == "light" else options.theme, options.language))
                print(path)
        if options.only in {"", "picker"}:
            path = options.out / f"picker_{size[0]}x{size[1]}.jpg"
            write(path, shoot_picker(size, options.theme, options.language))
            print(path)


def shoot(name: str, size: tuple[int, int], theme: Theme, language: str) -> ImageBGR:
    """One picture of the window."""
    window = open_screen(ScreenSettings(theme=theme), "metric", load_words(language))
    window.resize(*size)
    take(window, name, _clip(size, HEEL_LIFT_DEG.get(scene_of(name, update(None, 0.0)).name, 0.0)))
    return _pictured(window, size)


def shoot_picker(size: tuple[int, int], theme: Theme, language: str) -> ImageBGR:
    """The camera picker with three cameras, one of them busy."""
    window = open_screen(ScreenSettings(theme=theme), "metric", load_words(language))
    window.resize(*size)
    choices = (Choice("0", "Laptop camera"), Choice("2", "USB webcam"), Choice("4", "Phone"))
    clips = {"0": _clip((1280, 720), 0.0).image_bgr, "4": _clip((720, 1280), 0.0).image_bgr}

    def preview(choice: Choice) -> ImageBGR | None:
        if choice == choices[-1]:
            choose = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_3, unicode="3", mod=0)
            # Once the last picture is there and was drawn.
            threading.Timer(0.5, pygame.event.post, (choose,)).start()
        return clips.get(choice.source)

    pick_camera(window, choices, preview)
    return _pictured(window, size)


def _pictured(window: Window, size: tuple[int, int]) -> ImageBGR:
    with TemporaryDirectory() as folder:
        window.save(Path(folder, "shown.png"))
        shown = cv2.imread(str(Path(folder, "shown.png")))
    window.close()
    if shown is None or shown.shape[:2] != size[::-1]:
        raise RuntimeError(f"the window did not take the size {size}")
    return np.asarray(shown, np.uint8)


_CLIPS: dict[tuple[bool, float], Clip] = {}


def _clip(size: tuple[int, int], heel_lift_deg: float) -> Clip:
    key = (size[1] > size[0], heel_lift_deg)
    if key not in _CLIPS:
        _CLIPS[key] = Clip.film(size, heel_lift_deg)
    return _CLIPS[key]


def write(path: Path, image_bgr: ImageBGR) -> None:
    """JPEG: a fifth of a PNG's size for pictures of a room."""
    cv2.imwrite(str(path), image_bgr, [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
