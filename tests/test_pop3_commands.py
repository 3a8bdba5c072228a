"""Command lines: no argument can become a second command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.errors import AttributeFault
from cfml_pop.pop3.commands import encode_command
from cfml_pop.secret import Secret


def test_words_are_joined_by_blanks() -> None:
    """A command is a keyword and its arguments on one line; blanks in a password are part of it."""
    assert (b"TOP 3 0\r\n", b"PASS a b\r\n") == (encode_command("TOP", 3, 0), encode_command("PASS", Secret("a b")))


@given(st.text(min_size=1, max_size=40))
def test_an_argument_is_one_line_or_refused(text: str) -> None:
    """Whatever the argument, the octets hold exactly one line end, at their end; otherwise nothing is made."""
    try:
        line = encode_command("USER", text)
    except AttributeFault:
        assert any(ord(c) < 32 or ord(c) == 127 for c in text) or len(text.encode("utf-8", "surrogateescape")) > 240
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(c) < 0xE000 for c in text)
    else:
        assert (1, True, -1) == (line.count(b"\n"), line.endswith(b"\r\n"), line[:-2].find(b"\r"))


@pytest.mark.parametrize("text", ["a\r\nDELE 1", "a\n", "a\rb", "a\0", "\x7f"])
def test_a_control_character_is_refused_without_showing_the_secret(text: str) -> None:
    """The error names the character and not the password around it."""
    with pytest.raises(AttributeFault, match="control character U\\+00") as caught:
        encode_command("PASS", Secret("tiger" + text))

    assert "tiger" not in str(caught.value)


@pytest.mark.parametrize(("text", "words"), [("", "is empty"), ("x" * 249, "would have 256 octets")])
def test_an_argument_that_cannot_be_sent_is_refused(text: str, words: str) -> None:
    """RFC 2449, section 4 allows 255 octets a command; an empty argument would shift the others."""
    with pytest.raises(AttributeFault, match=words):
        encode_command("USER", text)
