"""The text of HTML without a parser.

Rule: linear whatever comes, and no text is lost. It is what is left when a page is too much for `text`; it knows lines and
blanks, no lists, links or quotations.
"""

from __future__ import annotations

import html as entities
import re

from cfml_pop.markup.gate import BLOCKS, TABLE_PARTS
from cfml_pop.markup.scan import END, START, TEXT, scan

__all__ = ["looks_like_html", "plain_text", "tidy"]

HIDDEN = frozenset({"script", "style", "title"})
LINES = BLOCKS | {"br", "table", "caption", "tr"}
KEPT = frozenset({"pre", "textarea", "xmp", "listing", "plaintext"})

HTML_TAG = re.compile(
    r"<!doctype\b|<!--|</?(?:a|abbr|address|article|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]"
    r"|head|header|hr|html|i|img|li|link|main|meta|ol|p|pre|script|section|small|span|strong|style|sub|sup|table|tbody|td|th|title"
    r"|tr|tt|u|ul)(?=[\s/>])",
    re.IGNORECASE,
)


def looks_like_html(text: str) -> bool:
    """Whether there is a tag of HTML in `text`. An address in angle brackets is none."""
    return HTML_TAG.search(text) is not None


def plain_text(html: str) -> str:
    """The text between the tags: a line for each block, entities decoded, blanks and empty lines made one."""
    pieces: list[str] = []
    element = ""
    for kind, text, _ in scan(html):
        if kind == TEXT:
            if element not in HIDDEN:
                words = text if element in KEPT else re.sub(r"[\t\n\f\r ]+", " ", text)
                pieces.append(entities.unescape(words))
            continue
        element = text if kind == START else ""
        if text in LINES:
            pieces.append("\n")
        elif text in TABLE_PARTS and kind == END:
            pieces.append("  ")
    return tidy("".join(pieces))


def tidy(text: str) -> str:
    """`text` without blanks at the ends of lines, with one empty line at most in a row, and none at both ends; no-break spaces
    become blanks."""
    lines: list[str] = []
    for line in (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x00", "\N{REPLACEMENT CHARACTER}")
        .replace("\xa0", " ")
        .split("\n")
    ):
        line = line.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")
