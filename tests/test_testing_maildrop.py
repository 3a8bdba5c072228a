"""The embedded server's mailbox: canonical octets, stuffed dots, and a session's view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.testing.maildrop import Maildrop, canonical, stuffed, top

LINES = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"text", b"\r", b"x\r"]), max_size=8)


def unstuffed(octets: bytes) -> bytes:
    """What a client does, line by line (RFC 1939, section 3)."""
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in octets.split(b"\r\n"))


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n"),
        (b"a\rb\n", b"a\rb\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_canonical(stored: bytes, sent: bytes) -> None:
    """LF and CRLF become CRLF, the last line gets one, and a CR that stands alone stays."""
    assert sent == canonical(stored)


@given(LINES)
def test_canonical_is_stable(lines: list[bytes]) -> None:
    """What is canonical already is left as it is."""
    octets = canonical(b"\r\n".join(lines))

    assert octets == canonical(octets)


@given(LINES)
def test_stuffing_round_trip(lines: list[bytes]) -> None:
    """Stuffed text has no line that is a dot alone, and unstuffing gives the text back."""
    octets = canonical(b"\n".join(lines))

    assert b"." not in stuffed(octets).split(b"\r\n")
    assert octets == unstuffed(stuffed(octets))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(0, b"A: b\r\n\r\n"), (1, b"A: b\r\n\r\none\r\n"), (2, b"A: b\r\n\r\none\r\n\r\n"), (9, b"A: b\r\n\r\none\r\n\r\n.two\r\n")],
)
def test_top(lines: int, expected: bytes) -> None:
    """TOP gives the header, the empty line and that many lines of the body, or all there are."""
    assert expected == top(b"A: b\r\n\r\none\r\n\r\n.two\r\n", lines)


def test_top_without_body_or_header() -> None:
    """A message without an empty line is all header; one that begins with it has none."""
    assert b"A: b\r\n" == top(b"A: b\r\n", 0)
    assert b"\r\n" == top(b"\r\nbody\r\n", 0)


def test_marks_become_removals_at_commit() -> None:
    """A marked message is gone for its session at once, for others after the commit; reset takes the mark back."""
    maildrop = Maildrop([b"one", b"two", b"three"])
    session = maildrop.session()
    session.mark(0)
    session.reset()
    session.mark(1)

    assert [0, 2] == session.present()
    assert [0, 1, 2] == maildrop.session().present()

    session.commit()

    assert [b"one\r\n", b"three\r\n"] == list(maildrop.messages.values())


@pytest.mark.parametrize("index", [-1, 2, 1])
def test_no_such_message(index: int) -> None:
    """A number outside the mailbox, and one that is marked as deleted, is a ValueError."""
    session = Maildrop([b"one", b"two"]).session()
    session.mark(1)
    with pytest.raises(ValueError, match="message"):
        session.octets(index)


def test_uids_differ_and_stay() -> None:
    """Equal messages have different uids, and the same mailbox has the same uids again."""
    first, second = Maildrop([b"x", b"x"]), Maildrop([b"x", b"x"])

    assert 2 == len(first.messages)
    assert list(first.messages) == list(second.messages)
