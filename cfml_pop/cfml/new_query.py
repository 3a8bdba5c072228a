"""The query that a page makes and fills: `queryNew`, `queryAddRow`, `querySetCell`.

Rule: it is read exactly as the fixed query of cfpop, and changed only by the functions here. These are no methods, so that
none of their names can hide a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cfml_pop.cfml.query import PlainCells, Query, Row, Style

__all__ = [
    "MOST_ROWS",
    "NewQuery",
    "add_column",
    "delete_column",
    "delete_row",
    "insert_rows",
    "rename_column",
    "reorder",
    "set_cell",
    "to_new_query",
]

MOST_ROWS = 100_000
"""More rows than this in one query are a mistake, or mail that wants memory."""


class NewQuery(Query):
    """A query whose rows, columns and cells can be changed. A cell that was never set is empty text.

    Rows that were taken before a cell was set show the new value; rows and columns that are added or deleted are seen by whoever
    asks for `rows` (or begins a loop) after that.
    """

    __slots__ = ("_cells", "_made")

    _cells: list[PlainCells]
    _made: tuple[Row, ...] | None

    def __init__(
        self,
        columns: Sequence[str],
        rows: Iterable[PlainCells | Row | Mapping[Any, Any]] = (),
        style: Style = Style(),  # noqa: B008 - a constant
    ) -> None:
        model = Query(columns, ())  # it checks the names
        self.columns: tuple[str, ...] = model.columns
        self._keys = model._keys
        self.quiet = False
        self.style = style
        self._made = None
        self._cells = []
        insert_rows(self, rows, 0)

    @property
    def rows(self) -> tuple[Row, ...]:  # type: ignore[override]  # a slot there
        if self._made is None:
            self._made = Query(self.columns, self._cells, style=self.style).rows
        return self._made

    @property
    def recordcount(self) -> int:
        return len(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __reduce__(self) -> tuple[Any, ...]:
        return NewQuery, (self.columns, self._cells, self.style)


def to_new_query(query: Query, rows: Iterable[Row] | None = None) -> NewQuery:
    """A query of the same columns and style that can be changed, with all rows or those given. Every cell of them is decoded."""
    return NewQuery(query.columns, query.rows if rows is None else rows, query.style)


def insert_rows(query: NewQuery, rows: Iterable[PlainCells | Row | Mapping[Any, Any]], position: int) -> None:
    """Put rows behind the first `position` ones. Keys in any case; those that are no column are dropped, defects are kept.

    Raises ValueError where the query would get longer than MOST_ROWS; then nothing is inserted.
    """
    new = [_cells_of(row, query._keys) for row in rows]
    if len(query._cells) + len(new) > MOST_ROWS:
        raise ValueError(f"would make a query of more than {MOST_ROWS} rows")
    query._cells[position:position] = new
    query._made = None


def _cells_of(row: PlainCells | Row | Mapping[Any, Any], keys: frozenset[str]) -> PlainCells:
    if isinstance(row, Row):
        return PlainCells({key: row[key] for key in row.columnlist.lower().split(",") if key in keys}, row.defects)
    values, defects = (row.values, row.defects) if isinstance(row, PlainCells) else (row, ())
    return PlainCells({str(key): value for key, value in values.items() if str(key).lower() in keys}, defects)


def set_cell(query: NewQuery, column: str, row: int, value: Any) -> None:
    """Give a cell its value; `row` counts from 1. Both must exist."""
    query._cells[row - 1].values[column.lower()] = value
    if query._made is not None:
        setattr(query._made[row - 1], column.lower(), value)


def delete_row(query: NewQuery, row: int) -> None:
    """Take a row away; it counts from 1 and must exist."""
    del query._cells[row - 1]
    query._made = None


def reorder(query: NewQuery, rows: Sequence[int]) -> None:
    """Put the rows in the order of these row numbers, which count from 1."""
    query._cells = [query._cells[row - 1] for row in rows]
    query._made = None


def add_column(query: NewQuery, column: str, values: Sequence[Any]) -> None:
    """A further column; rows are added where it has more values than the query has rows. Raises ValueError for its name."""
    model = Query((*query.columns, column), ())
    if len(values) > MOST_ROWS:
        raise ValueError(f"would make a query of more than {MOST_ROWS} rows")
    query.columns, query._keys = model.columns, model._keys
    query._cells.extend(PlainCells({}) for _ in range(len(values) - len(query._cells)))
    for cells, value in zip(query._cells, values, strict=False):
        cells.values[column.lower()] = value
    query._made = None


def delete_column(query: NewQuery, column: str) -> list[Any]:
    """Take a column away, which must exist, and give its values."""
    key = column.lower()
    model = Query([name for name in query.columns if name.lower() != key], ())
    query.columns, query._keys = model.columns, model._keys
    query._made = None
    return [cells.values.pop(key, "") for cells in query._cells]


def rename_column(query: NewQuery, column: str, name: str) -> None:
    """Give a column, which must exist, another name. Raises ValueError for a name that cannot be one or is taken."""
    old, new = column.lower(), name.lower()
    model = Query([name if known.lower() == old else known for known in query.columns], ())
    for cells in query._cells:
        if old in cells.values:
            cells.values[new] = cells.values.pop(old)
    query.columns, query._keys = model.columns, model._keys
    query._made = None
