"""CFML's array: a list read from 1 on."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from jinja2.sandbox import SandboxedEnvironment

from cfml_pop.cfml.arrays import MOST_NEW, Array, new_array
from cfml_pop.cfml.column import ColumnIndexFault
from cfml_pop.cfml.query import Query


def test_positions_begin_at_one() -> None:
    """A position may be a number, text of one, or a column; the rest of a list is as in Python."""
    array = Array(["a", "b", "c"])
    one = Query.from_rows(("n",), [{"n": 1}]).n
    assert ("a", "b", "c", "a") == (array[1], array["2"], array[3.0], array[one])  # type: ignore[call-overload]
    assert (["b", "c"], ["a", "b", "c"], 3, True) == (array[1:], list(array), len(array), "c" in array)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (0, r"^array\[0\]: the first position is 1, as in CFML$"),
        (-1, r"^array\[-1\]: the first position is 1"),
        (3, r"^array\[3\]: the array has positions 1 to 2 \(the first is 1, as in CFML\)$"),
        ("x", r"^an array is read by position, from 1 on, not by 'x'$"),
        ("9" * 5000, r"^an array is read by position"),
        (1.5, r"not by 1\.5$"),
        (True, r"not by True$"),
        (None, r"not by None$"),
    ],
)
def test_bad_positions(index: object, text: str) -> None:
    """A position that is none is an error that Jinja does not turn into nothing, for reading and for taking away."""
    with pytest.raises(ColumnIndexFault, match=text) as caught:
        Array("ab")[index]  # type: ignore[call-overload]
    assert not isinstance(caught.value, (LookupError, TypeError, AttributeError))
    with pytest.raises(ColumnIndexFault, match=text):
        del Array("ab")[index]


def test_an_empty_array_says_so() -> None:
    """The error for a position of an empty array says that it is empty."""
    with pytest.raises(ColumnIndexFault, match=r"^array\[1\]: the array is empty"):
        Array()[1]


def test_setting_and_taking_away() -> None:
    """Setting fills what is between with None; taking away moves the others up; slices are Python's."""
    array = Array(["a"])
    array[1] = "A"
    array[2] = "b"
    array[4] = "d"
    assert ["A", "b", None, "d"] == array
    del array[3]
    assert ["A", "b", "d"] == array
    array[0:1] = ["x", "y"]
    del array[2:]
    assert ["x", "y"] == array
    for index in (0, "x", len(array) + MOST_NEW + 1):
        with pytest.raises(ColumnIndexFault):
            array[index] = 1
    assert 2 == len(array)


def test_dimensions() -> None:
    """In an array of several dimensions a position that holds nothing gives an array of one less; in another it is an error."""
    table = new_array(3)
    table[2][1][3] = "x"
    assert [None, [[None, None, "x"]]] == table
    assert [3, 2, 1] == [table.dimension, table[1].dimension, table[1][1].dimension]
    with pytest.raises(ColumnIndexFault):
        table[1][1][1]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_copies_are_arrays(protocol: int) -> None:
    """An array stays one, with its dimension, when it is pickled or copied."""
    table = new_array(2)
    table[1][2] = "x"
    for twin in (pickle.loads(pickle.dumps(table, protocol)), copy.deepcopy(table), copy.copy(table)):  # noqa: S301 - our own data
        assert (table, Array, 2, "x") == (twin, type(twin), twin.dimension, twin[1][2])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ a[1] }}{{ a[2] }}", "xy"),
        ("{% for one in a %}{{ one }}{{ a[loop.index] }}{% endfor %}", "xxyy"),
        ("{{ a|first }}{{ a|last }}{{ a|length }}{{ a|join('-') }}", "xy2x-y"),
        ("{{ a|reverse|join }}{{ a|sort(reverse=true)|join }}", "yxyx"),
        ("{{ a|tojson }}", '["x", "y"]'),
    ],
)
def test_in_templates(source: str, expected: str) -> None:
    """Positions are CFML's and filters Jinja's, in a sandbox too."""
    assert expected == SandboxedEnvironment(autoescape=False).from_string(source).render(a=Array("xy"))


def test_json() -> None:
    """An array is a list for JSON."""
    assert "[1, [2]]" == json.dumps(Array([1, Array([2])]))
