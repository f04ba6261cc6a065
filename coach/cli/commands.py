"""The command line's table of contents."""

from __future__ import annotations

from typing import Annotated

import typer

from coach import __version__
from coach.cli import batch, devices, live, offline, programme, review, system

app = typer.Typer(
    name="coach",
    help="A real-time treadmill running coach for a laptop and a webcam.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coach {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which one.")
    ] = False,
) -> None:
    """A real-time treadmill running coach for a laptop and a webcam."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for command in (
    live.run,
    live.demo,
    offline.analyze,
    offline.replay,
    batch.batch,
    review.history,
    review.report,
    review.compare,
    review.export,
    review.recover,
    review.forget,
    programme.programme,
    system.target,
    system.cameras,
    system.config,
    system.doctor,
    devices.say,
):
    app.command()(command)
app.add_typer(devices.treadmill, name="treadmill")
