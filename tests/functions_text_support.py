"""For tests of CFML functions: calling them, and tables of cases."""

from __future__ import annotations

from typing import Any

from cfml_pop.cfml.functions.family import Family, Page

__all__ = ["Case", "call", "said", "without_a_case"]

Case = tuple[str, tuple[Any, ...], Any]
"""A function's name, its arguments, and what it gives."""


def call(family: Family, name: str, *given: Any, **named: Any) -> Any:
    """A function of a family, with the default page."""
    functions = {function.name.lower(): function for function in family}
    return functions[name.lower()](Page(), *given, **named)


def without_a_case(family: Family, *tables: list[Case]) -> list[str]:
    """Functions that no table calls, or whose docstring names no source."""
    called = {name for table in tables for name, _, _ in table}
    return [function.name for function in family if function.name not in called or "Source:" not in (function.__doc__ or "")]


def said(fault: Exception) -> str:
    """The text of an error without the signature that every one ends with."""
    text, write, _ = str(fault).partition("; write ")
    return text if write else f"{text}, and no signature"
