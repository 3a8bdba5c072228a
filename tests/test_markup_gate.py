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

TAGS = (
    ["div", "p", "b", "i", "a", "span", "table", "tr", "td", "th", "tbody", "caption", "ul", "ol", "li", "dl", "dd", "dt", "h1", "h2"]
    + ["center", "blockquote", "font", "nobr", "button", "form", "object", "marquee", "select", "option", "pre", "hr", "br", "img", "sub"]
    + ["abbr", "fieldset", "col", "colgroup", "thead", "x-y", "address", "rt", "body", "html", "svg", "math", "template", "em", "input"]
    + ["style", "script", "title", "textarea", "noscript", "iframe", "xmp", "plaintext", "frameset", "g", "mi", "desc", "foreignobject"]
)
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS]),
    st.sampled_from([f"</{tag}>" for tag in TAGS]),
    st.sampled_from(["x", " ", "<!--", "-->", "<!-->", "--!>", "<![CDATA[", "]]>", "<?", ">", "<", "</", "/>", "'", '"', "&amp;"]),
    st.sampled_from(["<b a=1>", "<b a=2>", "<b a=3>", "<b a=4>", "<i a='>'>", '<p a="', "<p a='<div>", "<p a=\">'", "<x\"y>", "<a'b>"]),
    st.sampled_from(["</b>" * 2, "<div>" * 9, "</div>" * 9, "<div/>", "<br/>", "<p =x>", "<p =\">", "<p a = '", "<svg/>", "</p x='>'>"]),
)
SOUP = st.lists(PIECES, max_size=30).map("".join)


def deepest(html: str) -> int:
    """How deep the tree is that the algorithm of the standard builds inside a <div>."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # html5lib's, about names that XML could not hold
        tree: Any = html5lib.parseFragment(html, container="div", treebuilder="etree", namespaceHTMLElements=False, scripting=True)
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
