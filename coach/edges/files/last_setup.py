"""What is remembered of the camera from one run to the next: a small file beside the sessions."""

from __future__ import annotations

import contextlib
import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from coach.core.pose import SIDES, Side

FILE_NAME: Final = "last_setup.json"
LIKE_SIZE: Final = 0.15
"""A leg whose length in the picture differs by more was filmed from another place."""


@dataclass(frozen=True, slots=True)
class LastSetup:
    """How the camera stood. leg_px: leg length in pixels of a picture `height_px` high; NaN where unknown."""

    source: str
    facing: Side | None = None
    leg_px: float = math.nan
    width_px: int = 0
    height_px: int = 0
    mirror: bool = False

    def like(self, other: LastSetup) -> bool:
        """Whether both stood alike: same camera, same side, the runner about as large."""
        if (self.source, self.facing) != (other.source, other.facing) or not self.height_px or not other.height_px:
            return False
        ratio = (self.leg_px / self.height_px) / (other.leg_px / other.height_px)
        return abs(ratio - 1) <= LIKE_SIZE


def load_last_setup(data_dir: Path) -> LastSetup | None:
    """The last set-up; None where there is none or the file cannot be understood, which harms nobody."""
    try:
        kept = json.loads((data_dir / FILE_NAME).read_text("utf-8"))
        leg_px = kept["leg_px"]
        return LastSetup(
            source=str(kept["source"]),
            facing=next((side for side in SIDES if side == kept["facing"]), None),
            leg_px=math.nan if leg_px is None else float(leg_px),
            width_px=int(kept["width_px"]),
            height_px=int(kept["height_px"]),
            mirror=bool(kept["mirror"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_last_setup(data_dir: Path, setup: LastSetup) -> None:
    """Keep it, whole or not at all; a full disk costs the memory of a camera, not the run."""
    content = {**asdict(setup), "leg_px": setup.leg_px if math.isfinite(setup.leg_px) else None}
    half = data_dir / f"{FILE_NAME}.part"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(content), "utf-8")
        os.replace(half, data_dir / FILE_NAME)  # noqa: PTH105 - the atomic one
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
