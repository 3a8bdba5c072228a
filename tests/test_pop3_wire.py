"""The framing: whatever the borders of the blocks, the same lines and bodies come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.errors import LimitExceeded, NetworkError
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.wire import OutOfStep, Wire
from tests.servers.playback import Playback, cut
from tests.servers.scripted import stuffed


def read(wire: Wire, limit: int = 1_000_000) -> Steps[tuple[bytes, bytes]]:
    """A status line and its body."""
    line = yield from wire.status(8192, "RETR")
    pieces: list[bytes] = []
    size = yield from wire.body(pieces.append, limit, "message", "RETR")
    assert size == len(b"".join(pieces))
    return line, b"".join(pieces)


def play(*blocks: bytes, limit: int = 1_000_000) -> tuple[bytes, bytes]:
    return Playback(blocks).run(read(Wire(), limit))


dotty = st.lists(
    st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a", b"\xff", b"\0", b"..", b"\r\n.", b"+OK x\r\n"]), max_size=30
).map(b"".join)
sizes = st.lists(st.integers(1, 7), max_size=200)


@given(message=dotty, sizes=sizes)
def test_a_body_is_the_same_however_it_is_cut(message: bytes, sizes: list[int]) -> None:
    """What was stuffed and cut anywhere comes out as it was, with the line end that POP3 adds to an unfinished last line."""
    whole = message if message.endswith(b"\r\n") or not message else message + b"\r\n"
    stream = b"+OK\r\n" + stuffed(message) + b"+OK next\r\n"

    assert play(*cut(stream, sizes)) == (b"+OK", whole)


@given(message=st.lists(st.sampled_from([b".", b"a", b"..", b"\r", b"b\0"]), max_size=12).map(b"\n".join), sizes=sizes)
def test_a_server_that_ends_lines_with_lf_is_read_in_lf_mode(message: bytes, sizes: list[int]) -> None:
    """The status line of an answer says which line end its body has."""
    body = b"".join((b"." + line if line.startswith(b".") else line) + b"\n" for line in message.split(b"\n"))

    assert play(*cut(b"+OK\n" + body + b".\n", sizes)) == (b"+OK", message + b"\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n"),  # a bare LF does not end a CRLF body
        (b"a\r\n.\nb\r\n.\r\n", b"a\r\n\nb\r\n"),
        (b"a\r\r\n.\r\n", b"a\r\r\n"),
        (b"a\n\r.\nb\r\n.\r\n", b"a\n\r.\nb\r\n"),
        (b"a\r\n.\rx\r\n.\r\n", b"a\r\n\rx\r\n"),
        (b"..\r\n...\r\n....\r\n.\r\n", b".\r\n..\r\n...\r\n"),
        (b".foo\r\n.\r\n", b"foo\r\n"),
    ],
)
def test_only_a_dot_alone_on_a_crlf_line_ends_a_body(body: bytes, expected: bytes) -> None:
    """Everything else that looks like an end is data, at every cut of the stream."""
    stream = b"+OK\r\n" + body

    assert {play(stream[:i], stream[i:]) for i in range(1, len(stream))} == {(b"+OK", expected)}


def test_answers_that_arrive_together_are_told_apart() -> None:
    """What follows a body belongs to the next answer."""

    def two(wire: Wire) -> Steps[list[tuple[bytes, bytes]]]:
        wire.send("RETR", 1)
        wire.send("RETR", 2)
        yield from wire.status(100, "")
        return [(yield from read(wire)), (yield from read(wire))]

    stream = b"+OK hi\r\n+OK 1\r\none\r\n.\r\n+OK 2\r\n.two\r\n.\r\n"

    assert Playback([stream]).run(two(Wire())) == [(b"+OK 1", b"one\r\n"), (b"+OK 2", b"two\r\n")]


@pytest.mark.parametrize(
    "stream", [b"", b"+O", b"+OK\r\n", b"+OK\r\nabc", b"+OK\r\nabc\r\n", b"+OK\r\nabc\r\n.", b"+OK\r\nabc\r\n.\r"]
)
def test_an_end_before_the_final_dot_is_an_error(stream: bytes) -> None:
    """A cut message is never taken for a whole one."""
    with pytest.raises(NetworkError, match="closed the connection before its answer to RETR was complete"):
        play(stream)


def test_a_status_line_has_a_limit() -> None:
    """An endless line is given up after 8192 octets, in small blocks and in one."""
    for blocks in ([b"x" * 100_000], [b"x"] * 10_000):
        with pytest.raises(LimitExceeded, match="more than 8192 octets"):
            play(*blocks)


def test_a_body_has_a_limit() -> None:
    """A body longer than the limit raises, and names the limit."""
    with pytest.raises(LimitExceeded) as caught:
        play(b"+OK\r\n", *[b"x" * 1000] * 20, limit=10_000)

    assert (caught.value.limit, caught.value.value) == ("message", 10_000)


def test_an_answer_before_its_question_is_refused() -> None:
    """Octets that precede the command they would answer were put there by somebody who guesses."""

    def guessed(wire: Wire) -> Steps[None]:
        yield from wire.status(100, "")
        wire.send("PASS", "x")

    with pytest.raises(OutOfStep, match="before PASS was asked"):
        Playback([b"+OK hi\r\n+OK logged in\r\n"]).run(guessed(Wire()))
