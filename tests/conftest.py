"""What the whole suite shares: no configuration and no sessions of the user's, the pose model, the measured data."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from coach import config
from coach.environment import prepare
from coach.errors import PoseModelError

# Set before pygame and OpenCV are imported anywhere: the suite needs neither a display nor a sound card.
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
prepare()

import cv2  # noqa: E402 - as above

# Several tests run at a time: threads of each would only get in each other's way.
cv2.setNumThreads(1)

# How long an example takes is the machine's business, to draw as to try: speed is measured in bench/.
settings.register_profile("coach", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("coach")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with dear tests go first: the one that is begun last is waited for with idle hands."""
    dear = {item.path for item in items for mark in ("slow", "mediapipe") if item.get_closest_marker(mark)}
    items.sort(key=lambda item: item.path not in dear)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: no use in looking at them at every collection of garbage."""
    gc.collect()
    gc.freeze()


_PLACES = count()


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the user's configuration or writes among the user's sessions. Who needs the folders makes them."""
    own = tmp_path_factory.getbasetemp() / f"own{next(_PLACES)}"
    monkeypatch.setattr(config, "user_config_path", lambda: own / "config" / "config.toml")
    monkeypatch.setenv("XDG_DATA_HOME", str(own / "data"))


@pytest.fixture(scope="session")
def pose_model() -> Path:
    """The pose model out of the user's cache, fetched if need be."""
    from coach.edges.pose.pose_model import ensure_model

    try:
        return ensure_model("full", config.cache_dir())
    except PoseModelError as error:
        pytest.skip(f"the pose model cannot be had: {error}")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of the measured data."""
    folder = os.environ.get("COACH_TEST_DATA")
    if not folder:
        pytest.skip("COACH_TEST_DATA does not name the folder of the measured data")
    return Path(folder)


@pytest.fixture
def display_that_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """`DISPLAY` names a desktop that is not there, as in a terminal that outlived it."""
    import pygame

    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux names its displays so")
    pygame.display.quit()
    for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":7777")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    pygame.display.init()
    driver = pygame.display.get_driver()
    pygame.display.quit()
    if driver != "offscreen":
        pytest.skip(f"SDL reaches a display by {driver} here")
    yield
    pygame.display.quit()
