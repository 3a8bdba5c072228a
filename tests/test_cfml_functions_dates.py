"""CFML's functions of dates, against the published cases of Lucee's tests and Adobe's and cfdocs' examples."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml import dates as dates_of_page
from cfml_pop.cfml.cells import MailDate
from cfml_pop.cfml.dates import ACCEPTED
from cfml_pop.cfml.functions import date_masks, date_parts, dates
from cfml_pop.cfml.simple import DateTime
from cfml_pop.dates import parse_date
from cfml_pop.errors import FunctionFault
from tests.page_support import BERLIN, UTC, call, said, unproven

__all__: list[str] = []


def ts(text: str) -> str:
    return f"{{ts '{text}'}}"


HEADER = "Tue, 2 Jan 2024 23:30:00 -0500 (EST)"
MAIL = MailDate(HEADER, parse_date(HEADER))
FIX = DateTime(2001, 11, 1, 4, 10, 4)
OLD, NEW = DateTime(1975, 1, 9, 1, 1, 30), DateTime(2075, 1, 9, 1, 1, 30)
D04 = DateTime(2004, 1, 2, 4, 5, 6)
TWO = DateTime(2004, 1, 2, 14)
ZERO = DateTime(2000, 1, 2, 3, 4, 5)

MAKING: list[tuple[str, tuple[Any, ...], Any]] = [
    ("now", (), ts("2024-06-05 12:30:15")),
    ("createDate", (2009, 1, 1), ts("2009-01-01 00:00:00")),
    ("createDate", (9,), ts("2009-01-01 00:00:00")),
    ("createDate", (30, 2, 28), ts("1930-02-28 00:00:00")),
    ("createDateTime", (2001, 11, 1, 4, 10, 4), ts("2001-11-01 04:10:04")),
    ("createDateTime", ("2000",), ts("2000-01-01 00:00:00")),
    ("createTime", (3, 4, 5), "{t '03:04:05'}"),
    ("createODBCDate", (FIX,), "{d '2001-11-01'}"),
    ("createODBCTime", (FIX,), "{t '04:10:04'}"),
    ("createODBCDateTime", (FIX,), ts("2001-11-01 04:10:04")),
    ("createODBCDateTime", ("{t '04:10:04'}",), ts("1899-12-30 04:10:04")),
    ("createTimeSpan", (0, 6, 0, 0), 0.25),
    ("createTimeSpan", (1, 23, 60, 0), 2),
    ("createTimeSpan", (0, 0, 0, 0, 43_200_000), 0.5),
    ("parseDateTime", (MAIL, "pop"), ts("2024-01-03 04:30:00")),
    ("parseDateTime", (HEADER, "pop"), ts("2024-01-03 04:30:00")),
    ("parseDateTime", (HEADER[:31], "POP"), ts("2024-01-03 04:30:00")),
    ("parseDateTime", (MAIL,), ts("2024-01-03 04:30:00")),
    ("parseDateTime", ("Tue, 20 Jan 2015 00:00:00 Z", "standard", "UTC"), ts("2015-01-20 00:00:00")),
    ("parseDateTime", ("2024-01-02 10:00", "", "Europe/Berlin"), ts("2024-01-02 09:00:00")),
    ("parseDateTime", ("{ts '2008-09-01 01:34:55'}",), ts("2008-09-01 01:34:55")),
    ("dateConvert", ("local2Utc", FIX), ts("2001-11-01 04:10:04")),
    ("getTickCount", (), 1717590615250),
    ("getHttpTimeString", (), "Wed, 05 Jun 2024 12:30:15 GMT"),
    ("getHttpTimeString", (FIX,), "Thu, 01 Nov 2001 04:10:04 GMT"),
    ("getTimeZoneInfo", (), {"utcTotalOffset": 0, "utcHourOffset": 0, "utcMinuteOffset": 0, "isDSTOn": False}),
]

ADDING: list[tuple[str, tuple[Any, ...], Any]] = [
    ("dateAdd", (part, count, FIX), ts(moment))
    for part, count, moment in [
        ("yyyy", 1, "2002-11-01 04:10:04"), ("yyyy", 10, "2011-11-01 04:10:04"), ("q", 1, "2002-02-01 04:10:04"),
        ("q", 10, "2004-05-01 04:10:04"), ("m", 1, "2001-12-01 04:10:04"), ("m", 10, "2002-09-01 04:10:04"),
        ("y", 10, "2001-11-11 04:10:04"), ("d", 1, "2001-11-02 04:10:04"), ("w", 1, "2001-11-02 04:10:04"),
        ("w", 10, "2001-11-15 04:10:04"), ("ww", 10, "2002-01-10 04:10:04"), ("ww", 11234, "2217-02-20 04:10:04"),
        ("h", 10, "2001-11-01 14:10:04"), ("n", 10, "2001-11-01 04:20:04"), ("n", 1123456789, "4137-11-21 11:59:04"),
        ("s", 1021385053, "2034-03-14 18:14:17"), ("l", 1000, "2001-11-01 04:10:05"), ("M", -1, "2001-10-01 04:10:04"),
        ("d", "1.9", "2001-11-02 04:10:04"), ("d", 0, "2001-11-01 04:10:04"), ("w", -4, "2001-10-26 04:10:04"),
    ]
]  # fmt: skip
ADDING += [
    ("dateAdd", ("m", 1, "{ts '1900-01-31 00:00:00'}"), ts("1900-02-28 00:00:00")),
    ("dateAdd", ("m", 1, 32), ts("1900-02-28 00:00:00")),
    ("dateAdd", ("yyyy", 1, 32), ts("1901-01-31 00:00:00")),
    ("dateAdd", ("yyyy", 2, 1), ts("1901-12-31 00:00:00")),
    ("dateAdd", ("d", 0, 0), ts("1899-12-30 00:00:00")),
    ("dateAdd", ("yyyy", 1, "2024-02-29"), ts("2025-02-28 00:00:00")),
    ("dateAdd", ("w", 1, "2024-06-08"), ts("2024-06-10 00:00:00")),
    ("dateAdd", ("w", 5, "2024-06-09"), ts("2024-06-14 00:00:00")),
    ("dateAdd", ("w", -1, "2024-06-09"), ts("2024-06-07 00:00:00")),
    ("dateAdd", ("w", 0, "2024-06-09"), ts("2024-06-09 00:00:00")),
    ("dateAdd", ("d", -1, MAIL), ts("2024-01-02 04:30:00")),
]

DIFFERENCES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("dateDiff", (part, first, second), expected)
    for part, first, second, expected in [
        ("s", FIX, "2004-03-04 06:03:01", 73792377), ("n", FIX, "2004-03-04 06:03:01", 1229872),
        ("h", FIX, "2004-03-04 06:03:01", 20497), ("yyyy", FIX, "2004-03-04 06:03:01", 2), ("yyyy", 1, 2, 0),
        ("yyyy", "1974-06-28", "1975-06-27", 0), ("yyyy", "1974-06-28 03:03:03", "1975-06-28 03:03:02", 0),
        ("yyyy", "1974-06-28 03:03:03", "1975-06-28 03:03:03", 1), ("yyyy", OLD, NEW, 100), ("yyyy", NEW, OLD, -100),
        ("yyyy", "1975-03-09 01:01:30", "1974-04-09 01:01:30", 0), ("yyyy", OLD, "1974-01-09 01:01:29", -1),
        ("yyyy", "1978-01-07 10:21:34", "1974-06-28", -3), ("yyyy", "2004-02-29", "2005-02-28", 0),
        ("q", "1975-04-04 04:04:04", "1975-07-04 04:04:03", 0), ("q", "1975-04-04 04:04:04", "1975-07-04 04:04:04", 1),
        ("q", OLD, NEW, 400), ("q", NEW, OLD, -400), ("m", "1974-06-28", "1975-06-27", 11), ("m", OLD, NEW, 1200),
        ("m", "1974-06-28 03:03:03", "1975-06-28 03:02:03", 11), ("m", "2008-01-30 02:00", "2008-03-30 01:00", 1),
        ("m", "2008-01-30 02:00", "2008-03-30 02:00", 2), ("m", "2008-01-31", "2008-02-29", 1),
        ("m", "2008-03-30", "2008-04-01", 0),
        ("d", "2008-01-01 05:05:05", "2008-07-01 05:05:04", 181), ("d", "2008-01-01 05:05:05", "2008-07-01 05:05:05", 182),
        ("d", OLD, NEW, 36525), ("d", OLD, "1875-01-09 01:01:30", -36524), ("d", OLD, "1975-01-09 01:01:29", 0),
        ("d", "2013-01-15", "2013-01-25", 10), ("y", OLD, NEW, 36525), ("ww", OLD, NEW, 5217), ("w", NEW, OLD, -5217),
        ("ww", "1975-03-09 01:01:30", "1975-02-09 01:01:30", -4), ("w", "2008-03-30", "2008-03-31", 0),
        ("h", OLD, NEW, 876600), ("n", OLD, "1875-01-09 01:01:30", -52594560), ("s", OLD, "1975-01-09 01:01:29", -1),
        ("l", OLD, "1975-01-09 01:01:29", -1000), ("D", MAIL, "2024-01-04 04:30", 1),
    ]
]  # fmt: skip

COMPARING: list[tuple[str, tuple[Any, ...], Any]] = [
    ("dateCompare", (FIX, FIX), 0),
    ("dateCompare", (FIX, "2001-11-01 04:10:05"), -1),
    ("dateCompare", ("2001-11-01 04:10:05", FIX), 1),
    ("dateCompare", (FIX, "2001-11-01 04:10:59", "n"), 0),
    ("dateCompare", (FIX, "2001-11-01 05:00", "h"), -1),
    ("dateCompare", (FIX, "2001-11-01", "d"), 0),
    ("dateCompare", (FIX, "2001-11-30", "m"), 0),
    ("dateCompare", (FIX, "2000-12-31", "yyyy"), 1),
]

PARTS: list[tuple[str, tuple[Any, ...], Any]] = [
    *[
        ("datePart", (part, "2001-12-01 04:10:01"), expected)
        for part, expected in {
            "yyyy": 2001,
            "w": 7,
            "ww": 48,
            "q": 4,
            "m": 12,
            "y": 335,
            "d": 1,
            "h": 4,
            "N": 10,
            "s": 1,
            "l": 0,
        }.items()
    ],
    ("datePart", ("yyyy", 1), 1899),
    ("year", (MAIL,), 2024),
    ("quarter", ("2024-03-31",), 1),
    ("month", ("11/01/2009",), 11),
    ("week", ("2024-12-31",), 53),
    ("week", ("2022-01-17",), 4),
    ("week", ("2012-12-31",), 53),
    ("week", ("2000-12-31",), 54),
    ("day", (1,), 31),
    ("dayOfWeek", ("2022-11-20",), 1),
    ("dayOfYear", ("2024-12-31",), 366),
    ("hour", (FIX,), 4),
    ("minute", (FIX,), 10),
    ("second", (FIX,), 4),
    ("millisecond", ("{ts '2008-09-01 01:34:55.123'}",), 123),
    ("daysInMonth", ("2024-02-01",), 29),
    ("daysInYear", ("2023-02-01",), 365),
    ("firstDayOfMonth", ("2024-03-15",), 61),
    ("isLeapYear", (2000,), True),
    ("isLeapYear", ("1900",), False),
    ("monthAsString", (1,), "January"),
    ("monthShortAsString", (9,), "Sep"),
    ("dayOfWeekAsString", (1,), "Sunday"),
    ("dayOfWeekShortAsString", ("7",), "Sat"),
]

MASKS: list[tuple[str, tuple[Any, ...], Any]] = [
    *[
        ("dateFormat", (D04, mask), shown)
        for mask, shown in {
            "yyyy": "2004", "yy": "04", "y": "2004", "MMMM": "January", "mmm": "Jan", "mm": "01", "m": "1", "dddd": "Friday",
            "ddd": "Fri", "dd": "02", "d": "2", "dd.mm.yyyy": "02.01.2004", "short": "1/2/04", "Medium": "Jan 2, 2004",
            "long": "January 2, 2004", "full": "Friday, January 2, 2004", "Mmm d, yyyy": "Jan 2, 2004", "gg": "AD", "": "",
            "yymmdd": "040102", "ddd, d 'of' mmmm": "Fri, 2 of January", "mmm 'yy": "Jan '04", "mmm ''yy": "Jan '04",
            "m/d hh:nn": "1/2 hh:nn", "iso": "2004-01-02", "w/ww": "1/01", "W": "1", "Z z X": "+0000 UTC Z", "d\nm": "2\n1",
        }.items()
    ],
    ("dateFormat", ("2023-12-31", "w ww"), "1 01"),
    ("dateFormat", ("2022-12-31", "w"), "53"),
    ("dateTimeFormat", ("2024-12-29", "ww"), "01"),
    ("dateTimeFormat", ("2024-12-28 13:00", "ww ttt tttt t"), "52 PM PM P"),
    ("dateFormat", (D04,), "02-Jan-04"),
    ("dateFormat", (100, "dd-mm-yyyy"), "09-04-1900"),
    ("dateFormat", (0,), "30-Dec-99"),
    ("dateFormat", ("1234", "dd.mm.yyyy"), "18.05.1903"),
    ("dateFormat", ("2005/10/01 00:00:00", "dd.mm.yyyy"), "01.10.2005"),
    ("dateFormat", ("", "dd.mm.yyyy"), ""),
    ("dateFormat", (MailDate("", None),), ""),
    ("dateFormat", (MAIL, "mmmm d, yyyy"), "January 3, 2024"),
    ("dateFormat", (HEADER[:31], "mmmm d, yyyy"), "January 3, 2024"),
    *[
        ("timeFormat", (TWO, mask), shown)
        for mask, shown in {
            "hh:HH:h:H": "02:14:2:14", "short": "2:00 PM", "medium": "2:00:00 PM", "long": "2:00:00 PM UTC", "tt": "PM", "T": "P",
            "Nm": "00", "'h' h": "h 2", "h 'o''clock'": "2 o'clock", "l ll lll": "0 00 000",
        }.items()
    ],
    ("timeFormat", (TWO,), "02:00 PM"),
    ("timeFormat", ("",), ""),
    ("timeFormat", (1,), "12:00 AM"),
    ("timeFormat", (D04, "hh:mm:ss"), "04:05:06"),
    ("timeFormat", (D04, "h:m:s t"), "4:5:6 A"),
    ("timeFormat", ("{ts '2008-09-01 01:34:55.123'}", "HHmmsslll"), "013455123"),
    ("timeFormat", ("{t '12:15:00'}", "h:mmt"), "12:15P"),
    ("timeFormat", ("2009-06-29 00:15:26", "h hh H HH TT"), "12 12 0 00 AM"),
    ("timeFormat", ("2009-06-29 23:15:26", "h hh H HH"), "11 11 23 23"),
    ("timeFormat", (0.9583333275462, "HH:mm:ss:ll"), "22:59:59:999"),
    ("timeFormat", (0.9583333275463, "HH:mm:ss:ll"), "23:00:00:00"),
    ("timeFormat", (MAIL, "HH:mm"), "04:30"),
    *[
        ("dateTimeFormat", (ZERO, mask), shown)
        for mask, shown in {
            "yyyy.MM.dd G 'at' HH:nn:ss z": "2000.01.02 AD at 03:04:05 UTC", "EEE, MMM d, ''yy": "Sun, Jan 2, '00",
            "h:nn a": "3:04 AM",
            "hh 'o''clock' a": "03 o'clock AM", "K:nn a, z": "3:04 AM, UTC",
            "yyyyy.MMMMM.dd GGG hh:nn aaa": "02000.January.02 AD 03:04 AM",
            "EEE, d MMM yyyy HH:nn:ss Z": "Sun, 2 Jan 2000 03:04:05 +0000", "y.mm.dd hh-nn": "2000.01.02 03-04",
            "dddd D DD": "Sunday 2 02",
            "EEEE k kk K KK": "Sunday 3 03 3 03", "F w ww W WW l": "1 2 02 2 02 0", "short": "1/2/00 3:04 AM",
            "t tt TT": "A AM AM",
            "medium": "Jan 2, 2000 3:04:05 AM", "long": "January 2, 2000 3:04:05 AM UTC",
            "full": "Sunday, January 2, 2000 3:04:05 AM UTC",
            "iso": "2000-01-02T03:04:05Z", "epoch": "946782245", "epochMS": "946782245000", "e f A b": "e f A b",
        }.items()
    ],
    ("dateTimeFormat", (ZERO,), "02-Jan-2000 03:04:05"),
    ("dateTimeFormat", ("2015-04-11 19:02", "short"), "4/11/15 7:02 PM"),
    ("dateTimeFormat", ("",), ""),
    ("dateTimeFormat", ("", "epoch"), ""),
    ("dateTimeFormat", (MAIL, "HH:nn z", "America/New_York"), "23:30 EST"),
    ("dateTimeFormat", (ZERO, "HH:nn z zzzz Z X XX XXX", "Europe/Berlin"), "04:04 CET Europe/Berlin +0100 +01 +0100 +01:00"),
    ("dateTimeFormat", (ZERO, "HH:nn z Z", "+05:30"), "08:34 GMT+05:30 +0530"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "expected"), [*MAKING, *ADDING, *DIFFERENCES, *COMPARING, *PARTS, *MASKS])
def test_cases(name: str, values: tuple[Any, ...], expected: Any) -> None:
    """Each published case, and each edge of a mask, gives what the reference says, on a page in UTC."""
    assert expected == said(call(name, *values))


@pytest.mark.parametrize("family", [dates.FAMILY, date_parts.FAMILY, date_masks.FAMILY], ids=lambda family: family.title)
def test_every_function_is_proven(family: Any) -> None:
    """Every function names its source and has a case above."""
    assert [] == unproven(family, [name for name, _, _ in (*MAKING, *ADDING, *DIFFERENCES, *COMPARING, *PARTS, *MASKS)])


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("now", (), ts("2024-06-05 14:30:15")),
        ("parseDateTime", (MAIL,), ts("2024-01-03 05:30:00")),
        ("parseDateTime", (MAIL, "pop"), ts("2024-01-03 04:30:00")),
        ("dateConvert", ("local2utc", "2024-07-01 10:00"), ts("2024-07-01 08:00:00")),
        ("dateConvert", ("utc2Local", "2024-07-01 10:00"), ts("2024-07-01 12:00:00")),
        ("getTimeZoneInfo", (), {"utcTotalOffset": -7200, "utcHourOffset": -2, "utcMinuteOffset": 0, "isDSTOn": True}),
        ("getHttpTimeString", ("2024-07-01 10:00",), "Mon, 01 Jul 2024 08:00:00 GMT"),
        ("dateTimeFormat", ("2024-07-01 10:00", "HH:nn Z", "UTC"), "08:00 +0000"),
        ("dateFormat", ("2000-07-07", "Z"), "+0200"),
        # Lucee's cases about summer time, which began at 2:00 on 30 March 2008.
        ("dateDiff", ("h", "{ts '2008-01-01 5:05:05'}", "{ts '2008-03-30 1:00:00'}"), 2131),
        ("dateDiff", ("h", "{ts '2008-01-01 5:05:05'}", "{ts '2008-03-30 2:00:00'}"), 2132),
        ("dateDiff", ("h", "{ts '2008-03-30 2:00:00'}", "{ts '2008-03-30 3:00:00'}"), 0),
        ("dateDiff", ("n", "{ts '2008-01-01 5:05:05'}", "{ts '2008-03-30 3:00:00'}"), 127974),
        ("dateDiff", ("s", "{ts '2008-01-01 5:05:05'}", "{ts '2008-03-30 3:00:00'}"), 7678495),
        ("dateDiff", ("d", "{ts '2008-01-01 2:00:00'}", "{ts '2008-03-30 1:00:00'}"), 88),
        ("dateDiff", ("d", "{ts '2008-01-01 2:00:00'}", "{ts '2008-03-30 3:00:00'}"), 89),
        ("dateDiff", ("h", "2008-03-30", "2008-03-31"), 23),
        ("dateDiff", ("d", "2008-03-30", "2008-03-31"), 1),
        ("dateDiff", ("s", "2008-03-30", "2038-03-31"), 946767600),
        ("dateAdd", ("h", 24, "2008-03-30"), ts("2008-03-31 01:00:00")),
        ("dateAdd", ("d", 1, "2008-03-30"), ts("2008-03-31 00:00:00")),
    ],
)
def test_cases_in_berlin(name: str, values: tuple[Any, ...], expected: Any) -> None:
    """On a page in another zone hours are time that passes, days are the wall clock's, and "pop" is UTC still."""
    assert expected == said(call(name, *values, zone=BERLIN))


def test_west_of_greenwich_is_positive() -> None:
    """getTimeZoneInfo counts what the zone is behind UTC, in whole hours and the minutes that are left."""
    info = call("getTimeZoneInfo", zone=dt.timezone(dt.timedelta(hours=-3, minutes=-30)))

    assert (12600, 3, 30) == (info["utcTotalOffset"], info["utcHourOffset"], info["utcMinuteOffset"])


def test_the_machines_zone() -> None:
    """A page without a zone has the machine's, in which a wall clock comes back as it is."""
    assert "2024-07-01 10:20" == call("dateTimeFormat", "2024-07-01 10:20", "yyyy-mm-dd HH:nn", zone=None)


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        (
            "dateFormat",
            ("susi",),
            f"dateFormat(): date must be {ACCEPTED}, not 'susi'; write dateFormat(date, [mask])",
        ),
        ("dateAdd", ("peter", 1, FIX), "datepart must be one of yyyy, q, m, d, y, ww, w, h, n, s, l, not 'peter'"),
        ("dateAdd", ("yyyy", 123456789, FIX), "number must lead to a year from 100 to 9999, not 123456789"),
        ("dateAdd", ("d", 1e300, FIX), "number must lead to a year from 100 to 9999, not 1e+300"),
        ("dateAdd", ("d", -700_000, FIX), "number must lead to a year from 100 to 9999, not -700000"),
        ("dateAdd", ("s", 1e300, FIX), "number must lead to a year from 100 to 9999, not 1e+300"),
        ("dateDiff", ("wd", FIX, FIX), "datepart must be one of"),
        ("dateCompare", (FIX, FIX, "ww"), "datepart must be one of yyyy, m, y, d, h, n, s, not 'ww'"),
        ("datePart", ("z", FIX), "datepart must be one of"),
        ("dateConvert", ("utc", FIX), "conversionType must be local2Utc or utc2Local, not 'utc'"),
        ("parseDateTime", ("2018-01-04", "yyyy-mm-dd"), "popConversion must be standard or pop, not 'yyyy-mm-dd'"),
        ("parseDateTime", ("",), "date must be a date"),
        ("parseDateTime", (FIX, "", "Mars/Base"), "must be a time zone such as"),
        ("createDate", (2024, 2, 30), "day must be 1 to 29 in month 2 of 2024, not 30"),
        ("createDate", (2024, 13, 1), "month must be 1 to 12, not 13"),
        ("createDate", (10**6, 1, 1), "year must be 100 to 9999, or 0 to 99 for 1930 to 2029, not 1000000"),
        ("createDateTime", (2024, 1, 1, 24, 0, 0), "hour must be 0 to 23, not 24"),
        ("isLeapYear", (1,), "year must be 100 to 9999, not 1"),
        ("monthAsString", (0,), "month must be 1 to 12, not 0"),
        ("dayOfWeekAsString", (8,), "day must be 1 to 7, not 8"),
        ("dateFormat", (FIX, "m" * 1001), "mask must have at most 1000 characters, not 1001"),
        (
            "dateTimeFormat",
            (FIX, "m", "Mars/Base"),
            "must be a time zone such as 'Europe/Berlin', 'UTC' or '+02:00', not 'Mars/Base'",
        ),
        ("year", (), "date is missing"),
    ],
)
def test_errors(name: str, values: tuple[Any, ...], text: str) -> None:
    """What a function cannot take is one error that names the function, says what is accepted, and how to write it."""
    with pytest.raises(FunctionFault) as caught:
        call(name, *values)

    assert text in str(caught.value)
    assert name == caught.value.function


def test_pages_of_the_survey() -> None:
    """What pages do with the date of a message works on the header: guard and format, parse as "pop", cut and format."""
    mail = MailDate("Mon, 02 Mar 2026 10:00:00 +0100", parse_date("Mon, 02 Mar 2026 10:00:00 +0100"))

    assert call("isDate", mail)
    assert not call("isDate", MailDate("soon", None))
    assert "02-Mar-26 09:00 AM" == f"{call('dateFormat', mail)} {call('timeFormat', mail)}"
    assert "03/02/2026" == call("dateFormat", call("parseDateTime", mail, "pop"), "mm/dd/yyyy")
    assert "2 Mar 2026" == call("dateFormat", mail[5:16], "d mmm yyyy")
    assert "2 Mar 2026 10:00" == call("dateTimeFormat", mail[:22], "d mmm yyyy HH:nn")


# -- laws ------------------------------------------------------------------------------------------------------------------------

moments = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 12, 31)).map(
    lambda moment: DateTime.of(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
)
zones = st.sampled_from([UTC, BERLIN, dt.timezone(dt.timedelta(hours=-9, minutes=-30))])


@given(st.sampled_from(["q", "m", "d", "y", "ww", "h", "n", "s", "l"]), st.integers(-1000, 1000), moments, zones)
def test_difference_undoes_addition(part: str, count: int, date: DateTime, zone: dt.tzinfo) -> None:
    """The difference between a date and the one `count` parts later is `count`, in every zone."""
    assert count == call("dateDiff", part, date, call("dateAdd", part, count, date, zone=zone), zone=zone)


@given(st.integers(-100, 100), moments.filter(lambda date: (date.month, date.day) != (2, 29)))
def test_difference_undoes_years(count: int, date: DateTime) -> None:
    """So it is with years, but from 29 February, which other years have not."""
    assert count == call("dateDiff", "yyyy", date, call("dateAdd", "yyyy", count, date))


@given(st.integers(1, 3000), moments.filter(lambda date: date.weekday() < 5), st.sampled_from([1, -1]))
def test_weekdays_are_counted(count: int, date: DateTime, sign: int) -> None:
    """`count` weekdays later is a weekday, with so many of them up to it."""
    there = call("dateAdd", "w", sign * count, date)
    days = abs((there - date).days)

    assert count == sum((date + dt.timedelta(days=sign * day)).weekday() < 5 for day in range(1, days + 1))
    assert there.weekday() < 5


@given(st.sampled_from(["yyyy", "q", "m", "d", "ww", "h", "n", "s", "l"]), moments, moments, zones)
def test_differences_are_antisymmetric(part: str, first: DateTime, second: DateTime, zone: dt.tzinfo) -> None:
    """The difference the other way round is the same with the other sign."""
    assert call("dateDiff", part, first, second, zone=zone) == -call("dateDiff", part, second, first, zone=zone)


@given(st.sampled_from(["yyyy", "m", "d", "h", "n", "s"]), moments, moments)
def test_comparison_is_antisymmetric(part: str, first: DateTime, second: DateTime) -> None:
    """The comparison the other way round has the other sign, and a date is the same as itself."""
    assert call("dateCompare", first, second, part) == -call("dateCompare", second, first, part)
    assert 0 == call("dateCompare", first, first, part)


@given(
    moments,
    st.sampled_from(["iso", "full", "yyyy-mm-dd HH:nn:ss.lll", "dddd, mmmm d, yyyy h:nn:ss.lll tt Z", "d-mmm-yyyy HH:nn:ss"]),
)
def test_formatted_dates_are_read_back(date: DateTime, mask: str) -> None:
    """A mask that shows all of a date is read back as that date, exact to what it shows."""
    shown = date if ".lll" in mask else date.replace(microsecond=0)

    assert shown == call("parseDateTime", call("dateTimeFormat", date, mask))


@given(moments, zones)
def test_masks_against_strftime(date: DateTime, zone: dt.tzinfo) -> None:
    """What a mask and a format of strftime both name is the same: the platform's C library is the judge."""
    moment = dates_of_page.instant(date, zone).astimezone(zone)
    mask = "dddd ddd dd mmmm mmm mm yyyy yy HH hh nn ss tt"

    assert moment.strftime("%A %a %d %B %b %m %Y %y %H %I %M %S %p") == call("dateTimeFormat", date, mask, zone=zone)
    assert moment.strftime("%m/%d/%Y %A") == call("dateFormat", date, "MM/dd/yyyy dddd", zone=zone)
    assert moment.strftime("%H:%M:%S %I %p") == call("timeFormat", date, "HH:mm:ss hh tt", zone=zone)


@given(moments)
def test_weeks_against_strftime(date: DateTime) -> None:
    """The week is strftime's of weeks that begin on Sunday, which calls those days week 0 that stand before the first Sunday."""
    begins_on_sunday = dt.date(date.year, 1, 1).isoweekday() == 7

    assert int(date.strftime("%U")) + (not begins_on_sunday) == call("week", date)
    assert (int(date.strftime("%w")) + 1, int(date.strftime("%j"))) == (call("dayOfWeek", date), call("dayOfYear", date))


@given(moments)
def test_printed_dates_are_read_back(date: DateTime) -> None:
    """What CFML prints of a date is read back as that date."""
    assert date.replace(microsecond=0) == call("parseDateTime", said(date))


@given(st.sampled_from(["dateFormat", "timeFormat", "dateTimeFormat"]), st.text("dmyMDYhHnNsSlLtTgGzZXEwWkKaF' -", max_size=1000))
def test_masks_are_bounded(name: str, mask: str) -> None:
    """No mask raises, and each of its characters makes at most thirteen."""
    assert len(call(name, ZERO, mask, zone=BERLIN)) <= 13 * len(mask)


@pytest.mark.parametrize("name", ["dateFormat", "timeFormat", "dateTimeFormat"])
@pytest.mark.parametrize("character", "dmyMDYhHnNsSlLtTgGzZXEwWkKaF'x")
def test_floods(name: str, character: str) -> None:
    """A mask of one character as often as is allowed is written."""
    assert 1 <= len(call(name, ZERO, character * date_masks.LONGEST_MASK)) <= 13_000


@given(moments, zones)
def test_conversion_there_and_back(date: DateTime, zone: dt.tzinfo) -> None:
    """A moment that the page's zone has is the same after a way to UTC and back."""
    there = call("dateConvert", "utc2Local", date, zone=zone)

    assert date == call("dateConvert", "local2Utc", there, zone=zone)
