"""What the dialogue asks of a driver.

Rule: a dialogue is a generator that yields one of these and is sent the answer; it never waits, writes or reads by itself. So the
same dialogue runs under a blocking driver, under asyncio, and in a test that has no socket at all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

__all__ = ["Close", "Connect", "Effect", "Exchange", "Grace", "Peer", "StartTLS", "Steps"]

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


@dataclasses.dataclass(frozen=True, slots=True)
class Exchange:
    """Queue `data` for sending (it may be empty) and wait until octets have come. Answer: bytes, b"" when the server closed.

    Sending and receiving go on at the same time: a driver that first wrote everything would block for ever against a server that
    stops reading while its own answers are not taken.
    """

    data: bytes = dataclasses.field(repr=False)  # may hold a password


@dataclasses.dataclass(frozen=True, slots=True)
class StartTLS:
    """Make the connection a TLS one and check the certificate for `host`. Answer: the certificate in DER."""

    host: str


@dataclasses.dataclass(frozen=True, slots=True)
class Grace:
    """From now on the dialogue has `seconds`, whatever was left of its time before. Answer: None."""

    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Close:
    """Drop the connection at once, without a word to the server. Answer: None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Peer:
    """Whom we are connected to. `loopback`: the connection does not leave this machine. `certificate`: DER, None without TLS."""

    address: str
    loopback: bool
    certificate: bytes | None = None


Effect: TypeAlias = Connect | Exchange | StartTLS | Grace | Close

Steps: TypeAlias = Generator[Effect, Any, T]
"""A piece of dialogue that ends with a T."""
