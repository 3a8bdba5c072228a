"""What is too much for a parser is seen before a parser sees it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cfml_pop.markup import gate
from cfml_pop.markup.clean import clean_html
from cfml_pop.markup.gate import excess
from cfml_pop.markup.plain import plain_text
from cfml_pop.markup.scan import scan
from cfml_pop.markup.text import html_to_text

TAGS = [
    "div",
    "p",
    "b",
    "i",
    "a",
    "span",
    "table",
    "tr",
    "td",
    "th",
    "tbody",
    "caption",
    "ul",
    "ol",
    "li",
    "dl",
    "dd",
    "dt",
    "h1",
    "h2",
    "center",
    "blockquote",
    "font",
    "nobr",
    "button",
    "form",
    "object",
    "marquee",
    "select",
    "option",
    "pre",
    "hr",
    "br",
    "img",
    "sub",
    "abbr",
    "fieldset",
    "col",
    "colgroup",
    "thead",
    "x-y",
    "address",
    "rt",
    "body",
    "html",
    "svg",
    "math",
    "template",
    "em",
    "input",
    "style",
    "script",
    "title",
    "textarea",
    "noscript",
    "iframe",
    "xmp",
    "plaintext",
    "frameset",
    "g",
    "mi",
    "desc",
    "foreignobject",
]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS]),
    st.sampled_from([f"</{tag}>" for tag in TAGS]),
    st.sampled_from(
        ["x", " ", "<!--", "-->", "<!-->", "--!>", "<![CDATA[", "]]>", "<?", ">", "<", "</", "/>", "'", '"', "&amp;"]
    ),
    st.sampled_from(
        ["<b a=1>", "<b a=2>", "<b a=3>", "<b a=4>", "<i a='>'>", '<p a="', "<p a='<div>", "<p a=\">'", '<x"y>', "<a'b>"]
    ),
    st.sampled_from(
        ["</b>" * 2, "<div>" * 9, "</div>" * 9, "<div/>", "<br/>", "<p =x>", '<p =">', "<p a = '", "<svg/>", "</p x='>'>"]
    ),
)
SOUP = st.lists(PIECES, max_size=30).map("".join)


def deepest(html: str) -> int:
    """How deep the tree is that the algorithm of the standard builds inside a <div>."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # html5lib's, about names that XML could not hold
        tree: Any = html5lib.parseFragment(
            html, container="div", treebuilder="etree", namespaceHTMLElements=False, scripting=True
        )
    depth, level = -1, [tree]
    while level:
        depth += 1
        level = [child for element in level for child in element if isinstance(child.tag, str)]
    return depth


def estimate(html: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The least DEPTH with which `html` passes; a large number if it does not pass at all."""
    for depth in range(100):
        monkeypatch.setattr(gate, "DEPTH", depth)
        if not excess(html):
            return depth
    return 10_000


@settings(max_examples=400, deadline=None)
@given(SOUP)
@example("<div><table></div></table>" * 5)
@example("<b id=1><table><td></b></table>" * 5)
@example("<b id=1>" + "<div>" * 9 + "</b>" + "</div>" * 9)
@example("<svg><style></svg><div><div><div></style>")
@example("<select><style></select><div><div><div>")
@example("<script><!--<script></script><style></script><div><div><div>")
@example("<svg><![CDATA[>]]><div><div>")
@example('<a b"><div><div>"></a>')
@example("<table><td><table><td><table><td>x")
def test_depth_is_never_underrated(html: str) -> None:
    """The tree that a browser builds is never deeper than was estimated, whatever the tags are."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert deepest(html) <= estimate(html, monkeypatch) + 1  # an element without content, such as <br>, is not counted


@given(st.text(alphabet="<>/!-ab\"'= \n&;x?[]", max_size=60))
def test_no_text_is_lost_or_invented(text: str) -> None:
    """The pieces of a scan stand in the input in this order, whatever it is."""
    place = 0
    for kind, piece, _ in scan(text):
        if kind == "text":
            found = text.find(piece, place)
            assert found >= place
            place = found + len(piece)


REAL = (
    "<p>a<p>b" * 5000,
    "<ul>" + "<li>a<p>b</li>" * 5000,
    "<table>" + "<tr><td><p>x<td>y" * 5000,
    "<table>" + "<tr><td><b>x</b></td></tr>" * 5000 + "</table>",
    "<div><font><p>x</p></font></div>" * 150,
    "<table><tr><td>" * 40 + "x" + "</td></tr></table>" * 40,
    "<p>" + "&nbsp;" * 5000,
    "<dl>" + "<dt>a<dd>b" * 5000,
    "<b>x</i></b>" * 150,
)


@pytest.mark.parametrize("text", REAL, ids=lambda text: text[:20])
def test_ordinary_mail_passes(text: str) -> None:
    """Long lists, long tables, tags that may be left open and the usual mistakes are not too much."""
    assert "" == excess(text)


TOO_MUCH = (
    ("<div>" * 201, "more than 200 elements are open at once"),
    ("<b>" * 201, "more than 200 elements are open at once"),
    ("<p " + "a=1 " * 1001 + ">", "a tag has more than 1000 attributes"),
    ("<p " + "a='1'" * 1001 + ">", "a tag has more than 1000 attributes"),
    ("<p>" + "".join(f"<b title={number}>" for number in range(150)) + "<p>x" * 4000, "more tags are left open than"),
    ("&x" * 100_000, "more tags are left open than"),
    ("<div><table><td>" + "<span>" * 150 + "</div>" * 40_000, "more tags are left open than"),
    ("x" * 1_000_001, "longer than 1000000 characters"),
    ("<svg><style>", "text hidden in SVG"),
)


@pytest.mark.parametrize(("text", "reason"), TOO_MUCH, ids=[f"{text[:12]} {reason[:20]}" for text, reason in TOO_MUCH])
def test_too_much(text: str, reason: str) -> None:
    """What a parser would take very long for is refused, with its reason."""
    assert excess(text).startswith(reason)


# A beginning, and what is repeated. Beside each kind of quadratic time that HTML parsers are known for stand the same things
# closed.
HOSTILE = {
    "nested": ("", "<div>"),
    "nested and closed by others": ("", "<div><table></div></table>"),
    "nested inline": ("", "<span>"),
    "formatting left open": ("", "<b><p>x"),
    "formatting opened again": ("<p>" + "".join(f"<b title={number}>" for number in range(150)), "<p>x"),
    "formatting a little open": ("<p><b><i><u><s>", "<p>x"),
    "formatting across blocks": ("", "<b><div></b></div>"),
    "formatting in tables": ("<table>", "<b>y<tr>"),
    "closed paragraphs": ("", "<p>x</p>"),
    "nested tables": ("", "<table><tr><td>"),
    "nested lists": ("", "<ul><li>x"),
    "nested quotations": ("", "<blockquote>x"),
    "lines in quotations": ("<blockquote>" * 150, "x<br>"),
    "links": ("", "<a href=http://x.example/>y"),
    "attributes": ("<p ", " a=1"),
    "attributes with quotes": ("<p ", ' a="1"'),
    "one attribute": ('<p title="', "x"),
    "references in an attribute": ('<p title="', "&x"),
    "less-than signs": ("", "<"),
    "references": ("", "&zzz;"),
    "comments": ("", "<!--"),
    "nested comments": ("", "<!--<p>"),
    "tags not closed": ("", "<a b='"),
    "end tags": ("", "</b></div>"),
    "end tags behind others": ("<div><table><td>" + "<span>" * 150, "</div>"),
    "scripts": ("", "<script>"),
    "scripts in scripts": ("<script>", "<!--<script"),
    "svg": ("", "<svg><p>"),
    "choices": ("", "<select><option>a"),
    "a style": ('<p style="', "color:red;"),
    "brackets in a style": ('<p style="', "("),
    "addresses in a style": ('<p style="', "url('"),
    "comments in a style": ('<p style="', "/*"),
    "signs in a style": ('<p style="a:', "- "),
    "hidden": ("", '<div style="display:none">'),
}


def seconds(function: Callable[[str], str], text: str) -> float:
    """CPU time of this process, the least of two runs."""
    times = []
    for _ in range(2):
        before = time.process_time()
        function(text)
        times.append(time.process_time() - before)
    return min(times)


@pytest.mark.parametrize("function", [clean_html, html_to_text, plain_text], ids=lambda function: function.__name__)
@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear(function: Callable[[str], str], name: str) -> None:
    """Twice the input takes at most three times as long (CPU time), whatever is repeated in it."""
    start, piece = HOSTILE[name]
    short, long = (start + piece * (size // len(piece)) for size in (25_000, 50_000))

    assert seconds(function, long) <= 3 * seconds(function, short) + 0.03


@pytest.mark.parametrize("function", [clean_html, html_to_text])
@pytest.mark.parametrize("value", [None, b"<p>octets", 7])
def test_only_text_is_taken(function: Callable[[Any], str], value: object) -> None:
    """What is no text is a TypeError that says so, and not one out of the parser."""
    with pytest.raises(TypeError, match="the HTML of a mail is text, not "):
        function(value)
