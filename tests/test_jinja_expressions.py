"""CFML's expressions in tags."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from cfml_pop import Settings
from cfml_pop.cfml.column import ColumnIndexFault
from cfml_pop.errors import FunctionFault
from tests.tags_support import page, tags_environment

FUZZED = tags_environment()


def value(expression: str, **context: Any) -> str:
    """What an expression gives, as CFML writes it."""
    return page(f'<% cfset result = {expression} %><% cfset text = result & "" %>{{{{ text }}}}', **context)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("2 ^ 3 ^ 1 & 'x'", "8x"),
        ("-2 ^ 2", "4"),
        ("7 - 5 mod 3", "5"),
        ("7 \\ 2 * 2", "1"),
        ("7 % 4", "3"),
        ("1 & 2 + 3 & 4", "154"),
        ("1 + 1 eq 2 and 'a' & 'b' is 'AB'", "true"),
        ("not 1 eq 2", "true"),
        ("not true or true", "true"),
        ("!false && true || false", "true"),
        ("true or nope", "true"),
        ("false and nope", "false"),
        ("true and not false", "true"),
        ("1 eq 1 eq true", "true"),
        ("true xor true", "false"),
        ("true eqv false imp false", "true"),
        ("5 greater than or equal to 5", "true"),
        ("5 less than 6", "true"),
        ("5 less than or equal to 4", "false"),
        ("5 GREATER THAN 4", "true"),
        ("1 is not 2", "true"),
        ("1 not equal 2", "true"),
        ("1 <> 1", "false"),
        ("1 != 2", "true"),
        ("1 == 1", "true"),
        ("2 >= 3", "false"),
        ("2 < 3", "true"),
        ("2 <= 3", "true"),
        ("3 ge 3", "true"),
        ("3 le 2", "false"),
        ("'abc' contains 'B'", "true"),
        ("'abc' does not contain 'b'", "false"),
        ("'abc' ct 'b'", "true"),
        ("'abc' nct 'b'", "false"),
        ("true ? 'yes' : nope", "yes"),
        ("false ? nope : 1 gt 2 ? 'a' : 'b'", "b"),
        ("nope ?: 'other'", "other"),
        ("x ?: 'other'", "5"),
        ("#x# + 1", "6"),
        ("# x # eq 5 and #x# gt 4", "true"),
        ("(#x#)", "5"),
        ("'#x#'", "5"),
        ('"a#x + 1#b##"', "a6b#"),
        ('"##"', "#"),
        ('"#"', "#"),
        ('"say ""hi"""', 'say "hi"'),
        ("'it''s'", "it's"),
        ('"it\'s #"a" & "b"#"', "it's ab"),
        ('"C:\\new"', "C:\\new"),
        ("s.a", "1"),
        ("S.A", "1"),
        ('s["A"]', "1"),
        ('s[k] & s["#k#"]', "11"),
        ("[1, 2, 3][2]", "2"),
        ("(list)[1]", "p"),
        ("list[2]", "q"),
        ("{a: 1, 'b c' = x}['B C']", "5"),
        ("{}.a ?: 'none'", "none"),
        ("mail.subject[2]", "two"),
        ("mail['subject'][3]", "three"),
        ("mail.recordcount", "3"),
        ("mail.subject", "one"),
        ("'5' + true", "6"),
        ("1.50", "1.5"),
        (".5 + 1e2", "100.5"),
        ("yes and not no", "true"),
        ("does & to & from & less", "1234"),
    ],
)
def test_values(expression: str, expected: str) -> None:
    """Operators, their order and their spellings are CFML's; so are strings, indexes and names."""
    if expected == "#" and expression == '"#"':
        with pytest.raises(TemplateSyntaxError, match="a # has no second #"):
            value(expression)
        return
    found = value(expression, x=5, s={"a": 1}, k="a", list=["p", "q"], does=1, to=2, less=4, **{"from": 3})
    assert expected == found.replace("&#34;", '"').replace("&#39;", "'")


@pytest.mark.parametrize(
    ("tag", "line", "text"),
    [
        ("cfset x = 1 +", 1, "expected a value, got the end"),
        ("cfset x =\n\n (1", 3, "expected ')', got the end"),
        ("cfset x = 1 2", 1, "unexpected '2'"),
        ("cfset x =\n 'abc", 2, "a quote has no second quote after it"),
        ("cfset x = \n a ~ b", 2, "unexpected character '~'"),
        ("cfset x = '\n#y +#'", 2, "expected a value, got the end"),
        ("cfset x = '##a#'", 1, "a # has no second # after it; write ## for the character #"),
        ("cfset x = '# #'", 1, "there is nothing between # and #; write ## for the character #"),
        ("cfset x = eq 2", 1, "expected a value, got the operator 'eq'"),
        ("cfset x = a.", 1, "expected a name after the dot, got the end"),
        ("cfset x = {1: 2}", 1, "expected the name of a key, got '1'"),
        ("cfset x = f(a=1, 2)", 1, "an argument without name stands after one with a name"),
        ("cfset 1 = 2", 1, "unexpected '='; to compare write eq, to assign write cfset"),
        ("cfset f() = 2", 1, "what stands before the sign cannot be set"),
        ("cfset x", 1, "cfset: a name alone sets nothing; write name = value, or call a function"),
        ("cfset s.a[1]", 1, "a name alone sets nothing"),
        ("cfset var x = 2", 1, "var belongs into functions"),
        ("cfif x = 2", 1, "unexpected '='; to compare write eq"),
        ("cfset x = " + "(" * 70 + "1" + ")" * 70, 1, "more than 60 brackets in one another"),
    ],
)
def test_faults_of_the_text(tag: str, line: int, text: str) -> None:
    """What cannot be read is told when the template is compiled, on its own line."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string(f"\n<% {tag} %>")
    assert text in str(caught.value)
    assert line + 1 == caught.value.lineno


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("nope", "x has no value: 'nope' is undefined"),
        ("nope + 1", "operator +: one side has no value: 'nope' is undefined"),
        ("1 & nope", "operator &: one side has no value: 'nope' is undefined"),
        ("not nope", "not: the condition has no value: 'nope' is undefined"),
        ("'a #nope#'", "a part of the text has no value: 'nope' is undefined"),
        ("'a#mail#'", "a part of the text must be a simple value (text, number, boolean, date), not a query"),
        ("[nope]", "an item of the array has no value: 'nope' is undefined"),
        ("s[nope]", "an index has no value: 'nope' is undefined"),
        ("'abc'[1]", "text has no items; write mid() for a part of it"),
        ("'abc' and 1", "and: the condition must be yes or no, not 'abc'"),
    ],
)
def test_faults_of_values(expression: str, text: str) -> None:
    """What has no value, or the wrong one, is an error with its line, and never empty text."""
    with pytest.raises(FunctionFault) as caught:
        page(f"\n\n<% cfset x = {expression} %>", s={})
    assert (text, 3) == (caught.value.message, caught.value.lineno)


def test_indexes() -> None:
    """Arrays and lists count from 1; a position outside is an error of its own, with its line."""
    for expression in ("list[0]", "list[3]", "[1][2]", "mail.subject[4]"):
        with pytest.raises(ColumnIndexFault) as caught:
            page(f"\n<% cfset x = {expression} %>", list=["a", "b"])
        assert 2 == caught.value.lineno
    with pytest.raises(UndefinedError):
        page("<% cfset x = nope.y %>")


@pytest.mark.parametrize("doubled", ["s & s", '"#s##s#"'])
def test_a_text_that_doubles(doubled: str) -> None:
    """A loop that doubles a text ends before the memory does, whichever way it is written."""
    with pytest.raises(FunctionFault, match=r"would make 40000000 characters; the limit is 32000000"):
        value(doubled, s="a" * 20_000_000)


def test_long_text_of_many_parts() -> None:
    """Hundreds of parts joined are one call, and no deep nest that would exhaust the stack."""
    assert "1000" == page("<% cfset x = " + " & ".join(["'a'"] * 1000) + " %>{{ x|length }}")


DEEP: dict[str, Callable[[int], str]] = {
    "and": lambda times: " and ".join(["a"] * times),
    "+": lambda times: " + ".join(["a"] * times),
    "not": lambda times: "not " * times + "a",
    "-": lambda times: "- " * times + "a",
    ".": lambda times: "a" + ".b" * times,
    "f()": lambda times: "f(" * times + "a" + ")" * times,
    "?:": lambda times: "a ? 1 : " * times + "1",
    "[]": lambda times: "[" * times + "]" * times,
    "{}": lambda times: "{a: " * times + "1" + "}" * times,
    "a[]": lambda times: "a[" * times + "1" + "]" * times,
    "#": lambda times: "'x#" * times + "a" + "#'" * times,
}


def too_deep(environment: Environment, expression: str) -> bool:
    """Whether an expression is refused as too deep; else it is compiled."""
    try:
        environment.from_string(f"<% cfset x = {expression} %>")
    except TemplateSyntaxError as error:
        return "too deep" in str(error) or "brackets in one another" in str(error) or "second #" in str(error)
    return False


@pytest.mark.parametrize("kind", DEEP)
def test_deep_expressions(kind: str) -> None:
    """An expression is either compiled in every kind of environment or refused as too deep, and never breaks the compiler."""
    for base in (Environment, SandboxedEnvironment):
        environment = tags_environment(base, enable_async=True)
        found = [too_deep(environment, DEEP[kind](times)) for times in (1, 9, 17, 25, 33, 58, 1000)]
        assert sorted(found) == found
        assert [False, False, True] == [found[0], found[1], found[-1]]


WORDS = st.sampled_from(
    [
        "a",
        "1",
        "'b'",
        '"#a#"',
        "'#'",
        "##",
        "#",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "eq",
        "is",
        "not",
        "and",
        "mod",
        "contains",
        "does",
        "&",
        "+",
        "-",
        "/",
        "\\",
        "?",
        ":",
        "=",
        "+=",
        "++",
        ".",
        ",",
        "!",
        "%",
        "f(",
        "'",
        '"',
        "~",
        "ä",
        "$x",
        "\n",
    ]
)
TAGS = st.sampled_from(["cfset", "cfset x = ", "cfif", "cfoutput query=", "cfloop", "cfdump var="])


@given(st.lists(WORDS, max_size=12).map(" ".join), TAGS)
def test_any_text_is_read_or_refused(text: str, tag: str) -> None:
    """Whatever stands in a tag, it is read or is a TemplateSyntaxError, and no other error."""
    with contextlib.suppress(TemplateSyntaxError):
        assert FUZZED.parse(f"<% {tag} {text} %><% end{tag.split()[0]} %>").body


def test_a_row_is_no_expression_of_mail() -> None:
    """Text that arrives when the page runs is never searched for `#`."""
    assert "#1 + 1#" == page('<% cfset x = "#given#" %>{{ x }}', given="#1 + 1#")


@pytest.mark.parametrize("hours", [-9, 9])
def test_dates_are_those_of_the_page(hours: int) -> None:
    """Operators take a date that names a zone in the page's, as the functions do."""
    environment = tags_environment()
    zone = dt.timezone(dt.timedelta(hours=hours))
    environment.cfpop_settings = Settings(time_zone=zone)  # type: ignore[attr-defined]
    source = "<% cfset x = date - createDateTime(2024, 1, 2, 12) %>{{ round(x * 24) }}"
    assert str(hours) == environment.from_string(source).render(date="Tue, 2 Jan 2024 12:00:00 +0000")
