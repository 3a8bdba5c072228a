"""Numbers: rounding, logarithms and angles, chance.

Rule: numbers are doubles, as in CFML, and whole results are int, so that they print without a point. Rounding looks at the
decimal digits that a number is written with: 1.005 is halfway between 1.00 and 1.01, though its double is a little less.
"""

from __future__ import annotations

import math
import random
import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

from cfml_pop.cfml.functions.family import BadArgument, Family, argument

__all__ = ["FAMILY", "decimal", "rounded"]

FAMILY = Family("Numbers")

MOST_DIGITS = 700
"""Enough for every double written out: 309 digits before the point, 340 behind it."""

CHANCE = random.Random()
"""Seeded by randomize; not for keys, as rand in CFML without a named algorithm."""


def _whole(value: float) -> float:
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else value


def decimal(number: float) -> Decimal:
    """The number with the digits that it is written with, the fewest that name it."""
    return Decimal(repr(number))


def rounded(number: float, places: int, how: str = ROUND_HALF_UP) -> Decimal:
    """The number with `places` digits behind the point; halves go away from zero."""
    with localcontext() as context:
        context.prec = MOST_DIGITS
        return decimal(number).quantize(Decimal(1).scaleb(-places), how)


# -- rounding --------------------------------------------------------------------------------------------------------------------


@FAMILY.function("abs", argument("number", "number"))
def absolute(number: float) -> float:
    """The number without its sign. Source: Lucee and Adobe, Abs."""
    return abs(number)


@FAMILY.function("ceiling", argument("number", "number"))
def ceiling(number: float) -> int:
    """The next whole number that is not smaller. Source: Lucee and Adobe, Ceiling."""
    return math.ceil(number)


@FAMILY.function("floor", argument("number", "number"))
def floor(number: float) -> int:
    """The next whole number that is not larger; the same as int. Source: Adobe since 2016 and Lucee since 5.1, Floor."""
    return math.floor(number)


@FAMILY.function("int", argument("number", "number"))
def integer(number: float) -> int:
    """The next whole number that is not larger: int(-3.3) is -4. Source: Lucee and Adobe, Int."""
    return math.floor(number)


@FAMILY.function("fix", argument("number", "number"))
def fix(number: float) -> int:
    """The whole number without the fraction: fix(-3.3) is -3. Source: Lucee and Adobe, Fix."""
    return math.trunc(number)


@FAMILY.function("round", argument("number", "number"), argument("precision", "integer", 0))
def round_half_up(number: float, precision: int) -> float:
    """The nearest whole number, of two the larger: round(-1.5) is -1.

    With a precision, the nearest with so many decimals, of two the one away from zero.
    Source: Lucee and Adobe, Round; precision is Lucee's.
    """
    if not 0 <= precision <= 15:
        raise BadArgument("precision", f"must be 0 to 15, not {precision}")
    if precision:
        return _whole(float(rounded(number, precision)))
    with localcontext() as context:
        context.prec = MOST_DIGITS
        return int((decimal(number) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))


@FAMILY.function("sgn", argument("number", "number"))
def sign(number: float) -> int:
    """-1, 0 or 1. Source: Lucee and Adobe, Sgn."""
    return (number > 0) - (number < 0)


@FAMILY.function("max", argument("number1", "number"), argument("number2", "number"))
def larger(first: float, second: float) -> float:
    """The larger of two. Source: Lucee and Adobe, Max."""
    return max(first, second)


@FAMILY.function("min", argument("number1", "number"), argument("number2", "number"))
def smaller(first: float, second: float) -> float:
    """The smaller of two. Source: Lucee and Adobe, Min."""
    return min(first, second)


@FAMILY.function("incrementValue", argument("number", "number"))
def increment_value(number: float) -> int:
    """The whole part and one. Source: Adobe, IncrementValue; Lucee keeps the fraction."""
    return math.trunc(number) + 1


@FAMILY.function("decrementValue", argument("number", "number"))
def decrement_value(number: float) -> int:
    """The whole part less one. Source: Adobe, DecrementValue; Lucee keeps the fraction."""
    return math.trunc(number) - 1


_LEADING = re.compile(r"\s{0,1000}([+-]?(?:[0-9]{1,308}(?:\.[0-9]{0,308})?|\.[0-9]{1,308}))", re.ASCII)


@FAMILY.function("val", argument("string"))
def val(text: str) -> float:
    """The number that text begins with, 0 if it begins with none; an exponent is not read. Source: Lucee and Adobe, Val."""
    match = _LEADING.match(text)
    return _whole(float(match[1])) if match else 0


# -- powers and angles -----------------------------------------------------------------------------------------------------------


def _inside(number: float, least: float, most: float, accepted: str) -> None:
    if not least <= number <= most:
        raise BadArgument("number", f"must be {accepted}, not {number}")


@FAMILY.function("sqr", argument("number", "number"))
def square_root(number: float) -> float:
    """The square root. Source: Lucee and Adobe, Sqr."""
    _inside(number, 0, math.inf, "0 or more")
    return _whole(math.sqrt(number))


@FAMILY.function("exp", argument("number", "number"))
def exponential(number: float) -> float:
    """e to the power of the number, at most 709. Source: Lucee and Adobe, Exp."""
    _inside(number, -math.inf, 709.78, "at most 709.78")
    return _whole(math.exp(number))


@FAMILY.function("log", argument("number", "number"))
def logarithm(number: float) -> float:
    """The natural logarithm. Source: Lucee and Adobe, Log."""
    _inside(number, 5e-324, math.inf, "more than 0")
    return _whole(math.log(number))


@FAMILY.function("log10", argument("number", "number"))
def logarithm_10(number: float) -> float:
    """The logarithm to base 10. Source: Lucee and Adobe, Log10."""
    _inside(number, 5e-324, math.inf, "more than 0")
    return _whole(math.log10(number))


@FAMILY.function("pi")
def pi() -> float:
    """3.14159... Source: Lucee and Adobe, Pi."""
    return math.pi


@FAMILY.function("sin", argument("number", "number"))
def sine(number: float) -> float:
    """The sine of an angle in radians. Source: Lucee and Adobe, Sin."""
    return _whole(math.sin(number))


@FAMILY.function("cos", argument("number", "number"))
def cosine(number: float) -> float:
    """The cosine of an angle in radians. Source: Lucee and Adobe, Cos."""
    return _whole(math.cos(number))


@FAMILY.function("tan", argument("number", "number"))
def tangent(number: float) -> float:
    """The tangent of an angle in radians. Source: Lucee and Adobe, Tan."""
    return _whole(math.tan(number))


@FAMILY.function("aSin", argument("number", "number"))
def arc_sine(number: float) -> float:
    """The angle in radians of a sine, -1 to 1. Source: Lucee and Adobe, ASin."""
    _inside(number, -1, 1, "-1 to 1")
    return _whole(math.asin(number))


@FAMILY.function("aCos", argument("number", "number"))
def arc_cosine(number: float) -> float:
    """The angle in radians of a cosine, -1 to 1. Source: Lucee and Adobe, ACos."""
    _inside(number, -1, 1, "-1 to 1")
    return _whole(math.acos(number))


@FAMILY.function("atn", argument("number", "number"))
def arc_tangent(number: float) -> float:
    """The angle in radians of a tangent. Source: Lucee and Adobe, Atn."""
    return _whole(math.atan(number))


# -- chance ----------------------------------------------------------------------------------------------------------------------


@FAMILY.function("rand", argument("algorithm", "text", ""))
def rand(_algorithm: str) -> float:
    """A number from 0 up to 1, by chance. The algorithm that CFML names is not looked at. Source: Lucee and Adobe, Rand."""
    return CHANCE.random()


@FAMILY.function("randRange", argument("number1", "integer"), argument("number2", "integer"), argument("algorithm", "text", ""))
def rand_range(first: int, last: int, _algorithm: str) -> int:
    """A whole number from `number1` to `number2`, both included, in either order. Source: Lucee and Adobe, RandRange."""
    return CHANCE.randint(min(first, last), max(first, last))


@FAMILY.function("randomize", argument("number", "number"), argument("algorithm", "text", ""))
def randomize(number: float, _algorithm: str) -> float:
    """Make what rand and randRange give from now on repeatable, and return a number as rand does.

    Source: Lucee and Adobe, Randomize.
    """
    CHANCE.seed(number)
    return CHANCE.random()
