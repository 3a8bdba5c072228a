"""headers, words, charsets, parameters: values of a header."""

from __future__ import annotations

from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message.charsets import decode_text
from cfml_pop.message.headers import HEADER_LIMIT, Headers, split_header
from cfml_pop.message.parameters import Parameters
from cfml_pop.message.words import decode_words, one_line

__all__: list[str] = []

# Text without control characters and surrogates, and without blanks that folding may move.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]), min_size=1, max_size=80)


@given(text=TEXT, length=st.integers(30, 100))
def test_encoded_words_round_trip(text: str, length: int) -> None:
    """What the standard library encodes and folds comes back as it was."""
    sent = Header(text, "utf-8", maxlinelen=length).encode().encode("ascii")
    headers = Headers(b"Subject: " + sent.replace(b"\n", b"\r\n") + b"\r\n")

    assert text == headers.text(b"subject")


@given(st.binary(max_size=300))
def test_any_octets_are_a_header(raw: bytes) -> None:
    """No octets raise, and no value holds more than one line."""
    block, body, _ = split_header(raw, 0, len(raw), top=True)
    headers = Headers(block)

    assert 0 <= body <= len(raw)
    assert all(value == one_line(value) for _, value in headers.items())
    assert not any(ord(char) < 32 for _, value in headers.items() for char in value)


@pytest.mark.parametrize("line", [b"\n", b"\r\n"])
def test_the_header_ends_at_the_first_empty_line(line: bytes) -> None:
    """The block holds its last line end, and the body begins behind the empty line, however long the header is."""
    for fields in (1, 2000):
        block = b"A: 1" + line + b"B: 2" * fields + line
        assert (block, len(block + line), "") == split_header(block + line + b"body" + line * 2, 0, len(block) + 10)


def test_a_header_over_the_limit_is_cut() -> None:
    """Of a header of two megabytes the first is read, the body still begins behind the empty line."""
    raw = b"Subject: s\r\n" + b"X: y\r\n" * 400_000 + b"\r\nbody"
    block, body, _ = split_header(raw, 0, len(raw), top=True)

    assert (True, b"body", "s") == (len(block) <= HEADER_LIMIT, raw[body:], Headers(block).text(b"subject"))


@pytest.mark.parametrize(
    ("label", "octets", "text"),
    [
        ("UTF_8", b"\xc3\xa9", "\xe9"),
        ("iso-8859-1", b"\x80", "\u20ac"),
        ("ISO8859-15", b"\xa4", "\u20ac"),
        ("shift_jis", b"\x87\x40", "\u2460"),
        ("ks_c_5601-1987", b"\xb0\xa1", "\uac00"),
        ("iso-2022-jp", b'\x1b$B$"\x1b(B', "\u3042"),
        ("iso-2022-jp", b"caf\xc3\xa9", "caf\xe9"),
        ("utf-7", b"+2AA-", "\ufffd"),
        ("utf-16", b"\xff\xfea\0", "a"),
        ("idna", b"\xc3\xa9", "\xe9"),
        ("unicode_escape", rb"\u0041", r"\u0041"),
        ("rot13", b"abc", "abc"),
        ("../../x", b"abc", "abc"),
    ],
)
def test_charsets_mean_what_programs_mean(label: str, octets: bytes, text: str) -> None:
    """A label is looked up in the table alone, and means what mail programs mean by it."""
    assert text == decode_text(octets, label)[0]


LABELS = ["utf-7", "utf-8", "utf-16", "hz", "gb18030", "big5", "iso-2022-jp", "euc-kr", "johab", "none"]


@given(octets=st.binary(max_size=60), label=st.sampled_from(LABELS))
def test_any_octets_are_text(octets: bytes, label: str) -> None:
    """Decoding never raises, and the text can always be encoded again and holds no NUL."""
    text = decode_text(octets, label)[0]

    assert text == text.encode("utf-8").decode("utf-8")
    assert "\0" not in text


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        (b'multipart/mixed; boundary="a b;c"', "boundary", "a b;c"),
        (b"text/plain; charset = utf-8", "charset", "utf-8"),
        (b"attachment; filename*=iso-8859-1'de'%FC.txt", "filename", "\xfc.txt"),
        (b"attachment; filename*1=b; filename*0=a", "filename", "ab"),
        (b"attachment; filename*1*=b%20; filename=z", "filename", "b"),
        (b"attachment; filename=a b (1).pdf ; x=y", "filename", "a b (1).pdf"),
        (b'attachment filename="x.txt"', "filename", "x.txt"),
        (b'attachment; filename="a\\"b"', "filename", 'a"b'),
        (b'attachment; filename="C:\\new\\t.txt"', "filename", "C:\\new\\t.txt"),
        (b'attachment; filename="open; x=y', "filename", "open"),
        (b"text/plain; name=one; name=two", "name", "one"),
        (b"text/plain; name", "name", ""),
    ],
)
def test_parameters(field: bytes, name: str, value: str) -> None:
    """A parameter is read however it was spelt."""
    assert value == Parameters(field).get(name)


@pytest.mark.parametrize(
    "unit", [b"=?", b"=?a?q?", b"=?a?q? ", b"=?utf-8?Q?abc?= ", b"; a=b", b'"', b'\\"', b" ", b";", b"= ", b"a", b"%"]
)
def test_hostile_values_take_linear_time(unit: bytes) -> None:
    """A megabyte of one odd thing is read well within the time of a test."""
    value = unit * (1_000_000 // len(unit))

    assert len(decode_words(value)) <= len(value)
    assert "text/plain" == Parameters(b"text/plain; x=y; " + value).value
    assert "y" == Parameters(b"text/plain; x=y; " + value).get("x")


def test_many_continuations_are_limited() -> None:
    """Of 100,000 continued pieces the first thousand or so count."""
    pieces = b"".join(b"; name*%d=a" % number for number in range(100_000))

    assert 1000 <= len(Parameters(b"text/plain" + pieces).get("name")) <= 1200
