"""Nothing is cut off and no two words touch, in every state, size, view and language."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pygame
import pytest

from bench.scenes import Scene, other_scenes, running_scenes, status, update
from bench.screens import measured
from coach.core.setup.setup_check import SetupItem, SetupResult, SetupState, Unit, Verdict
from coach.edges.screen import Choice, Window, open_screen, pick_camera
from coach.edges.screen.form_view import NO_FIGURE, Form, draw_form
from coach.edges.screen.full_pages import draw_finish, draw_help, draw_question, draw_setup, draw_setup_banner
from coach.edges.screen.layout import View, lay_out
from coach.edges.screen.overlays import draw_load
from coach.edges.screen.page import Page
from coach.edges.screen.readout import Reader
from coach.edges.screen.theme import MIN_TEXT_SHARE
from coach.languages import languages, load_words
from coach.ports import Finish, Frame, ImageBGR, Load
from coach.settings import ScreenSettings

SIZES = (
    *((640, 480), (1280, 720), (720, 1280)),
    *(
        pytest.param(size, marks=pytest.mark.slow)
        for size in ((1024, 600), (1080, 1080), (480, 854), (400, 900), (480, 1080))
    ),
)
SCENES: dict[str, Scene] = {
    scene.name: scene for scene in running_scenes(update(None, 1.0)) + other_scenes(update(None, 1.0))
}


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


Written = list[tuple[str, pygame.Rect, int]]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Every text that is drawn, with the rectangle of its capitals and its em size."""
    texts: Written = []
    write = Page.write

    def noting(self: Page, text: str, at: tuple[float, float], **how: object) -> pygame.Rect:
        area = write(self, text, at, **how)  # type: ignore[arg-type]
        if text.strip():
            texts.append((text, area, int(how.get("em") or self.em)))  # type: ignore[call-overload]
        return area

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(Page, "write", noting)
    yield texts
    pygame.display.quit()


LOAD = Load(60.0, 59.9, 60.0, 16.0, 62.0, 48.0, 0.3)


def show(
    scene_name: str,
    size: tuple[int, int],
    language: str,
    view: View,
    *extras: str,
    says: tuple[str, ...] = (),
    again: Window | None = None,
) -> Window:
    """A window in one state; `extras` are what the runner switched on: help, curve, load. `again`: one that is open."""
    window = again or open_screen(ScreenSettings(), "metric", load_words(language))
    if again is None:
        window.resize(*size)
    window._painter.view = view
    # As in a window of its own: what stays from picture to picture is written anew, and no cue stands there yet.
    window._painter._base_of, window._painter._reader = None, Reader(window._painter._words, "metric")
    for extra in extras:
        setattr(window._painter, extra, True)
    scene = SCENES[scene_name]
    status = replace(scene.status, load=LOAD, messages=says, heart_bpm=148.0)
    window.show(Frame(0, 1.0, np.zeros((480, 640, 3), np.uint8)), scene.update, status)
    return window


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_words_stay_inside_the_window_and_apart(written: Written, size: tuple[int, int], language: str) -> None:
    window = None
    for name in SCENES:
        for view in (View.PICTURE, View.NUMBERS):
            written.clear()
            window = show(name, size, language, view, again=window)
            check(written, size, f"{name}, {view}")
            if not name.startswith(("setup", "finished")):
                check_card(written, window, f"{name}, {view}")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize(
    ("extra", "view"),
    [("help", View.PICTURE), ("load", View.PICTURE), ("curve", View.PICTURE), ("curve", View.NUMBERS)],
)
def test_what_keys_bring_fits_too(
    written: Written, extra: str, view: View, size: tuple[int, int], language: str
) -> None:
    window = show("in_band", size, language, view, *(["curve"] if extra == "curve" else []))
    assert window._window is not None
    page = window._painter._page(window._window.get_surface())
    if extra != "curve":
        written.clear()
        draw_help(page) if extra == "help" else draw_load(page, LOAD, 4.2)
    window.close()
    check(written, size, extra)


def drawn(window: Window, written: Written, draw: Callable[[Page], None]) -> list[str]:
    """The texts that `draw` writes on the window's page, and nothing else."""
    assert window._window is not None
    page = window._painter._page(window._window.get_surface())
    written.clear()
    draw(page)
    return [text for text, _, _ in written]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("lacked", ["too_short", "unmeasured"])
def test_why_a_session_comes_again_fits(written: Written, size: tuple[int, int], language: str, lacked: str) -> None:
    """On a tall window figures and address make room for it."""
    words = load_words(language)
    when, why = words.line("answer.now"), words.line(f"programme.{lacked}", had=12, of=30, takes=15)
    says = f"{words.line('answer.session_step', when=when, minutes='30', step='4°')} {why}"
    band, foot = words.line("answer.inside", band="92–107°"), "31:20 · 171 · 10.0 km/h"
    finish = Finish("98°", band, "good", words.line("answer.session", session=4, of=8), says, foot, foot)
    window = show("finished", size, language, View.PICTURE)
    drawn(window, written, partial(draw_finish, finish=finish))
    window.close()
    check(written, size, lacked)
    assert why.split()[-1] in written[-1][0] or foot in written[-1][0]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_what_the_check_asks_for_fits(written: Written, size: tuple[int, int], language: str) -> None:
    remedies = [key for key in load_words(language).lines if key.startswith("screen.remedy.")]
    window = show("setup", size, language, View.PICTURE)
    for key in remedies:
        asks = SetupResult(SetupItem.SPEED, Verdict.MEND, math.nan, Unit.NONE, key.removeprefix("screen."))
        drawn(window, written, partial(draw_setup_banner, state=SetupState((asks,), math.nan, done=False)))
        check(written, size, key)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_what_the_check_tells_of_what_is_right_fits(written: Written, size: tuple[int, int], language: str) -> None:
    told = {SetupItem.SIDE_ON: "behind", SetupItem.SPEED: "speed_seen", SetupItem.SOUND: "tones_only"}
    items = tuple(SetupResult(i, Verdict.OK, math.nan, Unit.NONE, told=told.get(i, "")) for i in SetupItem)
    window = show("setup", size, language, View.PICTURE)
    drawn(window, written, partial(draw_setup, state=SetupState(items, 1.0, done=False), units="metric"))
    window.close()
    check(written, size, "told")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_the_check_says_which_way_the_runner_faces(written: Written, size: tuple[int, int], language: str) -> None:
    window = show("setup", size, language, View.PICTURE)
    for side in ("left", "right"):
        facing = SetupResult(SetupItem.FACING, Verdict.OK, math.nan, Unit.NONE, word=side)
        items = tuple(facing if i is SetupItem.FACING else replace(facing, item=i, word="") for i in SetupItem)
        texts = drawn(window, written, partial(draw_setup, state=SetupState(items, 1.0, done=False), units="metric"))
        assert load_words(language).line(f"screen.{side}") in texts
    window.close()


def test_the_check_calls_all_good_only_where_nothing_is_left_to_mend(written: Written) -> None:
    window = show("setup", (1280, 720), "en", View.PICTURE)
    speed = SetupResult(SetupItem.SPEED, Verdict.MEND, math.nan, Unit.SPEED, "remedy.speed")
    for item, said in ((speed, "Press + for the speed"), (replace(speed, verdict=Verdict.OK), "All good")):
        starting = SetupState((item,), 3.0, done=False)
        assert drawn(window, written, partial(draw_setup_banner, state=starting)) == [said]
    window.close()


@pytest.fixture(scope="module")
def form() -> Form:
    """How a runner's leg swings, after a third of a minute."""
    form = Form()
    for moment in measured(20.0):
        form.step(moment)
    return form


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_how_the_leg_swings_fits(written: Written, form: Form, size: tuple[int, int], language: str) -> None:
    window = show("in_band", size, language, View.PICTURE)
    assert window._window is not None
    page = window._painter._page(window._window.get_surface())
    written.clear()
    draw_form(page, form)
    window.close()
    check(written, size, "form", least_px=0.6 * MIN_TEXT_SHARE * min(size))  # no page for a glance
    figures = [now for _, now, _ in form.rows(page)]
    assert sum(figure != NO_FIGURE for figure in figures) > len(figures) // 2
    assert {figure for figure in figures if figure != NO_FIGURE} <= {text for text, *_ in written}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_what_recovery_says_fits(written: Written, size: tuple[int, int], language: str) -> None:
    words, window = load_words(language), None
    for key in (
        "belt_connected",
        "belt_lost",
        "belt_missing",
        "camera_back",
        "heart_connected",
        "heart_lost",
        "heart_missing",
        "live_out_lost",
        "pod_heard",
        "pod_missing",
        "pod_ready",
        "camera_moved",
        "no_sound",
        "picture_good",
        "slept",
        "sound_back",
        "storage_back",
        "storage_lost",
        "tones_only",
        "window_back",
        "window_lost",
        *(f"remedy.{why}" for why in ("brighter", "faster_camera", "faster_stream", "repeats", "slow_computer")),
    ):
        written.clear()
        line = words.line(f"screen.{key}")
        assert line != f"screen.{key}"
        window = show("in_band", size, language, View.PICTURE, says=(line,), again=window)
        assert line in " ".join(text for text, _, _ in written), "in as many lines as it needs"
        check(written, size, key)


@pytest.mark.parametrize("size", SIZES, ids=named)
def test_beside_how_the_leg_swings_a_lost_camera_and_what_is_told_are_seen(
    written: Written, size: tuple[int, int]
) -> None:
    show("camera_lost", size, "en", View.PICTURE, "form", says=("no more coaching today",)).close()
    page = [text for text, _, _ in written]
    told = " ".join(page[page.index("lever, hip to heel") :])
    assert "camera lost" in told
    assert "no more coaching today" in told


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_why_nothing_is_measured_or_asked_fits(written: Written, size: tuple[int, int], language: str) -> None:
    words, window = load_words(language), None
    legs = {"wanted": words.line("screen.left"), "leg": words.line("screen.right")}
    holds = ("hold_flicked", "hold_cadence_fell", "hold_overstride")
    belt = [key for key in words.lines if key.startswith(("belt.unknown", "belt.untrusted"))]
    for key in ("left_out.too_few_frames", "left_out.too_fast", "screen.not_yet.unseen", *holds, *belt):
        written.clear()
        line = words.line(key, **legs)
        window = show("in_band", size, language, View.PICTURE, says=(line,), again=window)
        assert line in " ".join(text for text, _, _ in written), "in as many lines as it needs"
        check(written, size, key)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (800, 480)], ids=named)
def test_without_a_picture_a_long_notice_leaves_the_digits_free(
    written: Written, size: tuple[int, int], language: str
) -> None:
    words = load_words(language)
    given = {"given": words.line("belt.given.manual"), "speed": "10.0 km/h"}
    for line in (words.line("belt.doubted", **given), words.line("programme.said_well")):
        written.clear()
        window = show("in_band", size, language, View.NUMBERS, says=(line,))
        digits = window._painter.layout.lift_number
        window.close()
        notice = [area for text, area, _ in written if text in line]
        assert notice
        assert not any(area.colliderect(digits) for area in notice)


@pytest.mark.parametrize("size", [(400, 900), (720, 1280), (640, 480)], ids=named)
def test_a_word_wider_than_its_place_goes_on_in_the_next_line(written: Written, size: tuple[int, int]) -> None:
    address = "osc:a-computer-with-quite-a-long-name.example:9000"
    show("in_band", size, "en", View.PICTURE, says=(f"a live output fails: {address}",)).close()
    check(written, size, "address")
    assert address in "".join(text for text, _, _ in written)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
def test_the_question_before_the_first_programme_fits(written: Written, size: tuple[int, int], language: str) -> None:
    window = show("observing", size, language, View.PICTURE)
    assert window._window is not None
    page = window._painter._page(window._window.get_surface())
    written.clear()
    draw_question(page, load_words(language).line("screen.question"))
    check(written, size, "question")
    written.clear()
    asked = replace(status(), question=load_words(language).line("screen.question"))
    window.show(Frame(1, 1.1, np.zeros((480, 640, 3), np.uint8)), update(None, 1.1), asked)
    window.close()
    assert load_words(language).line("screen.measuring") not in {text for text, _, _ in written}, "half covered"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (800, 480), (900, 900)], ids=named)
@pytest.mark.parametrize("name", ["setup", "setup_good"])
def test_while_it_is_asked_the_set_up_check_stands_above_it_whole_beside_the_picture(
    written: Written, name: str, size: tuple[int, int], language: str
) -> None:
    """Its last lines lay under the question: that the speed is wanted, and how to begin; in a tall one half a line."""
    window = open_screen(ScreenSettings(), "metric", load_words(language))
    window.resize(*size)
    question = window._painter._words.line("screen.question")
    asked = replace(SCENES[name].status, question=question)
    window.show(Frame(0, 1.0, np.zeros((480, 640, 3), np.uint8)), None, asked)
    window.close()

    texts = [text for text, _, _ in written]
    first = next(place for place, text in enumerate(texts) if question.startswith(text))
    assert (load_words(language).line("screen.setup.sound") in texts[:first]) == (size != (900, 900))
    check(written, size, name)
    assert max(area.bottom for _, area, _ in written[:first]) < written[first][1].top - 0.4 * written[first][2]


@pytest.mark.parametrize("size", SIZES, ids=named)
def test_a_standing_notice_leaves_the_legs_free(written: Written, size: tuple[int, int]) -> None:
    window = show("easy", size, "en", View.PICTURE)
    legs_from = window._painter.layout.picture.centery
    window.close()

    notice = [area for text, area, _ in written if text.startswith("steps slower")]
    assert notice
    assert all(area.bottom < legs_from for area in notice)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("count", [2, 3, 6])
def test_the_question_for_a_camera_fits(written: Written, count: int, size: tuple[int, int], language: str) -> None:
    window = open_screen(ScreenSettings(), "metric", load_words(language))
    window.resize(*size)
    choices = [Choice(str(i), f"A camera with quite a long name {i}") for i in range(count)]
    pressed = threading.Event()

    def preview(choice: Choice) -> ImageBGR | None:
        if choice == choices[-1] and not pressed.is_set():
            pressed.set()
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_1, unicode="1", mod=0))
        return None if choice.source == "1" else np.full((480, 640, 3), 90, np.uint8)

    assert pick_camera(window, choices, preview) == choices[0]
    titles = [i for i, (text, _, _) in enumerate(written) if text == load_words(language).line("screen.picker.title")]
    check(written[titles[-1] :], size, f"{count} cameras")
    window.close()


def check(written: Written, size: tuple[int, int], where: str, least_px: float | None = None) -> None:
    assert written
    least_px = MIN_TEXT_SHARE * lay_out(*size).unit_px if least_px is None else least_px
    border_px = lay_out(*size, View.PICTURE).border_px
    inside = pygame.Rect(0, 0, *size).inflate(-2 * border_px, -2 * border_px)
    for text, area, em in written:
        assert inside.contains(area), f"{text!r} runs into the frame ({where})"
        assert em >= least_px - 0.5, f"{text!r} is too small to read ({where})"
    for touching in pairs(written, lambda a, b: bool(a.colliderect(b))):
        pytest.fail(f"{touching[0]!r} and {touching[1]!r} touch ({where})")


def check_card(written: Written, window: Window, where: str) -> None:
    """Whatever is written on the card that says what to do stays on it."""
    card = window._painter.layout.card
    for text, area, _ in written:
        if card.collidepoint(area.center):
            assert card.contains(area), f"{text!r} runs out of the card ({where})"


def pairs(written: Written, touch: Callable[[pygame.Rect, pygame.Rect], bool]) -> Iterator[tuple[str, str]]:
    for i, (first, a, _) in enumerate(written):
        for second, b, _ in written[i + 1 :]:
            if touch(a, b):
                yield first, second
