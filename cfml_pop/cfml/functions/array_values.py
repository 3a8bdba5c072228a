"""CFML's arrays by their values: finding, counting and reckoning.

Rule: simple values are equal where their texts or their numbers are, so 1 is "1.0" and true is "true"; arrays and structs
where all in them is. Undefined positions (None) equal nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.functions.family import BadArgument, Family, argument

__all__ = ["FAMILY", "same"]

FAMILY = Family("Values in arrays")

ARRAY = argument("array", "array")
MUTABLE = argument("array", "mutable array")
VALUE = argument("value", "value")

MOST_COMPARED = 1000
"""Arrays and structs of which each is compared with each."""


def same(one: object, other: object, *, case: bool) -> bool:
    """Whether two values are equal for a page; `case` says whether A and a differ."""
    if one is None or other is None:
        return False
    if not simple.is_simple(one) or not simple.is_simple(other):
        return bool(one == other)
    first, second = simple.text(one), simple.text(other)
    if first == second or (not case and first.lower() == second.lower()):
        return True
    number = simple.numeric(one)
    return number is not None and number == simple.numeric(other)


def _places(array: list[Any], value: object, *, case: bool) -> Iterator[int]:
    return (place for place, element in enumerate(array, 1) if same(element, value, case=case))


@FAMILY.function("arrayFind", ARRAY, VALUE)
def array_find(array: list[Any], value: object) -> int:
    """The position of the first element that equals a value, 0 if none does. Source: Adobe and Lucee, ArrayFind."""
    return next(_places(array, value, case=True), 0)


@FAMILY.function("arrayFindNoCase", ARRAY, VALUE)
def array_find_no_case(array: list[Any], value: object) -> int:
    """As arrayFind, without regard to case. Source: Adobe and Lucee, ArrayFindNoCase."""
    return next(_places(array, value, case=False), 0)


@FAMILY.function("arrayFindAll", ARRAY, VALUE)
def array_find_all(array: list[Any], value: object) -> Array:
    """The positions of all elements that equal a value. Source: Adobe and Lucee, ArrayFindAll."""
    return Array(_places(array, value, case=True))


@FAMILY.function("arrayFindAllNoCase", ARRAY, VALUE)
def array_find_all_no_case(array: list[Any], value: object) -> Array:
    """As arrayFindAll, without regard to case. Source: Adobe and Lucee, ArrayFindAllNoCase."""
    return Array(_places(array, value, case=False))


CONTAINS = (ARRAY, VALUE, argument("substringMatch", "boolean", False))


@FAMILY.function("arrayContains", *CONTAINS)
def array_contains(array: list[Any], value: object, part: bool) -> bool:
    """Whether an element equals a value or, with substringMatch, a simple one has it in it. Source: Adobe, ArrayContains.

    Lucee gives the position, which counts as true.
    """
    return _contains(array, value, part, case=True)


@FAMILY.function("arrayContainsNoCase", *CONTAINS)
def array_contains_no_case(array: list[Any], value: object, part: bool) -> bool:
    """As arrayContains, without regard to case. Source: Lucee, ArrayContainsNoCase."""
    return _contains(array, value, part, case=False)


def _contains(array: list[Any], value: object, part: bool, *, case: bool) -> bool:
    if not part:
        return any(_places(array, value, case=case))
    if not simple.is_simple(value):
        raise BadArgument("value", f"must be a simple value where substringMatch is true, not {simple.kind_of(value)}")
    wanted = simple.text(value)
    texts = [simple.text(element) for element in array if simple.is_simple(element)]
    return any(wanted in text if case else wanted.lower() in text.lower() for text in texts)


DELETE = (MUTABLE, VALUE, argument("scope", "text", "one"))


@FAMILY.function("arrayDelete", *DELETE)
def array_delete(array: list[Any], value: object, scope: str) -> bool:
    """Take the first element that equals a value away, or all (scope "all"); whether there was one.

    Source: Lucee, ArrayDelete.
    """
    return _delete(array, value, scope, case=True)


@FAMILY.function("arrayDeleteNoCase", *DELETE)
def array_delete_no_case(array: list[Any], value: object, scope: str) -> bool:
    """As arrayDelete, without regard to case. Source: Lucee, ArrayDeleteNoCase."""
    return _delete(array, value, scope, case=False)


def _delete(array: list[Any], value: object, scope: str, *, case: bool) -> bool:
    if scope.strip().lower() not in ("one", "all"):
        raise BadArgument("scope", f"must be one or all, not {scope!r}")
    places = list(_places(array, value, case=case))
    gone = set(places if scope.strip().lower() == "all" else places[:1])
    array[:] = [element for place, element in enumerate(array, 1) if place not in gone]
    return bool(gone)


@FAMILY.function("arrayRemoveDuplicates", ARRAY, argument("ignoreCase", "boolean", False))
def array_remove_duplicates(array: list[Any], ignore_case: bool) -> Array:
    """A new array with each value once, where it stood first; simple values by their text.

    Source: Lucee, ArrayRemoveDuplicates.
    """
    kept, texts, others = Array(), set(), list[Any]()
    for element in array:
        if simple.is_simple(element):
            text = simple.text(element)
            text = text.lower() if ignore_case else text
            if text in texts:
                continue
            texts.add(text)
        else:
            if element in others:
                continue
            if len(others) == MOST_COMPARED:
                raise BadArgument("array", f"must have at most {MOST_COMPARED} different arrays and structs")
            others.append(element)
        kept.append(element)
    return kept


def _numbers(array: list[Any]) -> list[int | float]:
    return simple.each(array, simple.number)


@FAMILY.function("arrayMax", ARRAY)
def array_max(array: list[Any]) -> int | float:
    """The greatest number, 0 of an empty array. Source: Adobe and Lucee, ArrayMax."""
    return max(_numbers(array), default=0)


@FAMILY.function("arrayMin", ARRAY)
def array_min(array: list[Any]) -> int | float:
    """The least number, 0 of an empty array. Source: Adobe and Lucee, ArrayMin."""
    return min(_numbers(array), default=0)


@FAMILY.function("arraySum", ARRAY)
def array_sum(array: list[Any]) -> int | float:
    """The sum of the numbers, 0 of an empty array. Source: Adobe and Lucee, ArraySum."""
    return simple.finite(sum(_numbers(array)))


@FAMILY.function("arrayAvg", ARRAY)
def array_avg(array: list[Any]) -> int | float:
    """The mean of the numbers, 0 of an empty array. Source: Adobe and Lucee, ArrayAvg."""
    return simple.finite(sum(_numbers(array))) / len(array) if array else 0


@FAMILY.function("arrayMedian", ARRAY)
def array_median(array: list[Any]) -> int | float:
    """The middle one of the numbers, or the mean of the two in the middle; 0 of an empty array. Source: Lucee, ArrayMedian."""
    return simple.finite(statistics.median(_numbers(array))) if array else 0
