"""CRAM-MD5 (RFC 2195) and APOP (RFC 1939, section 7): an MD5 over the server's words and the password.

Rule: used only where the host allows weak mechanisms. Whoever listens can try passwords offline, and the server proves nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from cfml_pop.pop3.sasl.mechanism import Mechanism, octets
from cfml_pop.secret import Secret

__all__ = ["CramMD5", "apop_digest"]

# A msg-id of RFC 822: atoms and dots, one "@", between "<" and ">"; its domain may be an address in brackets. Clients that took
# anything between the brackets let a false server choose octets that gave away the password by collisions (CVE-2007-1558).
# Each part ends at the first octet that does not belong to it, so a greeting of a million "<" takes no longer than others.
_ATOMS = r"[!#$%&'*+\-./0-9=?A-Z^_`a-z{|}~]+"
_MSG_ID = re.compile(rf"<{_ATOMS}@(?:{_ATOMS}|\[[0-9A-Za-z.:]+\])>")


class CramMD5(Mechanism):
    """CRAM-MD5: the user name and a keyed MD5 of the server's challenge, in UTF-8 as they are."""

    name = "CRAM-MD5"

    def __init__(self, username: str, password: Secret) -> None:
        super().__init__()
        self._username = username
        self._password = password

    def initial(self) -> bytes | None:
        return None

    def respond(self, challenge: bytes) -> bytes:
        if self._complete:
            self._refuse_more()
        self._complete = True
        digest = hmac.new(octets(self._password), challenge, "md5").hexdigest()
        return octets(f"{self._username} {digest}")


def apop_digest(greeting: str, password: Secret) -> str | None:
    """The digest for `APOP name digest`, or None when the greeting holds no msg-id, so the server does not know APOP.

    The password is taken in UTF-8 as it is.
    """
    found = _MSG_ID.search(greeting)
    if found is None:
        return None
    return hashlib.md5(octets(found[0]) + octets(password), usedforsecurity=False).hexdigest()
