"""A session as files that other programs read: JSON and CSV, as the contract has them."""

from __future__ import annotations

import csv
import io
import json

from coach.core.coaching.stride_record import STRIDE_COLUMNS
from coach.core.session.session import Session
from coach.plain_records import plain_row
from coach.review.session_json import session_to_json


def session_json_text(session: Session) -> str:
    """`coach.session/1`, readable and yet small: one line a key, and one a stride, cue, speed or curve."""
    return (
        "{"
        + ",".join(f"\n{_dumped(key)}: {_lines(value)}" for key, value in session_to_json(session).items())
        + "\n}\n"
    )


def strides_csv_text(session: Session) -> str:
    """One row a stride, rejected ones too; the columns are the keys of `strides` in the JSON. Empty where unknown."""
    table = io.StringIO()
    writer = csv.DictWriter(table, [column.key for column in STRIDE_COLUMNS], lineterminator="\n")
    writer.writeheader()
    for stride in session.strides:
        writer.writerow({key: _cell(value) for key, value in plain_row(stride, STRIDE_COLUMNS).items()})
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
