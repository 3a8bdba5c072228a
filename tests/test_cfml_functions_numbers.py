"""CFML's functions of numbers, against the published cases of Lucee's tests and Adobe's and cfdocs' examples."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.functions import bits, number_masks, numbers
from cfml_pop.errors import FunctionFault
from tests.page_support import call, unproven

__all__: list[str] = []

Cases = list[tuple[str, tuple[Any, ...], Any]]

NUMBERS: Cases = [
    ("abs", (-4.5,), 4.5),
    ("ceiling", (4.1,), 5),
    ("ceiling", ("-4.1",), -4),
    ("floor", (4.7,), 4),
    ("floor", (-4.3,), -5),
    ("int", (-3.3,), -4),
    ("int", (3.9,), 3),
    ("fix", (-3.3,), -3),
    ("fix", (3.9,), 3),
    ("round", (3.1415926535,), 3),
    ("round", (3.1415926535, 3), 3.142),
    ("round", (1.5,), 2),
    ("round", (2.5,), 3),
    ("round", (-1.5,), -1),
    ("round", (-1.6,), -2),
    ("round", (0.49999999999999994,), 0),
    ("round", (1.005, 2), 1.01),
    ("round", (-1.005, 2), -1.01),
    ("round", (1e300,), int(Decimal("1e300"))),
    ("sgn", (-2,), -1),
    ("sgn", (0,), 0),
    ("sgn", ("0.1",), 1),
    ("max", (1, 2.5), 2.5),
    ("min", ("1", 2.5), 1),
    ("incrementValue", (7.9,), 8),
    ("incrementValue", (-2.5,), -1),
    ("decrementValue", ("3",), 2),
    ("val", ("1234 Main St.",), 1234),
    ("val", ("Main St., 1234",), 0),
    ("val", ("123.456",), 123.456),
    ("val", ("",), 0),
    ("val", ("one",), 0),
    ("val", ("123T456",), 123),
    ("val", ("1e5",), 1),
    ("val", (" -1.5x",), -1.5),
    ("val", ("-",), 0),
    ("val", (".5",), 0.5),
    ("val", ("1.2.3",), 1.2),
    ("sqr", (16,), 4),
    ("exp", (0,), 1),
    ("log", (1,), 0),
    ("log10", (1000,), 3),
    ("pi", (), math.pi),
    ("sin", (0,), 0),
    ("cos", (0,), 1),
    ("tan", (0,), 0),
    ("aSin", (1,), math.pi / 2),
    ("aCos", (1,), 0),
    ("atn", (1,), math.pi / 4),
    ("randRange", (3, 3), 3),
    ("round", (True,), 1),
]

MASKS: Cases = [
    ("numberFormat", (number, mask), shown)
    for number, mask, shown in [
        (123, "00000", "00123"), (123, "+", "+123"), (-123, "+", "-123"), (123, "__.00", "123.00"), (11.1, "__.00", "11.10"),
        (1.234, "__.00", " 1.23"), (1234, "__.00", "1234.00"), (123, "99999", "  123"), (123, "_.___", "123.000"),
        (123.12, "99.99999", "123.12000"), (11.10, "__.000", "11.100"), (-123, "-", "-123"), (8, "-", " 8"), (123, ",", "123"),
        (123456789, ",", "123,456,789"), (123456789, "_$,9.99", "$123,456,789.00"), (4, "99.99", " 4.00"), (4, ".", "4."),
        (3.16, ".9", "3.2"), (7.4, "000.000", "007.400"), (-6.3, "()0.00", "(6.30)"), (6.3, "()0.00", "6.30"),
        ("", "0.00", "0.00"),
        (1, "L999", "1  "), (1, "C999", " 1 "), (1, "C000", "001"), (12, "C9999999", "  12   "),
        (4.37, "$____.__", "$   4.37"), (4.37, "_$___.__", "   $4.37"), (-4.37, "-____.__", "-   4.37"),
        (-4.37, "_-___.__", "   -4.37"),
        (4.37, "-____.__", "    4.37"), (-4.37, "(____.__)", "(   4.37)"), (-4.37, "_(___.__)", "   (4.37)"),
        (4.37, "+____.__", "+   4.37"), (-4.37, "____.__", "   -4.37"), (-4.37, "$____.__", "$   -4.37"), (-5, "-$", "-$5"),
        (5, "-$", " $5"),
        (5.25, "+", "+5.25"), (0.5, "_", "1"), (0.4, "___", "  0"), (0.5, "9.9", "0.5"), (0.5, ".99", "0.50"),
        (1.005, "9.99", "1.01"),
        (-1.005, "9.99", "-1.01"), (-0.001, "9.99", "0.00"), (-0.001, "(9.99)", "0.00"), (1234.5, "9,999.00", "1,234.50"),
        (5, "_00", " 05"),
        (5, "0,000", "0,005"), (34.567, "", "35"), (0, "_,___", "    0"), (12345, "9^9", "12345"), (1e21, "9", "1" + "0" * 21),
        (5, "$$", "$5"),
        (1.5, "0.0.0", "1.50"), (5, "$_$__", "  $5"), (-5, "+_-__", "-  5"),
        (5, "+-9", "+5"), (-5, "+-9", "-5"), (-5, "-(9)", "(5)"),
    ]
]  # fmt: skip
MASKS += [
    ("numberFormat", (34.567,), "35"),
    ("numberFormat", ("",), "0"),
    ("numberFormat", (-1234567.5,), "-1,234,568"),
    ("decimalFormat", (123,), "123.00"),
    ("decimalFormat", (123.00000000002,), "123.00"),
    ("decimalFormat", (123456789.00,), "123,456,789.00"),
    ("decimalFormat", (-1234,), "-1,234.00"),
    ("decimalFormat", ("",), "0.00"),
    ("decimalFormat", (-0.001,), "0.00"),
    *[
        ("dollarFormat", (number,), shown)
        for number, shown in {
            "": "$0.00", "1": "$1.00", "11.986": "$11.99", "1.3333333": "$1.33", "123.46": "$123.46", "1.999999": "$2.00",
            "1.774": "$1.77",
            "1.776": "$1.78", 200000: "$200,000.00", -1: "($1.00)", 0: "$0.00", 1236598.2: "$1,236,598.20", -11.34: "($11.34)",
            "01.985": "$1.99", "11.985": "$11.99", "999.985": "$999.99", "675.985": "$675.99", "987.555": "$987.56",
        }.items()
    ],
]  # fmt: skip

BITS: Cases = [
    ("formatBaseN", (10, 2), "1010"),
    ("formatBaseN", (10.75, 2), "1010"),
    ("formatBaseN", (1024, 16), "400"),
    ("formatBaseN", (125, 10), "125"),
    ("formatBaseN", (-1234, 2), "11111111111111111111101100101110"),
    ("formatBaseN", (-1234, 8), "-2322"),
    ("formatBaseN", (-1234, 10), "-1234"),
    ("formatBaseN", (-1234, 16), "fffffb2e"),
    ("formatBaseN", (0, 36), "0"),
    ("inputBaseN", ("1010", 2), 10),
    ("inputBaseN", ("0x3FF", 16), 1023),
    ("inputBaseN", ("-zz", 36), -1295),
    ("bitAnd", (5, 255), 5),
    ("bitAnd", (128, 128), 128),
    ("bitAnd", (-1, 7), 7),
    ("bitOr", (5, 128), 133),
    ("bitXor", (5, 255), 250),
    ("bitNot", (0,), -1),
    ("bitNot", (255,), -256),
    ("bitSHLN", (1, 1), 2),
    ("bitSHLN", (1, 31), -2147483648),
    ("bitSHLN", (128, 31), 0),
    ("bitSHRN", (128, 7), 1),
    ("bitSHRN", (-1, 28), 15),
    ("bitMaskClear", (3, 1, 1), 1),
    ("bitMaskClear", (3, 2, 1), 3),
    ("bitMaskClear", (31, 2, 4), 3),
    ("bitMaskRead", (255, 4, 4), 15),
    ("bitMaskSet", (255, 255, 4, 4), 255),
    ("bitMaskSet", (255, 0, 4, 4), 15),
    ("bitMaskSet", (0, 15, 4, 4), 240),
]


@pytest.mark.parametrize(("name", "values", "expected"), [*NUMBERS, *MASKS, *BITS])
def test_cases(name: str, values: tuple[Any, ...], expected: Any) -> None:
    """Each published case, and each edge, gives what the reference says, as an int where it is whole."""
    found = call(name, *values)

    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize("family", [numbers.FAMILY, number_masks.FAMILY, bits.FAMILY], ids=lambda family: family.title)
def test_every_function_is_proven(family: Any) -> None:
    """Every function names its source and has a case; rand and randomize, which have no result to say, have a law below."""
    assert [] == unproven(family, [*(name for name, _, _ in (*NUMBERS, *MASKS, *BITS)), "rand", "randomize"])


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        (
            "numberFormat",
            ("ben", "0.00"),
            "numberFormat(): number must be a number, not 'ben'; write numberFormat(number, [mask])",
        ),
        ("numberFormat", (1, "#"), "mask must be made of _ 9 0 . $ + - ( ) , L C ^, not '#'"),
        ("numberFormat", (1, "9" * 201), "mask must have at most 200 characters, not 201"),
        ("numberFormat", (10**400,), "number must be a number of at most 1.8e308"),
        ("numberFormat", (float("nan"),), "number must be a number of at most 1.8e308"),
        ("dollarFormat", ("one Dollar",), "number must be a number, not 'one Dollar'"),
        ("round", (1, 16), "precision must be 0 to 15, not 16"),
        ("sqr", (-1,), "sqr(): number must be 0 or more, not -1; write sqr(number)"),
        ("log", (0,), "number must be more than 0, not 0"),
        ("log10", (-1,), "number must be more than 0, not -1"),
        ("exp", (710,), "number must be at most 709.78, not 710"),
        ("aSin", (1.1,), "number must be -1 to 1, not 1.1"),
        ("aCos", (-2,), "number must be -1 to 1, not -2"),
        ("formatBaseN", (1, 37), "radix must be 2 to 36, not 37"),
        ("inputBaseN", ("12", 2), "string must be 1 to 64 digits of base 2 (01), not '12'"),
        ("inputBaseN", ("1_0", 10), "string must be 1 to 64 digits of base 10"),
        ("inputBaseN", ("\u0663", 10), "string must be 1 to 64 digits of base 10"),
        ("inputBaseN", ("", 10), "string must be 1 to 64 digits of base 10"),
        ("inputBaseN", ("1" * 65, 2), "string must be 1 to 64 digits of base 2"),
        ("bitAnd", (2**32, 1), "number1 must be a whole number of 32 bits, not 4294967296"),
        ("bitSHLN", (1, 32), "count must be 0 to 31, not 32"),
        ("bitMaskClear", (31, 32, 4), "start must be 0 to 31, not 32"),
        ("bitMaskClear", (31, 1, -1), "length must be 0 to 31, not -1"),
        ("max", (1,), "number2 is missing"),
    ],
)
def test_errors(name: str, values: tuple[Any, ...], text: str) -> None:
    """What a function cannot take is one error that names the function, the argument and what is accepted."""
    with pytest.raises(FunctionFault) as caught:
        call(name, *values)

    assert text in str(caught.value)
    assert name == caught.value.function


# -- laws ------------------------------------------------------------------------------------------------------------------------

doubles = st.floats(-1e15, 1e15)
cents = st.decimals(-10_000_000, 10_000_000, places=6)


@given(doubles)
def test_parts_of_rounding(number: float) -> None:
    """int is not above, ceiling not below, fix not farther from 0, and round not more than a half away."""
    assert call("int", number) <= number <= call("ceiling", number)
    assert abs(call("fix", number)) <= abs(number)
    assert abs(Decimal(call("round", number)) - Decimal(repr(number))) <= Decimal("0.5")


@given(cents, st.integers(0, 5))
def test_rounding_is_decimal(number: Decimal, places: int) -> None:
    """A number is rounded as its decimal digits are: halves away from zero, in masks as in round with a precision."""
    expected = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

    assert expected == Decimal(call("numberFormat", str(number), "0." + "9" * places))
    assert places == 0 or float(expected) == call("round", str(number), places)


@given(doubles, st.from_regex(r"[LC]?[$+(-]{0,2}[_90,]{0,12}(\.[_90]{0,6})?\)?", fullmatch=True))
def test_masks_keep_the_value(number: float, mask: str) -> None:
    """Whatever the mask, the digits without commas and signs are the number, rounded to the places that the mask has."""
    shown = call("numberFormat", number, mask)
    bare = shown.translate(str.maketrans("", "", "$+-(), "))
    places = len(bare.partition(".")[2])

    assert abs(Decimal(bare) - abs(Decimal(repr(number)))) <= Decimal(5).scaleb(-places - 1)


@given(st.floats(allow_nan=False, allow_infinity=False), st.text("_90.,+-()$LC^", max_size=number_masks.LONGEST_MASK))
def test_masks_are_bounded(number: float, mask: str) -> None:
    """No mask of the characters that mean something raises, and none makes more than the number's digits, commas, and itself."""
    assert len(call("numberFormat", number, mask)) <= 2 * len(mask) + 309 * 4 // 3 + 30


@pytest.mark.parametrize("character", "_90.,+-()$LC^")
def test_floods(character: str) -> None:
    """A mask of one character as often as is allowed is written."""
    assert "1" in call("numberFormat", 1, character * number_masks.LONGEST_MASK)


@given(st.integers(0, 2**64 - 1), st.integers(2, 36))
def test_bases_there_and_back(number: int, radix: int) -> None:
    """What formatBaseN writes inputBaseN reads."""
    assert number == call("inputBaseN", call("formatBaseN", number, radix), radix)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, 31), st.integers(0, 31))
def test_bits_there_and_back(number: int, start: int, length: int) -> None:
    """bitNot twice is nothing; the bits that bitMaskRead reads put bitMaskClear's result right."""
    length = min(length, 32 - start)
    read = call("bitMaskRead", number, start, length)

    assert number == call("bitNot", call("bitNot", number))
    assert number == call("bitMaskSet", call("bitMaskClear", number, start, length), read, start, length)


@given(st.text(max_size=40), st.integers(-(10**9), 10**9))
def test_val_reads_what_text_begins_with(text: str, number: int) -> None:
    """val never fails, and gives the number that stands before what is no digit."""
    assert isinstance(call("val", text), (int, float))
    assert number == call("val", f"{number}x{text}")


def test_chance_is_repeatable() -> None:
    """randomize makes what follows repeatable; rand is at least 0 and below 1, randRange from one number to the other."""
    runs = []
    for _ in range(2):
        first = call("randomize", 7)
        runs.append([first, call("rand"), call("randRange", 1, 6), call("randRange", 6, 1, "SHA1PRNG")])

    assert runs[0] == runs[1]
    assert all(0 <= call("rand") < 1 and 1 <= call("randRange", 6, 1) <= 6 for _ in range(200))
