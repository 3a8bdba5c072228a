"""Uuencoded files inside a text: where they are (POSIX, uuencode: both the historical form and base64).

Rule: only a whole block counts. Its first line has an octal mode and a name, the length character of each further line fits that
line, and an end line follows; anything else is prose, and is left alone. No line is looked at twice.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

__all__ = ["Uublock", "Uublocks", "find_uublocks"]

LONGEST = 4096
"""Octets of a line that may belong to a block. Those with data have 61 or 76; the first one holds a name of at most 255."""

_BEGIN = re.compile(rb"begin(-base64)? {1,9}[0-7]{3,4} {1,9}(\S[^\r\n]*)\r?\n")
# Most lines are full ones: runs of them are passed in one step.
_FULL = {False: re.compile(rb"(?:M[ -`]{60}\r?\n)+"), True: re.compile(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n)+")}
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_LETTERS = bytes(range(32, 97))


@dataclasses.dataclass(frozen=True)
class Uublock:
    """A complete block: the name as it stands, and the offsets of its first octet and of the one behind its end line."""

    name: bytes
    start: int
    end: int


class Uublocks:
    """What was found: `blocks` in order. `cut`: one had lines with data and then no end. `more`: there are more than that."""

    def __init__(self) -> None:
        self.blocks: list[Uublock] = []
        self.cut = False
        self.more = False


def find_uublocks(pieces: Iterable[bytes], most: int) -> Uublocks:
    """The blocks, at most `most`, in the text whose octets are `pieces` joined. Takes linear time and a piece of memory."""
    scan = _Scan(most)
    carry = b""  # a line that is not complete yet
    for piece in pieces:
        data = carry + piece
        cut = data.rfind(b"\n") + 1
        scan.lines(data, cut)
        carry = data[cut:]
        if len(carry) > LONGEST:
            scan.long_line(len(carry))
            carry = b""
        if scan.found.more:
            return scan.found
    scan.lines(carry + b"\n", len(carry) + 1)
    scan.fail()
    return scan.found


class _Scan:
    """Goes through a text, whole lines at a time. Inside a block, `start` is where it began."""

    def __init__(self, most: int) -> None:
        self.found = Uublocks()
        self.most = most
        self.offset = 0  # of the next line to come
        self.inside = False
        self.middle = False  # what comes next goes on a line that was too long
        self.start = 0
        self.name = b""
        self.base64 = False
        self.filled = False  # a line with data was exactly as long as it says
        self.empty = True  # no line with data yet
        self.closing = False  # the line that says "no octets" was there; only `end` may follow

    def long_line(self, size: int) -> None:
        """A line, or a piece of one, of that size was left out: no block has such."""
        self.fail()
        self.middle = True
        self.offset += size

    def fail(self) -> None:
        """What began was no block, or is not complete."""
        self.found.cut |= self.inside and self.filled
        self.inside = False

    def lines(self, data: bytes, end: int) -> None:
        """Take in `data[:end]`, which ends with a line end or is empty."""
        position = 0
        if self.middle and end:
            position = data.find(b"\n") + 1
            self.middle = False
        while position < end and not self.found.more:
            if not self.inside:
                position = self._begin(data, position, end)
                continue
            full = _FULL[self.base64].match(data, position, end) if not self.closing else None
            if full:
                self.filled, self.empty = True, False
                position = full.end()
            else:
                position = self._line(data, position, end)
        self.offset += end

    def _begin(self, data: bytes, position: int, end: int) -> int:
        """Look for the next first line, from the line at `position` on; the line at which to go on."""
        if not data.startswith(b"begin", position, end):
            position = data.find(b"\nbegin", position, end) + 1
            if not position:
                return end
        match = _BEGIN.match(data, position, end)
        if match is None:
            return data.find(b"\n", position, end) + 1
        self.start = self.offset + position
        self.name = match[2]
        self.base64 = match[1] is not None
        self.inside, self.filled, self.empty, self.closing = True, False, True, False
        return match.end()

    def _line(self, data: bytes, position: int, end: int) -> int:
        """One line inside a block. A line that does not fit ends it, and is looked at again as text."""
        behind = data.find(b"\n", position, end) + 1
        line = data[position : behind - 1].rstrip(b"\r")
        if line.rstrip(b" \t") == (b"====" if self.base64 else b"end"):
            self._complete(position + (4 if self.base64 else 3))
        elif self.closing:
            self.fail()
            return position
        elif self.base64:
            if not _BASE64_LINE.fullmatch(line) or len(line) > LONGEST:
                self.fail()
                return position
            self.filled, self.empty = True, False
        else:
            size = _size(line)
            if size < 0:
                self.fail()
                return position
            self.closing = size == 0
            if size:
                self.empty = False
                self.filled |= len(line) > (size + 2) // 3 * 4
        return behind

    def _complete(self, position: int) -> None:
        self.inside = False
        # Short lines, as if blanks were lost at their ends, are believed only beside one that is whole.
        if not self.filled and (not self.empty or not (self.closing or self.base64)):
            return
        if len(self.found.blocks) >= self.most:
            self.found.more = True
            return
        self.found.blocks.append(Uublock(self.name, self.start, self.offset + position))


def _size(line: bytes) -> int:
    """How many octets a line stands for, -1 if it is no line of a block.

    Zeros may be blanks, which get lost at line ends; one more character may follow, as some programs add a check sum.
    """
    if not line:
        return 0
    size = (line[0] - 32) & 63
    if not 32 <= line[0] <= 96 or line.translate(None, _LETTERS):
        return -1
    letters = len(line.rstrip(b" `" if not size else b" ")) - 1  # the first is the length
    return size if letters <= ((size + 2) // 3 * 4 + 1 if size else 0) else -1
