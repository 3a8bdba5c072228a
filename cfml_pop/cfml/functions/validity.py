"""The types of isValid.

Rule: each check takes any value and never fails. It returns None where the value is not of the type, true where it is, or for
those types that can be bounded what `min` and `max` are held against: the number, or the length of the text. Patterns are read in
time that grows as the text does, and no text of a type that has a form is longer than LONGEST.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from cfml_pop.cfml import dates, simple
from cfml_pop.cfml.functions.family import Page
from cfml_pop.cfml.query import Query

__all__ = ["LONGEST", "TYPES"]

LONGEST = 2000
"""Characters; more than any address, number or URL of a form needs."""

Check = Callable[[object, Page], "float | None"]

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_HEX = "[0-9a-f]"


def _plain_text(value: object) -> str | None:
    """The text of a simple value, None for other values and for what is too long to be of a form."""
    try:
        text = simple.text(value)
    except ValueError:
        return None
    return text if len(text) <= LONGEST else None


def _of_form(pattern: str) -> Check:
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)

    def check(value: object, _: Page) -> float | None:
        text = _plain_text(value)
        return True if text is not None and compiled.fullmatch(text.strip()) else None

    return check


def _of_kind(*kinds: type) -> Check:
    return lambda value, _: True if isinstance(value, kinds) else None


def _number(value: object, _: Page) -> float | None:
    if isinstance(value, (dt.date, dt.datetime)):
        return None
    try:
        return simple.number(value)
    except ValueError:
        return None


def _integer(value: object, _: Page) -> float | None:
    number = simple.numeric(value)
    return number if number is not None and -(2**31) <= number < 2**31 and number == int(number) else None


def _strict_number(value: object, _: Page) -> float | None:
    return simple.numeric(value)


def _string(value: object, _: Page) -> float | None:
    try:
        return len(simple.text(value))
    except ValueError:
        return None


def _boolean(value: object, _: Page) -> float | None:
    try:
        simple.boolean(value)
    except ValueError:
        return None
    return True


def _date(value: object, page: Page) -> float | None:
    return True if dates.read(value, page.time_zone, page.clock) is not None else None


def _time(value: object, page: Page) -> float | None:
    return _date(value, page) if simple.numeric(value) is None else None


def _ordered_date(day_at: int, marks: str) -> Check:
    """A date in digits, with the day first (0) or second (1) and the same of `marks` between them."""
    compiled = re.compile(rf"([0-9]{{1,2}})([{marks}])([0-9]{{1,2}})\2([0-9]{{1,4}})", re.ASCII)

    def check(value: object, _: Page) -> float | None:
        match = compiled.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            return None
        day, month = (match[1], match[3]) if day_at == 0 else (match[3], match[1])
        year = int(match[4]) + (0 if len(match[4]) > 2 else 2000 if int(match[4]) < 30 else 1900)
        try:
            dt.date(year, int(month), int(day))
        except ValueError:
            return None
        return True

    return check


def _email(value: object, _: Page) -> float | None:
    text = _plain_text(value)
    return True if text is not None and len(text) <= 320 and _ADDRESS.fullmatch(text.strip()) else None


_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z]{{2,63}}", re.ASCII | re.IGNORECASE)
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.ASCII | re.IGNORECASE)


def _url(value: object, page: Page) -> float | None:
    text = _plain_text(value)
    if text is None or not text.isprintable() or " " in text.strip():
        return None
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme in ("http", "https", "ftp"):
        return True if _HOST.fullmatch(host) or ":" in host else None
    if parts.scheme == "mailto":
        return _email(parts.path, page)
    return True if parts.scheme in ("file", "news") and len(parts.path) > 0 else None


def _credit_card(value: object, _: Page) -> float | None:
    text = _plain_text(value)
    digits = re.sub("[ ,-]", "", text) if text is not None else ""
    if not (digits.isascii() and digits.isdecimal() and 13 <= len(digits) <= 19):
        return None
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[::-2])) + sum(number - 9 if number > 9 else number for number in doubled)
    return True if total % 10 == 0 else None


_PHONE = _of_form(
    r"(?:\+?1[-. ]?)?(?:\([2-9][0-9]{2}\)|[2-9][0-9]{2})[-. ]?[2-9][0-9]{2}[-. ]?[0-9]{4}(?: ?(?:x|ext\.?) ?[0-9]{1,5})?"
)
_SSN = _of_form(r"(?!000)[0-9]{3}[- ](?!00)[0-9]{2}[- ](?!0000)[0-9]{4}")

TYPES: dict[str, Check] = {
    "any": lambda value, _: True if value is not None else None,
    "array": _of_kind(list, tuple),
    "binary": _of_kind(bytes, bytearray),
    "boolean": _boolean,
    "creditcard": _credit_card,
    "date": _date,
    "email": _email,
    "eurodate": _ordered_date(0, "./"),
    "float": _number,
    "guid": _of_form(f"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}"),
    "integer": _integer,
    "number": _number,
    "numeric": _number,
    "phone": _PHONE,
    "query": _of_kind(Query),
    "range": _strict_number,
    "social_security_number": _SSN,
    "ssn": _SSN,
    "string": _string,
    "struct": _of_kind(Mapping),
    "telephone": _PHONE,
    "time": _time,
    "url": _url,
    "usdate": _ordered_date(1, "-./"),
    "uuid": _of_form(f"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{2}}{_HEX}{{16}}"),
    "variablename": _of_form(r"[a-z_$][a-z0-9_$]*(?:\.[a-z_$][a-z0-9_$]*)*"),
    "zipcode": _of_form(r"[0-9]{5}(?:[- ][0-9]{4})?"),
}
"""By name, in lower case. Lengths and forms are those of the United States, as in CFML."""
