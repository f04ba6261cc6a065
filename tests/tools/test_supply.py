"""What is handed on is the same whoever builds it, and says what it is made of."""

from __future__ import annotations

import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from coach.edges.pose import pose_model
from tools import supply


def test_a_build_repeats_byte_by_byte_elsewhere_later_and_under_another_umask(tmp_path: Path) -> None:
    once, again = supply.built_twice(tmp_path / "dist")
    assert len(once) == 2
    assert once == again
    assert once == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "dist").iterdir()}


def test_everything_that_is_tested_together_is_pinned() -> None:
    known = {(name.lower().replace("_", "-"), version) for name, version in supply.pinned()}
    lines = (supply.ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert len(known) == len(lines), "each line is one name and one version"
    names = {name for name, _ in known}
    assert {"numpy", "scipy", "ai-edge-litert", "opencv-contrib-python", "pygame-ce"} <= names


def test_the_networks_stand_in_the_bill_with_the_hashes_that_are_asked_of_them() -> None:
    asked = {*pose_model.WHEEL_MODELS.values(), *(digest for _, digest in pose_model.NPM_MODELS.values())}
    assert {one["hashes"][0]["content"] for one in supply.networks()} == asked
    assert all(len(digest) == 64 for digest in asked)


@pytest.mark.skipif(find_spec("cyclonedx_py") is None, reason="needs the extra [supply]")
def test_the_bill_names_every_pinned_version_and_the_networks() -> None:
    bill = supply.bill(validated=False)
    assert bill["bomFormat"] == "CycloneDX"
    libraries = {(one["name"], one["version"]) for one in bill["components"] if one["type"] == "library"}
    assert libraries >= set(supply.pinned())
    assert [one for one in bill["components"] if one["type"] == "machine-learning-model"] == supply.networks()


def test_a_python_that_is_not_here_is_none_and_this_one_is_found() -> None:
    assert supply.here("2.0") is None
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = supply.here(version)
    assert found is None or Path(found).name.startswith("python")


def test_an_extra_weighs_what_it_adds() -> None:
    plain = supply.needed()
    assert {"numpy", "scipy", "plotly", "pydantic-core"} <= plain
    assert "hatchling" not in plain, "what the tests need is not what a runner needs"
    assert "dask" in supply.needed("batch") - plain
    assert 30 < supply.megabytes("numpy") < 200
