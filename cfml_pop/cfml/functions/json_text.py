"""JSON.

Rule: what is written is RFC 8259 and can stand in a script element: `<`, `>`, `&`, `'` and the line ends of Unicode in it are
written by number. It is not marked as HTML, as its quotes would end an attribute: write `serializeJSON(x)|safe` in a script.
What is read must be RFC 8259 too, without Lucee's leniency (names without quotes, quotes of the other kind, a comma too many).

Names of keys and columns keep their case, text stays text, "yes" and "1" too (Lucee; Adobe makes booleans, numbers and
capitals). Dates are "January, 02 2020 03:04:05 +0000" as Lucee writes them.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import Column, current
from cfml_pop.cfml.functions.binary import ENCODINGS
from cfml_pop.cfml.functions.family import KINDS, Family, Page, argument
from cfml_pop.cfml.limits import fits
from cfml_pop.cfml.query import Query, Row

__all__ = ["FAMILY"]

FAMILY = Family("JSON")

MOST_VALUES = 1_000_000
"""Values that are written: a hundred thousand rows of ten columns. Twenty arrays, each with the next one twice, have as many."""

DEEPEST = 200
"""Values inside values. A struct that contains itself would have no end."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

IN_SCRIPT = re.compile("[<>&'\u2028\u2029\x7f\ud800-\udfff]")


def _rows(query: Query) -> Iterator[Array]:
    return (Array([row[name] for name in query.columns]) for row in query)


def _by_column(query: Query) -> dict[str, Any]:
    data = {name.upper(): [row[name] for row in query] for name in query.columns}
    return {"ROWCOUNT": query.recordcount, "COLUMNS": list(query.columns), "DATA": data}


QUERY_FORMS: dict[str, Callable[[Query], Any]] = {
    "row": lambda query: {"COLUMNS": list(query.columns), "DATA": list(_rows(query))},
    "column": _by_column,
    "struct": lambda query: [dict(zip(query.columns, row, strict=True)) for row in _rows(query)],
}


def _form(value: Any, _: Page) -> str:
    if isinstance(value, str) and value.strip().lower() in QUERY_FORMS:
        return value.strip().lower()
    try:
        return "column" if simple.boolean(value) else "row"
    except ValueError:
        raise ValueError(f"must be row, column, struct, yes or no, not {simple.kind_of(value)}") from None


KINDS["JSON query form"] = _form


class _Writer:
    def __init__(self, form: str, page: Page) -> None:
        self.form = form
        self.page = page
        self.pieces: list[str] = []
        self.size = 0
        self.values = 0

    def add(self, text: str) -> None:
        self.size = fits(self.size + len(text))
        self.pieces.append(text)

    def write(self, value: Any, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise ValueError(f"data has more than {DEEPEST} values one inside the other, or contains itself")
        self.values += 1
        if self.values > MOST_VALUES:
            raise ValueError(f"data has more than {MOST_VALUES} values")
        value = current(value)
        if isinstance(value, Query):
            value = QUERY_FORMS[self.form](value)
        elif isinstance(value, Row):
            value = {name: value[name] for name in value._columns}
        if isinstance(value, Mapping):
            self.sequence("{}", value.items(), depth, named=True)
        elif isinstance(value, (list, tuple)):
            self.sequence("[]", (("", item) for item in value), depth, named=False)
        else:
            self.add(self.plain(value))

    def sequence(self, brackets: str, items: Any, depth: int, *, named: bool) -> None:
        self.add(brackets[0])
        for number, (name, item) in enumerate(items):
            self.add(("," if number else "") + (self.plain(str(name)) + ":" if named else ""))
            self.write(item, depth + 1)
        self.add(brackets[1])

    def plain(self, value: Any) -> str:
        if value is None or isinstance(value, (bool, int)):
            return json.dumps(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise ValueError("data has a number that is not finite")
            return simple.text(value)
        if isinstance(value, (bytes, bytearray)):
            value = ENCODINGS["base64"][0](bytes(value))
        elif isinstance(value, dt.date) and not isinstance(value, str):
            value = _date(value, self.page)
        return IN_SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(simple.text(value), ensure_ascii=False))


def _date(value: dt.date, page: Page) -> str:
    moment = simple.date(value, page.time_zone)
    if moment is None:
        raise ValueError("data has a date that is none")
    try:
        offset = f"{moment.replace(tzinfo=page.time_zone) if page.time_zone else moment.astimezone():%z}"[:5]
    except (OverflowError, OSError, ValueError):  # the system's zones end before Python's calendar does
        offset = "+0000"
    return f"{MONTHS[moment.month - 1]}, {moment.day:02} {moment.year:04} {moment:%H:%M:%S} {offset}"


@FAMILY.function("serializeJSON", argument("data", "any"), argument("queryFormat", "JSON query form", "row"), page=True)
def serialize_json(page: Page, value: Any, form: str) -> str:
    """A value as JSON. A query is {"COLUMNS", "DATA"} with an array of rows, or by columns for yes or "column", or an array of
    structs for "struct"; a column of a query stands for its current row. Source: Lucee and Adobe, SerializeJSON; the secure
    prefix is left out."""
    writer = _Writer(form, page)
    writer.write(value)
    return "".join(writer.pieces)


def _read(text: str) -> Any:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no value of JSON")

    def number(digits: str) -> float:
        found = float(digits)
        if not math.isfinite(found):
            refuse(digits)
        return found

    def whole(digits: str) -> int | float:
        return int(digits) if len(digits) < 16 else number(digits)

    return json.loads(text, object_pairs_hook=Struct, parse_constant=refuse, parse_float=number, parse_int=whole)


def _to_cfml(value: Any, strict: bool) -> Any:
    """Lists as arrays, and unless `strict` what looks like a query as one."""
    if isinstance(value, list):
        return Array([_to_cfml(item, strict) for item in value])
    if isinstance(value, Struct):
        found = Struct((key, _to_cfml(item, strict)) for key, item in value.items())
        return found if strict else _query(found) or found
    return value


def _query(struct: Struct) -> Query | None:
    columns, data = struct.get("COLUMNS"), struct.get("DATA")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        return None
    if len(struct) == 2 and isinstance(data, list):
        rows = data
    elif len(struct) == 3 and "ROWCOUNT" in struct and isinstance(data, Struct) and all(name in data for name in columns):
        by_name = [data[name] for name in columns]
        if not all(isinstance(column, list) and len(column) == len(by_name[0]) for column in by_name):
            return None
        rows = [list(row) for row in zip(*by_name, strict=True)]
    else:
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        return None
    try:
        return Query(columns, [dict(zip(columns, row, strict=True)) for row in rows])
    except ValueError:  # a name that no column may have
        return None


@FAMILY.function("deserializeJSON", argument("json"), argument("strictMapping", "boolean", True))
def deserialize_json(text: str, strict: bool) -> Any:
    """A value from JSON: structs, arrays, text, numbers, booleans, None for null. Without `strictMapping` a struct of COLUMNS
    and DATA is a query. Source: Lucee and Adobe, DeserializeJSON; Lucee reads more than JSON, and the empty text."""
    try:
        return _to_cfml(_read(text), strict)
    except RecursionError:
        raise ValueError("json has too many values one inside the other") from None
    except ValueError as error:
        raise ValueError(f"json cannot be read: {error}") from None


@FAMILY.function("isJSON", argument("var", "any"))
def is_json(value: Any) -> bool:
    """Whether a value is text that `deserializeJSON` reads. Source: Lucee and Adobe, IsJSON; Lucee takes more."""
    value = current(value)
    if isinstance(value, Column) or not simple.is_simple(value):
        return False
    try:
        _read(simple.text(value))
    except (ValueError, RecursionError):
        return False
    return True
