"""PLAIN (RFC 4616) and LOGIN: the password itself goes to the server.

Rule: only for a private channel; `choice` sees to that.
"""

from __future__ import annotations

from cfml_pop.pop3.sasl.mechanism import Mechanism, octets
from cfml_pop.secret import Secret

__all__ = ["Login", "Plain"]


class Plain(Mechanism):
    """PLAIN: user name and password in one response, in UTF-8 as they are. The identity to act for is left to the server."""

    name = "PLAIN"

    def __init__(self, username: str, password: Secret) -> None:
        super().__init__()
        self._username = username
        self._password = password

    def initial(self) -> bytes:
        self._complete = True
        return b"\0" + octets(self._username) + b"\0" + octets(self._password)

    def respond(self, challenge: bytes) -> bytes:
        del challenge
        self._refuse_more()


class Login(Mechanism):
    """LOGIN: the user name, then the password. It was never more than a draft; old Exchange servers have nothing else.

    What the two challenges say is not looked at: servers word them as they like, but all ask in this order.
    """

    name = "LOGIN"

    def __init__(self, username: str, password: Secret) -> None:
        super().__init__()
        self._responses: list[str | Secret] = [password, username]

    def initial(self) -> bytes | None:
        return None

    def respond(self, challenge: bytes) -> bytes:
        del challenge
        if not self._responses:
            self._refuse_more()
        response = octets(self._responses.pop())
        self._complete = not self._responses
        return response
