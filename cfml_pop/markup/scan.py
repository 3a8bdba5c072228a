"""HTML cut into tags and text, in one pass.

Rule: a tag begins and ends where the tokenizer of the HTML standard (section 13.2.5) begins and ends it; otherwise the
measurements of `gate` could be led past tags that a browser sees. Time is linear in the input. No tree is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["END", "ODD", "RAW", "START", "TEXT", "Token", "scan"]

Token = tuple[str, str, int]
"""(kind, text or name, attributes). `kind` is TEXT, START, END, or ODD: what begins with `<!` or `<?` and is no comment, or a
script whose end is unclear, of which only the beginning is given. A name is in lower case. `attributes` is the number of them in
a start tag, or a larger one."""

TEXT, START, END, ODD = "text", "start", "end", "odd"

BLANK = r"\t\n\f\r "
MARKUP = re.compile(rf"<(?:(?P<close>/?)(?P<name>[A-Za-z][^{BLANK}/>]*)|(?P<comment>!--)|(?P<odd>[!?]|/(?=[^A-Za-z])))")
COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
ATTRIBUTE = re.compile(
    rf"""[{BLANK}/]*(?:[^{BLANK}/>][^{BLANK}/>=]*(?:[{BLANK}]*=[{BLANK}]*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|(?!["'])[^{BLANK}>]*))?)?"""
)
"""One attribute, or nothing in front of ">" and the end. A quote that is not closed takes the rest of the text."""

RAW = frozenset({"iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"})
"""Elements whose content is text up to their end tag. noscript is one because a browser that runs scripts, and nh3, read
it so."""

HIDES_ITS_END = re.compile(r"<!--.*<script", re.IGNORECASE | re.DOTALL)
"""A script that goes on behind its first end tag."""

RAW_END = {name: re.compile(rf"</{name}(?=[{BLANK}/>])", re.IGNORECASE) for name in RAW}


def scan(html: str) -> Iterator[Token]:
    """The tags and texts of `html` in order. Comments are left out; what a browser drops at the end, such as a tag that is not
    closed, ends the iteration."""
    place, size = 0, len(html)
    while place < size:
        found = MARKUP.search(html, place)
        if found is None:
            yield TEXT, html[place:], 0
            return
        if found.start() > place:
            yield TEXT, html[place : found.start()], 0
        name = found["name"]
        if name is None:
            if found["comment"]:
                end = COMMENT_END.search(html, found.end())
                place = end.end() if end else size
            else:
                yield ODD, html[found.start() : found.start() + 9], 0
                place = html.find(">", found.start()) + 1 or size
            continue
        place, attributes = _tag_end(html, found.end())
        if place < 0:
            return
        name = name.lower()
        if found["close"]:
            yield END, name, 0
            continue
        yield START, name, attributes
        if name == "plaintext":
            yield TEXT, html[place:], 0
            return
        if name in RAW:
            ending = RAW_END[name].search(html, place)
            stop = ending.start() if ending else size
            if name == "script" and HIDES_ITS_END.search(html, place, stop):
                yield ODD, "<script", 0
            if stop > place:
                yield TEXT, html[place:stop], 0
            place = stop


def _tag_end(html: str, place: int) -> tuple[int, int]:
    """Where the tag whose name ends at `place` ends, -1 if nowhere, and how many attributes it has."""
    end = html.find(">", place)
    if end < 0:
        return -1, 0
    inside = html[place:end]
    if '"' not in inside and "'" not in inside:
        return end + 1, len(inside.replace("/", " ").replace("=", " ").split())
    attributes, size = 0, len(html)
    while place < size and html[place] != ">":
        found = ATTRIBUTE.match(html, place)
        if found is None or found.end() == place:  # it matches nothing in front of ">" only, which was looked for
            return -1, attributes
        place = found.end()
        attributes += 1
    return (place + 1, attributes) if place < size else (-1, attributes)
