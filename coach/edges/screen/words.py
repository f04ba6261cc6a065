"""The window's own words, in the runner's language where the phrases know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

ENGLISH: Final[dict[str, str]] = {
    "above": "above",
    "away": "step on the belt",
    "baseline": "your baseline",
    "baseline.short": "baseline",
    "below": "below",
    "camera_lost": "camera lost",
    "camera_lost.hint": "looking for it, run on",
    "elapsed": "elapsed",
    "elapsed.short": "time",
    "finished": "Run finished",
    "heel_lift": "heel lift",
    "help": "Keys",
    "help.baseline": "new baseline",
    "help.camera_mirror": "mirror the picture",
    "help.curve": "knee curve",
    "help.debug": "frame budget",
    "help.finish": "finish",
    "help.fullscreen": "full screen",
    "help.help": "this help",
    "help.mute": "sound off, on",
    "help.pause": "pause, go on",
    "help.side": "left or right leg",
    "help.slower_faster": "belt speed",
    "help.snapshot": "snapshot",
    "help.theme": "dark, light",
    "help.view": "picture, skeleton, numbers",
    "in_band": "in band",
    "left": "left",
    "measuring": "measuring",
    "muted": "muted",
    "no_speed": "set speed with +",
    "observing": "watching only",
    "overground": "overground",
    "paused": "paused",
    "remember": "Remember",
    "right": "right",
    "setup": "Set-up",
    "setup.all_good": "All good",
    "setup.facing": "facing",
    "setup.level": "camera level",
    "setup.light": "light",
    "setup.runner": "runner found",
    "setup.side_on": "side-on",
    "setup.size": "big enough",
    "setup.skip": "space skips the check",
    "setup.sound": "sound",
    "setup.speed": "belt speed",
    "setup.starts": "starting",
    "setup.whole_body": "whole body",
    "space": "space",
    "speed.treadmill": "belt",
    "speed.manual": "typed",
    "speed.plan": "plan",
    "speed.recording": "recorded",
    "speed.video": "camera",
    "standing": "start running",
    "steps": "steps/min",
    "steps.short": "steps",
    "target": "target",
    "treadmill": "treadmill",
    "unsure": "unsure",
    "waiting": "waiting for picture",
    "walking": "walking",
    "warm_up": "warm-up",
    "remedy.brighter": "More light, please",
    "remedy.closer": "Camera closer to you",
    "remedy.farther": "Camera farther from you",
    "remedy.faster_camera": "More light, faster camera",
    "remedy.face": "Run a few steps",
    "remedy.level": "Set the camera level",
    "remedy.side_on": "Turn the camera side-on",
    "remedy.sharper": "More light, less blur",
    "remedy.sound": "Check the loudspeaker",
    "remedy.speed": "Press + for speed",
    "remedy.step_on": "Step on the belt",
    "remedy.whole_body": "Show head to feet",
}
"""Key → English. Remedies have at most five words."""


@dataclass(frozen=True, slots=True)
class Words:
    """Looks a key up as `screen.KEY` in the runner's language; English where it is not known there."""

    line: Callable[[str], str]

    def __call__(self, key: str) -> str:
        """The words for a key."""
        wanted = f"screen.{key}"
        try:
            text = self.line(wanted)
        except KeyError:
            text = ""
        return text if text and text != wanted else ENGLISH.get(key, key)

    def either(self, key: str) -> tuple[str, ...]:
        """The full wording and, where there is one, the short one."""
        short = f"{key}.short"
        return (self(key), self(short)) if short in ENGLISH else (self(key),)
