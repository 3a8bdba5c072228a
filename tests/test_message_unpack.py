"""unpack: what is inside an attachment or a text is offered besides it, in order, and can be switched off."""

from __future__ import annotations

import base64
import copy
import pickle
from pathlib import Path

import pytest

from cfml_pop import parse_message
from cfml_pop.cfml.query import ALL_COLUMNS, Query
from cfml_pop.message import face, unpack
from cfml_pop.message.message import Message
from cfml_pop.message.parts import Part
from cfml_pop.message.reading import Reading
from cfml_pop.row import MessageCells, RowBuilder
from tests import tnef_writer as writer

__all__: list[str] = []

TEXT = b"Content-Type: text/plain\r\n\r\nbegin 644 in text.txt\r\n#86)C\r\n`\r\nend"
PDF = b"Content-Type: application/pdf; name=z.pdf\r\n\r\nz"


def part(data: bytes) -> bytes:
    return b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)


def mixed(*parts: bytes) -> bytes:
    head = b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


STREAM = writer.stream(
    writer.attribute(1, 0x2800C, b"text inside\0"), writer.attachment(b"a.txt", b"a"), writer.attachment(b"", b"b")
)
MAIL = mixed(PDF, part(STREAM), TEXT, PDF)
ALL = ["z.pdf", "winmail.dat", "a.txt", "part-2.bin", "in text.txt", "z.pdf"]


def names(message: Message) -> list[str]:
    return [item.name for item in message.attachments]


def build(raw: bytes, directory: Path | None = None, **more: object) -> MessageCells:
    given = {"full": True, "root": None, "allow_absolute": True, "unique": True, "memory_limit": 1 << 20} | more
    made = RowBuilder(directory=None if directory is None else str(directory), **given)  # type: ignore[arg-type]
    sink = made.sink()
    sink.write(raw)
    return made.build(sink, number=1, size=1, uid="u")


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("tnef", "uuencode"), ALL),
        (("tnef",), ["z.pdf", "winmail.dat", "a.txt", "part-2.bin", "z.pdf"]),
        (("uuencode",), ["z.pdf", "winmail.dat", "in text.txt", "z.pdf"]),
        ((), ["z.pdf", "winmail.dat", "z.pdf"]),
    ],
)
def test_what_is_looked_into(kinds: tuple[str, ...], expected: list[str]) -> None:
    """What is inside stands behind what holds it, and each kind can be left out."""
    assert expected == names(Message(MAIL, reading=Reading(unpack=kinds)))
    assert "\t".join(expected) == build(MAIL, unpack=kinds).cell("attachments")


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [("default", ALL), ("lucee", ["z.pdf", "z.pdf"]), ("openbd", ["z.pdf", "unknownfile", "z.pdf"])],
)
def test_engines_look_into_nothing(dialect: str, expected: list[str], tmp_path: Path) -> None:
    """A dialect lists what its engine lists, whatever the host allows."""
    row = parse_message(MAIL, dialect=dialect, attachmentpath=tmp_path / "new")

    assert expected == [entry.name for entry in row.attachments.entries]


def test_the_text_stays_as_sent() -> None:
    """Nothing is cut out of a text because it is offered as a file."""
    assert TEXT.partition(b"\r\n\r\n")[2].decode() == Message(MAIL).text == Message(MAIL, reading=Reading(unpack=())).text


def test_what_is_inside_is_saved_like_the_rest(tmp_path: Path) -> None:
    """Files, sizes and paths of a row are those of all attachments."""
    row = build(MAIL, tmp_path)
    entries = row.cell("attachments").entries

    assert ALL == [entry.name for entry in entries]
    assert [1, len(STREAM), 1, 1, 3, 1] == [entry.size for entry in entries]
    assert [b"z", STREAM, b"a", b"b", b"abc", b"z"] == [
        Path(path).read_bytes() for path in row.cell("attachmentfiles").split("\t")
    ]


def test_a_header_row_has_no_attachments() -> None:
    """getHeaderOnly offers nothing, also where a server sent the whole mail."""
    row = build(MAIL, full=False)

    assert ("", "", ()) == (row.cell("attachments"), row.cell("textbody"), row.defects)


def test_rows_survive_pickling_and_copying() -> None:
    """What is inside is there after pickling and copying."""
    query = Query(ALL_COLUMNS, [build(MAIL)])
    for again in (pickle.loads(pickle.dumps(query)), copy.deepcopy(query)):  # noqa: S301 - our own data
        assert query.rows[0].attachments.entries == again.rows[0].attachments.entries


def test_entries_may_be_read_in_any_order() -> None:
    """Going back in a part, and reading two at once, gives the same octets."""
    message = Message(MAIL)
    expected = [b"".join(item.part.blocks()) for item in message.attachments]
    backwards = [b"".join(item.part.blocks()) for item in reversed(message.attachments)]
    together = [piece for pair in zip(*(item.part.blocks() for item in message.attachments[2:4]), strict=True) for piece in pair]

    assert expected == backwards[::-1]
    assert expected[2:4] == together


@pytest.mark.parametrize(
    ("parts", "text", "html", "body"),
    [
        ([b"\r\nhello"], "hello", "", "hello"),
        ([b"\r\n \r\n"], "text inside", "", "text inside"),
        ([b"Content-Type: text/html\r\n\r\n<p>hello</p>"], "", "<p>hello</p>", "<p>hello</p>"),
        ([b"Content-Type: text/html\r\n\r\n "], "text inside", " ", "text inside"),
        ([PDF], "text inside", "", "text inside"),
    ],
)
def test_the_text_inside_fills_an_empty_mail(parts: list[bytes], text: str, html: str, body: str) -> None:
    """The text of a winmail.dat counts where no leaf of the mail has one, and never beside one."""
    message = Message(mixed(*parts, part(STREAM)))

    assert (text, html, body) == (message.text, message.html, message.body)


def test_without_tnef_an_empty_mail_stays_empty() -> None:
    """A host that switches it off gets the mail as it is."""
    message = Message(mixed(PDF, part(STREAM)), reading=Reading(unpack=("uuencode",)))

    assert ("", "", ()) == (message.text, message.body, message.defects)


def test_a_text_in_rtf_only_is_told() -> None:
    """An empty body says why, where the text is in a form that is not read; and not where there is another text."""
    stream = writer.stream(writer.message_properties(writer.prop(0x1009, b"RTF")))

    assert (unpack.RTF_ONLY,) == Message(mixed(part(stream))).defects
    assert () == Message(mixed(b"\r\nhello", part(stream))).defects


def test_normal_mail_is_not_decoded_to_look() -> None:
    """Where the word does not stand in a text, reading the attachments decodes no text."""
    message = Message(mixed(b"\r\nhello", b"Content-Transfer-Encoding: quoted-printable\r\n\r\nhello=20", PDF))

    assert ["z.pdf"] == names(message)
    assert [None, None, None] == [part.known_text for part in message.parts]
    assert message.attachments is message._bodies.attachments


def test_base64_is_not_decoded_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text in base64 that was read already says whether there is something to look for."""
    encoded = b"Content-Transfer-Encoding: base64\r\n\r\n"
    without, within = (Message(mixed(encoded + base64.encodebytes(text))) for text in (b"hello", TEXT.partition(b"\r\n\r\n")[2]))

    assert ("hello", ["in text.txt"]) == (without.text, names(within))
    assert (within.text, ["in text.txt"]) == (Message(MAIL).text, names(within))
    monkeypatch.delattr(Part, "blocks")
    assert [] == names(without)


def test_a_limit_for_all_that_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for the message, and what is beyond stays where it is."""
    monkeypatch.setattr(unpack, "MAX_PARTS", 3)
    two, texts = Message(mixed(part(STREAM), part(STREAM), TEXT)), Message(mixed(part(STREAM), TEXT, TEXT))

    assert ["winmail.dat", "a.txt", "part-1.bin", "winmail.dat", "a.txt"] == names(two)
    assert ["winmail.dat", "a.txt", "part-1.bin", "in text.txt"] == names(texts)
    assert [(unpack._TOO_MANY,)] * 2 == [two.defects, texts.defects]


@pytest.mark.parametrize("count", [3, 4, 5, 9])
def test_more_files_than_the_limit_in_one_winmail(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files beyond the limit are told, however many: a page that reads and then deletes would lose them without a word."""
    monkeypatch.setattr(unpack, "MAX_PARTS", 3)
    files = [writer.attachment(b"%d.txt" % number, b"x") for number in range(count)]
    message = Message(mixed(part(writer.stream(*files))))

    assert ["winmail.dat", "0.txt", "1.txt", "2.txt"] == names(message)
    assert ((unpack._TOO_MANY,) if count > 3 else ()) == message.defects


def test_attachments_of_a_session() -> None:
    """A retrieved message offers them by name, type and octets; its parts are the leaves as ever."""
    message = face.Message(MAIL)

    assert ALL == [item.name for item in message.attachments]
    assert ("in text.txt", "text/plain", "", b"abc", b"abc") == (
        message.attachments[4].name,
        message.attachments[4].content_type,
        message.attachments[4].content_id,
        message.attachments[4].content,
        message.attachments[4].open().read(),
    )
    assert "<MessageAttachment text/plain 'a.txt'>" == repr(message.attachments[2])
    assert 4 == len(message.parts)
