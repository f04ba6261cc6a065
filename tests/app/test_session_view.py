"""`coach view`: a kept run is stepped through, marked and photographed in the same window."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pygame
import pytest

from coach.app.exports import Kept
from coach.app.session_view import VideoPictures, read_marks, track_of, view, write_marks
from coach.cli import run
from coach.core.notices import Notice, NoticeKind
from coach.core.pose import other
from coach.core.session.records import SessionEvent
from coach.core.session.session import Session
from coach.edges.screen import open_screen
from coach.edges.screen.page import Page
from coach.edges.screen.viewer import Track, Viewer, view_run
from coach.edges.store import Store
from coach.errors import ConfigError
from coach.languages import load_words, packaged_languages
from coach.settings import ScreenSettings, Settings
from tests.synth import recorded, synthetic_run

SLOW = pytest.mark.slow
WORDS = load_words("en")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one session of twelve seconds, its poses kept."""
    folder = tmp_path_factory.mktemp("view")
    recorded(folder / "run.jsonl", synthetic_run(speed_mps=3.0, duration_s=12, fps=30, noise_ll=0.01, seed=2))
    assert run(["replay", str(folder / "run.jsonl"), "--speed", "3m/s", "--data-dir", str(folder / "data")]) == 0
    return folder / "data"


@pytest.fixture(scope="module")
def tracked(root: Path) -> tuple[Session, Track]:
    """The session and what its poses tell of every frame, worked out once."""
    store = Store(root)
    session = store.load("last")
    return session, track_of(Kept(session, store.folder(1)))


@pytest.fixture
def viewer(tracked: tuple[Session, Track]) -> Viewer:
    return Viewer(*tracked)


def press(viewer: Viewer, key: int, mod: int = 0) -> bool:
    return viewer.key(pygame.event.Event(pygame.KEYDOWN, key=key, mod=mod))


def test_frames_are_stepped_one_by_one_by_ten_and_to_both_ends(viewer: Viewer) -> None:
    press(viewer, pygame.K_RIGHT)
    press(viewer, pygame.K_RIGHT, pygame.KMOD_SHIFT)
    assert viewer.at == 11
    press(viewer, pygame.K_LEFT)
    assert viewer.at == 10
    press(viewer, pygame.K_END)
    press(viewer, pygame.K_RIGHT)
    assert viewer.at == len(viewer.track.t_s) - 1
    press(viewer, pygame.K_HOME)
    press(viewer, pygame.K_LEFT)
    assert viewer.at == 0


def test_up_goes_to_the_highest_bend_of_the_next_stride_and_the_angle_there_is_the_stride_s(viewer: Viewer) -> None:
    press(viewer, pygame.K_END)
    for _ in range(4):
        press(viewer, pygame.K_DOWN)
    kept = next(k for k in viewer.session.strides if k.near and k.start_s <= viewer.t_s < k.end_s)
    rows = dict(viewer.says(WORDS))

    assert abs(viewer.t_s - kept.peak_knee_flexion_s) <= 1 / 60 + 1e-6
    shown_deg = float(viewer.track.flexion_deg[viewer.at, ("left", "right").index(viewer.near)])
    assert abs(shown_deg - kept.peak_knee_flexion_deg) < 3
    assert rows["foot"] == "in the air"
    assert rows["stride"] == f"counted, {kept.peak_knee_flexion_deg:.0f}°"


def test_a_foot_is_on_the_belt_from_contact_to_toe_off(viewer: Viewer) -> None:
    kept = [k for k in viewer.session.strides if k.near and k.valid][-2]
    said = {}
    for name, t_s in (("early", kept.initial_contact_s + 0.05), ("late", kept.toe_off_s + 0.05)):
        viewer.at = viewer.track.frame_at(t_s)
        said[name] = dict(viewer.says(WORDS))["foot"]

    assert said == {"early": "on the belt", "late": "in the air"}


def test_played_it_goes_on_as_life_does_and_stops_at_the_end(viewer: Viewer) -> None:
    press(viewer, pygame.K_SPACE)
    viewer.pass_time(2.0)
    assert viewer.t_s == pytest.approx(float(viewer.track.t_s[0]) + 2.0, abs=0.02)
    viewer.pass_time(60.0)
    assert not viewer.playing
    assert viewer.at == len(viewer.track.t_s) - 1


def filmed(viewer: Viewer, t_s: np.ndarray) -> Viewer:
    """The same run with pictures at these times."""
    columns = {
        name: getattr(viewer.track, name)[: len(t_s)] for name in ("xy_px", "confidence", "flexion_deg", "phase")
    }
    return Viewer(viewer.session, replace(viewer.track, t_s=t_s, **columns))


@pytest.mark.parametrize("loop_s", [0.007, 0.017, 0.027, 0.11])
@pytest.mark.parametrize("fps", [25, 30, 50])
def test_ten_seconds_take_ten_seconds_however_often_the_window_is_drawn(
    viewer: Viewer, fps: int, loop_s: float
) -> None:
    playing = filmed(viewer, np.arange(300) / fps)
    press(playing, pygame.K_SPACE)
    for _ in range(round(5.0 / loop_s)):
        playing.pass_time(loop_s)

    assert playing.playing
    assert playing.t_s == pytest.approx(5.0, abs=1 / fps + loop_s)


def test_where_nothing_was_filmed_for_long_a_second_passes_and_it_goes_on(viewer: Viewer) -> None:
    t_s = np.arange(120) / 30 + np.where(np.arange(120) < 60, 0.0, 600.0)
    playing = filmed(viewer, t_s)
    press(playing, pygame.K_SPACE)
    shown = []
    for _ in range(350):
        playing.pass_time(0.01)
        shown.append(playing.at)

    assert shown.count(59) == pytest.approx(100, abs=3)
    assert playing.t_s == pytest.approx(t_s[60] + 0.5, abs=0.05)


def test_played_at_the_end_it_begins_anew(viewer: Viewer) -> None:
    press(viewer, pygame.K_END)
    press(viewer, pygame.K_SPACE)
    viewer.pass_time(1.0)

    assert viewer.playing
    assert viewer.t_s == pytest.approx(float(viewer.track.t_s[0]) + 1.0, abs=0.04)


def test_marks_come_and_go_are_found_again_and_kept_with_the_session(viewer: Viewer, tmp_path: Path) -> None:
    for frame in (90, 30, 60):
        viewer.go(frame)
        press(viewer, pygame.K_m)
    press(viewer, pygame.K_m)
    write_marks(tmp_path, viewer.marks)
    found = read_marks(tmp_path)

    assert [viewer.track.frame_at(t_s) for t_s in found] == [30, 90]
    viewer.go(40)
    press(viewer, pygame.K_n)
    assert viewer.at == 90
    press(viewer, pygame.K_n)
    assert viewer.at == 30
    write_marks(tmp_path, [])
    assert read_marks(tmp_path) == []


def test_damaged_marks_are_none(tmp_path: Path) -> None:
    (tmp_path / "marks.json").write_text('[1, "x"')

    assert read_marks(tmp_path) == []


@pytest.mark.parametrize(
    "size", [(640, 480), pytest.param((1280, 720), marks=SLOW), pytest.param((720, 1280), marks=SLOW)]
)
@pytest.mark.parametrize("language", packaged_languages())
def test_it_is_drawn_in_the_window_and_the_still_shows_what_was_seen(
    viewer: Viewer, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    window = open_screen(ScreenSettings(), "metric", load_words(language), size)
    viewer.go(len(viewer.track.t_s) // 2)
    for key in (pygame.K_RIGHT, pygame.K_m, pygame.K_s, pygame.K_x, pygame.K_q):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0))
    try:
        stills = view_run(window, viewer, lambda _t_s: None, lambda t_s: tmp_path / f"{t_s:.3f}.png")
    finally:
        window.close()

    (still,) = stills
    picture = pygame.image.load(still)
    assert picture.get_size() == size
    # The lever's yellow is the runner's; without a runner there is none.
    colours = pygame.surfarray.array3d(picture)
    assert cv2.inRange(colours, (230, 218, 56), (250, 238, 76)).any()
    assert viewer.marks == [viewer.t_s]


def test_what_happened_is_told_whole_and_in_the_window(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It said `sound:` and `seen:`, and nothing of what it was."""
    seen = Notice(NoticeKind.SEEN, "left_out.too_few_frames")
    lost = SessionEvent(viewer.t_s, "treadmill", "lost " + "x" * 90 + ", THE END")
    viewer.session = replace(
        viewer.session, events=(SessionEvent(viewer.t_s + 0.1, "seen", "as it was said", seen.noted), lost)
    )
    german = load_words("de")

    assert viewer.happened(german)[1] == f"gesehen: {german.line('left_out.too_few_frames')}"

    texts: list[tuple[str, pygame.Rect]] = []
    write = Page.write

    def noting(self: Page, text: str, at: tuple[float, float], **how: Any) -> pygame.Rect:
        texts.append((text, write(self, text, at, **how)))
        return texts[-1][1]

    monkeypatch.setattr(Page, "write", noting)
    window = open_screen(ScreenSettings(), "metric", german, (640, 480))
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_q, mod=0))
    view_run(window, viewer, lambda _t_s: None, lambda t_s: tmp_path / f"{t_s:.3f}.png")
    window.close()

    first, last = (next(n for n, (text, _) in enumerate(texts) if part in text) for part in ("Laufband", "END"))
    told = [area for _, area in texts[first : last + 1]]
    assert len(told) > 3, "in as many lines as it needs"
    assert all(area.right <= 640 for area in told)
    assert all(one.bottom < below.top for one, below in pairwise(told))


def test_the_picture_of_a_video_is_that_of_the_moment_back_and_forth(tmp_path: Path) -> None:
    path = str(tmp_path / "grey.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (64, 48))
    for number in range(200):
        writer.write(np.full((48, 64, 3), number, np.uint8))
    writer.release()
    pictures = VideoPictures(Path(path))

    def grey(t_s: float) -> float:
        picture = pictures.at(t_s)
        assert picture is not None
        return float(picture.mean())

    try:
        assert [round(grey(t_s) / 20) for t_s in (1.0, 5.0, 9.0, 0.0, 8.0)] == [1, 5, 9, 0, 8]
        assert pictures.at(60.0) is None
    finally:
        pictures.close()


def test_without_poses_or_a_display_it_says_why(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no display"):
        view("last", root, Settings(), None, tmp_path)
    assert run(["view", "last", "--out", str(tmp_path / "none"), "--data-dir", str(root)]) == 2
    other = Store(tmp_path / "other")
    other.keep(Store(root).load("last"))
    with pytest.raises(ConfigError, match="not kept"):
        view("last", tmp_path / "other", Settings(), None, tmp_path)


def test_the_leg_that_was_near_at_that_moment_is_the_bold_one(viewer: Viewer) -> None:
    """Of a runner who turned round half-way it is first one leg, then the other, and both have their strides."""
    middle_s = float(viewer.track.t_s[len(viewer.track.t_s) // 2])
    near = next(kept.side for kept in viewer.session.strides if kept.near)
    turned = [replace(kept, near=(kept.side == near) == (kept.start_s < middle_s)) for kept in viewer.session.strides]
    viewer = Viewer(replace(viewer.session, strides=tuple(turned)), viewer.track)

    press(viewer, pygame.K_UP)
    assert viewer.near == near
    press(viewer, pygame.K_END)
    press(viewer, pygame.K_DOWN)
    assert viewer.near == other(near)
    assert dict(viewer.says(WORDS))["stride"] != "–"
