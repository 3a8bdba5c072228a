"""Where the octets of a message are: in memory, or in a window of a spool file.

Rule: the only module of the room that touches a file which is no attachment. The rest sees `Octets`: a length, `find`, `rfind`
and slices. `bytes` is such a buffer already; a `Window` behaves as `bytes` does; of a file one block at a time is in
memory, for all windows on it together.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from typing import Protocol

from cfml_pop.errors import AttachmentError

__all__ = ["BLOCK", "Octets", "Sink", "Spool", "Window", "dashed_lines", "occurrences"]

BLOCK = 256 * 1024
"""Octets read at once from a file, and decoded at once: large enough that Python's part of the work does not show."""


STRETCH = 64 * 1024
"""Octets in which a boundary is looked for before the next "-" is."""


class Octets(Protocol):
    """What a message is read from. Offsets are octets, slices give `bytes`; only plain slices (no step) are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: slice, /) -> bytes: ...

    def find(self, sub: bytes, start: int = ..., end: int = ..., /) -> int: ...

    def rfind(self, sub: bytes, start: int = ..., end: int = ..., /) -> int: ...


def occurrences(octets: Octets, needle: bytes, start: int, end: int) -> Iterator[int]:
    """The offsets at which `needle` (not empty) stands in `octets[start:end]`, in order; each search goes on behind the last."""
    position = octets.find(needle, start, end)
    while position >= 0:
        yield position
        position = octets.find(needle, position + len(needle), end)


def dashed_lines(octets: Octets, needle: bytes, start: int, end: int) -> Iterator[int]:
    """The offsets at which `needle`, a line end and "-" and more, stands in `octets[start:end]`, in order; each search goes on
    behind the last."""
    stretch = max(STRETCH, len(needle))
    stop = start
    while stop < end:
        # Base64 has no "-", and one octet is found a hundred times faster than several.
        dash = octets.find(b"-", start, end)
        if dash < 0:
            return
        start = max(start, dash - 1)
        stop = min(start + stretch + len(needle), end)
        while (position := octets.find(needle, start, stop)) >= 0:
            yield position
            start = position + len(needle)
        start = max(start, stop - len(needle) + 1)


class Spool:
    """The raw mail of one call: up to `limit` octets in memory, the rest in one temporary file without a name.

    The file goes when the last `Window` on it and the spool itself are gone. A full disk is an AttachmentError.
    """

    def __init__(self, limit: int, *, block: int = BLOCK) -> None:
        self.limit = limit
        self.block = block
        self.held = 0
        self._file: SpoolFile | None = None

    @property
    def file(self) -> SpoolFile:
        if self._file is None:
            self._file = SpoolFile()
        return self._file

    def sink(self, expected: int = 0) -> Sink:
        """A new sink. Messages come one after another; two sinks may be open, but filling them in turns costs copies.

        `expected`: its octets, as far as they are known before. A message that will not fit goes to the file from its start.
        """
        return Sink(self, expected)


class SpoolFile:
    """An unlinked temporary file, written at its end and read anywhere, also from several threads."""

    def __init__(self) -> None:
        try:
            descriptor, path = tempfile.mkstemp(prefix="cfml_pop-")
        except OSError as error:
            raise _no_room(error) from error
        self.size: int = 0
        # The block read last, for all windows; one tuple, so that a thread sees the old one or the new one.
        self.cache: tuple[int, bytes] = (0, b"")
        self._lock = threading.Lock()
        self._descriptor = descriptor
        try:
            os.unlink(path)  # noqa: PTH108 - a path object is of no use for a name that is gone
        except OSError:  # Windows does not unlink what is open: there the name goes with the file
            weakref.finalize(self, _close_and_remove, descriptor, path)
        else:
            weakref.finalize(self, os.close, descriptor)

    def append(self, data: bytes) -> None:
        """Write `data` behind the rest. Raises AttachmentError when the disk does not take it."""
        with self._lock:
            view = memoryview(data)
            try:
                os.lseek(self._descriptor, self.size, os.SEEK_SET)
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError as error:
                raise _no_room(error) from error
            self.size += len(data)

    def read(self, offset: int, size: int) -> bytes:
        """`size` octets from `offset` on; fewer only where the file ends."""
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, size, offset)
        with self._lock:  # pragma: no cover - Windows
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, size)

    def shorten(self, size: int) -> None:
        """Give back what stands behind `size`."""
        with self._lock:
            os.ftruncate(self._descriptor, size)
            self.size = size
            self.cache = (0, b"")


def _close_and_remove(descriptor: int, path: str) -> None:  # pragma: no cover - Windows
    os.close(descriptor)
    os.unlink(path)  # noqa: PTH108


def _no_room(error: OSError) -> AttachmentError:
    return AttachmentError(
        f"mail could not be kept in a temporary file ({error.strerror or error}); make room in {tempfile.gettempdir()} "
        "or raise Settings(memory_limit=...)",
        filename=tempfile.gettempdir(),
        errno=error.errno,
    )


class Sink:
    """The raw octets of one message as they come. `size` is how many there are so far."""

    __slots__ = ("_expected", "_pieces", "_spool", "_start", "size")

    def __init__(self, spool: Spool, expected: int = 0) -> None:
        self._spool = spool
        self._expected = expected
        self._pieces: list[bytes] = []
        self._start = -1  # where the message begins in the spool file; -1 while it is in memory
        self.size: int = 0

    def write(self, data: bytes | memoryview) -> None:
        """Add octets. Raises AttachmentError when they had to go to the spool file and the disk is full; then the message is
        forgotten, and its room given back."""
        spool, size = self._spool, len(data)
        if self._start < 0 and spool.held + max(size, self._expected - self.size) <= spool.limit:
            self._pieces.append(bytes(data))
            spool.held += size
            self.size += size
            return
        try:
            self._write_to_file(bytes(data))
        except AttachmentError:
            self.discard()
            raise

    def _write_to_file(self, piece: bytes) -> None:
        spool = self._spool
        if self._start < 0:  # leaves memory, piece by piece: joined they would be there twice
            self._start = spool.file.size
            for held in self._pieces:
                spool.file.append(held)
            self._forget()
        elif self._start + self.size != spool.file.size:  # another sink was filled meanwhile
            before = self.octets()
            self._start = spool.file.size
            for offset in range(0, len(before), spool.block):
                spool.file.append(before[offset : offset + spool.block])
        spool.file.append(piece)
        self.size += len(piece)

    def octets(self) -> Octets:
        """The message so far, to be read any number of times, also after the sink is gone."""
        if self._start >= 0:
            return Window(self._spool.file, self._start, self.size, block=self._spool.block)
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    def keep(self, data: bytes) -> None:
        """Keep `data` instead of what was written."""
        self.discard()
        self.write(data)

    def room_for(self, size: int) -> bool:
        """Whether so many octets may be in memory instead of those that were written."""
        return self._spool.held - sum(map(len, self._pieces)) + size <= self._spool.limit

    def release(self, kept: int) -> None:
        """Forget the octets, of which somebody else keeps so many in memory."""
        self.discard()
        self._spool.held += kept

    def discard(self) -> None:
        """Forget the octets; the sink may be written again."""
        if self._start >= 0 and self._start + self.size >= self._spool.file.size:
            self._spool.file.shorten(self._start)
        self._forget()
        self._start = -1
        self.size = 0

    def _forget(self) -> None:
        self._spool.held -= sum(map(len, self._pieces))
        self._pieces = []


class Window:
    """A part of a spool file that reads as `bytes` does: `len`, slices, `find` and `rfind` with offsets from its start."""

    __slots__ = ("_block", "_file", "_size", "_start")

    def __init__(self, file: SpoolFile, start: int, size: int, *, block: int = BLOCK) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._block = block

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, key: slice, /) -> bytes:
        start, stop, step = key.indices(self._size)
        if step != 1:
            raise ValueError("a window of a file gives plain slices only")
        size = stop - start
        if size <= 0:
            return b""
        base, data = self._cached()
        if base <= start and stop <= base + len(data):
            return data[start - base : stop - base]
        if size < self._block:
            data = self._read(start, min(self._block, self._size - start))
            self._file.cache = (self._start + start, data)
            return data[:size]
        return self._read(start, size)

    def find(self, sub: bytes, start: int = 0, end: int | None = None, /) -> int:
        start, end, _ = slice(start, end).indices(self._size)
        base, data = self._cached()
        step = max(self._block, len(sub))
        while end - start >= len(sub):
            if not base <= start <= base + len(data) - len(sub):
                base, data = start, self._read(start, min(step + len(sub) - 1, self._size - start))
                self._file.cache = (self._start + base, data)
            position = data.find(sub, start - base, end - base)
            if position >= 0:
                return base + position
            start = base + len(data) - len(sub) + 1
        return -1

    def rfind(self, sub: bytes, start: int = 0, end: int | None = None, /) -> int:
        start, end, _ = slice(start, end).indices(self._size)
        step = max(self._block, len(sub))
        while end - start >= len(sub):
            base = max(start, end - step)
            position = self._read(base, end - base).rfind(sub)
            if position >= 0:
                return base + position
            if base == start:
                break
            end = base + len(sub) - 1
        return -1

    def _cached(self) -> tuple[int, bytes]:
        """The block that is in memory, and where it begins seen from this window."""
        base, data = self._file.cache
        return base - self._start, data

    def _read(self, offset: int, size: int) -> bytes:
        pieces = []
        while size > 0:
            piece = self._file.read(self._start + offset, size)
            if not piece:
                break
            pieces.append(piece)
            offset += len(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
