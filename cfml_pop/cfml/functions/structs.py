"""CFML's structs: making, reading and changing them.

Rule: keys compare without case, in a `Struct` and in every mapping that a host passes (session, form, url): those keep their
own kind. A key that holds None does not exist. A function that changes a struct changes it in place and returns true.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array, new_array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import current
from cfml_pop.cfml.functions.family import BadArgument, Family, RowStruct, argument
from cfml_pop.cfml.functions.lists import joined
from cfml_pop.cfml.functions.sorting import in_order
from cfml_pop.cfml.new_query import NewQuery
from cfml_pop.cfml.query import PlainCells, Query, Row

__all__ = ["FAMILY", "MISSING", "duplicated", "find"]

FAMILY = Family("Structs")

MISSING: Any = object()

STRUCT = argument("structure", "struct", also=("struct",))
MUTABLE = argument("structure", "mutable struct", also=("struct",))
KEY = argument("key")
VALUE = argument("value", "value")
SCOPE = argument("scope", "text", "one")

MOST_INSIDE = 100_000
"""Values that structFindKey and structFindValue look at: an array that holds another ten times, fifty times over, never ends."""

STRUCT_TYPES = ("", "normal", "ordered", "linked", "synchronized", "weak", "soft")


def stored_key(struct: Mapping[Any, Any], name: str) -> Any:
    """The key under which a struct holds a name, MISSING if it does not."""
    if name in struct:
        return name
    wanted = name.lower()
    return MISSING if isinstance(struct, Struct) else next((key for key in struct if str(key).lower() == wanted), MISSING)


def find(struct: Mapping[Any, Any], name: str) -> Any:
    """The value under a name in any case, MISSING if there is none."""
    key = stored_key(struct, name)
    value = MISSING if key is MISSING else struct[key]
    return MISSING if value is None else value


def _found(struct: Mapping[Any, Any], name: str) -> Any:
    value = find(struct, name)
    if value is MISSING:
        raise BadArgument(
            "key", f"must be in the struct, and {name!r} is not; its keys are {_key_list(struct, ', ') or '(none)'}"
        )
    return value


def _key_list(struct: Mapping[Any, Any], delimiter: str) -> str:
    return joined(delimiter, [str(key) for key in struct])


@contextlib.contextmanager
def _changing() -> Iterator[None]:
    """A host's mapping may refuse to be changed by a TypeError."""
    try:
        yield
    except TypeError as error:
        raise BadArgument("structure", f"cannot be changed: {error}") from None


def _put(struct: MutableMapping[Any, Any], name: str, value: object) -> bool:
    key = stored_key(struct, name)
    with _changing():
        struct[name if key is MISSING else key] = value
    return True


def duplicated(value: Any, done: dict[int, Any] | None = None) -> Any:
    """A deep copy: structs and arrays become Struct and Array, a query one that can be changed. Other values stay."""
    value = current(value)
    done = {} if done is None else done
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, Query):
        rows = [PlainCells({name: duplicated(row[name], done) for name in value.columns}, row.defects) for row in value]
        return NewQuery(value.columns, rows, value.style)
    if isinstance(value, Row):
        value = RowStruct(value)
    if isinstance(value, Mapping):
        struct = done[id(value)] = Struct()
        for key, item in value.items():
            struct[str(key)] = duplicated(item, done)
        return struct
    if isinstance(value, (list, tuple)):
        array = done[id(value)] = new_array(value.dimension if isinstance(value, Array) else 1)
        array.extend(duplicated(item, done) for item in value)
        return array
    return value


@FAMILY.function("structNew", argument("type", "text", ""))
def struct_new(kind: str) -> Struct:
    """A new struct; its keys keep their order, whatever the type. Source: Adobe and Lucee, StructNew."""
    if kind.strip().lower() not in STRUCT_TYPES:
        raise BadArgument("type", f"must be {', '.join(STRUCT_TYPES[1:])}, not {kind!r}")
    return Struct()


@FAMILY.function("isStruct", VALUE)
def is_struct(value: object) -> bool:
    """Whether a value is a struct: any mapping, or a row of a query; a query is none. Source: Adobe and Lucee, IsStruct."""
    return isinstance(value, (Mapping, Row))


@FAMILY.function("structKeyExists", argument("structure", "any", also=("struct",)), KEY)
def struct_key_exists(struct: object, key: str) -> bool:
    """Whether a struct has a key that holds a value, or a query or row a column. Source: Adobe and Lucee, StructKeyExists."""
    if isinstance(struct, Query):
        return key.lower() in struct.columnlist.lower().split(",")
    struct = RowStruct(struct) if isinstance(struct, Row) else current(struct)
    if not isinstance(struct, Mapping):
        raise BadArgument("structure", f"must be a struct or a query, not {simple.kind_of(struct)}")
    return find(struct, key) is not MISSING


@FAMILY.function("structKeyList", STRUCT, argument("delimiter", "text", ","))
def struct_key_list(struct: Mapping[Any, Any], delimiter: str) -> str:
    """The keys as a list, in their order and case. Source: Adobe and Lucee, StructKeyList."""
    return _key_list(struct, delimiter)


@FAMILY.function("structKeyArray", STRUCT)
def struct_key_array(struct: Mapping[Any, Any]) -> Array:
    """The keys as an array, in their order and case. Source: Adobe and Lucee, StructKeyArray."""
    return Array(str(key) for key in struct)


@FAMILY.function("structValueArray", STRUCT)
def struct_value_array(struct: Mapping[Any, Any]) -> Array:
    """The values as an array, in the order of the keys. Source: Lucee, StructValueArray."""
    return Array(struct.values())


@FAMILY.function("structCount", STRUCT)
def struct_count(struct: Mapping[Any, Any]) -> int:
    """How many keys a struct has. Source: Adobe and Lucee, StructCount."""
    return len(struct)


@FAMILY.function("structIsEmpty", STRUCT)
def struct_is_empty(struct: Mapping[Any, Any]) -> bool:
    """Whether a struct has no key. Source: Adobe and Lucee, StructIsEmpty."""
    return len(struct) == 0


@FAMILY.function("structFind", STRUCT, KEY, argument("defaultValue", "value", MISSING))
def struct_find(struct: Mapping[Any, Any], key: str, default: object) -> object:
    """The value under a key; the default, or an error, where there is none. Source: Lucee, StructFind."""
    if default is MISSING:
        return _found(struct, key)
    value = find(struct, key)
    return default if value is MISSING else value


@FAMILY.function("structInsert", MUTABLE, KEY, VALUE, argument("allowOverwrite", "boolean", False))
def struct_insert(struct: MutableMapping[Any, Any], key: str, value: object, overwrite: bool) -> bool:
    """Put a value under a new key; one that is there only with allowOverwrite. Source: Adobe and Lucee, StructInsert."""
    if not overwrite and stored_key(struct, key) is not MISSING:
        raise BadArgument("key", f"must be new, and {key!r} is there already; with allowOverwrite it may be")
    return _put(struct, key, value)


@FAMILY.function("structUpdate", MUTABLE, KEY, VALUE)
def struct_update(struct: MutableMapping[Any, Any], key: str, value: object) -> bool:
    """Put another value under a key that is there. Source: Adobe and Lucee, StructUpdate."""
    _found(struct, key)
    return _put(struct, key, value)


@FAMILY.function("structDelete", MUTABLE, KEY, argument("indicateNotExisting", "boolean", False))
def struct_delete(struct: MutableMapping[Any, Any], key: str, indicate: bool) -> bool:
    """Take a key away. False only if it was not there and indicateNotExisting is true. Source: Adobe and Lucee, StructDelete."""
    stored = stored_key(struct, key)
    if stored is MISSING:
        return not indicate
    with _changing():
        del struct[stored]
    return True


@FAMILY.function("structClear", MUTABLE)
def struct_clear(struct: MutableMapping[Any, Any]) -> bool:
    """Take all keys away. Source: Adobe and Lucee, StructClear."""
    with _changing():
        struct.clear()
    return True


APPEND = (argument("struct1", "mutable struct"), argument("struct2", "struct"), argument("overwriteFlag", "boolean", True))


@FAMILY.function("structAppend", *APPEND)
def struct_append(struct: MutableMapping[Any, Any], other: Mapping[Any, Any], overwrite: bool) -> bool:
    """Put all of the second struct into the first; what is there stays without overwriteFlag. Source: Adobe, StructAppend."""
    for key, value in list(other.items()):
        if overwrite or stored_key(struct, str(key)) is MISSING:
            _put(struct, str(key), value)
    return True


@FAMILY.function("structCopy", STRUCT)
def struct_copy(struct: Mapping[Any, Any]) -> Struct:
    """A new struct with the same values; arrays in it are new, structs are those of the first.

    Source: Adobe and Lucee, StructCopy.
    """
    return Struct((str(key), Array(value) if isinstance(value, list) else value) for key, value in struct.items())


@FAMILY.function("duplicate", argument("object", "value"), argument("deepCopy", "boolean", True))
def duplicate(value: Any, deep: bool) -> Any:
    """A deep copy of a struct, array or query; of a query, one that can be changed. Source: Adobe and Lucee, Duplicate."""
    if not deep and isinstance(value, (list, tuple)):
        return Array(value)
    return duplicated(value) if deep or not isinstance(value, Mapping) else struct_copy(value)


SORTED = (argument("sortType", "text", "text"), argument("sortOrder", "text", "asc"), argument("pathToSubElement", "text", ""))


@FAMILY.function("structSort", argument("base", "struct"), *SORTED)
def struct_sort(struct: Mapping[Any, Any], sort_type: str, order: str, path: str) -> Array:
    """The keys in the order of their values, or of what is at a path (`a.b`) in each. Source: Adobe and Lucee, StructSort."""

    def value_of(key: object) -> object:
        value = struct[key]
        for name in path.split(".") if path else ():
            value = find(value, name) if isinstance(value, Mapping) else MISSING
            if value is MISSING:
                raise BadArgument("pathToSubElement", f"must lead to a value everywhere, and {path!r} does not in {key!r}")
        return value

    return Array(str(key) for key in in_order(struct, sort_type, order, value_of))


@FAMILY.function("structFindKey", argument("top", "any"), argument("value"), SCOPE)
def struct_find_key(top: object, name: str, scope: str) -> Array:
    """Where a key stands in structs and arrays inside each other: structs of path, value and owner.

    Source: Adobe, StructFindKey.
    """
    wanted = name.lower()
    return _first_or_all(
        scope,
        (
            Struct({"path": path, "value": value, "owner": owner})
            for owner, key, value, path in _all_inside(top)
            if isinstance(owner, Mapping) and str(key).lower() == wanted
        ),
    )


@FAMILY.function("structFindValue", argument("top", "any"), argument("value"), SCOPE)
def struct_find_value(top: object, value: str, scope: str) -> Array:
    """Where a simple value stands in structs inside each other: structs of key, path and owner.

    Source: Adobe, StructFindValue.
    """
    wanted = value.lower()
    return _first_or_all(
        scope,
        (
            Struct({"key": str(key), "path": path, "owner": owner})
            for owner, key, found, path in _all_inside(top)
            if isinstance(owner, Mapping) and simple.is_simple(found) and simple.text(found).lower() == wanted
        ),
    )


def _first_or_all(scope: str, found: Iterator[Struct]) -> Array:
    word = scope.strip().lower()
    if word not in ("one", "all"):
        raise BadArgument("scope", f"must be one or all, not {scope!r}")
    return Array(found if word == "all" else itertools.islice(found, 1))


def _all_inside(top: object) -> Iterator[tuple[Any, Any, Any, str]]:
    for count, entry in enumerate(_inside(top)):
        if count == MOST_INSIDE:
            raise BadArgument("top", f"must not hold more than {MOST_INSIDE} values, each counted wherever it stands")
        yield entry


def _inside(top: object, path: str = "", above: tuple[int, ...] = ()) -> Iterator[tuple[Any, Any, Any, str]]:
    """(owner, key, value, path) of all that is in a struct or array, each before what is in it. Circles are gone round once."""
    top = current(top)
    if not isinstance(top, (Mapping, list)):
        raise BadArgument("top", f"must be a struct or an array, not {simple.kind_of(top)}")
    entries = top.items() if isinstance(top, Mapping) else enumerate(top, 1)
    for key, value in entries:
        here = f"{path}.{key}" if isinstance(top, Mapping) else f"{path}[{key}]"
        yield top, key, value, here
        if isinstance(value, (Mapping, list)) and id(value) not in above and value is not top:
            yield from _inside(value, here, (*above, id(top)))
