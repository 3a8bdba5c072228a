"""tnef: what stands in a winmail.dat, for any octets. The samples are written by tests/tnef_writer.py."""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import tnefparse
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message import tnef
from cfml_pop.message.enclosed import Decoded
from cfml_pop.message.message import Message
from cfml_pop.message.octets import Spool
from cfml_pop.message.parts import Part
from cfml_pop.message.tnef import CUT, DAMAGED, UNREADABLE, Tnef, read_tnef
from tests import tnef_writer as writer

__all__: list[str] = []

NUMBERS = st.sampled_from([0, 1, 2, 4, 255, 0x7FFFFFFF, 0xFFFFFFFF]).map(lambda number: struct.pack("<I", number))
PIECES = [
    writer.stream(),
    writer.attachment(b"a.txt", b"hello"),
    writer.attachment(b"", None, writer.prop(0x3707, "b.txt"), writer.prop(0x3701, b"hello")),
    writer.message_properties(writer.prop(0x1000, "text"), writer.prop(0x3FDE, 65001)),
    writer.attribute(1, 0x0002800C, b"body\0"),
    b"\1\3\x90\6\0",
    b"\2\5\x90\6\0",
    struct.pack("<HH", 0x101F, 0x8001),
    struct.pack("<HH", 0x1002, 0x1000),
    b"\0" * 5,
    b"\xff",
]
ANY_STREAM = st.builds(
    lambda start, pieces: start + b"".join(pieces),
    st.sampled_from([b"", writer.stream()]),
    st.lists(st.one_of(st.sampled_from(PIECES), NUMBERS, st.binary(max_size=9)), max_size=20),
)


def mail(data: bytes, *, kind: bytes = b"application/ms-tnef") -> bytes:
    encoded = base64.encodebytes(data)
    return b"Subject: s\r\nContent-Type: " + kind + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded


def files(message: Message) -> list[tuple[str, bytes]]:
    """The files inside, without the winmail.dat itself."""
    return [(item.name, b"".join(item.part.blocks())) for item in message.attachments[1:]]


def read(data: bytes) -> Tnef:
    return read_tnef(Decoded(Message(mail(data)).parts[0]), 100)


@given(ANY_STREAM)
def test_any_octets_are_read(data: bytes) -> None:
    """Nothing raises for what a stream holds; the winmail.dat stays as it is; and no file is larger than the stream."""
    message = Message(mail(data))
    inside = files(message)

    assert ("winmail.dat", data) == (message.attachments[0].name, b"".join(message.attachments[0].part.blocks()))
    assert all(len(octets) < len(data) and octets in data for _, octets in inside)
    assert isinstance(message.text + message.html + message.body, str)
    assert all(isinstance(defect, str) for defect in message.defects)


@given(ANY_STREAM)
def test_a_stream_in_a_spool_file_reads_the_same(data: bytes) -> None:
    """Blocks of a few octets give what the whole gives, also where a number is parted between two."""
    sink = Spool(0, block=3).sink()
    sink.write(mail(data))
    whole, parted = Message(mail(data)), Message(sink.octets())

    assert (files(whole), whole.text, whole.html, whole.defects) == (files(parted), parted.text, parted.html, parted.defects)


TITLES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)


@given(st.lists(st.tuples(TITLES, st.binary(max_size=100)), max_size=5))
def test_the_library_reads_the_same(sent: list[tuple[str, bytes]]) -> None:
    """On sound streams tnefparse finds the same names and octets."""
    data = writer.stream(
        *(writer.attachment(b"SHORT~1.TXT", octets, writer.prop(0x3707, f"{title}.txt")) for title, octets in sent)
    )
    theirs = [(item.long_filename(), item.data) for item in tnefparse.TNEF(data).attachments]

    assert [(f"{title}.txt", octets) for title, octets in sent] == theirs == files(Message(mail(data)))


def test_the_program_reads_the_same(tmp_path: Path) -> None:
    """tnef, the program of that name, writes the same files."""
    program = shutil.which("tnef")
    if program is None:
        pytest.skip("tnef is not installed (Debian: tnef)")
    sent = {"a.txt": b"hello", "b.bin": bytes(range(256)) * 9, "empty.dat": b"", "long name.pdf": b"%PDF"}
    data = writer.stream(
        writer.attachment(b"a.txt", sent["a.txt"]),
        writer.attachment(b"b.bin", sent["b.bin"], writer.prop(0x370E, "application/x-b")),
        writer.attachment(b"empty.dat", b""),
        writer.attachment(
            b"LONGNA~1.PDF", None, writer.prop(0x3707, "long name.pdf"), writer.prop(0x3701, sent["long name.pdf"])
        ),
    )
    (tmp_path / "winmail").write_bytes(data)
    (tmp_path / "out").mkdir()
    subprocess.run([program, "-C", "out", "winmail"], cwd=tmp_path, check=True)
    theirs = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    assert sent == theirs == dict(files(Message(mail(data))))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([(0x3707, "long.txt"), (0x3704, "SHORT~1.TXT"), (0x3001, "shown.txt")], "long.txt"),
        ([(0x3704, "SHORT~1.TXT"), (0x3001, "shown.txt")], "title.txt"),
        ([(0x3707, "")], "title.txt"),
        ([(0x3707, "..\\..\\climbs.txt")], "climbs.txt"),
        ([(0x3707, "a\0b.txt")], "a"),
        ([(0x3707, "gr\u00fc\u00dfe \U0001f600.txt")], "gr\u00fc\u00dfe \U0001f600.txt"),
    ],
)
def test_which_name_counts(names: list[tuple[int, str]], expected: str) -> None:
    """The long file name, then the title, then the others; cleaned as all names are."""
    data = writer.stream(writer.attachment(b"title.txt", b"x", *(writer.prop(key, name) for key, name in names)))

    assert [(expected, b"x")] == files(Message(mail(data)))


def test_an_8_bit_name_ends_at_nul() -> None:
    """As strings of C do."""
    assert [("a.txt", b"x")] == files(Message(mail(writer.stream(writer.attachment(b"a.txt\0.exe", b"x")))))


@pytest.mark.parametrize(
    ("codepage", "octets", "expected"),
    [(1252, b"caf\xe9", "caf\u00e9"), (1251, b"\xcf\xf0", "\u041f\u0440"), (65001, b"caf\xc3\xa9", "caf\u00e9"),
     (932, b"\x83\x65", "\u30c6"), (28592, b"\xb1", "\u0105"), (20866, b"\xf0", "\u041f"), (99999, b"caf\xe9", "caf\u00e9")],
)  # fmt: skip
def test_the_codepage_of_strings(codepage: int, octets: bytes, expected: str) -> None:
    """8-bit strings are in the stream's codepage, and one that is not known is guessed."""
    stream = writer.stream(writer.attribute(1, 0x0002800C, octets + b"\0"), codepage=codepage)

    assert expected == Message(mail(stream)).text


def test_properties_of_every_kind_are_passed() -> None:
    """What stands behind properties of fixed, several, named and padded values is found."""
    named = struct.pack("<HH", 0x1F, 0x8001) + b"G" * 16 + struct.pack("<II", 1, 6) + "abc".encode("utf-16-le") + b"\0\0"
    named += struct.pack("<II", 1, 2) + b"\0\0\0\0"
    properties = [
        named,
        struct.pack("<HH", 3, 0x8002) + b"G" * 16 + struct.pack("<III", 0, 7, 1),
        *(struct.pack("<HH", kind, 0x0E01) + b"v" * size for kind, size in ((1, 0), (2, 4), (5, 8), (11, 4), (64, 8), (72, 16))),
        struct.pack("<HHI", 0x1002, 0x0E02, 3) + b"v" * 8,
        struct.pack("<HHI", 0x1003, 0x0E03, 3) + b"v" * 12,
        struct.pack("<HHI", 0x101F, 0x0E04, 2) + struct.pack("<I", 2) + b"v\0\0\0" + struct.pack("<I", 6) + b"v\0" * 4,
        writer.prop(0x0E05, b"odd"),
        writer.prop(0x3707, "found.txt"),
    ]
    found = read(writer.stream(writer.attachment(b"title.txt", b"x", *properties)))

    assert (["found.txt"], {}) == ([file.name for file in found.files], found.faults)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", UNREADABLE),
        (b"no TNEF", UNREADABLE),
        (writer.stream() + writer.attachment(b"a.txt", b"hello")[:-9], CUT),
        (writer.stream() + writer.attachment(b"a.txt", b"hello") + b"\2\0", CUT),
        (writer.stream() + b"\7" * 20, DAMAGED),
        (writer.stream(writer.attribute(1, 0x69003, struct.pack("<I", 1))), DAMAGED),
        (writer.stream(writer.attribute(1, 0x69003, struct.pack("<IHHII", 1, 0x1F, 0x1000, 1, 99))), DAMAGED),
        (writer.stream(writer.attribute(1, 0x69003, struct.pack("<IHHI", 1, 0x99, 0x1000, 1))), DAMAGED),
        (writer.stream(writer.attribute(1, 0x69003, struct.pack("<IHHI", 1, 0x101F, 0x1000, 0xFFFFFFFF))), DAMAGED),
        (writer.stream() + b"\r\n\0\0", ""),
    ],
)
def test_damage_is_told(data: bytes, fault: str) -> None:
    """Each kind of damage has its words, and a few octets behind the end are none."""
    assert ([fault] if fault else []) == list(read(data).faults)


def test_damage_costs_no_other_attachment() -> None:
    """What stands before and behind a damaged attribute is offered."""
    data = writer.stream(
        writer.attachment(b"a.txt", b"a"),
        writer.attribute(2, 0x69005, b"\xff\xff\xff\xff\x1f"),
        writer.attachment(b"b.txt", b"b"),
    )

    assert [("a.txt", b"a"), ("b.txt", b"b")] == files(Message(mail(data)))


def test_an_object_is_offered_without_its_interface() -> None:
    """An embedded message is one attachment, TNEF itself, and what it holds is its own; another object is a file."""
    inner = writer.stream(writer.attachment(b"inner.txt", b"inner"))
    data = writer.stream(
        writer.attachment(b"", None, writer.prop(0x3001, "Minutes"), writer.prop(0x3701, writer.IID_MESSAGE + inner, kind=0x0D)),
        writer.attachment(b"sheet.xls", None, writer.prop(0x3701, b"I" * 16 + b"sheet", kind=0x0D)),
    )
    message = Message(mail(data))

    assert [("Minutes.dat", inner), ("sheet.xls", b"sheet")] == files(message)
    assert ["application/ms-tnef", "application/vnd.ms-excel"] == [item.part.content_type for item in message.attachments[1:]]
    assert [("inner.txt", b"inner")] == files(Message(mail(inner)))


def test_a_count_is_no_amount_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of four thousand million cost what the octets behind them cost, and at most the budget."""
    looks = 0
    word = tnef._Walk._word

    def counted(walk: tnef._Walk, position: int, end: int) -> int:
        nonlocal looks
        looks += 1
        return word(walk, position, end)

    monkeypatch.setattr(tnef._Walk, "_word", counted)
    monkeypatch.setattr(tnef, "MAX_ENTRIES", 1000)
    many = struct.pack("<I", 0xFFFFFFFF)
    several = many + struct.pack("<HHI", 0x101F, 1, 0xFFFFFFFF) + bytes(40_000)
    for body in (many, many + struct.pack("<HHI", 0x1002, 1, 0xFFFFFFFF), many + struct.pack("<HH", 1, 1) * 10_000, several):
        looks = 0
        found = read(writer.stream(writer.attribute(1, 0x69003, body), writer.attachment(b"a.txt", b"a")))

        assert [DAMAGED] == list(found.faults)
        assert looks <= 1004


def test_attributes_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the budget nothing is read."""
    monkeypatch.setattr(tnef, "MAX_ENTRIES", 1000)
    found = read(writer.stream(writer.attribute(1, 1, b"") * 1000, writer.attachment(b"a.txt", b"a")))

    assert ([], [DAMAGED]) == (found.files, list(found.faults))


def test_going_back_begins_anew() -> None:
    """Files that stand in other blocks of the part are read in any order."""
    data = writer.stream(*(writer.attachment(b"%d" % number, b"%d" % number * 400_000) for number in range(3)))
    backwards = [b"".join(item.part.blocks()) for item in Message(mail(data)).attachments[:0:-1]]

    assert [b"%d" % number * 400_000 for number in (2, 1, 0)] == backwards


def test_a_text_read_leaves_nothing_in_memory() -> None:
    """The block of the part goes when its texts were read."""
    message = Message(mail(writer.stream(writer.attribute(1, 0x2800C, b"text\0"))))

    assert ("text", [b""]) == (message.text, [stream.data._piece for stream in message._unpacked._streams.values()])


def test_no_more_files_than_asked_for() -> None:
    """The limit holds for what is kept in memory as well, and one more shows that there are more."""
    data = writer.stream(*[writer.attachment(b"a", b"x")] * 50)

    assert 6 == len(read_tnef(Decoded(Message(mail(data)).parts[0]), 5).files)


def test_a_large_stream_takes_a_block_of_memory() -> None:
    """Neither the winmail.dat nor a file inside is held whole."""
    sink = Spool(0).sink()
    sink.write(b"Subject: s\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    data = writer.stream(writer.attachment(b"a.bin", bytes(9_000_000)), writer.attachment(b"b.bin", bytes(99)))
    encoded = base64.encodebytes(data)
    for start in range(0, len(encoded), 100_000):
        sink.write(encoded[start : start + 100_000])
    del data, encoded
    message = Message(sink.octets())
    tracemalloc.start()
    try:
        sizes = [(item.name, sum(map(len, item.part.blocks()))) for item in message.attachments[1:]]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert [("a.bin", 9_000_000), ("b.bin", 99)] == sizes
    assert peak < 3_000_000
    assert b"" == message.attachments[1].part._data._piece  # type: ignore[union-attr]


def test_files_in_order_cost_one_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part is decoded once to find the files, and once to read them all."""
    data = writer.stream(*(writer.attachment(b"%d.bin" % number, bytes(3000)) for number in range(300)))
    message = Message(mail(data))
    begun = []
    blocks = Part.blocks

    def counted(part: Part) -> Iterator[bytes]:
        begun.append(part)
        return blocks(part)

    monkeypatch.setattr(Part, "blocks", counted)
    inside = message.attachments[1:]

    assert 300 * 3000 == sum(len(piece) for item in inside for piece in item.part.blocks())
    assert 2 == len(begun)
