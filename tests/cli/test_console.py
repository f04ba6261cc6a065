"""Whatever a name holds, the terminal shows it and does nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.progress import Progress, TextColumn
from rich.table import Table

import coach.cli
from coach.cli import run
from coach.cli.console import MESSAGES, OUT, with_bold
from coach.cli.legible import legible
from coach.cli.terminal import print_table
from coach.core.session.session import SessionBuilder
from coach.errors import SourceError
from coach.languages import load_words
from tests.app.archives import recording
from tests.edges.store.runs import SOURCE

NAME = "v[/o]ut [bold] [1] :smile:.mp4"


def test_brackets_and_colons_are_letters(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(box=None)
    table.add_column(f"head {NAME}")
    table.add_row(f"cell {NAME}")
    for console in (OUT, MESSAGES):
        console.print(NAME, soft_wrap=True)
        console.print(table, soft_wrap=True)
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert text.count(NAME) == 3


def test_a_control_character_is_a_sign_and_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    OUT.print("a\x1b[31mb\rc\x7fd\x9b2Je\tf\ng", soft_wrap=True)
    assert capsys.readouterr().out == "a�[31mb�c�d�2Je\tf\ng\n".expandtabs()
    assert legible("Läufer ✓ 走る") == "Läufer ✓ 走る"


def test_a_table_of_clips_calls_them_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    named, hostile = Path("[bold] [1] :smile:.mp4"), Path("\x1b[2J.mp4")
    print_table([(named, SessionBuilder(SOURCE).finish().summary), (hostile, SourceError("damaged"))], load_words("en"))
    said = capsys.readouterr().out
    assert named.name in said
    assert "�[2J.mp4" in said


def test_an_error_that_tells_a_name_commands_nothing_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poses = recording(tmp_path / "poses.jsonl", duration_s=1.0)
    header = poses.read_text().splitlines()[0].replace('"source":"poses.jsonl"', '"source":"\\u001b[2Jgone"')
    poses.write_text(f'{header}\n{{"t_s":0.0,"xy_px":null}}\n')
    assert run(["replay", str(poses), "--no-store"]) == 4
    said = capsys.readouterr().err
    assert "�[2Jgone" in said
    assert "\x1b" not in said


def test_one_part_of_a_line_stands_out() -> None:
    told = with_bold("aim at 103° (98° to 108°)", "103°")
    assert [(span.start, span.end, span.style) for span in told.spans] == [(7, 11, "bold")]


def test_there_are_no_other_consoles() -> None:
    """One that is made elsewhere would read brackets again; a bar reads them unless it is told not to."""
    for path in Path(coach.cli.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        assert path.name == "console.py" or not re.search(r"(?<!_)\bConsole\(|rich\.markup", text), path
        assert not re.search(r"TextColumn\((?![^)]*markup=False)", text), path
    assert TextColumn("{task.description}").markup, "what that would do"
    assert Progress(console=OUT).console is OUT
