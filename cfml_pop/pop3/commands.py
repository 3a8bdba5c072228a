"""Commands: from words to the octets of one line.

Rule: the only place where octets for the wire are made. No argument can end the line and begin another command.
"""

from __future__ import annotations

import re

from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret

__all__ = ["LINE_LIMIT", "encode_command"]

LINE_LIMIT = 255
"""Octets of a command line with its CRLF (RFC 2449, section 4)."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def encode_command(keyword: str, *arguments: str | int | Secret) -> bytes:
    """`keyword SP argument ... CRLF`, in UTF-8.

    Raises AttributeFault when an argument is empty, holds a control character or makes the line longer than 255 octets; its text
    never shows a secret.
    """
    words: list[str] = []
    for word in (keyword, *arguments):
        text = word.reveal() if isinstance(word, Secret) else str(word)
        what = "password" if isinstance(word, Secret) else f"argument of {keyword}" if words else "command"
        found = _CONTROL.search(text)
        if found:
            raise AttributeFault(
                f"the {what} holds the control character U+{ord(found[0]):04X}, which POP3 cannot send; nothing was sent"
            )
        if not text:
            raise AttributeFault(f"the {what} is empty; nothing was sent")
        words.append(text)
    line = " ".join(words).encode("utf-8", "surrogateescape") + b"\r\n"
    if len(line) > LINE_LIMIT:
        raise AttributeFault(f"the {keyword} command would have {len(line)} octets; POP3 allows {LINE_LIMIT}; nothing was sent")
    return line
