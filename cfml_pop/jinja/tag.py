"""The cfpop tag: from Jinja's tokens to nodes.

Rule: every fault that the template's own text shows is found here, when it is compiled, and all faults of one tag are told
together.

    tag     := cfpop { attribute [","] } ["/"]
    attribute := NAME | NAME "=" STRING | NAME "=" WORD | NAME "=" expression
    call    := cfpop "(" [ argument { "," argument } ] ")"          argument := NAME "=" expression | "**" expression

A STRING holds `#expr#`. A WORD is one of the values that the attribute accepts, or the name of a variable. In the call,
everything but the names of variables is Jinja.
"""

from __future__ import annotations

import dataclasses

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream, describe_token
from jinja2.parser import Parser

from cfml_pop.cfml import values
from cfml_pop.cfml.attributes import DELETE, LATER, MARK_READ, find_attribute, find_faults
from cfml_pop.jinja import binding
from cfml_pop.jinja.binding import PROTOCOL, Target
from cfml_pop.jinja.faults import explain
from cfml_pop.jinja.interpolation import parse_text

__all__ = ["PROTOCOL", "parse_tag"]

AFTER_VALUE = frozenset({"name", "comma", "block_end"})
OPERATORS = frozenset({"if", "else", "and", "or", "not", "in", "is"})
TARGETS = frozenset({"name", "catch"})
BARE = frozenset({"name", "integer", "float"})
"""Tokens that a host name or an address without quotes begins with."""

ONE_LINE = frozenset({"host", "text", "path", "password"})
"""Kinds whose values hold no control character, not even around them: in a template they come from a backslash."""

TOP_DOMAINS = frozenset({"com", "de", "edu", "fr", "gov", "info", "io", "jp", "lan", "local", "localhost", "net", "org", "uk"})


@dataclasses.dataclass
class Given:
    """One attribute as written. `key` is its lower-case name; several `parts` are joined to text."""

    name: str
    key: str
    lineno: int
    parts: list[nodes.Expr]
    fault: str = ""

    def literal(self, parser: Parser) -> object:
        """The value, where the text of the template says it; else LATER."""
        if len(self.parts) > 1 or self.fault:
            return LATER
        try:
            return self.parts[0].as_const(nodes.EvalContext(parser.environment, parser.name))
        except nodes.Impossible:
            return LATER


def parse_tag(extension: Extension, parser: Parser) -> list[nodes.Node]:
    """The nodes for the tag at the parser's place, up to its end. Raises TemplateSyntaxError."""
    lineno = next(parser.stream).lineno
    outer = parser.stream
    # The tag is read from a copy, because only the copy can lose the "/" before its end: in an expression that is a division.
    parser.stream = TokenStream(_tokens(parser, lineno), parser.name, parser.filename)
    try:
        given = _parse_call(parser) if parser.stream.current.type == "lparen" else _parse_attributes(parser)
        parser.stream.expect("block_end")
    finally:
        parser.stream = outer
    return _build(extension, parser, _checked(parser, given, lineno), lineno)


def _tokens(parser: Parser, lineno: int) -> list[Token]:
    tokens: list[Token] = []
    while parser.stream.current.type != "block_end":
        if parser.stream.current.type == "eof":
            parser.fail("this cfpop has no end", lineno)
        tokens.append(next(parser.stream))
    if tokens and tokens[-1].type == "div":
        del tokens[-1]
    return [*tokens, parser.stream.current]


# -- reading -----------------------------------------------------------------------------------------------------------------


def _parse_attributes(parser: Parser) -> list[Given]:
    given: list[Given] = []
    stream = parser.stream
    while stream.current.type != "block_end":
        name = stream.current
        if name.type != "name":
            parser.fail(f"expected an attribute of cfpop, got {describe_token(name)!r}", name.lineno)
        if name.value in OPERATORS:
            parser.fail(
                f"{name.value!r} is no attribute of cfpop; put an expression in parentheses: uid=(a if b else c)", name.lineno
            )
        next(stream)
        given.append(_given(name))
        if stream.skip_if("assign"):
            _parse_value(parser, given[-1])
        stream.skip_if("comma")
    return given


def _given(name: Token) -> Given:
    attribute = find_attribute(name.value)
    key = attribute.name.lower() if attribute else name.value.lower()
    return Given(name.value, key, name.lineno, [nodes.Const(True, lineno=name.lineno)])


def _parse_value(parser: Parser, given: Given) -> None:
    stream = parser.stream
    first = stream.current
    attribute = find_attribute(given.name)
    words = {word.lower() for word in attribute.words} if attribute else set()
    if given.key in TARGETS:
        _parse_target(parser, given)
    elif first.type == "string":
        next(stream)
        given.parts = parse_text(parser, first.value, first.lineno)
    elif first.type == "name" and first.value.lower() in words and stream.look().type in AFTER_VALUE:
        given.parts = [nodes.Const(next(stream).value, lineno=first.lineno)]
    else:
        given.parts = [parser.parse_expression()]
        if first.type in BARE and given.key in {"server", "username"}:
            _refuse_bare_host(given)
    after = stream.current
    if first.type == after.type == "string":
        parser.fail(
            f'two quoted texts in a row after {given.name}; inside quotes write \\" for a quote, or use the other kind around',
            after.lineno,
        )
    if after.type not in AFTER_VALUE:
        parser.fail(
            f"unexpected {describe_token(after)!r} after the value of {given.name}; put an expression in parentheses",
            after.lineno,
        )


def _parse_target(parser: Parser, given: Given) -> None:
    """The name of a variable, as a word or in quotes: always one that the template itself spells out."""
    stream = parser.stream
    first = stream.current
    if first.type == "string":
        text = next(stream).value.strip()
    elif first.type == "name":
        text = next(stream).value
        while stream.skip_if("dot"):
            text += "." + stream.expect("name").value
    else:
        parser.fail(f"{given.name} takes the name of a variable, not {describe_token(first)!r}", first.lineno)
    given.parts = [nodes.Const(text, lineno=first.lineno)]
    if "#" in text:
        given.fault = (
            f"{given.name} must be spelt out, because Jinja knows its variables before it runs; "
            f'to choose one at run time write {given.name}="mails.x" with a mapping'
        )


def _parse_call(parser: Parser) -> list[Given]:
    given: list[Given] = []
    stream = parser.stream
    next(stream)
    while not stream.skip_if("rparen"):
        if given:
            stream.expect("comma")
            if stream.skip_if("rparen"):
                break
        name = stream.current
        if stream.skip_if("pow"):
            given.append(Given("attributeCollection", "attributecollection", name.lineno, [parser.parse_expression()]))
            continue
        if name.type != "name" or stream.look().type != "assign":
            parser.fail("cfpop(...) takes its attributes by name: cfpop(server=..., username=...)", name.lineno)
        next(stream)
        next(stream)
        given.append(_given(name))
        if given[-1].key in TARGETS:
            _parse_target(parser, given[-1])
        else:
            given[-1].parts = [parser.parse_expression()]
    if stream.current.type != "block_end":
        parser.fail("the statement cfpop(...) ends with its parenthesis; to go on with the query write set mail = cfpop(...)")
    return given


def _refuse_bare_host(given: Given) -> None:
    spelled = _spelled(given.parts[0])
    last = spelled.rpartition(".")[2].lower()
    if "." in spelled and (last in TOP_DOMAINS or last.isdigit()):
        given.fault = (
            f'{given.name}={spelled} is an expression; text goes in quotes: {given.name}="{spelled}" (a variable: ({spelled}))'
        )


def _spelled(node: nodes.Expr) -> str:
    """The text of names and numbers joined by dots and hyphens; "" for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Const) and isinstance(node.value, (int, float)):
        return str(node.value)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and (before := _spelled(node.node)):
        return f"{before}.{node.arg.value}"  # a.1 and a[1] are the same to Jinja
    if isinstance(node, nodes.Getattr) and (before := _spelled(node.node)):
        return f"{before}.{node.attr}"
    if isinstance(node, nodes.Sub) and (left := _spelled(node.left)) and (right := _spelled(node.right)):
        return f"{left}-{right}"
    return ""


# -- checking ----------------------------------------------------------------------------------------------------------------


def _checked(parser: Parser, given: list[Given], lineno: int) -> list[Given]:
    """The attributes, when nothing is wrong with them. Raises TemplateSyntaxError with all faults, on the line of the first."""
    faults: list[tuple[str, str]] = []
    known: dict[str, object] = {}
    lines: dict[str, int | None] = {}
    for one in given:
        if one.key in lines:
            faults.append((f"{one.key} again", f"{one.name} is given twice"))
            lines[f"{one.key} again"] = one.lineno
            continue
        lines[one.key] = one.lineno
        known[one.name] = value = one.literal(parser)
        fault = one.fault or _control_fault(one, value) or _target_fault(one)
        if fault:
            faults.append((one.key, fault))
            known[one.name] = LATER
    faults += find_faults(known, template=True)
    if faults:
        message, line = explain(faults, lines, lineno)
        parser.fail(message, line or lineno)
    return given


def _control_fault(given: Given, value: object) -> str:
    attribute = find_attribute(given.name)
    if attribute is None or attribute.kind not in ONE_LINE or not isinstance(value, str):
        return ""
    found = values.control_character(value)
    return (
        f"{given.name} holds a control character ({found}); in a template's text a backslash begins an escape: write \\\\ or /"
        if found
        else ""
    )


def _target_fault(given: Given) -> str:
    if given.key in TARGETS:
        try:
            _target(given)
        except ValueError as error:
            return str(error)
    return ""


def _target(given: Given) -> Target:
    part = given.parts[0]
    return binding.read_target(given.key, str(part.value) if isinstance(part, nodes.Const) else "")


# -- building ----------------------------------------------------------------------------------------------------------------


def _build(extension: Extension, parser: Parser, given: list[Given], lineno: int) -> list[nodes.Node]:
    by_key = {one.key: one for one in given}
    action = by_key["action"].literal(parser) if "action" in by_key else LATER if "attributecollection" in by_key else ""
    quiet = str(action).strip().lower() in {DELETE.lower(), MARK_READ.lower()}
    target = _target(by_key["name"]) if "name" in by_key and not quiet else None
    caught = _target(by_key["catch"]) if "catch" in by_key else None

    def place(key: str) -> nodes.Expr:
        return nodes.Const((parser.name, by_key[key].lineno if key in by_key else lineno))

    # Where the action is not known yet, a plain name gets its old value again if it turns out to be delete or markRead.
    keep: nodes.Expr = nodes.Const(None)
    if target is not None and not target.path and action is LATER:
        keep = nodes.Name(target.root, "load", lineno=lineno)
    attributes = nodes.Tuple([_attribute_node(one) for one in given], "load", lineno=lineno)
    method = "_run" if caught is None else "_run_catching"
    arguments = [nodes.Const(PROTOCOL), nodes.ContextReference(), place(""), attributes, keep]
    call = extension.call_method(method, arguments, lineno=lineno)

    built: list[nodes.Node] = []
    for one in (target, caught):
        if one is not None:
            built += binding.check_nodes(extension, one, place(one.attribute), lineno)
    if caught is None:
        if target is None:
            return [*built, nodes.ExprStmt(call, lineno=lineno)]
        return [*built, *binding.bind_nodes(extension, target, call, place("name"), lineno)]
    # catch: one assignment with two targets. A dotted or missing name gets a variable of Jinja's own in between.
    stores: list[nodes.Expr] = []
    after: list[nodes.Node] = []
    for one in (target, caught):
        if one is not None and not one.path:
            stores.append(nodes.Name(one.root, "store", lineno=lineno))
            after.append(binding.unexport_node(extension, one.root, lineno))
            continue
        between = parser.free_identifier(lineno)
        stores.append(between)
        if one is not None:
            after += binding.bind_nodes(extension, one, between, place(one.attribute), lineno)
    return [*built, nodes.Assign(nodes.Tuple(stores, "store", lineno=lineno), call, lineno=lineno), *after]


def _attribute_node(given: Given) -> nodes.Expr:
    parts = nodes.Tuple(given.parts, "load", lineno=given.lineno)
    return nodes.Tuple([nodes.Const(given.name), nodes.Const(given.lineno), parts], "load", lineno=given.lineno)
