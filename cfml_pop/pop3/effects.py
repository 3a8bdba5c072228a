"""What the dialogue asks of a driver.

Rule: a dialogue is a generator that yields one of these and is sent the answer; it never waits, writes or reads by itself. So the
same dialogue runs under a blocking driver, under asyncio, and in a test that has no socket at all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar

__all__ = ["Ask", "Close", "Connect", "Early", "Effect", "Exchange", "Grace", "Outgoing", "Peer", "StartTLS", "Steps"]

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Connect:
    """Open a connection, or take over a connected `socket`; `tls` means TLS from the first octet. Answer: a `Peer`.

    `label` is what errors call the server; "" is host and port.
    """

    host: str
    port: int
    tls: bool
    socket: Any = None
    label: str = ""


class Outgoing:
    """Octets to send. They may hold a password, so they do not show themselves in a trace with local variables."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data: bytes = data

    def __repr__(self) -> str:
        return f"<{len(self.data)} octets>"


@dataclasses.dataclass(frozen=True, slots=True)
class Early:
    """Look for octets that came unasked, without waiting. Answer: bytes, b"" when there are none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Exchange:
    """Queue octets for sending (there may be none) and wait until some have come. Answer: bytes, b"" when the server closed.

    Sending and receiving go on at the same time: a driver that first wrote everything would block for ever against a server that
    stops reading while its own answers are not taken.
    """

    outgoing: Outgoing


@dataclasses.dataclass(frozen=True, slots=True)
class StartTLS:
    """Make the connection a TLS one and check the certificate for `host`. Answer: the certificate in DER."""

    host: str


@dataclasses.dataclass(frozen=True, slots=True)
class Grace:
    """From now on the dialogue has `seconds`, whatever was left of its time before, or `at_most` so many. Answer: None."""

    seconds: float
    at_most: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """Call a function of the host. Answer: what it returns, or the exception that it raised.

    A driver for async code awaits what is to be awaited. An exception is no more than an answer, so that no chain of errors leads
    to it.
    """

    function: Callable[[], Any] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Close:
    """Drop the connection at once, without a word to the server. Answer: None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Peer:
    """Whom we are connected to. `loopback`: the connection does not leave this machine. `certificate`: DER, None without TLS."""

    address: str
    loopback: bool
    certificate: bytes | None = None


Effect: TypeAlias = Ask | Connect | Early | Exchange | StartTLS | Grace | Close

Steps: TypeAlias = Generator[Effect, Any, T]
"""A piece of dialogue that ends with a T."""
