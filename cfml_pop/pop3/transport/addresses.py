"""Addresses, and the words for connections that fail.

Rule: the one place where errors of the operating system become ours.
"""

from __future__ import annotations

import ipaddress
import os
import socket

from cfml_pop.errors import NetworkError

__all__ = ["could_not_connect", "is_loopback", "lost"]


def is_loopback(address: str) -> bool:
    """Whether an IP address (127.0.0.0/8, ::1, or the former mapped into IPv6) stays on this machine."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return bool((getattr(ip, "ipv4_mapped", None) or ip).is_loopback)


def could_not_connect(server: str, error: OSError | UnicodeError | None) -> NetworkError:
    """The error for a server that cannot be reached: unknown name, refused, unreachable."""
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return NetworkError(f"no address was found for {server} ({_words(error)}); check server=")
    return NetworkError(f"could not connect to {server}: {_words(error)}; check server= and port=")


def lost(server: str, error: Exception) -> NetworkError:
    """The error for a connection that broke."""
    return error if isinstance(error, NetworkError) else NetworkError(f"the connection to {server} broke: {_words(error)}")


def _words(error: Exception | None) -> str:
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)  # asyncio puts sentences of its own into strerror
    return getattr(error, "strerror", None) or str(error or "no address to connect to")
