"""The attributes of one cfpop tag as the template writes them, and what is wrong with them.

Rule: all faults of a tag are found before anybody is told of one; who reads the tag decides whether they end the reading.
"""

from __future__ import annotations

import dataclasses

from jinja2 import nodes
from jinja2.parser import Parser

from cfml_pop.cfml import values
from cfml_pop.cfml.attributes import LATER, find_attribute, find_faults
from cfml_pop.jinja import binding
from cfml_pop.jinja.binding import Target
from cfml_pop.jinja.faults import ESCAPE_HINT
from cfml_pop.jinja.running import dialect_of
from cfml_pop.jinja.veil import hidden, unknown_filter

__all__ = ["TARGETS", "Given", "Tag", "check_tag", "target_of"]

TARGETS = frozenset({"name", "catch"})
ONE_LINE = frozenset({"host", "text", "path", "password"})
"""Kinds whose values hold no control character, not even around them: in a template they come from a backslash."""


@dataclasses.dataclass
class Given:
    """One attribute as written. `key` is its lower-case name; several `parts` are joined to text. `computed`: the same once more
    for the name of a variable that is made at run time, which only pages with variables of their own can have.

    `fault` is what reading it found wrong, on `fault_lineno` where that is not the attribute's line.
    """

    name: str
    key: str
    lineno: int
    parts: list[nodes.Expr]
    computed: tuple[nodes.Expr, ...] = ()
    fault: str = ""
    fault_lineno: int | None = None

    @property
    def secret(self) -> bool:
        attribute = find_attribute(self.name)
        return attribute is not None and attribute.secret

    def literal(self, parser: Parser) -> object:
        """The value, where the text of the template says it; else LATER."""
        if len(self.parts) > 1 or self.fault:
            return LATER
        try:
            return self.parts[0].as_const(nodes.EvalContext(parser.environment, parser.name))
        except nodes.Impossible:
            return LATER


@dataclasses.dataclass
class Tag:
    """A tag as read: `known` has the values by the names as written, LATER where only the run tells; `lines` the line of each
    attribute by its key; `faults` are (key, text) pairs. `call`: it is written as `cfpop(...)`.
    """

    lineno: int
    given: list[Given]
    known: dict[str, object]
    lines: dict[str, int | None]
    faults: list[tuple[str, str]]
    call: bool


def check_tag(parser: Parser, given: list[Given], lineno: int, *, call: bool) -> Tag:
    """The tag with all that is wrong with its attributes."""
    faults: list[tuple[str, str]] = []
    known: dict[str, object] = {}
    lines: dict[str, int | None] = {}
    for one in given:
        if one.key in lines:
            faults.append((f"{one.key} again", f"{one.name} is given twice"))
            lines[f"{one.key} again"] = one.lineno
            continue
        lines[one.key] = one.fault_lineno or one.lineno
        known[one.name] = value = one.literal(parser)
        fault = one.fault or _control_fault(one, value) or _target_fault(one)
        if not fault and one.secret and unknown_filter(parser.environment, one.parts):
            fault = hidden(one.name)
        if fault:
            faults.append((one.key, fault))
            known[one.name] = LATER
    faults += [("catch", text) for text in _same_target(given, {key for key, _ in faults})]
    faults += find_faults(known, template=True, dialect=dialect_of(parser.environment))
    return Tag(lineno, given, known, lines, faults, call)


def _control_fault(given: Given, value: object) -> str:
    attribute = find_attribute(given.name)
    if attribute is None or attribute.kind not in ONE_LINE or not isinstance(value, str):
        return ""
    found = values.control_character(value)
    return f"{given.name} holds a control character ({found}); {ESCAPE_HINT}" if found else ""


def _target_fault(given: Given) -> str:
    if given.key in TARGETS and not given.computed:
        part = given.parts[0]
        if isinstance(part, nodes.Const) and part.value is True:
            return f'{given.name} needs the name of a variable: {given.name}="mail"'
        try:
            target_of(given)
        except ValueError as error:
            return str(error)
    return ""


def _same_target(given: list[Given], faulty: set[str]) -> list[str]:
    """What is wrong when one of the two targets is the other, or lies in it."""
    targets = {one.key: target_of(one) for one in given if one.key in TARGETS - faulty and not one.computed}
    if len(targets) < 2:
        return []
    name, catch = ((target.root, *target.path) for target in targets.values())
    same = all(one == other for one, other in zip(name, catch, strict=False))
    return ["catch must name another variable than name"] if same else []


def target_of(given: Given) -> Target:
    if given.computed:
        return Target(given.key, "", (), given.computed)
    part = given.parts[0]
    return binding.read_target(given.key, str(part.value) if isinstance(part, nodes.Const) else "")
