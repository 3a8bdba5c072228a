"""Simple values as functions and operators read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cfml_pop.cfml import simple
from cfml_pop.cfml.cells import MailDate, Struct
from cfml_pop.cfml.query import Query

MOMENT = dt.datetime(2024, 1, 2, 3, 4, 5)
AWARE = dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
TOKYO = dt.timezone(dt.timedelta(hours=9))


def column(value: object) -> Any:
    return Query.from_rows(("x",), [{"x": value}, {"x": "other"}]).x


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("", ""),
        (Markup("<b>"), "<b>"),
        (MailDate("Tue, 2 Jan", AWARE), "Tue, 2 Jan"),
        (7, "7"),
        (-0.0, "0"),
        (2.0, "2"),
        (2.5, "2.5"),
        (0.1 + 0.2, "0.3"),
        (10 / 3, "3.333333333333"),
        (1e5 / 3, "33333.333333333336"),
        (1 / 45293, "0.000022078467"),
        (45293.12783564815, "45293.12783564815"),
        (2e-13, "0"),
        (2.0**62, "4611686018427387904"),
        (2.0**63, "9223372036854776000"),
        (1.5e22, "15000000000000000000000"),
        (1e20, "100000000000000000000"),
        (10**20, "100000000000000000000"),
        (Decimal("2.50"), "2.5"),
        (Decimal(3), "3"),
        (Fraction(1, 4), "0.25"),
        (True, "true"),
        (False, "false"),
        (MOMENT, "{ts '2024-01-02 03:04:05'}"),
        (AWARE, "{ts '2024-01-02 03:04:05'}"),
        (dt.date(2024, 1, 2), "{ts '2024-01-02 00:00:00'}"),
        (dt.datetime(33, 4, 3), "{ts '0033-04-03 00:00:00'}"),
        (column("a"), "a"),
        (column(2.0), "2"),
        (Query(("x",), ()).x, ""),
    ],
)
def test_text(value: object, expected: str) -> None:
    """Text is what CFML prints for a value, and exactly str."""
    actual = simple.text(value)
    assert (expected, str) == (actual, type(actual))


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "None"),
        ([1], "an array"),
        ({}, "a struct"),
        (Query(("a",), ()), "a query"),
        (b"a", "a value of type bytes"),
        (column(Struct()), "a struct"),
    ],
)
@pytest.mark.parametrize("convert", [simple.text, simple.number, simple.integer, simple.boolean])
def test_what_is_no_simple_value(convert: Callable[[object], object], value: object, what: str) -> None:
    """What is no simple value is refused by every conversion, and called by CFML's name."""
    with pytest.raises(ValueError, match=rf"^must be .*, not {what}$"):
        convert(value)
    assert not simple.is_simple(value)


@pytest.mark.parametrize("value", ["", "a", 1, 1.5, True, MOMENT, dt.date(2024, 1, 2), Decimal(1), column("a"), MailDate("x")])
def test_is_simple(value: object) -> None:
    """Text, numbers of every type, booleans and dates are simple values, and a column whose current row's value is."""
    assert simple.is_simple(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" 12 ", 12),
        ("-1.50", -1.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E-2", 0.01),
        (2.0, 2.0),
        (Decimal("2.5"), 2.5),
        (Fraction(4, 2), 2),
        (column("3"), 3),
    ],
)
def test_numeric(value: object, expected: float) -> None:
    """What spells a number is that number; whole ones are int."""
    actual = simple.numeric(value)
    assert (expected, type(expected)) == (actual, type(actual))
    assert expected == simple.number(value)


@pytest.mark.parametrize(
    "value", ["", " ", "a", "1_000", "1,5", "0x10", "inf", "nan", "\u0661", "1e", "--1", True, None, [], MOMENT]
)
def test_not_numeric(value: object) -> None:
    """Nothing else is numeric, also what Python or another language takes for a number."""
    assert simple.numeric(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, 1),
        ("Yes", 1),
        (" no ", 0),
        ("false", 0),
        (MOMENT, 45293 + (3 * 3600 + 4 * 60 + 5) / 86400),
        (dt.date(1900, 1, 1), 2),
        (column(True), 1),
    ],
)
def test_number_of_what_spells_none(value: object, expected: float) -> None:
    """Booleans count 1 and 0, and dates their days since 1899-12-30."""
    assert expected == simple.number(value)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), "1e999", Decimal("Infinity"), Decimal("NaN")])
def test_a_number_is_finite(value: object) -> None:
    """Infinity and not-a-number are no numbers of a page."""
    with pytest.raises(ValueError, match=r"^must be a number"):
        simple.number(value)


@pytest.mark.parametrize(("value", "expected"), [("2.9", 2), (-2.9, -2), ("true", 1), (Decimal("3.99"), 3)])
def test_integer(value: object, expected: int) -> None:
    """The fraction is cut off, toward zero."""
    assert expected == simple.integer(value)


@pytest.mark.parametrize("value", [True, 1, -1, 0.1, "true", "YES", " yes ", "1", "-0.5", "1e2", Decimal(1), column("yes")])
def test_true(value: object) -> None:
    """True, yes in any case, and every number but 0 are true."""
    assert True is simple.boolean(value)


@pytest.mark.parametrize("value", [False, 0, 0.0, "false", "No", "0", "0.0", Decimal(0), column(0)])
def test_false(value: object) -> None:
    """False, no in any case, and 0 are false."""
    assert False is simple.boolean(value)


@pytest.mark.parametrize("value", ["", "on", "y", "maybe", "t", MOMENT])
def test_no_boolean(value: object) -> None:
    """Other text, and a date, is neither."""
    with pytest.raises(ValueError, match=r"^must be yes or no, not "):
        simple.boolean(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MOMENT, MOMENT),
        (AWARE, dt.datetime(2024, 1, 2, 12, 4, 5)),
        (MailDate("any", AWARE), dt.datetime(2024, 1, 2, 12, 4, 5)),
        (dt.date(2024, 1, 2), dt.datetime(2024, 1, 2)),
        (2, dt.datetime(1900, 1, 1)),
        (1.5, dt.datetime(1899, 12, 31, 12)),
        (column(AWARE), dt.datetime(2024, 1, 2, 12, 4, 5)),
    ],
)
def test_date(value: object, expected: dt.datetime) -> None:
    """A date is seen in the page's zone, without saying so; a number counts days."""
    actual = simple.date(value, TOKYO)
    assert expected == actual
    assert simple.DateTime is type(actual)


@pytest.mark.parametrize("value", ["2024-01-02", MailDate("rubbish", lambda: None), True, None, 1e12, float("nan"), []])
def test_no_date(value: object) -> None:
    """Text is not read here, and what has no date has none."""
    assert simple.date(value) is None


def test_each_says_which() -> None:
    """A value that cannot be converted is named by its place."""
    assert [1, 2.5] == simple.each(["1", 2.5], simple.number)
    with pytest.raises(ValueError, match=r"^element 2 must be a number, not 'x'$"):
        simple.each(["1", "x"], simple.number)


@given(st.integers(-(10**14), 10**14) | st.floats(-1e9, 1e9).map(lambda number: round(number, 3)))
def test_a_number_survives_its_text(number: float) -> None:
    """A number that is printed and read again is the same, to the digits that are printed."""
    assert number == pytest.approx(simple.number(simple.text(number)), rel=1e-11)


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_a_date_survives_its_days(moment: dt.datetime) -> None:
    """A date that became a number of days and again a date is the same, to the second."""
    again = simple.date(simple.days(moment))
    assert again is not None
    assert abs(dt.datetime.combine(again.date(), again.time()) - moment) < dt.timedelta(milliseconds=1)


@given(st.text(max_size=8))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes a conversion fail otherwise than by its ValueError, and what is numeric is a number and a boolean."""
    assert text == simple.text(text)
    if simple.numeric(text) is not None:
        assert bool(simple.number(text)) is simple.boolean(text)
