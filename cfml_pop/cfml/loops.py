"""Walking a query row by row, and in groups.

Rule: a loop changes nothing in the query. What the body of the loop sees is a `LoopRow`: the row, and a view of the query whose
current row is this one. Loops over the same query, one in the other, cannot disturb each other.

Rows are grouped as CFML does it: neighbours with the same value belong together, so the rows should be sorted; text is compared
without case unless asked otherwise (Lucee, `NumberIterator`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cfml_pop.cfml.column import current
from cfml_pop.cfml.query import Query, Row

__all__ = ["LoopRow", "QueryAtRow", "count_up", "rows_of", "whole"]


PSEUDO_COLUMNS = frozenset({"recordcount", "currentrow", "columnlist"})


class QueryAtRow(Query):
    """A query as the body of a loop sees it: all of `query`, but columns stand for their value in row `number` (from 1)."""

    # Underscores, as any other name may be that of a column.
    __slots__ = ("_number", "_whole")

    _whole: Query
    _number: int

    def __init__(self, query: Query, number: int) -> None:
        self._whole = whole(query)
        self._number = number

    # Each is that of the query at the time it is asked for.
    rows: property = property(lambda self: self._whole.rows)
    columns: property = property(lambda self: self._whole.columns)
    quiet: property = property(lambda self: self._whole.quiet)
    _keys = property(lambda self: self._whole._keys)
    style: property = property(lambda self: self._whole.style)

    @property
    def _current(self) -> Row | None:
        return self.rows[self._number - 1] if self._number <= len(self.rows) else None

    @property
    def currentrow(self) -> int:
        return self._number

    def __reduce__(self) -> tuple[Any, ...]:
        return QueryAtRow, (self._whole, self._number)


def whole(query: Query) -> Query:
    """The query itself, of which a loop may have given a view."""
    return query._whole if isinstance(query, QueryAtRow) else query


class LoopRow:
    """One turn of a query loop: the row, and the view of the query for it.

    `members` are the numbers of the rows of its group, where the loop goes by groups.
    """

    __slots__ = ("_keys", "_row", "members", "query", "view")

    def __init__(self, view: QueryAtRow, members: tuple[int, ...] | None = None) -> None:
        self.view: QueryAtRow = view
        self.members: tuple[int, ...] | None = members
        self.query: Query = view._whole
        # Taken once: every bare name in the body is asked for here first.
        self._row = view._current
        self._keys = view._keys

    def column(self, name: str, missing: object) -> Any:
        """The value of a column, or of recordcount, currentrow or columnlist, any case; else `missing`."""
        key = name.lower()
        if key in self._keys:
            return self._row[key] if self._row is not None else ""
        if key in PSEUDO_COLUMNS:
            return getattr(self.view, key)
        return missing


def rows_of(query: Query, numbers: Sequence[int], group: str = "", *, case: bool = False) -> Iterator[LoopRow]:
    """The turns of a loop over the rows with these numbers: one a row, or one a group of neighbours.

    `case`: groups of text compare with case. Raises ValueError when there is no such column.
    """
    if not group:
        return (LoopRow(QueryAtRow(query, number)) for number in numbers)
    if group.lower() not in query._keys:
        raise ValueError(f"must be a column of the query ({query.columnlist}), not {group!r}")
    return _grouped(query, numbers, group.lower(), case=case)


def _grouped(query: Query, numbers: Sequence[int], group: str, *, case: bool) -> Iterator[LoopRow]:
    def key(number: int) -> object:
        value = current(query.rows[number - 1][group])
        if isinstance(value, str) and not case:
            return str.__str__(value).lower()
        return value

    start = 0
    while start < len(numbers):
        first = key(numbers[start])
        end = start + 1
        while end < len(numbers) and key(numbers[end]) == first:
            end += 1
        yield LoopRow(QueryAtRow(query, numbers[start]), tuple(numbers[start:end]))
        start = end


def count_up(start: int | float, end: int | float, step: int | float) -> Iterator[int | float]:
    """The numbers of a loop from `start` to `end`, both included; none where `step` leads away. Raises ValueError for step 0."""
    if step == 0:
        raise ValueError("must not be 0")
    return _counting(start, end, step)


def _counting(start: int | float, end: int | float, step: int | float) -> Iterator[int | float]:
    turn = 0
    while True:
        # Multiplied and not added up, so that 0.1 ten times is 1.
        value = start + turn * step
        if isinstance(value, float):
            value = round(value, 12)
            value = int(value) if value.is_integer() and abs(value) < 1e15 else value
        if value > end if step > 0 else value < end:
            return
        yield value
        turn += 1
