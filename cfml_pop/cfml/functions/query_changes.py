"""CFML's queries, made and changed: queryNew, queryAddRow, querySetCell and what belongs to them.

Rule: only a query made by a page can be changed. The result of cfpop is fixed, as loops over it go on while a page works; the
error says so, and `duplicate(mail)` gives one that can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.column import current
from cfml_pop.cfml.functions.family import BadArgument, Family, RowStruct, argument
from cfml_pop.cfml.functions.lists import elements
from cfml_pop.cfml.functions.queries import column_key, row_at
from cfml_pop.cfml.functions.sorting import is_descending
from cfml_pop.cfml.functions.structs import MISSING, find
from cfml_pop.cfml.new_query import (
    MOST_ROWS,
    NewQuery,
    add_column,
    delete_column,
    delete_row,
    insert_rows,
    rename_column,
    reorder,
    set_cell,
)
from cfml_pop.cfml.query import Query, Row

__all__ = ["COLUMN_TYPES", "FAMILY"]

FAMILY = Family("Changes of queries")

MUTABLE = argument("query", "mutable query")
COLUMN_NAME = argument("columnName")
LAST_ROW = argument("rowNumber", "integer", None)

COLUMN_TYPES = (
    "bigint, binary, bit, blob, boolean, char, clob, date, datetime, decimal, double, float, int, integer, longvarchar, "
    "nvarchar, numeric, object, other, real, smallint, string, time, timestamp, tinyint, varchar"
)
"""The types that queryNew takes. They are checked, so that a mistake is seen; values are kept as they are given."""


def _names(value: object, name: str) -> list[str]:
    """A list, or an array of names."""
    value = current(value)
    if isinstance(value, (list, tuple)):
        return [simple.text(one).strip() for one in value]
    try:
        return [one.strip() for one in elements(simple.text(value))]
    except ValueError as error:
        raise BadArgument(name, str(error)) from None


def _rows(columns: Sequence[str], data: Any, name: str) -> list[Row | Mapping[str, Any]]:
    """Rows out of a struct (values, or an array for each column), an array of structs or arrays, or one row, also an array."""
    if isinstance(data, Row):
        return [data]
    if isinstance(data, Mapping):
        given = {column: find(data, column) for column in columns}
        lists = {
            column: list(value) if isinstance(value, (list, tuple)) else [value]
            for column, value in given.items()
            if isinstance(value, (list, tuple, Mapping)) or simple.is_simple(value)
        }
        if not lists:
            raise BadArgument(name, f"must have values for columns of the query ({', '.join(columns)}), and has none")
        longest = max(map(len, lists.values()))
        return [{column: values[row] for column, values in lists.items() if row < len(values)} for row in range(longest)]
    if not isinstance(data, (list, tuple)):
        raise BadArgument(name, f"must be a struct, an array of structs, or an array of arrays, not {simple.kind_of(data)}")
    if not all(isinstance(row, (Row, Mapping, list, tuple)) for row in data):
        data = [data]
    return [row if isinstance(row, (Row, Mapping)) else dict(zip(columns, row, strict=False)) for row in data]


def _last_or(query: NewQuery, row: int | None) -> int:
    return row_at(query, query.recordcount if row is None else row)


def _checked(query: NewQuery, column: str, datatype: str) -> None:
    if datatype and datatype.lower() not in COLUMN_TYPES.split(", "):
        raise BadArgument("datatype", f"must be one of {COLUMN_TYPES}, not {datatype!r}")
    if column.lower() in [known.lower() for known in query.columns]:
        raise BadArgument("columnName", f"must be new, and {column!r} is there already")


@FAMILY.function("queryNew", argument("columnNames", "any"), argument("columnTypes", "any", ""), argument("data", "value", None))
def query_new(columns: object, types: object, data: object) -> NewQuery:
    """A new query of the columns in a list or array, and of rows if `data` is given. Source: Adobe and Lucee, QueryNew.

    `data` is a struct (one row, or an array for each column), or an array of structs or of arrays. Types are checked and not
    applied.
    """
    names = _names(columns, "columnNames")
    given = _names(types, "columnTypes")
    unknown = [one for one in given if one.lower().removeprefix("cf_sql_") not in COLUMN_TYPES.split(", ")]
    if unknown:
        raise BadArgument("columnTypes", f"must be of {COLUMN_TYPES}, not {unknown[0]!r}")
    if given and len(given) != len(names):
        raise BadArgument("columnTypes", f"must name a type for each of the {len(names)} columns, not {len(given)}")
    try:
        query = NewQuery(names)
    except ValueError as error:
        raise BadArgument("columnNames", f"must be names of columns: {error}") from None
    if data is not None and data != "":
        insert_rows(query, _rows(names, data, "data"), 0)
    return query


@FAMILY.function("queryAddRow", MUTABLE, argument("numberOrData", "value", 1))
def query_add_row(query: NewQuery, data: Any) -> int:
    """Add so many empty rows, or rows as for queryNew, and say how many rows there are now.

    Source: Adobe and Lucee, QueryAddRow.
    """
    if simple.numeric(data) is not None:
        number = simple.integer(data)
        if not 1 <= number <= MOST_ROWS:
            raise BadArgument("numberOrData", f"must be 1 to {MOST_ROWS} rows, not {number}")
        rows: list[Row | Mapping[str, Any]] = [{}] * number
    else:
        rows = _rows(query.columns, data, "numberOrData")
    insert_rows(query, rows, query.recordcount)
    return query.recordcount


@FAMILY.function("querySetCell", MUTABLE, COLUMN_NAME, argument("value", "value"), LAST_ROW)
def query_set_cell(query: NewQuery, column: str, value: object, row: int | None) -> bool:
    """Give the cell of a column in a row, by default the last, its value. Source: Adobe and Lucee, QuerySetCell."""
    set_cell(query, column_key(query, column), _last_or(query, row), value)
    return True


@FAMILY.function("querySetRow", MUTABLE, argument("rowNumber", "integer"), argument("rowData", "value"))
def query_set_row(query: NewQuery, row: int, data: object) -> bool:
    """Give the cells of a row, or of a new one (0), values from a struct or an array. Source: Lucee, QuerySetRow."""
    rows = _rows(query.columns, data, "rowData")
    if len(rows) != 1:
        raise BadArgument("rowData", f"must be one row, not {len(rows)}")
    if row == 0:
        insert_rows(query, rows, query.recordcount)
    else:
        row_at(query, row)
        (given,) = rows
        for column in query.columns:
            value = find(RowStruct(given) if isinstance(given, Row) else given, column)
            if value is not MISSING:
                set_cell(query, column, row, value)
    return True


ADD_COLUMN = (argument("datatype", "value", ""), argument("array", "array", ()))


@FAMILY.function("queryAddColumn", MUTABLE, COLUMN_NAME, *ADD_COLUMN)
def query_add_column(query: NewQuery, column: str, datatype: Any, values: Sequence[Any]) -> int:
    """Add a column, its values from an array, and say how many columns there are now. Source: Adobe and Lucee, QueryAddColumn.

    The type may be left out: then the array is the third argument. Rows are added where the array has more values than there
    are rows.
    """
    if isinstance(datatype, (list, tuple)):
        datatype, values = "", datatype
    _checked(query, column, simple.text(datatype).strip())
    add_column(query, column, values)
    return len(query.columns)


@FAMILY.function("queryDeleteColumn", MUTABLE, COLUMN_NAME)
def query_delete_column(query: NewQuery, column: str) -> Array:
    """Take a column away and give its values. Source: Lucee, QueryDeleteColumn."""
    return Array(delete_column(query, column_key(query, column)))


@FAMILY.function("queryRenameColumn", MUTABLE, COLUMN_NAME, argument("newColumnName"))
def query_rename_column(query: NewQuery, column: str, name: str) -> NewQuery:
    """Give a column another name; the query is the result. Source: Lucee, QueryRenameColumn."""
    try:
        rename_column(query, column_key(query, column), name)
    except BadArgument:
        raise
    except ValueError as error:
        raise BadArgument("newColumnName", f"must be a new name: {error}") from None
    return query


@FAMILY.function("queryDeleteRow", MUTABLE, LAST_ROW)
def query_delete_row(query: NewQuery, row: int | None) -> bool:
    """Take a row away, by default the last. Source: Lucee, QueryDeleteRow."""
    delete_row(query, _last_or(query, row))
    return True


@FAMILY.function("queryClear", MUTABLE)
def query_clear(query: NewQuery) -> NewQuery:
    """Take all rows away; the query is the result. Source: Lucee, QueryClear."""
    reorder(query, ())
    return query


@FAMILY.function("queryRowSwap", MUTABLE, argument("source", "integer"), argument("destination", "integer"))
def query_row_swap(query: NewQuery, source: int, destination: int) -> NewQuery:
    """Let two rows change places; the query is the result. Source: Lucee, QueryRowSwap."""
    order = list(range(1, query.recordcount + 1))
    one, two = row_at(query, source, "source") - 1, row_at(query, destination, "destination") - 1
    order[one], order[two] = order[two], order[one]
    reorder(query, order)
    return query


@FAMILY.function("queryAppend", MUTABLE, argument("query2", "query"))
def query_append(query: NewQuery, other: Query) -> NewQuery:
    """Put the rows of another query with the same columns behind; the first query is the result. Source: Lucee, QueryAppend."""
    return _insert(query, other, query.recordcount, "query2")


@FAMILY.function("queryPrepend", MUTABLE, argument("query2", "query"))
def query_prepend(query: NewQuery, other: Query) -> NewQuery:
    """Put the rows of another query with the same columns before; the first query is the result. Source: Lucee, QueryPrepend."""
    return _insert(query, other, 0, "query2")


@FAMILY.function("queryInsertAt", MUTABLE, argument("value", "value"), argument("position", "integer"))
def query_insert_at(query: NewQuery, value: object, position: int) -> NewQuery:
    """Put rows before a row: a query, a struct or an array; the query is the result. Source: Lucee, QueryInsertAt."""
    return _insert(query, value, row_at(query, position, "position", behind=1) - 1, "value")


def _insert(query: NewQuery, value: object, position: int, name: str) -> NewQuery:
    if not isinstance(value, Query):
        insert_rows(query, _rows(query.columns, value, name), position)
        return query
    if sorted(column.lower() for column in value.columns) != sorted(column.lower() for column in query.columns):
        there_is = f"{', '.join(query.columns)} and {', '.join(value.columns)}"
        raise BadArgument(name, f"must have the same columns as the query, and they have {there_is}")
    insert_rows(query, value.rows, position)
    return query


@FAMILY.function("querySort", MUTABLE, argument("columnNames"), argument("directions", "text", ""))
def query_sort(query: NewQuery, columns: str, directions: str) -> bool:
    """Sort the rows by a list of columns, each asc or desc; numbers first, then text. Source: Lucee, QuerySort."""
    names = [column_key(query, name, "columnNames") for name in elements(columns)]
    orders = [is_descending(order, "directions") for order in elements(directions)] or [False] * len(names)
    if len(orders) != len(names):
        raise BadArgument("directions", f"must have one for each of the {len(names)} columns, not {len(orders)}")
    order = list(range(1, query.recordcount + 1))
    for name, descending in reversed(list(zip(names, orders, strict=True))):
        order.sort(key=lambda row, name=name: _sort_key(query.rows[row - 1][name]), reverse=descending)  # type: ignore[misc]
    reorder(query, order)
    return True


def _sort_key(value: object) -> tuple[bool, float, str]:
    number = simple.numeric(value)
    return (number is None, number or 0, "" if value is None else simple.text(value))
