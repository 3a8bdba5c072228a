"""Mails of ten public mail libraries: our reading says what their sources say, or the difference is listed with its reason.

Rule: tests/corpora/README.md says what the mails and their twins are, tests/corpora/differences.toml lists where we differ; the
list is exact, so nothing creeps in and nothing stays that no longer is. `corpora_support` says what is compared, and how.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import Any

import pytest

from cfml_pop.cfml.query import ALL_COLUMNS, Query
from cfml_pop.message.bodies import sort_parts
from cfml_pop.message.parts import Part
from tests.corpora_support import CORPORA, MAILS, TWINS, Mail, differences, read, said, statement, wrong_keys
from tests.mail_support import build_windowed, row_of

__all__: list[str] = []

SOURCES = {
    "cpython": (48, 2),
    "email-mime": (4, 1),
    "fast-mail-parser": (17, 15),
    "flanker": (45, 5),
    "imap-tools": (113, 113),
    "james-mime4j": (32, 32),
    "mail-parser": (15, 8),
    "mikel-mail": (103, 36),
    "nodemailer-mailparser": (10, 2),
    "postal-mime": (4, 1),
}
DIGEST = "62dbb59e0bf16bc13322020d3dabfac7a4f48d10408b9cb420ce3ef0ca210c01"

# Everything that ends a line or controls a terminal.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ONE_LINE = ("date", "from", "to", "cc", "replyto", "subject", "messageid", "uid")


def listed(mail: Mail) -> dict[str, Any]:
    """The differences that the list has for the twin of a mail."""
    entries: dict[str, Any] = differences().get(mail.source, {}).get(mail.name, {})
    return entries


def counts(entry: Any) -> bool:
    """Whether a difference counts towards the share of its source."""
    return not (isinstance(entry, dict) and "opinion" in entry)


def test_corpora_are_whole() -> None:
    """All mails and twins are there, and no octet was changed on the way here (a checkout that converts line ends would)."""
    digest = hashlib.sha256()
    for mail in MAILS:
        digest.update(mail.raw)

    assert SOURCES == {
        source: (number, Counter(mail.source for mail in TWINS)[source])
        for source, number in Counter(mail.source for mail in MAILS).items()
    }
    assert DIGEST == digest.hexdigest()
    assert 5 <= len(list((CORPORA / "licences").iterdir()))


@pytest.mark.parametrize("mail", TWINS, ids=str)
def test_reading_is_as_the_source_says(mail: Mail) -> None:
    """Every key that the source states matches, or stands in the list of differences; no key stands there that matches."""
    twin = statement(mail)

    assert sorted(listed(mail)) == sorted(wrong_keys(twin, said(mail, twin), mail.source))


def test_differences_are_of_mails_and_have_reasons() -> None:
    """Each entry of the list names a mail that has a twin, and says why in at least a few words."""
    others = {"versions", "email", "gmime"}
    entries = {
        f"{source}/{name}": keys
        for source, names in differences().items()
        if source not in others
        for name, keys in names.items()
    }
    reasons = [entry["reason"] if isinstance(entry, dict) else entry for keys in entries.values() for entry in keys.values()]
    opinions = {entry["opinion"] for keys in entries.values() for entry in keys.values() if isinstance(entry, dict)}

    assert set() == set(entries) - {str(mail) for mail in TWINS}
    assert [] == [reason for reason in reasons if len(reason) < 9]
    assert {"readme", "mikel-mail"} == opinions


@pytest.mark.parametrize("source", SOURCES)
def test_differences_are_few(source: str) -> None:
    """At most 5 % of a source's twins differ (one of fewer than 20), apart from the habits that the corpora's README names."""
    twins = [mail for mail in TWINS if mail.source == source]
    differing = [mail.name for mail in twins if any(counts(entry) for entry in listed(mail).values())]

    assert len(differing) <= max(1, len(twins) * 5 // 100), differing


def test_the_other_twin_says_so() -> None:
    """Where the list says that the twin of the same mail in mikel-mail is right, that twin states the key, and we match it."""
    found = []
    for mail in TWINS:
        for key, entry in listed(mail).items():
            if isinstance(entry, dict) and entry["opinion"] == "mikel-mail":
                other = Mail("mikel-mail", mail.name)
                assert key in statement(other)
                found.append(key in listed(other))

    assert [False, False] == found


@pytest.mark.parametrize("mail", MAILS, ids=str)
def test_file_window_gives_the_same_row(mail: Mail) -> None:
    """A mail read through a window of a spool file gives the row that the same octets in memory give."""
    expected = row_of(read(mail).cells)

    for block in (200, 8192):
        assert expected == row_of(build_windowed(mail.raw, block=block))


@pytest.mark.parametrize("mail", MAILS, ids=str)
def test_row_can_go_anywhere(mail: Mail) -> None:
    """A row is JSON, holds no lone surrogate, and no control character where a value is one line."""
    [row] = Query(ALL_COLUMNS, [read(mail).cells]).to_dicts()

    json.dumps(row, ensure_ascii=False).encode()  # raises for a lone surrogate
    lines = [row[column] for column in ONE_LINE] + row["attachments"].split("\t") + list(row["cids"]) + list(row["cids"].values())
    assert [] == [line for line in lines if CONTROLS.search(line)]


@pytest.mark.parametrize("mail", MAILS, ids=str)
def test_every_leaf_has_a_place(mail: Mail) -> None:
    """Each leaf is a text, an HTML text, a delivery status or an attachment, and the row's columns show it there."""
    reading = read(mail)
    parts, cell = [leaf.part for leaf in reading.leaves], reading.cells.cell
    places = sort_parts(parts)
    attached = [item.part for item in places.attachments if isinstance(item.part, Part)]
    placed = {*places.plain, *places.html, *places.delivery, *attached}
    entries = cell("attachments").entries
    # What is unpacked from a part stands behind it, and is no leaf.
    leaves = [
        entry.size for item, entry in zip(reading.cells.message.attachments, entries, strict=True) if isinstance(item.part, Part)
    ]
    sizes = {leaf.part: len(leaf.data) for leaf in reading.leaves}

    assert parts == [part for part in parts if part in placed]
    assert all(part.text.strip() in str(cell("textbody")) for part in places.plain)
    assert all(part.text.strip() in str(cell("deliverystatus")) for part in places.delivery)
    assert (places.html[0].text if places.html else "") == cell("htmlbody")
    assert [sizes[part] for part in attached] == leaves
    assert "\t".join(entry.name for entry in entries) == cell("attachments")
