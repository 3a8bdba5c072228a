"""cfset, cfparam, cfdump, cfinclude, cfsavecontent, cfsilent.

Rule: what is written goes into the page's variables or below a name that is there; nothing is a variable of Jinja's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import nodes
from jinja2.runtime import Context

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.functions import find_function
from cfml_pop.cfml.functions.family import Page
from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault
from cfml_pop.jinja import variables, writing
from cfml_pop.jinja.binding import assign_node
from cfml_pop.jinja.expressions import Reader, Target
from cfml_pop.jinja.grammar import PREFIX
from cfml_pop.jinja.names import rows_node
from cfml_pop.jinja.tag_attributes import Given, read_attributes

__all__ = ["param", "parse_dump", "parse_include", "parse_param", "parse_savecontent", "parse_set", "parse_silent"]

COMPOUND: Mapping[str, str] = MappingProxyType({"+=": "+", "-=": "-", "*=": "*", "/=": "/", "&=": "&", "%=": "mod"})
STEPS: Mapping[str, str] = MappingProxyType({"++": "+", "--": "-"})


# -- parsing -------------------------------------------------------------------------------------------------------------------


def parse_set(reader: Reader, lineno: int) -> nodes.Node:
    """`cfset target = expression`, `cfset target += expression`, `cfset target++`, or a call on its own."""
    first = reader.current
    if first.word == "var" and reader.look().kind == "name":
        reader.fail("var belongs into functions, which are the host's here; leave it out")
    if first.kind == "string" and reader.look().value == "=":
        reader.take()
        reader.take()
        name = reader.text(first)
        value = reader.whole()
        call = reader.call("_assign_path", nodes.ContextReference(), name, value, nodes.Const("cfset"), lineno=lineno)
        return nodes.ExprStmt(call, lineno=lineno)
    if first.value in STEPS and first.kind == "op":
        reader.take()
        found = reader.operand()
        reader.expect_end()
        return _step(reader, first.value, found, lineno)
    found = reader.operand() if first.kind == "name" else nodes.Const(None)
    sign = reader.current.value if reader.current.kind == "op" else ""
    if sign == "=":
        target = _target(reader, found)
        reader.take()
        return _write(reader, target, reader.whole(), lineno)
    if sign in COMPOUND:
        target = _target(reader, found)
        reader.take()
        value = reader.call("_operate", nodes.Const(COMPOUND[sign]), found, reader.whole(), lineno=lineno)
        return _write(reader, target, value, lineno)
    if sign in STEPS and reader.look().kind == "end":
        return _step(reader, sign, found, lineno)
    if reader.current.kind == "end" and id(found) in reader.targets:
        reader.fail("a name alone sets nothing; write name = value, or call a function")
    reader.position = 0
    return nodes.ExprStmt(reader.whole(), lineno=lineno)


def _target(reader: Reader, found: nodes.Expr) -> Target:
    target = reader.targets.get(id(found))
    if target is None:
        reader.fail('what stands before the sign cannot be set; write a name, as in x, x.y, x["y"] or x[1]')
    return target


def _step(reader: Reader, sign: str, found: nodes.Expr, lineno: int) -> nodes.Node:
    value = reader.call("_operate", nodes.Const(STEPS[sign]), found, nodes.Const(1), lineno=lineno)
    return _write(reader, _target(reader, found), value, lineno)


def _write(reader: Reader, target: Target, value: nodes.Expr, lineno: int) -> nodes.Node:
    root, steps = target
    if root.lower() == "variables" and steps and isinstance(steps[0], nodes.Const) and isinstance(steps[0].value, str):
        root, steps = steps[0].value, steps[1:]
    return assign_node(reader.extension, root, steps, value, lineno)


def parse_param(reader: Reader, lineno: int) -> nodes.Node:
    """`cfparam name= type= default=`."""
    given = read_attributes(reader, "cfparam")
    name = given["name"]
    root = (name.text or "").strip().split(".")[0]
    known: nodes.Expr = nodes.Name(root, "load", lineno=lineno) if root.isidentifier() else nodes.Const(None)
    has_default = nodes.Const("default" in given)
    default = given["default"].value if "default" in given else nodes.Const(None)
    kind = given["type"].value if "type" in given else nodes.Const("any")
    arguments = [nodes.ContextReference(), name.value, kind, has_default, default, rows_node(lineno), known]
    return nodes.ExprStmt(reader.call("_param", *arguments, lineno=lineno), lineno=lineno)


def parse_dump(reader: Reader, lineno: int) -> nodes.Node:
    """`cfdump var= label= top=`."""
    given = read_attributes(reader, "cfdump")
    others = [given[name].value if name in given else nodes.Const(default) for name, default in (("label", ""), ("top", 200))]
    return nodes.Output([reader.call("_dump", given["var"].value, *others, lineno=lineno)], lineno=lineno)


def parse_include(reader: Reader, lineno: int) -> nodes.Node:
    """`cfinclude template=`: Jinja's include, which shares the page's variables both ways."""
    given = read_attributes(reader, "cfinclude")
    return nodes.Include(given["template"].value, True, False, lineno=lineno)


def parse_savecontent(reader: Reader, lineno: int) -> list[nodes.Node]:
    """`cfsavecontent variable=`: the body's output as a value."""
    variable = read_attributes(reader, "cfsavecontent")["variable"]
    body = reader.parser.parse_statements(("name:endcfsavecontent",), drop_needle=True)
    saved = PREFIX + "saved"
    block = nodes.AssignBlock(nodes.Name(saved, "store", lineno=lineno), None, body, lineno=lineno)
    value = nodes.Name(saved, "load", lineno=lineno)
    return [block, _write_name(reader, variable, value, lineno)]


def parse_silent(reader: Reader, lineno: int) -> nodes.Node:
    """`cfsilent`: the body runs, and what it writes is dropped."""
    read_attributes(reader, "cfsilent")
    body = reader.parser.parse_statements(("name:endcfsilent",), drop_needle=True)
    return nodes.AssignBlock(nodes.Name(PREFIX + "silent", "store", lineno=lineno), None, body, lineno=lineno)


def _write_name(reader: Reader, name: Given, value: nodes.Expr, lineno: int) -> nodes.Node:
    if name.text is None:
        call = reader.call("_assign_path", nodes.ContextReference(), name.value, value, nodes.Const("name"), lineno=lineno)
        return nodes.ExprStmt(call, lineno=lineno)
    root, *steps = name.text.strip().split(".")
    if not all(word.isascii() and word.isidentifier() for word in (root, *steps)):
        reader.parser.fail(f"{reader.tag}: {name.text!r} is not the name of a variable", name.lineno)
    return _write(reader, (root, [nodes.Const(step, lineno=lineno) for step in steps]), value, lineno)


# -- running -------------------------------------------------------------------------------------------------------------------


def _simple(read: Callable[[Any], object]) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        try:
            read(value)
        except ValueError:
            return False
        return True

    return accepts


def _is_date(value: Any) -> bool:
    function = find_function("isDate")
    if function is not None:
        return bool(function(Page(), value))
    return isinstance(value, (dt.date, int, float)) or simple.date(value) is not None


TYPES: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "any": lambda value: True,  # noqa: ARG005
        "array": lambda value: isinstance(value, list),
        "boolean": _simple(simple.boolean),
        "date": _is_date,
        "float": lambda value: simple.numeric(value) is not None,
        "integer": lambda value: isinstance(simple.numeric(value), int),
        "numeric": lambda value: simple.numeric(value) is not None,
        "query": lambda value: isinstance(value, Query),
        "string": _simple(simple.text),
        "struct": lambda value: isinstance(value, Mapping),
        "uuid": lambda value: bool(re.fullmatch(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){2}[0-9A-Fa-f]{16}", str(value))),
        "variablename": lambda value: bool(re.fullmatch(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*", str(value), re.ASCII)),
    }
)
"""The types of cfparam."""


def param(
    context: Context, name: Any, kind: Any, has_default: bool, default: Any, rows: object, known: Any
) -> None:  # one argument for each thing the tag says
    """Give a variable its default if it is not there, and see to its type. Raises FunctionFault."""
    wanted = str(variables.defined(kind, "cfparam: type", "cfparam")).strip().lower()
    accepts = TYPES.get(wanted)
    if accepts is None:
        raise FunctionFault(
            f"cfparam: type must be one of {', '.join(TYPES)}, not {wanted!r}", function="cfparam", argument="type"
        )
    if not variables.is_defined(context, "cfparam", name, rows, known):
        if not has_default:
            raise FunctionFault(f"cfparam: {name} is required and was not given", function="cfparam", argument="name")
        writing.assign_path(context, name, default, "cfparam")
        value = default
    else:
        value = variables.named(context, str(name), rows, known)
    if not accepts(current(value)):
        raise FunctionFault(
            f"cfparam: {name} must be of type {wanted}, not {simple.kind_of(current(value))}", function="cfparam", argument="type"
        )
