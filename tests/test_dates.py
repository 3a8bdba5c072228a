"""dates: what mail programs write into Date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop import dates
from cfml_pop.dates import parse_date, whole_date

__all__: list[str] = []


@given(st.datetimes(datetime(1900, 1, 2), datetime(2999, 1, 1)), st.integers(-1439, 1439))
def test_standard_dates_round_trip(local: datetime, minutes: int) -> None:
    """What the standard library writes is read as the same moment with the same offset."""
    moment = local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    read = parse_date(format_datetime(moment))

    assert read is not None
    assert (moment, moment.utcoffset()) == (read, read.utcoffset())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2 Mar 26 10:00 EST", "2026-03-02T10:00:00-05:00"),
        ("Mon, 2 Mar 126 10:00:60", "2026-03-02T10:00:59+00:00"),
        ("mon,02 mar 2026 10:00:00 +0100 (CET) junk", "2026-03-02T10:00:00+01:00"),
        ("Monday, 2-March-2026 10.00.00 GMT", "2026-03-02T10:00:00+00:00"),
        ("Mon Mar  2 10:00:00 CET 2026", "2026-03-02T10:00:00+01:00"),
        ("2026-03-02T10:00:00.123+05:30", "2026-03-02T10:00:00+05:30"),
        ("2 Mar 2026 10:00:00 GMT+0200", "2026-03-02T10:00:00+02:00"),
        ("2 Mar 2026 12:05 AM", "2026-03-02T00:05:00+00:00"),
        ("2 Mar 2026 10:00:00 +9999", "2026-03-02T10:00:00+00:00"),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00"),
        ("2 Mar 2026 10 . 05 GMT", "2026-03-02T10:05:00+00:00"),
        ("2 Mar 2026 10:00:00 -7", "2026-03-02T10:00:00-07:00"),
        ("2 Mar 2026 10:00:00 +01", "2026-03-02T10:00:00+01:00"),
        ("2 Mar 2026 10:00:00 +530", "2026-03-02T10:00:00+05:30"),
        ("2 Mar 2026 10:00:00 UTC+2", "2026-03-02T10:00:00+02:00"),
        ("2 Mar 2026", "2026-03-02T00:00:00+00:00"),
        ("2026-03-02 (a day)", "2026-03-02T00:00:00+00:00"),
        ("2 Mar 2026 10:00:00 XYZ", "2026-03-02T10:00:00+00:00"),
    ],
)
def test_odd_dates(text: str, moment: str) -> None:
    """Obsolete and misspelt forms are read."""
    assert datetime.fromisoformat(moment) == parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "31 Feb 2026 10:00",
        "2 Mar 2026 25:00",
        "2 Xyz 2026 10:00",
        "1 Jan 0001 00:00 +1400",
        "21 Nov 1997 9h55",
        "2 Mar 2026 at 10:00",
    ],
)
def test_impossible_dates(text: str) -> None:
    """A text that names no possible moment gives None."""
    assert parse_date(text) is None


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    """No text raises, and a moment is always aware."""
    moment = parse_date(text)

    assert moment is None or moment.astimezone(timezone.utc) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100 (CET)", "2026-03-02T10:00:00+01:00"),
        ("Mon, 2 Mar 2026 10:00:00 +0100 (cut", "2026-03-02T10:00:00+01:00"),
        ("2 Mar 126 10.00.60 ut", "2026-03-02T10:00:59+00:00"),
        ("2 Mar 2026 10:00 XYZ", "2026-03-02T10:00:00+00:00"),
        ("Monday 2 March 2026", "2026-03-02T00:00:00"),
        ("Mon Mar  2 10:00:00 2026", "2026-03-02T10:00:00"),
    ],
)
def test_whole_dates(text: str, moment: str) -> None:
    """Text that is a date and nothing else is read, without a zone where it names none."""
    read = whole_date(text)

    assert read is not None
    assert moment == read.isoformat()


@pytest.mark.parametrize(
    "text",
    ["on 2 Mar 2026", "2 Mar 2026 received", "2 Mar 2026 10:00 xyz", "2 Marvin 2026", "Mondays 32 Mar 2026", "", "(2 Mar 2026)"],
)
def test_not_whole_dates(text: str) -> None:
    """Text in which something else stands besides a date is none, though a header with it would be one."""
    assert whole_date(text) is None


@given(st.datetimes(datetime(1900, 1, 2), datetime(2999, 1, 1)), st.integers(-1439, 1439))
def test_a_whole_header_is_a_date(local: datetime, minutes: int) -> None:
    """What the standard library writes as a Date header is a whole date."""
    header = format_datetime(local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))))

    assert parse_date(header) == whole_date(header)


@given(st.from_regex(dates._PLAIN, fullmatch=True))
def test_the_short_way_gives_what_the_long_way_gives(text: str) -> None:
    """A date as RFC 5322 has it is read by the short way as all forms are read, also when it cannot be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_PLAIN", re.compile("(?!)"))
        expected = parse_date(text)
    read = parse_date(text)

    assert (expected, expected and expected.utcoffset()) == (read, read and read.utcoffset())
