"""The functions of regular expressions; the cases are answers of Lucee 5.4."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml import perl5
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions.regex import FAMILY
from cfml_pop.errors import FunctionFault
from tests.functions_text_support import Case, call, said, without_a_case

NONE = {"pos": [0], "len": [0], "match": [""]}

CASES: list[Case] = [
    ("reFind", ("b", "abc"), 2),
    ("reFind", ("b", "abc", 3), 0),
    ("reFind", ("b", "abc", 99), 0),
    ("reFind", ("b", "abc", 0), 2),
    ("reFind", ("b", "abc", -3), 2),
    ("reFind", ("B", "abc"), 0),
    ("reFind", ("", "abc"), 1),
    ("reFind", ("", ""), 0),
    ("reFind", ("^$", ""), 0),
    ("reFind", ("", "abc", 4), 0),
    ("reFind", ("^b", "abc", 2), 0),
    ("reFind", ("(?m)^b", "a\nb"), 3),
    ("reFind", ("(?i)B", "abc"), 2),
    ("reFind", ("[[:digit:]]{2}", "ab12"), 3),
    ("reFind", (r"\d{3}-\d{4}", "tel 555-1234"), 5),
    ("reFind", ("x", "abc", 1, True), NONE),
    ("reFind", ("(b)(x)?", "abc", 1, True), {"pos": [2, 2, 0], "len": [1, 1, 0], "match": ["b", "b", ""]}),
    ("reFind", ("$", "abc", 1, True), {"pos": [4], "len": [0], "match": [""]}),
    ("reFind", ("b", "abcb", 1, False, "all"), [2, 4]),
    ("reFind", ("x", "abcb", 1, False, "all"), 0),
    ("reFind", ("x", "abcb", 1, True, "all"), [NONE]),
    (
        "reFind",
        ("b", "abcb", 1, True, "ALL"),
        [{"pos": [2], "len": [1], "match": ["b"]}, {"pos": [4], "len": [1], "match": ["b"]}],
    ),
    ("reFindNoCase", ("B", "abc"), 2),
    ("reFindNoCase", ("É", "abcé"), 4),
    ("reMatch", ("[0-9]+", "a1b22"), ["1", "22"]),
    ("reMatch", ("(a)(b)", "abab"), ["ab", "ab"]),
    ("reMatch", ("x", "abab"), []),
    ("reMatch", ("a*", "baac"), ["", "aa", ""]),
    ("reMatch", ("^$", ""), [""]),
    ("reMatchNoCase", ("A", "aA"), ["a", "A"]),
    ("reReplace", ("abc", "b", "x"), "axc"),
    ("reReplace", ("abcb", "b", "x"), "axcb"),
    ("reReplace", ("abcb", "b", "x", "all"), "axcx"),
    ("reReplace", ("abcb", "b", "x", " ALL "), "axcx"),
    ("reReplace", ("abcb", "(b)", r"[\1]", "all"), "a[b]c[b]"),
    ("reReplace", ("abcb", "(b)", r"[\0]", "all"), "a[b]c[b]"),
    ("reReplace", ("abcb", "b", r"[\1]", "all"), "a[]c[]"),
    ("reReplace", ("hello", "(h)(x)?", r"[\2]"), "[]ello"),
    ("reReplace", ("abcb", "(b)", r"\u\1x", "all"), "aBxcBx"),
    ("reReplace", ("hello world", r"(\w+)", r"\u\1", "all"), "Hello World"),
    ("reReplace", ("hello world", r"(\w+)", r"\U\1\E!", "all"), "HELLO! WORLD!"),
    ("reReplace", ("HELLO World", r"(\w+)", r"\L\1", "one"), "hello World"),
    ("reReplace", ("HELLO World", r"(\w+)", r"\l\1", "all"), "hELLO world"),
    ("reReplace", ("hello world", r"(\w+) (\w+)", r"\U\1 \2\E \1"), "HELLO WORLD hello"),
    ("reReplace", ("hello", "(h)", r"\uabc\1"), "Abchello"),
    ("reReplace", ("hello", "(h)(e)", r"\Uabc\1\Edef\2"), "ABCHdefello"),
    ("reReplace", ("hello there", "(h)(e)", r"\U\1\E\2\L\2\E", "all"), "Heello tHeere"),
    ("reReplace", ("hello", "(h)(e)", r"\u"), "llo"),
    ("reReplace", ("hello", "(x)?(h)", r"\u\1abc"), "Abcello"),
    ("reReplace", ("hello", "(h)", r"\E\1"), "hello"),
    ("reReplace", ("hello", "(h)(e)", r"a\2\1b\0"), "aehbhello"),
    ("reReplace", ("hello", "(h)", r"\\1"), r"\hello"),
    ("reReplace", ("hello", "(h)", "$1"), "$1ello"),
    ("reReplace", ("hello", "(h)", r"\$1"), r"\$1ello"),
    ("reReplace", ("hello", "(h)", r"\n"), r"\nello"),
    ("reReplace", ("hello", "(h)", "\\\\"), "\\\\ello"),
    ("reReplace", ("hello", "(h)", "a\\"), "a\\ello"),
    ("reReplace", ("hello", "(h)", r"\x"), r"\xello"),
    ("reReplace", ("hello", "(h)", "+?^&"), "+?^&ello"),
    ("reReplace", ("hello", "(h)", r"\10"), "ello"),
    ("reReplace", ("hello", "h*", "-", "all"), "-e-l-l-o-"),
    ("reReplace", ("abc", "", "-", "all"), "-a-b-c-"),
    ("reReplace", ("ba", "|a", "-", "all"), "-b--"),
    ("reReplace", ("", "x*", "-", "all"), "-"),
    ("reReplace", ("<b>x</b><i>", "<[^>]*>", "", "all"), "x"),
    ("reReplace", ("a\nb", "a.b", "x"), "x"),
    ("reReplace", ("test 123!", "[^a-z0-9]", "", "ALL"), "test123"),
    ("reReplace", ("123abc456", "[0-9]+([a-z]+)[0-9]+", r"\1"), "abc"),
    ("reReplaceNoCase", ("ABC", "b", "x"), "AxC"),
    ("reReplaceNoCase", ("ABCb", "b", "x", "all"), "AxCx"),
    ("reEscape", ("a.b*c[d]\\e+f?(g){h}|^$",), r"a\.b\*c\[d\]\\e\+f\?\(g\)\{h\}\|\^\$"),
]

FAULTS = [
    (
        "reFind",
        ("a(b", "abc"),
        "reFind(): reg_expression is no regular expression of CFML: a ( without its ), at character 2 of 'a(b'",
    ),
    (
        "reReplace",
        ("abc", "b", "x", "foo"),
        "reReplace(): scope must be one or all, not 'foo'",
    ),
    (
        "reReplace",
        ("a" * 10_000, "a", "b" * 10_000, "all"),
        "reReplace(): would make 32010000 characters; the limit is 32000000",
    ),
    (
        "reReplace",
        ("a" * 10_000, "a+", r"\0" * 4000, "all"),
        "reReplace(): would make 32010000 characters; the limit is 32000000",
    ),
]


@pytest.mark.parametrize(("name", "given_", "expected"), CASES)
def test_cases(name: str, given_: tuple[Any, ...], expected: Any) -> None:
    """Each function gives what Lucee gives."""
    assert expected == call(FAMILY, name, *given_)


def test_every_function_has_a_case() -> None:
    """Every function names its source and is called by the table."""
    assert [] == without_a_case(FAMILY, CASES)


@pytest.mark.parametrize(("name", "given_", "expected"), FAULTS)
def test_faults(name: str, given_: tuple[Any, ...], expected: str) -> None:
    """A wrong argument is one error with the function, the argument and what is accepted."""
    with pytest.raises(FunctionFault) as caught:
        call(FAMILY, name, *given_)

    assert expected == said(caught.value)


def test_a_hostile_mail_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's own careless pattern on a mail made for it is a FunctionFault after the time limit."""
    monkeypatch.setattr(perl5, "TIME_LIMIT", 0.05)

    with pytest.raises(FunctionFault, match=r"^reReplace\(\): took longer than 0\.05 s: the pattern has too many ways"):
        call(FAMILY, "reReplace", "a" * 80 + "!", "(a|aa)+$", "")


def test_results_are_of_cfml() -> None:
    """Arrays count from 1, and structs take names in any case."""
    found = call(FAMILY, "reFind", "(b)", "abc", 1, True)

    assert isinstance(found, Struct)
    assert isinstance(found["POS"], Array)
    assert 2 == found["POS"][1]


def test_names_of_arguments() -> None:
    """Arguments may be given by name, in any case."""
    assert 4 == call(FAMILY, "refind", reg_Expression="b", STRING="abcb", start=3)


@given(st.text(alphabet="ab12 -", max_size=30), st.sampled_from(["[ab]+", r"(\w)(\d)?", "(a|b)*", r"\s", "b?"]))
def test_positions_are_those_of_mid(text: str, pattern: str) -> None:
    """pos and len are what mid() takes to give the match."""
    for found in call(FAMILY, "reFind", pattern, text, 1, True, "all"):
        for begin, size, part in zip(found["pos"], found["len"], found["match"], strict=True):
            assert part == text[begin - 1 : begin - 1 + size]


@given(st.text(), st.text(), st.text())
def test_an_escaped_text_matches_itself(before: str, text: str, after: str) -> None:
    """reEscape makes a pattern that finds the text where find() finds it."""
    whole = before + text + after
    expected = whole.find(text) + 1 if whole else 0

    assert expected == call(FAMILY, "reFind", call(FAMILY, "reEscape", text), whole)


@given(st.text(alphabet="abc1 ", max_size=30), st.sampled_from(["a", "[ab]+", "c1?", "(?:ab)+", "(a)(b)?"]))
def test_replace_as_python_does(text: str, pattern: str) -> None:
    """For patterns that both read alike and that match no empty text, the result is that of `re.sub`."""
    assert re.sub(pattern, r"<\g<0>>", text) == call(FAMILY, "reReplace", text, pattern, r"<\0>", "all")


@given(st.text(max_size=20))
def test_any_template(template: str) -> None:
    """Any text can be put in place of a match."""
    assert isinstance(call(FAMILY, "reReplace", "hello", "(h)(e)", template), str)
