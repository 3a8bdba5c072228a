"""CFML's operators on simple values.

Rule: each operator is one entry of OPERATORS, a function of plain values. What it cannot take is a FunctionFault that names the
operator and the side. Numbers are compared as numbers, dates as dates, all other text without regard to case.

Sources: the operator tables of Adobe's and Lucee's manuals; for mixed operands `lucee.runtime.op.OpUtil.compare`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from cfml_pop.cfml import dates, simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.limits import fits
from cfml_pop.cfml.values import FALSE, TRUE
from cfml_pop.errors import FunctionFault

__all__ = ["OPERATORS", "Operator", "compare", "concat", "truth"]

Operate = Callable[[object, object, "dt.tzinfo | None"], Any]
"""Gets both sides, and the page's zone."""


def compare(left: object, right: object, zone: dt.tzinfo | None = None) -> int:
    """-1, 0 or 1. Numbers and dates, and text that spells one, by their value; true and yes are 1, false and no 0. All
    other text as text, without case, and a number or boolean against it as the text of the number.

    A date that names a zone, as the Date of a message does, is taken in `zone`, that of the page (None: the machine's). Lucee
    reads the left one of two texts as a boolean even then, so that `"abc" lt "no"` and `"no" lt "abc"` are both true.
    Raises ValueError for what is no simple value.
    """
    left, right = current(left), current(right)
    for one in (left, right):
        if not simple.is_simple(one):
            raise ValueError(f"compares simple values (text, number, boolean, date), not {simple.kind_of(one)}")
    if isinstance(left, dt.date) or isinstance(right, dt.date):
        first, second = _days(left, zone), _days(right, zone)
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
    # As `simple.number`, without an error for text: most comparisons are of text.
    if isinstance(value, bool):
        return int(value)
    found = simple.numeric(value)
    if found is None and isinstance(value, str):
        word = value.strip().lower()
        return int(word in TRUE) if word in TRUE or word in FALSE else None
    return found if found is not None and abs(found) <= simple.LARGEST else None


def _written(value: object) -> str:
    return simple.text(int(value) if isinstance(value, bool) else value).lower()


def _days(value: object, zone: dt.tzinfo | None) -> int | float | None:
    """A date, or text that names one, and a number, as days."""
    try:
        return _number(value, zone)
    except ValueError:
        return None


def _number(value: object, zone: dt.tzinfo | None) -> int | float:
    return dates.number(value, zone, _now)


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


def _contains(left: object, right: object, _: object) -> bool:
    return simple.text(right).lower() in simple.text(left).lower()


def concat(parts: Iterable[object]) -> str:
    """The operator `&`: the text of simple values, joined; a loop that doubles a text ends before the memory does.

    Raises FunctionFault.
    """
    texts: list[str] = []
    length = 0
    for part in parts:
        try:
            texts.append(simple.text(part))
        except ValueError as error:
            raise FunctionFault(f"operator &: one side {error}", function="&") from None
        length += len(texts[-1])
    try:
        fits(length)
    except ValueError as error:
        raise FunctionFault(f"operator &: {error}", function="&") from None
    return "".join(texts)


def _comparison(holds: Callable[[int], bool]) -> Operate:
    return lambda left, right, zone: holds(compare(left, right, zone))


def _arithmetic(run: Callable[[Any, Any], Any]) -> Operate:
    def operate(left: object, right: object, zone: dt.tzinfo | None) -> int | float:
        sides: list[int | float] = []
        for side, value in (("left", left), ("right", right)):
            try:
                sides.append(_number(value, zone))
            except ValueError as error:
                raise ValueError(f"the {side} side {error}") from None
        found = run(*sides)
        if isinstance(found, float):
            simple.finite(found)
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


def _logic(run: Callable[[bool, bool], bool]) -> Operate:
    return lambda left, right, _: run(_boolean(left), _boolean(right))


_TABLE: dict[str, Operate] = {
    "eq": _comparison(lambda order: order == 0),
    "neq": _comparison(lambda order: order != 0),
    "gt": _comparison(lambda order: order > 0),
    "gte": _comparison(lambda order: order >= 0),
    "lt": _comparison(lambda order: order < 0),
    "lte": _comparison(lambda order: order <= 0),
    "contains": _contains,
    "does not contain": lambda left, right, zone: not _contains(left, right, zone),
    "&": lambda left, right, _: concat((left, right)),
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


class Operator(Protocol):
    """An operator. `zone` is the page's, for dates that name one (None: the machine's)."""

    def __call__(self, left: object, right: object, zone: dt.tzinfo | None = None) -> Any: ...


def _named(name: str, run: Operate) -> Operator:
    def operate(left: object, right: object, zone: dt.tzinfo | None = None) -> Any:
        try:
            return run(left, right, zone)
        except FunctionFault:
            raise
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            raise FunctionFault(f"operator {name}: {error}", function=name) from None

    return operate


OPERATORS: Mapping[str, Operator] = MappingProxyType({name: _named(name, run) for name, run in _TABLE.items()})
"""Every operator of two sides but `and` and `or`, which do not look at their right side where the left one decides."""
