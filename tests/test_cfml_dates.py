"""cfml.dates: what text is a date, and what zone it is in."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.cells import MailDate
from cfml_pop.cfml.dates import instant, named_zone, read
from cfml_pop.cfml.simple import DateOnly, DateTime, TimeOnly, days, text
from cfml_pop.dates import parse_date
from tests.page_support import BERLIN, NOW, UTC

__all__: list[str] = []


def read_text(value: object, zone: dt.tzinfo | None = UTC) -> str | None:
    found = read(value, zone, lambda: NOW)
    return None if found is None else found.isoformat(" ", "milliseconds").removesuffix(".000").removesuffix(" 00:00:00")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("{ts '2008-09-01 01:34:55.123'}", "2008-09-01 01:34:55.123"),
        ("{ts '2008-09-01 1:34:55'}", "2008-09-01 01:34:55"),
        ("{d '2024-01-02'}", "2024-01-02"),
        ("{t '12:15:00'}", "1899-12-30 12:15:00"),
        ("2005/10/01 00:00:00", "2005-10-01"),
        ("2005-10-01 00:00:00", "2005-10-01"),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
        ("2024-01-02T03:04:05.6789+02:00", "2024-01-02 01:04:05.679"),
        ("20240102T030405Z", "2024-01-02 03:04:05"),
        ("1/2/2024", "2024-01-02"),
        ("1-2-2024", "2024-01-02"),
        ("1.2.2024", "2024-01-02"),
        ("12/31/99", "1999-12-31"),
        ("1/2/29", "2029-01-02"),
        ("1/2/30", "1930-01-02"),
        ("31/12/2001", "2001-12-31"),
        ("13/02/05", "2013-02-05"),
        ("6/2007", "2007-06-01"),
        ("2007-06", "2007-06-01"),
        ("6/20", "2024-06-20"),
        ("20/6", "2024-06-20"),
        ("January 2, 2024 3:04 PM", "2024-01-02 15:04:00"),
        ("jan. 2 2024", "2024-01-02"),
        ("Sept 5, 2024", "2024-09-05"),
        ("January 2", "2024-01-02"),
        ("January 2024", "2024-01-01"),
        ("2-Jan-2024", "2024-01-02"),
        ("2-Jan-24 10:00", "2024-01-02 10:00:00"),
        ("2 January 2024 at 10:00:00", "2024-01-02 10:00:00"),
        ("Tuesday, January 2, 2024 3:04:05 PM EST", "2024-01-02 20:04:05"),
        ("Tue, 11 Dec 2018 00:00:00 Z", "2018-12-11"),
        ("Mon Mar 3 03:09:07 PDT 2025", "2025-03-03 10:09:07"),
        ("  2   Jan  2024 ", "2024-01-02"),
        ("7pm", "1899-12-30 19:00:00"),
        ("19:00", "1899-12-30 19:00:00"),
        ("11/01/1975 00:00 AM", "1975-11-01"),
        ("11/01/1975 12:01 AM", "1975-11-01 00:01:00"),
        ("11/01/1975 00:01 PM", "1975-11-01 12:01:00"),
        ("11/01/1975 12:00 PM", "1975-11-01 12:00:00"),
        ("1234", "1903-05-18"),
        (100, "1900-04-09"),
        (0, "1899-12-30"),
        (0.9583333275463, "1899-12-30 23:00:00"),
        (0.9583333275462, "1899-12-30 22:59:59.999"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        ("2024-02-29", "2024-02-29"),
        # What a page is left with when it takes the first characters of a Date header.
        ("Mon, 02 Mar 2026 10:00:00 +0100 (CE", "2026-03-02 09:00:00"),
        ("Mon, 02 Mar 2026 10:0", "2026-03-02 10:00:00"),
        ("Mon, 2 Mar 126 10.00.60 UT", "2026-03-02 10:00:59"),
    ],
)
def test_forms(value: object, moment: str) -> None:
    """Each form of a date that CFML knows, numbers of days, and what is left of a header are read."""
    assert moment == read_text(value)


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "susi", "2/29/2001", "2001-02-29", "13/32/2001", "1-1.2001", "1.2.3", "10.1.2.3", "13-11-2-13", "1a", "7p",
        "25:00",
        "10:60", "Order of 2 Jan 2024", "2 Jan 2024 received", "2 Janitor 2024", "02 Mar 2026 10:00:00 foo", "2024-01-02 25:00",
        "0050-01-01", "{ts '2024-01-02'", "\u0663/1/2024", "9999-12-31T23:59:59-10:00", "1" * 400, "1/2/2024 " * 100, True, None,
        [1], 1e300, float("nan"), -800_000, MailDate("soon", None), "2 Jan 2024 (a) b", dt.datetime(1, 1, 1, tzinfo=BERLIN),
    ],
)  # fmt: skip
def test_no_dates(value: object) -> None:
    """What names no possible date of the years 100 to 9999, or something else besides, is none."""
    assert read_text(value, zone=dt.timezone(dt.timedelta(hours=-1))) is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (MailDate("", parse_date("Mon, 2 Mar 2026 10:00:00 -0500")), "2026-03-02 16:00:00"),
        (MailDate("", parse_date("Mon, 2 Jul 2026 10:00:00")), "2026-07-02 12:00:00"),
        ("Mon, 2 Mar 2026 10:00:00 -0500", "2026-03-02 16:00:00"),
        ("Mon, 2 Mar 2026 10:00:00", "2026-03-02 10:00:00"),
        ("2026-03-02T10:00:00Z", "2026-03-02 11:00:00"),
        ("2026-03-02T10:00:00", "2026-03-02 10:00:00"),
        (dt.datetime(2026, 3, 2, 10, tzinfo=UTC), "2026-03-02 11:00:00"),
        (dt.datetime(2026, 3, 2, 10), "2026-03-02 10:00:00"),
    ],
)
def test_zones(value: object, moment: str) -> None:
    """What names a zone is converted to the page's, what names none is in the page's, but a Date header without one is UTC."""
    assert moment == read_text(value, zone=BERLIN)


@given(st.datetimes(dt.datetime(1950, 1, 2), dt.datetime(2049, 1, 1)), st.integers(-1439, 1439))
def test_header_as_text_and_as_cell(local: dt.datetime, minutes: int) -> None:
    """The text of a Date header is the same date as the header itself."""
    header = format_datetime(local.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(minutes=minutes))))

    assert read_text(MailDate(header, parse_date(header)), zone=BERLIN) == read_text(header, zone=BERLIN)


@given(st.datetimes(dt.datetime(100, 1, 1), dt.datetime(9999, 12, 31)))
def test_printed_dates_are_read(moment: dt.datetime) -> None:
    """A date that CFML prints, and the number of its days, are read as that date."""
    date = DateTime.of(moment.replace(microsecond=0))

    assert (date, date) == (read(text(date), UTC, lambda: NOW), read(days(date), UTC, lambda: NOW))


@given(st.text(max_size=80) | st.from_regex(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ,][0-9]{1,4} [0-9:.apm+-]{1,12}"))
def test_any_text_is_read(value: str) -> None:
    """No text raises, whatever the zone."""
    found = read(value, BERLIN, lambda: NOW)

    assert found is None or found.tzinfo is None


def test_dates_of_odbc_keep_how_they_print() -> None:
    """A date or a time that prints as such stays one when it is read again."""
    values = DateOnly(2024, 1, 2), TimeOnly(1899, 12, 30, 3, 4, 5)

    assert ["{d '2024-01-02'}", "{t '03:04:05'}"] == [text(read(value, UTC, lambda: NOW)) for value in values]


def test_a_repeated_hour_is_the_first() -> None:
    """In the hour that the end of summer time repeats a wall clock means the first; one that knows better keeps it."""
    twice = dt.datetime(2024, 10, 27, 2, 30)

    assert [0, 1] == [instant(one, BERLIN).hour for one in (twice, twice.replace(fold=1))]


def test_ends_of_the_calendar() -> None:
    """Where a zone knows no moment for a wall clock, this is taken as UTC."""
    assert dt.datetime(1, 1, 1, tzinfo=UTC) == instant(dt.datetime.min, BERLIN)


@pytest.mark.parametrize(
    ("name", "offset"),
    [("UTC", 0), ("gmt", 0), ("GMT+2", 120), ("+05:30", 330), ("-3", -180), ("PST", -420), ("Europe/Berlin", 120), ("CET", 120)],
)
def test_named_zones(name: str, offset: int) -> None:
    """A zone is named as the time zone database does, by an offset, or by a short name that engines know."""
    assert dt.timedelta(minutes=offset) == named_zone(name).utcoffset(dt.datetime(2024, 6, 5))


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "America", "x" * 500, "a\x00b"])
def test_unknown_zones(name: str) -> None:
    """A name of no zone is an error that says what one looks like; no file outside the database is opened."""
    with pytest.raises(ValueError, match=r"^must be a time zone such as 'Europe/Berlin', 'UTC' or '\+02:00', not '"):
        named_zone(name)


def test_no_time_zone_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a time zone database the error says what to install."""
    import zoneinfo

    def missing(key: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(key)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)

    with pytest.raises(ValueError, match="has no time zone database: install the package tzdata"):
        named_zone("Europe/Berlin")
