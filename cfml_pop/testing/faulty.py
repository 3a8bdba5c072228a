"""A POP3 server that waits, refuses and drops as a test wants it to.

Rule: here the knobs are looked up and nothing else; what is right on the wire is `protocol`'s. Only the child process imports
this module.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet import reactor as installed_reactor

from cfml_pop.testing.knobs import look_up, starred
from cfml_pop.testing.protocol import MendedPOP3

__all__ = ["FaultyPOP3"]

reactor: Any = installed_reactor


class FaultyPOP3(MendedPOP3):
    """One connection. Without knobs it does what MendedPOP3 does, and notes the commands."""

    def makeConnection(self, transport: Any) -> None:
        self.waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self.due: float = 0.0
        self.timer: Any = None
        self.ended: bool = False
        octets = self.factory.knobs["drop_after"]
        super().makeConnection(transport if octets is None else Outlet(transport, octets, self.end))

    def connectionMade(self) -> None:
        self.factory.connections.add(self)
        self.later("CONNECT", self.greet)

    def connectionLost(self, reason: Any) -> None:
        self.factory.connections.discard(self)
        self.forget()
        super().connectionLost(reason)

    def greet(self) -> None:
        if not self.misbehaves("CONNECT"):
            super().connectionMade()

    def lineReceived(self, line: bytes) -> None:
        text = line.decode("utf-8", "backslashreplace")
        self.factory.commands.append(starred(text))
        self.later(text, lambda: super(FaultyPOP3, self).lineReceived(line))

    def processCommand(self, command: bytes, *args: bytes) -> Any:
        # Behind a message that is being sent Twisted keeps the command, and brings it here again.
        text = b" ".join((command, *args)).decode("utf-8", "backslashreplace")
        if self.ended or (self.blocked is None and self.misbehaves(text)):
            return None
        return super().processCommand(command, *args)

    def misbehaves(self, line: str) -> bool:
        """Do at the command `line` what the knobs say; False when they say nothing."""
        knobs = self.factory.knobs
        name = line.partition(" ")[0].upper()
        if look_up(knobs["drop"], line) is not None:
            self.end()
        elif name in knobs["without"]:
            self.failResponse(b"unknown command")
        elif (text := look_up(knobs["refuse"], line)) is not None:
            self.failResponse(str(text).encode())
            if name in ("CONNECT", "QUIT"):  # the connection ends all the same, and nothing is deleted (RFC 1939, section 6)
                self.end()
        else:
            return False
        return True

    def listCapabilities(self) -> list[bytes]:
        knobs = self.factory.knobs
        # A client reads what stands in brackets where the server says that it means it (RFC 2449, 6.4; RFC 3206).
        codes = any(text.startswith("[") for text in knobs["refuse"].values())
        capabilities = [*super().listCapabilities(), *([b"RESP-CODES", b"AUTH-RESP-CODE"] if codes else [])]
        return [name for name in capabilities if name.decode("ascii") not in knobs["without"]]

    def do_STLS(self) -> None:
        if self.stls_possible():
            self.forget()  # sent without TLS
        super().do_STLS()

    # When

    def later(self, line: str, act: Callable[[], None]) -> None:
        """Do it when the latency of `line` is over, and not before what came earlier."""
        now = reactor.seconds()
        self.due = max(self.due, now + float(look_up(self.factory.knobs["latency"], line) or 0.0))
        if self.due <= now and not self.waiting:
            act()
        else:
            self.waiting.append((self.due, act))
            self.wind()

    def wind(self) -> None:
        if self.timer is None and self.waiting and self.waiting[0][0] < math.inf:
            self.timer = reactor.callLater(max(0.0, self.waiting[0][0] - reactor.seconds()), self.strike)

    def strike(self) -> None:
        self.timer = None
        while self.waiting and self.waiting[0][0] <= reactor.seconds():
            self.waiting.popleft()[1]()
        self.wind()

    def forget(self) -> None:
        """Drop what waits."""
        self.waiting.clear()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def end(self) -> None:
        """Close the connection when what was written is sent, and obey no command any more."""
        self.ended = True
        self.forget()
        self.transport.unregisterProducer()  # a message that is being sent would keep the connection open
        self.transport.loseConnection()


class Outlet:
    """A transport that lets so many octets out and calls `end` then. Everything else is the transport's."""

    def __init__(self, transport: Any, octets: int, end: Callable[[], None]) -> None:
        self.transport = transport
        self.left: int = octets
        self.end = end

    def write(self, data: bytes) -> None:
        if self.left <= 0:
            return
        self.transport.write(data[: self.left])
        self.left -= len(data)
        if self.left <= 0:
            self.end()

    def writeSequence(self, parts: Iterable[bytes]) -> None:
        self.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)
