"""The table of a stride's columns for people: docs/data-dictionary.md is this, written down."""

from __future__ import annotations

from typing import Final

from coach.core.coaching.stride_record import STRIDE_COLUMNS, SUMMED
from coach.core.columns import GROUPS, UNITS, Column, Group

_TITLES: Final[dict[Group, str]] = {
    "leg": "Which leg",
    "measured": "What was measured",
    "belt": "The belt when it ended",
    "band": "The band that held",
    "trust": "Whether it is trusted",
}
_HEAD: Final = """# Data dictionary: the columns of a stride

Made by `python -m tools.write_docs` from the notes that stand with the fields of `StrideRecord`
([gait/stride.py](../coach/core/gait/stride.py), [stride_record.py](../coach/core/coaching/stride_record.py)); change
them there. A stride runs from one initial contact to the next of the same foot. What is not known is null (JSON,
Parquet, SQL) or an empty cell (CSV), never 0 and never NaN.

One name everywhere: SQL table `stride`, Parquet table `strides`, JSON `strides` and the CSV of `coach export`; where
JSON and CSV keep an older key it stands in brackets. JSON and CSV are rounded to the decimals given, the others are
exact. What is marked *derived* follows from other columns and is not in SQL.
"""
_FOOT: Final = """## Means over a run
The summary of a session (JSON) has `mean`, `sd` and `n`, and the Parquet table `sessions` the mean, of
{summed}.
Those marked *near leg* count the near leg alone; the others too where it has three valid strides, and both legs where
not.
"""


def data_dictionary() -> str:
    """Markdown: every column by its group, then what is summed up over a run."""
    parts = [_HEAD]
    for group in GROUPS:
        rows = [_row(column) for column in STRIDE_COLUMNS if column.note.group == group]
        head = "| column | what | unit | decimals | where else |\n|---|---|---|---|---|"
        parts.append("\n".join([f"## {_TITLES[group]}", head, *rows]) + "\n")
    names = ", ".join(f"`{column.name}`" for column in SUMMED)
    return "\n".join([*parts, _FOOT.format(summed=names)])


def _row(column: Column) -> str:
    note = column.note
    name = f"`{column.name}`" + (f" (`{column.key}`)" if column.key != column.name else "")
    words = f": {', '.join(f'`{word}`' for word in column.words)}" if column.words else ""
    number = column.kind == "number"
    unit = UNITS[note.unit] if number else {"flag": "true or false", "word": "a word"}[column.kind]
    return f"| {name} | {note.about}{words} | {unit} | {note.digits if number else ''} | {_elsewhere(column)} |"


def _elsewhere(column: Column) -> str:
    note = column.note
    said = ["derived"] if column.derived else []
    said += ["near leg"] if note.near_only else []
    if note.shown is not None:
        said.append(f"page: {note.shown.label}")
    if note.fit is not None:
        said.append(f"FIT developer field {note.fit.number} `{note.fit.name}`, {note.fit.units}")
    return "; ".join(said)
