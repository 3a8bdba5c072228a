"""Text that is HTML already.

Rule: a function marks its result as `Escaped` only if the result cannot end an element, an attribute in quotes of either kind,
or begin a tag. Another text that is made of it, by `+`, slicing, `replace` or a function, is plain text again, and is escaped
when it is printed; so a page that goes on working with escaped text says `|safe` itself.
"""

from __future__ import annotations

__all__ = ["Escaped", "is_escaped"]


class Escaped(str):
    """Text that autoescaping prints as it is: `__html__` is the protocol of markupsafe."""

    __slots__ = ()

    def __html__(self) -> str:
        return str.__str__(self)


def is_escaped(value: object) -> bool:
    """Whether a value says that it is HTML: an `Escaped`, or markupsafe's own."""
    return isinstance(value, str) and hasattr(value, "__html__")
