"""The blocking POP3 session.

Rule: thin. What is asked stands in `pop3/conversation.py` and `work.py`; here it is run, and the connection is dropped when an
answer was not read to its end.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from cfml_pop.errors import POP3Error
from cfml_pop.message.face import Header, Message
from cfml_pop.pop3 import requests
from cfml_pop.pop3.conversation import MessageInfo
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.reply import Capabilities, Reply
from cfml_pop.pop3.transport.blocking import BlockingDriver
from cfml_pop.secret import Secret
from cfml_pop.session.work import Base, Batch, Options, PartHandler, Token, hand_over, refuse_both

if TYPE_CHECKING:
    from typing_extensions import Unpack  # in `typing` from Python 3.11 on

__all__ = ["POP3ClientSession"]

T = TypeVar("T")


class POP3ClientSession(Base):
    """A POP3 session, blocking.

    `host`: a name or an address, a POP URL (RFC 2384; `pops://` is TLS), or a connected socket (then `server_hostname` is the
    name for the certificate).
    `port`: None is 110, or 995 with `secure`.
    `secure`: TLS from the first octet; otherwise STLS is taken when offered, and without it a password goes to loopback only, or
    with `cleartext=True`.
    `timeout`: seconds of silence; `deadline`: seconds for the whole session.
    `trace` is called with ">" or "<" and each line, secrets starred; `progress` with the message number and the octets so far.

    The constructor connects. As a context manager it is closed with QUIT, or, by an exception, dropped without.

    >>> with POP3ClientSession("pop.example.com", secure=True) as session:  # doctest: +SKIP
    ...     session.login("kim", "tiger")
    ...     for number, message in session.retrieve_messages(range(1, session.message_count() + 1)):
    ...         print(number, message.header.get("Subject"))
    """

    def __init__(self, host: Any, port: int | None = None, **options: Unpack[Options]) -> None:
        super().__init__(host, port, **options)
        self._driver = BlockingDriver(self._clock, self._context)
        self._run(self._work.connect())

    def _run(self, steps: Steps[T]) -> T:
        self._begin()
        try:
            return self._driver.carry(steps)
        finally:
            if not self._work.usable:
                self._drop()

    def _end_stream(self) -> None:
        if self._busy:
            self._drop()
            self._busy = False

    def _drop(self) -> None:
        self._forget()
        self._driver.close()

    def __enter__(self) -> POP3ClientSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self._drop()

    def __del__(self) -> None:
        driver = getattr(self, "_driver", None)
        if driver is not None and driver.connected:
            warnings.warn(f"{type(self).__name__} was not closed; nothing is deleted", ResourceWarning, source=self, stacklevel=2)
            self._drop()

    def close(self) -> None:
        """QUIT and close; a second call does nothing. After deletes, a refused or lost answer raises CommitError.

        While an iterator over messages is not at its end the rest of them is on its way, so the connection is dropped instead.
        """
        self._end_stream()
        self._run(self._work.close())

    def login(
        self,
        username: str | None = None,
        password: str | Secret | None = None,
        *,
        token: Token | None = None,
        mechanism: str | None = None,
    ) -> None:
        """Log in by the strongest mechanism that both sides have, once. What a POP URL said need not be said again.

        `token`: an OAuth 2.0 access token, or a function that gives one. `mechanism`: a SASL mechanism, "USER" or "+APOP" instead
        of the strongest. Raises AuthenticationError, or POP3Error when the mailbox is locked or busy.
        """
        self._run(self._work.login(*self._credentials(username, password, token, mechanism)))

    def message_count(self) -> int:
        """How many messages there are (STAT)."""
        return self._run(self._work.message_count())

    def list_messages(self) -> list[MessageInfo]:
        """Number and size of every message (LIST)."""
        return self._run(self._work.list_messages())

    def unique_ids(self) -> dict[int, str]:
        """Message number to uid (UIDL)."""
        return self._run(self._work.ask(requests.uidl_all()))

    def unique_id(self, id: int) -> str:  # noqa: A002 - Poco's name
        """The uid of one message (`UIDL n`)."""
        return self._run(self._work.ask(requests.uidl_one(id)))

    def retrieve_header(self, id: int) -> Header:  # noqa: A002 - Poco's name
        """The header of a message, by TOP; where the server refuses that, by RETR."""
        return self._run(self._work.header(id))

    def retrieve_message(self, id: int, *, handler: PartHandler | None = None, stream: Any = None) -> Message | None:  # noqa: A002
        """A message. With `handler`, each part is handed to its `handle_part(header, stream)`, with `stream` the octets are
        copied to its `write` as they come; then None is returned, and a TypeError is raised for both.
        """
        refuse_both(handler, stream)
        if stream is not None:
            self._run(self._work.copy(id, stream.write))
            return None
        message = self._run(self._work.message(id))
        if handler is None:
            return message
        hand_over(message, handler)
        return None

    def retrieve_messages(self, ids: Iterable[int]) -> Iterator[tuple[int, Message | POP3Error]]:
        """Number and message, or number and refusal, of each; pipelined. Leaving it early drops the connection."""
        return self._stream(Batch(self._work, ids, None))

    def retrieve_headers(self, ids: Iterable[int], lines: int = 0) -> Iterator[tuple[int, Message | POP3Error]]:
        """The same with the header and the first `lines` of the body (TOP); those that are refused come last, by RETR."""
        return self._stream(Batch(self._work, ids, lines))

    def _stream(self, batch: Batch) -> Iterator[tuple[int, Message | POP3Error]]:
        self._begin()
        steps = batch.steps()
        self._busy = True
        try:
            effect = next(steps, None)
            while effect is not None:
                yield from batch.done()
                try:
                    answer = self._driver.perform(effect)
                except Exception as error:  # noqa: BLE001 - the dialogue raises it again unless it handles it
                    effect = steps.throw(error)
                else:
                    try:
                        effect = steps.send(answer)
                    except StopIteration:
                        effect = None
            yield from batch.done()
        finally:
            self._busy = False
            steps.close()
            if not self._work.usable:
                self._drop()

    def delete_message(self, id: int) -> None:  # noqa: A002 - Poco's name
        """Mark a message for deletion at `close()`."""
        self._run(self._work.delete(id))

    def noop(self) -> None:
        """Keep the session alive (NOOP)."""
        self._run(self._work.ask(requests.noop()))

    def reset(self) -> None:
        """Take all deletion marks back (RSET)."""
        self._run(self._work.reset())

    def read_capabilities(self) -> Capabilities:
        """Ask for the capabilities anew (CAPA)."""
        return self._run(self._work.learn())

    def utf8(self) -> None:
        """Names, passwords and headers in UTF-8 from now on (UTF8, RFC 6856); before the login."""
        self._run(self._work.utf8())

    def languages(self) -> dict[str, str]:
        """Tag and name of each language that the server can speak (LANG, RFC 6856)."""
        return self._run(self._work.languages())

    def set_language(self, tag: str) -> Reply:
        """Choose the language of the server's words; "*" leaves it to the server."""
        return self._run(self._work.speak(tag))

    def send_command(self, command: str, *arguments: str | int, multiline: bool = False) -> Reply:
        """A command by hand; a refusal is a Reply that is false. `multiline`: lines follow a positive status."""
        return self._run(self._work.send(command, arguments, multiline=multiline))
