"""The sample mailbox is what the demo, the examples and the tests of pages rely on."""

from __future__ import annotations

import email
import re
from email.message import Message

from cfml_pop.testing import sample_messages

DOMAIN = re.compile(rb"[\w.+-]+@((?:[\w-]+\.)+[a-z]+)")


def parsed() -> list[Message]:
    return [email.message_from_bytes(message) for message in sample_messages()]


def test_line_ends() -> None:
    """Every line of every message ends with CRLF, as it is sent; no checkout may change that."""
    for message in sample_messages():
        assert b"\n" not in message.replace(b"\r\n", b"")


def test_addresses_are_reserved_ones() -> None:
    """All addresses are at domains that are reserved for examples."""
    domains = {match.decode() for message in sample_messages() for match in DOMAIN.findall(message)}
    allowed = ("example.com", "example.org", "example.net")

    assert [] == [domain for domain in domains if not domain.endswith(allowed)]


def test_what_it_holds() -> None:
    """It has at least fourteen messages, and each kind of mail that a page has to cope with."""
    messages = parsed()
    parts = [part for message in messages for part in message.walk()]
    kinds = {part.get_content_type() for part in parts}
    names = [part.get_filename() for part in parts]
    octets = b"".join(sample_messages())

    assert 14 <= len(messages)
    assert {"text/html", "image/png", "text/calendar", "message/delivery-status", "message/rfc822", "multipart/report"} <= kinds
    assert 2 == names.count("rentals.csv")
    assert "../../evil.sh" in names
    assert any("Date" not in message for message in messages)
    assert 300 < max(len(str(message["Subject"])) for message in messages)
    assert b"=?iso-2022-jp?" in octets
    assert b"=?koi8-r?" in octets
    assert b"<script>" in octets
    assert b"\x93your\x94" in octets


def test_inline_image_is_a_png() -> None:
    """The inline picture is a whole PNG that the HTML names by its Content-ID."""
    related = next(message for message in parsed() if message["Subject"] == "Your order 2041 is on its way")
    image = next(part for part in related.walk() if part.get_content_type() == "image/png")
    page = next(part for part in related.walk() if part.get_content_type() == "text/html")
    data, text = image.get_payload(decode=True), page.get_payload(decode=True)

    assert isinstance(data, bytes)
    assert isinstance(text, bytes)
    assert (b"\x89PNG\r\n\x1a\n", b"IEND") == (data[:8], data[-8:-4])
    assert b"cid:" + str(image["Content-ID"]).strip("<>").encode() in text
