"""The words of CFML's expressions: operators and how tight they are, constants, and the names that are ours.

Rule: tables only. A further spelling of an operator is one entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["COMPARISONS", "CONSTANTS", "LEVEL", "LEVELS", "NOT_LEVEL", "PAGE_FUNCTIONS", "PATHS", "PHRASES", "PREFIX", "WORDS"]

PREFIX = "_cfml_"
"""Variables of ours in a template begin so; no page may use one."""

PAGE_FUNCTIONS: Mapping[str, str] = MappingProxyType({"isdefined": "isDefined", "parameterexists": "parameterExists"})
"""The functions that ask what a name of the page stands for; lower case to CFML's spelling."""

_PHRASES: dict[str, str] = {
    "greater than or equal to": "gte",
    "less than or equal to": "lte",
    "does not contain": "does not contain",
    "greater than": "gt",
    "less than": "lt",
    "not equal": "neq",
    "is not": "neq",
    "not contains": "does not contain",
    **dict.fromkeys(("eq", "is", "equal", "==", "==="), "eq"),
    **dict.fromkeys(("neq", "!=", "!==", "<>"), "neq"),
    **dict.fromkeys(("gt", ">"), "gt"),
    **dict.fromkeys(("gte", "ge", ">="), "gte"),
    **dict.fromkeys(("lt", "<"), "lt"),
    **dict.fromkeys(("lte", "le", "<="), "lte"),
    **dict.fromkeys(("contains", "ct"), "contains"),
    "nct": "does not contain",
    "mod": "mod",
    "%": "mod",
    "&&": "and",
    "||": "or",
    **{word: word for word in ("imp", "eqv", "xor", "or", "and", "&", "+", "-", "\\", "*", "/", "^")},
}
PHRASES = sorted(((tuple(phrase.split()), name) for phrase, name in _PHRASES.items()), key=lambda pair: -len(pair[0]))
"""Every spelling of an operator, as words, and its name; the longest first."""

COMPARISONS = frozenset({"eq", "neq", "gt", "gte", "lt", "lte", "contains", "does not contain"})
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"imp"}),
    frozenset({"eqv"}),
    frozenset({"xor"}),
    frozenset({"or"}),
    frozenset({"and"}),
    COMPARISONS,
    frozenset({"&"}),
    frozenset({"+", "-"}),
    frozenset({"mod"}),
    frozenset({"\\"}),
    frozenset({"*", "/"}),
    frozenset({"^"}),
)
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
NOT_LEVEL = LEVELS.index(COMPARISONS)
WORDS = frozenset(word for words, _ in PHRASES for word in words if word.isalpha()) - {
    "to",
    "than",
    "less",
    "greater",
    "equal",
    "does",
    "contain",
}
"""Operators that no variable can be called."""

PATHS = frozenset({"_member", "_item"})
"""The calls that read below a value."""

CONSTANTS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False, "yes": True, "no": False})
