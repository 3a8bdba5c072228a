"""The mailbox of the embedded server, and the octets that it sends.

Rule: no sockets and no Twisted here; what a message looks like on the wire is decided in this file alone.

A message is stored as POP3 sends it: every line ends with CRLF, the last one too (RFC 1939, section 3). So the sizes of STAT and
LIST are the octets that RETR sends, before dots are stuffed (section 11 of the RFC).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

__all__ = ["Maildrop", "Session", "canonical", "stuffed", "top", "uid_of"]

LINE_END = re.compile(rb"\r?\n")
DOT_LINE = re.compile(rb"^\.", re.MULTILINE)


def canonical(message: bytes) -> bytes:
    """`message` with CRLF at the end of every line. A CR that stands alone is data and stays; no octets become one empty line."""
    octets = LINE_END.sub(b"\r\n", message)
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def stuffed(octets: bytes) -> bytes:
    """Canonical `octets` with a second dot before each line that begins with one (RFC 1939, section 3)."""
    return DOT_LINE.sub(b"..", octets)


def top(octets: bytes, lines: int) -> bytes:
    """The header of canonical `octets`, the empty line, and the first `lines` lines of the body (RFC 1939, section 7, TOP)."""
    if octets.startswith(b"\r\n"):
        end = 2
    else:
        blank = octets.find(b"\r\n\r\n")
        if blank < 0:
            return octets
        end = blank + 4
    for _ in range(lines):
        line_end = octets.find(b"\r\n", end)
        if line_end < 0:
            break
        end = line_end + 2
    return octets[:end]


def uid_of(number: int, octets: bytes) -> str:
    """The uid of the canonical `octets` that came as message `number`; two messages that are alike have two uids."""
    return f"{number:04d}-{hashlib.sha256(octets).hexdigest()[:12]}"


class Maildrop:
    """All messages, in order, each with the uid it keeps. `messages` may have LF or CRLF line ends."""

    def __init__(self, messages: Iterable[bytes]) -> None:
        self.messages: dict[str, bytes] = {}
        self._uids: list[str] = []
        for message in messages:
            self.add(message)

    def add(self, message: bytes) -> None:
        octets = canonical(message)
        uid = uid_of(len(self._uids) + 1, octets)
        self._uids.append(uid)
        self.messages[uid] = octets

    def left(self) -> list[int]:
        """Which messages are not removed, counted from 1 in the order in which they came."""
        return [number for number, uid in enumerate(self._uids, 1) if uid in self.messages]

    def session(self) -> Session:
        """The mailbox as one session sees it: its numbers hold until QUIT, whatever others do."""
        return Session(self)


class Session:
    """One session's view: messages by index from 0, and the marks that DELE set."""

    def __init__(self, maildrop: Maildrop) -> None:
        self._maildrop = maildrop
        self._messages = list(maildrop.messages.items())
        self._deleted: set[int] = set()

    def present(self) -> list[int]:
        """The indexes that are not marked as deleted."""
        return [index for index in range(len(self._messages)) if index not in self._deleted]

    def uid(self, index: int) -> str:
        return self._at(index)[0]

    def octets(self, index: int) -> bytes:
        return self._at(index)[1]

    def mark(self, index: int) -> None:
        """Mark as deleted. ValueError when there is no such message, or none any more."""
        self._at(index)
        self._deleted.add(index)

    def reset(self) -> None:
        self._deleted.clear()

    def commit(self) -> None:
        """Remove what is marked (QUIT: the UPDATE state of RFC 1939, section 6)."""
        for index in self._deleted:
            self._maildrop.messages.pop(self._messages[index][0], None)

    def _at(self, index: int) -> tuple[str, bytes]:
        if not 0 <= index < len(self._messages):
            raise ValueError("no such message")
        if index in self._deleted:
            raise ValueError("message is marked as deleted")
        return self._messages[index]
