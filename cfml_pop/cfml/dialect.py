"""The engines whose choices a host may ask for.

Rule: a dialect is a row of a table, never a branch in the code. So far there is one row, the choices of this package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from cfml_pop.errors import AttributeFault

__all__ = ["DIALECTS", "Dialect", "find_dialect"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dialect:
    """The choices of one engine. `name` is what `Settings(dialect=...)` says."""

    name: str


DIALECTS: Mapping[str, Dialect] = MappingProxyType({"default": Dialect(name="default")})


def find_dialect(name: str) -> Dialect:
    """The dialect of that name, any case. Raises AttributeFault, which lists the known ones."""
    try:
        return DIALECTS[name.lower()]
    except KeyError:
        text = f"there is no dialect {name!r}; there is {', '.join(DIALECTS)}"
        raise AttributeFault(text, faults=[("dialect", text)]) from None
