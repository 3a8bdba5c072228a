"""What a call does against servers that follow a script: selection, deleting, marking, faults; blocking and with asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cfml_pop import (
    AttributeFault,
    AuthenticationError,
    CommitError,
    LimitExceeded,
    NetworkError,
    POP3Error,
    Query,
    Settings,
    acfpop,
    cfpop,
)
from tests.servers.scripted import CAPABILITIES, ScriptedServer, Talk

Call = Callable[..., Query]


def mail(number: int, body: str = "") -> bytes:
    return f"From: a{number}@example.com\r\nSubject: Mail {number}\r\n\r\n{body or f'Body {number}'}\r\n".encode()


def awaited(**attributes: object) -> Query:
    return asyncio.run(acfpop(**attributes))  # type: ignore[arg-type]


def at(door: Call) -> Call:
    """The door with the mailbox that all these tests use: the scripted one on loopback."""

    def on(server: ScriptedServer, **attributes: object) -> Query:
        given: dict[str, object] = {
            "server": "127.0.0.1",
            "port": server.port,
            "username": "kim",
            "password": "secret",
            "timeout": 10,
        }
        return door(**{**given, **attributes})

    return on


@pytest.fixture(params=[cfpop, awaited], ids=["blocking", "asyncio"])
def call(request: pytest.FixtureRequest) -> Call:
    """Each test runs by both doors."""
    return at(request.param)


def numbers(query: Query) -> list[object]:
    return [row["messagenumber"] for row in query]


def sent(server: ScriptedServer, *keywords: str) -> list[str]:
    return [command for command in server.commands if command.split()[0] in keywords]


FIVE = [mail(number) for number in range(1, 6)]
FORTY = [mail(number) for number in range(1, 41)]


# -- which messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"startrow": 3}, [3, 4, 5]),
        ({"maxrows": 2}, [1, 2]),
        ({"startrow": 2, "maxrows": 2}, [2, 3]),
        ({"startrow": 9}, []),
        ({"startrow": 9, "maxrows": 2}, []),
        ({"maxrows": 0}, []),
        ({"maxrows": -1}, [1, 2, 3, 4, 5]),
        ({"maxrows": 99}, [1, 2, 3, 4, 5]),
        ({"messagenumber": "3,1,3"}, [3, 1]),
        ({"messagenumber": "1,2,3,bad,10000"}, [1, 2, 3]),
        ({"messagenumber": ""}, []),
        ({"uid": "uid3, uid1 ,nope"}, [1, 3]),
        ({"uid": "UID3"}, []),
        ({"uid": ""}, []),
        ({"uid": "uid2", "messagenumber": "1", "startrow": 4}, [2]),
        ({"messagenumber": "2", "startrow": 4, "maxrows": 1}, [2]),
        ({"uid": "uid1|uid2$uid5", "delimiter": "|$"}, [1, 2, 5]),
    ],
)
@pytest.mark.parametrize("action", ["getHeaderOnly", "getAll"])
def test_uid_wins_over_messagenumber_wins_over_the_window(
    call: Call, action: str, attributes: dict[str, object], expected: list[int]
) -> None:
    """Empty lists select nothing, unknown ids are ignored, numbers keep their order and come once."""
    with ScriptedServer(FIVE) as server:
        query = call(server, action=action, **attributes)

    assert expected == numbers(query)
    assert [f"uid{n}" for n in expected] == [row["uid"] for row in query]
    assert [len(FIVE[n - 1]) for n in expected] == [row["size"] for row in query]
    assert [f"Mail {n}" for n in expected] == [row["subject"] for row in query]


def test_a_few_messages_of_many_are_asked_for_one_by_one(call: Call) -> None:
    """Up to a tenth of the mailbox, `LIST n` and `UIDL n` are shorter than lists of everything."""
    with ScriptedServer(FORTY) as server:
        assert [7, 8] == numbers(call(server, startrow=7, maxrows=2))

        assert ["UIDL 7", "UIDL 8", "LIST 7", "LIST 8"] == sent(server, "LIST", "UIDL")


def test_a_uid_selection_costs_one_uidl(call: Call) -> None:
    """However many uids, one list answers them."""
    with ScriptedServer(FORTY) as server:
        assert [3, 9] == numbers(call(server, uid="uid9,uid3"))

        assert ["UIDL", "LIST 3", "LIST 9"] == sent(server, "LIST", "UIDL")


def test_an_empty_mailbox_is_a_query_without_rows(call: Call) -> None:
    """Its columns are those of the action."""
    with ScriptedServer() as server:
        query = call(server, action="getAll")

    assert (0, "body" in query.columnlist.lower()) == (query.recordcount, True)


def test_a_server_without_uidl_gives_empty_uids(call: Call) -> None:
    """UIDL is optional (RFC 1939, section 7): the column is empty, and reading works."""
    with ScriptedServer(FIVE, {"UIDL": b"-ERR unknown\r\n"}) as server:
        assert ["", "", "", "", ""] == [row["uid"] for row in call(server)]


@pytest.mark.parametrize("action", ["getAll", "delete", "markRead"])
def test_a_uid_selection_without_uidl_is_an_error(call: Call, action: str) -> None:
    """Nothing is read, deleted or marked."""
    with ScriptedServer(FIVE, {"UIDL": b"-ERR unknown\r\n"}) as server:
        with pytest.raises(POP3Error, match="the server has no UIDL"):
            call(server, action=action, uid="uid1")

        assert [] == sent(server, "RETR", "DELE", "QUIT")


# -- reading -----------------------------------------------------------------------------------------------------------------


def test_headers_alone_are_read_by_top(call: Call) -> None:
    """TOP does not mark a message read; RETR would."""
    with ScriptedServer(FIVE) as server:
        call(server)

        assert [f"TOP {n} 0" for n in range(1, 6)] == sent(server, "TOP", "RETR")


def test_where_top_is_refused_the_whole_message_is_read(call: Call) -> None:
    """TOP is optional (RFC 1939, section 7); refused once, it is not asked for every message."""
    with ScriptedServer(FORTY, {"TOP": b"-ERR unknown\r\n"}, capabilities=[b"UIDL"]) as server:
        assert [f"Mail {n}" for n in range(1, 41)] == [row["subject"] for row in call(server)]

        assert 1 == len(sent(server, "TOP"))


def test_headers_end_where_they_end_even_if_the_server_sends_more(call: Call) -> None:
    """Some servers answer `TOP n 0` with the whole message."""
    with ScriptedServer(FIVE, {"TOP 2 0": b"+OK\r\n" + FIVE[1] + b".\r\n"}) as server:
        assert "From: a2@example.com\r\nSubject: Mail 2\r\n" == str(call(server)["header"][2]).removesuffix("\r\n") + "\r\n"


def test_a_refused_message_is_an_error_that_holds_the_others(call: Call) -> None:
    """A silent gap would be lost mail: pages read and then delete."""
    with ScriptedServer(FIVE, {"RETR 2": b"-ERR [SYS/TEMP] busy\r\n", "RETR 4": b"-ERR gone\r\n"}) as server:
        with pytest.raises(POP3Error, match=r"refused RETR 2: \[SYS/TEMP\] busy") as caught:
            call(server, action="getAll")

        assert ((2, 4), [1, 3, 5]) == (caught.value.numbers, numbers(caught.value.query))


def test_partial_gives_a_row_for_a_refused_message(call: Call) -> None:
    """With Settings(partial=True) each selected message has a row, and `defects` says what is missing."""
    with ScriptedServer(FIVE, {"RETR 2": b"-ERR [SYS/TEMP] busy\r\n"}) as server:
        query = call(server, action="getAll", settings=Settings(partial=True))

    assert [1, 2, 3, 4, 5] == numbers(query)
    assert ["Body 1", "", "Body 3", "Body 4", "Body 5"] == [str(row["body"]).strip() for row in query]
    assert [False, True, False, False, False] == ["refused RETR 2" in " ".join(row.defects) for row in query]


def cut(talk: Talk) -> None:
    talk.socket.sendall(b"+OK\r\nSubject: Mail 3\r\n\r\nBo")
    talk.close()


def test_a_cut_message_is_an_error_that_holds_the_whole_ones(call: Call) -> None:
    """A truncated message is never given as a whole one. The second connection is one more try."""
    with ScriptedServer(FIVE, {"RETR 3": cut}) as server:
        with pytest.raises(NetworkError, match="closed the connection before its answer to RETR was complete") as caught:
            call(server, action="getAll")

        assert ((3, 4, 5), [1, 2], 2) == (caught.value.numbers, numbers(caught.value.query), server.connections)


def test_partial_gives_rows_for_what_a_broken_connection_left(call: Call) -> None:
    """The cut message shows what came of it, the others are empty, and each says why."""
    with ScriptedServer(FIVE, {"RETR 3": cut}, capabilities=[b"UIDL"]) as server:
        query = call(server, action="getAll", settings=Settings(partial=True))

    assert [1, 2, 3, 4, 5] == numbers(query)
    assert ["Mail 1", "Mail 2", "Mail 3", "", ""] == [row["subject"] for row in query]
    assert [False, False, True, True, True] == ["closed the connection" in " ".join(row.defects) for row in query]


def test_a_server_that_mixes_up_pipelined_answers_gets_a_second_try_without(call: Call) -> None:
    """One reconnect, one command at a time, the selection known by its uids; whole rows are not read again."""
    times = iter(range(1))

    def mixed(talk: Talk) -> bytes | None:
        return talk.server.usual(talk, "RETR", ["3"]) if next(times, None) is None else b"Subject: out of step\r\n"

    with ScriptedServer(FIVE, {"RETR 3": mixed}) as server:
        query = call(server, action="getAll")

        assert [f"Mail {n}" for n in range(1, 6)] == [row["subject"] for row in query]
        assert (2, 1, 1) == (server.connections, server.commands.count("RETR 1"), server.commands.count("RETR 2"))


def test_a_mailbox_that_changed_between_the_two_tries_is_an_error(call: Call) -> None:
    """The rows that are there would be those of other messages."""

    def mixed(talk: Talk) -> bytes:
        talk.server.uids = ["new", *talk.server.uids]
        return b"nonsense\r\n"

    with ScriptedServer(FIVE, {"RETR 3": mixed}) as server, pytest.raises(POP3Error, match="no longer the same") as caught:
        call(server, action="getAll")

    assert [1, 2] == numbers(caught.value.query)


def test_a_message_beyond_the_limit_is_an_error(call: Call) -> None:
    """A server cannot fill the disk with one endless message."""
    with ScriptedServer([mail(1, "x" * 5000)]) as server, pytest.raises(LimitExceeded) as caught:
        call(server, action="getAll", settings=Settings(message_limit=2000))

    assert ("message", 2000) == (caught.value.limit, caught.value.value)


def test_a_list_beyond_the_limit_is_an_error(call: Call) -> None:
    """An endless list is given up; the count that STAT claims reserves no memory."""
    endless = b"+OK\r\n" + b"".join(b"%d 5\r\n" % n for n in range(1, 2000)) + b".\r\n"
    with ScriptedServer(FIVE, {"LIST": endless}) as server, pytest.raises(LimitExceeded, match="list_entries=1000"):
        call(server, settings=Settings(list_limit=1000))
    with ScriptedServer(FIVE, {"STAT": b"+OK 1000000001 5\r\n"}) as server, pytest.raises(LimitExceeded):
        call(server, maxrows=1)


def test_mail_beyond_the_memory_limit_is_kept_in_a_file(call: Call) -> None:
    """The rows are the same, wherever their octets lie."""
    mails = [mail(number, f"{number}" * 3000) for number in range(1, 21)]
    with ScriptedServer(mails) as server:
        query = call(server, action="getAll", settings=Settings(memory_limit=10_000))

    assert [f"{n}" * 3000 for n in range(1, 21)] == [str(row["body"]).strip() for row in query]


# -- deleting ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"uid": "uid4,uid2,nope"}, [2, 4]),
        ({"messagenumber": "3,1,3,77"}, [3, 1]),
        ({"startrow": 2, "maxrows": 2}, [2, 3]),
        ({"startrow": 4}, [4, 5]),
        ({"maxrows": 0}, []),
        ({"uid": ""}, []),
        ({"messagenumber": ""}, []),
    ],
)
def test_delete_removes_what_was_selected_and_nothing_else(
    call: Call, attributes: dict[str, object], expected: list[int]
) -> None:
    """The result holds number and uid of each deleted message, and prints as nothing."""
    with ScriptedServer(FIVE) as server:
        query = call(server, action="delete", **attributes)

        assert set(expected) == server.deleted

    assert ([(n, f"uid{n}") for n in expected], "") == ([(row["messagenumber"], row["uid"]) for row in query], str(query))


def test_a_delete_that_names_nothing_is_refused_before_connecting(call: Call) -> None:
    """Only the host can allow a template to empty a mailbox."""
    with ScriptedServer(FIVE) as server:
        with pytest.raises(AttributeFault, match="needs uid, messagenumber, startrow or maxrows"):
            call(server, action="delete")
        assert 0 == server.connections

        call(server, action="delete", settings=Settings(allow_delete_all=True))

        assert {1, 2, 3, 4, 5} == server.deleted


@pytest.mark.parametrize("action", ["delete", "markRead"])
def test_a_uid_that_two_messages_carry_is_refused(call: Call, action: str) -> None:
    """It does not say which one is meant; another uid on the same server is fine."""
    with ScriptedServer(FIVE, uids=["a", "b", "b", "c", "d"]) as server:
        with pytest.raises(POP3Error, match="messages 2 and 3 have the same uid 'b'") as caught:
            call(server, action=action, uid="a,b")

        assert ((2, 3), []) == (caught.value.numbers, sent(server, "RETR", "DELE", "QUIT"))
        assert [1, 4] == numbers(call(server, action=action, uid="a,c"))


@pytest.mark.parametrize("action", ["delete", "markRead"])
def test_a_uid_that_two_messages_carry_is_refused_with_a_number_too(call: Call, action: str) -> None:
    """Where a dialect takes uid and messagenumber together, the number does not make such a uid clear; nothing is sent."""
    with ScriptedServer(FIVE, uids=["a", "b", "b", "c", "d"]) as server:
        with pytest.raises(POP3Error, match="messages 2 and 3 have the same uid 'b'"):
            call(server, action=action, uid="b", messagenumber="2", settings=Settings(dialect="openbd"))

        assert (set(), [], []) == (server.deleted, sent(server, "DELE"), sent(server, "RETR"))
        assert [1] == numbers(call(server, action=action, uid="a,c", messagenumber="1", settings=Settings(dialect="openbd")))


@pytest.mark.parametrize("at", ["DELE 3", "DELE 2"])
@pytest.mark.parametrize("answer", [b"-ERR no\r\n", b"nonsense\r\n"])
def test_a_delete_that_fails_halfway_deletes_nothing(call: Call, at: str, answer: bytes) -> None:
    """QUIT is not sent, so the server forgets the marks; there is no second try once a DELE was sent."""
    with ScriptedServer(FIVE, {at: answer}) as server:
        with pytest.raises(POP3Error):
            call(server, action="delete", uid="uid2,uid3,uid4")

        assert ([], set(), 1) == (sent(server, "QUIT"), server.deleted, server.connections)


def test_a_delete_that_runs_out_of_time_deletes_nothing(call: Call) -> None:
    """The connection is dropped without QUIT."""
    with ScriptedServer(FIVE, {"DELE 3": Talk.stall}) as server:
        with pytest.raises(TimeoutError):
            call(server, action="delete", uid="uid2,uid3", timeout=0.3)

        assert ([], set()) == (sent(server, "QUIT"), server.deleted)


@pytest.mark.parametrize(("answer", "state"), [(b"-ERR locked\r\n", "failed"), (Talk.close, "unknown")])
def test_a_delete_is_done_only_when_quit_was_confirmed(call: Call, answer: bytes, state: str) -> None:
    """Otherwise the error names the messages, and says whether their state is known."""
    with ScriptedServer(FIVE, {"QUIT": answer}) as server, pytest.raises(CommitError) as caught:
        call(server, action="delete", messagenumber="2,4")

    assert (state, (2, 4)) == (caught.value.state, caught.value.numbers)


def test_cancelling_a_delete_deletes_nothing() -> None:
    """A task that is given up drops the connection before QUIT."""

    async def scene(port: int) -> None:
        running = acfpop(server="127.0.0.1", port=port, username="kim", password="secret", action="delete", uid="uid1,uid2")
        task = asyncio.ensure_future(running)
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with ScriptedServer(FIVE, {"DELE 2": Talk.stall}) as server:
        asyncio.run(scene(server.port))
        time.sleep(0.1)

        assert ([], set()) == (sent(server, "QUIT"), server.deleted)


# -- marking -----------------------------------------------------------------------------------------------------------------


def test_mark_read_retrieves_and_quits(call: Call) -> None:
    """RETR marks on real servers and RSET would undo it, so there is none; the octets are thrown away."""
    with ScriptedServer(FIVE) as server:
        query = call(server, action="markRead", uid="uid2,uid4")

        assert (["RETR 2", "RETR 4", "QUIT"], [2, 4], "") == (sent(server, "RETR", "QUIT", "RSET"), numbers(query), str(query))


def test_mark_read_is_refused_where_reading_deletes(call: Call) -> None:
    """A server that announces EXPIRE 0 may delete what is retrieved (RFC 2449, section 6.7)."""
    with ScriptedServer(FIVE, capabilities=[*CAPABILITIES, b"EXPIRE 0"]) as server:
        with pytest.raises(POP3Error, match="EXPIRE 0"):
            call(server, action="markRead", uid="uid2")

        assert [] == sent(server, "RETR")


def test_mark_read_of_a_refused_message_is_an_error(call: Call) -> None:
    """What was not retrieved is not marked."""
    with ScriptedServer(FIVE, {"RETR 4": b"-ERR busy\r\n"}) as server, pytest.raises(POP3Error, match="refused RETR 4"):
        call(server, action="markRead", messagenumber="2,4")


# -- faults and permissions --------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_one_attempt(call: Call) -> None:
    """The error has the server's words and not the password."""
    with ScriptedServer(FIVE) as server:
        with pytest.raises(AuthenticationError, match=r"\[AUTH\] wrong password") as caught:
            call(server, password="tiger-in-clear")

        assert 1 == len(sent(server, "PASS"))

    assert "tiger" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("action", ["getHeaderOnly", "getAll", "delete", "markRead"])
def test_a_host_may_allow_some_servers_and_actions_only(call: Call, action: str) -> None:
    """Other values are refused before connecting, and the error names the setting."""
    with ScriptedServer(FIVE) as server:
        with pytest.raises(AttributeFault, match=r"Settings\(servers=\.\.\.\)"):
            call(server, action=action, uid="uid1", settings=Settings(servers=["pop.example.com"]))
        with pytest.raises(AttributeFault, match=r"Settings\(actions=\.\.\.\)"):
            call(server, action=action, uid="uid1", settings=Settings(servers=["127.0.0.1"], actions=["none"]))
        assert 0 == server.connections

        call(server, action=action, uid="uid1", settings=Settings(servers=["127.0.0.1"], actions=[action.upper()]))


def test_attachments_land_in_the_directory_while_the_messages_come(call: Call, tmp_path: Path) -> None:
    """A failure to write stops the call, names the message and leaves no half file."""
    parts = "--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nhello\r\n--b--\r\n"
    mails = [b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts.encode()] * 2
    with ScriptedServer(mails) as server:
        query = call(server, action="getAll", attachmentpath=str(tmp_path / "in"), generateUniqueFileNames=True)

    assert ["a.txt", "a1.txt"] == sorted(path.name for path in (tmp_path / "in").iterdir())
    assert [str(tmp_path / "in" / "a.txt"), str(tmp_path / "in" / "a1.txt")] == [row["attachmentfiles"] for row in query]


def test_who_allows_more_entries_gets_their_octets(call: Call) -> None:
    """The limit of a list in octets grows with Settings(list_limit=...), so that one setting is enough."""
    lines = b"".join(b"%d %s\r\n" % (number, b"u" * 70) for number in range(1, 230_001))
    overrides = {"STAT": b"+OK 230000 1\r\n", "UIDL": b"+OK\r\n" + lines + b".\r\n"}
    with ScriptedServer([], overrides) as server, pytest.raises(LimitExceeded, match=r"list_octets|longer than"):
        call(server, uid="none")
    with ScriptedServer([], overrides) as server:
        assert [] == numbers(call(server, uid="none", settings=Settings(list_limit=400_000)))
