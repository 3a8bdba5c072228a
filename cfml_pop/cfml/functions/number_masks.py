"""Numbers as text: numberFormat and its mask, decimalFormat, dollarFormat.

Rule: a mask says three things, each on its own: how the digits are written (places _ 9 0, the point, the comma), how wide they
are (the places, the point and the commas, L or C for where in that width they stand), and which signs go with them ($ + - and
parentheses). A sign before the first place stands at the left edge, one behind it stands beside the digits. Digits are never cut:
a number that needs more places than there are takes them.

Halves are rounded away from zero, as the number is written (see `numbers`).
"""

from __future__ import annotations

import dataclasses

from cfml_pop.cfml.functions.family import BadArgument, Family, argument
from cfml_pop.cfml.functions.numbers import rounded

__all__ = ["FAMILY", "LONGEST_MASK", "NumberMask"]

FAMILY = Family("Numbers as text")

LONGEST_MASK = 200
"""Characters; a double has at most 309 digits before the point, and 17 that mean something."""

UNMASKED_PLACES = 11
"""The most digits behind the point where a mask has no place for digits at all, as "+" or "$" (Lucee)."""

PLACES = "_90"
SIGNS = "(+-"
"""How it is said that a number is below 0; of several in a mask the first of these counts."""

ACCEPTED = PLACES + "." + "$+-()" + ",LC^"


@dataclasses.dataclass(frozen=True)
class NumberMask:
    """A mask, read. `zeros`: the least digits before the point; `decimals`: those behind it, None for as many as there are.

    `edge` and `beside` are the signs before the first place and behind it, in the mask's order; one in both is beside.
    """

    width: int
    zeros: int
    decimals: int | None
    point: bool
    commas: bool
    align: str
    edge: str
    beside: str

    @classmethod
    def read(cls, mask: str) -> NumberMask:
        """Raises ValueError for a character that means nothing, and for a mask that is too long."""
        if len(mask) > LONGEST_MASK:
            raise BadArgument("mask", f"must have at most {LONGEST_MASK} characters, not {len(mask)}")
        for character in mask:
            if character not in ACCEPTED:
                raise BadArgument("mask", f"must be made of {' '.join(ACCEPTED)}, not {character!r}")
        whole, point, fraction = mask.partition(".")
        places = [character for character in whole if character in PLACES]
        decimals = sum(character in PLACES for character in fraction)
        first = next((position for position, character in enumerate(mask) if character in PLACES), len(mask))
        align = next((character for character in mask if character in "LC"), "R")
        signs = "$" + next((sign for sign in SIGNS if sign in mask), "")
        beside = "".join(dict.fromkeys(character for character in mask[first:] if character in signs))
        return cls(
            width=sum(character in PLACES + "," for character in mask) + len(point),
            zeros=max(1, len(places) - places.index("0") if "0" in places else 1),
            decimals=decimals if places or point else (0 if "," in mask else None),
            point=bool(point),
            commas="," in mask,
            align=align,
            edge="".join(
                dict.fromkeys(character for character in mask[:first] if character in signs and character not in beside)
            ),
            beside=beside,
        )

    def write(self, number: float) -> str:
        """The number as the mask says."""
        value = rounded(number, UNMASKED_PLACES if self.decimals is None else self.decimals)
        whole, _, fraction = f"{abs(value):f}".partition(".")
        if self.decimals is None:
            fraction = fraction.rstrip("0")
        whole = whole.zfill(self.zeros)
        if self.commas:
            whole = _grouped(whole)
        digits = whole + ("." + fraction if fraction or self.point else "")
        below = value < 0
        before, after = _signs(self.beside, below=below)
        left, right = _signs(self.edge, below=below)
        if below and not set(SIGNS) & set(self.edge + self.beside):
            before = "-" + before
        return left + self._aligned(before + digits + after, len(before) + len(after)) + right

    def _aligned(self, text: str, signs: int) -> str:
        width = self.width + signs
        if self.align == "L":
            return text.ljust(width)
        if self.align == "C":
            missing = max(0, width - len(text))
            return " " * (missing // 2) + text + " " * (missing - missing // 2)
        return text.rjust(width)


def _grouped(digits: str) -> str:
    start = len(digits) % 3
    return ",".join(([digits[:start]] if start else []) + [digits[at : at + 3] for at in range(start, len(digits), 3)])


_ABOVE = {"$": "$", "(": "", "+": "+", "-": " "}
_BELOW = {"$": "$", "(": "(", "+": "-", "-": "-"}


def _signs(signs: str, *, below: bool) -> tuple[str, str]:
    """What stands before and behind the digits of a number above or below 0."""
    written = _BELOW if below else _ABOVE
    return "".join(written[sign] for sign in signs), ")" if below and "(" in signs else ""


@FAMILY.function("numberFormat", argument("number", "number or empty"), argument("mask", "text", ","))
def number_format(number: float, mask: str) -> str:
    """A number as a mask says; without one, whole and with commas. Empty text counts as 0.

    _ and 9 are places that stay empty, 0 one that is filled; behind the point all are filled. `.` the point; `,` a comma before
    every third digit; $ a dollar sign; + a plus or a minus; - a blank or a minus; ( ) parentheses instead of a minus; L and C
    left and centered. ^ is passed over, as in Lucee. Source: Lucee and Adobe, NumberFormat; the places of signs are Adobe's.
    """
    return NumberMask.read(mask or ",").write(number)


def _plain(number: float) -> str:
    value = rounded(number, 2)
    return f"{value or abs(value):,f}"  # not -0.00


@FAMILY.function("decimalFormat", argument("number", "number or empty"))
def decimal_format(number: float) -> str:
    """A number with commas and two decimals; empty text counts as 0. Source: Lucee and Adobe, DecimalFormat."""
    return _plain(number)


@FAMILY.function("dollarFormat", argument("number", "number or empty"))
def dollar_format(number: float) -> str:
    """A number as dollars and cents, in parentheses if below 0; empty text counts as 0. Source: Lucee and Adobe, DollarFormat."""
    text = _plain(number)
    return f"(${text[1:]})" if text.startswith("-") else f"${text}"
