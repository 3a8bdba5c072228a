"""SCRAM (RFC 5802, RFC 7677) with and without channel binding; the exchange itself is the library scramp's.

Rule: scramp and asn1crypto are the extra `scram` and are imported when a mechanism is made, not before. What scramp leaves to its
caller is done here: the hash of the certificate, limits for the server's iteration count, and errors in our words.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from typing import Any

from cfml_pop.pop3.reply import printable
from cfml_pop.pop3.sasl.mechanism import Mechanism, fail
from cfml_pop.secret import Secret

__all__ = ["MAX_ITERATIONS", "MIN_ITERATIONS", "Scram", "endpoint_binding", "scram_available"]

MIN_ITERATIONS = 4096
"""RFC 7677, section 4. With fewer, whoever poses as the server can try passwords cheaply on the proof it is given."""

MAX_ITERATIONS = 10_000_000
"""Some seconds of one core. Without a limit a server could keep the client busy for hours."""

OLDEST_SCRAMP = (1, 4, 18)
"""Older ones take a server nonce that adds nothing to the client's, or prepare a password only when it is used."""

DETAIL_LIMIT = 200
"""Characters of the server's reason that are kept."""

_ITERATIONS = re.compile(r"(?:^|,)i=([0-9]{1,12})(?:,|$)")

# RFC 5929, section 4.1: the hash of the certificate's own signature, but SHA-256 instead of MD5 and SHA-1. It says nothing of
# signatures whose hash is not a choice (Ed25519, Ed448); implementations differ there, so such a certificate binds nothing.
_BINDING_HASHES = {"md5": "sha256", "sha1": "sha256"} | {name: name for name in ("sha224", "sha256", "sha384", "sha512")}
_BINDING_SIGNATURES = ("rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "dsa")


def _library(name: str) -> Any:
    """scramp and asn1crypto have no types; this also keeps them out of sight of the checker when they are not installed."""
    return importlib.import_module(name)


def scram_available() -> bool:
    """Whether the extra `scram` is installed, in a version that checks what it must.

    An older scramp may be there for another package; then SCRAM counts as missing. Python 3.10 has no newer one.
    """
    import importlib.metadata  # here, because it loads `email` and takes as long as the rest of a POP3 client
    import importlib.util

    try:
        found = importlib.util.find_spec("scramp") and importlib.util.find_spec("asn1crypto")
        version = importlib.metadata.version("scramp") if found else "0"
    except (ValueError, importlib.metadata.PackageNotFoundError):  # a name set to None in sys.modules; files without a package
        return False
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3]) >= OLDEST_SCRAMP


def endpoint_binding(certificate: bytes) -> bytes | None:
    """The channel binding `tls-server-end-point` of a DER certificate (RFC 5929), or None when it has none."""
    x509 = _library("asn1crypto.x509")
    try:
        parsed = x509.Certificate.load(certificate, strict=True)
        signature, name = parsed["signature_algorithm"].signature_algo, parsed.hash_algo
    except (ValueError, TypeError, KeyError):
        return None
    if signature not in _BINDING_SIGNATURES or name not in _BINDING_HASHES:
        return None
    return hashlib.new(_BINDING_HASHES[name], certificate).digest()


class Scram(Mechanism):
    """`SCRAM-SHA-256`, `SCRAM-SHA-1` or either with `-PLUS`.

    `binding` is what `endpoint_binding` gave for the channel's certificate. A -PLUS mechanism needs it. Given to one without, it
    tells the server that the client could have bound the channel but saw no -PLUS (GS2 flag "y"; RFC 5802, section 6): a server
    that offered one then knows that somebody removed it from the list.

    User name and password are prepared by SASLprep (RFC 4013). Raises ValueError when that is not possible (characters that
    Unicode 3.2 did not have, for one): then the user cannot have been registered for SCRAM.
    """

    def __init__(
        self, name: str, username: str, password: Secret, *, binding: bytes | None = None, nonce: str | None = None
    ) -> None:
        super().__init__()
        self.name = name
        self._scramp = _library("scramp")
        channel = None if binding is None else ("tls-server-end-point", binding)
        self._client: Any = None
        try:
            self._client = self._scramp.ScramClient([name], username, password.reveal(), channel_binding=channel, c_nonce=nonce)
        except self._scramp.ScramException as error:
            reason = str(error)
        # Raised outside the handler: the library's frames hold the password, and an error must not lead there.
        if self._client is None:
            raise ValueError(f"{name} cannot take the user name or the password: {reason}")
        self._step = self._first

    def initial(self) -> bytes:
        return str(self._client.get_client_first()).encode()

    def respond(self, challenge: bytes) -> bytes:
        try:
            text = challenge.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        if text.startswith("e=") and self._step != self._end:
            # RFC 5802, section 7: the server's reason. Its -ERR follows when this is answered.
            self._step = self._end
            self.detail: str = printable(challenge[2:])[:DETAIL_LIMIT]
            return b""
        return self._step(text)

    def finish(self, final: bytes | None = None) -> None:
        """As in every mechanism. SCRAM is through when the server has shown by its signature that it knows the password."""
        if final is not None and self._step == self._last:
            self.respond(final)
        if not self._complete:
            fail(f"the server agreed to {self.name} without its signature; it does not know the password and may be anybody")

    def _first(self, text: str) -> bytes:
        self._step = self._end
        found = _ITERATIONS.search(text)
        if found and not MIN_ITERATIONS <= int(found[1]) <= MAX_ITERATIONS:
            few = int(found[1]) < MIN_ITERATIONS
            limit = f"fewer than {MIN_ITERATIONS}" if few else f"more than {MAX_ITERATIONS}"
            fail(f"the server asks {self.name} for {int(found[1])} iterations, {limit}, which is not safe")
        self._checked(self._client.set_server_first, text)
        response = str(self._client.get_client_final()).encode()
        self._step = self._last
        return response

    def _last(self, text: str) -> bytes:
        self._step = self._end
        self._checked(self._client.set_server_final, text)
        self._complete = True
        return b""

    def _end(self, text: str) -> bytes:
        del text
        self._refuse_more()

    def _checked(self, take: Any, text: str) -> None:
        reason = ""
        try:
            take(text)
        except self._scramp.ScramException as error:
            reason = str(error) or "malformed"
        if reason:
            fail(f"the server's part of {self.name} is wrong: {printable(reason.encode('utf-8', 'replace'))[:DETAIL_LIMIT]}")
