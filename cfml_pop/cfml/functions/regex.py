"""Regular expressions.

Rule: patterns are those of `perl5`, with its limits; they need the extra `regex`, and say so where it is missing. Positions
count from 1. A struct of a match has `pos`, `len` and `match`, arrays of the whole match and then of each group; a group
without a part in the match has 0, 0 and "" (Lucee has null for the text).

In what is put in place of a match, `\\1` is a group (`\\0` the whole match), `\\u` and `\\l` change the next letter, `\\U` and
`\\L` all up to `\\E`. Every other backslash stays as it is, a double one too (Lucee; Adobe makes one of two).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.functions.family import KINDS, Argument, Family, argument
from cfml_pop.cfml.functions.text_changes import SCOPE
from cfml_pop.cfml.limits import LONGEST_TEXT, fits
from cfml_pop.cfml.perl5 import Perl5, compiled

if TYPE_CHECKING:
    import regex

__all__ = ["FAMILY"]

FAMILY = Family("Regular expressions")

KINDS["expression"] = lambda value, _: compiled(simple.text(value), False)
KINDS["expression in any case"] = lambda value, _: compiled(simple.text(value), True)


def _arguments_of_find(kind: str) -> tuple[Argument, ...]:
    start, structs = argument("start", "integer", 1), argument("returnSubExpressions", "boolean", False)
    return argument("reg_expression", kind), argument("string"), start, structs, SCOPE


def _arguments_of_match(kind: str) -> tuple[Argument, ...]:
    return argument("reg_expression", kind), argument("string")


def _arguments_of_replace(kind: str) -> tuple[Argument, ...]:
    return argument("string"), argument("regex", kind), argument("substring"), SCOPE


META = re.compile(r"[\\^$.|?*+()\[\]{}#-]")
INSTRUCTION = re.compile(r"\\(?:([0-9]{1,4})|([ulULE]))|\\|[^\\]+")


def _struct(found: regex.Match[str] | None) -> Struct:
    groups = range(found.re.groups + 1) if found else ()
    spans = [found.span(group) for group in groups] if found else []
    return Struct(
        {
            "pos": Array([begin + 1 for begin, _ in spans] or [0]),
            "len": Array([end - begin for begin, end in spans] or [0]),
            "match": Array([found[group] or "" for group in groups] if found else [""]),
        }
    )


def _find(expression: Perl5, text: str, start: int, structs: bool, scope: str) -> Any:
    start = max(start, 1)
    found = expression.matches(text, start - 1) if start <= len(text) else iter(())
    if scope == "one":
        first = next(found, None)
        return _struct(first) if structs else (first.start() + 1 if first else 0)
    if structs:
        return Array([_struct(one) for one in found] or [_struct(None)])
    return Array([one.start() + 1 for one in found]) or 0


@FAMILY.function("reFind", *_arguments_of_find("expression"))
def re_find(expression: Perl5, text: str, start: int, structs: bool, scope: str) -> Any:
    """Where a pattern first matches from `start` on, 0 if it does not, or a struct of the match and its groups; with the scope
    "all" an array of these (0 if there is none and no structs are wanted). Behind the last character nothing is found, so neither
    in empty text. Source: Lucee and Adobe, REFind; the scope since Lucee 5 and Adobe 2016."""
    return _find(expression, text, start, structs, scope)


@FAMILY.function("reFindNoCase", *_arguments_of_find("expression in any case"))
def re_find_no_case(expression: Perl5, text: str, start: int, structs: bool, scope: str) -> Any:
    """As `reFind`, any case. Source: Lucee and Adobe, REFindNoCase."""
    return _find(expression, text, start, structs, scope)


@FAMILY.function("reMatch", *_arguments_of_match("expression"))
def re_match(expression: Perl5, text: str) -> Array:
    """An array of all parts of a text that a pattern matches. Source: Lucee and Adobe, REMatch."""
    return Array([found[0] for found in expression.matches(text)])


@FAMILY.function("reMatchNoCase", *_arguments_of_match("expression in any case"))
def re_match_no_case(expression: Perl5, text: str) -> Array:
    """As `reMatch`, any case. Source: Lucee and Adobe, REMatchNoCase."""
    return Array([found[0] for found in expression.matches(text)])


def _replace(text: str, expression: Perl5, template: str, scope: str) -> str:
    steps = [(one[1], one[2], one[0]) for one in INSTRUCTION.finditer(template)]
    pieces: list[str] = []
    begin = size = 0
    for found in expression.matches(text):
        new = _filled(steps, found)
        size += found.start() - begin + len(new)
        fits(size)
        pieces += (text[begin : found.start()], new)
        begin = found.end()
        if scope == "one":
            break
    return "".join([*pieces, text[begin:]])


def _filled(steps: list[tuple[str | None, str | None, str]], found: regex.Match[str]) -> str:
    """A template with the groups of a match. `once` and `whole` are the letters of the instructions that hold."""
    pieces: list[str] = []
    once = whole = ""
    size = 0
    for group, instruction, part in steps:
        if instruction:
            if instruction in "ul":
                once = instruction
            else:
                whole = instruction
            continue
        if group:
            part = (found[int(group)] or "") if int(group) <= found.re.groups else ""
        if whole in ("U", "L"):
            part = part.upper() if whole == "U" else part.lower()
        if once and part:
            part = (part[0].upper() if once == "u" else part[0].lower()) + part[1:]
            once = ""
        size += len(part)
        if size > LONGEST_TEXT:
            fits(size)
        pieces.append(part)
    return "".join(pieces)


@FAMILY.function("reReplace", *_arguments_of_replace("expression"))
def re_replace(text: str, expression: Perl5, template: str, scope: str) -> str:
    """The text with the first match of a pattern, or with the scope "all" every one, made another text. Source: Lucee and Adobe,
    REReplace."""
    return _replace(text, expression, template, scope)


@FAMILY.function("reReplaceNoCase", *_arguments_of_replace("expression in any case"))
def re_replace_no_case(text: str, expression: Perl5, template: str, scope: str) -> str:
    """As `reReplace`, any case. Source: Lucee and Adobe, REReplaceNoCase."""
    return _replace(text, expression, template, scope)


@FAMILY.function("reEscape", argument("string"))
def re_escape(text: str) -> str:
    """A pattern that matches exactly this text. Source: Adobe, REEscape (2018), Lucee 6."""
    return META.sub(r"\\\g<0>", text)
