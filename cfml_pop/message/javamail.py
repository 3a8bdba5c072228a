"""What JavaMail makes of odd mail, where a page that comes from an engine built on it may rely on that.

Rule: only readings that lose nothing stand here: dates, and whether a Content-Type is one. They are chosen by a dialect; the
package's own reading is in `dates` and `parameters`.

Source: JavaMail 1.6 as it runs under Lucee 6.2 (MailDateFormat, ContentType, ParameterList).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["parse_date", "sound_content_type"]

LONGEST = 1000
"""Characters of a date that are looked at."""

_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_NAMES.split(), 1)}
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
"""Hours. Every other name means UTC."""

_DATE = re.compile(
    r"[^0-9]*(?P<day>[0-9]{1,2})(?:-|\s*)(?P<month>[A-Za-z]{3})(?:-|\s*)(?P<year>[0-9]{2,4})\s+"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2}))?\s*(?P<zone>[+-][0-9]{4}|[A-Za-z]+)?"
)

_ATOM = r"[^\x00-\x20()<>@,;:\\\"/\[\]?=\x7f]+"
_QUOTED = r"\"[^\"\\]*(?:\\.[^\"\\]*)*\""
# No two runs of blanks stand beside each other: they could be parted in as many ways as there are blanks.
_CONTENT_TYPE = re.compile(
    rf"\s*{_ATOM}/{_ATOM}\s*(?:;\s*{_ATOM}\s*=\s*(?:(?:{_ATOM}|{_QUOTED})\s*|(?=;|$)))*(?:;\s*)?", re.DOTALL
)


def parse_date(text: str) -> datetime | None:
    """The moment that JavaMail reads, None where it reads none: ISO 8601, asctime and months written out are none.

    Parts out of range roll over: 31 Feb 2024 is 2 March. Second 60 is 59. Zones without a number are UTC, but for those of
    RFC 822.
    """
    found = _DATE.match(text[:LONGEST])
    month = _MONTHS.get(found["month"].lower()) if found else None
    if found is None or month is None:
        return None
    year = int(found["year"])
    year += 2000 if year < 50 else 1900 if year < 1000 else 0
    second = int(found["second"] or 0)
    rolled = timedelta(
        days=int(found["day"]) - 1,
        hours=int(found["hour"]),
        minutes=int(found["minute"]),
        seconds=59 if second == 60 else second,
    )
    try:
        return datetime(year, month, 1, tzinfo=timezone(_offset(found["zone"] or ""))) + rolled
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta:
    if zone[:1] in ("+", "-"):
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        minutes = minutes if minutes < 24 * 60 else 0
        return timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return timedelta(hours=_ZONES.get(zone.lower(), 0))


def sound_content_type(field: bytes) -> bool:
    """Whether a Content-Type keeps to RFC 2045; JavaMail takes no name out of one that does not."""
    return _CONTENT_TYPE.fullmatch(field.decode("latin-1")) is not None
