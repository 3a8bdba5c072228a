"""Simple values as CFML's functions and operators read them: text, numbers, booleans, dates.

Rule: every conversion that a CFML page makes without saying so stands here, once; functions, operators and tags call it. Each
takes what a template may hold and returns one plain Python value, or raises a ValueError whose text goes on after the argument's
name ("must be a number, not 'abc'").

Numbers of other types (Decimal, Fraction) stand for the int or float that they equal, and a `Column` for its current row.

It is wider than `values`, which reads the attributes of a tag that may delete mail: there nothing is guessed. Here true is text
"true" and number 1, a date is a number of days, and a number may be written with an exponent, as Lucee does
(`lucee.runtime.op.Caster`).
"""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from cfml_pop.cfml.cells import MailDate
from cfml_pop.cfml.query import Query
from cfml_pop.cfml.values import FALSE, NUMERIC, TRUE, describe, plain_value

__all__ = [
    "DAY",
    "EPOCH",
    "DateOnly",
    "DateTime",
    "TimeOnly",
    "boolean",
    "date",
    "days",
    "each",
    "finite",
    "in_zone",
    "integer",
    "is_simple",
    "kind_of",
    "number",
    "numeric",
    "text",
    "to_page",
]

EPOCH = dt.datetime(1899, 12, 30)
"""Day 0 of CFML's (and OLE's) count of days."""

DAY = 86_400_000
"""The milliseconds of a day: CFML's dates are exact to one."""

T = TypeVar("T")


LARGEST = sys.float_info.max
"""What CFML's numbers, which are doubles, can be."""

LONG = 2.0**63
"""Whole numbers below are written digit by digit, larger ones with zeros behind the digits that tell them from others."""

DECIMALS = 12
"""That a number shows: 0.1 + 0.2 is 0.3."""


class DateTime(dt.datetime):
    """A date of a page: without zone, in the page's own, and printed as CFML prints it, `{ts '2024-01-02 03:04:05'}`."""

    def __str__(self) -> str:
        return f"{{ts '{self:%Y-%m-%d %H:%M:%S}'}}" if self.year >= 1000 else f"{{ts '{self.isoformat(' ', 'seconds')}'}}"

    @classmethod
    def of(cls, moment: dt.datetime) -> DateTime:
        """The same moment as a `DateTime`; the zone is dropped (see `to_page`)."""
        return cls(
            moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond, fold=moment.fold
        )


class DateOnly(DateTime):
    """What createODBCDate gives: a date that prints as `{d '2024-01-02'}`."""

    def __str__(self) -> str:
        return f"{{d '{self.date().isoformat()}'}}"


class TimeOnly(DateTime):
    """What createTime and createODBCTime give: a time that prints as `{t '03:04:05'}`. Its day is that of EPOCH."""

    def __str__(self) -> str:
        return f"{{t '{self.time().isoformat('seconds')}'}}"


def is_simple(value: object) -> bool:
    """Whether a value is text, number, boolean or date: what CFML calls a simple value. A `Column` stands for its current row."""
    return isinstance(plain_value(value), (str, int, float, dt.datetime, dt.date))


def text(value: object) -> str:
    """Exact `str`: numbers as CFML writes them (`2.0` is `2`), true and false in lower case, dates as `{ts '...'}`.

    Raises ValueError for None, queries, lists and other objects.
    """
    value = plain_value(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value)) if abs(value) < 10**308 else repr(math.inf)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dt.datetime):
        return str(value if isinstance(value, DateTime) else DateTime.of(value))
    if isinstance(value, dt.date):
        return str(DateTime(value.year, value.month, value.day))
    raise ValueError(f"must be a simple value (text, number, boolean, date), not {kind_of(value)}")


def _float(value: float) -> str:
    """With at most 12 decimals and no exponent, as Lucee; Adobe has 12 digits in all."""
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < LONG:
        return str(int(value))
    shown = format(Decimal(repr(value)), "f")
    if len(shown.partition(".")[2]) > DECIMALS:
        shown = f"{value:.{DECIMALS}f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown == "-0" else shown


def numeric(value: object) -> int | float | None:
    """The number that a value is or that its text spells, None where it is none. Booleans and dates are none here."""
    value = plain_value(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        digits = str.__str__(value).strip()
        if NUMERIC.fullmatch(digits):
            found = float(digits)
            return int(found) if found.is_integer() and abs(found) < 1e15 else found
    return None


def number(value: object) -> int | float:
    """A number: what `numeric` takes, true and yes as 1, false and no as 0, a date as its days since 1899-12-30.

    Whole numbers are int. Raises ValueError.
    """
    value = plain_value(value)
    if isinstance(value, bool):
        return int(value)
    found = numeric(value)
    if found is not None:
        if not abs(found) <= LARGEST:  # also nan
            raise ValueError("must be a number of at most 1.8e308")
        return found
    if isinstance(value, dt.datetime):
        return days(value)
    if isinstance(value, dt.date):
        return days(DateTime(value.year, value.month, value.day))
    if isinstance(value, str):
        word = value.strip().lower()
        if word in TRUE or word in FALSE:
            return int(word in TRUE)
    raise ValueError(f"must be a number, not {kind_of(value)}")


def finite(value: float) -> float:
    """The number, if it is one. Raises ValueError for what is too large for a double."""
    if not math.isfinite(value):
        raise ValueError("gives a number that is not finite")
    return value


def integer(value: object) -> int:
    """A number, its fraction cut off. Raises ValueError."""
    return int(number(value))


def each(values: Iterable[object], convert: Callable[[object], T]) -> list[T]:
    """Every value of an array or a list, converted. The ValueError for one that cannot be says which it is."""
    converted = []
    for place, value in enumerate(values, 1):
        try:
            converted.append(convert(value))
        except ValueError as error:
            raise ValueError(f"element {place} {error}") from None
    return converted


def boolean(value: object) -> bool:
    """True, yes and numbers but 0 are true; false, no and 0 are false; any case. Raises ValueError for all other text."""
    value = plain_value(value)
    if isinstance(value, (bool, int, float)):
        return bool(value)
    if isinstance(value, str):
        word = value.strip().lower()
        if word in TRUE or word in FALSE:
            return word in TRUE
        found = numeric(word)
        if found is not None:
            return found != 0
    raise ValueError(f"must be yes or no, not {kind_of(value)}")


def days(moment: dt.datetime) -> float:
    """A date as CFML counts it: days since 1899-12-30 00:00, with the time as fraction."""
    return (moment.replace(tzinfo=None) - EPOCH) / dt.timedelta(days=1)


def in_zone(moment: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """A moment in `zone` (None: that of the machine). Where the zone knows no answer (the machine's on Windows before 1970, the
    ends of the calendar), it stays as it is: it may come from a mail, which must not break the page.
    """
    try:
        return moment.astimezone(zone)
    except (OSError, OverflowError, ValueError):
        return moment


def to_page(moment: dt.datetime, zone: dt.tzinfo | None) -> DateTime:
    """A moment as the page sees it: in `zone` (None: that of the machine), without saying so. Without a zone it is the page's.

    Raises OverflowError where that is no year from 1 to 9999.
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone)
    return moment if isinstance(moment, DateTime) and moment.tzinfo is None else DateTime.of(moment)


def _shown(moment: dt.datetime, zone: dt.tzinfo | None) -> DateTime:
    return to_page(moment if moment.tzinfo is None else in_zone(moment, zone).replace(tzinfo=None), zone)


def date(value: object, zone: dt.tzinfo | None = None) -> DateTime | None:
    """The date that a value is, in the page's zone; None for a `MailDate` without one and for what is no date at all.

    A number is a count of days since 1899-12-30, exact to the millisecond. Text is not read here, but by `cfml.dates`, which
    knows CFML's forms.
    """
    value = plain_value(value)
    if isinstance(value, MailDate):
        moment = value.datetime
        return _shown(moment, zone) if moment is not None else None
    if isinstance(value, dt.datetime):
        return _shown(value, zone)
    if isinstance(value, dt.date):
        return DateTime(value.year, value.month, value.day)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return DateTime.of(EPOCH + dt.timedelta(milliseconds=round(value * DAY)))
        except (OverflowError, ValueError):
            return None
    return None


def kind_of(value: object) -> str:
    """A value for an error text, in CFML's words where it has them."""
    if isinstance(value, Query):
        return "a query"
    if isinstance(value, Mapping):
        return "a struct"
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray)):
        return "an array"
    return describe(value)
