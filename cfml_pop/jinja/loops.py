"""cfoutput, cfloop, cfbreak and cfcontinue.

Rule: each loop is a `for` of Jinja's over an iterator that is made here. A query loop gives the rows in sight with its own row
at the end; every other loop writes its index into the page's variables, where it stays after the loop, as in CFML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.loops import LoopRow, count_up, rows_of
from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault
from cfml_pop.jinja import variables
from cfml_pop.jinja.binding import PROTOCOL, assign_node
from cfml_pop.jinja.expressions import Reader
from cfml_pop.jinja.names import ROWS, rows_node
from cfml_pop.jinja.nesting import nesting_of
from cfml_pop.jinja.running import settings_of
from cfml_pop.jinja.tag_attributes import Given, fail, read_attributes

__all__ = [
    "leave_by_exception",
    "leave_nodes",
    "members",
    "parse_leave",
    "parse_loop",
    "parse_output",
    "turns",
    "values",
    "while_true",
]

FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "query": ("startrow", "endrow", "maxrows", "group", "groupcasesensitive"),
        "list": ("delimiters", "index", "item"),
        "array": ("index", "item"),
        "collection": ("index", "item"),
        "from": ("to", "step", "index", "item"),
        "times": ("index", "item"),
        "condition": (),
    }
)
"""The attribute that says what a cfloop goes over, and those it takes with it."""

NO_FORM = "needs one of query, list, array, collection, from and to, times, condition"


# -- parsing -------------------------------------------------------------------------------------------------------------------


def parse_output(reader: Reader, lineno: int) -> list[nodes.Node]:
    """`cfoutput`: over a query, over the members of the group around it, or nothing but its body."""
    given = read_attributes(reader, "cfoutput")
    nesting = nesting_of(reader.parser)
    if "query" in given or (nesting.groups and set(given) <= {"group", "groupcasesensitive"}):
        return [_query_loop(reader, "cfoutput", given, lineno)]
    if given:
        fail(reader, "cfoutput", [(one.lineno, f"{name} needs query") for name, one in given.items()])
    return reader.parser.parse_statements(("name:endcfoutput",), drop_needle=True)


def parse_loop(reader: Reader, lineno: int) -> list[nodes.Node]:
    """`cfloop` in each of its forms."""
    given = read_attributes(reader, "cfloop")
    nesting = nesting_of(reader.parser)
    if nesting.groups and set(given) <= {"group", "groupcasesensitive"}:
        return [_query_loop(reader, "cfloop", given, lineno)]
    forms = [name for name in FORMS if name in given]
    if len(forms) != 1:
        text = f"{' and '.join(forms)} are loops of two kinds" if forms else NO_FORM
        fail(reader, "cfloop", [(lineno, text)])
    form = forms[0]
    faults = [
        (one.lineno, f"{name} has no meaning beside {form}") for name, one in given.items() if name not in (form, *FORMS[form])
    ]
    if form == "from" and "to" not in given:
        faults.append((lineno, "to is missing"))
    if form in ("list", "array", "collection", "from") and not {"index", "item"} & set(given):
        faults.append((lineno, f'index is missing: the name of a variable, as in index="{"i" if form == "from" else "item"}"'))
    targets: dict[str, list[str]] = {name: _target(name, given[name], faults) for name in ("index", "item") if name in given}
    if faults:
        fail(reader, "cfloop", faults)
    if form == "query":
        return [_query_loop(reader, "cfloop", given, lineno)]
    return [_value_loop(reader, form, given, targets, lineno)]


def _query_loop(reader: Reader, tag: str, given: Mapping[str, Given], lineno: int) -> nodes.Node:
    nesting = nesting_of(reader.parser)
    options = _options(given, lineno)
    method = "_turns" if "query" in given else "_members"
    turns = reader.call(method, nodes.ContextReference(), nodes.Const(tag), options, rows_node(lineno), lineno=lineno)
    with nesting.loop(grouped="group" in given):
        body = reader.parser.parse_statements((f"name:end{tag}",), drop_needle=True)
    return nodes.For(nodes.Name(ROWS, "store", lineno=lineno), turns, body, [], None, False, lineno=lineno)


def _value_loop(
    reader: Reader, form: str, given: Mapping[str, Given], targets: Mapping[str, list[str]], lineno: int
) -> nodes.Node:
    parser = reader.parser
    if form == "condition":
        made = reader.call("_while", nodes.ContextReference(), lineno=lineno)
    else:
        options = _options({name: one for name, one in given.items() if name not in targets}, lineno)
        both = nodes.Const(len(targets) == 2)
        made = reader.call("_values", nodes.ContextReference(), nodes.Const(form), options, both, lineno=lineno)
    with nesting_of(parser).loop():
        body = parser.parse_statements(("name:endcfloop",), drop_needle=True)
    if form == "condition":
        body.insert(0, nodes.If(nodes.Not(given[form].value), [nodes.Break(lineno=lineno)], [], [], lineno=lineno))
    # What Jinja's loop itself sets: a variable of its own, from which the page's are written.
    turn = [parser.free_identifier(lineno) for _ in range(max(len(targets), 1))]
    before: list[nodes.Node] = []
    for value, (root, *steps) in zip(turn, targets.values(), strict=False):
        before.append(assign_node(reader.extension, root, [nodes.Const(step) for step in steps], value, lineno))
    target = turn[0] if len(turn) == 1 else nodes.Tuple(turn, "store", lineno=lineno)
    return nodes.For(target, made, [*before, *body], [], None, False, lineno=lineno)


def _options(given: Mapping[str, Given], lineno: int) -> nodes.Expr:
    pairs = [nodes.Pair(nodes.Const(name), one.value, lineno=one.lineno) for name, one in given.items() if name != "condition"]
    return nodes.Dict(pairs, lineno=lineno)


def _target(name: str, given: Given, faults: list[tuple[int, str]]) -> list[str]:
    words = (given.text or "").strip().split(".")
    if not all(word.isascii() and word.isidentifier() for word in words):
        faults.append((given.lineno, f'{name} takes the name of a variable, as in {name}="i"'))
    return words[1:] if words[0].lower() == "variables" and len(words) > 1 else words


def parse_leave(extension: Extension, parser: Parser, tag: str, lineno: int) -> list[nodes.Node]:
    """`cfbreak` and `cfcontinue`."""
    if "loop" not in nesting_of(parser).inside:
        parser.fail(f"{tag} stands in no cfloop and no cfoutput with query", lineno)
    return [leave_nodes(extension, parser, tag, lineno)]


def leave_nodes(extension: Extension, parser: Parser, tag: str, lineno: int) -> nodes.Node:
    """The code that leaves a loop from here. Out of a cftry it goes by way of an exception that the cftry takes."""
    nesting = nesting_of(parser)
    if nesting.inside[-1] == "try":
        nesting.left[-1] = True
        return leave_by_exception(extension, tag, lineno)
    return nodes.Break(lineno=lineno) if tag == "cfbreak" else nodes.Continue(lineno=lineno)


def leave_by_exception(extension: Extension, tag: str, lineno: int) -> nodes.Node:
    """The code that leaves the body of a cftry on the way out of a loop."""
    call = extension.call_method("_leave", [nodes.Const(PROTOCOL), nodes.Const(tag)], lineno=lineno)
    return nodes.ExprStmt(call, lineno=lineno)


# -- running -------------------------------------------------------------------------------------------------------------------


def turns(context: Context, tag: str, options: Mapping[str, Any], rows: object) -> Iterator[variables.Rows]:
    """The rows in sight, for each turn of a loop over a query. Raises FunctionFault for what is no query."""
    around = rows if isinstance(rows, tuple) else ()
    query = variables.settled(options["query"], f"{tag}: query")
    if isinstance(query, str):
        found = variables.named(context, query, rows)
        if variables.is_missing(found):
            raise _fault(tag, "query", f"must be a query, or the name of one; there is none called {query[:100]!r}")
        query = variables.settled(found, f"{tag}: query")
    if not isinstance(query, Query):
        raise _fault(tag, "query", f"must be a query, or the name of one, not {simple.kind_of(query)}")
    start = _whole(tag, options, "startrow", 1)
    if start < 1:
        raise _fault(tag, "startrow", f"must be 1 or more, not {start}")
    end = min(_whole(tag, options, "endrow", query.recordcount), query.recordcount)
    most = _whole(tag, options, "maxrows", -1)
    numbers = range(start, end + 1)
    for row in _rows(tag, query, numbers if most < 0 else numbers[:most], options):
        yield (*around, row)


def members(tag: str, options: Mapping[str, Any], rows: object) -> Iterator[variables.Rows]:
    """The same over the members of the group around; where the nearest loop has no groups, one turn and no other rows."""
    around = rows if isinstance(rows, tuple) else ()
    group: LoopRow | None = around[-1] if around else None
    if group is None or group.members is None:
        return iter([around])
    return ((*around, row) for row in _rows(tag, group.query, group.members, options))


def _rows(tag: str, query: Query, numbers: Any, options: Mapping[str, Any]) -> Iterator[Any]:
    case = variables.read(simple.boolean, options.get("groupcasesensitive", False), f"{tag}: groupCaseSensitive", tag)
    try:
        return rows_of(query, numbers, str(current(options.get("group", ""))), case=case)
    except ValueError as error:
        raise _fault(tag, "group", str(error)) from None


def values(context: Context, form: str, options: Mapping[str, Any], both: bool) -> Iterator[Any]:
    """What the index of a loop over anything but a query gets; pairs for index and item where `both` are given."""
    for name, value in options.items():
        variables.defined(value, f"cfloop: {name}", "cfloop")
    counted: Iterable[Any]
    if form == "from":
        start, end = _number(options, "from"), _number(options, "to")
        step = _number(options, "step") if "step" in options else 1
        try:
            counted = count_up(start, end, step)
        except ValueError as error:
            raise _fault("cfloop", "step", str(error)) from None
        pairs: Iterable[tuple[Any, Any]] = ((number, number) for number in counted)
    elif form == "times":
        pairs = ((number, number) for number in range(1, _whole("cfloop", options, "times", 0) + 1))
    elif form == "list":
        pairs = enumerate(_items(options), 1)
    elif form == "array":
        pairs = enumerate(_array(options["array"]), 1)
    else:
        pairs = _entries(options["collection"])
    limit = settings_of(context.environment).loop_limit
    for turn, pair in enumerate(pairs):
        if turn >= limit:
            raise _endless(limit)
        # Alone, index and item both get the value; of a collection the key.
        yield pair if both else pair[form != "collection"]


def while_true(context: Context) -> Iterator[int]:
    """The turns of a loop with a condition, up to the host's limit."""
    limit = settings_of(context.environment).loop_limit
    yield from range(limit)
    raise _endless(limit)


def _items(options: Mapping[str, Any]) -> list[str]:
    text = variables.read(simple.text, options["list"], "cfloop: list", "cfloop")
    delimiters = variables.read(simple.text, options.get("delimiters", ","), "cfloop: delimiters", "cfloop")
    items = re.split(f"[{re.escape(delimiters)}]", text) if delimiters else [text]
    return [item for item in items if item]


def _array(value: Any) -> list[Any]:
    value = current(value)
    if not isinstance(value, (list, tuple)):
        raise _fault("cfloop", "array", f"must be an array (array=names), not {simple.kind_of(value)}")
    return list(value)


def _entries(value: Any) -> list[tuple[Any, Any]]:
    value = current(value)
    if not isinstance(value, Mapping):
        raise _fault("cfloop", "collection", f"must be a struct (collection=form), not {simple.kind_of(value)}")
    return list(value.items())


def _number(options: Mapping[str, Any], name: str) -> int | float:
    return variables.read(simple.number, options[name], f"cfloop: {name}", "cfloop")


def _whole(tag: str, options: Mapping[str, Any], name: str, default: int) -> int:
    return variables.read(simple.integer, options[name], f"{tag}: {name}", tag) if name in options else default


def _fault(tag: str, attribute: str, text: str) -> FunctionFault:
    return FunctionFault(f"{tag}: {attribute} {text}", function=tag, argument=attribute)


def _endless(limit: int) -> FunctionFault:
    return FunctionFault(
        f"cfloop: more than {limit} turns; a host may allow more with Settings(loop_limit=...)", function="cfloop"
    )
