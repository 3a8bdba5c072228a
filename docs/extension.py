"""What the pages of this folder need from Sphinx beyond Markdown.

Rule: the pages are plain Markdown that reads well on a repository host. What only a site can have is made here from what stands in
them: the navigation from the lists of index.md, the index from the tables of the reference, and a page for each file outside this
folder that a page links to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import guess_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from docs.templates_lexer import TemplateLexer

__all__ = ["setup"]

ROOT = Path(__file__).resolve().parent.parent
LOGGER = logging.getLogger(__name__)

SHOWN = ("examples", "templates")
"""Folders beside this one whose files have a page on the site."""

INDEXED = {
    ("cfpop", "Attributes"): "attribute of cfpop",
    ("columns", "All columns"): "column",
    ("cfpop", "Errors"): "error",
    ("cfpop", "Settings"): "setting",
    ("pop3", "Limits"): "limit",
    ("tags", "The tags"): "tag",
    ("porting", "Functions that are there"): "function of CFML",
}
"""Page and section, and what the names in code are there that the index gets: the first cell of a table's row, or any in a list."""


# -- navigation ----------------------------------------------------------------------------------------------------------------


def add_navigation(app: Sphinx, docname: str, source: list[str]) -> None:
    """The navigation is index.md's own lists: a section a caption, a link an entry. Pages that are not there yet come last."""
    if docname != "index":
        return
    listed: set[str] = set()
    sections = re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]
    trees = []
    for section in sections:
        pages = re.findall(r"^- \[[^\]]*\]\((\w[\w-]*)\.md\)", section, re.MULTILINE)
        trees.append((section.partition("\n")[0], pages))
        listed.update(pages)
    trees.append(("More", sorted(set(app.env.found_docs) - listed - {"index"})))
    for caption, pages in trees:
        if pages:
            source[0] += "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


# -- links to files outside this folder ----------------------------------------------------------------------------------------


def address(path: PurePosixPath) -> str | None:
    """Where the site shows a file or folder of the repository; None where it does not. `path` is seen from the root."""
    if path.parts and path.parts[0] in SHOWN and (ROOT / path).exists():
        return f"files/{path}.html"
    if len(path.parts) == 1 and path.suffix == ".md" and (ROOT / path).exists():
        stem = path.stem.lower()
        return "index.html" if stem == "readme" else f"{stem}.html"
    return None


class LinksOutside(SphinxTransform):
    """`../examples/list_inbox.py` is a link to the page that shows the file."""

    default_priority = 400

    def apply(self, **options: Any) -> None:
        for kind in (addnodes.download_reference, addnodes.pending_xref):
            for node in list(self.document.findall(kind)):
                target = str(node.get("reftarget", ""))
                if node.get("reftype") != "myst" or not target.startswith("../"):
                    continue
                found = address(PurePosixPath(target.removeprefix("../").rstrip("/")))
                if found is None:
                    LOGGER.warning("the site does not show %s", target, location=node)
                    continue
                link = nodes.reference("", "", *node.children, refuri=found, internal=True)
                node.replace_self(link)


def file_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for each file below SHOWN, and one for each folder, which lists its files."""
    formatter: HtmlFormatter[str] = HtmlFormatter(cssclass="highlight")
    for top in SHOWN:
        for path in sorted([ROOT / top, *(ROOT / top).rglob("*")]):
            name = path.relative_to(ROOT).as_posix()
            if "__pycache__" in name or (path.is_file() and is_binary(path)):
                continue
            if path.is_dir():
                entries = sorted(one for one in path.iterdir() if "__pycache__" not in one.name and (one.is_dir() or not is_binary(one)))
                body = "".join(f'<li><a href="{path.name}/{one.name}.html"><code>{one.name}</code></a></li>' for one in entries)
                body = f"<ul>{body}</ul>"
            else:
                text = path.read_text("utf-8")
                body = f'<div class="highlight-default notranslate">{highlight(text, lexer_for(path, text), formatter)}</div>'
            yield f"files/{name}", {"title": name, "body": f"<h1>{name}</h1>{body}"}, "page.html"


def is_binary(path: Path) -> bool:
    return b"\0" in path.read_bytes()[:8000]


def lexer_for(path: Path, text: str) -> Any:
    if path.suffix == ".html":
        return TemplateLexer()
    try:
        return guess_lexer_for_filename(path.name.replace(".cfm", ".html"), text)
    except ClassNotFound:
        return guess_lexer_for_filename("plain.txt", text)


# -- the index -----------------------------------------------------------------------------------------------------------------


class IndexOfNames(SphinxTransform):
    """Each name that a table of the reference explains is in the index, and has an anchor: `cfpop.html#attribute-of-cfpop-uid`."""

    default_priority = 400

    def apply(self, **options: Any) -> None:
        for section in self.document.findall(nodes.section):
            kind = INDEXED.get((self.env.docname, section[0].astext()))
            if kind is None:
                continue
            cells = [row[0] for table in section.findall(nodes.tbody) for row in table.findall(nodes.row)]
            for place in cells or list(section.findall(nodes.list_item)):
                for literal in list(place.findall(nodes.literal)):
                    self.enter(literal, kind)

    def enter(self, literal: nodes.literal, kind: str) -> None:
        name = literal.astext()
        anchor = nodes.make_id(f"{kind}-{name}")
        if not re.fullmatch(r"\w+", name) or anchor in self.document.ids:
            return
        index = addnodes.index(entries=[("single", f"{name} ({kind})", anchor, "", None)])
        target = nodes.target("", "", ids=[anchor])
        self.document.note_explicit_target(target)
        literal.replace_self([index, target, literal.deepcopy()])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_lexer("jinja", TemplateLexer)
    app.add_transform(LinksOutside)
    app.add_transform(IndexOfNames)
    app.connect("source-read", add_navigation)
    app.connect("html-collect-pages", file_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
