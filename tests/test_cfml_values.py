"""How CFML reads a value."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cfml_pop.cfml import values
from cfml_pop.cfml.query import Query
from cfml_pop.secret import Secret


@pytest.mark.parametrize("value", ["true", "yes", "YES", " True ", "1", "2", "-1", "0.5", 1, -3, 0.1, True])
def test_true(value: object) -> None:
    """True, yes in any case, and every number but 0 are true."""
    assert True is values.boolean(value)


@pytest.mark.parametrize("value", ["false", "no", "NO", " False ", "0", "0.0", "-0", ".0", 0, 0.0, False])
def test_false(value: object) -> None:
    """False, no in any case, and 0 are false."""
    assert False is values.boolean(value)


@pytest.mark.parametrize(
    "value", ["on", "off", "y", "n", "t", "f", "", " ", "maybe", "1_0", "\u0661", "nan", "1e2", None, [], b"yes"]
)
def test_no_boolean(value: object) -> None:
    """What is neither word nor ASCII number is refused, also what other languages take for a boolean."""
    with pytest.raises(ValueError, match=r"^must be yes or no, not "):
        values.boolean(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("995", 995),
        (" 7 ", 7),
        ("+7", 7),
        ("-1", -1),
        ("2.9", 2),
        ("-2.9", -2),
        ("2.", 2),
        (2.9, 2),
        (-2.9, -2),
        (5, 5),
        ("007", 7),
    ],
)
def test_integer(value: object, expected: int) -> None:
    """Whole numbers are read from ASCII digits, and a fraction is cut off towards zero."""
    assert expected == values.integer(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "pop3",
        "1_000",
        "\u0661\u0662",
        "1e2",
        "inf",
        "nan",
        "0x10",
        "1 2",
        "9" * 19,
        math.inf,
        math.nan,
        True,
        None,
        [1],
        "\u00b2",
    ],
)
def test_no_integer(value: object) -> None:
    """Python's own notations, other scripts' digits, exponents and true are no whole numbers."""
    with pytest.raises(ValueError, match=r"^must be a whole number, not "):
        values.integer(value)


@pytest.mark.parametrize(
    ("value", "expected"), [("2.5", 2.5), (" 30 ", 30.0), (".5", 0.5), (3, 3.0), (0.25, 0.25), (2_000_000, 2e6)]
)
def test_seconds(value: object, expected: float) -> None:
    """Seconds are numbers with a fraction."""
    assert expected == values.seconds(value)


@pytest.mark.parametrize("value", ["", "0", 0, -1, "-2", "1e3", math.nan, math.inf, "2000001", 10**400, True, None, "soon"])
def test_no_seconds(value: object) -> None:
    """Zero, less, and more than the operating system can count are refused."""
    with pytest.raises(ValueError, match=r"^must be a number of seconds above 0"):
        values.seconds(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a ", "a"),
        (12, "12"),
        (2.0, "2"),
        (2.5, "2.5"),
        (Markup("<b>&amp;</b>"), "<b>&amp;</b>"),
        ("", ""),
    ],
)
def test_text(value: object, expected: str) -> None:
    """Text is trimmed, numbers are written as CFML writes them, and markup is taken as it stands."""
    actual = values.text(value)
    assert expected == actual
    assert str is type(actual)


@pytest.mark.parametrize("value", [True, None, ["a"], {"a": 1}, b"a", object(), 10**40, math.nan])
def test_no_text(value: object) -> None:
    """Booleans, None and objects are not turned into text by chance."""
    with pytest.raises(ValueError, match=r"^must be text, not "):
        values.text(value)


def test_path() -> None:
    """A path object is the path's text."""
    assert "a/b" == values.path(PurePosixPath("a/b"))


def test_secret_is_not_trimmed() -> None:
    """Blanks around a password belong to it."""
    assert Secret(" p ") == values.secret(" p ")
    assert Secret("p") == values.secret(Secret("p"))
    assert Secret("12") == values.secret(12)


@pytest.mark.parametrize("value", ["tig\ner", "tig\0er", ["tiger"], {"tiger": 1}])
def test_secret_is_never_shown(value: object) -> None:
    """The text of a fault does not hold the password."""
    with pytest.raises(ValueError, match=r"^must ") as caught:
        values.secret(value)
    assert "tig" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "delimiters", "expected"),
    [
        ("a,b", ",", ("a", "b")),
        (" a , , b ,a", ",", ("a", "b")),
        ("a|b$c|$d", "|$", ("a", "b", "c", "d")),
        ("a,b", "|", ("a,b",)),
        ("a-b]c^d", "]^-", ("a", "b", "c", "d")),
        ("", ",", ()),
        (" , ", ",", ()),
        (["a,b", " c ", "", "c"], ",", ("a,b", "c")),
        (("x",), ",", ("x",)),
        ((uid for uid in ["p", "q"]), ",", ("p", "q")),
        (7, ",", ("7",)),
    ],
)
def test_items(value: object, delimiters: str, expected: tuple[str, ...]) -> None:
    """Text is split at each delimiter; items are trimmed, not empty, and there once; Python lists keep their items whole."""
    assert expected == values.items(value, delimiters)


@pytest.mark.parametrize("value", ["a\nb", "a,b\0c", ["a\r\nDELE 1"]])
def test_items_without_controls(value: object) -> None:
    """A control character inside an item is refused: it would be a second command on the wire."""
    with pytest.raises(ValueError, match=r"^must not hold a control character"):
        values.items(value)


@pytest.mark.parametrize("value", [None, True, {"a": 1}, b"a", [None], object()])
def test_no_items(value: object) -> None:
    """What is neither text nor a list is refused, rather than read as a list of nothing."""
    with pytest.raises(ValueError, match=r"^must be text"):
        values.items(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3,1,3", (3, 1)),
        ("0,-1,99,abc,2.9", (99, 2)),
        ("1,2,3,bad,10000", (1, 2, 3, 10000)),
        ("", ()),
        (4, (4,)),
        ([2, "1", 2], (2, 1)),
        ("\u0661,1_0,1e2", ()),
    ],
)
def test_message_numbers(value: object, expected: tuple[int, ...]) -> None:
    """Numbers come in the order given, once; what is no number, or below 1, is left out."""
    assert expected == values.message_numbers(value)


def test_column_stands_for_current_row() -> None:
    """A column of a query is read as its value in the first row, also where a list is asked for."""
    query = Query.from_rows(("uid", "messagenumber"), [{"uid": "u1", "messagenumber": 4}, {"uid": "u2", "messagenumber": 5}])
    assert ("u1",) == values.items(query.uid)
    assert (4,) == values.message_numbers(query.messagenumber)
    assert "u1" == values.text(query.uid)
    assert 4 == values.integer(query.messagenumber)
    assert True is values.boolean(query.messagenumber)
    assert 4.0 == values.seconds(query.messagenumber)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "'x'"),
        ("x" * 50, f"'{'x' * 40}'..."),
        (True, "true"),
        (None, "None"),
        (10**40, "a number that large"),
        ([], "a value of type list"),
    ],
)
def test_describe(value: object, expected: str) -> None:
    """Error texts show short values and the types of others."""
    assert expected == values.describe(value)


ANYTHING = st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text(max_size=5)))


def fault_of(read: Callable[[object], object], value: object) -> str:
    try:
        read(value)
    except ValueError as error:
        return str(error)
    return "must not be looked at: there was none"


@given(value=ANYTHING)
@pytest.mark.parametrize(
    "read", [values.boolean, values.integer, values.seconds, values.text, values.items, values.message_numbers]
)
def test_only_value_errors(read: Callable[[object], object], value: object) -> None:
    """Whatever is given, a reader gives a value or raises a ValueError that goes on after the attribute's name."""
    assert fault_of(read, value).startswith("must ")


@given(number=st.integers(-(10**17), 10**17), blanks=st.sampled_from(["", " ", "  "]))
def test_written_integers_come_back(number: int, blanks: str) -> None:
    """An integer written in decimal is read as itself."""
    assert number == values.integer(f"{blanks}{number}{blanks}")


@given(
    items=st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=",|"), min_size=1), unique=True)
)
def test_joined_items_come_back(items: list[str]) -> None:
    """Distinct items without delimiters come back from a list with any of them."""
    assert tuple(items) == values.items(",".join(items))
    assert tuple(items) == values.items(" | ".join(items), ",|")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Decimal(3), 3), (Decimal("3.00"), 3), (Decimal("2.9"), 2), (Fraction(8, 2), 4), (Decimal(-1), -1)],
)
def test_other_numbers(value: object, expected: int) -> None:
    """Numbers of other types, such as a database gives, are read like the int or float that they equal."""
    assert expected == values.integer(value)
    assert (str(expected),) == values.items([value]) or Decimal("2.9") == value
    assert values.boolean(value)


def test_other_numbers_in_seconds() -> None:
    """Seconds may be a Decimal too; what is no finite number is refused as ever."""
    assert 2.5 == values.seconds(Decimal("2.5"))
    for value in (Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e999999"), 1j, Fraction(10**400)):
        with pytest.raises(ValueError, match="must be a"):
            values.integer(value)
        with pytest.raises(ValueError, match="must be a"):
            values.seconds(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail", ("mail", "")),
        ("mail:110", ("mail", "110")),
        ("[::1]", ("::1", "")),
        ("[::1]:995", ("::1", "995")),
        ("::1", ("::1", "")),
        ("mail:", ("mail:", "")),
        ("[::1", ("[::1", "")),
        ("", ("", "")),
    ],
)
def test_host_and_port(text: str, expected: tuple[str, str]) -> None:
    """A port is split off where there can be no doubt, and the brackets of an address with it."""
    assert expected == values.host_and_port(text)


def test_items_keep_what_is_no_blank_of_ascii() -> None:
    """A uid whose last octet, read as Latin-1, is a no-break space is not shortened."""
    uids = ("Ã\xa0", "\x85b")
    assert uids == values.items(" Ã\xa0 ,\t\x85b") == values.items(uids)
