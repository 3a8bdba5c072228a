"""Bases and bits.

Rule: bits are those of a signed number of 32; a number from 2^31 to 2^32 - 1 is taken too, as its bits. Numbers are cut to whole
ones before.
"""

from __future__ import annotations

from collections.abc import Callable

from cfml_pop.cfml.functions.family import BadArgument, Family, argument

__all__ = ["FAMILY"]

FAMILY = Family("Bases and bits")

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

MOST_BASE_DIGITS = 64
"""Digits that inputBaseN reads: a number of 64 bits in base 2."""


def _radix(radix: int) -> int:
    if not 2 <= radix <= 36:
        raise BadArgument("radix", f"must be 2 to 36, not {radix}")
    return radix


@FAMILY.function("formatBaseN", argument("number", "integer"), argument("radix", "integer"))
def format_base_n(number: int, radix: int) -> str:
    """A whole number in base 2 to 36, in lower case. Below 0 it has a -, but in base 2 and 16 it is the bits of a number of 32.

    Source: Lucee and Adobe, FormatBaseN.
    """
    if _radix(radix) in (2, 16) and -(2**31) <= number < 0:
        number &= 0xFFFF_FFFF
    rest, found = abs(number), []
    while rest:
        rest, digit = divmod(rest, radix)
        found.append(DIGITS[digit])
    return ("-" if number < 0 else "") + ("".join(reversed(found)) or "0")


@FAMILY.function("inputBaseN", argument("string"), argument("radix", "integer"))
def input_base_n(text: str, radix: int) -> int:
    """The number that text spells in base 2 to 36; 0x may stand before base 16. Source: Lucee and Adobe, InputBaseN."""
    digits = text.strip().lower()
    allowed = DIGITS[: _radix(radix)]
    if radix == 16:
        digits = digits.removeprefix("0x")
    plain = digits[1:] if digits[:1] in ("-", "+") else digits
    if not 1 <= len(plain) <= MOST_BASE_DIGITS or not set(plain) <= set(allowed):
        raise BadArgument("string", f"must be 1 to {MOST_BASE_DIGITS} digits of base {radix} ({allowed}), not {text[:80]!r}")
    return int(digits, radix)


def _bits(name: str, number: int) -> int:
    if not -(2**31) <= number < 2**32:
        raise BadArgument(name, f"must be a whole number of 32 bits, not {number}")
    return number & 0xFFFF_FFFF


def _signed(bits: int) -> int:
    bits &= 0xFFFF_FFFF
    return bits - 2**32 if bits & 0x8000_0000 else bits


def _of_two(compute: Callable[[int, int], int]) -> Callable[[int, int], int]:
    return lambda first, second: _signed(compute(_bits("number1", first), _bits("number2", second)))


@FAMILY.function("bitAnd", argument("number1", "integer"), argument("number2", "integer"))
def bit_and(first: int, second: int) -> int:
    """The bits that are set in both. Source: Lucee and Adobe, BitAnd."""
    return _of_two(lambda one, two: one & two)(first, second)


@FAMILY.function("bitOr", argument("number1", "integer"), argument("number2", "integer"))
def bit_or(first: int, second: int) -> int:
    """The bits that are set in either. Source: Lucee and Adobe, BitOr."""
    return _of_two(lambda one, two: one | two)(first, second)


@FAMILY.function("bitXor", argument("number1", "integer"), argument("number2", "integer"))
def bit_xor(first: int, second: int) -> int:
    """The bits that are set in one of the two. Source: Lucee and Adobe, BitXor."""
    return _of_two(lambda one, two: one ^ two)(first, second)


@FAMILY.function("bitNot", argument("number", "integer"))
def bit_not(number: int) -> int:
    """All bits turned over: -1 - number. Source: Lucee and Adobe, BitNot."""
    return _signed(~_bits("number", number))


def _count(name: str, count: int, most: int = 31) -> int:
    if not 0 <= count <= most:
        raise BadArgument(name, f"must be 0 to {most}, not {count}")
    return count


@FAMILY.function("bitSHLN", argument("number", "integer"), argument("count", "integer"))
def bit_shift_left(number: int, count: int) -> int:
    """The bits moved to the left by 0 to 31 places, zeros behind them. Source: Lucee and Adobe, BitSHLN."""
    return _signed(_bits("number", number) << _count("count", count))


@FAMILY.function("bitSHRN", argument("number", "integer"), argument("count", "integer"))
def bit_shift_right(number: int, count: int) -> int:
    """The bits moved to the right by 0 to 31 places, zeros before them. Source: Lucee and Adobe, BitSHRN."""
    return _signed(_bits("number", number) >> _count("count", count))


def _mask(start: int, length: int) -> int:
    _count("start", start)
    return ((1 << _count("length", length)) - 1) << start


@FAMILY.function("bitMaskClear", argument("number", "integer"), argument("start", "integer"), argument("length", "integer"))
def bit_mask_clear(number: int, start: int, length: int) -> int:
    """`length` bits from `start` on (0 is the lowest) set to 0. Source: Lucee and Adobe, BitMaskClear."""
    return _signed(_bits("number", number) & ~_mask(start, length))


@FAMILY.function("bitMaskRead", argument("number", "integer"), argument("start", "integer"), argument("length", "integer"))
def bit_mask_read(number: int, start: int, length: int) -> int:
    """The number in `length` bits from `start` on. Source: Lucee and Adobe, BitMaskRead."""
    return (_bits("number", number) & _mask(start, length)) >> start


@FAMILY.function(
    "bitMaskSet",
    argument("number", "integer"),
    argument("mask", "integer"),
    argument("start", "integer"),
    argument("length", "integer"),
)
def bit_mask_set(number: int, mask: int, start: int, length: int) -> int:
    """`length` bits from `start` on set to those of `mask`. Source: Lucee and Adobe, BitMaskSet."""
    where = _mask(start, length)
    return _signed((_bits("number", number) & ~where) | ((_bits("mask", mask) << start) & where))
