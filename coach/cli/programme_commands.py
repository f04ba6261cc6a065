"""`coach programme`: how it stands, and what may be done with it between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coach.app.parts import words_of
from coach.cli import options as o
from coach.cli.console import OUT
from coach.core.words import Words
from coach.errors import ConfigError

if TYPE_CHECKING:
    from coach.app.data_folder import ProgrammeChange
    from coach.core.coaching.programme import ProgrammeState, Progress, SessionPlan


def programme(
    change: Annotated[
        str | None,
        typer.Argument(metavar="pause|resume|restart|trouble|well", help="Left out: only say how it stands."),
    ] = None,
    runner: o.Runner = None,
    config: o.Config = None,
    data_dir: o.DataDir = None,
) -> None:
    """Say how the programme stands; pause it, go on where it was left, or begin with session 1 again."""
    from coach.app.data_folder import change_programme, programme_now  # noqa: PLC0415
    from coach.review.history_page import programme_sentences  # noqa: PLC0415

    settings, root = o.asked(runner, config, data_dir)
    words = words_of(settings)
    if change is None:
        state = programme_now(settings, root)
    else:
        wanted = _change_of(change)
        before, state = change_programme(wanted, settings, root)
        OUT.print(_done(wanted, before, words), soft_wrap=True)
    told = programme_sentences(state.progress if state.enabled else None, words, state.sessions)
    for line in (*_next(state, words), *told, *_drills(state, words)):
        OUT.print(line, soft_wrap=True)


def _drills(state: ProgrammeState, words: Words) -> tuple[str, ...]:
    """What to practise on days without a run; nothing while the programme rests."""
    from coach.core.coaching.drills import drills  # noqa: PLC0415

    if not state.practises:
        return ()
    week = state.progress.week(state.sessions)
    named = (words.line(f"programme.drill.{one.name}", sets=one.sets, each=one.each) for one in drills(week))
    heading, note = words.line("programme.drill.heading", week=week), words.line("programme.drill.note")
    return "", heading, *(f"- {line}" for line in named), note


def _change_of(word: str) -> ProgrammeChange:
    from coach.app.data_folder import ProgrammeChange  # noqa: PLC0415

    try:
        return ProgrammeChange(word)
    except ValueError:
        raise ConfigError(
            f"{word!r} cannot be done to the programme; say pause, resume, restart, trouble or well, "
            "or nothing to see how it stands"
        ) from None


def _done(change: ProgrammeChange, before: Progress, words: Words) -> str:
    if change == "pause":
        return words.line("programme.was_paused" if before.paused else "programme.paused_now")
    if change == "resume":
        return words.line("programme.goes_on" if before.paused else "programme.was_not_paused")
    if change == "restart":
        return words.line("programme.restarted")
    return words.line("programme.said_trouble" if change == "trouble" else "programme.said_well")


def _next(state: ProgrammeState, words: Words) -> tuple[str, ...]:
    """What the next run will be, and why it is that where one would wonder."""
    from coach.review.answers import reasons  # noqa: PLC0415

    if state.plan is None:
        return (_no_session(state, words),)
    return _session(state.plan, words), *reasons(state, words)


def _session(plan: SessionPlan, words: Words) -> str:
    return words.line(
        "programme.next_step" if plan.step_deg else "programme.next",
        session=plan.session,
        of=plan.of,
        minutes=words.number(plan.minutes),
        pct=words.number(plan.feedback_pct),
        step=words.number(plan.step_deg, "°"),
    )


def _no_session(state: ProgrammeState, words: Words) -> str:
    from coach.review.answers import hurt_text  # noqa: PLC0415

    if state.rests:
        return hurt_text(state, words)
    if not state.enabled:
        return words.line("programme.switch_on", setting="programme.enabled = true")
    if state.progress.trouble:
        return words.line("programme.observed", command="coach programme well")
    if state.progress.paused:
        return words.line("programme.free_until", command="coach programme resume")
    if state.progress.sessions_done >= state.sessions:
        return words.line("programme.free_now", command="coach programme restart")
    return words.line("programme.done_today")
