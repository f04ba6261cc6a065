"""JSON and CSV say the same as the session."""

from __future__ import annotations

import csv
import json

from coach.core.session.session import SessionBuilder, SourceFacts
from coach.review.session_json import session_json_text, session_to_json, strides_csv_text
from tests import kept

SOURCE = SourceFacts("demo", "Läufer", 640, 480)


def test_the_table_has_a_row_a_stride_and_the_json_s_words() -> None:
    builder = SessionBuilder(SOURCE)
    for update in kept.run(20.0):
        builder.add(update)
    session = builder.finish()
    data = session_to_json(session)["strides"]

    rows = list(csv.DictReader(strides_csv_text(session).splitlines()))

    assert list(rows[0]) == list(data[0])
    assert len(rows) == len(data)
    assert [float(row["peak_knee_flexion_deg"]) for row in rows] == [s["peak_knee_flexion_deg"] for s in data]
    assert rows[0]["valid"] == "true"
    assert rows[0]["reject_reason"] == rows[0]["incline_pct"] == ""


def test_a_session_without_strides_is_a_head_alone() -> None:
    text = strides_csv_text(SessionBuilder(SOURCE).finish())

    assert text.startswith("side,near,")
    assert text.count("\n") == 1


def test_the_json_keeps_letters_and_is_the_contract_s() -> None:
    session = SessionBuilder(SOURCE).finish()
    text = session_json_text(session)

    assert "Läufer" in text
    assert json.loads(text) == session_to_json(session)
