"""A text that does not show itself.

Rule: like `errors`, this module imports nothing of ours; every room that handles a password holds it as a `Secret`, because
error reporters print local variables.
"""

from __future__ import annotations

__all__ = ["Secret"]


class Secret:
    """A password or token. `str`, `repr` and formatting give `***`; `reveal()` gives the text.

    It can be copied, and not pickled.

    >>> Secret("tiger")
    Secret('***')
    >>> Secret("tiger").reveal()
    'tiger'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | Secret) -> None:
        self._text = text.reveal() if isinstance(text, Secret) else str.__str__(text)

    def reveal(self) -> str:
        """The text itself. Call it only where the octets are made that go on the wire."""
        return self._text

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "Secret('***')"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        if not self._text:
            return Secret, ("",)
        raise TypeError("a Secret is not pickled, because a pickle shows it; read the settings where they are used")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)
