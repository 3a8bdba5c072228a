"""Reading a template behind its faults: where Jinja's parser stops, this one notes the fault and goes on.

Rule: a fault is told once. After one that leaves open which block belongs to which, blocks that seem to be opened or closed
wrongly are passed over, because that may follow from the first.

A statement that the lexer cannot read is blanked out in the source, which keeps its lines, and the source is read again. One that
the parser cannot read is left behind at its end; its body is read as if it stood alone.
"""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Callable

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from cfml_pop.jinja.extension import CfpopExtension
from cfml_pop.jinja.faults import TagFaults
from cfml_pop.jinja.given import Tag
from cfml_pop.jinja.lint_report import Report
from cfml_pop.jinja.tag import build_tag, read_tag
from cfml_pop.jinja.tags import ALONE, PAGE_TAG, PARTS, QUOTED, CfmlTagsExtension, page_message

__all__ = ["read_template"]

UNLOADED = "{} is one of CFML's tags, which are loaded with --tags"
NAME = re.compile(r"[-+]?\s*/?\s*(\w+)")
"""What a statement begins with."""

MOST = 100
"""Statements of one template that the lexer may fail on; each costs a reading of the whole."""

KEYWORDS = (
    "autoescape", "block", "call", "extends", "filter", "for", "from", "if", "import", "include", "macro", "print", "set", "with"
)  # fmt: skip
"""Jinja's own tags."""

SECOND = frozenset({"else", "elif", *ALONE, *PARTS})
"""Tags that have no meaning without one around them."""

OFFSET = re.compile(r" at \d+(?=;|$)")
"""Jinja counts the characters of the source, which helps nobody who counts lines."""


def read_template(
    environment: Environment, source: str, name: str | None, report: Report, see_tag: Callable[[Tag], None]
) -> nodes.Template | None:
    """The tree of what can be read. Faults go into `report`; `see_tag` is called with each cfpop tag, faulty ones too.

    None when the source is so broken that it has no tokens.
    """
    read = _read_tokens(environment, source, name, report)
    if read is None:
        return None
    tokens, blanked = read
    return _Parser(environment, name, tokens, report, see_tag, unsure=blanked).parse()


# -- tokens ------------------------------------------------------------------------------------------------------------------


def _read_tokens(environment: Environment, source: str, name: str | None, report: Report) -> tuple[list[Token], bool] | None:
    """The tokens of the source, and whether a statement had to be left out."""
    for blanked in range(MOST):
        try:
            return list(Parser(environment, source, name).stream), blanked > 0
        except TemplateSyntaxError as error:
            place, begin = _unreadable(environment, source, error.lineno)
            tag = NAME.match(source, place.end()) if place else None
            if tag and tag[1].lower() in QUOTED and CfmlTagsExtension.identifier not in environment.extensions:
                report.add("unknown-tag", begin, UNLOADED.format(tag[1]), word=tag[1])
            else:
                message = OFFSET.sub("", error.message or "")
                report.add("syntax", begin, message if begin == error.lineno else f"{message} (on line {error.lineno})")
            if place is None:
                return None
            ends = [at + len(end) for end in _ends(environment) if (at := source.find(end, place.end())) >= 0]
            end = min(ends, default=len(source))
            source = source[: place.start()] + re.sub(r"[^\r\n]", " ", source[place.start() : end]) + source[end:]
    return None


def _unreadable(environment: Environment, source: str, lineno: int) -> tuple[re.Match[str] | None, int]:
    """Where the statement opens that the lexer fails in, and its line; if it does not fail, the last one up to `lineno`."""
    begins: list[int] = []
    inside = failed = False
    try:
        for line, kind, _ in environment.lexer.tokeniter(environment.preprocess(source), None):
            if kind in ("block_begin", "variable_begin"):
                begins.append(line)
                inside = True
            elif kind in ("block_end", "variable_end"):
                inside = False
    except TemplateSyntaxError:
        failed = inside
    starts = (environment.comment_start_string, environment.block_start_string, environment.variable_start_string)
    opening = re.compile("|".join(re.escape(start) for start in sorted(starts, key=len, reverse=True)))
    line_ends = [found.start() for found in re.finditer("\n", source)]
    found = [(bisect.bisect_left(line_ends, one.start()) + 1, one) for one in opening.finditer(source)]
    statements = [(line, one) for line, one in found if one.group() != environment.comment_start_string]
    if failed:
        on_line = [one for line, one in statements if line == begins[-1]][: begins.count(begins[-1])]
        if on_line:
            return on_line[-1], begins[-1]
    before = [(one, line) for line, one in statements if line <= lineno]
    return before[-1] if before else next(((one, line) for line, one in found), (None, lineno))


def _ends(environment: Environment) -> tuple[str, str, str]:
    return environment.block_end_string, environment.variable_end_string, environment.comment_end_string


# -- parsing -----------------------------------------------------------------------------------------------------------------


class _Parser(Parser):
    """Jinja's parser over tokens that are there already. `unsure`: which block belongs to which is no longer known."""

    def __init__(
        self,
        environment: Environment,
        name: str | None,
        tokens: list[Token],
        report: Report,
        see_tag: Callable[[Tag], None],
        *,
        unsure: bool,
    ) -> None:
        super().__init__(environment, "", name)
        self.report = report
        self.see_tag = see_tag
        self.unsure = unsure
        self.stream = TokenStream(self.readable(tokens), name, None)

    def readable(self, tokens: list[Token]) -> list[Token]:
        """The tokens without the outputs that cannot be read, whose faults are noted."""
        kept: list[Token] = []
        start = 0
        for token in tokens:
            if token.type == "variable_begin":
                start = len(kept)
            kept.append(token)
            if token.type == "variable_end":
                self.stream = TokenStream(kept[start + 1 :], self.name, None)
                try:
                    self.parse_tuple(with_condexpr=True)
                    self.stream.expect("variable_end")
                except TemplateSyntaxError as error:
                    self.report.add("syntax", error.lineno, error.message or "")
                    del kept[start:]
        return kept

    def parse_statement(self) -> nodes.Node | list[nodes.Node]:
        token = self.stream.current
        found: nodes.Node | list[nodes.Node] = []
        try:
            extension = self.environment.extensions.get(CfpopExtension.identifier)
            if token.type == "name" and token.value == "cfpop" and extension is not None:
                found = self.parse_cfpop(extension)
            else:
                found = super().parse_statement()
            if self.stream.current.type != "block_end":
                self.stream.expect("block_end")  # raises
        except TemplateSyntaxError as error:
            self.note(token, error)
            self.leave()
        return found

    def parse_cfpop(self, extension: Extension) -> list[nodes.Node]:
        tag = read_tag(self)
        self.see_tag(tag)
        return [] if tag.faults else build_tag(extension, self, tag)

    def note(self, token: Token, error: TemplateSyntaxError) -> None:
        tag = str(token.value)
        follows = tag.startswith(("end", "/")) or tag in SECOND or self.stream.current.type == "eof"
        if isinstance(error, TagFaults):
            for line, text in error.faults:
                self.report.add_attribute(line, f"{tag}: {text}", word=text.split(" ")[0])
        elif not (follows and self.unsure):
            message = page_message(error.message or "")
            unknown = not follows and message.startswith("Encountered unknown tag")
            if message.startswith("Unexpected end of template") and tag != PAGE_TAG:
                self.report.add("syntax", token.lineno, f"{tag} is not closed before the end of the template", word=tag)
            elif unknown:
                self.report.add("unknown-tag", token.lineno, self.about_unknown(tag), word=tag)
            else:
                self.report.add("syntax", error.lineno, message)
        self.unsure = self.unsure or tag != "cfpop"

    def about_unknown(self, tag: str) -> str:
        if tag.lower() in QUOTED:
            return UNLOADED.format(tag)
        close = difflib.get_close_matches(tag.lower(), sorted({*KEYWORDS, *self.extensions} - {PAGE_TAG}), 2, 0.6)
        return f"there is no tag {tag}" + (f"; did you mean {' or '.join(close)}?" if close else "")

    def leave(self) -> None:
        """Go on at the end of the statement. Where the template has none any more, one is put there for each open block."""
        while self.stream.current.type not in ("block_end", "eof"):
            next(self.stream)
        if self.stream.current.type == "eof":
            self.stream = TokenStream(iter([Token(self.stream.current.lineno, "block_end", "")]), self.name, None)
