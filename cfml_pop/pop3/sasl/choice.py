"""Which mechanisms to try, in which order.

Rule: one table says how strong each is and what it needs; nothing else decides.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Collection

from cfml_pop.pop3.sasl.credentials import Credentials
from cfml_pop.pop3.sasl.digests import CramMD5
from cfml_pop.pop3.sasl.mechanism import Mechanism
from cfml_pop.pop3.sasl.oauth import OAuthBearer, XOAuth2
from cfml_pop.pop3.sasl.plain import Login, Plain
from cfml_pop.pop3.sasl.scram import Scram, endpoint_binding, scram_available
from cfml_pop.secret import Secret

__all__ = ["choose"]


@dataclasses.dataclass(frozen=True)
class _Row:
    """`reveals`: the server, and whoever listens, learns the secret itself. `weak`: only where the host allows it."""

    name: str
    password: Callable[[str, Secret], Mechanism] | None = None
    token: Callable[[str, Callable[[], Secret]], Mechanism] | None = None
    scram: bool = False
    reveals: bool = False
    weak: bool = False


_TABLE = (
    _Row("SCRAM-SHA-256-PLUS", scram=True),
    _Row("SCRAM-SHA-256", scram=True),
    _Row("SCRAM-SHA-1-PLUS", scram=True),
    _Row("SCRAM-SHA-1", scram=True),
    _Row("OAUTHBEARER", token=OAuthBearer, reveals=True),
    _Row("XOAUTH2", token=XOAuth2, reveals=True),
    _Row("PLAIN", password=Plain, reveals=True),
    _Row("LOGIN", password=Login, reveals=True),
    _Row("CRAM-MD5", password=CramMD5, weak=True),
)


def choose(
    offered: Collection[str], credentials: Credentials, *, private: bool, certificate: bytes | None, weak: bool
) -> list[Mechanism]:
    """The mechanisms that both sides have, strongest first; each is new and serves one attempt.

    `offered`: what the server announces, any case. `private`: nobody can listen (TLS that was checked, or loopback).
    `certificate`: the server's certificate in DER where TLS has one, for channel binding. `weak`: the host allows a secret to
    go over an open channel, and CRAM-MD5; on an open channel mechanisms that do not show the secret then come first.

    SCRAM is left out when the extra `scram` is not installed or the user name or password cannot be prepared for it. A -PLUS
    comes last of all, for those who ask for it by name: servers do not announce what they bind, and one that binds something else
    refuses the proof of the right password.
    """
    names = {name.upper() for name in offered}
    rows = [row for row in _TABLE if row.name in names]
    rows = [row for row in rows if weak or not (row.weak or (row.reveals and not private))]
    rows.sort(key=lambda row: row.reveals and not private)
    binding = None
    if any(row.scram for row in rows):
        if not scram_available():
            rows = [row for row in rows if not row.scram]
        elif certificate is not None:
            binding = endpoint_binding(certificate)
    plus = any(row.name.endswith("-PLUS") for row in rows)
    if plus:
        # What a server binds is announced nowhere: Cyrus offers -PLUS, knows `tls-unique` alone, and refuses the proof of the
        # right password. So a -PLUS comes last, which is to say when it is asked for by name.
        rows = [row for row in rows if binding is not None or not row.name.endswith("-PLUS")]
        rows.sort(key=lambda row: row.name.endswith("-PLUS"))
    # However many mechanisms of the list are tried, the user's function for the token is called once.
    token = functools.cache(credentials.ask_token)
    chosen: list[Mechanism] = []
    for row in rows:
        if row.token is not None:
            if credentials.token is not None:
                chosen.append(row.token(credentials.username, token))
        elif credentials.password is not None:
            if row.password is not None:
                chosen.append(row.password(credentials.username, credentials.password))
            else:
                with contextlib.suppress(ValueError):  # not to be prepared by SASLprep
                    bound = binding if row.name.endswith("-PLUS") or not plus else None
                    chosen.append(Scram(row.name, credentials.username, credentials.password, binding=bound))
    return chosen
