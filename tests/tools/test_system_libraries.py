"""The check that runs before anything is installed."""

from __future__ import annotations

import sys

import pytest

from tools.system_libraries import DEBIAN_PACKAGES, advice, loads, missing_packages


def test_nothing_is_missing_where_everything_is_found() -> None:
    assert missing_packages(lambda library: True) == []


def test_each_package_is_named_once() -> None:
    packages = missing_packages(lambda library: False)
    assert packages == sorted(set(DEBIAN_PACKAGES.values()))
    assert len(packages) < len(DEBIAN_PACKAGES)


def test_the_advice_can_be_typed() -> None:
    assert "sudo apt-get install -y libegl1 libxcb1" in advice(["libegl1", "libxcb1"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the dynamic linker of Linux is asked")
def test_the_linker_is_really_asked() -> None:
    assert loads("libc.so.6")
    assert not loads("libnobody-has-this.so.1")
