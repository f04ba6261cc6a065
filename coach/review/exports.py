"""A session as files that other programs read: JSON and CSV, as the contract has them."""

from __future__ import annotations

import csv
import io
import json
from typing import Final

from coach.core.session.session import Session
from coach.review.session_json import session_to_json, stride_to_json


def session_json_text(session: Session) -> str:
    """`coach.session/1`, readable and yet small: one line a key, and one a stride, cue, speed or curve."""
    return (
        "{"
        + ",".join(f"\n{_dumped(key)}: {_lines(value)}" for key, value in session_to_json(session).items())
        + "\n}\n"
    )


def strides_csv_text(session: Session) -> str:
    """One row a stride, rejected ones too; the columns are the keys of `strides` in the JSON. Empty where unknown."""
    rows = [stride_to_json(kept) for kept in session.strides]
    columns = list(rows[0]) if rows else list(_COLUMNS_OF_NONE)
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return table.getvalue()


def _lines(value: object) -> str:
    """A list with one line an entry; anything else on one line."""
    if isinstance(value, list) and value:
        return "[" + ",".join(f"\n {_dumped(entry)}" for entry in value) + "\n]"
    return _dumped(value)


def _dumped(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _cell(value: object) -> object:
    """JSON's words for truth, so that both files say the same."""
    return str(value).lower() if isinstance(value, bool) else value


_COLUMNS_OF_NONE: Final = ("side", "near", "start_s", "end_s", "valid", "reject_reason")
"""The head of a table without a stride."""
