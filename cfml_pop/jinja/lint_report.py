"""The rules of the linter, and what it found.

Rule: RULES is the one list of rules; the command line, its SARIF and the manual take their names, levels and texts from here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["ERROR", "RULES", "WARNING", "Finding", "Report", "Rule"]

ERROR, WARNING = "error", "warning"

MISPLACED = " is not an attribute of "
"""What the text of every unknown attribute holds, whatever the tag."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule: its level (ERROR: the page will not run, or not as meant; WARNING: it will) and one sentence of help."""

    level: str
    help: str


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "syntax": Rule(ERROR, "The template engine cannot read this."),
        "unknown-tag": Rule(ERROR, "No tag of that name is loaded; CFML's tags beside cfpop are loaded with --tags."),
        "unknown-attribute": Rule(
            ERROR, "The tag has no attribute of that name. A warning where the dialect ignores such attributes."
        ),
        "attribute": Rule(ERROR, "An attribute is missing, given twice, not accepted beside another one, or has a wrong value."),
        "unknown-filter": Rule(
            ERROR,
            "No filter or test of that name is loaded; CFML's functions are with --functions. "
            "--known NAME says that the program gives it.",
        ),
        "unknown-function": Rule(
            WARNING,
            "No function of that name is loaded or made in the template. --known NAME says that the program gives it.",
        ),
        "delete-without-selection": Rule(
            ERROR, "A delete that names no messages is refused when it runs, because it would empty the mailbox."
        ),
        "literal-password": Rule(
            WARNING, 'A password stands in the template; connection="..." names a mailbox whose password only the program knows.'
        ),
        "unknown-connection": Rule(ERROR, "The configuration has no connection of that name."),
        "hash-in-call": Rule(
            WARNING, "In cfpop(...) strings are the template engine's: # is a plain character there, and #name# is no variable."
        ),
        "unknown-column": Rule(WARNING, "A row has no column of that name, so nothing is printed for it."),
        "unported-tag": Rule(
            WARNING, "A cfpop stands here between other delimiters than those that are read, so it is only text."
        ),
        "unreadable": Rule(ERROR, "The file cannot be read as UTF-8 text."),
    }
)
"""The rules by their ids."""


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One fault. `line` and `column` count from 1; column 0 is not known."""

    line: int
    column: int
    rule: str
    text: str
    level: str


class Report:
    """Collects the findings of one source; the same one twice is one."""

    def __init__(self, source: str) -> None:
        self.lines: list[str] = source.splitlines()
        self.found: set[Finding] = set()

    def add(self, rule: str, line: int | None, text: str, *, word: str = "", level: str = "") -> None:
        """Enter a finding. `word` is what the line is searched for to find the column; only where it stands there once."""
        line = max(line or 1, 1)
        self.found.add(Finding(line, self.column(line, word), rule, text, level or RULES[rule].level))

    def add_attribute(self, line: int | None, text: str, *, word: str = "") -> None:
        """Enter what is wrong with an attribute of a tag; its rule is told by the text."""
        rule = "unknown-attribute" if MISPLACED in text else "attribute"
        self.add(rule, line, text, word=word or text.split(" ")[0])

    def column(self, line: int, word: str) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        places = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)] if word else []
        return places[0] + 1 if len(places) == 1 else 0

    @property
    def findings(self) -> list[Finding]:
        return sorted(self.found)
