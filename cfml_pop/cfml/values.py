"""How CFML reads a value: booleans, numbers, lists.

Rule: each function takes what a template or a program may give and returns one plain Python value, or raises a ValueError whose
text goes on after the attribute's name ("must be a whole number, not 'pop3'"). Nothing is guessed: what is not listed is refused.

A `Column` stands for its current row, as everywhere in CFML, and a number of another type (Decimal, Fraction) for the int or
float that it equals. Text of any str subclass (Markup, the cells of a row) becomes exact `str`, so that nothing is escaped on its
way to the server. Digits are the ten of ASCII: Python's `int` would also take "1_000" and the digits of other scripts, which no
CFML engine does.
"""

from __future__ import annotations

import math
import numbers
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from cfml_pop.cfml.column import current
from cfml_pop.secret import Secret

__all__ = [
    "boolean",
    "comparable",
    "control_character",
    "describe",
    "host_and_port",
    "integer",
    "items",
    "message_numbers",
    "path",
    "plain_value",
    "refuse_control",
    "seconds",
    "secret",
    "text",
    "untrimmed",
]

TRUE = frozenset({"true", "yes"})
FALSE = frozenset({"false", "no"})

INTEGER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]*)?")
"""At most 18 digits: no port, count or message number needs more, and the value stays inside 64 bits."""

DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")

NUMERIC = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?")
"""What text is a number to CFML. Digits of ASCII, bounded, as Python's `float` would also take "1_000", "inf" and "nan"."""

HOST_PORT = re.compile(r"(?:\[(?P<bracketed>[^\[\]]+)\]|(?P<plain>[^:\[\]]+))(?::(?P<port>[0-9]+))?")

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""What must not reach the wire: CR and LF would end the command, NUL ends strings in many servers."""

BLANKS = " \t\n\r\v\f"
"""What is trimmed off the items of a list: the blanks of ASCII. A uid may begin or end with any octet above 127, among which
Python's `strip` sees U+0085 and U+00A0 as blanks too."""

HUGE = 10**30
"""From here on a number is not written out: Python itself refuses to print those of many thousand digits."""

LONGEST_WAIT = 2_000_000
"""Seconds, about 23 days: the operating system's poll() counts milliseconds in 32 bits."""


def text(value: object) -> str:
    """Text, trimmed; what is accepted is as in `untrimmed`."""
    return untrimmed(value).strip()


def untrimmed(value: object) -> str:
    """Text as it is: exact `str`. Numbers as CFML writes them (`2.0` is `2`); true, None, lists and objects are refused."""
    value = plain_value(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < HUGE:
        return str(int(value))
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    raise ValueError(f"must be text, not {describe(value)}")


def secret(value: object) -> Secret:
    """A password or token, not trimmed (RFC 1939 lets blanks be part of it). Errors never show it."""
    if isinstance(value, Secret):
        value = value.reveal()
    try:
        plain = untrimmed(value)
    except ValueError:
        raise ValueError(f"must be text, not {_type_name(value)}") from None
    refuse_control(plain)
    return Secret(plain)


def path(value: object) -> str:
    """A path as text, trimmed: a str or any `os.PathLike` of str."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return text(value)


def boolean(value: object) -> bool:
    """True, yes and every number but 0 are true; false, no and 0 are false; any case, blanks around are dropped.

    Not accepted, as in Lucee: on, off, y, n, t, f, and empty text.
    """
    value = plain_value(value)
    if isinstance(value, (bool, int, float)):
        return bool(value)
    if isinstance(value, str):
        word = str.__str__(value).strip().lower()
        if word in TRUE or word in FALSE:
            return word in TRUE
        if DECIMAL.fullmatch(word):
            return float(word) != 0
    raise ValueError(f"must be yes or no, not {describe(value)}")


def integer(value: object) -> int:
    """A whole number: an int, a float, or ASCII digits with an optional sign; a fraction is cut off, so `2.9` is 2 (Lucee).

    Not accepted: true, empty text, exponents, `1_000`, infinity.
    """
    value = plain_value(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    if isinstance(value, str):
        digits = str.__str__(value).strip()
        if INTEGER.fullmatch(digits):
            return int(digits.partition(".")[0])
    raise ValueError(f"must be a whole number, not {describe(value)}")


def seconds(value: object) -> float:
    """Seconds, fractions allowed, more than zero: an int, a float, or ASCII digits with a decimal point."""
    value = plain_value(value)
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value) if abs(value) <= LONGEST_WAIT else math.nan
    elif isinstance(value, str):
        digits = str.__str__(value).strip()
        number = float(digits) if DECIMAL.fullmatch(digits) else math.nan
    if not 0 < number <= LONGEST_WAIT:
        raise ValueError(f"must be a number of seconds above 0 and up to {LONGEST_WAIT}, not {describe(value)}")
    return number


def items(value: object, delimiters: str = ",", *, repeats: bool = False) -> tuple[str, ...]:
    """The items of a list: trimmed, empty ones left out, in the order given, each once unless `repeats`.

    Text is split at every character of `delimiters`. A Python list, tuple, set or iterator gives its items whole, so that
    an item may hold a delimiter. A control character inside an item is refused.
    """
    value = plain_value(value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray, Mapping)):
        found = [untrimmed(item) for item in value]
    else:
        found = re.split(f"[{re.escape(delimiters)}]", untrimmed(value)) if delimiters else [untrimmed(value)]
    filled = [item for item in (one.strip(BLANKS) for one in found) if item]
    for item in filled:
        refuse_control(item)
    return tuple(filled if repeats else dict.fromkeys(filled))


def message_numbers(value: object, *, repeats: bool = False, strict: bool = False, whole: bool = False) -> tuple[int, ...]:
    """Message numbers from a number, a comma list or a Python list: in the order given, each once unless `repeats`.

    As in Lucee, what is no number, and what is below 1, is left out, unless `strict`; `2.9` is 2, unless `whole`.
    """
    numbers: list[int] = []
    for item in items(value, repeats=repeats):
        if INTEGER.fullmatch(item) and (number := integer(item)) >= 1 and not (whole and "." in item):
            numbers.append(number)
        elif strict:
            raise ValueError(f"must be whole numbers from 1 on, not {describe(item)}")
    return tuple(numbers if repeats else dict.fromkeys(numbers))


def comparable(text: str) -> float | str:
    """What two texts have in common that CFML takes for equal: the number that both are, else the letters without case."""
    plain = text.strip()
    return float(plain) if NUMERIC.fullmatch(plain) else text.lower()


def control_character(value: str) -> str | None:
    """The first control character in the text, by name or code, or None."""
    found = CONTROL.search(value)
    if found is None:
        return None
    return {"\t": "TAB", "\n": "LF", "\r": "CR", "\0": "NUL"}.get(found[0], f"0x{ord(found[0]):02X}")


def refuse_control(value: str) -> None:
    """Raise ValueError when the text holds a control character."""
    found = control_character(value)
    if found:
        raise ValueError(f"must not hold a control character ({found})")


def host_and_port(text: str) -> tuple[str, str]:
    """A host name or address without the brackets of IPv6, and the digits of the port behind it or "".

    >>> host_and_port("mail:110"), host_and_port("[::1]"), host_and_port("::1")
    (('mail', '110'), ('::1', ''), ('::1', ''))
    """
    found = HOST_PORT.fullmatch(text)
    return (found["bracketed"] or found["plain"] or "", found["port"] or "") if found else (text, "")


def describe(value: object) -> str:
    """A value for an error text: short texts and numbers as they are, of anything else the type only."""
    value = plain_value(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= HUGE:
        return "a number that large"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        plain = str.__str__(value)
        return repr(plain) if len(plain) <= 40 else f"{plain[:40]!r}..."
    return _type_name(value)


def _type_name(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def plain_value(value: object) -> object:
    """The current value of a column, and a number as int or float."""
    value = current(value)
    if isinstance(value, numbers.Number) and not isinstance(value, (int, float, complex)):
        number: Any = value  # numbers.Number promises no conversion
        try:
            near = float(number)
            return int(number) if abs(near) < HUGE and int(number) == number else near
        except (ValueError, TypeError, OverflowError):
            return value
    return value
