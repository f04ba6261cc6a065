"""`coach programme`: how the programme stands; pause it, go on, or begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from coach.app.parts import words_of
from coach.cli import options as o
from coach.errors import ConfigError

if TYPE_CHECKING:
    from coach.app.runner_memory import ProgrammeChange, ProgrammeState
    from coach.core.coaching.programme import Progress
    from coach.core.words import Words

_OUT = Console(highlight=False)


def programme(
    change: Annotated[
        str | None, typer.Argument(metavar="pause|resume|restart", help="Left out: only say how it stands.")
    ] = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Say how the programme stands; pause it, go on where it was left, or begin with session 1 again."""
    from coach.app.runner_memory import change_programme, programme_state  # noqa: PLC0415
    from coach.review.history_page import programme_sentences  # noqa: PLC0415

    settings, root = o.settings_of(config), o.data_root(data_dir)
    words = words_of(settings)
    if change is None:
        state = programme_state(settings, root)
    else:
        wanted = _change_of(change)
        before, state = change_programme(wanted, settings, root)
        _OUT.print(_done(wanted, before, words), soft_wrap=True)
    told = programme_sentences(state.progress if state.enabled else None, words, state.sessions)
    for line in (*told, _next(state, words)):
        _OUT.print(line, soft_wrap=True)


def _change_of(word: str) -> ProgrammeChange:
    from coach.app.runner_memory import ProgrammeChange  # noqa: PLC0415

    try:
        return ProgrammeChange(word)
    except ValueError:
        raise ConfigError(
            f"{word!r} cannot be done to the programme; say pause, resume or restart, or nothing to see how it stands"
        ) from None


def _done(change: ProgrammeChange, before: Progress, words: Words) -> str:
    if change == "pause":
        return words.line("programme.was_paused" if before.paused else "programme.paused_now")
    if change == "resume":
        return words.line("programme.goes_on" if before.paused else "programme.was_not_paused")
    return words.line("programme.restarted")


def _next(state: ProgrammeState, words: Words) -> str:
    """What the next run will be."""
    plan, progress = state.plan, state.progress
    if plan is not None:
        return words.line(
            "programme.next_step" if plan.step_deg else "programme.next",
            session=plan.session,
            of=plan.of,
            minutes=words.number(plan.minutes),
            pct=words.number(plan.feedback_pct),
            step=words.number(plan.step_deg, "°"),
        )
    if not state.enabled:
        return words.line("programme.switch_on", setting="programme.enabled = true")
    if progress.paused:
        return words.line("programme.free_until", command="coach programme resume")
    if progress.sessions_done >= state.sessions:
        return words.line("programme.free_now", command="coach programme restart")
    return words.line("programme.done_today")
