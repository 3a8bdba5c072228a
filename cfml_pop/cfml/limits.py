"""How large a text may get that a function or an operator makes.

Rule: a result that can be longer than what it is made of is measured before it is made. The parts may come from a mail, and a
hundred characters are enough to ask for all memory.
"""

from __future__ import annotations

__all__ = ["LONGEST_TEXT", "fits"]

LONGEST_TEXT = 32_000_000
"""Characters. As much as a call keeps of raw mail (`Settings.memory_limit`); no page shows more."""


def fits(length: int) -> int:
    """The length, if a text of it may be made. Raises ValueError."""
    if length > LONGEST_TEXT:
        raise ValueError(f"would make {length} characters; the limit is {LONGEST_TEXT}")
    return length
