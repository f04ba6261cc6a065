"""Importing Coach changes nothing of a program's environment; running it does, and leaves alone what is set."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from coach.environment import SETTINGS, prepare

IMPORTS = """
import os
before = dict(os.environ)
import coach
from coach import Coach, analyze, replay
import coach.cli, coach.edges, coach.app, coach.edges.frames, coach.edges.audio
assert dict(os.environ) == before, set(os.environ.items()) ^ set(before.items())
"""


def test_importing_sets_nothing() -> None:
    env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    subprocess.run([sys.executable, "-c", IMPORTS], env=env, check=True, timeout=120)


LIGHT = """
import sys
before = set(sys.modules)
import coach.cli
new = {name.partition(".")[0] for name in set(sys.modules) - before}
assert not new & {"pathlib", "typer", "rich", "pydantic", "numpy", "scipy", "cv2", "pygame", "asyncio"}, new
ours = {name.removeprefix("coach.") for name in sys.modules if name.startswith("coach.")}
assert ours == {"cli", "cli.legible", "app", "app.leaving", "environment", "errors"}, ours
"""


def test_importing_the_commands_loads_none_of_them() -> None:
    subprocess.run([sys.executable, "-c", LIGHT], check=True, timeout=120)


START = """
import sys
import coach.cli.commands
heavy = {"cv2", "pygame", "ai_edge_litert", "jinja2", "bleak", "dask", "pyarrow", "fit_tool"} & set(sys.modules)
assert not heavy, heavy
"""


def test_a_command_loads_only_what_it_is_for() -> None:
    """Pictures, sound, network and pages cost a tenth of a second each; `coach history` waits for none of them."""
    subprocess.run([sys.executable, "-c", START], check=True, timeout=120)


def test_running_sets_what_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENCV_LOG_LEVEL", "DEBUG")
    prepare()
    assert {name: os.environ[name] for name in SETTINGS} == {**SETTINGS, "OPENCV_LOG_LEVEL": "DEBUG"}
