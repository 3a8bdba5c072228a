"""row: one message, one row of column values; attachments saved all or none."""

from __future__ import annotations

import copy
import errno
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.cfml.query import ALL_COLUMNS, HEADER_COLUMNS, Query
from cfml_pop.errors import AttachmentError, AttributeFault
from cfml_pop.message.headers import HEADER_LIMIT
from cfml_pop.row import MessageCells, RowBuilder

__all__: list[str] = []


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


HEAD = b"Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nFrom: Kim <kim@example.org>\r\nSubject: s\r\nMessage-ID: <1@example.org>\r\n"
PART = b"--b\r\nContent-Type: application/pdf; name=%b\r\nContent-ID: <%b@x>\r\n"
PART += b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n"
MAIL = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n%b--b--\r\n"


def mail(*names: bytes) -> bytes:
    return MAIL % b"".join(PART % (name, name) for name in names)


def builder(
    directory: Path | None = None,
    *,
    full: bool = True,
    unique: bool = True,
    memory_limit: int = 1 << 20,
    root: Path | None = None,
) -> RowBuilder:
    return RowBuilder(
        full=full,
        directory=None if directory is None else str(directory),
        root=root,
        allow_absolute=True,
        unique=unique,
        memory_limit=memory_limit,
    )


def build(made: RowBuilder, raw: bytes, **more: object) -> MessageCells:
    sink = made.sink()
    sink.write(raw)
    return made.build(sink, number=7, size=1234, uid="u7", **more)  # type: ignore[arg-type]


def test_every_column_has_a_value() -> None:
    """A row gives each of its columns; number, size and uid are as the server said."""
    row = Query(ALL_COLUMNS, [build(builder(), mail(b"a.pdf"))]).rows[0]

    assert (7, 1234, "u7") == (row.messagenumber, row.size, row.uid)
    assert ("s", "Kim <kim@example.org>", "Kim <kim@example.org>", "", "") == (
        row.subject,
        row.from_,
        row.replyto,
        row.cc,
        row.to,
    )
    assert ("hello", "hello", "", "a.pdf", "", {"a.pdf": "a.pdf@x"}, "") == (
        row.body,
        row.textbody,
        row.htmlbody,
        row.attachments,
        row.attachmentfiles,
        row.cids,
        row.deliverystatus,
    )
    assert ("Mon, 2 Mar 2026 10:00:00 +0000", 2026) == (row.date, row.date.datetime.year if row.date.datetime else 0)
    assert ("Kim <kim@example.org>", ()) == (row.header.get("from"), row.defects)
    assert [("a.pdf", "application/pdf", "a.pdf@x", 5, "")] == [
        (entry.name, entry.content_type, entry.content_id, entry.size, entry.path) for entry in row.attachments.entries
    ]


def test_rows_survive_pickling_and_copying() -> None:
    """A query of rows is the same after pickling and copying, with the structure behind its values."""
    query = Query(ALL_COLUMNS, [build(builder(memory_limit=0), mail(b"a.pdf", b"b.pdf"))])
    for again in (pickle.loads(pickle.dumps(query)), copy.deepcopy(query)):  # noqa: S301 - our own data
        assert query.to_dicts() == again.to_dicts()
        assert query.rows[0].attachments.entries == again.rows[0].attachments.entries
        assert query.rows[0].to.addresses == again.rows[0].to.addresses


def test_attachments_are_saved_in_order(tmp_path: Path) -> None:
    """With a directory the files are there when the row is, in the order of the names, repeated names with numbers."""
    row = build(builder(tmp_path), mail(b"a.pdf", b"b.pdf", b"a.pdf"))

    assert ["a.pdf", "a1.pdf", "b.pdf"] == listing(tmp_path)
    assert "a.pdf\tb.pdf\ta.pdf" == row.cell("attachments")
    assert "\t".join(str(tmp_path / name) for name in ("a.pdf", "b.pdf", "a1.pdf")) == row.cell("attachmentfiles")
    assert [(5, str(tmp_path / "a.pdf"))] == [(entry.size, entry.path) for entry in row.cell("attachments").entries][:1]
    assert b"hello" == (tmp_path / "a1.pdf").read_bytes()
    assert {"a.pdf": "a.pdf@x", "b.pdf": "b.pdf@x", "a1.pdf": "a.pdf@x"} == row.cell("cids")


def test_an_older_file_is_replaced_without_unique_names(tmp_path: Path) -> None:
    """Without unique names a second call replaces the file of the first; within a call both are kept."""
    made = builder(tmp_path, unique=False)
    build(made, mail(b"a.pdf"))
    build(made, mail(b"a.pdf"))
    build(builder(tmp_path, unique=False), mail(b"a.pdf"))

    assert ["a.pdf", "a1.pdf"] == listing(tmp_path)


def test_a_failing_attachment_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one attachment cannot be saved none of the message is, and the row can be built without saving."""
    made = builder(tmp_path)
    sink = made.sink()
    sink.write(mail(b"a.pdf", b"b.pdf"))
    real = os.link

    def fails(source: str, target: str, **more: Any) -> None:
        if target == "b.pdf":
            raise OSError(errno.EIO, "Input/output error")
        real(source, target, **more)

    monkeypatch.setattr(os, "link", fails)
    with pytest.raises(AttachmentError, match=r"b\.pdf"):
        made.build(sink, number=1, size=1, uid="")
    assert [] == listing(tmp_path)
    row = made.build(sink, number=1, size=1, uid="", save=False, defects=("not saved",))
    assert ("a.pdf\tb.pdf", "", ("not saved",)) == (row.cell("attachments"), row.cell("attachmentfiles"), row.defects)


def test_header_only_rows_drop_the_body() -> None:
    """When a whole message came for a header row, its body is not kept."""
    made = builder(full=False)
    row = build(made, HEAD + b"\r\n" + b"x" * 100_000)

    assert len(HEAD) + 2 == len(row.message.octets)
    assert HEAD.decode() == row.cell("header")
    assert all(row.cell(column) is not None for column in HEADER_COLUMNS)
    assert () == row.defects


def test_header_rows_make_no_directory(tmp_path: Path) -> None:
    """getHeaderOnly saves nothing and makes no directory."""
    build(builder(tmp_path / "box", full=False), mail(b"a.pdf"))

    assert [] == listing(tmp_path)


def test_rows_stay_readable_after_close(tmp_path: Path) -> None:
    """Closing the builder, even twice, takes nothing from its rows, also when they are in the spool file."""
    made = builder(tmp_path, memory_limit=0)
    row = build(made, mail(b"a.pdf"))
    made.close()
    made.close()
    del made

    assert ("hello", "s") == (row.cell("body"), row.cell("subject"))


def test_a_bad_directory_fails_at_once(tmp_path: Path) -> None:
    """A directory that cannot be used is known before any mail is read."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AttachmentError, match="cannot be used"):
        builder(tmp_path / "file")
    with pytest.raises(AttributeFault, match="outside"):
        builder(tmp_path / "other", root=tmp_path / "root")


def test_one_line_columns_hold_one_line() -> None:
    """No column of one line ever holds a control character, whatever the header says."""
    raw = b'Subject: a\0b\x07c\r\n d =?utf-8?Q?=0D=0Ae?=\r\nFrom: "a\x01b" <k@x.org\x02>\r\n'
    raw += b"Message-ID: <a\r\n\tb>\r\nDate: x\ty\r\n\r\n"
    row = build(builder(), raw)

    for column in ("subject", "from", "to", "cc", "replyto", "messageid", "date", "attachments"):
        assert not any(ord(char) < 32 for char in str(row.cell(column)))
    assert "a\ufffdb c d   e" == row.cell("subject")


def test_an_older_file_survives_a_failing_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a message cannot be saved, older files that its first attachments had replaced are there again."""
    (tmp_path / "a.pdf").write_bytes(b"old")
    real = os.replace

    def fails(source: str, target: str, **more: Any) -> None:
        if target == "b.pdf":
            raise OSError(errno.EIO, "Input/output error")
        real(source, target, **more)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(AttachmentError, match=r"b\.pdf"):
        build(builder(tmp_path, unique=False), mail(b"a.pdf", b"b.pdf"))
    assert (["a.pdf"], b"old") == (listing(tmp_path), (tmp_path / "a.pdf").read_bytes())


@pytest.mark.parametrize("start", [b"", b"From kim Mon Mar  2\r\n"])
def test_a_long_header_row_is_the_same_as_a_full_one(start: bytes) -> None:
    """A header that is over the limit and kept alone reads as it does in the whole message, and both say that it was cut."""
    raw = start + HEAD + b"no field\r\n" + (b"X: " + b"x" * 900 + b"\r\n") * 2000 + b"\r\nbody"
    full, alone = build(builder(), raw), build(builder(full=False), raw)

    assert [full.cell(column) for column in HEADER_COLUMNS] == [alone.cell(column) for column in HEADER_COLUMNS]
    assert full.defects == alone.defects
    assert "the header is too long and was cut" in alone.defects
    assert len(alone.message.octets) <= HEADER_LIMIT + 2


def test_headers_that_are_kept_count() -> None:
    """Long headers of many messages stay within the memory limit of the call."""
    made = builder(full=False, memory_limit=200_000)
    rows = [build(made, HEAD + (b"X: " + b"x" * 900 + b"\r\n") * 100 + b"\r\n") for _ in range(5)]

    assert [True, True, False, False, False] == [isinstance(row.message.octets, bytes) for row in rows]
    assert all("s" == row.cell("subject") for row in rows)


def test_many_names_in_any_case_have_their_content_id() -> None:
    """Names that differ in case alone are numbered, and none takes the place of another."""
    row = build(builder(), mail(b"a.pdf", b"A.pdf", b"a.PDF"))

    assert ["a.pdf", "A1.pdf", "a2.PDF"] == list(row.cell("cids"))


def test_directions_in_one_line_columns() -> None:
    """Overrides of direction are left out of the subject, and all controls of direction out of addresses."""
    raw = "Subject: a\u202eb \u2067\u05d0\u2069\r\nFrom: \u200fK\u202e <k\u2066@x.org>\r\n\r\n".encode()
    row = build(builder(), raw)

    assert ("ab \u2067\u05d0\u2069", "K <k@x.org>") == (row.cell("subject"), row.cell("from"))


@pytest.mark.parametrize(("memory_limit", "same"), [(1 << 20, True), (0, False)])
def test_long_texts_in_the_spool_file_are_read_again(memory_limit: int, same: bool) -> None:
    """A row keeps a long text of a message in memory; one in the spool file is read again, and short cells are kept."""
    made = builder(memory_limit=memory_limit)
    first, second = Query(ALL_COLUMNS, [build(made, HEAD + b"\r\n" + word * 1000) for word in (b"one ", b"two ")])
    body = first.body

    assert ("two " * 1000, "one " * 1000) == (second.body, first.body)
    assert (same, True) == (first.body is body, first.subject is first.subject)


def test_repairs_of_saved_attachments_are_kept(tmp_path: Path) -> None:
    """What was damaged in a saved attachment stands in `defects`, also where the message is in the spool file."""
    raw = mail(b"a.pdf").replace(b"aGVsbG8=", b"aGVs*bG8=")
    here, filed = (build(builder(tmp_path, memory_limit=limit), raw).defects for limit in (1 << 20, 0))

    assert 1 == len(here)
    assert here == filed


ATTACHED = MAIL % (PART.replace(b"aGVsbG8=", b"\r\n".join([b"aGVs" * 19] * 200)) % (b"a.pdf", b"a.pdf"))
"""16 KB, of which the attachment has 15."""


@pytest.mark.parametrize("memory_limit", [1 << 20, 10_000])
def test_saved_attachments_leave_no_octets(tmp_path: Path, memory_limit: int) -> None:
    """Of a message whose attachments were saved only header and texts stay, in memory, whether it came there or to the file."""
    made = builder(tmp_path, memory_limit=memory_limit)
    rows = Query(ALL_COLUMNS, [build(made, ATTACHED) for _ in range(5)]).rows

    assert made._spool.held < 5 * 1000
    assert 0 == (made._spool.file.size if memory_limit < len(ATTACHED) else 0)
    assert {("hello", "a.pdf", "a.pdf@x", "s", ())} == {
        (row.body, str(row.attachments), row.cids["a.pdf"], row.subject, row.defects) for row in rows
    }


def test_octets_of_attachments_stay_where_there_is_no_room_for_the_rest(tmp_path: Path) -> None:
    """A message in the spool file stays there when memory has no room for its header and texts."""
    made = builder(tmp_path, memory_limit=100)
    row = build(made, ATTACHED)

    assert (0, len(ATTACHED)) == (made._spool.held, made._spool.file.size)
    assert "hello" == row.cell("body")
