"""What the names of a page stand for, where CFML's tags are loaded.

Rule: a name is looked up where it is used, each time: in the current row, in the page's variables, then as Jinja does. So no
value is old, wherever it was set. A name that Jinja itself binds around the place (for, set, macro, with, import) is Jinja's
there.

For that the nodes of the whole template are rewritten once, when it is parsed. Rows travel in a variable of Jinja's own, ROWS,
which follows Jinja's scopes: a loop's body and what it includes see the row, and nothing has to be put back after the loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, cast

from jinja2 import TemplateSyntaxError, nodes
from jinja2.ext import GETTEXT_FUNCTIONS, Extension
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from cfml_pop.cfml.functions import spelling
from cfml_pop.jinja.binding import PROTOCOL
from cfml_pop.jinja.grammar import PAGE_FUNCTIONS, PATHS, PREFIX

__all__ = ["ROWS", "TRY_BLOCK", "resolve_names", "rows_node"]

ROWS = PREFIX + "rows"
TRY_BLOCK = PREFIX + "try_"
"""How the blocks are called that hold the bodies of cftry."""

KEPT = frozenset({"loop", "self", "super", "caller", "varargs", "kwargs"})
"""Names that Jinja's compiler looks for itself."""

LOOKED_UP = frozenset({"_look", "_look_in_rows", "_is_defined"})


def rows_node(lineno: int) -> nodes.Expr:
    return nodes.Name(ROWS, "load", lineno=lineno)


def resolve_names(extension: Extension, parser: Parser, body: list[nodes.Node]) -> list[nodes.Node]:
    """The nodes of a template, with every name looked up as the rule says. Raises TemplateSyntaxError."""
    resolver = _Resolver(extension, parser)
    return [resolver.visit(node) for node in body]


class _Resolver(NodeTransformer):
    """`bound` maps the names that Jinja binds around the place to whether a query loop stands between."""

    def __init__(self, extension: Extension, parser: Parser) -> None:
        self.extension = extension
        self.parser = parser
        self.bound: dict[str, bool] = {}
        self.modifiers: list[list[nodes.Keyword]] = []
        self.written: set[str] = set()

    @contextmanager
    def scope(self, *targets: nodes.Node) -> Iterator[None]:
        outer = self.bound
        self.bound = dict(outer)
        self.bind(*targets)
        yield
        self.bound = outer

    def bind(self, *targets: nodes.Node) -> None:
        for target in targets:
            for name in [target] if isinstance(target, nodes.Name) else target.find_all(nodes.Name):
                if name.ctx in ("store", "param"):
                    self.bound[name.name] = False

    def visit_all(self, items: list[Any]) -> None:
        items[:] = [self.visit(item) for item in items]

    # -- names -----------------------------------------------------------------------------------------------------------------

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        if node.ctx != "load" or node.name in KEPT or node.name.startswith(PREFIX):
            return node
        behind_loop = self.bound.get(node.name)
        if behind_loop is False:
            return node
        method = "_look_in_rows" if behind_loop else "_look"
        return self.call(method, nodes.ContextReference(), nodes.Const(node.name), rows_node(node.lineno), node)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        """`a.b`: of a mapping its item in any case, as in CFML; else as Jinja reads it."""
        below = self.visit(node.node)
        if node.ctx != "load":
            node.node = below
            return node
        return self.call("_member", nodes.ContextReference(), self.current(below), nodes.Const(node.attr, lineno=node.lineno))

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        node.node = self.current(node.node)
        return node

    def current(self, node: nodes.Expr) -> nodes.Expr:
        """What is read below: a query that is being looped over stands for its current row, whatever way it is reached."""
        path = isinstance(node, nodes.Getitem) or (isinstance(node, nodes.Call) and _method(node) in PATHS)
        return self.call("_at_row", rows_node(node.lineno), node) if path else node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        function = node.node
        if isinstance(function, nodes.ExtensionAttribute):
            return self.own_call(node, function.name)
        if isinstance(function, nodes.Name) and function.name not in KEPT and not function.name.startswith(PREFIX):
            page_function = PAGE_FUNCTIONS.get(function.name.lower())
            if page_function and function.name not in self.bound and len(node.args) == 1 and not node.kwargs:
                return self.asks_for_name(node, page_function)
            self.visit_arguments(node)
            if function.name not in self.bound and function.name not in GETTEXT_FUNCTIONS:
                known = spelling(function.name)
                if known is not None and function.name not in self.extension.environment.globals:
                    function.name = known
                node.node = self.call("_function", nodes.ContextReference(), nodes.Const(function.name), function)
            return node
        if isinstance(function, nodes.Getattr):
            # What is called stays Jinja's: s.items() is the method also where the struct has a key of that name.
            self.visit_arguments(node)
            function.node = self.current(self.visit(function.node))
            return node
        return self.generic_visit(node)

    def visit_arguments(self, node: nodes.Call) -> None:
        self.visit_all(node.args)
        self.visit_all(node.kwargs)
        for field in ("dyn_args", "dyn_kwargs"):
            if getattr(node, field) is not None:
                setattr(node, field, self.visit(getattr(node, field)))

    def own_call(self, node: nodes.Call, method: str) -> nodes.Node:
        if method in LOOKED_UP:
            return node  # it is part of two expressions, as the x of x[i] += 1
        if method != "_assign":
            self.generic_visit(node)
            if method in PATHS:
                node.args[2] = self.current(node.args[2])
            return node
        root, steps, value, jinja_value = cast("tuple[nodes.Const, nodes.Tuple, nodes.Expr, nodes.Expr]", tuple(node.args[2:]))
        if root.value in KEPT:
            self.fail(f"{root.value!r} cannot be set: it is not the page's, but Jinja's", node.lineno)
        if not steps.items and self.bound.get(root.value) is not None:
            self.fail(
                f"{root.value!r} is Jinja's variable here (set, for, with, macro or import); give the page's another name",
                node.lineno,
            )
        if not steps.items:
            self.written.add(root.value)
        node.args[3:] = [self.visit(steps), self.visit(value), jinja_value]
        return node

    def asks_for_name(self, node: nodes.Call, function: str) -> nodes.Node:
        argument = node.args[0]
        path = _dotted(argument) if function == "parameterExists" else ""
        if path:
            argument = nodes.Const(path, lineno=argument.lineno)
        root = str(argument.value).split(".")[0] if isinstance(argument, nodes.Const) else ""
        known: nodes.Expr = nodes.Name(root, "load", lineno=node.lineno) if root.isidentifier() else nodes.Const(None)
        arguments = [nodes.ContextReference(), nodes.Const(function), self.visit(argument), rows_node(node.lineno), known]
        return self.call("_is_defined", *arguments)

    def call(self, method: str, *arguments: nodes.Expr) -> nodes.Expr:
        lineno = next((one.lineno for one in reversed(arguments) if one.lineno), 1)
        return self.extension.call_method(method, [nodes.Const(PROTOCOL), *arguments], lineno=lineno)

    def fail(self, message: str, lineno: int) -> NoReturn:
        raise TemplateSyntaxError(message, lineno, self.parser.name, self.parser.filename)

    # -- scopes ----------------------------------------------------------------------------------------------------------------

    def visit_For(self, node: nodes.For) -> nodes.Node:
        node.iter = self.visit(node.iter)
        if isinstance(node.target, nodes.Name) and node.target.name == ROWS:
            with self.scope():
                self.bound = dict.fromkeys(self.bound, True)  # the row is nearer than what Jinja bound outside
                self.visit_all(node.body)
            return node
        with self.scope(node.target):
            if node.test is not None:
                node.test = self.visit(node.test)
            self.visit_all(node.body)
        with self.scope():
            self.visit_all(node.else_)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        self.visit_all(node.defaults)
        self.bound[node.name] = False
        with self.scope(*node.args):
            self.visit_all(node.body)
        return node

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        node.call = self.visit(node.call)
        self.visit_all(node.defaults)
        with self.scope(*node.args):
            self.visit_all(node.body)
        return node

    def visit_With(self, node: nodes.With) -> nodes.Node:
        self.visit_all(node.values)
        with self.scope(*node.targets):
            self.visit_all(node.body)
        return node

    def visit_Assign(self, node: nodes.Assign) -> nodes.Node:
        self.generic_visit(node)
        self.bind_set(node)
        return node

    def bind_set(self, node: nodes.Assign | nodes.AssignBlock) -> None:
        self.bind(node.target)
        both = sorted(self.written & {name for name, behind_loop in self.bound.items() if behind_loop is False})
        if both:
            self.fail(f"{both[0]!r} is set by cfset (or name) as well; a name is either Jinja's or the page's", node.lineno)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:
        if node.filter is not None:
            node.filter = self.visit(node.filter)
        with self.scope():
            self.visit_all(node.body)
        self.bind_set(node)
        return node

    def visit_Import(self, node: nodes.Import) -> nodes.Node:
        self.generic_visit(node)
        self.bound[node.target] = False
        return node

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node:
        self.generic_visit(node)
        for name in node.names:
            self.bound[name[1] if isinstance(name, tuple) else name] = False
        return node

    def visit_Block(self, node: nodes.Block) -> nodes.Node:
        with self.scope():
            self.generic_visit(node)
        if node.name.startswith(TRY_BLOCK):
            # A block is compiled on its own, without the {% autoescape %} around it.
            for options in reversed(self.modifiers):
                again = [nodes.Keyword(option.key, option.value, lineno=option.lineno) for option in options]
                node.body = [nodes.ScopedEvalContextModifier(again, node.body, lineno=node.lineno)]
        return node

    def visit_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier) -> nodes.Node:
        self.visit_all(node.options)
        self.modifiers.append(node.options)
        with self.scope():
            self.visit_all(node.body)
        self.modifiers.pop()
        return node

    def scoped(self, node: nodes.Node) -> nodes.Node:
        with self.scope():
            return self.generic_visit(node)

    visit_FilterBlock = visit_Scope = visit_OverlayScope = scoped  # noqa: N815


def _method(node: nodes.Call) -> str:
    return node.node.name if isinstance(node.node, nodes.ExtensionAttribute) else ""


def _dotted(node: nodes.Expr) -> str:
    """The text of names joined by dots; "" for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    step, below = "", node
    if isinstance(node, nodes.Getattr):
        step, below = node.attr, node.node
    elif isinstance(node, nodes.Call) and _method(node) == "_member":
        below, name = node.args[2:]
        step = name.value if isinstance(name, nodes.Const) else ""
    before = _dotted(below) if step else ""
    return f"{before}.{step}" if before else ""
