"""addresses: lists taken apart, and written so that they read back."""

from __future__ import annotations

from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message import addresses
from cfml_pop.message.addresses import Mailbox, as_it_stands, parse_addresses, write_addresses

__all__: list[str] = []

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        (b"kim@x.org", [("", "kim@x.org")]),
        (b'"Jones, Kim" <kim@x.org>', [("Jones, Kim", "kim@x.org")]),
        (b"kim@x.org (Kim)", [("Kim", "kim@x.org")]),
        (b"Kim <kim(work)@x.org(here)>", [("Kim", "kim@x.org")]),
        (b"Kim <a@x.org> <b@x.org>", [("Kim", "a@x.org"), ("", "b@x.org")]),
        (b"a@x.org; b@x.org", [("", "a@x.org"), ("", "b@x.org")]),
        (b"Kim Jones kim@x.org", [("Kim Jones", "kim@x.org")]),
        (b"kim @ x . org", [("", "kim@x.org")]),
        (b"=?utf-8?Q?kim=40x.org?=", [("kim@x.org", "")]),
        (b"<mailto:kim@x.org>", [("", "kim@x.org")]),
        (b"<>, , ;", []),
        (b"(nothing) ", []),
    ],
)
def test_odd_lists(value: bytes, mailboxes: list[tuple[str, str]]) -> None:
    """Addresses are found however they are written, and a name never becomes one."""
    assert mailboxes == [(box.name, box.address) for box in parse_addresses([value])]


NAMES = st.text('ab,<>@"\\();:. \xe9\u20ac', max_size=8).map(lambda name: " ".join(name.split()))


@given(st.lists(st.tuples(NAMES, st.sampled_from(["kim@x.org", "a.b@y.example", '"q q"@z.org'])), max_size=4))
def test_what_is_written_reads_back(pairs: list[tuple[str, str]]) -> None:
    """The line that is written names the same people when it is read again, whatever their names hold."""
    boxes = [Mailbox(name, address) for name, address in pairs]
    again = parse_addresses([write_addresses(boxes).encode("utf-8")])

    assert pairs == [(" ".join(box.name.split()), box.address) for box in again]


PIECES = (
    "Kim",
    "kim@x.org",
    "<kim@x.org>",
    "<",
    ">",
    '"',
    ",",
    ", ",
    ",\t",
    " ",
    "\t",
    ";",
    ":",
    "(",
    ")",
    "@",
    "\\",
    "=?utf-8?q?a?=",
    "=",
    "\x01",
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(lambda pieces: "".join(pieces).strip().encode()))
def test_a_list_that_is_written_as_it_stands(value: bytes) -> None:
    """Where a list is taken to be written already, reading and writing it gives the same."""
    text = as_it_stands(value)

    assert text in (None, write_addresses(parse_addresses([value])))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            b'kim@x.org, Kim Jones <kim@x.org>,\t"Jones, Kim" <kim@x.org>',
            'kim@x.org, Kim Jones <kim@x.org>, "Jones, Kim" <kim@x.org>',
        ),
        (b'"Kim" <kim@x.org>', None),
        (b"Kim  Jones <kim@x.org>", None),
        (b"kim@x.org,sam@x.org", None),
        (b"=?utf-8?q?a?= <kim@x.org>", None),
    ],
)
def test_which_lists_are_written_as_they_stand(value: bytes, text: str | None) -> None:
    """A list counts as written only without a blank, a quote or an encoded word that writing would change."""
    assert text == as_it_stands(value)


@given(st.lists(st.tuples(st.text("abc ", max_size=6), st.sampled_from(["kim@x.org", "b@y.example"])), max_size=4))
def test_sound_lists_against_the_standard_library(pairs: list[tuple[str, str]]) -> None:
    """In sound lists the addresses are those that email.utils finds."""
    line = ", ".join(f'"{name}" <{address}>' for name, address in pairs)

    assert [address for _, address in getaddresses([line]) if address] == [
        box.address for box in parse_addresses([line.encode()])
    ]


@given(st.binary(max_size=120))
def test_any_octets_are_a_list(value: bytes) -> None:
    """No octets raise, and what is written is one line."""
    assert not any(ord(char) < 32 for char in write_addresses(parse_addresses([value])))


UNITS = [
    b",",
    b'"a",',
    b'"',
    b'\\"',
    b"(",
    b"<",
    b"<a ",
    b'<"',
    b"=?a?q?",
    b"a:",
    b" ",
    b"a",
    b"@",
    b'a "',
    b"(a)",
    b"a @",
    b"; ",
]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_lists_take_linear_time(unit: bytes) -> None:
    """200,000 octets of one odd thing are read well within the time of a test, and the address behind them is not made up."""
    assert all("kim" not in box.address for box in parse_addresses([unit * (200_000 // len(unit))]))


@pytest.mark.parametrize("first", range(0x80, 0x800, 0x40))
def test_no_letter_is_torn(first: int) -> None:
    """A letter sent as raw UTF-8 stays whole in a name and in an address, whichever octets it has; C1 controls become blanks."""
    for letter in map(chr, range(first, first + 0x40)):
        sent_name, sent_local = f"a{letter}b {letter}c", f"l{letter}k"
        line = f"{sent_name} <{sent_local}@x.org>, {sent_local}@y.org ({sent_name})".encode()
        shown = {ord(turning): None for turning in TURNING} | dict.fromkeys(range(128, 160), " ")
        name, local = sent_name.translate(shown), sent_local.translate(shown)

        assert [(name, f"{local}@x.org"), (name, f"{local}@y.org")] == [
            (box.name, box.address) for box in parse_addresses([line])
        ]


def test_a_name_cannot_turn_the_text_around() -> None:
    """Characters that change the direction of what follows are left out of names and addresses."""
    sent = b"=?utf-8?q?=E2=80=AEmoc?= <a@b>, " + f"{TURNING}k@x.org".encode()

    assert "moc <a@b>, k@x.org" == write_addresses(parse_addresses([sent]))


def test_an_address_that_looks_like_a_word_stays_one() -> None:
    """What stands in brackets is an address, and is written so that it is read as one again."""
    boxes = parse_addresses([b"<=?utf-8?q?evil=40x=2Corg?=>"])

    assert ("", "=?utf-8?q?evil=40x=2Corg?=") == (boxes[0].name, boxes[0].address)
    assert boxes == parse_addresses([write_addresses(boxes).encode()])


LIST_PIECES = [
    *(
        b'"',
        b"Kim",
        b" ",
        b"Jones",
        b"<a@b.org>",
        b"a@b.org",
        b",",
        b", ",
        b"<",
        b">",
        b"@",
        b"=",
        b"?",
        b"\t",
        b"\0",
        b"\x1c",
        b"]",
    ),
    *(b"=?utf-8?Q?a=2Cb?=", b"=?utf-8?Q?=22Zo=C3=AB_x?=", b"=?u?q?a@b?=", b"mailto:", b"a=b@c", b'"Doe, J"', b"\r\n", b"^~{@x"),
    *(b"]", b"(c)", b"=?utf-8?B?4oCPYQ==?="),
]


@given(st.lists(st.sampled_from(LIST_PIECES), min_size=1, max_size=9).map(b"".join))
def test_the_short_way_gives_what_the_long_way_gives(value: bytes) -> None:
    """A list of simple addresses, read by the short way, holds what the tokenizer makes of it."""
    text = value.decode("latin-1")
    short = addresses._simple_list(text)

    assert not short or list(addresses._List(text).read()) == short
