"""The tables of a configuration, down to the connections.

Rule: all faults are found before one error is raised, each with its place. No fault shows a value of a connection, because any of
them may be a password that stands in the wrong place.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfml_pop.configuration.readers import CONNECTION, SETTINGS, Reader, Source, Wrong, kind_of
from cfml_pop.errors import AttributeFault
from cfml_pop.settings import Connection, Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["read_mapping", "read_toml"]

OWN = "cfml_pop"
"""The key below which an application's configuration has ours, in any case."""

WRONG: Any = object()


def read_mapping(mapping: Mapping[str, Any], environ: Mapping[str, str]) -> Settings | AttributeFault:
    """See `Settings.from_mapping`. A fault is returned: it is raised where no frame holds what was read."""
    if not isinstance(mapping, Mapping):
        raise TypeError(f"Settings.from_mapping(...) takes a mapping, as settings.CFML_POP, not {kind_of(mapping)}")
    reading = _Reading(Source(environ))
    return reading.finish(reading.settings(mapping), "the settings have")


def read_toml(path: str | os.PathLike[str], environ: Mapping[str, str]) -> Settings | AttributeFault:
    """See `Settings.from_toml`. A fault is returned, as above."""
    file = Path(path)
    reading = _Reading(Source(environ, file.absolute().parent))
    return reading.finish(reading.document(file), f"{file} has")


class _Reading:
    """Values being read; `faults` holds (place, text) pairs."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[tuple[str, str]] = []

    def finish(self, values: dict[str, Any], where: str) -> Settings | AttributeFault:
        """The settings, or the one error for all faults. `where` begins its text."""
        if self.faults:
            texts = [text for _, text in self.faults]
            lines = [f"{where} {len(texts)} faults:", *(f"  {text}" for text in texts)]
            return AttributeFault("\n".join(lines) if len(texts) > 1 else f"{where} a fault: {texts[0]}", faults=self.faults)
        return Settings(**values)

    def fault(self, where: str, text: str) -> None:
        self.faults.append((where, f"{where} {text}" if where else text))

    def document(self, file: Path) -> dict[str, Any]:
        """The settings in a TOML file."""
        try:
            found = tomllib.loads(file.read_bytes().decode("utf-8"))
        except UnicodeDecodeError:
            self.fault("", "it is not written in UTF-8")
        except tomllib.TOMLDecodeError as error:
            # Only where: what it says besides may be a piece of the line, and the line may hold a password.
            _, bracket, place = str(error).rpartition("(")
            self.fault("", f"it is no TOML {place.rstrip(')')}" if bracket else "it is no TOML")
        else:
            return self.settings(found)
        return {}

    def settings(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in a mapping, or in the one that stands in it under our name."""
        for key, value in mapping.items():
            if str(key).lower() == OWN:
                if not isinstance(value, Mapping):
                    self.fault(str(key), f"must be a table, not {kind_of(value)}")
                    return {}
                mapping = value
                break
        return self.table("", mapping, {**SETTINGS, "connections": self.connections}, "setting")

    def table(self, place: str, mapping: Mapping[str, Any], readers: Mapping[str, Reader], what: str) -> dict[str, Any]:
        """The values of a table by name in lower case."""
        values: dict[str, Any] = {}
        for key, value in mapping.items():
            name = str(key).lower() if str(key).isupper() else str(key)
            where = f"{place}{key}"
            if name not in readers:
                near = difflib.get_close_matches(name.lower(), readers, 1)
                meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(readers)}"
                self.fault(where, f"is no {what}; {meant}")
            elif name in values:
                self.fault(where, "is given twice, in upper and lower case")
            else:
                values[name] = self.read(where, readers[name], value)
        return {name: value for name, value in values.items() if value is not WRONG}

    def read(self, where: str, reader: Reader, value: Any) -> Any:
        try:
            return reader(self.source, where, value)
        except Wrong as fault:
            self.fault(where, str(fault))
        return WRONG

    # -- connections ---------------------------------------------------------------------------------------------------------

    def connections(self, _source: Source, where: str, value: Any) -> dict[str, Connection]:
        if not isinstance(value, Mapping):
            raise Wrong(f"must be a table of connections by name, not {kind_of(value)}")
        found = {str(name): self.connection(f"{where}.{name}", one) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not None}

    def connection(self, where: str, value: Any) -> Connection | None:
        """The connection; None when there are faults, which are noted."""
        if isinstance(value, Connection):
            return value
        if isinstance(value, str):
            value = {"url": value}
        if not isinstance(value, Mapping):
            self.fault(where, f"must be a table or a POP URL, not {kind_of(value)}")
            return None
        before = len(self.faults)
        given = self.table(f"{where}.", value, CONNECTION, "part of a connection")
        server = self.one_of(where, given, ("url", "url_env", "server"))
        secret = self.one_of(where, given, ("password", "password_env", "password_file", "token"))
        if "secure" in given and "://" in given.get(server, ""):
            self.fault(f"{where}.secure", "stands in the URL itself: pops:// is secure, pop:// is not")
        if len(self.faults) > before:
            return None
        arguments: dict[str, Any] = {name: given[name] for name in ("username", "port", "secure") if name in given}
        arguments["server"] = given.get(server, "")
        if secret:
            arguments["token" if secret == "token" else "password"] = given[secret]  # noqa: S105 - names of keys
        return self.made(where, arguments)

    def one_of(self, where: str, given: Mapping[str, Any], names: tuple[str, ...]) -> str:
        """Which of these is given, "" for none; a fault when it is more than one."""
        found = [name for name in names if name in given]
        if len(found) > 1:
            self.fault(where, f"has {' and '.join(found)}; keep one of them")
        return found[0] if found else ""

    def made(self, where: str, arguments: dict[str, Any]) -> Connection | None:
        try:
            return Connection(**arguments)
        except AttributeFault as error:
            self.fault(where, f"cannot be used: {error.message}")
        except TypeError:  # all else was judged before
            self.fault(
                where,
                "is not complete: it needs url or url_env; or server, username, and one of password_env, password_file, password "
                "and (in Python) token",
            )
        return None
