"""Each knob of the embedded server, seen with poplib; what is asserted is the order and the content of answers, never a time."""

from __future__ import annotations

import contextlib
import math
import poplib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from cfml_pop import cfpop
from cfml_pop.errors import AuthenticationError, CommitError, NetworkError, TimeoutExpired
from cfml_pop.testing import EmbeddedServer, ServerProcess
from cfml_pop.testing.knobs import starred

MAIL = [b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n2\r\n", b"Subject: three\r\n\r\n3\r\n"]


@pytest.fixture(scope="module")
def process() -> Iterator[ServerProcess]:
    with ServerProcess() as running:
        yield running


@pytest.fixture
def serve(process: ServerProcess, request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """The server with the three messages and the knobs of the test's parameter."""
    with EmbeddedServer(MAIL, process=process, **getattr(request, "param", {})) as server:
        yield server


def knobs(**options: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("serve", [options], indirect=True, ids=[" ".join(options)])


DIALLED: list[poplib.POP3] = []


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    yield
    while DIALLED:
        DIALLED.pop().close()


def dial(server: EmbeddedServer) -> poplib.POP3:
    connection = poplib.POP3(server.host, server.port, timeout=10)
    DIALLED.append(connection)
    return connection


def login(server: EmbeddedServer) -> poplib.POP3:
    connection = dial(server)
    connection.user(server.user)
    connection.pass_(server.password)
    return connection


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(poplib.error_proto) as caught:
        call(*arguments)
    return str(caught.value.args[0], "ascii") if isinstance(caught.value.args[0], bytes) else str(caught.value)


@knobs(refuse="login")
def test_refuse_login(serve: EmbeddedServer) -> None:
    """The right password is refused, with the code of RFC 3206, and the client says what it is."""
    assert "-ERR [AUTH] authentication failed" == refused(login, serve)
    with pytest.raises(AuthenticationError):
        cfpop(server=serve.url)


@knobs(refuse="in-use")
def test_refuse_in_use(serve: EmbeddedServer) -> None:
    """A mailbox that is locked has the code of RFC 2449, which CAPA announces."""
    assert "-ERR [IN-USE] the mailbox is locked by another session" == refused(login, serve)
    connection = dial(serve)
    assert {"RESP-CODES", "AUTH-RESP-CODE"} < set(connection.capa())


@knobs(refuse=["RETR 2", "TOP 2", "dele"])
def test_refuse_commands(serve: EmbeddedServer) -> None:
    """A key with a number is refused for that message only, one without for all; the session goes on."""
    connection = login(serve)
    assert b"Subject: one" == connection.retr(1)[1][0]
    assert "-ERR the message cannot be read" == refused(connection.retr, 2)
    assert "-ERR the message cannot be read" == refused(connection.top, 2, 0)
    assert "-ERR the mailbox is read-only" == refused(connection.dele, 3)
    assert b"Subject: three" == connection.retr(3)[1][0]
    connection.quit()


@knobs(refuse={"RETR 2": "[SYS/TEMP] on tape", "RETR": "no"})
def test_refuse_with_text(serve: EmbeddedServer) -> None:
    """A mapping says what stands behind -ERR, and the key with more words wins."""
    connection = login(serve)
    assert "-ERR [SYS/TEMP] on tape" == refused(connection.retr, 2)
    assert "-ERR no" == refused(connection.retr, 1)


@knobs(refuse="QUIT")
def test_refuse_quit(serve: EmbeddedServer) -> None:
    """A refused QUIT deletes nothing and ends the connection; the client says that the commit failed."""
    connection = login(serve)
    connection.dele(1)
    assert "-ERR some deleted messages not removed" == refused(connection._shortcmd, "QUIT")  # type: ignore[attr-defined]
    with pytest.raises((poplib.error_proto, OSError)):
        connection.noop()
    with pytest.raises(CommitError):
        cfpop(server=serve.url, action="delete", uid=serve.uids[1])

    assert ([], MAIL) == (serve.deleted, serve.messages())


@knobs(refuse="connect")
def test_refuse_connect(serve: EmbeddedServer) -> None:
    """The greeting is -ERR, and the connection ends."""
    with socket.create_connection((serve.host, serve.port), timeout=10) as connection, connection.makefile("rb") as answers:
        assert b"-ERR too many connections, try again later\r\n" == answers.read()


@knobs(drop="RETR 2")
def test_drop_at_a_command(serve: EmbeddedServer) -> None:
    """The connection ends in place of the answer, what was answered before arrives, and what stands behind is not obeyed."""
    with socket.create_connection((serve.host, serve.port), timeout=10) as connection, connection.makefile("rb") as answers:
        connection.sendall(f"USER {serve.user}\r\nPASS {serve.password}\r\nDELE 3\r\nRETR 1\r\nRETR 2\r\nQUIT\r\n".encode())
        received = answers.read()

    assert received.endswith(b"\r\n1\r\n.\r\n")
    assert [] == serve.deleted


@knobs(drop="QUIT")
def test_drop_at_quit(serve: EmbeddedServer) -> None:
    """A connection that is lost at QUIT deletes nothing, and the client says that it does not know."""
    with pytest.raises(CommitError):
        cfpop(server=serve.url, action="delete", uid=serve.uids[0])

    assert [] == serve.deleted
    assert ["DELE 1", "QUIT"] == serve.commands[-2:]


@pytest.mark.parametrize("tls", [None, "implicit", "stls"])
def test_drop_after_octets(process: ServerProcess, tls: Any) -> None:
    """So many octets arrive and not one more, whatever the channel; QUIT behind them deletes nothing."""
    with EmbeddedServer([b"x" * 100_000, b""], process=process, tls=tls, drop_after=5000) as server:
        context = ssl.create_default_context(cafile=server.ca_file) if tls else None
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(socket.create_connection((server.host, server.port), timeout=10))
            if context and tls == "implicit":
                connection = stack.enter_context(context.wrap_socket(connection, server_hostname="localhost"))
            received = connection.recv(1000)
            if context and tls == "stls":
                connection.sendall(b"STLS\r\n")
                received += connection.recv(1000)
                connection = stack.enter_context(context.wrap_socket(connection, server_hostname="localhost"))
            connection.sendall(f"USER {server.user}\r\nPASS {server.password}\r\nDELE 2\r\nRETR 1\r\nQUIT\r\n".encode())
            while block := connection.recv(65536):
                received += block

    assert (5000, b"x") == (len(received), received[-1:])
    assert [] == server.deleted


@knobs(drop_after=150)
def test_cut_message_is_told(serve: EmbeddedServer) -> None:
    """A message that is cut is an error of the connection for the caller."""
    with pytest.raises(NetworkError):
        cfpop(server=serve.url, action="getAll")


@knobs(without=["UIDL", "top", "PIPELINING"])
def test_without(serve: EmbeddedServer) -> None:
    """What the server does not know is not announced and not answered; the rest is; cfpop reads such a mailbox all the same."""
    connection = login(serve)
    assert ["USER"] == sorted(connection.capa())
    assert "-ERR unknown command" == refused(connection.uidl)
    assert "-ERR unknown command" == refused(connection.top, 1, 0)
    assert 3 == connection.stat()[0]
    connection.quit()

    assert ["one", "two", "three"] == [row.subject for row in cfpop(server=serve.url)]


@knobs(without="CAPA")
def test_without_capa(serve: EmbeddedServer) -> None:
    """A server from before RFC 2449 knows no CAPA."""
    connection = login(serve)
    assert "-ERR unknown command" == refused(connection._shortcmd, "CAPA")  # type: ignore[attr-defined]
    connection.quit()


@knobs(latency={"RETR": 0.05, "RETR 1": 0.2})
def test_latency_keeps_the_order(serve: EmbeddedServer) -> None:
    """An answer never overtakes one that is slower, also when the commands come in one block."""
    with socket.create_connection((serve.host, serve.port), timeout=10) as connection, connection.makefile("rb") as answers:
        connection.sendall(f"USER {serve.user}\r\nPASS {serve.password}\r\nRETR 1\r\nRETR 2\r\nNOOP\r\nQUIT\r\n".encode())
        lines = answers.read().split(b"\r\n")

    assert [b"+OK", b"1", b".", b"+OK", b"2", b".", b"+OK", b"+OK"] == [
        line[:3].strip() for line in lines if line[:3] in (b"+OK", b"1", b"2", b".")
    ][3:]


@pytest.mark.parametrize("latency", [0.02, {"connect": 0.05}])
def test_latency_with_stls(process: ServerProcess, latency: Any) -> None:
    """A slow server upgrades to TLS as a quick one does."""
    with EmbeddedServer(MAIL, process=process, tls="stls", latency=latency) as server:
        assert 3 == cfpop(server=server.url, settings=server.settings, timeout=30).recordcount
        assert "STLS" in server.commands


def test_slow_stls_forgets_what_came_before(process: ServerProcess) -> None:
    """What was sent without TLS while STLS waited for its answer is not obeyed."""
    with EmbeddedServer(MAIL, process=process, tls="stls", latency=0.05) as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        with socket.create_connection((server.host, server.port), timeout=10) as connection:
            connection.recv(1000)
            connection.sendall(f"STLS\r\nUSER {server.user}\r\nCA".encode())
            assert b"+OK begin TLS negotiation\r\n" == connection.recv(1000)
            with context.wrap_socket(connection, server_hostname="localhost") as secured:
                secured.sendall(f"PASS {server.password}\r\n".encode())
                assert b"-ERR USER required before PASS\r\n" == secured.recv(1000)


@knobs(latency={"STAT": math.inf})
def test_silence(serve: EmbeddedServer) -> None:
    """math.inf is a server that never answers: the caller's timeout ends it."""
    with pytest.raises(TimeoutExpired):
        cfpop(server=serve.url, timeout=0.3)


def test_commands_without_passwords(serve: EmbeddedServer) -> None:
    """`commands` has what every client sent, and no password."""
    login(serve).quit()
    dial(serve).quit()

    assert ["USER support", "PASS ***", "QUIT", "QUIT"] == serve.commands


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("pass open sesame", "PASS ***"),
        ("PASS ", "PASS ***"),
        ("AUTH PLAIN AGtpbQBzZWNyZXQ=", "AUTH PLAIN ***"),
        ("AUTH PLAIN", "AUTH PLAIN"),
        ("APOP kim c4c9334bac560ecc979e58001b3e22fb", "APOP kim ***"),
        ("retr 1", "RETR 1"),
        ("", ""),
    ],
)
def test_starred(sent: str, shown: str) -> None:
    """Of a command that logs in only what is no secret is shown."""
    assert shown == starred(sent)


def test_what_is_left(serve: EmbeddedServer) -> None:
    """`messages()`, `deleted` and `uids` tell the mailbox as it is, count from the first message ever, and new mail is behind."""
    uids = [line.split()[1].decode() for line in login(serve).uidl()[1]]
    connection = login(serve)
    connection.dele(2)
    assert [] == serve.deleted
    connection.quit()
    serve.deliver("Subject: four\n\n4\n")
    connection = login(serve)
    connection.dele(3)
    connection.quit()

    assert ([2, 4], [MAIL[0], MAIL[2]]) == (serve.deleted, serve.messages())
    assert uids == serve.uids[:3]
    serve.stop()
    assert ([2, 4], "QUIT") == (serve.deleted, serve.commands[-1])
    serve.deliver(b"Subject: five\n\n")
    assert 3 == len(serve.messages())


def test_one_process_many_mailboxes(process: ServerProcess) -> None:
    """Servers of one process have ports and mailboxes of their own, and one that stops takes its connections with it."""
    with EmbeddedServer(MAIL[:1], process=process) as first, EmbeddedServer(MAIL, process=process, user="sales") as second:
        kept = login(second)
        with EmbeddedServer([], process=process) as third:
            lost = login(third)
        assert (1, 3) == (login(first).stat()[0], kept.stat()[0])
        with pytest.raises((poplib.error_proto, OSError)):
            lost.noop()

    assert (["USER support", "USER sales"]) == [server.commands[0] for server in (first, second)]


@pytest.mark.parametrize("tls", [None, "implicit", "stls"])
def test_ways_in(process: ServerProcess, tls: Any) -> None:
    """`url`, `connection` and `settings` each lead to the mailbox, also with signs in user and password that a URL escapes."""
    with EmbeddedServer(MAIL, process=process, tls=tls, user="kim@example.org", password="a:b/c d%") as server:
        assert 3 == cfpop(server=server.url, settings=server.settings).recordcount
        assert 3 == cfpop(connection="kim@example.org", settings=server.settings).recordcount


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"refuse": "RETRE 2"}, "refuse: 'RETRE 2' is no command of POP3; did you mean 'RETR'?"),
        ({"refuse": "inuse"}, "did you mean 'in-use'?"),
        ({"drop": ["in-use"]}, "drop: 'in-use' is no command"),
        ({"refuse": "login 2"}, "'login' stands alone"),
        ({"refuse": {"RETR": "a\r\nb"}}, "one line"),
        ({"latency": -1}, "latency: seconds from 0"),
        ({"latency": {"RETR": "1"}}, "not '1' \\(RETR\\)"),
        ({"latency": math.nan}, "seconds"),
        ({"drop_after": 0}, "drop_after: octets from 1"),
        ({"without": "RETR"}, "refuse='RETR' has it announced and refused"),
        ({"tls": "starttls"}, "starttls"),
    ],
)
def test_wrong_knob(options: dict[str, Any], text: str) -> None:
    """A knob that cannot be turned so is a ValueError that names it, before anything starts."""
    with pytest.raises(ValueError, match=text.replace("?", "\\?")):
        EmbeddedServer(MAIL, **options)


def test_bad_certificate_is_told(process: ServerProcess, tmp_path: Any) -> None:
    """A certificate that the child cannot read is an error of `start()`, and the process goes on."""
    (tmp_path / "bad.pem").write_text("nothing\n", "ascii")
    with pytest.raises(Exception, match="the embedded POP3 server: "):
        EmbeddedServer(MAIL, process=process, tls="implicit", certificate=tmp_path / "bad.pem").start()
    with EmbeddedServer(MAIL, process=process) as server:
        login(server).quit()
