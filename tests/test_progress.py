"""How far a call is: what cfpop(..., progress=...) is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cfml_pop import Progress, Query, acfpop, cfpop
from cfml_pop import operation as operation_module
from cfml_pop.errors import NetworkError
from cfml_pop.row import octets_of
from cfml_pop.settings import Settings
from tests.servers.scripted import CAPABILITIES, ScriptedServer, Talk

MAILS = [b"Subject: %d\r\n\r\n" % number + b"line\r\n" * 20 * number for number in range(1, 5)]
SIZES = [len(mail) for mail in MAILS]


def awaited(**attributes: object) -> Query:
    return asyncio.run(acfpop(**attributes))  # type: ignore[arg-type]  # attributes of any kind


Ask = Callable[..., Query]
both = pytest.mark.parametrize("ask", [cfpop, awaited], ids=["blocking", "async"])


def asked(ask: Ask, server: ScriptedServer, **attributes: object) -> tuple[Query, list[Progress]]:
    told: list[Progress] = []
    query = ask(server="127.0.0.1", port=server.port, username="kim", password="secret", progress=told.append, **attributes)
    return query, told


@both
@pytest.mark.parametrize(
    ("action", "octets", "expected"),
    [
        ("getAll", sum(SIZES), sum(SIZES)),
        ("markRead", sum(SIZES), sum(SIZES)),
        ("getHeaderOnly", sum(len(b"Subject: 1\r\n\r\n") for _ in MAILS), 0),
        ("delete", 0, 0),
    ],
)
def test_every_action_tells(ask: Ask, action: str, octets: int, expected: int) -> None:
    """The first thing told is how much there is, the last that all of it came, and no count ever falls."""
    with ScriptedServer(MAILS) as server:
        _, told = asked(ask, server, action=action, startrow=1)

    assert Progress(0, 0, 4, 0, expected) == told[0]
    assert Progress(4, 4, 4, octets, expected) == told[-1]
    assert [(at.done, at.octets) for at in told] == sorted((at.done, at.octets) for at in told)


def test_the_selection_is_what_counts() -> None:
    """Only chosen messages are counted, each once, however often a list of numbers names it."""
    with ScriptedServer(MAILS) as server:
        _, told = asked(cfpop, server, action="getAll", messagenumber="3,2,3")

    assert Progress(0, 0, 2, 0, SIZES[1] + SIZES[2]) == told[0]
    assert (2, SIZES[1] + SIZES[2]) == (told[-1].done, told[-1].octets)


def test_a_second_connection_counts_once() -> None:
    """What a broken connection brought of a message is not counted again when it comes on the second one."""

    def cut(talk: Talk) -> bytes | None:
        if talk.server.connections > 1:
            return talk.server.usual(talk, "RETR", ["3"])
        talk.socket.sendall(b"+OK\r\n" + MAILS[2][:50])
        talk.close()
        return None

    with ScriptedServer(MAILS, {"RETR 3": cut}) as server:
        query, told = asked(cfpop, server, action="getAll")
        connections = server.connections

    assert (2, 4) == (connections, len(query))
    assert Progress(4, 4, 4, sum(SIZES), sum(SIZES)) == told[-1]
    assert max(at.octets for at in told) == sum(SIZES)


def test_refused_top_counts_once() -> None:
    """Where TOP is refused and whole messages come instead, each message is counted once."""
    capabilities = [tag for tag in CAPABILITIES if tag != b"TOP"]
    with ScriptedServer(MAILS, {"TOP": b"-ERR no\r\n"}, capabilities=capabilities) as server:
        _, told = asked(cfpop, server)

    assert (4, 4, sum(SIZES)) == (told[-1].done, told[-1].messages, told[-1].octets)


@both
def test_what_it_raises_ends_the_call(ask: Ask) -> None:
    """An error raised by the function that is told ends the call, and a delete is not committed then."""

    def stop(at: Progress) -> None:
        if at.done == 4:
            raise KeyError("enough")

    with ScriptedServer(MAILS) as server:
        with pytest.raises(KeyError, match="enough"):
            ask(
                server="127.0.0.1",
                port=server.port,
                username="kim",
                password="secret",
                action="delete",
                startrow=1,
                progress=stop,
            )
        commands = list(server.commands)

    assert "DELE 4" in commands
    assert "QUIT" not in commands
    assert set() == server.deleted


def test_without_it_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without progress= no meter is made, and the sink's own write is what octets go to."""

    def refuse(_tell: object) -> object:
        raise AssertionError("a meter was made")

    monkeypatch.setattr(operation_module, "Meter", refuse)
    with ScriptedServer(MAILS) as server:
        query = cfpop(server="127.0.0.1", port=server.port, username="kim", password="secret", action="getAll")
        with pytest.raises(AssertionError, match="a meter was made"):
            asked(cfpop, server, action="getAll")

    assert 4 == len(query)


@pytest.mark.parametrize("memory_limit", [0, 32_000_000])
def test_a_row_gives_its_octets(memory_limit: int) -> None:
    """A row of getAll gives the message as it came, from memory and from the spool file; one of getHeaderOnly gives none."""
    settings = Settings(memory_limit=memory_limit)
    with ScriptedServer(MAILS) as server:
        whole, _ = asked(cfpop, server, action="getAll", settings=settings)
        headers, _ = asked(cfpop, server, settings=settings)

    assert MAILS == [octets[:] for row in whole if (octets := octets_of(row)) is not None]
    assert [None] * 4 == [octets_of(row) for row in headers]


def test_a_cut_message_gives_none() -> None:
    """Under partial, the row of a message that was cut has defects, and no octets that could be taken for the message."""

    def cut(talk: Talk) -> bytes | None:
        talk.socket.sendall(b"+OK\r\n" + MAILS[2][:50])
        talk.close()
        return None

    with ScriptedServer(MAILS, {"RETR 3": cut}) as server:
        query, _ = asked(cfpop, server, action="getAll", settings=Settings(partial=True))
        with pytest.raises(NetworkError):
            asked(cfpop, server, action="getAll")

    assert [True, True, False, False] == [octets_of(row) is not None for row in query]
