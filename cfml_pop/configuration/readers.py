"""How each setting, and each part of a connection, is read.

Rule: two tables, a reader each. A reader knows one value and where relative paths and environment variables come from; it raises
`Wrong`, whose text goes on after the place and shows no value that may be a password.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import os
import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cfml_pop.cfml.dialect import find_dialect
from cfml_pop.cfml.kinds import ACTIONS
from cfml_pop.configuration.secret_file import read_secret
from cfml_pop.errors import AttributeFault
from cfml_pop.settings import Settings
from cfml_pop.url import parse_pop_url

__all__ = ["CONNECTION", "SETTINGS", "Reader", "Source", "Wrong", "kind_of"]


class Wrong(ValueError):
    """What is wrong with one value, as a sentence that goes on after its place."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where values come from that are only named. `folder`: what relative paths start from, None to leave them as they are."""

    environ: Mapping[str, str] = dataclasses.field(repr=False)
    folder: Path | None = None

    def path(self, text: str) -> str:
        try:
            path = Path(text).expanduser()
        except RuntimeError:  # the text is not shown: it may be a password
            raise Wrong("begins with ~ and a user who has no home directory; write the whole path") from None
        return str(path if self.folder is None else self.folder / path)


Reader = Callable[[Source, str, Any], Any]

_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
"""What can be nothing but the name of a variable."""

_KINDS = {
    bool: "true or false",
    str: "a text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    tuple: "a list",
    dict: "a table",
}


def kind_of(value: object) -> str:
    """What a value is, for an error that must not show the value."""
    return "nothing" if value is None else _KINDS.get(type(value), f"a {type(value).__name__}")


def _of(*kinds: type, none: bool = False) -> Reader:
    """A value of one of these types, which `Settings` itself judges then."""

    def read(_source: Source, where: str, value: Any) -> Any:
        if not (type(value) in kinds or (none and value is None)):
            raise Wrong(f"must be {_KINDS[kinds[0]]}, not {kind_of(value)}")
        _judged(where, value)
        return value

    return read


def _judged(where: str, value: Any) -> None:
    """What `Settings` itself says of the value."""
    try:
        Settings(**{where.rpartition(".")[2].lower(): value})
    except (TypeError, ValueError) as error:
        raise Wrong(str(error).partition("=...) ")[2]) from None


def _names(allowed: Iterable[str] = ()) -> Reader:
    """A list of texts; where `allowed` is given, of these, in any case."""
    words = {word.lower(): word for word in allowed}

    def read(_source: Source, where: str, value: Any) -> Any:
        if not isinstance(value, (list, tuple, set, frozenset)):
            raise Wrong(f'must be a list of texts, as ["{next(iter(words.values()), "pop.example.com")}"], not {kind_of(value)}')
        for item in value:
            if not isinstance(item, str):
                raise Wrong(f"must hold texts only, not {kind_of(item)}")
            if words and item.lower() not in words:
                near = difflib.get_close_matches(item.lower(), words, 1)
                meant = f"did you mean {words[near[0]]}?" if near else f"there are {', '.join(words.values())}"
                raise Wrong(f"holds {item!r}; {meant}")
        _judged(where, tuple(value))
        return tuple(value)

    return read


def _path(source: Source, _where: str, value: Any) -> Any:
    if isinstance(value, os.PathLike) or value is None:
        return value
    if not isinstance(value, str) or not value:
        raise Wrong(f"must be a path, not {kind_of(value) if value != '' else 'an empty text'}")
    return source.path(value)


def _dialect(_source: Source, _where: str, value: Any) -> Any:
    try:
        return find_dialect(value if isinstance(value, str) else "").name
    except AttributeFault as fault:
        raise Wrong(f"names none that exists: {fault.message}") from None


def _zone(_source: Source, _where: str, value: Any) -> Any:
    if value is None or hasattr(value, "utcoffset"):
        return value
    if not isinstance(value, str):
        raise Wrong(f"must be the name of a time zone, as Europe/Berlin, not {kind_of(value)}")
    try:
        return zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
    if not known:
        raise Wrong("cannot be read: this system has no database of time zones; pip install tzdata brings one")
    near = difflib.get_close_matches(value, known, 1)
    raise Wrong(
        f"names no time zone that is known: {value!r}; " + (f"did you mean {near[0]}?" if near else "write it as Europe/Berlin")
    )


def _object(example: str) -> Reader:
    """What is an object of Python, and can only come from there."""

    def read(_source: Source, where: str, value: Any) -> Any:
        if not isinstance(value, (str, int, float, list, Mapping, dt.date, dt.time)):
            return value
        name = where.rpartition(".")[2].lower()
        raise Wrong(f"is an object of Python and cannot be written here; in Python: {example.format(name=name)}")

    return read


def _text(_source: Source, _where: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise Wrong(f"must be a text, not {kind_of(value)}")
    if not value:
        raise Wrong("is empty; write a text or leave it out")
    return value


def _port(_source: Source, _where: str, value: Any) -> Any:
    if type(value) is not int:
        raise Wrong(f"must be a whole number, not {kind_of(value)}")
    if not 0 < value < 65536:
        raise Wrong("must be a number from 1 to 65535")
    return value


def _switch(_source: Source, _where: str, value: Any) -> Any:
    if type(value) is not bool:
        raise Wrong(f"must be true or false, not {kind_of(value)}")
    return value


def _secret(source: Source, where: str, value: Any) -> Any:
    """A password: a text, a Secret or a function."""
    return value if callable(value) or hasattr(value, "reveal") else _text(source, where, value)


def _server(source: Source, where: str, value: Any) -> Any:
    text = _text(source, where, value)
    return _url(source, where, text) if "://" in text else text


def _url(source: Source, where: str, value: Any) -> Any:
    text, fault = _text(source, where, value), ""
    try:
        parse_pop_url(text)
    except AttributeFault as error:
        fault = error.message
    if fault:
        raise Wrong(f"cannot be read: {fault}")
    return text


def _variable(source: Source, where: str, value: Any) -> str:
    name = _text(source, where, value)
    if source.environ.get(name):
        return source.environ[name]
    # Who wrote the password itself in its place must not find it in a log.
    shown = f"the environment variable {name}, which" if _VARIABLE.fullmatch(name) else "an environment variable that"
    raise Wrong(f"names {shown} is {'empty' if name in source.environ else 'not set'}")


def _url_variable(source: Source, where: str, value: Any) -> Any:
    return _url(source, where, _variable(source, where, value))


def _file(source: Source, where: str, value: Any) -> Any:
    if not isinstance(value, os.PathLike):
        value = source.path(_text(source, where, value))
    try:
        return read_secret(value)
    except ValueError as error:
        raise Wrong(str(error)) from None


_REPLACE = "dataclasses.replace(settings, {name}=...)"

SETTINGS: dict[str, Reader] = {
    **dict.fromkeys((field.name for field in dataclasses.fields(Settings) if field.type == "bool"), _of(bool)),
    **dict.fromkeys((field.name for field in dataclasses.fields(Settings) if field.type == "int"), _of(int)),
    "idle_timeout": _of(float, int),
    "pipelining": _of(bool, none=True),
    "servers": _names(),
    "actions": _names(ACTIONS),
    "cleartext_servers": _names(),
    "unpack": _names(("tnef", "uuencode")),
    "tls_ca_file": _path,
    "attachment_root": _path,
    "dialect": _dialect,
    "time_zone": _zone,
    "tls_context": _object(_REPLACE),
    "inline_image": _object(_REPLACE),
}

CONNECTION: dict[str, Reader] = {
    "server": _server,
    "username": _text,
    "password": _secret,
    "password_env": _variable,
    "password_file": _file,
    "port": _port,
    "secure": _switch,
    "token": _object('Connection(server="...", username="...", {name}=function)'),
    "url": _url,
    "url_env": _url_variable,
}
