"""Colours for templates with `<% %>` blocks, which Pygments does not know.

Rule: what stands outside of `<% %>`, `<%# #%>` and `{{ }}` is HTML, and is left to Pygments.
"""

from __future__ import annotations

import re
from typing import Any

from pygments.lexer import DelegatingLexer, RegexLexer, words
from pygments.lexers.html import HtmlLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Other, String, Whitespace

__all__ = ["TemplateLexer"]

STATEMENTS = (
    "block",
    "call",
    "elif",
    "else",
    "extends",
    "filter",
    "for",
    "from",
    "if",
    "import",
    "include",
    "macro",
    "set",
    "with",
)
WORDS = ("and", "as", "contains", "context", "eq", "gt", "gte", "in", "is", "lt", "lte", "mod", "neq", "not", "or", "without")
INSIDE: list[Any] = [
    (r"\s+", Whitespace),
    (r'"(?:[^"\\]|\\.|"")*"|\'[^\']*\'', String),
    (r"\d+(?:\.\d+)?\b", Number),
    (words(WORDS, r"\b", r"\b"), Operator.Word),
    (r"\w+(?=\s*=(?!=))", Name.Attribute),
    (r"\w+", Name.Variable),
    (r".", Operator),
]


class _Blocks(RegexLexer):
    """The blocks; all else is Other."""

    flags = re.IGNORECASE | re.DOTALL
    tokens = {  # noqa: RUF012 - as Pygments declares it
        "root": [
            (r"<%#.*?#%>", Comment),
            (r"<%[-+]?", Comment.Preproc, "block"),
            (r"\{\{", Comment.Preproc, "print"),
            (r"[^<{]+|[<{]", Other),
        ],
        "block": [
            (r"/?[-+]?%>", Comment.Preproc, "#pop"),
            (r"/?\b(?:cf|end)\w+", Keyword),
            (words(STATEMENTS, r"\b", r"\b"), Keyword),
            *INSIDE,
        ],
        "print": [(r"\}\}", Comment.Preproc, "#pop"), *INSIDE],
    }


class TemplateLexer(DelegatingLexer):
    """HTML with the blocks of `cfml_environment`."""

    name = "cfml_pop template"

    def __init__(self, **options: Any) -> None:
        super().__init__(HtmlLexer, _Blocks, **options)
