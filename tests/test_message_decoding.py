"""decoding: transfer encodings, whole and in blocks, sound and damaged."""

from __future__ import annotations

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message.decoding import decode_blocks, decode_quoted, decode_whole, decoder

__all__: list[str] = []

ENCODINGS = ["base64", "quoted-printable", "x-uuencode", "7bit"]


@given(data=st.binary(max_size=500), block=st.integers(1, 90))
def test_base64_against_binascii(data: bytes, block: int) -> None:
    """Sound base64 decodes to what was encoded, whole and in blocks of any size, and nothing is called damaged."""
    sent = base64.encodebytes(data).replace(b"\n", b"\r\n")
    made = decoder("base64")

    assert (data, ()) == decode_whole(sent, "base64")
    assert data == b"".join(decode_blocks(sent, 0, len(sent), made, block=block))
    assert {} == made.defects


@given(data=st.binary(max_size=300), block=st.integers(1, 90))
def test_quoted_printable_against_quopri(data: bytes, block: int) -> None:
    """Sound quoted-printable decodes to what was encoded, whole and in blocks of any size."""
    sent = quopri.encodestring(data.replace(b"\r", b"."), quotetabs=True)

    assert data.replace(b"\r", b".") == decode_quoted(sent)
    assert decode_quoted(sent) == b"".join(decode_blocks(sent, 0, len(sent), decoder("quoted-printable"), block=block))


@given(data=st.binary(max_size=300), block=st.integers(1, 90))
def test_uuencode_against_binascii(data: bytes, block: int) -> None:
    """Sound uuencode decodes to what was encoded, whole and in blocks of any size."""
    lines = b"".join(binascii.b2a_uu(data[start : start + 45]) for start in range(0, len(data), 45))
    sent = b"before\nbegin 644 x\n" + lines + b"`\nend\nafter\n"

    assert (data, ()) == decode_whole(sent, "uuencode")
    assert data == b"".join(decode_blocks(sent, 0, len(sent), decoder("x-uue"), block=block))


@given(data=st.binary(max_size=200), encoding=st.sampled_from(ENCODINGS), block=st.integers(1, 50))
def test_any_octets_decode(data: bytes, encoding: str, block: int) -> None:
    """No octets raise, whatever the encoding is said to be, and no block is empty."""
    assert isinstance(decode_whole(data, encoding)[0], bytes)
    assert all(decode_blocks(data, 0, len(data), decoder(encoding), block=block))


@pytest.mark.parametrize(
    ("encoding", "sent", "decoded"),
    [
        ("base64", b"aGVsbG8", b"hello"),
        ("base64", b"aGVsbG8gd", b"hello "),
        ("base64", b"aGVs-bG8=", b"hello"),
        ("base64", b"aGVsbG8=aGVsbG8=", b"hellohello"),
        ("base64", b"aGVsbG8=\r\n-- \r\nfooter text", b"hello"),
        ("quoted-printable", b"a=\r\nb= \r\nc \t\r\nd=", b"abc\r\nd"),
        ("quoted-printable", b"=c3=A9 == =X1 =\rz", b"\xc3\xa9 == =X1 =\rz"),
        ("x-uuencode", b"begin 644 x\r\n#86)C\r\n\r\nend\r\n", b"abc"),
        ("x-uuencode", b"begin 644 x\n#86)C trailing\nend\n", b"abc"),
        ("x-zip", b"=3D", b"=3D"),
    ],
)
def test_damaged_text(encoding: str, sent: bytes, decoded: bytes) -> None:
    """Damaged text decodes as well as can be."""
    assert decoded == decode_whole(sent, encoding)[0]


@pytest.mark.parametrize("name", ["BASE64", ' "base64" ', "base64 (x)", "base64;", "base64:"])
def test_names_are_read_tolerantly(name: str) -> None:
    """Case, quotes, comments and stray punctuation in Content-Transfer-Encoding do not matter."""
    assert (b"hello", ()) == decode_whole(b"aGVsbG8=", name)


@pytest.mark.parametrize("name", ["", "7bit", "7-bit", "8bits", "8BIT", "binary"])
def test_names_that_mean_nothing_is_encoded(name: str) -> None:
    """The identity encodings and their misspellings leave the octets alone and are no damage."""
    assert (b"a=3D", ()) == decode_whole(b"a=3D", name)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
@pytest.mark.parametrize("unit", [b" ", b"=", b"A=", b"A", b"= ", b"\n", b"\t ", b"\xff", b"=\r", b"begin "])
def test_hostile_text_takes_linear_time(encoding: str, unit: bytes) -> None:
    """A megabyte of one odd thing gives no more than it held, well within the time of a test."""
    data = unit * (1_000_000 // len(unit))

    assert len(decode_whole(data, encoding)[0]) <= len(data)
    assert sum(map(len, decode_blocks(data, 0, len(data), decoder(encoding)))) <= len(data)
