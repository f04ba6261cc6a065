"""What the project says of itself in several files agrees."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import coach

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def citation() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML, which the extra docs brings, is not installed")
    content: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    return content


def test_version_authors_and_licence_are_the_same_everywhere(citation: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [author["name"] for author in citation["authors"]]
    assert citation["version"] == coach.__version__
    assert citation["license"] == project["license"]
    assert names == [author["name"] for author in project["authors"]]
    assert all(name in (ROOT / "LICENSE").read_text("utf-8") for name in names)


def test_the_source_of_the_norms_is_cited(citation: dict[str, Any]) -> None:
    (paper,) = citation["references"]
    assert (paper["journal"], paper["volume"], paper["start"]) == ("PeerJ", 5, "e3298")
    assert "5:e3298" in (ROOT / "coach" / "core" / "coaching" / "baseline.py").read_text("utf-8")
