"""Readable text for mail that has HTML only.

Rule: nh3 builds the tree, as a browser would and without what hides or loads; inscriptis lays it out. Between the two, what mail
needs and inscriptis does not have is written into the tree: addresses behind links, marks of quotations, tables as lines.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from cfml_pop.errors import MissingExtra
from cfml_pop.markup.clean import load_nh3, whole_characters
from cfml_pop.markup.gate import LIMIT, excess
from cfml_pop.markup.plain import plain_text, tidy
from cfml_pop.markup.policy import DROPPED_WITH_CONTENT, LINK, TAGS

__all__ = ["html_to_text"]

OPEN, CLOSE, GAP = "\ufdd0", "\ufdd1", "\ufdd2"
"""Marks of a quotation's ends, and of the blanks between two cells. Unicode says that these are never in text that is
exchanged."""

MARKS = re.compile(f"[{OPEN}{CLOSE}]")
OURS = re.compile(f"[{OPEN}{CLOSE}{GAP}]")
DEEPEST_QUOTATION = 20
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
BLOCKS = ("p", "div", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "center", "dl")


def html_to_text(html: str, *, limit: int = LIMIT) -> str:
    """The text of a mail's HTML: links as `text (address)`, pictures by their alt text, lists with bullets or numbers, a line for
    each row of a table, quotations behind `> `. What the sender hides (`display: none`) stays hidden.

    HTML of more than `limit` characters, or that no parser reads in linear time, becomes plainer text: lines and words only.
    Raises MissingExtra when nh3 or inscriptis is not installed.
    """
    nh3 = load_nh3()
    try:
        from inscriptis.html_engine import Inscriptis
        from lxml.html import document_fromstring
    except ImportError as error:
        raise MissingExtra("text from HTML needs inscriptis; install it with: pip install 'cfml-pop[html]'") from error
    if excess(html, limit):
        return plain_text(html)
    cleaned = nh3.clean(
        whole_characters(html),
        tags=set(TAGS),
        clean_content_tags=set(DROPPED_WITH_CONTENT),
        attributes={"*": {"style"}, "a": {"href"}, "img": {"alt"}, "li": {"value"}},
        attribute_filter=_attribute,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )
    tree = document_fromstring(f"<html><body><div>{OURS.sub('', cleaned)}</div></body></html>")
    _prepare(tree)
    text: str = Inscriptis(tree, _config()).get_text()
    return tidy(_quoted(re.sub(f" ?{GAP} ?", "  ", text)))


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """Of a style only whether the element is hidden: inscriptis would write as many blank lines as a margin asks for."""
    if name == "style":
        return "display:none" if HIDDEN.search(value) else None
    if name == "value":
        return value if value.isascii() and value.isdigit() and len(value) < 10 else None
    return value


@functools.cache
def _config() -> Any:
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement

    css = {
        **STRICT_CSS_PROFILE,
        "ul": HtmlElement(display=Display.block, padding_inline=2),
        "ol": HtmlElement(display=Display.block, padding_inline=3),
        "section": HtmlElement(display=Display.block, margin_before=1, margin_after=1),
        **{name: HtmlElement(display=Display.block) for name in ("center", "dd", "dl", "dt", "main")},
    }
    return ParserConfig(css=css)


def _prepare(tree: Any) -> None:
    """Write into the tree what inscriptis would not show."""
    for element in list(tree.iter("img")):
        alt = " ".join(element.get("alt", "").split())
        element.tag = "span"
        element.text = f"[{alt}]" if alt else ""
    for element in list(tree.iter("a", "blockquote", "hr", "table", "caption", "tr", "td", "th")):
        tag = element.tag
        if tag == "a":
            _append(element, _address(element.get("href", ""), element.text_content()))
        elif tag == "hr":
            element.tag, element.text = "div", "-" * 20
        elif tag == "blockquote":
            element.tag = "div"
            for place, mark in ((0, OPEN), (len(element) + 1, CLOSE)):
                line = element.makeelement("div")
                line.text = mark
                element.insert(place, line)
            element[0].tail, element.text = element.text, None
        elif tag in ("td", "th"):
            block = any(child.tag in BLOCKS for child in element)
            element.tag = "div" if block else "span"
            if not block and element.getnext() is not None:
                element.tail = GAP
        else:
            element.tag = "section" if tag == "table" else "div"


def _address(href: str, text: str) -> str:
    """What stands behind the text of a link: its address, unless the text says it."""
    href, text = href.strip(), text.strip()
    shown = href.partition(":")[2] if not href.lower().startswith("http") else href
    if not LINK.match(href) or text.rstrip("/") in (href.rstrip("/"), shown.rstrip("/"), shown.partition("://")[2].rstrip("/")):
        return ""
    return f" ({shown})" if text else shown


def _append(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _quoted(text: str) -> str:
    """Each line with the marks of the quotations around it, in place of the lines that mark their ends."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        marks = MARKS.findall(line)
        rest = MARKS.sub("", line) if marks else line
        depth += marks.count(OPEN)
        if not marks or rest.strip():
            lines.append("> " * min(depth, DEEPEST_QUOTATION) + rest if depth else rest)
        depth = max(0, depth - marks.count(CLOSE))
        if marks and depth == (OPEN in marks):  # an empty line around a quotation, none inside
            lines.insert(len(lines) - bool(rest.strip() and OPEN in marks), "")
    return "\n".join(lines)
