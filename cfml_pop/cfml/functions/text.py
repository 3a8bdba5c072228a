"""Text: its parts, its case, and what stands where in it.

Rule: positions count characters from 1, and "not found" is 0. A character is one of Unicode, where the Java of Adobe's and
Lucee's engines counts one beyond U+FFFF as two. Text that CFML refuses is refused; a number beyond the end takes what there is.

Blanks, for `trim`, are the characters up to U+0020, as for Java's `String.trim`: no-break spaces stay. The cases in the tests
are answers of Lucee 5.4.
"""

from __future__ import annotations

import uuid
from collections.abc import Sized
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.functions.binary import UTF_8, Charset
from cfml_pop.cfml.functions.family import KINDS, BadArgument, Family, Page, argument
from cfml_pop.cfml.limits import fits

__all__ = ["FAMILY", "fold"]

FAMILY = Family("Text")

BLANKS = "".join(map(chr, range(0x21)))


def _position(value: Any, _: Page) -> int:
    found = simple.integer(value)
    if found < 1:
        raise ValueError(f"must be a position from 1 on, not {found}")
    return found


def _count(value: Any, _: Page) -> int:
    found = simple.integer(value)
    if found < 0:
        raise ValueError(f"must be 0 or more, not {found}")
    return found


def _part(value: Any, _: Page) -> int:
    found = simple.integer(value)
    if found == 0:
        raise ValueError("must not be 0; it is how many characters to take, or if negative, how many to leave out")
    return found


KINDS.update({"text position": _position, "text count": _count, "text part": _part})


def fold(text: str) -> str:
    """Text for comparing without case: as many characters as before, so that positions hold."""
    lower = text.lower()
    if len(lower) != len(text):  # one letter became two, as the Turkish İ does
        lower = "".join(letter if len(letter) == 1 else original for original in text for letter in [original.lower()])
    return lower.replace("\u03c2", "\u03c3")  # the two small sigmas


@FAMILY.function("len", argument("string", "any"))
def length(value: Any) -> int:
    """How many characters a text has, items an array or a struct, rows a query, octets a binary. A column stands for its
    current row. Source: Lucee and Adobe, Len."""
    value = current(value)
    if isinstance(value, Sized) and not isinstance(value, str):
        return len(value)
    return len(simple.text(value))


@FAMILY.function("left", argument("string"), argument("count", "text part"))
def left(text: str, count: int) -> str:
    """The first `count` characters, all of them if there are fewer; a negative count leaves that many out at the end, none if
    there are no more. Source: Lucee, Left; Adobe refuses negative counts before 2018."""
    return text[:count] if count > 0 or -count < len(text) else text


@FAMILY.function("right", argument("string"), argument("count", "text part"))
def right(text: str, count: int) -> str:
    """The last `count` characters, all of them if there are fewer; a negative count leaves that many out at the beginning.
    Source: Lucee, Right; Adobe refuses negative counts before 2018."""
    return text[-count:] if -count < len(text) else text


@FAMILY.function("mid", argument("string"), argument("start", "text position"), argument("count", "integer", -1))
def mid(text: str, start: int, count: int) -> str:
    """`count` characters from `start` on, fewer if the text ends; without a count, or with -1, all of them. Source:
    Lucee, Mid; in Adobe's the count is required and not negative."""
    if count < -1:
        raise BadArgument("count", f"must be 0 or more, or -1 for all, not {count}")
    return text[start - 1 : start - 1 + count] if count >= 0 else text[start - 1 :]


@FAMILY.function("trim", argument("string"))
def trim(text: str) -> str:
    """The text without blanks at both ends. Source: Lucee and Adobe, Trim."""
    return text.strip(BLANKS)


@FAMILY.function("lTrim", argument("string"))
def l_trim(text: str) -> str:
    """The text without blanks at its beginning. Source: Lucee and Adobe, LTrim."""
    return text.lstrip(BLANKS)


@FAMILY.function("rTrim", argument("string"))
def r_trim(text: str) -> str:
    """The text without blanks at its end. Source: Lucee and Adobe, RTrim."""
    return text.rstrip(BLANKS)


@FAMILY.function("lCase", argument("string"))
def l_case(text: str) -> str:
    """The text in lower case. Source: Lucee and Adobe, LCase."""
    return text.lower()


@FAMILY.function("uCase", argument("string"))
def u_case(text: str) -> str:
    """The text in upper case. Source: Lucee and Adobe, UCase."""
    return text.upper()


@FAMILY.function(
    "ucFirst", argument("string"), argument("doAll", "boolean", False), argument("doLowerIfAllUppercase", "boolean", False)
)
def uc_first(text: str, every: bool, lower: bool) -> str:
    """The text with its first letter in upper case; with `doAll` that of every word, also behind a point or a hyphen. With
    `doLowerIfAllUppercase` text all in upper case is put in lower case before. Source: Lucee, UCFirst, which with `doAll` also
    makes one blank of several."""
    if lower and text == text.upper():
        text = text.lower()
    if not every:
        return text[:1].upper() + text[1:]
    behind = " " + text
    return "".join(letter.upper() if before in " \t\n\r-." else letter for before, letter in zip(behind, text, strict=False))


@FAMILY.function("find", argument("substring"), argument("string"), argument("start", "integer", 1))
def find(part: str, text: str, start: int) -> int:
    """Where a text first stands in another from `start` on, 0 if it does not; a start below 1 is 1. Source: Lucee and Adobe,
    Find."""
    return text.find(part, max(start, 1) - 1) + 1


@FAMILY.function("findNoCase", argument("substring"), argument("string"), argument("start", "integer", 1))
def find_no_case(part: str, text: str, start: int) -> int:
    """As `find`, any case. Source: Lucee and Adobe, FindNoCase."""
    return fold(text).find(fold(part), max(start, 1) - 1) + 1


@FAMILY.function("findOneOf", argument("set"), argument("string"), argument("start", "integer", 1))
def find_one_of(letters: str, text: str, start: int) -> int:
    """Where the first character stands that is one of `set`, from `start` on; 0 if there is none. Source: Lucee and Adobe,
    FindOneOf."""
    chosen = frozenset(letters)
    return next((at + 1 for at in range(max(start, 1) - 1, len(text)) if text[at] in chosen), 0)


@FAMILY.function("spanIncluding", argument("string"), argument("set"))
def span_including(text: str, letters: str) -> str:
    """The beginning of a text as far as all its characters are in `set`. Source: Lucee and Adobe, SpanIncluding."""
    chosen = frozenset(letters)
    return text[: next((at for at, letter in enumerate(text) if letter not in chosen), len(text))]


@FAMILY.function("spanExcluding", argument("string"), argument("set"))
def span_excluding(text: str, letters: str) -> str:
    """The beginning of a text up to the first character that is in `set`. Source: Lucee and Adobe, SpanExcluding."""
    end = find_one_of(letters, text, 1)
    return text[: end - 1] if end else text


@FAMILY.function("getToken", argument("string"), argument("index", "text position"), argument("delimiters", "text", "\r\n\t "))
def get_token(text: str, index: int, delimiters: str) -> str:
    """The piece of that number of a text cut at any of the delimiters, empty pieces not counted; "" if there are fewer. Source:
    Lucee and Adobe, GetToken."""
    marks = frozenset(delimiters)
    begin = None
    for at, letter in enumerate(text):
        if letter not in marks:
            begin = at if begin is None else begin
        elif begin is not None:
            index -= 1
            if not index:
                return text[begin:at]
            begin = None
    return text[begin:] if begin is not None and index == 1 else ""


@FAMILY.function("compare", argument("string1"), argument("string2"))
def compare(first: str, second: str) -> int:
    """-1, 0 or 1: the first text stands before the second, is equal, or behind it, by the numbers of its characters. Source:
    Lucee and Adobe, Compare."""
    return (first > second) - (first < second)


@FAMILY.function("compareNoCase", argument("string1"), argument("string2"))
def compare_no_case(first: str, second: str) -> int:
    """As `compare`, any case. Source: Lucee and Adobe, CompareNoCase."""
    return compare(fold(first), fold(second))


@FAMILY.function("asc", argument("string"), argument("position", "text position", 1))
def asc(text: str, position: int) -> int:
    """The number in Unicode of the character there, 0 if there is none. Source: Lucee, Asc; Adobe's looks at the first one
    only."""
    return ord(text[position - 1]) if position <= len(text) else 0


@FAMILY.function("chr", argument("number", "text count"))
def character(number: int) -> str:
    """The character of a number in Unicode; "" for 0, as in CFML. Numbers beyond 65535 are characters too, as in Adobe's 2016
    and later. Source: Lucee and Adobe, Chr."""
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise BadArgument(
            "number", f"must be that of a character of Unicode, up to {0x10FFFF} and not 55296 to 57343, not {number}"
        )
    return chr(number) if number else ""


@FAMILY.function("reverse", argument("string"))
def reverse(text: str) -> str:
    """The characters from the last to the first. Source: Lucee and Adobe, Reverse."""
    return text[::-1]


@FAMILY.function("repeatString", argument("string"), argument("count", "text count"))
def repeat_string(text: str, count: int) -> str:
    """The text so many times. Source: Lucee and Adobe, RepeatString."""
    fits(len(text) * count)
    return text * count


@FAMILY.function("toString", argument("value", "any"), argument("encoding", "charset", UTF_8))
def to_string(value: Any, encoding: Charset) -> str:
    """A simple value as text; a binary as text in a character set. Source: Lucee and Adobe, ToString. XML documents are the
    host's."""
    value = current(value)
    return encoding.decode(bytes(value)) if isinstance(value, (bytes, bytearray)) else simple.text(value)


@FAMILY.function("createUUID")
def create_uuid() -> str:
    """A new random UUID as CFML writes it: capitals, 8-4-4-16 digits. Source: Lucee and Adobe, CreateUUID."""
    digits = str(uuid.uuid4()).upper()
    return digits[:23] + digits[24:]


@FAMILY.function("createGUID")
def create_guid() -> str:
    """A new random UUID as others write it: capitals, 8-4-4-4-12 digits. Source: Lucee, CreateGUID."""
    return str(uuid.uuid4()).upper()
