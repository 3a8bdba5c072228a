"""What both sessions are made of: a conversation that knows messages, batches of messages, options.

Rule: no driver is run here. Everything that takes time is a generator of effects.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from cfml_pop.errors import LimitExceeded, POP3Error
from cfml_pop.message.face import Header, Message
from cfml_pop.message.headers import Headers
from cfml_pop.message.octets import Sink, Spool
from cfml_pop.pop3 import requests
from cfml_pop.pop3.conversation import Conversation, State, Target
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.reply import Capabilities, Reply
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.pop3.transport.clock import Clock
from cfml_pop.pop3.transport.tls import default_context
from cfml_pop.pop3.wire import plainly
from cfml_pop.secret import Secret
from cfml_pop.url import parse_pop_url

if TYPE_CHECKING:
    import ssl

    from cfml_pop.pop3.wire import Trace

__all__ = ["POP3_PORT", "Base", "Batch", "PartHandler", "Token", "hand_over", "refuse_both"]

POP3_PORT: int = 110
"""The port of POP3; with TLS from the first octet it is 995 (RFC 8314)."""

MEMORY = 32 * 1024 * 1024
"""Octets of a message that are kept in memory; the rest of a longer one goes to a temporary file."""

Token = Secret | str | Callable[[], str | Secret | Awaitable[str | Secret]]
Progress = Callable[[int, int], object]


class PartHandler(Protocol):
    """What `retrieve_message(id, handler=...)` calls for each part, in order. `stream` is a binary stream of the decoded body."""

    def handle_part(self, header: Header, stream: Any) -> object: ...


class HeaderSink:
    """Keeps a header and lets the body that some servers send behind it go by."""

    def __init__(self, limit: int) -> None:
        self.octets: bytes = b""
        self._limit = limit
        self._ended = False

    def write(self, piece: bytes) -> None:
        if self._ended:
            return
        searched = max(len(self.octets) - 3, 0)
        self.octets += piece
        end = self.octets.find(b"\r\n\r\n", searched)
        if end >= 0:
            self._ended = True
            self.octets = self.octets[: end + 4]
        if len(self.octets) > self._limit:
            raise LimitExceeded(f"the header is longer than {self._limit} octets", limit="header", value=self._limit)


class Work(Conversation):
    """A conversation that knows messages."""

    progress: Progress | None = None

    def sink(self, number: int) -> tuple[Sink, Callable[[bytes], object]]:
        """Where the octets of a message go, and what to call with them."""
        sink = Spool(MEMORY).sink()
        return sink, self.watched(number, sink.write)

    def watched(self, number: int, write: Callable[[bytes], object]) -> Callable[[bytes], object]:
        progress, done = self.progress, 0
        if progress is None:
            return write

        def watch(piece: bytes) -> None:
            nonlocal done
            write(piece)
            done += len(piece)
            progress(number, done)

        return watch

    def header(self, number: int) -> Steps[Header]:
        sink = HeaderSink(self.dialogue.limits.header)
        yield from self.top(number, 0, sink.write)
        return Header(Headers(sink.octets.removesuffix(b"\r\n")))

    def message(self, number: int) -> Steps[Message]:
        sink, write = self.sink(number)
        yield from self.ask(requests.retr(number, write))
        return Message(sink.octets())

    def copy(self, number: int, write: Callable[[bytes], object]) -> Steps[int]:
        return (yield from self.ask(requests.retr(number, self.watched(number, write))))


class Batch:
    """Many messages under way. `steps` does the work; what is complete can be taken from `done()` after each step."""

    def __init__(self, work: Work, numbers: Iterable[int], lines: int | None) -> None:
        self._work = work
        self._numbers = list(numbers)
        self._lines = lines  # None: whole messages
        self._sinks: dict[int, Sink] = {}
        self._ready: deque[tuple[int, Message | POP3Error]] = deque()
        self._again: list[int] = []
        self._top_works = False

    def steps(self) -> Steps[None]:
        self._work.demand(State.TRANSACTION, doing="RETR" if self._lines is None else "TOP")
        yield from plainly(self._work.dialogue.batch(self._requests(self._numbers), self._answered))
        if self._again:  # TOP was refused for them
            self._lines = None
            yield from plainly(self._work.dialogue.batch(self._requests(self._again), self._answered))

    def done(self) -> Iterator[tuple[int, Message | POP3Error]]:
        while self._ready:
            yield self._ready.popleft()

    def _requests(self, numbers: Iterable[int]) -> Iterator[Request[Any]]:
        for number in numbers:
            self._sinks[number], write = self._work.sink(number)
            if self._lines is None or (self._again and not self._top_works):
                yield requests.retr(number, write)
            else:
                yield requests.top(number, self._lines, write)

    def _answered(self, request: Request[Any], outcome: object) -> None:
        sink = self._sinks.pop(request.number)
        if not isinstance(outcome, POP3Error):
            self._top_works = self._top_works or request.keyword == "TOP"
            self._ready.append((request.number, Message(sink.octets())))
        elif request.keyword == "TOP":
            self._again.append(request.number)
        else:
            self._ready.append((request.number, outcome))


class Options(TypedDict, total=False):
    """The options of a session, for type checkers; `POP3ClientSession` says what they mean."""

    secure: bool
    timeout: float | None
    deadline: float | None
    cleartext: bool
    tls_ca_file: str | None
    tls_context: ssl.SSLContext | None
    server_hostname: str | None
    pipelining: bool | None
    limits: Limits | None
    trace: Trace | None
    progress: Progress | None


class Base:
    """What both sessions are made of."""

    def __init__(
        self,
        host: Any,
        port: int | None = None,
        *,
        secure: bool = False,
        timeout: float | None = 60.0,
        deadline: float | None = None,
        cleartext: bool = False,
        tls_ca_file: str | None = None,
        tls_context: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
        pipelining: bool | None = None,
        limits: Limits | None = None,
        trace: Trace | None = None,
        progress: Progress | None = None,
    ) -> None:
        given = None if isinstance(host, str) else host
        self._url = parse_pop_url(host) if isinstance(host, str) and "://" in host else None
        if self._url is not None:
            host, secure, port = self._url.host, secure or bool(self._url.secure), port or self._url.port
        name = server_hostname or (host if isinstance(host, str) else "")
        target = Target(
            host=name or "the server",
            port=port or (995 if secure else POP3_PORT),
            secure=secure,
            cleartext=cleartext,
            socket=given,
        )
        self._clock = Clock(deadline, timeout)
        self._context = lambda: tls_context or default_context(tls_ca_file)
        self._work = Work(target, limits or Limits(), pipelining=pipelining, trace=trace)
        self._work.progress = progress
        self._busy = False

    @property
    def timeout(self) -> float | None:
        """Seconds of silence allowed, None for any; may be set at any time. `deadline` is for the whole session."""
        return self._clock.idle

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        if seconds is not None and not seconds > 0:
            raise ValueError(f"timeout must be above 0 or None, not {seconds!r}")
        self._clock.idle = seconds

    @property
    def capabilities(self) -> Capabilities:
        """What the server announced for the present state: tag -> arguments."""
        return self._work.dialogue.capabilities

    @staticmethod
    def is_positive(reply: Reply | str | bytes) -> bool:
        """Whether an answer, or its status line as text, is a positive one."""
        if isinstance(reply, Reply):
            return reply.ok
        line = reply.encode() if isinstance(reply, str) else reply
        return line[:3].upper() == b"+OK" and not line[3:4].isalnum()

    def _credentials(
        self, username: str | None, password: str | Secret | None, token: Token | None, mechanism: str | None
    ) -> tuple[Credentials, str | None]:
        """Who logs in, and how; what is not given comes from the POP URL."""
        url = self._url
        if url is not None:
            username, mechanism = username or url.username, mechanism or url.auth
            password = password if password is not None or token is not None else url.password
        if username is None or (password is None and token is None):
            raise TypeError("login() needs a username, and a password or a token, unless a POP URL brought them")
        return Credentials(username, None if password is None else Secret(password), token), mechanism

    def _begin(self) -> None:
        if self._busy:
            raise POP3Error(
                "an iterator over messages is still being read; read it to its end, or close it, before the next command"
            )

    def _forget(self) -> None:
        self._work.state = State.CLOSED


def refuse_both(handler: object, stream: object) -> None:
    """Raise TypeError when both ways to get a message are asked for."""
    if handler is not None and stream is not None:
        raise TypeError("retrieve_message takes a handler or a stream, not both")


def hand_over(message: Message, handler: PartHandler) -> None:
    """Give every part to the handler, in order."""
    for part in message.parts:
        with part.open() as stream:
            handler.handle_part(part.header, stream)
