"""Answers without an end, and numbers that are none: behaviours 36 to 44 of the list of hostile and odd servers.

Each flood runs in a process of its own, which says how much more memory it needed at its height.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cfml_pop import LimitExceeded, POP3Error
from cfml_pop.errors import CfpopError
from cfml_pop.pop3.limits import Limits
from cfml_pop.settings import Settings
from tests.servers.hostile import CALLS, DOORS, MAILS, Case, Fault, client_context, endless, play, played, server_context
from tests.servers.scripted import Answer, ScriptedServer

MEGABYTE = 1024 * 1024
MEMORY = 60 * MEGABYTE
"""64, less what allocators do by chance: a flood that needs just 64 would fail on some days only."""

BLOCK = b"x" * 65536


def counted(line: str, each: int = 1000) -> Callable[[int], bytes]:
    """Blocks of lines whose numbers go on and on."""
    return lambda count: "".join(line % n for n in range(count * each + 1, (count + 1) * each + 1)).encode()


def header(session: Any) -> object:
    return session.retrieve_header(1).get("Subject")


FLOODS: dict[str, tuple[Any, dict[str, Answer], str]] = {
    "36 a status": (lambda s: s.noop(), {"NOOP": endless(b"+OK ", BLOCK)}, "LimitExceeded reply_line"),
    "37 a greeting": (None, {"": endless(b"+OK ", BLOCK)}, "LimitExceeded reply_line"),
    "38 CAPA, one line": (None, {"CAPA": endless(b"+OK\r\n", BLOCK)}, "LimitExceeded capabilities"),
    "38 CAPA, many lines": (None, {"CAPA": endless(b"+OK\r\n", counted("X%d\r\n"))}, "LimitExceeded capabilities"),
    "39 LIST, one line": (lambda s: s.list_messages(), {"LIST": endless(b"+OK\r\n", BLOCK)}, "LimitExceeded list_line"),
    "39 LIST, many lines": (
        lambda s: s.list_messages(),
        {"LIST": endless(b"+OK\r\n", counted("%d 1000000\r\n"))},
        "LimitExceeded list_entries",
    ),
    "39 LIST, empty lines": (
        lambda s: s.list_messages(),
        {"LIST": endless(b"+OK\r\n", b"\r\n" * 9000)},
        "LimitExceeded list_entries",
    ),
    "39 LIST, one number": (
        lambda s: s.list_messages(),
        {"LIST": endless(b"+OK\r\n", b"1 7\r\n" * 9000)},
        "POP3Error",
    ),
    "39 UIDL, many lines": (
        lambda s: s.unique_ids(),
        {"UIDL": endless(b"+OK\r\n", counted("%d " + "u" * 70 + "\r\n"))},
        "LimitExceeded list_octets",
    ),
    "39 UIDL, long lines": (
        lambda s: s.unique_ids(),
        {"UIDL": endless(b"+OK\r\n", counted("%d " + "u" * 1000 + "\r\n", 50))},
        "LimitExceeded list_octets",
    ),
    "40 a body": (
        lambda s: s.retrieve_message(1),
        {"RETR": endless(b"+OK\r\n", BLOCK)},
        "LimitExceeded message",
    ),
    "40 a body of dots": (
        lambda s: s.retrieve_message(1),
        {"RETR": endless(b"+OK\r\n", b"..\r\n" * 16384)},
        "LimitExceeded message",
    ),
    "40 a body of nothing": (
        lambda s: s.retrieve_message(1),
        {"RETR": endless(b"+OK\r\n", b"\r\n" * 32768)},
        "LimitExceeded message",
    ),
    "41 TOP with the body": (
        header,
        {"TOP": endless(b"+OK\r\nSubject: x\r\n\r\n", BLOCK, 60 * MEGABYTE)},
        "LimitExceeded message",
    ),
    "41 TOP without an end of the header": (header, {"TOP": endless(b"+OK\r\nSubject: x\r\n", BLOCK)}, "LimitExceeded header"),
}  # fmt: skip

LIMITS = Limits(message=50 * MEGABYTE)
"""Half a second of flood instead of half a minute; the others are as they come."""

OVER_TLS = ("36 a status", "37 a greeting", "38 CAPA, many lines", "39 LIST, one line", "41 TOP with the body")


def peak() -> int:
    """The most memory that this process has had, in octets. (`ru_maxrss` would begin with what its parent had.)"""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def flood(name: str, door: str, tls: bool) -> None:
    """Play one flood and print the outcome and the additional memory; called in a process of its own."""
    ask, overrides, _ = FLOODS[name]
    channel: dict[str, Any] = {"tls": "implicit", "context": server_context("127.0.0.1")} if tls else {}
    secured: dict[str, Any] = {"secure": True, "tls_context": client_context()} if tls else {}

    def once(overrides: Mapping[str, Answer], question: Any) -> str:
        try:
            with (
                ScriptedServer(MAILS[:3], overrides, **channel) as server,
                DOORS[door]("127.0.0.1", server.port, timeout=5, deadline=4, limits=LIMITS, **secured) as session,
            ):
                session.login("kim", "secret")
                question(session)
        except CfpopError as error:
            return f"{type(error).__name__} {getattr(error, 'limit', '')}"
        return "no error"

    once({}, lambda session: session.retrieve_message(1))
    before = peak()
    outcome = once(overrides, ask)
    print(peak() - before, outcome)  # noqa: T201


@pytest.mark.parametrize(
    ("name", "door", "tls"),
    [
        # Each door has half of them, because the dialogue is the same.
        *((name, list(DOORS)[index % 2], False) for index, name in enumerate(FLOODS)),
        *((name, list(DOORS)[index % 2], True) for index, name in enumerate(OVER_TLS)),
    ],
)
def test_a_flood_ends_at_a_limit_and_within_64_megabytes(name: str, door: str, tls: bool) -> None:
    """Whatever the server sends without end is given up with an error that names the limit."""
    code = f"from tests.test_hostile_size import flood; flood({name!r}, {door!r}, {tls})"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True, cwd=root)
    memory, _, outcome = done.stdout.strip().partition(" ")

    assert FLOODS[name][2] == outcome.strip()
    assert int(memory) < MEMORY


# -- numbers -----------------------------------------------------------------------------------------------------------------


def listing(session: Any) -> dict[int, int]:
    return {info.id: info.size for info in session.list_messages()}


def lists(*lines: str) -> dict[str, Answer]:
    return {"LIST": ("+OK\r\n" + "".join(f"{line}\r\n" for line in lines) + ".\r\n").encode()}


UNREADABLE = Fault(POP3Error, "the server's answer to LIST has an unreadable line")
NO_NUMBERS = Fault(POP3Error, "the server's answer to STAT is not two numbers")

CASES = [
    Case(number=42, name="LIST 1000000000", ask=listing, overrides=lists("1000000000 5"), expected={10**9: 5}),
    *(
        Case(number=number, name=f"LIST {line}", ask=listing, overrides=lists("1 5", line), expected=UNREADABLE)
        for number, line in (
            (42, "0 5"),
            (42, "-1 5"),
            (42, "18446744073709551616 5"),
            (42, "%!d(float64=5461) 5"),
            (42, "+2 5"),
            (42, "2"),
            (43, "2 -5"),
            (43, "2 12345678901234567890"),
            (43, "2 5.5"),
            (43, "2 \u0665"),
        )
    ),
    *(
        Case(number=43, name=f"STAT {line}", overrides={"STAT": f"+OK {line}\r\n".encode()}, expected=NO_NUMBERS)
        for line in ("-1", "-1 5", "5 -1", "12345678901234567890 1", "", "one two")
    ),
    Case(number=43, name="a message of 2^62 octets by LIST", ask=lambda s: (listing(s), s.retrieve_message(1).content),
         overrides=lists(f"1 {2**62}"), expected=({1: 2**62}, MAILS[0])),
    Case(number=43, name="a mailbox of 10^18 messages", overrides={"STAT": b"+OK 1000000000000000000 5\r\n"},
         expected=Fault(LimitExceeded, "the server says that the mailbox holds 1000000000000000000 messages")),
]  # fmt: skip


@pytest.mark.parametrize(("case", "door", "tls"), played(CASES), ids=str)
def test_numbers(case: Case, door: str, tls: bool) -> None:
    """A number is a number of messages or octets that can be, or an error."""
    play(case, door, tls)


BEHAVIOURS = (36, 37, 38, 39, 40, 41, 42, 43, 44)


def call(door: str, overrides: Mapping[str, Answer], **attributes: Any) -> Any:
    with ScriptedServer(MAILS[:5], overrides) as server:
        return CALLS[door](server="127.0.0.1", port=server.port, username="kim", password="secret", timeout=4, **attributes)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize(
    ("overrides", "attributes", "words"),
    [
        (lists("1 5", "1000000000 5"), {}, "refused TOP|refused RETR 1000000000|counts 5 messages and lists 2"),
        (lists("1 5", "0 5"), {}, "unreadable line"),
        (lists("1 5", "-1 5"), {}, "unreadable line"),
        (lists("1 -5"), {}, "unreadable line"),
        ({"STAT": b"+OK -1 5\r\n"}, {"maxrows": 1}, "not two numbers"),
        (lists("1 5", "2 5", "3 5"), {}, "counts 5 messages and lists 3"),
        ({"STAT": b"+OK 9 5\r\n"}, {"action": "getAll", "startrow": 5, "maxrows": 3}, "refused RETR 6"),
        ({"STAT": b"+OK 9 5\r\n"}, {"action": "delete", "startrow": 5, "maxrows": 3}, "refused DELE 6"),
    ],
    ids=str,
)
def test_a_call_with_numbers_that_cannot_be(
    door: str, overrides: Mapping[str, Answer], attributes: dict[str, Any], words: str
) -> None:
    """42 to 44: one clear error, and no message passed over without a word."""
    with pytest.raises(POP3Error, match=words):
        call(door, overrides, **attributes)


@pytest.mark.parametrize("door", CALLS)
def test_a_call_follows_the_list_where_stat_counts_too_few(door: str) -> None:
    """44: STAT says 2, LIST has all five; nothing is passed over."""
    query = call(door, {"STAT": b"+OK 2 5\r\n"})

    assert ["1", "2", "3", "4", "5"] == [row["subject"] for row in query]


@pytest.mark.parametrize("door", CALLS)
def test_a_call_gives_up_a_list_beyond_its_limit(door: str) -> None:
    """44: STAT says 5, LIST goes on."""
    overrides = {"LIST": endless(b"+OK\r\n", counted("%d 5\r\n"))}
    with pytest.raises(LimitExceeded) as caught:
        call(door, overrides, settings=Settings(list_limit=5000))

    assert "list_entries" == caught.value.limit
