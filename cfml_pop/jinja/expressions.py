"""CFML's expressions, from tokens to Jinja's nodes.

Rule: what an expression means is decided when the template runs, by calls of the extension; here is only its grammar. Names stay
Jinja's `Name` nodes: what they stand for is decided for the whole page in `names`. Nothing of this is read at run time.

    from the loosest to the tightest:  ?:  imp  eqv  xor  or  and  not  comparisons  &  + -  mod  \\  * /  ^  sign
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from cfml_pop.jinja.binding import PROTOCOL
from cfml_pop.jinja.grammar import CONSTANTS, LEVEL, NOT_LEVEL, PATHS, PHRASES, PREFIX, WORDS
from cfml_pop.jinja.tokens import CfmlToken, TokenFault, pieces_of, tokenize

__all__ = ["Reader", "Target"]

DEEPEST = 60
"""Of brackets in one another: deeper ones would exhaust Python's stack, here and in Jinja's compiler."""

MOST_PARENTHESES = 170
"""Of an expression as Jinja compiles it for asyncio: Python reads 200 in one another, and a few stand around."""

Target = tuple[str, list[nodes.Expr]]
"""What can be assigned to: the first name, and an expression for each name or index after it."""


class Reader:
    """Reads the text of the tag called `tag`. `lineno` is the line on which it begins; every fault is a TemplateSyntaxError with
    its line, and begins with the name of the tag."""

    def __init__(self, extension: Extension, parser: Parser, tag: str, text: str, lineno: int, depth: int = 0) -> None:
        self.extension = extension
        self.parser = parser
        self.tag = tag
        self.lineno = lineno
        self.base: int = depth
        self.depth: int = depth
        self.position: int = 0
        self.targets: dict[int, Target] = {}
        self.chains: dict[int, list[nodes.Expr]] = {}
        try:
            self.tokens: list[CfmlToken] = tokenize(text)
        except TokenFault as fault:
            self.fail(str(fault), fault.line)
        if len(self.tokens) > 1 and self.tokens[-2].value == "/" and self.tokens[-2].kind == "op":
            del self.tokens[-2]  # a tag may end in />

    # -- tokens ----------------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> CfmlToken:
        return self.tokens[self.position]

    def look(self, ahead: int = 1) -> CfmlToken:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def take(self) -> CfmlToken:
        token = self.current
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def skip(self, sign: str) -> bool:
        found = self.current.kind == "op" and self.current.value == sign
        if found:
            self.take()
        return found

    def expect(self, sign: str) -> None:
        if not self.skip(sign):
            self.fail(f"expected {sign!r}, got {self.current.describe()}")

    def expect_end(self) -> None:
        if self.current.kind != "end":
            hint = "; to compare write eq, to assign write cfset" if self.current.value == "=" else ""
            self.fail(f"unexpected {self.current.describe()}{hint}")

    def fail(self, message: str, line: int | None = None) -> NoReturn:
        self.parser.fail(f"{self.tag}: {message}", self.lineno + (self.current.line if line is None else line))

    def here(self) -> int:
        return self.lineno + self.current.line

    def call(self, method: str, *arguments: nodes.Expr, lineno: int) -> nodes.Expr:
        return self.extension.call_method(method, [nodes.Const(PROTOCOL), *arguments], lineno=lineno)

    # -- expressions -----------------------------------------------------------------------------------------------------------

    def whole(self) -> nodes.Expr:
        """The whole text as one expression."""
        found = self.expression()
        self.expect_end()
        return found

    def condition(self, where: str) -> nodes.Expr:
        """The whole text as a condition: an expression whose value is true or false."""
        lineno = self.here()
        return self.truth(self.whole(), where, lineno)

    def truth(self, value: nodes.Expr, where: str, lineno: int) -> nodes.Expr:
        if isinstance(value, (nodes.And, nodes.Or, nodes.Not)):
            return value  # its sides have been seen to
        return self.call("_truth", value, nodes.Const(where), lineno=lineno)

    def expression(self) -> nodes.Expr:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"more than {DEEPEST} brackets in one another")
        lineno = self.here()
        found = self.binary(0)
        if self.skip("?"):
            if self.skip(":"):
                found = self.call("_otherwise", found, self.expression(), lineno=lineno)
            else:
                first = self.expression()
                self.expect(":")
                found = nodes.CondExpr(self.truth(found, "?:", lineno), first, self.expression(), lineno=lineno)
        self.depth -= 1
        if self.depth == self.base and _parentheses(found) > MOST_PARENTHESES:
            self.fail("this expression is too deep; set a part of it with cfset first, and use that")
        return found

    def operator(self) -> tuple[str, int]:
        """The operator at this place and how many tokens it takes; ("", 0) where there is none."""
        for words, name in PHRASES:
            if all(self.look(ahead).word == word for ahead, word in enumerate(words)):
                return name, len(words)
        return "", 0

    def binary(self, lowest: int) -> nodes.Expr:
        """Operands and the operators between them that are at least as tight as `lowest`."""
        nots = self.repeated("not", "!")
        left = self.binary(NOT_LEVEL) if nots else self.signed()
        for _, lineno in reversed(nots):
            left = nodes.Not(self.truth(left, "not", lineno), lineno=lineno)
        while True:
            name, length = self.operator()
            level = LEVEL.get(name, -1)
            if level < lowest:
                return left
            lineno = self.here()
            for _ in range(length):
                self.take()
            left = self.combined(name, left, self.binary(level + 1), lineno)

    def combined(self, name: str, left: nodes.Expr, right: nodes.Expr, lineno: int) -> nodes.Expr:
        if name in ("and", "or"):
            kind = nodes.And if name == "and" else nodes.Or
            return kind(self.truth(left, name, lineno), self.truth(right, name, lineno), lineno=lineno)
        if name != "&":
            return self.call("_operate", nodes.Const(name), left, right, lineno=lineno)
        parts = self.chains.get(id(left))
        if parts is not None:  # one call for a & b & c, so that a long text is no deep nest
            parts.append(right)
            return left
        parts = [left, right]
        joined = self.call("_concat", nodes.Tuple(parts, "load", lineno=lineno), lineno=lineno)
        self.chains[id(joined)] = parts
        return joined

    def repeated(self, *signs: str) -> list[tuple[str, int]]:
        """The signs of these that stand here, each with its line."""
        found: list[tuple[str, int]] = []
        while self.current.word in signs:
            found.append((self.current.value, self.here()))
            self.take()
        if len(found) > DEEPEST:
            self.fail(f"this expression is too deep: it begins with more than {DEEPEST} signs")
        return found

    def signed(self) -> nodes.Expr:
        signs = self.repeated("-", "+")
        value = self.operand()
        for sign, lineno in reversed(signs):
            if isinstance(value, nodes.Const) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
                value = nodes.Const(-value.value if sign == "-" else value.value, lineno=lineno)
            else:
                value = self.call("_operate", nodes.Const(sign), nodes.Const(0), value, lineno=lineno)
        return value

    # -- operands --------------------------------------------------------------------------------------------------------------

    def operand(self) -> nodes.Expr:
        lineno = self.here()
        token = self.current
        if token.kind == "number":
            self.take()
            return nodes.Const(_number(token.value), lineno=lineno)
        if token.kind == "string":
            return self.path(self.text(self.take()), None)
        if token.kind == "name":
            return self.variable()
        if self.skip("#"):
            found = self.expression()
            self.expect("#")
            return found
        if self.skip("("):
            found = self.expression()
            self.expect(")")
            return self.path(found, None)
        if self.skip("["):
            items = self.sequence("]", self.expression)
            return self.path(self.call("_array", nodes.Tuple(items, "load", lineno=lineno), lineno=lineno), None)
        if self.skip("{"):
            pairs = self.sequence("}", self.pair)
            return self.path(self.call("_struct", nodes.Tuple(pairs, "load", lineno=lineno), lineno=lineno), None)
        return self.fail(f"expected a value, got {token.describe()}")

    def sequence(self, closing: str, read: Callable[[], nodes.Expr]) -> list[nodes.Expr]:
        items: list[nodes.Expr] = []
        while not self.skip(closing):
            if items:
                self.expect(",")
            items.append(read())
        return items

    def pair(self) -> nodes.Expr:
        token = self.take()
        if token.kind == "string":
            key = self.text(token)
        elif token.kind == "name":
            key = nodes.Const(token.value, lineno=self.lineno + token.line)
        else:
            self.fail(f"expected the name of a key, got {token.describe()}", token.line)
        if not self.skip(":"):
            self.expect("=")
        return nodes.Tuple([key, self.expression()], "load", lineno=self.lineno + token.line)

    def text(self, token: CfmlToken) -> nodes.Expr:
        """A string. One expression alone is its object; several pieces are joined to text."""
        lineno = self.lineno + token.line
        try:
            pieces = pieces_of(token)
        except TokenFault as fault:
            self.fail(str(fault), fault.line)
        parts: list[nodes.Expr] = []
        for computed, piece, line in pieces:
            if computed:
                parts.append(Reader(self.extension, self.parser, self.tag, piece, self.lineno + line, self.depth + 1).whole())
            else:
                parts.append(nodes.Const(piece, lineno=lineno))
        return parts[0] if len(parts) == 1 else self.call("_join", nodes.Tuple(parts, "load", lineno=lineno), lineno=lineno)

    def variable(self) -> nodes.Expr:
        lineno = self.here()
        token = self.take()
        calling = self.current.kind == "op" and self.current.value == "("
        if token.word in CONSTANTS and not calling:
            return nodes.Const(CONSTANTS[token.word], lineno=lineno)
        if token.word.startswith(PREFIX):
            self.fail(f"names that begin with {PREFIX} are not the page's", token.line)
        if token.word in WORDS:
            self.fail(f"expected a value, got the operator {token.value!r}", token.line)
        return self.path(nodes.Name(token.value, "load", lineno=lineno), None if calling else (token.value, []))

    def path(self, found: nodes.Expr, target: Target | None) -> nodes.Expr:
        """What follows a value: `.name`, `[index]`, `(arguments)`."""
        while self.current.kind == "op":
            lineno = self.here()
            if self.skip("."):
                token = self.take()
                if token.kind != "name":
                    self.fail(f"expected a name after the dot, got {token.describe()}", token.line)
                step: nodes.Expr = nodes.Const(token.value, lineno=lineno)
                found = self.call("_member", nodes.ContextReference(), found, step, lineno=lineno)
            elif self.skip("["):
                step = self.expression()
                self.expect("]")
                found = self.call("_item", nodes.ContextReference(), found, step, lineno=lineno)
            elif self.skip("("):
                found = self.arguments(found, lineno)
                target = None
                continue
            else:
                break
            if target is not None:
                target = (target[0], [*target[1], step])
        if target is not None:
            self.targets[id(found)] = target
        return found

    def arguments(self, function: nodes.Expr, lineno: int) -> nodes.Expr:
        given: list[nodes.Expr] = []
        named: list[nodes.Keyword] = []
        first = True
        while not self.skip(")"):
            if not first:
                self.expect(",")
            first = False
            if self.current.kind == "name" and self.look().kind == "op" and self.look().value == "=":
                name = self.take().value
                self.take()
                named.append(nodes.Keyword(name, self.expression(), lineno=lineno))
            elif named:
                self.fail("an argument without name stands after one with a name")
            else:
                given.append(self.expression())
        return nodes.Call(function, given, named, None, None, lineno=lineno)


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() and len(text) <= 15 else float(text)


def _parentheses(node: nodes.Node) -> int:
    """How deep the parentheses will be, counted generously: a call is awaited, and a name becomes one."""
    deepest = 0
    waiting: list[tuple[nodes.Node, int]] = [(node, 0)]
    while waiting:
        one, around = waiting.pop()
        around += 5 if isinstance(one, nodes.Name) else 3 if isinstance(one, nodes.Call) else 1
        if isinstance(one, nodes.Call) and isinstance(one.node, nodes.ExtensionAttribute) and one.node.name in PATHS:
            around += 3  # see names: what is below may be a query at a row
        deepest = max(deepest, around)
        waiting += [(child, around) for child in one.iter_child_nodes()]
    return deepest
