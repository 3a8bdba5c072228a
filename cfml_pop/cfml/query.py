"""The query object that a cfpop call gives back.

Rule: a query is a fixed list of rows. Nothing here moves a cursor, so nested loops, async code and errors cannot leave it
in a wrong place; and nothing is decoded before it is read.

Names are looked up in the columns and the few public names only, in any case: a template reaches no other attribute. Indexes of a
column start at 1, as in CFML; rows are plain Python.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from cfml_pop.errors import CfpopError

if TYPE_CHECKING:
    from cfml_pop.cfml.cells import AddressText, AttachmentText, HeaderText, MailDate, Struct

__all__ = ["ALL_COLUMNS", "HEADER_COLUMNS", "Cells", "Column", "ColumnIndexFault", "Query", "Row", "current"]

HEADER_COLUMNS = ("date", "from", "messagenumber", "messageid", "replyto", "subject", "cc", "to", "size", "header", "uid")
"""The columns of getHeaderOnly: those of Adobe's documentation in Lucee's order, and `size`."""

ALL_COLUMNS = (*HEADER_COLUMNS, "body", "textBody", "HTMLBody", "attachments", "attachmentfiles", "cids", "deliverystatus")
"""The columns of getAll."""

COLUMN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
ROW_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)
QUERY_NAMES = frozenset({"recordcount", "currentrow", "columnlist", "columns", "rows", "quiet", "to_dicts"})
ROW_NAMES = frozenset({"recordcount", "currentrow", "columnlist", "defects"})


class ColumnIndexFault(CfpopError):
    """A row number outside the query, or no number at all.

    It is deliberately no LookupError, TypeError or AttributeError: Jinja turns those into an undefined value and prints nothing.
    """


class Cells(Protocol):
    """What a row is made of. `cell` is asked at most once for a column (its name in lower case); the row keeps the value."""

    def cell(self, column: str) -> object: ...

    @property
    def defects(self) -> tuple[str, ...]: ...


class PlainCells:
    """Cells that are there already, by lower-case column name. A column that is missing is empty text."""

    def __init__(self, values: Mapping[str, object], defects: tuple[str, ...] = ()) -> None:
        self.values = {name.lower(): value for name, value in values.items()}
        self.defects = defects

    def cell(self, column: str) -> object:
        return self.values.get(column, "")


class Row:
    """One message: `row["from"]`, `row.from_`, `row.Subject`; any case, one trailing underscore is dropped.

    Beside its columns a row has `recordcount` and `currentrow` (from 1), `columnlist`, and `defects`: what was damaged, as
    short texts. A cell is decoded when it is first read, and kept. An unknown name is an AttributeError or a KeyError.
    """

    # One subclass per set of columns, with a slot for each: a cell once read costs no more than an attribute.
    __slots__ = ("_cells", "currentrow", "recordcount")
    _columns: ClassVar[tuple[str, ...]] = ()
    _keys: ClassVar[frozenset[str]] = frozenset()

    if TYPE_CHECKING:
        date: MailDate
        from_: AddressText
        messagenumber: int
        messageid: str
        replyto: AddressText
        subject: str
        cc: AddressText
        to: AddressText
        size: int
        header: HeaderText
        uid: str
        body: str
        textbody: str
        htmlbody: str
        attachments: AttachmentText
        attachmentfiles: str
        cids: Struct
        deliverystatus: str

    def __init__(self, cells: Cells, currentrow: int, recordcount: int) -> None:
        self._cells = cells
        self.currentrow = currentrow
        self.recordcount = recordcount

    @property
    def columnlist(self) -> str:
        return _column_list(self._columns)

    @property
    def defects(self) -> tuple[str, ...]:
        return self._cells.defects

    def __getattr__(self, name: str) -> Any:
        # Called for a slot that is still empty, and for every other spelling of a name.
        return self._look_up(name)

    def __getitem__(self, name: str) -> Any:
        if not isinstance(name, str):
            # No TypeError: Jinja would print nothing for it.
            raise ColumnIndexFault(f'a row is read by column, as in row["subject"], not by a value of type {type(name).__name__}')
        try:
            return self._look_up(name)
        except AttributeError as error:
            raise KeyError(str(error)) from None

    def _look_up(self, name: str) -> Any:
        key = name.lower()
        if key not in self._keys and key.endswith("_"):
            key = key[:-1]
        if key in self._keys:
            return self._value(key)
        if key in ROW_NAMES:
            return object.__getattribute__(self, key)
        raise AttributeError(f"a row has no column {name!r}; its columns are {self.columnlist}")

    def _value(self, key: str) -> Any:
        try:
            return object.__getattribute__(self, key)
        except AttributeError:
            value = self._cells.cell(key)
            setattr(self, key, value)
            return value

    __iter__ = None  # with __getitem__ alone, Python would try row[0], row[1], ...

    def __repr__(self) -> str:
        return f"<Row {self.currentrow} of {self.recordcount}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_row, (self._columns, *_read_out(self), self.currentrow, self.recordcount)


def current(value: object) -> object:
    """The value that stands for `value` where one is wanted: of a Column its current row's, anything else as it is."""
    return value.current if isinstance(value, Column) else value


def _alone(operation: Callable[[Any], Any]) -> Callable[[Column], Any]:
    return lambda column: operation(column.current)


def _forward(operation: Callable[[Any, Any], Any]) -> Callable[[Column, object], Any]:
    return lambda column, other: operation(column.current, current(other))


def _reverse(operation: Callable[[Any, Any], Any]) -> Callable[[Column, object], Any]:
    return lambda column, other: operation(other, column.current)


class Column:
    """One column of a query: indexed from 1, and standing for its value in the current (first) row where one value is wanted.

    `mail.subject[2]` is the second row's value; a row number outside 1..recordcount is a ColumnIndexFault. Text that
    is no number, or is a key of the current value, asks that value: `mail.cids["logo.png"]`. Text, numbers, comparisons and
    unknown attributes are those of the current value, empty text when there are no rows. `len` and iteration are over the rows.
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
        return f"<Column {self._key} of {len(self)} {_rows(len(self))}>"

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

    __neg__, __pos__, __abs__ = _alone(operator.neg), _alone(operator.pos), _alone(operator.abs)
    __lt__ = _forward(operator.lt)
    __le__ = _forward(operator.le)
    __gt__ = _forward(operator.gt)
    __ge__ = _forward(operator.ge)
    __add__, __radd__ = _forward(operator.add), _reverse(operator.add)
    __sub__, __rsub__ = _forward(operator.sub), _reverse(operator.sub)
    __mul__, __rmul__ = _forward(operator.mul), _reverse(operator.mul)
    __truediv__, __rtruediv__ = _forward(operator.truediv), _reverse(operator.truediv)
    __floordiv__, __rfloordiv__ = _forward(operator.floordiv), _reverse(operator.floordiv)
    __mod__, __rmod__ = _forward(operator.mod), _reverse(operator.mod)
    __pow__, __rpow__ = _forward(operator.pow), _reverse(operator.pow)


class Query:
    """Rows under column names, as a CFML query.

    Public: `recordcount`, `currentrow` (1, or 0 without rows), `columnlist` (upper case, comma list), `columns` (as defined),
    `rows` (tuple of Row), `to_dicts()`; and every column, in any case, as attribute or item. `len`, iteration and truth are
    over the rows. `quiet` is the result of delete and markRead, which prints as nothing. Pickling and copying decode every cell.
    """

    __slots__ = ("_keys", "columns", "quiet", "rows")

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    quiet: bool

    def __init__(self, columns: Sequence[str], rows: Iterable[Cells | Mapping[str, object]], *, quiet: bool = False) -> None:
        make = _row_class(tuple(columns))
        cells = [PlainCells(row) if isinstance(row, Mapping) else row for row in rows]
        self.columns = make._columns
        self._keys = make._keys
        self.quiet = quiet
        self.rows = tuple([make(cell, number, len(cells)) for number, cell in enumerate(cells, 1)])

    @classmethod
    def from_rows(cls, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Query:
        """A query of values that are there already, one mapping a row; keys in any case, a missing column is ""."""
        return cls(columns, rows)

    @property
    def recordcount(self) -> int:
        return len(self.rows)

    @property
    def _current(self) -> Row | None:
        """The row that columns stand for: the first one; in a loop of CFML's tags that of the turn."""
        return self.rows[0] if self.rows else None

    @property
    def currentrow(self) -> int:
        return 1 if self.rows else 0

    @property
    def columnlist(self) -> str:
        return _column_list(self.columns)

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain dicts of str, int and dict, keyed as in `columns`: for JSON and for other libraries."""
        return [{name: _plain(row[name]) for name in self.columns} for row in self.rows]

    def __getattr__(self, name: str) -> Any:
        if name in Query.__slots__:
            raise AttributeError(name)  # a query that is only half made
        return self._look_up(name)

    def __getitem__(self, name: str) -> Any:
        if not isinstance(name, str):
            raise ColumnIndexFault('a query is read by column: write mail.subject[1] or mail["subject"][1] for the first row\'s')
        try:
            return self._look_up(name)
        except AttributeError as error:
            raise KeyError(str(error)) from None

    def _look_up(self, name: str) -> Any:
        # Only columns and public names: an item must not be a way round a sandbox, which watches attributes.
        key = name.lower()
        if key not in self._keys and key.endswith("_"):
            key = key[:-1]
        if key in self._keys:
            return Column(self, key)
        if key in QUERY_NAMES:
            return object.__getattribute__(self, key)
        raise AttributeError(f"the query has no column {name!r}; its columns are {self.columnlist}")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __reversed__(self) -> Iterator[Row]:
        return reversed(self.rows)

    def __str__(self) -> str:
        return "" if self.quiet else repr(self)

    def __repr__(self) -> str:
        return f"Query({len(self.rows)} {_rows(len(self.rows))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_query, (self.columns, [_read_out(row) for row in self.rows], self.quiet)


@functools.lru_cache(maxsize=64)
def _row_class(columns: tuple[str, ...]) -> type[Row]:
    keys = [name.lower() for name in columns]
    for name, key in zip(columns, keys, strict=True):
        if not COLUMN_NAME.fullmatch(name) or key in QUERY_NAMES | ROW_NAMES or keys.count(key) > 1:
            raise ValueError(f"{name!r} cannot name a column: it is no name, or it is taken")
    return type("Row", (Row,), {"__slots__": tuple(keys), "_columns": columns, "_keys": frozenset(keys)})


def _rebuild_row(
    columns: tuple[str, ...], values: dict[str, object], defects: tuple[str, ...], currentrow: int, recordcount: int
) -> Row:
    return _row_class(columns)(PlainCells(values, defects), currentrow, recordcount)


def _rebuild_query(columns: tuple[str, ...], rows: list[tuple[dict[str, object], tuple[str, ...]]], quiet: bool) -> Query:
    return Query(columns, [PlainCells(values, defects) for values, defects in rows], quiet=quiet)


def _read_out(row: Row) -> tuple[dict[str, object], tuple[str, ...]]:
    return {name: row[name] for name in row._columns}, row.defects


def _column_list(columns: Sequence[str]) -> str:
    return ",".join(columns).upper()


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str.__str__(value) if isinstance(value, str) else str(value)
