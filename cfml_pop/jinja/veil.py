"""Passwords, and the error texts of the template that holds them.

Rule: no error shows text of a password's value: no source, no token, no name in it. Jinja's own errors do not either, so what is
undefined in a password is made anew with a text of ours.
"""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment, Undefined, nodes
from jinja2.ext import Extension
from jinja2.visitor import NodeTransformer

__all__ = ["hidden", "unknown_filter", "veil", "veil_nodes"]


def hidden(name: str) -> str:
    """The error text for whatever is wrong with the text of a password."""
    return f"{name} cannot be read; in a password write ## for #, and text goes in quotes"


def veil(value: object) -> object:
    """The value; an undefined one of the same class instead, whose message names nothing."""
    return type(value)(hint=hidden("password")) if isinstance(value, Undefined) else value


def veil_nodes(extension: Extension, version: int, parts: Iterable[nodes.Expr]) -> list[nodes.Expr]:
    """The expressions of a password, with every look-up of a name, attribute or item put through `veil`."""
    transformer = _Veil(extension, version)
    return [transformer.visit(part) for part in parts]


def unknown_filter(environment: Environment, parts: Iterable[nodes.Expr]) -> bool:
    """Whether a filter or test in the expressions does not exist; Jinja would name it, and it may be a piece of the password."""
    whole = nodes.Tuple(list(parts), "load")
    return any(
        node.name not in (environment.filters if isinstance(node, nodes.Filter) else environment.tests)
        for node in whole.find_all((nodes.Filter, nodes.Test))
    )


class _Veil(NodeTransformer):
    def __init__(self, extension: Extension, version: int) -> None:
        self.extension = extension
        self.version = version

    def look_up(self, node: nodes.Expr) -> nodes.Expr:
        self.generic_visit(node)  # changes the node in place
        return self.extension.call_method("_veil", [nodes.Const(self.version), node], lineno=node.lineno)

    visit_Name = visit_Getattr = visit_Getitem = look_up  # noqa: N815 - Jinja's names
