"""`coach runners`, `note` and `view`: the people who run, what is written about a run, a run frame by frame."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from coach.app.parts import words_of
from coach.cli import options as o
from coach.cli.console import OUT
from coach.cli.review_commands import tell_forgotten, when
from coach.errors import ConfigError
from coach.paths import is_folder

LONGEST_NOTE: Final = 2000

Name = Annotated[str, typer.Argument(metavar="NAME", help="A runner, as `coach runners` lists them.")]

runners = typer.Typer(help="The people who run here: list, add, rename, merge, export or forget one.")


@runners.callback(invoke_without_command=True)
def list_runners(context: typer.Context, config: o.Config = None, data_dir: o.DataDir = None) -> None:
    """List the runners, each with how much is kept of them."""
    if context.invoked_subcommand is not None:
        return
    from coach.app.data_folder import load_profile  # noqa: PLC0415
    from coach.edges.store import Runners  # noqa: PLC0415

    settings, root = o.settings_of(config), o.data_root(data_dir)
    words = words_of(settings)
    table = Table(box=None, pad_edge=False)
    for column in ("runner", "runs", "last", "height", "programme"):
        table.add_column(words.line(f"runners.{column}"), justify="right" if column in {"runs", "height"} else "left")
    for runner in Runners(root).all():
        done = load_profile(root, runner.name).progress.sessions_done
        table.add_row(
            runner.called,
            str(runner.sessions),
            when(runner.last_at),
            "–" if runner.height_cm is None else words.height(runner.height_cm, settings.units),
            words.many("runners.done", done) if done else "–",
        )
    OUT.print(table)


@runners.command()
def add(name: Name, height: o.Height = None, config: o.Config = None, data_dir: o.DataDir = None) -> None:
    """Make a place for one more runner."""
    from coach.edges.store import Runners  # noqa: PLC0415

    words = words_of(o.settings_of(config, runner__height_cm=height))
    runner = Runners(o.data_root(data_dir)).add(name, height)
    OUT.print(words.line("run.runner_new", runner=runner.called), soft_wrap=True)


@runners.command()
def height(
    name: Name,
    height_cm: Annotated[
        float, typer.Argument(metavar="CM", parser=o.height_cm("CM"), help="Body height: 175, or 5ft9.")
    ],
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Keep a runner's height, with which the belt speed is read from the picture."""
    from coach.edges.store import Runners  # noqa: PLC0415

    settings = o.settings_of(config, runner__height_cm=height_cm)
    words = words_of(settings)
    known = Runners(o.data_root(data_dir))
    runner = known.named(name)
    known.set_height(runner, height_cm)
    kept = words.height(height_cm, settings.units)
    OUT.print(words.line("run.runner_height", runner=runner.called, height=kept), soft_wrap=True)
    if told := o.other_height(o.settings_of(config), known.named(name), words):
        OUT.print(told, soft_wrap=True)


@runners.command()
def rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name from now on.")],
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Give a runner another name; `me` names the first one, who has none yet."""
    from coach.app.runners import rename as renamed  # noqa: PLC0415

    settings = o.settings_of(config)
    runner = renamed(name, new, o.data_root(data_dir), settings)
    OUT.print(words_of(settings).line("runners.renamed", runner=runner.called), soft_wrap=True)


@runners.command()
def merge(
    name: Name,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The same person's other name, which stays.")],
    yes: o.Yes = False,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Make one runner of two that are the same person: sessions, baselines and programme."""
    from coach.app.runners import merge as merged  # noqa: PLC0415

    settings, root = o.settings_of(config), o.data_root(data_dir)
    words = words_of(settings)
    if not yes:
        o.confirm(words.line("runners.merge", runner=name, into=into), words)
    runner = merged(name, into, root, settings)
    OUT.print(words.line("runners.merged", runner=name, into=runner.called), soft_wrap=True)


@runners.command()
def export(
    name: Name,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE.zip", help="Where to write it.")] = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write everything that is kept of a runner into one zip file."""
    from coach.app.runners import exported_runner  # noqa: PLC0415

    content, runner = exported_runner(name, o.data_root(data_dir))
    file_name = re.sub(r"[^\w-]+", "-", runner.called).strip("-") or f"runner-{runner.runner_id}"
    path = out or Path(f"{file_name}.zip")
    o.write_bytes(path, content)
    OUT.print(str(path), soft_wrap=True)


@runners.command()
def forget(
    name: Name,
    yes: o.Yes = False,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Delete a runner for good: every session, baseline, note, picture and page."""
    from coach.app.runners import forget_runner  # noqa: PLC0415

    settings, root = o.settings_of(config), o.data_root(data_dir)
    words = words_of(settings)
    if not yes:
        o.confirm(words.line("runners.forget", runner=name), words)
    tell_forgotten(lambda: forget_runner(name, root, settings), root, words)


def note(
    session: Annotated[str, typer.Argument(metavar="ID|last", help="A session's number.")],
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help='What to keep; "" takes it away.')] = None,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write something about a run, which its page then shows; without TEXT, say what is written."""
    from coach.app.kept_sessions import noted  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    words = words_of(settings)
    if text is not None and len(text) > LONGEST_NOTE:
        raise ConfigError(f"a note may have {LONGEST_NOTE} letters; this one has {len(text)}")
    session_id, kept = noted(session, text, root, settings)
    if text is None:
        OUT.print(kept or words.line("runners.no_note", number=session_id), soft_wrap=True)
    else:
        key = "runners.note_kept" if kept else "runners.note_gone"
        OUT.print(words.line(key, number=session_id), soft_wrap=True)


def view(
    session: Annotated[str, typer.Argument(metavar="ID|last", help="A session's number.")] = "last",
    video: Annotated[
        Path | None, typer.Option("--video", metavar="FILE", help="The video it was made from, to see it beneath.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the key s puts stills.")] = Path(),
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Look at a kept run frame by frame: step, play, mark, and save a still."""
    from coach.app.session_view import view as shown  # noqa: PLC0415 - pygame and OpenCV load only here

    settings, root = o.asked(runner, config, data_dir)
    if not is_folder(out):
        raise ConfigError(f"there is no folder {out}; make it first, or name another with --out")
    for path in shown(session, root, settings, video, out):
        OUT.print(str(path), soft_wrap=True)
