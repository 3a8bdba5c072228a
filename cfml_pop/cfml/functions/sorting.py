"""How CFML sorts: what listSort, arraySort, structSort and querySort share.

Rule: a sort is named by a type (text, textnocase, numeric) and an order (asc, desc), any case. Values that are equal keep their
places, in both orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from cfml_pop.cfml import simple
from cfml_pop.cfml.functions.family import BadArgument

__all__ = ["SORT_TYPES", "in_order", "is_descending"]

T = TypeVar("T")

SORT_TYPES: dict[str, Callable[[Any], Any]] = {
    "text": simple.text,
    "textnocase": lambda value: simple.text(value).lower(),
    "numeric": simple.number,
}


def is_descending(order: str, argument: str = "sortOrder") -> bool:
    """Whether an order is desc. Raises BadArgument for what is neither asc nor desc."""
    word = order.strip().lower()
    if word not in ("asc", "desc"):
        raise BadArgument(argument, f"must be asc or desc, not {order!r}")
    return word == "desc"


def in_order(values: Iterable[T], sort_type: str, order: str, of: Callable[[T], Any] = lambda value: value) -> list[T]:
    """The values, sorted by `of` each.

    Raises BadArgument for an unknown type or order, ValueError for a value that the type cannot sort.
    """
    key = SORT_TYPES.get(sort_type.strip().lower())
    if key is None:
        raise BadArgument("sortType", f"must be {', '.join(SORT_TYPES)}, not {sort_type!r}")
    descending = is_descending(order)
    values = list(values)
    keys = simple.each(map(of, values), key)
    places = sorted(range(len(values)), key=keys.__getitem__, reverse=descending)
    return [values[place] for place in places]
