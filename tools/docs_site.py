"""What the docs' site needs beyond MkDocs: pages from outside docs/, how-to pages in the nav, no outside request.

MkDocs calls the `on_…` functions (`hooks` in mkdocs.yml). A link from a page to another file of the project becomes the
file's name, since the site does not carry the source; on a code host the same link opens the file.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
ROOT_PAGES: Final = ("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md", "SECURITY.md")
"""Pages that lie beside README, where code hosts look for them."""
HOW_TO: Final = "How to add"

_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<to>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_FENCE: Final = re.compile(r"(^```.*?^```[^\n]*$)", re.MULTILINE | re.DOTALL)
_OUTSIDE: Final = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|icon|preload|preconnect|dns-prefetch|prefetch))"
    r"[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
)
"""Whatever makes a browser ask another machine by itself. Links to click on are not meant."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every docs/how-to-add-*.md into the nav, by name."""
    pages = sorted(path.name for path in Path(config.docs_dir).glob("how-to-add-*.md"))
    for entry in config.nav or []:
        if HOW_TO in entry:
            entry[HOW_TO] = [{_how_to_title(name): name} for name in pages]
    return config


def _how_to_title(name: str) -> str:
    """`how-to-add-a-speed-source.md` → `A speed source`."""
    return name.removeprefix("how-to-add-").removesuffix(".md").replace("-", " ").capitalize()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take the root's pages in."""
    for name in ROOT_PAGES:
        files.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Make links that leave docs/ either links to pages or the names of files."""
    return "".join(
        part if part.startswith("```") else _LINK.sub(lambda link: _inside(link, page, files), part)
        for part in _FENCE.split(markdown)
    )


def _inside(link: re.Match[str], page: Page, files: Files) -> str:
    """The link as the site has it. Raises PluginError where it leads nowhere."""
    text, to, anchor = link["text"], link["to"], link["anchor"] or ""
    if "://" in to or to.startswith("mailto:"):
        return link[0]
    of_root = page.file.src_uri in ROOT_PAGES
    folder = PurePosixPath() if of_root else PurePosixPath("docs", page.file.src_uri).parent
    target = normpath(str(folder / to))
    in_site = target.removeprefix("docs/")
    if (target.startswith("docs/") or target in ROOT_PAGES) and files.get_file_from_path(in_site):
        return f"[{text}]({_relative(in_site, page.file.src_uri)}{anchor})"
    if not (ROOT / target).exists():
        raise PluginError(f"{page.file.src_uri}: the link {to} leads nowhere")
    if text.startswith("`"):
        return text
    return f"`{target}`" if text.replace("\\", "").strip("/") == target else f"{text} (`{target}`)"


def _relative(target: str, page: str) -> str:
    up = "../" * (len(PurePosixPath(page).parts) - 1)
    return up + target


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Refuse a page at which a browser would ask another machine."""
    if asks := _OUTSIDE.search(output):
        raise PluginError(f"{page.file.src_uri} would load something from outside: {asks[0][:200]}")
    return output
