"""XOAUTH2 and OAUTHBEARER (RFC 7628): an access token instead of a password.

Rule: a token opens the mailbox like a password, so it is held and sent like one. A refusal comes as a challenge with JSON, which
must be answered before the -ERR comes; its words are kept in `detail`, never the token.
"""

from __future__ import annotations

import abc
import json
from collections.abc import Callable

from cfml_pop.pop3.reply import printable
from cfml_pop.pop3.sasl.mechanism import Mechanism, fail, octets
from cfml_pop.secret import Secret

__all__ = ["OAuthBearer", "XOAuth2"]

DETAIL_LIMIT = 200
"""Characters of the server's reason that are kept: enough for a sentence in an error text."""

# RFC 7628, section 3.2.2 has the first and "scope"; "error" and its description are RFC 6749's words, which some servers use.
_REASONS = ("status", "error", "error_description", "scope")


class _Bearer(Mechanism):
    """What both have in common. `token` is called when the response is made."""

    # Exchange Online closes the connection when the response stands on the AUTH line, so it never does; a token is mostly longer
    # than that line may be anyway.
    two_step = True
    after_error = b""

    def __init__(self, username: str, token: Callable[[], Secret]) -> None:
        super().__init__()
        self._username = username
        self._token = token
        self._told: Secret | None = None
        self._refused = False

    def initial(self) -> bytes:
        self._told = self._token()
        self._complete = True
        return self._response(octets(self._username), octets(self._told))

    @abc.abstractmethod
    def _response(self, username: bytes, token: bytes) -> bytes:
        """The fields as the mechanism writes them."""

    def respond(self, challenge: bytes) -> bytes:
        if self._told is None:
            fail(f"the server asks {self.name} for an answer before it was told anything")
        if self._refused:
            self._refuse_more()
        self._refused = True
        detail = _reason(challenge)
        self.detail: str = "" if self._told.reveal() in detail else detail[:DETAIL_LIMIT]
        return self.after_error

    def finish(self, final: bytes | None = None) -> None:
        if self._refused:
            fail(
                f"the server refused {self.name} in a challenge ({self.detail or 'no reason given'}) and agreed to it afterwards"
            )
        super().finish(final)


class XOAuth2(_Bearer):
    """XOAUTH2 as Google and Microsoft describe it. An error challenge is answered by an empty line."""

    name = "XOAUTH2"

    def _response(self, username: bytes, token: bytes) -> bytes:
        return b"user=%b\x01auth=Bearer %b\x01\x01" % (username, token)


class OAuthBearer(_Bearer):
    """OAUTHBEARER. An error challenge is answered by one octet 0x01 (RFC 7628, section 3.2.3).

    Host and port, which the RFC lets a client add, are for tokens that are signed for a request; a bearer token is not.
    """

    name = "OAUTHBEARER"
    after_error = b"\x01"

    def _response(self, username: bytes, token: bytes) -> bytes:
        # RFC 5801, section 4: "=" and "," have a meaning in front of the user name's end.
        saslname = username.replace(b"=", b"=3D").replace(b",", b"=2C")
        return b"n,a=%b,\x01auth=Bearer %b\x01\x01" % (saslname, token)


def _reason(challenge: bytes) -> str:
    """The readable part of an error challenge; the challenge itself where it is no JSON object."""
    try:
        found = json.loads(challenge)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return printable(challenge)
    words = [f"{key} {found[key]}" for key in _REASONS if isinstance(found.get(key), (str, int))]
    return printable(", ".join(words).encode("utf-8", "replace"))
