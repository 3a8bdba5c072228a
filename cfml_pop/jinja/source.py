"""The text of CFML's tags in a template's source.

Rule: the text of our own tags is put into quotes, so that Jinja's lexer, which knows neither `&` nor `#` nor CFML's quotes, hands
it over as it stands: `<% cfset x = a & b %>` becomes `<% cfset" x = a & b " %>`. Nothing else is changed, and no line moves.
Comments, raw blocks, output and other statements are skipped as Jinja would.

    tag := BLOCK_BEGIN NAME text BLOCK_END        NAME is one of `names`, any case; `/cfif` is `endcfif`
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

from jinja2 import Environment

__all__ = ["hash_end", "quote_tags", "string_end"]

_RAW = re.compile(r"raw\b")


def quote_tags(environment: Environment, source: str, names: Collection[str]) -> str:
    """The source with the text of the tags called `names` (lower case, without `end`) in quotes."""
    scan = _scanner(
        environment.block_start_string,
        environment.block_end_string,
        environment.variable_start_string,
        environment.variable_end_string,
        environment.comment_start_string,
        environment.comment_end_string,
        frozenset(names),
    )
    return scan.quote(source)


def string_end(text: str, position: int, stop: str = "") -> int:
    """Where the CFML string that begins at `position` ends: behind its closing quote; -1 if it has no end.

    A doubled quote is a quote. `#...#` in it is an expression with strings of its own; one that has no second `#` before the end
    of the line (or before `stop`) is a plain character here, and a fault to whoever reads the string.
    """
    return _Ends(text, stop).string(position, 0)


def hash_end(text: str, position: int, stop: str = "") -> int:
    """Where the second `#` of the expression stands that begins behind `position`; -1 if there is none."""
    return _Ends(text, stop).hash(position, 0)


class _Ends:
    """Finds ends in one text. What was found is kept: strings and expressions lie in one another and would be read again."""

    DEEPEST = 12
    """Of strings in expressions in strings; no page needs three."""

    def __init__(self, text: str, stop: str) -> None:
        self.text = text
        self.stop = stop
        self.found: dict[tuple[int, int], int] = {}
        self.strings: dict[tuple[int, int], int] = {}

    def string(self, position: int, depth: int) -> int:
        key = (position, depth)
        if key not in self.strings:
            self.strings[key] = self.find_quote(position, depth)
        return self.strings[key]

    def find_quote(self, position: int, depth: int) -> int:
        text, quote = self.text, self.text[position]
        at = position + 1
        while at < len(text):
            character = text[at]
            if character == quote:
                if not text.startswith(quote, at + 1):
                    return at + 1
                at += 2
            elif character == "#" and text.startswith("#", at + 1):
                at += 2
            elif character == "#" and depth < self.DEEPEST:
                end = self.hash(at + 1, depth + 1)
                at = at + 1 if end < 0 else end + 1
            else:
                at += 1
        return -1

    def hash(self, position: int, depth: int) -> int:
        key = (position, depth)
        if key not in self.found:
            self.found[key] = self.find_hash(position, depth)
        return self.found[key]

    def find_hash(self, at: int, depth: int) -> int:
        text = self.text
        while 0 <= at < len(text):
            character = text[at]
            if character == "#":
                return at
            if character in "\"'":
                at = self.string(at, depth)
            elif character in "\r\n" or (self.stop and text.startswith(self.stop, at)):
                return -1
            else:
                at += 1
        return -1


class _TextEnd:
    """Finds where the texts of tags end in one source. From where none was found, none is looked for a second time."""

    def __init__(self, source: str, block_end: str) -> None:
        self.source = source
        self.block_end = block_end
        self.ends = _Ends(source, block_end)
        self.none: set[int] = set()

    def find(self, at: int) -> int:
        """Where the delimiter of a tag of ours begins, with the sign before it; -1 if there is none."""
        source, start = self.source, at
        seen: list[int] = []
        while at < len(source) and at not in self.none:
            if source.startswith(self.block_end, at):
                return at - 1 if at > start and source[at - 1] in "-+" else at
            seen.append(at)
            end = self.ends.string(at, 0) if source[at] in "\"'" else -1
            at = end if end >= 0 else at + 1
        self.none.update(seen)
        return -1


class _Scanner:
    """Reads a source with one set of delimiters; made once for each."""

    def __init__(
        self, block: tuple[str, str], variable: tuple[str, str], comment: tuple[str, str], names: frozenset[str]
    ) -> None:
        self.block_start, self.block_end = block
        self.names = names
        self.kinds = {comment[0]: "comment", variable[0]: "variable", block[0]: "block"}
        self.ends = {"comment": comment[1], "variable": variable[1], "block": block[1]}
        # The longest first, as Jinja does: `<%#` before `<%`.
        self.opening = re.compile("|".join(re.escape(start) for start in sorted(self.kinds, key=len, reverse=True)))
        listed = "|".join(sorted(names, key=len, reverse=True))
        self.tag = re.compile(rf"(?P<modifier>[-+]?)(?P<before>\s*)(?P<end>/\s*|end)?(?P<name>{listed})\b", re.IGNORECASE)
        self.end_raw = re.compile(rf"{re.escape(block[0])}[-+]?\s*endraw\s*[-+]?{re.escape(block[1])}")

    def quote(self, source: str) -> str:
        pieces: list[str] = []
        done = 0
        text_end = _TextEnd(source, self.block_end)
        found = self.opening.search(source)
        while found:
            kind = self.kinds[found.group()]
            at = found.end()
            tag = self.tag.match(source, at) if kind == "block" else None
            if tag:
                end = text_end.find(tag.end())
                if end >= 0:
                    pieces += [source[done:at], self.quoted(tag, source[tag.end() : end])]
                    done = end
                at = max(end, tag.end())
            elif kind == "block" and _RAW.match(source, self.behind_blanks(source, at)):
                closing = self.end_raw.search(source, at)
                at = closing.end() if closing else len(source)
            elif kind == "comment":
                closed = source.find(self.ends[kind], at)
                at = closed + len(self.ends[kind]) if closed >= 0 else len(source)
            else:
                at = self.end_of_statement(source, at, self.ends[kind])
            found = self.opening.search(source, at)
        return "".join([*pieces, source[done:]])

    @staticmethod
    def behind_blanks(source: str, at: int) -> int:
        at += source[at : at + 1] in ("-", "+")
        while source[at : at + 1].isspace():
            at += 1
        return at

    @staticmethod
    def end_of_statement(source: str, at: int, end: str) -> int:
        """Behind the end of a statement or an output of Jinja's, whose strings may hold delimiters."""
        while at < len(source):
            if source.startswith(end, at):
                return at + len(end)
            character = source[at]
            at += 1
            if character in "\"'":
                while at < len(source) and source[at] != character:
                    at += 2 if source[at] == "\\" else 1
                at += 1
        return len(source)

    def quoted(self, tag: re.Match[str], text: str) -> str:
        name = tag["name"].lower()
        if tag["end"]:
            return f"{tag['modifier']}{tag['before']}{_line_ends(tag['end'])}end{name}{text}"
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'{tag["modifier"]}{tag["before"]}{name}"{escaped}"'


@functools.lru_cache(maxsize=16)
def _scanner(
    block_start: str,
    block_end: str,
    variable_start: str,
    variable_end: str,
    comment_start: str,
    comment_end: str,
    names: frozenset[str],
) -> _Scanner:
    return _Scanner((block_start, block_end), (variable_start, variable_end), (comment_start, comment_end), names)


def _line_ends(text: str) -> str:
    return "\n" * text.count("\n")
