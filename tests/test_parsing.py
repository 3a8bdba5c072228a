"""parse_message: the row that getAll gives, without a server."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfml_pop import AttributeFault, LimitExceeded, Settings, cfml_environment, cfpop, parse_message
from cfml_pop.cfml.dialect import DIALECTS
from cfml_pop.cfml.query import ALL_COLUMNS, Row
from cfml_pop.testing import EmbeddedServer, sample_messages

__all__: list[str] = []

MAIL = Path(__file__).parent / "mail"
TWO_FILES = (
    b"Subject: files\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n"
    b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\none\r\n"
    b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nthree\r\n--b--\r\n"
)


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def facts(row: Row, *left_out: str) -> dict[str, object]:
    found = {column: row[column] for column in ALL_COLUMNS if column not in left_out}
    return found | {"entries": row.attachments.entries, "moment": row.date.datetime, "defects": row.defects}


def test_row_is_that_of_get_all(sample_server: EmbeddedServer) -> None:
    """Every sample message gives the row that getAll gives, but for its number and uid."""
    mail = cfpop(
        server=sample_server.host,
        port=sample_server.port,
        username=sample_server.user,
        password=sample_server.password,
        action="getAll",
    )

    for row, raw in zip(mail, sample_messages(), strict=True):
        octets = b"".join(line.rstrip(b"\r\n") + b"\r\n" for line in raw.splitlines(keepends=True))
        assert facts(row, "messagenumber", "uid") == facts(parse_message(octets), "messagenumber", "uid")


@pytest.mark.parametrize("name", sorted(path.name for path in MAIL.glob("*.eml")))
def test_octets_path_and_stream_give_the_same_row(name: str) -> None:
    """Octets, a path as text or as Path, and a stream give one row; the stream stays open."""
    path = MAIL / name
    raw = path.read_bytes()
    with path.open("rb") as stream:
        rows = [parse_message(raw), parse_message(str(path)), parse_message(path), parse_message(stream)]
        rows.append(parse_message(memoryview(raw), settings=Settings(memory_limit=0)))

        assert not stream.closed
    assert [facts(rows[0])] * 4 == [facts(row) for row in rows[1:]]


class Dribble(io.RawIOBase):
    """A stream that gives a few octets at a time."""

    def __init__(self, raw: bytes, sizes: Iterator[int]) -> None:
        self.rest = raw
        self.sizes = sizes

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - fewer than asked, as pipes do
        number = next(self.sizes)
        piece, self.rest = self.rest[:number], self.rest[number:]
        return piece


class Waiting(io.RawIOBase):
    """A stream that has nothing yet, and does not wait."""

    def read(self, size: int = -1) -> None:  # noqa: ARG002 - as a raw stream that does not block
        return None


def test_a_stream_that_does_not_wait() -> None:
    """A stream without its data yet is an error, not an empty message."""
    with pytest.raises(BlockingIOError, match="does not wait"):
        parse_message(Waiting())  # type: ignore[arg-type]


def endless(numbers: list[int]) -> Iterator[int]:
    while True:
        yield from numbers


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_pieces_of_a_stream_do_not_matter(data: st.DataObject) -> None:
    """A stream that comes in pieces of any size, kept in memory or in a file, gives the row of the whole."""
    raw = (MAIL / data.draw(st.sampled_from(sorted(path.name for path in MAIL.glob("*.eml"))))).read_bytes()
    numbers = data.draw(st.lists(st.integers(1, 300), min_size=1, max_size=20))
    limit = data.draw(st.sampled_from([0, 100, 1 << 20]))

    row = parse_message(Dribble(raw, endless(numbers)), settings=Settings(memory_limit=limit))  # type: ignore[arg-type]

    assert facts(parse_message(raw)) == facts(row)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_any_octets_give_a_row(raw: bytes) -> None:
    """Whatever the octets are, there is a row, all of it can be read, and its size is their number."""
    row = parse_message(raw)

    assert len(raw) == row.size
    assert set(ALL_COLUMNS) <= facts(row).keys()


def test_number_and_uid() -> None:
    """A message out of a file is row 1 of 1, and has no uid."""
    row = parse_message(b"Subject: x\n\ny")

    assert (1, "", 1, 1) == (row.messagenumber, row.uid, row.currentrow, row.recordcount)


def test_attachments_are_saved(tmp_path: Path) -> None:
    """With attachmentpath files are saved as the tag saves them; without it none."""
    assert "" == parse_message(TWO_FILES).attachmentfiles

    row = parse_message(TWO_FILES, attachmentpath=tmp_path / "box", generateuniquefilenames=True)

    assert ["a.txt", "a1.txt"] == listing(tmp_path / "box")
    assert f"{tmp_path}/box/a.txt\t{tmp_path}/box/a1.txt" == row.attachmentfiles
    assert b"three" == (tmp_path / "box" / "a1.txt").read_bytes()


def test_attachment_root_holds(tmp_path: Path) -> None:
    """A path outside the host's attachment root is refused, and nothing is made."""
    with pytest.raises(AttributeFault, match="outside the host's"):
        parse_message(TWO_FILES, attachmentpath=tmp_path / "elsewhere", settings=Settings(attachment_root=tmp_path / "root"))

    assert [] == listing(tmp_path)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"attachment_limit": 4}, r"the attachment 'a.txt' has more than 4 octets; Settings\(attachment_limit=...\) allows more"),
        ({"attachment_count": 1}, r"has 2 attachments, more than 1; Settings\(attachment_count=...\) allows more"),
        ({"message_limit": 100}, r"more than 100 octets; Settings\(message_limit=...\) allows more"),
    ],
)
def test_limits(limits: dict[str, int], text: str, tmp_path: Path) -> None:
    """Above a limit nothing is saved and the error names the setting; at the limit all is."""
    with pytest.raises(LimitExceeded, match=text) as caught:
        parse_message(TWO_FILES, attachmentpath=tmp_path, settings=Settings(**limits))  # type: ignore[arg-type]

    assert [] == listing(tmp_path)
    assert list(limits.values()) == [caught.value.value]
    enough = Settings(attachment_limit=5, attachment_count=2, message_limit=len(TWO_FILES))
    assert 2 == len(parse_message(TWO_FILES, attachmentpath=tmp_path, settings=enough).attachments.entries)


def test_limit_in_a_call_keeps_the_other_rows(tmp_path: Path) -> None:
    """A call that meets a limit raises with the complete rows and the number; with `partial` the row says what is missing."""
    plain = b"Subject: plain\r\n\r\nhello\r\n"
    with EmbeddedServer([plain, TWO_FILES]) as server:
        login = {"server": server.host, "port": server.port, "username": server.user, "password": server.password}
        call: dict[str, Any] = {**login, "action": "getAll", "attachmentpath": str(tmp_path)}
        with pytest.raises(LimitExceeded, match="more than 4 octets") as caught:
            cfpop(settings=Settings(attachment_limit=4), **call)
        mail = cfpop(settings=Settings(attachment_limit=4, partial=True), **call)

    assert ["plain"] == [row.subject for row in caught.value.query]
    assert (2,) == caught.value.numbers
    assert ["plain", "files"] == [row.subject for row in mail]
    assert "more than 4 octets" in mail.rows[1].defects[0]
    assert [] == listing(tmp_path)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (io.StringIO("Subject: x"), "open it in binary mode"),
        ("Subject: x\n\ny", r"write message.encode\(\) for a text"),
        (7, "takes octets, a path or a binary stream, not int"),
    ],
)
def test_what_is_no_source(source: object, text: str) -> None:
    """Text where octets are wanted is a TypeError that says what to write."""
    with pytest.raises(TypeError, match=text):
        parse_message(source)  # type: ignore[arg-type]


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is Python's own error."""
    with pytest.raises(FileNotFoundError):
        parse_message(tmp_path / "nothing.eml")


def test_dialect() -> None:
    """The dialect of the settings, or of the call, forms the row."""
    raw = b"From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\r\n\r\nhi"

    assert "Jörg <j@example.org>" == parse_message(raw).from_
    assert "=?utf-8?q?J=C3=B6rg?= <j@example.org>" == parse_message(raw, dialect="lucee").from_
    assert "hi" == parse_message(raw, settings=Settings(dialect="openbd")).htmlbody + parse_message(raw).body


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -1200", "Fri, 31 Dec 9999 23:59:59 +0000"])
def test_a_date_at_the_end_of_the_calendar(dialect: str, date: str) -> None:
    """A date that the page's zone would take out of the calendar stays as it was sent, as a cell and for the functions."""
    settings = Settings(dialect=dialect, time_zone=dt.timezone(dt.timedelta(hours=14)))
    row = parse_message(f"Date: {date}\r\n\r\nx\r\n".encode(), settings=settings)

    assert "9999" in str(row.date)
    page = cfml_environment(tags=True, settings=settings).from_string('{{ dateFormat(row.date, "yyyy") }}<% cfdump var=row %>')
    assert "9999" == page.render(row=row)[:4]
