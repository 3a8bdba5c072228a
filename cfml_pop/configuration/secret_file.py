"""A password that stands in a file of its own.

Rule: it is read as it stands, without the end of its line. A file that any user of the machine could read or change is refused,
as ssh and PostgreSQL refuse theirs; a group may have it, because that is how a service gets a secret that another user keeps.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cfml_pop.secret import Secret

__all__ = ["LIMIT", "read_secret"]

LIMIT = 64 * 1024
"""Octets; nothing that a login sends is longer."""


def read_secret(path: str | os.PathLike[str]) -> Secret:
    """The password in the file. Raises ValueError, whose text goes on after the place where the file was named."""
    file, fault, octets = Path(path), "", b""
    try:
        with open(file, "rb", opener=_at_once) as stream:
            status = os.fstat(stream.fileno())  # of what was opened, whatever the name means by now
            if not stat.S_ISREG(status.st_mode):
                fault = "is no file"
            elif os.name == "posix" and status.st_mode & 0o007:
                fault = f"may be used by every user of this machine; run: chmod o= {file}"
            else:
                octets = stream.read(LIMIT + 1)
    except OSError as error:
        fault = f"cannot be read: {error.strerror or type(error).__name__}"
    except ValueError:  # NUL, which no name of a file has; `exists` below could not take it either
        raise ValueError("names a file whose name holds the control character U+0000; take it out") from None
    if not fault:
        secret, fault = _secret(octets)
    octets = b""
    if fault:
        # A name that leads nowhere may be the password itself, written in the wrong place.
        raise ValueError(f"names {file}, which {fault}" if file.exists() else f"names a file in {file.parent} that {fault}")
    return secret


def _at_once(name: str, flags: int) -> int:
    """Open without waiting: a named pipe, which is refused, would hold up the start of the program until somebody writes."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _secret(octets: bytes) -> tuple[Secret, str]:
    """The secret, and what is wrong with it or ""."""
    try:
        text = octets.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return Secret(""), "is not written in UTF-8"
    if not text:
        return Secret(""), "is empty"
    if len(octets) > LIMIT or "\n" in text or "\r" in text:
        return Secret(""), "holds more than one line; it must hold the password alone"
    return Secret(text), ""
