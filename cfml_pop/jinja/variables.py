"""The page's variables, and what its names stand for.

Rule: one mapping a render, `variables`, in any case; it lives in the context, so that includes share it and two renders never do.
Names are looked up in the current rows (the innermost first), then there, then as Jinja found them. Writing below a name changes
mappings and arrays only, never attributes of objects, and only where the sandbox allows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from jinja2 import TemplateRuntimeError, Undefined
from jinja2.runtime import Context, missing
from jinja2.utils import Namespace

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.loops import LoopRow, QueryAtRow
from cfml_pop.cfml.query import Column, Query, current
from cfml_pop.errors import FunctionFault
from cfml_pop.jinja.faults import calling_place, refusal

__all__ = [
    "Rows",
    "assign",
    "assign_path",
    "at_row",
    "begin",
    "defined",
    "end",
    "find_item",
    "find_key",
    "forget",
    "function",
    "is_defined",
    "is_missing",
    "item",
    "joined",
    "key_of",
    "look",
    "look_in_rows",
    "member",
    "page_variables",
    "settled",
]

PAGE = "_cfml_page"
Rows = tuple[LoopRow, ...]

SCOPES = frozenset({"session", "application", "client", "cookie", "url", "form", "cgi", "request", "server"})
"""What a host passes. A page that writes into one that is not there would lose the value without a word."""

_PATH = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*")


class Page:
    """What one render holds: its variables. `closed` has their names once the page is over."""

    __slots__ = ("_closed", "_variables", "own")

    def __init__(self, variables: MutableMapping[str, Any] | None) -> None:
        self.own = variables is None
        self._variables: MutableMapping[str, Any] = Struct() if variables is None else variables
        self._closed: frozenset[str] | None = None

    def __repr__(self) -> str:
        return "<variables of the page>"


# -- the page ------------------------------------------------------------------------------------------------------------------


def begin(context: Context) -> None:
    """At the start of each template: the first one of a render makes the page, unless the host or an outer template has."""
    _page_of(context)


def end(context: Context) -> None:
    """At the end of the template that made the page. What lives on are macros of a library that was imported without context:
    they are the same for all users of the process, and what is in the variables is one user's."""
    page = context.vars.get(PAGE)
    if isinstance(page, Page):
        page._closed = frozenset(name.lower() for name in page._variables)
        page._variables = Struct()


def _page_of(context: Context) -> Page:
    page = context.resolve_or_missing(PAGE)
    if isinstance(page, Page):
        return page
    given = context.resolve_or_missing("variables")
    if given is not missing and not isinstance(given, MutableMapping):
        raise TemplateRuntimeError(f"'variables' in the context must be a mapping, not a {type(given).__name__}")
    page = context.vars[PAGE] = Page(None if given is missing else given)
    return page


def page_variables(context: Context) -> MutableMapping[str, Any]:
    """The mapping itself, to be written to. Raises TemplateRuntimeError when the page is over."""
    page = _page_of(context)
    if page._closed is not None:
        raise TemplateRuntimeError(
            "the page's variables are not there in a library imported without context; write: import ... with context"
        )
    return page._variables


def _find(context: Context, name: str) -> Any:
    page = _page_of(context)
    found = find_item(page._variables, name)
    if found is missing and page._closed and name.lower() in page._closed:
        page_variables(context)  # says what is wrong
    return found


def find_item(container: Mapping[Any, Any], name: object) -> Any:
    """The item of that name, any case; else `missing`. `get` and `in` only, as a defaultdict would make what is looked for."""
    key = findkey_of(container, name)
    return container.get(key) if key is not missing else missing


def findkey_of(container: Mapping[Any, Any], name: object) -> Any:
    """The key as the container spells it; else `missing`."""
    if name in container:
        return name
    if isinstance(name, str) and not isinstance(container, Struct):
        folded = name.lower()
        return next((key for key in container if isinstance(key, str) and key.lower() == folded), missing)
    return missing


# -- reading -------------------------------------------------------------------------------------------------------------------


def look(context: Context, name: str, rows: object, jinja_value: Any) -> Any:
    """What a name stands for. `jinja_value` is what Jinja found, an Undefined where it found nothing."""
    found = look_in_rows(name, rows, missing)
    if found is not missing:
        return found
    found = _find(context, name)
    if found is missing:
        found = jinja_value
        if isinstance(jinja_value, Undefined):
            found = page_variables(context) if name.lower() == "variables" else _any_case(context, name, jinja_value)
    return at_row(rows, found)


def look_in_rows(name: str, rows: object, jinja_value: Any) -> Any:
    """What a name stands for that Jinja has bound outside of the query loop."""
    if isinstance(rows, tuple):
        for turn in reversed(rows):
            found = turn.column(name, missing)
            if found is not missing:
                return found
    return at_row(rows, jinja_value)


def _any_case(context: Context, name: str, otherwise: Any) -> Any:
    found = find_item({key: value for key, value in context.get_all().items() if not key.startswith("_")}, name)
    return otherwise if found is missing else found


def at_row(rows: object, value: Any) -> Any:
    """The value; of a query that is being looped over, its view at the current row."""
    if isinstance(value, Query) and isinstance(rows, tuple):
        query = value.query if isinstance(value, QueryAtRow) else value
        for turn in reversed(rows):
            if turn.query is query:
                return turn.view
    return value


def member(context: Context, value: Any, name: str) -> Any:
    """`value.name` in an expression of a tag: an item of a mapping, in any case, before an attribute."""
    if isinstance(value, Mapping):
        found = find_item(value, name)
        if found is not missing:
            return found
    return context.environment.getattr(value, name)


def item(context: Context, value: Any, index: Any) -> Any:
    """`value[index]` in an expression of a tag. Every list counts from 1, as in CFML."""
    index = defined(index, "an index")
    if isinstance(value, Column):
        return value[index]
    index = current(index)
    if isinstance(value, Mapping):
        found = find_item(value, key_of(index))
        return context.environment.undefined(obj=value, name=key_of(index)) if found is missing else found
    if isinstance(value, list):
        return _at(value, index)
    return context.environment.getitem(value, index)


def function(context: Context, name: str, jinja_value: Any) -> Any:
    """What is called: what Jinja found if it can be called, else the environment's function, else the page's variable.

    So a variable or a column that is called like a function does not hide it; in CFML too these are two worlds.
    """
    if callable(jinja_value) and not isinstance(jinja_value, Undefined):
        return jinja_value
    found = context.environment.globals.get(name, missing)
    if found is missing:
        found = _find(context, name)
    return jinja_value if found is missing else found


def is_missing(value: Any) -> bool:
    """Whether a value is undefined or CFML's null."""
    return value is None or isinstance(value, Undefined)


def is_defined(context: Context, function: str, path: Any, rows: object, known: Any) -> bool:
    """Whether a name, with dots, stands for something. It is looked up and never run."""
    try:
        text = simple.text(defined(path, "its name")).strip()
    except ValueError as error:
        raise FunctionFault(f"{function}(): its argument {error}", function=function, argument="name") from None
    if not _PATH.fullmatch(text):
        raise FunctionFault(
            f'{function}(): takes the name of a variable, with dots, as in {function}("form.uid"), not {text[:100]!r}',
            function=function,
            argument="name",
        )
    root, *names = text.split(".")
    undefined = context.environment.undefined(name=root)
    if known is None or isinstance(known, Undefined):
        known = context.resolve_or_missing(root)
    value = look(context, root, rows, undefined if known is missing else known)
    for name in names:
        if is_missing(value):
            return False
        value = member(context, value, name)
    return not is_missing(value)


def defined(value: Any, what: str, function: str = "") -> Any:
    """The value. An undefined one is a FunctionFault: it is never taken as empty text."""
    if isinstance(value, Undefined):
        raise FunctionFault(f"{what} has no value: {value._undefined_message}", function=function)
    return value


def settled(value: Any, what: str) -> Any:
    """A value to keep: a column gives its value in the current row, a query at a row the whole query. None and undefined: no."""
    value = current(defined(value, what))
    return value.query if isinstance(value, QueryAtRow) else value


# -- writing -------------------------------------------------------------------------------------------------------------------


def assign_path(context: Context, path: object, value: Any, tag: str) -> None:
    """As `assign`, for a name that the page makes itself (`"Messages#i#"`)."""
    text = simple.text(path).strip()
    if not _PATH.fullmatch(text):
        raise FunctionFault(f"{tag}: {text[:100]!r} is not the name of a variable", function=tag)
    root, *names = text.split(".")
    known = context.resolve_or_missing(root)
    assign(context, root, tuple(names), value, context.environment.undefined(name=root) if known is missing else known)


def assign(context: Context, root: str, steps: tuple[Any, ...], value: Any, jinja_value: Any) -> None:
    """Write a variable, or an item below one; levels that are missing in between are made, as in CFML.

    Raises FunctionFault for what takes no items, and SecurityError where a sandbox forbids to change it.
    """
    whole = ".".join([root, *map(str, steps)])
    value = settled(value, whole)
    variables = page_variables(context)
    steps = tuple(settled(step, f"an index of {root}") for step in steps)
    if root.lower() == "variables" and steps:
        root, *rest = steps
        root, steps = key_of(root), tuple(rest)
        jinja_value = context.environment.undefined(name=root)
    if not steps:
        if not _page_of(context).own:
            _may_change(context, variables, whole)
        variables[_spelled(variables, root)] = value
        return
    container = _root(context, variables, root, jinja_value, whole)
    for step in steps[:-1]:
        below = _child(container, step, whole)
        if below is missing or below is None:
            below = Struct()
            _put(context, container, step, below, whole)
        container = below
    _put(context, container, steps[-1], value, whole)


def forget(context: Context, name: str) -> None:
    """Take a variable out, if it is there."""
    variables = page_variables(context)
    key = findkey_of(variables, name)
    if key is not missing:
        del variables[key]


def _spelled(container: Mapping[Any, Any], name: Any) -> Any:
    key = findkey_of(container, name)
    return name if key is missing else key


def _root(context: Context, variables: MutableMapping[str, Any], root: str, jinja_value: Any, whole: str) -> Any:
    found = find_item(variables, root)
    if found is missing:
        found = _any_case(context, root, jinja_value) if isinstance(jinja_value, Undefined) else jinja_value
    if not isinstance(found, Undefined) and found is not None:
        return found
    if root.lower() in SCOPES:
        raise FunctionFault(f"{whole}: {root} is not there; the host passes it to the page: {root.lower()}={{}}")
    made = variables[root] = Struct()
    return made


def _child(container: Any, step: Any, whole: str) -> Any:
    if isinstance(container, Namespace):
        return getattr(container, key_of(step), missing)  # looks in its own dict first, so no method is reached
    if isinstance(container, Mapping):
        return find_item(container, key_of(step))
    if isinstance(container, list):
        return _at(container, step)
    raise _no_container(container, whole)


def _at(items: list[Any], index: Any) -> Any:
    position = Array._position(index)
    if isinstance(items, Array) or position > len(items):
        return Array.__getitem__(items if isinstance(items, Array) else Array(items), index)
    return items[position - 1]


def _put(context: Context, container: Any, step: Any, value: Any, whole: str) -> None:
    if isinstance(container, Namespace):
        container[key_of(step)] = value
    elif isinstance(container, MutableMapping):
        _may_change(context, container, whole)
        key = key_of(step)
        container[_spelled(container, key)] = value
    elif isinstance(container, list):
        _may_change(context, container, whole)
        if not isinstance(container, Array):
            step = Array._position(step) - 1
            if step >= len(container):
                container.append(value) if step == len(container) else _no_position(step + 1, container, whole)
                return
        container[step] = value
    else:
        raise _no_container(container, whole)


def _may_change(context: Context, container: Any, whole: str) -> None:
    """A sandbox has a verdict of its own on changing mappings and lists."""
    safe = getattr(context.environment, "is_safe_attribute", None)
    method = "append" if isinstance(container, list) else "update"
    if safe is not None and not safe(container, method, getattr(container, method)):
        raise refusal(f"cfset: {whole} would be changed, which this sandbox forbids", *calling_place())


def _no_container(container: Any, whole: str) -> FunctionFault:
    return FunctionFault(f"{whole}: takes items of structs and arrays only, not of {simple.kind_of(current(container))}")


def _no_position(position: int, container: list[Any], whole: str) -> None:
    raise FunctionFault(f"{whole}: the list has {len(container)} items, so {position} is too far behind the last one")


def key_of(step: Any) -> str:
    """The text that names an item of a struct."""
    try:
        return simple.text(step)
    except ValueError as error:
        raise FunctionFault(f"the name of a key {error}") from None


def joined(parts: Iterable[Any]) -> str:
    """The text of a string with `#...#` in it."""
    try:
        return "".join([simple.text(defined(part, "a part of the text")) for part in parts])
    except ValueError as error:
        raise FunctionFault(f"a part of the text {error}") from None
