"""How a CFML function is declared and called, and the table of all of them."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.cfml import functions
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions import FAMILIES, FUNCTIONS, Function, Page, find_function, load_family
from cfml_pop.cfml.functions.family import KINDS, BadArgument, Family, argument, rest
from cfml_pop.cfml.new_query import NewQuery
from cfml_pop.cfml.query import Query
from cfml_pop.errors import CfpopError, FunctionFault

FAMILY = Family("Test")
PAGE = Page(time_zone=dt.timezone.utc)


@FAMILY.function("joinTwo", argument("first"), argument("Second", "number", 7, also=("other",)))
def join_two(first: str, second: float) -> str:
    """Both."""
    return f"{first}{second}"


@FAMILY.function("joinAll", argument("first"), rest("others", "text"))
def join_all(*given: str) -> str:
    """All."""
    return "".join(given)


@FAMILY.function("zone", page=True)
def zone(page: Page) -> object:
    """The page's zone."""
    return page.time_zone


@FAMILY.function("fails", argument("how"))
def fails(how: str) -> None:
    """Every way to fail."""
    if how == "value":
        raise ValueError("does not fit")
    if how == "argument":
        raise BadArgument("how", "must be kinder")
    if how == "deep":
        raise RecursionError("too deep")
    if how == "nought":
        raise ZeroDivisionError("division by zero")
    if how == "fault":
        raise FunctionFault("as it is")
    raise AssertionError(how)


def function(name: str) -> Function:
    return FAMILY.functions[name]


@pytest.mark.parametrize(
    ("given", "named", "expected"),
    [
        (("a", 1), {}, "a1"),
        (("a",), {}, "a7"),
        (("a",), {"second": "2"}, "a2"),
        ((), {"FIRST": 1, "SECOND": True}, "11"),
        ((), {"second": 2, "first": "a"}, "a2"),
        (("a",), {"OTHER": 2}, "a2"),
    ],
)
def test_arguments_by_position_and_by_name(given: tuple[Any, ...], named: dict[str, Any], expected: str) -> None:
    """Arguments come by position or by name in any case, and are converted; a default stands for one that is left out."""
    assert expected == function("joinTwo")(PAGE, *given, **named)


def test_any_number_of_arguments() -> None:
    """The rest of the arguments are converted each."""
    assert "a12true" == function("joinAll")(PAGE, "a", 1, 2.0, True)
    assert "a" == function("joinAll")(PAGE, "a")


def test_the_page_comes_first() -> None:
    """A function that asks for the page gets it; the page's clock has a zone."""
    assert dt.timezone.utc is function("zone")(PAGE)
    assert Page().clock().tzinfo is not None


SIGNATURE = "; write joinTwo(first, [Second])"


@pytest.mark.parametrize(
    ("given", "named", "expected", "about"),
    [
        ((), {}, "joinTwo(): first is missing" + SIGNATURE, "first"),
        (("a", 1, 2), {}, "joinTwo(): takes at most 2 arguments, not 3" + SIGNATURE, ""),
        (("a",), {"First": "b"}, "joinTwo(): first is given twice" + SIGNATURE, "first"),
        (("a",), {"second": 1, "other": 2}, "joinTwo(): Second is given twice" + SIGNATURE, "Second"),
        (("a", 1), {"other": 2}, "joinTwo(): Second is given twice" + SIGNATURE, "Second"),
        (("a",), {"third": 1}, "joinTwo(): third is no argument of this function" + SIGNATURE, "third"),
        (("a", "x"), {}, "joinTwo(): Second must be a number, not 'x'" + SIGNATURE, "Second"),
        (([1],), {}, "joinTwo(): first must be a simple value (text, number, boolean, date), not an array" + SIGNATURE, "first"),
    ],
)
def test_wrong_arguments(given: tuple[Any, ...], named: dict[str, Any], expected: str, about: str) -> None:
    """One error says the function, the argument, what is accepted, and how the call is written."""
    with pytest.raises(FunctionFault) as caught:
        function("joinTwo")(PAGE, *given, **named)
    assert (expected, "joinTwo", about) == (caught.value.message, caught.value.function, caught.value.argument)
    assert isinstance(caught.value, (CfpopError, ValueError))


@pytest.mark.parametrize(
    ("how", "expected", "about"),
    [
        ("value", "fails(): does not fit; write fails(how)", ""),
        ("argument", "fails(): how must be kinder; write fails(how)", "how"),
        ("deep", "fails(): cannot be carried out with these values: too deep; write fails(how)", ""),
        ("nought", "fails(): cannot be carried out with these values: division by zero; write fails(how)", ""),
        ("fault", "as it is", ""),
    ],
)
def test_what_the_function_itself_finds_wrong(how: str, expected: str, about: str) -> None:
    """What a function raises becomes the same kind of error; a mistake in the function itself does not."""
    with pytest.raises(FunctionFault) as caught:
        function("fails")(PAGE, how)
    assert (expected, about, None) == (caught.value.message, caught.value.argument, caught.value.__cause__)
    with pytest.raises(AssertionError):
        function("fails")(PAGE, "otherwise")


def test_declaring() -> None:
    """A kind that does not exist and a name that is taken, in any case, are mistakes that show at once."""
    with pytest.raises(ValueError, match="'txt' is no kind of argument; there is any, "):
        argument("a", "txt")
    with pytest.raises(ValueError, match="JOINTWO is there already"):
        FAMILY.function("JOINTWO")(join_two)


QUERY = Query.from_rows(("x", "s"), [{"x": dt.datetime(2024, 1, 2, 3, tzinfo=dt.timezone.utc), "s": Struct({"a": 1})}])
TOKYO = Page(time_zone=dt.timezone(dt.timedelta(hours=9)))
OWN = NewQuery(("a",))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("any", None, None),
        ("value", QUERY.s, {"a": 1}),
        ("text", QUERY.x, "{ts '2024-01-02 12:00:00'}"),
        ("text", dt.date(2024, 1, 2), "{ts '2024-01-02 00:00:00'}"),
        ("number", "1.5", 1.5),
        ("integer", "1.5", 1),
        ("boolean", "yes", True),
        ("array", (1, 2), [1, 2]),
        ("array", QUERY.s, [{"a": 1}]),
        ("mutable array", Array([1]), [1]),
        ("struct", QUERY.s, {"a": 1}),
        ("mutable struct", {"a": 1}, {"a": 1}),
        ("query", QUERY, QUERY),
        ("mutable query", OWN, OWN),
    ],
)
def test_kinds(kind: str, value: object, expected: object) -> None:
    """A kind takes what CFML takes for it, and gives one plain value; dates are those of the page's zone."""
    assert expected == KINDS[kind](value, TOKYO)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("array", "a,b", "must be an array, not 'a,b'"),
        ("array", {}, "must be an array, not a struct"),
        ("mutable array", (1,), "must be an array that can be changed, not a column of a query or another fixed sequence"),
        ("mutable array", "a", "must be an array that can be changed, not 'a'"),
        ("struct", [], "must be a struct, not an array"),
        ("struct", QUERY, "must be a struct, not a query"),
        ("query", QUERY.x, "must be a query, not an array"),
        (
            "mutable query",
            QUERY,
            "must be a query made by queryNew: the result of cfpop is fixed, but duplicate(...) of it is not",
        ),
        ("column", QUERY, "must be a column of a query, as in mail.uid, not a query"),
        ("column", "mail.uid", "must be a column of a query, as in mail.uid, not 'mail.uid'"),
    ],
)
def test_what_a_kind_refuses(kind: str, value: object, expected: str) -> None:
    """A kind says what it takes, and what it got instead."""
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        KINDS[kind](value, PAGE)


def test_many_by_name_is_refused() -> None:
    """The rest of the arguments has no name to be given by."""
    with pytest.raises(FunctionFault, match="others is no argument of this function"):
        function("joinAll")(PAGE, "a", others=["b"])


def test_the_table() -> None:
    """Every function of every family is found under its name in any case, and under no other."""
    folder = Path(functions.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if "FAMILY = Family(" in path.read_text("utf-8")}
    assert files == set(FAMILIES)
    for file, listed in FAMILIES.items():
        assert listed.split() == list(load_family(file).functions)
    assert sum(len(names.split()) for names in FAMILIES.values()) == len(FUNCTIONS)
    for name, one in FUNCTIONS.items():
        assert (one, one) == (find_function(name.upper()), find_function(name.lower()))
        assert re.fullmatch(r"[a-z][A-Za-z0-9]*", name)
    assert find_function("listLength") is None
    assert set(functions.__all__) == {"FAMILIES", "FUNCTIONS", "Function", "Page", "find_function", "load_family", "spelling"}


@pytest.mark.parametrize("one", FUNCTIONS.values(), ids=lambda one: one.name)
def test_every_function_names_its_source(one: Function) -> None:
    """A docstring says what a function gives, and what that was taken from."""
    assert re.search(r"Source:\s.+\.", one.__doc__ or "", re.DOTALL)


@pytest.mark.parametrize("one", FUNCTIONS.values(), ids=lambda one: one.name)
def test_no_function_breaks(one: Function) -> None:
    """Whatever a page gives a function, it answers or says by a FunctionFault what is wrong."""
    own = NewQuery(("a",), [{"a": 1}])
    values: list[Any] = [
        None,
        "",
        "a,b",
        -1,
        2.5,
        True,
        [],
        ["a", None],
        {},
        {"a": {"b": []}},
        Query(("a",), ()),
        QUERY,
        QUERY.x,
        own,
    ]
    for count in range(1, 4):
        for value in values:
            with contextlib.suppress(FunctionFault):
                one(PAGE, *[copy.copy(value)] * count)
