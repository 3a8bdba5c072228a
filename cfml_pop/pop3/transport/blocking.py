"""The blocking driver: one socket, never waited for in one direction only.

Rule: the socket is non-blocking and every wait is a `select` with the clock's remaining time, for reading always and for writing
while something is queued. So no window of commands can deadlock, and no drip of octets outlives the timeout.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from cfml_pop.errors import NetworkError, TimeoutExpired
from cfml_pop.pop3.effects import Ask, Connect, Early, Effect, Exchange, Grace, Outgoing, Peer, StartTLS, Steps
from cfml_pop.pop3.transport.addresses import acknowledge, could_not_connect, lost, peer_of
from cfml_pop.pop3.transport.clock import Clock
from cfml_pop.pop3.transport.tls import BLOCK, Layer

__all__ = ["BlockingDriver"]

T = TypeVar("T")


class BlockingDriver:
    """Runs dialogues in the calling thread. `context` gives the TLS context when one is needed."""

    def __init__(self, clock: Clock, context: Callable[[], ssl.SSLContext]) -> None:
        self._clock = clock
        self._context = context
        self._socket: socket.socket | None = None
        self._selector: selectors.BaseSelector | None = None
        self._tls: Layer | None = None
        self._queue = bytearray()
        self._server = ""

    def run(self, steps: Steps[T]) -> T:
        """Carry out a dialogue to its end, and drop the connection then, whatever the end was."""
        try:
            return self.carry(steps)
        finally:
            self.close()

    def carry(self, steps: Steps[T]) -> T:
        """Carry out a dialogue to its end; the connection stays. An error is raised inside the dialogue, which may handle it."""
        try:
            effect = next(steps)
            while True:
                try:
                    answer = [self.perform(effect)]
                except Exception as error:  # noqa: BLE001 - the dialogue raises it again unless it handles it
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer.pop())  # no local keeps what the server said, should the dialogue raise
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            steps.close()

    @property
    def connected(self) -> bool:
        """Whether a connection is open, as far as is known."""
        return self._socket is not None

    def close(self) -> None:
        """Drop the connection, whatever state it is in."""
        if self._selector is not None:
            self._selector.close()
        if self._socket is not None:
            self._socket.close()
        self._socket = self._selector = self._tls = None
        self._queue.clear()

    def perform(self, effect: Effect) -> object:
        """Carry out one effect, and give its answer."""
        if isinstance(effect, Exchange):
            return self._exchange(effect.outgoing)
        if isinstance(effect, Early):
            return self._early()
        if isinstance(effect, Connect):
            return self._connect(effect)
        if isinstance(effect, StartTLS):
            return self._start_tls(effect.host)
        if isinstance(effect, Grace):
            self._clock.grace(effect.seconds, at_most=effect.at_most)
        elif isinstance(effect, Ask):
            try:
                return effect.function()
            except Exception as error:  # noqa: BLE001 - the dialogue tells it
                return error
        else:
            self.close()
        return None

    # -- connecting ----------------------------------------------------------------------------------------------------------

    def _connect(self, effect: Connect) -> Peer:
        self._server = effect.label or f"{effect.host}:{effect.port}"
        connection: socket.socket = effect.socket or self._dial(effect.host, effect.port)
        self._socket = connection
        try:
            connection.setblocking(False)
            self._selector = selectors.DefaultSelector()
            self._selector.register(connection, selectors.EVENT_READ)
        except (OSError, ValueError) as error:  # no file descriptor is left, or the socket that was given is closed
            raise lost(self._server, error) from error
        with contextlib.suppress(OSError):  # commands are small and must not wait for each other's acknowledgement
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        certificate = self._start_tls(effect.host) if effect.tls else None
        return peer_of(connection, certificate)

    def _dial(self, host: str, port: int) -> socket.socket:
        """A connected socket to the first address of `host` that answers."""
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise could_not_connect(self._server, error) from error
        doing = f"connecting to {self._server}"
        reason: OSError | None = None
        for index, (family, kind, protocol, _, address) in enumerate(addresses):
            left = self._clock.remaining(doing)
            try:
                connection = socket.socket(family, kind, protocol)
            except OSError as error:  # a family that this machine has names for, but no network
                reason = error
                continue
            try:
                # An address that swallows packets must leave time for the next one.
                connection.settimeout(None if left is None else left / (len(addresses) - index))
                connection.connect(address)
            except OSError as error:
                connection.close()
                reason = error
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        if isinstance(reason, TimeoutError):
            raise self._clock.expired(doing) from reason
        raise could_not_connect(self._server, reason) from reason

    def _start_tls(self, host: str) -> bytes | None:
        tls = Layer(self._context(), host, self._server)
        while not tls.shake_hands():
            self._queue += tls.outgoing()
            tls.feed(self._receive("making the connection private"))
        self._queue += tls.outgoing()
        self._tls = tls
        return tls.certificate

    # -- octets --------------------------------------------------------------------------------------------------------------

    def _exchange(self, outgoing: Outgoing) -> bytes:
        tls = self._tls
        if tls is None:
            self._queue += outgoing.data
            return self._receive("waiting for its answer")
        tls.encrypt(outgoing)
        self._queue += tls.outgoing()
        while (clear := tls.decrypt()) is None:
            tls.feed(self._receive("waiting for its answer"))
        if self._queue:  # octets were there already, so nothing was sent yet
            self._flush()
        return clear

    def _early(self) -> bytes:
        """Octets that are there now. The end of the connection is left for the next exchange to see."""
        block = b""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                block = self._socket.recv(BLOCK)
        if self._tls is None:
            return block
        if block:
            self._tls.feed(block)
        return self._tls.decrypt() or b""

    def _receive(self, doing: str) -> bytes:
        """Wait for octets, and send what is queued meanwhile. b"" when the server closed."""
        connection, selector = self._socket, self._selector
        if connection is None or selector is None:
            raise NetworkError(f"the connection to {self._server} is closed")
        try:
            while True:
                seconds = self._clock.remaining(doing)  # first of all: a server that floods never makes us wait
                self._send()
                selector.modify(connection, selectors.EVENT_READ | (selectors.EVENT_WRITE if self._queue else 0))
                with contextlib.suppress(BlockingIOError):
                    return connection.recv(BLOCK)
                acknowledge(connection)
                events = selector.select(seconds)
                if not events:
                    raise self._clock.expired(doing)
        except TimeoutExpired:
            raise
        except OSError as error:
            raise lost(self._server, error) from error

    def _flush(self) -> None:
        """Send what is queued as far as it goes without waiting."""
        try:
            self._send()
        except OSError as error:
            raise lost(self._server, error) from error

    def _send(self) -> None:
        if self._queue and self._socket is not None:
            with contextlib.suppress(BlockingIOError):
                del self._queue[: self._socket.send(self._queue)]
