"""Columns of plain text, for a terminal or a text file.

Rule: one sign never takes more than it says: no line end, no control and no direction mark of a mail comes through.
"""

from __future__ import annotations

import unicodedata

__all__ = ["fixed_width"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def fixed_width(value: object, width: int = 20) -> str:
    """The filter `fixed_width(26)`: text cut to `width` cells, with "..." where something is missing, or filled up with blanks.

    A cell is the width of a letter in a terminal; East Asian wide signs take two (Unicode TR 11) and combining marks none. What
    cannot be printed, such as line ends and marks that turn the direction of writing, becomes U+FFFD.
    """
    signs = [sign if sign.isprintable() else REPLACEMENT for sign in str(value)]
    if sum(map(_cells, signs)) <= width:
        room, end = width, ""
    else:
        room, end = width - 3, "..."
    kept = ""
    for sign in signs:
        if _cells(sign) > room:
            break
        kept += sign
        room -= _cells(sign)
    return kept + end + " " * room


def _cells(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
