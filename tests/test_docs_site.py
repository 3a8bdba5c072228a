"""The pages that Sphinx builds: without a warning, without a link that leads nowhere, and without anything from the net."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markdown_it import MarkdownIt

import cfml_pop
from cfml_pop import Query, cfml_environment, testing
from cfml_pop.cfml.attributes import ATTRIBUTES
from docs import extension
from docs.generate import PARTS, TAKES, filled
from tests.docs_support import ROOT, pages
from tests.jinja_support import ARGUMENTS, LOGIN, install

DOCS = ROOT / "docs"
LOADING = {("object", "data"), *((tag, "src") for tag in ("audio", "embed", "iframe", "img", "script", "source", "video"))}
ELSEWHERE = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])(?:https?:)?//[^)\"']*")


class Addresses(HTMLParser):
    """The ids of a page, what it links to, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.update(filter(None, [given.get("id"), given.get("name") if tag == "a" else None]))
        for name, value in attrs:
            loads = (tag, name) in LOADING or (tag, name) == ("link", "href")
            if value and (loads or (tag, name) == ("a", "href")):
                (self.loads if loads else self.links).append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    options = ["-W", "--keep-going", "-n", "-q", "-b", "html", "-d", str(folder / "trees")]
    command = [sys.executable, "-m", "sphinx", *options, "docs", str(folder / "html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=110, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    return folder / "html"


@pytest.fixture(scope="module")
def built(site: Path) -> dict[Path, Addresses]:
    return {path: Addresses(path.read_text("utf-8")) for path in site.rglob("*.html")}


def dangling(built: dict[Path, Addresses]) -> Iterator[str]:
    """Links to a page or an anchor that is not there."""
    for path, page in built.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            ids = built[target].ids if target in built else {unquote(parts.fragment)}
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in ids):
                yield f"{path.name}: {link}"


def test_every_page_is_built(site: Path) -> None:
    """Each page of docs/ is on the site, and in the navigation of every page."""
    pages = {path.stem for path in DOCS.glob("*.md")}
    navigation = (site / "install.html").read_text("utf-8").partition('class="sidebar-tree"')[2].partition("</aside>")[0]
    linked = {link.removesuffix(".html") for link in Addresses(navigation).links}

    assert set() == pages - {path.stem for path in site.glob("*.html")}
    assert pages - {"index", "install"} == linked - {"genindex", "#"}


def test_links(built: dict[Path, Addresses]) -> None:
    """Every link inside the site leads to a page, and its anchor exists there."""
    assert [] == list(dangling(built))


def test_a_dangling_link_is_seen(tmp_path: Path) -> None:
    """The check above sees a page that is missing and an anchor that is missing, and nothing else."""
    text = '<p id="a"><a href="#a">x</a><a href="#b">x</a><a href="nowhere.html">x</a><a href="https://example.org/">x</a></p>'
    path = tmp_path / "page.html"
    path.write_text(text, "utf-8")

    assert ["page.html: #b", "page.html: nowhere.html"] == list(dangling({path: Addresses(text)}))


def test_where_a_link_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the manual is meant also where a folder of its name stands beside docs/, as after the tutorial."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tutorial.md").touch()
    (tmp_path / "docs" / "hosts.md").touch()
    (tmp_path / "tutorial").mkdir()
    (tmp_path / "LICENSE").touch()
    monkeypatch.setattr(extension, "ROOT", tmp_path)

    assert ["tutorial", "hosts"] == [extension.from_docs(page) for page in ("tutorial", "hosts")]
    assert "../LICENSE" == extension.from_docs("LICENSE")
    assert "../README.md" == extension.from_docs(f"{tmp_path.as_posix()}/README")


def test_nothing_is_loaded_from_the_net(site: Path, built: dict[Path, Addresses]) -> None:
    """No page and no style sheet names a script, a style, a font or a picture elsewhere."""
    loads = [urlsplit(link) for page in built.values() for link in page.loads]
    styles = [path.read_text("utf-8") for path in site.rglob("*.css")]

    assert [] == [link for link in loads if link.scheme not in ("", "data") or link.netloc]
    assert [] == [found for text in styles for found in ELSEWHERE.findall(text)]


def test_the_index_has_every_name(site: Path) -> None:
    """The index leads to every attribute and every public name."""
    text = (site / "genindex.html").read_text("utf-8")

    assert [] == [one.name for one in ATTRIBUTES.values() if f"{one.name} (attribute of cfpop)" not in text]
    public = [*(f"cfml_pop.{name}" for name in cfml_pop.__all__), *(f"cfml_pop.testing.{name}" for name in testing.__all__)]
    assert ["cfml_pop.testing.MissingExtra"] == [name for name in public if f'#{name}"' not in text]  # that of cfml_pop


# -- in the repository ---------------------------------------------------------------------------------------------------------


def slug(title: str) -> str:
    """The anchor that repository hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def headings(path: Path) -> set[str]:
    tokens = MarkdownIt("commonmark").parse(path.read_text("utf-8"))
    return {slug(tokens[at + 1].content) for at, token in enumerate(tokens) if token.type == "heading_open"}


@pytest.mark.parametrize("page", pages())
def test_links_in_the_repository(page: str) -> None:
    """Every link and picture of a page leads to a file of the repository, and to a heading in it."""
    wrong = []
    for token in MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text("utf-8")):
        for child in token.children or ():
            link = str(child.attrGet("href") or child.attrGet("src") or "")
            parts = urlsplit(link)
            target = (ROOT / page).parent / unquote(parts.path) if parts.path else ROOT / page
            if link and not parts.scheme and (not target.exists() or (parts.fragment and parts.fragment not in headings(target))):
                wrong.append(link)

    assert [] == wrong


def test_every_page_is_listed() -> None:
    """Who begins at index.md finds every page."""
    listed = re.findall(r"^- \[.*?\]\((\w[\w-]*)\.md\)", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE)

    assert set() == {path.stem for path in DOCS.glob("*.md")} - {"index", *listed}
    assert sorted(set(listed)) == sorted(listed)


# -- what is made from the code ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PARTS)
def test_parts_are_what_the_code_gives(name: str) -> None:
    """`python -m docs.generate` would change nothing; and each part has its place."""
    texts = {path.name: path.read_text("utf-8") for path in DOCS.glob("*.md")}

    assert [] == [page for page, text in texts.items() if filled(text) != text]
    assert 1 == sum(f"<!-- {name}: " in text for text in texts.values())


def test_a_changed_part_is_made_anew() -> None:
    """What somebody wrote between the marks by hand is replaced, and nothing around it."""
    made = PARTS["attributes"]()
    page = "before\n<!-- attributes: made -->\n{}\n<!-- end of attributes -->\nbehind\n"

    assert page.format(made) == filled(page.format("by hand\n\nmore"))
    assert [f"| `{one.name}` | {TAKES[one.kind]} |" for one in ATTRIBUTES.values()] == re.findall(
        r"^(\| `\w+` \| .*? \|)", made, re.MULTILINE
    )


def test_api_has_every_public_name() -> None:
    """docs/api.md has each public name, and none twice."""
    shown = re.findall(r"^\.\. auto\w+:: (\w+)", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)

    assert set() == set(cfml_pop.__all__) - set(shown)
    assert sorted(set(shown)) == sorted(shown)


# -- what docs/scopes.md says --------------------------------------------------------------------------------------------------

SCOPES = re.findall(r"^\| `(.*?)` \| (yes|no) \|$", (DOCS / "scopes.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("source", "seen"), SCOPES)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_scopes(monkeypatch: pytest.MonkeyPatch, source: str, seen: str, asynchronous: bool) -> None:
    """Behind a block a name is seen, or not, as the table says; in the block it is."""
    install(monkeypatch)
    tag = f'<% cfpop {LOGIN} name="mail" %>'
    page = source.replace("...", tag + "[{{ mail is defined }}]") + "({{ mail is defined }})"
    shown = cfml_environment(enable_async=asynchronous).from_string(page).render()

    assert "[true]" in shown.lower()
    assert f"({seen == 'yes'})" in shown


PAGES = {
    "parent": "{% block title %}none{% endblock %}|{% block body %}{% endblock %}",
    "child": "{% extends 'parent' %}TAG{% block title %}{{ mail.recordcount }}{% endblock %}",
    "shown": "{{ mail.recordcount }}",
    "lib": "TAG{% macro count() %}{{ mail.recordcount }}{% endmacro %}",
}


@pytest.mark.parametrize(
    ("source", "shown", "calls"),
    [
        ("{% include 'child' %}", "2|", 1),
        ("TAG{% for n in [1] %}{{ mail.recordcount }}{% include 'shown' %}{% endfor %}", "22", 1),
        ("{% import 'lib' as lib %}{{ lib.count() }}{{ lib.mail is defined }}", "2False", 1),
        ("{% block body %}TAG{% endblock %}{{ self.body() }}", "", 2),
        ("{% do cfpop(ARGUMENTS, name='mail') %}{{ mail.recordcount }}", "2", 1),
        ("{{ cfpop(ARGUMENTS, name='mail') }}{{ mail.recordcount }}", "2", 1),
        ("{% set mail = 7 %}{% set gone = cfpop(ARGUMENTS, action='delete', uid='u1') %}{{ mail }}{{ gone.uid }}", "7u1", 1),
    ],
)
def test_what_the_page_on_scopes_says(monkeypatch: pytest.MonkeyPatch, source: str, shown: str, calls: int) -> None:
    """Child templates, includes, imports, blocks printed twice and the function do as docs/scopes.md says."""
    fake = install(monkeypatch)

    def filled_in(text: str) -> str:
        return text.replace("TAG", f'{{% cfpop {LOGIN} name="mail" %}}').replace("ARGUMENTS", ARGUMENTS)

    loader = DictLoader({name: filled_in(text) for name, text in PAGES.items()})
    environment = Environment(extensions=["cfml_pop.CfpopExtension", "jinja2.ext.do"], loader=loader, autoescape=True)

    assert shown == environment.from_string(filled_in(source)).render()
    assert calls == len(fake.calls)


def test_strictness_keeps_the_ways_out() -> None:
    """With StrictUndefined a misspelt column is an error, and `is defined` and `default` go on working."""
    environment = cfml_environment(undefined=StrictUndefined)
    row = Query.from_rows(("subject",), [{"subject": "x"}]).rows[0]

    assert "False none" == environment.from_string("{{ row.bcc is defined }} {{ row.bcc|default('none') }}").render(row=row)
    with pytest.raises(UndefinedError):
        environment.from_string("{{ row.subjekt }}").render(row=row)
