"""The limit: the octets of a job drained off a socket, and nothing done with them.

Rule: it sends what the client sends, in the same flights, with the same windows and ramp; its octets to the server are compared
with the client's. Of an answer it finds the end and no more: no dots are removed, nothing is kept.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cfml_pop.operation import FEW
from cfml_pop.pop3.dialogue import RAMP, WINDOW, WINDOW_OCTETS
from cfml_pop.pop3.transport.addresses import acknowledge

__all__ = ["Drain", "drain"]

BLOCK = 256 * 1024


class Ask(NamedTuple):
    line: bytes
    body: bool  # whether lines follow a positive status
    octets: int = 0


class Drain:
    """A connection that sends and receives at the same time, and finds the ends of answers."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        connection = socket.create_connection((host, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            connection = context.wrap_socket(connection, server_hostname=host)
        self.plain = context is None
        connection.setblocking(False)
        self.socket = connection
        self.outbox = bytearray()
        self.buffer = b""
        self.position = 0
        self.octets = 0

    def more(self) -> None:
        """The next block, while what is in the outbox is sent."""
        while True:
            if self.outbox:
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    del self.outbox[: self.socket.send(self.outbox)]
            pieces = [self.buffer[self.position :]]
            size = 0
            try:
                while size < BLOCK:  # TLS gives no more than a record at once
                    piece = self.socket.recv(BLOCK)
                    pieces.append(piece)
                    size += len(piece)
                    if not piece or self.plain:
                        break
            except (BlockingIOError, ssl.SSLWantReadError):
                if not size:
                    acknowledge(self.socket)
                    select.select([self.socket], [self.socket] if self.outbox else [], [])
                    continue
            if not size:
                raise ConnectionError("the server closed the connection")
            self.octets += size
            self.buffer = b"".join(pieces)
            self.position = 0
            return

    def answer(self, *, body: bool, keep: bool = True) -> bytes:
        """The next answer: its status line, or with `body` all of it; without `keep` it is read and thrown away."""
        while (end := self.buffer.find(b"\r\n", self.position)) < 0:
            self.more()
        line = self.buffer[self.position : end]
        if not line.startswith(b"+OK"):
            raise ConnectionError(f"the server answered {line!r}")
        if not body:
            self.position = end + 2
            return line
        seen = end - self.position
        while (end := self.buffer.find(b"\r\n.\r\n", self.position + seen)) < 0:
            seen = max(seen, len(self.buffer) - self.position - 4)
            if not keep:
                self.position, seen = self.position + seen, 0
            self.more()
        text = self.buffer[self.position : end] if keep else b""
        self.position = end + 5
        return text

    def flight(self, *asked: tuple[bytes, bool]) -> list[bytes]:
        """Commands sent together, and their answers."""
        for line, _ in asked:
            self.outbox += line + b"\r\n"
        return [self.answer(body=body) for _, body in asked]

    def batch(self, asked: Iterable[Ask]) -> None:
        """Commands ahead of their answers, ramped and windowed as `Dialogue.batch` does it."""
        source = iter(asked)
        under_way: deque[Ask] = deque()
        window, octets, ended = 1, 0, False
        while True:
            if len(under_way) <= window // 2:
                while not ended and len(under_way) < window and (octets <= WINDOW_OCTETS or not under_way):
                    ask = next(source, None)
                    if ask is None:
                        ended = True
                        break
                    self.outbox += ask.line + b"\r\n"
                    under_way.append(ask)
                    octets += ask.octets
                if not under_way:
                    return
                window = min(window * RAMP, WINDOW.get(under_way[-1].line[:4].decode().strip(), WINDOW["TOP"]))
            ask = under_way.popleft()
            octets -= ask.octets
            self.answer(body=ask.body, keep=False)


def drain(
    host: str,
    port: int,
    context: ssl.SSLContext | None,
    username: str,
    password: str,
    *,
    keyword: str,
    window: tuple[int, int] | None = None,
    uids: Sequence[str] | None = None,
) -> tuple[int, int]:
    """One session: login, selection, `keyword` (TOP, RETR or DELE) for each message, QUIT. Gives messages and octets received.

    `window` is startrow and maxrows; `uids` the uids wanted; without either it is all messages.
    """
    wire = Drain(host, port, context)
    wire.answer(body=False)
    wire.flight((b"CAPA", True))
    wire.flight((b"USER " + username.encode(), False), (b"PASS " + password.encode(), False))
    sizes: dict[int, int] = {}
    if uids is not None:
        _, stat, listed = wire.flight((b"CAPA", True), (b"STAT", False), (b"UIDL", True))
        wanted = frozenset(uid.encode() for uid in uids)
        numbers = sorted(int(line.split()[0]) for line in listed.split(b"\r\n")[1:] if line.split()[1] in wanted)
        count = int(stat.split()[1])
        if keyword != "DELE":
            singly = len(numbers) * FEW < count
            wire.batch([Ask(b"LIST %d" % n, False) for n in numbers] if singly else [Ask(b"LIST", True)])
    elif window is not None:
        _, stat = wire.flight((b"CAPA", True), (b"STAT", False))
        count = int(stat.split()[1])
        numbers = list(range(window[0], min(window[0] + window[1], count + 1)))
        singly = len(numbers) * FEW < count
        asks = [Ask(b"UIDL %d" % n, False) for n in numbers] if singly else [Ask(b"UIDL", True)]
        asks += [Ask(b"LIST %d" % n, False) for n in numbers] if singly else [Ask(b"LIST", True)]
        wire.batch(asks)
    else:
        _, _, listed, _ = wire.flight((b"CAPA", True), (b"STAT", False), (b"LIST", True), (b"UIDL", True))
        sizes = {int(line.split()[0]): int(line.split()[1]) for line in listed.split(b"\r\n")[1:]}
        numbers = sorted(sizes)
    tail = b" 0" if keyword == "TOP" else b""
    wire.batch(
        Ask(b"%b %d%b" % (keyword.encode(), n, tail), keyword != "DELE", sizes.get(n, 0) if keyword == "RETR" else 0)
        for n in numbers
    )
    wire.flight((b"QUIT", False))
    wire.socket.close()
    return len(numbers), wire.octets
