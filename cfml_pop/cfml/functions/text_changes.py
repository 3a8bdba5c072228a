"""Text made of other text: replacing, inserting, justifying, wrapping.

Rule: as `text`; and what can grow is measured first (`limits`). "all" and "one" are the only scopes, in any case.
"""

from __future__ import annotations

import re
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.escaped import Escaped, is_escaped
from cfml_pop.cfml.functions.family import KINDS, BadArgument, Family, Page, argument
from cfml_pop.cfml.functions.lists import elements
from cfml_pop.cfml.functions.text import fold
from cfml_pop.cfml.limits import fits

__all__ = ["FAMILY", "SCOPE", "html"]

FAMILY = Family("Changing text")

MOST_LOOKED_AT = 1_000_000_000
"""Items times characters that `replaceList` may have to look at: a second or so."""

LINE_END = re.compile(r"\r\n|\r|\n")
SPACE = re.compile(r"\s")


def _scope(value: Any, _: Page) -> str:
    word = simple.text(value).strip().lower()
    if word not in ("one", "all"):
        raise ValueError(f"must be one or all, not {simple.text(value)!r}")
    return word


def _width(value: Any, _: Page) -> int:
    found = simple.integer(value)
    if found < 1:
        raise ValueError(f"must be 1 or more, not {found}")
    return fits(found)


KINDS.update({"text scope": _scope, "text width": _width})

SCOPE = argument("scope", "text scope", "one")
REPLACE = (argument("string"), argument("substring1"), argument("substring2"), SCOPE)
REPLACE_LIST = (
    argument("string"),
    argument("list1"),
    argument("list2"),
    argument("delimiter_list1", "text", ","),
    argument("delimiter_list2", "text", None),
    argument("includeEmptyFields", "boolean", False),
)


def replaced(text: str, old: str, new: str, *, every: bool, any_case: bool = False) -> str:
    """`text` with the first or every `old` made `new`; as it is where `old` is empty."""
    if not old:
        return text
    if not any_case:
        if every:
            fits(len(text) + text.count(old) * (len(new) - len(old)))
        return text.replace(old, new, -1 if every else 1)
    folded, old = fold(text), fold(old)
    if every:
        fits(len(text) + folded.count(old) * (len(new) - len(old)))
    pieces, begin = [], 0
    while (at := folded.find(old, begin)) >= 0:
        pieces += [text[begin:at], new]
        begin = at + len(old)
        if not every:
            break
    return "".join([*pieces, text[begin:]])


@FAMILY.function("replace", *REPLACE)
def replace(text: str, old: str, new: str, scope: str) -> str:
    """The text with the first substring1, or with the scope "all" every one, made substring2. An empty substring1 is nowhere.
    Source: Lucee, Replace; Adobe refuses an empty one."""
    return replaced(text, old, new, every=scope == "all")


@FAMILY.function("replaceNoCase", *REPLACE)
def replace_no_case(text: str, old: str, new: str, scope: str) -> str:
    """As `replace`, any case. Source: Lucee and Adobe, ReplaceNoCase; both refuse an empty substring1."""
    return replaced(text, old, new, every=scope == "all", any_case=True)


def items(joined: str, delimiters: str, *, empty: bool) -> list[str]:
    """A list cut at any of the delimiters; at every character where there are none, as Lucee does."""
    return elements(joined, delimiters, empty) if delimiters else list(joined)


def _by_list(text: str, first: str, second: str, marks: str, other_marks: str | None, *, empty: bool, any_case: bool) -> str:
    olds = items(first, marks, empty=empty)
    news = items(second, marks if other_marks is None else other_marks, empty=empty)
    for at, old in enumerate(olds):
        if len(olds) * len(text) > MOST_LOOKED_AT:
            raise ValueError(f"looks for {len(olds)} items in {len(text)} characters; the limit for both is {MOST_LOOKED_AT}")
        text = replaced(text, old, news[at] if at < len(news) else "", every=True, any_case=any_case)
    return text


@FAMILY.function("replaceList", *REPLACE_LIST)
def replace_list(text: str, first: str, second: str, marks: str, other_marks: str | None, empty: bool) -> str:
    """The text with every item of list1 made the item of list2 at the same place, or nothing where there is none, one item after
    the other: a later one finds what an earlier one left. Each delimiter is a set of characters, that of list1 counts for both;
    empty items are left out unless asked for. Source: Lucee, ReplaceList; Adobe's has delimiters since 11."""
    return _by_list(text, first, second, marks, other_marks, empty=empty, any_case=False)


@FAMILY.function("replaceListNoCase", *REPLACE_LIST)
def replace_list_no_case(text: str, first: str, second: str, marks: str, other_marks: str | None, empty: bool) -> str:
    """As `replaceList`, any case. Source: Lucee and Adobe, ReplaceListNoCase."""
    return _by_list(text, first, second, marks, other_marks, empty=empty, any_case=True)


@FAMILY.function("insert", argument("substring"), argument("string"), argument("position", "text count"))
def insert(part: str, text: str, position: int) -> str:
    """The text with another put in behind so many characters; 0 is before the first. Source: Lucee and Adobe, Insert."""
    if position > len(text):
        raise BadArgument("position", f"must be 0 to {len(text)}, the length of the string, not {position}")
    return text[:position] + part + text[position:]


@FAMILY.function("removeChars", argument("string"), argument("start", "text position"), argument("count", "text count"))
def remove_chars(text: str, start: int, count: int) -> str:
    """The text without `count` characters from `start` on. Source: Lucee and Adobe, RemoveChars."""
    if start > len(text):
        raise BadArgument("start", f"must be 1 to {len(text)}, the length of the string, not {start}")
    return text[: start - 1] + text[start - 1 + count :]


@FAMILY.function("lJustify", argument("string"), argument("length", "text width"))
def l_justify(text: str, width: int) -> str:
    """The text with blanks behind it up to that length; longer text as it is. Source: Lucee and Adobe, LJustify."""
    return text.ljust(width)


@FAMILY.function("rJustify", argument("string"), argument("length", "text width"))
def r_justify(text: str, width: int) -> str:
    """The text with blanks before it up to that length; longer text as it is. Source: Lucee and Adobe, RJustify."""
    return text.rjust(width)


@FAMILY.function("cJustify", argument("string"), argument("length", "text width"))
def c_justify(text: str, width: int) -> str:
    """The text with blanks on both sides, an odd one behind it; longer text as it is. Source: Lucee and Adobe, CJustify."""
    free = max(width - len(text), 0)
    return " " * (free // 2) + text + " " * (free - free // 2)


@FAMILY.function("stripCr", argument("string"))
def strip_cr(text: str) -> str:
    """The text without carriage returns. Source: Lucee and Adobe, StripCR."""
    return text.replace("\r", "")


@FAMILY.function("newLine")
def new_line() -> str:
    """A line feed. Source: Lucee and Adobe, NewLine, on the systems whose line end that is."""
    return "\n"


@FAMILY.function("wrap", argument("string"), argument("limit", "text width"), argument("strip", "boolean", False))
def wrap(text: str, limit: int, strip: bool) -> str:
    """The text in lines of at most `limit` characters, cut at blanks where there are any; `strip` makes blanks of the line ends
    that are there. Lines end with a line feed. Source: Adobe, Wrap; Lucee loses some of the line ends that are there."""
    lines = [SPACE.sub(" ", text)] if strip else LINE_END.split(text)
    return "\n".join(part for line in lines for part in _cut(line, limit))


def _cut(line: str, limit: int) -> list[str]:
    parts, begin = [], 0
    while len(line) - begin > limit:
        end = begin + limit
        at = end if line[end] in " \t" else max(line.rfind(" ", begin, end), line.rfind("\t", begin, end))
        parts.append(line[begin : at if at >= 0 else end])
        begin = at + 1 if at >= 0 else end
    return [*parts, line[begin:]]


HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def html(text: str) -> str:
    """Text with the characters escaped that mean something in HTML, those of both kinds of quotes included."""
    return text.translate(HTML)


@FAMILY.function("paragraphFormat", argument("string", "any"))
def paragraph_format(value: Any) -> str:
    """Text as HTML: an empty line begins a paragraph, other line ends are blanks. Unlike Adobe's and Lucee's it escapes the text,
    unless that is HTML already (of htmlEditFormat, or marked safe): mail would else bring its own tags. Source: Lucee,
    ParagraphFormat."""
    value = current(value)
    text = str.__str__(value) if is_escaped(value) else html(simple.text(value))
    text = LINE_END.sub("\n", text).replace("\n\n", " <P>\r\n")
    return Escaped(re.sub(r"(?<!\r)\n", " ", text) + " <P>")
