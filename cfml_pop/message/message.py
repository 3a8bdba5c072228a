"""One message: everything that can be asked of it, decoded when it is asked.

Rule: this is the room's face. Any octets give a Message; no property raises for what they hold (a spool file that cannot be read
raises OSError), and each takes time linear in the octets it needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cfml_pop.dates import parse_date
from cfml_pop.message.addresses import MAX_ADDRESSES, Mailbox, more_addresses, parse_addresses
from cfml_pop.message.bodies import AttachedPart, Bodies, Text, sealed
from cfml_pop.message.headers import Block, Headers, split_header, unfold
from cfml_pop.message.lazy import lazy
from cfml_pop.message.octets import Octets
from cfml_pop.message.parts import Part, find_parts
from cfml_pop.message.placing import SCHEMES
from cfml_pop.message.reading import DEFAULT_READING, Reading
from cfml_pop.message.unpack import Unpacked
from cfml_pop.message.words import decode_words_in_text

__all__ = ["Message"]

# Embeddings and overrides of direction (Unicode Standard Annex #9). Marks and isolates stay: right-to-left subjects need them.
_TURNS = re.compile("[\u202a-\u202e]")
_JOINED = frozenset((b"to", b"cc", b"bcc", b"reply-to"))
_ADDRESS_FIELDS = (b"from", b"to", b"cc", b"reply-to")


class Message:
    """A message as RETR gives it, or its header as TOP does (`header_only`: nothing is said about a body that is missing).

    `reading`: the choices where mail leaves one.
    """

    def __init__(self, octets: Octets, *, header_only: bool = False, reading: Reading = DEFAULT_READING) -> None:
        self.octets = octets
        self.header_only = header_only
        self.reading = reading

    @lazy
    def _split(self) -> Block:
        return split_header(self.octets, 0, len(self.octets), top=True)

    @property
    def body_start(self) -> int:
        """The offset at which the body begins."""
        return self._split.body

    @property
    def header_octets(self) -> bytes:
        """The header as sent, without the empty line."""
        return self._split.octets

    @property
    def header_ends(self) -> bool:
        """Whether an empty line stands behind the header."""
        before = self.octets[max(self.body_start - 3, 0) : self.body_start]
        return before.endswith((b"\n\n", b"\n\r\n")) or before in (b"\n", b"\r\n")

    @property
    def header_fault(self) -> str:
        """What was wrong with the end of the header, "" if nothing."""
        return self._split.fault

    @lazy
    def headers(self) -> Headers:
        return Headers(self._split.octets)

    @property
    def header(self) -> str:
        """The header as sent, without the empty line: UTF-8 if it is that, else latin-1; NUL is U+FFFD."""
        block = self._split.octets
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            text = block.decode("latin-1")
        return text.replace("\0", "\ufffd")

    @property
    def subject(self) -> str:
        """The subject in one line, without characters that turn what stands behind it around."""
        text = self.headers.text(b"subject", keep_unknown=self.reading.unknown_words == "kept")
        return text if text.isascii() else _TURNS.sub("", text).strip()

    @property
    def date(self) -> str:
        """The first Date header as it stands; `parse_date` reads it."""
        return self.headers.plain(b"date")

    @property
    def message_id(self) -> str:
        """The first Message-ID in one line."""
        return self.headers.plain(b"message-id")

    def addresses(self, name: bytes) -> tuple[Mailbox, ...]:
        """The addresses of a field (lower case): of the first one, but of all To, Cc, Bcc and Reply-To there are."""
        return parse_addresses([unfold(value) for value in self.address_values(name)])

    def address_values(self, name: bytes) -> tuple[bytes, ...]:
        """What `addresses` are read from: the values as they stand."""
        values = self.headers.values(name)
        return values if name in _JOINED else values[:1]

    @lazy
    def _parts(self) -> tuple[list[Part], list[str]]:
        parts, faults = find_parts(self.octets, self.headers, self.body_start)
        for part in parts:
            part.unflow = self.reading.unflow
        return parts, faults

    @lazy
    def _bodies(self) -> Bodies:
        return SCHEMES[self.reading.parts](self._parts[0])

    @property
    def parts(self) -> list[Part]:
        """The leaves, in order."""
        return self._parts[0]

    @lazy
    def _unpacked(self) -> Unpacked:
        return Unpacked(self._bodies, self.reading.unpack)

    @property
    def text(self) -> str:
        """The first text/plain, and further inline ones behind it after an empty line; "" if there is none."""
        found = self._enclosed_texts[0] or (_joined if self.reading.text == "joined" else _last)(self._bodies.plain)
        return self._finished(found)

    @property
    def html(self) -> str:
        """The first text/html as sent; "" if there is none."""
        found = self._enclosed_texts[1] or (_first if self.reading.html == "first" else _last)(self._bodies.html)
        return self._finished(found)

    @property
    def body(self) -> str:
        """The first text that is not empty, plain or HTML, in the order in which they stand."""
        texts = self._bodies.texts
        if self.reading.body == "first":
            found = _first_filled(texts) or next(filter(None, self._enclosed_texts), "") or _first(texts)
        elif self.reading.body == "first_filled":
            found = next((part.text for part in texts if part.text), "")
        else:
            found = _last(texts)
        return self._finished(found)

    def _finished(self, text: str) -> str:
        return decode_words_in_text(text) if self.reading.words_in_bodies else text

    @lazy
    def _enclosed_texts(self) -> tuple[str, str]:
        """The plain text and the HTML inside a winmail.dat, where no leaf of the message has any: mail from Outlook may hold
        nothing else. Else "", ""."""
        bodies = self._bodies
        inside = bodies.attachments and self._unpacked.tnef_parts and not _first_filled(bodies.texts)
        return self._unpacked.texts if inside else ("", "")

    @property
    def delivery_status(self) -> str:
        """The text of a delivery report for programs (RFC 3464)."""
        return (_joined if self.reading.text == "joined" else _last)(self._bodies.delivery)

    @property
    def attachments(self) -> list[AttachedPart]:
        """The attachments in order, those inside one behind it."""
        return self._unpacked.attachments

    @lazy
    def _read_later(self) -> frozenset[int]:
        """The numbers of the leaves that are read when attachments are not."""
        bodies = self._bodies
        return frozenset(part.number for part in (*bodies.plain, *bodies.html, *bodies.delivery, *bodies.texts))

    @property
    def without_attachments(self) -> int:
        """The octets that stay where `drop_attachments` is called; all where that would spare less than half of them."""
        size = len(self.octets)
        if not self._bodies.attachments or self._unpacked.tnef_parts:  # a winmail.dat may hold the text of the message
            return size
        # A leaf without a parent is the message itself.
        spared = sum(part.end - part.start for part in self.parts if part.parent and part.number not in self._read_later)
        return size if spared * 2 < size else size - spared

    def drop_attachments(self) -> None:
        """Forget the octets of attachments, which were saved, and what stands between the leaves; all else is read as before."""
        for part in self.parts:
            part.detach(body=part.number in self._read_later)
        self.octets = self.octets[: self.body_start]

    @property
    def defects(self) -> tuple[str, ...]:
        """What was damaged, as short texts, once each: in the header, the structure, the texts, and the attachments decoded so
        far."""
        found = dict.fromkeys([self.header_fault] if self.header_fault else [])
        found.update(dict.fromkeys(self.headers.defects()))
        if not self.headers.fields and len(self.octets):
            found["there is no header"] = None
        for name in _ADDRESS_FIELDS:
            if more_addresses([unfold(value) for value in self.address_values(name)]):
                found[f"there are more than {MAX_ADDRESSES} addresses; the others are only in the header"] = None
        date = self.date
        if date and parse_date(date) is None:
            found["the date cannot be read"] = None
        if not self.header_only:
            parts, faults = self._parts
            found.update(dict.fromkeys(faults))
            found.update(dict.fromkeys(filter(None, map(sealed, parts))))
            bodies = self._bodies
            for part in (*bodies.plain, *bodies.html[:1], *bodies.delivery):
                _ = part.text  # decoding notes the repairs
            _ = self._enclosed_texts
            for part in parts:
                found.update(part.repairs)
        return tuple(found)


def _first_filled(texts: Sequence[Text]) -> str:
    return next((part.text for part in texts if part.text and not part.text.isspace()), "")


def _first(texts: Sequence[Text]) -> str:
    return texts[0].text if texts else ""


def _last(texts: Sequence[Text]) -> str:
    return texts[-1].text if texts else ""


def _joined(parts: list[Part]) -> str:
    if len(parts) < 2:
        return parts[0].text if parts else ""
    texts = [part.text for part in parts]
    filled = [text for text in texts if text and not text.isspace()]
    if len(filled) < 2:
        return filled[0] if filled else texts[0]
    lines = "\r\n" if "\r\n" in filled[0] or "\n" not in filled[0] else "\n"
    return (lines * 2).join(text.rstrip("\r\n") for text in filled[:-1]) + lines * 2 + filled[-1]
