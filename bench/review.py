"""After a long run: what keeping and showing two hours cost in time and space.

    python -m bench.review [--minutes 120] [--keep DIR]

A simulated runner (20,000 strides at 30 frames a second for two hours) goes through builder, live store and page as
a real one would. Limits of the project: page ≤ 5 s and ≤ 3 MB without Plotly's script, store ≤ 20 MB without poses.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from coach.core.coaching.advice import Stage
from coach.core.session.records import settings_facts
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.store import LiveSession, Store
from coach.languages import load_words
from coach.review.pages import write_index, write_session_page
from coach.review.session_json import session_json_text
from coach.settings import Settings
from tests import kept

FPS: Final = 30.0
_Done = TypeVar("_Done")
SPEEDS_MPS: Final = (2.5, 3.0, 3.5, 3.0)


def belt(t_s: float) -> BeltSpeed:
    """Ten minutes at each speed."""
    return BeltSpeed(SPEEDS_MPS[int(t_s // 600) % len(SPEEDS_MPS)], SpeedOrigin.TYPED)


def peak_deg(t_s: float) -> float:
    """The usual lift at the speed, with a slow wave and a spread of strides that needs no chance."""
    return 91 + 14 * (belt(t_s).speed_mps - 2.5) + 3 * math.sin(t_s / 900) + 4 * math.sin(t_s * 12.9898)


def run_live(store: Store, duration_s: float) -> tuple[LiveSession, SessionBuilder, list[float]]:
    """The run, frame by frame; milliseconds that builder and store took of each."""
    builder = SessionBuilder(
        SourceFacts("camera", "simulated", 1280, 720, FPS), settings_facts(Settings()), "2026-01-05T18:00:00+01:00"
    )
    live = store.begin(builder)
    updates = kept.run(
        duration_s,
        FPS,
        peak_deg=peak_deg,
        belt=belt,
        stage=lambda t_s: Stage.WARM_UP if t_s < 120 else Stage.BASELINE if t_s < 180 else Stage.COACHING,
        cue_times=tuple(range(900, int(duration_s) - 60, 400)),
    )
    took_ms = []
    for update in updates:
        began_s = time.perf_counter()
        builder.add(update)
        for cue in update.cues:
            builder.delivered(cue, "speech", "screen")
        live.write()
        took_ms.append(1000 * (time.perf_counter() - began_s))
    return live, builder, took_ms


def timed(name: str, what: Callable[[], _Done]) -> _Done:
    """Do it and say how long it took."""
    began_s = time.perf_counter()
    done = what()
    print(f"{name:<28}{time.perf_counter() - began_s:8.2f} s")
    return done


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--minutes", type=float, default=120.0)
    options.add_argument("--keep", type=Path, help="keep store and pages here")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(Store(asked.keep or Path(scratch)), 60 * asked.minutes)


def measure(store: Store, duration_s: float) -> None:
    """Run, keep, load and show; one line each."""
    live, builder, took_ms = run_live(store, duration_s)
    print(f"{'frame, median':<28}{statistics.median(took_ms):8.3f} ms")
    print(f"{'frame, slowest of 1,000':<28}{statistics.quantiles(took_ms, n=1000)[-1]:8.3f} ms")
    session = timed("finish", lambda: live.finish(builder.finish()))
    print(f"{'strides':<28}{len(session.strides):8}")
    print(f"{'store':<28}{(store.data_dir / 'sessions.db').stat().st_size / 1e6:8.2f} MB")
    loaded = timed("load", lambda: store.load("last"))
    pages = store.data_dir / "pages"
    page = timed("page", lambda: write_session_page(pages, loaded, load_words("en"), "metric"))
    print(f"{'page':<28}{page.stat().st_size / 1e6:8.2f} MB")
    timed("index", lambda: write_index(pages, store.sessions(), load_words("en"), "metric"))
    print(f"{'JSON':<28}{len(session_json_text(loaded)) / 1e6:8.2f} MB")


if __name__ == "__main__":
    main()
