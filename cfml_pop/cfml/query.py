"""The query object that a cfpop call gives back.

Rule: a query is a fixed list of rows. Nothing here moves a cursor, so nested loops, async code and errors cannot leave it
in a wrong place; and nothing is decoded before it is read.

Names are looked up in the columns and the few public names only, in any case: a template reaches no other attribute. Indexes of a
column start at 1, as in CFML; rows are plain Python.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol

from cfml_pop.cfml.column import Column, ColumnIndexFault

if TYPE_CHECKING:
    from cfml_pop.cfml.cells import AddressText, AttachmentText, HeaderText, MailDate, Struct

__all__ = [
    "ALL_COLUMNS",
    "HEADER_COLUMNS",
    "Cells",
    "Query",
    "Row",
    "Style",
    "plain",
    "unknown_column",
]

HEADER_COLUMNS = ("date", "from", "messagenumber", "messageid", "replyto", "subject", "cc", "to", "size", "header", "uid")
"""The columns of getHeaderOnly: those of Adobe's documentation in Lucee's order, and `size`."""

ALL_COLUMNS = (*HEADER_COLUMNS, "body", "textBody", "HTMLBody", "attachments", "attachmentfiles", "cids", "deliverystatus")
"""The columns of getAll."""

KEPT = 1000
"""Characters of a text that a row keeps in any case."""

COLUMN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
QUERY_NAMES = frozenset({"recordcount", "currentrow", "columnlist", "columns", "rows", "quiet", "to_dicts"})
ROW_NAMES = frozenset({"recordcount", "currentrow", "columnlist", "defects"})


class Style(NamedTuple):
    """What an engine's query does its own way: the order and case of columnlist, a row number outside the query, and what a page
    gets for a column that is not there: a plain undefined value, which prints as nothing, or one that is an error where it is
    used."""

    sorted_list: bool = False
    upper_list: bool = True
    outside: Literal["fault", "empty"] = "fault"
    unknown: Literal["undefined", "fault"] = "undefined"


class Cells(Protocol):
    """What a row is made of. `cell` is asked for a column by its name in lower case; the row keeps the value, but of cells that
    are not `lasting` no text of more than KEPT characters: that is asked for again.
    """

    @property
    def lasting(self) -> bool: ...

    def cell(self, column: str) -> object: ...

    @property
    def defects(self) -> tuple[str, ...]: ...


class PlainCells:
    """Cells that are there already, by lower-case column name. A column that is missing is empty text."""

    lasting = True

    def __init__(self, values: Mapping[str, object], defects: tuple[str, ...] = ()) -> None:
        self.values: dict[str, object] = {name.lower(): value for name, value in values.items()}
        self.defects = defects

    def cell(self, column: str) -> object:
        return self.values.get(column, "")


class _Cell:
    """A column of a row class: read when it is first asked for, and from then on an attribute of the row itself.

    A slot that is still empty would do the same with an AttributeError that nobody sees, and takes three times as long.
    """

    __slots__ = ("_column",)

    def __init__(self, column: str) -> None:
        self._column = column

    def __get__(self, row: Row | None, _owner: type | None = None) -> Any:
        if row is None:
            return self
        cells = row._cells
        value = cells.cell(self._column)
        if cells.lasting or not isinstance(value, str) or len(value) <= KEPT:
            setattr(row, self._column, value)
        return value


class Row:
    """One message: `row["from"]`, `row.from_`, `row.Subject`; any case, one trailing underscore is dropped.

    Beside its columns a row has `recordcount` and `currentrow` (from 1), `columnlist`, and `defects`: what was damaged, as
    short texts. A cell is decoded when it is first read, and kept, unless it is a long text of a message that memory had no room
    for. An unknown name is an AttributeError or a KeyError.
    """

    # One subclass per set of columns, with a `_Cell` for each: a cell once read costs no more than an attribute.
    _columns: ClassVar[tuple[str, ...]] = ()
    _keys: ClassVar[frozenset[str]] = frozenset()
    _style: ClassVar[Style] = Style()

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
        self.currentrow: int = currentrow
        self.recordcount: int = recordcount

    @property
    def columnlist(self) -> str:
        return _column_list(self._columns, self._style)

    @property
    def defects(self) -> tuple[str, ...]:
        return self._cells.defects

    def __getattr__(self, name: str) -> Any:
        # Called for every other spelling of a name; for a column only when it could not be read, which is told as it is.
        return self._cells.cell(name) if name in self._keys else self._look_up(name)

    def __getitem__(self, name: str) -> Any:
        if isinstance(name, str) and name in self._keys:
            return getattr(self, name)
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
            return getattr(self, key)
        if key in ROW_NAMES:
            return object.__getattribute__(self, key)
        raise AttributeError(unknown_column(self, name))

    __iter__ = None  # with __getitem__ alone, Python would try row[0], row[1], ...

    def __repr__(self) -> str:
        return f"<Row {self.currentrow} of {self.recordcount}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_row, (self._columns, self._style, *_read_out(self), self.currentrow, self.recordcount)


class Query:
    """Rows under column names, as a CFML query.

    Public: `recordcount`, `currentrow` (1, or 0 without rows), `columnlist` (upper case, comma list), `columns` (as defined),
    `rows` (tuple of Row), `to_dicts()`; and every column, in any case, as attribute or item. `len`, iteration and truth are
    over the rows. `quiet` is the result of delete and markRead, which prints as nothing. Pickling and copying decode every cell.
    """

    __slots__ = ("_keys", "columns", "quiet", "rows", "style")

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    quiet: bool
    style: Style

    def __init__(
        self,
        columns: Sequence[str],
        rows: Iterable[Cells | Mapping[str, object]],
        *,
        quiet: bool = False,
        style: Style = Style(),  # noqa: B008 - a constant
    ) -> None:
        make = _row_class(tuple(columns), style)
        cells = [PlainCells(row) if isinstance(row, Mapping) else row for row in rows]
        self.columns = make._columns
        self._keys = make._keys
        self.quiet = quiet
        self.style = style
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
        return _column_list(self.columns, self.style)

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain dicts of str, int and dict, keyed as in `columns`: for JSON and for other libraries."""
        return [{name: plain(row[name]) for name in self.columns} for row in self.rows]

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
        raise AttributeError(unknown_column(self, name))

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
        return _rebuild_query, (self.columns, self.style, [_read_out(row) for row in self.rows], self.quiet)


@functools.lru_cache(maxsize=64)
def _row_class(columns: tuple[str, ...], style: Style) -> type[Row]:
    keys = [name.lower() for name in columns]
    for name, key in zip(columns, keys, strict=True):
        if not COLUMN_NAME.fullmatch(name) or key in QUERY_NAMES | ROW_NAMES or keys.count(key) > 1:
            raise ValueError(f"{name!r} cannot name a column: it is no name, or it is taken")
    names = {"_columns": columns, "_keys": frozenset(keys), "_style": style, **{key: _Cell(key) for key in keys}}
    return type("Row", (Row,), names)


def _rebuild_row(
    columns: tuple[str, ...],
    style: Style,
    values: dict[str, object],
    defects: tuple[str, ...],
    currentrow: int,
    recordcount: int,
) -> Row:
    return _row_class(columns, style)(PlainCells(values, defects), currentrow, recordcount)


def _rebuild_query(
    columns: tuple[str, ...], style: Style, rows: list[tuple[dict[str, object], tuple[str, ...]]], quiet: bool
) -> Query:
    return Query(columns, [PlainCells(values, defects) for values, defects in rows], quiet=quiet, style=style)


def _read_out(row: Row) -> tuple[dict[str, object], tuple[str, ...]]:
    return {name: row[name] for name in row._columns}, row.defects


def _column_list(columns: Sequence[str], style: Style) -> str:
    names = ",".join(sorted(columns, key=str.lower) if style.sorted_list else columns)
    return names.upper() if style.upper_list else names


def unknown_column(place: Query | Row, name: str) -> str:
    """The error text for a name that is no column."""
    kind = "row" if isinstance(place, Row) else "query"
    return f"Column [{name}] not found in {kind}; its columns are {place.columnlist}"


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def plain(value: object) -> object:
    """A cell as a value of JSON: str, int, float, bool or None, and dicts and lists of them."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str.__str__(value) if isinstance(value, str) else str(value)
