"""TNEF, the winmail.dat of Outlook: which files and which texts stand inside ([MS-OXTNEF], section 2.1).

Rule: offsets only. The stream is walked once, forward, and never trusted: every length is held against what is there, every count
against a budget, and nothing raises. Check sums are not verified: programs get them wrong, and they protect from nothing.

Own code, because the one library there is counts to four thousand million where 41 octets ask it to, and takes time that is
quadratic in the size of the stream.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator

from cfml_pop.message.charsets import clean_text, decode_text
from cfml_pop.message.enclosed import Decoded

__all__ = ["SIGNATURE", "Span", "Tnef", "TnefFile", "read_tnef"]

SIGNATURE = (0x223E9F78).to_bytes(4, "little")

MAX_ENTRIES = 200_000
"""Attributes and properties that are looked at. A message has about a hundred, each of its attachments about thirty."""

NAME_LIMIT = 4096
"""Octets read of a name, a type or a Content-ID."""

# Attributes: the octets of their id that count (section 2.1.3.1).
_CODEPAGE, _BODY, _MESSAGE_PROPERTIES = 0x9007, 0x800C, 0x9003
_NEW_ATTACHMENT, _TITLE, _DATA, _TRANSPORT_NAME, _ATTACHMENT_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9001, 0x9005

# Properties ([MS-OXPROPS]).
_P_BODY, _P_HTML, _P_RTF, _P_CODEPAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
_P_DATA, _P_NAME, _P_LONG_NAME, _P_DISPLAY_NAME, _P_TYPE, _P_CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x3001, 0x370E, 0x3712

_SAID = frozenset([_P_NAME, _P_LONG_NAME, _P_DISPLAY_NAME, _P_TYPE, _P_CONTENT_ID])

# Types of properties ([MS-OXCDATA], section 2.11.1): octets of those of a fixed size, with the padding to four.
_FIXED = {1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_OBJECT, _STRING8, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_STRINGS = (_STRING8, _UNICODE)
_SEVERAL = 0x1000
_NAMED = 0x8000

_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage: the object is TNEF again

_CODEPAGES = {20127: "us-ascii", 20866: "koi8-r", 21866: "koi8-u", 51932: "euc-jp", 51949: "euc-kr", 54936: "gb18030"}

UNREADABLE = "the winmail.dat cannot be read"
DAMAGED = "the winmail.dat is damaged; what is inside was read as far as possible"
CUT = "the winmail.dat is cut; its last attachment may be incomplete"


@dataclasses.dataclass(frozen=True)
class Span:
    """Octets `start` to `end` of the stream. `type` is the property's, or that of an 8-bit string."""

    start: int
    end: int
    type: int = _STRING8


@dataclasses.dataclass
class TnefFile:
    """An attachment inside: its names by the property or attribute they come from, what else it says, and where its octets are
    (None: there are none in the stream, as with a link to a file). `is_message`: they are TNEF again."""

    said: dict[int, str] = dataclasses.field(default_factory=dict)
    span: Span | None = None
    is_message: bool = False

    @property
    def name(self) -> str:
        """The best name it has; "" if none."""
        order = (_P_LONG_NAME, _TITLE, _P_NAME, _TRANSPORT_NAME, _P_DISPLAY_NAME)
        return next((self.said[key] for key in order if self.said.get(key)), "")

    @property
    def content_type(self) -> str:
        """The type that it says, in lower case; "" if none."""
        return self.said.get(_P_TYPE, "").strip().lower()

    @property
    def content_id(self) -> str:
        return self.said.get(_P_CONTENT_ID, "")


class Tnef:
    """What one stream holds. `faults`: what was damaged, noted at the part. `more`: there are more files than were wanted. `rtf`:
    there is a text in compressed RTF, which is not read."""

    def __init__(self, data: Decoded) -> None:
        self.data = data
        self.files: list[TnefFile] = []
        self.faults: dict[str, None] = data.part.repairs
        self.more = False
        self.rtf = False
        self.codepage = 0  # of 8-bit strings
        self.internet_codepage = 0  # of the HTML
        self.text_span: Span | None = None
        self.html_span: Span | None = None

    @property
    def text(self) -> str:
        """The plain text, "" if there is none."""
        return self.string(self.text_span) if self.text_span else ""

    @property
    def html(self) -> str:
        """The HTML, "" if there is none."""
        return self.string(self.html_span) if self.html_span else ""

    def string(self, span: Span, limit: int | None = None) -> str:
        """A string of the stream, up to its terminator; of at most `limit` octets."""
        octets = self.data.read(span.start, span.end - span.start if limit is None else min(span.end - span.start, limit))
        if span.type == _UNICODE:
            text = clean_text(octets.decode("utf-16-le", "replace").partition("\0")[0])
        else:
            octets = octets.rstrip(b"\0") if span.type == _BINARY else octets.partition(b"\0")[0]
            codepage = (self.internet_codepage if span.type == _BINARY else 0) or self.codepage
            label = _CODEPAGES.get(codepage) or (
                f"iso-8859-{codepage - 28590}" if 28590 < codepage <= 28606 else f"cp{codepage}" if codepage else ""
            )
            text, repair = decode_text(octets, label)
            if repair:
                self.faults[repair] = None
        return text


class _DamagedError(Exception):
    """A length that does not fit. Caught in this module."""


def read_tnef(data: Decoded, most: int) -> Tnef:
    """What the stream `data` holds; of its files at most `most` and one, by which it is seen that there are more. Reads it once,
    and only what it needs."""
    found = Tnef(data)
    if data.read(0, 4) != SIGNATURE:
        found.faults[UNREADABLE] = None
        return found
    walk = _Walk(found)
    position = 6  # behind the key
    while True:
        head = data.read(position, 9)
        if len(head) < 9:  # nothing, or a few octets that mail programs have added
            if head[:1] in (b"\1", b"\2"):
                found.faults[CUT] = None
            break
        if len(found.files) > most:
            found.more = True
            break
        level, key, size = struct.unpack("<BII", head)
        if level not in (1, 2) or not walk.may_go_on():
            found.faults[DAMAGED] = None
            break
        start, position = position + 9, position + 9 + size
        try:
            walk.attribute(level, key & 0xFFFF, start, position)
        except _DamagedError:
            found.faults[DAMAGED] = None
        if size and not data.some(position - 1, 1):
            found.faults[CUT] = None
            break
        position += 2
    data.release()
    return found


class _Walk:
    """Puts each attribute where it belongs."""

    def __init__(self, found: Tnef) -> None:
        self.found = found
        self.data = found.data
        self.budget = MAX_ENTRIES

    def may_go_on(self) -> bool:
        self.budget -= 1
        return self.budget >= 0

    def attribute(self, level: int, key: int, start: int, end: int) -> None:
        found = self.found
        if key == _NEW_ATTACHMENT:
            found.files.append(TnefFile())
        elif level == 2:
            self._of_attachment(key, start, end)
        elif key == _CODEPAGE:
            found.codepage = self._word(start, end)
        elif key == _BODY:
            found.text_span = found.text_span or Span(start, end)
        elif key == _MESSAGE_PROPERTIES:
            for name, span in self._properties(start, end):
                if name == _P_BODY and span.type in _STRINGS:
                    found.text_span = span
                elif name == _P_HTML and span.type in (*_STRINGS, _BINARY):
                    found.html_span = span
                elif name == _P_RTF:
                    found.rtf = True
                elif name == _P_CODEPAGE and span.type == 3:
                    found.internet_codepage = self._word(span.start, span.end)

    def _of_attachment(self, key: int, start: int, end: int) -> None:
        if not self.found.files:
            self.found.files.append(TnefFile())
        file = self.found.files[-1]
        if key == _DATA:
            file.span = Span(start, end)
        elif key in (_TITLE, _TRANSPORT_NAME):
            file.said[key] = self.found.string(Span(start, end), NAME_LIMIT)
        elif key == _ATTACHMENT_PROPERTIES:
            for name, span in self._properties(start, end):
                if name == _P_DATA and span.type == _OBJECT:
                    file.is_message = self.data.read(span.start, min(16, span.end - span.start)) == _MESSAGE
                    file.span = Span(min(span.start + 16, span.end), span.end)
                elif name == _P_DATA:
                    file.span = span
                elif name in _SAID and span.type in _STRINGS:
                    file.said[name] = self.found.string(span, NAME_LIMIT)

    def _properties(self, position: int, end: int) -> Iterator[tuple[int, Span]]:
        """The properties of a list that have one value each, in order (section 2.1.3.4)."""
        count = self._word(position, end)
        position += 4
        for _ in range(count):
            if not self.may_go_on():
                raise _DamagedError
            tag = self._word(position, end)
            position += 4
            kind, name = tag & 0xFFFF, tag >> 16
            if name >= _NAMED:
                position += 16
                by_name = self._word(position, end)
                position += 4
                position += 4 + (_padded(self._word(position, end)) if by_name else 0)
            if kind & _SEVERAL:
                position = self._behind_several(kind & ~_SEVERAL, position, end)
                continue
            size = _FIXED.get(kind)
            if size is None:
                if kind not in (_OBJECT, _STRING8, _UNICODE, _BINARY) or self._word(position, end) != 1:
                    raise _DamagedError
                size = self._word(position + 4, end)
                position += 8
            if position + size > end:
                raise _DamagedError
            yield name, Span(position, position + size, kind)
            position += _padded(size)

    def _behind_several(self, kind: int, position: int, end: int) -> int:
        """Where a property of several values ends. None of those is of use here."""
        count = self._word(position, end)
        position += 4
        if kind in _FIXED:
            return position + _padded(count * (2 if kind in (2, 11) else _FIXED[kind]))
        for _ in range(count):
            if not self.may_go_on():
                raise _DamagedError
            position += 4 + _padded(self._word(position, end))
        return position

    def _word(self, position: int, end: int) -> int:
        """The 32-bit number at `position`."""
        octets = self.data.read(position, 4) if position + 4 <= end else b""
        if len(octets) < 4:
            raise _DamagedError
        return int.from_bytes(octets, "little")


def _padded(size: int) -> int:
    return size + -size % 4
