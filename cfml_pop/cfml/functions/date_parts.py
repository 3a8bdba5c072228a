"""Parts of a date: its numbers, and their names.

Rule: each function reads one part of a date, in the page's zone, and returns a number, or an English name. Weeks and weekdays are
those of the United States, as in CFML's functions without a locale: a week begins on Sunday, which is day 1, and the week of
1 January is the first.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable

from cfml_pop.cfml.dates import FIRST_YEAR, WEEKDAYS
from cfml_pop.cfml.functions.family import BadArgument, Family, argument
from cfml_pop.cfml.simple import DateTime
from cfml_pop.dates import MONTHS

__all__ = ["FAMILY", "day_of_week", "week_of_year"]

FAMILY = Family("Parts of a date")


def day_of_week(date: dt.date) -> int:
    """Sunday is 1, Saturday 7."""
    return date.isoweekday() % 7 + 1


def week_of_year(date: dt.date) -> int:
    """1 to 54; days at the end of December are of the last week of their own year."""
    new_year = dt.date(date.year, 1, 1)
    return (date.timetuple().tm_yday + day_of_week(new_year) - 2) // 7 + 1


@FAMILY.function("year", argument("date", "date"))
def year(date: DateTime) -> int:
    """The year. Source: Lucee and Adobe, Year."""
    return date.year


@FAMILY.function("quarter", argument("date", "date"))
def quarter(date: DateTime) -> int:
    """The quarter of the year, 1 to 4. Source: Lucee and Adobe, Quarter."""
    return (date.month + 2) // 3


@FAMILY.function("month", argument("date", "date"))
def month(date: DateTime) -> int:
    """The month, 1 to 12. Source: Lucee and Adobe, Month."""
    return date.month


@FAMILY.function("week", argument("date", "date"))
def week(date: DateTime) -> int:
    """The week of the year, 1 to 54; 31 December is never of week 1. Source: Lucee and Adobe, Week."""
    return week_of_year(date)


@FAMILY.function("day", argument("date", "date"))
def day(date: DateTime) -> int:
    """The day of the month. Source: Lucee and Adobe, Day."""
    return date.day


@FAMILY.function("dayOfWeek", argument("date", "date"))
def day_of_week_number(date: DateTime) -> int:
    """The day of the week, 1 (Sunday) to 7. Source: Lucee and Adobe, DayOfWeek."""
    return day_of_week(date)


@FAMILY.function("dayOfYear", argument("date", "date"))
def day_of_year(date: DateTime) -> int:
    """The day of the year, 1 to 366. Source: Lucee and Adobe, DayOfYear."""
    return date.timetuple().tm_yday


@FAMILY.function("hour", argument("date", "date"))
def hour(date: DateTime) -> int:
    """The hour, 0 to 23. Source: Lucee and Adobe, Hour."""
    return date.hour


@FAMILY.function("minute", argument("date", "date"))
def minute(date: DateTime) -> int:
    """The minute, 0 to 59. Source: Lucee and Adobe, Minute."""
    return date.minute


@FAMILY.function("second", argument("date", "date"))
def second(date: DateTime) -> int:
    """The second, 0 to 59. Source: Lucee and Adobe, Second."""
    return date.second


@FAMILY.function("millisecond", argument("date", "date"))
def millisecond(date: DateTime) -> int:
    """The millisecond, 0 to 999. Source: Lucee, Millisecond."""
    return date.microsecond // 1000


_PARTS: dict[str, Callable[[DateTime], int]] = {
    "yyyy": year,
    "q": quarter,
    "m": month,
    "y": day_of_year,
    "d": day,
    "w": day_of_week,
    "ww": week_of_year,
    "h": hour,
    "n": minute,
    "s": second,
    "l": millisecond,
}


@FAMILY.function("datePart", argument("datepart"), argument("date", "date"))
def date_part(part: str, date: DateTime) -> int:
    """One part: yyyy, q quarter, m month, y day of the year, d day, w day of the week, ww week, h, n minute, s, l millisecond.

    Source: Lucee and Adobe, DatePart.
    """
    read = _PARTS.get(part.strip().lower())
    if read is None:
        raise BadArgument("datepart", f"must be one of {', '.join(_PARTS)}, not {part!r}")
    return read(date)


@FAMILY.function("daysInMonth", argument("date", "date"))
def days_in_month(date: DateTime) -> int:
    """How many days its month has. Source: Lucee and Adobe, DaysInMonth."""
    return calendar.monthrange(date.year, date.month)[1]


@FAMILY.function("daysInYear", argument("date", "date"))
def days_in_year(date: DateTime) -> int:
    """How many days its year has. Source: Lucee and Adobe, DaysInYear."""
    return 365 + calendar.isleap(date.year)


@FAMILY.function("firstDayOfMonth", argument("date", "date"))
def first_day_of_month(date: DateTime) -> int:
    """The day of the year of the first day of its month. Source: Lucee and Adobe, FirstDayOfMonth."""
    return date.replace(day=1).timetuple().tm_yday


@FAMILY.function("isLeapYear", argument("year", "integer"))
def is_leap_year(number: int) -> bool:
    """Whether a year has 366 days. It is a number, not a date. Source: Lucee and Adobe, IsLeapYear."""
    if not FIRST_YEAR <= number <= 9999:
        raise BadArgument("year", f"must be {FIRST_YEAR} to 9999, not {number}")
    return calendar.isleap(number)


def _name(names: tuple[str, ...], argument_name: str, number: int) -> str:
    if not 1 <= number <= len(names):
        raise BadArgument(argument_name, f"must be 1 to {len(names)}, not {number}")
    return names[number - 1]


@FAMILY.function("monthAsString", argument("month", "integer"))
def month_as_string(number: int) -> str:
    """The name of a month, 1 to 12. Source: Lucee and Adobe, MonthAsString; names in other languages are the host's."""
    return _name(MONTHS, "month", number)


@FAMILY.function("monthShortAsString", argument("month", "integer"))
def month_short_as_string(number: int) -> str:
    """The first three letters of a month's name. Source: Lucee, MonthShortAsString."""
    return _name(MONTHS, "month", number)[:3]


@FAMILY.function("dayOfWeekAsString", argument("day", "integer"))
def day_of_week_as_string(number: int) -> str:
    """The name of a weekday, 1 (Sunday) to 7. Source: Lucee and Adobe, DayOfWeekAsString; other languages are the host's."""
    return _name(WEEKDAYS, "day", number)


@FAMILY.function("dayOfWeekShortAsString", argument("day", "integer"))
def day_of_week_short_as_string(number: int) -> str:
    """The first three letters of a weekday's name. Source: Lucee, DayOfWeekShortAsString."""
    return _name(WEEKDAYS, "day", number)[:3]
