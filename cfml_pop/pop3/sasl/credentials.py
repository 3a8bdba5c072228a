"""Who logs in, and with what.

Rule: whatever is checked about a user name, password or token is checked here, before anything is sent.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret

__all__ = ["Credentials"]

# RFC 4616 forbids NUL in PLAIN, XOAUTH2 and OAUTHBEARER divide their fields by 0x01, and PASS cannot carry any of them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclasses.dataclass(frozen=True)
class Credentials:
    """A user name, and a password or an OAuth 2.0 access token or both.

    `token` is the text of an access token, or a function that gives it and is asked once at each login, because tokens expire
    within the hour; it may be async where the driver is. `repr` shows no secret.

    Raises AttributeFault when a text is empty, holds a control character or cannot be written in UTF-8.
    """

    username: str
    password: Secret | None = None
    token: Secret | str | Callable[[], Any] | None = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        _refuse("username", _fault(self.username))
        if self.password is not None:
            # A plain string would show itself in repr.
            object.__setattr__(self, "password", Secret(self.password))
            _refuse("password", _fault(self.password.reveal()))
        if isinstance(self.token, (str, Secret)):
            object.__setattr__(self, "token", _token(self.token))

    def ask_token(self) -> Secret:
        """The token; calls the function if it is one. What the function raises goes through. `login` asks before, as a rule."""
        return _token(self.token() if callable(self.token) else self.token)


def _token(token: object) -> Secret:
    if not isinstance(token, (str, Secret)):
        text = f"the token is a {type(token).__name__}, not a text; give a str, or a function that returns one"
        raise AttributeFault(text, faults=[("token", text)])
    secret = Secret(token)
    _refuse("token", _fault(secret.reveal()))
    if not secret.reveal().isascii() or " " in secret.reveal():
        # RFC 6750, section 2.1: letters, digits and a few signs. A blank would end the token in "auth=Bearer token".
        text = "the token holds a blank or a character outside ASCII, so it is no access token; nothing was sent"
        raise AttributeFault(text, faults=[("token", text)])
    return secret


def _fault(text: str) -> str:
    """What is wrong with a text, or "". It is raised elsewhere, because the frames of an error are shown."""
    found = _CONTROL.search(text)
    if not text:
        return "is empty"
    if found:
        return f"holds the control character U+{ord(found[0]):04X}, which a login cannot send"
    if re.search(r"[\ud800-\udc7f\udd00-\udfff]", text):  # the rest of the surrogates stand for octets that are no UTF-8
        return "holds half a character (a lone surrogate), which UTF-8 cannot write"
    return ""


def _refuse(what: str, fault: str) -> None:
    if fault:
        raise AttributeFault(f"the {what} {fault}; nothing was sent", faults=[(what, f"the {what} {fault}")])
