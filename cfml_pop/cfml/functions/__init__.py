"""The functions that CFML pages call, in families: one a file.

Rule: `find_function` and FUNCTIONS are all that the rest of the package uses. A new family is entered in FAMILIES.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cfml_pop.cfml.functions import (
    array_values,
    arrays,
    binary,
    bits,
    date_masks,
    date_parts,
    dates,
    decisions,
    encoders,
    json_text,
    lists,
    number_masks,
    numbers,
    paths,
    queries,
    query_changes,
    regex,
    structs,
    text,
    text_changes,
)
from cfml_pop.cfml.functions.family import Family, Function, Page

__all__ = ["FAMILIES", "FUNCTIONS", "Function", "Page", "find_function"]

FAMILIES: tuple[Family, ...] = (
    lists.FAMILY,
    arrays.FAMILY,
    array_values.FAMILY,
    structs.FAMILY,
    queries.FAMILY,
    query_changes.FAMILY,
    paths.FAMILY,
    dates.FAMILY,
    date_parts.FAMILY,
    date_masks.FAMILY,
    numbers.FAMILY,
    number_masks.FAMILY,
    bits.FAMILY,
    decisions.FAMILY,
    text.FAMILY,
    text_changes.FAMILY,
    regex.FAMILY,
    encoders.FAMILY,
    binary.FAMILY,
    json_text.FAMILY,
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for family in FAMILIES for function in family})
"""Every function, under its CFML name."""

_BY_NAME = {name.lower(): function for name, function in FUNCTIONS.items()}


def find_function(name: str) -> Function | None:
    """The function of that name, any case; None if there is none."""
    return _BY_NAME.get(name.lower())
