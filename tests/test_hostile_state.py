"""Refusals, commits, and pipelining that a server cannot do: behaviours 60 to 62 of the list of hostile and odd servers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from cfml_pop import AuthenticationError, CfpopError, CommitError, POP3Error, Query, Settings, TimeoutExpired
from tests.servers.hostile import CALLS, DOORS, MAILS, Case, Fault, end, held, play, played, stopped
from tests.servers.scripted import CAPABILITIES, CRLF, Answer, ScriptedServer, Talk, stuffed

BEHAVIOURS = (60, 61, 62)


def call(door: str, server: ScriptedServer, **attributes: Any) -> Query:
    given = {"server": "127.0.0.1", "port": server.port, "username": "kim", "password": "secret", "timeout": 4}
    return CALLS[door](**{**given, **attributes})


def sent(server: ScriptedServer, *keywords: str) -> list[str]:
    return [line for line in server.commands if line.split()[0] in keywords]


# -- 60: response codes ------------------------------------------------------------------------------------------------------

CODES = [
    (b"[IN-USE] locked", POP3Error, "IN-USE", "locked"),
    (b"[LOGIN-DELAY] wait", POP3Error, "LOGIN-DELAY", "wait"),
    (b"[SYS/TEMP] later", POP3Error, "SYS/TEMP", "later"),
    (b"[SYS/PERM] never", POP3Error, "SYS/PERM", "never"),
    (b"[SYS/TEMP/DISK] full", POP3Error, "SYS/TEMP/DISK", "full"),
    (b"[in-use] locked", POP3Error, "IN-USE", "locked"),
    (b"[AUTH] wrong", AuthenticationError, "AUTH", "wrong"),
    (b"[UTF8] say UTF8", AuthenticationError, "UTF8", "say UTF8"),
    (b"[NEWS] what is this", AuthenticationError, "NEWS", "what is this"),
    (b"wrong", AuthenticationError, "", "wrong"),
    (b"[] wrong", AuthenticationError, "", "[] wrong"),
    (b"[AUTH wrong", AuthenticationError, "", "[AUTH wrong"),
    (b"", AuthenticationError, "", ""),
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("capabilities", [CAPABILITIES, [b"UIDL"]], ids=["announced", "not announced"])
@pytest.mark.parametrize("keyword", ["USER", "PASS"])
@pytest.mark.parametrize(("words", "kind", "code", "text"), CODES, ids=[repr(code[0]) for code in CODES])
def test_codes_of_a_refused_login(
    door: str, capabilities: list[bytes], keyword: str, words: bytes, kind: type[CfpopError], code: str, text: str
) -> None:
    """60: the code is an attribute of the error, and tells a busy mailbox from a wrong password."""
    with ScriptedServer(MAILS[:3], {keyword: b"-ERR " + words + b"\r\n"}, capabilities=capabilities) as server:
        with DOORS[door]("127.0.0.1", server.port, timeout=3) as session, pytest.raises(POP3Error) as caught:
            session.login("kim", "secret")

    error = caught.value
    assert (kind, code, text, keyword) == (type(error), error.code, error.text, error.command)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("pipelining", [None, False])
def test_a_call_with_a_refused_password_and_a_closed_connection(door: str, pipelining: bool | None) -> None:
    """60: the refusal is what is told, and it costs one attempt."""
    with ScriptedServer(MAILS[:3], {"PASS": end(b"-ERR [AUTH] wrong\r\n")}) as server:
        with pytest.raises(AuthenticationError, match=r"\[AUTH\] wrong"):
            call(door, server, settings=Settings(pipelining=pipelining))

        assert (1, 1) == (server.connections, len(sent(server, "PASS")))


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize(("words", "code"), [(b"[IN-USE] locked", "IN-USE"), (b"[SYS/TEMP] later", "SYS/TEMP")])
def test_a_call_has_the_code_of_a_refused_greeting(door: str, words: bytes, code: str) -> None:
    """60: also where the session itself is refused."""
    with ScriptedServer(MAILS[:3], {"": b"-ERR " + words + b"\r\n"}) as server, pytest.raises(POP3Error) as caught:
        call(door, server)

    assert code == caught.value.code


# -- 61: refusals ------------------------------------------------------------------------------------------------------------


def slow(talk: Talk) -> bytes | None:
    """Commit for longer than the time limits allow for anything else."""
    time.sleep(0.6)
    return talk.server.usual(talk, "QUIT", [])


def delete_and_close(session: Any) -> str:
    session.delete_message(1)
    session.close()
    return "deleted"


def attempts(*asks: Any) -> Any:
    """The value of each question, or the words of the refusal."""

    def ask(session: Any) -> list[object]:
        found: list[object] = []
        for one in asks:
            try:
                found.append(one(session))
            except POP3Error as error:
                found.append(error.text)
        return found

    return ask


def count(session: Any) -> object:
    return session.message_count()


FAILED = Fault(CommitError, "did not delete all of messages 1: locked")
UNKNOWN = Fault(CommitError, "answer to QUIT was lost")

CASES = [
    Case(number=61, name="QUIT refused", ask=delete_and_close, overrides={"QUIT": b"-ERR locked\r\n"}, expected=FAILED, tls=True),
    Case(
        number=61,
        name="closed instead of QUIT's answer",
        ask=delete_and_close,
        overrides={"QUIT": end()},
        expected=UNKNOWN,
        tls=True,
    ),
    Case(number=61, name="closed in QUIT's answer", ask=delete_and_close, overrides={"QUIT": end(b"+OK")}, expected=UNKNOWN),
    Case(number=61, name="nonsense for QUIT's answer", ask=delete_and_close, overrides={"QUIT": b"BYE\r\n"}, expected=UNKNOWN),
    Case(
        number=61,
        name="a commit longer than the deadline",
        ask=delete_and_close,
        overrides={"QUIT": slow},
        options={"timeout": 3, "deadline": 0.5},
        expected="deleted",
    ),
    Case(
        number=61,
        name="RSET refused",
        ask=attempts(lambda s: s.reset(), count),
        overrides={"RSET": b"-ERR no\r\n"},
        expected=["no", 3],
    ),
    Case(
        number=61,
        name="DELE of a deleted message",
        ask=attempts(lambda s: s.delete_message(1), lambda s: s.delete_message(1), count),
        overrides={"DELE 1": lambda talk: b"-ERR gone\r\n" if talk.server.commands.count("DELE 1") > 1 else b"+OK\r\n"},
        expected=[None, "gone", 3],
    ),
    Case(
        number=61,
        name="one of a batch refused",
        ask=lambda s: [
            getattr(item, "text", "whole") if isinstance(item, POP3Error) else "whole"
            for _, item in s.retrieve_messages([1, 2, 3])
        ],
        overrides={"RETR 2": b"-ERR Download exceed. msg=10\r\n"},
        expected=["whole", "Download exceed. msg=10", "whole"],
    ),
    Case(
        number=61,
        name="all of a batch refused",
        ask=lambda s: ([item.text for _, item in s.retrieve_messages([1, 2, 3])], s.message_count()),
        overrides={"RETR": b"-ERR no\r\n"},
        expected=(["no"] * 3, 3),
    ),
]


@pytest.mark.parametrize(("case", "door", "tls"), played(CASES), ids=str)
def test_refusals(case: Case, door: str, tls: bool) -> None:
    """61: a refusal is told, and leaves the session as it was."""
    play(case, door, tls)


@pytest.mark.parametrize("door", DOORS)
def test_a_commit_may_be_slower_than_the_idle_limit(door: str) -> None:
    """61: QUIT after deletes has ten seconds of its own, whatever silence is allowed elsewhere."""
    with ScriptedServer(MAILS[:3], {"QUIT": slow}) as server:
        with DOORS[door]("127.0.0.1", server.port, timeout=0.3) as session:
            session.login("kim", "secret")
            session.delete_message(1)

        assert {1} == server.deleted


@pytest.mark.parametrize("door", CALLS)
def test_a_call_does_not_outlast_its_time_for_a_quit_that_decides_nothing(door: str) -> None:
    """61: what was read stays read, and the answer to QUIT is not waited for beyond the timeout."""
    began = time.monotonic()
    with ScriptedServer(MAILS[:3], {"QUIT": stopped(b"")}) as server:
        query = call(door, server, timeout=0.5)

    assert 3 == query.recordcount
    assert time.monotonic() - began < 5  # without that limit 10 s


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize(
    ("overrides", "state"),
    [({"QUIT": b"-ERR locked\r\n"}, "failed"), ({"QUIT": end()}, "unknown"), ({"QUIT": end(b"+O")}, "unknown")],
    ids=["refused", "closed", "cut"],
)
def test_a_call_knows_what_became_of_its_deletes(door: str, overrides: Mapping[str, Answer], state: str) -> None:
    """61: a refused or lost QUIT is an error with the numbers."""
    with ScriptedServer(MAILS[:3], overrides) as server, pytest.raises(CommitError) as caught:
        call(door, server, action="delete", messagenumber="1,3")

    assert (state, (1, 3)) == (caught.value.state, caught.value.numbers)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("capabilities", [CAPABILITIES, [b"UIDL"]], ids=["pipelined", "not pipelined"])
def test_a_call_whose_messages_are_all_refused(door: str, capabilities: list[bytes]) -> None:
    """61: one error that names them all."""
    with ScriptedServer(MAILS[:3], {"RETR": b"-ERR no\r\n"}, capabilities=capabilities) as server:
        with pytest.raises(POP3Error, match="refused RETR 1: no") as caught:
            call(door, server, action="getAll")

    assert ((1, 2, 3), 0) == (caught.value.numbers, caught.value.query.recordcount)


# -- 62: pipelining and other promises ---------------------------------------------------------------------------------------


def statuses_first(answers: list[bytes]) -> bytes:
    """All status lines, then all bodies."""
    pairs = [answer.partition(CRLF) for answer in answers]
    return b"".join(pair[0] + CRLF for pair in pairs) + b"".join(pair[2] for pair in pairs)


def in_pairs(answers: list[bytes]) -> bytes:
    """Two status lines, then their two bodies, and so on."""
    return b"".join(statuses_first(answers[start : start + 2]) for start in range(0, len(answers), 2))


def only_the_first(talk: Talk) -> bytes | None:
    """Answer, and forget whatever came in the same segment."""
    keyword, *words = talk.command.split(" ")
    if talk.server.connections == 1:
        talk.buffer = b""
    return talk.server.usual(talk, keyword, words)


CONTENTS = [f".dot {number}" for number in range(1, 18)]


def bodies(query: Query) -> list[str]:
    return [str(row["body"]).strip() for row in query]


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("arrange", [statuses_first, in_pairs])
def test_a_call_gets_no_wrong_message_from_interleaved_answers(door: str, arrange: Any) -> None:
    """62: a body that another answer was mixed into is never given as the message."""
    on_first = held(16, arrange)

    def mixed(talk: Talk) -> bytes | None:
        if talk.server.connections == 1:
            assert callable(on_first)
            return on_first(talk)
        return talk.server.usual(talk, *_split(talk.command))

    with ScriptedServer(MAILS[:17], {"RETR": mixed}) as server:
        query = call(door, server, action="getAll")

    assert [f"Subject: {number}" for number in range(1, 18)] == [str(row["header"]).strip() for row in query]
    assert CONTENTS == bodies(query)


def _split(command: str) -> tuple[str, list[str]]:
    keyword, *words = command.split(" ")
    return keyword, words


@pytest.mark.parametrize("door", DOORS)
def test_a_session_gets_no_wrong_message_from_interleaved_answers(door: str) -> None:
    """62: what was given before the error is right."""
    given: dict[int, bytes] = {}
    # In small segments, so that each message can be given before the next one is read.
    with ScriptedServer(MAILS[:17], {"RETR": held(16, statuses_first)}, segment=9, pause=0.005) as server:
        with DOORS[door]("127.0.0.1", server.port, timeout=3) as session, pytest.raises(POP3Error):
            session.login("kim", "secret")
            for number, message in session.retrieve_messages(range(1, 18)):
                given[number] = message.content

    assert {number: MAILS[number - 1] for number in given} == given


@pytest.mark.parametrize("door", CALLS)
def test_a_call_gets_merged_answers_apart(door: str) -> None:
    """62: sixteen answers in one segment are sixteen answers."""
    with ScriptedServer(MAILS[:17], {"RETR": held(16, b"".join)}) as server:
        assert CONTENTS == bodies(call(door, server, action="getAll"))


@pytest.mark.parametrize("door", CALLS)
def test_a_server_that_forgets_what_came_with_the_first_command(door: str) -> None:
    """62: the answers that never come are missed within the time there is."""
    with ScriptedServer(MAILS[:17], {"RETR": only_the_first}) as server, pytest.raises(TimeoutExpired) as caught:
        call(door, server, action="getAll", timeout=0.5)

    assert CONTENTS[: caught.value.query.recordcount] == bodies(caught.value.query)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_call_does_not_mark_where_reading_may_delete(door: str, place: str) -> None:
    """62: EXPIRE 0 lets a server delete what is retrieved."""
    answers = {"before": [b"EXPIRE 0", *CAPABILITIES], "after": CAPABILITIES}

    def capa(talk: Talk) -> bytes:
        announced = [b"EXPIRE 0", *CAPABILITIES] if sent(talk.server, "PASS") else answers[place]
        return b"+OK\r\n" + b"".join(tag + CRLF for tag in announced) + b".\r\n"

    with ScriptedServer(MAILS[:3], {"CAPA": capa}) as server:
        with pytest.raises(POP3Error, match="EXPIRE 0"):
            call(door, server, action="markRead", messagenumber="1")

        assert [] == sent(server, "RETR")


@pytest.mark.parametrize("door", CALLS)
def test_a_call_gives_what_top_and_retr_say(door: str) -> None:
    """62: TOP's header may differ from RETR's, and RETR's words about the size count for nothing."""
    overrides: dict[str, Answer] = {
        "TOP 1 0": b"+OK\r\nSubject: by TOP\r\n\r\n.\r\n",
        "RETR 1": b"+OK 999999999 octets\r\n" + stuffed(MAILS[0]),
    }
    with ScriptedServer(MAILS[:1], overrides) as server:
        assert ["by TOP"] == [row["subject"] for row in call(door, server)]
        assert ["1"] == [row["subject"] for row in call(door, server, action="getAll")]


@pytest.mark.parametrize("door", CALLS)
def test_a_call_passes_a_user_name_with_a_prefix_on(door: str) -> None:
    """62: `recent:` belongs to the name."""
    with ScriptedServer(MAILS[:1]) as server:
        call(door, server, username="recent:kim@example.com")

        assert ["USER recent:kim@example.com"] == sent(server, "USER")


@pytest.mark.parametrize("door", DOORS)
def test_deletes_that_were_dropped_with_the_session_are_told_at_close(door: str) -> None:
    """61: the session went because an answer made no sense; close() must not look as if it had committed."""
    with ScriptedServer(MAILS[:3], {"DELE 1": b"+OK\r\n\r\n"}) as server:
        with DOORS[door]("127.0.0.1", server.port, timeout=3) as session:
            session.login("kim", "secret")
            session.delete_message(1)
            with pytest.raises(CommitError):
                session.close()

        assert set() == server.deleted
