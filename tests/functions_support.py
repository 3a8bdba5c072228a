"""CFML functions as a template calls them, for the tests of the families.

Rule: a case is an expression as a page has it, `listLen('a,b')`, and what it gives. Any case of the name, named arguments and
calls inside calls work as in a template; values that a literal cannot give are passed by name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

import pytest
from jinja2 import Environment

from cfml_pop.cfml.functions import FUNCTIONS, Page, find_function
from cfml_pop.cfml.functions.family import Family
from cfml_pop.errors import FunctionFault

__all__ = ["call", "evaluate", "fault_of", "without_case"]

PAGE = Page()
ENVIRONMENT = Environment(autoescape=False)  # noqa: S701 - nothing is rendered, expressions only


def call(name: str, *given: Any, page: Page = PAGE, **named: Any) -> Any:
    """What a function gives for these arguments."""
    function = find_function(name)
    assert function is not None, f"there is no function {name}"
    return function(page, *given, **named)


def evaluate(source: str, page: Page = PAGE, **values: Any) -> Any:
    """What an expression gives in which all functions stand under their CFML names."""
    functions = {name: functools.partial(function, page) for name, function in FUNCTIONS.items()}
    return ENVIRONMENT.compile_expression(source, undefined_to_none=False)(**functions, **values)


def fault_of(source: str, **values: Any) -> str:
    """The text of the error that an expression raises."""
    with pytest.raises(FunctionFault) as caught:
        evaluate(source, **values)
    return str(caught.value)


def without_case(family: Family, sources: Iterable[str]) -> list[str]:
    """The functions of a family that no expression calls, or whose docstring names no source."""
    called = {name.lower() for source in sources for name in re.findall(r"(\w+)\(", source)}
    return [one.name for one in family if one.name.lower() not in called or "Source:" not in (one.__doc__ or "")]
