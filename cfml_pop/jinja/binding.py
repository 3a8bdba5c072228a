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

from jinja2 import TemplateRuntimeError, Undefined, nodes
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.utils import Namespace

from cfml_pop.cfml.query import Query
from cfml_pop.errors import AttributeFault
from cfml_pop.jinja.faults import locate, refusal

__all__ = [
    "PROTOCOL",
    "Place",
    "Target",
    "assign_node",
    "bind",
    "bind_nodes",
    "find_fault",
    "page_target_node",
    "read_target",
    "same_protocol",
    "target_node",
    "unexport",
    "unexport_node",
]

PROTOCOL = 1
"""The version of the calls that compiled templates hold. It changes with the arguments of any of them."""

Place = tuple[str | None, int | None]
Words = tuple[str, ...]
"""The attribute, then the parts of the dotted name."""

RESERVED = frozenset({"loop", "self", "super", "caller", "true", "false", "none"})


def same_protocol(version: int) -> None:
    """Raises TemplateRuntimeError for a template that was compiled with other calls than these."""
    if version != PROTOCOL:
        raise TemplateRuntimeError(
            "this template was compiled by another version of cfml_pop; clear the bytecode cache, or compile the templates again"
        )


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a result goes: a variable, or an item below it; `computed`: the pieces of a name that is made at run time."""

    attribute: str
    root: str
    path: tuple[str, ...]
    computed: tuple[nodes.Expr, ...] = ()


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


def target_node(target: Target, lineno: int) -> nodes.Expr:
    """A dotted name for `find_fault`: its words, and what its first word stands for."""
    return nodes.Tuple([_words(target), nodes.Name(target.root, "load", lineno=lineno)], "load", lineno=lineno)


def bind_nodes(extension: Extension, target: Target, value: nodes.Expr, place: nodes.Expr, lineno: int) -> list[nodes.Node]:
    """Code that binds the value."""
    root = nodes.Name(target.root, "load", lineno=lineno)
    if target.path:
        arguments: list[nodes.Expr] = [nodes.Const(PROTOCOL), nodes.ContextReference(), place, _words(target), root, value]
        return [nodes.ExprStmt(extension.call_method("_bind", arguments, lineno=lineno), lineno=lineno)]
    return [
        nodes.Assign(nodes.Name(target.root, "store", lineno=lineno), value, lineno=lineno),
        unexport_node(extension, target.root, lineno),
    ]


def assign_node(extension: Extension, root: str, steps: list[nodes.Expr], value: nodes.Expr, lineno: int) -> nodes.Node:
    """Code that writes a variable of the page, or an item below a name. `names.resolve_names` completes it."""
    arguments = [
        nodes.Const(PROTOCOL),
        nodes.ContextReference(),
        nodes.Const(root),
        nodes.Tuple(steps, "load", lineno=lineno),
        value,
        nodes.Name(root, "load", lineno=lineno),
    ]
    return nodes.ExprStmt(extension.call_method("_assign", arguments, lineno=lineno), lineno=lineno)


def page_target_node(extension: Extension, target: Target, value: nodes.Expr, lineno: int) -> nodes.Node:
    """Code that writes a variable of the page; `name` only if there is a query, which delete and markRead do not give."""
    if target.computed:
        pieces = nodes.Tuple(list(target.computed), "load", lineno=lineno)
        path = extension.call_method("_join", [nodes.Const(PROTOCOL), pieces], lineno=lineno)
        arguments = [nodes.Const(PROTOCOL), nodes.ContextReference(), path, value, nodes.Const("cfpop: name")]
        written: nodes.Node = nodes.ExprStmt(extension.call_method("_assign_path", arguments, lineno=lineno), lineno=lineno)
    else:
        written = assign_node(extension, target.root, [], value, lineno)
    if target.attribute != "name":
        return written
    nothing = nodes.Test(value, "none", [], [], None, None, lineno=lineno)
    return nodes.If(nodes.Not(nothing), [written], [], [], lineno=lineno)


def unexport_node(extension: Extension, name: str, lineno: int) -> nodes.Node:
    """Code that takes a plain name, just bound, out of what importing templates see."""
    value = nodes.Name(name, "load", lineno=lineno)
    arguments: list[nodes.Expr] = [nodes.Const(PROTOCOL), nodes.ContextReference(), nodes.Const(name), value]
    return nodes.ExprStmt(extension.call_method("_unexport", arguments, lineno=lineno), lineno=lineno)


def unexport(context: Context, name: str, value: object) -> None:
    """Take the name back. In an inner scope the name that the page exports is another variable, and stays."""
    if context.vars.get(name) is value:
        context.exported_vars.discard(name)


def bind(context: Context, place: Place, words: Words, root: object, value: object) -> None:
    """Write the value under a dotted name; levels that are missing in between are made, as in CFML.

    `name` gets queries only: None means that delete or markRead has nothing to bind. Raises as `find_fault` says.
    """
    attribute, *names = words
    if attribute == "name" and not isinstance(value, Query):
        return
    fault = find_fault(context, place, words, root)  # again, because the call took time and others may hold the mapping too
    if fault:
        error = AttributeFault(fault, faults=[(attribute, fault)])
        locate(error, *place, {})
        raise error
    container: Any = root
    for name in names[1:-1]:
        below = _item(container, name)
        if _missing(below):
            below = container[name] = {}
        container = below
    container[names[-1]] = value


def find_fault(context: Context, place: Place, words: Words, root: object) -> str:
    """Why nothing can be written under a dotted name, or "". Nothing is changed.

    Raises SecurityError in a sandbox that forbids to change the mapping.
    """
    attribute, *names = words
    container = root
    for depth in range(1, len(names)):
        so_far, whole = ".".join(names[:depth]), ".".join(names)
        if not isinstance(container, (MutableMapping, Namespace)):
            what = "undefined" if isinstance(container, Undefined) else f"a {type(container).__name__}"
            return (
                f"{attribute}={whole!r} needs a mapping {so_far!r}, which is {what} here; pass {so_far}={{}} or use namespace()"
            )
        # A namespace is the template's own. For a mapping the sandbox has a verdict of its own on changing it.
        safe = getattr(context.environment, "is_safe_attribute", None)
        if isinstance(container, MutableMapping) and safe is not None and not safe(container, "update", container.update):
            raise refusal(f"cfpop: {attribute}={whole!r} would change {so_far!r}, which this sandbox forbids", *place)
        if depth < len(names) - 1:
            container = _item(container, names[depth])
            if _missing(container):
                break
    return ""


def _words(target: Target) -> nodes.Expr:
    return nodes.Const((target.attribute, target.root, *target.path))


def _missing(value: object) -> bool:
    return value is None or isinstance(value, Undefined)


def _item(container: Any, name: str) -> object:
    # A namespace answers by attribute only; the name cannot reach a method, as it looks in its own dict first.
    # `get`, because a defaultdict would make what is only looked for.
    return getattr(container, name, None) if isinstance(container, Namespace) else container.get(name)
