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

from jinja2 import TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream, describe_token
from jinja2.parser import Parser

from cfml_pop.cfml.attributes import DELETE, LATER, MARK_READ, find_attribute
from cfml_pop.jinja import binding
from cfml_pop.jinja.binding import PROTOCOL, page_target_node
from cfml_pop.jinja.faults import explain
from cfml_pop.jinja.given import TARGETS, Given, Tag, check_tag, target_of
from cfml_pop.jinja.interpolation import parse_text
from cfml_pop.jinja.veil import hidden, veil_nodes

__all__ = ["PROTOCOL", "build_tag", "parse_tag", "read_tag"]

TAGS_EXTENSION = "cfml_pop.CfmlTagsExtension"
AFTER_VALUE = frozenset({"name", "comma", "block_end"})
OPERATORS = frozenset({"if", "else", "and", "or", "not", "in", "is"})
TOP_DOMAINS = frozenset({"com", "de", "edu", "fr", "gov", "info", "io", "jp", "lan", "local", "localhost", "net", "org", "uk"})


def parse_tag(extension: Extension, parser: Parser) -> list[nodes.Node]:
    """The nodes for the tag at the parser's place, up to its end. Raises TemplateSyntaxError with all faults."""
    tag = read_tag(parser)
    if tag.faults:
        message, line = explain(tag.faults, tag.lines, tag.lineno)
        parser.fail(message, line or tag.lineno)
    return build_tag(extension, parser, tag)


def read_tag(parser: Parser) -> Tag:
    """The tag at the parser's place, read up to its end, with its faults. Raises TemplateSyntaxError if it cannot be read."""
    lineno = next(parser.stream).lineno
    outer = parser.stream
    # The tag is read from a copy, because only the copy can lose the "/" before its end: in an expression that is a division.
    parser.stream = TokenStream(_tokens(parser, lineno), parser.name, parser.filename)
    call = parser.stream.current.type == "lparen"
    try:
        given = _parse_call(parser) if call else _parse_attributes(parser)
        parser.stream.expect("block_end")
    finally:
        parser.stream = outer
    return check_tag(parser, given, lineno, call=call)


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
        before = given[-1] if given else None
        if name.type != "name":
            if before is not None and before.secret:
                parser.fail(f"cfpop: {hidden(before.name)}", name.lineno)
            parser.fail(f"expected an attribute of cfpop, got {describe_token(name)!r}", name.lineno)
        if name.value in OPERATORS:
            parser.fail(
                f"{name.value!r} is no attribute of cfpop; put an expression in parentheses: uid=(a if b else c)", name.lineno
            )
        next(stream)
        if stream.current.type != "assign" and before is not None and before.secret and find_attribute(name.value) is None:
            before.fault = hidden(before.name)  # it may be the second word of a password without quotes
        else:
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
        try:
            given.parts = parse_text(parser, first.value, first.lineno, stream.current.lineno)
        except TemplateSyntaxError as error:
            given.fault = hidden(given.name) if given.secret else f"{given.name}: {error.message}"
            given.fault_lineno = error.lineno
    elif first.type == "name" and first.value.lower() in words and stream.look().type in AFTER_VALUE:
        given.parts = [nodes.Const(next(stream).value, lineno=first.lineno)]
    else:
        given.parts = [_parse_expression(parser, given)]
        if given.key == "server" and first.type != "lparen":
            _refuse_bare_host(given)
    after = stream.current
    if first.type == after.type == "string":
        parser.fail(
            f'two quoted texts in a row after {given.name}; inside quotes write \\" for a quote, or use the other kind around',
            after.lineno,
        )
    if after.type not in AFTER_VALUE:
        if given.secret:
            parser.fail(f"cfpop: {hidden(given.name)}", after.lineno)
        parser.fail(
            f"unexpected {describe_token(after)!r} after the value of {given.name}; put an expression in parentheses",
            after.lineno,
        )


def _parse_expression(parser: Parser, given: Given) -> nodes.Expr:
    lineno = parser.stream.current.lineno
    expression = None
    try:
        expression = parser.parse_expression()
    except TemplateSyntaxError:
        if not given.secret:
            raise
    if expression is None:  # outside of the handler: Jinja's error would hang on this one
        parser.fail(f"cfpop: {hidden(given.name)}", lineno)
    return expression


def _parse_target(parser: Parser, given: Given) -> None:
    """The name of a variable, as a word or in quotes: always one that the template itself spells out."""
    stream = parser.stream
    first = stream.current
    if first.type == "string":
        text = next(stream).value.strip()
        if "#" in text and given.key == "name" and TAGS_EXTENSION in parser.environment.extensions:
            # Twice, as nodes must not stand in a tree at two places.
            given.parts, again = (parse_text(parser, text, first.lineno, stream.current.lineno) for _ in range(2))
            given.computed = tuple(again)
            return
    else:
        expression = parser.parse_expression()
        # true, false and none are constants to Jinja's parser, but here they are names like others: wrong ones.
        text = first.value if first.type == "name" and isinstance(expression, nodes.Const) else _dotted(expression)
    given.parts = [nodes.Const(text, lineno=first.lineno)]
    if not text and first.type != "string":
        given.fault = (
            f'{given.name} takes the name of a variable, with dots where it goes into a mapping: {given.name}="session.mail"'
        )
    elif "#" in text:
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
            if given[-1].secret and stream.current.type != "comma" and find_attribute(stream.current.value) is None:
                parser.fail(f"cfpop: {hidden(given[-1].name)}", stream.current.lineno)
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
            given[-1].parts = [_parse_expression(parser, given[-1])]
    if stream.current.type != "block_end":
        parser.fail("the statement cfpop(...) ends with its parenthesis; to go on with the query write set mail = cfpop(...)")
    return given


def _refuse_bare_host(given: Given) -> None:
    spelled = _spelled(given.parts[0])
    pieces = spelled.replace(".", " ").split()
    if len(pieces) > 1 and (pieces[-1].lower() in TOP_DOMAINS or all(piece.isdigit() for piece in pieces)):
        given.fault = (
            f'{given.name}={spelled} is an expression; text goes in quotes: {given.name}="{spelled}" (a variable: ({spelled}))'
        )


def _spelled(node: nodes.Expr) -> str:
    """The text of names and numbers joined by dots and hyphens; "" for anything else, such as an item in brackets."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Const) and isinstance(node.value, (int, float)):
        return str(node.value)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int):
        before = _spelled(node.node)  # a.1 and a[1] are the same to Jinja; behind a number only the first is meant
        return f"{before}.{node.arg.value}" if before[:1].isdigit() else ""
    if isinstance(node, nodes.Getattr) and (before := _spelled(node.node)):
        return f"{before}.{node.attr}"
    if isinstance(node, nodes.Sub) and (left := _spelled(node.left)) and (right := _spelled(node.right)):
        return f"{left}-{right}"
    return ""


def _dotted(node: nodes.Expr) -> str:
    """The text of names joined by dots; "" for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (before := _dotted(node.node)):
        return f"{before}.{node.attr}"
    return ""


# -- building ----------------------------------------------------------------------------------------------------------------


def build_tag(extension: Extension, parser: Parser, tag: Tag) -> list[nodes.Node]:
    """The nodes for a tag without faults."""
    given, lineno = tag.given, tag.lineno
    by_key = {one.key: one for one in given}
    action = by_key["action"].literal(parser) if "action" in by_key else LATER if "attributecollection" in by_key else ""
    quiet = str(action).strip().lower() in {DELETE.lower(), MARK_READ.lower()}
    target = target_of(by_key["name"]) if "name" in by_key and not quiet else None
    caught = target_of(by_key["catch"]) if "catch" in by_key else None

    def place(key: str) -> nodes.Expr:
        return nodes.Const((parser.name, by_key[key].lineno if key in by_key else lineno))

    # Where the action is not known yet, a plain name gets its old value again if it turns out to be delete or markRead.
    keep: nodes.Expr = nodes.Const(None)
    if target is not None and not target.path and action is LATER:
        keep = nodes.Name(target.root, "load", lineno=lineno)
    attributes = nodes.Tuple([_attribute_node(extension, one) for one in given], "load", lineno=lineno)
    dotted = [binding.target_node(one, lineno) for one in (target, caught) if one is not None and one.path]
    # Where the page has variables of its own (the extension with CFML's tags), a plain name is one of them.
    pages = parser.environment.extensions.get(TAGS_EXTENSION)
    if pages is not None:
        keep = nodes.Const(None)
    method = "_run" if caught is None else "_run_catching"
    arguments = [nodes.Const(PROTOCOL), nodes.ContextReference(), place(""), attributes, keep, nodes.Tuple(dotted, "load")]
    call = extension.call_method(method, arguments, lineno=lineno)

    if caught is None:
        if target is None:
            return [nodes.ExprStmt(call, lineno=lineno)]
        if pages is not None and not target.path:
            between = parser.free_identifier(lineno)
            return [nodes.Assign(between, call, lineno=lineno), page_target_node(pages, target, between, lineno)]
        return binding.bind_nodes(extension, target, call, place("name"), lineno)
    # catch: one assignment with two targets. A dotted or missing name gets a variable of Jinja's own in between.
    stores: list[nodes.Expr] = []
    after: list[nodes.Node] = []
    for one in (target, caught):
        if one is not None and not one.path and pages is None:
            stores.append(nodes.Name(one.root, "store", lineno=lineno))
            after.append(binding.unexport_node(extension, one.root, lineno))
            continue
        between = parser.free_identifier(lineno)
        stores.append(between)
        if one is not None and not one.path and pages is not None:
            after.append(page_target_node(pages, one, between, lineno))
        elif one is not None:
            after += binding.bind_nodes(extension, one, between, place(one.attribute), lineno)
    return [nodes.Assign(nodes.Tuple(stores, "store", lineno=lineno), call, lineno=lineno), *after]


def _attribute_node(extension: Extension, given: Given) -> nodes.Expr:
    read = veil_nodes(extension, PROTOCOL, given.parts) if given.secret else given.parts
    parts = nodes.Tuple(read, "load", lineno=given.lineno)
    return nodes.Tuple([nodes.Const(given.name), nodes.Const(given.lineno), parts], "load", lineno=given.lineno)
