"""The process that the embedded server runs in.

Rule: everything it needs comes in through stdin, the port goes out through stdout, and it ends when stdin ends; so it never
outlives the process that started it, however that one died.

Stdin: one line of JSON (`user`, `password`, `tls`, `certificate`: PEM text of key and chain, `sizes`: octets of each message),
then the messages one after the other. Stdout: one line, the port.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from OpenSSL import crypto
from twisted.internet import reactor as installed_reactor
from twisted.internet import ssl

from cfml_pop.testing.maildrop import Maildrop
from cfml_pop.testing.protocol import Factory

__all__ = ["main"]

END = "-----END CERTIFICATE-----\n"


def main() -> None:
    reactor: Any = installed_reactor  # its methods depend on the platform, so the module has no types for them
    stdin = sys.stdin.buffer
    options = json.loads(stdin.readline())
    maildrop = Maildrop(stdin.read(size) for size in options["sizes"])
    context = tls_context(options["certificate"]) if options["tls"] else None
    factory = Factory(
        maildrop,
        user=options["user"],
        password=options["password"],
        stls_context=context if options["tls"] == "stls" else None,
    )
    if options["tls"] == "implicit":
        port = reactor.listenSSL(0, factory, context, interface="127.0.0.1")
    else:
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()

    def wait_for_the_end() -> None:
        while stdin.read(65536):
            pass
        reactor.callFromThread(reactor.stop)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    reactor.run(installSignalHandlers=False)


def tls_context(pem: str) -> Any:
    """Twisted's options for the private key and the certificates in `pem`, the server's own one first."""
    key = ssl.KeyPair.load(pem.encode(), format=crypto.FILETYPE_PEM)
    chain = [ssl.Certificate.loadPEM((block + END).encode()) for block in pem.split(END) if "BEGIN CERTIFICATE" in block]
    return ssl.CertificateOptions(
        privateKey=key.original,
        certificate=chain[0].original,
        extraCertChain=[certificate.original for certificate in chain[1:]],
    )


if __name__ == "__main__":
    main()
