"""What a run says on the terminal while it goes on. Standard output stays free for results."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from coach.core.coaching.coaching import Stage
from coach.core.coaching.cues import Cue
from coach.core.gait.quality import Trust
from coach.core.notices import KEPT_AGAIN, NOT_KEPT, Notice
from coach.core.pipeline import Update
from coach.core.words import Words

_MESSAGES = Console(stderr=True, highlight=False)


class NoticePrinter:
    """Prints notices, and remembers what could not be kept."""

    def __init__(self) -> None:
        self.not_kept: list[str] = []
        """Reasons, a line each; what could be kept in the end after all is not among them."""

    def __call__(self, notice: Notice, text: str) -> None:
        """Print one, in these words."""
        _MESSAGES.print(text, markup=False, soft_wrap=True)
        reason = str(notice.detail)
        if notice.key == NOT_KEPT:
            self.not_kept.append(reason)
        elif notice.key == KEPT_AGAIN and reason in self.not_kept:
            self.not_kept.remove(reason)


class Narrator:
    """Says when the stage changes, what is cued, and every so often where the run stands."""

    def __init__(self, words: Words, every_s: float = 10.0) -> None:
        self._words = words
        self._every_s = every_s
        self._stage: Stage | None = None
        self._said_s = 0.0
        self._model = ModelBar()
        self.notices = NoticePrinter()

    def say(self, text: str) -> None:
        """One line."""
        _MESSAGES.print(text, soft_wrap=True)

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
        elif update.t_s - self._said_s >= self._every_s:
            self._line(update.t_s, _standing(update, self._words))

    def cue(self, cue: Cue) -> None:
        """Say a cue on the terminal too."""
        self._line(cue.t_s, self._words.line("run.cue", text=cue.text), style="bold")

    def _line(self, t_s: float, text: str, style: str | None = None) -> None:
        self._said_s = t_s
        minutes, seconds = divmod(int(t_s), 60)
        _MESSAGES.print(f"[{minutes}:{seconds:02d}] {text}", style=style, markup=False, soft_wrap=True)


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
        if not _MESSAGES.is_terminal:
            if what != self._said:
                _MESSAGES.print(what, soft_wrap=True)
            self._said = what
            return
        if self._bar is None:
            self._bar = Progress(TextColumn("{task.description}"), BarColumn(), console=_MESSAGES, transient=True)
            self._bar.add_task("", total=1.0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], description=what, completed=share)
        if share >= 1:
            self._bar.stop()
            self._bar = None
