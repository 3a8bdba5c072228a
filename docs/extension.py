"""What the pages of this folder need from Sphinx beyond Markdown.

Rule: the pages are plain Markdown that reads well on a repository host. What only a site can have is made here from what is in
them: the navigation from the lists of index.md, the index from the tables of the reference, and pages of the files outside this
folder that they link to.
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
from pygments.lexers.special import TextLexer
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
"""Page and section, and what the names in code there are: those in the first cell of a table's row, or in a list."""


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
        pages = [page for page in pages if page in app.env.found_docs]
        caption = section.partition("\n")[0]
        listed.update(pages)
        trees.append((caption, [*pages, "Index of names <genindex>"] if caption == "Reference" else pages))
    trees.append(("More", sorted(set(app.env.found_docs) - listed - {"index"})))
    for caption, pages in trees:
        if pages:
            source[0] += "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


# -- links to files outside this folder ----------------------------------------------------------------------------------------


def address(path: PurePosixPath) -> str | None:
    """Where the site shows a file or folder of the repository; None where it does not. `path` is seen from the root."""
    if path.parts and path.parts[0] in SHOWN and (ROOT / path).exists():
        return f"files/{path}.html"
    if str(path) == "README.md":
        return "index.html"
    if path.parts[0] == "docs":
        path = PurePosixPath(path.name)
    page = f"{path.stem.lower()}.md"  # CHANGELOG.md is included in changelog.md
    return page.replace(".md", ".html") if path.suffix == ".md" and (ROOT / "docs" / page).exists() else None


def from_docs(target: str) -> str:
    """The target of a link as docs/ sees it. MyST gives a page of Markdown without its ending, one outside docs/ as a whole path;
    in a file that a page includes links start from the root."""
    if target.startswith(f"{ROOT.as_posix()}/"):
        return f"../{Path(target).relative_to(ROOT).as_posix()}.md"
    here = (ROOT / "docs" / target).exists() or (ROOT / "docs" / f"{target}.md").exists()
    return f"../{target}" if (ROOT / target).exists() and not here else target


class LinksOutside(SphinxTransform):
    """`../examples/list_inbox.py` is a link to the page that shows the file."""

    default_priority = 400

    def apply(self, **_options: Any) -> None:
        for kind in (addnodes.download_reference, addnodes.pending_xref):
            for node in list(self.document.findall(kind)):
                target = from_docs(str(node.get("reftarget", "")))
                if node.get("reftype") != "myst" or not target.startswith("../"):
                    continue
                found = address(PurePosixPath(target.removeprefix("../").rstrip("/")))
                if found is None:
                    LOGGER.warning("the site does not show %s", target, location=node)
                    continue
                link = nodes.reference("", "", *node.children, refuri=found, internal=True)
                node.replace_self(link)


def file_pages(_app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for each text file below SHOWN, and one for each folder, which lists what is in it."""
    for top in SHOWN:
        for path in [ROOT / top, *filter(is_shown, sorted((ROOT / top).rglob("*")))]:
            name = path.relative_to(ROOT).as_posix()
            body = folder_body(path) if path.is_dir() else file_body(path)
            yield f"files/{name}", {"title": name, "body": f"<h1>{name}</h1>{body}"}, "page.html"


def is_shown(path: Path) -> bool:
    """Not what Python leaves behind, and no picture."""
    return "__pycache__" not in path.parts and (path.is_dir() or b"\0" not in path.read_bytes()[:8000])


def folder_body(path: Path) -> str:
    entries = sorted(filter(is_shown, path.iterdir()))
    links = [f'<li><a href="{path.name}/{entry.name}.html"><code>{entry.name}</code></a></li>' for entry in entries]
    return f"<ul>{''.join(links)}</ul>"


def file_body(path: Path) -> str:
    text = path.read_text("utf-8")
    try:
        lexer = TemplateLexer() if path.suffix in (".html", ".cfm") else guess_lexer_for_filename(path.name, text)
    except ClassNotFound:
        lexer = TextLexer()
    return f'<div class="highlight-default notranslate">{highlight(text, lexer, HtmlFormatter(cssclass="highlight"))}</div>'


class TitlesOfPages(SphinxTransform):
    """`[pop3.md](pop3.md)` names the file, which is right where files are read; on the site it names the page."""

    default_priority = 400

    def apply(self, **_options: Any) -> None:
        for node in self.document.findall(addnodes.pending_xref):
            if node.get("refdomain") == "doc" and node.astext() == f"{node['reftarget']}.md":
                node["refexplicit"] = False
                node.children = [nodes.inline("", "", classes=["xref", "myst"])]


# -- the index -----------------------------------------------------------------------------------------------------------------


class IndexOfNames(SphinxTransform):
    """Each name that the reference explains is in the index, and has an anchor: `cfpop.html#attribute-of-cfpop-uid`."""

    default_priority = 400

    def apply(self, **_options: Any) -> None:
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
    for language in ("jinja", "html"):
        app.add_lexer(language, TemplateLexer)
    app.add_transform(LinksOutside)
    app.add_transform(TitlesOfPages)
    app.add_transform(IndexOfNames)
    app.connect("source-read", add_navigation)
    app.connect("html-collect-pages", file_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
