"""The header block of a message or part: where it ends, which fields it has, and what their values are (RFC 5322, section 2.2).

Rule: a field's value is found once and unfolded when it is asked for. Names compare without case, values are kept as octets; only
`text` and `plain` make text of them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cfml_pop.message.charsets import guess
from cfml_pop.message.octets import Octets, dashed_lines
from cfml_pop.message.parameters import Parameters
from cfml_pop.message.words import decode_words, one_line

__all__ = ["CUT", "HEADER_LIMIT", "MAX_FIELDS", "PART_HEADER_LIMIT", "Block", "Headers", "split_header", "unfold"]

HEADER_LIMIT = 1024 * 1024
"""Octets of a header block that are read. Servers refuse far less (Postfix 100 KB, Exchange 256 KB)."""

PART_HEADER_LIMIT = 64 * 1024
"""The same of a part; there may be thousands."""

USUAL = 8 * 1024
"""Octets in which most headers end: so many are looked at first, as one copy of them costs less than a search in the whole."""

PART_USUAL = 1024
"""The same for parts, whose headers are short and of which there may be thousands."""

MAX_FIELDS = 10_000
"""Fields of a block that are told apart; long chains of relays make some hundreds."""

_BOM = b"\xef\xbb\xbf"

CUT = "the header is too long and was cut"
RUNS_ON = "the header has no empty line behind it"

_SHORT = MAX_FIELDS * len(b"x:\n")
"""A block of no more octets has no more than MAX_FIELDS fields."""

_NAME = rb"[!-9;-~]+[ \t]*:"
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
# The fields that rows and parts are made of. The look-ahead spares most lines the alternatives.
_KNOWN = (
    b"subject", b"date", b"from", b"to", b"cc", b"bcc", b"reply-to", b"message-id",
    b"content-type", b"content-disposition", b"content-transfer-encoding", b"content-id",
)  # fmt: skip
_AT_ONCE = frozenset(_KNOWN)
_KNOWN_FIELD = re.compile(
    rb"\n(?=[%b])(%b)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)" % (b"".join({name[:1] for name in _KNOWN}), b"|".join(_KNOWN)),
    re.IGNORECASE,
)
_SOME_FIELD = re.compile(rb"^" + _NAME, re.MULTILINE)
_FIELD_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_FIRST_LINE = re.compile(rb"^(?![ \t])", re.MULTILINE)  # the first that does not continue another
_NO_FIELD_LINE = re.compile(rb"^(?![ \t]|" + _NAME + rb")", re.MULTILINE)
_CONTENT_FIELD = re.compile(rb"^content-[!-9;-~]+[ \t]*:", re.MULTILINE | re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:([^\n]*(?:\n[ \t][^\n]*){0,1000})", re.MULTILINE | re.IGNORECASE)
_EMPTY_LINE_OR_DASHES = re.compile(rb"\n(?:\r?\n|--)")
_BOUNDARY_TAIL = re.compile(rb"(?:--)?[ \t]*\r?(?:\n|\Z)")
_STRAY = re.compile(rb"^(?![ \t])(?!" + _NAME + rb")[^\n]*[^\s][^\n]*", re.MULTILINE)


class Block(NamedTuple):
    """A header block: its octets as sent, the offset at which the body begins, what was wrong with its end ("" if nothing)."""

    octets: bytes
    body: int
    fault: str = ""


def split_header(octets: Octets, start: int, end: int, *, top: bool = False) -> Block:
    """The header block that begins at `start`; `end` is where its message or part ends.

    The block ends at the first empty line, which belongs to neither header nor body, or at the first boundary that its own
    Content-Type names, where the body begins then. Without either the body begins at the first line that is no header. A block
    that holds no field at all is body, and in a part also one without an empty line and without any Content- field.
    `top`: it is the message's own, the byte order mark of an editor and a line `From ` or `>From ` of a mailbox file are skipped,
    and the limit is HEADER_LIMIT; else PART_HEADER_LIMIT. Of a longer block the rest is neither header nor body.
    """
    limit = HEADER_LIMIT if top else PART_HEADER_LIMIT
    usual = USUAL if top else PART_USUAL
    head = octets[start : min(start + usual, end)]
    if top and head.startswith(_BOM):
        start += len(_BOM)
        head = head[len(_BOM) :]
    if top and head.startswith((b"From ", b">From ")):
        line = octets.find(b"\n", start, min(end, start + limit))
        start = line + 1 if line >= 0 else end
        head = octets[start : min(start + usual, end)]
    if _FIELD_NAME.match(
        head
    ):  # as nearly all do; then one search finds where the block ends if nothing in it looks like a boundary
        empty = _EMPTY_LINE_OR_DASHES.search(head)
        if empty is not None and empty[0] != b"\n--":
            return Block(head[: empty.start() + 1], start + empty.end())
    if not head or head[:1] == b"\n":
        return Block(b"", start + len(head[:1]))
    if head[:2] == b"\r\n":
        return Block(b"", start + 2)
    cut = False
    found = _empty_line(head, 0, len(head))
    if found is not None and found[0] <= limit:
        block = head[: found[0]]
    else:
        # Twice, so that a large body is not searched for the other line end.
        found = _empty_line(octets, start, min(end, start + limit)) or _empty_line(octets, start, end)
        block = octets[start : min(end, start + (limit if found is None else min(found[0], limit)))]
        cut = (found[0] if found else end - start) > limit
        if cut:
            block = block[: block.rfind(b"\n") + 1] or block
    if found is None:
        other = _NO_FIELD_LINE.search(block)
        size = other.start() if other else len(block)
        cut = cut and size == len(block)
        block = block[:size]
        if not _begins_with_a_field(block) or not (top or _CONTENT_FIELD.search(block)):
            return Block(b"", start)
    elif not _begins_with_a_field(block) and not _SOME_FIELD.search(block):
        return Block(b"", start)
    boundary = _own_boundary(block)
    if boundary >= 0:
        return Block(block[:boundary], start + boundary, RUNS_ON)
    if found is not None:
        return Block(block, start + found[1], CUT if cut else "")
    body = start + len(block)
    # The fields of a message may be all there is of it (RFC 5322, section 3.5), those of a part as well; then the last line ends.
    runs_on = body < end or (top and block[-1:] != b"\n")
    return Block(block, body, CUT if cut else RUNS_ON if runs_on else "")


def _begins_with_a_field(block: bytes) -> bool:
    """Whether the first line that does not continue another is a field."""
    if _FIELD_NAME.match(block):
        return True
    line = _FIRST_LINE.search(block)
    return line is not None and _FIELD_NAME.match(block, line.start()) is not None


def _own_boundary(block: bytes) -> int:
    """Where the first line begins that is the boundary of a Content-Type before it; -1 if there is none."""
    if b"\n--" not in block:
        return -1
    field = _CONTENT_TYPE.search(block)
    boundary = Parameters(unfold(field[1])).octets("boundary").rstrip() if field else b""
    if field is None or not boundary:
        return -1
    needle = b"\n--" + boundary
    for position in dashed_lines(block, needle, field.end(), len(block)):
        if _BOUNDARY_TAIL.match(block, position + len(needle)):
            return position + 1
    return -1


def _empty_line(octets: Octets, start: int, end: int) -> tuple[int, int] | None:
    """How long the block is up to the first empty line, and where behind `start` that line ends; None if there is no empty
    line."""
    crlf = octets.find(b"\n\r\n", start, end)
    lf = octets.find(b"\n\n", start, end if crlf < 0 else crlf + 1)
    if lf >= 0:
        return lf + 1 - start, lf + 2 - start
    return (crlf + 1 - start, crlf + 3 - start) if crlf >= 0 else None


class Headers:
    """The fields of one block, in order. Any octets give one; nothing raises.

    Those of `_KNOWN` are found at once, which costs less than to take all fields apart, of which mail has forty.
    """

    __slots__ = ("_fields", "_more", "_repeated", "block", "known")

    def __init__(self, block: bytes) -> None:
        self.block: bytes = block
        self._fields: list[tuple[bytes, bytes]] | None = None
        self._more = False
        found = _KNOWN_FIELD.findall(b"\n" + block) if len(block) <= _SHORT else self.fields
        # The first value, as it stands, of each field in `_KNOWN` that there is. Octets alone cost the garbage collector nothing.
        self.known: dict[bytes, bytes] = {name.lower(): value for name, value in found}
        self._repeated: dict[bytes, list[bytes]] | None = None
        if len(self.known) < len(found):
            self._repeated = {name: [] for name in self.known}
            for name, value in found:
                self._repeated[name.lower()].append(value)
            self.known = {name: values[0] for name, values in self._repeated.items()}

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """Names and values as they stand, at most MAX_FIELDS."""
        if self._fields is None:
            self._fields = _FIELD.findall(self.block) if len(self.block) <= _SHORT else _fields_of_long(self.block)
            self._more = len(self._fields) > MAX_FIELDS
            del self._fields[MAX_FIELDS:]
        return self._fields

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """All values of the field `name` (lower case) as they stand, folded and with the blanks around them."""
        found = self.known.get(name)
        if found is None:
            return () if name in _AT_ONCE else tuple([value for field, value in self.fields if field.lower() == name])
        return (found,) if self._repeated is None else tuple(self._repeated[name])

    def __contains__(self, name: bytes) -> bool:
        return bool(self.values(name))

    def first(self, name: bytes) -> bytes:
        """The first value of the field `name` (lower case), unfolded and trimmed; b"" if there is none."""
        found = self.known.get(name)
        if found is None and name not in _AT_ONCE:
            found = next(iter(self.values(name)), None)
        return b"" if found is None else unfold(found)

    def every(self, name: bytes) -> list[bytes]:
        """All values of the field `name` (lower case), unfolded and trimmed."""
        return [unfold(value) for value in self.values(name)]

    def raw(self, name: bytes) -> list[str]:
        """All values of the field `name` (lower case) as they stand, line ends inside them included."""
        return [_as_sent(value) for value in self.values(name)]

    def raw_items(self) -> list[tuple[str, str]]:
        """All fields in order, values as they stand."""
        return [(name.decode("ascii"), _as_sent(value)) for name, value in self.fields]

    def text(self, name: bytes, *, keep_unknown: bool = False) -> str:
        """The first value as one line of text, encoded words decoded; `keep_unknown` as in `decode_words`."""
        return one_line(decode_words(self.first(name), keep_unknown=keep_unknown))

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
        if self.fields and self._more:
            found.append(f"the header has more than {MAX_FIELDS} fields; the rest was left unread")
        return found


def _fields_of_long(block: bytes) -> list[tuple[bytes, bytes]]:
    """What `_FIELD` finds, up to MAX_FIELDS and one more, line by line: the pattern needs a hundred octets of memory for every
    folded line."""
    fields: list[tuple[bytes, list[bytes]]] = []
    lines: list[bytes] = []  # of the current field
    for line in block.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            lines.append(line)
            continue
        name = _FIELD_NAME.match(line)
        lines = [line[name.end() :]] if name else []
        if name:
            if len(fields) > MAX_FIELDS:
                break
            fields.append((name[1], lines))
    return [(name, b"\n".join(lines)) for name, lines in fields]


def _as_sent(value: bytes) -> str:
    return guess(value.lstrip(b" \t").rstrip(b"\r")).replace("\0", "\ufffd")


def unfold(value: bytes) -> bytes:
    """A value without its line ends (RFC 5322, section 2.2.3: what is left is the blank that begins the next line)."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip()
