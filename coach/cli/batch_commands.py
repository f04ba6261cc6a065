"""`coach batch`: an archive of videos into one dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from coach.app.speed_sources import belt_input
from coach.cli import options as o
from coach.cli.console import MESSAGES, OUT
from coach.core.bounds import Bounds
from coach.errors import ConfigError

if TYPE_CHECKING:
    from coach.app.speed_sources import SpeedFrom
    from coach.edges.files.dataset_rows import VideoRecord

_SPEED_FROM: Final = ("sidecar", "name")


def batch(
    places: Annotated[
        list[Path], typer.Argument(metavar="DIR | status DATASET", help="A folder of videos; or look at a dataset.")
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="DATASET", help="Folder of the results.")] = None,
    speed_from: Annotated[
        str | None,
        typer.Option("--speed-from", metavar="sidecar|name", help="Each video's speed: a file beside it, or its name."),
    ] = None,
    speed: o.Speed = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            parser=o.whole_number("--workers", Bounds(1, 1024, "number of processes")),
            metavar="N",
            help="Processes; by default what the machine holds.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="A Dask cluster of yours, tcp://host:8786.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Do the failed ones again.")] = False,
    mode: o.Mode = None,
    level: o.Level = None,
    incline: o.Incline = None,
    height: o.Height = None,
    model: o.Model = None,
    config: o.Config = None,
) -> None:
    """Analyse a folder of videos and pose recordings into a Parquet dataset; done ones are skipped."""
    if places[0] == Path("status"):
        _status(places[1:])
        return
    if len(places) > 1:
        raise ConfigError("coach batch takes one folder; put the videos below it, or give the folders one by one")
    if out is None:
        raise ConfigError("coach batch needs a folder for its results: --out DATASET")
    if speed_from is not None and speed_from not in _SPEED_FROM:
        raise ConfigError(f"--speed-from {speed_from} is not known; it is sidecar or name")
    if scheduler is not None and workers is not None:
        raise ConfigError("--workers is for a cluster of this machine; your own at --scheduler has its workers")
    settings = o.settings_of(
        config, session__mode=mode, target__level=level, runner__height_cm=height, pose__model=model
    )
    o.warn_of_reports(settings)
    belt = belt_input(speed, incline)
    from coach.app.archive import Archive  # noqa: PLC0415 - only now is more needed
    from coach.app.batch_run import Where, run_batch  # noqa: PLC0415

    archive = Archive(places[0], settings, belt, cast("SpeedFrom | None", speed_from), retry=retry)
    with _bar() as tell:
        counts = run_batch(archive, out, Where(workers, scheduler), tell)
    OUT.print(
        f"{counts.files} files: {counts.done} done, {counts.failed} failed, {counts.there} were there already"
        + (f", {counts.copies} are copies" if counts.copies else ""),
        soft_wrap=True,
    )
    OUT.print(f"the dataset: {out}", soft_wrap=True)


def _status(places: list[Path]) -> None:
    if len(places) != 1:
        raise ConfigError("name one dataset: coach batch status DATASET")
    from coach.edges.files.dataset import Dataset  # noqa: PLC0415

    columns = (
        "name",
        "status",
        "reason",
        "settings_sha256",
        "strides_valid",
        "strides_rejected",
        "duration_s",
        "notices",
    )
    rows = list(Dataset.open(places[0]).rows("sessions", columns))
    done = [row for row in rows if row["status"] == "done"]
    failed = [row for row in rows if row["status"] == "failed"]
    strides = sum(row["strides_valid"] for row in done)
    rejected = sum(row["strides_rejected"] for row in done)
    hours = sum(row["duration_s"] or 0.0 for row in done) / 3600
    OUT.print(f"{len(rows)} videos: {len(done)} done, {len(failed)} failed")
    OUT.print(f"{hours:.2f} h of running, {strides} valid strides, {rejected} rejected")
    if len(settings := Counter(row["settings_sha256"] for row in done)) > 1:
        OUT.print(f"analysed with {len(settings)} different settings or speeds (column settings_sha256)")
    for row in sorted(done, key=lambda row: str(row["name"])):
        if row["notices"]:
            OUT.print(f"{row['name']}: {'; '.join(row['notices'])}", soft_wrap=True)
    for row in sorted(failed, key=lambda row: str(row["name"])):
        OUT.print(f"failed: {row['name']}: {row['reason']}", soft_wrap=True)


@contextmanager
def _bar() -> Iterator[Callable[[VideoRecord | None, int], None]]:
    """A bar over all videos on the terminal's error side, and a line for each that failed or has notices."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=MESSAGES, transient=True, disable=not MESSAGES.is_terminal) as bar:
        task = bar.add_task("videos", total=None)

        def tell(record: VideoRecord | None, files: int) -> None:
            bar.update(task, advance=1, total=files)
            if record is None:
                return
            if record.failure is not None:
                MESSAGES.print(f"failed: {record.name}: {record.failure.reason}", style="red", soft_wrap=True)
            if record.notices:
                MESSAGES.print(f"{record.name}: {'; '.join(record.notices)}", style="yellow", soft_wrap=True)

        yield tell
