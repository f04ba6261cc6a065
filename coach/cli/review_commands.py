"""`coach history`, `report`, `compare`, `export`, `recover` and `forget`: what was kept."""

from __future__ import annotations

import math
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.table import Table

from coach.app.parts import STANDARD_OUTPUT, words_of
from coach.cli import options as o
from coach.cli.console import OUT
from coach.cli.legible import on_one_line
from coach.cli.output_files import check_place
from coach.core.units import kmh, mph
from coach.core.words import UNKNOWN, Words
from coach.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coach.core.session.summary import SessionLine
    from coach.review.answers import Answer
    from coach.review.trend import Spark


SessionId = Annotated[str, typer.Argument(metavar="ID|last", help="A session's number, as `coach history` lists it.")]
_FORMATS: Final = "json|csv|frames|fit|tcx|mot|mot-gait2392|trc|c3d|bids"
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - is standard output.")]


def history(runner: o.Runner = None, config: o.Config = None, data_dir: o.DataDir = None) -> None:
    """List the sessions that were kept, newest first."""
    from coach.app.data_folder import store_of  # noqa: PLC0415
    from coach.app.kept_sessions import at_a_glance_now  # noqa: PLC0415
    from coach.core.session.summary import own_runs  # noqa: PLC0415
    from coach.review.trend import spark  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    words, store = words_of(settings), store_of(root, settings)
    lines = tuple(reversed(store.sessions()))
    if store.runner.name:
        OUT.print(store.runner.name, style="bold")
    if not lines:
        OUT.print(words.line("list.none", demo="`coach demo`", run="`coach run`"))
        _tell_others(root, words)
        return
    _print_glance(at_a_glance_now(store, settings), spark(own_runs(lines), words))
    imperial = settings.units == "imperial"
    table = Table(box=None, pad_edge=False)
    for column, justify in _COLUMNS:
        name = ("mph" if imperial else "km/h") if column == "speed" else words.line(f"list.{column}")
        # Figures are never cut; a long name goes on below.
        table.add_column(name, justify=justify, no_wrap=column != "source_kind", overflow="fold")
    for line in lines:
        table.add_row(
            str(line.session_id),
            when(line.started_at),
            _named(line, words),
            _minutes(line.ran_s),
            words.number(mph(line.speed_mps) if imperial else kmh(line.speed_mps), digits=1),
            words.number(line.near_peak_deg, "°"),
            words.number(line.in_band_pct, " %"),
            words.number(line.cadence_spm),
            str(line.cues_total),
        )
    OUT.print(table)
    if unfinished := [str(line.session_id) for line in lines if line.state == "cut short"]:
        told = words.line("list.cut_short", sessions=", ".join(unfinished), command="`coach recover`")
        OUT.print(told, soft_wrap=True)


def _print_glance(answers: Sequence[Answer], drawn: Spark | None) -> None:
    """A line for each answer, and the sparkline."""
    for answer in answers:
        big, more = ("", answer.more) if answer.big == UNKNOWN else (f"{answer.big} · ", answer.more)
        question = answer.question if answer.question.endswith("?") else f"{answer.question}:"
        OUT.print(f"{question} {big}{answer.says} {more}".rstrip(), soft_wrap=True)
    if drawn is not None:
        OUT.print(f"{drawn.bars} {drawn.says}", soft_wrap=True)
    if answers or drawn is not None:
        OUT.print()


def _named(line: SessionLine, words: Words) -> str:
    """A clip by its name, anything else by what it was; in brackets its hill, whose it is, or how it ended."""
    from coach.review.history_page import hill_text, state_text  # noqa: PLC0415
    from coach.review.sentences import clip_name  # noqa: PLC0415

    name = clip_name(line.source_kind, line.source_name)
    if name is None:
        name = words.name(f"list.source.{line.source_kind}", line.source_kind)
    name = on_one_line(name)
    more = ", ".join(filter(None, (hill_text(line, words), state_text(line, words))))
    return f"{name} ({more})" if more else name


def export(
    session: SessionId = "last",
    format: Annotated[str, typer.Option("--format", metavar=_FORMATS, help="What to write.")] = "json",  # noqa: A002
    out: Out = None,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write a kept session as a file that other programs read; `bids` adds it to a folder."""
    from coach.app.exports import exported, exported_study  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    if format == "bids":
        added = exported_study(session, out or Path("bids"), root, settings.coach.runner.name)
        OUT.print(str(added), soft_wrap=True)
        return
    content, name = exported(session, format, root, settings.coach.runner.name)
    if isinstance(content, str):
        o.write_text(out or STANDARD_OUTPUT, content)
        return
    o.write_bytes(out or Path(name), content)
    if out is None:
        OUT.print(name)


def share(
    session: SessionId = "last",
    out: Out = None,
    with_poses: Annotated[bool, typer.Option("--with-poses", help="The recorded poses go along.")] = False,
    with_stills: Annotated[
        bool, typer.Option("--with-stills", help="The pictures of the two strides go along.")
    ] = False,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write one run as a zip for somebody else: page, numbers and FIT; no poses and no pictures unless asked for."""
    from coach.app.sharing import AlsoShared, shared  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    content, name = shared(session, root, settings, AlsoShared(with_poses, with_stills))
    o.write_bytes(out or Path(name), content)
    OUT.print(str(out or name), soft_wrap=True)


def import_run(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What `coach share` has written.")],
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Keep a run that somebody shared, and write its page."""
    from coach.app.sharing import imported  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    words = words_of(settings)
    number, page = imported(file, root, settings)
    OUT.print(words.line("list.imported", number=number), soft_wrap=True)
    _tell_page(page, words, show=False)


def report(
    session: SessionId = "last",
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    index: Annotated[bool, typer.Option("--index", help="The page of all sessions instead.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it into a PDF, by the Chromium installed here.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write the PDF.")] = None,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Write a session's page and say where it is."""
    from coach.app.kept_sessions import written_index, written_report  # noqa: PLC0415

    if out is not None:
        check_place(out)
    settings, root = o.asked(runner, config, data_dir)
    page = written_index(root, settings) if index else written_report(session, root, settings)
    if pdf or out is not None:
        from coach.edges.files.page_pdf import print_page  # noqa: PLC0415

        page, printed = out or Path(page.with_suffix(".pdf").name.replace("session-", "run-")), page
        print_page(printed, page)
    _tell_page(page, words_of(settings), show=show)


def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="A session's number, or last.")],
    two: Annotated[str, typer.Argument(metavar="B", help="Another one's.")],
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Say what differs between two sessions, and write a page of them side by side."""
    from coach.app.kept_sessions import compared  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    sentence, page = compared(one, two, root, settings)
    OUT.print(sentence, soft_wrap=True)
    _tell_page(page, words_of(settings), show=show)


def recover(
    salvage: Annotated[bool, typer.Option("--salvage", help="Save what can be read of a damaged store.")] = False,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Finish sessions that were cut short, as by a crash or an empty battery."""
    from coach.app.kept_sessions import index_anew  # noqa: PLC0415
    from coach.edges import store  # noqa: PLC0415

    settings, root = o.settings_of(config), o.data_root(data_dir)
    words = words_of(settings)
    if salvage:
        saved = store.salvage(root)
        if saved is None:
            OUT.print(words.line("list.not_damaged"))
            return
        OUT.print(words.line("list.salvaged", number=len(saved.sessions), file=saved.damaged), soft_wrap=True)
        return
    found = store.Store(root).recover()
    for session in found:
        key = "list.saved" if session.frames.total else "list.nothing_to_save"
        line = words.line(key, number=session.session_id, time=_minutes(session.summary.duration_s))
        OUT.print(line, soft_wrap=True)
    if not found:
        OUT.print(words.line("list.none_cut_short"))
    index_anew(root, settings, found)  # what was saved is told before a page that cannot be written is


def forget(
    session: Annotated[str, typer.Argument(metavar="ID|last|all", help="A session's number, last, or all.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before forgetting everything.")] = False,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Delete a session, or everything of everybody, for good: numbers, poses, stills and pages."""
    from coach.app.kept_sessions import forget as forgotten  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    words = words_of(settings)
    if session == "all" and runner is not None:
        raise ConfigError(f"`coach forget all` is for everybody; `coach runners forget {runner!r}` is for one runner")
    if session == "all" and not yes:
        o.confirm(_forget_all(root, words), words)
    tell_forgotten(lambda: forgotten(session, root, settings), root, words)


def tell_forgotten(forgotten: Callable[[], int], root: Path, words: Words) -> None:
    """Forget, and say how many sessions went, and that copies of damaged stores went with them."""
    from coach.edges.store import damaged_copies  # noqa: PLC0415

    copies = damaged_copies(root)
    OUT.print(words.many("list.forgotten", forgotten()))
    if copies:
        OUT.print(words.line("list.damaged_forgotten"), soft_wrap=True)


def _tell_others(root: Path, words: Words) -> None:
    """Whose runs are kept, for one who has none and did not say who they are."""
    from coach.edges.store import Runners  # noqa: PLC0415

    others = [runner.called for runner in Runners(root).all() if runner.sessions]
    if others:
        told = words.line("list.others", runners=", ".join(others), option="--runner")
        OUT.print(told, soft_wrap=True)


def _forget_all(root: Path, words: Words) -> str:
    """The question, which names the others where there are some."""
    from coach.edges.store import Runners  # noqa: PLC0415

    runners = Runners(root).all()
    if len(runners) == 1:
        return words.line("list.forget_all")
    return words.line("list.forget_everybody", runners=", ".join(runner.called for runner in runners))


def _tell_page(page: Path, words: Words, *, show: bool) -> None:
    OUT.print(page.absolute().as_uri(), soft_wrap=True)
    if show and not webbrowser.open(page.absolute().as_uri()):
        OUT.print(words.line("list.no_browser"))


Justify = Literal["left", "right"]
_COLUMNS: Final[tuple[tuple[str, Justify], ...]] = (
    ("id", "right"),
    ("started", "left"),
    ("source_kind", "left"),
    ("min", "right"),
    ("speed", "right"),
    ("lift", "right"),
    ("in_band", "right"),
    ("steps", "right"),
    ("cues", "right"),
)


def when(started_at: str | None) -> str:
    """Day and time of a start; a dash where it is not known."""
    return datetime.fromisoformat(started_at).strftime("%Y-%m-%d %H:%M") if started_at else "–"


def _minutes(seconds: float) -> str:
    if math.isnan(seconds):
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
