"""What no single mail in tests/mail can show: many spellings of one fact, files, and values behind a column."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from cfml_pop.message.words import decode_words
from cfml_pop.parsing import parse_message

__all__: list[str] = []

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def test_repeated_fields_keep_their_order() -> None:
    """Every Received can be had, first to last, and the column header has them as sent."""
    raw = b"Received: by c\r\nSubject: s\r\nRECEIVED: by\r\n b\r\nReceived: by a\r\n\r\n"
    header = parse_message(raw).header

    assert ("by c", "by b", "by a") == header.get_all("Received")
    assert raw.decode().removesuffix("\r\n") == header


TEXTS = [("iso-8859-1", "Gr\xfc\xdfe"), ("koi8-r", "привет мир"), ("utf-8", "gr\xfc\xdfe \u20ac"), ("windows-1251", "Ёж")]


@pytest.mark.parametrize(("charset", "text"), TEXTS)
@pytest.mark.parametrize("cut", range(12))
def test_raw_octets_belong_to_the_charset_of_the_word(charset: str, text: str, cut: int) -> None:
    """Raw 8-bit octets inside a word are read in its charset, alone, beside escaped ones, and split over two words anywhere."""
    octets = text.encode(charset)
    label = charset.encode()
    first, second = octets[:cut], octets[cut:]
    escaped = b"".join(b"=%02X" % octet for octet in second)
    whole = b"=?%b?Q?%b?=" % (label, octets)

    assert text == decode_words(whole.replace(b" ", b"_"))
    assert text == decode_words(b"=?%b?q?%b?= =?%b?Q?%b?=" % (label, first, label, second))
    assert text == decode_words(b"=?%b?Q?%b?= =?%b?Q?%b?=" % (label, first, label, escaped))
    assert text == decode_words(b"=?%b?Q?%b?=\t=?%b?B?%b?=" % (label, first, label, base64.b64encode(second)))
    assert f"a {text}b" == decode_words(b"a " + whole + b"b")
    assert text == decode_words(b"=?%b?B?%b?=" % (label, octets))
    if not second.isascii():  # ASCII alone is base64
        assert text == decode_words(b"=?%b?B?%b?= =?%b?B?%b?=" % (label, base64.b64encode(first), label, second))
        assert text == decode_words(b"=?%b?B?%b?= =?%b?B?%b?=" % (label, base64.b64encode(first).rstrip(b"="), label, second))


def test_base64_joined_in_one_word() -> None:
    """Base64 that was padded and goes on is decoded to its end, and stray padding between groups of four costs nothing."""
    assert "hello world" == decode_words(b"=?utf-8?B?aGVsbG8=IHdvcmxk?=")
    assert "hello" == decode_words(b"=?utf-8?B?aGVs=bG8=?=")
    assert "hello" == decode_words(b"=?utf-8?B?====aGVsbG8=====?=")


def test_no_name_breaks_a_list() -> None:
    """However a tab or a line end is spelt in a name, the columns have one entry for each attachment."""
    spellings = [
        b'filename="a\tb.txt"',
        b"filename*=utf-8''a%09b.txt",
        b"filename*=utf-8''a%0D%0Ab.txt",
        b'filename="=?utf-8?Q?a=09b=0A.txt?="',
        b"filename*=utf-8''a%E2%80%A8b.txt",
        b"filename*0=a; filename*1*=%09b.txt",
        b'filename="a\\\tb.txt"',
    ]
    parts = [b"--b\r\nContent-Disposition: attachment; %b\r\nContent-ID: <%d\t%d>\r\n\r\nx\r\n" % (name, number, number)
             for number, name in enumerate(spellings)]  # fmt: skip
    row = parse_message(MIXED + b"".join(parts) + b"--b--\r\n")

    assert len(spellings) == len(row.attachments.split("\t")) == len(row.attachments.entries) == len(row.cids)
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", row.attachments)


def test_an_attachment_of_no_octets_is_written(tmp_path: Path) -> None:
    """An attachment without a single octet is a file of that size, and stands in both lists."""
    raw = MIXED + b"--b\r\nContent-Type: application/pdf; name=none.pdf\r\n\r\n\r\n--b--\r\n"
    row = parse_message(raw, attachmentpath=tmp_path)

    assert ("none.pdf", str(tmp_path / "none.pdf")) == (row.attachments, row.attachmentfiles)
    assert b"" == (tmp_path / "none.pdf").read_bytes()


def test_a_guessed_boundary_costs_no_more_than_its_line() -> None:
    """Multiparts without a boundary parameter, full of what begins like one, are read well within the time of a test."""
    line = b"--x" + b" " * 65_000 + b"y\r\n"
    part = b"--b\r\nContent-Type: multipart/mixed\r\n\r\n" + line

    assert 100 == len(parse_message(MIXED + part * 100 + b"--b--\r\n").textbody.split("--x")) - 1
