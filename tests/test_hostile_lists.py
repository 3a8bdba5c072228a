"""Capabilities, uids and lists as servers have them: behaviours 46 to 50 of the list of hostile and odd servers."""

from __future__ import annotations

from typing import Any

import pytest

from cfml_pop import LimitExceeded, NetworkError, POP3Error, TimeoutExpired
from cfml_pop.pop3.wire import OutOfStep
from tests.servers.hostile import CALLS, DOORS, MAILS, Case, Fault, end, play, played, split, stopped
from tests.servers.scripted import CAPABILITIES, Answer, ScriptedServer, Talk

LONG = "u" * 1000


def uids(session: Any) -> dict[int, str]:
    found: dict[int, str] = session.unique_ids()
    return found


def uid(session: Any) -> tuple[str, int]:
    return session.unique_id(2), session.message_count()


def header(session: Any) -> tuple[str, int]:
    return session.retrieve_header(2).get("Subject"), session.message_count()


def capabilities(session: Any) -> object:
    return dict(session.capabilities)


def listing(session: Any) -> tuple[dict[int, int], int]:
    return {info.id: info.size for info in session.list_messages()}, session.message_count()


def lines(*octets: bytes) -> bytes:
    return b"+OK\r\n" + b"".join(line + b"\r\n" for line in octets) + b".\r\n"


def uidl(name: str, expected: object, *octets: bytes) -> Case:
    return Case(number=46, name=name, ask=uids, overrides={"UIDL": lines(*octets)}, expected=expected)


def changed(talk: Talk) -> bytes:
    """Other capabilities after the login."""
    return lines(b"XNEW") if any(command.startswith("PASS") for command in talk.server.commands) else lines(b"XOLD", b"UIDL")


CASES = [
    uidl("several blanks", {1: "a", 2: "b"}, b"1   a", b"2 \t b"),
    uidl("blanks in it", {1: "a b  c"}, b"1 a b  c"),
    uidl("longer than 70", {1: LONG}, b"1 " + LONG.encode()),
    uidl("8-bit", {1: "\xe9\xff", 2: "\xc3\xa9"}, b"1 \xe9\xff", b"2 \xc3\xa9"),
    uidl("empty", {1: "", 2: "b"}, b"1", b"2 b"),
    uidl("the same twice", {1: "a", 2: "a"}, b"1 a", b"2 a"),
    uidl("gaps", {2: "b", 7: "g"}, b"2 b", b"7 g"),
    uidl("no order", {3: "c", 1: "a", 2: "b"}, b"3 c", b"1 a", b"2 b"),
    uidl("a dot", {1: ".", 2: ".b"}, b"1 .", b"2 .b"),
    Case(number=47, name="UIDL n with several lines", ask=uid, overrides={"UIDL 2": lines(b"2 uid2")},
         expected=Fault(OutOfStep, "the server's answer to UIDL 2 is unreadable")),
    Case(number=47, name="UIDL n with words and several lines", ask=uid,
         overrides={"UIDL 2": b"+OK 1 message follows\r\n2 uid2\r\n.\r\n"},
         expected=Fault(OutOfStep, "the server's answer to UIDL 2 is unreadable")),
    Case(number=47, name="UIDL n without the number", ask=uid, overrides={"UIDL 2": b"+OK uid2\r\n"}, expected=("uid2", 3)),
    Case(number=47, name="UIDL n with another number", ask=uid, overrides={"UIDL 2": b"+OK 1 uid1\r\n"},
         expected=Fault(OutOfStep, "unreadable")),
    Case(number=48, name="UIDL and TOP that are not announced", ask=lambda s: (uid(s), header(s)), capabilities=(b"USER",),
         expected=(("uid2", 3), ("2", 3))),
    Case(number=48, name="TOP announced and refused", ask=header, overrides={"TOP": b"-ERR no\r\n"}, expected=("2", 3)),
    Case(number=48, name="UIDL announced and refused", ask=uids, overrides={"UIDL": b"-ERR no\r\n"},
         expected=Fault(POP3Error, "refused UIDL: no")),
    Case(number=49, name="CAPA refused", ask=capabilities, overrides={"CAPA": b"-ERR what?\r\n"}, expected={}),
    Case(number=49, name="CAPA closes the connection", overrides={"CAPA": end()}, login=False,
         expected=Fault(NetworkError, "closed the connection before its answer to CAPA")),
    Case(number=49, name="a line of CAPA begins with a dot", ask=lambda s: (capabilities(s), s.message_count()),
         overrides={"CAPA": lines(b".X", b"UIDL")}, expected=({"X": (), "UIDL": ()}, 3)),
    Case(number=49, name="CAPA in lower case", ask=capabilities, overrides={"CAPA": lines(b"pipelining", b"sasl")},
         expected={"PIPELINING": (), "SASL": ()}),
    Case(number=49, name="CAPA differs after the login", ask=capabilities, overrides={"CAPA": changed}, expected={"XNEW": ()}),
    Case(number=49, name="CAPA without a list", login=False, overrides={"CAPA": stopped(b"+OK\r\n")}, options={"timeout": 0.3},
         expected=Fault(TimeoutExpired, "silent")),
    Case(number=50, name="LIST with more text", ask=listing, overrides={"LIST": lines(b"1 5 octets", b"2  6\tflags (a b)")},
         expected=({1: 5, 2: 6}, 3)),
    Case(number=50, name="LIST with an empty line", ask=listing, overrides={"LIST": lines(b"1 5", b"", b"2 6")},
         expected=({1: 5, 2: 6}, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("case", "door", "tls"), played(CASES), ids=str)
def test_lists(case: Case, door: str, tls: bool) -> None:
    """What a server says is read as it says it, or refused."""
    play(case, door, tls)


BEHAVIOURS = (46, 47, 48, 49, 50)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "at",
    [5, 2000],
)
def test_a_uid_beyond_the_limit_is_an_error_however_it_comes(door: str, at: int) -> None:
    """46: 5000 octets of uid, whole in one block or cut in two."""
    case = Case(
        number=46,
        name="5000 octets",
        ask=uids,
        overrides={"UIDL": split(lines(b"1 " + b"u" * 5000), at)},
        expected=Fault(LimitExceeded, "list_line"),
    )
    play(case, door, tls=False)


def call(door: str, overrides: dict[str, Answer], **attributes: Any) -> tuple[list[tuple[object, ...]], list[str]]:
    """Number, uid and subject of the rows, and what was sent."""
    mails = attributes.pop("mails", MAILS[:3])
    announced = attributes.pop("capabilities", CAPABILITIES)
    with ScriptedServer(mails, overrides, capabilities=announced) as server:
        query = CALLS[door](server="127.0.0.1", port=server.port, username="kim", password="secret", timeout=4, **attributes)
        return [
            tuple(row[name] for name in query.columns if name in ("messagenumber", "uid", "subject")) for row in query
        ], server.commands


def columns(rows: list[tuple[object, ...]]) -> list[set[object]]:
    return [set(row) for row in rows]


UIDL = lines(b"3   c d", b"1 \xe9", b"2 b")


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize(("wanted", "number"), [("c d", 3), ("\xe9", 1), ("b", 2)])
def test_a_call_finds_odd_uids(door: str, wanted: str, number: int) -> None:
    """46: blanks, 8-bit octets and no order; what the column shows selects the same message again."""
    rows, _ = call(door, {"UIDL": UIDL}, uid=wanted)

    assert [{number, wanted, str(number)}] == columns(rows)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("action", ["delete", "markRead"])
def test_a_call_does_not_act_on_a_uid_of_two_messages(door: str, action: str) -> None:
    """46: nothing is sent but questions."""
    with ScriptedServer(MAILS[:3], {"UIDL": lines(b"1 a", b"2 a", b"3 c")}) as server:
        with pytest.raises(POP3Error, match="messages 1 and 2 have the same uid 'a'"):
            CALLS[door](
                server="127.0.0.1", port=server.port, username="kim", password="secret", action=action, uid="a", timeout=4
            )

        assert [] == [line for line in server.commands if line.split()[0] in ("DELE", "RETR", "QUIT")]


@pytest.mark.parametrize("door", CALLS)
def test_a_call_does_not_act_on_a_message_with_two_uids(door: str) -> None:
    """46: a list that names message 1 twice does not say which uid it has."""
    with ScriptedServer(MAILS[:3], {"UIDL": lines(b"1 a", b"1 b", b"2 c")}) as server:
        with pytest.raises(POP3Error):
            CALLS[door](
                server="127.0.0.1", port=server.port, username="kim", password="secret", action="delete", uid="b", timeout=4
            )

        assert set() == server.deleted


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("answer", [lines(b"7 uid7"), b"+OK 1 message follows\r\n7 uid7\r\n.\r\n"])
def test_a_call_has_the_right_uid_where_one_is_answered_with_a_list(door: str, answer: bytes) -> None:
    """47: the second connection asks for all uids at once, which such a server can answer."""
    rows, _ = call(door, {"UIDL 7": answer}, mails=MAILS, startrow=7, maxrows=1)

    assert [{7, "uid7", "7"}] == columns(rows)


@pytest.mark.parametrize("door", CALLS)
def test_a_call_tries_what_is_not_announced(door: str) -> None:
    """48: UIDL and TOP work without being in CAPA."""
    rows, commands = call(door, {}, capabilities=(b"USER",), uid="uid2")

    assert [{2, "uid2", "2"}] == columns(rows)
    assert "TOP 2 0" in commands


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("capa", [b"-ERR what?\r\n", lines(b".X"), lines(b"pipelining"), lines(b"XOLD"), lines(b"TOP", b"UIDL")])
def test_a_call_does_without_capabilities(door: str, capa: bytes) -> None:
    """49: whatever CAPA says, the messages are the same."""
    rows, _ = call(door, {"CAPA": capa})

    assert [{n, f"uid{n}", str(n)} for n in (1, 2, 3)] == columns(rows)


@pytest.mark.parametrize("door", CALLS)
def test_a_call_reads_a_list_with_more_text(door: str) -> None:
    """50: text behind the numbers is passed over."""
    rows, _ = call(door, {"LIST": lines(b"1 5 octets", b"2 6 x", b"3 7 y")})

    assert [{n, f"uid{n}", str(n)} for n in (1, 2, 3)] == columns(rows)
