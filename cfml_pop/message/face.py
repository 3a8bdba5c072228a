"""A retrieved message as Python programs use it: its octets, its header, its parts.

Rule: this is the face for programs that hold a POP3 session; columns of a row are made in `row`. Values are decoded when they are
asked for, and nothing raises for what a message holds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cached_property

from cfml_pop.message.bodies import AttachedPart
from cfml_pop.message.headers import Headers
from cfml_pop.message.message import Message as ParsedMessage
from cfml_pop.message.octets import Octets
from cfml_pop.message.parts import Part

__all__ = ["Header", "Message", "MessageAttachment", "MessagePart", "PartStream"]


class Header:
    """The fields of a header. Names in any case, values decoded (RFC 2047) and on one line each."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    @property
    def content(self) -> bytes:
        """The octets as sent, without the empty line."""
        return self._headers.block

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field, or `default`."""
        key = name.lower().encode("ascii", "replace")
        return self._headers.text(key) if key in self._headers else default

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in order."""
        return tuple(value for field, value in self.items() if field.lower() == name.lower())

    def items(self) -> tuple[tuple[str, str], ...]:
        """All fields in order, as (name, value)."""
        return self._headers.items()

    def __contains__(self, name: str) -> bool:
        return name.lower().encode("ascii", "replace") in self._headers

    def __repr__(self) -> str:
        return f"<Header of {len(self._headers.fields)} fields>"


class MessagePart:
    """One leaf of the message: a text, an attachment, an enclosed message."""

    def __init__(self, part: Part) -> None:
        self._part = part

    @cached_property
    def header(self) -> Header:
        """The header of the part."""
        return Header(self._part.headers)

    @property
    def content_type(self) -> str:
        """The type in lower case, without parameters."""
        return self._part.content_type

    @property
    def name(self) -> str:
        """The file name it came with, made safe; "" if it has none."""
        return self._part.name

    @property
    def text(self) -> str:
        """The body as text: transfer encoding and charset undone."""
        return self._part.text

    @property
    def content(self) -> bytes:
        """The body, transfer encoding undone."""
        return self._part.decoded()

    def open(self) -> io.BufferedReader:
        """The same as a stream, decoded block by block: for parts of any size."""
        return io.BufferedReader(PartStream(self._part.blocks()))

    def __repr__(self) -> str:
        return f"<MessagePart {self.content_type} {self.name!r}>"


class MessageAttachment:
    """An attachment: a part that is one, or a file inside a winmail.dat or a text."""

    def __init__(self, attached: AttachedPart) -> None:
        self._attached = attached

    @property
    def name(self) -> str:
        """Its file name, made safe; made up where it has none."""
        return self._attached.name

    @property
    def content_type(self) -> str:
        """The type in lower case, without parameters."""
        return self._attached.part.content_type

    @property
    def content_id(self) -> str:
        """The Content-ID without brackets, "" if there is none."""
        return self._attached.content_id

    @property
    def content(self) -> bytes:
        """Its octets, decoded."""
        return b"".join(self._attached.part.blocks())

    def open(self) -> io.BufferedReader:
        """The same as a stream, decoded block by block: for attachments of any size."""
        return io.BufferedReader(PartStream(self._attached.part.blocks()))

    def __repr__(self) -> str:
        return f"<MessageAttachment {self.content_type} {self.name!r}>"


class Message:
    """A message as it was retrieved."""

    def __init__(self, octets: Octets) -> None:
        self._octets = octets
        self._parsed = ParsedMessage(octets)

    @property
    def content(self) -> bytes:
        """The octets as sent, dots unstuffed."""
        return self._octets[:]

    @cached_property
    def header(self) -> Header:
        """The header of the message."""
        return Header(self._parsed.headers)

    @cached_property
    def parts(self) -> tuple[MessagePart, ...]:
        """The leaves in order; a message that is not multipart is one."""
        return tuple(map(MessagePart, self._parsed.parts))

    @cached_property
    def attachments(self) -> tuple[MessageAttachment, ...]:
        """The attachments in order, and behind a winmail.dat or a text those that are inside it."""
        return tuple(map(MessageAttachment, self._parsed.attachments))

    @property
    def text(self) -> str:
        """The plain text, "" if there is none."""
        return self._parsed.text

    @property
    def html(self) -> str:
        """The HTML as sent, "" if there is none. It is a stranger's: clean it before you show it."""
        return self._parsed.html

    @property
    def defects(self) -> tuple[str, ...]:
        """What was damaged, as short texts."""
        return self._parsed.defects

    def __len__(self) -> int:
        return len(self._octets)

    def __repr__(self) -> str:
        return f"<Message of {len(self)} octets>"


class PartStream(io.RawIOBase):
    """Decoded blocks as a raw stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._block = memoryview(block)
        size = min(len(self._block), len(buffer))
        buffer[:size] = self._block[:size]
        self._block = self._block[size:]
        return size
