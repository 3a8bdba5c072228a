"""A driver without a socket: runs a dialogue against blocks of octets, for tests of what a dialogue makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from cfml_pop.pop3.effects import Close, Connect, Early, Effect, Exchange, Peer, StartTLS, Steps

T = TypeVar("T")


class Playback:
    """Gives `blocks` one by one to whoever waits for octets, then b"". `sent` is all that was sent, `flights` in which pieces."""

    def __init__(self, blocks: Iterable[bytes], *, loopback: bool = True) -> None:
        self._blocks = iter(blocks)
        self._loopback = loopback
        self.sent = b""
        self.flights: list[bytes] = []
        self.effects: list[Effect] = []

    def run(self, steps: Steps[T]) -> T:
        """Carry out the dialogue."""
        answer: object = None
        while True:
            try:
                effect = steps.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            answer = self._perform(effect)

    def _perform(self, effect: Effect) -> object:
        if isinstance(effect, Exchange):
            self.sent += effect.outgoing.data
            if effect.outgoing.data:
                self.flights.append(effect.outgoing.data)
            return next(self._blocks, b"")
        if isinstance(effect, Early):
            return b""
        self.effects.append(effect)
        if isinstance(effect, Connect):
            return Peer("127.0.0.1" if self._loopback else "192.0.2.1", self._loopback)
        assert isinstance(effect, (StartTLS, Close)) or effect
        return None


def cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """`data` in blocks of the given sizes, the rest as the last block."""
    blocks = []
    for size in sizes:
        if not data:
            break
        blocks.append(data[:size])
        data = data[size:]
    return [*blocks, data] if data else blocks
