"""The command line's table of contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from coach import __version__
from coach.cli import (
    batch_commands,
    programme_commands,
    review_commands,
    run_commands,
    runner_commands,
    system_commands,
)

_NOT_CUT: Final = 1000


class _Grouped(TyperGroup):
    """Lists commands below headings, each with the whole first sentence of what it does."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Called by `--help`."""
        below: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                row = (name, command.get_short_help_str(_NOT_CUT))
                below.setdefault(getattr(command, "rich_help_panel", None) or "Commands", []).append(row)
        for heading, rows in below.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


app = typer.Typer(
    name="coach",
    cls=_Grouped,
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


_GROUPS: Final[Mapping[str, tuple[Callable[..., None], ...]]] = {
    "Run": (run_commands.run, run_commands.demo),
    "Videos and recordings": (run_commands.analyze, run_commands.replay, batch_commands.batch),
    "After the run": (
        review_commands.history,
        review_commands.report,
        review_commands.compare,
        runner_commands.view,
        runner_commands.note,
        review_commands.export,
        review_commands.share,
        review_commands.recover,
        review_commands.forget,
    ),
    "Runners and programme": (programme_commands.programme, system_commands.target),
    "This machine": (
        system_commands.cameras,
        system_commands.doctor,
        system_commands.bench,
        system_commands.config,
        system_commands.say,
    ),
}
"""Every command below the heading under which `coach --help` lists it."""

for heading, commands in _GROUPS.items():
    for command in commands:
        app.command(rich_help_panel=heading)(command)
app.command("import", rich_help_panel="Videos and recordings")(review_commands.import_run)
app.add_typer(runner_commands.runners, name="runners", cls=_Grouped, rich_help_panel="Runners and programme")
app.add_typer(system_commands.treadmill, name="treadmill", cls=_Grouped, rich_help_panel="This machine")


@cache
def command_line() -> Any:
    """The command line, made of all signatures once: whoever runs many commands in one process waits once."""
    return get_command(app)
