"""A session whose connection is cut after every octet, and replies that are cut into any blocks.

The session logs in, lists, retrieves two messages, deletes one and quits. Whatever of the server's answers arrives, no message is
deleted unless QUIT was answered, or the caller is told that it is not known; and no message is given that is not whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfml_pop import CommitError, NetworkError, Query, Settings
from cfml_pop.cfml.attributes import resolve
from cfml_pop.errors import CfpopError
from cfml_pop.operation import operate
from cfml_pop.pop3 import requests
from cfml_pop.pop3.conversation import Target
from cfml_pop.pop3.dialogue import Dialogue
from cfml_pop.pop3.effects import Connect, Early, Effect, Exchange, Peer, Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.pop3.wire import OutOfStep
from cfml_pop.row import RowBuilder
from cfml_pop.secret import Secret
from cfml_pop.session.work import Batch, Work
from tests.servers.hostile import CALLS, DOORS
from tests.servers.playback import Playback, cut
from tests.servers.scripted import CAPABILITIES, ScriptedServer, Talk, stuffed

MAILS = (
    b"Subject: one\r\n\r\n.first\r\n..\r\nlast\r\n",
    b"Subject: two\r\nContent-Type: text/html\r\n\r\n<p>\r\n.\r\n</p>\r\n",
)
PLAIN = (b"UIDL", b"TOP")
GREETING = b"+OK ready\r\n"
PIPELINING = pytest.mark.parametrize("capabilities", [CAPABILITIES, PLAIN], ids=["pipelined", "one by one"])


class Cut(ScriptedServer):
    """Sends `allowed` octets of its answers, then closes; whoever comes after that is not answered at all."""

    allowed = 1 << 40

    def usual(self, talk: Talk, keyword: str, words: Sequence[str]) -> bytes | None:
        return self.cut(talk, super().usual(talk, keyword, words) or b"")

    def greet(self, talk: Talk) -> bytes:
        return self.cut(talk, GREETING)

    def cut(self, talk: Talk, answer: bytes) -> bytes:
        allowed, self.allowed = answer[: self.allowed], self.allowed - len(answer)
        if self.allowed < 0:
            self.allowed = 0
            talk.send(allowed)
            talk.close()
            return b""
        return allowed


class Line:
    """A driver whose server is in memory and whose connection is gone after `allowed` octets of answers."""

    server = ScriptedServer(MAILS)
    server._listener.close()  # the sockets of this one are not used

    def __init__(self, allowed: int, capabilities: Sequence[bytes]) -> None:
        self.server.capabilities = [*capabilities]
        self.server.deleted = set()
        self.allowed = allowed
        self.came = 0
        self.waiting = b""
        self.talk = Talk(None, self.server)  # type: ignore[arg-type]

    @property
    def deleted(self) -> set[int]:
        return self.server.deleted

    def run(self, steps: Steps[Any]) -> Any:
        try:
            effect = next(steps)
            while True:
                effect = steps.send(self.perform(effect))
        except StopIteration as end:
            return end.value

    def perform(self, effect: Effect) -> object:
        if isinstance(effect, Connect):
            self.waiting = GREETING
            return Peer("127.0.0.1", loopback=True)
        if not isinstance(effect, Exchange):
            return b"" if isinstance(effect, Early) else None
        if self.came < self.allowed:  # what is sent into a connection that is gone does not arrive
            for line in effect.outgoing.data.decode().splitlines():
                keyword, *words = line.split(" ")
                self.waiting += self.server.usual(self.talk, keyword, words) or b""
        block, self.waiting = self.waiting[: self.allowed - self.came], b""
        self.came += len(block)
        return block


# -- the session -------------------------------------------------------------------------------------------------------------


def visit(line: Line, messages: dict[int, bytes]) -> None:
    """The recorded session; `messages` gets what was retrieved."""
    work = Work(Target(host="pop.example.com", port=110), Limits(), pipelining=None, trace=None)
    line.run(work.login(Credentials("kim", Secret("secret")), None))
    line.run(work.list_messages())
    batch = Batch(work, [1, 2], None)
    steps = batch.steps()
    try:
        line.run(steps)
    finally:
        for number, message in batch.done():
            assert not isinstance(message, CfpopError)
            messages[number] = message.content
    line.run(work.delete(1))
    line.run(work.close())


def uncut(capabilities: Sequence[bytes], run: Any) -> int:
    """How many octets of answers the whole session has."""
    line = Line(1 << 40, capabilities)
    run(line)
    return line.came


def outcome(line: Line, run: Any) -> CfpopError | None:
    try:
        run(line)
    except CfpopError as error:
        return error
    return None


def check_deleted(error: CfpopError | None, deleted: set[int], marked: tuple[int, ...]) -> None:
    """Deleted and confirmed; or not known, and told so; or not deleted, and an error."""
    if error is None:
        assert set(marked) == deleted
    elif isinstance(error, CommitError):
        assert ("unknown", marked) == (error.state, error.numbers)
    else:
        assert set() == deleted
        assert isinstance(error, (NetworkError, OutOfStep))


@PIPELINING
def test_a_session_cut_at_every_octet(capabilities: Sequence[bytes]) -> None:
    """No message is deleted without a word, and none is given that is not whole."""
    messages: dict[int, bytes] = {}
    total = uncut(capabilities, lambda line: visit(line, messages))
    assert dict(enumerate(MAILS, 1)) == messages

    unknown = 0
    for allowed in range(total + 1):
        messages = {}
        line = Line(allowed, capabilities)
        error = outcome(line, lambda line, messages=messages: visit(line, messages))
        check_deleted(error, line.deleted, (1,))
        assert (allowed == total) == (error is None)
        assert {number: MAILS[number - 1] for number in messages} == messages
        unknown += isinstance(error, CommitError)

    assert len(b"+OK bye\r\n") == unknown  # QUIT was sent, and its answer cut at each of its octets


# -- cfpop -------------------------------------------------------------------------------------------------------------------


def call(line: Line, *, partial: bool = False, **attributes: Any) -> Query:
    given = resolve({"server": "pop.example.com", "username": "kim", "password": "secret", **attributes})
    builder = RowBuilder(
        full=given.action == "getAll", directory=None, root=None, allow_absolute=False, unique=False, memory_limit=1 << 20
    )
    query: Query = line.run(operate(given, Settings(partial=partial), builder))
    return query


@PIPELINING
@pytest.mark.parametrize("selection", [{"uid": "uid1,uid2"}, {"messagenumber": "1,2"}, {"startrow": 1}], ids=str)
def test_a_delete_cut_at_every_octet(capabilities: Sequence[bytes], selection: dict[str, Any]) -> None:
    """A call has deleted and says so, or has not and says so, or says that it does not know."""

    def run(line: Line) -> Query:
        return call(line, action="delete", **selection)

    total = uncut(capabilities, run)
    for allowed in range(total + 1):
        line = Line(allowed, capabilities)
        error = outcome(line, run)
        check_deleted(error, line.deleted, (1, 2))
        assert (allowed == total) == (error is None)


def whole(query: Any) -> bool:
    """Whether every row without a defect is a whole message."""
    bodies = {1: ".first\r\n..\r\nlast\r\n", 2: "<p>\r\n.\r\n</p>\r\n"}
    return all(row.defects or bodies[row["messagenumber"]] == str(row["body"]) for row in query)


@PIPELINING
@pytest.mark.parametrize("partial", [False, True])
def test_a_getall_cut_at_every_octet(capabilities: Sequence[bytes], partial: bool) -> None:
    """Every row that is given, with the error or without, is whole or says that it is not; none is missing without an error."""

    def run(line: Line) -> None:
        queries.append(call(line, action="getAll", partial=partial))

    queries: list[Any] = []
    total = uncut(capabilities, run)
    assert 2 == queries[0].recordcount
    for allowed in range(total + 1):
        queries.clear()
        error = outcome(Line(allowed, capabilities), run)
        given = queries[0] if error is None else error.query
        assert whole(given or ())
        assert error is not None or 2 == given.recordcount
        assert error is None or isinstance(error, NetworkError)


# -- over sockets ------------------------------------------------------------------------------------------------------------

TOTAL = uncut(CAPABILITIES, lambda line: call(line, action="delete", uid="uid1,uid2"))
SAMPLE = sorted({*range(3, TOTAL, 23), *range(TOTAL - 11, TOTAL + 1)})


@pytest.mark.parametrize("door", CALLS)
def test_a_delete_cut_over_sockets(door: str) -> None:
    """The same over a real connection, cut at a sample of octets and at all of the last ones."""
    for allowed in SAMPLE:
        server = Cut(MAILS)
        server.overrides[""] = server.greet
        server.allowed = allowed
        with server:
            try:
                CALLS[door](
                    server="127.0.0.1",
                    port=server.port,
                    username="kim",
                    password="secret",
                    action="delete",
                    uid="uid1,uid2",
                    timeout=4,
                )
                error = None
            except CfpopError as caught:
                error = caught
        check_deleted(error, server.deleted, (1, 2))
        assert (allowed == TOTAL) == (error is None)


@pytest.mark.parametrize("door", DOORS)
def test_a_session_cut_over_sockets(door: str) -> None:
    """With the sessions: what was retrieved is whole, and what was deleted is known or told to be unknown."""
    total = uncut(CAPABILITIES, lambda line: visit(line, {}))
    for allowed in (*range(5, total, 29), *range(total - 11, total + 1)):
        messages: dict[int, bytes] = {}
        error: CfpopError | None = None
        server = Cut(MAILS)
        server.overrides[""] = server.greet
        server.allowed = allowed
        with server:
            try:
                with DOORS[door]("127.0.0.1", server.port, timeout=4) as session:
                    session.login("kim", "secret")
                    session.list_messages()
                    for number, message in session.retrieve_messages([1, 2]):
                        messages[number] = message.content
                    session.delete_message(1)
            except CfpopError as caught:
                error = caught
        check_deleted(error, server.deleted, (1,))
        assert (allowed == total) == (error is None)
        assert {number: MAILS[number - 1] for number in messages} == messages


# -- any blocks --------------------------------------------------------------------------------------------------------------

octets = st.lists(
    st.sampled_from([b".", b"..", b"\r\n", b"\r\n.", b"\n", b"\r", b"a", b"\xff", b"+OK 1\r\n", b"-ERR\r\n"]), max_size=20
)
dense = st.integers(60, 200).map(lambda count: b".\r\n" * count)
body = (octets.map(b"".join) | dense).map(lambda message: b"+OK\r\n" + stuffed(message))
entry = st.sampled_from([b"1 5", b"2 7 x", b"10  9", b"3 uid", b"", b".", b"x", b"0 1"])
listing = st.lists(entry, max_size=70).map(lambda lines: b"+OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b".\r\n")
refusal = st.sampled_from([b"-ERR\r\n", b"-ERR [SYS/TEMP] later\r\n", b"HELLO\r\n", b"\r\n", b"+ERR\r\n"])
short = st.sampled_from([b"+OK 1 5\r\n", b"+OK\r\n", b"+OK 2 20 x\r\n", b"+ok 1 5\r\n", b"+OK 1 uid\r\n"])
KINDS = {
    "STAT": short | refusal,
    "NOOP": short | refusal,
    "LIST": listing | refusal,
    "UIDL": listing | refusal,
    "LIST 1": short | refusal,
    "UIDL 1": short | refusal,
    "CAPA": listing | refusal,
    "RETR 1": body | refusal,
    "TOP 1 0": body | refusal,
}
exchange = st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), KINDS[kind]))


def events(kinds: Sequence[str], blocks: Sequence[bytes]) -> list[object]:
    """What the dialogue makes of the answers to requests that were all sent ahead."""
    dialogue = Dialogue()
    seen: list[object] = []

    def request(kind: str) -> Request[Any]:
        pieces: list[bytes] = []
        makers: dict[str, Request[Any]] = {
            "STAT": requests.stat(),
            "NOOP": requests.noop(),
            "LIST": requests.list_all(),
            "UIDL": requests.uidl_all(),
            "LIST 1": requests.list_one(1),
            "UIDL 1": requests.uidl_one(1),
            "CAPA": requests.capa(),
            "RETR 1": requests.retr(1, pieces.append),
            "TOP 1 0": requests.top(1, 0, pieces.append),
        }
        sinks.append(pieces)
        return makers[kind]

    def steps() -> Steps[None]:
        yield from dialogue.connect("pop.example.com", 995, secure=True)
        made = [request(kind) for kind in kinds]
        for one in made:
            dialogue.begin(one)
        for one, pieces in zip(made, sinks, strict=True):
            result = yield from dialogue.finish(one)
            seen.append((one.keyword, str(result), b"".join(pieces)))

    sinks: list[list[bytes]] = []
    try:
        Playback([GREETING, b"-ERR\r\n", *blocks]).run(steps())
    except CfpopError as error:
        seen.append((type(error), str(error)))
    return seen


@example(exchanges=[("RETR 1", b"+OK\r\n+OK 1\r\n.\r\n"), ("CAPA", b"+OK\r\n.\r\n")], sizes=[6], missing=0)
@given(
    exchanges=st.lists(exchange, min_size=1, max_size=6),
    sizes=st.lists(st.integers(1, 9) | st.integers(1, 300), max_size=300),
    missing=st.integers(0, 40),
)
def test_replies_give_the_same_events_however_they_are_cut(
    exchanges: list[tuple[str, bytes]], sizes: list[int], missing: int
) -> None:
    """One block or many, and whether or not the end is missing: the same values, refusals and errors in the same order."""
    kinds = [kind for kind, _ in exchanges]
    stream = b"".join(answer for _, answer in exchanges)
    stream = stream[: max(len(stream) - missing, 1)]

    assert events(kinds, [stream]) == events(kinds, cut(stream, sizes))
