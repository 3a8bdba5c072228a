"""Commands: from words to the octets of one line.

Rule: the only place where octets for the wire are made. No argument can end the line and begin another command.
"""

from __future__ import annotations

import re

from cfml_pop.errors import AttributeFault
from cfml_pop.pop3.reply import printable
from cfml_pop.secret import Secret

__all__ = ["LINE_LIMIT", "encode_command"]

LINE_LIMIT = 255
"""Octets of a command line with its CRLF (RFC 2449, section 4)."""

_NUMBERED = {keyword: keyword.encode() for keyword in ("DELE", "LIST", "RETR", "TOP", "UIDL")}
"""Commands whose arguments are numbers, or that have none."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def encode_command(keyword: str, *arguments: str | int | Secret) -> bytes:
    """`keyword SP argument ... CRLF`, in UTF-8.

    Raises AttributeFault when an argument is empty, holds a control character or makes the line longer than 255 octets. Neither
    its text nor a local variable of a frame it passes shows a secret.
    """
    if keyword in _NUMBERED:  # thousands of them may go out: what only numbers follow needs no looking at
        line = _NUMBERED[keyword] + b"".join([b" %d" % word for word in arguments if type(word) is int])
        if len(line) < LINE_LIMIT and line.count(b" ") == len(arguments):
            return line + b"\r\n"
    for index, word in enumerate((keyword, *arguments)):
        what = "password" if isinstance(word, Secret) else f"argument of {printable(keyword.encode('utf-8', 'replace'))}"
        fault = _fault(word, what if index else "command")
        if fault:
            raise AttributeFault(f"the {fault}; nothing was sent")
    size = sum(len(_octets(word)) + 1 for word in (keyword, *arguments)) + 1
    if size > LINE_LIMIT:
        raise AttributeFault(f"the {keyword} command would have {size} octets; POP3 allows {LINE_LIMIT}; nothing was sent")
    return b" ".join(map(_octets, (keyword, *arguments))) + b"\r\n"


def _text(word: str | int | Secret) -> str:
    return word.reveal() if isinstance(word, Secret) else str(word)


def _octets(word: str | int | Secret) -> bytes:
    return _text(word).encode("utf-8", "surrogateescape")


def _fault(word: str | int | Secret, what: str) -> str:
    """What is wrong with a word, or ""."""
    found = _CONTROL.search(_text(word))
    if found:
        return f"{what} holds the control character U+{ord(found[0]):04X}, which POP3 cannot send"
    if not _text(word):
        return f"{what} is empty"
    try:
        _octets(word)
    except UnicodeEncodeError:
        return f"{what} holds half a character (a lone surrogate), which UTF-8 cannot write"
    return ""
