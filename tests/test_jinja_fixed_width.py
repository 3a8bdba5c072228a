"""Columns of plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from cfml_pop.jinja.fixed_width import fixed_width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab", "ab      "),
        ("abcdefgh", "abcdefgh"),
        ("abcdefghi", "abcde..."),
        ("日本", "日本    "),
        ("日本語版", "日本語版"),
        ("日本語版だ", "日本... "),
        ("e\u0301te\u0301", "e\u0301te\u0301     "),
        ("a\u202eb\x1b\n", "a\ufffdb\ufffd\ufffd   "),
        ("\u2066a\u200f", "\ufffda\ufffd     "),
        (7, "7       "),
    ],
)
def test_width(text: object, expected: str) -> None:
    """Text is cut or filled up to the cells that a terminal gives it; what could move the cursor or turn the line is replaced."""
    assert expected == fixed_width(text, 8)


@given(st.text("aあ\u0301\n\u202e★", max_size=30))
def test_nothing_moves_the_next_column(text: str) -> None:
    """Whatever the text is, it stays one line of printable signs that takes all cells and no more."""
    cut = fixed_width(text, 9)
    assert cut.isprintable()
    assert 9 == sum({"あ": 2, "\u0301": 0}.get(sign, 1) for sign in cut)


def test_filter() -> None:
    """The filter comes with the extension, and does not replace one of the host's."""
    assert (
        "[a  ]"
        == Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=True).from_string("[{{ 'a'|fixed_width(3) }}]").render()
    )
    environment = Environment(autoescape=True)
    environment.filters["fixed_width"] = str.upper
    environment.add_extension("cfml_pop.CfpopExtension")
    assert "A" == environment.from_string("{{ 'a'|fixed_width }}").render()
