"""message and parts: any octets give a message, in linear time, and nothing of a mail is lost."""

from __future__ import annotations

import email
import email.policy
import re
import tracemalloc
from collections import deque
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message import parts
from cfml_pop.message.headers import Headers
from cfml_pop.message.lazy import lazy
from cfml_pop.message.message import Message
from cfml_pop.message.octets import Spool
from cfml_pop.message.parts import MAX_DEPTH, MAX_PARTS, Part
from cfml_pop.message.placing import SCHEMES
from cfml_pop.message.reading import DEFAULT_READING

__all__: list[str] = []

MAIL = Path(__file__).parent / "mail"
PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"--b",
    b"--b--",
    b"--",
    b"Content-Type: multipart/mixed; boundary=b",
    b"Content-Type: text/html",
    b"Content-Type: message/rfc822",
    b"Content-Type: multipart/digest",
    b"Content-Transfer-Encoding: base64",
    b"YWJj",
    b"=",
    b"=?utf-8?Q?",
    b"Subject: ",
    b"Content-Disposition: attachment; filename=",
    b"text",
    b"\xff",
    b"\0",
    b"From: a@b",
    b"Content-ID: <x>",
]
ANY_MAIL = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))


def windowed(raw: bytes, block: int) -> Message:
    sink = Spool(0, block=block).sink()
    sink.write(raw)
    return Message(sink.octets())


def read_out(message: Message) -> list[object]:
    return [
        message.header,
        message.subject,
        message.date,
        message.message_id,
        message.addresses(b"from"),
        message.text,
        message.html,
        message.body,
        message.delivery_status,
        [(item.name, item.content_id, b"".join(item.part.blocks())) for item in message.attachments],
        message.defects,
    ]


@given(raw=ANY_MAIL, block=st.integers(1, 70))
def test_any_octets_give_a_message(raw: bytes, block: int) -> None:
    """No octets raise, and a file window gives what memory gives, for any block size."""
    assert read_out(Message(raw)) == read_out(windowed(raw, block))


@given(raw=ANY_MAIL)
def test_decoding_in_blocks_is_decoding(raw: bytes) -> None:
    """An attachment decoded block by block is what it is when decoded at once."""
    for part in Message(raw).parts:
        assert part.decoded() == b"".join(part.blocks())


@given(st.sampled_from(sorted(MAIL.glob("*.eml"))), st.data())
def test_cut_messages_give_a_row(path: Path, data: st.DataObject) -> None:
    """A message that is cut anywhere is read as far as it goes."""
    raw = path.read_bytes()
    assert read_out(Message(raw[: data.draw(st.integers(0, len(raw)))]))


SOUND = ["text-after-attachment", "html-twice", "alternative-reversed", "single-pdf", "related-images", "calendar", "signed"]


@pytest.mark.parametrize("name", SOUND)
def test_leaves_against_the_standard_library(name: str) -> None:
    """In sound mail the leaves and their decoded octets are those that the email package finds."""
    raw = (MAIL / f"{name}.eml").read_bytes()
    leaves = [part for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk() if not part.is_multipart()]

    assert [(leaf.get_content_type(), leaf.get_payload(decode=True)) for leaf in leaves] == [
        (part.content_type, part.decoded()) for part in Message(raw).parts
    ]


MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def test_more_parts_than_the_limit() -> None:
    """Of 100,000 parts the first are told apart, the rest is one part, and the defects say so."""
    message = Message(MIXED + b"--b\r\n\r\nx\r\n" * 100_000)

    assert MAX_PARTS == len(message.parts)
    assert f"there are more than {MAX_PARTS} parts; the rest was left as one" in message.defects
    assert b"x" in message.parts[-1].decoded()[-4:]


def test_deeper_than_the_limit() -> None:
    """A thousand multiparts within one another are one part below the limit, which is not looked into and not lost."""
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(1000))
    message = Message(raw)

    assert ["part-1.bin"] == [item.name for item in message.attachments]
    assert f"parts nest deeper than {MAX_DEPTH}; what is inside was left as it is" in message.defects


@pytest.mark.parametrize("block", [None, 4096])
@pytest.mark.parametrize("unit", [b"--bx", b"--bx\n", b"\n", b"\r\n--bx", b"-\n", b"a:b\n", b" \n", b"a"])
def test_hostile_bodies_take_linear_time(unit: bytes, block: int | None) -> None:
    """Megabytes of what looks like a boundary are one text, read well within the time of a test."""
    body = unit * (2_000_000 // len(unit))
    raw = MIXED + b"--b\r\n\r\n" + body + b"\r\n--b--\r\n"
    message = Message(raw) if block is None else windowed(raw, block)

    assert body.decode() == message.text
    assert () == message.defects


@pytest.mark.parametrize("unit", [b"a:b\n", b"a: \n ", b" ", b"a", b":\n", b"a    ", b"\0", b"To: a@b\n"])
def test_hostile_headers_take_linear_time(unit: bytes) -> None:
    """A header of megabytes is read as far as the limit, and the fields before the odd ones count."""
    message = Message(b"Subject: s\r\n" + unit * (2_000_000 // len(unit)) + b"\r\n\r\nbody")

    assert message.subject.startswith("s")
    assert len(read_out(message)) == 11


def test_parts_keep_little_of_their_headers() -> None:
    """However long the headers of its parts are, a message in a file takes little memory, and each part still has its header."""
    filler = b"X-A: " + b"y" * 500 + b"\r\n"
    head = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n" + filler * 120 + b"\r\n"
    sink = Spool(0).sink()
    sink.write(MIXED + (head + b"body\r\n") * 100 + b"--b--\r\n")
    octets = sink.octets()
    tracemalloc.start()
    try:
        message = Message(octets)
        names = [item.name for item in message.attachments]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ["a.pdf"] * 100 == names
    assert held < 1 << 20
    assert 121 == len(message.parts[50].headers.fields)


def test_parts_keep_little_of_their_long_fields() -> None:
    """Fields that are long themselves are read again from the file: they are not held for every part, and count all the same."""
    fields = (
        b"Content-Type: a/b; x="
        + b"y" * 5000
        + b"; name=a.bin\r\nContent-ID: <a@b>\r\nContent-Disposition: inline; x="
        + b"z" * 5000
    )
    sink = Spool(0).sink()
    sink.write(MIXED + (b"--b\r\n" + fields + b"\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n") * 500 + b"--b--\r\n")
    octets = sink.octets()
    tracemalloc.start()
    try:
        message = Message(octets)
        found = {(item.name, item.content_id, item.part.content_type) for item in message.attachments}
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ({("a.bin", "a@b", "a/b")}, b"hi", ()) == (found, message.parts[400].decoded(), message.defects)
    assert held < 2 << 20


def test_a_cut_header_of_a_part_is_told() -> None:
    """A part whose header is over the limit keeps its body, and the defects say what happened."""
    message = Message(MIXED + b"--b\r\nContent-Type: text/plain\r\n" + b"X: y\r\n" * 20_000 + b"\r\nhello\r\n--b--\r\n")

    assert ("hello", ("the header of a part is too long and was cut",)) == (message.text, message.defects)


TYPE_PIECES = [
    b"text/",
    b"TEXT/plain",
    b"multipart/",
    b"html",
    b";",
    b" ",
    b"charset=",
    b"boundary=",
    b"utf-8",
    b'"',
    b"name=a",
    b"=",
    b"\t",
    b"x.y",
    b"(c)",
]


@given(
    st.lists(st.sampled_from(TYPE_PIECES), max_size=8).map(b"".join), st.sampled_from([b"", b"inline", b"attachment; filename=b"])
)
def test_the_short_way_gives_what_the_long_way_gives(field: bytes, disposition: bytes) -> None:
    """A Content-Type that is read by the short way says what its parameters say."""
    headers = Headers(b"Content-Type: " + field + b"\r\nContent-Disposition: " + disposition + b"\r\n")
    read = []
    for pattern in (parts._PLAIN_TYPE, re.compile(b"(?!)")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parts, "_PLAIN_TYPE", pattern)
            part = Part(b"", headers, 0, 0, 0, "multipart/mixed")
        read.append((part.content_type, part.boundary, part._what_it_says()))

    assert read[1] == read[0]


def test_a_lazy_property_is_read_once() -> None:
    """What was read once is an attribute, as with `functools.cached_property`."""

    class Thing:
        @lazy
        def number(self) -> list[int]:
            """A number."""
            return [1]

    thing = Thing()

    assert thing.number is thing.number
    assert {"number": [1]} == vars(thing)


@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_a_message_reads_the_same_without_the_octets_of_attachments(scheme: Literal["default", "lucee", "openbd"]) -> None:
    """Once attachments were decoded, all that is not their content reads as before when their octets are dropped."""

    def read(raw: bytes, *, drop: bool) -> tuple[object, ...]:
        message = Message(raw, reading=DEFAULT_READING._replace(parts=scheme))
        for attached in message.attachments:
            deque(attached.part.blocks(), 0)
        if drop and not message._unpacked.tnef_parts:
            message.drop_attachments()
        leaves = [
            (part.content_type, part.name, part.content_id, part.disposition, part.encoding, part.headers.items(), part.repairs)
            for part in message.parts
        ]
        listed = [(attached.listed, attached.content_id, attached.part.content_type) for attached in message.attachments]
        texts = message.text, message.html, message.body, message.delivery_status
        return texts, leaves, listed, message.header, message.header_ends, message.headers.items(), message.defects

    names = sorted(MAIL.glob("*.eml"))

    different = [path.stem for path in names if read(path.read_bytes(), drop=True) != read(path.read_bytes(), drop=False)]

    assert names
    assert [] == different
