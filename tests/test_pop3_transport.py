"""Both drivers against real sockets: time limits, TLS, both directions at once, and what is said when it fails."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest
import trustme

from cfml_pop.errors import NetworkError, TimeoutExpired, TLSError
from cfml_pop.pop3 import requests
from cfml_pop.pop3.dialogue import Dialogue
from cfml_pop.pop3.effects import Connect, Exchange, Outgoing, Steps
from cfml_pop.pop3.login import login
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.pop3.transport.addresses import acknowledge, is_loopback
from cfml_pop.pop3.transport.aio import AsyncDriver
from cfml_pop.pop3.transport.blocking import BlockingDriver
from cfml_pop.pop3.transport.clock import Clock
from cfml_pop.pop3.transport.tls import default_context
from cfml_pop.secret import Secret
from tests.servers.scripted import ScriptedServer, Talk

Run = Callable[..., object]

AUTHORITY = trustme.CA()


def server_context(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def blocking(steps: Steps[object], timeout: float | None = 5, idle: float | None = None) -> object:
    return BlockingDriver(Clock(timeout, idle), client_context).run(steps)


def awaited(steps: Steps[object], timeout: float | None = 5, idle: float | None = None) -> object:
    return asyncio.run(AsyncDriver(Clock(timeout, idle), client_context).run(steps))


@pytest.fixture(params=[blocking, awaited], ids=["blocking", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Each test runs under both drivers."""
    chosen: Run = request.param
    return chosen


def fetch(port: int, *numbers: int, secure: bool = False, host: str = "127.0.0.1") -> Steps[list[bytes]]:
    dialogue = Dialogue()
    yield from dialogue.connect(host, port, secure=secure)
    yield from login(dialogue, Credentials("kim", Secret("secret")))
    pieces: dict[int, list[bytes]] = {number: [] for number in numbers}
    yield from dialogue.batch((requests.retr(n, pieces[n].append) for n in numbers), lambda *_: None)
    yield from dialogue.quit()
    return [b"".join(pieces[number]) for number in numbers]


MESSAGES = [b"Subject: %d\r\n\r\n.dots\r\n..\r\n%s\r\n" % (n, b"x" * 70 * n) for n in range(1, 41)]


@pytest.mark.parametrize("tls", ["", "implicit", "stls"])
@pytest.mark.parametrize("segment", [0, 1000])
def test_messages_arrive_octet_for_octet(run: Run, tls: str, segment: int) -> None:
    """In clear, with TLS from the start and with STLS, in large and in small segments."""
    with ScriptedServer(MESSAGES, tls=tls, context=server_context("127.0.0.1"), segment=segment) as server:
        assert MESSAGES == run(fetch(server.port, *range(1, 41), secure=tls == "implicit"))
        assert "QUIT" == server.commands[-1]


def test_one_octet_at_a_time_is_enough(run: Run) -> None:
    """However slowly a server's segments come, the framing holds."""
    with ScriptedServer(MESSAGES[:1], segment=1) as server:
        assert MESSAGES[:1] == run(fetch(server.port, 1))


def test_both_directions_flow_at_once(run: Run) -> None:
    """A server that stops reading until its answers are taken cannot block a client that has a megabyte to send."""
    answer = b"+OK " + b"x" * 400 + b"\r\n"

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"+OK\r\n")
            while block := connection.recv(1024):
                connection.sendall(answer * block.count(b"\n"))

    def ask(port: int) -> Steps[int]:
        yield Connect("127.0.0.1", port, tls=False)
        yield Exchange(Outgoing(b""))
        got = 0
        data: bytes = yield Exchange(Outgoing(b"NOOP\r\n" * 100_000))
        while True:
            got += data.count(b"\n")
            if got == 100_000:
                return got
            data = yield Exchange(Outgoing(b""))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        assert 100_000 == run(ask(listener.getsockname()[1]), 60)
        thread.join(5)


@pytest.mark.parametrize("at", ["", "CAPA", "PASS", "RETR"])
def test_silence_ends_with_the_total(run: Run, at: str) -> None:
    """`timeout` covers the whole call, wherever the server falls silent; only QUIT has its own time."""
    with ScriptedServer(MESSAGES[:1], {at: Talk.stall}) as server:
        started = time.monotonic()
        with pytest.raises(TimeoutExpired, match=r"the time of 0\.3 s was over while waiting for its answer"):
            run(fetch(server.port, 1), 0.3)

    assert time.monotonic() - started < 3


def test_a_drip_of_octets_does_not_outlive_the_total(run: Run) -> None:
    """Each octet resets an idle limit; the total stands."""
    with ScriptedServer([b"x" * 5000], segment=1, pause=0.02) as server, pytest.raises(TimeoutExpired, match="time of"):
        run(fetch(server.port, 1), 0.5)


def flood(talk: Talk) -> None:
    talk.socket.sendall(b"+OK\r\n")
    while True:
        talk.socket.sendall(b"x" * 65536)


def test_a_flood_does_not_outlive_the_total(run: Run) -> None:
    """A server that sends without end never lets the client wait, and is stopped all the same."""
    started = time.monotonic()
    with ScriptedServer(MESSAGES[:1], {"RETR": flood}) as server, pytest.raises(TimeoutExpired, match="time of"):
        run(fetch_away(server.port), 0.5)

    assert time.monotonic() - started < 5


def fetch_away(port: int) -> Steps[None]:
    dialogue = Dialogue()
    yield from dialogue.connect("127.0.0.1", port, secure=False)
    yield from dialogue.ask(requests.retr(1, lambda _: None))


def test_without_a_total_silence_has_its_own_limit(run: Run) -> None:
    """A call without timeout ends when nothing comes for the idle time."""
    with (
        ScriptedServer(MESSAGES[:1], {"RETR": Talk.stall}) as server,
        pytest.raises(TimeoutExpired, match=r"silent for 0\.2 s"),
    ):
        run(fetch(server.port, 1), None, 0.2)


def test_a_server_that_does_not_shake_hands_is_timed_out(run: Run) -> None:
    """The time limit covers the TLS handshake as well."""
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(TimeoutExpired, match="making the connection private"):
        run(fetch(listener.getsockname()[1], secure=True), 0.3)


def test_a_refused_connection_names_the_server(run: Run) -> None:
    """Nobody listens: the error says where, and which attributes to look at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(
        NetworkError, match=rf"could not connect to 127\.0\.0\.1:{port}: .*refused.*check the server's name and port"
    ):
        run(fetch(port))


def test_an_unknown_name_is_said_to_be_one(run: Run) -> None:
    """`.invalid` names never resolve (RFC 6761)."""
    with pytest.raises(NetworkError, match=r"no address was found for nowhere\.invalid:110 .*check the server's name"):
        run(fetch(110, host="nowhere.invalid"))


@pytest.mark.parametrize(
    ("certified", "trusted", "words"),
    [("127.0.0.2", True, "IP address mismatch"), ("127.0.0.1", False, "unable to get local issuer|self.signed")],
)
@pytest.mark.parametrize("tls", ["implicit", "stls"])
def test_a_certificate_must_hold(run: Run, tls: str, certified: str, trusted: bool, words: str) -> None:
    """Another name or an unknown authority ends the session before anything secret was sent."""
    context = server_context(certified)
    if not trusted:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert(certified).configure_cert(context)

    with ScriptedServer(tls=tls, context=context) as server:
        with pytest.raises(TLSError, match=rf"(?s)certificate of 127\.0\.0\.1:\d+ was not accepted: .*({words})"):
            run(fetch(server.port, secure=tls == "implicit"))

        assert not [command for command in server.commands if command.startswith(("USER", "PASS"))]


def test_a_server_without_tls_on_the_port_is_said_to_be_one(run: Run) -> None:
    """secure=yes to a clear-text port is a TLSError that asks about the port."""
    with ScriptedServer() as server, pytest.raises(TLSError, match="is this the port for it"):
        run(fetch(server.port, secure=True))


def test_old_tls_is_refused() -> None:
    """RFC 8997: TLS 1.2 or later, checked certificates and names."""
    context = default_context()

    assert (ssl.TLSVersion.TLSv1_2, True, ssl.CERT_REQUIRED) == (
        context.minimum_version,
        context.check_hostname,
        context.verify_mode,
    )


def test_a_certificate_file_that_cannot_be_read_is_named() -> None:
    """A wrong setting is an error of the setting, not of the server."""
    with pytest.raises(TLSError, match="tls_ca_file='/no/such/file'"):
        default_context("/no/such/file")


@pytest.mark.parametrize("tls", ["", "implicit"])
def test_a_reset_connection_is_an_error(run: Run, tls: str) -> None:
    """A connection that breaks in the middle of a message is never a whole message."""

    def reset(talk: Talk) -> None:
        talk.socket.sendall(b"+OK\r\nSubject: cut\r\n")
        talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        talk.socket.close()

    with (
        ScriptedServer(MESSAGES[:1], {"RETR": reset}, tls=tls, context=server_context("127.0.0.1")) as server,
        pytest.raises(NetworkError),
    ):
        run(fetch(server.port, 1, secure=bool(tls)))


def test_cancelling_drops_the_connection_without_quit() -> None:
    """A render that is given up stops at once, and the server is told nothing that would commit."""

    async def scene(port: int) -> float:
        task = asyncio.ensure_future(AsyncDriver(Clock(None, 60), client_context).run(fetch(port, 1)))
        await asyncio.sleep(0.3)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - started

    with ScriptedServer(MESSAGES[:1], {"RETR": Talk.stall}) as server:
        assert asyncio.run(scene(server.port)) < 0.2
        time.sleep(0.1)
        assert "RETR 1" == server.commands[-1]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("fe80::1%lo", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_address(address: str, expected: bool) -> None:
    """Only what stays on this machine may carry a password in clear unasked."""
    assert expected == is_loopback(address)


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="an option of Linux")
@pytest.mark.may_skip("an option of Linux")
def test_octets_are_acknowledged_before_waiting() -> None:
    """A wait sets TCP_QUICKACK, so that a server's second write does not wait 40 ms; other sockets than TCP are left alone."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        acknowledge(client)

        assert 1 == client.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK)
    one, other = socket.socketpair()
    with one, other:
        acknowledge(one)
