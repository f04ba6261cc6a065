"""What the docs' site adds to MkDocs: links that leave docs/, how-to pages, and no request to anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the extra docs is not installed")

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files, get_files
from mkdocs.structure.pages import Page

from tools.docs_site import HOW_TO, on_config, on_files, on_page_markdown, on_post_page
from tools.docstring_lines import parted

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def config() -> MkDocsConfig:
    return load_config(str(ROOT / "mkdocs.yml"), hooks=[])


@pytest.fixture(scope="module")
def files(config: MkDocsConfig) -> Files:
    return on_files(get_files(config), config)


def page_of(name: str, config: MkDocsConfig, files: Files) -> Page:
    file = files.get_file_from_path(name)
    assert file is not None
    return Page(None, file, config)


@pytest.mark.parametrize(
    ("name", "written", "on_the_site"),
    [
        ("privacy.md", "[SECURITY.md](../SECURITY.md)", "[SECURITY.md](SECURITY.md)"),
        ("SECURITY.md", "[privacy](docs/privacy.md#videos)", "[privacy](privacy.md#videos)"),
        ("screens/README.md", "[live](../live.md)", "[live](../live.md)"),
        ("run.md", "[config.toml](../config.toml)", "`config.toml`"),
        ("api.md", "Longer ones: [examples](../examples/)", "Longer ones: `examples`"),
        ("run.md", "[every setting](../config.toml)", "every setting (`config.toml`)"),
        ("run.md", "[Dask](https://distributed.dask.org)", "[Dask](https://distributed.dask.org)"),
        ("run.md", "```\n[x](../nowhere.md)\n```", "```\n[x](../nowhere.md)\n```"),
    ],
)
def test_links_fit_the_site(name: str, written: str, on_the_site: str, config: MkDocsConfig, files: Files) -> None:
    assert on_page_markdown(written, page=page_of(name, config, files), files=files, config=config) == on_the_site


def test_a_link_to_nowhere_ends_the_build(config: MkDocsConfig, files: Files) -> None:
    with pytest.raises(PluginError, match=r"run.md: the link ../gone.py leads nowhere"):
        on_page_markdown("[x](../gone.py)", page=page_of("run.md", config, files), files=files)


@pytest.mark.parametrize(
    "asks",
    [
        '<script src="https://elsewhere.example/x.js"></script>',
        '<link href="//fonts.example/css" rel="stylesheet">',
        '<img alt="" src="http://badge.example/x.svg">',
    ],
)
def test_a_page_that_would_ask_another_machine_ends_the_build(asks: str, config: MkDocsConfig, files: Files) -> None:
    with pytest.raises(PluginError, match=r"run.md would load something from outside"):
        on_post_page(f"<p>{asks}</p>", page=page_of("run.md", config, files))


def test_a_link_to_click_on_is_no_request(config: MkDocsConfig, files: Files) -> None:
    page = '<a href="https://distributed.dask.org">Dask</a><script src="assets/x.js"></script>'
    assert on_post_page(page, page=page_of("run.md", config, files)) == page


def test_how_to_pages_come_into_the_nav_by_their_names(config: MkDocsConfig, tmp_path: Path) -> None:
    (tmp_path / "how-to-add-a-speed-source.md").write_text("# A speed source\n")
    own = load_config(str(ROOT / "mkdocs.yml"), hooks=[], docs_dir=str(tmp_path))
    on_config(own)
    assert own.nav is not None
    assert {HOW_TO: [{"A speed source": "how-to-add-a-speed-source.md"}]} in own.nav


def test_docstrings_keep_a_line_for_each_name() -> None:
    written = "A pose.\n\nxy_px: (13, 2), x right\nand y down.\nheld_deg, step_deg: steps.\nSource: a paper."
    assert parted(written) == (
        "A pose.\n\nxy_px: (13, 2), x right\nand y down.\n\nheld_deg, step_deg: steps.\nSource: a paper."
    )
