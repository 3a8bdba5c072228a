"""Answers that begin, end or are cut where they should not: behaviours 1 to 22 of the list of hostile and odd servers."""

from __future__ import annotations

from typing import Any

import pytest

from cfml_pop.errors import POP3Error, TimeoutExpired
from tests.servers.hostile import MAILS, Case, Fault, LFServer, held, play, played, split, stopped
from tests.servers.scripted import stuffed

NO_STATUS = Fault(POP3Error, "sent no POP3 status")
CLOSED = Fault(POP3Error, "not possible, because the session is closed")
SILENT = Fault(TimeoutExpired, r"silent for 0\.3 s")
SOON = {"timeout": 0.3}


def first(session: Any) -> tuple[object, int]:
    """Message 1 octet for octet, and a question behind it that shows whether the answers still belong to the questions."""
    return session.retrieve_message(1).content, session.message_count()


def content(session: Any) -> object:
    return session.retrieve_message(1).content


def batch(session: Any) -> list[tuple[int, object]]:
    return [(number, message.content) for number, message in session.retrieve_messages(range(1, 21))]


def sent(body: bytes) -> dict[str, bytes]:
    return {"RETR 1": b"+OK\r\n" + body}


def refused(session: Any) -> object:
    try:
        session.retrieve_message(1)
    except POP3Error as error:
        return error.text, session.message_count()
    return "no error"


def header(session: Any) -> tuple[object, int]:
    return session.retrieve_header(1).get("Subject"), session.message_count()


def noop(session: Any) -> object:
    session.noop()
    return session.message_count()


LONG = b"".join(b"x" * size + b"\r\n" for size in (3000, 65536, 16 * 1024**2))
ODD = b"a\rb\r\r\nc\0d\r\n\xff\xfe\xc3(\r\n\xff\r\n"
ANSWER = b"+OK\r\n" + stuffed(MAILS[0])
TWENTY = [(number, MAILS[number - 1]) for number in range(1, 21)]


def body(number: int, name: str, octets: bytes, expected: bytes, **more: Any) -> Case:
    """A message whose octets come right, and the session goes on."""
    return Case(number=number, name=name, ask=first, overrides=sent(octets), expected=(expected, 3), **more)


def status(line: bytes, expected: object, name: str) -> Case:
    return Case(number=20, name=name, ask=noop, overrides={"NOOP": line + b"\r\n"}, expected=expected)


CASES = [
    *(
        Case(
            number=number,
            name=f"the last five octets cut after {at}",
            ask=first,
            overrides={"RETR 1": split(ANSWER, len(ANSWER) - 5 + at)},
            expected=(MAILS[0], 3),
            plain=number == 1,
            tls=number == 2,
        )
        for number in (1, 2)
        for at in range(5)
    ),
    Case(number=3, name="one octet at a time", ask=first, serving={"segment": 1}, expected=(MAILS[0], 3), tls=True),
    Case(
        number=4,
        name="sixteen answers in one segment",
        ask=batch,
        messages=MAILS[:20],
        overrides={"RETR": held(16, b"".join), **{f"RETR {n}": b"+OK\r\n" + stuffed(MAILS[n - 1]) for n in (18, 19, 20)}},
        expected=TWENTY,
    ),
    body(5, "an empty message", b".\r\n", b""),
    body(6, "a header without an end", b"Subject: x\r\n.\r\n", b"Subject: x\r\n"),
    Case(
        number=6,
        name="a header without an end, by TOP",
        ask=header,
        overrides={"TOP": b"+OK\r\nSubject: x\r\n.\r\n"},
        expected=("x", 3),
    ),
    body(7, "lines of dots", b"..\r\n...\r\n....\r\n.....\r\n.\r\n", b".\r\n..\r\n...\r\n....\r\n", tls=True),
    body(8, "dots that were not doubled", b"\r\n.foo\r\n.\r\n", b"\r\nfoo\r\n"),
    body(9, "LF dot LF and a forged answer", b"a\n.\n+OK forged\r\n.\r\n", b"a\n.\n+OK forged\r\n"),
    body(10, "CRLF dot LF", b"a\r\n.\n+OK forged\r\n.\r\n", b"a\r\n\n+OK forged\r\n"),
    body(11, "CRLF CR dot LF", b"a\r\n\r.\n+OK forged\r\n.\r\n", b"a\r\n\r.\n+OK forged\r\n"),
    body(12, "CRLF dot CR x", b"a\r\n.\rx\r\n.\r\n", b"a\r\n\rx\r\n"),
    Case(
        number=13,
        name="dot CR and silence",
        ask=first,
        overrides={"RETR 1": stopped(b"+OK\r\na\r\n.\r")},
        expected=SILENT,
        options=SOON,
    ),
    Case(
        number=14,
        name="LF alone ends every line",
        ask=first,
        server=LFServer,
        overrides={"": b"+OK\n"},
        expected=(MAILS[0].replace(b"\r\n", b"\n"), 3),
    ),
    Case(
        number=14,
        name="LF alone ends every line of a header",
        ask=header,
        server=LFServer,
        overrides={"": b"+OK\n", "TOP": b"+OK\nSubject: 1\n\nSubject: not this one\n.\n"},
        expected=("1", 3),
    ),
    Case(
        number=15,
        name="LF alone in a body behind a status with CRLF",
        ask=first,
        overrides={"RETR 1": stopped(b"+OK\r\na\n.\n")},
        expected=SILENT,
        options=SOON,
    ),
    body(16, "CR alone, NUL, octets that are no UTF-8", ODD + b".\r\n", ODD, tls=True),
    body(17, "lines of 3 KB, 64 KB and 16 MB", LONG + b".\r\n", LONG, tls=True),
    Case(number=18, name="LF before the status", ask=first, overrides={"RETR 1": b"\n+OK\r\na\r\n.\r\n"}, expected=NO_STATUS),
    Case(number=18, name="LF before the greeting", overrides={"": b"\n+OK\r\n"}, expected=NO_STATUS, login=False),
    Case(number=19, name="a line behind the end: the message", ask=content, overrides=sent(b"a\r\n.\r\n\r\n"), expected=b"a\r\n"),
    Case(
        number=19, name="a line behind the end: the next question", ask=first, overrides=sent(b"a\r\n.\r\n\r\n"), expected=CLOSED
    ),
    status(b"+OK", 3, "+OK alone"),
    status(b"+OK\tx", 3, "+OK and a tab"),
    status(b"+OK " + b"x" * 505, 3, "512 octets"),
    status(b"+ok", 3, "+ok"),
    status(b"+OKAY", NO_STATUS, "+OKAY"),
    status(b"+", NO_STATUS, "+"),
    status(b"+ERR", NO_STATUS, "+ERR"),
    status(b"HELLO", NO_STATUS, "HELLO"),
    status(b"", NO_STATUS, "an empty line"),
    status(b" +OK", NO_STATUS, "a blank before it"),
    Case(
        number=21, name="a body behind -ERR", ask=refused, overrides={"RETR 1": b"-ERR no\r\n+OK 9 9\r\n.\r\n"}, expected=CLOSED
    ),
    Case(
        number=22, name="no body behind +OK", ask=first, overrides={"RETR 1": stopped(b"+OK\r\n")}, expected=SILENT, options=SOON
    ),
    Case(
        number=22,
        name="no body behind +OK, but the next answer",
        ask=lambda session: list(session.retrieve_messages([1, 2])),
        overrides={"RETR 1": b"+OK\r\n", "RETR 2": stopped(b"-ERR no\r\n")},
        expected=SILENT,
        options=SOON,
    ),
]


@pytest.mark.parametrize(("case", "door", "tls"), played(CASES), ids=str)
def test_framing(case: Case, door: str, tls: bool) -> None:
    """The right octets, or one clear error, and never an answer out of step."""
    play(case, door, tls)
