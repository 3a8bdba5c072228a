"""What stands inside a part: a file within its decoded octets.

Rule: the octets of a part are decoded a block at a time and read forward. Who asks for what stands inside in its order has the
part decoded once, and one block of it in memory; going back is allowed, and begins anew.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from cfml_pop.message.decoding import decoder
from cfml_pop.message.octets import BLOCK
from cfml_pop.message.parts import Part

__all__ = ["Decoded", "Enclosed"]


class Decoded:
    """The decoded octets of `part`, by offset. May be read from several threads, as rows are.

    `last` is where the last thing ends that anyone will ask for: behind it the block in memory is let go.
    """

    __slots__ = ("_base", "_lock", "_piece", "_pieces", "last", "part")

    def __init__(self, part: Part, last: int = 0) -> None:
        self.part: Part = part
        self.last: int = last
        self._lock = threading.Lock()
        self._pieces: Iterator[bytes] | None = None
        self._piece = b""
        self._base = 0  # the offset of the block in memory

    def some(self, start: int, size: int) -> bytes:
        """Octets from `start` on: at least one and at most `size`, b"" only behind the end."""
        with self._lock:
            if self._pieces is None or start < self._base:
                self._pieces, self._piece, self._base = self.part.blocks(), b"", 0
            while start >= self._base + len(self._piece):
                piece = next(self._pieces, None)
                if piece is None:
                    return b""
                self._base += len(self._piece)
                self._piece = piece
            return self._piece[start - self._base : start - self._base + size]

    def read(self, start: int, size: int) -> bytes:
        """`size` octets from `start` on, fewer only where the part ends."""
        return b"".join(self.blocks(start, start + size))

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """The octets from `start` to `end`, a block at a time."""
        while start < end:
            piece = self.some(start, min(end - start, BLOCK))
            if not piece:
                break
            yield piece
            start += len(piece)
        if end >= self.last > 0:
            self.release()

    def release(self) -> None:
        """Let the block in memory go."""
        with self._lock:
            self._pieces, self._piece = None, b""


class Enclosed:
    """A file inside a part, from `start` to `end` of its decoded octets and in the transfer encoding `encoding`.

    It answers what is asked of a `Part` that is an attachment; what had to be mended is noted at the part.
    """

    __slots__ = ("_data", "_encoding", "_end", "_start", "content_type")

    def __init__(self, data: Decoded, start: int, end: int, content_type: str, encoding: str = "") -> None:
        self._data = data
        self._start = start
        self._end = end
        self._encoding = encoding
        self.content_type: str = content_type

    @property
    def number(self) -> int:
        """The place of the part that it stands in."""
        return self._data.part.number

    def blocks(self) -> Iterator[bytes]:
        """Its octets a block at a time. No block is empty."""
        made = decoder(self._encoding)
        for piece in self._data.blocks(self._start, self._end):
            decoded = made.feed(piece)
            if decoded:
                yield decoded
        decoded = made.finish()
        if decoded:
            yield decoded
        self._data.part.repairs.update(made.defects)
