"""How a CFML function is declared and called.

Rule: a function is one entry of a family: its CFML name, its arguments with their kinds and defaults, and a Python function that
gets the converted values in that order. Reading arguments, by position or by name in any case, and every error about them happen
here, so that each says the function, the argument and what is accepted.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

from cfml_pop.cfml import dates, simple
from cfml_pop.cfml.column import Column, current
from cfml_pop.cfml.new_query import NewQuery
from cfml_pop.cfml.query import Query, Row
from cfml_pop.errors import FunctionFault

__all__ = ["REQUIRED", "Argument", "BadArgument", "Family", "Function", "Page", "RowStruct", "argument", "rest"]

REQUIRED: Any = object()
"""The default of an argument that has none."""

F = TypeVar("F", bound=Callable[..., Any])
Convert = Callable[[Any, "Page"], Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """What functions need to know of the page that calls them.

    `time_zone`: that of its dates, None for the machine's own. `clock`: gives the present moment, with a zone.
    """

    time_zone: dt.tzinfo | None = None
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc)


class BadArgument(ValueError):
    """What a function itself finds wrong with one argument; `text` goes on after its name ("must be ...")."""

    def __init__(self, argument: str, text: str) -> None:
        super().__init__(text)
        self.argument = argument


@dataclasses.dataclass(frozen=True)
class Argument:
    """One argument: its CFML name, its kind (a key of KINDS), its default; `many`: all further positional ones as a tuple.

    `also` are other names that an engine has for it.
    """

    name: str
    kind: str
    default: Any = REQUIRED
    many: bool = False
    also: tuple[str, ...] = ()


def argument(name: str, kind: str = "text", default: Any = REQUIRED, *, also: tuple[str, ...] = ()) -> Argument:
    """An argument of a kind of the table KINDS. A default is used as it is, and not converted."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of argument; there is {', '.join(KINDS)}")
    return Argument(name, kind, default, also=also)


def rest(name: str, kind: str = "any") -> Argument:
    """The last argument of a function that takes any number."""
    return dataclasses.replace(argument(name, kind), many=True)


def _text(value: Any, page: Page) -> str:
    value = current(value)
    found = simple.date(value, page.time_zone) if isinstance(value, dt.date) else None
    return simple.text(value if found is None else found)


class RowStruct(Mapping[str, Any]):
    """A row of a query as a struct. A cell is decoded when it is asked for."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._columns = row._columns

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            raise KeyError(key)
        return self._row[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in [name.lower() for name in self._columns]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _array(value: Any, _: Page) -> list[Any]:
    value = current(value) if isinstance(current(value), list) else value
    if isinstance(value, (Column, tuple)):
        return list(value)
    if not isinstance(value, list):
        raise ValueError(f"must be an array, not {simple.kind_of(value)}")  # noqa: TRY004 - as all kinds do
    return value


def _mutable_array(value: Any, _: Page) -> list[Any]:
    value = current(value) if isinstance(current(value), list) else value
    if not isinstance(value, list):
        what = "a column of a query or another fixed sequence" if isinstance(value, (Column, tuple)) else simple.kind_of(value)
        raise ValueError(f"must be an array that can be changed, not {what}")  # noqa: TRY004
    return value


def _struct(value: Any, _: Page) -> Mapping[Any, Any]:
    value = RowStruct(value) if isinstance(value, Row) else current(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a struct, not {simple.kind_of(value)}")  # noqa: TRY004
    return value


def _mutable_struct(value: Any, page: Page) -> MutableMapping[Any, Any]:
    value = _struct(value, page)
    if not isinstance(value, MutableMapping):
        raise ValueError("must be a struct that can be changed; this one is only for reading")  # noqa: TRY004
    return value


def _query(value: Any, _: Page) -> Query:
    if not isinstance(value, Query):
        raise ValueError(f"must be a query, not {simple.kind_of(value)}")  # noqa: TRY004
    return value


def _mutable_query(value: Any, page: Page) -> NewQuery:
    value = _query(value, page)
    if not isinstance(value, NewQuery):
        raise ValueError("must be a query made by queryNew: the result of cfpop is fixed, but duplicate(...) of it is not")  # noqa: TRY004
    return value


def _column(value: Any, _: Page) -> Column:
    if not isinstance(value, Column):
        raise ValueError(f"must be a column of a query, as in mail.uid, not {simple.kind_of(value)}")  # noqa: TRY004
    return value


def _date(value: Any, page: Page) -> simple.DateTime:
    found = dates.read(value, page.time_zone, page.clock)
    if found is None:
        raise ValueError(f"must be {dates.ACCEPTED}, not {simple.kind_of(value)}")
    return found


def _date_or_empty(value: Any, page: Page) -> simple.DateTime | None:
    value = current(value)
    return None if isinstance(value, str) and not value.strip() else _date(value, page)


def _number(value: Any, page: Page) -> int | float:
    return dates.number(value, page.time_zone, page.clock)


def _number_or_empty(value: Any, page: Page) -> int | float:
    value = current(value)
    return 0 if isinstance(value, str) and not value.strip() else _number(value, page)


KINDS: dict[str, Convert] = {
    "any": lambda value, _: value,
    "value": lambda value, _: current(value),
    "text": _text,
    "number": _number,
    "integer": lambda value, page: int(_number(value, page)),
    "number or empty": _number_or_empty,
    "boolean": lambda value, _: simple.boolean(value),
    "date": _date,
    "date or empty": _date_or_empty,
    "array": _array,
    "mutable array": _mutable_array,
    "struct": _struct,
    "mutable struct": _mutable_struct,
    "query": _query,
    "mutable query": _mutable_query,
    "column": _column,
}
"""What an argument may be, and how it is read. A value is anything, a column its current row's. To read, an array may be a
tuple or a column, and a struct any mapping. Empty text counts as 0 where a number may be empty, as None where a date may."""


class Function:
    """One CFML function. `name` is its spelling in CFML; call it as Python calls, after `page`."""

    def __init__(self, name: str, arguments: tuple[Argument, ...], run: Callable[..., Any], *, needs_page: bool) -> None:
        self.name = name
        self.arguments = arguments
        self.needs_page = needs_page
        self._run = run
        self._by_name = {name.lower(): one for one in arguments if not one.many for name in (one.name, *one.also)}
        self.__doc__ = run.__doc__

    @property
    def signature(self) -> str:
        """As a manual writes it: `listLen(list, [delimiters], ...)`."""
        shown = [f"{a.name}..." if a.many else (a.name if a.default is REQUIRED else f"[{a.name}]") for a in self.arguments]
        return f"{self.name}({', '.join(shown)})"

    def __call__(self, page: Page, *given: Any, **named: Any) -> Any:
        """Convert the arguments and call. Raises FunctionFault; what the function itself finds wrong is one too."""
        values = self._read(page, given, named)
        try:
            return self._run(page, *values) if self.needs_page else self._run(*values)
        except ValueError as error:
            if isinstance(error, FunctionFault):
                raise
            raise self.fault(str(error), error.argument if isinstance(error, BadArgument) else "") from None
        except (OverflowError, RecursionError, ZeroDivisionError) as error:
            raise self.fault(f"cannot be carried out with these values: {error}") from None

    def fault(self, text: str, argument: str = "") -> FunctionFault:
        """An error about this function, or one of its arguments."""
        where = f"{self.name}(): {argument} {text}" if argument else f"{self.name}(): {text}"
        return FunctionFault(f"{where}; write {self.signature}", function=self.name, argument=argument)

    def _read(self, page: Page, given: tuple[Any, ...], named: Mapping[str, Any]) -> list[Any]:
        by_name: dict[str, Any] = {}
        for name, value in named.items():
            known = self._by_name.get(name.lower())
            if known is None:
                raise self.fault("is no argument of this function", name)
            if known.name in by_name:
                raise self.fault("is given twice", known.name)
            by_name[known.name] = value
        plain = [one for one in self.arguments if not one.many]
        many = self.arguments[len(plain) :]
        if len(given) > len(plain) and not many:
            raise self.fault(f"takes at most {len(plain)} arguments, not {len(given)}")
        values: list[Any] = []
        for position, one in enumerate(plain):
            if position < len(given):
                if one.name in by_name:
                    raise self.fault("is given twice", one.name)
                values.append(self._convert(page, one, given[position]))
            elif one.name in by_name:
                values.append(self._convert(page, one, by_name[one.name]))
            elif one.default is REQUIRED:
                raise self.fault("is missing", one.name)
            else:
                values.append(one.default)
        for one in many:
            values.extend(self._convert(page, one, value) for value in given[len(plain) :])
        return values

    def _convert(self, page: Page, one: Argument, value: Any) -> Any:
        try:
            return KINDS[one.kind](value, page)
        except ValueError as error:
            raise self.fault(str(error), one.name) from None


class Family:
    """Functions that belong together, by their CFML names."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.functions: dict[str, Function] = {}

    def function(self, name: str, *arguments: Argument, page: bool = False) -> Callable[[F], F]:
        """Enter the decorated Python function. `page`: it gets the Page before its arguments."""

        def enter(run: F) -> F:
            if name.lower() in {known.lower() for known in self.functions}:
                raise ValueError(f"{name} is there already")
            self.functions[name] = Function(name, arguments, run, needs_page=page)
            return run

        return enter

    def __iter__(self) -> Iterator[Function]:
        return iter(self.functions.values())
