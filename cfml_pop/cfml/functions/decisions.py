"""Decisions: what a value is, and whether it may be taken for something else.

Rule: a decision never fails on a value; what cannot be is false. A `Column` of a query counts as its current row. Whether a
variable is there (isDefined, parameterExists, isNull) is not asked here: that needs the names of the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from cfml_pop.cfml import dates, simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.functions.family import BadArgument, Family, Page, argument
from cfml_pop.cfml.functions.validity import TYPES
from cfml_pop.cfml.perl5 import compiled
from cfml_pop.cfml.query import Query

__all__ = ["FAMILY"]

FAMILY = Family("Decisions")

EXPRESSIONS = ("regex", "regular_expression")
"""The types of isValid that take a pattern."""


@FAMILY.function("isNumeric", argument("value", "any"))
def is_numeric(value: object) -> bool:
    """Whether a value is a number or text that spells one; booleans and dates are none. Source: Lucee and Adobe, IsNumeric."""
    number = simple.numeric(value)
    return number is not None and abs(number) <= simple.LARGEST


@FAMILY.function("isBoolean", argument("value", "any"))
def is_boolean(value: object) -> bool:
    """Whether a value is true, false, yes or no in any case, or a number. Source: Lucee and Adobe, IsBoolean."""
    return _boolean(value) is not None


def _boolean(value: object) -> bool | None:
    try:
        return simple.boolean(value)
    except ValueError:
        return None


@FAMILY.function("isDate", argument("value", "any"), page=True)
def is_date(page: Page, value: object) -> bool:
    """Whether a value is a date, a Date header that can be read, or text in one of the forms of `cfml.dates`; numbers are none.

    Source: Lucee and Adobe, IsDate.
    """
    return simple.numeric(value) is None and dates.read(value, page.time_zone, page.clock) is not None


@FAMILY.function("isNumericDate", argument("number", "any"), page=True)
def is_numeric_date(page: Page, value: object) -> bool:
    """Whether a number counts the days to a date of the years 100 to 9999; a date itself does.

    Source: Lucee and Adobe, IsNumericDate.
    """
    return dates.read(value, page.time_zone, page.clock) is not None


@FAMILY.function("isSimpleValue", argument("value", "any"))
def is_simple_value(value: object) -> bool:
    """Whether a value is text, a number, a boolean or a date. Source: Lucee and Adobe, IsSimpleValue."""
    return simple.is_simple(value)


@FAMILY.function("isBinary", argument("value", "any"))
def is_binary(value: object) -> bool:
    """Whether a value is octets. Source: Lucee and Adobe, IsBinary."""
    return isinstance(current(value), (bytes, bytearray, memoryview))


@FAMILY.function("isEmpty", argument("value", "any"))
def is_empty(value: object) -> bool:
    """Whether text has no character, an array, a struct or a query nothing in it; nothing at all is empty.

    Source: Lucee, IsEmpty.
    """
    if isinstance(value, Query):
        return not value.recordcount
    value = current(value)
    if isinstance(value, (str, list, tuple, Mapping)):
        return not value
    return value is None


@FAMILY.function("yesNoFormat", argument("value", "any"))
def yes_no_format(value: object) -> str:
    """Yes or No; empty text is No. Source: Lucee and Adobe, YesNoFormat."""
    return "Yes" if _truth(value) else "No"


@FAMILY.function("booleanFormat", argument("value", "any"))
def boolean_format(value: object) -> str:
    """true or false; empty text is false. Source: Lucee and Adobe, BooleanFormat."""
    return "true" if _truth(value) else "false"


@FAMILY.function("trueFalseFormat", argument("value", "any"))
def true_false_format(value: object) -> str:
    """true or false; empty text is false. Source: Lucee, TrueFalseFormat."""
    return boolean_format(value)


def _truth(value: object) -> bool:
    value = current(value)
    if isinstance(value, str) and not value.strip():
        return False
    found = _boolean(value)
    if found is None:
        raise BadArgument("value", f"must be yes or no, true or false, or a number, not {simple.kind_of(value)}")
    return found


@FAMILY.function(
    "isValid",
    argument("type"),
    argument("value", "any"),
    argument("min", "any", None, also=("pattern",)),
    argument("max", "any", None),
    page=True,
)
def is_valid(page: Page, type_name: str, value: object, least: object, most: object) -> bool:
    """Whether a value is of a type; see `validity.TYPES` for what each takes.

    `min` and `max` are for range, integer, float and numeric (the number), and for string (its length). The types regex and
    regular_expression take a pattern as third argument, of which the first match must be the whole text: `a|ab` is not valid for
    ab, `ab|a` is. The types component, function and xml are not known here. Source: Lucee and Adobe, IsValid.
    """
    name = type_name.strip().lower()
    if name in EXPRESSIONS:
        return _is_of_pattern(value, least)
    check = TYPES.get(name)
    if check is None:
        raise BadArgument("type", f"must be one of {', '.join(sorted({*TYPES, *EXPRESSIONS}))}, not {type_name!r}")
    value = value if isinstance(value, Query) else current(value)
    measured = check(value, page)
    if measured is None:
        return False
    low, high = _bound("min", least), _bound("max", most)
    if name == "range" and (low is None or high is None):
        raise BadArgument("min", "and max must be given for the type range")
    if isinstance(measured, bool):
        return measured
    return (low is None or low <= measured) and (high is None or measured <= high)


def _is_of_pattern(value: object, pattern: object) -> bool:
    if pattern is None:
        raise BadArgument("pattern", "must be given for the type regex: an expression")
    try:
        expression = compiled(simple.text(pattern), False)
    except ValueError as error:
        raise BadArgument("pattern", str(error)) from None
    if not simple.is_simple(value):
        return False
    text = simple.text(value)
    first = next(expression.matches(text), None)
    return first is not None and first.span() == (0, len(text))


def _bound(name: str, value: object) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    number = simple.numeric(value)
    if number is None or not math.isfinite(number):
        raise BadArgument(name, f"must be a number, not {simple.kind_of(value)}")
    return number
