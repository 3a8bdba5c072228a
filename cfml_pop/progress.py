"""How far a call has come.

Rule: this module stands at the bottom and imports nothing of ours. Nobody asks a call how far it is: it tells, to a function that
was given with it, and where none was given there is no meter and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

__all__ = ["Meter", "Progress", "Tell"]


class Progress(NamedTuple):
    """What `cfpop(..., progress=...)` is called with: once when the messages are chosen, then as octets come and messages end.

    `number`: the message it is about, 0 at first. `done` of `messages` chosen ones are finished: read, or marked for deletion.
    `octets` came so far, of `expected` ones as the server listed them; `expected` is 0 where that is not known, and where only
    headers are read.
    """

    number: int
    done: int
    messages: int
    octets: int
    expected: int


Tell = Callable[[Progress], object]


class Meter:
    """Counts for one call, and tells each change. What `tell` raises ends the call as any other error in it would.

    A message that is asked for again, after a refusal or on a second connection, is counted once.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._came: dict[int, int] = {}
        self._finished: set[int] = set()
        self._octets = 0
        self._messages = 0
        self._expected = 0

    def begin(self, numbers: Iterable[int], sizes: Mapping[int, int]) -> None:
        """These messages are chosen. `sizes`: octets of those that will be retrieved whole, as far as they are known."""
        chosen = set(numbers)
        self._messages = len(chosen)
        self._expected = sum(sizes.get(number, 0) for number in chosen)
        self._finished &= chosen
        self._say(0)

    def watched(self, number: int, write: Callable[[bytes], object]) -> Callable[[bytes], object]:
        """`write`, counted as octets of that message, which begins anew."""
        self._octets -= self._came.get(number, 0)
        self._came[number] = 0

        def watch(piece: bytes) -> None:
            write(piece)
            self._came[number] += len(piece)
            self._octets += len(piece)
            self._say(number)

        return watch

    def after(self, answer: Callable[[Any, Any], object]) -> Callable[[Any, Any], None]:
        """`answer(request, outcome)`, and then the message of the request is finished."""

        def answered(request: Any, outcome: Any) -> None:
            answer(request, outcome)
            self._finished.add(request.number)
            self._say(request.number)

        return answered

    def _say(self, number: int) -> None:
        self._tell(Progress(number, len(self._finished), self._messages, self._octets, self._expected))
