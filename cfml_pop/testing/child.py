"""The process that embedded servers run in.

Rule: everything it needs comes in through stdin, every answer goes out through stdout, and it ends when stdin ends; so it never
outlives the process that started it, however that one died.

Stdin: requests. A request is one line of JSON, with `do` and `sizes`, the octets of each message that follows the line. Stdout:
for each request one line of JSON, in order; `error` in it is the text of what went wrong.

    do       takes                                                       answers
    open     user, password, tls, certificate (PEM: key, chain), knobs   number (of the mailbox), port
    deliver  number                                                      nothing
    tell     number                                                      left (numbers of the messages), commands
    close    number                                                      the same, when the port is closed
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred, maybeDeferred

from cfml_pop.testing.faulty import FaultyPOP3
from cfml_pop.testing.maildrop import Maildrop
from cfml_pop.testing.protocol import Factory

__all__ = ["main"]

END = "-----END CERTIFICATE-----\n"
reactor: Any = installed_reactor  # its methods depend on the platform, so the module has no types for them
open_ports: dict[int, tuple[Factory, Any]] = {}


def main() -> None:
    threading.Thread(target=read_requests, daemon=True).start()
    reactor.run(installSignalHandlers=False)


def read_requests() -> None:
    stdin = sys.stdin.buffer
    while line := stdin.readline():
        request = json.loads(line)
        messages = [stdin.read(size) for size in request["sizes"]]
        reactor.callFromThread(carry_out, request, messages)
    reactor.callFromThread(reactor.stop)


def carry_out(request: dict[str, Any], messages: list[bytes]) -> None:
    done: Deferred[Any] = maybeDeferred(REQUESTS[request["do"]], request, messages)
    done.addErrback(lambda failure: {"error": failure.getErrorMessage()})
    done.addCallback(answer)


def answer(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def open_mailbox(request: dict[str, Any], messages: list[bytes]) -> dict[str, Any]:
    context = tls_context(request["certificate"]) if request["tls"] else None
    factory = Factory(
        Maildrop(messages),
        user=request["user"],
        password=request["password"],
        stls_context=context if request["tls"] == "stls" else None,
        knobs=request["knobs"],
    )
    factory.protocol = FaultyPOP3
    if request["tls"] == "implicit":
        port = reactor.listenSSL(0, factory, context, interface="127.0.0.1")
    else:
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    number: int = port.getHost().port  # of two mailboxes that are open no two have one
    open_ports[number] = factory, port
    return {"number": number, "port": number}


def deliver(request: dict[str, Any], messages: list[bytes]) -> dict[str, Any]:
    factory, _ = open_ports[request["number"]]
    for message in messages:
        factory.maildrop.add(message)
    return {}


def tell(request: dict[str, Any], _: list[bytes]) -> dict[str, Any]:
    factory, _port = open_ports[request["number"]]
    return {"left": factory.maildrop.left(), "commands": factory.commands}


def close(request: dict[str, Any], messages: list[bytes]) -> Any:
    told = tell(request, messages)
    factory, port = open_ports.pop(request["number"])
    for connection in list(factory.connections):
        connection.transport.abortConnection()
    return maybeDeferred(port.stopListening).addCallback(lambda _: told)


REQUESTS: dict[str, Callable[[dict[str, Any], list[bytes]], Any]] = {
    "open": open_mailbox,
    "deliver": deliver,
    "tell": tell,
    "close": close,
}


def tls_context(pem: str) -> Any:
    """Twisted's options for the private key and the certificates in `pem`, the server's own one first."""
    from OpenSSL import crypto  # loaded with TLS only: it takes longer than all else here
    from twisted.internet import ssl

    key = ssl.KeyPair.load(pem.encode(), format=crypto.FILETYPE_PEM)
    chain = [ssl.Certificate.loadPEM((block + END).encode()) for block in pem.split(END) if "BEGIN CERTIFICATE" in block]
    return ssl.CertificateOptions(
        privateKey=key.original,
        certificate=chain[0].original,
        extraCertChain=[certificate.original for certificate in chain[1:]],
    )


if __name__ == "__main__":
    main()
