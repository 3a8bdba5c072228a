"""Addresses, and the words for connections that fail.

Rule: the one place where errors of the operating system become ours.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from typing import Any

from cfml_pop.errors import NetworkError
from cfml_pop.pop3.effects import Peer

__all__ = ["acknowledge", "could_not_connect", "is_loopback", "lost", "peer_of"]

QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


def is_loopback(address: str) -> bool:
    """Whether an IP address (127.0.0.0/8, ::1, or the former mapped into IPv6) stays on this machine."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return bool((getattr(ip, "ipv4_mapped", None) or ip).is_loopback)


def peer_of(connection: Any, certificate: bytes | None) -> Peer:
    """Whom a connected socket is connected to. A socket of the file system (Unix) does not leave this machine either."""
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return Peer("", connection.family == getattr(socket, "AF_UNIX", None), certificate)
    try:
        address = str(connection.getpeername()[0])
    except OSError as error:  # it was closed again already
        raise lost("the server", error) from error
    return Peer(address, is_loopback(address), certificate)


def acknowledge(connection: Any) -> None:
    """Tell the server at once that its octets have come, before waiting for more.

    Many servers answer USER and PASS in two writes, and their system holds the second one back until the first is acknowledged
    (RFC 896), which ours does after 40 ms (RFC 1122, section 4.2.3.2). Linux asks anew each time; elsewhere this does nothing.
    """
    if QUICKACK is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)


def could_not_connect(server: str, error: Exception | None) -> NetworkError:
    """The error for a server that cannot be reached: unknown name, refused, unreachable."""
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return NetworkError(f"no address was found for {server} ({_words(error)}); check the server's name")
    return NetworkError(f"could not connect to {server}: {_words(error)}; check the server's name and port")


def lost(server: str, error: Exception) -> NetworkError:
    """The error for a connection that broke."""
    return error if isinstance(error, NetworkError) else NetworkError(f"the connection to {server} broke: {_words(error)}")


def _words(error: Exception | None) -> str:
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)  # asyncio puts sentences of its own into strerror
    return getattr(error, "strerror", None) or str(error or "no address to connect to")
