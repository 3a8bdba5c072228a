"""Functions of lists: one line a case, most of them from the tests and manuals of the engines; and the laws that lists obey."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.functions.lists import FAMILY, elements, spans
from cfml_pop.cfml.query import Query
from tests.functions_support import call, evaluate, fault_of, without_case

CASES: list[tuple[str, Any]] = [
    ("listLen('')", 0),
    ("listLen('a,b,c,,,d')", 4),
    ("listLen(',a,')", 1),
    ("listLen(',a,', ',', true)", 3),
    ("listLen(',', ',', true)", 2),
    ("listLen('', ',', true)", 0),
    ("listLen('a|b,c;d', '|,')", 3),
    ("listLen('a--b', '--')", 2),
    ("listLen('a,b', '')", 1),
    ("listLen('a]b^c-d', ']^-')", 4),
    ("listLen(12.5, '.')", 2),
    ("listLen(true)", 1),
    ("listLen(list='a;b', DELIMITERS=';')", 2),
    ("listLen(list='a;b', delimiter=';')", 2),
    ("listLen('logo.png\tplan.pdf', '\t')", 2),
    ("listFirst('')", ""),
    ("listFirst('one,two,three,four')", "one"),
    ("listFirst(',,one,two')", "one"),
    ("listFirst(',,one,two', ',', true)", ""),
    ("listFirst('Ann Lee <ann@x>', '<')", "Ann Lee "),
    ("listFirst(',a,,b,,c,,d,', ',', false, 2)", "a,,b"),
    ("listFirst('a,b', ',', false, 9)", "a,b"),
    ("listFirst('a,b', '')", "a"),
    ("listFirst(listRest(listRest('one,two,three,four')))", "three"),
    ("listLast('')", ""),
    ("listLast('abba,xx,xxxx,xxxx,xxx,bb')", "bb"),
    ("listLast('...abba.bb..', '.')", "bb"),
    ("listLast('...abba.bb..', '.', true)", ""),
    ("listLast(',,abba,bb,,')", "bb"),
    ("listLast(',,,,,')", ""),
    ("listLast('a;b,c', ';,:')", "c"),
    ("listLast('a,b,c,,,', ',', true)", ""),
    ("listLast('abba||xx||bb||', '||')", "bb"),
    ("listLast('a,b', '')", "b"),
    ("listLast(list=',a,,b,,c,,d,', count=3)", "b,c,d"),
    ("listLast(list=',a,,b,,c,,d,', count=3, includeEmptyFields=true)", ",d,"),
    ("listLast('C:\\\\mail\\\\a.txt', '\\\\/')", "a.txt"),
    ("listRest('a,b,c')", "b,c"),
    ("listRest('a')", ""),
    ("listRest('')", ""),
    ("listRest('a,b', '')", "b"),
    ("listRest(',,a,,b,,c,')", "b,,c,"),
    ("listRest(',,a,b', ',', true)", ",a,b"),
    ("listRest('a,', ',', true)", ""),
    ("listRest('a;b,c', ',;')", "b,c"),
    ("listRest('a,b,c,d', ',', false, 2)", "c,d"),
    ("listGetAt('a,b,c', 2)", "b"),
    ("listGetAt(',,a,,b', 2)", "b"),
    ("listGetAt('a,,b', 2, ',', true)", ""),
    ("listGetAt('i,like;cheese', 3, ';,')", "cheese"),
    ("listGetAt('a,b', 1.9)", "a"),
    ("listGetAt('a,b', '2')", "b"),
    ("listSetAt('bar,lorem,ipsum', 2, 'foo')", "bar,foo,ipsum"),
    ("listSetAt('bar|lorem,ipsum|me|something', 2, 'foo', '|')", "bar|foo|me|something"),
    ("listSetAt(',a,,b;c,', 2, 'x')", ",a,,x,"),
    ("listSetAt(',a,b,c,d,e', 2, 'Z')", ",a,Z,c,d,e"),
    ("listSetAt(',a,b,c,d,e', 2, 'Z', ',', true)", ",Z,b,c,d,e"),
    ("listSetAt('a,b;c', 3, 'x', ',;')", "a,b;x"),
    ("listSetAt('a,b', 1, '')", ",b"),
    ("listInsertAt('a,b,c', 1, 'x')", "x,a,b,c"),
    ("listInsertAt('a,,b,c,', 1, 'one')", "one,a,,b,c,"),
    ("listInsertAt('a@b@d', 3, 'c', '@')", "a@b@c@d"),
    ("listInsertAt(',,a,b', 2, 'x')", ",,a,x,b"),
    ("listInsertAt(',,a,b', 2, 'x', ',', true)", ",x,,a,b"),
    ("listInsertAt('a;b', 2, 'x', ',;')", "a;x,b"),
    ("listInsertAt('', 1, 'x')", "x"),
    ("listDeleteAt('a,b,c,d', 2)", "a,c,d"),
    ("listDeleteAt('a,b,c,d', 1)", "b,c,d"),
    ("listDeleteAt('a,b,c,d', 4)", "a,b,c"),
    ("listDeleteAt(',,a,b,c,d,,', 3)", ",,a,b,d,,"),
    ("listDeleteAt(',,a,b,c,d,,', 4)", ",,a,b,c"),
    ("listDeleteAt(',,a,b,c,d,,', 3, ',', true)", ",,b,c,d,,"),
    ("listDeleteAt(',a,b,c,d,,', 3, ',', false)", ",a,b,d,,"),
    ("listDeleteAt('a', 1)", ""),
    ("listDeleteAt('', 1)", ""),
    ("listDeleteAt('a--b--c', 2, '--')", "a--c"),
    ("listDeleteAt('a,,b', 2, ',', true)", "a,b"),
    ("listDeleteAt(',a,b,,c,,', 5, ',', true)", ",a,b,,,"),
    ("listDeleteAt(',a,b', 1, ',', true)", "a,b"),
    ("listDeleteAt('a,b,', 3, ',', true)", "a,b"),
    ("listDeleteAt(',,', 2, ',', true)", ","),
    ("listAppend('bar,bar2', 'foo')", "bar,bar2,foo"),
    ("listAppend('bar,bar2', 'foo', '|')", "bar,bar2|foo"),
    ("listAppend('bar,bar2', 'foo,,', ',', true)", "bar,bar2,foo,,"),
    ("listAppend('bar,bar2', 'foo,,', ',', false)", "bar,bar2,foo"),
    ("listAppend('bar,bar2', 'foo,,')", "bar,bar2,foo,,"),
    ("listAppend('', 'a')", "a"),
    ("listAppend('a', '')", "a,"),
    ("listAppend('a', 'b', ';,')", "a;b"),
    ("listAppend('', 4)", "4"),
    ("listPrepend('b,c', 'a')", "a,b,c"),
    ("listPrepend('', 'a')", "a"),
    ("listPrepend('b', '')", ",b"),
    ("listPrepend('b', 'a,,c')", "a,,c,b"),
    ("listPrepend('b', 'a,,c', ',', false)", "a,c,b"),
    ("listPrepend('b', 'a', '|,')", "a|b"),
    ("listFind('abba,bb', 'bb')", 2),
    ("listFind('abba,bb,AABBCC,BB', 'BB')", 4),
    ("listFind('abba,bb,AABBCC', 'ZZ')", 0),
    ("listFind(',,,,abba,,,,bb,AABBCC', 'bb')", 2),
    ("listFind(',,,,abba,,,,bb,AABBCC', 'bb', '.,;')", 2),
    ("listFind('a,,c', 'c', ',', true)", 3),
    ("listFind('a,b', '')", 0),
    ("listFind('a,,b', '', ',', true)", 2),
    ("listFind('a,b', 'a,b')", 0),
    ("listFind('1,2,3', 2)", 2),
    ("listFindNoCase('abba,bb,AABBCC', 'BB')", 2),
    ("listFindNoCase('axB', 'b', 'X')", 0),
    ("listFindNoCase('', 'a')", 0),
    ("listContains('uid1,uid12', '12')", 2),
    ("listContains('a,bc', 'C')", 0),
    ("listContains('a,b', '')", 0),
    ("listContains(',,a,b', 'b', ',', true)", 4),
    ("listContains('a:|b|:c', '|', ':|', false, true)", 2),
    ("listContainsNoCase('Image,JPEG', 'jp')", 2),
    ("listContainsNoCase('image,jpeg', 'JP')", 2),
    ("listContainsNoCase('', 'a')", 0),
    ("listValueCount('a,b,a,A', 'a')", 2),
    ("listValueCount('a,,b,', '', ',', true)", 2),
    ("listValueCountNoCase('a,b,a,A', 'A')", 3),
    ("listIndexExists('a,,b', 1)", True),
    ("listIndexExists('a,,b', 2)", True),
    ("listIndexExists('a,,b', 3)", False),
    ("listIndexExists('a,,b', 3, ',', true)", True),
    ("listIndexExists('a', 0)", False),
    ("listQualify('a,b,1', \"'\")", "'a','b','1'"),
    ("listQualify('coldfusion:railo:144:lucee:46', '|', ':', 'CHAR')", "|coldfusion|:|railo|:144:|lucee|:46"),
    ("listQualify('coldfusion:railo:144::lucee::46', '|', ':', 'CHAR', true)", "|coldfusion|:|railo|:144:||:|lucee|:||:46"),
    ("listQualify('a,,b', '|')", "|a|,|b|"),
    ("listQualify('', '|')", ""),
    ("listChangeDelims('Plant,green,save,earth', '@')", "Plant@green@save@earth"),
    ("listChangeDelims('a,b,c|d,e@f,g;h|j', ' ', ',|;@')", "a b c d e f g h j"),
    ("listChangeDelims('a,,b', '<br>')", "a<br>b"),
    ("listChangeDelims('a,,b', ';', ',', true)", "a;;b"),
    ("listChangeDelims('a:|b:c', ';', ':|', false, true)", "a;b:c"),
    ("listChangeDelims('abc', '-', '')", "a-b-c"),
    ("listSort('b,A,a,B', 'text')", "A,B,a,b"),
    ("listSort('b,A,a,B', 'textNoCase')", "A,a,b,B"),
    ("listSort('b,A,a,B', 'textnocase', 'DESC')", "b,B,A,a"),
    ("listSort('10,9,1e1,-2.5', 'numeric')", "-2.5,9,10,1e1"),
    ("listSort('10,9,100', 'text')", "10,100,9"),
    ("listSort('c||a||b', 'text', 'asc', '||')", "a||b||c"),
    ("listSort('b,,a', 'text', 'asc', ',', true)", ",a,b"),
    ("listSort('', 'numeric')", ""),
    ("listToArray('a,b,,c')", ["a", "b", "c"]),
    ("listToArray('a,b,,c', ',', true)", ["a", "b", "", "c"]),
    ("listToArray('', ',', true)", [""]),
    ("listToArray('red:|orange:|yellow', ':|', false, true)", ["red", "orange", "yellow"]),
    ("listToArray('red:|orange:yellow', ':|')", ["red", "orange", "yellow"]),
    ("listToArray('a--b----c', '--', true, true)", ["a", "b", "", "c"]),
    ("listToArray('abc', '')", ["a", "b", "c"]),
    ("listToArray('ab', '', true)", ["", "a", "b", ""]),
    ("listToArray('a\nb\r\nc', '\r\n')[3]", "c"),
    ("listRemoveDuplicates('a,b,A,a,,b')", "a,b,A"),
    ("listRemoveDuplicates('a,b,A,a', ',', true)", "a,b"),
    ("listRemoveDuplicates('', ';')", ""),
    ("listDeleteDuplicates('x,y,X,x')", "x,y,X"),
    ("listItemTrim(' a , b,  ,c ')", "a,b,,c"),
    ("listItemTrim('a, ,,b', ',', true)", "a,,,b"),
    ("listCompact(',,a,,b,,')", "a,,b"),
    ("listCompact('.,a.b,.', '.,')", "a.b"),
    ("listCompact('--a--b---', '--', true)", "a--b-"),
    ("listCompact(',,')", ""),
    ("listCompact('a', '')", "a"),
    ("listTrim('|a|', '|')", "a"),
    ("listAvg('1,2,,6')", 3),
    ("listAvg('')", 0),
    ("listAvg('1::2', '::', true)", 1.5),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_case(source: str, expected: object) -> None:
    """A function gives what the engines give."""
    assert expected == evaluate(source)


def test_every_function_has_a_case() -> None:
    """Every function of the family is called above, and its docstring names its source."""
    assert [] == without_case(FAMILY, (source for source, _ in CASES))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("listGetAt('a,b', 0)", "listGetAt(): position must be a position from 1 to 2, not 0"),
        ("listGetAt('a,,b', 3)", "listGetAt(): position must be a position from 1 to 2, not 3"),
        ("listGetAt('', 1)", "listGetAt(): position must be a position of an element, and the list has none, not 1"),
        ("listSetAt('a', 2, 'b')", "listSetAt(): position must be a position from 1 to 1, not 2"),
        ("listInsertAt('a', 2, 'b')", "listInsertAt(): position must be a position from 1 to 1, not 2"),
        (
            "listInsertAt('a', 1, 'b', '')",
            "listInsertAt(): delimiters must not be empty: the new element would run into its neighbour",
        ),
        ("listDeleteAt('a,b,', 3)", "listDeleteAt(): position must be a position from 1 to 2, not 3"),
        ("listDeleteAt('a', -1)", "listDeleteAt(): position must be a position from 1 to 1, not -1"),
        ("listAppend('a', 'b', '')", "listAppend(): delimiters must not be empty: the new element would run into its neighbour"),
        ("listFirst('a', ',', false, 0)", "listFirst(): count must be 1 or more, not 0"),
        ("listRest('a', ',', false, -1)", "listRest(): offset must be 1 or more, not -1"),
        ("listQualify('a', '|', ',', 'some')", "listQualify(): elements must be all or char, not 'some'"),
        ("listSort('a', 'size')", "listSort(): sortType must be text, textnocase, numeric, not 'size'"),
        ("listSort('a', 'text', 'down')", "listSort(): sortOrder must be asc or desc, not 'down'"),
        ("listSort('1,b', 'numeric')", "listSort(): element 2 must be a number, not 'b'"),
        ("listAvg('1,x')", "listAvg(): element 2 must be a number, not 'x'"),
        ("listLen([1])", "listLen(): list must be a simple value (text, number, boolean, date), not an array"),
        ("listGetAt('a', 'first')", "listGetAt(): position must be a number, not 'first'"),
    ],
)
def test_what_is_refused(source: str, expected: str) -> None:
    """An error names the function, the argument, and what it takes; the signature stands behind."""
    name = source.partition("(")[0]
    text = fault_of(source)
    assert expected == text.partition("; write ")[0]
    assert text.endswith(f"; write {evaluate_signature(name)}")


@pytest.mark.parametrize(
    "source",
    [
        "listChangeDelims(many, long)",
        "listQualify(many, long)",
        "listQualify(many, '1', long)",
        "listSort(many, 'text', 'asc', long)",
        "arrayToList(listToArray(many), long)",
        "valueList(rows.a, long)",
        "quotedValueList(rows.a, long)",
    ],
)
def test_a_list_has_an_end(source: str) -> None:
    """A long text between many elements is refused before it takes the memory."""
    rows = Query.from_rows(("a",), [{"a": "x"}] * 1000)
    many, long = ",".join("x" * 1000), "," * 40_000
    assert "the limit is 32000000" in fault_of(source, many=many, long=long, rows=rows)


def evaluate_signature(name: str) -> str:
    return next(function.signature for function in FAMILY if function.name == name)


LISTS = st.text("ab,;. ", max_size=12)
SETS = st.text(",;.", min_size=1, max_size=3)
ELEMENTS = st.text("abc ", min_size=1, max_size=4)
BOTH = st.booleans()


@given(LISTS, st.text(",;.]^-\\", max_size=3), BOTH)
def test_elements_are_what_stands_between(items: str, delimiters: str, empty: bool) -> None:
    """The two ways of reading a list, elements and their places, agree with a regular expression."""
    found = re.split(f"[{re.escape(delimiters)}]", items) if delimiters and items else [items] if items else []
    expected = found if empty else [one for one in found if one]
    assert expected == elements(items, delimiters, empty)
    assert expected == [items[begin:end] for begin, end in spans(items, delimiters, empty)]


@given(LISTS, SETS, ELEMENTS)
def test_append_and_prepend(items: str, delimiters: str, value: str) -> None:
    """An element that is put at an end makes the list one longer and is found there."""
    count = call("listLen", items, delimiters)
    longer = call("listAppend", items, value, delimiters)
    assert (count + 1, value) == (call("listLen", longer, delimiters), call("listLast", longer, delimiters))
    longer = call("listPrepend", items, value, delimiters)
    assert (count + 1, value) == (call("listLen", longer, delimiters), call("listFirst", longer, delimiters))


@given(LISTS, SETS, ELEMENTS, BOTH, st.data())
def test_set_insert_and_delete(items: str, delimiters: str, value: str, empty: bool, data: st.DataObject) -> None:
    """Setting, inserting and deleting do to the list what Python does to a list of its elements."""
    before = elements(items, delimiters, empty)
    if not before:
        return
    place = data.draw(st.integers(1, len(before)))
    expected = [*before[: place - 1], value, *before[place:]]
    assert expected == elements(call("listSetAt", items, place, value, delimiters, empty), delimiters, empty)
    expected = [*before[: place - 1], value, *before[place - 1 :]]
    assert expected == elements(call("listInsertAt", items, place, value, delimiters, empty), delimiters, empty)
    without = call("listDeleteAt", items, place, delimiters, empty)
    expected = [*before[: place - 1], *before[place:]]
    assert (expected if expected != [""] else []) == elements(without, delimiters, empty)


@given(LISTS, SETS, ELEMENTS)
def test_insert_then_delete(items: str, delimiters: str, value: str) -> None:
    """An element that is inserted and deleted again, with empty ones counted, leaves the list as it was."""
    if items:
        longer = call("listInsertAt", items, 1, value, delimiters, True)
        assert items == call("listDeleteAt", longer, 1, delimiters, True)


@given(LISTS, SETS, BOTH)
def test_first_and_rest_are_the_list(items: str, delimiters: str, empty: bool) -> None:
    """The first element and the rest have the elements of the list."""
    first, rest = call("listFirst", items, delimiters, empty), call("listRest", items, delimiters, empty)
    all_elements = elements(items, delimiters, empty)
    assert all_elements[:1] == ([first] if all_elements else [])
    if len(all_elements) > 1 and all_elements[1:] != [""]:
        assert all_elements[1:] == elements(rest, delimiters, empty)


@given(LISTS, SETS, BOTH)
def test_array_and_back(items: str, delimiters: str, empty: bool) -> None:
    """A list that became an array and is written with one delimiter has the same elements."""
    array = call("listToArray", items, delimiters, empty)
    assert type(array) is Array
    assert (elements(items, delimiters, empty) or [""] * (empty and not items)) == array
    if array != [""]:
        assert array == elements(call("arrayToList", array, delimiters[0]), delimiters, empty)


@given(LISTS, SETS, ELEMENTS, BOTH)
def test_find_agrees_with_get(items: str, delimiters: str, value: str, empty: bool) -> None:
    """What listFind finds stands there, and not before; what is not found counts nought."""
    place = call("listFind", items, value, delimiters, empty)
    count = call("listValueCount", items, value, delimiters, empty)
    assert (place == 0) == (count == 0)
    if place:
        assert value == call("listGetAt", items, place, delimiters, empty)
        assert value not in elements(items, delimiters, empty)[: place - 1]


@given(LISTS, st.sampled_from(["text", "textnocase"]))
def test_sort(items: str, sort_type: str) -> None:
    """Sorting keeps the elements, is the same the second time, and goes the other way for desc."""
    once = call("listSort", items, sort_type)
    assert sorted(elements(items)) == sorted(elements(once))
    assert once == call("listSort", once, sort_type)
    down = [one.lower() for one in elements(call("listSort", items, sort_type, "desc"))]
    assert [one.lower() for one in elements(once)] == down[::-1]


def test_columns_stand_for_their_current_row() -> None:
    """A column is a list where one is wanted: that of its current row."""
    mail = Query.from_rows(("attachments",), [{"attachments": "a.txt\tb.txt"}, {"attachments": "c"}])
    assert 2 == call("LISTLEN", mail.attachments, "\t")
    assert "b.txt" == call("listGetAt", mail.attachments, 2, "\t")
