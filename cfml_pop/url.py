"""POP URLs (RFC 2384): `pop://user;AUTH=mechanism@host:port`, and `pops://` for TLS from the first octet.

Rule: like `secret`, this module stands at the bottom, because a server is named in several rooms. A URL is read whole or refused;
nothing in it is passed over. No error text repeats what may be a user name or a password, and those can stand anywhere in a URL
that was written wrong.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import urllib.parse
from typing import NoReturn

from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret

__all__ = ["PopUrl", "parse_pop_url"]

_PORTS = {"pop": 110, "pops": 995}

# RFC 2384, section 8 with RFC 1738: what a user name may hold as it is; all else is written as %XX.
_USER = re.compile(r"(?:[A-Za-z0-9$\-_.+!*'(),&=~]|%[0-9A-Fa-f]{2})+")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_\-.]*[A-Za-z0-9_.])?")  # host names with "_" exist in private networks
_PORT = re.compile(r"[0-9]{1,5}")
_AUTH = re.compile(r"\*|\+APOP|[A-Z0-9_\-]{1,20}")  # RFC 4422, section 3.1 for the name of a mechanism
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclasses.dataclass(frozen=True)
class PopUrl:
    """What a POP URL says.

    `secure` is True for `pops://` and None for `pop://`, which leaves it to the caller. `port` is 110, or 995 for `pops://`, when
    the URL has none. `host` has no brackets. `username` and `password` are decoded; None where the URL has none. `auth` is the
    name of a SASL mechanism in upper case, "+APOP", or "*" for "whatever fits"; None where the URL says nothing about it.
    """

    host: str
    port: int = 110
    secure: bool | None = None
    username: str | None = None
    password: Secret | None = None
    auth: str | None = None

    def text(self) -> str:
        """The URL without its password; `parse_pop_url` gives everything else back."""
        scheme = "pops" if self.secure else "pop"
        user = urllib.parse.quote(self.username or "", safe="", errors="surrogateescape")
        if self.auth is not None:
            user += f";AUTH={self.auth}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{user}{'@' if user else ''}{host}{port}"


def parse_pop_url(text: str) -> PopUrl:
    """Read a POP URL. Scheme, `AUTH` and mechanism in any case.

    Besides RFC 2384 it takes `pops://`, and `user:password@` as other URLs have it; the password is held as a Secret. Raises
    AttributeFault, which says what to write instead, for everything else.
    """
    found = _CONTROL.search(text)
    if found:
        _refuse(f"it holds the control character U+{ord(found[0]):04X}; take it out")
    scheme, colon, rest = text.partition("://")
    if not colon:
        _refuse("it has no scheme; put pop:// or pops:// in front")
    scheme = scheme.lower()
    if scheme not in _PORTS:
        instead = "pops" if scheme in ("pop3s", "https", "imaps", "pop+ssl") else "pop"
        _refuse(f"its scheme is not known; write {instead}://")
    if set(rest) & set("/?#"):
        _refuse(
            'a path, query or fragment means nothing here; leave it out, and write "/", "?" and "#" in a name as %2F, %3F, %23'
        )
    login, at, place = rest.rpartition("@")
    if "@" in login:
        _refuse('there is more than one "@"; write the one in a user name as %40')
    if at and not login:
        _refuse('nothing stands in front of "@"; put a user name there or leave out "@"')
    username, password, auth = _login(login) if at else (None, None, None)
    host, port = _place(place)
    return PopUrl(
        host=host,
        port=_PORTS[scheme] if port is None else port,
        secure=True if scheme == "pops" else None,
        username=username,
        password=password,
        auth=auth,
    )


def _login(login: str) -> tuple[str | None, Secret | None, str | None]:
    """User name, password and mechanism of what stands in front of "@"."""
    names, semicolon, parameter = login.partition(";")
    name, colon, password = names.partition(":")
    auth = None
    if semicolon:
        key, _, value = parameter.partition("=")
        auth = value.upper()
        if key.upper() != "AUTH" or not _AUTH.fullmatch(auth):
            _refuse(
                'behind the user name only ;AUTH= and a mechanism (or "*" or "+APOP") may stand; write user;AUTH=mechanism@host, '
                'and ";" in a name as %3B'
            )
    if not name and (colon or not semicolon):
        _refuse('the user name is missing; write it in front of ":"')
    if colon and not password:
        _refuse('the password is empty; leave out ":" or write the password behind it')
    return (
        _decoded(name, "user name") if name else None,
        Secret(_decoded(password, "password")) if colon else None,
        auth,
    )


def _decoded(text: str, what: str) -> str:
    if not _USER.fullmatch(text):
        _refuse(f"the {what} holds a character that a URL cannot; write it as %XX, in UTF-8")
    # Octets that are no UTF-8 are kept, as everywhere where octets of a server or for a server are text.
    decoded = urllib.parse.unquote(text, errors="surrogateescape")
    found = _CONTROL.search(decoded)
    if found:
        _refuse(f"the {what} holds the control character U+{ord(found[0]):04X} (as %{ord(found[0]):02X}); take it out")
    return decoded


def _place(place: str) -> tuple[str, int | None]:
    """Host and port of what stands behind "@"."""
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        try:
            if not bracket or "%" in host:
                raise ValueError
            ipaddress.IPv6Address(host)
        except ValueError:
            _refuse("what stands in brackets is no IPv6 address; write it like [2001:db8::1]")
        host_given, colon, port = host, rest[:1], rest[1:]
        if rest and colon != ":":
            _refuse('only ":" and a port may stand behind the brackets')
    else:
        host_given, colon, port = place.partition(":")
        if ":" in port:
            _refuse("an IPv6 address stands in brackets; write it like [2001:db8::1]")
        if not host_given:
            _refuse("it names no host; write pop://host or pop://user@host")
        if not _NAME.fullmatch(host_given):
            _refuse("the host is no host name; write letters, digits, dots and hyphens (xn-- for other alphabets)")
    if colon and not (_PORT.fullmatch(port) and 0 < int(port) < 65536):
        _refuse("the port is no number from 1 to 65535; correct it or leave it out with its colon")
    return host_given, int(port) if colon else None


def _refuse(problem: str) -> NoReturn:
    text = f"a POP URL is written like pop://user@host:110 or pops://user@host; in this one {problem}"
    raise AttributeFault(text, faults=[("server", text)])
