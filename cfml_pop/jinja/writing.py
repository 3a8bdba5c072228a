"""Writing the page's variables, and items below a name.

Rule: mappings, namespaces and lists are changed, never attributes of objects, and only where the sandbox allows it. What is
written is a value: a column is its value in the current row.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from jinja2 import Undefined
from jinja2.runtime import Context
from jinja2.utils import Namespace, missing

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import ColumnIndexFault, current
from cfml_pop.errors import FunctionFault
from cfml_pop.jinja.faults import calling_place, refusal
from cfml_pop.jinja.variables import NAME_PATH, any_case, at, find_item, find_key, key_of, page_of, page_variables, settled

__all__ = ["assign", "assign_path", "forget"]

SCOPES = frozenset({"session", "application", "client", "cookie", "url", "form", "cgi", "request", "server"})
"""What a host passes. A page that writes into one that is not there would lose the value without a word."""


def assign_path(context: Context, path: object, value: Any, tag: str) -> None:
    """As `assign`, for a name that the page makes itself (`"Messages#i#"`)."""
    text = simple.text(path).strip()
    if not NAME_PATH.fullmatch(text):
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
    if root.lower() == "variables" and not steps:
        raise FunctionFault("variables is the page's own scope and cannot be set as a whole; write variables.x")
    if not steps:
        if not page_of(context).own:
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
    key = find_key(variables, name)
    if key is not missing:
        del variables[key]


def _spelled(container: Mapping[Any, Any], name: Any) -> Any:
    key = find_key(container, name)
    return name if key is missing else key


def _root(context: Context, variables: MutableMapping[str, Any], root: str, jinja_value: Any, whole: str) -> Any:
    found = find_item(variables, root)
    if found is missing:
        found = any_case(context, root, jinja_value) if isinstance(jinja_value, Undefined) else jinja_value
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
        try:
            return at(container, step)
        except ColumnIndexFault:
            if Array._position(step) > len(container):
                return missing  # behind the last one there is room
            raise
    raise _no_container(container, whole)


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
