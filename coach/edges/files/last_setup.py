"""What is remembered of camera and window from one run to the next: a small file beside the sessions."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from coach.core.bounds import PIXEL, Bounds
from coach.core.pose import SIDES, Side
from coach.core.units import none_if_nan
from coach.plain_records import json_value
from coach.private import write_private

FILE_NAME: Final = "last_setup.json"
_SIDE_PX: Final = Bounds(0, 100_000, "width or height in pixels")
LIKE_SIZE: Final = 0.15
"""A leg whose length in the picture differs by more was filmed from another place."""


@dataclass(frozen=True, slots=True)
class LastSetup:
    """How camera and window stood.

    source: the camera as `--source` takes it; empty where none was used. facing: the side of the picture that the
    runner looks at. leg_px: leg length in pixels of a picture `height_px` high; NaN where unknown.
    """

    source: str = ""
    facing: Side | None = None
    leg_px: float = math.nan
    width_px: int = 0
    height_px: int = 0
    window: tuple[int, int] | None = None
    """Width and height of the window while it was not full screen; None where there was none."""
    runner: str = ""
    """Whose leg that is; empty for the runner whom a data folder begins with."""
    readings: int = 0
    """How many times a picture of this camera was read, where the machine decided it; 0: not known."""

    @property
    def known(self) -> bool:
        """Whether a runner was measured with it."""
        return self.facing is not None and self.leg_px > 0 and self.height_px > 0

    def like(self, other: LastSetup) -> bool:
        """Whether both stood alike: same camera, same side, the runner about as large; False where that is unknown."""
        if (self.source, self.facing) != (other.source, other.facing) or not self.known or not other.known:
            return False
        ratio = (self.leg_px / self.height_px) / (other.leg_px / other.height_px)
        return abs(ratio - 1) <= LIKE_SIZE


def load_last_setup(data_dir: Path) -> LastSetup | None:
    """The last set-up; None where there is none or the file cannot be understood, which harms nobody."""
    try:
        kept = json_value((data_dir / FILE_NAME).read_text("utf-8"))
        return LastSetup(
            source=str(kept["source"]),
            facing=next((side for side in SIDES if side == kept["facing"]), None),
            leg_px=PIXEL.given_or_nan(kept["leg_px"]),
            width_px=_SIDE_PX.given_whole(kept["width_px"]),
            height_px=_SIDE_PX.given_whole(kept["height_px"]),
            window=_size(kept.get("window")),
            runner=str(kept.get("runner", "")),
            readings=next((n for n in (1, 2) if n == kept.get("readings")), 0),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _size(kept: object) -> tuple[int, int] | None:
    """Width and height as they were kept, if they can be those of a window."""
    if not isinstance(kept, list) or len(kept) != 2:
        return None
    width, height = (_SIDE_PX.given_whole(side) for side in kept)
    return (width, height) if min(width, height) > 0 else None


def forget_last_setup(data_dir: Path) -> None:
    """Delete what is remembered; where there is nothing, nothing happens."""
    (data_dir / FILE_NAME).unlink(missing_ok=True)


def save_last_setup(data_dir: Path, setup: LastSetup) -> None:
    """Keep it, whole or not at all; a full disk costs the memory of a camera, not the run."""
    content = {**asdict(setup), "leg_px": none_if_nan(setup.leg_px)}
    with contextlib.suppress(OSError):
        write_private(data_dir / FILE_NAME, json.dumps(content).encode())
