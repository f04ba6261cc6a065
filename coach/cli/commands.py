"""The command line's table of contents."""

from __future__ import annotations

from typing import Annotated

import typer

from coach import __version__
from coach.cli import batch_commands, review_commands, run_commands, runner_commands, system_commands

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
    run_commands.run,
    run_commands.demo,
    run_commands.analyze,
    run_commands.replay,
    batch_commands.batch,
    review_commands.history,
    review_commands.report,
    review_commands.compare,
    review_commands.export,
    review_commands.share,
    review_commands.recover,
    review_commands.forget,
    review_commands.programme,
    runner_commands.note,
    runner_commands.view,
    system_commands.target,
    system_commands.cameras,
    system_commands.config,
    system_commands.doctor,
    system_commands.say,
):
    app.command()(command)
app.command("import")(review_commands.import_run)
app.add_typer(runner_commands.runners, name="runners")
app.add_typer(system_commands.treadmill, name="treadmill")
