"""Readable text of mail that has HTML only."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfml_pop import MissingExtra, html_to_text
from cfml_pop.markup.gate import excess
from cfml_pop.markup.plain import looks_like_html, plain_text
from tests.markup_vectors import VECTORS
from tests.test_markup_clean import bodies

CASES = {
    "paragraphs": ("<p>one\n two</p><p>three<br>four</p>", "one two\n\nthree\nfour"),
    "entities": ("a &amp; b &lt;c&gt; &euro;&nbsp;5 &#8211; &copy", "a & b <c> € 5 \u2013 ©"),
    "heading": ("<h1>Title</h1>text", "Title\n\ntext"),
    "link": (
        'see <a href="https://example.org/a?b=1&amp;c=2">our <b>site</b></a>.',
        "see our site (https://example.org/a?b=1&c=2).",
    ),
    "link that shows its address": ("<a href='https://example.org/'>https://example.org</a>", "https://example.org"),
    "link that shows its host": ("<a href='https://example.org/'>example.org</a>", "example.org"),
    "link to another host": ("<a href='https://evil.test/'>example.org</a>", "example.org (https://evil.test/)"),
    "address": (
        "<a href='mailto:kim@example.org'>kim@example.org</a>, <a href='mailto:a@b.c'>Ann</a>",
        "kim@example.org, Ann (a@b.c)",
    ),
    "link that is none": ("<a href='javascript:x'>x</a> <a href='#y'>y</a> <a name=z>z</a>", "x y z"),
    "link around a picture": ("<a href='https://example.org/'><img src=x alt=Shop></a>", "[Shop] (https://example.org/)"),
    "link without text": ("<a href='https://example.org/'><img src=x></a>", "https://example.org/"),
    "picture": ("<img src=x alt='A  blue bike'><img src=y>", "[A blue bike]"),
    "list": ("<ul><li>one<li>two</ul>", "* one\n* two"),
    "numbered": ("<ol><li>one<li>two</ol>", "1. one\n2. two"),
    "list in a list": ("<ul><li>one<ol><li>a<li>b</ol><li>two</ul>", "* one\n  1. a\n  2. b\n* two"),
    "table": ("<table><tr><th>Item<th>Price<tr><td>Bell<td>12</table>", "Item  Price\nBell  12"),
    "layout": ("<table><tr><td><p>left</p><td><div>right</div></table>", "left\n\nright"),
    "quotation": ("before<blockquote>one<br>two</blockquote>after", "before\n\n> one\n> two\n\nafter"),
    "quotation in a quotation": (
        "<blockquote>a<blockquote>b</blockquote>c</blockquote>",
        "> a\n> > b\n> c",
    ),
    "lines as they are": ("<pre>  a\n    b</pre>", "  a\n    b"),
    "rule": ("a<hr>b", "a\n--------------------\nb"),
    "script and style": ("<title>T</title><style>p{}</style><script>x</script><!-- c -->text<noscript>n</noscript>", "text"),
    "hidden": ("<div style='color:red; Display : NONE'>preview</div>text", "text"),
    "margins": ("<p style='margin-top:99999999em;padding-left:99999999em'>text", "text"),
    "many blank lines": ("<p>a</p><br><br><br><p></p><p>b", "a\n\nb"),
    "no-break spaces": ("a&nbsp;&nbsp;b\u00a0", "a b"),
    "no tags": ("just text", "just text"),
    "nothing": ("", ""),
    "nothing visible": ("<p> </p><img>", ""),
    "marks": ("a\ufdd0b\ufdd1c\ufdd2d&#xfdd0;", "abcd"),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_text(html: str, expected: str) -> None:
    """What a reader sees in a browser, in lines of text."""
    assert expected == html_to_text(html)


@pytest.mark.parametrize("body", bodies())
def test_all_words_of_real_mail(body: str) -> None:
    """Each word that the cruder reading finds in a mail stands in its text as well."""
    visible = re.sub(r"(?is)<(\w+)[^>]*display:\s*none[^>]*>.*?</\1>", "", body)
    text = html_to_text(body)

    assert [] == [word for word in plain_text(visible).split() if word not in text]


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(st.text(max_size=60), st.lists(st.one_of(st.sampled_from(VECTORS), st.text(max_size=4)), max_size=4).map("".join))
)
def test_any_input_gives_text(html: str) -> None:
    """Whatever comes, there is a text: no error, no blank at the end of a line, no two empty lines in a row."""
    for text in (html_to_text(html), plain_text(html)):
        assert not re.search(r"[ \t]\n|\n\n\n|^\n|\n$", text)


@pytest.mark.parametrize("piece", ["<div>", "<span>", "<b>", "<blockquote>", "<ul><li>", "<table><tr><td>"])
def test_deep_nesting_keeps_its_text(piece: str) -> None:
    """As deep as is allowed nothing is lost, though lxml stops at some depth and inscriptis at another."""
    html = "x" + piece * (198 // (2 * piece.count("<"))) + "deep"

    assert "" == excess(html)
    assert "deep" in html_to_text(html)


def test_too_much_is_plainer_text() -> None:
    """HTML that is too much for a parser still gives all its words."""
    html = "<div>" * 300 + "<ul><li>one</li><li>two &amp; three</li></ul>" + "<script>x</script>"

    assert "one\n\ntwo & three" == html_to_text(html)
    assert "one\ntwo" == html_to_text("<p>one<p>two", limit=3)


@pytest.mark.parametrize("module", ["nh3", "inscriptis.html_engine"])
def test_without_a_library(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Without one of the libraries the error says what to install."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingExtra, match=r"pip install 'cfml-pop\[html\]'"):
        html_to_text("<p>x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>x", True),
        ("x<BR/>y", True),
        ("<!DOCTYPE html>x", True),
        ("</div >", True),
        ("Kim <kim@example.org> wrote:\n> 1 < 2 && 3 > 2", False),
        ("see <https://example.org/a>", False),
        ("x <- y, List<String>, &amp;", False),
        ("<pre-x>", False),
        ("", False),
    ],
)
def test_looks_like_html(text: str, expected: bool) -> None:
    """Text is HTML when a tag of HTML is in it."""
    assert expected == looks_like_html(text)
