"""What stands for a column that a query does not have, and for a key that a struct does not have.

Rule: as everywhere in Jinja it is undefined: `is defined` and `default` work. In a dialect whose engine calls it an error, it is
one where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import Undefined
from jinja2.utils import internalcode

from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.query import Query, Row, unknown_column

__all__ = ["ColumnUndefined"]

MOST_KEYS = 20
"""Of a struct, in an error."""


class ColumnUndefined(Undefined):
    """Jinja's own `Undefined`, but for columns and keys: their error names those that there are. A column under
    `Style(unknown="fault")` cannot be printed, compared or looped over."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        place, name = self._undefined_obj, self._undefined_name
        if self._undefined_hint is None and isinstance(place, (Query, Row)) and isinstance(name, str):
            return unknown_column(place, name)
        if self._undefined_hint is None and isinstance(place, Struct):
            keys = [str(key) for key in place]
            there = ", ".join(keys[:MOST_KEYS]) + (", ..." if len(keys) > MOST_KEYS else "")
            return f"the struct has no key {name!r}; it has {there or 'none'}"
        return super()._undefined_message

    @internalcode
    def _used(self) -> None:
        place = self._undefined_obj
        style = place.style if isinstance(place, Query) else place._style if isinstance(place, Row) else None
        if style is not None and style.unknown == "fault":
            self._fail_with_undefined_error()

    @internalcode
    def __str__(self) -> str:
        self._used()
        return super().__str__()

    @internalcode
    def __bool__(self) -> bool:
        self._used()
        return super().__bool__()

    @internalcode
    def __len__(self) -> int:
        self._used()
        return super().__len__()

    @internalcode
    def __iter__(self) -> Iterator[Any]:
        self._used()
        return super().__iter__()

    @internalcode
    def __eq__(self, other: object) -> bool:
        self._used()
        return super().__eq__(other)

    @internalcode
    def __ne__(self, other: object) -> bool:
        self._used()
        return super().__ne__(other)

    def __hash__(self) -> int:
        return super().__hash__()  # __eq__ of its own takes it away
