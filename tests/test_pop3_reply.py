"""Status lines and list lines, right and odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.errors import POP3Error
from cfml_pop.pop3.reply import (
    Reply,
    parse_capabilities,
    parse_list_line,
    parse_reply,
    parse_stat,
    parse_uidl_line,
    plain_sizes,
    plain_uids,
    printable,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"+OK", Reply(True, "")),
        (b"+OK ", Reply(True, "")),
        (b"+ok  2 320", Reply(True, "2 320")),
        (b"+OK\tx", Reply(True, "x")),
        (b"-ERR", Reply(False, "")),
        (b"-ERR [in-use] locked", Reply(False, "locked", code="IN-USE")),
        (b"-ERR [SYS/TEMP/DISK] later", Reply(False, "later", code="SYS/TEMP/DISK")),
        (b"-ERR [AUTH]no", Reply(False, "no", code="AUTH")),
        (b"-ERR [two words] no", Reply(False, "[two words] no")),
        (b"+OK <1896.697170952@dbc.mtview.ca.us>", Reply(True, "<1896.697170952@dbc.mtview.ca.us>")),
        (b"-ERR caf\xe9 \x1b[31m\xe2\x80\xae", Reply(False, "caf\xe9  [31m\xe2 \xae")),
    ],
)
def test_a_status_line_gives_status_code_and_text(line: bytes, expected: Reply) -> None:
    """RFC 1939, section 3 and RFC 2449, section 8; control characters never reach a terminal."""
    assert expected == parse_reply(line, "PASS")


@pytest.mark.parametrize(
    "line", [b"", b"+", b"+OKAY", b"+ERR no", b"HELLO", b"OK", b" +OK", b"-ERROR", b"HTTP/1.1 400 Bad Request"]
)
def test_anything_else_is_no_status(line: bytes) -> None:
    """What is no status is an error that says what came and asks for the port."""
    with pytest.raises(POP3Error, match="no POP3 status in answer to PASS"):
        parse_reply(line, "PASS")


def test_stat_takes_the_first_two_numbers() -> None:
    """RFC 1939, section 5: more text may follow."""
    assert parse_stat(b"2 320 octets") == (2, 320)


@pytest.mark.parametrize("octets", [b"", b"2", b"-1 5", b"two 320", b"2 %!d(float64=5461)", b"2 99999999999999999999"])
def test_an_unreadable_stat_is_an_error(octets: bytes) -> None:
    """A count that is none must not become zero messages."""
    with pytest.raises(POP3Error, match="not two numbers"):
        parse_stat(octets)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"1 120", (1, 120)),
        (b"2 200 extra text\r", (2, 200)),
        (b"0 5", None),
        (b"-1 5", None),
        (b"1 -5", None),
        (b"1", None),
        (b"18446744073709551616 1", None),
        (b"3 %!d(float64=5461)", None),
    ],
)
def test_a_list_line_is_two_numbers(line: bytes, expected: tuple[int, int] | None) -> None:
    """Message numbers begin at 1; sizes are not negative."""
    assert expected == parse_list_line(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"1 whqtswO00WBw418f9t5JxYwZ", (1, "whqtswO00WBw418f9t5JxYwZ")),
        (b"2    many blanks", (2, "many blanks")),
        (b"3 a,b|c", (3, "a,b|c")),
        (b"4 " + b"x" * 200, (4, "x" * 200)),
        (b"5 \xff", (5, "\xff")),
        (b"6 ", (6, "")),
        (b"x y", None),
    ],
)
def test_a_uidl_line_is_a_number_and_the_rest(line: bytes, expected: tuple[int, str] | None) -> None:
    """Servers with several blanks, blanks inside and octets beyond ASCII are met."""
    assert expected == parse_uidl_line(line)


def test_capabilities_are_upper_case_tags_with_arguments() -> None:
    """RFC 2449, section 5: tags are compared without regard to case."""
    found = parse_capabilities([b"TOP", b"sasl PLAIN XOAUTH2", b"Expire 0", b""])

    assert {"TOP": (), "SASL": ("PLAIN", "XOAUTH2"), "EXPIRE": ("0",)} == found


def test_words_of_a_server_are_one_line() -> None:
    """Line ends and direction marks become blanks."""
    assert printable(b"a\r\nb\x00c\xe2\x80\xaed") == "a b c d"


PIECES = [
    b"1",
    b"20",
    b"0",
    b" ",
    b"a",
    b"\xff",
    b"\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"x<y>",
    b"123456789012345678901",
    b"1 20\r\n",
    b"\x85",
    b"\t",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
def test_many_lines_read_at_once_say_what_each_says(octets: bytes) -> None:
    """Where every line of LIST or UIDL is plain, reading all at once gives what reading one by one gives."""
    *lines, _ = octets.split(b"\n")
    block = b"\n".join(lines)

    assert plain_sizes(block) in ([parse_list_line(line.strip()) for line in lines], *fewer(plain_sizes(block), lines))
    assert plain_uids(block) in ([parse_uidl_line(line.strip()) for line in lines], *fewer(plain_uids(block), lines))


def fewer(found: list[tuple[int, int]] | list[tuple[int, str]], lines: list[bytes]) -> list[object]:
    """What was found, where it is not of every line: then it is not used."""
    return [found] if len(found) != len(lines) else []


def test_usual_lines_are_plain() -> None:
    """What servers send is read at once."""
    assert [(1, 120), (2, 0)] == plain_sizes(b"1 120\r\n2 0\r")
    assert [(1, "whqtswO00WBw418f9t5JxYwZ"), (12, "a,b|c")] == plain_uids(b"1 whqtswO00WBw418f9t5JxYwZ\r\n12 a,b|c\r")
