"""The readers that are compared: each takes the octets of a message and gives the same columns.

Rule: every reader is asked for all columns, each by the shortest way its manual shows, and gives them in its own form; `found`
brings them into one form afterwards, outside of the measured time.
"""

from __future__ import annotations

import binascii
import contextlib
import datetime as dt
import email
import email.policy
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, NamedTuple, cast

from benchmarks.mail import Expected
from cfml_pop import columns as columns_of_rows
from cfml_pop.columns import Form
from cfml_pop.message import decoding
from cfml_pop.message.octets import Octets, Spool
from cfml_pop.row import MessageCells

__all__ = ["READERS", "Columns", "Read", "Reader", "found"]


class Columns(NamedTuple):
    """Addresses: one line or `(name, address)`; the date: a moment or seconds since 1970; the header: str or octets."""

    subject: str
    date: Any
    sender: Any
    to: Any
    cc: Any
    reply_to: Any
    message_id: str
    header: Any
    text: str
    html: str
    attachments: list[tuple[str, Any]]


Read = Callable[[Any, bool], Columns]
"""Takes the octets, and whether texts and attachments are wanted: of a header nobody asks for them."""


class Reader(NamedTuple):
    """`load` gives the version and the function, or raises ImportError or OSError with what is missing. `prepare` is what is done
    with the octets of messages before the clock starts, `around` what holds while it runs."""

    name: str
    load: Callable[[], tuple[str, Read]]
    prepare: Callable[[list[bytes]], list[Any]] = lambda messages: messages
    around: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext


def found(columns: Columns) -> Expected:
    """What a reader gave, in the form of what is expected."""
    date = columns.date
    header = columns.header
    header = header.encode("utf-8") if isinstance(header, str) else bytes(header)
    return Expected(
        subject=columns.subject,
        timestamp=int(date.timestamp() if isinstance(date, dt.datetime) else date),
        sender=_addresses(columns.sender),
        to=_addresses(columns.to),
        cc=_addresses(columns.cc),
        reply_to=_addresses(columns.reply_to),
        message_id="<" + columns.message_id.strip("<>") + ">",
        header=header.rstrip(b"\r\n") + b"\r\n",
        text=_text(columns.text),
        html=_text(columns.html),
        attachments=tuple((name, hashlib.sha256(data).hexdigest()) for name, data in columns.attachments),
    )


def _addresses(value: Any) -> tuple[str, ...]:
    pairs = getaddresses([value]) if isinstance(value, str) else value
    return tuple(address for _, address in pairs)


def _text(text: str) -> str:
    """With LF; the line end before a boundary is no part of the text, but readers differ about the one before that."""
    text = text.replace("\r\n", "\n").rstrip("\n")
    return text + "\n" if text else ""


def _header(octets: bytes) -> str:
    """The header as sent; of the others none but GMime offers it."""
    return octets[: octets.find(b"\r\n\r\n") + 2].decode("utf-8", "surrogateescape")


# -- cfml_pop -------------------------------------------------------------------------------------------------------------------

_OURS = "working copy"
_FORM = Form()
_HEADER_FORM = Form(full=False)
_GIVEN = (1, 1, "1")
"""Number, size and uid, which a server says."""


def _read_ours(octets: Octets, bodies: bool) -> Columns:
    cells = MessageCells(octets, _GIVEN, _FORM if bodies else _HEADER_FORM, header_only=not bodies)
    message, cell = cells.message, cells.cell
    return Columns(
        cell("subject"),
        cell("date").datetime,
        cell("from"),
        cell("to"),
        cell("cc"),
        cell("replyto"),
        cell("messageid"),
        cell("header"),
        cell("textbody"),
        cell("htmlbody"),
        [(item.name, b"".join(item.part.blocks())) for item in message.attachments] if cell("attachments") else [],
    )


def _load_ours() -> tuple[str, Read]:
    columns_of_rows.REMEMBERED = 0  # the same mail again and again would never be taken apart
    return _OURS, _read_ours


def _load_ours_fast() -> tuple[str, Read]:
    import pybase64

    columns_of_rows.REMEMBERED = 0
    return f"{_OURS}, pybase64 {pybase64.__version__}", _read_ours


@contextlib.contextmanager
def _without_pybase64() -> Iterator[None]:
    kept = decoding.a2b_base64
    decoding.a2b_base64 = binascii.a2b_base64
    try:
        yield
    finally:
        decoding.a2b_base64 = kept


def _spooled(messages: list[bytes]) -> list[Octets]:
    spool = Spool(0)
    windows = []
    for octets in messages:
        sink = spool.sink()
        sink.write(octets)
        windows.append(sink.octets())
    return windows


# -- the standard library -------------------------------------------------------------------------------------------------------


def _decoded(message: Message, name: str) -> str:
    value = message[name]
    return str(make_header(decode_header(value))) if value is not None else ""


def _read_compat32(octets: bytes, bodies: bool) -> Columns:
    message = email.message_from_bytes(octets)
    text, html, attachments = "", "", []
    for part in message.walk() if bodies else ():
        if part.is_multipart():
            continue
        data = cast("bytes", part.get_payload(decode=True))
        name = part.get_filename()
        if name:
            attachments.append((name, data))
        elif part.get_content_type() == "text/html":
            html = html or data.decode(part.get_content_charset("utf-8"), "replace")
        else:
            text = text or data.decode(part.get_content_charset("utf-8"), "replace")
    return Columns(
        _decoded(message, "subject"),
        parsedate_to_datetime(str(message["date"])),
        _decoded(message, "from"),
        _decoded(message, "to"),
        _decoded(message, "cc"),
        _decoded(message, "reply-to"),
        str(message["message-id"]),
        _header(octets),
        text,
        html,
        attachments,
    )


def _read_default_policy(octets: bytes, bodies: bool) -> Columns:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    text, html, attachments = "", "", []
    for part in cast("Iterator[EmailMessage]", message.walk() if bodies else ()):
        if part.is_multipart():
            continue
        content, name = part.get_content(), part.get_filename()
        if name:
            attachments.append((name, content))
        elif part.get_content_type() == "text/html":
            html = html or content
        else:
            text = text or content
    return Columns(
        str(message["subject"]),
        message["date"].datetime,
        str(message["from"]),
        str(message["to"]),
        str(message["cc"]),
        str(message["reply-to"]),
        str(message["message-id"]),
        _header(octets),
        text,
        html,
        attachments,
    )


def _load_compat32() -> tuple[str, Read]:
    return platform.python_version(), _read_compat32


def _load_default_policy() -> tuple[str, Read]:
    return platform.python_version(), _read_default_policy


# -- others ---------------------------------------------------------------------------------------------------------------------


def _load_fast_mail_parser() -> tuple[str, Read]:
    import fast_mail_parser

    parse = fast_mail_parser.parse_email

    def pairs(addresses: Any) -> list[tuple[str, str]]:
        return [(address.display_name, address.address) for address in addresses]

    def read(octets: bytes, bodies: bool) -> Columns:
        mail = parse(octets)
        return Columns(
            mail.subject,
            mail.date_parsed,
            pairs([mail.from_]),
            pairs(mail.to),
            pairs(mail.cc),
            pairs(mail.reply_to),
            mail.headers["Message-ID"][0],
            _header(octets),
            "".join(mail.text_plain) if bodies else "",
            "".join(mail.text_html) if bodies else "",
            [(item.filename, item.content) for item in mail.attachments] if bodies else [],
        )

    return importlib.metadata.version("fast-mail-parser"), read


def _load_gmime() -> tuple[str, Read]:
    from benchmarks import gmime

    gmime.load()
    return gmime.VERSION, lambda octets, bodies: Columns(**gmime.read(octets, bodies))


READERS: tuple[Reader, ...] = (
    Reader("cfml_pop", _load_ours, around=_without_pybase64),
    Reader("cfml_pop + pybase64", _load_ours_fast),
    Reader("cfml_pop, spool file", _load_ours, prepare=_spooled, around=_without_pybase64),
    Reader("cfml_pop + pybase64, spool file", _load_ours_fast, prepare=_spooled),
    Reader("email, compat32", _load_compat32),
    Reader("email, policy.default", _load_default_policy),
    Reader("fast-mail-parser", _load_fast_mail_parser),
    Reader("GMime", _load_gmime),
)
"""Ours without extras comes first: ratios are to it."""
