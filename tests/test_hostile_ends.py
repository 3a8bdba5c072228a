"""Connections that end, fall silent or crawl: behaviours 23 to 35 of the list of hostile and odd servers."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

import pytest

from cfml_pop import NetworkError, TimeoutExpired
from tests.servers.hostile import CALLS, DOORS, MAILS, Case, Fault, drip, end, play, played, reset, silent_pair, stopped
from tests.servers.scripted import CRLF, ScriptedServer, Talk

CLOSED = Fault(NetworkError, "the server closed the connection before its answer to RETR was complete")
SOON: dict[str, Any] = {"timeout": 0.3}


def retrieve(session: Any) -> object:
    return session.retrieve_message(1).content


def unwrap(talk: Talk) -> None:
    """End TLS as one should, in the middle of a message."""
    talk.send(b"+OK\r\na\r\n")
    with contextlib.suppress(OSError):
        talk.socket.unwrap()  # type: ignore[attr-defined]
    talk.close()


def ended(number: int, name: str, answer: bytes) -> Case:
    return Case(number=number, name=name, ask=retrieve, overrides={"RETR": end(answer)}, expected=CLOSED, tls=True)


def leave(talk: Talk) -> bytes:
    """The usual answer, and then the connection goes, as an idle timer does it."""
    talk.send(b"+OK 3 60\r\n")
    talk.close()
    return b""


def later(session: Any) -> int:
    session.message_count()
    time.sleep(0.05)
    return int(session.message_count())


CASES = [
    Case(
        number=23,
        name="closed before the greeting",
        overrides={"": end()},
        login=False,
        tls=True,
        expected=Fault(NetworkError, "closed the connection instead of a greeting"),
    ),
    ended(24, "closed in a status", b"+O"),
    ended(24, "closed behind the CR of a status", b"+OK\r"),
    ended(25, "closed in a line", b"+OK\r\nSubject: 1\r\n\r\nab"),
    ended(26, "closed at the end of a line", b"+OK\r\nSubject: 1\r\n\r\nab\r\n"),
    ended(26, "closed behind the status", b"+OK\r\n"),
    ended(27, "closed behind the dot", b"+OK\r\nSubject: 1\r\n\r\nab\r\n."),
    ended(27, "closed behind dot CR", b"+OK\r\nSubject: 1\r\n\r\nab\r\n.\r"),
    *(
        Case(
            number=28,
            name=f"closed in {keyword}",
            ask=ask,
            overrides={keyword: end(b"+OK\r\n1 5\r\n2 5")},
            login=keyword != "CAPA",
            expected=Fault(NetworkError, f"before its answer to {keyword} was complete"),
            tls=True,
        )
        for keyword, ask in (
            ("LIST", lambda session: session.list_messages()),
            ("UIDL", lambda session: session.unique_ids()),
            ("CAPA", lambda session: session.capabilities),
        )
    ),
    Case(
        number=29,
        name="reset in a message",
        ask=retrieve,
        overrides={"RETR": reset(b"+OK\r\nab\r\n")},
        tls=True,
        expected=Fault(NetworkError, "the connection to .* broke"),
    ),
    Case(
        number=29,
        name="reset instead of a greeting",
        overrides={"": reset()},
        login=False,
        expected=Fault(NetworkError, "the connection to .* broke"),
    ),
    Case(
        number=30,
        name="TLS cut without close_notify",
        ask=retrieve,
        overrides={"RETR": end(b"+OK\r\na\r\n")},
        plain=False,
        tls=True,
        expected=CLOSED,
    ),
    Case(
        number=30,
        name="TLS ended with close_notify",
        ask=retrieve,
        overrides={"RETR": unwrap},
        plain=False,
        tls=True,
        expected=CLOSED,
    ),
    *(
        Case(
            number=31,
            name=f"silence {where}",
            ask=retrieve,
            overrides={keyword: stopped(data)},
            options=SOON,
            login=bool(keyword),
            expected=Fault(TimeoutExpired, r"the server was silent for 0\.3 s"),
            tls=True,
        )
        for where, keyword, data in (
            ("instead of a greeting", "", b""),
            ("instead of CAPA", "CAPA", b""),
            ("instead of a status", "RETR", b""),
            ("in a message", "RETR", b"+OK\r\nab"),
        )
    ),
    *(
        Case(
            number=32,
            name=f"a drip {where}",
            ask=retrieve,
            overrides={keyword: drip(data)},
            options={"timeout": 0.3, "deadline": 0.6},
            login=bool(keyword),
            expected=Fault(TimeoutExpired, r"the time of 0\.6 s was over"),
            tls=True,
            seconds=2,
        )
        for where, keyword, data in (("as a greeting", "", b"+OK xx"), ("as a message", "RETR", b"+OK\r\nab\r\n"))
    ),
    Case(
        number=34,
        name="closed after three of a batch",
        ask=lambda session: list(session.retrieve_messages(range(1, 21))),
        messages=MAILS[:20],
        overrides={"RETR 4": end()},
        expected=Fault(NetworkError, "closed the connection before its answer to RETR"),
    ),
    Case(
        number=35,
        name="closed between two commands",
        ask=later,
        overrides={"STAT": leave},
        tls=True,
        expected=Fault(NetworkError, "closed the connection before its answer to STAT|broke"),
    ),
]


@pytest.mark.parametrize(("case", "door", "tls"), played(CASES), ids=str)
def test_ends(case: Case, door: str, tls: bool) -> None:
    """A connection that ends is never taken for an answer, and one that does not end is given up in time."""
    play(case, door, tls)


BEHAVIOURS = (33, 34)


def ask_for_headers(session: Any) -> None:
    session.login("kim", "secret")
    for _ in session.retrieve_headers(range(1, 3000)):
        pass


@pytest.mark.parametrize("door", DOORS)
def test_a_server_that_never_reads_is_given_up(door: str) -> None:
    """Commands that nobody takes fill the buffers; then the time runs out, and nothing hangs (33)."""

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(b"+OK\r\n")
            taken = connection.makefile("rb")
            for answer in (b"+OK\r\nPIPELINING\r\n.\r\n", *[b"+OK\r\n"] * 2, *[b"+OK\r\n.\r\n"] * 18):
                taken.readline()
                connection.sendall(answer)
            time.sleep(1)  # the window is wide open now

    with silent_pair(serve) as connection:
        began = time.monotonic()
        with pytest.raises(TimeoutExpired), DOORS[door](connection, timeout=0.4, deadline=0.8) as session:
            ask_for_headers(session)

    assert time.monotonic() - began < 5


class Batches(ScriptedServer):
    """Announces PIPELINING and closes the connection when two commands come together."""

    def usual(self, talk: Talk, keyword: str, words: Any) -> bytes | None:
        if CRLF in talk.buffer and keyword in ("RETR", "TOP"):
            talk.close()
            return b""
        return super().usual(talk, keyword, words)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("action", ["getHeaderOnly", "getAll"])
def test_a_call_gets_everything_from_a_server_that_closes_on_a_batch(door: str, action: str) -> None:
    """The second connection asks for one message at a time (34)."""
    with Batches(MAILS[:20]) as server:
        query = CALLS[door](server="127.0.0.1", port=server.port, username="kim", password="secret", action=action, timeout=4)

        assert [str(number) for number in range(1, 21)] == [row["subject"] for row in query]
        assert 2 == server.connections


@pytest.mark.parametrize("door", CALLS)
def test_a_call_says_which_messages_are_missing(door: str) -> None:
    """Without uids nothing can be found again, so the error of the first connection is the answer (34)."""
    overrides = {"UIDL": b"-ERR no\r\n", "RETR 4": end(b"+OK\r\nSubj")}
    with (
        ScriptedServer(MAILS[:20], overrides) as server,
        pytest.raises(NetworkError, match=r"before its answer to RETR was complete \(at message 4\)") as caught,
    ):
        CALLS[door](server="127.0.0.1", port=server.port, username="kim", password="secret", action="getAll", timeout=4)

    assert (tuple(range(4, 21)), 3) == (caught.value.numbers, caught.value.query.recordcount)
