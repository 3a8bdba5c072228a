"""The embedded server on the wire: what Twisted gets wrong is mended, seen with poplib and with a plain socket."""

from __future__ import annotations

import importlib.util
import os
import poplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cfml_pop.testing import EmbeddedServer, MissingExtra
from cfml_pop.testing.maildrop import canonical, top

BLOCK = 16 * 1024  # the block in which Twisted sends a file
HEADER = b"Subject: x\r\n\r\n"


def filler(octets: int) -> bytes:
    """So many octets of short lines (poplib takes no line over 2,048 octets)."""
    whole, rest = divmod(octets, 64)
    return (b"x" * 62 + b"\r\n") * (whole - 1) + b"x" * (62 + rest) + b"\r\n"


DOTS = [
    b"Subject: dots\n\n.\n",
    b"Subject: dots\r\n\r\n.first\r\nmiddle\r\n.\r\n..\r\n...last",
    b".\n",
    b"Subject: ends with a dot\r\n\r\n.",
    b"A line of\r\nits own: .\r\n\r\nno dot at the start .\r\n. dot and blank\r\n",
]
# A dot in every place around the border of the first two blocks, as a line of its own and as the start of one.
BORDER = [
    HEADER + filler(BLOCK - len(HEADER) + shift) + line + b"\r\nend\r\n"
    for shift in range(-3, 4)
    for line in (b".", b"..", b".x")
]
ENDS = [b"", b"\n", b"no line end", b"LF\n\nand\nmore\n", b"a lone CR \r stays\n", b"Subject: caf\xe9 \xff\x00\r\n\r\n8 bits\r\n"]
# The empty line after the header lies across the border.
LONG_HEADER = [filler(BLOCK - 1 + shift).replace(b"xx", b"x:") + b"\r\nbody 1\r\nbody 2\r\nbody 3\r\n" for shift in range(4)]
MESSAGES = [*DOTS, *BORDER, *ENDS, *LONG_HEADER]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(MESSAGES) as running:
        yield running


@pytest.fixture
def pop3(server: EmbeddedServer) -> Iterator[poplib.POP3]:
    connection = login(server)
    yield connection
    connection.close()


def login(server: EmbeddedServer) -> poplib.POP3:
    connection = poplib.POP3(server.host, server.port, timeout=10)
    connection.user(server.user)
    connection.pass_(server.password)
    return connection


def joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\r\n" for line in lines)


def dialogue(server: EmbeddedServer, sent: bytes, *, until: bytes) -> bytes:
    """Send `sent` in one go after the greeting and read until the answer ends with `until`."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.recv(1000)
        connection.sendall(sent)
        received = b""
        while not received.endswith(until):
            block = connection.recv(65536)
            if not block:
                break
            received += block
        return received


def ends_within(seconds: float, port: int) -> bool:
    """Does the port refuse connections before the time is over?"""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.02)
    return False


def pass_line(server: EmbeddedServer) -> bytes:
    return f"USER {server.user}\r\nPASS {server.password}\r\n".encode()


@pytest.mark.parametrize("number", range(1, len(MESSAGES) + 1))
def test_retr(pop3: poplib.POP3, number: int) -> None:
    """Every message arrives octet for octet with CRLF line ends, whatever it was stored with and wherever its dots are."""
    assert canonical(MESSAGES[number - 1]) == joined(pop3.retr(number)[1])


@pytest.mark.parametrize("lines", [0, 1, 2, 1000])
def test_top(pop3: poplib.POP3, lines: int) -> None:
    """TOP gives the header and that many lines, also of a header that lies across two blocks."""
    for number, message in enumerate(MESSAGES, 1):
        assert top(canonical(message), lines) == joined(pop3.top(number, lines)[1])


def test_sizes(pop3: poplib.POP3) -> None:
    """STAT, LIST and LIST n give the octets that RETR sends, before stuffing."""
    sizes = [len(canonical(message)) for message in MESSAGES]

    assert (len(sizes), sum(sizes)) == pop3.stat()
    assert [b"%d %d" % pair for pair in enumerate(sizes, 1)] == pop3.list()[1]
    one: object = pop3.list(2)  # its type is only right for the whole list
    assert b"+OK 2 %d" % sizes[1] == one


def test_uidl(pop3: poplib.POP3) -> None:
    """UIDL n answers with number and uid, the same uid as in the whole list; no two are alike."""
    lines = pop3.uidl()[1]

    assert len(MESSAGES) == len({line.split()[1] for line in lines})
    assert b"+OK " + lines[2] == pop3.uidl(3)


def test_capabilities(pop3: poplib.POP3) -> None:
    """CAPA names what the server does, by the names of the RFCs, and nothing else."""
    assert ["PIPELINING", "TOP", "UIDL", "USER"] == sorted(pop3.capa())


def test_greeting_offers_no_apop(server: EmbeddedServer) -> None:
    """The greeting has no timestamp, because the server knows no APOP."""
    connection = poplib.POP3(server.host, server.port, timeout=10)

    assert b"<" not in connection.getwelcome()
    connection.close()


@pytest.mark.parametrize(
    "command", ["RETR 999", "RETR 0", "RETR x", "DELE 999", "DELE 0", "LIST 999", "UIDL 999", "TOP 1 -1", "TOP 1", "WHAT"]
)
def test_refusals(pop3: poplib.POP3, command: str) -> None:
    """A command that cannot be done is answered with -ERR, and the session goes on."""
    with pytest.raises(poplib.error_proto, match="-ERR"):
        pop3._shortcmd(command)  # type: ignore[attr-defined]

    assert b"+OK" == pop3.noop()[:3]


def test_wrong_password(server: EmbeddedServer) -> None:
    """A wrong password and a wrong user are refused."""
    for user, password in ((server.user, "wrong"), ("wrong", server.password)):
        connection = poplib.POP3(server.host, server.port, timeout=10)
        connection.user(user)
        with pytest.raises(poplib.error_proto, match="-ERR"):
            connection.pass_(password)
        connection.close()


def test_pipelining_survives_a_fault(server: EmbeddedServer) -> None:
    """Commands that come in one block are all answered in order, also those behind a faulty one."""
    sent = pass_line(server) + b"STAT\r\nRETR 3\r\nNONSENSE\r\nDELE 999\r\nRETR 3\r\nTOP\r\nNOOP\r\nQUIT\r\n"
    answer = dialogue(server, sent, until=b"never")
    marks = [line[:4].rstrip() for line in answer.split(b"\r\n") if line[:3] in (b"+OK", b"-ER")]

    ok, err = b"+OK", b"-ERR"
    assert [ok, ok, ok, ok, err, err, ok, err, ok, ok] == marks


def test_delete_at_quit() -> None:
    """DELE removes at QUIT and not before; deleted messages are in no list; RSET and a lost connection keep everything."""
    with EmbeddedServer([b"Subject: 1\n\n", b"Subject: 2\n\n", b"Subject: 3\n\n"]) as server:
        lost = login(server)
        lost.dele(1)
        lost.close()
        taken_back = login(server)
        taken_back.dele(1)
        taken_back.rset()
        taken_back.quit()
        done = login(server)
        uids = [line.split()[1] for line in done.uidl()[1]]
        done.dele(2)
        assert ([b"1 14", b"3 14"], (2, 28)) == (done.list()[1], done.stat())
        assert [b"1 " + uids[0], b"3 " + uids[2]] == done.uidl()[1]
        with pytest.raises(poplib.error_proto, match="-ERR"):
            done.retr(2)
        done.quit()

        after = login(server)
        assert [b"1 " + uids[0], b"2 " + uids[2]] == after.uidl()[1]
        after.quit()


def test_stls() -> None:
    """STLS is offered, upgrades with a certificate that holds, and is not possible a second time or after login."""
    with EmbeddedServer(MESSAGES[:2], tls="stls") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        connection = poplib.POP3("localhost", server.port, timeout=10)
        assert "STLS" in connection.capa()
        connection.stls(context)
        assert "STLS" not in connection.capa()
        connection.user(server.user)
        connection.pass_(server.password)
        assert canonical(MESSAGES[1]) == joined(connection.retr(2)[1])
        with pytest.raises(poplib.error_proto, match="-ERR"):
            connection._shortcmd("STLS")  # type: ignore[attr-defined]
        connection.quit()

        plain = login(server)
        assert "STLS" not in plain.capa()
        plain.quit()


def test_stls_forgets_what_came_before() -> None:
    """Commands in one block behind STLS were sent without TLS and are not obeyed; neither is a USER from before."""
    with EmbeddedServer(MESSAGES[:1], tls="stls") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        with socket.create_connection((server.host, server.port), timeout=10) as connection:
            connection.recv(1000)
            connection.sendall(f"USER {server.user}\r\nSTLS\r\nUSER {server.user}\r\nCAPA\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                answer += connection.recv(1000)
            assert [b"+OK USER accepted, send PASS", b"+OK begin TLS negotiation", b""] == answer.split(b"\r\n")
            with context.wrap_socket(connection, server_hostname="localhost") as secured:
                secured.sendall(f"PASS {server.password}\r\n".encode())
                assert b"-ERR USER required before PASS\r\n" == secured.recv(1000)


def test_implicit_tls() -> None:
    """With tls="implicit" the first octet is TLS already, and CAPA has no STLS."""
    with EmbeddedServer(MESSAGES[:2], tls="implicit") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        connection = poplib.POP3_SSL(server.host, server.port, context=context, timeout=10)
        assert "STLS" not in connection.capa()
        connection.user(server.user)
        connection.pass_(server.password)
        assert canonical(MESSAGES[0]) == joined(connection.retr(1)[1])
        connection.quit()


def test_own_certificate(tmp_path: Path) -> None:
    """A certificate file of the user's own is served with its whole chain, and no authority is made."""
    trustme = pytest.importorskip("trustme")
    root = trustme.CA()
    middle = root.create_child_ca()
    root.cert_pem.write_to_path(str(tmp_path / "root.pem"))
    middle.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    with EmbeddedServer([b"x"], tls="implicit", certificate=tmp_path / "server.pem") as server:
        context = ssl.create_default_context(cafile=tmp_path / "root.pem")
        connection = poplib.POP3_SSL("localhost", server.port, context=context, timeout=10)
        connection.quit()

        assert server.ca_file is None


def test_unknown_tls_mode() -> None:
    """A misspelt TLS mode is refused, not taken for "no TLS"."""
    with pytest.raises(ValueError, match="starttls"):
        EmbeddedServer([], tls="starttls")  # type: ignore[arg-type]


def test_empty_mailbox() -> None:
    """A mailbox without messages is a mailbox."""
    with EmbeddedServer([]) as server:
        connection = login(server)
        assert ((0, 0), [], []) == (connection.stat(), connection.list()[1], connection.uidl()[1])
        connection.quit()


def test_stop_twice_and_restart() -> None:
    """The port is closed after the block, a second stop does nothing, and the same object starts again with all its messages."""
    server = EmbeddedServer([b"x"])
    with server:
        connection = login(server)
        connection.dele(1)
        connection.quit()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=10)
    with server:
        again = login(server)
        assert 1 == again.stat()[0]
        again.quit()


@pytest.mark.skipif(os.name != "posix", reason="kill is POSIX's")
def test_ends_with_its_parent() -> None:
    """When the process that started it is killed, the server ends by itself."""
    script = (
        "import os, signal\n"
        "from cfml_pop.testing import EmbeddedServer\n"
        "server = EmbeddedServer([b'x']).start()\n"
        "print(server.port, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=30, check=False)

    assert ends_within(10, int(done.stdout))


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Twisted the error says what to install."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "twisted" else real(name))
    with pytest.raises(MissingExtra, match=r"twisted; install it with: pip install 'cfml-pop\[testing\]'"):
        EmbeddedServer([]).start()


def test_parent_imports_no_twisted() -> None:
    """Who starts the server does not load Twisted."""
    script = "import sys, cfml_pop.testing; print('twisted' in sys.modules)"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=30, check=True)

    assert "False\n" == done.stdout
