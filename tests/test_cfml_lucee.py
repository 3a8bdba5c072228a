"""CFML's functions and operators of values against recorded answers of Lucee, and against what deviates from them on purpose."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions import (
    FUNCTIONS,
    Page,
    array_values,
    arrays,
    bits,
    date_masks,
    date_parts,
    dates,
    decisions,
    lists,
    number_masks,
    numbers,
    paths,
    queries,
    query_changes,
    structs,
)
from cfml_pop.cfml.new_query import NewQuery
from cfml_pop.cfml.operators import OPERATORS
from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault
from tests.tags_support import tags_environment


def recorded(name: str) -> list[list[Any]]:
    return [json.loads(line) for line in (Path(__file__).parent / "lucee" / name).read_text("ascii").splitlines()]


ANSWERS = recorded("values.jsonl")
DEVIATIONS = recorded("deviations.jsonl")
FAMILIES = (
    lists, arrays, array_values, structs, queries, query_changes, paths, dates, date_parts, date_masks, numbers, number_masks,
    bits, decisions,
)  # fmt: skip
NOT_COMPARED = {
    # Lucee 5 has them under no name
    "arrayRemoveDuplicates", "arraySplice", "listDeleteDuplicates", "queryAppend", "queryClear", "queryInsertAt", "queryIsEmpty",
    "queryPrepend", "queryRenameColumn", "queryReverse", "queryRowSwap",
    # every answer is another, or that of the machine
    "getTickCount", "getTimeZoneInfo", "now", "rand", "randRange", "randomize",
}  # fmt: skip
PAGE = Page(time_zone=dt.timezone.utc, clock=lambda: dt.datetime(2026, 11, 26, tzinfo=dt.timezone.utc))


def value(written: Any) -> Any:
    """An argument as it is written in the files."""
    if isinstance(written, list):
        return Array(map(value, written))
    if not isinstance(written, dict):
        return written
    ((kind, content),) = written.items()
    if kind == "date":
        return simple.DateTime.fromisoformat(content)
    if kind == "struct":
        return Struct({key: value(one) for key, one in content.items()})
    columns, rows, *column = content
    query = NewQuery(columns, [dict(zip(columns, row, strict=True)) for row in rows])
    return query[column[0]] if column else query


def shown(found: Any) -> Any:
    """A result as it is written in the files: simple values as text, keys in capitals."""
    if isinstance(found, Query):
        rows = [[shown(row[column]) for column in found.columns] for row in found]
        return {"COLUMNS": [column.upper() for column in found.columns], "DATA": rows}
    if isinstance(found, Mapping):
        return {str(key).upper(): shown(one) for key, one in found.items()}
    if isinstance(found, (list, tuple)):
        return list(map(shown, found))
    return None if found is None else simple.text(found)


def answer(name: str, written: list[Any], expected: Any) -> Any:
    """What a call gives, in the form of what is expected of it; None where it is refused."""
    given = [value(one) for one in written]
    try:
        found = OPERATORS[name[3:]](*given) if name.startswith("op ") else FUNCTIONS[name](PAGE, *given)
    except FunctionFault:
        return None
    if isinstance(expected, list):
        return [shown(one) for one in (found, *given)][: len(expected)]
    return shown(found)


@pytest.mark.parametrize(
    ("name", "answers"), [(name, list(answers)) for name, answers in itertools.groupby(ANSWERS, key=lambda answer: answer[0])]
)
def test_answers(name: str, answers: list[list[Any]]) -> None:
    """A function or operator gives what Lucee gives, and refuses what Lucee refuses."""
    calls = [(written, expected, answer(name, written, expected)) for _, written, expected in answers]
    assert [] == [call for call in calls if call[1] != call[2]]


@pytest.mark.parametrize(("name", "written", "lucee", "expected", "reason"), DEVIATIONS)
def test_deviations(name: str, written: list[Any], lucee: Any, expected: Any, reason: str) -> None:
    """What differs from Lucee does so as it is written down, and for a reason."""
    assert expected == answer(name, written, expected)
    assert expected != lucee
    assert len(reason) > 10


def test_all_is_compared() -> None:
    """Every operator, and every function of values that Lucee 5 has and that answers the same twice, is in the records."""
    names = {name for name, *_ in (*ANSWERS, *DEVIATIONS)}
    assert NOT_COMPARED == {function.name for family in FAMILIES for function in family.FAMILY} - names
    assert {f"op {name}" for name in OPERATORS} <= names


def test_expressions() -> None:
    """Which operator goes first, and what each gives, is as in Lucee."""
    environment = tags_environment()
    wrong = []
    for expression, expected in recorded("expressions.jsonl"):
        template = environment.from_string(f"<% cfset x = ({expression}) & '' %>{{{{ x }}}}")
        try:
            actual = template.render()
        except FunctionFault:
            actual = None
        if expected != actual:
            wrong.append((expression, expected, actual))

    assert [] == wrong
