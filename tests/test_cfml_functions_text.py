"""The functions of text; the cases are answers of Lucee 5.4, but those that say otherwise."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.escaped import Escaped
from cfml_pop.cfml.functions import text_changes
from cfml_pop.cfml.functions.text import FAMILY as TEXT
from cfml_pop.cfml.functions.text_changes import FAMILY as CHANGES
from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault
from tests.functions_text_support import Case, call, said, without_a_case

MAIL = Query.from_rows(["subject", "size"], [{"subject": "Hello", "size": 12}, {"subject": "", "size": 3}])

CASES: list[Case] = [
    ("len", (" a ",), 3),
    ("len", ("",), 0),
    ("len", (123,), 3),
    ("len", (True,), 4),
    ("len", (Array([1, 2, 3]),), 3),
    ("len", (Struct({"a": 1}),), 1),
    ("len", (dt.datetime(2026, 11, 26, 19, 28, 9),), 26),
    ("len", (b"abc",), 3),
    ("len", (MAIL,), 2),
    ("len", (MAIL.subject,), 5),
    ("left", ("abc", 2), "ab"),
    ("left", ("abc", 5), "abc"),
    ("left", ("", 2), ""),
    ("left", ("abc", 1.9), "a"),
    ("left", ("abc", "2"), "ab"),
    ("left", ("abc", -1), "ab"),
    ("left", ("abc", -3), "abc"),
    ("left", ("abc", -5), "abc"),
    ("left", (MAIL.subject, 4), "Hell"),
    ("right", ("abc", 2), "bc"),
    ("right", ("abc", 9), "abc"),
    ("right", ("abc", -1), "bc"),
    ("right", ("abc", -3), "abc"),
    ("right", ("abc", -5), "abc"),
    ("right", ("", 1), ""),
    ("mid", ("abcdef", 2, 3), "bcd"),
    ("mid", ("abcdef", 2), "bcdef"),
    ("mid", ("abcdef", 2, 0), ""),
    ("mid", ("abcdef", 2, -1), "bcdef"),
    ("mid", ("abcdef", 2, 99), "bcdef"),
    ("mid", ("abcdef", 7, 1), ""),
    ("mid", ("abcdef", 9, 2), ""),
    ("trim", ("\t a\r\n",), "a"),
    ("trim", ("\x00a\x1f",), "a"),
    ("trim", ("\xa0a\xa0",), "\xa0a\xa0"),
    ("lTrim", ("  a ",), "a "),
    ("rTrim", (" a  ",), " a"),
    ("lCase", ("ÄB",), "äb"),
    ("uCase", ("straße",), "STRASSE"),
    ("ucFirst", ("hello world",), "Hello world"),
    ("ucFirst", ("",), ""),
    ("ucFirst", ("éa",), "Éa"),
    ("ucFirst", ("hello world", True), "Hello World"),
    ("ucFirst", ("o'neil mc-adam", True), "O'neil Mc-Adam"),
    ("ucFirst", ("a b-c_d.e/f", True), "A B-C_d.E/f"),
    ("ucFirst", ("HELLO WORLD", True, True), "Hello World"),
    ("ucFirst", ("HELLO WORLD", False, True), "Hello world"),
    ("ucFirst", ("HELLO wORLD", True, True), "HELLO WORLD"),
    ("ucFirst", ("a  b", True), "A  B"),  # Lucee: "A B"
    ("find", ("b", "abcabc"), 2),
    ("find", ("b", "abcabc", 3), 5),
    ("find", ("b", "abcabc", 99), 0),
    ("find", ("b", "abcabc", 0), 2),
    ("find", ("b", "abcabc", -4), 2),
    ("find", ("", "abc", 2), 2),
    ("find", ("", ""), 1),
    ("find", ("B", "abc"), 0),
    ("findNoCase", ("B", "abc"), 2),
    ("findNoCase", ("B", "abcab", 3), 5),
    ("findNoCase", ("ß", "SS"), 0),
    ("findNoCase", ("x", "İİX"), 3),
    ("findNoCase", ("Σ", "ξς"), 2),
    ("findOneOf", ("xb", "abc"), 2),
    ("findOneOf", ("xz", "abc"), 0),
    ("findOneOf", ("cb", "abcabc", 4), 5),
    ("findOneOf", ("b", "abc", 9), 0),
    ("findOneOf", ("b", "abc", -9), 2),
    ("findOneOf", ("", "abc"), 0),
    ("spanIncluding", ("mystring", "mystery"), "mystr"),
    ("spanIncluding", ("aabbc", "ab"), "aabb"),
    ("spanIncluding", ("abc", ""), ""),
    ("spanIncluding", (" abc", "a"), ""),
    ("spanExcluding", ("aabbc", "c"), "aabb"),
    ("spanExcluding", ("abc", ""), "abc"),
    ("spanExcluding", ("abc", "x"), "abc"),
    ("spanExcluding", ("abc", "a"), ""),
    ("getToken", ("red,blue::red", 2), ""),
    ("getToken", ("red,blue::red black,white", 2), "black,white"),
    ("getToken", ("red,blue::red black,white", 2, ","), "blue::red black"),
    ("getToken", ("red,blue::red black,white", 2, ":, "), "blue"),
    ("getToken", (",a,,b", 2, ","), "b"),
    ("getToken", ("a b", 3), ""),
    ("getToken", ("a b", 1, ""), "a b"),
    ("getToken", ("", 1), ""),
    ("compare", ("a", "b"), -1),
    ("compare", ("b", "a"), 1),
    ("compare", ("a", "a"), 0),
    ("compare", ("a", "B"), 1),
    ("compare", ("10", "9"), -1),
    ("compare", ("", "a"), -1),
    ("compareNoCase", ("a", "B"), -1),
    ("compareNoCase", ("A", "a"), 0),
    ("compareNoCase", ("é", "É"), 0),
    ("compareNoCase", ("straße", "STRASSE"), 1),
    ("asc", ("",), 0),
    ("asc", ("abc",), 97),
    ("asc", ("€",), 8364),
    ("asc", ("abc", 2), 98),
    ("chr", (65,), "A"),
    ("chr", (0,), ""),
    ("chr", (8364,), "€"),
    ("chr", (128512,), "\U0001f600"),  # Lucee takes 16 bits only
    ("reverse", ("abc",), "cba"),
    ("repeatString", ("ab", 3), "ababab"),
    ("repeatString", ("ab", 0), ""),
    ("repeatString", ("", 5), ""),
    ("toString", (1,), "1"),
    ("toString", (True,), "true"),
    ("toString", ("é".encode("latin-1"), "iso-8859-1"), "é"),
    ("toString", (MAIL.size,), "12"),
    ("createUUID", (), re.compile("[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[0-9A-F]{16}")),
    ("createGUID", (), re.compile("[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[0-9A-F]{4}-[0-9A-F]{12}")),
]

CHANGE_CASES: list[Case] = [
    ("replace", ("aaa", "a", "b"), "baa"),
    ("replace", ("aaa", "a", "b", "all"), "bbb"),
    ("replace", ("aaa", "a", "b", "ONE"), "baa"),
    ("replace", ("abc", "", "x", "all"), "abc"),
    ("replace", ("abc", "B", "x", "all"), "abc"),
    ("replace", ("ColdFUsion", "U", "u"), "ColdFusion"),
    ("replace", ("COldFusiOn", "O", "o", "ONE"), "ColdFusiOn"),
    ("replaceNoCase", ("aBAb", "b", "x", "all"), "axAx"),
    ("replaceNoCase", ("aBAb", "B", "x"), "axAb"),
    ("replaceNoCase", ("Straße STRASSE", "ss", "x", "all"), "Straße STRAxE"),
    ("replaceNoCase", ("İx", "X", "y"), "İy"),
    ("replaceNoCase", ("aBAb", "", "x"), "aBAb"),  # Lucee refuses it here, but not in replace
    ("replaceList", ("abc", "a,b", "b,c"), "ccc"),
    ("replaceList", ("abc", "a,b,c", "x"), "x"),
    ("replaceList", ("abc", "a,,c", "x,,z"), "xbz"),
    ("replaceList", ("abc", "a", "x,y"), "xbc"),
    ("replaceList", ("abc", "", "x"), "abc"),
    ("replaceList", ("a|b", "a|b", "1|2", "|"), "1|2"),
    ("replaceList", ("a;b", "a;b", "1,2", ";", ","), "1;2"),
    ("replaceList", ("ABC", "a,b", "1,2"), "ABC"),
    ("replaceList", ("abc", "a,b", ",y"), "yc"),
    ("replaceList", ("abc", "a,b,c", "1,,3", ",", ",", True), "13"),
    ("replaceList", ("aabb", "aa,b", "b,xx"), "xxxxxx"),
    ("replaceList", ("abc", "a||c", "1||3", "||"), "1b3"),
    ("replaceList", ("xyz", "x,y", "1,2", ""), "12z"),
    ("replaceList", ("abc", "a,b", "", "|"), "abc"),
    ("replaceList", ("My Test String", "Test, String", "Replaced, Sentence"), "My Replaced Sentence"),
    ("replaceListNoCase", ("ABC", "a,b", "1,2"), "12C"),
    ("replaceListNoCase", ("aAbB", "A,b", "1,2"), "1122"),
    ("insert", ("-", "abc", 1), "a-bc"),
    ("insert", ("-", "abc", 0), "-abc"),
    ("insert", ("-", "abc", 3), "abc-"),
    ("insert", ("x", "", 0), "x"),
    ("removeChars", ("abcdef", 2, 3), "aef"),
    ("removeChars", ("abcdef", 1, 99), ""),
    ("removeChars", ("abcdef", 6, 1), "abcde"),
    ("removeChars", ("abcdef", 2, 0), "abcdef"),
    ("cJustify", ("abc", 10), "   abc    "),
    ("cJustify", ("abcd", 7), " abcd  "),
    ("cJustify", ("abc", 2), "abc"),
    ("cJustify", ("", 4), "    "),
    ("lJustify", ("abc", 6), "abc   "),
    ("lJustify", (" abc", 6), " abc  "),
    ("lJustify", ("abc", 2), "abc"),
    ("rJustify", ("abc", 6), "   abc"),
    ("rJustify", ("abc ", 6), "  abc "),
    ("rJustify", ("abc", 2), "abc"),
    ("stripCr", ("a\r\nb",), "a\nb"),
    ("newLine", (), "\n"),
    ("wrap", ("abc def ghi", 5), "abc\ndef\nghi"),
    ("wrap", ("abcdefghi", 4), "abcd\nefgh\ni"),
    ("wrap", ("a bb ccc dddd", 6), "a bb\nccc\ndddd"),
    ("wrap", ("ab cdefghijk lm", 6), "ab\ncdefgh\nijk lm"),
    ("wrap", ("abc   def", 4), "abc \n def"),
    ("wrap", ("abc\ndef ghi jkl", 5, True), "abc\ndef\nghi\njkl"),
    ("wrap", ("abc\r\ndef ghi", 5), "abc\ndef\nghi"),  # Lucee loses the first line end
    ("wrap", ("a\n\nb", 5), "a\n\nb"),  # Lucee loses the empty line
    ("wrap", ("", 3), ""),
    ("paragraphFormat", ("a",), "a <P>"),
    ("paragraphFormat", ("a\nb",), "a b <P>"),
    ("paragraphFormat", ("a\r\nb\rc",), "a b c <P>"),
    ("paragraphFormat", ("a\r\n\r\nb",), "a <P>\r\nb <P>"),
    ("paragraphFormat", ("",), " <P>"),
    ("paragraphFormat", ("<b>'x'",), "&lt;b&gt;&#39;x&#39; <P>"),  # Lucee escapes nothing
    ("paragraphFormat", (Escaped("&lt;b&gt;"),), "&lt;b&gt; <P>"),
    ("paragraphFormat", (MAIL.subject,), "Hello <P>"),
]

FAULTS = [
    (
        ("left", "abc", 0),
        "left(): count must not be 0; it is how many characters to take, or if negative, how many to leave out",
    ),
    (
        ("right", "abc", 0),
        "right(): count must not be 0; it is how many characters to take, or if negative, how many to leave out",
    ),
    (("left", "abc", "x"), "left(): count must be a number, not 'x'"),
    (("mid", "abc", 0, 2), "mid(): start must be a position from 1 on, not 0"),
    (
        ("mid", "abc", 2, -2),
        "mid(): count must be 0 or more, or -1 for all, not -2",
    ),
    (
        ("getToken", "a b", 0),
        "getToken(): index must be a position from 1 on, not 0",
    ),
    (("chr", -1), "chr(): number must be 0 or more, not -1"),
    (
        ("chr", 0xD800),
        "chr(): number must be that of a character of Unicode, up to 1114111 and not 55296 to 57343, not 55296",
    ),
    (("repeatString", "ab", -1), "repeatString(): count must be 0 or more, not -1"),
    (
        ("repeatString", "ab", 10**9),
        "repeatString(): would make 2000000000 characters; the limit is 32000000",
    ),
    (
        ("toString", Array([1])),
        "toString(): must be a simple value (text, number, boolean, date), not an array",
    ),
]

CHANGE_FAULTS = [
    (
        ("insert", "-", "abc", 4),
        "insert(): position must be 0 to 3, the length of the string, not 4",
    ),
    (("insert", "-", "abc", -1), "insert(): position must be 0 or more, not -1"),
    (
        ("removeChars", "abcdef", 7, 1),
        "removeChars(): start must be 1 to 6, the length of the string, not 7",
    ),
    (("removeChars", "abc", 2, -1), "removeChars(): count must be 0 or more, not -1"),
    (
        ("replace", "a", "a", "b", "every"),
        "replace(): scope must be one or all, not 'every'",
    ),
    (
        ("replace", "a" * 10_000, "a", "b" * 10_000, "all"),
        "replace(): would make 100000000 characters; the limit is 32000000",
    ),
    (
        ("replaceNoCase", "a" * 10_000, "A", "b" * 10_000, "all"),
        "replaceNoCase(): would make 100000000 characters; the limit is 32000000",
    ),
    (("rJustify", "abc", 0), "rJustify(): length must be 1 or more, not 0"),
    (
        ("rJustify", "abc", 10**9),
        "rJustify(): length would make 1000000000 characters; the limit is 32000000",
    ),
    (("wrap", "abc", 0), "wrap(): limit must be 1 or more, not 0"),
]


@pytest.mark.parametrize(("name", "given_", "expected"), CASES)
def test_cases(name: str, given_: tuple[Any, ...], expected: Any) -> None:
    """Each function gives what Lucee gives, but where it says otherwise."""
    actual = call(TEXT, name, *given_)

    assert expected.fullmatch(actual) if isinstance(expected, re.Pattern) else expected == actual


@pytest.mark.parametrize(("name", "given_", "expected"), CHANGE_CASES)
def test_changes(name: str, given_: tuple[Any, ...], expected: Any) -> None:
    """Each function that changes text gives what Lucee gives, but where it says otherwise."""
    assert expected == call(CHANGES, name, *given_)


def test_every_function_has_a_case() -> None:
    """Every function names its source and is called by a table."""
    assert [] == without_a_case(TEXT, CASES)
    assert [] == without_a_case(CHANGES, CHANGE_CASES)


@pytest.mark.parametrize(("given_", "expected"), FAULTS + CHANGE_FAULTS)
def test_faults(given_: tuple[Any, ...], expected: str) -> None:
    """A wrong argument is one error with the function, the argument and what is accepted."""
    family = CHANGES if (given_, expected) in CHANGE_FAULTS else TEXT
    with pytest.raises(FunctionFault) as caught:
        call(family, *given_)

    assert expected == said(caught.value)


def test_a_fault_ends_with_the_signature() -> None:
    """The text of an error says how the function is written, optional arguments in square brackets."""
    with pytest.raises(FunctionFault) as caught:
        call(TEXT, "MID", "abcdef", -1, 2)

    assert "mid(): start must be a position from 1 on, not -1; write mid(string, start, [count])" == str(caught.value)
    assert ("mid", "start") == (caught.value.function, caught.value.argument)


def test_replace_list_does_not_explode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items that make much of little stop at the longest text, and very many items are refused."""
    with pytest.raises(FunctionFault, match="would make 100000000 characters; the limit is 32000000"):
        call(CHANGES, "replaceList", "a" * 10_000, "a", "b" * 10_000)
    monkeypatch.setattr(text_changes, "MOST_LOOKED_AT", 1000)
    with pytest.raises(FunctionFault, match="looks for 60 items in 20 characters; the limit for both is 1000"):
        call(CHANGES, "replaceList", "x" * 20, ",".join("ab" * 30), "")


def test_two_uuids_differ() -> None:
    """createUUID never gives the same twice."""
    assert 100 == len({call(TEXT, "createUUID") for _ in range(100)})


def test_paragraphs_are_html() -> None:
    """The result of paragraphFormat is marked as HTML, so that its tags work where output is escaped."""
    assert "Hello <P>" == call(CHANGES, "paragraphFormat", "Hello").__html__()


@given(st.text(), st.integers(1, 30))
def test_left_and_right_part_a_text(text: str, count: int) -> None:
    """The left n characters and the right rest are the text; negative counts leave out the same."""
    if 0 < count < len(text):
        assert text == call(TEXT, "left", text, count) + call(TEXT, "right", text, len(text) - count)
        assert text == call(TEXT, "left", text, count) + call(TEXT, "right", text, -count)
        assert text == call(TEXT, "left", text, count) + call(TEXT, "mid", text, count + 1)


@given(st.text())
def test_reverse_twice(text: str) -> None:
    """Reversing twice gives the text."""
    assert text == call(TEXT, "reverse", call(TEXT, "reverse", text))


@given(st.text(alphabet="abAB"), st.text(alphabet="abAB", min_size=1, max_size=3), st.integers(-3, 9))
def test_find_is_what_mid_gives(text: str, part: str, start: int) -> None:
    """Where find() finds a text, mid() gives it; before that it does not stand."""
    at = call(TEXT, "find", part, text, start)
    if at:
        assert part == call(TEXT, "mid", text, at, len(part))
    assert at == next((i for i in range(max(start, 1), len(text) + 1) if text[i - 1 :].startswith(part)), 0)
    assert call(TEXT, "find", part.lower(), text.lower(), start) == call(TEXT, "findNoCase", part, text, start)


@given(st.text(alphabet="abAB"), st.text(alphabet="abAB", min_size=1, max_size=3))
def test_replace_all_leaves_none(text: str, part: str) -> None:
    """After replacing all by what has no such letter, none is left; without case the same in lower case."""
    assert part not in call(CHANGES, "replace", text, part, "-", "all")
    assert text.lower().replace(part.lower(), "-") == call(CHANGES, "replaceNoCase", text, part, "-", "all").lower()


@given(st.text(max_size=40), st.text(max_size=5))
def test_spans_part_a_text(text: str, letters: str) -> None:
    """What follows spanExcluding begins with a letter of the set, what follows spanIncluding with none of it."""
    without, within = call(TEXT, "spanExcluding", text, letters), call(TEXT, "spanIncluding", text, letters)

    assert text.startswith(without)
    assert text.startswith(within)
    assert all(letter in letters for letter in text[len(without) :][:1])
    assert not any(letter in letters for letter in without)
    assert not any(letter in letters for letter in text[len(within) :][:1])
    assert all(letter in letters for letter in within)


@given(st.text(), st.text(), st.integers(0, 20))
def test_insert_and_remove(text: str, part: str, position: int) -> None:
    """removeChars takes out what insert put in."""
    if position <= len(text) and part:
        longer = call(CHANGES, "insert", part, text, position)
        assert text == call(CHANGES, "removeChars", longer, position + 1, len(part))


@given(st.text(alphabet="ab \t\n", max_size=60), st.integers(1, 12))
def test_wrap_keeps_the_letters(text: str, limit: int) -> None:
    """No line is longer than the limit, and no letter is lost."""
    wrapped = call(CHANGES, "wrap", text, limit)

    assert limit >= max(map(len, wrapped.split("\n")))
    assert "".join(text.split()) == "".join(wrapped.split())


@given(st.text(max_size=20), st.integers(1, 30))
def test_justified_text(text: str, width: int) -> None:
    """Justified text is as wide as asked for, and the text with blanks."""
    for name in ("lJustify", "rJustify", "cJustify"):
        justified = call(CHANGES, name, text, width)
        assert max(width, len(text)) == len(justified)
        assert text.strip(" ") == justified.strip(" ")


@given(st.text(alphabet="ab,; "), st.integers(1, 8))
def test_tokens(text: str, index: int) -> None:
    """getToken counts the pieces that are not empty."""
    pieces = [piece for piece in re.split("[,; ]", text) if piece]

    assert (pieces[index - 1] if index <= len(pieces) else "") == call(TEXT, "getToken", text, index, ",; ")
