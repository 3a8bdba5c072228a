"""A session as its user sees it: one method for each thing that can be asked, allowed or not by the state it is in.

Rule: every method is a generator of effects and the same for the blocking and the asyncio session. The states are those of
RFC 1939, section 3; what moves from one to another stands here and nowhere else, also for commands that a user sends by hand.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from cfml_pop.errors import CommitError, POP3Error
from cfml_pop.pop3 import requests
from cfml_pop.pop3.dialogue import Dialogue
from cfml_pop.pop3.effects import Close, Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.login import login
from cfml_pop.pop3.reply import Capabilities, Reply
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.pop3.wire import Trace, Wire, plainly
from cfml_pop.secret import Secret

__all__ = ["Conversation", "MessageInfo", "State", "Target"]

T = TypeVar("T")
Write = Callable[[bytes], object]


class MessageInfo(NamedTuple):
    """One line of LIST: the message number and its size in octets."""

    id: int
    size: int


class State(enum.Enum):
    """RFC 1939, section 3, and what is before and after."""

    NEW = "not connected"
    AUTHORIZATION = "connected and not logged in"
    TRANSACTION = "logged in"
    CLOSED = "closed"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """Where to connect and under which conditions. `cleartext`: a password may go without TLS though the host is not loopback."""

    host: str
    port: int
    secure: bool = False
    cleartext: bool = False
    socket: Any = None


# Which answers have lines behind a positive status: always, or when the command has no argument (RFC 1939, 2449, 6856).
_ALWAYS_LINES = frozenset({"CAPA", "RETR", "TOP"})
_LINES_WITHOUT_ARGUMENT = frozenset({"LIST", "UIDL", "LANG"})

# Commands that change more than a state; sent by hand they would leave client and server with different ideas.
_BY_METHOD = {"AUTH": "login()", "APOP": "login()", "STLS": "secure=True, or nothing: STLS is taken when it is offered"}

_ANY = frozenset({State.AUTHORIZATION, State.TRANSACTION})
_STATES = {
    "USER": {State.AUTHORIZATION},
    "PASS": {State.AUTHORIZATION},
    "UTF8": {State.AUTHORIZATION},
    **dict.fromkeys(("CAPA", "LANG", "QUIT", "NOOP"), _ANY),
}
"""Where a command is allowed; one that is not listed needs a login. NOOP before login is refused by servers, not by us."""


class Conversation:
    """The state of one session and all that can be asked of it."""

    def __init__(self, target: Target, limits: Limits, *, pipelining: bool | None, trace: Trace | None) -> None:
        self.target = target
        self.state: State = State.NEW
        self.dialogue: Dialogue = Dialogue(limits, pipelining=pipelining, trace=trace)

    @property
    def usable(self) -> bool:
        """Whether another command may be sent; not so after an answer that was not read to its end."""
        return self.state in _ANY and self.dialogue.wire.in_step

    def demand(self, *states: State, doing: str) -> None:
        """Raise POP3Error unless the session is in one of the states."""
        if self.state not in states:
            instead = {State.NEW: "call connect() first", State.AUTHORIZATION: "call login() first"}
            hint = instead.get(self.state, "open a new session" if self.state is State.CLOSED else "it comes before login()")
            raise POP3Error(f"{doing} is not possible, because the session is {self.state.value}; {hint}", command=doing)

    # -- the session ---------------------------------------------------------------------------------------------------------

    def connect(self) -> Steps[None]:
        """Connect, unless that is done; TLS and STLS as in `Dialogue.connect`."""
        if self.state is not State.NEW:
            return
        self.state = State.CLOSED  # until it has worked
        target = self.target
        yield from self.dialogue.connect(
            target.host, target.port, secure=target.secure, cleartext=target.cleartext, socket=target.socket
        )
        self.state = State.AUTHORIZATION

    def login(self, credentials: Credentials, mechanism: str | None) -> Steps[None]:
        """Log in, as in `login.login`."""
        yield from self.connect()
        self.demand(State.AUTHORIZATION, doing="login")
        yield from plainly(login(self.dialogue, credentials, mechanism=mechanism))
        self.state = State.TRANSACTION

    def close(self) -> Steps[None]:
        """QUIT and close; a second call does nothing. After deletes, a refused or lost answer is a CommitError."""
        marked = tuple(self.dialogue.deleted)
        usable, self.state = self.usable, State.CLOSED
        try:
            if usable:
                yield from self.dialogue.quit()
            elif marked:  # the connection was dropped before
                text = f"the session ended before QUIT was sent, so messages {', '.join(map(str, marked[:10]))} are not deleted"
                raise CommitError(text, state="failed", numbers=marked)
        finally:
            self.dialogue.deleted.clear()
        yield Close()

    # -- questions -----------------------------------------------------------------------------------------------------------

    def ask(self, request: Request[T], *states: State) -> Steps[T]:
        """Send one request and give its answer; a refusal is raised and leaves the session as it was."""
        self.demand(*(states or (State.TRANSACTION,)), doing=request.keyword)
        return (yield from self.dialogue.ask(request))

    def learn(self) -> Steps[Capabilities]:
        """CAPA, asked anew; empty when the server does not know it."""
        self.demand(*_ANY, doing="CAPA")
        yield from self.dialogue.learn()
        return self.dialogue.capabilities

    def utf8(self) -> Steps[None]:
        """UTF8, before the login. Raises POP3Error where the server does not announce it."""
        self.demand(State.AUTHORIZATION, doing="UTF8")
        self._announced("UTF8")
        yield from self.dialogue.ask(requests.utf8())

    def languages(self) -> Steps[dict[str, str]]:
        """LANG: tag -> name of each language the server can speak."""
        self._announced("LANG")
        return (yield from self.ask(requests.languages(), *_ANY))

    def speak(self, tag: str) -> Steps[Reply]:
        """`LANG tag`: choose the language of the server's words."""
        self._announced("LANG")
        return (yield from self.ask(requests.lang(tag), *_ANY))

    def _announced(self, capability: str) -> None:
        if capability not in self.dialogue.capabilities:
            raise POP3Error(f"the server does not announce {capability}; nothing was sent", command=capability)

    def message_count(self) -> Steps[int]:
        """STAT: how many messages there are, without those marked as deleted."""
        return (yield from self.ask(requests.stat()))[0]

    def list_messages(self) -> Steps[list[MessageInfo]]:
        """LIST: number and size of every message, by number."""
        entries = yield from self.ask(requests.list_all())
        return [MessageInfo(number, entries[number]) for number in sorted(entries)]

    def top(self, number: int, lines: int, write: Write) -> Steps[None]:
        """TOP; where it is missing or refused, RETR, of which everything is given."""
        self.demand(State.TRANSACTION, doing="TOP")
        outcome = yield from self.dialogue.attempt(requests.top(number, lines, write))
        if isinstance(outcome, POP3Error):
            yield from self.dialogue.ask(requests.retr(number, write))

    def delete(self, number: int) -> Steps[None]:
        """DELE: mark for deletion, which happens at QUIT."""
        yield from self.ask(requests.dele(number))
        self.dialogue.deleted.append(number)

    def reset(self) -> Steps[None]:
        """RSET: take all deletion marks back (and, on many servers, the marks as read)."""
        yield from self.ask(requests.rset())
        self.dialogue.deleted.clear()

    def send(self, command: str, arguments: tuple[str | int | Secret, ...], *, multiline: bool) -> Steps[Reply]:
        """A command by hand. A refusal is a Reply that is false. The state table is the same as for the methods."""
        keyword, *words = command.split(" ")
        keyword = keyword.upper()
        arguments = (*words, *arguments)
        if keyword in _BY_METHOD:
            raise POP3Error(f"{keyword} changes the session; use {_BY_METHOD[keyword]}", command=keyword)
        self.demand(*_STATES.get(keyword, {State.TRANSACTION}), doing=keyword)
        if keyword == "PASS":
            arguments = tuple(Secret(str(word)) if not isinstance(word, Secret) else word for word in arguments)
        has_lines = multiline or keyword in _ALWAYS_LINES or (keyword in _LINES_WITHOUT_ARGUMENT and not arguments)
        outcome = yield from self.dialogue.attempt(Request(keyword, arguments, _with_lines if has_lines else _alone))
        if isinstance(outcome, POP3Error):
            reply = Reply(False, outcome.text, code=outcome.code)
        else:
            reply = outcome
            self._follow(keyword, arguments)
        if keyword == "QUIT":
            self.state = State.CLOSED
            yield Close()
        return reply

    def _follow(self, keyword: str, arguments: tuple[str | int | Secret, ...]) -> None:
        """What a command sent by hand has changed."""
        if keyword == "PASS":
            self.state = State.TRANSACTION
        elif keyword == "DELE" and arguments and str(arguments[0]).isdecimal():
            self.dialogue.deleted.append(int(str(arguments[0])))
        elif keyword in ("RSET", "QUIT"):
            self.dialogue.deleted.clear()


def _alone(_wire: Wire, reply: Reply, _limits: Limits) -> Steps[Reply]:
    return reply
    yield  # makes this a generator, as every reader is


def _with_lines(wire: Wire, reply: Reply, limits: Limits) -> Steps[Reply]:
    pieces: list[bytes] = []
    yield from wire.body(pieces.append, limits.raw_reply, "raw_reply", "the command")
    body = b"".join(pieces)
    lines = body.replace(b"\r\n", b"\n").split(b"\n")
    return dataclasses.replace(reply, lines=tuple(lines[:-1] if lines[-1] == b"" else lines))
