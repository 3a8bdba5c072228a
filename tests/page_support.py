"""A page with a clock that stands still, and calling CFML functions on it by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from cfml_pop.cfml.functions import find_function
from cfml_pop.cfml.functions.family import Family, Page
from cfml_pop.cfml.simple import text

__all__ = ["BERLIN", "NOW", "UTC", "call", "page", "said", "unproven"]

UTC = dt.timezone.utc
BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2024, 6, 5, 12, 30, 15, 250_000, tzinfo=UTC)


def page(zone: dt.tzinfo | None = UTC) -> Page:
    return Page(time_zone=zone, clock=lambda: NOW)


def call(name: str, *values: Any, zone: dt.tzinfo | None = UTC) -> Any:
    """What the function of that CFML name returns on a page in `zone`, at NOW."""
    function = find_function(name)
    assert function is not None, name
    return function(page(zone), *values)


def said(value: Any) -> Any:
    """A result as CFML prints it: dates as text; numbers, booleans and text as they are."""
    return text(value) if isinstance(value, dt.datetime) else value


def unproven(family: Family, called: Iterable[str]) -> list[str]:
    """Functions of a family without a source in the docstring, or without a case."""
    names = {name.lower() for name in called}
    return [one.name for one in family if "Source:" not in (one.__doc__ or "") or one.name.lower() not in names]
