"""CFML's operators on simple values.

Rule: each operator is one entry of OPERATORS, a function of plain values. What it cannot take is a FunctionFault that names the
operator and the side. Numbers are compared as numbers, dates as dates, all other text without regard to case.

Sources: the operator tables of Adobe's and Lucee's manuals; for mixed operands `lucee.runtime.op.OpUtil.compare`.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.values import FALSE, TRUE
from cfml_pop.errors import FunctionFault

__all__ = ["OPERATORS", "compare", "concat", "truth"]

LARGEST_EXPONENT = 400
"""Of `^`: no double is larger than 1.8e308, so more only costs time."""

LONGEST_TEXT = 64 * 1024 * 1024
"""Characters that `&` makes at most: a loop that doubles a text must end before the memory does."""


def compare(left: object, right: object) -> int:
    """-1, 0 or 1. Both numbers: by number. One a date: by date. One a boolean or its word, the other
    reads as a number: true is 1. Else as text, without case.

    Raises ValueError for what is no simple value.
    """
    left, right = current(left), current(right)
    for one in (left, right):
        if not simple.is_simple(one):
            raise ValueError(f"compares simple values (text, number, boolean, date), not {simple.kind_of(one)}")
    one, other = simple.numeric(left), simple.numeric(right)
    if one is not None and other is not None:
        return _order(one, other)
    if isinstance(left, dt.date) or isinstance(right, dt.date):
        first, second = _moment(left), _moment(right)
        if first is not None and second is not None:
            return _order(first, second)
    if _is_boolean(left) or _is_boolean(right):
        try:
            return _order(simple.number(left), simple.number(right))
        except ValueError:
            pass  # true against "abc": as text
    return _order(simple.text(left).lower(), simple.text(right).lower())


def truth(value: object, where: str) -> bool:
    """A value as a condition. `where` names what asks for it, as in "cfif". Raises FunctionFault."""
    try:
        return simple.boolean(value)
    except ValueError as error:
        raise FunctionFault(f"{where}: the condition {error}", function=where) from None


def _order(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _moment(value: object) -> dt.datetime | None:
    """The date that a value is, or that its text spells as the functions of dates read it."""
    found = simple.date(value)
    if found is None and isinstance(value, str):
        from cfml_pop.cfml.functions import Page, find_function  # here, as functions may use operators

        is_date, parse = find_function("isDate"), find_function("parseDateTime")
        if is_date is not None and parse is not None and is_date(Page(), value):
            return simple.date(parse(Page(), value))
    return found


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in TRUE | FALSE)


def _contains(left: object, right: object) -> bool:
    return simple.text(right).lower() in simple.text(left).lower()


def concat(parts: Iterable[object]) -> str:
    """The operator `&`: the text of simple values, joined. Raises FunctionFault."""
    texts: list[str] = []
    length = 0
    for part in parts:
        try:
            texts.append(simple.text(part))
        except ValueError as error:
            raise FunctionFault(f"operator &: one side {error}", function="&") from None
        length += len(texts[-1])
        if length > LONGEST_TEXT:
            raise FunctionFault(f"operator &: makes no text of more than {LONGEST_TEXT} characters", function="&")
    return "".join(texts)


def _arithmetic(run: Callable[[Any, Any], Any]) -> Callable[[object, object], int | float]:
    @functools.wraps(run)
    def operate(left: object, right: object) -> int | float:
        sides: list[int | float] = []
        for side, value in (("left", left), ("right", right)):
            try:
                sides.append(simple.number(value))
            except ValueError as error:
                raise ValueError(f"the {side} side {error}") from None
        found = run(*sides)
        if isinstance(found, float):
            if not math.isfinite(found):
                raise ValueError("gives a number that is not finite")
            found = float(f"{found:.15g}")  # no more digits than a double holds: 0.1 + 0.2 is 0.3
            return int(found) if found.is_integer() and abs(found) < 1e15 else found
        return found if abs(found) < 10**15 else float(found)  # CFML's numbers are doubles

    return operate


def _divide(left: float, right: float) -> float:
    if right == 0:
        raise ValueError("divides by zero")
    return left / right


def _whole_divide(left: float, right: float) -> int:
    if int(right) == 0:
        raise ValueError("divides by zero")
    return math.trunc(int(left) / int(right))


def _mod(left: float, right: float) -> float:
    """The sign is that of the left side, as in Java."""
    if right == 0:
        raise ValueError("divides by zero")
    return math.fmod(left, right)


def _power(left: float, right: float) -> float:
    if abs(right) > LARGEST_EXPONENT and abs(left) not in (0, 1):
        raise ValueError(f"takes an exponent of {LARGEST_EXPONENT} at most")
    found: Any = float(left) ** float(right)
    if isinstance(found, complex):
        raise ValueError("has no real root of a negative number")  # noqa: TRY004 - all faults of operators are one class
    return float(found)


def _logic(run: Callable[[bool, bool], bool]) -> Callable[[object, object], bool]:
    def operate(left: object, right: object) -> bool:
        return run(simple.boolean(left), simple.boolean(right))

    return operate


Operator = Callable[[object, object], Any]

_TABLE: dict[str, Operator] = {
    "eq": lambda left, right: compare(left, right) == 0,
    "neq": lambda left, right: compare(left, right) != 0,
    "gt": lambda left, right: compare(left, right) > 0,
    "gte": lambda left, right: compare(left, right) >= 0,
    "lt": lambda left, right: compare(left, right) < 0,
    "lte": lambda left, right: compare(left, right) <= 0,
    "contains": _contains,
    "does not contain": lambda left, right: not _contains(left, right),
    "&": lambda left, right: concat((left, right)),
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_divide),
    "\\": _arithmetic(_whole_divide),
    "mod": _arithmetic(_mod),
    "^": _arithmetic(_power),
    "xor": _logic(lambda left, right: left != right),
    "eqv": _logic(lambda left, right: left == right),
    "imp": _logic(lambda left, right: not left or right),
}


def _named(name: str, run: Operator) -> Operator:
    def operate(left: object, right: object) -> Any:
        try:
            return run(left, right)
        except FunctionFault:
            raise
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            raise FunctionFault(f"operator {name}: {error}", function=name) from None

    return operate


OPERATORS: Mapping[str, Operator] = MappingProxyType({name: _named(name, run) for name, run in _TABLE.items()})
"""Every operator of two sides but `and` and `or`, which do not look at their right side where the left one decides."""
