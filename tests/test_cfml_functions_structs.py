"""Functions of structs and of paths: one line a case; what they do to a struct of the page and to a host's own mapping."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions import paths, structs
from cfml_pop.cfml.new_query import NewQuery
from cfml_pop.cfml.query import PlainCells, Query
from tests.functions_support import call, evaluate, fault_of, without_case

MAIL = Query.from_rows(("Subject", "cids"), [{"subject": "one", "cids": Struct({"Logo.png": "c1"})}])
CITY = {"Name": "Ann", "Address": {"City": "Bern", "tags": ["x", {"city": "Basel"}]}}

CASES: list[tuple[str, Any]] = [
    ("structNew()", {}),
    ("structNew('Ordered')", {}),
    ("isStruct({})", True),
    ("isStruct(structNew())", True),
    ("isStruct([])", False),
    ("isStruct('a')", False),
    ("isStruct(mail)", False),
    ("isStruct(mail.cids)", True),
    ("isStruct(mail.rows[0])", True),
    ("structKeyExists({'Uid': 1}, 'UID')", True),
    ("structKeyExists({'Uid': none}, 'uid')", False),
    ("structKeyExists({}, 'uid')", False),
    ("structKeyExists(struct={'uid': 1}, key='uid')", True),
    ("structKeyExists({1: 'a'}, 1)", True),
    ("structKeyExists(mail.cids, 'LOGO.PNG')", True),
    ("structKeyExists(mail, 'Subject')", True),
    ("structKeyExists(mail, 'body')", False),
    ("structKeyExists(mail.rows[0], 'SUBJECT')", True),
    ("structKeyExists(mail.rows[0], 'recordcount')", False),
    ("structKeyList(mail.rows[0])", "Subject,cids"),
    ("structFind(mail.rows[0], 'Subject')", "one"),
    ("structCount(mail.rows[0])", 2),
    ("duplicate(mail.rows[0]).SUBJECT", "one"),
    ("structKeyList({'b': 1, 'A': 2})", "b,A"),
    ("structKeyList({'b': 1, 'A': 2}, '; ')", "b; A"),
    ("structKeyList({})", ""),
    ("structKeyArray({'b': 1, 'A': 2})[1]", "b"),
    ("structValueArray({'b': 1, 'A': 2})", [1, 2]),
    ("structCount({'b': 1, 'A': 2})", 2),
    ("structIsEmpty({})", True),
    ("structIsEmpty({'a': none})", False),
    ("structFind({'Uid': 'u1'}, 'uid')", "u1"),
    ("structFind({'Uid': 'u1'}, 'none', 'else')", "else"),
    ("structFind({'Uid': none}, 'uid', 'else')", "else"),
    ("structInsert(structNew(), 'a', 1)", True),
    ("structUpdate({'a': 1}, 'A', 2)", True),
    ("structDelete({'a': 1}, 'A')", True),
    ("structDelete({}, 'a')", True),
    ("structDelete({}, 'a', true)", False),
    ("structDelete({'a': 1}, 'A', true)", True),
    ("structClear({'a': 1})", True),
    ("structAppend({}, {'a': 1})", True),
    ("structCopy({'a': [1]})", {"a": [1]}),
    ("duplicate({'a': [1, {'B': 2}]})", {"a": [1, {"B": 2}]}),
    ("duplicate('text')", "text"),
    ("duplicate(mail.subject)", "one"),
    ("duplicate([1], false)", [1]),
    ("duplicate(mail).subject[1]", "one"),
    ("structSort({'red': 93, 'yellow': 90, 'green': 94}, 'numeric', 'desc')", ["green", "red", "yellow"]),
    ("structSort({'a': 'Z', 'b': 'y'})", ["a", "b"]),
    ("structSort({'a': 'Z', 'b': 'y'}, 'textnocase')", ["b", "a"]),
    ("structSort({'a': {'N': {'m': 2}}, 'b': {'n': {'M': 1}}}, 'numeric', 'asc', 'n.m')", ["b", "a"]),
    ("structFindKey(city, 'CITY')[1].path", ".Address.City"),
    ("structFindKey(city, 'city')[1].value", "Bern"),
    ("structFindKey(city, 'city', 'all')[2].path", ".Address.tags[2].city"),
    ("structFindKey(city, 'city', 'all')[2].owner", {"city": "Basel"}),
    ("arrayLen(structFindKey(city, 'city'))", 1),
    ("arrayLen(structFindKey(city, 'city', 'ALL'))", 2),
    ("arrayLen(structFindKey(city, 'zip', 'all'))", 0),
    ("structFindValue(city, 'basel')[1].path", ".Address.tags[2].city"),
    ("structFindValue(city, 'ANN', 'all')[1].key", "Name"),
    ("arrayLen(structFindValue(city, 'x', 'all'))", 0),
    ("getFileFromPath('/home/ann/mail.txt')", "mail.txt"),
    ("getFileFromPath('C:\\\\mail\\\\inbox/a.txt')", "a.txt"),
    ("getFileFromPath('a.txt')", "a.txt"),
    ("getFileFromPath('/home/')", ""),
    ("getFileFromPath('')", ""),
    ("getDirectoryFromPath('/home/ann/mail.txt')", "/home/ann/"),
    ("getDirectoryFromPath('C:\\\\mail\\\\a.txt')", "C:\\mail\\"),
    ("getDirectoryFromPath('/home/')", "/home/"),
    ("getDirectoryFromPath('a.txt')", "/"),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_case(source: str, expected: object) -> None:
    """A function gives what the engines give."""
    assert expected == evaluate(source, mail=MAIL, city=CITY)


@pytest.mark.parametrize("family", [structs.FAMILY, paths.FAMILY], ids=lambda family: family.title)
def test_every_function_has_a_case(family: Any) -> None:
    """Every function of the family is called above, and its docstring names its source."""
    assert [] == without_case(family, (source for source, _ in CASES))


@pytest.mark.parametrize(
    ("call", "before", "expected"),
    [
        ("structInsert(s, 'B', 2)", {"a": 1}, {"a": 1, "B": 2}),
        ("structInsert(s, 'A', 2, true)", {"a": 1}, {"a": 2}),
        ("structInsert(s, 'a', mail.subject)", {}, {"a": "one"}),
        ("structUpdate(s, 'A', 2)", {"a": 1}, {"a": 2}),
        ("structDelete(s, 'A')", {"a": 1, "b": 2}, {"b": 2}),
        ("structDelete(s, 'c')", {"a": 1}, {"a": 1}),
        ("structClear(s)", {"a": 1}, {}),
        ("structAppend(s, {'A': 2, 'b': 3})", {"a": 1}, {"a": 2, "b": 3}),
        ("structAppend(s, {'A': 2, 'b': 3}, false)", {"a": 1}, {"a": 1, "b": 3}),
        ("structAppend(s, s)", {"a": 1}, {"a": 1}),
        ("structCopy(s)", {"a": 1}, {"a": 1}),
    ],
)
@pytest.mark.parametrize("make", [dict, Struct])
def test_what_becomes_of_the_struct(
    call: str, before: Mapping[str, Any], expected: Mapping[str, Any], make: Callable[[Any], Any]
) -> None:
    """A function changes a struct in place; keys compare without case and keep their case, in a host's dict as well."""
    struct = make(before)
    evaluate(call, s=struct, mail=MAIL)
    assert list(expected.items()) == list(struct.items())
    assert make is type(struct)


class Locked(dict[str, Any]):
    """A host's mapping that looks as if it could be changed, as werkzeug's do."""

    def __setitem__(self, key: str, value: Any) -> None:
        raise TypeError("'Locked' objects are immutable")

    def __delitem__(self, key: str) -> None:
        raise TypeError("'Locked' objects are immutable")

    def clear(self) -> None:
        raise TypeError("'Locked' objects are immutable")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("structFind({'b': 1, 'A': 2}, 'c')", "structFind(): key must be in the struct, and 'c' is not; its keys are b, A;"),
        ("structFind({}, 'c')", "its keys are (none);"),
        ("structUpdate({}, 'c', 1)", "structUpdate(): key must be in the struct, and 'c' is not"),
        ("structInsert({'a': 1}, 'A', 1)", "key must be new, and 'A' is there already; with allowOverwrite it may be"),
        (
            "structNew('casesensitive')",
            "structNew(): type must be normal, ordered, linked, synchronized, weak, soft, not 'casesen",
        ),
        ("structKeyExists('a', 'b')", "structKeyExists(): structure must be a struct or a query, not 'a'"),
        ("structCount([1])", "structCount(): structure must be a struct, not an array"),
        ("structClear(mail.rows[0])", "structure must be a struct that can be changed; this one is only for reading"),
        ("structClear(fixed)", "structure must be a struct that can be changed; this one is only for reading"),
        ("structInsert(locked, 'b', 1)", "structInsert(): structure cannot be changed: 'Locked' objects are immutable"),
        ("structDelete(locked, 'A')", "structDelete(): structure cannot be changed: 'Locked' objects are immutable"),
        ("structClear(locked)", "structClear(): structure cannot be changed: 'Locked' objects are immutable"),
        (
            "structSort({'a': {}}, 'text', 'asc', 'n')",
            "pathToSubElement must lead to a value everywhere, and 'n' does not in 'a'",
        ),
        ("structSort({'a': 'x'}, 'numeric')", "structSort(): element 1 must be a number, not 'x'"),
        ("structFindKey('a', 'b')", "structFindKey(): top must be a struct or an array, not 'a'"),
        ("structFindValue({}, 'b', 'two')", "structFindValue(): scope must be one or all, not 'two'"),
        ("getFileFromPath([])", "getFileFromPath(): path must be a simple value (text, number, boolean, date), not an array"),
    ],
)
def test_what_is_refused(source: str, expected: str) -> None:
    """An error names the function, the argument, and what it takes."""
    assert expected in fault_of(source, mail=MAIL, fixed=types.MappingProxyType({"a": 1}), locked=Locked({"a": 1}))


def test_reading_a_mapping_that_cannot_be_changed() -> None:
    """Scopes that are only for reading are read."""
    scope = types.MappingProxyType({"Uid": "u1"})
    assert (True, "u1", "Uid") == (
        call("structKeyExists", scope, "uid"),
        call("structFind", scope, "UID"),
        call("structKeyList", scope),
    )


def test_duplicate_has_no_tie() -> None:
    """A duplicate shares nothing with what it was made of, also where that goes in circles; a copy shares what is inside."""
    circle: dict[str, Any] = {"List": [1, {"n": 1}]}
    circle["self"] = circle
    twin = call("duplicate", circle)
    twin["list"][2]["n"] = 2
    assert (1, 2) == (circle["List"][1]["n"], twin["LIST"][2]["N"])
    assert twin["self"] is twin
    assert (Struct, Array) == (type(twin), type(twin["list"]))
    rows = [[1]]
    call("duplicate", rows)[1].append(2)
    call("duplicate", rows, False)[1].append(3)
    assert [[1, 3]] == rows
    half = call("structCopy", circle)
    half["list"].append("own")
    assert (2, circle["List"][1]) == (len(circle["List"]), half["LIST"][2])
    assert half["list"][2] is circle["List"][1]
    assert call("duplicate", circle, False)["self"] is circle


def test_a_duplicate_of_a_query_can_be_changed() -> None:
    """The result of cfpop is fixed; its duplicate is not, and shares no cell with it."""
    twin = call("duplicate", MAIL)
    assert NewQuery is type(twin)
    call("querySetCell", twin, "subject", "two", 1)
    twin.rows[0].cids["logo.png"] = "c2"
    assert ("one", "c1", "two", "c2") == (MAIL.subject[1], MAIL.cids["logo.png"], twin.subject[1], twin.cids["logo.png"])


def test_a_row_is_decoded_when_it_is_asked() -> None:
    """Asking a row for its keys decodes no cell, and asking for one decodes that one."""
    asked: list[str] = []

    class Counting(PlainCells):
        def cell(self, column: str) -> object:
            asked.append(column)
            return super().cell(column)

    (row,) = Query(("uid", "body"), [Counting({"uid": "u1"})])
    assert (2, True) == (call("structCount", row), call("isStruct", row))
    assert "u1" == call("structFind", row, "UID")
    assert ["uid"] == asked


def test_circles_are_searched_once() -> None:
    """A struct that contains itself is searched to an end."""
    circle: dict[str, Any] = {"a": 1}
    circle["self"] = circle
    circle["list"] = [circle]
    found = call("structFindKey", circle, "a", "all")
    assert [".a"] == [one["path"] for one in found]


KEYS = st.text("abAB", min_size=1, max_size=2)
STRUCTS = st.dictionaries(KEYS, st.integers(), max_size=5)


@given(STRUCTS, KEYS, st.integers())
def test_insert_find_delete(items: dict[str, int], key: str, value: int) -> None:
    """What is put under a key is found under it in any case, and is gone when it is deleted; nothing else changes."""
    struct = Struct(items)
    others = {name.lower(): number for name, number in struct.items() if name.lower() != key.lower()}
    assert call("structInsert", struct, key, value, True)
    assert value == call("structFind", struct, key.swapcase())
    assert call("structDelete", struct, key.upper(), True)
    assert not call("structKeyExists", struct, key)
    assert others == {name.lower(): number for name, number in struct.items()}


@given(STRUCTS, STRUCTS)
def test_append_is_the_struct_operator(first: dict[str, int], second: dict[str, int]) -> None:
    """structAppend gives what `|` of two structs gives; without overwriting, all that was there stays as it was."""
    struct = Struct(first)
    call("structAppend", struct, second)
    assert Struct(first) | second == struct
    struct = Struct(first)
    call("structAppend", struct, Struct(second), False)
    assert Struct(second) | first == struct


@given(st.recursive(st.integers() | st.text("ab"), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=8))
def test_duplicate_is_equal(value: Any) -> None:
    """A duplicate equals what Python's own deep copy gives."""

    def folded(item: Any) -> Any:
        if isinstance(item, Mapping):
            return {name.lower(): folded(inner) for name, inner in item.items()}
        return [folded(inner) for inner in item] if isinstance(item, list) else item

    twin = call("duplicate", copy.deepcopy(value))
    if len(str(folded(value))) == len(str(value)):  # keys that differ in case only are one key of a struct
        assert folded(value) == folded(twin)


@given(st.text("ab/\\.", max_size=9))
def test_directory_and_file_are_the_path(path: str) -> None:
    """The two parts of a path are the path; one without a separator has "/" before it."""
    directory, name = call("getDirectoryFromPath", path), call("getFileFromPath", path)
    assert path == (directory + name if path != name else name)
    assert not set("/\\") & set(name)
    assert directory[-1] in "/\\"


@pytest.mark.parametrize("name", ["structFindKey", "structFindValue"])
def test_finding_ends(name: str) -> None:
    """Arrays that hold the same array many times are not looked through for ever."""
    value: Any = Struct({"a": "b"})
    for _ in range(50):
        value = Array([value] * 10)
    assert "top must not hold more than 100000 values, each counted wherever it stands" in fault_of(
        f"{name}(a, 'c', 'all')", a=value
    )
