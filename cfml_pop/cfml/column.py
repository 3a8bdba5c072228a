"""One column of a query.

Rule: a column stands for its value in the current row where one value is wanted, and for all of them where it is indexed or
looped over. It holds no value and moves no cursor: both are its query's.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from cfml_pop.errors import CfpopError

if TYPE_CHECKING:
    from cfml_pop.cfml.query import Query

__all__ = ["ROW_NUMBER", "Column", "ColumnIndexFault", "current"]

ROW_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)


class ColumnIndexFault(CfpopError):
    """A row number outside the query, or no number at all.

    It is deliberately no LookupError, TypeError or AttributeError: Jinja turns those into an undefined value and prints nothing.
    """


def current(value: object) -> object:
    """The value that stands for `value` where one is wanted: of a Column its current row's, anything else as it is."""
    return value.current if isinstance(value, Column) else value


Operation: TypeAlias = Callable[["Column", object], Any]


def _alone(operation: Callable[[Any], Any]) -> Callable[[Column], Any]:
    return lambda column: operation(column.current)


def _forward(operation: Callable[[Any, Any], Any]) -> Operation:
    return lambda column, other: operation(column.current, current(other))


def _reverse(operation: Callable[[Any, Any], Any]) -> Operation:
    return lambda column, other: operation(other, column.current)


class Column:
    """One column of a query: indexed from 1, and standing for its value in the current (first) row where one value is wanted.

    `mail.subject[2]` is the second row's value; a row number outside 1..recordcount is a ColumnIndexFault. Text that
    is no number, or is a key of the current value, asks that value: `mail.cids["logo.png"]`. Text, numbers, comparisons and
    unknown attributes are those of the current value, empty text when there are no rows. `len` and iteration are over the rows.
    In a dialect whose engine does so, a row number outside gives "".
    """

    __slots__ = ("_key", "_query")

    def __init__(self, query: Query, key: str) -> None:
        self._query = query
        self._key = key

    @property
    def current(self) -> Any:
        """The value in the current row; "" when the query has no rows."""
        row = self._query._current
        return row[self._key] if row is not None else ""

    def __getitem__(self, index: object) -> Any:
        rows = self._query.rows
        index = current(index)
        if isinstance(index, str):
            value = self.current
            if isinstance(value, Mapping) and (index in value or not ROW_NUMBER.fullmatch(index)):
                return value[index]
            if not ROW_NUMBER.fullmatch(index):
                raise KeyError(index)
        if isinstance(index, bool) or not isinstance(index, (int, str, float)) or (isinstance(index, float) and index % 1 != 0):
            raise ColumnIndexFault(f"{self._key}[...] takes a row number from 1 on, not a value of type {type(index).__name__}")
        number = int(index)
        if not 1 <= number <= len(rows):
            if self._query.style.outside == "empty":
                return ""
            there_is = f"the query has rows 1 to {len(rows)}" if rows else "the query has no rows"
            raise ColumnIndexFault(f"{self._key}[{number}]: {there_is} (the first is 1, as in CFML)")
        return rows[number - 1][self._key]

    def __getattr__(self, name: str) -> Any:
        # Names with an underscore are refused, so that no probe for __html__ or the like is answered by the value.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.current, name)

    def __len__(self) -> int:
        return len(self._query.rows)

    def __iter__(self) -> Iterator[Any]:
        return (row[self._key] for row in self._query.rows)

    def __str__(self) -> str:
        return str(self.current)

    def __repr__(self) -> str:
        rows = "row" if len(self) == 1 else "rows"
        return f"<Column {self._key} of {len(self)} {rows}>"

    def __format__(self, spec: str) -> str:
        return format(self.current, spec)

    def __bool__(self) -> bool:
        return bool(self.current)

    def __int__(self) -> int:
        return int(self.current)

    def __float__(self) -> float:
        return float(self.current)

    def __index__(self) -> int:
        return operator.index(self.current)

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.current, digits)

    def __hash__(self) -> int:
        return hash(self.current)

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self._query, self._key)

    def __eq__(self, other: object) -> bool:
        return bool(self.current == current(other))

    __neg__: ClassVar[Callable[[Column], Any]] = _alone(operator.neg)
    __pos__: ClassVar[Callable[[Column], Any]] = _alone(operator.pos)
    __abs__: ClassVar[Callable[[Column], Any]] = _alone(operator.abs)
    __lt__: ClassVar[Operation] = _forward(operator.lt)
    __le__: ClassVar[Operation] = _forward(operator.le)
    __gt__: ClassVar[Operation] = _forward(operator.gt)
    __ge__: ClassVar[Operation] = _forward(operator.ge)
    __add__: ClassVar[Operation] = _forward(operator.add)
    __radd__: ClassVar[Operation] = _reverse(operator.add)
    __sub__: ClassVar[Operation] = _forward(operator.sub)
    __rsub__: ClassVar[Operation] = _reverse(operator.sub)
    __mul__: ClassVar[Operation] = _forward(operator.mul)
    __rmul__: ClassVar[Operation] = _reverse(operator.mul)
    __truediv__: ClassVar[Operation] = _forward(operator.truediv)
    __rtruediv__: ClassVar[Operation] = _reverse(operator.truediv)
    __floordiv__: ClassVar[Operation] = _forward(operator.floordiv)
    __rfloordiv__: ClassVar[Operation] = _reverse(operator.floordiv)
    __mod__: ClassVar[Operation] = _forward(operator.mod)
    __rmod__: ClassVar[Operation] = _reverse(operator.mod)
    __pow__: ClassVar[Operation] = _forward(operator.pow)
    __rpow__: ClassVar[Operation] = _reverse(operator.pow)
