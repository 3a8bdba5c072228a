"""What every mechanism has.

Rule: a mechanism refuses whatever its own description does not foresee: a challenge after its last response, and a success
before its last response was asked for.
"""

from __future__ import annotations

import abc
import binascii
from typing import NoReturn

from cfml_pop.errors import AuthenticationError
from cfml_pop.secret import Secret

__all__ = ["Mechanism", "decode_challenge", "fail", "octets"]


class Mechanism(abc.ABC):
    """One attempt to log in by one SASL mechanism (RFC 4422). It keeps state, so it serves once.

    `name` is what stands behind AUTH. `two_step`: the initial response is never put on the AUTH line, whatever its length.
    `detail`: after a refusal, what the server said in a challenge about its reason, as one line; "" when it said nothing.
    """

    name: str = ""
    two_step: bool = False
    detail: str = ""

    def __init__(self) -> None:
        self._complete = False

    @abc.abstractmethod
    def initial(self) -> bytes | None:
        """The initial response, or None where the server speaks first."""

    @abc.abstractmethod
    def respond(self, challenge: bytes) -> bytes:
        """The response to a challenge (both without base64). Raises AuthenticationError when the challenge is wrong:
        send `*` then, which makes the server answer -ERR."""

    def finish(self, final: bytes | None = None) -> None:
        """Call it when the server said +OK. `final` is data that came with it (POP3 has no place for it, so mostly None).

        Raises AuthenticationError when the server agreed before the mechanism was through: then it may be anybody.
        """
        del final
        if not self._complete:
            fail(f"the server agreed to {self.name} before it asked for the proof; it may not be who it says")

    def _refuse_more(self) -> NoReturn:
        fail(f"the server asks for more than {self.name} has to say")


def fail(text: str) -> NoReturn:
    """Raise the error of a login that must not go on."""
    raise AuthenticationError(text, command="AUTH")


def octets(text: str | Secret) -> bytes:
    """UTF-8; octets that were no UTF-8 when they came (surrogateescape) are themselves again."""
    return (text.reveal() if isinstance(text, Secret) else text).encode("utf-8", "surrogateescape")


def decode_challenge(text: bytes) -> bytes:
    """What a server sent behind "+ ", base64 removed (RFC 5034, section 4); b"" for the empty challenge.

    Raises AuthenticationError when it is no base64. How long it may be is the limit of the line it came in.
    """
    stripped = text.strip(b" \t")
    try:
        decoded = binascii.a2b_base64(stripped)
    except binascii.Error:
        decoded = b""
    # The decoder passes over foreign characters; only what comes out the same when it is written again was right.
    if binascii.b2a_base64(decoded, newline=False) != stripped:
        fail("the server's challenge is no base64")
    return decoded
