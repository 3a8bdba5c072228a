"""The attributes of CFML's tags beside cfpop.

Rule: one table says what each tag takes. All that is wrong with the attributes of a tag is told in one error, each with its line.

    attributes := { NAME [ "=" value ] }      value := STRING with #expr# | expression

A lone word where a name is wanted (`index=i`, `group=from`) is that name; where a value is wanted it is a variable.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

from jinja2 import nodes

from cfml_pop.jinja.expressions import Reader
from cfml_pop.jinja.faults import TagFaults
from cfml_pop.jinja.tokens import CfmlToken

__all__ = ["TAGS", "Given", "fail", "read_attributes"]

TAGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cfoutput": {"query": "query", "group": "word", "groupcasesensitive": "value", "startrow": "value", "maxrows": "value"},
        "cfloop": {
            "query": "query",
            "group": "word",
            "groupcasesensitive": "value",
            "startrow": "value",
            "endrow": "value",
            "maxrows": "value",
            "list": "value",
            "delimiters": "value",
            "array": "value",
            "collection": "value",
            "from": "value",
            "to": "value",
            "step": "value",
            "times": "value",
            "condition": "condition",
            "index": "target",
            "item": "target",
        },
        "cftry": {},
        "cfcatch": {"type": "word", "name": "target"},
        "cfthrow": {"message": "value", "type": "word", "detail": "value", "errorcode": "value", "extendedinfo": "value"},
        "cfparam": {"name": "target", "type": "word", "default": "value"},
        "cfdump": {"var": "value", "label": "value", "top": "value"},
        "cfinclude": {"template": "value"},
        "cfsavecontent": {"variable": "target"},
        "cfsilent": {},
        "cfswitch": {"expression": "value"},
        "cfcase": {"value": "value", "delimiters": "value"},
        "cfdefaultcase": {},
    }
)
"""The attributes of each tag, lower case, and how a value is read."""

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cfparam": ("name",),
        "cfdump": ("var",),
        "cfinclude": ("template",),
        "cfsavecontent": ("variable",),
        "cfswitch": ("expression",),
        "cfcase": ("value",),
    }
)


@dataclasses.dataclass(frozen=True)
class Given:
    """One attribute: its line, its value, and the text of the value where the template spells it out (else None)."""

    lineno: int
    value: nodes.Expr
    text: str | None = None


def read_attributes(reader: Reader, tag: str) -> dict[str, Given]:
    """The attributes of a tag by lower-case name. Raises TemplateSyntaxError with all faults, on the line of the first."""
    accepted = TAGS[tag]
    given: dict[str, Given] = {}
    faults: list[tuple[int, str]] = []
    start = reader.here()
    while reader.current.kind != "end":
        token = reader.take()
        lineno = reader.lineno + token.line
        if token.kind != "name":
            reader.fail(f"expected an attribute, got {token.describe()}", token.line)
        key = token.word
        if key not in accepted:
            faults.append((lineno, _unknown(tag, token.value)))
        elif key in given:
            faults.append((lineno, f"{token.value} is given twice"))
        one = _value(reader, accepted.get(key, "value"), lineno) if reader.skip("=") else Given(lineno, nodes.Const(True))
        given.setdefault(key, one)
        reader.skip(",")
    faults += [(start, f"{name} is missing") for name in REQUIRED.get(tag, ()) if name not in given]
    if faults:
        fail(reader, tag, faults)
    return given


def fail(reader: Reader, tag: str, faults: list[tuple[int, str]]) -> NoReturn:
    """One error for all faults, each a line and a text."""
    faults = sorted(faults, key=lambda fault: fault[0])
    listed = [f"  line {line}: {text}" for line, text in faults]
    message = f"{tag}: {faults[0][1]}" if len(faults) == 1 else "\n".join([f"{tag} has {len(faults)} faults:", *listed])
    error = TagFaults(message, faults[0][0], reader.parser.name, reader.parser.filename)
    error.faults = tuple(faults)
    raise error


def _unknown(tag: str, name: str) -> str:
    accepted = TAGS[tag]
    close = difflib.get_close_matches(name.lower(), accepted, 1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(accepted)}" if accepted else "it has none"
    return f"{name} is not an attribute of {tag}; {hint}"


def _value(reader: Reader, kind: str, lineno: int) -> Given:
    token = reader.current
    if token.kind == "string" and not _goes_on(reader.look()):
        reader.take()
        text = None if "#" in token.value else token.value.replace(token.quote * 2, token.quote)
        if kind == "condition" or (kind == "query" and text is not None):
            inside = token.value.replace(token.quote * 2, token.quote)
            inner = Reader(reader.extension, reader.parser, reader.tag, inside, reader.lineno + token.line)
            value = inner.condition("cfloop condition") if kind == "condition" else inner.whole()
            return Given(lineno, value, text)
        return Given(lineno, reader.text(token), text)
    if kind in ("word", "target") and token.kind == "name" and not (kind == "word" and _goes_on(reader.look())):
        words = [reader.take().value]
        while kind == "target" and reader.skip("."):
            words.append(reader.take().value)
        text = ".".join(words)
        return Given(lineno, nodes.Const(text, lineno=lineno), text)
    value = reader.expression()
    if kind == "condition":
        value = reader.truth(value, "cfloop condition", lineno)
    text = value.value if isinstance(value, nodes.Const) and isinstance(value.value, str) else None
    return Given(lineno, value, text)


def _goes_on(token: CfmlToken) -> bool:
    """Whether an expression goes on with this token: a sign, and not the name of the next attribute."""
    return token.kind == "op" and token.value != ","
