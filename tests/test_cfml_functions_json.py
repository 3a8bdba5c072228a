"""The functions of JSON and of binary values; the cases are answers of Lucee 5.4, but those that say otherwise."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml import limits
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import MailDate, Struct
from cfml_pop.cfml.functions.binary import FAMILY as BINARY
from cfml_pop.cfml.functions.family import Page
from cfml_pop.cfml.functions.json_text import FAMILY as JSON
from cfml_pop.cfml.query import Query
from cfml_pop.cfml.simple import DateTime
from cfml_pop.errors import FunctionFault
from tests.functions_text_support import Case, call, said, without_a_case

TWO = Query.from_rows(["id", "name"], [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
BY_ROW = '{"COLUMNS":["id","name"],"DATA":[[1,"a"],[2,"b"]]}'
BY_COLUMN = '{"ROWCOUNT":2,"COLUMNS":["id","name"],"DATA":{"ID":[1,2],"NAME":["a","b"]}}'

CASES: list[Case] = [
    ("serializeJSON", (Struct({"b": Array([1, "2", True, "yes"]), "a": 1}),), '{"b":[1,"2",true,"yes"],"a":1}'),
    ("serializeJSON", ({"aB": 1.5},), '{"aB":1.5}'),
    ("serializeJSON", ('a"b/\n\x01é',), r'"a\"b/\n\u0001é"'),
    ("serializeJSON", ("</script>&'\u2028",), r'"\u003c/script\u003e\u0026\u0027\u2028"'),  # Lucee leaves them
    ("serializeJSON", (TWO,), BY_ROW),
    ("serializeJSON", (TWO, "row"), BY_ROW),
    ("serializeJSON", (TWO, False), BY_ROW),
    ("serializeJSON", (TWO, True), BY_COLUMN),
    ("serializeJSON", (TWO, "column"), BY_COLUMN),
    ("serializeJSON", (TWO, "Struct"), '[{"id":1,"name":"a"},{"id":2,"name":"b"}]'),
    ("serializeJSON", (Query.from_rows(["id"], []), True), '{"ROWCOUNT":0,"COLUMNS":["id"],"DATA":{"ID":[]}}'),
    ("serializeJSON", (TWO.name,), '"a"'),
    ("serializeJSON", (TWO.rows[1],), '{"id":2,"name":"b"}'),
    ("serializeJSON", (None,), "null"),
    ("serializeJSON", (1.0,), "1"),
    ("serializeJSON", (1 / 3,), "0.333333333333"),
    ("serializeJSON", ("001",), '"001"'),
    ("serializeJSON", (True,), "true"),
    ("serializeJSON", (Array(),), "[]"),
    ("serializeJSON", (b"abc",), '"YWJj"'),
    ("serializeJSON", (MailDate("Thu, 2 Jan 2020 03:04:05 GMT"),), '"Thu, 2 Jan 2020 03:04:05 GMT"'),
    ("deserializeJSON", ('{"a":1,"B":[1,2.5,null,true]}',), {"a": 1, "B": [1, 2.5, None, True]}),
    ("deserializeJSON", ('{"a":1,"A":2}',), {"a": 2}),
    ("deserializeJSON", ('"x"',), "x"),
    ("deserializeJSON", ("1",), 1),
    ("deserializeJSON", ("1e3",), 1000),
    ("deserializeJSON", ("null",), None),
    ("deserializeJSON", ("12345678901234567890",), 12345678901234567890.0),
    ("deserializeJSON", ('{"COLUMNS":["ID"],"DATA":[[1]]}',), {"COLUMNS": ["ID"], "DATA": [[1]]}),
    ("deserializeJSON", ('{"COLUMNS":["ID"],"DATA":[[1]],"x":1}', False), {"COLUMNS": ["ID"], "DATA": [[1]], "x": 1}),
    ("deserializeJSON", ('{"COLUMNS":["ID"],"DATA":[[1,2]]}', False), {"COLUMNS": ["ID"], "DATA": [[1, 2]]}),
    ("isJSON", ('{"a":1}',), True),
    ("isJSON", (" [1] ",), True),
    ("isJSON", ("1",), True),
    ("isJSON", (1,), True),
    ("isJSON", ("true",), True),
    ("isJSON", ('"abc"',), True),
    ("isJSON", ("null",), True),
    ("isJSON", ("",), False),
    ("isJSON", ("abc",), False),
    ("isJSON", ("NaN",), False),
    ("isJSON", ("1e999",), False),
    ("isJSON", ("{a:1}",), False),  # Lucee reads this and the next ones
    ("isJSON", ("{'a':1}",), False),
    ("isJSON", ("[1,]",), False),
    ("isJSON", ("01",), False),
    ("isJSON", (Array([1]),), False),
    ("isJSON", (None,), False),
    ("isJSON", ("[" * 100_000,), False),
]

BINARY_CASES: list[Case] = [
    ("toBase64", ("abc",), "YWJj"),
    ("toBase64", ("",), ""),
    ("toBase64", ("é", "iso-8859-1"), "6Q=="),
    ("toBase64", (b"abc",), "YWJj"),
    ("toBinary", ("YWJj",), b"abc"),
    ("toBinary", ("YWJ",), b"ab"),
    ("toBinary", ("YW\nJj",), b"abc"),
    ("toBinary", ("",), b""),
    ("toBinary", (b"abc",), b"abc"),
    ("binaryEncode", (b"abc", "hex"), "616263"),
    ("binaryEncode", (b"\xe9", "HEX"), "E9"),
    ("binaryEncode", (b"abc", "base64"), "YWJj"),
    ("binaryEncode", (b"\xfb\xff", "base64url"), "-_8"),
    ("binaryEncode", (b"abc", "UU"), "#86)C\n"),
    ("binaryDecode", ("616263", "hex"), b"abc"),
    ("binaryDecode", ("YWJj", "base64"), b"abc"),
    ("binaryDecode", ("-_8", "base64url"), b"\xfb\xff"),
    ("binaryDecode", ("#86)C", "uu"), b"abc"),
    ("charsetDecode", ("é", "iso-8859-1"), b"\xe9"),
    ("charsetDecode", ("é", "utf-16"), b"\xfe\xff\x00\xe9"),
    ("charsetDecode", ("€", "us-ascii"), b"?"),
    ("charsetEncode", (b"\xfe\xff\x00\xe9", "utf-16"), "é"),
    ("charsetEncode", (b"\xff\xfe\xe9\x00", "utf-16"), "é"),
    ("charsetEncode", (b"\x00\xe9", "utf-16"), "é"),
    ("charsetEncode", (b"\xc3\xa9", "utf-8"), "é"),
    ("charsetEncode", (b"\xc3", "utf-8"), "\ufffd"),
]

FAULTS = [
    (
        ("serializeJSON", TWO, "bad"),
        "serializeJSON(): queryFormat must be row, column, struct, yes or no, not 'bad'",
    ),
    (
        ("serializeJSON", float("inf")),
        "serializeJSON(): data has a number that is not finite",
    ),
    (
        ("deserializeJSON", "[1,2] x"),
        "deserializeJSON(): json cannot be read: Extra data: line 1 column 7 (char 6)",
    ),
    (
        ("deserializeJSON", "NaN"),
        "deserializeJSON(): json cannot be read: NaN is no value of JSON",
    ),
    (
        ("deserializeJSON", "[" * 100_000),
        "deserializeJSON(): json has too many values one inside the other",
    ),
]

BINARY_FAULTS = [
    (
        ("toBinary", "!!"),
        "toBinary(): string cannot be read as base64: it has other characters, or an end too early",
    ),
    (
        ("binaryDecode", "61626", "hex"),
        "binaryDecode(): string cannot be read as hex: it has other characters, or an end too early",
    ),
    (
        ("binaryEncode", b"a", "nope"),
        "binaryEncode(): encoding must be one of hex, uu, base64, base64url, not 'nope'",
    ),
    (
        ("binaryEncode", "a", "hex"),
        "binaryEncode(): binary must be a binary, as toBinary and charsetDecode make it, not 'a'",
    ),
    (
        ("charsetDecode", "a", "idna"),
        "charsetDecode(): encoding must be a character set, as utf-8, iso-8859-1 or windows-1252, not 'idna'",
    ),
]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abc", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("name", "given_", "expected"), CASES)
def test_cases(name: str, given_: tuple[Any, ...], expected: Any) -> None:
    """Each function gives what Lucee gives, but where it says otherwise."""
    assert expected == call(JSON, name, *given_)


@pytest.mark.parametrize(("name", "given_", "expected"), BINARY_CASES)
def test_binary_cases(name: str, given_: tuple[Any, ...], expected: Any) -> None:
    """Each function of binary values gives what Lucee gives."""
    assert expected == call(BINARY, name, *given_)


def test_every_function_has_a_case() -> None:
    """Every function names its source and is called by a table."""
    assert [] == without_a_case(JSON, CASES)
    assert [] == without_a_case(BINARY, BINARY_CASES)


@pytest.mark.parametrize(("given_", "expected"), FAULTS)
def test_faults(given_: tuple[Any, ...], expected: str) -> None:
    """A wrong argument is one error with the function, the argument and what is accepted."""
    with pytest.raises(FunctionFault) as caught:
        call(JSON, *given_)

    assert expected == said(caught.value)


@pytest.mark.parametrize(("given_", "expected"), BINARY_FAULTS)
def test_binary_faults(given_: tuple[Any, ...], expected: str) -> None:
    """What is no binary, no encoding and no character set is one error that says what is accepted."""
    with pytest.raises(FunctionFault) as caught:
        call(BINARY, *given_)

    assert expected == said(caught.value)


def test_a_date_in_json() -> None:
    """A date is written as Lucee writes it, with the offset of the page's zone."""
    zone = dt.timezone(dt.timedelta(hours=-3, minutes=-30))
    serialize = next(function for function in JSON if function.name == "serializeJSON")

    assert '"January, 02 2020 03:04:05 -0330"' == serialize(Page(time_zone=zone), DateTime(2020, 1, 2, 3, 4, 5))


def test_what_contains_itself() -> None:
    """A struct or an array that contains itself is an error, not the end of the server."""
    endless = Array()
    endless.append(endless)

    with pytest.raises(FunctionFault, match="data has more than 200 values one inside the other, or contains itself"):
        call(JSON, "serializeJSON", endless)


def test_json_has_a_longest_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays that hold the same array many times cannot fill the memory."""
    monkeypatch.setattr(limits, "LONGEST_TEXT", 10_000)
    value: Any = "x" * 100
    for _ in range(50):
        value = Array([value] * 10)

    with pytest.raises(FunctionFault, match=r"would make 100\d\d characters; the limit is 10000"):
        call(JSON, "serializeJSON", value)


@pytest.mark.parametrize("text", [BY_ROW, BY_COLUMN, BY_ROW.replace("COLUMNS", "columns").replace("DATA", "data")])
def test_a_query_from_json(text: str) -> None:
    """Without strict mapping what looks like a query is one, inside of other values too."""
    found = call(JSON, "deserializeJSON", f"[{text}]", False)[1]

    assert isinstance(found, Query)
    assert TWO.to_dicts() == found.to_dicts()


def test_columns_of_json_that_none_can_be() -> None:
    """A name that no column may have leaves the struct a struct."""
    assert isinstance(call(JSON, "deserializeJSON", '{"COLUMNS":["a b"],"DATA":[[1]]}', False), Struct)


@given(VALUES)
def test_json_is_read_back(value: Any) -> None:
    """Python's reader and deserializeJSON read back what was written."""
    written = call(JSON, "serializeJSON", value)

    assert value == json.loads(written)
    assert value == call(JSON, "deserializeJSON", written)
    assert call(JSON, "isJSON", written)


@given(st.text(alphabet='{}[]",:01.eE-+ntruefals \\u', max_size=20))
def test_json_is_what_python_reads(text: str) -> None:
    """isJSON says what a strict reader takes, and deserializeJSON agrees."""
    try:
        json.loads(text, parse_float=lambda digits: 1 / (abs(float(digits)) < float("inf")))
    except (ValueError, ZeroDivisionError):
        expected = False
    else:
        expected = True

    assert expected == call(JSON, "isJSON", text)


@given(st.binary(max_size=200), st.sampled_from(["hex", "uu", "base64", "base64url"]))
def test_binaries_are_read_back(octets: bytes, encoding: str) -> None:
    """binaryDecode reads what binaryEncode writes."""
    assert octets == call(BINARY, "binaryDecode", call(BINARY, "binaryEncode", octets, encoding), encoding)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["utf-8", "utf-16", "utf-16le", "UTF-32"]))
def test_character_sets_are_read_back(text: str, charset: str) -> None:
    """charsetEncode reads what charsetDecode writes."""
    if not text.startswith("\ufeff"):
        assert text == call(BINARY, "charsetEncode", call(BINARY, "charsetDecode", text, charset), charset)


@given(st.text(max_size=12))
def test_any_name_of_a_character_set(name: str) -> None:
    """Any name is a character set or a FunctionFault."""
    try:
        call(BINARY, "charsetDecode", "abc", name)
    except FunctionFault as fault:
        assert "encoding" == fault.argument  # noqa: PT017 - most names are none


def test_arrays_that_hold_one_another_twice_end() -> None:
    """Forty arrays, each with the next one twice, are refused by their number of values, long before the memory is full."""
    data: list[Any] = []
    for _ in range(40):
        data = [data, data]

    with pytest.raises(FunctionFault, match="data has more than 1000000 values"):
        call(JSON, "serializeJSON", data)
