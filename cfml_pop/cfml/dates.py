"""Dates as CFML's functions read them, and the zones they are in.

Rule: a page's date is a wall clock in the page's zone, and does not say so. What names a zone itself (a Date header, ISO 8601
with an offset, an aware datetime) is converted to the page's when it is read; what names none is in the page's already. Only the
Date header of a message, a `MailDate`, is UTC where it names none, as RFC 5322 has it for -0000.

The forms of text are those of Lucee (`lucee.runtime.op.date.DateCaster`) and of Adobe's U.S. dates: month before day where both
are possible, and two digits of a year stand for 1930 to 2029. Adobe passes over a zone in text; here it counts, as in Lucee, so
that `dateFormat(mail.date)` and `dateFormat(left(mail.date, 31))` are the same.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable

from cfml_pop.cfml import simple
from cfml_pop.cfml.cells import MailDate
from cfml_pop.cfml.column import current
from cfml_pop.cfml.simple import DateTime
from cfml_pop.dates import MONTHS, OFFSET, whole_date, zone_offset

__all__ = ["ACCEPTED", "FIRST_YEAR", "WEEKDAYS", "instant", "named_zone", "number", "read", "whole_text"]

ACCEPTED = (
    "a date, the Date of a message, {ts '2024-01-02 03:04:05'}, 2024-01-02, 1/2/2024, January 2, 2024 3:04 PM, "
    "or a number of days since 1899-12-30"
)
"""For error texts."""

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""In CFML's order: Sunday is 1."""

LONGEST = 200
"""Characters; no form has more than 60, a Date header with comments about 100."""

FIRST_YEAR = 100
"""CFML's dates are of the years 100 to 9999."""

_TIME = (
    r"(?P<hour>[0-9]{1,2})(?: ?: ?(?P<minute>[0-9]{1,2})(?: ?: ?(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"(?: ?(?P<half>[ap])(?P<m>\.?m\.?)?(?![a-z]))?"
)
_ZONE = rf"(?: ?(?P<zone>{OFFSET}|[a-z]{{1,5}}(?: ?{OFFSET})?))?"
_BEHIND = rf"(?:(?:,? at |, ?|T| ){_TIME}{_ZONE})?"
_NAME = f"(?P<name>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in MONTHS)}|Sept)"
_DAY_NAME = f"(?:(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in WEEKDAYS)})[.,]{{0,2}} ?)?"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_DIGITS = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
_D = "[0-9]{2}"
_FORMS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"\{{ts '{_DIGITS}(?: {_TIME})?'\}}",
        rf"\{{d '{_DIGITS}'\}}",
        rf"\{{t '{_TIME}'\}}",
        rf"(?P<one>[0-9]{{1,4}})(?P<mark>[-/.])(?P<two>[0-9]{{1,2}})(?P=mark)(?P<three>[0-9]{{1,4}}){_BEHIND}",
        rf"(?P<one>[0-9]{{1,4}})[-/](?P<two>[0-9]{{1,4}}){_BEHIND}",
        rf"{_DAY_NAME}(?P<day>[0-9]{{1,2}})[-./ ]{{1,2}}{_NAME}(?:[-.,/ ]{{1,2}}{_YEAR})?{_BEHIND}",
        rf"{_DAY_NAME}{_NAME}[-./ ]{{1,2}}(?P<day>[0-9]{{1,2}})(?:[-,/ ]{{1,2}}{_YEAR})?{_BEHIND}",
        rf"{_NAME}[-,./ ]{{1,2}}(?P<year>[0-9]{{4}})",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})T(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})"
        + _ZONE,
        _TIME + _ZONE,
    )
)
"""Tried in this order, each on the whole text with its blanks made single."""

Found = dict[str, str]


def read(value: object, zone: dt.tzinfo | None, clock: Callable[[], dt.datetime]) -> DateTime | None:
    """The date that a value is or that its text names, in the page's `zone` (None: the machine's); None if it is none.

    `clock` gives the present moment, for text that names no year ("January 2"). Text that is a number counts days.
    """
    value = current(value)
    try:
        found = simple.date(value, zone)
        if found is None and isinstance(value, str) and not isinstance(value, MailDate):
            found = whole_text(str.__str__(value), zone, clock)
    except OverflowError:  # the zone takes it out of the years that there are
        return None
    return found if found is not None and found.year >= FIRST_YEAR else None


def number(value: object, zone: dt.tzinfo | None, clock: Callable[[], dt.datetime]) -> int | float:
    """A number as `simple.number` takes it; also text that names a date. A date is its days since 1899-12-30 in the page's zone.

    Raises ValueError.
    """
    value = current(value)
    if not isinstance(value, dt.date):
        try:
            return simple.number(value)
        except ValueError:
            pass
    moment = read(value, zone, clock)
    return simple.number(value if moment is None else moment)


def whole_text(text: str, zone: dt.tzinfo | None, clock: Callable[[], dt.datetime]) -> DateTime | None:
    """The date that `text` names, and nothing else; None if it names none. Raises OverflowError as `simple.to_page` does."""
    if len(text) > LONGEST:
        return None
    text = " ".join(text.split())
    number = simple.numeric(text)
    if number is not None:
        return simple.date(number)
    for form in _FORMS:
        match = form.fullmatch(text)
        if match:
            moment = _moment({name: part for name, part in match.groupdict().items() if part is not None}, zone, clock)
            if moment is not None:
                return simple.to_page(moment, zone)
    header = whole_date(text)
    return simple.to_page(header, zone) if header is not None else None


def _moment(found: Found, zone: dt.tzinfo | None, clock: Callable[[], dt.datetime]) -> dt.datetime | None:
    def this_year() -> str:
        return str(simple.to_page(clock(), zone).year)

    if "three" in found:
        one, two, three = found["one"], found["two"], found["three"]
        day = _first_possible([(three, one, two), (one, two, three), (three, two, one)])
    elif "two" in found:
        one, two, year = found["one"], found["two"], this_year()
        day = _first_possible([(year, one, two), (year, two, one), (two, one, "1"), (one, two, "1")])
    elif "name" in found:
        month = [name[:3].lower() for name in MONTHS].index(found["name"][:3].lower()) + 1
        day = _first_possible([(found.get("year") or this_year(), str(month), found.get("day", "1"))])
    elif "year" in found:
        day = _first_possible([(found["year"], found["month"], found["day"])])
    else:
        day = simple.EPOCH.date()
    time = _time(found)
    if day is None or time is None:
        return None
    moment = dt.datetime(day.year, day.month, day.day) + time
    name = found.get("zone")
    if name is None:
        return moment
    offset = zone_offset(name)
    return moment.replace(tzinfo=dt.timezone(offset)) if offset is not None else None


def _first_possible(candidates: Iterable[tuple[str, str, str]]) -> dt.date | None:
    """The first of (year, month, day) that there is, each in digits; a year has two or four of them."""
    for year, month, day in candidates:
        if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
            continue
        number = int(year)
        if len(year) == 2:
            number += 2000 if number < 30 else 1900
        try:
            return dt.date(number, int(month), int(day))
        except ValueError:
            continue
    return None


def _time(found: Found) -> dt.timedelta | None:
    """The time of day; midnight if none is named, None if there is no such one. An hour alone needs am or pm."""
    if "hour" not in found:
        return dt.timedelta(0)
    if "minute" not in found and "m" not in found:
        return None
    hour, minute, second = int(found["hour"]), int(found.get("minute", 0)), int(found.get("second", 0))
    if hour > 23 or minute > 59 or second > 59:
        return None
    half = found.get("half", "").lower()
    if half == "a" and hour >= 12:
        hour -= 12
    elif half == "p" and hour < 12:
        hour += 12
    fraction = found.get("fraction", "0")
    return dt.timedelta(
        hours=hour, minutes=minute, seconds=second, milliseconds=round(int(fraction) * 1000 / 10 ** len(fraction))
    )


def instant(moment: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """The moment, in UTC, that a page's date means. In the hour that a change of the clock repeats it is the first.

    Where the zone knows no answer (the machine's on Windows before 1970, the ends of the calendar), the wall clock is taken as
    UTC.
    """
    plain = dt.datetime.combine(moment.date(), moment.time())  # the class DateTime would print as the page's
    try:
        return plain.replace(tzinfo=zone).astimezone(dt.timezone.utc)
    except (OSError, OverflowError, ValueError):
        return plain.replace(tzinfo=dt.timezone.utc)


_JAVA_ZONES = {"pst": "America/Los_Angeles", "cst": "America/Chicago", "jst": "Asia/Tokyo", "ist": "Asia/Kolkata"}
"""Short names that engines on Java take, and the time zone database does not know."""


def named_zone(name: str) -> dt.tzinfo:
    """The zone of a name of the time zone database ("Europe/Berlin"), of an offset ("+02:00", "GMT-5"), or UTC.

    Raises ValueError, also where the machine has no such database (Windows without the package tzdata).
    """
    import zoneinfo  # only pages that name a zone need it

    name = name.strip()
    if name.lower() in ("utc", "gmt", "z"):
        return dt.timezone.utc if name.lower() != "gmt" else dt.timezone(dt.timedelta(0), "GMT")
    signed = re.fullmatch(rf"(?:utc|gmt)? ?({OFFSET})", name, re.ASCII | re.IGNORECASE)
    if signed:
        return dt.timezone(zone_offset(signed[1]) or dt.timedelta(0))
    try:
        return zoneinfo.ZoneInfo(_JAVA_ZONES.get(name.lower(), name))
    except (KeyError, ValueError, OSError):
        pass
    try:
        zoneinfo.ZoneInfo("Europe/Berlin")
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"names the time zone {name!r}, but this machine has no time zone database: install the package tzdata, or write an "
            "offset such as '+02:00'"
        ) from None
    raise ValueError(f"must be a time zone such as 'Europe/Berlin', 'UTC' or '+02:00', not {name!r}")
