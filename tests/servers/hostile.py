"""Servers that do what no server should, and the one way in which every test of them is run.

Rule: a case is one line of what the server does and what its user must get: the right value, or one clear error, in time. It is
played by both sessions, in clear and, where it says so, over TLS. `number` counts the behaviours of the reference's list.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import inspect
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

import trustme

from cfml_pop import AsyncPOP3ClientSession, POP3ClientSession, Query, acfpop, cfpop
from cfml_pop.errors import CfpopError
from tests.servers.scripted import CAPABILITIES, Answer, ScriptedServer, Talk

__all__ = [
    "AUTHORITY",
    "CALLS",
    "DOORS",
    "MAILS",
    "Awaited",
    "Case",
    "Fault",
    "LFServer",
    "client_context",
    "drip",
    "end",
    "endless",
    "held",
    "play",
    "played",
    "reset",
    "server_context",
    "silent_pair",
    "split",
    "stopped",
]

AUTHORITY = trustme.CA()

MAILS = [b"Subject: %d\r\n\r\n.dot %d\r\n" % (n, n) for n in range(1, 41)]


@functools.cache
def server_context(*names: str, authority: trustme.CA = AUTHORITY, **how: Any) -> ssl.SSLContext:
    """What a server of these names uses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **how).configure_cert(context)
    return context


@functools.cache
def client_context() -> ssl.SSLContext:
    """Trusts AUTHORITY and nobody else."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


# -- by which doors ----------------------------------------------------------------------------------------------------------


class Awaited:
    """An asyncio session with the face of the blocking one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._session = AsyncPOP3ClientSession(*arguments, **options)
        try:
            self._loop.run_until_complete(self._session.connect())
        except BaseException:
            self._loop.close()
            raise

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._session, name)
        if not callable(member):
            return member

        def call(*arguments: Any, **options: Any) -> Any:
            result = member(*arguments, **options)
            if inspect.isawaitable(result):
                return self._loop.run_until_complete(result)
            return self._iterate(result) if isinstance(result, AsyncIterator) else result

        return call

    def _iterate(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        async def following() -> Any:
            return await anext(items, None)

        while (item := self._loop.run_until_complete(following())) is not None:
            yield item

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *info: Any) -> None:
        try:
            self._loop.run_until_complete(self._session.__aexit__(*info))
            self._loop.run_until_complete(asyncio.sleep(0))
        finally:
            self._loop.close()


def awaited(**attributes: Any) -> Query:
    """cfpop's twin, run to its end."""
    return asyncio.run(acfpop(**attributes))


DOORS: dict[str, Callable[..., Any]] = {"blocking": POP3ClientSession, "asyncio": Awaited}
CALLS: dict[str, Callable[..., Query]] = {"blocking": cfpop, "asyncio": awaited}


# -- cases -------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Fault:
    """The error that is expected: its class, and what its text says (a regular expression)."""

    kind: type[CfpopError]
    words: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """`ask` gets the session, logged in unless `login` is False, and gives `expected`, or raises it where that is a Fault."""

    number: int
    name: str
    ask: Callable[[Any], object] = lambda session: session.message_count()
    expected: object
    overrides: Mapping[str, Answer] = dataclasses.field(default_factory=dict)
    messages: Sequence[bytes] = tuple(MAILS[:3])
    capabilities: Sequence[bytes] = CAPABILITIES
    server: type[ScriptedServer] = ScriptedServer
    serving: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    login: bool = True
    plain: bool = True
    tls: bool = False
    seconds: float = 5.0

    def __str__(self) -> str:
        return f"{self.number}: {self.name}"


def played(cases: Sequence[Case]) -> list[tuple[Case, str, bool]]:
    """Every case with every door and channel, for parametrize."""
    return [(case, door, tls) for case in cases for door in DOORS for tls in (False, True) if (case.tls if tls else case.plain)]


def play(case: Case, door: str, tls: bool) -> None:
    """Play a case and compare; it must not take longer than `case.seconds`."""
    channel: dict[str, Any] = {"tls": "implicit", "context": server_context("127.0.0.1")} if tls else {}
    secured = {"secure": True, "tls_context": client_context()} if tls else {}
    options = {"timeout": 3, "deadline": 4, **secured, **case.options}
    began = time.monotonic()
    with case.server(case.messages, case.overrides, capabilities=case.capabilities, **channel, **case.serving) as server:
        try:
            with DOORS[door]("127.0.0.1", server.port, **options) as session:
                if case.login:
                    session.login("kim", "secret")
                actual = case.ask(session)
        except CfpopError as error:
            actual = error
        took = time.monotonic() - began
    if isinstance(case.expected, Fault):
        assert isinstance(actual, CfpopError), f"no error, but {actual!r}"
        assert case.expected.kind is type(actual), f"{type(actual).__name__}: {actual}"
        assert re.search(case.expected.words, str(actual)), str(actual)
    else:
        assert case.expected == actual
    assert took < case.seconds


# -- what servers do ---------------------------------------------------------------------------------------------------------


class LFServer(ScriptedServer):
    """Ends every line with a bare LF."""

    def usual(self, talk: Talk, keyword: str, words: Sequence[str]) -> bytes | None:
        answer = super().usual(talk, keyword, words)
        return answer and answer.replace(b"\r\n", b"\n")


def end(data: bytes = b"") -> Answer:
    """Send `data` and close; over TLS without close_notify."""

    def answer(talk: Talk) -> None:
        talk.send(data)
        talk.close()

    return answer


def reset(data: bytes = b"") -> Answer:
    """Send `data` and reset the connection."""

    def answer(talk: Talk) -> None:
        talk.send(data)
        time.sleep(0.05)  # a reset overtakes what was sent before it
        talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        talk.socket.close()

    return answer


def stopped(data: bytes) -> Answer:
    """Send `data` and then nothing more."""

    def answer(talk: Talk) -> None:
        talk.send(data)
        talk.stall()

    return answer


def split(data: bytes, at: int, pause: float = 0.02) -> Answer:
    """Send `data` in two segments."""

    def answer(talk: Talk) -> None:
        talk.send(data[:at])
        time.sleep(pause)
        talk.send(data[at:])

    return answer


def drip(data: bytes, pause: float = 0.02) -> Answer:
    """Send the first octet of `data`, and the rest of it one by one for ever."""

    def answer(talk: Talk) -> None:
        talk.send(data[:1])
        while True:
            for index in range(1, len(data)):
                time.sleep(pause)
                talk.send(data[index : index + 1])

    return answer


def endless(begin: bytes, again: bytes | Callable[[int], bytes], total: int = 1 << 40) -> Answer:
    """Send `begin`, and `again` (or what it makes of 0, 1, 2 ...) until the client leaves or `total` octets went out."""

    def answer(talk: Talk) -> None:
        talk.send(begin)
        done = count = 0
        while done < total:
            block = again if isinstance(again, bytes) else again(count)
            talk.send(block)
            count += 1
            done += len(block)
        talk.stall()

    return answer


def held(count: int, arrange: Callable[[list[bytes]], bytes]) -> Answer:
    """Keep the usual answers until there are `count`; then send what `arrange` makes of them. The first one goes at once."""
    kept: dict[Talk, list[bytes]] = {}

    def answer(talk: Talk) -> bytes | None:
        keyword, *words = talk.command.split(" ")
        usual = talk.server.usual(talk, keyword, words)
        if talk not in kept:
            kept[talk] = []
            return usual
        kept[talk].append(usual or b"")
        return arrange(kept[talk]) if len(kept[talk]) == count else None

    return answer


@contextlib.contextmanager
def silent_pair(talk: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    """A connected socket whose buffers are small, with `talk` at the other end in a thread."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    thread = threading.Thread(target=talk, args=(theirs,), daemon=True)
    thread.start()
    try:
        yield ours
    finally:
        ours.close()
        thread.join(5)
        theirs.close()
