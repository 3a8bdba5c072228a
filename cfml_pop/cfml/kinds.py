"""The kinds of attribute values: how each is read, and its JSON schema.

Rule: a kind reads one value and knows nothing of other attributes. A reader returns the plain value, or raises a ValueError whose
text goes on after the attribute's name. What several attributes mean together stands in `attributes`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cfml_pop.cfml import values
from cfml_pop.cfml.column import current
from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret
from cfml_pop.url import PopUrl, parse_pop_url

__all__ = ["ACTIONS", "DELETE", "GET_ALL", "GET_HEADER_ONLY", "KINDS", "MARK_READ", "Kind"]

GET_HEADER_ONLY = "getHeaderOnly"
GET_ALL = "getAll"
DELETE = "delete"
MARK_READ = "markRead"
ACTIONS = (GET_HEADER_ONLY, GET_ALL, DELETE, MARK_READ)


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of value: how it is read, its JSON schema, and the words a template may write without quotes."""

    read: Callable[[object], Any]
    schema: Mapping[str, object]
    words: tuple[str, ...] = ()


def _line(value: object) -> str:
    """Text of one line that must not be empty."""
    plain = values.text(value)
    values.refuse_control(plain)
    if not plain:
        raise ValueError("must not be empty")
    return plain


def _host(value: object) -> str | PopUrl:
    plain = _line(value)
    if "://" in plain:
        return _url(plain)
    host, port = values.host_and_port(plain)
    if any(character in host for character in " /@[]"):
        raise ValueError(f"must be a host name or an address, not {values.describe(plain)}")
    if port:
        raise ValueError(f"must be the host alone, not {values.describe(plain)}; write port={port}")
    return host


def _url(text: str) -> PopUrl:
    try:
        return parse_pop_url(text)
    except AttributeFault as fault:
        raise ValueError(f"is no POP URL: {fault.message}") from None


def _path(value: object) -> str:
    return _line(values.path(value))


def _password(value: object) -> Secret:
    found = values.secret(value)
    if not found:
        raise ValueError("must not be empty")
    return found


def _action(value: object) -> str:
    word = values.text(value).lower()
    for action in ACTIONS:
        if word == action.lower():
            return action
    raise ValueError(f"must be one of {', '.join(ACTIONS)}, not {values.describe(value)}")


def _port(value: object) -> int:
    number = values.integer(value)
    if not 1 <= number <= 65535:
        raise ValueError(f"must be between 1 and 65535, not {values.describe(value)}")
    return number


def _variable(value: object) -> str:
    plain = _line(value)
    if not plain.isascii() or not all(part.isidentifier() for part in plain.split(".")):
        raise ValueError(f"must be the name of a variable, with dots where it goes into a mapping, not {values.describe(plain)}")
    return plain


def _collection(value: object) -> Mapping[Any, Any]:
    value = current(value)
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"must be a mapping of attributes, not a value of type {type(value).__name__}")


def _any_case(word: str) -> str:
    """A pattern for the word in any case; JSON schema has no flag for that."""
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in word)


def _pattern(*alternatives: str) -> str:
    return rf"^\s*({'|'.join(alternatives)})\s*$"


TEXT: Mapping[str, object] = {"type": ["string", "number"], "minLength": 1}
WHOLE = _pattern(r"[+-]?[0-9]{1,18}(\.[0-9]*)?")
DECIMAL = r"([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})"
BOOLEAN_WORDS = ("yes", "no", "true", "false")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": Kind(_line, TEXT),
        "host": Kind(_host, TEXT),
        "path": Kind(_path, TEXT),
        "password": Kind(_password, TEXT),
        "action": Kind(
            _action, {"type": "string", "pattern": _pattern(*map(_any_case, ACTIONS)), "examples": list(ACTIONS)}, ACTIONS
        ),
        "variable": Kind(
            _variable, {"type": "string", "pattern": _pattern(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")}
        ),
        "boolean": Kind(
            values.boolean,
            {"type": ["boolean", "number", "string"], "pattern": _pattern(*map(_any_case, BOOLEAN_WORDS), f"[+-]?{DECIMAL}")},
            BOOLEAN_WORDS,
        ),
        # A fraction is cut off, so 65535.5 is a port.
        "port": Kind(_port, {"type": ["number", "string"], "minimum": 1, "exclusiveMaximum": 65536, "pattern": WHOLE}),
        "integer": Kind(values.integer, {"type": ["number", "string"], "pattern": WHOLE}),
        "seconds": Kind(
            values.seconds,
            {
                "type": ["number", "string"],
                "exclusiveMinimum": 0,
                "maximum": values.LONGEST_WAIT,
                "pattern": _pattern(rf"\+?(?=[0-9.]*[1-9]){DECIMAL}"),
            },
        ),
        "numbers": Kind(values.message_numbers, {"type": ["string", "number", "array"], "items": {"type": ["string", "number"]}}),
        "uids": Kind(values.items, {"type": ["string", "number", "array"], "items": {"type": ["string", "number"]}}),
        "characters": Kind(values.text, {"type": ["string", "number"]}),
        "mapping": Kind(_collection, {"type": "object"}),
    }
)
