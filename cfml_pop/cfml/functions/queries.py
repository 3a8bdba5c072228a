"""CFML's queries, read: columns as lists and arrays, cells, rows, and queries made of others.

Rule: nothing here changes a query. Rows are numbered from 1, a row that is not there is an error, a cell that holds None is empty
text. A query that is made here can be changed (see query_changes).
"""

from __future__ import annotations

from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import Column
from cfml_pop.cfml.functions.arrays import section
from cfml_pop.cfml.functions.family import BadArgument, Family, argument
from cfml_pop.cfml.functions.lists import joined
from cfml_pop.cfml.new_query import NewQuery, to_new_query
from cfml_pop.cfml.query import Query, Row

__all__ = ["FAMILY", "column_key", "row_at"]

FAMILY = Family("Queries")

QUERY = argument("query", "query")
COLUMN = argument("column", "column")
COLUMN_NAME = argument("columnName")
DELIMITER = argument("delimiter", "text", ",", also=("delimiters",))


def column_key(query: Query, name: str, argument: str = "columnName") -> str:
    """A column's name as it was defined. Raises BadArgument if the query has none of that name."""
    for column in query.columns:
        if column.lower() == name.strip().lower():
            return column
    raise BadArgument(
        argument, f"must be a column of the query, and {name!r} is none; there is {', '.join(query.columns) or 'none'}"
    )


def row_at(query: Query, row: int, argument: str = "rowNumber", behind: int = 0) -> int:
    """A row number that is there, or as far as `behind` the last one. Raises BadArgument for another."""
    last = query.recordcount + behind
    if not 1 <= row <= last:
        raise BadArgument(
            argument, f"must be 1 to {last}, not {row}" if last else f"finds nothing: the query has no rows, so not {row}"
        )
    return row


def _value(value: object) -> Any:
    return "" if value is None else value


def _values(column: Column) -> list[str]:
    return simple.each(column, lambda value: simple.text(_value(value)))


@FAMILY.function("valueList", COLUMN, DELIMITER)
def value_list(column: Column, delimiter: str) -> str:
    """All values of a column as a list, those that are None as empty elements. Source: Adobe and Lucee, ValueList."""
    return joined(delimiter, _values(column))


@FAMILY.function("quotedValueList", COLUMN, DELIMITER)
def quoted_value_list(column: Column, delimiter: str) -> str:
    """As valueList, each value in single quotes; a quote in it is not doubled, so it is not safe in SQL.

    Source: Lucee, QuotedValueList.
    """
    return joined(delimiter, [f"'{value}'" for value in _values(column)])


@FAMILY.function("valueArray", COLUMN)
def value_array(column: Column) -> Array:
    """All values of a column as an array. Source: Lucee, ValueArray."""
    return Array(_value(value) for value in column)


@FAMILY.function("isQuery", argument("value", "any"))
def is_query(value: object) -> bool:
    """Whether a value is a query; a column or a row is none. Source: Adobe and Lucee, IsQuery."""
    return isinstance(value, Query)


@FAMILY.function("queryRecordCount", QUERY)
def query_record_count(query: Query) -> int:
    """How many rows a query has. Source: Lucee, QueryRecordCount."""
    return query.recordcount


@FAMILY.function("queryIsEmpty", QUERY)
def query_is_empty(query: Query) -> bool:
    """Whether a query has no rows. Source: Lucee, QueryIsEmpty."""
    return query.recordcount == 0


@FAMILY.function("queryCurrentRow", argument("query", "any"))
def query_current_row(query: object) -> int:
    """The number of the row: that of a row in a loop, 1 of a query outside, 0 of one without rows.

    Source: Lucee, QueryCurrentRow.
    """
    if not isinstance(query, (Query, Row)):
        raise BadArgument("query", f"must be a query or a row of one, not {simple.kind_of(query)}")
    return query.currentrow


@FAMILY.function("queryColumnList", QUERY, DELIMITER)
def query_column_list(query: Query, delimiter: str) -> str:
    """The names of the columns, in the order and case in which they were defined (unlike columnList).

    Source: Lucee, QueryColumnList.
    """
    return joined(delimiter, query.columns)


@FAMILY.function("queryColumnArray", QUERY)
def query_column_array(query: Query) -> Array:
    """As queryColumnList, as an array. Source: Lucee, QueryColumnArray."""
    return Array(query.columns)


@FAMILY.function("queryColumnCount", QUERY)
def query_column_count(query: Query) -> int:
    """How many columns a query has. Source: Lucee, QueryColumnCount."""
    return len(query.columns)


@FAMILY.function("queryColumnExists", QUERY, COLUMN_NAME)
def query_column_exists(query: Query, name: str) -> bool:
    """Whether a query has a column, any case. Source: Lucee, QueryColumnExists."""
    return name.strip().lower() in [column.lower() for column in query.columns]


@FAMILY.function("queryKeyExists", QUERY, COLUMN_NAME)
def query_key_exists(query: Query, name: str) -> bool:
    """The same as queryColumnExists. Source: Adobe, QueryKeyExists."""
    return query_column_exists(query, name)


@FAMILY.function("queryColumnData", QUERY, COLUMN_NAME)
def query_column_data(query: Query, name: str) -> Array:
    """All values of a column, by its name, as an array. Source: Lucee, QueryColumnData."""
    key = column_key(query, name)
    return Array(_value(row[key]) for row in query)


@FAMILY.function("queryGetCell", QUERY, COLUMN_NAME, argument("rowNumber", "integer", None))
def query_get_cell(query: Query, name: str, row: int | None) -> Any:
    """The cell of a column in a row, by default the last; "" of a query without rows. Source: Lucee, QueryGetCell.

    A row that is not there is an error; Lucee gives "".
    """
    key = column_key(query, name)
    if row is None:
        return _value(query.rows[-1][key]) if query.rows else ""
    return _value(query.rows[row_at(query, row) - 1][key])


ROW = (QUERY, argument("rowNumber", "integer"))


@FAMILY.function("queryRowData", *ROW)
def query_row_data(query: Query, row: int) -> Struct:
    """A row as a struct; there must be one. Every cell of it is decoded. Source: Lucee, QueryRowData."""
    found = query.rows[row_at(query, row) - 1]
    return Struct((name, _value(found[name])) for name in query.columns)


@FAMILY.function("queryGetRow", *ROW)
def query_get_row(query: Query, row: int) -> Struct:
    """The same as queryRowData. Source: Adobe, QueryGetRow."""
    return query_row_data(query, row)


@FAMILY.function("querySlice", QUERY, argument("offset", "integer"), argument("length", "integer", 0))
def query_slice(query: Query, offset: int, length: int) -> NewQuery:
    """A new query of `length` rows from a row on, by default all; as arraySlice. Source: Lucee, QuerySlice."""
    return to_new_query(query, query.rows[section(query.recordcount, offset, length)])


@FAMILY.function("queryReverse", QUERY)
def query_reverse(query: Query) -> NewQuery:
    """A new query, the last row first. Source: Lucee, QueryReverse."""
    return to_new_query(query, reversed(query.rows))


@FAMILY.function("queryConvertForGrid", QUERY, argument("page", "integer"), argument("pageSize", "integer"))
def query_convert_for_grid(query: Query, page: int, size: int) -> Struct:
    """A struct of QUERY, the rows of one page of so many, and TOTALROWCOUNT, all there are.

    Source: Adobe, QueryConvertForGrid.
    """
    for name, value in (("page", page), ("pageSize", size)):
        if value < 1:
            raise BadArgument(name, f"must be 1 or more, not {value}")
    rows = query.rows[(page - 1) * size : page * size]
    return Struct({"QUERY": to_new_query(query, rows), "TOTALROWCOUNT": query.recordcount})
