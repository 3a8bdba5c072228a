"""The mail that is read: generated, the same octets on every machine.

Rule: everything random comes from one seed, and the generator knows what a reader must find, so that a benchmark can tell a fast
reader from one that does not do the work.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import quopri
import random
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["INPUTS", "Expected", "Mail", "Maker", "blocks_of_large_mail", "header_only", "mailbox_of", "with_attachment"]

SEED = 5322
LINE = 57
"""Octets of a base64 line of 76 columns."""

MESSAGES = 300
"""Messages of a mailbox, each with four lists of addresses: more lists than any reader remembers (ours 1024), so that in turns
each is new to it."""

_FIRST_ADDRESS = re.compile(rb"^((?:From|To|Cc|Reply-To): [^@]*)@", re.MULTILINE)

_TEXT = """the of and to in mail for on message list server is that with as order from number date team please report invoice
we you meeting account our before review attached release window any change this week customer reply question contract draft
numéro für größer señal café naïve Übersicht déjà"""
_WORDS = _TEXT.split()


class Expected(NamedTuple):
    """What every reader must find. Addresses are `local@domain`, texts have LF, attachments are names with SHA-256."""

    subject: str
    timestamp: int
    sender: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    reply_to: tuple[str, ...]
    message_id: str
    header: bytes
    text: str
    html: str
    attachments: tuple[tuple[str, str], ...]


class Mail(NamedTuple):
    """`bodies`: texts and attachments are asked for as well, not only what the header says."""

    octets: bytes
    expected: Expected
    bodies: bool = True


class Maker:
    """Words, tokens and header fields from one seed."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)

    def token(self, size: int) -> str:
        return "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=size))

    def text(self, size: int) -> str:
        """About `size` characters in lines of about 70."""
        lines, length = [], 0
        while length < size:
            words, width = [], 0
            while width < 66:
                word = self.random.choice(_WORDS)
                words.append(word)
                width += len(word) + 1
            lines.append(" ".join(words))
            length += width + 1
        return "\n".join(lines) + "\n"

    def html(self, size: int) -> str:
        rows, length = [], 0
        while length < size:
            words = " ".join(self.random.choices(_WORDS, k=9))
            link = f'<a href="https://shop.example/i?id={length}">{length}</a>'
            row = f'<tr><td class="cell" style="padding:4px 8px">{words}</td><td>{link}</td></tr>'
            rows.append(row)
            length += len(row) + 1
        return (
            "<!DOCTYPE html>\n<html><head><title>Order</title></head><body><table>\n"
            + "\n".join(rows)
            + "\n</table></body></html>\n"
        )

    def header(self, content: str) -> tuple[bytes, Expected]:
        """About 3.2 KB in 40 fields, as mail has that went through a list and two providers; and what stands in it."""
        moment = dt.datetime(2026, 11, 3, 9, 30, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
        hops = [
            f"Received: from mx{hop}.relay.example (mx{hop}.relay.example [192.0.2.{10 + hop}])\r\n"
            f"\tby in{hop}.example.net (Postfix) with ESMTPS id {self.token(11)}\r\n"
            f"\tfor <kim@example.net>; Tue, 3 Nov 2026 09:3{hop}:14 +0100 (CET)"
            for hop in range(4)
        ]
        signature = "\r\n\t ".join(self.token(62) for _ in range(4))
        fields = [
            "Return-Path: <bounce+4711@lists.example.org>",
            "Delivered-To: kim@example.net",
            *hops,
            (
                "Authentication-Results: in0.example.net; dkim=pass header.d=example.org\r\n"
                "\theader.s=mail2026; spf=pass smtp.mailfrom=lists.example.org"
            ),
            "Received-SPF: Pass (in0.example.net: domain of lists.example.org designates 192.0.2.10\r\n\tas permitted sender)",
            (
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail2026;\r\n"
                f"\th=from:to:subject:date:message-id; bh={self.token(43)}=;\r\n\tb={signature}=="
            ),
            "X-Spam-Checker-Version: SpamAssassin 4.0.1 (2024-03-26) on in0.example.net",
            "X-Spam-Level: ",
            (
                "X-Spam-Status: No, score=-2.1 required=5.0 tests=BAYES_00,DKIM_SIGNED,\r\n"
                "\tDKIM_VALID,HTML_MESSAGE,SPF_PASS autolearn=ham"
            ),
            "Date: Tue, 03 Nov 2026 09:30:12 +0100",
            "From: =?utf-8?Q?Zo=C3=AB_M=C3=BCller?= <zoe.mueller@example.org>",
            (
                'To: "Jones, Kim" <kim@example.net>, Lee Park <lee@example.net>,\r\n'
                "\t=?utf-8?B?QW5kcsOpIEzDs3Bleg==?= <andre@example.com>"
            ),
            "Cc: team@example.org, Sam Doe <sam@example.org>",
            "Reply-To: Orders <orders@lists.example.org>",
            "Message-ID: <20261103083012.4711@mail.example.org>",
            "In-Reply-To: <20261102101010.1234@mail.example.org>",
            "References: <20261101080000.1@mail.example.org>\r\n <20261102101010.1234@mail.example.org>",
            "Subject: =?utf-8?Q?Angebot_f=C3=BCr_die_=C3=9Cbersicht?=\r\n =?utf-8?B?IGltIE5vdmVtYmVyIOKAkyBmaW5hbA==?=",
            "MIME-Version: 1.0",
            content,
            "X-Mailer: Example Mailer 12.4 (build 20260901)",
            "X-Priority: 3",
            "X-MSMail-Priority: Normal",
            "Importance: Normal",
            "Precedence: list",
            "List-Id: Orders of the shop <orders.lists.example.org>",
            "List-Help: <mailto:orders-request@lists.example.org?subject=help>",
            (
                "List-Unsubscribe: <https://lists.example.org/u/orders>,\r\n"
                " <mailto:orders-request@lists.example.org?subject=unsubscribe>"
            ),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "List-Post: <mailto:orders@lists.example.org>",
            "List-Archive: <https://lists.example.org/a/orders/>",
            "Errors-To: bounce+4711@lists.example.org",
            "Sender: orders-bounces@lists.example.org",
            "Feedback-ID: 4711:orders:example",
            "X-Originating-IP: [198.51.100.23]",
            f"X-Report-Abuse: Please report abuse here: https://lists.example.org/abuse/{self.token(24)}",
            f"X-Entity-ID: {self.token(40)}",
        ]
        block = ("\r\n".join(fields) + "\r\n").encode("ascii")
        return block, Expected(
            subject="Angebot für die Übersicht im November – final",  # noqa: RUF001 - as the header has it
            timestamp=int(moment.timestamp()),
            sender=("zoe.mueller@example.org",),
            to=("kim@example.net", "lee@example.net", "andre@example.com"),
            cc=("team@example.org", "sam@example.org"),
            reply_to=("orders@lists.example.org",),
            message_id="<20261103083012.4711@mail.example.org>",
            header=block,
            text="",
            html="",
            attachments=(),
        )


def header_only() -> Mail:
    """What TOP n 0 gives."""
    block, expected = Maker().header("Content-Type: text/plain; charset=utf-8")
    return Mail(block + b"\r\n", expected, bodies=False)


def alternative(size: int, *, encoding: str) -> Mail:
    """Plain text in `encoding` (8bit or quoted-printable) and HTML in quoted-printable; about `size` octets."""
    maker = Maker()
    boundary = "----=_Part_1234_567890.1793694612"
    block, expected = maker.header(f'Content-Type: multipart/alternative;\r\n\tboundary="{boundary}"')
    room = size - len(block) - 500
    text = maker.text(room // 4)
    html = maker.html(int(room * 0.62))
    body = text if encoding == "8bit" else quopri.encodestring(text.encode()).decode("ascii")
    octets = block + _crlf(
        f"\nThis is a message of several parts.\n--{boundary}\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body}\n"
        f"--{boundary}\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        f"{quopri.encodestring(html.encode()).decode('ascii')}\n--{boundary}--\n"
    )
    return Mail(octets, expected._replace(text=text, html=html))


def with_attachment(size: int) -> Mail:
    """A text of 2 KB and one PDF in base64; about `size` octets."""
    maker = Maker()
    boundary = "=_0c7a1f"
    block, expected = maker.header(f'Content-Type: multipart/mixed; boundary="{boundary}"')
    text = maker.text(2000)
    data = maker.random.randbytes(size * LINE // 78)
    name = "report.pdf"
    octets = b"".join(
        [
            block,
            _crlf(
                f"\n--{boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
                f"--{boundary}\nContent-Type: application/pdf; name={name}\nContent-Transfer-Encoding: base64\n"
                f"Content-Disposition: attachment;\n filename={name}\n\n"
            ),
            base64.encodebytes(data).replace(b"\n", b"\r\n"),
            _crlf(f"\n--{boundary}--\n"),
        ]
    )
    return Mail(octets, expected._replace(text=text, attachments=((name, hashlib.sha256(data).hexdigest()),)))


def mailbox_of(mail: Mail, reader: str) -> list[bytes]:
    """The message with other addresses in From, To, Cc and Reply-To each time, and for each reader, so that none is given what
    another one has read; a large message, of which these are no part to speak of, once."""
    if len(mail.octets) > 100_000:
        return [mail.octets]
    who = hashlib.sha256(reader.encode()).hexdigest()[:4].encode()
    return [_FIRST_ADDRESS.sub(rb"\g<1>.%b%03d@" % (who, number), mail.octets, count=4) for number in range(MESSAGES)]


def blocks_of_large_mail(size: int) -> Iterator[bytes]:
    """A message of about `size` octets with two attachments, in pieces of 64 KB or so, never whole in memory."""
    maker = Maker()
    boundary = "=_large"
    block, _ = maker.header(f'Content-Type: multipart/mixed; boundary="{boundary}"')
    yield block + _crlf(f"\n--{boundary}\nContent-Type: text/plain; charset=utf-8\n\n{maker.text(2000)}\n")
    # The same megabyte again and again: what is measured is memory, and random octets take time.
    lines = base64.encodebytes(maker.random.randbytes(LINE * 840)).replace(b"\n", b"\r\n")
    for name in ("first.bin", "second.bin"):
        yield _crlf(
            f"--{boundary}\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
            f"Content-Disposition: attachment; filename={name}\n\n"
        )
        for _ in range(size // 2 // len(lines)):
            yield lines
        yield b"\r\n"
    yield _crlf(f"--{boundary}--\n")


def _crlf(text: str) -> bytes:
    return text.encode().replace(b"\n", b"\r\n")


INPUTS: dict[str, Callable[[], Mail]] = {
    "header 3.2 KB": header_only,
    "alternative 12 KB": lambda: alternative(12_000, encoding="quoted-printable"),
    "alternative 52 KB": lambda: alternative(52_000, encoding="8bit"),
    "attachment 1 MB": lambda: with_attachment(1_000_000),
    "attachment 25 MB": lambda: with_attachment(25_000_000),
}
