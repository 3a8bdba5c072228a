"""The header block of a message or part: where it ends, which fields it has, and what their values are (RFC 5322, section 2.2).

Rule: a field's value is found once and unfolded when it is asked for. Names compare without case, values are kept as octets; only
`text` and `plain` make text of them.
"""

from __future__ import annotations

import re

from cfml_pop.message.charsets import guess
from cfml_pop.message.octets import Octets
from cfml_pop.message.words import decode_words, one_line

__all__ = ["HEADER_LIMIT", "Headers", "split_header"]

HEADER_LIMIT = 1024 * 1024
"""Octets of a header block that are read. Servers refuse far less (Postfix 100 KB, Exchange 256 KB)."""

_NAME = rb"[!-9;-~]+[ \t]*:"
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_FIRST_FIELD = re.compile(rb"(?:[ \t][^\n]*\n)*" + _NAME)
_FIELD_LINES = re.compile(rb"(?:(?:" + _NAME + rb"|[ \t])[^\n]*(?:\n|\Z))*")
_STRAY = re.compile(rb"^(?![ \t])(?!" + _NAME + rb")[^\n]*[^\s][^\n]*", re.MULTILINE)


def split_header(octets: Octets, start: int, end: int, *, top: bool = False) -> tuple[bytes, int]:
    """The header block that begins at `start`, as sent, and the offset at which the body begins.

    The block ends at the first empty line, which belongs to neither. Without one the body begins at the first line that is no
    header. A block that holds no field at all is body. `top`: a line `From ` or `>From ` of a mailbox file is skipped.
    Of a block longer than HEADER_LIMIT the rest is neither header nor body.
    """
    if top and octets[start : start + 6].startswith((b"From ", b">From ")):
        line = octets.find(b"\n", start, min(end, start + HEADER_LIMIT))
        start = line + 1 if line >= 0 else end
    if (
        start >= end
        or octets[start : min(start + 2, end)] in (b"\r\n", b"\n\r", b"\n\n", b"\n")
        or octets[start : start + 1] == b"\n"
    ):
        first = octets[start : min(start + 2, end)]
        return b"", min(end, start + (2 if first == b"\r\n" else 1 if first[:1] == b"\n" else 0))
    found = _empty_line(octets, start, end)
    if found is None:
        block = octets[start : min(end, start + HEADER_LIMIT)]
        lines = _FIELD_LINES.match(block)
        size = lines.end() if lines else 0
        if not _FIRST_FIELD.match(block):
            size = 0
        return block[:size], start + size
    size, body = found
    block = octets[start : start + min(size, HEADER_LIMIT)]
    if size > HEADER_LIMIT:
        block = block[: block.rfind(b"\n") + 1] or block
    if not _FIRST_FIELD.match(block) and not _FIELD.search(block):
        return b"", start
    return block, body


def _empty_line(octets: Octets, start: int, end: int) -> tuple[int, int] | None:
    """How long the block is up to the first empty line, and where that line ends; None if there is no empty line."""
    reach = start
    for size in (
        8 * 1024,
        HEADER_LIMIT,
        end - start,
    ):  # most blocks are short: a large body is not searched for the other line end
        reach = min(end, start + size)
        crlf = octets.find(b"\n\r\n", start, reach)
        lf = octets.find(b"\n\n", start, reach if crlf < 0 else crlf + 1)
        if lf >= 0:
            return lf + 1 - start, lf + 2
        if crlf >= 0:
            return crlf + 1 - start, crlf + 3
        if reach == end:
            break
    return None


class Headers:
    """The fields of one block, in order. Any octets give one; nothing raises."""

    __slots__ = ("_index", "block", "fields")

    def __init__(self, block: bytes) -> None:
        self.block = block
        self.fields: list[tuple[bytes, bytes]] = _FIELD.findall(block)
        self._index: dict[bytes, list[bytes]] = {}
        for name, value in self.fields:
            self._index.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: bytes) -> bool:
        return name in self._index

    def first(self, name: bytes) -> bytes:
        """The first value of the field `name` (lower case), unfolded and trimmed; b"" if there is none."""
        values = self._index.get(name)
        return unfold(values[0]) if values else b""

    def every(self, name: bytes) -> list[bytes]:
        """All values of the field `name` (lower case), unfolded and trimmed."""
        return [unfold(value) for value in self._index.get(name, ())]

    def text(self, name: bytes) -> str:
        """The first value as one line of text, encoded words decoded."""
        return one_line(decode_words(self.first(name)))

    def plain(self, name: bytes) -> str:
        """The first value as one line of text as it stands, encoded words left alone."""
        return one_line(guess(self.first(name)))

    def items(self) -> tuple[tuple[str, str], ...]:
        """All fields in order, values decoded."""
        return tuple((name.decode("ascii"), one_line(decode_words(unfold(value)))) for name, value in self.fields)

    def defects(self) -> list[str]:
        """What is wrong with the block itself."""
        found = []
        if self.block[:1] in (b" ", b"\t"):
            found.append("the header begins with a continued line")
        if _STRAY.search(self.block):
            found.append("a line of the header has no field name")
        if len(self.block) > HEADER_LIMIT - 1000 and (len(self.block) == HEADER_LIMIT or not self.block.endswith(b"\n")):
            found.append("the header is too long and was cut")
        return found


def unfold(value: bytes) -> bytes:
    """A value without its line ends (RFC 5322, section 2.2.3: what is left is the blank that begins the next line)."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip()
