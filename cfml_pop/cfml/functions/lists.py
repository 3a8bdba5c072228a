"""CFML's lists: text whose elements stand between delimiters.

Rule: `delimiters` is a set of characters, each of which separates; empty elements do not count and are not seen, unless
includeEmptyFields is true; positions begin at 1. What a function does not touch stays as it is, delimiters and empty elements
included; a delimiter that has to be written is the first of the set. Functions that write a list anew (listSort, listQualify,
listItemTrim, listRemoveDuplicates) join it with all of `delimiters`, as Lucee does: ", " comes back as ", ".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.functions.family import BadArgument, Family, argument
from cfml_pop.cfml.functions.sorting import in_order
from cfml_pop.cfml.limits import fits

__all__ = ["FAMILY", "elements", "joined", "spans"]

T = TypeVar("T")

FAMILY = Family("Lists")

LIST = argument("list")
DELIMITERS = argument("delimiters", "text", ",", also=("delimiter",))
EMPTY = argument("includeEmptyFields", "boolean", False, also=("includeEmptyValues",))
WHOLE = argument("multiCharacterDelimiter", "boolean", False)
POSITION = argument("position", "integer")
VALUE = argument("value")


def elements(items: str, delimiters: str = ",", empty: bool = False, whole: bool = False) -> list[str]:
    """The elements of a list; `whole` takes `delimiters` as one. Without delimiters the list is one element, "" has none."""
    if not items:
        return []
    if not delimiters:
        return [items]
    if not whole:
        if len(delimiters) > 1:
            items = items.translate(dict.fromkeys(map(ord, delimiters), delimiters[0]))
        delimiters = delimiters[0]
    found = items.split(delimiters)
    return found if empty else [element for element in found if element]


def spans(items: str, delimiters: str, empty: bool) -> list[tuple[int, int]]:
    """Where each element begins and ends, for `delimiters` as a set."""
    if not items:
        return []
    found, begin = [], 0
    for match in re.finditer(f"[{re.escape(delimiters)}]", items) if delimiters else ():
        found.append((begin, match.start()))
        begin = match.end()
    found.append((begin, len(items)))
    return found if empty else [span for span in found if span[0] < span[1]]


def joined(delimiter: str, parts: Sequence[str]) -> str:
    """The parts with a text between them. Raises ValueError where that would be larger than any page needs."""
    fits(sum(map(len, parts)) + len(delimiter) * len(parts))
    return delimiter.join(parts)


def _at(found: Sequence[T], position: int) -> T:
    if not 1 <= position <= len(found):
        there_is = f"from 1 to {len(found)}" if found else "of an element, and the list has none"
        raise BadArgument("position", f"must be a position {there_is}, not {position}")
    return found[position - 1]


def _count(count: int, name: str = "count") -> int:
    if count < 1:
        raise BadArgument(name, f"must be 1 or more, not {count}")
    return count


def _written(delimiters: str) -> str:
    """The delimiter to write."""
    if not delimiters:
        raise BadArgument("delimiters", "must not be empty: the new element would run into its neighbour")
    return delimiters[0]


@FAMILY.function("listLen", LIST, DELIMITERS, EMPTY)
def list_len(items: str, delimiters: str, empty: bool) -> int:
    """How many elements a list has. Source: Adobe and Lucee, ListLen."""
    return len(elements(items, delimiters, empty))


@FAMILY.function("listFirst", LIST, DELIMITERS, EMPTY, argument("count", "integer", 1))
def list_first(items: str, delimiters: str, empty: bool, count: int) -> str:
    """The first element, "" of an empty list; or the first `count` ones with what stands between. Source: Lucee, ListFirst."""
    places = spans(items, delimiters or ",", empty)[: _count(count)]
    return items[places[0][0] : places[-1][1]] if places else ""


@FAMILY.function("listLast", LIST, DELIMITERS, EMPTY, argument("count", "integer", 1))
def list_last(items: str, delimiters: str, empty: bool, count: int) -> str:
    """The last element, "" of an empty list; or the last `count` ones, joined anew. Source: Lucee, ListLast and its tests."""
    return (delimiters or ",")[0].join(elements(items, delimiters or ",", empty)[-_count(count) :])


@FAMILY.function("listRest", LIST, DELIMITERS, EMPTY, argument("offset", "integer", 1))
def list_rest(items: str, delimiters: str, empty: bool, offset: int) -> str:
    """The list from its second element on (or from behind `offset` ones), as it stands. Source: Lucee, ListRest."""
    places = spans(items, delimiters or ",", empty)[_count(offset, "offset") :]
    return items[places[0][0] :] if places else ""


@FAMILY.function("listGetAt", LIST, POSITION, DELIMITERS, EMPTY)
def list_get_at(items: str, position: int, delimiters: str, empty: bool) -> str:
    """The element at a position; there must be one. Source: Adobe and Lucee, ListGetAt."""
    return _at(elements(items, delimiters, empty), position)


@FAMILY.function("listSetAt", LIST, POSITION, VALUE, DELIMITERS, EMPTY)
def list_set_at(items: str, position: int, value: str, delimiters: str, empty: bool) -> str:
    """The list with another element at a position. Source: Adobe and Lucee, ListSetAt.

    Lucee writes all of `delimiters` between all elements; here those that are there stay.
    """
    begin, end = _at(spans(items, delimiters, empty), position)
    return items[:begin] + value + items[end:]


@FAMILY.function("listInsertAt", LIST, POSITION, VALUE, DELIMITERS, EMPTY)
def list_insert_at(items: str, position: int, value: str, delimiters: str, empty: bool) -> str:
    """The list with a further element before that at a position. Source: Lucee, ListInsertAt.

    An empty list takes position 1, as in Lucee (which leaves a delimiter behind it; Adobe refuses).
    """
    written = _written(delimiters)
    places = spans(items, delimiters, empty)
    if not places and position == 1:
        return items + value
    begin, _ = _at(places, position)
    return items[:begin] + value + written + items[begin:]


@FAMILY.function("listDeleteAt", LIST, POSITION, DELIMITERS, EMPTY)
def list_delete_at(items: str, position: int, delimiters: str, empty: bool) -> str:
    """The list without the element at a position and the delimiters behind it. Source: Lucee, ListDeleteAt and its tests.

    With the last element those before it go. With includeEmptyFields exactly one delimiter goes. "" stays "" at position 1.
    """
    if not items and position == 1:
        return ""
    begin, end = _at(spans(items, delimiters, empty), position)
    if not empty:
        rest = items[end:].lstrip(delimiters) if delimiters else ""
        return items[:begin] + rest if rest else items[:begin].rstrip(delimiters)
    return items[:begin] + items[end + 1 :] if end < len(items) else items[: max(begin - 1, 0)]


@FAMILY.function("listAppend", LIST, VALUE, DELIMITERS, argument("includeEmptyFields", "boolean", True))
def list_append(items: str, value: str, delimiters: str, empty: bool) -> str:
    """The list with a further element, or list, at its end. Source: Adobe and Lucee, ListAppend.

    The value is added as it is; includeEmptyFields=false takes empty elements out of it (Adobe 2018). Empty delimiters are
    refused: Lucee would drop the value, and with listPrepend Adobe the list.
    """
    value, written = _added(value, delimiters, empty), _written(delimiters)
    return items + written + value if items else value


@FAMILY.function("listPrepend", LIST, VALUE, DELIMITERS, argument("includeEmptyFields", "boolean", True))
def list_prepend(items: str, value: str, delimiters: str, empty: bool) -> str:
    """The list with a further element, or list, at its beginning; as listAppend. Source: Adobe and Lucee, ListPrepend."""
    value, written = _added(value, delimiters, empty), _written(delimiters)
    return value + written + items if items else value


def _added(value: str, delimiters: str, empty: bool) -> str:
    return value if empty else _written(delimiters).join(elements(value, delimiters))


@FAMILY.function("listFind", LIST, VALUE, DELIMITERS, EMPTY)
def list_find(items: str, value: str, delimiters: str, empty: bool) -> int:
    """The position of the first element that equals a value, 0 if there is none. Source: Adobe and Lucee, ListFind."""
    found = elements(items, delimiters, empty)
    return found.index(value) + 1 if value in found else 0


@FAMILY.function("listFindNoCase", LIST, VALUE, DELIMITERS, EMPTY)
def list_find_no_case(items: str, value: str, delimiters: str, empty: bool) -> int:
    """As listFind, without regard to case. Source: Adobe and Lucee, ListFindNoCase."""
    found, value = _lower(elements(items, delimiters, empty)), value.lower()
    return found.index(value) + 1 if value in found else 0


CONTAINS = (LIST, argument("substring"), DELIMITERS, EMPTY, WHOLE)


@FAMILY.function("listContains", *CONTAINS)
def list_contains(items: str, part: str, delimiters: str, empty: bool, whole: bool) -> int:
    """The position of the first element that has a text in it, 0 if none has or the text is "". Source: Lucee, ListContains."""
    return _containing(elements(items, delimiters, empty, whole), part)


@FAMILY.function("listContainsNoCase", *CONTAINS)
def list_contains_no_case(items: str, part: str, delimiters: str, empty: bool, whole: bool) -> int:
    """As listContains, without regard to case. Source: Adobe and Lucee, ListContainsNoCase."""
    return _containing(_lower(elements(items, delimiters, empty, whole)), part.lower())


def _containing(found: list[str], part: str) -> int:
    return next((place for place, element in enumerate(found, 1) if part in element), 0) if part else 0


def _lower(found: list[str]) -> list[str]:
    return [element.lower() for element in found]


@FAMILY.function("listValueCount", LIST, VALUE, DELIMITERS, EMPTY)
def list_value_count(items: str, value: str, delimiters: str, empty: bool) -> int:
    """How many elements equal a value. Source: Adobe and Lucee, ListValueCount."""
    return elements(items, delimiters, empty).count(value)


@FAMILY.function("listValueCountNoCase", LIST, VALUE, DELIMITERS, EMPTY)
def list_value_count_no_case(items: str, value: str, delimiters: str, empty: bool) -> int:
    """As listValueCount, without regard to case. Source: Adobe and Lucee, ListValueCountNoCase."""
    return _lower(elements(items, delimiters, empty)).count(value.lower())


@FAMILY.function("listIndexExists", LIST, argument("index", "integer"), DELIMITERS, EMPTY)
def list_index_exists(items: str, index: int, delimiters: str, empty: bool) -> bool:
    """Whether a list has an element at a position. Source: Lucee, ListIndexExists."""
    return 1 <= index <= len(elements(items, delimiters, empty))


@FAMILY.function("listQualify", LIST, argument("qualifier"), DELIMITERS, argument("elements", "text", "all"), EMPTY)
def list_qualify(items: str, qualifier: str, delimiters: str, which: str, empty: bool) -> str:
    """The list with a text at both ends of all elements, or (`char`) of those that are no number. Source: Adobe, ListQualify."""
    which = which.strip().lower()
    if which not in ("all", "char"):
        raise BadArgument("elements", f"must be all or char, not {which!r}")
    found = elements(items, delimiters, empty)
    fits(len(items) + (2 * len(qualifier) + len(delimiters)) * len(found))
    return delimiters.join(
        element if which == "char" and simple.numeric(element) is not None else qualifier + element + qualifier
        for element in found
    )


@FAMILY.function("listChangeDelims", LIST, argument("new_delimiter"), DELIMITERS, EMPTY, WHOLE)
def list_change_delims(items: str, new: str, delimiters: str, empty: bool, whole: bool) -> str:
    """The list with another text between its elements. Source: Adobe and Lucee, ListChangeDelims."""
    return joined(new, list_to_array(items, delimiters, empty, whole))


@FAMILY.function("listSort", LIST, argument("sortType", "text", "text"), argument("sortOrder", "text", "asc"), DELIMITERS, EMPTY)
def list_sort(items: str, sort_type: str, order: str, delimiters: str, empty: bool) -> str:
    """The list sorted as text, textnocase or numeric, asc or desc; equal elements keep their order. Source: Lucee, ListSort."""
    return joined(delimiters, in_order(elements(items, delimiters, empty), sort_type, order))


@FAMILY.function("listToArray", LIST, DELIMITERS, EMPTY, WHOLE)
def list_to_array(items: str, delimiters: str, empty: bool, whole: bool) -> Array:
    """The elements as an array; of a list without delimiters its characters. Source: Adobe and Lucee, ListToArray.

    With includeEmptyFields "" has one element, the empty one. With empty delimiters as well an empty element stands at either
    end, as in Adobe.
    """
    if empty and not items:
        return Array([""])
    if items and not delimiters:
        return Array(["", *items, ""] if empty else items)
    return Array(elements(items, delimiters, empty, whole))


@FAMILY.function("listRemoveDuplicates", LIST, DELIMITERS, argument("ignoreCase", "boolean", False))
def list_remove_duplicates(items: str, delimiters: str, ignore_case: bool) -> str:
    """The list with each element once, where it stood first. Source: Adobe and Lucee, ListRemoveDuplicates."""
    first: dict[str, str] = {}
    for element in elements(items, delimiters):
        first.setdefault(element.lower() if ignore_case else element, element)
    return joined(delimiters, list(first.values()))


@FAMILY.function("listDeleteDuplicates", LIST, DELIMITERS)
def list_delete_duplicates(items: str, delimiters: str) -> str:
    """As listRemoveDuplicates: the name that pages before it have from CFLib. Source: cflib.org, ListDeleteDuplicates."""
    return list_remove_duplicates(items, delimiters, ignore_case=False)


@FAMILY.function("listItemTrim", LIST, DELIMITERS, EMPTY)
def list_item_trim(items: str, delimiters: str, empty: bool) -> str:
    """The list without blanks around its elements. Source: Lucee, ListItemTrim."""
    return joined(delimiters, [element.strip() for element in elements(items, delimiters, empty)])


@FAMILY.function("listCompact", LIST, DELIMITERS, WHOLE)
def list_compact(items: str, delimiters: str, whole: bool) -> str:
    """The list without delimiters at its ends; those inside stay. Source: Lucee, ListCompact."""
    if not whole:
        return items.strip(delimiters) if delimiters else items
    begin, end = 0, len(items)
    while delimiters and items.startswith(delimiters, begin):
        begin += len(delimiters)
    while delimiters and items.endswith(delimiters, begin, end):
        end -= len(delimiters)
    return items[begin:end]


@FAMILY.function("listTrim", LIST, DELIMITERS, WHOLE)
def list_trim(items: str, delimiters: str, whole: bool) -> str:
    """The older name of listCompact. Source: Lucee, ListTrim."""
    return list_compact(items, delimiters, whole)


@FAMILY.function("listAvg", LIST, DELIMITERS, WHOLE)
def list_avg(items: str, delimiters: str, whole: bool) -> float:
    """The mean of a list of numbers, 0 of an empty one. Source: Lucee, ListAvg."""
    numbers = simple.each(elements(items, delimiters, whole=whole), simple.number)
    return simple.finite(sum(numbers)) / len(numbers) if numbers else 0
