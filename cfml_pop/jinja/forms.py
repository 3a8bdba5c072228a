"""Spellings of the tag: its name in any case, `{{ cfpop(..., name="mail") }}` and `{% do cfpop(..., name="mail") %}`.

Rule: tokens in, tokens out, one statement at a time; whatever is no such spelling goes through as it came. A call with
`name` or `catch` in any other place is an error, because a function can bind nothing there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from jinja2 import TemplateSyntaxError
from jinja2.lexer import Token, TokenStream

from cfml_pop.cfml.attributes import find_attribute
from cfml_pop.jinja.faults import ESCAPE_HINT
from cfml_pop.jinja.veil import hidden

__all__ = ["rewrite"]

OPENING = {"variable_begin": "variable_end", "block_begin": "block_end"}
BRACKETS = {"lparen": 1, "lbracket": 1, "lbrace": 1, "rparen": -1, "rbracket": -1, "rbrace": -1}


def rewrite(stream: TokenStream, *, ours: bool = True) -> Iterator[Token]:
    """The tokens with those spellings turned into the statement. Raises TemplateSyntaxError on the line of a misplaced `name`.

    `ours` False: the environment's function cfpop is another one, so calls go through as they came.
    """
    closing = ""
    statement: list[Token] = []
    tokens = iter(stream)
    while True:
        try:
            token = next(tokens)
        except StopIteration:
            break
        except TemplateSyntaxError as error:
            if not _is_tag(statement):
                raise
            message = _mended(error.message or "", statement)
            lineno, name, filename = error.lineno, error.name, error.filename
        else:
            message = ""
        if message:  # raised outside of the handler: the lexer's error would hang on this one, and may show a piece of a password
            raise TemplateSyntaxError(message, lineno, name, filename)
        if statement and statement[-1].type == "block_begin" and token.type == "name" and token.value.lower() == "cfpop":
            token = token._replace(value="cfpop")  # the tag, as CFML's pages spell it: CFPOP, CfPop
        statement.append(token)
        closing = closing or OPENING.get(token.type, "")
        if not closing or token.type == closing:
            yield from _rewrite_statement(statement, stream) if ours else statement
            closing = ""
            statement = []
    yield from statement


def _rewrite_statement(tokens: list[Token], stream: TokenStream) -> Iterable[Token]:
    for start in range(1, len(tokens) - 1):
        if not _is_name(tokens[start], "cfpop") or tokens[start + 1].type != "lparen":
            continue
        before = tokens[start - 1]
        end, binding = _arguments(tokens, start + 1)
        if binding is None or before.type == "dot" or _is_name(before, "macro"):
            continue
        alone = end == len(tokens) - 2 or (end == len(tokens) - 3 and tokens[end + 1].type == "div")  # as a tag it may end in /
        if alone and before.type == "block_begin":
            continue
        if alone and before.type == "variable_begin":
            last = tokens[-1]
            return [before._replace(type="block_begin"), *tokens[1:-1], last._replace(type="block_end")]
        if alone and start == 2 and _is_name(before, "do"):
            return [tokens[0], *tokens[2:]]
        raise TemplateSyntaxError(
            f"{binding.value} in cfpop(...) binds a variable only where the call is the whole statement; "
            "write set mail = cfpop(...) without it, and use mail here",
            binding.lineno,
            stream.name,
            stream.filename,
        )
    return tokens


def _arguments(tokens: list[Token], start: int) -> tuple[int, Token | None]:
    """Where the parenthesis opened at `start` closes, and the argument that names a variable, if there is one."""
    depth = 0
    binding: Token | None = None
    for position in range(start, len(tokens)):
        token = tokens[position]
        depth += BRACKETS.get(token.type, 0)
        if depth == 0:
            return position, binding
        if depth == 1 and token.type == "name" and tokens[position + 1].type == "assign":
            attribute = find_attribute(token.value)
            if attribute is not None and attribute.kind == "variable":
                binding = binding or token
    return len(tokens), binding


def _is_name(token: Token, value: str) -> bool:
    return token.type == "name" and token.value == value


def _mended(message: str, statement: list[Token]) -> str:
    """The text for what the lexer cannot read in a tag: `statement` is what it has read so far."""
    if "escape" in message:
        return f"cfpop: {message}; {ESCAPE_HINT}"
    named = [before.value for before, token in itertools.pairwise(statement) if token.type == "assign" and before.type == "name"]
    attribute = find_attribute(named[-1]) if named else None
    if attribute is not None and attribute.secret:
        return f"cfpop: {hidden(named[-1])}"
    return f"{message}; values of cfpop go in quotes"


def _is_tag(statement: list[Token]) -> bool:
    return len(statement) > 1 and _is_name(statement[1], "cfpop")
