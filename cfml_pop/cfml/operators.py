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

from cfml_pop.cfml import dates, simple
from cfml_pop.cfml.column import current
from cfml_pop.errors import FunctionFault

__all__ = ["OPERATORS", "compare", "concat", "truth"]

LONGEST_TEXT = 64 * 1024 * 1024
"""Characters that `&` makes at most: a loop that doubles a text must end before the memory does."""


def compare(left: object, right: object) -> int:
    """-1, 0 or 1. Numbers and dates, and text that spells one, by their value; true and yes are 1, false and no 0. All
    other text as text, without case, and a number or boolean against it as the text of the number.

    Lucee reads the left one of two texts as a boolean even then, so that `"abc" lt "no"` and `"no" lt "abc"` are both true.
    Raises ValueError for what is no simple value.
    """
    left, right = current(left), current(right)
    for one in (left, right):
        if not simple.is_simple(one):
            raise ValueError(f"compares simple values (text, number, boolean, date), not {simple.kind_of(one)}")
    if isinstance(left, dt.date) or isinstance(right, dt.date):
        first, second = _days(left), _days(right)
        if first is not None and second is not None:
            return _order(first, second)
    one, other = _plain_number(left), _plain_number(right)
    if one is not None and other is not None:
        return _order(one, other)
    return _order(_written(left), _written(right))


def truth(value: object, where: str) -> bool:
    """A value as a condition. `where` names what asks for it, as in "cfif". Raises FunctionFault."""
    try:
        return _boolean(value)
    except ValueError as error:
        raise FunctionFault(f"{where}: the condition {error}", function=where) from None


def _order(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _plain_number(value: object) -> int | float | None:
    """The number that a value, but a date, is or that its text spells; booleans and their words are numbers here."""
    try:
        return None if isinstance(value, dt.date) else simple.number(value)
    except ValueError:
        return None


def _written(value: object) -> str:
    return simple.text(int(value) if isinstance(value, bool) else value).lower()


def _days(value: object) -> int | float | None:
    """A date, or text that names one, and a number, as days."""
    try:
        return _number(value)
    except ValueError:
        return None


def _number(value: object) -> int | float:
    return dates.number(value, None, _now)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _boolean(value: object) -> bool:
    """Text that names a date is true, as in Lucee; a date itself is no boolean."""
    try:
        return simple.boolean(value)
    except ValueError:
        if not isinstance(current(value), str) or dates.read(value, None, _now) is None:
            raise
        return True


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
                sides.append(_number(value))
            except ValueError as error:
                raise ValueError(f"the {side} side {error}") from None
        found = run(*sides)
        if isinstance(found, float):
            if not math.isfinite(found):
                raise ValueError("gives a number that is not finite")
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
    if left == 0 and right < 0:
        raise ValueError("divides by zero: 0 has no negative power")
    try:
        found: Any = float(left) ** float(right)
    except OverflowError:
        found = math.inf  # which no operator gives
    if isinstance(found, complex):
        raise ValueError("has no real root of a negative number")  # noqa: TRY004 - all faults of operators are one class
    return float(found)


def _logic(run: Callable[[bool, bool], bool]) -> Callable[[object, object], bool]:
    def operate(left: object, right: object) -> bool:
        return run(_boolean(left), _boolean(right))

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
