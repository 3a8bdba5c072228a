"""flowed: paragraphs of format=flowed, joined where it is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message.flowed import unflow
from cfml_pop.parsing import parse_message
from cfml_pop.settings import Settings

__all__: list[str] = []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("one \r\ntwo\r\nthree\r\n", "one two\r\nthree\r\n"),
        ("one \ntwo", "one two"),
        ("> one \n> two\n", "> one two\n"),
        ("> one \n>> two\n", "> one \n>> two\n"),
        ("> one \ntwo\n", "> one \ntwo\n"),
        ("one \n-- \nKim \nJones\n", "one \n-- \nKim Jones\n"),
        (" >no quote\n From here\n  two blanks\n", ">no quote\nFrom here\n two blanks\n"),
        (">> a \n>>\n", ">> a \n"),
        ("end \n", "end \n"),
        ("", ""),
    ],
)
def test_paragraphs_are_joined(sent: str, shown: str) -> None:
    """Lines that end with a blank flow into the next one of their depth; a signature's line never does (RFC 3676, section 4)."""
    assert shown == unflow(sent)


def test_the_added_blank_goes() -> None:
    """With DelSp the blank at which a line was broken is no part of the text, as in languages without blanks."""
    assert "onetwo\n> three\n" == unflow("one \ntwo\n> th \n> ree\n", delete_blank=True)


LINES = st.lists(st.text("ab >-", max_size=6), max_size=8)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_nothing_but_blanks_and_ends_goes(lines: list[str], end: str, delete_blank: bool) -> None:
    """Every letter stays, in its order, whatever flows; quotes may be written once for several lines."""
    sent = end.join(lines)

    assert [letter for letter in sent if letter in "ab"] == [
        letter for letter in unflow(sent, delete_blank=delete_blank) if letter in "ab"
    ]


@given(st.lists(st.text("ab", max_size=6), max_size=8))
def test_a_text_that_does_not_flow_stays(lines: list[str]) -> None:
    """Lines without blanks at their ends are as sent."""
    assert "\n".join(lines) == unflow("\n".join(lines))


@pytest.mark.parametrize("unit", ["> ", "a \n", " ", ">", "\r", "\n", ">\n"])
def test_time_is_linear(unit: str) -> None:
    """A megabyte of one odd thing is read well within the time of a test, and does not grow."""
    assert len(unflow(unit * (1_000_000 // len(unit)))) <= 1_500_000


def test_the_setting() -> None:
    """A text stays as sent unless Settings(unflow=True) asks, and only one that says format=flowed is changed."""
    flowed = b'Content-Type: text/plain; format="Flowed"; delsp=yes\r\n\r\none \r\ntwo\r\n'
    fixed = flowed.replace(b"Flowed", b"fixed")
    unflowing = Settings(unflow=True)

    assert ("one \r\ntwo\r\n", "one \r\ntwo\r\n") == (parse_message(flowed).body, parse_message(flowed).textbody)
    assert "onetwo\r\n" == parse_message(flowed, settings=unflowing).body
    assert "onetwo\r\n" == parse_message(flowed, settings=unflowing).textbody
    assert "one \r\ntwo\r\n" == parse_message(fixed, settings=unflowing).body
