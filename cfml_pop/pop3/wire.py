"""Framing: from octets as they come to lines and message bodies.

Rule: the only place that knows how far the server's octets were read. It holds at most one block of them, and whatever it
is asked for it either gives, or asks the driver for more, or raises.

Theory of operation. `buffer[position:]` is what was received and not yet used. After a status line the two octets before
`position` are its line end, and the search for the end of a body starts there, because the first line of a body may be the
final dot. Blocks are searched with one regular expression for "line end, dot", which finds both the end and dots to be
removed; what lies between is handed on in slices, so nothing is done line by line. Of a block that was used up nothing is
copied in front of the next one, but for half a line end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from cfml_pop.errors import CfpopError, LimitExceeded, NetworkError, POP3Error
from cfml_pop.pop3.commands import encode_command
from cfml_pop.pop3.effects import Early, Exchange, Outgoing, Steps
from cfml_pop.secret import Secret

__all__ = ["OutOfStep", "Trace", "Wire", "plainly"]

Trace: TypeAlias = Callable[[str, str], object]
"""Called with ">" (sent) or "<" (received) and one line of text; a secret in it is ***."""

# RFC 1939, section 3: a body ends with CRLF "." CRLF. A bare LF "." LF inside a CRLF reply is data: a client that takes it for
# the end would read the rest of a mail as answers of the server. Only a server that ends its status line with a bare LF is read
# in LF mode.
_DOT_LINE = {True: re.compile(rb"\r\n\."), False: re.compile(rb"\n\.")}
_AFTER_DOT = {True: (b"\r\n",), False: (b"\n", b"\r\n")}


DENSE = 64
"""After so many dotted lines in a block the rest of its lines is done at once."""

STRETCH = 16 * 1024
"""Octets in which a dotted line is looked for before the next "." is."""


T = TypeVar("T")


class OutOfStep(POP3Error):
    """Server and client no longer agree which answer belongs to which command; the connection is of no more use."""


class Wire:
    """One connection's octets, both ways."""

    __slots__ = (
        "_buffer",
        "_crlf",
        "_outbox",
        "_outstanding",
        "_position",
        "_reading",
        "_received",
        "_session",
        "_trace",
        "_unasked",
    )

    def __init__(self, trace: Trace | None = None, session: int = 1024**4) -> None:
        self._session = session  # octets that may be received in all
        self._received = 0
        self._buffer = b""
        self._position = 0
        self._crlf = True
        self._outbox: list[bytes] = []
        self._outstanding = 1  # the greeting
        self._unasked = False  # whether the next octets out begin a new flight, with no answer under way
        self._reading = False
        self._trace = trace

    @property
    def outstanding(self) -> int:
        """How many replies are still to come."""
        return self._outstanding

    @property
    def in_step(self) -> bool:
        """Whether every command was answered and every answer read to its end, so that another command may follow."""
        return not (self._outstanding or self._reading or self.unread)

    def answered(self) -> None:
        """The answer that was begun with `status` has been read to its end."""
        self._reading = False

    @property
    def unread(self) -> int:
        """Octets that came and belong to no reply asked for yet."""
        return len(self._buffer) - self._position

    def send(self, keyword: str, *arguments: str | int | Secret) -> None:
        """Put a command into the outbox; it leaves with the next exchange."""
        if self.unread and not self._outstanding:
            raise _early(keyword)
        self._unasked = self._unasked or not self._outstanding
        self._outbox.append(encode_command(keyword, *arguments))
        self._outstanding += 1
        if self._trace is not None:
            self._trace(">", " ".join([keyword, *map(str, arguments)]))  # a Secret is *** here

    def respond(self, response: Secret) -> None:
        """Put the answer to a SASL challenge into the outbox: a line of base64, of any length (RFC 5034, section 4)."""
        self._outbox.append(response.reveal().encode("ascii") + b"\r\n")
        self._outstanding += 1
        if self._trace is not None:
            self._trace(">", "***")

    def _outgoing(self) -> Outgoing:
        outgoing = Outgoing(b"".join(self._outbox))
        self._outbox.clear()
        return outgoing

    def _more(self, keep: int, command: str) -> Steps[None]:
        """Get the next block; `buffer[keep:]` stays in front of it, and position moves accordingly."""
        if self._unasked:
            self._unasked = False
            # An answer cannot precede its question: octets that are there already were put in by somebody who guesses it.
            if (yield Early()):
                self._outbox.clear()
                raise _early(command)
        block: bytes = yield Exchange(self._outgoing())
        if not block:
            raise NetworkError(f"the server closed the connection {_instead_of(command)}")
        self._received += len(block)
        if self._received > self._session:
            raise LimitExceeded(f"the server sent more than {self._session} octets", limit="session", value=self._session)
        self._buffer = self._buffer[keep:] + block
        self._position -= keep

    def status(self, limit: int, command: str) -> Steps[bytes]:
        """The status line that answers the oldest outstanding command, without its line end; at most `limit` octets."""
        self._reading = True
        searched = self._position
        while (end := self._buffer.find(b"\n", searched, self._position + limit)) < 0:
            if self.unread >= limit:
                raise LimitExceeded(
                    f"the server sent a line of more than {limit} octets {_instead_of(command)}",
                    limit="reply_line",
                    value=limit,
                )
            seen = self.unread
            yield from self._more(self._position, command)
            searched = self._position + seen
        line = self._buffer[self._position : end]
        self._crlf = line.endswith(b"\r")
        self._position = end + 1
        self._outstanding -= 1
        return line[:-1] if self._crlf else line

    def body(self, write: Callable[[bytes], object], limit: int, what: str, command: str) -> Steps[int]:
        """The body that follows the status line just read, dots removed, given to `write` in pieces; ends with its octets.

        More than `limit` octets raise LimitExceeded, which names the limit `what`.
        """
        ends = _AFTER_DOT[self._crlf]
        written = 0
        start = self._position  # the first octet not yet taken
        scan = start - (2 if self._crlf else 1)
        while True:
            pieces: list[bytes] = []  # of this block; handed on as one, because a mail of dotted lines has millions
            while True:
                found = self._dot_line(scan)
                until = len(self._buffer) if found is None else found.end() - 1
                pieces.append(self._buffer[start:until])
                start = until
                ended = 0
                if found is None:
                    break
                behind = self._buffer[until + 1 : until + 3]
                for end in ends:
                    if behind.startswith(end):
                        ended = len(end)
                if ended or (len(behind) < 2 and any(end.startswith(behind) for end in ends)):
                    break
                # RFC 1939, section 3: of a line that begins with a dot and goes on, the first dot is removed.
                start = scan = until + 1
                if len(pieces) % DENSE == 0:
                    start = scan = self._undot(start, pieces)
            block = b"".join(pieces)
            written += len(block)
            if written > limit:
                raise LimitExceeded(f"the server's answer to {command} is longer than {limit} octets", limit=what, value=limit)
            if block:
                write(block)
            if ended:
                self._position = until + 1 + ended
                return written
            # The end of the block may belong to a dot in the next one, or hold a dot whose line is not known yet.
            keep = max(scan, len(self._buffer) - self._line_end_begun()) if found is None else found.start()
            start -= keep
            self._position = keep
            yield from self._more(keep, command)
            scan = 0

    def _dot_line(self, scan: int) -> re.Match[bytes] | None:
        """The next "line end, dot" that begins at `scan` or behind it."""
        buffer, search = self._buffer, _DOT_LINE[self._crlf].search
        # Base64 has no ".", and one octet is found fifty times faster than three.
        while (dot := buffer.find(b".", scan)) >= 0:
            scan = max(scan, dot - 2)
            found = search(buffer, scan, scan + STRETCH)
            if found is not None:
                return found
            scan += STRETCH - 2
        return None

    def _line_end_begun(self) -> int:
        """How many octets at the end of the buffer may belong to a line end before a dot in the next block."""
        tail = self._buffer[-1:]
        if tail == b"\n":
            return 2 if self._crlf else 1
        return 1 if self._crlf and tail == b"\r" else 0

    def _undot(self, start: int, pieces: list[bytes]) -> int:
        """Take whole lines from `start` (inside a line) on, all dots removed at once. Gives where the rest begins.

        A block with dots on most of its lines would cost one search for each of them otherwise.
        """
        line_end = b"\r\n" if self._crlf else b"\n"
        stops = [self._buffer.find(line_end + b"." + end, start) for end in _AFTER_DOT[self._crlf]]
        stop = min((stop for stop in stops if stop >= 0), default=self._buffer.rfind(line_end, start))
        if stop <= start:
            return start
        pieces.append(self._buffer[start:stop].replace(line_end + b".", line_end))
        return stop


def _early(command: str) -> OutOfStep:
    return OutOfStep(f"the server sent an answer before {command} was asked", command=command)


def _instead_of(command: str) -> str:
    return f"before its answer to {command} was complete" if command else "instead of a greeting"


def plainly(steps: Steps[T]) -> Steps[T]:
    """Run `steps`; where they end out of step because of another error, such as a broken connection, raise that one."""
    try:
        return (yield from steps)
    except OutOfStep as error:
        told = error.__cause__ if isinstance(error.__cause__, CfpopError) else error
    raise told  # outside the handler: an error must not become the context of its own cause
