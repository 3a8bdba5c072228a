"""The POP3 session for asyncio.

Rule: the twin of `blocking.py`, method by method, over the same generators; a test compares the two.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from cfml_pop.errors import POP3Error
from cfml_pop.message.face import Header, Message
from cfml_pop.pop3 import requests
from cfml_pop.pop3.conversation import MessageInfo
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.reply import Capabilities, Reply
from cfml_pop.pop3.transport.aio import AsyncDriver
from cfml_pop.secret import Secret
from cfml_pop.session.work import Base, Batch, Options, PartHandler, Token, hand_over, refuse_both

if TYPE_CHECKING:
    from typing_extensions import Unpack  # in `typing` from Python 3.11 on

__all__ = ["AsyncPOP3ClientSession"]

T = TypeVar("T")


class AsyncPOP3ClientSession(Base):
    """The same session on the running event loop: the same options, methods, results and errors, awaited.

    It connects with `await session.connect()`, with `async with`, or with the login. Cancelling a method drops the connection at
    once; so does an exception inside `async with`.

    >>> async with AsyncPOP3ClientSession("pop.example.com", secure=True) as session:  # doctest: +SKIP
    ...     await session.login("kim", "tiger")
    ...     async for number, message in session.retrieve_messages([1, 2]):
    ...         print(number, message.header.get("Subject"))
    """

    def __init__(self, host: Any, port: int | None = None, **options: Unpack[Options]) -> None:
        super().__init__(host, port, **options)
        self._driver = AsyncDriver(self._clock, self._context)

    async def _run(self, steps: Steps[T]) -> T:
        self._begin()
        self._busy = True  # another task must not send its command between ours and its answer
        try:
            return await self._driver.carry(steps)
        finally:
            self._busy = False
            if not self._work.usable:
                self._drop()

    def _end_stream(self) -> None:
        if self._busy:
            self._drop()
            self._busy = False

    def _drop(self) -> None:
        self._forget()
        self._driver.close()

    async def __aenter__(self) -> AsyncPOP3ClientSession:
        await self.connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            await self.close()
        else:
            self._drop()

    def __del__(self) -> None:
        driver = getattr(self, "_driver", None)
        if driver is not None and driver.connected:
            warnings.warn(f"{type(self).__name__} was not closed; nothing is deleted", ResourceWarning, source=self, stacklevel=2)
            self._drop()

    async def connect(self) -> None:
        """Connect and make the channel private; a second call does nothing."""
        await self._run(self._work.connect())

    async def close(self) -> None:
        """As `POP3ClientSession.close`."""
        self._end_stream()
        await self._run(self._work.close())

    async def login(
        self,
        username: str | None = None,
        password: str | Secret | None = None,
        *,
        token: Token | None = None,
        mechanism: str | None = None,
    ) -> None:
        """As `POP3ClientSession.login`; connects first where that was not done."""
        await self._run(self._work.login(*self._credentials(username, password, token, mechanism)))

    async def message_count(self) -> int:
        """As `POP3ClientSession.message_count`."""
        return await self._run(self._work.message_count())

    async def list_messages(self) -> list[MessageInfo]:
        """As `POP3ClientSession.list_messages`."""
        return await self._run(self._work.list_messages())

    async def unique_ids(self) -> dict[int, str]:
        """As `POP3ClientSession.unique_ids`."""
        return await self._run(self._work.ask(requests.uidl_all()))

    async def unique_id(self, id: int) -> str:  # noqa: A002 - Poco's name
        """As `POP3ClientSession.unique_id`."""
        return await self._run(self._work.ask(requests.uidl_one(id)))

    async def retrieve_header(self, id: int) -> Header:  # noqa: A002 - Poco's name
        """As `POP3ClientSession.retrieve_header`."""
        return await self._run(self._work.header(id))

    async def retrieve_message(
        self,
        id: int,  # noqa: A002 - Poco's name
        *,
        handler: PartHandler | None = None,
        stream: Any = None,
    ) -> Message | None:
        """As `POP3ClientSession.retrieve_message`; handler and stream are plain, not awaited."""
        refuse_both(handler, stream)
        if stream is not None:
            await self._run(self._work.copy(id, stream.write))
            return None
        message = await self._run(self._work.message(id))
        if handler is None:
            return message
        hand_over(message, handler)
        return None

    def retrieve_messages(self, ids: Iterable[int]) -> AsyncIterator[tuple[int, Message | POP3Error]]:
        """As `POP3ClientSession.retrieve_messages`, for `async for`."""
        return self._stream(Batch(self._work, ids, None))

    def retrieve_headers(self, ids: Iterable[int], lines: int = 0) -> AsyncIterator[tuple[int, Message | POP3Error]]:
        """As `POP3ClientSession.retrieve_headers`, for `async for`."""
        return self._stream(Batch(self._work, ids, lines))

    async def _stream(self, batch: Batch) -> AsyncIterator[tuple[int, Message | POP3Error]]:
        self._begin()
        steps = batch.steps()
        self._busy = True
        try:
            effect = next(steps, None)
            while effect is not None:
                for item in batch.done():
                    yield item
                try:
                    answer = await self._driver.perform(effect)
                except Exception as error:  # noqa: BLE001 - the dialogue raises it again unless it handles it
                    effect = steps.throw(error)
                else:
                    try:
                        effect = steps.send(answer)
                    except StopIteration:
                        effect = None
            for item in batch.done():
                yield item
        finally:
            self._busy = False
            steps.close()
            if not self._work.usable:
                self._drop()

    async def delete_message(self, id: int) -> None:  # noqa: A002 - Poco's name
        """As `POP3ClientSession.delete_message`."""
        await self._run(self._work.delete(id))

    async def noop(self) -> None:
        """As `POP3ClientSession.noop`."""
        await self._run(self._work.ask(requests.noop()))

    async def reset(self) -> None:
        """As `POP3ClientSession.reset`."""
        await self._run(self._work.reset())

    async def read_capabilities(self) -> Capabilities:
        """As `POP3ClientSession.read_capabilities`."""
        return await self._run(self._work.learn())

    async def utf8(self) -> None:
        """As `POP3ClientSession.utf8`."""
        await self._run(self._work.utf8())

    async def languages(self) -> dict[str, str]:
        """As `POP3ClientSession.languages`."""
        return await self._run(self._work.languages())

    async def set_language(self, tag: str) -> Reply:
        """As `POP3ClientSession.set_language`."""
        return await self._run(self._work.speak(tag))

    async def send_command(self, command: str, *arguments: str | int, multiline: bool = False) -> Reply:
        """As `POP3ClientSession.send_command`."""
        return await self._run(self._work.send(command, arguments, multiline=multiline))
