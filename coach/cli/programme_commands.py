"""`coach programme`: how the programme stands; pause it, go on, or begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from coach.cli import options as o
from coach.errors import ConfigError

if TYPE_CHECKING:
    from coach.app.runner_memory import ProgrammeChange, ProgrammeState
    from coach.core.coaching.programme import Progress

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
    if change is None:
        state = programme_state(settings, root)
    else:
        wanted = _change_of(change)
        before, state = change_programme(wanted, settings, root)
        _OUT.print(_done(wanted, before), soft_wrap=True)
    told = programme_sentences(state.progress if state.enabled else None, state.sessions)
    for line in (*told, _next(state)):
        _OUT.print(line, soft_wrap=True)


def _change_of(word: str) -> ProgrammeChange:
    from coach.app.runner_memory import ProgrammeChange  # noqa: PLC0415

    try:
        return ProgrammeChange(word)
    except ValueError:
        raise ConfigError(
            f"{word!r} cannot be done to the programme; say pause, resume or restart, or nothing to see how it stands"
        ) from None


def _done(change: ProgrammeChange, before: Progress) -> str:
    if change == "pause":
        return "It was paused already." if before.paused else "Paused; nothing of it is lost."
    if change == "resume":
        return "It goes on where it was left." if before.paused else "It was not paused."
    return "It begins with session 1 again; past sessions and steps that held are kept."


def _next(state: ProgrammeState) -> str:
    """What the next run will be."""
    plan, progress = state.plan, state.progress
    if plan is not None:
        step = f"a step of {plan.step_deg:.0f}° is practised" if plan.step_deg else "no step is asked"
        return (
            f"A run now is session {plan.session} of {plan.of}: {plan.minutes:.0f} minutes, "
            f"feedback in {plan.feedback_pct:.0f} % of the blocks, {step}."
        )
    if not state.enabled:
        return "programme.enabled = true in your configuration switches it on."
    if progress.paused:
        return "Runs are free until you type: coach programme resume"
    if progress.sessions_done >= state.sessions:
        return "Runs are free now; once more from the start: coach programme restart"
    return "Today's session is done; another run today is free."
