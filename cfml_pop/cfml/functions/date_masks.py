"""Dates as text: dateFormat, timeFormat, dateTimeFormat, and their masks.

Rule: a mask is cut from left to right into marks, each a run of one letter; what is no mark stands for itself. Each function has
a table of its own: m is the month in dateFormat and dateTimeFormat, and the minute in timeFormat. Case is read as CFML reads it:
d, m, y, s, l, t, n and g in any case; h is of 12 hours and H of 24; z, Z and X differ. Text between two single quotes stands for
itself, two quotes beside each other are one, and a quote without a second stands for itself ("mmm 'yy"). So it is in Adobe's
engine; Lucee prints the quotes of dateFormat and timeFormat.

Names are English, as in all three functions without a locale. The long name of a zone (zzzz) is its name in the time zone
database, where engines write out "Central European Time"; the styles long and full have the short name, as engines on Java 8.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from functools import cached_property

from cfml_pop.cfml import dates
from cfml_pop.cfml.dates import WEEKDAYS
from cfml_pop.cfml.functions.date_parts import day_of_week, week_of_year
from cfml_pop.cfml.functions.family import BadArgument, Family, Page, argument
from cfml_pop.cfml.simple import DateTime
from cfml_pop.dates import MONTHS

__all__ = ["FAMILY", "LONGEST_MASK"]

FAMILY = Family("Dates as text")

LONGEST_MASK = 1000
"""Characters; a mask of a page has a few dozen, and each of them makes at most nine."""

Write = Callable[[dt.datetime, int], str]
"""Gets an aware moment in the zone to show, and how often the letter stands in a row."""


def _digits(read: Callable[[dt.datetime], int]) -> Write:
    """A number, with zeros in front up to the length of the run."""
    return lambda moment, run: str(read(moment)).zfill(run)


def _name(names: tuple[str, ...], read: Callable[[dt.datetime], int]) -> Write:
    """One or two letters are the number, three the short name, more the full one."""

    def write(moment: dt.datetime, run: int) -> str:
        number = read(moment)
        if run < 3:
            return str(number).zfill(run)
        return names[number - 1][: 3 if run == 3 else None]

    return write


def _year(moment: dt.datetime, run: int) -> str:
    return f"{moment.year % 100:02}" if run == 2 else str(moment.year).zfill(run)


def _day(moment: dt.datetime, run: int) -> str:
    return str(moment.day).zfill(run) if run < 3 else _weekday(moment, run)


def _weekday(moment: dt.datetime, run: int) -> str:
    return WEEKDAYS[day_of_week(moment) - 1][: 3 if run < 4 else None]


def _day_of_year(moment: dt.datetime, run: int) -> str:
    return str(moment.timetuple().tm_yday).zfill(run) if run < 3 else _weekday(moment, run)


def _week(moment: dt.datetime) -> int:
    """As Java counts them: the last days of December are in week 1 where 1 January is in the same week."""
    saturday = moment.day + 7 - day_of_week(moment)
    return 1 if moment.month == 12 and saturday > 31 else week_of_year(moment)


def _week_of_month(moment: dt.datetime) -> int:
    return week_of_year(moment) - week_of_year(moment.replace(day=1)) + 1


def _half(moment: dt.datetime, run: int) -> str:
    return "AP"[moment.hour // 12] + "M" * (run > 1)


def _offset(moment: dt.datetime, colon: str = "") -> str:
    minutes = round((moment.utcoffset() or dt.timedelta(0)).total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


def _zone(moment: dt.datetime, run: int) -> str:
    key = getattr(moment.tzinfo, "key", None)  # a ZoneInfo's
    if run > 3 and key:
        return str(key)
    name = moment.tzname() or ""
    return name if name[:1].isalpha() and ":" not in name else f"GMT{_offset(moment, ':')}"


def _iso_offset(moment: dt.datetime, run: int) -> str:
    offset = _offset(moment, ":" if run > 2 else "")
    if offset.strip("+0:") == "":
        return "Z"
    return offset[:3] if run == 1 else offset


_HOUR_12 = _digits(lambda moment: (moment.hour + 11) % 12 + 1)
_HOUR_24 = _digits(lambda moment: moment.hour)
_MINUTE = _digits(lambda moment: moment.minute)
_SECOND = _digits(lambda moment: moment.second)
_MILLISECOND = _digits(lambda moment: moment.microsecond // 1000)
_MONTH = _name(MONTHS, lambda moment: moment.month)
_ERA: Write = lambda _moment, _run: "AD"  # noqa: E731 - a table's entry; dates begin in the year 100

_ZONES: dict[str, Write] = {"z+": _zone, "Z+": lambda moment, _: _offset(moment), "X+": _iso_offset}
_WEEKS: dict[str, Write] = {"w{1,2}": _digits(_week), "W{1,2}": _digits(_week_of_month)}

DATE: dict[str, Write] = {
    "[dD]{1,4}": _day,
    "[mM]{1,4}": _MONTH,
    "[yY]{3,4}": lambda moment, _: f"{moment.year:04}",
    "[yY]{1,2}": _year,
    "[gG]+": _ERA,
    **_WEEKS,
    **_ZONES,
}
TIME: dict[str, Write] = {
    "h{1,2}": _HOUR_12,
    "H{1,2}": _HOUR_24,
    "[mMnN]{1,2}": _MINUTE,
    "[sS]{1,2}": _SECOND,
    "[lL]{1,3}": _MILLISECOND,
    "[tT]{1,2}": _half,
    **_ZONES,
}
DATE_AND_TIME: dict[str, Write] = {
    "d+": _day,
    "D+": _day_of_year,
    "E+": _weekday,
    "[mM]+": _MONTH,
    "[yY]": lambda moment, _: f"{moment.year:04}",
    "[yY]{2,}": _year,
    "[gG]+": _ERA,
    "h+": _HOUR_12,
    "H+": _HOUR_24,
    "K+": _digits(lambda moment: moment.hour % 12),
    "k+": _digits(lambda moment: moment.hour or 24),
    "[nN]+": _MINUTE,
    "[sS]+": _SECOND,
    "[lL]+": _MILLISECOND,
    "[tT]+": _half,
    "a+": lambda moment, _: _half(moment, 2),
    "F+": _digits(lambda moment: (moment.day + 6) // 7),
    **_WEEKS,
    **_ZONES,
}
"""The marks: a pattern of each, which names one letter in one or both cases, and what it writes."""


@dataclasses.dataclass(frozen=True)
class Masks:
    """The marks of a function, and the masks that have a name."""

    marks: dict[str, Write]
    named: dict[str, str]

    @cached_property
    def _writers(self) -> list[Write]:
        return [write for _, write in self._ordered]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """A group for each mark, then quoted text."""
        return re.compile("|".join(f"({mark})" for mark, _ in self._ordered) + r"|''|'(?P<quoted>(?:[^']|'')*)'")

    @property
    def _ordered(self) -> list[tuple[str, Write]]:
        """Those that need two letters come before those that take one."""
        return sorted(self.marks.items(), key=lambda mark: "{2,}" not in mark[0])

    def write(self, moment: dt.datetime, mask: str) -> str:
        """`moment`, which is aware, as the mask says. Raises ValueError for a mask that is too long."""
        mask = self.named.get(mask.strip().lower(), mask)
        if len(mask) > LONGEST_MASK:
            raise BadArgument("mask", f"must have at most {LONGEST_MASK} characters, not {len(mask)}")

        def one(match: re.Match[str]) -> str:
            if match["quoted"] is not None:
                return match["quoted"].replace("''", "'")
            if match.lastindex is None:
                return "'"
            return self._writers[match.lastindex - 1](moment, len(match[0]))

        return self._pattern.sub(one, mask)


_DATE_STYLES = {"short": "m/d/yy", "medium": "mmm d, yyyy", "long": "mmmm d, yyyy", "full": "dddd, mmmm d, yyyy"}
_TIME_STYLES = {"short": "h:nn tt", "medium": "h:nn:ss tt", "long": "h:nn:ss tt z", "full": "h:nn:ss tt z"}
_ISO = "yyyy-mm-dd'T'HH:nn:ssXXX"

DATE_MASKS = Masks(DATE, {**_DATE_STYLES, "iso": "yyyy-mm-dd", "iso8601": "yyyy-mm-dd"})
TIME_MASKS = Masks(TIME, _TIME_STYLES)
DATE_TIME_MASKS = Masks(
    DATE_AND_TIME,
    {"iso": _ISO, "iso8601": _ISO, **{style: f"{date} {_TIME_STYLES[style]}" for style, date in _DATE_STYLES.items()}},
)


def _shown(masks: Masks, page: Page, date: DateTime | None, mask: str, zone: dt.tzinfo | None) -> str:
    if date is None:
        return ""
    moment = dates.instant(date, page.time_zone)
    with contextlib.suppress(OSError, OverflowError, ValueError):  # as in `dates.instant`
        moment = moment.astimezone(zone)
    return masks.write(moment, mask)


@FAMILY.function("dateFormat", argument("date", "date or empty"), argument("mask", "text", "dd-mmm-yy"), page=True)
def date_format(page: Page, date: DateTime | None, mask: str) -> str:
    """The day of a date: d dd ddd dddd, m mm mmm mmmm, yy yyyy, gg (the era), w ww W WW (weeks), z Z X (the zone).

    Or short, medium, long, full, iso. Empty text gives empty text. y is the year in four digits, as in Lucee; Adobe has the last
    one or two. Hours and minutes are no marks here. Source: Lucee and Adobe, DateFormat.
    """
    return _shown(DATE_MASKS, page, date, mask, page.time_zone)


@FAMILY.function("timeFormat", argument("time", "date or empty"), argument("mask", "text", "hh:mm tt"), page=True)
def time_format(page: Page, date: DateTime | None, mask: str) -> str:
    """The time of a date: h hh (12 hours), H HH (24), m mm or n nn, s ss, l ll lll (milliseconds), t (A) tt (AM), z Z X (zone).

    Or short, medium, long, full. Empty text gives empty text. Source: Lucee and Adobe, TimeFormat.
    """
    return _shown(TIME_MASKS, page, date, mask, page.time_zone)


@FAMILY.function(
    "dateTimeFormat",
    argument("date", "date or empty"),
    argument("mask", "text", "dd-mmm-yyyy HH:nn:ss"),
    argument("timezone", "text", ""),
    page=True,
)
def date_time_format(page: Page, date: DateTime | None, mask: str, zone_name: str) -> str:
    """A date in a time zone, or in the page's: the marks of dateFormat and timeFormat, but m is the month, n the minute.

    And E EEEE for the day of the week, D the day of the year, K (0 to 11), k (1 to 24), a (AM), F (which Monday of the month).

    Or short, medium, long, full, iso (with the offset), epoch (seconds since 1970), epochms. Empty text gives empty text.
    Source: Lucee and Adobe, DateTimeFormat; Adobe's masks since 2016.
    """
    zone = dates.named_zone(zone_name) if zone_name.strip() else page.time_zone
    counted = {"epoch": 1000, "epochms": 1}.get(mask.strip().lower())
    if counted is not None and date is not None:
        passed = dates.instant(date, page.time_zone) - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
        return str(passed // dt.timedelta(milliseconds=counted))
    return _shown(DATE_TIME_MASKS, page, date, mask, zone)
