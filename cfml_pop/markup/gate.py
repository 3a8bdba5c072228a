"""What is too much for a parser of HTML, measured before one sees it.

Rule: an estimate is never too small. The algorithm of the HTML standard is quadratic in a few places, and a parser in C or Rust
cannot be stopped once it runs; so what is not understood here counts as never closed. `tests/test_markup_gate.py` compares with
html5lib.

What is quadratic, measured with nh3 0.3.8: the depth of nesting (each tag looks through the open elements), formatting elements
left open (each later block holds all of them again), attributes of one tag (each is compared with all), and character references
in one long text (each moves the rest of it).
"""

from __future__ import annotations

from cfml_pop.markup.scan import END, ODD, RAW, START, TEXT, scan

__all__ = ["DEPTH", "LIMIT", "excess"]

LIMIT = 1_000_000
"""Characters. Gmail cuts a message at 102 KB; newsletters with their pictures inside as data: URLs are the large ones."""

DEPTH = 200
"""Open elements. Nested layout tables take four for each table; lxml stops at 255, Python's recursion at 1,000."""

ATTRIBUTES = 1000
REPEATED = 500_000
"""Formatting elements that a parser may have to open again: 500,000 take 0.3 s and 70 MB."""

MOVED = 2_000_000_000
"""Characters that references may move: 0.05 s."""

LOOKED_AT = 5_000_000
"""Elements looked at in vain for an end tag, by this module: 0.5 s."""

FORMATTING = frozenset({"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
"""A start tag that is left open is opened again in each later block ("reconstruct the active formatting elements"). `a` is one
as well, but never more than one is open."""

VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "image",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
IGNORED = frozenset({"html", "head", "body", "frameset"})
"""No elements inside a fragment."""

PHRASING = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "bdi",
        "bdo",
        "br",
        "cite",
        "del",
        "dfn",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "o:p",
        "q",
        "samp",
        "span",
        "sub",
        "sup",
        "time",
        "var",
        "wbr",
    ]
)
"""Between `<b>` and `</b>` these change nothing: the end tag closes the start tag for certain."""

CELLS = frozenset({"td", "th", "caption"})
TABLE_PARTS = frozenset({"tr", "tbody", "thead", "tfoot", "colgroup"}) | CELLS
FOREIGN = frozenset({"svg", "math"})
SEALED = FOREIGN | {"applet", "button", "fieldset", "form", "marquee", "object", "option", "optgroup", "select", "template"}
"""Elements with rules of their own: what is inside them is never closed here, and they are not either."""

BARRIERS = SEALED | CELLS | {"table"}
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "dd",
        "dt",
        "listing",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "plaintext",
        "pre",
        "search",
        "section",
        "summary",
        "ul",
        "xmp",
    ]
)
"""Their start tag closes an open `p`."""

CLOSED_BY_ITSELF: dict[str, tuple[str, ...]] = {"li": ("li",), "dd": ("dd", "dt"), "dt": ("dd", "dt")}


def excess(html: str, limit: int = LIMIT) -> str:
    """Why `html` is not given to a parser, in a few words; "" when it may be. Linear in time. Raises TypeError for what is no
    text."""
    if not isinstance(html, str):
        raise TypeError(f"the HTML of a mail is text, not {type(html).__name__}; decode octets first")
    if len(html) > limit:
        return f"longer than {limit} characters"
    meter = _Meter()
    for kind, text, attributes in scan(html):
        if kind == TEXT:
            meter.moved += len(text) * text.count("&")
        elif kind == START:
            if attributes > ATTRIBUTES:
                return f"a tag has more than {ATTRIBUTES} attributes"
            meter.start(text)
        elif kind == END:
            meter.end(text)
        elif kind == ODD:
            meter.unclear = text == "<script" or (meter.foreign and text.startswith("<!["))
        if meter.unclear:
            return "text hidden in SVG, MathML, a list of choices or a script"
        if len(meter.open) + meter.loose + len(meter.pending) > DEPTH:
            return f"more than {DEPTH} elements are open at once"
        if meter.repeated > REPEATED or meter.moved > MOVED or meter.looked_at > LOOKED_AT:
            return "more tags are left open than a browser can close in good time"
    return ""


class _Meter:
    """The open elements, as far as they are certain.

    `open` holds their names, without formatting elements. `pending` holds formatting elements opened since the last tag that
    may have changed what their end tags mean, `loose` counts those that were open then; these are taken to stay open for ever.
    """

    def __init__(self) -> None:
        self.open: list[str] = []
        self.pending: list[str] = []
        self.loose = self.repeated = self.moved = self.looked_at = 0
        self.unclear = self.foreign = self.choices = False

    def start(self, name: str) -> None:
        self.repeated += self.loose + len(self.pending)
        if self.foreign:  # SVG knows no element without content, and which tags lead out of it is not followed here
            self.unclear = self.unclear or name in RAW or name == "plaintext"
            self.open.append(name)
            return
        if name in FORMATTING:
            self.pending.append(name)
            return
        if name in PHRASING:
            if name == "a" and self.open and self.open[-1] == "a":
                self.open.pop()  # there is never a link in a link
            if name not in VOID:
                self.open.append(name)
            return
        self.loosen()
        if name in RAW or name == "plaintext":
            # In SVG and in <select> these may be no such elements, and what follows would be tags.
            self.unclear = self.unclear or self.choices
            return
        if name in IGNORED:
            return
        if name in BLOCKS:
            self.close(("p",), BARRIERS)
        if name in CLOSED_BY_ITSELF:
            self.close(CLOSED_BY_ITSELF[name], BARRIERS | BLOCKS - {"address", "div", "p", *CLOSED_BY_ITSELF[name]})
        if name in TABLE_PARTS and not self.begin_part(name):
            return
        if name in VOID:
            return
        self.foreign = self.foreign or name in FOREIGN
        self.choices = self.choices or name == "select"
        self.open.append(name)

    def end(self, name: str) -> None:
        self.repeated += self.loose + len(self.pending)
        if self.foreign:
            return
        if name in FORMATTING:
            if self.pending and self.pending[-1] == name:
                self.pending.pop()
            return
        if name in PHRASING:
            if self.open and self.open[-1] == name:
                self.open.pop()
            return
        self.loosen()
        if name in SEALED or name in RAW or name in IGNORED:
            return
        if name == "table" or name in TABLE_PARTS:
            self.close((name,), SEALED if name == "table" else SEALED | {"table"})
        elif name in BLOCKS:
            self.close((name,), BARRIERS | {"ul", "ol"} if name == "li" else BARRIERS)
        elif self.open and self.open[-1] == name:  # the end tag of an unknown element closes no block inside it
            self.open.pop()

    def loosen(self) -> None:
        self.loose += len(self.pending)
        self.pending.clear()

    def close(self, names: tuple[str, ...], barriers: frozenset[str]) -> bool:
        """Close the innermost open element of `names` and what is in it, unless one of `barriers` stands between."""
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index] in names:
                del self.open[index:]
                return True
            if self.open[index] in barriers:
                break
            self.looked_at += 1
        return False

    def begin_part(self, name: str) -> bool:
        """A cell, row or group begins: close those that it ends. False outside a table, where the tag means nothing."""
        ended = {"td": CELLS, "th": CELLS, "tr": CELLS | {"tr"}}.get(name, TABLE_PARTS)
        while self.close(tuple(ended), SEALED | {"table"}):
            pass
        if "table" not in self.open:
            return False
        row = self.open[len(self.open) - self.open[::-1].index("table") :]
        if name in ("td", "th", "tr") and not {"tbody", "thead", "tfoot"} & set(row):
            self.open.append("tbody")
        if name in ("td", "th") and "tr" not in row:
            self.open.append("tr")
        return True
