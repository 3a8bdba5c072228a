"""headers, words, charsets, parameters: values of a header."""

from __future__ import annotations

import binascii
import re
from email.header import Header
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message import headers, words
from cfml_pop.message.charsets import decode_text
from cfml_pop.message.headers import HEADER_LIMIT, MAX_FIELDS, PART_HEADER_LIMIT, Headers, _fields_of_long, split_header, unfold
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


@pytest.mark.parametrize("first", range(0x80, 0x800, 0x40))
def test_no_letter_of_a_parameter_is_torn(first: int) -> None:
    """A letter sent as raw UTF-8 stays whole in a parameter of either spelling, quoted or not; C1 controls become blanks."""
    for letter in map(chr, range(first, first + 0x40)):
        name = one_line(f"x{letter}a {letter}")
        _spell(f"x{letter}a {letter}", name)


def _spell(sent: str, name: str) -> None:
    for spelling in (f"filename={sent}", f'filename="{sent}"', f"filename={sent};x=y", f"filename*=utf-8''{sent}"):
        assert name == Parameters(f"attachment; {spelling}".encode()).get("filename")


def test_base64_words_take_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of base64 that do not fill a group of four go on in the next one, and each letter is decoded once."""
    decoded: list[int] = []

    def counted(payload: bytes) -> bytes:
        decoded.append(len(payload))
        return binascii.a2b_base64(payload)

    monkeypatch.setattr(words, "binascii", SimpleNamespace(a2b_base64=counted))

    assert 3 * 10_000 + 3 == len(decode_words(b"=?a?b?AAAAA?=" + b"=?a?b?AAAA?=" * 10_000))
    assert 4 * 10_000 + 4 == sum(decoded)  # the last letter is left: six bits make no octet
    assert "hello" == decode_words(b"=?utf-8?b?aGVs?= =?utf-8?b?b?= =?utf-8?b?G8?=")


@pytest.mark.parametrize(("top", "limit"), [(True, HEADER_LIMIT), (False, PART_HEADER_LIMIT)])
@pytest.mark.parametrize("end", [b"", b"\r\nbody"])
def test_a_cut_header_says_so(top: bool, limit: int, end: bytes) -> None:
    """A header is cut at a line end and told to be when it is longer than the limit, and only then."""
    sound = b"Content-A: " + b"a" * 500 + b"\r\n"
    raw = sound * (limit // len(sound) - 1) + b"Content-B: "
    raw += b"b" * (limit - len(raw) - 2) + b"\r\n"

    assert (raw, "") == split_header(raw + end, 0, len(raw + end), top=top)[::2]
    block, _, fault = split_header(b"X" + raw + end, 0, len(raw + end) + 1, top=top)
    assert ("the header is too long and was cut", True) == (
        fault,
        b"X" + raw[: limit - 1] > block == block[: block.rfind(b"\n") + 1],
    )


def test_fields_are_limited() -> None:
    """Of a million fields the first are told apart, and the defects say so."""
    headers = Headers(b"a:\n" * 300_000)

    assert MAX_FIELDS == len(headers.fields)
    assert ["the header has more than 10000 fields; the rest was left unread"] == headers.defects()
    assert [] == Headers(b"a:\n" * (MAX_FIELDS - 1)).defects()


@pytest.mark.parametrize("line", [b"--b", b"--b--", b"--b \t"])
def test_the_own_boundary_ends_a_header(line: bytes) -> None:
    """A header without an empty line ends where its first boundary stands, and at no other line of dashes."""
    head = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n--bx\r\nX: y\r\n"
    raw = b"S: s\r\n" + head + line + b"\r\nA: b\r\n\r\nbody"

    block, body, fault = split_header(raw, 0, len(raw), top=True)
    assert (raw[: len(head) + 6], len(head) + 6, "the header has no empty line behind it") == (block, body, fault)


def test_hostile_boundaries_in_a_header_take_linear_time() -> None:
    """A megabyte of lines that begin like the boundary is looked through once."""
    raw = b"Content-Type: multipart/mixed; boundary=b\n" + b"--b       x\n" * 80_000 + b"\nbody"

    assert "" == split_header(raw, 0, len(raw), top=True).fault


@given(
    lines=st.lists(
        st.sampled_from(
            [
                b"Subject: a",
                b"SUBJECT : b",
                b"subject",
                b" folded",
                b"\tmore",
                b"To:c",
                b"Content-Type: d",
                b"Content-Typed: e",
                b"",
            ]
        )
        | st.binary(max_size=8),
        max_size=12,
    ),
    ends=st.sampled_from([b"\r\n", b"\n"]),
)
def test_known_fields_are_those_of_the_list(lines: list[bytes], ends: bytes) -> None:
    """A field that is found by its name is what the list of all fields has under that name, in any block, and long blocks are
    read as short ones are."""
    headers = Headers(ends.join(lines))

    assert _fields_of_long(headers.block) == headers.fields
    for name in (b"subject", b"to", b"content-type", b"x-other"):
        expected = [unfold(value) for field, value in headers.fields if field.lower() == name]

        assert expected == headers.every(name)
        assert (expected[0] if expected else b"") == headers.first(name)
        assert bool(expected) == (name in headers)


WORD_PIECES = [b"=?utf-8?Q?", b"=?utf-8?b?", b"=?x?q?", b"a", b"=C3=BC", b"_", b"QUJD", b"QUI=", b"?=", b"=", b"?", b" ", b"\xc3"]


@given(st.sampled_from(WORD_PIECES[:3]), st.lists(st.sampled_from(WORD_PIECES), max_size=6).map(b"".join))
def test_one_word_is_decoded_as_among_others(head: bytes, payload: bytes) -> None:
    """A value that is one encoded word, read by the short way, holds what it does with a blank behind it."""
    word = head + payload + b"?="

    assert decode_words(word + b" ") == decode_words(word) + " "


HEADER_PIECES = [
    b"A: b",
    b"Content-Type: multipart/mixed; boundary=x",
    b"--x",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"From me",
    b":",
    b"\n--",
]


@given(st.lists(st.sampled_from(HEADER_PIECES), max_size=12).map(b"".join), st.booleans())
def test_the_short_way_ends_a_header_as_the_long_one(octets: bytes, top: bool) -> None:
    """A header that one search finds the end of ends where the others end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(headers, "_EMPTY_LINE_OR_DASHES", re.compile(rb"(?!)"))
        expected = split_header(octets, 0, len(octets), top=top)

    assert expected == split_header(octets, 0, len(octets), top=top)
