"""The text of CFML's tags in a template's source."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from cfml_pop.jinja import source
from cfml_pop.jinja.source import quote_tags, string_end
from tests.tags_support import tags_environment

NAMES = ("cfset", "cfif", "cfelse", "cfelseif")
CFML = tags_environment()
JINJA = Environment()  # noqa: S701 - nothing is rendered


def quote(text: str, environment: Environment = CFML) -> str:
    return quote_tags(environment, text, NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<% cfset x = a & b %>", '<% cfset" x = a & b "%>'),
        ("<%- CFSET\nx = 1\n-%>", '<%- cfset"\nx = 1\n"-%>'),
        ('<% cfset x = "%>" %>', '<% cfset" x = \\"%>\\" "%>'),
        ("<% cfset x = 'a\\b' %>", "<% cfset\" x = 'a\\\\b' \"%>"),
        ('<% cfset x = "#f("%>")#" %>', '<% cfset" x = \\"#f(\\"%>\\")#\\" "%>'),
        ('<% cfset x = """%>""" %>', '<% cfset" x = \\"\\"\\"%>\\"\\"\\" "%>'),
        ("<% cfelse %>", '<% cfelse" "%>'),
        ("<% /cfif %>", "<% endcfif %>"),
        ("<% / \n CFIF %>", "<% \nendcfif %>"),
        ("<% EndCfIf -%>", "<% endcfif -%>"),
        ("<% cfelseif x %>", '<% cfelseif" x "%>'),
        ("<% cfsetx & %>", "<% cfsetx & %>"),
        ("<% xcfset & %>", "<% xcfset & %>"),
        ("cfset x & y", "cfset x & y"),
        ("<%# <% cfset x %> #%>", "<%# <% cfset x %> #%>"),
        ("<%# it's #%><% cfset x %>", '<%# it\'s #%><% cfset" x "%>'),
        ("<% raw %><% cfset x %><% endraw %><% cfset x %>", '<% raw %><% cfset x %><% endraw %><% cfset" x "%>'),
        ("<%- raw -%><% cfset x %>", "<%- raw -%><% cfset x %>"),
        ("{{ '<% cfset x %>' }}", "{{ '<% cfset x %>' }}"),
        ("{{ '\\'<% cfset x %>' }}", "{{ '\\'<% cfset x %>' }}"),
        ('<% set a = "<% cfset x %>" %>', '<% set a = "<% cfset x %>" %>'),
        ("<% cfset x = 1", "<% cfset x = 1"),
        ("<%# never closed <% cfset x %>", "<%# never closed <% cfset x %>"),
    ],
)
def test_quoted(text: str, expected: str) -> None:
    """The text of our tags is put in quotes; comments, raw blocks, output and other statements are left as they are."""
    assert expected == quote(text)


def test_other_delimiters() -> None:
    """The environment's own delimiters are what counts."""
    assert '{%+ cfset" x & 1 "-%}<% cfset x %>{# {% cfset %} #}' == quote(
        "{%+ cfset x & 1 -%}<% cfset x %>{# {% cfset %} #}", JINJA
    )


WORDS = ["<%", "%>", "cfset", '"', "'", "#", "x", "=", "{{", "}}", "<%#", "#%>", "raw", "endraw", "/", "\\", "end", " ", "\n"]
PIECES = st.lists(st.sampled_from(WORDS), max_size=25).map("".join)


@given(PIECES)
def test_no_line_moves(text: str) -> None:
    """Whatever the source, its lines stay, and without the quotes and what they need it is the same text."""
    quoted = quote(text)
    assert text.count("\n") == quoted.count("\n")

    def bare(one: str) -> str:
        return re.sub(r"[\"\\/\s]|end", "", one)

    assert bare(text) == bare(quoted)


@given(st.text(alphabet="\"'#a\n", max_size=60))
def test_ends_are_found_in_bounded_time(text: str) -> None:
    """A string ends behind a quote of its kind or nowhere, however quotes and hashes lie in one another."""
    for position, character in enumerate(text):
        if character in "\"'":
            end = string_end(text, position)
            assert end == -1 or (end > position + 1 and text[end - 1] == character)


def test_many_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strings in expressions in strings, hundreds of times: no place is read twice at the same depth."""
    read: list[tuple[int, int]] = []
    find_hash = source._Ends.find_hash

    def watched(ends: source._Ends, at: int, depth: int) -> int:
        read.append((at, depth))
        return find_hash(ends, at, depth)

    monkeypatch.setattr(source._Ends, "find_hash", watched)
    string_end("\"#'#'#" * 200 + "\n", 0)
    assert 0 < len(read) == len(set(read))


@pytest.mark.parametrize("piece", ["<% cfset x ", "<% cfset 'a ", '<% cfset x = "#', "<% cfset \"a''#"])
@pytest.mark.parametrize("end", ["", "'%>'", '"%>"'])
def test_tags_without_an_end(piece: str, end: str) -> None:
    """Each of many tags that never end looks only at what none before it has looked at."""

    class Counted(str):
        looks = 0

        def startswith(self, *given: Any) -> bool:
            Counted.looks += 1
            return super().startswith(*given)

    text = Counted(piece * 500 + end)
    quote(text)
    assert 0 < Counted.looks < 30 * len(text)
