"""CFML's array.

Rule: a list whose indexes begin at 1. Iteration, length and everything else is a list's; functions of arrays take plain lists as
well, and count their positions from 1 too.
"""

from __future__ import annotations

from typing import Any, SupportsIndex, overload

from cfml_pop.cfml.column import ROW_NUMBER, ColumnIndexFault, current

__all__ = ["MOST_NEW", "Array", "new_array"]


class Array(list[Any]):
    """A list read as `a[1]` to `a[arrayLen(a)]`. A position outside is a ColumnIndexFault, as for a column of a query.

    Assigning to the position behind the last one appends; one further behind fills what is between with None (Lucee).
    `dimension` is that of arrayNew: in an array of 2 or more a position that holds nothing gives a new array of one less, as
    `a[1][2]` needs.
    """

    dimension = 1

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Any: ...

    @overload
    def __getitem__(self, index: slice, /) -> list[Any]: ...

    def __getitem__(self, index: Any, /) -> Any:
        if isinstance(index, slice):
            return super().__getitem__(index)
        position = self._position(index)
        if self.dimension > 1 and (position > len(self) or super().__getitem__(position - 1) is None):
            self[position] = new_array(self.dimension - 1)
        if position > len(self):
            there_is = f"the array has positions 1 to {len(self)}" if self else "the array is empty"
            raise ColumnIndexFault(f"array[{position}]: {there_is} (the first is 1, as in CFML)")
        return super().__getitem__(position - 1)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            super().__setitem__(index, value)
            return
        position = self._position(index)
        if position > len(self) + MOST_NEW:
            raise ColumnIndexFault(f"array[{position}]: only {MOST_NEW} positions behind the last one can be made at once")
        while len(self) < position:
            self.append(None)
        super().__setitem__(position - 1, value)

    def __delitem__(self, index: Any, /) -> None:
        if isinstance(index, slice):
            super().__delitem__(index)
            return
        self[index]  # it must be there
        super().__delitem__(self._position(index) - 1)

    @staticmethod
    def _position(index: object) -> int:
        index = current(index)
        if isinstance(index, str) and ROW_NUMBER.fullmatch(index):
            index = int(index)
        if isinstance(index, float) and index.is_integer():
            index = int(index)
        if isinstance(index, bool) or not isinstance(index, int):
            raise ColumnIndexFault(f"an array is read by position, from 1 on, not by {index!r}")
        if index < 1:
            raise ColumnIndexFault(f"array[{index}]: the first position is 1, as in CFML")
        return index


def new_array(dimension: int) -> Array:
    """An empty array of that dimension."""
    array = Array()
    if dimension > 1:
        array.dimension = dimension
    return array


MOST_NEW = 100_000
"""More empty positions than this at once are a mistake, or mail that wants memory."""
