"""Dates: making, reading, comparing, adding and taking the difference.

Rule: a date is a wall clock in the page's zone (`cfml.dates` says what is converted to it when it is read). Years, quarters,
months, weeks and days are counted on the wall clock, so that a day later is the same time of day; hours and less are counted in
time that passes, so that a change of the clock counts, as in Lucee and Adobe. Whatever date a function takes may be the raw Date
header of a message or text; what it returns is a `DateTime`.
"""

from __future__ import annotations

import calendar
import datetime as dt
from email.utils import format_datetime

from cfml_pop.cfml import dates, simple
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions.family import BadArgument, Family, Page, argument
from cfml_pop.cfml.simple import DateOnly, DateTime, TimeOnly

__all__ = ["FAMILY"]

FAMILY = Family("Dates")

_SPANS = {"h": 3_600_000, "n": 60_000, "s": 1000, "l": 1}
"""Milliseconds of the parts that are counted in time that passes."""

_MONTHS = {"yyyy": 12, "q": 3, "m": 1}
_DAYS = {"d": 1, "y": 1, "ww": 7}


def _part(name: str, accepted: tuple[str, ...]) -> str:
    part = name.strip().lower()
    if part not in accepted:
        raise BadArgument("datepart", f"must be one of {', '.join(accepted)}, not {name!r}")
    return part


# -- making and reading ----------------------------------------------------------------------------------------------------------


@FAMILY.function("now", page=True)
def now(page: Page) -> DateTime:
    """The present moment. Source: Lucee and Adobe, Now."""
    return simple.to_page(page.clock(), page.time_zone)


@FAMILY.function("createDate", argument("year", "integer"), argument("month", "integer", 1), argument("day", "integer", 1))
def create_date(year: int, month: int, day: int) -> DateTime:
    """Midnight of a day. A year below 100 is of 1930 to 2029; what there is not (month 13, 30 February) is an error.

    Source: Lucee and Adobe, CreateDate; leaving out month and day is Lucee's.
    """
    return _made(year, month, day)


@FAMILY.function(
    "createDateTime",
    argument("year", "integer"),
    argument("month", "integer", 1),
    argument("day", "integer", 1),
    argument("hour", "integer", 0),
    argument("minute", "integer", 0),
    argument("second", "integer", 0),
    argument("millisecond", "integer", 0),
)
def create_date_time(year: int, month: int, day: int, hour: int, minute: int, second: int, millisecond: int) -> DateTime:
    """A date of its parts, as createDate; hours are 0 to 23. Source: Lucee and Adobe, CreateDateTime; leaving out is Lucee's."""
    return _made(year, month, day, hour, minute, second, millisecond)


@FAMILY.function("createTime", argument("hour", "integer", 0), argument("minute", "integer", 0), argument("second", "integer", 0))
def create_time(hour: int, minute: int, second: int) -> DateTime:
    """A time of the day 1899-12-30; prints as `{t '03:04:05'}`. Source: Lucee and Adobe, CreateTime."""
    made = _made(simple.EPOCH.year, simple.EPOCH.month, simple.EPOCH.day, hour, minute, second)
    return TimeOnly.of(made)


def _made(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, millisecond: int = 0) -> DateTime:
    if 0 <= year < 100:
        year += 2000 if year < 30 else 1900
    if not dates.FIRST_YEAR <= year <= 9999:
        raise BadArgument("year", f"must be 100 to 9999, or 0 to 99 for 1930 to 2029, not {year}")
    if not 1 <= month <= 12:
        raise BadArgument("month", f"must be 1 to 12, not {month}")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise BadArgument("day", f"must be 1 to {last} in month {month} of {year}, not {day}")
    for name, value, most in (
        ("hour", hour, 23),
        ("minute", minute, 59),
        ("second", second, 59),
        ("millisecond", millisecond, 999),
    ):
        if not 0 <= value <= most:
            raise BadArgument(name, f"must be 0 to {most}, not {value}")
    return DateTime(year, month, day, hour, minute, second, millisecond * 1000)


@FAMILY.function("createODBCDate", argument("date", "date"))
def create_odbc_date(date: DateTime) -> DateTime:
    """The day of a date; prints as `{d '2024-01-02'}`. Source: Lucee and Adobe, CreateODBCDate."""
    return DateOnly(date.year, date.month, date.day)


@FAMILY.function("createODBCTime", argument("date", "date"))
def create_odbc_time(date: DateTime) -> DateTime:
    """The time of a date, to the second; prints as `{t '03:04:05'}`. Source: Lucee and Adobe, CreateODBCTime."""
    return TimeOnly.of(dt.datetime.combine(simple.EPOCH, date.time().replace(microsecond=0)))


@FAMILY.function("createODBCDateTime", argument("date", "date"))
def create_odbc_date_time(date: DateTime) -> DateTime:
    """The date itself; prints as `{ts '2024-01-02 03:04:05'}`. Source: Lucee and Adobe, CreateODBCDateTime."""
    return DateTime.of(date)


@FAMILY.function(
    "createTimeSpan",
    argument("days", "number"),
    argument("hours", "number"),
    argument("minutes", "number"),
    argument("seconds", "number"),
    argument("milliseconds", "number", 0),
)
def create_time_span(days: float, hours: float, minutes: float, seconds: float, milliseconds: float) -> float:
    """A span of time as the number of days that it is: 0.25 for six hours. Source: Lucee and Adobe, CreateTimeSpan."""
    span = days + hours / 24 + minutes / 1440 + seconds / 86_400 + milliseconds / simple.DAY
    return int(span) if span == int(span) else span


@FAMILY.function(
    "parseDateTime",
    argument("date", "any"),
    argument("popConversion", "text", "standard"),
    argument("timezone", "text", ""),
    page=True,
)
def parse_date_time(page: Page, value: object, conversion: str, zone_name: str) -> DateTime:
    """The date that text names; see `cfml.dates` for the forms.

    With "pop" text is the Date header of a message, and the result is UTC, as Adobe has it; otherwise ("standard") the result is
    in the page's zone (Adobe then passes over a zone in the text). `timezone`, Lucee's, is that of text that names none. The
    masks that Lucee takes as the second argument are not taken here. Source: Lucee and Adobe, ParseDateTime.
    """
    mode = conversion.strip().lower()
    if mode not in ("", "standard", "pop"):
        raise BadArgument("popConversion", f"must be standard or pop, not {conversion!r}")
    zone = dates.named_zone(zone_name) if zone_name.strip() else page.time_zone
    found = dates.read(value, dt.timezone.utc if mode == "pop" else zone, page.clock)
    if found is None:
        raise BadArgument("date", f"must be {dates.ACCEPTED}, not {simple.kind_of(value)}")
    if mode == "pop" or not zone_name.strip():
        return found
    return simple.to_page(dates.instant(found, zone), page.time_zone)


# -- comparing and counting ------------------------------------------------------------------------------------------------------


@FAMILY.function("dateAdd", argument("datepart"), argument("number", "number"), argument("date", "date"), page=True)
def date_add(page: Page, datepart: str, number: float, date: DateTime) -> DateTime:
    """A date `number` parts later; less than a whole one is cut off, below 0 is earlier.

    yyyy years, q quarters, m months (of a day that the month has not, its last), y and d days, w weekdays, ww weeks, h hours,
    n minutes, s seconds, l milliseconds. From a Saturday or Sunday the first weekday is Monday, backwards Friday.

    Source: Lucee and Adobe, DateAdd. A year after 29 February is 28 February, as in Adobe; Lucee has 1 March.
    """
    part = _part(datepart, (*_MONTHS, *_DAYS, "w", *_SPANS))
    try:
        later = _later(page, part, int(number), date)
    except OverflowError:
        later = None
    if later is None or later.year < dates.FIRST_YEAR:
        raise BadArgument("number", f"must lead to a year from {dates.FIRST_YEAR} to 9999, not {number:.15g}")
    return later


def _later(page: Page, part: str, count: int, date: DateTime) -> DateTime:
    if part in _MONTHS:
        return _months_later(date, count * _MONTHS[part])
    if part in _DAYS:
        return DateTime.of(date + dt.timedelta(days=count * _DAYS[part]))
    if part == "w":
        return _weekdays_later(date, count)
    moment = dates.instant(date, page.time_zone) + dt.timedelta(milliseconds=count * _SPANS[part])
    return simple.to_page(moment, page.time_zone)


def _months_later(date: DateTime, months: int) -> DateTime:
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError
    return DateTime.of(date.replace(year=year, month=month + 1, day=min(date.day, calendar.monthrange(year, month + 1)[1])))


def _weekdays_later(date: DateTime, count: int) -> DateTime:
    if count == 0:
        return DateTime.of(date)
    step = 1 if count > 0 else -1
    start = date
    while start.weekday() > 4:  # to the weekday that the first step leaves
        start -= dt.timedelta(days=step)
    weeks, left = divmod(abs(count), 5)
    start += dt.timedelta(days=step * 7 * weeks)
    for _ in range(left):
        start += dt.timedelta(days=step)
        while start.weekday() > 4:
            start += dt.timedelta(days=step)
    return DateTime.of(start)


@FAMILY.function("dateDiff", argument("datepart"), argument("date1", "date"), argument("date2", "date"), page=True)
def date_diff(page: Page, datepart: str, first: DateTime, second: DateTime) -> int:
    """How many complete parts `date2` is later than `date1`; below 0 if it is earlier.

    yyyy years, q quarters, m months, y and d days, w and ww weeks, h hours, n minutes, s seconds, l milliseconds. A month from
    the 31st is complete on the last day of a shorter month. Source: Lucee and Adobe, DateDiff; since 2018 w counts weekdays in
    Adobe.
    """
    part = _part(datepart, (*_MONTHS, *_DAYS, "w", *_SPANS))
    if part in _SPANS:
        passed = dates.instant(second, page.time_zone) - dates.instant(first, page.time_zone)
        return _complete(round(passed / dt.timedelta(milliseconds=1)), _SPANS[part])
    sign, early, late = (1, first, second) if first <= second else (-1, second, first)
    if part not in _MONTHS:
        return sign * ((late - early).days // _DAYS.get(part, 7))
    months = (late.year - early.year) * 12 + late.month - early.month
    day = late.day
    if part != "yyyy" and day == calendar.monthrange(late.year, late.month)[1]:
        day = max(day, early.day)
    if (day, late.time()) < (early.day, early.time()):
        months -= 1
    return sign * (months // _MONTHS[part])


def _complete(amount: int, unit: int) -> int:
    return amount // unit if amount >= 0 else -(-amount // unit)


_PRECISION = {"yyyy": 1, "m": 2, "y": 3, "d": 3, "h": 4, "n": 5, "s": 6}
"""How many of year, month, day, hour, minute, second are compared."""


@FAMILY.function("dateCompare", argument("date1", "date"), argument("date2", "date"), argument("datePart", "text", "s"))
def date_compare(first: DateTime, second: DateTime, datepart: str) -> int:
    """-1 if `date1` is earlier, 0 if they are the same, 1 if it is later, exact to yyyy, m, d (or y), h, n or s.

    Source: Lucee and Adobe, DateCompare.
    """
    kept = _PRECISION[_part(datepart, tuple(_PRECISION))]
    one, two = first.timetuple()[:kept], second.timetuple()[:kept]
    return (one > two) - (one < two)


@FAMILY.function("dateConvert", argument("conversionType"), argument("date", "date"), page=True)
def date_convert(page: Page, conversion: str, date: DateTime) -> DateTime:
    """A date of the page's zone in UTC (local2Utc), or one in UTC in the page's (utc2Local).

    Source: Lucee and Adobe, DateConvert.
    """
    kind = conversion.strip().lower()
    if kind == "local2utc":
        return DateTime.of(dates.instant(date, page.time_zone))
    if kind == "utc2local":
        return simple.to_page(dates.instant(date, dt.timezone.utc), page.time_zone)
    raise BadArgument("conversionType", f"must be local2Utc or utc2Local, not {conversion!r}")


# -- the clock and the zone ------------------------------------------------------------------------------------------------------


@FAMILY.function("getTickCount", page=True)
def get_tick_count(page: Page) -> int:
    """A count of milliseconds, for differences. Source: Lucee and Adobe, GetTickCount."""
    return int(page.clock().timestamp() * 1000)


@FAMILY.function("getHttpTimeString", argument("date", "date", None), page=True)
def get_http_time_string(page: Page, date: DateTime | None) -> str:
    """A date, or the present moment, for a header of HTTP: `Tue, 02 Jan 2024 03:04:05 GMT`.

    Source: Lucee and Adobe, GetHttpTimeString.
    """
    moment = page.clock().astimezone(dt.timezone.utc) if date is None else dates.instant(date, page.time_zone)
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


@FAMILY.function("getTimeZoneInfo", page=True)
def get_time_zone_info(page: Page) -> Struct:
    """What the page's zone is behind UTC now: utcTotalOffset in seconds, utcHourOffset and utcMinuteOffset, and isDSTOn.

    West of Greenwich is positive. Source: Adobe, GetTimeZoneInfo; Lucee has more keys.
    """
    moment = page.clock().astimezone(page.time_zone)
    behind = -round((moment.utcoffset() or dt.timedelta(0)).total_seconds())
    sign = 1 if behind >= 0 else -1
    return Struct(
        {
            "utcTotalOffset": behind,
            "utcHourOffset": sign * (abs(behind) // 3600),
            "utcMinuteOffset": sign * (abs(behind) % 3600 // 60),
            "isDSTOn": bool(moment.dst()),
        }
    )
