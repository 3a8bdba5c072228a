"""The kinds of attribute values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from cfml_pop.cfml.kinds import ACTIONS, KINDS
from cfml_pop.cfml.query import Query

SAMPLES: tuple[object, ...] = (
    "",
    " ",
    "a",
    "a.b",
    "1",
    " 1 ",
    "0",
    "-1",
    "2.5",
    "70000",
    "getAll",
    " GETHEADERONLY\n",
    "yes",
    " No ",
    ".5",
    "+3.",
    65535.5,
    Decimal(3),
    "x\ny",
    1,
    70000,
    2.5,
    True,
    None,
    ["a"],
    {"a": 1},
)


def allows(schema: Mapping[str, Any], value: object) -> bool:
    """The few keywords of JSON schema that the kinds use, read as the standard says."""
    if "anyOf" in schema:
        return any(allows(one, value) for one in schema["anyOf"])
    if "enum" in schema:
        return any(value is item or (value == item and not isinstance(value, bool)) for item in schema["enum"])
    named = {"string": str, "boolean": bool, "array": list, "object": Mapping}
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    value = float(value) if isinstance(value, Decimal) else value  # JSON has one kind of number
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    right = any(isinstance(value, named[name]) for name in types if name in named)
    right = right or ("number" in types and number) or ("integer" in types and number and isinstance(value, int))
    if isinstance(value, str):
        return right and len(value) >= schema.get("minLength", 0) and re.search(schema.get("pattern", ""), value) is not None
    if number and isinstance(value, (int, float)):
        if value <= schema.get("exclusiveMinimum", -math.inf) or value >= schema.get("exclusiveMaximum", math.inf):
            return False
        return right and schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return right


def is_read(kind: str, value: object) -> bool:
    try:
        KINDS[kind].read(value)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_schema_lets_everything_through_that_is_read(kind: str) -> None:
    """Whatever the reader takes the schema allows."""
    read = [value for value in SAMPLES if is_read(kind, value)]
    assert read
    assert read == [value for value in read if allows(KINDS[kind].schema, value)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("host", ""),
        ("port", 70000),
        ("port", "x"),
        ("seconds", 0),
        ("seconds", "0.0"),
        ("seconds", 3_000_000),
        ("boolean", "maybe"),
        ("action", "getal"),
        ("mapping", []),
        ("variable", "a b"),
    ],
)
def test_schema_refuses(kind: str, value: object) -> None:
    """What is plainly wrong is wrong for schema and reader."""
    assert (False, False) == (allows(KINDS[kind].schema, value), is_read(kind, value))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("action", "  GETALL ", "getAll"),
        ("action", "markread", "markRead"),
        ("port", " 995 ", 995),
        ("host", " pop.example.com ", "pop.example.com"),
        ("host", "::1", "::1"),
        ("host", "[::1]", "::1"),
        ("mapping", Query.from_rows(["cids"], [{"cids": {"a": 1}}]).cids, {"a": 1}),
        ("port", Decimal(995), 995),
        ("seconds", Decimal("2.5"), 2.5),
        ("variable", "session.mail", "session.mail"),
        ("mapping", {"a": 1}, {"a": 1}),
        ("text", 7, "7"),
    ],
)
def test_read(kind: str, value: object, expected: object) -> None:
    """A kind gives the plain value in its canonical form."""
    assert expected == KINDS[kind].read(value)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("action", "getal", "must be one of getHeaderOnly, getAll, delete, markRead, not 'getal'"),
        ("port", "0", "must be between 1 and 65535, not '0'"),
        ("port", 65536, "must be between 1 and 65535, not 65536"),
        ("host", "", "must not be empty"),
        (
            "host",
            "pop3://x",
            (
                "is no POP URL: a POP URL is written like pop://user@host:110 or pops://user@host; "
                "in this one its scheme is not known; write pop://"
            ),
        ),
        ("host", "mail:110", "must be the host alone, not 'mail:110'; write port=110"),
        ("host", "[::1]:995", "must be the host alone, not '[::1]:995'; write port=995"),
        ("host", "[::1", "must be a host name or an address, not '[::1'"),
        ("host", "a b", "must be a host name or an address, not 'a b'"),
        ("text", "a\r\nDELE 1", "must not hold a control character (CR)"),
        ("password", "", "must not be empty"),
        ("password", ["tiger"], "must be text, not a value of type list"),
        ("variable", "a b", "must be the name of a variable, with dots where it goes into a mapping, not 'a b'"),
        ("variable", "a..b", "must be the name of a variable, with dots where it goes into a mapping, not 'a..b'"),
        ("mapping", "a", "must be a mapping of attributes, not a value of type str"),
        ("path", "a\tb", "must not hold a control character (TAB)"),
    ],
)
def test_refused(kind: str, value: object, text: str) -> None:
    """A value that cannot be read is refused with a text that goes on after the attribute's name."""
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        KINDS[kind].read(value)


def test_words_are_accepted_values() -> None:
    """Every word that may stand without quotes is read by its kind."""
    assert ACTIONS == KINDS["action"].words
    for name, kind in KINDS.items():
        assert [True] * len(kind.words) == [is_read(name, word) for word in kind.words]
