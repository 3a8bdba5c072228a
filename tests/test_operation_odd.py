"""What a call does when a server guesses, lies, hangs up in a batch or changes between two connections."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import traceback
from collections.abc import Callable

import pytest
import trustme

from cfml_pop import CfpopError, CommitError, POP3Error, Query, Settings, acfpop, cfpop
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.wire import Wire
from tests.servers.playback import Playback, cut
from tests.servers.scripted import CAPABILITIES, Answer, ScriptedServer, Talk, stuffed
from tests.test_operation import FIVE, FORTY, at, awaited, numbers, sent

Call = Callable[..., Query]

AUTHORITY = trustme.CA()


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    AUTHORITY.configure_trust(client)
    return server, client


@pytest.fixture(params=[cfpop, awaited], ids=["blocking", "asyncio"])
def call(request: pytest.FixtureRequest) -> Call:
    """Each test runs by both doors."""
    return at(request.param)


def twice(talk: Talk) -> None:
    """Two answers, in two TLS records, in one segment."""
    talk.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    talk.socket.sendall(b"+OK\r\n")
    talk.socket.sendall(b"+OK bye\r\n")
    talk.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


@pytest.mark.parametrize("tls", ["", "implicit"])
def test_an_answer_to_quit_that_comes_before_quit_counts_for_nothing(call: Call, tls: str) -> None:
    """A server that answers DELE and QUIT at once was not told to commit: the call fails, and says that QUIT was not sent."""
    outside, inside = contexts()
    with ScriptedServer(FIVE, {"DELE": twice}, tls=tls, context=outside) as server:
        with pytest.raises(CommitError, match="QUIT was not sent: messages 2 are not deleted") as caught:
            call(server, action="delete", uid="uid2", secure=bool(tls), settings=Settings(tls_context=inside))

        assert ("failed", [], set()) == (caught.value.state, sent(server, "QUIT"), server.deleted)


@pytest.mark.parametrize("steps", range(1, 60, 2))
def test_cancelled_means_cancelled_at_every_step(steps: int) -> None:
    """Wherever a delete is cancelled, the task ends cancelled; and without QUIT on the wire nothing is deleted."""

    async def scene(port: int) -> asyncio.Task[Query]:
        task = asyncio.ensure_future(
            acfpop(server="127.0.0.1", port=port, username="kim", password="secret", action="delete", uid="uid1")
        )
        for _ in range(steps):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.wait({task})
        assert cancelled == task.cancelled()
        return task

    with ScriptedServer(FIVE[:1]) as server:
        asyncio.run(scene(server.port))
        time.sleep(0.02)

        assert bool(server.deleted) <= bool(sent(server, "QUIT"))


def once(answer: Answer, later: Answer | None = None) -> Callable[[Talk], bytes | None]:
    """`answer` the first time, then as usual, or `later`."""
    times: list[int] = []

    def choose(talk: Talk) -> bytes | None:
        times.append(1)
        chosen = answer if len(times) == 1 else later
        if chosen is None:
            keyword, *words = talk.command.split(" ")
            return talk.server.usual(talk, keyword.upper(), words)
        return chosen(talk) if callable(chosen) else chosen

    return choose


def vanish(talk: Talk) -> bytes:
    """Message 1 is gone when the next session begins, and this answer is nonsense."""
    talk.server.deleted.add(1)
    del talk.server.messages[0], talk.server.uids[0]
    talk.server.deleted.clear()
    return b"nonsense\r\n"


def test_a_second_connection_does_not_mix_up_uids(call: Call) -> None:
    """After messages moved, each row carries its own uid: a page that deletes by uid deletes what it showed."""
    with ScriptedServer(list(FORTY), {"RETR 1": once(b"-ERR busy\r\n"), "RETR 2": once(vanish)}) as server:
        query = call(server, action="getAll", messagenumber="1,2,3")

    assert [(1, "uid2", "Mail 2"), (2, "uid3", "Mail 3"), (3, "uid4", "Mail 4")] == [
        (row["messagenumber"], row["uid"], row["subject"]) for row in query
    ]


def test_a_hang_up_among_uids_leaves_no_row_without_one(call: Call) -> None:
    """The second connection asks for all uids again."""
    with ScriptedServer(FORTY, {"UIDL 2": once(Talk.close)}) as server:
        query = call(server, messagenumber="1,2,3")

        assert (["uid1", "uid2", "uid3"], 2) == ([row["uid"] for row in query], server.connections)


@pytest.mark.parametrize("partial", [False, True])
def test_a_refusal_on_the_first_connection_is_asked_again(call: Call, partial: bool) -> None:
    """What the second connection gives is whole, and not covered by an old failure."""
    with ScriptedServer(FIVE, {"RETR 1": once(b"-ERR busy\r\n"), "RETR 3": once(b"nonsense\r\n")}) as server:
        query = call(server, action="getAll", settings=Settings(partial=partial))

    assert [f"Mail {n}" for n in range(1, 6)] == [row["subject"] for row in query]
    assert not any(row.defects for row in query)


def test_mark_read_after_a_hang_up_marks_the_same_messages(call: Call) -> None:
    """On a changed mailbox it fails; it does not retrieve others under the old numbers."""
    with ScriptedServer(list(FORTY), {"RETR 2": once(vanish)}) as server:
        with pytest.raises(POP3Error, match="no longer the same"):
            call(server, action="markRead", messagenumber="1,2,3")

        assert ["RETR 1", "RETR 2"] == [command for command in sent(server, "RETR") if command in ("RETR 1", "RETR 2")]


@pytest.mark.parametrize("action", ["getHeaderOnly", "markRead"])
def test_what_may_be_deleted_by_reading_is_not_read_for_its_header(call: Call, action: str) -> None:
    """EXPIRE 0 and no TOP: RETR would be the only way, and the server may delete what is retrieved (RFC 2449, section 6.7)."""
    with ScriptedServer(FIVE, {"TOP": b"-ERR unknown\r\n"}, capabilities=[*CAPABILITIES, b"EXPIRE 0"]) as server:
        with pytest.raises(POP3Error, match="EXPIRE 0 says that it may delete what is retrieved"):
            call(server, action=action)

        assert [] == sent(server, "RETR")


def test_a_parting_that_is_not_answered_does_not_hold_up_a_reading_call(call: Call) -> None:
    """Without deletes nothing hangs on QUIT's answer."""
    started = time.monotonic()
    with ScriptedServer(FIVE, {"QUIT": Talk.stall}) as server:
        assert [1, 2, 3, 4, 5] == numbers(call(server, timeout=1))

    assert time.monotonic() - started < 4


def test_a_server_that_hangs_up_on_the_login_flight_gets_it_one_by_one(call: Call) -> None:
    """It announces PIPELINING and cannot do it; nothing was refused, so this is no wrong password."""
    with ScriptedServer(FIVE, {"USER": once(Talk.close)}) as server:
        assert [1, 2, 3, 4, 5] == numbers(call(server))

        assert 2 == server.connections


def test_a_server_that_hangs_up_after_the_password_is_not_asked_again(call: Call) -> None:
    """It may be its way to say that the password was wrong, and that costs one attempt."""
    with ScriptedServer(FIVE, {"PASS": Talk.close}) as server:
        with pytest.raises(ConnectionError):
            call(server)

        assert 1 == len(sent(server, "PASS"))


def test_a_list_shorter_than_the_count_is_an_error(call: Call) -> None:
    """A message passed over in silence would be lost mail; with partial=True the rows that are listed come."""
    overrides = {"STAT": b"+OK 7 99\r\n"}
    with ScriptedServer(FIVE, overrides) as server, pytest.raises(POP3Error, match="counts 7 messages and lists 5"):
        call(server)
    with ScriptedServer(FIVE, overrides) as server:
        assert [1, 2, 3, 4, 5] == numbers(call(server, settings=Settings(partial=True)))


def test_uidl_of_one_message_answered_as_a_list(call: Call) -> None:
    """Some servers do; then all uids are asked for at once, on a new connection."""
    with ScriptedServer(FORTY, {"UIDL 2": b"+OK\r\n2 uid2\r\n.\r\n"}) as server:
        assert ["uid2", "uid3"] == [row["uid"] for row in call(server, messagenumber="2,3")]


@pytest.mark.parametrize("at", ["USER", "PASS", "CAPA"])
@pytest.mark.parametrize("what", ["stall", "close", "echo", "nonsense"])
def test_no_frame_shows_the_password(call: Call, at: str, what: str) -> None:
    """Error reporters print the local variables of every frame, of the error and of those before it."""
    answers: dict[str, Answer] = {
        "stall": Talk.stall,
        "close": Talk.close,
        "echo": b"-ERR tigerlily is wrong\r\n",
        "nonsense": b"tigerlily\r\n",
    }
    answer = answers[what]
    if at == "CAPA":  # the one after the login
        answer = once(b"+OK\r\nPIPELINING\r\n.\r\n", answer if what != "echo" else Talk.close)
    with ScriptedServer(FIVE, {at: answer}, password="tigerlily") as server, pytest.raises(CfpopError) as caught:
        call(server, password="tigerlily", timeout=0.3)

    ours = [
        line
        for line in "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()).split(
            "\n  File "
        )
        if "/cfml_pop/" in line
    ]
    assert ours
    assert "tigerlily" not in "".join(ours) + str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("password", ["tigerlily\ud800", "tigerlily" * 40, "tigerlily\r\nDELE 1", "tigerlily\0"])
def test_no_frame_shows_a_password_that_cannot_be_sent(call: Call, password: str) -> None:
    """It is refused by an error of ours, whose frames do not show it either."""
    with ScriptedServer(FIVE) as server, pytest.raises(CfpopError) as caught:
        call(server, password=password)

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()).split("\n  File ")
    assert "tigerlily" not in "".join(frame for frame in shown if "/cfml_pop/" in frame) + str(caught.value)


def test_mail_of_dotted_lines_is_handed_on_in_blocks() -> None:
    """Millions of dots neither cost a search each nor a piece each, and come out right at every cut."""
    message = b"".join(b".%d\r\n" % n for n in range(20_000)) + b"..\r\n.\r\nend\r\n"

    def read(wire: Wire, pieces: list[bytes]) -> Steps[None]:
        yield from wire.status(100, "")
        yield from wire.body(pieces.append, 10**9, "message", "RETR")

    stream = b"+OK\r\n" + stuffed(message)
    for sizes in ([len(stream)], [1000] * 1000, [997] * 1000, [65536] * 10, [7, 1, 2, 3] * 50):
        pieces: list[bytes] = []
        blocks = cut(stream, sizes)
        Playback(blocks).run(read(Wire(), pieces))

        assert message == b"".join(pieces)
        assert len(pieces) <= len(blocks)
