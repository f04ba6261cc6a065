"""The commands of Coach and what they talk to, as the table in docs/privacy.md.

python -m tools.connection_table

They run in a home of their own below a temporary folder, with the pose model out of the user's cache. Left out: `view`,
which waits for keys, and `bench`, which measures for minutes and opens what `analyze` opens.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from coach.edges.demo import DemoRunner, DemoSource
from coach.ports import Frame
from tools.connections import Watched, listed, watch, why_not

CLIP_S: Final = 3.0
_CHANCE: Final = re.compile(r"(?<=/pulse-)\w+|(?<=port )\d{5}")
"""What is another one each time: a folder of PulseAudio's, a free port."""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder in which commands run: data and configuration below it, and a clip of the demo's runner."""

    folder: Path

    @property
    def clip(self) -> Path:
        """A short video."""
        return self.folder / "clips" / "runner.mp4"

    @property
    def poses(self) -> Path:
        """Where the first session's pose recording lies, once `coach demo` ran here."""
        return self.folder / "data" / "treadmill-coach" / "sessions" / "1" / "poses.jsonl.gz"

    def prepare(self) -> None:
        """Draw the clip."""
        self.clip.parent.mkdir(parents=True)
        source = DemoSource(DemoRunner(speed_mps=2.8), duration_s=CLIP_S)
        size = (source.info.width, source.info.height)
        writer = cv2.VideoWriter(str(self.clip), cv2.VideoWriter.fourcc(*"mp4v"), source.info.nominal_fps, size)
        for frame in source.frames():
            if isinstance(frame, Frame):
                writer.write(frame.image_bgr)
        writer.release()

    def watch(self, *arguments: str) -> Watched:
        """Run `coach` with these arguments here."""
        places = {"XDG_DATA_HOME": str(self.folder / "data"), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return watch([sys.executable, "-m", "coach", *arguments], env={**os.environ, **places})

    def commands(self) -> Iterator[tuple[str, ...]]:
        """Each command once, in an order in which each finds what it needs."""
        yield ("demo", "--headless", "--duration", "8")
        yield ("run", "--source", str(self.clip), "--headless", "--speed", "10")
        yield ("analyze", str(self.clip), "--speed", "10")
        yield ("analyze", str(self.clip), "--no-store", "--video-out", str(self.folder / "annotated.mp4"))
        yield ("replay", str(self.poses))
        for form in ("json", "csv", "frames", "fit", "tcx", "mot", "trc", "c3d"):
            yield ("export", "1", "--format", form, "--out", str(self.folder / f"session.{form}"))
        yield ("report", "1")
        yield ("report", "--index")
        yield ("note", "1", "easy")
        yield ("share", "1", "--out", str(self.folder / "run-1.zip"))
        yield ("import", str(self.folder / "run-1.zip"))
        yield ("compare", "1", "2")
        yield ("history",)
        yield ("programme",)
        yield ("target", "--speed", "10")
        yield ("batch", str(self.clip.parent), "--out", str(self.folder / "dataset"), "--workers", "1")
        yield ("doctor",)
        yield ("cameras",)
        yield ("config",)
        yield ("say", "Heel up")
        yield ("say", "--voices")
        yield ("treadmill", "scan", "--seconds", "2")
        yield ("treadmill", "watch", "--seconds", "2")
        yield ("runners",)
        yield ("recover",)
        yield ("forget", "all", "--yes")


def row(arguments: Sequence[str], watched: Watched, folder: Path) -> str:
    """One command as a row of the table."""
    said = " ".join(arguments).replace(f"{folder}/", "")
    told = "<br>".join(_CHANCE.sub("…", line) for line in listed(watched.contacts))
    return f"| `coach {said}` | {watched.status} | {told or 'nobody'} |"


def main() -> int:
    """Print the table; the exit status is 1 where something left the machine."""
    if problem := why_not():
        print(f"nothing can be watched: {problem}", file=sys.stderr)
        return 2
    left = False
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.prepare()
        print("| command | exit | talks to |\n|---|---|---|")
        for arguments in home.commands():
            watched = home.watch(*arguments)
            left = left or bool(watched.leaving)
            print(row(arguments, watched, home.folder), flush=True)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
