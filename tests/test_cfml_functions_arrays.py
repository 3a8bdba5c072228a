"""Functions of arrays: one line a case, most from the tests and manuals of the engines; and what they do to their array."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions import array_values, arrays
from cfml_pop.cfml.query import Query
from tests.functions_support import call, evaluate, fault_of, without_case

MAIL = Query.from_rows(
    ("subject", "size"), [{"subject": "b", "size": 3}, {"subject": "A", "size": 10}, {"subject": None, "size": "4"}]
)

CASES: list[tuple[str, Any]] = [
    ("arrayNew(1)", []),
    ("arrayNew()", []),
    ("arrayNew(2)[3]", []),
    ("arrayNew().dimension", 1),
    ("arrayLen(arrayNew(1))", 0),
    ("isArray([])", True),
    ("isArray(arrayNew(2), 2)", True),
    ("isArray(arrayNew(2), 1)", False),
    ("isArray([[1], [2]], 2)", True),
    ("isArray([[1], [2]], 3)", False),
    ("isArray([[[1]]], 2)", False),
    ("isArray([[1]])", True),
    ("isArray([1], 1)", True),
    ("isArray('a,b')", False),
    ("isArray({})", False),
    ("isArray(mail.subject)", False),
    ("arrayLen([1, none, 3])", 3),
    ("arrayLen(mail.subject)", 3),
    ("arrayLen((1, 2))", 2),
    ("arrayLen(queryNew('a', '', [[[7, 8]]]).a)", 2),
    ("arrayPop(queryNew('a', '', [[[7, 8]]]).a)", 8),
    ("arrayIsEmpty([])", True),
    ("arrayIsEmpty([none])", False),
    ("arrayIndexExists([1, none], 1)", True),
    ("arrayIndexExists([1, none], 2)", False),
    ("arrayIndexExists([1], 0)", False),
    ("arrayIndexExists([1], 2)", False),
    ("arrayIsDefined(listToArray('a,b'), 2)", True),
    ("arrayFirst([1, 2])", 1),
    ("arrayFirst(listToArray('a,b'))", "a"),
    ("arrayFirst([], 'none')", "none"),
    ("arrayLast([1, 2])", 2),
    ("arrayLast([], 0)", 0),
    ("arrayAppend([], 1)", True),
    ("arrayPrepend([], 1)", True),
    ("arrayPush([1], 2)", 2),
    ("arrayUnshift([1], 2)", 2),
    ("arrayPop([1, 2])", 2),
    ("arrayShift([1, 2])", 1),
    ("arrayInsertAt([], 1, 'a')", True),
    ("arrayDeleteAt([1], 1)", True),
    ("arrayClear([1])", True),
    ("arrayResize([], 3)", True),
    ("arrayResize([], 100000)", True),
    ("arraySet([], 100000, 100000, 1)", True),
    ("arraySet([], 1, 2, 'x')", True),
    ("arraySwap([1, 2], 1, 2)", True),
    ("arraySort([2, 1], 'numeric')", True),
    ("arrayReverse([1, 2, 3])", [3, 2, 1]),
    ("arraySlice([1, 2, 3, 4, 5, 6, 7, 8], 2, 3)", [2, 3, 4]),
    ("arraySlice([1, 2, 3, 4, 5, 6, 7, 8], 4)", [4, 5, 6, 7, 8]),
    ("arraySlice([1, 2, 3, 4, 5, 6, 7, 8], -5, 3)", [4, 5, 6]),
    ("arraySlice([1, 2, 3], 2, 0)", [2, 3]),
    ("arraySlice(listToArray('aaa,bbb,ccc,ddd,eee'), 2, -1)", ["bbb", "ccc", "ddd"]),
    ("arraySlice([1, 2, 3], -1)", [3]),
    ("arraySlice([1, 2, 3], 2, -2)", []),
    ("arraySlice(mail.size, 2)", [10, "4"]),
    ("arrayMid([1, 2, 3], 2)", [2, 3]),
    ("arrayMid([1, 2, 3], 2, 1)", [2]),
    ("arrayMid([1, 2, 3], 2, 9)", [2, 3]),
    ("arrayMid([1, 2, 3], 9)", []),
    ("arraySplice([1, 2, 3], 2, 1)", [2]),
    ("arraySplice([1, 2, 3], 2)", [2, 3]),
    ("arraySplice([1, 2, 3], 2, -2)", []),
    ("arrayMerge([1], [2, 3])", [1, 2, 3]),
    ("arrayMerge([1], [2, 3], true)", [1, 3]),
    ("arrayToList(['a', 'b'])", "a,b"),
    ("arrayToList(['a', none, 2.0, true], ' | ')", "a |  | 2 | true"),
    ("arrayToList([])", ""),
    ("arrayToList(mail.subject)", "b,A,"),
    ("arrayToStruct(['a', none, 'c'])", {"1": "a", "3": "c"}),
    ("arrayFind(['a', 'B'], 'b')", 0),
    ("arrayFind(['a', 'B'], 'B')", 2),
    ("arrayFind([1, '2.0'], 2)", 2),
    ("arrayFind([true], 'true')", 1),
    ("arrayFind([none], '')", 0),
    ("arrayFind([[1], 'a'], 'a')", 2),
    ("arrayFind([{'a': 1}, [1]], [1])", 2),
    ("arrayFind(['b'], mail.subject)", 1),
    ("arrayFindNoCase(['a', 'B'], 'b')", 2),
    ("arrayFindNoCase(['a', 'B'], 'z')", 0),
    ("arrayFindAll(['a', 'b', 'A', 'a'], 'a')", [1, 4]),
    ("arrayFindAllNoCase(['a', 'b', 'A', 'a'], 'a')", [1, 3, 4]),
    ("arrayContains(['a', 'b'], 'b')", True),
    ("arrayContains(['a', 'b'], 'B')", False),
    ("arrayContains(['abc'], 'b')", False),
    ("arrayContains(['abc', [1]], 'b', true)", True),
    ("arrayContains(['abc'], 'B', true)", False),
    ("arrayContainsNoCase(['abc'], 'ABC')", True),
    ("arrayContainsNoCase(['abc'], 'B')", False),
    ("arrayContainsNoCase(['aBc'], 'b', true)", True),
    ("arrayContainsNoCase(['abc'], 'B', true)", True),
    ("arrayDelete(['a', 'b'], 'B')", False),
    ("arrayDelete(['a', 'b'], 'b')", True),
    ("arrayDeleteNoCase(['a', 'b'], 'B')", True),
    ("arrayRemoveDuplicates(['a', 1, '1', 'A', [1], [1]])", ["a", 1, "A", [1]]),
    ("arrayRemoveDuplicates(['a', 'A'], true)", ["a"]),
    ("arrayMax([1, '10', 9])", 10),
    ("arrayMax([])", 0),
    ("arrayMin([-1, '-1.5'])", -1.5),
    ("arrayMin([])", 0),
    ("arraySum([1, '2.5', true])", 4.5),
    ("arraySum(mail.size)", 17),
    ("arraySum([])", 0),
    ("arrayAvg([1, 2, 6])", 3),
    ("arrayAvg([])", 0),
    ("arrayMedian([5, 1, 3])", 3),
    ("arrayMedian([4, 1, 3, 2])", 2.5),
    ("arrayMedian([])", 0),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_case(source: str, expected: object) -> None:
    """A function gives what the engines give."""
    assert expected == evaluate(source, mail=MAIL)


@pytest.mark.parametrize("family", [arrays.FAMILY, array_values.FAMILY], ids=lambda family: family.title)
def test_every_function_has_a_case(family: Any) -> None:
    """Every function of the family is called above, and its docstring names its source."""
    assert [] == without_case(family, (source for source, _ in CASES))


@pytest.mark.parametrize(
    ("call", "before", "expected"),
    [
        ("arrayAppend(a, 3)", [1, 2], [1, 2, 3]),
        ("arrayAppend(a, [3, 4])", [1], [1, [3, 4]]),
        ("arrayAppend(a, [3, 4], true)", [1], [1, 3, 4]),
        ("arrayAppend(a, a, true)", [1, 2], [1, 2, 1, 2]),
        ("arrayAppend(a, mail.subject)", [], ["b"]),
        ("arrayPrepend(a, 3)", [1, 2], [3, 1, 2]),
        ("arrayPush(a, 3)", [1], [1, 3]),
        ("arrayUnshift(a, 3)", [1], [3, 1]),
        ("arrayPop(a)", [1, 2], [1]),
        ("arrayShift(a)", [1, 2], [2]),
        ("arrayInsertAt(a, 2, 'x')", [1, 2], [1, "x", 2]),
        ("arrayInsertAt(a, 3, 'x')", [1, 2], [1, 2, "x"]),
        ("arrayDeleteAt(a, 1)", [1, 2], [2]),
        ("arrayClear(a)", [1, 2], []),
        ("arrayResize(a, 3)", [1], [1, None, None]),
        ("arrayResize(a, 1)", [1, 2], [1, 2]),
        ("arraySet(a, 2, 3, 'x')", [1], [1, "x", "x"]),
        ("arraySet(a, 3, 3, 'x')", [1], [1, None, "x"]),
        ("arraySwap(a, 1, 3)", [1, 2, 3], [3, 2, 1]),
        ("arraySwap(a, 2, 2)", [1, 2, 3], [1, 2, 3]),
        ("arraySort(a, 'numeric')", [10, "9", 1.5], [1.5, "9", 10]),
        ("arraySort(a, 'text', 'desc')", ["a", "B", "b"], ["b", "a", "B"]),
        ("arraySort(a, 'textNoCase')", ["b", "A", "B", "a"], ["A", "a", "b", "B"]),
        ("arraySplice(a, 2, 1, ['x', 'y'])", [1, 2, 3], [1, "x", "y", 3]),
        ("arraySplice(a, 9, 0, ['x'])", [1, 2], [1, "x", 2]),
        ("arraySplice(a, 9, 1)", [1], []),
        ("arraySplice(a, 1, 1)", [1, 2, 3], [2, 3]),
        ("arraySplice(a, 1, 0, ['x'])", [], ["x"]),
        ("arrayDelete(a, 1)", [1, 2, "1"], [2, "1"]),
        ("arrayDelete(a, 1, 'ALL')", [1, 2, "1"], [2]),
        ("arrayDeleteNoCase(a, 'A', 'all')", ["a", "b", "A"], ["b"]),
        ("arrayReverse(a)", [1, 2], [1, 2]),
        ("arraySlice(a, 1, 1)", [1, 2], [1, 2]),
        ("arrayRemoveDuplicates(a)", [1, 1], [1, 1]),
    ],
)
@pytest.mark.parametrize("make", [list, Array])
def test_what_becomes_of_the_array(call: str, before: list[Any], expected: list[Any], make: type[list[Any]]) -> None:
    """A function that changes an array does so in place, to a host's list as to a page's array; one that reads leaves it."""
    array = make(before)
    evaluate(call, a=array, mail=MAIL)
    assert expected == array
    assert make is type(array)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("arrayNew(4)", "arrayNew(): dimension must be 1, 2 or 3, not 4"),
        ("arrayLen('a,b')", "arrayLen(): array must be an array, not 'a,b'"),
        ("arrayLen({})", "arrayLen(): array must be an array, not a struct"),
        (
            "arrayAppend(mail.subject, 1)",
            "must be an array that can be changed, not a column of a query or another fixed sequence",
        ),
        ("arrayAppend({}, 1)", "arrayAppend(): array must be an array that can be changed, not a struct"),
        ("arrayInsertAt([1], 3, 1)", "arrayInsertAt(): position must be a position of the array (1 to 2), not 3"),
        ("arrayDeleteAt([], 1)", "arrayDeleteAt(): position must be a position of the array (none: the array is empty), not 1"),
        ("arrayDeleteAt([1, 2], 0)", "arrayDeleteAt(): position must be a position of the array (1 to 2), not 0"),
        ("arraySwap([1, 2], 1, 3)", "arraySwap(): position2 must be a position of the array (1 to 2), not 3"),
        ("arrayPop([])", "arrayPop(): array is empty: there is nothing to take"),
        ("arrayFirst([])", "arrayFirst(): array is empty, and no defaultValue is given"),
        ("arrayResize([], 100001)", "arrayResize(): minimumSize must not ask for more than 100000 new positions at once"),
        ("arraySet([], 1, 100001, 0)", "arraySet(): end must not ask for more than 100000 new positions at once"),
        ("arraySet([], 0, 1, 0)", "arraySet(): start must be 1 or more, not 0"),
        ("arraySet([], 2, 1, 0)", "arraySet(): end must not be before start (2), but is 1"),
        ("arraySort([1, 'b'], 'numeric')", "arraySort(): element 2 must be a number, not 'b'"),
        ("arraySort([[1]], 'text')", "element 1 must be a simple value (text, number, boolean, date), not an array"),
        ("arraySort([1], 'alpha')", "arraySort(): sortType must be text, textnocase, numeric, not 'alpha'"),
        ("arraySlice([1, 2], 3)", "arraySlice(): offset must be 1 to 2 or -1 to -2, not 3"),
        ("arraySlice([1, 2], 0)", "arraySlice(): offset must be 1 to 2 or -1 to -2, not 0"),
        ("arraySlice([1, 2], 2, 2)", "arraySlice(): length must be at most 1 from position 2 on, not 2"),
        ("arraySlice([1, 2, 3], 2, -3)", "arraySlice(): length must be at most 2 from position 2 on, not -3"),
        ("arraySlice([], 1)", "arraySlice(): offset finds nothing: it is empty"),
        ("arrayMid([1], 0)", "arrayMid(): start must be 1 or more, not 0"),
        ("arrayMid([1], 1, -2)", "arrayMid(): count must be 0 or more, or -1 for all, not -2"),
        ("arrayToList([1, {}])", "element 2 must be a simple value (text, number, boolean, date), not a struct"),
        ("arraySum([1, 'x'])", "arraySum(): element 2 must be a number, not 'x'"),
        ("arrayMax([none])", "arrayMax(): element 1 must be a number, not None"),
        ("arrayContains([1], [1], true)", "value must be a simple value where substringMatch is true, not an array"),
        ("arrayDelete([1], 1, 'some')", "arrayDelete(): scope must be one or all, not 'some'"),
    ],
)
def test_what_is_refused(source: str, expected: str) -> None:
    """An error names the function, the argument, and what it takes."""
    assert expected in fault_of(source, mail=MAIL)


@pytest.mark.parametrize("source", ["arrayAppend(a, b, true)", "arrayMerge(a, b)", "arraySplice(a, 1, 0, b)"])
def test_arrays_that_double_have_an_end(source: str) -> None:
    """An array that is put to itself again and again gets no longer than the limit, and is left as it was by the error."""
    half = [0] * 500_000
    assert "must not make an array of more than 1000000 elements" in fault_of(source, a=half, b=[0] * 500_001)
    assert 500_000 == len(half)
    assert evaluate(source, a=half, b=half) is not None


def test_set_gives_each_position_its_own() -> None:
    """arraySet puts a copy of a struct at each position, so that one can be changed alone."""
    array = Array()
    call("arraySet", array, 1, 2, Struct({"n": 1}))
    array[1]["n"] = 2
    assert [{"n": 2}, {"n": 1}] == array


def test_results_are_arrays_of_the_page() -> None:
    """A new array is read from 1 on."""
    for source in ("arrayNew(1)", "arrayReverse([1])", "arraySlice([1], 1)", "arrayMerge([1], [])", "arrayFindAll([1], 1)"):
        assert Array is type(evaluate(source))


def test_two_dimensions() -> None:
    """An array of two dimensions makes its rows when they are first asked for, and survives duplicate with that."""
    table = call("arrayNew", 2)
    table[2][3] = "x"
    assert [None, [None, None, "x"]] == table
    twin = call("duplicate", table)
    twin[3][1] = "y"
    assert (2, 3) == (len(table), len(twin))


def test_dates_are_sorted_as_numbers() -> None:
    """The numeric sort takes dates, by their days."""
    days = [dt.datetime(2024, 5, 1), dt.datetime(2023, 1, 1)]
    call("arraySort", days, "numeric")
    assert [2023, 2024] == [day.year for day in days]


NUMBERS = st.lists(st.integers(-99, 99), max_size=8)


@given(NUMBERS)
def test_reverse_twice(numbers: list[int]) -> None:
    """An array that is reversed twice is what it was."""
    assert numbers == call("arrayReverse", call("arrayReverse", numbers))


@given(NUMBERS, st.integers(-9, 9), st.integers(-9, 9))
def test_slices_and_splices_lose_nothing(numbers: list[int], index: int, length: int) -> None:
    """What arraySplice takes away and leaves is together what was there, and in order."""
    left = list(numbers)
    taken = call("arraySplice", left, index, length)
    assert len(numbers) == len(left) + len(taken)
    start = min(max(index, 1), max(len(numbers), 1)) - 1
    assert numbers == [*left[:start], *taken, *left[start:]]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.data())
def test_left_and_right_of_a_position(numbers: list[int], data: st.DataObject) -> None:
    """The part before a position and the part from it on are the array, also counted from the end."""
    place = data.draw(st.integers(1, len(numbers)))
    before = call("arrayMid", numbers, 1, place - 1)
    assert numbers == before + call("arraySlice", numbers, place)
    assert numbers == before + call("arraySlice", numbers, place - len(numbers) - 1)


@given(NUMBERS)
def test_numbers_agree_with_python(numbers: list[int]) -> None:
    """Greatest, least, sum and sort are Python's, whether numbers come as such or as text."""
    texts = [str(number) for number in numbers]
    assert max(numbers, default=0) == call("arrayMax", texts)
    assert min(numbers, default=0) == call("arrayMin", texts)
    assert sum(numbers) == call("arraySum", texts)
    call("arraySort", texts, "numeric", "desc")
    assert sorted(numbers, reverse=True) == [int(text) for text in texts]


def test_what_contains_itself() -> None:
    """An array that contains itself has no dimension that could be counted."""
    endless = Array()
    endless.append(endless)
    assert False is call("isArray", endless, 2_000_000_000)


def test_arrays_are_compared_with_few() -> None:
    """Comparing each with each stops before it takes minutes."""
    many = Array(Array([number]) for number in range(1001))
    assert 1000 == len(call("arrayRemoveDuplicates", [*many[:1000], *many[:1000]]))
    assert "array must have at most 1000 different arrays and structs" in fault_of("arrayRemoveDuplicates(a)", a=many)


@pytest.mark.parametrize("name", ["arraySum", "arrayAvg", "arrayMedian"])
def test_sums_are_finite(name: str) -> None:
    """What is larger than a double is an error, as for operators."""
    assert f"{name}(): gives a number that is not finite" in fault_of(f"{name}(a)", a=[1.7e308, 1.7e308])
