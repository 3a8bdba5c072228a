"""CFML's operators on simple values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.operators import OPERATORS, compare, concat, truth
from cfml_pop.cfml.query import Query
from cfml_pop.cfml.simple import DateTime
from cfml_pop.errors import FunctionFault

QUERY = Query.from_rows(("size",), [{"size": "12"}, {"size": "7"}])
NUMBERS = st.integers(-(10**6), 10**6)
SIMPLE = st.one_of(NUMBERS, st.floats(-1e6, 1e6), st.booleans(), st.text(max_size=5))


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (1, "eq", "1.0", True),
        ("1e1", "eq", 10, True),
        ("abc", "eq", "ABC", True),
        ("a", "neq", "b", True),
        ("10", "gt", "9", True),
        ("10x", "gt", "9x", False),
        (True, "eq", "yes", True),
        ("yes", "eq", "TRUE", True),
        (True, "eq", 1, True),
        (True, "eq", 5, False),
        (True, "eq", "abc", False),
        ("", "eq", "", True),
        ("", "eq", 0, False),
        (DateTime(2024, 1, 2), "gt", DateTime(2024, 1, 1), True),
        (DateTime(2024, 1, 2), "eq", dt.date(2024, 1, 2), True),
        (QUERY.size, "eq", 12, True),
        ("b", "gte", "B", True),
        (2, "lte", 1, False),
        (1, "lt", 2, True),
        ("Wrong PASSWORD", "contains", "password", True),
        ("abc", "contains", "", True),
        ("abc", "does not contain", "x", True),
        (1, "contains", 1, True),
        (1, "&", True, "1true"),
        (2.0, "&", "", "2"),
        ("2", "+", "3", 5),
        (0.1, "+", 0.2, 0.1 + 0.2),
        (5, "-", "2.5", 2.5),
        ("2024-01-03", "-", DateTime(2024, 1, 2), 1),
        ("1/2/2024", "*", 1, 45293),
        ("2024-01-02", "eqv", True, True),
        (10.0, "^", -400, 0),
        (1e20, "gt", DateTime(2024, 1, 2), True),
        (DateTime(2024, 1, 2), "eq", 45293, True),
        ("abc", "gt", True, True),
        (False, "gt", "abc", False),
        ("abc", "lt", "no", True),
        ("no", "lt", "abc", False),
        ("1e3", "lt", "12:30", False),
        ("yes", "*", 4, 4),
        (7, "/", 2, 3.5),
        (6, "/", 3, 2),
        (7, "\\", 2, 3),
        (-7, "\\", 2, -3),
        (-5, "mod", 3, -2),
        (5.5, "mod", 2, 1.5),
        (2, "^", 10, 1024),
        (2, "^", -1, 0.5),
        (True, "xor", "no", True),
        (1, "eqv", "yes", True),
        (True, "imp", False, False),
        (False, "imp", False, True),
    ],
)
def test_operators(left: Any, operator: str, right: Any, expected: Any) -> None:
    """Numbers compare as numbers, dates as dates, booleans by truth, all other text without case."""
    found = OPERATORS[operator](left, right)
    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize(
    ("left", "operator", "right", "text"),
    [
        ("abc", "+", 1, "operator +: the left side must be a number, not 'abc'"),
        (1, "-", QUERY, "operator -: the right side must be a number, not a query"),
        (1, "/", 0, "operator /: divides by zero"),
        (1, "\\", 0.5, "operator \\: divides by zero"),
        (1, "mod", 0, "operator mod: divides by zero"),
        (10, "^", 401, "operator ^: gives a number that is not finite"),
        (0, "^", -1, "operator ^: divides by zero: 0 has no negative power"),
        (10, "^", 400, "operator ^: "),
        (-8, "^", 0.5, "operator ^: has no real root of a negative number"),
        (1e308, "*", 10, "operator *: gives a number that is not finite"),
        ([], "eq", 1, "operator eq: compares simple values (text, number, boolean, date), not an array"),
        ({}, "&", 1, "operator &: one side must be a simple value (text, number, boolean, date), not a struct"),
        ("a", "contains", None, "operator contains: must be a simple value"),
        ("abc", "xor", True, "operator xor: must be yes or no, not 'abc'"),
    ],
)
def test_faults(left: Any, operator: str, right: Any, text: str) -> None:
    """What an operator cannot take is one error with its name."""
    with pytest.raises(FunctionFault) as caught:
        OPERATORS[operator](left, right)
    assert text == caught.value.message[: len(text)]
    assert operator == caught.value.function


def test_truth() -> None:
    """A condition is a boolean, a number or their words; other text is an error and never false."""
    assert [True, True, False, False] == [truth(value, "cfif") for value in ("Yes", 5, 0, "false")]
    with pytest.raises(FunctionFault, match="cfif: the condition must be yes or no, not 'abc'"):
        truth("abc", "cfif")


def test_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that grows without end is stopped."""
    monkeypatch.setattr("cfml_pop.cfml.limits.LONGEST_TEXT", 10)
    assert "1234567890" == concat(["12345", 67890])
    with pytest.raises(FunctionFault, match="operator &: would make 11 characters; the limit is 10"):
        concat(["12345", "678901"])


@given(SIMPLE, SIMPLE)
def test_comparison_has_an_opposite(left: Any, right: Any) -> None:
    """Comparing the other way round gives the opposite, and everything equals itself."""
    assert -compare(right, left) == compare(left, right)
    assert 0 == compare(left, left)


@given(NUMBERS, NUMBERS)
def test_arithmetic_is_that_of_numbers(left: int, right: int) -> None:
    """Numbers as text give what the numbers give; the division and its rest make the number again."""
    assert left + right == OPERATORS["+"](str(left), str(right))
    assert left * right == OPERATORS["*"](str(left), right)
    if right:
        assert left == OPERATORS["\\"](left, right) * right + OPERATORS["mod"](left, right)


def test_doubles_are_not_rounded() -> None:
    """What an operator gives goes into the next one as it is; only text has fewer digits."""
    third = OPERATORS["/"](1, 3)
    assert (1, "0.333333333333") == (OPERATORS["*"](third, 3), OPERATORS["&"](third, ""))


def test_dates_of_a_page() -> None:
    """A date that names a zone is compared and reckoned with in the page's."""
    zone = dt.timezone(dt.timedelta(hours=9))
    header, tokyo = "Tue, 2 Jan 2024 20:00:00 +0000", DateTime(2024, 1, 3, 5)
    aware = dt.datetime(2024, 1, 2, 20, tzinfo=dt.timezone.utc)
    assert [True, False, True, 1] == [
        OPERATORS["eq"](header, tokyo, zone),
        OPERATORS["lt"](header, tokyo, zone),
        OPERATORS["eq"](aware, tokyo, zone),
        OPERATORS["-"](DateTime(2024, 1, 4, 5), header, zone),
    ]
