"""Where in the page the parser is: in which loop, group or cftry.

Rule: what has to be remembered while one template is parsed hangs on its parser, never on the extension, which threads share.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from jinja2.parser import Parser

__all__ = ["Nesting", "nesting_of"]


@dataclasses.dataclass
class Nesting:
    """`inside` is "loop" or "try" for each that is open, the innermost last; `left` the tries that a cfbreak in them leaves.

    `groups` counts the loops by groups that are open, `tries` all cftry so far; `caught` are the variables of open cfcatch.
    """

    inside: list[str] = dataclasses.field(default_factory=list)
    left: list[bool] = dataclasses.field(default_factory=list)
    groups: int = 0
    tries: int = 0
    caught: list[str] = dataclasses.field(default_factory=list)

    @contextmanager
    def loop(self, *, grouped: bool = False) -> Iterator[None]:
        self.inside.append("loop")
        self.groups += grouped
        yield
        self.groups -= grouped
        self.inside.pop()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        self.inside.append("try")
        yield
        self.inside.pop()


def nesting_of(parser: Parser) -> Nesting:
    """The nesting of this parser."""
    nesting: Nesting = vars(parser).setdefault("cfml_nesting", Nesting())
    return nesting
