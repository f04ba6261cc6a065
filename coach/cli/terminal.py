"""What a run says on the terminal: while it goes on, at its end, and of several videos in one table.

Standard output stays free for results; what is said on the way goes to the error side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from coach.app.parts import STANDARD_OUTPUT, Outputs, words_of
from coach.cli.console import MESSAGES, OUT
from coach.cli.legible import on_one_line
from coach.core.coaching.coaching import Stage
from coach.core.coaching.cues import Cue
from coach.core.gait.quality import Trust
from coach.core.notices import KEPT_AGAIN, NOT_KEPT, Notice
from coach.core.pipeline import Update
from coach.core.session.session import Session
from coach.core.session.summary import SessionSummary
from coach.core.words import UNKNOWN, Words
from coach.errors import CoachError, StoreError
from coach.review.sentences import odd_time_sentence, remember_line, summary_lines
from coach.settings import Settings, Units

_EVERY_S: Final = 10.0
"""From one line on how the run stands to the next."""


class NoticePrinter:
    """Prints notices, and remembers what could not be kept."""

    def __init__(self) -> None:
        self.not_kept: list[str] = []
        """Reasons, a line each; what could be kept in the end after all is not among them."""

    def __call__(self, notice: Notice, text: str) -> None:
        """Print one, in these words."""
        MESSAGES.print(text, soft_wrap=True)
        reason = str(notice.detail)
        if notice.key == NOT_KEPT:
            self.not_kept.append(reason)
        elif notice.key == KEPT_AGAIN and reason in self.not_kept:
            self.not_kept.remove(reason)


class Narrator:
    """Says when the stage changes, what is cued, and every so often where the run stands."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._stage: Stage | None = None
        self._said_s = 0.0
        self._model = ModelBar()
        self.notices = NoticePrinter()

    def say(self, text: str) -> None:
        """One line."""
        MESSAGES.print(text, soft_wrap=True)

    def notice(self, notice: Notice, text: str) -> None:
        """A notice, in these words."""
        self.notices(notice, text)

    def model(self, what: str, share: float) -> None:
        """How far the fetching of the pose model is."""
        self._model(what, share)

    def update(self, update: Update) -> None:
        """Look at one more update."""
        if update.advice.stage is not self._stage:
            self._stage = update.advice.stage
            self._line(update.t_s, _entering(update, self._words))
        elif update.t_s - self._said_s >= _EVERY_S:
            self._line(update.t_s, _standing(update, self._words))

    def cue(self, cue: Cue) -> None:
        """Say a cue on the terminal too."""
        self._line(cue.t_s, self._words.line("run.cue", text=cue.text), style="bold")

    def _line(self, t_s: float, text: str, style: str | None = None) -> None:
        self._said_s = t_s
        minutes, seconds = divmod(int(t_s), 60)
        MESSAGES.print(f"[{minutes}:{seconds:02d}] {text}", style=style, soft_wrap=True)


def _entering(update: Update, words: Words) -> str:
    """The stage that begins. Silence means well done only where something is measured."""
    stage, gait = update.advice.stage, update.gait
    if stage is Stage.COACHING and gait.trust is not Trust.MEASURING:
        return words.line("run.stage.coaching_blind", seen=_seen(update, words))
    return words.line(f"run.stage.{stage}")


def _seen(update: Update, words: Words) -> str:
    """What the picture shows."""
    return words.line(f"run.activity.{update.gait.finding or update.gait.activity}")


def _standing(update: Update, words: Words) -> str:
    """Where the run stands, in one line; a number that is not trusted is not said."""
    if update.gait.trust is not Trust.MEASURING:
        return f"{words.line(f'run.trust.{update.gait.trust}')}: {_seen(update, words)}"
    parts = []
    if (lift := update.advice.lift) is not None:
        band = update.advice.target
        parts.append(words.line("run.lift", lift=words.number(lift.mean_deg, "°")))
        if band is not None:
            low, high = words.number(band.low_deg), words.number(band.high_deg, "°")
            parts.append(words.line("run.band", low=low, high=high))
    if update.gait.cadence_spm == update.gait.cadence_spm:  # not NaN
        parts.append(words.line("summary.cadence", spm=words.number(update.gait.cadence_spm)))
    return " · ".join(parts) or words.line("run.trust.measuring")


class ModelBar:
    """How far the fetching of the pose model is: a bar on a terminal, a line for each step elsewhere."""

    def __init__(self) -> None:
        self._said = ""
        self._bar: Progress | None = None

    def __call__(self, what: str, share: float) -> None:
        """`what` is being done and is done to `share`, 0 to 1."""
        if not MESSAGES.is_terminal:
            if what != self._said:
                MESSAGES.print(what, soft_wrap=True)
            self._said = what
            return
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False), BarColumn(), console=MESSAGES, transient=True
            )
            self._bar.add_task("", total=1.0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], description=what, completed=share)
        if share >= 1:
            self._bar.stop()
            self._bar = None


def print_results(
    session: Session,
    outputs: Outputs,
    settings: Settings,
    not_kept: Sequence[str] = (),
    *,
    page: bool = True,
    summary: bool = True,
) -> None:
    """Say how the run was and write its page, unless results go to standard output.

    `page`: whether a page is wanted. `summary`: whether standard output is free for it. `not_kept`: what could not be
    kept, a reason each. Raises StoreError where there is any, which says what was kept.
    """
    reasons = list(not_kept)
    if summary and outputs.json != STANDARD_OUTPUT:
        _print_summary(session, settings.units, words_of(settings))
        try:
            if page:
                _print_page(session, outputs.data_dir, settings)
        except (OSError, StoreError) as error:
            reasons.append(str(error))
    if reasons:
        kept = ", ".join(_kept(session, outputs, reasons)) or "nothing"
        raise StoreError(
            f"not everything could be kept: {'; '.join(reasons)}. Kept: {kept}. See to it before the next run"
        )


def _print_summary(session: Session, units: Units, words: Words) -> None:
    for line in summary_lines(session, units, words):
        OUT.print(line, soft_wrap=True)
    if odd := odd_time_sentence(session, words):
        OUT.print(odd, soft_wrap=True)
    if remembered := remember_line(session, words):
        OUT.print(remembered, style="bold", soft_wrap=True)


def _print_page(session: Session, data_dir: Path | None, settings: Settings) -> None:
    """Write the page of a kept session and say where it is."""
    if session.session_id is None or data_dir is None:
        return
    from coach.app.kept_sessions import written_report  # noqa: PLC0415 - the page's libraries load only here

    page = written_report(str(session.session_id), data_dir, settings)
    OUT.print(words_of(settings).line("summary.page", address=page.absolute().as_uri()), soft_wrap=True)


def _kept(session: Session, outputs: Outputs, reasons: Sequence[str]) -> list[str]:
    """What there is of the run, in words. A file that a reason names is none, or another run's."""
    kept = [] if session.session_id is None else [f"session {session.session_id}"]
    asked = [path for path in (outputs.json, outputs.frames, outputs.record) if path is not None and path.is_file()]
    files = [path for path in asked if not any(str(path) in reason for reason in reasons)]
    return kept + [f"{size / 1000:.0f} kB of {path}" for path in files if (size := path.stat().st_size)]


Outcome = tuple[Path, SessionSummary | CoachError]


def print_table(outcomes: Sequence[Outcome], words: Words) -> None:
    """Say what came of each video, in the order they were given. A dash stands for what is not known."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(words.line("clips.video"), overflow="fold")
    for name in ("strides", "lift", "in_band", "steps"):
        table.add_column(words.line(f"clips.{name}"), justify="right")
    for path, outcome in outcomes:
        table.add_row(on_one_line(path.name), *_clip_cells(outcome, words))
    OUT.print()
    OUT.print(table)


def _clip_cells(outcome: SessionSummary | CoachError, words: Words) -> tuple[str, ...]:
    if isinstance(outcome, CoachError):
        return (words.line("clips.failed"), UNKNOWN, UNKNOWN, UNKNOWN)
    return (
        str(outcome.strides_valid),
        words.number(outcome.peak_knee_flexion_deg.near),
        words.number(outcome.in_band_pct),
        words.number(outcome.cadence_spm),
    )
