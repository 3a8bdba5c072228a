"""One message: everything that can be asked of it, decoded when it is asked.

Rule: this is the room's face. Any octets give a Message; no property raises for what they hold (a spool file that cannot be read
raises OSError), and each takes time linear in the octets it needs.
"""

from __future__ import annotations

import re
from functools import cached_property

from cfml_pop.message.addresses import Mailbox, parse_addresses
from cfml_pop.message.bodies import AttachedPart, Bodies, sort_parts
from cfml_pop.message.dates import parse_date
from cfml_pop.message.headers import Block, Headers, split_header
from cfml_pop.message.octets import Octets
from cfml_pop.message.parts import Part, find_parts

__all__ = ["Message"]

# Embeddings and overrides of direction (Unicode Standard Annex #9). Marks and isolates stay: right-to-left subjects need them.
_TURNS = re.compile("[\u202a-\u202e]")
_JOINED = frozenset((b"to", b"cc", b"bcc"))


class Message:
    """A message as RETR gives it, or its header as TOP does (`header_only`: nothing is said about a body that is missing)."""

    def __init__(self, octets: Octets, *, header_only: bool = False) -> None:
        self.octets = octets
        self.header_only = header_only

    @cached_property
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
    def header_fault(self) -> str:
        """What was wrong with the end of the header, "" if nothing."""
        return self._split.fault

    @cached_property
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
        text = self.headers.text(b"subject")
        return text if text.isascii() else _TURNS.sub("", text).strip()

    @property
    def date(self) -> str:
        """The first Date header as it stands; `parse_date` reads it."""
        return self.headers.plain(b"date")

    @property
    def message_id(self) -> str:
        return self.headers.plain(b"message-id")

    def addresses(self, name: bytes) -> tuple[Mailbox, ...]:
        """The addresses of a field (lower case): of the first one, but of all To, Cc and Bcc there are."""
        return parse_addresses(self.headers.every(name) if name in _JOINED else [self.headers.first(name)])

    @cached_property
    def _parts(self) -> tuple[list[Part], list[str]]:
        return find_parts(self.octets, self.headers, self.body_start)

    @cached_property
    def _bodies(self) -> Bodies:
        return sort_parts(self._parts[0])

    @property
    def parts(self) -> list[Part]:
        """The leaves, in order."""
        return self._parts[0]

    @property
    def text(self) -> str:
        """The first text/plain, and further inline ones behind it after an empty line; "" if there is none."""
        return _joined(self._bodies.plain)

    @property
    def html(self) -> str:
        """The first text/html as sent; "" if there is none."""
        return self._bodies.html[0].text if self._bodies.html else ""

    @property
    def body(self) -> str:
        """The first text that is not empty, plain or HTML, in the order in which they stand."""
        leaves = sorted((*self._bodies.plain, *self._bodies.html), key=lambda part: part.number)
        for part in leaves:
            if part.text and not part.text.isspace():
                return part.text
        return leaves[0].text if leaves else ""

    @property
    def delivery_status(self) -> str:
        """The text of a delivery report for programs (RFC 3464)."""
        return _joined(self._bodies.delivery)

    @property
    def attachments(self) -> list[AttachedPart]:
        return self._bodies.attachments

    @property
    def defects(self) -> tuple[str, ...]:
        """What was damaged, as short texts, once each: in the header, the structure, the texts, and the attachments decoded so
        far."""
        found = dict.fromkeys([self.header_fault] if self.header_fault else [])
        found.update(dict.fromkeys(self.headers.defects()))
        if not self.headers.fields and len(self.octets):
            found["there is no header"] = None
        date = self.date
        if date and parse_date(date) is None:
            found["the date cannot be read"] = None
        if not self.header_only:
            parts, faults = self._parts
            found.update(dict.fromkeys(faults))
            bodies = self._bodies
            for part in (*bodies.plain, *bodies.html[:1], *bodies.delivery):
                _ = part.text  # decoding notes the repairs
            for part in parts:
                found.update(part.repairs)
        return tuple(found)


def _joined(parts: list[Part]) -> str:
    if len(parts) < 2:
        return parts[0].text if parts else ""
    texts = [part.text for part in parts]
    filled = [text for text in texts if text and not text.isspace()]
    if len(filled) < 2:
        return filled[0] if filled else texts[0]
    lines = "\r\n" if "\r\n" in filled[0] or "\n" not in filled[0] else "\n"
    return (lines * 2).join(text.rstrip("\r\n") for text in filled[:-1]) + lines * 2 + filled[-1]
