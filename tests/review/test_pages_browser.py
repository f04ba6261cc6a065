"""The pages in a real browser: drawn, quiet, offline, narrow, dark, printed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coach.core.session.records import SessionEvent
from coach.core.session.session import SourceFacts
from coach.edges.files.page_pdf import print_page
from coach.edges.store import Store
from coach.languages import load_words
from coach.review.pages import write_comparison, write_index, write_session_page
from coach.review.side_by_side import PHASES, DrawnStride
from tests.review.visit import CUT, DRAWN, QUIET, Look, Visit, head_and_row, ran

ENGLISH = load_words("en")

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on the PATH")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Store(tmp_path_factory.mktemp("data"))
    folder = store.data_dir / "pages"
    for drop_deg in (0.0, 6.0, 12.0):
        write_session_page(
            folder, store.keep(ran(SourceFacts("camera", "0", 640, 480, 30.0), drop_deg)), ENGLISH, "metric"
        )
    write_index(folder, store.sessions(), ENGLISH, "metric")
    write_comparison(
        folder, store.load(1), store.load(3), load_words("pt"), "metric"
    )  # long words, so narrow tables are tried
    return folder


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of two clips with names as cameras and people give them."""
    store = Store(tmp_path_factory.mktemp("named"))
    folder = store.data_dir / "pages"
    for name in (f"PXL_20261129_073012345{'_treadmill_left_side' * 3}", "<i>easy & 5:00 ריצה"):
        write_session_page(
            folder, store.keep(ran(SourceFacts("video", f"{name}.mp4", 640, 480, 30.0))), ENGLISH, "metric"
        )
    write_index(folder, store.sessions(), ENGLISH, "metric")
    leg = dict.fromkeys(("near", "far", "trunk", "lever"), "0,0 0,1")
    strides = [DrawnStride((leg,) * PHASES, ("90°",) * PHASES)] * 2
    write_comparison(folder, store.load(1), store.load(2), ENGLISH, "metric", strides=strides)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def kept_open() -> list[Any]:
    """Pages that several tests look at."""
    return []


@pytest.fixture(scope="module")
def look(browser: Any, pages: Path, kept_open: list[Any]) -> Look:
    """Open a page by its name, theme and width, to be looked at and left as it is: such a page is drawn once."""

    @cache
    def opened(name: str, theme: str, width: int) -> Visit:
        visit = Visit(browser, pages / name, color_scheme=theme, viewport={"width": width, "height": 800})
        kept_open.append(visit.page.context)
        return visit

    return opened


@pytest.fixture(autouse=True)
def closed(browser: Any, kept_open: list[Any]) -> Iterator[None]:
    """Whatever else a test opened goes with it: forty pages with their charts weigh on every one that is drawn."""
    yield
    for context in browser.contexts:
        if context not in kept_open:
            context.close()


@pytest.mark.parametrize("name", ["session-3.html", "index.html"])
def test_a_page_draws_says_nothing_and_asks_nobody(look: Look, pages: Path, name: str) -> None:
    visit = look(name, "light", 1280)

    assert visit.said == []
    asked = [url for url in visit.asked if not url.startswith(("data:", "blob:"))]
    assert asked
    assert all(url.startswith(pages.as_uri()) for url in asked)
    drawn = visit.page.evaluate(
        "[...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('.main-svg').length)"
    )
    assert drawn
    assert all(drawn)


def test_hovering_a_stride_tells_its_number(browser: Any, pages: Path) -> None:
    page = Visit(browser, pages / "session-3.html", viewport={"width": 1100, "height": 900}).page
    chart = page.locator("#chart-lift .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.wait_for_selector("#chart-lift .hoverlayer text", state="attached")

    assert "stride" in page.locator("#chart-lift .hoverlayer").text_content()


@pytest.mark.parametrize("name", ["session-3.html", "index.html"])
def test_a_phone_s_width_needs_no_scrolling_sideways(look: Look, name: str) -> None:
    page = look(name, "dark", 360).page

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_charts_follow_the_theme(browser: Any, pages: Path) -> None:
    page = Visit(browser, pages / "session-3.html", color_scheme="dark").page
    ink = "getComputedStyle(document.querySelector('#chart-lift .xtick text')).fill"
    dark = page.evaluate(ink)
    page.click("#theme")
    page.wait_for_function(f"{ink} !== '{dark}'")

    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_a_page_prints_on_white_within_the_paper(browser: Any, pages: Path, tmp_path: Path) -> None:
    page = Visit(browser, pages / "session-3.html", color_scheme="dark").page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    width = page.evaluate("document.querySelector('#chart-lift .main-svg').getBoundingClientRect().width")

    assert width <= 700
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") is None
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("name", ["session-3.html", "index.html", "compare-1-3.html"])
@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 1280),
        ("dark", 360),
        *(pytest.param(*more, marks=pytest.mark.slow) for more in (("dark", 1280), ("light", 500))),
    ],
)
def test_axe_finds_nothing(look: Look, name: str, theme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")

    found = axe.Axe().run(look(name, theme, width).page).response

    assert len(found["passes"]) > 20
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


@pytest.mark.parametrize("width", [360, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["session-3.html", "index.html", "compare-1-3.html"])
def test_no_table_is_cut(look: Look, name: str, width: int) -> None:
    page = look(name, "dark", width).page

    assert page.evaluate(CUT) == []


def test_half_a_screen_cuts_no_table_in_a_language_of_long_words(browser: Any, pages: Path) -> None:
    index = write_index(pages.parent / "pt", Store(pages.parent).sessions(), load_words("pt"), "metric")
    page = browser.new_page()
    page.goto(index.as_uri())

    for width in (560, 640, 768, 800, 880):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(CUT) == [], f"at {width} px"


@pytest.mark.parametrize("name", ["session-1.html", "index.html", "compare-1-2.html"])
def test_no_name_is_too_long_for_a_page(browser: Any, named: Path, name: str) -> None:
    page = browser.new_page()
    page.goto((named / name).as_uri())

    for medium, width in (("screen", 1280), ("screen", 360), ("print", 690)):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(media=medium)
        # What is drawn inside a chart may lie beyond it, unseen; on paper no box scrolls.
        beyond = (
            "[...document.querySelectorAll('main *')].filter(one => !one.closest('.chart'))"
            f".filter(one => one.getBoundingClientRect().right > {width} + 1).map(one => one.outerHTML.slice(0, 80))"
        )
        assert page.evaluate(beyond) == [], f"{medium}, {width} px"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{medium}, {width} px"


def test_a_legend_shows_names_as_they_are_and_whole(browser: Any, named: Path) -> None:
    visit = Visit(browser, named / "compare-1-2.html", viewport={"width": 360, "height": 800})

    assert visit.said == []
    legend = visit.page.locator("#chart-cycles .legendtext")
    assert "<i>easy & 5:00" in legend.nth(1).text_content()
    edge = visit.page.locator("#chart-cycles").bounding_box()
    for box in (legend.nth(n).bounding_box() for n in range(2)):
        assert box["x"] + box["width"] <= edge["x"] + edge["width"]


def test_a_name_from_right_to_left_leaves_the_date_behind_it(browser: Any, named: Path) -> None:
    page = Visit(browser, named / "compare-1-2.html", viewport={"width": 1920, "height": 800}).page
    where = """text => {
      const node = [...document.querySelectorAll(".pair .name")].at(-1).firstChild;
      const at = node.textContent.indexOf(text), range = new Range();
      range.setStart(node, at); range.setEnd(node, at + text.length);
      return range.getBoundingClientRect().x;
    }"""

    places = [page.evaluate(where, text) for text in ("2:", "easy", "ריצה", "5 Jan", "18:00")]
    assert places == sorted(places)


def test_a_note_from_right_to_left_ends_with_its_own_full_stop(browser: Any, pages: Path) -> None:
    noted = replace(Store(pages.parent).load(1), session_id=9, note="רצתי 5 קילומטר.")
    other = replace(noted, session_id=10)
    for path in (
        write_session_page(pages.parent / "rtl", noted, ENGLISH, "metric"),
        write_comparison(pages.parent / "rtl", noted, other, ENGLISH, "metric")[1],
    ):
        page = browser.new_page()
        page.goto(path.as_uri())
        letter, stop = page.evaluate("""() => ["ר", "."].map(sign => {
          const last = document.querySelector(".written").lastChild, node = last.firstChild ?? last;
          const at = node.textContent.lastIndexOf(sign), range = new Range();
          range.setStart(node, at); range.setEnd(node, at + 1);
          return range.getBoundingClientRect().x;
        })""")
        assert stop < letter, "at the left, where the line ends"


def test_each_line_of_a_note_runs_its_own_script_s_way(browser: Any, pages: Path) -> None:
    noted = replace(Store(pages.parent).load(1), session_id=11, note="easy run\nרצתי 5 קילומטר.")
    page = browser.new_page()
    page.goto(write_session_page(pages.parent / "two", noted, ENGLISH, "metric").as_uri())
    letter, stop = page.evaluate("""() => ["ר", "."].map(sign => {
      const node = document.querySelector(".written bdi").firstChild;
      const at = node.textContent.lastIndexOf(sign), range = new Range();
      range.setStart(node, at); range.setEnd(node, at + 1);
      return range.getBoundingClientRect().x;
    })""")

    assert stop < letter


def test_no_number_leaves_its_unit_and_no_option_its_hyphens(browser: Any, pages: Path) -> None:
    run = Store(pages.parent).load(1)
    told = SessionEvent(1.0, "belt_speed", "belt speed unknown: give it (--speed, + and -) or your height (--height)")
    path = write_session_page(pages.parent / "units", replace(run, session_id=12, events=(told,)), ENGLISH, "metric")
    page = browser.new_page()
    page.goto(path.as_uri())
    broken = """() => {
      const found = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const node = walk.currentNode, lines = new Range();
        for (const part of node.data.matchAll(/\\d\\s(km\\/h|min|s|ms|km|\\/min|%)(?!\\w)|--[a-z]+/g)) {
          lines.setStart(node, part.index); lines.setEnd(node, part.index + part[0].length);
          const tops = new Set([...lines.getClientRects()].filter(r => r.width).map(r => Math.round(r.top)));
          if (tops.size > 1) { found.push(part[0]); }
        }
      }
      return found;
    }"""

    assert "--height" in page.inner_text("main")
    inline = """() => {
      document.querySelector(".answers dd").insertAdjacentHTML("beforeend", "<span class='whole'>--speed</span>");
      return [...document.querySelectorAll(".whole")].every(e => getComputedStyle(e).display === "inline");
    }"""
    assert page.evaluate(inline), "an option stands in its line, in an answer, too"
    for width in range(300, 1000, 14):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(broken) == [], f"at {width} px"


def test_who_hears_a_page_is_told_what_a_chart_shows_and_none_of_its_ticks(browser: Any, pages: Path) -> None:
    page = Visit(browser, pages / "session-3.html").page
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    heard = [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in nodes if not one["ignored"]]

    charts = page.locator("figure:has(.chart) > [role=img]").all()
    assert charts
    for chart in charts:
        assert ("image", chart.get_attribute("aria-label")) in heard
    assert {role for role, _ in heard} & {"SvgRoot", "graphics-symbol"} == set()


def test_dates_are_the_page_s_language_s(browser: Any, pages: Path) -> None:
    german = write_index(pages.parent / "de", Store(pages.parent).sessions(), load_words("de"), "metric")
    page = Visit(browser, german).page
    assert page.evaluate("document.body.dataset.months.split('|')[2]") == "März"
    days = page.evaluate("[...document.querySelectorAll('#chart-trend .xtick text')].map(t => t.textContent)")
    assert days
    assert not any(re.search(r"[A-Z][a-z]+ \d", day) for day in days), "the day first"


def test_no_tool_lies_over_a_legend(browser: Any, pages: Path) -> None:
    page = Visit(browser, pages / "session-3.html").page
    page.hover("#chart-lift .nsewdrag")

    assert page.query_selector_all(".modebar-container .modebar-btn") == []


def test_a_run_fits_on_two_pages_of_a4(pages: Path, tmp_path: Path) -> None:
    print_page(pages / "session-3.html", tmp_path / "run.pdf")
    pdf = (tmp_path / "run.pdf").read_bytes()

    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    assert re.search(rb"/MediaBox\s*\[0 0 59[45]\.?\d* 84[12]", pdf)


def test_without_javascript_the_words_are_all_there(browser: Any, pages: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto((pages / "session-3.html").as_uri())

    text = page.inner_text("main")
    assert "Your heel lift fell by about" in text
    assert "Data quality" in text


@pytest.mark.parametrize("name", ["session-1.html", "compare-1-2.html"])
def test_without_javascript_there_is_no_slider_and_no_empty_frame(browser: Any, named: Path, name: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto((named / name).as_uri())

    seen = [one.get_attribute("class") for one in page.locator(".step, .chart, .zoom").all() if one.is_visible()]
    assert seen == []


def test_one_slider_moves_both_strides_and_shows_where_the_keys_are(browser: Any, named: Path) -> None:
    page = Visit(browser, named / "compare-1-2.html").page
    page.focus("#step-range")
    page.keyboard.press("Home")

    assert page.is_visible("#step-range")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    assert page.input_value("#step-range") == "0"


def test_the_system_s_own_colours_leave_no_choice_of_others(browser: Any, pages: Path) -> None:
    page = browser.new_page(forced_colors="active")
    page.goto((pages / "session-1.html").as_uri())

    assert not page.is_visible("#theme")


def test_two_sessions_can_be_chosen_and_compared(browser: Any, pages: Path) -> None:
    page = Visit(browser, pages / "index.html").page
    before = head_and_row(page)
    page.select_option("#compare-b", "1")

    (first, second), lifts = head_and_row(page)
    assert [[first, second], lifts] != before
    assert first == second == page.inner_text("#compare-a option:checked")
    assert lifts[0] == lifts[1]


def test_who_comes_back_finds_the_figures_of_the_runs_that_are_chosen(browser: Any, pages: Path) -> None:
    page = Visit(browser, pages / "index.html").page
    fresh = head_and_row(page)
    page.select_option("#compare-a", "0")
    chosen = head_and_row(page)
    page.goto((pages / "session-1.html").as_uri())
    page.go_back()
    page.wait_for_function(DRAWN)

    told = [page.inner_text(f"{select} option:checked") for select in ("#compare-a", "#compare-b")]
    assert head_and_row(page)[0] == told
    assert head_and_row(page) in (fresh, chosen)


def test_without_javascript_nothing_is_offered_that_cannot_be_chosen(browser: Any, pages: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto((pages / "index.html").as_uri())

    assert not page.is_visible("#compare-form")
    assert [name.split(":")[0] for name in head_and_row(page)[0]] == ["2", "3"], "it says whose figures they are"
