"""Files, modules, make targets, settings and lines of code that the docs name are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from typer.core import TyperGroup

from coach.cli.commands import command_line
from coach.edges.pose.landmark_network import Network
from coach.errors import CoachError

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BESIDE_THE_DATA = {"score_replay.py", "score_video.py", "score_views.py"}
"""Scoring scripts that lie beside the measured data, not here."""
NEW_IN_A_WALK = set(ROOT.glob("docs/how-to-add-*.md"))
"""Their examples make files that are not kept, and name keys of words, which look like settings."""

FILE_ENDINGS = {"db", "json", "md", "py"}

_DIFF = re.compile(r"^```diff\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w/.-]+\.py)`|\(\.\./([\w/.-]+\.py)\)")
_COMMAND = re.compile(r"(?:^|`)coach ([a-z][^`#\n]*)", re.MULTILINE)
_KEPT = re.compile(r'(?:FILE|FILE_NAME|INDEX): Final = "([\w-]+\.\w+)"')
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)(?:#[^)]*)?\)")
_MODULE = re.compile(r"python -m ((?:bench|tools)\.\w+)")
_TARGET = re.compile(r"`make ([a-z-]+)`")
_SETTING = re.compile(r"`([a-z_]+\.[a-z_0-9]+)( = [^`]+)?`")


def texts(*, walks: bool = True) -> list[tuple[str, str]]:
    left_out = set() if walks else NEW_IN_A_WALK
    return [
        (page.name, page.read_text("utf-8")) for page in PAGES if page not in left_out and page.name != "CHANGELOG.md"
    ]


def is_there(file: str, names: set[str]) -> bool:
    """A path from the root or from within the package; a bare name anywhere."""
    if "/" not in file:
        return file in names
    return (ROOT / file).is_file() or any(ROOT.glob(f"coach/**/{file}"))


def test_files_that_are_named_are_there() -> None:
    folders = ("coach", "tests", "bench", "tools", "assets", "examples")
    names = {path.name for folder in folders for path in (ROOT / folder).rglob("*.py")} | BESIDE_THE_DATA
    named = [(page, a or b) for page, text in texts(walks=False) for a, b in _FILE.findall(text)]
    assert len(named) > 20
    assert not [f"{page}: {file}" for page, file in named if not is_there(file, names)]


def test_links_lead_to_files_where_a_code_host_shows_the_page() -> None:
    links = [(page, to) for page in PAGES for to in _LINK.findall(_FENCE.sub("", page.read_text("utf-8")))]
    assert len(links) > 50
    assert not [f"{page.name}: {to}" for page, to in links if not (page.parent / to).exists()]


def test_modules_that_are_to_be_run_are_there() -> None:
    modules = {module for _, text in texts() for module in _MODULE.findall(text)}
    assert len(modules) > 10
    assert not [module for module in modules if not (ROOT / f"{module.replace('.', '/')}.py").is_file()]


def test_targets_of_make_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = {target for _, text in texts() for target in _TARGET.findall(text)}
    assert len(targets) > 4
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)]


@pytest.fixture(scope="module")
def settings() -> dict[str, set[str]]:
    """Keys of each section of config.toml; those without a default stand there as a comment."""
    written = (ROOT / "config.toml").read_text("utf-8")
    keys: dict[str, set[str]] = {name: set(table) for name, table in tomllib.loads(written).items()
                                 if isinstance(table, dict)}  # fmt: skip
    for section, body in re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", written, re.MULTILINE | re.DOTALL):
        keys[section] |= set(re.findall(r"^# (\w+) = ", body, re.MULTILINE))
    return keys


def test_settings_that_are_named_are_there(settings: dict[str, set[str]]) -> None:
    named = [(page, *name.split(".")) for page, text in texts(walks=False) for name, _ in _SETTING.findall(text)]
    known = [(page, section, key) for page, section, key in named if section in settings]
    assert len(known) > 20
    assert not [f"{page}: {section}.{key}" for page, section, key in known
                if key not in settings[section] and key not in FILE_ENDINGS]  # fmt: skip


def test_what_a_walk_s_diff_takes_away_or_leaves_stands_in_the_code() -> None:
    diffs = [(page, diff) for page, text in texts() for diff in _DIFF.findall(text)]
    code = {line for folder in ("coach", "tests") for path in (ROOT / folder).rglob("*.py")
            for line in path.read_text("utf-8").splitlines()}  # fmt: skip
    old = [(page, line[1:]) for page, diff in diffs for line in diff.splitlines() if line[:1] in {"-", " "}]
    assert len(old) > 5
    assert not [f"{page}: {line}" for page, line in old if line.strip() and line not in code]


def test_the_network_that_a_walk_shows_has_all_that_a_network_promises() -> None:
    walk = (ROOT / "docs/how-to-add-a-pose-network.md").read_text("utf-8")
    shown: dict[str, type] = {}
    for example in re.findall(r"^```python\n(.*?)^```", walk, re.MULTILINE | re.DOTALL):
        exec(example, shown)
    promised = {name for name in vars(Network) if not name.startswith("_")}
    assert promised
    assert promised <= set(dir(shown["HalpeNetwork"]))


def is_known(name: str, line: str) -> bool:
    """Whether there is a command of that name, with the options that stand in its line."""
    command, words = command_line(), [name, *line.split()[1:]]
    while isinstance(command, TyperGroup) and words[0] in command.commands:
        command = command.commands[words.pop(0)]
        words = words or [""]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return words[0] != name and {word for word in words if word.startswith("--")} <= options


def test_commands_that_are_named_are_there_with_their_options() -> None:
    lines = [(page, line) for page, text in texts() for line in _COMMAND.findall(text)]
    assert len(lines) > 100
    named = [(page, name, line) for page, line in lines for name in line.split()[0].split("|")]
    assert not [f"{page}: coach {line}" for page, name, line in named if not is_known(name, line)]


def test_variables_and_exit_statuses_of_the_program_are_told() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "coach").rglob("*.py"))
    variables = set(re.findall(r'environ\.get\("(COACH_\w+)"\)', code))
    assert len(variables) > 2
    assert not [name for name in variables if not any(f"`{name}" in text for _, text in texts())]

    errors: list[type[CoachError]] = [CoachError, *CoachError.__subclasses__()]
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "docs/formats.md").read_text("utf-8"), re.MULTILINE)
    assert {str(kind.exit_status) for kind in errors} <= set(rows)


def test_each_file_of_the_data_folder_stands_on_the_page_about_privacy() -> None:
    code = [
        path.read_text("utf-8") for room in ("app", "core", "edges") for path in (ROOT / "coach" / room).rglob("*.py")
    ]
    kept = {name for text in code for name in _KEPT.findall(text)}
    assert {"sessions.db", "shared.json", "stills.json", "marks.json"} <= kept
    told = (ROOT / "docs/privacy.md").read_text("utf-8")
    assert not [name for name in kept if f"{name}`" not in told]
