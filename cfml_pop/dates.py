"""The Date header (RFC 5322, section 3.3 and the obsolete forms of 4.3, asctime, ISO 8601, and comments anywhere).

Rule: text in, a datetime out, or None where the text names no possible moment. Nothing raises.

The zone -0000 and zones that are not known are UTC; RFC 5322 defines them so. `parse_date` reads the field of a message, where a
moment is always meant; `whole_date` reads text that may be something else.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

__all__ = ["MONTHS", "OFFSET", "parse_date", "whole_date", "zone_offset"]

LONGEST = 1000
"""Characters that are looked at; the longest form of RFC 5322 has about 60 with a comment."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
# RFC 5322, section 4.3, and those that European and Asian mail programs wrote. Hours; IST and other ambiguous ones are left out.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
    "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "msd": 4, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip

_MONTH = f"(?P<month>{'|'.join(_MONTHS)})(?P<more>[a-z]*)"
_COMMENT = re.compile(r"\([^()]*\)")
# RFC 5322, section 4.3: blanks and comments may stand around ":"; a comment is one blank when this is read.
_TIME = (
    r"(?P<hour>\d{1,2}) ?[:.] ?(?P<minute>\d{1,2})(?: ?[:.] ?(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
OFFSET = r"[+-]\d{1,2}(?::?\d{2})?(?!\d)"
"""A numeric offset, as `zone_offset` takes it."""

_ZONE = rf"(?:\s*(?P<zone>{OFFSET}|[A-Za-z]{{1,5}}(?:\s*{OFFSET})?))?"
_DIGIT = re.compile("[0-9]")
_WEEKDAY = re.compile(r"(?:(?:sun|mon|tue|wed|thu|fri|sat)[a-z]{0,6}[.,]{0,2} ?)?", re.ASCII | re.IGNORECASE)
_FORMS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"\b(?P<day>\d{1,2})[\s.-]{0,3}" + _MONTH + r"[.,]?[\s,.-]{0,3}(?P<year>\d{2,4})\b(?:[\s,]{1,3}" + _TIME + _ZONE + ")?",
        r"\b" + _MONTH + r"\s{1,3}(?P<day>\d{1,2})\s{1,3}" + _TIME + _ZONE + r"\s{1,3}(?P<year>\d{4})\b",
        r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[T\s]" + _TIME + _ZONE + ")?",
    )
)


# As RFC 5322 has it, and all but a few programs write it.
_PLAIN = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ((?:19|20)[0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-5][0-9])"
    r" ([+-](?:0[0-9]|1[0-9]|2[0-3])[0-5][0-9])(?: \([A-Z]{1,5}\))?"
)


def parse_date(text: str) -> datetime | None:
    """The moment that `text` names, with the offset it names; None when it names none, or one that cannot be (31 Feb, 25:61).

    A two-digit year is of 1950 to 2049, a three-digit one counts from 1900 (RFC 5322, section 4.3); years before 1900 are none.
    Without a time it is midnight, a leap second counts as second 59; digits behind the day that are no time make it none, as
    midnight would be made up.
    """
    plain = _PLAIN.fullmatch(text)
    if plain:
        day, month, year, hour, minute, second, zone = plain.groups()
        try:
            return datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=_zone(zone))
        except (ValueError, KeyError):
            return None
    text = _without_comments(text)
    for form in _FORMS:
        match = form.search(text)
        if match:
            found = match.groupdict()
            if found["hour"] is None and _DIGIT.search(text, match.end()):
                return None
            return _moment(found)
    return None


def whole_date(text: str) -> datetime | None:
    """As `parse_date`, but nothing else may stand in `text` than a date, and a weekday before it; for text of unknown sort.

    The result has no zone where none is named. A zone that is not known counts only if it is written in capitals. A comment that
    is cut off at the end is passed over, as by pages that take the first characters of a header.
    """
    text = _without_comments(text).partition("(")[0].strip()
    for form in _FORMS:
        match = form.search(text)
        if match and match.end() == len(text) and _WEEKDAY.fullmatch(text, 0, match.start()):
            found = match.groupdict()
            month = f"{found['month']}{found.get('more', '')}".lower()
            if not month.isdecimal() and not any(name.lower().startswith(month) for name in MONTHS):
                return None
            zone = found["zone"] or ""
            if zone.isalpha() and zone.lower() not in _ZONES and not zone.isupper():
                return None
            moment = _moment(found)
            return moment.replace(tzinfo=None) if moment is not None and not zone else moment
    return None


def _without_comments(text: str) -> str:
    """The start of `text` without (comments), blanks as one space each."""
    text = text[:LONGEST]
    while "(" in text:
        text, removed = _COMMENT.subn(" ", text)
        if not removed:
            break
    return " ".join(text.split())


def _moment(found: dict[str, str | None]) -> datetime | None:
    month, year = found["month"] or "", found["year"] or ""
    hour, second = int(found["hour"] or 0), int(found["second"] or 0)
    half = (found["half"] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        moment = datetime(
            _year(year),
            int(month) if month.isdigit() else _MONTHS[month.lower()],
            int(found["day"] or 0),
            hour,
            int(found["minute"] or 0),
            59 if second == 60 else second,
            tzinfo=_zone(found["zone"] or ""),
        )
    except (ValueError, KeyError):
        return None
    return moment if moment.year >= 1900 else None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


@lru_cache(maxsize=64)
def _zone(zone: str) -> timezone:
    return timezone(zone_offset(zone) or timedelta(0))


def zone_offset(zone: str) -> timedelta | None:
    """What a zone is ahead of UTC, in any case; of `gmt+0200` that of the number. None for a name that is not known.

    An offset of more than 23:59 is no zone, and counts as UTC.
    """
    signed = re.search(r"([+-])(\d{1,2})(?::?(\d{2}))?$", zone)
    if signed is None:
        hours = _ZONES.get(zone.lower())
        return None if hours is None else timedelta(hours=hours)
    hours, minutes = int(signed[2]), int(signed[3] or 0)
    if hours > 23 or minutes > 59:
        return timedelta(0)
    return timedelta(hours=hours, minutes=minutes) * (-1 if signed[1] == "-" else 1)
