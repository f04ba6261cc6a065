"""Pages on disk: HTML beside one copy of style, script and Plotly. They work offline and ask nothing of any network.

The Content-Security-Policy allows the files beside the page and pictures inside it, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from coach.core.coaching.baseline import Baseline
from coach.core.coaching.programme import ProgrammeState, Progress
from coach.core.session.session import Session
from coach.core.session.summary import SessionLine
from coach.core.units import Units
from coach.core.words import Words
from coach.errors import StoreError
from coach.paths import mended_by
from coach.private import private_folder, write_private
from coach.review.answers import Answer
from coach.review.dates import started_text
from coach.review.history_page import SESSIONS_OF_PROGRAMME, index_page, page_name
from coach.review.plotly_figure import Chart
from coach.review.session_page import session_page
from coach.review.side_by_side import DrawnStride, compare_page, in_step
from coach.review.stride_pictures import films_of

INDEX: Final = "index.html"
RUNNERS: Final = "runners.html"
_STYLE: Final = "review.css"
_SCRIPT: Final = "review.js"
_EMPTY_STYLE_SHA256: Final = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Hash of nothing: Plotly adds an empty style element, whose rules it then sets from its script."""
_BEFORE_UNIT: Final = re.compile(r" (?=%)|(?<=\d) (?=(?:km/h|mph|km|mi|cm|ms|min|s|h|/min)(?!\w))|(?<=±) ")
_OPTION: Final = re.compile(r"--[a-z]+(?:-[a-z]+)*")
CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {_EMPTY_STYLE_SHA256}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every page of one runner."""

    index: str | None = INDEX
    """The page over all sessions; None where there is none to lead to."""
    runner: str = ""
    """Empty where nobody was named."""
    header: str = ""
    """Whose house it is, such as a practice's name."""
    logo: str = ""
    """A `data:` address, so that a page carries it along."""
    others: bool = False
    """Whether more than one person runs here; the pages of one name nobody else."""


@dataclass(frozen=True, slots=True)
class RunnerRow:
    """One line of the page over all runners."""

    name: str
    index: str
    sessions: int
    last_at: str | None


PLAIN: Final = Letterhead()


def write_session_page(
    pages: Path,
    session: Session,
    words: Words,
    units: Units,
    *,
    baselines: Sequence[Baseline] = (),
    folder: Path | None = None,
    earlier: Iterable[Session] = (),
    programme: ProgrammeState | None = None,
    head: Letterhead = PLAIN,
) -> Path:
    """Write the page of a session below `pages`; its path. `folder` is where the session's stills lie.

    earlier: the runs before it, newest first; read only as far as needed. programme: how it stands now. units: what
    is read now, whatever it was in the run.
    """
    page = session_page(session, words, units, baselines, folder, earlier=earlier, programme=programme)
    name = "session.html" if session.session_id is None else page_name(session.session_id)
    return _write(
        pages,
        name,
        "session.html.j2",
        page,
        page.charts,
        words,
        replace(head, runner=session.runner),
        **({"film": films} if (films := films_of(page.pictures)) else {}),
    )


def write_index(
    pages: Path,
    lines: Sequence[SessionLine],
    words: Words,
    units: Units,
    progress: Progress | None = None,
    sessions: int = SESSIONS_OF_PROGRAMME,
    *,
    answers: Sequence[Answer] = (),
    head: Letterhead = PLAIN,
) -> Path:
    """Write the index over all sessions of a runner; it links those pages that exist.

    `progress` is None without a programme; `sessions`: how many that has. `answers`: what stands at its head.
    """
    _prepare(pages)
    linked = [path.name for path in pages.glob("session-*.html")]
    page = index_page(lines, progress, linked, units, words, sessions, answers)
    cells = [[_with_fixed_spaces(cell) for cell in line.cells] for line in page.lines]
    return _write(pages, head.index or INDEX, "index.html.j2", page, page.charts, words, head, lines=cells)


def write_comparison(
    pages: Path,
    one: Session,
    two: Session,
    words: Words,
    units: Units,
    *,
    strides: Sequence[DrawnStride | None] = (),
    head: Letterhead = PLAIN,
) -> tuple[str, Path]:
    """Write two sessions side by side, with a typical stride of each in step where both are given.

    The sentence that stands at its head, and its path.
    """
    page = compare_page(one, two, words, units, strides)
    name = f"compare-{one.session_id}-{two.session_id}.html"
    path = _write(
        pages,
        name,
        "compare.html.j2",
        page,
        page.charts,
        words,
        replace(head, runner=two.runner),
        step=in_step(page.strides),
    )
    return page.headline, path


def write_runners(pages: Path, rows: Sequence[RunnerRow], words: Words, head: Letterhead = PLAIN) -> Path:
    """Write the page on which one of several runners is chosen. It alone names all of them."""
    lines = [
        (row.name, row.index if (pages / row.index).exists() else "", row.sessions, started_text(row.last_at, words))
        for row in rows
    ]
    return _write(pages, RUNNERS, "runners.html.j2", lines, {}, words, replace(head, runner=""))


def _write(
    pages: Path,
    name: str,
    template: str,
    page: object,
    charts: Mapping[str, Chart],
    words: Words,
    head: Letterhead,
    **more: object,
) -> Path:
    figures = {key: _in_its_numbers(chart.figure, words) for key, chart in charts.items()}
    text = (
        _templates()
        .get_template(template)
        .render(
            page=page,
            words=words,
            head=head,
            data=_data(figures | more),
            months="|".join(words.line(f"date.month_short.{month}") for month in range(1, 13)),
            csp=CSP,
            style=_STYLE,
            style_id=_map_style_id(),
            script=_SCRIPT,
            plotly=_plotly_name(),
        )
    )
    _prepare(pages)
    path = pages / name
    try:
        write_private(path, text.encode())
    except OSError as error:
        raise StoreError(f"cannot write the page {path}: {mended_by(error)}") from None
    return path


def _in_its_numbers(figure: dict[str, Any], words: Words) -> dict[str, Any]:
    """The figure with the decimal sign of the language, which Plotly has to be told where it is no point."""
    if words.decimal == ".":
        return figure
    return {**figure, "layout": {**figure["layout"], "separators": f"{words.decimal} "}}


def _data(figures: Mapping[str, object]) -> Markup:
    """JSON that can stand inside a script element: no `<` can end it."""
    text = json.dumps(figures, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - JSON without a `<` cannot leave its element


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("coach.review"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_with_fixed_spaces,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["options_whole"] = _options_whole
    return made


def _with_fixed_spaces(value: object) -> object:
    """A number keeps its unit on its line."""
    return _BEFORE_UNIT.sub("\u00a0", value) if type(value) is str else value


def _options_whole(text: str) -> Markup:
    """The text, with each option of the command line on one line: a browser ends lines behind the hyphens, too.

    By style alone, so that what is copied can be typed.
    """
    fixed = str(escape(_with_fixed_spaces(text)))
    return Markup(_OPTION.sub(r'<span class="whole">\g<0></span>', fixed))  # noqa: S704 - escaped before


@cache
def _map_style_id() -> str:
    """The element by which Plotly knows its style for maps to be there already.

    It would be added inline, which the policy forbids; no page has a map, so the page's own style takes its place.
    """
    found = re.search(rb'getElementById\("([0-9a-f]{64})"\)', _plotly_script().read_bytes())
    return found.group(1).decode() if found else "style"


def _plotly_script() -> Path:
    """Of Plotly only this script is used; its Python part is never loaded, and a bundle leaves it out."""
    return Path(str(metadata.distribution("plotly").locate_file("plotly/package_data/plotly.min.js")))


def _plotly_name() -> str:
    return f"plotly-{metadata.version('plotly')}.min.js"


def _prepare(pages: Path) -> None:
    """Style and script as they are in this version, and Plotly's script once."""
    try:
        private_folder(pages)
        static = resources.files("coach.review") / "static"
        for name in (_STYLE, _SCRIPT):
            _put(pages / name, (static / name).read_bytes())
        if not (pages / _plotly_name()).exists():
            _put(pages / _plotly_name(), _plotly_script().read_bytes())
            for old in pages.glob("plotly-*.min.js"):
                if old.name != _plotly_name():
                    old.unlink()
    except OSError as error:
        raise StoreError(f"cannot write the pages to {pages}: {mended_by(error)}") from None


def _put(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    write_private(path, content)
