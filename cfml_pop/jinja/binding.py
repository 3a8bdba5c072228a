"""How a result gets its name in a template.

Rule: a plain name is bound by Jinja's own assignment, because a value put into the context by a function is not seen by the code
around it. A dotted name is an item written into a mapping or namespace that is in the context; attributes of objects are never
set.

A bound name is not exported: an import without context runs once for the whole process, and would show the first user's mail to
all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import MutableMapping
from typing import Any

from jinja2 import Environment, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.utils import Namespace

from cfml_pop.cfml.query import Query
from cfml_pop.errors import AttributeFault
from cfml_pop.jinja.faults import locate

__all__ = ["PROTOCOL", "Target", "bind", "bind_nodes", "check_nodes", "find_container", "read_target", "unexport_node"]

PROTOCOL = 1
"""The version of the calls that compiled templates hold. It changes with the arguments of any of them."""

RESERVED = frozenset({"loop", "self", "super", "caller", "true", "false", "none"})


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a result goes: a variable, or an item below it."""

    attribute: str
    root: str
    path: tuple[str, ...]


def read_target(attribute: str, text: str) -> Target:
    """The target that a name means; `variables.x` is `x`, as that is CFML's name for the page's own scope.

    Raises ValueError for a name that Jinja keeps for itself.
    """
    root, *path = text.strip().split(".")
    if root.lower() == "variables" and path:
        root, *path = path
    if root.lower() in RESERVED:
        raise ValueError(f"{attribute} must not be {root!r}, which Jinja keeps for itself")
    return Target(attribute, root, tuple(path))


def check_nodes(extension: Extension, target: Target, place: nodes.Expr, lineno: int) -> list[nodes.Node]:
    """Code that finds the container of a dotted name before anything is sent."""
    if not target.path:
        return []
    return [nodes.ExprStmt(_method(extension, "_check_target", target, place, lineno), lineno=lineno)]


def bind_nodes(extension: Extension, target: Target, value: nodes.Expr, place: nodes.Expr, lineno: int) -> list[nodes.Node]:
    """Code that binds the value."""
    if target.path:
        return [nodes.ExprStmt(_method(extension, "_bind", target, place, lineno, value), lineno=lineno)]
    return [
        nodes.Assign(nodes.Name(target.root, "store", lineno=lineno), value, lineno=lineno),
        unexport_node(extension, target.root, lineno),
    ]


def unexport_node(extension: Extension, name: str, lineno: int) -> nodes.Node:
    """Code that takes a plain name out of what importing templates see."""
    arguments: list[nodes.Expr] = [nodes.Const(PROTOCOL), nodes.ContextReference(), nodes.Const(name)]
    return nodes.ExprStmt(extension.call_method("_unexport", arguments, lineno=lineno), lineno=lineno)


def _method(extension: Extension, name: str, target: Target, place: nodes.Expr, lineno: int, *more: nodes.Expr) -> nodes.Expr:
    root = nodes.Name(target.root, "load", lineno=lineno)
    words = nodes.Const((target.attribute, target.root, *target.path))
    arguments: list[nodes.Expr] = [nodes.Const(PROTOCOL), nodes.ContextReference(), place, words, root, *more]
    return extension.call_method(name, arguments, lineno=lineno)


def bind(context: Context, place: tuple[str | None, int | None], words: tuple[str, ...], root: object, value: object) -> None:
    """Write the value under a dotted name. `name` gets queries only: None means that delete or markRead has nothing to bind."""
    if words[0] == "name" and not isinstance(value, Query):
        return
    find_container(context, place, words, root)[words[-1]] = value


def find_container(
    context: Context, place: tuple[str | None, int | None], words: tuple[str, ...], root: object
) -> MutableMapping[str, Any] | Namespace:
    """The mapping or namespace that a dotted name is written into; levels that are missing in between are made, as in CFML.

    Raises AttributeFault when there is none, and SecurityError in a sandbox that forbids to change it.
    """
    attribute, *names = words
    container: Any = root
    try:
        for depth, name in enumerate(names[1:], 1):
            _writable(context.environment, container, attribute, ".".join(names[:depth]), ".".join(names))
            if depth == len(names) - 1:
                break
            below = _item(container, name)
            if below is None or isinstance(below, Undefined):
                below = container[name] = {}
            container = below
    except AttributeFault as fault:
        locate(fault, *place, {})
        raise
    return container  # type: ignore[no-any-return]


def _item(container: Any, name: str) -> object:
    try:
        # A namespace answers by attribute only; the name cannot reach a method, as it looks in its own dict first.
        return getattr(container, name) if isinstance(container, Namespace) else container[name]
    except (KeyError, AttributeError):
        return None


def _writable(environment: Environment, container: object, attribute: str, so_far: str, whole: str) -> None:
    if isinstance(container, Namespace):
        return
    if not isinstance(container, MutableMapping):
        what = "undefined" if isinstance(container, Undefined) else f"a {type(container).__name__}"
        text = f"{attribute}={whole!r} needs a mapping {so_far!r}, which is {what} here; pass {so_far}={{}} or use namespace()"
        raise AttributeFault(f"cfpop: {text}", faults=[(attribute, text)])
    safe = getattr(environment, "is_safe_attribute", None)  # the sandbox's own verdict on changing a mapping
    if safe is not None and not safe(container, "update", getattr(container, "update", None)):
        raise SecurityError(f"cfpop: {attribute}={whole!r} would change {so_far!r}, which this sandbox forbids")
