"""`#expr#` in quoted values.

Rule: only text of the template itself is compiled. A value that arrives when the template runs is never searched for `#`; that
would let mail and form fields run code.

The expression is read by the same parser from a stream of its own. A second Parser would run every extension's `preprocess` on
the fragment.
"""

from __future__ import annotations

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

__all__ = ["parse_text", "split"]

HINT = "; write ## for the character #"


def split(text: str) -> list[tuple[bool, str, int]]:
    """The pieces of a text: (whether it is an expression, the piece, the line ends before it).

    `##` is `#`; a `#` begins an expression, which ends at the next `#` outside its own quotes. Raises ValueError when that is
    missing or nothing stands between.

    >>> split("a ## b #x#")
    [(False, 'a # b ', 0), (True, 'x', 0)]
    """
    pieces: list[tuple[bool, str, int]] = []
    plain = ""
    position = 0
    while True:
        found = text.find("#", position)
        if found < 0:
            plain += text[position:]
            break
        plain += text[position:found]
        if text.startswith("##", found):
            plain += "#"
            position = found + 2
            continue
        end = _closing(text, found + 1)
        expression = text[found + 1 : end]
        if not expression.strip():
            raise ValueError("there is nothing between # and #" + HINT)
        if plain:
            pieces.append((False, plain, 0))
            plain = ""
        pieces.append((True, expression, text.count("\n", 0, found)))
        position = end + 1
    if plain or not pieces:
        pieces.append((False, plain, 0))
    return pieces


def parse_text(parser: Parser, text: str, lineno: int, last: int) -> list[nodes.Expr]:
    """The parts of a quoted value: constants and expressions. One expression alone is its object.

    It begins on `lineno` and ends on `last` at the latest: a line end in the text may also come from an escape. Raises
    TemplateSyntaxError.
    """
    try:
        pieces = split(text)
    except ValueError as error:
        parser.fail(str(error), lineno)
    return [
        _parse_expression(parser, piece, min(lineno + lines, last)) if computed else nodes.Const(piece, lineno=lineno)
        for computed, piece, lines in pieces
    ]


def _closing(text: str, position: int) -> int:
    """Where the `#` stands that ends the expression beginning at `position`; quoted parts are skipped."""
    quote = ""
    while position < len(text):
        character = text[position]
        if quote and character == "\\":
            position += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return position
        position += 1
    raise ValueError("a # has no second # after it" + HINT)


def _parse_expression(parser: Parser, source: str, lineno: int) -> nodes.Expr:
    lexer = parser.environment.lexer
    name, filename = parser.name, parser.filename
    before = lineno - 1
    try:
        # Read to the end at once: the lexer counts its lines from 1, the parser below from where the fragment stands.
        raw = list(lexer.wrap(lexer.tokeniter(source, name, filename, "variable"), name, filename))
    except TemplateSyntaxError as error:
        raise TemplateSyntaxError(f"{error.message} in #{source}#{HINT}", error.lineno + before, name, filename) from None
    outer = parser.stream
    parser.stream = TokenStream([Token(token.lineno + before, token.type, token.value) for token in raw], name, filename)
    try:
        expression = parser.parse_expression()
        if parser.stream.current.type != "eof":
            parser.fail(f"unexpected {parser.stream.current.value!r}", parser.stream.current.lineno)
    except TemplateSyntaxError as error:
        message = (error.message or "").replace("end of template", "end")
        raise TemplateSyntaxError(f"{message} in #{source}#{HINT}", error.lineno, name, filename) from None
    finally:
        parser.stream = outer
    return expression
