"""decoding: transfer encodings, whole and in blocks, sound and damaged."""

from __future__ import annotations

import base64
import binascii
import quopri
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message import decoding, quoted
from cfml_pop.message.decoding import decode_blocks, decode_whole, decoder
from cfml_pop.message.quoted import MOST_BLANKS, decode_quoted

__all__: list[str] = []

ROOT = Path(__file__).parent.parent
FUNCTIONS = {"binascii": binascii.a2b_base64, "pybase64": partial(pybase64.b64decode, validate=False)}


@pytest.fixture(scope="module", autouse=True, params=FUNCTIONS)
def _with_and_without_pybase64(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test of this file runs with the extra and without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "a2b_base64", FUNCTIONS[request.param])
        yield


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


QP_PIECES = st.lists(st.sampled_from([b"=", b" ", b"\t", b"\r", b"\n", b"4", b"a", b"=41", b"=\r\n", b" " * 7]), max_size=40)


@given(QP_PIECES.map(b"".join), st.integers(1, 40), st.integers(1, 20))
def test_long_lines_in_blocks(data: bytes, block: int, carry: int) -> None:
    """A line of quoted-printable that is longer than what is carried decodes in blocks as it does whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quoted, "_CARRY", carry)
        made = decoder("quoted-printable")
        in_blocks = b"".join(decode_blocks(data, 0, len(data), made, block=block))

    assert (in_blocks, tuple(made.defects)) == decode_whole(data, "quoted-printable")


@pytest.mark.parametrize("size", [997, 998, 999, 5000])
def test_more_blanks_than_a_line_has(size: int) -> None:
    """Blanks before a line end are padding up to the length of a line; more are text, whole and in blocks."""
    data = b"a" + b" " * size + b"\r\nb=41" + b" " * size
    expected = b"a\r\nbA" if size <= MOST_BLANKS else data.replace(b"=41", b"A")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quoted, "_CARRY", 10)
        in_blocks = b"".join(decode_blocks(data, 0, len(data), decoder("quoted-printable"), block=300))

    assert (expected, expected) == (decode_quoted(data), in_blocks)


@pytest.mark.parametrize("data", [b"a=\rbcd\nxyz\n", b"a=\rbcd\nxyz\rq\n", b"x \ny\rz"])
def test_lone_carriage_returns(data: bytes) -> None:
    """A CR without LF behind it ends no line and swallows none, also beside LF without CR."""
    assert data.replace(b" \n", b"\n") == decode_quoted(data)


B64_PIECES = st.lists(
    st.sampled_from([b"=", b"A", b"YWJj", b"\n", b"\r\n", b"!", b" ", b"YQ==", b"aGVsbG8", b"Y" * 30]), max_size=50
)


@given(B64_PIECES.map(b"".join), st.integers(1, 60), st.integers(1, 90))
def test_base64_behind_padding_in_blocks(data: bytes, block: int, carry: int) -> None:
    """Whether base64 goes on behind padding is found out alike, whole and in blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_CARRY", carry)
        in_blocks = b"".join(decode_blocks(data, 0, len(data), decoder("base64"), block=block))

    assert in_blocks == decode_whole(data, "base64")[0]


def test_a_stray_padding_costs_little() -> None:
    """Behind a stray "=" the next line alone decides: a foreign character far away does not cost what lies between."""
    text = base64.encodebytes(b"The quick brown fox. " * 200)
    data = b"YQ==\n" + text[:3000] + b"!" + text[3000:] + b"\n-- \nlist footer\n"

    assert b"a" + b"The quick brown fox. " * 200 == decode_whole(data, "base64")[0]


@given(data=st.binary(max_size=300), block=st.integers(1, 90))
def test_base64_in_uuencode(data: bytes, block: int) -> None:
    """What stands between `begin-base64` and `====` is base64, whole and in blocks."""
    sent = b"before\nbegin-base64 644 x\n" + base64.encodebytes(data) + b"====\nafter\n"

    assert (data, ()) == decode_whole(sent, "uuencode")
    assert data == b"".join(decode_blocks(sent, 0, len(sent), decoder("x-uue"), block=block))


BASE64 = st.lists(
    st.sampled_from(
        [b"QUJD", b"QUI=", b"QQ==", b"Q", b"QU", b"=", b"\r\n", b"\n", b" ", b"-", b"_", b"\0", b"+/+/" * 19 + b"\r\n"]
    )
    | st.binary(max_size=6),
    max_size=40,
).map(b"".join)


@given(data=BASE64, block=st.integers(1, 90))
def test_pybase64_against_binascii(data: bytes, block: int) -> None:
    """Sound or damaged, whole or in blocks: the octets and defects are the same with the extra and without it."""
    found = []
    for function in FUNCTIONS.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decoding, "a2b_base64", function)
            made = decoder("base64")
            found.append(
                (decode_whole(data, "base64"), b"".join(decode_blocks(data, 0, len(data), made, block=block)), made.defects)
            )

    assert found[0] == found[1]


@pytest.mark.parametrize(("hidden", "module"), [("", "pybase64"), ("sys.modules['pybase64'] = None", "binascii")])
def test_the_extra_is_used(hidden: str, module: str) -> None:
    """Where pybase64 is installed it does the work, and where it is not, binascii does."""
    code = f"""if True:
        import binascii, sys
        {hidden}
        from cfml_pop.message import decoding
        print("binascii" if decoding.a2b_base64 is binascii.a2b_base64 else decoding.a2b_base64.func.__self__.__name__)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=ROOT)

    assert module in done.stdout


def test_whole_of_several_blocks() -> None:
    """What is longer than a block decodes at once to what was encoded."""
    data = bytes(range(256)) * 3000

    assert (data, ()) == decode_whole(base64.encodebytes(data).replace(b"\n", b"\r\n"), "base64")
