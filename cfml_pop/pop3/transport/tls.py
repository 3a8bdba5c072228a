"""TLS between two buffers, so that both drivers share one implementation and can tell clear octets from protected ones.

Rule: no socket here. Octets from the network go in by `feed`, octets for the network come out by `outgoing`.
"""

from __future__ import annotations

import functools
import ssl

from cfml_pop.errors import NetworkError, TLSError
from cfml_pop.pop3.effects import Outgoing

__all__ = ["Layer", "default_context"]

BLOCK = 262144


@functools.lru_cache(maxsize=8)
def default_context(ca_file: str | None = None) -> ssl.SSLContext:
    """A client context: TLS 1.2 or later (RFC 8997), certificate and host name checked (RFC 7817).

    `ca_file`: PEM file of the authorities to trust instead of the system's. Raises TLSError when it cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise TLSError(f"Settings(tls_ca_file={ca_file!r}) cannot be read: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Layer:
    """One TLS connection as the client sees it; errors call the server `label`."""

    def __init__(self, context: ssl.SSLContext, host: str, label: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._label = label
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def feed(self, block: bytes) -> None:
        """Octets that came from the network; b"" says that it ended."""
        if block:
            self._incoming.write(block)
        else:
            self._incoming.write_eof()

    def outgoing(self) -> bytes:
        """Octets to send now."""
        return self._outgoing.read()

    def shake_hands(self) -> bool:
        """Go on with the handshake; True when it is done, False when the server must send more. Raises TLSError."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLCertVerificationError as error:
            words = error.verify_message.partition(", ")[0].rstrip(".")  # behind it stands the name, which `label` may hide
            raise TLSError(
                f"the certificate of {self._label} was not accepted: {words}; nothing secret was sent. The certificate must be "
                "for the server's name; Settings(tls_ca_file=...) names a private authority"
            ) from error
        except (ssl.SSLError, OSError, ValueError) as error:
            raise TLSError(f"no TLS with {self._label}: {_words(error)}; is this the port for it?") from error
        return True

    @property
    def certificate(self) -> bytes | None:
        """The server's certificate in DER, after the handshake."""
        return self._tls.getpeercert(binary_form=True)

    def encrypt(self, outgoing: Outgoing) -> None:
        """Protect octets; they are then in `outgoing()`. Memory is the only limit, so this never waits."""
        if outgoing.data:
            try:
                self._tls.write(outgoing.data)
            except ssl.SSLError as error:
                raise NetworkError(f"the TLS connection with {self._label} broke: {_words(error)}") from error

    def decrypt(self) -> bytes | None:
        """Clear octets; None when more must come first, b"" at the end. Raises NetworkError when a record was tampered with."""
        try:
            return self._tls.read(BLOCK)
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            # An end without close_notify may be a cut. The dialogue's own framing tells whether something is missing.
            return b""
        except ssl.SSLError as error:
            raise NetworkError(f"the TLS connection with {self._label} broke: {_words(error)}") from error


def _words(error: Exception) -> str:
    return (getattr(error, "reason", None) or str(error)).replace("_", " ").lower()
