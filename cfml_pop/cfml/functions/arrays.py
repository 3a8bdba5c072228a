"""CFML's arrays: making, reading and changing them.

Rule: positions begin at 1. A function that only reads takes any list, a tuple, or a column of a query (all its rows); one
that changes needs a list, changes it in place and returns true, as CF and Lucee up to 6 do. A position that holds None is
undefined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import MOST_NEW, Array, new_array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions.family import BadArgument, Family, argument
from cfml_pop.cfml.functions.lists import joined
from cfml_pop.cfml.functions.sorting import in_order
from cfml_pop.cfml.functions.structs import MISSING, duplicated

__all__ = ["FAMILY", "section"]

FAMILY = Family("Arrays")

ARRAY = argument("array", "array")
MUTABLE = argument("array", "mutable array")
VALUE = argument("value", "value")
POSITION = argument("position", "integer", also=("index",))

MOST_DIMENSIONS = 255
"""As in Java; an array may contain itself."""

MOST_ELEMENTS = 1_000_000
"""What putting two arrays together makes at most: one that is put to itself again and again would fill the memory."""


def _place(array: Sequence[Any], position: int, name: str = "position", behind: int = 0) -> int:
    """The index of a position, which may be as far as `behind` the last one."""
    last = len(array) + behind
    if not 1 <= position <= last:
        there_is = f"1 to {last}" if last else "none: the array is empty"
        raise BadArgument(name, f"must be a position of the array ({there_is}), not {position}")
    return position - 1


def _together(first: Sequence[Any], second: Sequence[Any], name: str) -> None:
    if len(first) + len(second) > MOST_ELEMENTS:
        raise BadArgument(name, f"must not make an array of more than {MOST_ELEMENTS} elements")


def section(length: int, offset: int, count: int) -> slice:
    """What arraySlice and querySlice take of `length` elements.

    A negative `offset` counts from the end, where -1 is the last. `count` 0 is all the rest, a negative one all but so many
    at the end. Raises BadArgument for what is not there.
    """
    start = offset if offset > 0 else length + offset + 1
    if offset == 0 or not 1 <= start <= length:
        raise BadArgument(
            "offset", f"must be 1 to {length} or -1 to -{length}, not {offset}" if length else "finds nothing: it is empty"
        )
    end = start + count - 1 if count > 0 else length + count
    if end > length or end < start - 1:
        raise BadArgument("length", f"must be at most {length - start + 1} from position {start} on, not {count}")
    return slice(start - 1, end)


@FAMILY.function("arrayNew", argument("dimension", "integer", 1), argument("isSynchronized", "any", False))
def array_new(dimension: int, _: object) -> Array:
    """A new array of 1, 2 or 3 dimensions. The second argument makes no difference. Source: Adobe, ArrayNew."""
    if dimension not in (1, 2, 3):
        raise BadArgument("dimension", f"must be 1, 2 or 3, not {dimension}")
    return new_array(dimension)


@FAMILY.function("isArray", VALUE, argument("number", "integer", 0))
def is_array(value: object, number: int) -> bool:
    """Whether a value is an array, with `number` of that many dimensions. A column is none. Source: Adobe, IsArray."""
    if not number or not isinstance(value, list):
        return isinstance(value, list)
    dimension, deepest = 0, 0
    while isinstance(value, list) and dimension <= min(number, MOST_DIMENSIONS):
        dimension += 1
        deepest = max(deepest, dimension - 1 + value.dimension if isinstance(value, Array) else dimension)
        value = next((element for element in value if element is not None), None)
    return deepest == number


@FAMILY.function("arrayLen", ARRAY)
def array_len(array: list[Any]) -> int:
    """How many positions an array has. Source: Adobe and Lucee, ArrayLen."""
    return len(array)


@FAMILY.function("arrayIsEmpty", ARRAY)
def array_is_empty(array: list[Any]) -> bool:
    """Whether an array has no position. Source: Adobe and Lucee, ArrayIsEmpty."""
    return not array


@FAMILY.function("arrayIndexExists", ARRAY, argument("index", "integer"))
def array_index_exists(array: list[Any], index: int) -> bool:
    """Whether an array has that position and it holds a value. Source: Lucee, ArrayIndexExists."""
    return 1 <= index <= len(array) and list.__getitem__(array, index - 1) is not None


@FAMILY.function("arrayIsDefined", ARRAY, argument("index", "integer"))
def array_is_defined(array: list[Any], index: int) -> bool:
    """The same as arrayIndexExists. Source: Adobe, ArrayIsDefined."""
    return array_index_exists(array, index)


@FAMILY.function("arrayFirst", ARRAY, argument("defaultValue", "value", MISSING))
def array_first(array: list[Any], default: object) -> object:
    """The first element; the default, or an error, where there is none. Source: Lucee, ArrayFirst."""
    return _end(array, 0, default)


@FAMILY.function("arrayLast", ARRAY, argument("defaultValue", "value", MISSING))
def array_last(array: list[Any], default: object) -> object:
    """The last element; the default, or an error, where there is none. Source: Lucee, ArrayLast."""
    return _end(array, -1, default)


def _end(array: list[Any], index: int, default: object) -> object:
    if array:
        return list.__getitem__(array, index)
    if default is MISSING:
        raise BadArgument("array", "is empty, and no defaultValue is given")
    return default


@FAMILY.function("arrayAppend", MUTABLE, VALUE, argument("merge", "boolean", False))
def array_append(array: list[Any], value: object, merge: bool) -> bool:
    """Put a value at the end; with `merge` the elements of an array, one by one. Source: Adobe and Lucee, ArrayAppend."""
    if merge and isinstance(value, (list, tuple)):
        _together(array, value, "value")
        array.extend(list(value))
    else:
        array.append(value)
    return True


@FAMILY.function("arrayPrepend", MUTABLE, VALUE)
def array_prepend(array: list[Any], value: object) -> bool:
    """Put a value before the first. Source: Adobe and Lucee, ArrayPrepend."""
    array.insert(0, value)
    return True


@FAMILY.function("arrayPush", MUTABLE, VALUE)
def array_push(array: list[Any], value: object) -> int:
    """Put a value at the end, and say how long the array is now. Source: Lucee, ArrayPush."""
    array.append(value)
    return len(array)


@FAMILY.function("arrayUnshift", MUTABLE, VALUE)
def array_unshift(array: list[Any], value: object) -> int:
    """Put a value before the first, and say how long the array is now. Source: Lucee, ArrayUnShift."""
    array.insert(0, value)
    return len(array)


@FAMILY.function("arrayPop", MUTABLE)
def array_pop(array: list[Any]) -> object:
    """Take the last element away and give it. Source: Lucee, ArrayPop."""
    return _take(array, -1)


@FAMILY.function("arrayShift", MUTABLE)
def array_shift(array: list[Any]) -> object:
    """Take the first element away and give it. Source: Lucee, ArrayShift."""
    return _take(array, 0)


def _take(array: list[Any], index: int) -> object:
    if not array:
        raise BadArgument("array", "is empty: there is nothing to take")
    return array.pop(index)


@FAMILY.function("arrayInsertAt", MUTABLE, POSITION, VALUE)
def array_insert_at(array: list[Any], position: int, value: object) -> bool:
    """Put a value before that at a position, or behind the last one. Source: Adobe and Lucee, ArrayInsertAt."""
    array.insert(_place(array, position, behind=1), value)
    return True


@FAMILY.function("arrayDeleteAt", MUTABLE, POSITION)
def array_delete_at(array: list[Any], position: int) -> bool:
    """Take the element at a position away; those behind move up. Source: Adobe and Lucee, ArrayDeleteAt."""
    array.pop(_place(array, position))
    return True


@FAMILY.function("arrayClear", MUTABLE)
def array_clear(array: list[Any]) -> bool:
    """Take all elements away. Source: Adobe and Lucee, ArrayClear."""
    array.clear()
    return True


@FAMILY.function("arrayResize", MUTABLE, argument("minimumSize", "integer"))
def array_resize(array: list[Any], size: int) -> bool:
    """Give an array at least so many positions; it gets no shorter. Source: Adobe and Lucee, ArrayResize."""
    if size > len(array) + MOST_NEW:
        raise BadArgument("minimumSize", f"must not ask for more than {MOST_NEW} new positions at once")
    array.extend([None] * (size - len(array)))
    return True


@FAMILY.function("arraySet", MUTABLE, argument("start", "integer"), argument("end", "integer"), VALUE)
def array_set(array: list[Any], start: int, end: int, value: object) -> bool:
    """Put a value (of an array or struct a copy each) at all positions from `start` to `end`. Source: Lucee, ArraySet."""
    if start < 1:
        raise BadArgument("start", f"must be 1 or more, not {start}")
    if end < start:
        raise BadArgument("end", f"must not be before start ({start}), but is {end}")
    if end > len(array) + MOST_NEW:
        raise BadArgument("end", f"must not ask for more than {MOST_NEW} new positions at once")
    array.extend([None] * (end - len(array)))
    array[start - 1 : end] = [duplicated(value) for _ in range(start, end + 1)]
    return True


@FAMILY.function("arraySwap", MUTABLE, argument("position1", "integer"), argument("position2", "integer"))
def array_swap(array: list[Any], first: int, second: int) -> bool:
    """Let two elements change places. Source: Adobe and Lucee, ArraySwap."""
    one, two = _place(array, first, "position1"), _place(array, second, "position2")
    values = list(array)
    values[one], values[two] = values[two], values[one]
    array[:] = values
    return True


SORTED = (argument("sortType"), argument("sortOrder", "text", "asc"), argument("localeSensitive", "boolean", False))


@FAMILY.function("arraySort", MUTABLE, *SORTED)
def array_sort(array: list[Any], sort_type: str, order: str, _: bool) -> bool:
    """Sort simple values as text, textnocase or numeric, asc or desc; equal ones keep their order. Source: Adobe, ArraySort.

    localeSensitive makes no difference. A function in place of the type is left to the host.
    """
    array[:] = in_order(array, sort_type, order)
    return True


@FAMILY.function("arrayReverse", ARRAY)
def array_reverse(array: list[Any]) -> Array:
    """A new array, the last element first. Source: Lucee, ArrayReverse."""
    return Array(reversed(array))


@FAMILY.function("arraySlice", ARRAY, argument("offset", "integer"), argument("length", "integer", 0))
def array_slice(array: list[Any], offset: int, length: int) -> Array:
    """A new array of `length` elements from a position on, by default all. Source: Adobe, ArraySlice.

    A negative offset counts from the end (-1 is the last; in Lucee before 6 the last but one), a negative length leaves so
    many out there.
    """
    return Array(array[section(len(array), offset, length)])


@FAMILY.function("arrayMid", ARRAY, argument("start", "integer"), argument("count", "integer", -1))
def array_mid(array: list[Any], start: int, count: int) -> Array:
    """A new array of at most `count` elements (-1: all) from a position on, which need not be there. Source: Lucee, ArrayMid."""
    if start < 1:
        raise BadArgument("start", f"must be 1 or more, not {start}")
    if count < -1:
        raise BadArgument("count", f"must be 0 or more, or -1 for all, not {count}")
    return Array(array[start - 1 :] if count == -1 else array[start - 1 : start - 1 + count])


@FAMILY.function(
    "arraySplice", MUTABLE, argument("index", "integer"), argument("length", "integer", -1), argument("replacements", "array", ())
)
def array_splice(array: list[Any], index: int, length: int, replacements: Sequence[Any]) -> Array:
    """Take `length` elements (-1: all) from a position on away, put others there, give what was. Source: Lucee, ArraySplice.

    A position outside is the nearest one, a length below -1 is 0.
    """
    _together(array, replacements, "replacements")
    start = min(max(index, 1), max(len(array), 1)) - 1
    end = len(array) if length == -1 else start + max(length, 0)
    taken = Array(array[start:end])
    array[start:end] = replacements
    return taken


@FAMILY.function("arrayMerge", argument("array1", "array"), argument("array2", "array"), argument("leaveIndex", "boolean", False))
def array_merge(first: list[Any], second: list[Any], leave_index: bool) -> Array:
    """A new array of both, one behind the other; with leaveIndex the second one's rest behind the first.

    Source: Lucee, ArrayMerge.
    """
    _together(first, second, "array2")
    return Array([*first, *(second[len(first) :] if leave_index else second)])


@FAMILY.function("arrayToList", ARRAY, argument("delimiter", "text", ",", also=("delimiters",)))
def array_to_list(array: list[Any], delimiter: str) -> str:
    """The elements as a list, undefined ones as empty. All must be simple values. Source: Adobe and Lucee, ArrayToList."""
    return joined(delimiter, simple.each(array, lambda value: "" if value is None else simple.text(value)))


@FAMILY.function("arrayToStruct", ARRAY)
def array_to_struct(array: list[Any]) -> Struct:
    """A struct with the positions as keys. Source: Lucee, ArrayToStruct."""
    return Struct((str(place), value) for place, value in enumerate(array, 1) if value is not None)
