"""CFML's text of a tag, cut into tokens.

Rule: only the text of the template itself comes here. A string keeps its `#expr#` unread; who reads the string compiles them.
"""

from __future__ import annotations

import dataclasses
import re

from cfml_pop.jinja.source import hash_end, string_end

__all__ = ["CfmlToken", "TokenFault", "pieces_of", "tokenize"]

_PATTERN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z_0-9]))"
    r"|(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)"
    r"|(?P<op>&&|\|\||&=|\+=|-=|\*=|/=|%=|\+\+|--|===|!==|==|!=|<>|<=|>=|[<>=!?:&+\-*/\\^%(),.;\[\]{}#])"
)

HINT = "; write ## for the character #"


class TokenFault(ValueError):
    """What cannot be read, and the line of it, counted from 0 at the beginning of the text."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclasses.dataclass(frozen=True)
class CfmlToken:
    """`kind` is number, string, name, op or end. `value` of a string is the text between its quotes as written.

    `line` counts from 0 at the beginning of the text.
    """

    kind: str
    value: str
    line: int
    quote: str = ""

    @property
    def word(self) -> str:
        """What is compared with operators: names in lower case, signs as they are, nothing of strings and numbers."""
        return self.value.lower() if self.kind in ("name", "op") else ""

    def describe(self) -> str:
        return "the end" if self.kind == "end" else repr(f"{self.quote}{self.value}{self.quote}")


def tokenize(text: str) -> list[CfmlToken]:
    """The tokens, an `end` at last. Raises TokenFault."""
    tokens: list[CfmlToken] = []
    at = line = 0
    while at < len(text):
        if text[at] in "\"'":
            end = string_end(text, at)
            if end < 0:
                raise TokenFault("a quote has no second quote after it", line)
            tokens.append(CfmlToken("string", text[at + 1 : end - 1], line, text[at]))
        else:
            found = _PATTERN.match(text, at)
            if found is None:
                raise TokenFault(f"unexpected character {text[at]!r}", line)
            end = found.end()
            if found.lastgroup != "blank":
                tokens.append(CfmlToken(str(found.lastgroup), found.group(), line))
        line += text.count("\n", at, end)
        at = end
    return [*tokens, CfmlToken("end", "", line)]


def pieces_of(token: CfmlToken) -> list[tuple[bool, str, int]]:
    """The pieces of a string: (whether it is an expression, the piece, its line). `##` is `#`, a doubled quote one quote.

    Raises TokenFault when a `#` has no second one, or nothing stands between.
    """
    text, quote = token.value, token.quote
    pieces: list[tuple[bool, str, int]] = []
    plain: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character != "#":
            plain.append(character)
            at += 2 if character == quote else 1  # in here a quote of its own is always doubled
            continue
        line = token.line + text.count("\n", 0, at)
        if text.startswith("#", at + 1):
            plain.append("#")
            at += 2
            continue
        end = hash_end(text, at + 1)
        if end < 0:
            raise TokenFault("a # has no second # after it" + HINT, line)
        if not text[at + 1 : end].strip():
            raise TokenFault("there is nothing between # and #" + HINT, line)
        if plain:
            pieces.append((False, "".join(plain), token.line))
            plain = []
        pieces.append((True, text[at + 1 : end], line))
        at = end + 1
    if plain or not pieces:
        pieces.append((False, "".join(plain), token.line))
    return pieces
