"""Every limit of the reader: at the limit all is read and nothing is said; one above, the rest is left and the defects say so.

Rule: LIMITS has a line for each, with what makes a mail of that many; the reason for a limit stands beside its constant.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from cfml_pop.dates import LONGEST as LONGEST_DATE
from cfml_pop.dates import parse_date
from cfml_pop.message.addresses import MAX_ADDRESSES
from cfml_pop.message.headers import HEADER_LIMIT, MAX_FIELDS, PART_HEADER_LIMIT, Headers
from cfml_pop.message.message import Message
from cfml_pop.message.names import LONGEST, clean_name
from cfml_pop.message.parameters import CONTINUATIONS, LIMIT, Parameters
from cfml_pop.message.parts import FIELD_LIMIT, MAX_DEPTH, MAX_PARTS, TAIL
from cfml_pop.message.quoted import MOST_BLANKS, decode_quoted
from cfml_pop.parsing import parse_message

__all__: list[str] = []

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth))
    return head + b"\r\ntext" + b"".join(b"\r\n--b%d--" % level for level in reversed(range(depth)))


def many_parts(number: int) -> bytes:
    return MIXED + b"--b\r\n\r\ntext\r\n" * number + b"--b--\r\n"


def header_of(size: int) -> bytes:
    line = b"X: " + b"x" * 500 + b"\r\n"
    lines = line * (size // len(line) - 1)
    return lines + b"Y: " + b"y" * (size - len(lines) - 5) + b"\r\n\r\ntext"


def part_header_of(size: int) -> bytes:
    return MIXED + b"--b\r\n" + header_of(size) + b"\r\n--b--\r\n"


def fields(number: int) -> bytes:
    return b"a:\r\n" * number + b"\r\ntext"


def addresses(number: int) -> bytes:
    return b"To: " + b",\r\n ".join([b"k@x.org"] * number) + b"\r\n\r\ntext"


def addresses_without_commas(number: int) -> bytes:
    return b"To: " + b" ".join([b"<k@x.org>"] * number) + b"\r\n\r\ntext"


def groups(number: int) -> bytes:
    return b"To: " + b" ".join([b"a:;"] * number) + b"\r\n\r\ntext"


def addresses_in_two_fields(number: int) -> bytes:
    return b"Cc: a@x.org\r\nCC: " + b",".join([b"Kim <k@x.org>"] * (number - 1)) + b"\r\n\r\ntext"


def parameters(number: int) -> bytes:
    more = b"".join(b"; a%d=x" % place for place in range(number - 1))
    return MIXED + b"--b\r\nContent-Type: text/plain; charset=utf-8%b\r\n\r\ntext\r\n--b--\r\n" % more


def continuations(number: int) -> bytes:
    more = b"".join(b";f*%d=x" % place for place in range(number))
    return b"Content-Type: text/plain%b\r\n\r\ntext" % more


def long_field(size: int) -> bytes:
    value = b"text/plain; x="
    return b"Content-Type: " + value + b"x" * (size - len(value)) + b"\r\n\r\ntext"


LIMITS: dict[str, tuple[int, Callable[[int], bytes], str]] = {
    "depth": (MAX_DEPTH, nested, "parts nest deeper than 64; what is inside was left as it is"),
    "parts": (MAX_PARTS, many_parts, "there are more than 5000 parts; the rest was left as one"),
    "header": (HEADER_LIMIT, header_of, "the header is too long and was cut"),
    "header of a part": (PART_HEADER_LIMIT, part_header_of, "the header of a part is too long and was cut"),
    "fields": (MAX_FIELDS, fields, "the header has more than 10000 fields; the rest was left unread"),
    "addresses": (MAX_ADDRESSES, addresses, "there are more than 10000 addresses; the others are only in the header"),
    "addresses without commas": (
        MAX_ADDRESSES,
        addresses_without_commas,
        "there are more than 10000 addresses; the others are only in the header",
    ),
    "groups": (MAX_ADDRESSES, groups, "there are more than 10000 addresses; the others are only in the header"),
    "addresses in two fields": (
        MAX_ADDRESSES,
        addresses_in_two_fields,
        "there are more than 10000 addresses; the others are only in the header",
    ),
    "parameters": (LIMIT, parameters, "a field of a part has too many parameters; the rest was left unread"),
    "continuations": (CONTINUATIONS, continuations, "a field of a part has too many parameters; the rest was left unread"),
    "field": (FIELD_LIMIT, long_field, "a field of a part is too long and was cut"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limit(name: str) -> None:
    """At the limit nothing is said; one above the defects say what was left, and there is a row all the same."""
    limit, make, defect = LIMITS[name]
    at, above = parse_message(make(limit)), parse_message(make(limit + 1))

    assert ((), (defect,)) == (at.defects, above.defects)
    assert at.body.startswith("text")
    assert "text" in above.body or "text" in "".join(part.text for part in Message(make(limit + 1)).parts)


def test_depth() -> None:
    """The text below 64 multiparts is read; below 65 it is inside one attachment."""
    assert ("text", "") == (parse_message(nested(MAX_DEPTH)).body, parse_message(nested(MAX_DEPTH + 1)).body)
    assert "part-1.bin" == parse_message(nested(MAX_DEPTH + 1)).attachments


def test_parts() -> None:
    """The last part that is told apart has all that follows."""
    at, above = Message(many_parts(MAX_PARTS)).parts, Message(many_parts(MAX_PARTS + 2)).parts

    assert ([b"text"] * MAX_PARTS) == [part.decoded() for part in at]
    assert (MAX_PARTS, b"text\r\n--b\r\n\r\ntext\r\n--b\r\n\r\ntext\r\n--b--\r\n") == (len(above), above[-1].decoded())


def test_parts_of_many_multiparts() -> None:
    """Multiparts inside one another share the limit: their parts are no more than the limit and one for each of them."""
    inner = b"--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n" + b"--i\r\n\r\nx\r\n" * 600 + b"--i--\r\n"
    message = Message(MIXED + inner * 10 + b"--b--\r\n")

    assert MAX_PARTS - 10 <= len(message.parts) <= MAX_PARTS + 10
    assert "there are more than 5000 parts; the rest was left as one" in message.defects


def test_addresses() -> None:
    """The first addresses of a column are there, and its text has as many."""
    row = parse_message(addresses(MAX_ADDRESSES + 500))

    assert (MAX_ADDRESSES, MAX_ADDRESSES - 1) == (len(row.to.addresses), row.to.count(", "))


def test_names() -> None:
    """A name of 200 octets is kept; of a longer one the extension and as many whole letters as fit."""
    for name in ("x" * (LONGEST - 4) + ".txt", "\xe9" * 98 + ".txt", "x" * LONGEST):
        assert (name, LONGEST) == (clean_name(name), len(name.encode()))
    assert "x" * (LONGEST - 4) + ".txt" == clean_name("x" * (LONGEST - 3) + ".txt")
    assert "\xe9" * 98 + ".txt" == clean_name("\xe9" * 99 + ".txt")
    assert "x" * LONGEST == clean_name("x" * (LONGEST + 1))


def test_dates() -> None:
    """A date within the first thousand characters is read; what stands behind them is not looked at."""
    date = "2 Mar 2026 10:00:00 +0000"
    at = "x" * (LONGEST_DATE - len(date) - 1) + " " + date

    assert parse_date(date) == parse_date(at)
    assert parse_date(date) is not None
    assert None is parse_date("x" + " x" * (LONGEST_DATE // 2) + at)


def test_parameters_and_continuations() -> None:
    """Exactly so many are read, and a name in as many pieces is whole."""
    field = b"x/y" + b"".join(b"; p%d=%d" % (number, number) for number in range(LIMIT + 1))
    pieces = b"x/y" + b"".join(b"; name*%d=a" % number for number in range(CONTINUATIONS + 1))

    read = Parameters(field)
    assert (str(LIMIT - 1), "", True) == (read.get(f"p{LIMIT - 1}"), read.get(f"p{LIMIT}"), read.more)
    read = Parameters(pieces)
    assert ("a" * CONTINUATIONS, True) == (read.get("name"), read.more)


def test_fields() -> None:
    """Exactly so many fields are told apart; the block has all of them."""
    headers = Headers(fields(MAX_FIELDS + 1).partition(b"\r\n\r\n")[0])

    assert (MAX_FIELDS, MAX_FIELDS + 1) == (len(headers.fields), headers.block.count(b"a:"))


def test_blanks_behind_a_boundary() -> None:
    """As many blanks as are looked at may stand behind a boundary; with more the line is text."""
    at = MIXED + b"--b\r\n\r\none\r\n--b" + b" " * (TAIL - 2) + b"\r\n\r\ntwo\r\n--b--\r\n"
    above = at.replace(b"--b  ", b"--b     ")

    assert ("one\r\n\r\ntwo", 1) == (parse_message(at).textbody, len(Message(above).parts))


def test_blanks_at_a_line_end() -> None:
    """As many blanks as a line of mail may have go from the end of one in quoted-printable; more stay."""
    at, above = b"a" + b" " * MOST_BLANKS + b"\r\nb", b"a" + b" " * (MOST_BLANKS + 1) + b"\r\nb"

    assert (b"a\r\nb", above) == (decode_quoted(at), decode_quoted(above))


NO_LIMITS = {"_SEVERAL", "_NAMED", "_BEGIN_LONGEST"}
"""Two bits in numbers of TNEF, and the length of a pattern."""


def test_each_limit_has_its_reason() -> None:
    """Beside each constant that is a limit stands a text that says why, in more than a few words."""
    room = Path(__file__).parent.parent / "cfml_pop" / "message"
    bare = []
    for path in sorted(room.glob("*.py")):
        body = ast.parse(path.read_bytes()).body
        for node, following in zip(body, [*body[1:], None], strict=True):
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            name = node.targets[0].id
            number = isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
            number |= isinstance(node.value, ast.BinOp) and not any(isinstance(part, ast.Name) for part in ast.walk(node.value))
            said = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant) and following.value.value
            if number and name not in NO_LIMITS and not (isinstance(said, str) and len(said.split()) >= 4):
                bare.append(f"{path.name}: {name}")

    assert [] == bare
