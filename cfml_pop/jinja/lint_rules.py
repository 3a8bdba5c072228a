"""What the linter knows beside the faults that end a template: calls that cannot go well, or should be written otherwise.

Rule: an error here would be one when the page runs, whatever the program gives it. What depends on the program is a warning, and
says so.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from jinja2 import Environment, nodes
from jinja2.ext import GETTEXT_FUNCTIONS

from cfml_pop.cfml.attributes import DELETE, LATER, find_attribute, find_faults, unknown_attribute
from cfml_pop.cfml.functions import FUNCTIONS, find_function
from cfml_pop.cfml.query import ALL_COLUMNS, Row
from cfml_pop.jinja import running
from cfml_pop.jinja.functions import CfmlFunctionsExtension
from cfml_pop.jinja.given import Tag
from cfml_pop.jinja.lint_report import WARNING, Report
from cfml_pop.jinja.names import KEPT
from cfml_pop.jinja.running import dialect_of, settings_of
from cfml_pop.jinja.tags import CfmlTagsExtension
from cfml_pop.url import parse_pop_url

__all__ = ["Rules"]

FUNCTION_EXTENSIONS = frozenset({CfmlFunctionsExtension.identifier, CfmlTagsExtension.identifier})
SELECTING = ("uid", "messagenumber", "startrow")
COLUMNS = frozenset(name.lower() for name in ALL_COLUMNS)
GUARDED = frozenset({"default", "d"})
"""Filters below which a column may be missing."""


@dataclasses.dataclass
class Rules:
    """The rules for one template. `known`: names of functions that the program gives. `configured`: the environment's settings
    are those of the program, so that a connection which is not among them does not exist."""

    environment: Environment
    report: Report
    known: Collection[str] = ()
    configured: bool = False
    queries: set[str] = dataclasses.field(default_factory=set)

    # -- calls of cfpop ----------------------------------------------------------------------------------------------------------

    def see_tag(self, tag: Tag) -> None:
        """One cfpop tag."""
        spelled = {one.key: one.name for one in tag.given}
        for key, text in tag.faults:
            line = tag.lines.get(key, tag.lines.get("attributecollection", tag.lineno))
            self.report.add_attribute(line, f"cfpop: {text}", word=spelled.get(key.removesuffix(" again"), "cfpop"))
        self.see_call(tag.known, tag.lines, tag.lineno, script=tag.call, faulty={key for key, _ in tag.faults})
        name = tag.known.get(spelled.get("name", ""))
        if not tag.faults and isinstance(name, str):
            self.queries.add(name.strip())

    def see_function(self, node: nodes.Call) -> None:
        """One call of the function cfpop in an expression. Its attributes are judged when it runs, and here."""
        known = {keyword.key: _literal(self.environment, keyword.value) for keyword in node.kwargs}
        lines: dict[str, int | None] = {keyword.key.lower(): keyword.lineno for keyword in node.kwargs}
        if node.dyn_kwargs is not None:
            known["attributeCollection"] = LATER
        faults = find_faults(known, dialect=dialect_of(self.environment))
        for key, text in faults:
            self.report.add_attribute(lines.get(key, node.lineno), f"cfpop: {text}", word=key if key in lines else "cfpop")
        self.see_call(known, lines, node.lineno, script=True, faulty={key for key, _ in faults})

    def see_call(
        self, known: dict[str, object], lines: dict[str, int | None], lineno: int, *, script: bool, faulty: set[str]
    ) -> None:
        report = self.report
        values = {}
        for name, value in known.items():
            attribute = find_attribute(name)
            key = attribute.name.lower() if attribute else name.lower()
            line = lines.get(key, lineno)
            values[key] = value
            if attribute is None and key not in faulty:  # a dialect that ignores it
                report.add("unknown-attribute", line, f"cfpop: {unknown_attribute(name)}", word=name, level=WARNING)
            secret = attribute is not None and attribute.secret
            if script and not secret and isinstance(value, str) and value.count("#") > 1:
                text = f"{name}: in cfpop(...) {value!r} is taken as it stands; write a variable without quotes, or join with ~"
                report.add("hash-in-call", line, f"cfpop: {text}", word=name)
        if _holds_password(values):
            key = "password" if isinstance(values.get("password"), str) else "server"
            text = 'cfpop: the password stands in the template; use connection="..." or a variable'
            report.add("literal-password", lines.get(key, lineno), text, word=key)
        self.see_selection(values, lines, lineno)
        self.see_connection(values.get("connection"), lines.get("connection", lineno))

    def see_selection(self, values: dict[str, object], lines: dict[str, int | None], lineno: int) -> None:
        action = values.get("action")
        if not isinstance(action, str) or action.strip().lower() != DELETE.lower() or "attributecollection" in values:
            return
        if any(_given(values.get(key)) for key in SELECTING) or _limits(values.get("maxrows")):
            return
        if not settings_of(self.environment).allow_delete_all:
            text = "cfpop: a delete needs uid, messagenumber, startrow or maxrows; without one it would empty the mailbox"
            self.report.add("delete-without-selection", lines.get("action", lineno), text, word="action")

    def see_connection(self, name: object, line: int | None) -> None:
        stored = settings_of(self.environment).connections
        if not self.configured or not isinstance(name, str) or name.strip() in stored:
            return
        near = difflib.get_close_matches(name.strip(), stored, 1)
        there = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(stored)) or 'none'}"
        self.report.add("unknown-connection", line, f"cfpop: there is no connection {name.strip()!r}; {there}", word="connection")

    # -- the tree ----------------------------------------------------------------------------------------------------------------

    def see_tree(self, tree: nodes.Template) -> None:
        """All that needs the whole template."""
        self.see_filters(tree)
        made = _made(tree)
        ours = self.environment.globals.get("cfpop") is running.cfpop and "cfpop" not in made
        for node in tree.find_all(nodes.Call):
            name = _called(node)
            if ours and name in ("cfpop", "acfpop"):
                self.see_function(node)
            elif name and name not in made:
                self.see_name(name, node.lineno)
        if CfmlTagsExtension.identifier not in self.environment.extensions:
            self.see_rows(tree)

    def see_filters(self, tree: nodes.Template) -> None:
        for node in tree.find_all((nodes.Filter, nodes.Test)):
            kind, table = (
                ("filter", self.environment.filters) if isinstance(node, nodes.Filter) else ("test", self.environment.tests)
            )
            if node.name not in table:
                near = difflib.get_close_matches(node.name, [name for name in table if isinstance(name, str)], 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                if find_function(node.name) is not None:
                    hint = "; it is one of CFML's functions, which are loaded with --functions"
                self.report.add("unknown-filter", node.lineno, f"there is no {kind} {node.name}{hint}", word=node.name)

    def see_name(self, name: str, line: int) -> None:
        """The name of a function that is called and not made in the template."""
        there = {*self.environment.globals, *KEPT, *GETTEXT_FUNCTIONS, *self.known}
        if not FUNCTION_EXTENSIONS & set(self.environment.extensions) or name in there or find_function(name) is not None:
            return
        spelled = {one.lower(): one for one in FUNCTIONS}
        near = difflib.get_close_matches(name.lower(), spelled, 1, 0.8)
        hint = f"did you mean {spelled[near[0]]}?" if near else f"if the program gives it, say --known {name}"
        self.report.add("unknown-function", line, f"there is no function {name}; {hint}", word=name)

    def see_rows(self, tree: nodes.Template) -> None:
        """Columns that no row has: of `row` in `for row in mail`, where tags alone bind `mail` and nothing changes it."""
        if any((_called(node) or "").lower().startswith("query") for node in tree.find_all(nodes.Call)):
            return  # queryAddColumn and its kin make columns
        loops = [
            (loop, loop.target.name, loop.iter.name)
            for loop in tree.find_all(nodes.For)
            if isinstance(loop.target, nodes.Name) and isinstance(loop.iter, nodes.Name) and loop.iter.name in self.queries
        ]
        stores = Counter(node.name for node in tree.find_all(nodes.Name) if node.ctx != "load")
        over = Counter(row for _, row, _ in loops)
        by_tags = _bound_by_tags(tree)
        for loop, row, query in loops:
            if stores[row] != over[row] or stores[query] != by_tags[query]:
                continue
            for node in _reads(loop, row):
                name = node.attr if isinstance(node, nodes.Getattr) else _text(node.arg)
                key = name.lower()
                if not name or {key, key.removesuffix("_")} & COLUMNS or hasattr(Row, name) or hasattr(Row, key):
                    continue
                near = difflib.get_close_matches(key, COLUMNS, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.report.add("unknown-column", node.lineno, f"the rows of {query} have no column {name}{hint}", word=name)


def _bound_by_tags(tree: nodes.Template) -> Counter[str]:
    """How many times each name is bound by what a tag became: an assignment of a call of the extension."""
    return Counter(
        target.name
        for node in tree.find_all(nodes.Assign)
        if isinstance(node.node, nodes.Call) and isinstance(node.node.node, nodes.ExtensionAttribute)
        for target in [node.target, *node.target.find_all(nodes.Name)]
        if isinstance(target, nodes.Name)
    )


def _literal(environment: Environment, node: nodes.Expr) -> object:
    try:
        return node.as_const(nodes.EvalContext(environment))
    except nodes.Impossible:
        return LATER


def _given(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _limits(value: object) -> bool:
    """Whether this maxrows names the messages: not when it is negative, which is all of them."""
    return _given(value) and not str(value).strip().startswith("-")


def _holds_password(values: dict[str, object]) -> bool:
    password, server = values.get("password"), values.get("server")
    if isinstance(password, str) and password.strip():
        return True
    try:
        return isinstance(server, str) and "://" in server and parse_pop_url(server).password is not None
    except ValueError:
        return False


def _called(node: nodes.Call) -> str | None:
    """The name of the function, also where CFML's tags have put their look-up around it."""
    if isinstance(node.node, nodes.Name):
        return node.node.name
    if isinstance(node.node, nodes.Call) and isinstance(node.node.node, nodes.ExtensionAttribute):
        return node.node.args[2].value if node.node.node.name == "_function" else None  # type: ignore[attr-defined]  # a Const
    return None


def _made(tree: nodes.Template) -> set[str]:
    """Every name that the template itself binds, wherever."""
    made = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    made |= {node.name for node in tree.find_all(nodes.Macro)} | {node.target for node in tree.find_all(nodes.Import)}
    for node in tree.find_all(nodes.FromImport):
        made |= {name[1] if isinstance(name, tuple) else name for name in node.names}
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.ExtensionAttribute) and call.node.name == "_assign":
            made.add(call.args[2].value)  # type: ignore[attr-defined]  # a Const: the variable that cfset writes
    return made


def _reads(node: nodes.Node, row: str) -> Iterator[nodes.Getattr | nodes.Getitem]:
    """Where a column of `row` is read below the node, but not where it may be missing (`is defined`, `default`)."""
    guarded = isinstance(node, nodes.Test) or (isinstance(node, nodes.Filter) and node.name in GUARDED)
    children: Iterable[nodes.Node] = node.iter_child_nodes()
    for child in children:
        reads = (
            isinstance(child, (nodes.Getattr, nodes.Getitem)) and isinstance(child.node, nodes.Name) and child.node.name == row
        )
        if reads and not guarded:
            yield child  # type: ignore[misc]  # one of the two, as asked above
        if not reads:
            yield from _reads(child, row)


def _text(node: nodes.Expr) -> str:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""
