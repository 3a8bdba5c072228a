"""The asyncio driver: the same dialogues, awaited.

Rule: no thread does any work here, so cancelling the task stops it. On every way out the connection is aborted: nothing that is
still queued may reach the server after the caller has given up.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from cfml_pop.errors import NetworkError, TimeoutExpired
from cfml_pop.pop3.effects import Ask, Connect, Early, Effect, Exchange, Grace, Outgoing, Peer, StartTLS, Steps
from cfml_pop.pop3.transport.addresses import acknowledge, could_not_connect, lost, peer_of
from cfml_pop.pop3.transport.clock import Clock
from cfml_pop.pop3.transport.tls import Layer

__all__ = ["AsyncDriver"]

T = TypeVar("T")
R = TypeVar("R")

BACKLOG = 1024 * 1024
"""Octets received and not yet asked for, beyond which the server is made to wait."""


class _Pipe(asyncio.Protocol):
    """What came and was not yet taken, and a future for whoever waits for more."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.size = 0
        self.ended = False
        self.error: Exception | None = None
        self.transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.blocks.append(data)
        self.size += len(data)
        if self.size > BACKLOG and self.transport is not None:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return True  # keep the sending side open: the driver closes

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self.error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def take(self, seconds: float | None) -> bytes:
        """All that has come; waits at most `seconds` for something to come. b"" at the end. Raises TimeoutError."""
        if not (self.blocks or self.ended):
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            # A timer costs less than a task, which wait_for makes on older Pythons.
            timer = None if seconds is None else loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                if timer is not None:
                    timer.cancel()
        if not self.blocks:
            if self.error is not None:
                raise self.error
            if not self.ended:
                raise TimeoutError
            return b""
        data = b"".join(self.blocks) if len(self.blocks) > 1 else self.blocks[0]
        self.blocks.clear()
        if self.size > BACKLOG and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
        self.size = 0
        return data


class AsyncDriver:
    """Runs dialogues in the running event loop. `context` gives the TLS context when one is needed."""

    def __init__(self, clock: Clock, context: Callable[[], ssl.SSLContext]) -> None:
        self._clock = clock
        self._context = context
        self._pipe: _Pipe | None = None
        self._socket: Any = None
        self._tls: Layer | None = None
        self._server = ""

    async def run(self, steps: Steps[T]) -> T:
        """Carry out a dialogue to its end, and drop the connection then, whatever the end was."""
        try:
            return await self.carry(steps)
        finally:
            self.close()

    async def carry(self, steps: Steps[T]) -> T:
        """Carry out a dialogue to its end; the connection stays. An error is raised inside the dialogue, which may handle it."""
        try:
            effect = next(steps)
            while True:
                try:
                    answer = [await self.perform(effect)]
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
        return self._pipe is not None

    def close(self) -> None:
        """Drop the connection, whatever state it is in."""
        if self._pipe is not None and self._pipe.transport is not None:
            self._pipe.transport.abort()
        self._pipe = self._tls = self._socket = None

    async def perform(self, effect: Effect) -> object:
        """Carry out one effect, and give its answer."""
        if isinstance(effect, Exchange):
            return await self._exchange(effect.outgoing)
        if isinstance(effect, Early):
            return await self._early()
        if isinstance(effect, Connect):
            return await self._connect(effect)
        if isinstance(effect, StartTLS):
            return await self._start_tls(effect.host)
        if isinstance(effect, Grace):
            self._clock.grace(effect.seconds, at_most=effect.at_most)
        elif isinstance(effect, Ask):
            return await self._ask(effect)
        else:
            self.close()
        return None

    async def _connect(self, effect: Connect) -> Peer:
        self._server = effect.label or f"{effect.host}:{effect.port}"
        loop = asyncio.get_running_loop()
        connection = effect.socket or await self._dial(effect.host, effect.port)
        try:
            connection.setblocking(False)
            self._socket = connection
            _, self._pipe = await loop.create_connection(_Pipe, sock=connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, (OSError, ValueError)):
                raise lost(self._server, error) from error
            raise
        certificate = await self._start_tls(effect.host) if effect.tls else None
        return peer_of(connection, certificate)

    async def _dial(self, host: str, port: int) -> socket.socket:
        """A connected socket to the first address of `host` that answers."""
        loop = asyncio.get_running_loop()
        doing = f"connecting to {self._server}"
        try:
            finding = loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = await self._within(finding, self._clock.remaining(doing))
        except (OSError, UnicodeError) as error:
            if isinstance(error, asyncio.TimeoutError):
                raise self._clock.expired(doing) from error
            raise could_not_connect(self._server, error) from error
        except asyncio.TimeoutError as error:
            raise self._clock.expired(doing) from error
        reason: Exception | None = None
        for index, (family, kind, protocol, _, address) in enumerate(addresses):
            left = self._clock.remaining(doing)
            try:
                connection = socket.socket(family, kind, protocol)
            except OSError as error:  # a family that this machine has names for, but no network
                reason = error
                continue
            try:
                connection.setblocking(False)
                # An address that swallows packets must leave time for the next one.
                seconds = None if left is None else left / (len(addresses) - index)
                await self._within(loop.sock_connect(connection, address), seconds)
            except BaseException as error:
                connection.close()
                if not isinstance(error, (OSError, asyncio.TimeoutError)):
                    raise
                reason = error
            else:
                return connection
        if isinstance(reason, asyncio.TimeoutError):
            raise self._clock.expired(doing) from reason
        raise could_not_connect(self._server, reason) from reason

    @staticmethod
    async def _within(work: Awaitable[R], seconds: float | None) -> R:
        """What `work` gives, or asyncio.TimeoutError. Unlike wait_for before Python 3.12, this never swallows a cancellation."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done():
                task.cancel()
        if not task.done():
            raise asyncio.TimeoutError
        return task.result()

    async def _ask(self, effect: Ask) -> object:
        task: asyncio.Future[Any] | None = None
        seconds = self._clock.remaining("a function of the host was asked")
        try:
            given = effect.function()
            if not inspect.isawaitable(given):
                return given
            task = asyncio.ensure_future(given)
            return await self._within(task, seconds)
        except Exception as error:  # noqa: BLE001 - the dialogue tells it
            if task is None or task.done():
                return error
        raise TimeoutExpired(f"a function that gives a password or token gave none within {seconds:g} s")

    async def _start_tls(self, host: str) -> bytes | None:
        tls = Layer(self._context(), host, self._server)
        while not tls.shake_hands():
            self._queue(tls.outgoing())
            tls.feed(await self._receive("making the connection private"))
        self._queue(tls.outgoing())
        self._tls = tls
        return tls.certificate

    async def _exchange(self, outgoing: Outgoing) -> bytes:
        tls = self._tls
        if tls is None:
            self._queue(outgoing.data)
            return await self._receive("waiting for its answer")
        tls.encrypt(outgoing)
        self._queue(tls.outgoing())
        while (clear := tls.decrypt()) is None:
            tls.feed(await self._receive("waiting for its answer"))
        return clear

    async def _early(self) -> bytes:
        """Octets that are there now. The end of the connection is left for the next exchange to see."""
        await asyncio.sleep(0)  # lets the loop look at the socket
        pipe = self._pipe
        block = await pipe.take(0) if pipe is not None and pipe.blocks else b""
        if self._tls is None:
            return block
        if block:
            self._tls.feed(block)
        return self._tls.decrypt() or b""

    def _queue(self, data: bytes) -> None:
        # The transport sends in the background, so receiving goes on meanwhile; the dialogue's window bounds what it holds.
        if data and self._pipe is not None and self._pipe.transport is not None:
            self._pipe.transport.write(data)

    async def _receive(self, doing: str) -> bytes:
        pipe = self._pipe
        if pipe is None:
            raise NetworkError(f"the connection to {self._server} is closed")
        seconds = self._clock.remaining(doing)
        if not pipe.blocks:
            acknowledge(self._socket)
        try:
            return await pipe.take(seconds)
        except TimeoutError as error:
            raise self._clock.expired(doing) from error
        except OSError as error:
            raise lost(self._server, error) from error
