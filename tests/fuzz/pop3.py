"""The fuzz target: any octets at all as the answers of a server to a whole session.

The first four octets of an input choose who asks, how the answers are cut into blocks (`blocks`) and whether the end is a closed
connection or silence; the rest is what the server says. Whatever that is, only errors of `cfml_pop.errors` may leave, the number
of steps is bounded by the octets that came, nothing is deleted without having been confirmed, and every line that was sent is one
command or one SASL response. `python -m tests.fuzz` runs it, `tests/test_fuzz_replay.py` replays the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from cfml_pop.cfml.attributes import Call, resolve
from cfml_pop.cfml.query import Query
from cfml_pop.errors import CfpopError, CommitError, POP3Error, TimeoutExpired
from cfml_pop.operation import operate
from cfml_pop.pop3 import requests
from cfml_pop.pop3.conversation import Target
from cfml_pop.pop3.effects import Connect, Effect, Exchange, Peer, Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.row import RowBuilder
from cfml_pop.secret import Secret
from cfml_pop.session.work import Batch, Work
from cfml_pop.settings import Settings

__all__ = ["HEAD", "Fuzzed", "Misbehaved", "blocks", "run"]

T = TypeVar("T")

HEAD = 4
"""Octets of an input that are no answer."""

COMMAND = re.compile(rb"[A-Z0-9]{3,5}( [^\x00-\x1f\x7f]+)?\r\n")
RESPONSE = re.compile(rb"([A-Za-z0-9+/]*=*|\*)\r\n")  # to a challenge of SASL; of any length

LIMITS = Limits(
    reply_line=600, capabilities=2000, list_entries=50, list_line=200, header=2000, raw_reply=2000, message=4000, challenge=900
)
"""Small, so that inputs of a few KB reach them."""


class Misbehaved(Exception):
    """The client did what it must never do."""


def blocks(answers: bytes, mode: int, size: int) -> list[bytes]:
    """The answers as they come: cut at octets 0x1E (which are left out), in lines, octet by octet, or `size` by `size`."""
    way = mode % 4
    if way == 0:
        cut = answers.split(b"\x1e")
    elif way == 1:
        cut = answers.splitlines(keepends=True)
    else:
        step = 1 if way == 2 else size or len(answers) or 1
        cut = [answers[start : start + step] for start in range(0, len(answers), step)]
    return [block for block in cut if block]


class Fuzzed:
    """A driver without a socket that gives `blocks` one by one. At the end the connection is closed, or falls silent."""

    def __init__(self, blocks: list[bytes], *, silent: bool) -> None:
        self._blocks = iter(blocks)
        self._bound = 4 * sum(map(len, blocks)) + 2000
        self._silent = silent
        self._after = 0
        self._steps = 0
        self.sent = b""
        self.connections = 0

    def run(self, steps: Steps[T]) -> T:
        """Carry out a dialogue as the drivers do: an error of the transport is raised inside it."""
        try:
            effect = next(steps)
            while True:
                try:
                    answer = self.perform(effect)
                except CfpopError as error:
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result

    def perform(self, effect: Effect) -> object:
        self._steps += 1
        if self._steps > self._bound:
            raise Misbehaved(f"more than {self._bound} steps")
        if isinstance(effect, Exchange):
            self.sent += effect.outgoing.data
            block = next(self._blocks, b"")
            if block:
                return block
            self._after += 1
            if self._after > 50:
                raise Misbehaved("it goes on asking after the end")
            if self._silent:
                raise TimeoutExpired("the server was silent")
            return b""
        if isinstance(effect, Connect):
            self.connections += 1
            return Peer("127.0.0.1", loopback=True)
        return None  # STLS, Grace, Early and Close have nothing to give


# -- who asks ----------------------------------------------------------------------------------------------------------------


def call(**attributes: object) -> Call:
    return resolve({"server": "pop.example.com", "username": "kim", "password": "tiger", **attributes})


CALLS = (
    call(),
    call(maxrows=2),
    call(action="getAll"),
    call(action="getAll", uid="uid2,uid1"),
    call(action="getAll", messagenumber="2,1"),
    call(action="delete", uid="uid2,uid1"),
    call(action="delete", messagenumber="2,1"),
    call(action="delete", startrow=1),
    call(action="markRead", uid="uid1"),
)


def operation(chosen: Call, *, partial: bool, pipelining: bool | None) -> Callable[[Fuzzed], None]:
    """cfpop's way, with all cells of the rows read."""

    def go(driver: Fuzzed) -> None:
        settings = Settings(message_limit=LIMITS.message, list_limit=LIMITS.list_entries, partial=partial, pipelining=pipelining)
        builder = RowBuilder(
            full=chosen.action == "getAll", directory=None, root=None, allow_absolute=False, unique=False, memory_limit=1500
        )
        try:
            query = driver.run(operate(chosen, settings, builder))
            read(query)
        except CfpopError as error:
            read(error.query)
            if driver.sent.count(b"DELE") and b"QUIT" in driver.sent and not isinstance(error, CommitError):
                raise Misbehaved("QUIT was sent after a DELE, and the error is no CommitError") from error
            raise
        finally:
            builder.close()
        if chosen.action == "delete" and query.recordcount and not driver.sent.endswith(b"QUIT\r\n"):
            raise Misbehaved("messages are reported as deleted without QUIT")

    return go


def read(query: Any) -> None:
    """Read every cell."""
    if isinstance(query, Query):
        query.to_dicts()
        for row in query:
            tuple(row.defects)


def session(*, lines: int | None, pipelining: bool | None, mechanism: str | None = None) -> Callable[[Fuzzed], None]:
    """The session's way: each thing that can be asked, after a refusal the next one."""

    def questions(work: Work) -> Iterator[Steps[Any]]:
        yield work.message_count()
        yield work.list_messages()
        yield work.ask(requests.uidl_all())
        yield work.ask(requests.uidl_one(1))
        yield work.header(1)
        yield work.message(1)
        yield Batch(work, [1, 2, 3], lines).steps()
        yield work.send("LIST", (), multiline=False)
        yield work.send("XTND", ("a",), multiline=True)
        yield work.delete(1)
        yield work.reset()
        yield work.delete(2)

    def go(driver: Fuzzed) -> None:
        work = Work(Target(host="pop.example.com", port=110), LIMITS, pipelining=pipelining, trace=lambda _way, _line: None)
        driver.run(work.login(Credentials("kim", Secret("tiger"), "token"), mechanism))
        for steps in questions(work):
            try:
                driver.run(steps)
            except POP3Error:
                if not work.usable:
                    raise
        driver.run(work.close())

    return go


SCENES: tuple[Callable[[Fuzzed], None], ...] = (
    *(operation(chosen, partial=partial, pipelining=None) for chosen in CALLS for partial in (False, True)),
    *(operation(chosen, partial=False, pipelining=False) for chosen in CALLS),
    *(session(lines=lines, pipelining=pipelining) for lines in (None, 0) for pipelining in (None, False)),
    *(session(lines=None, pipelining=None, mechanism=name) for name in ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "+APOP")),
)


def run(data: bytes) -> CfpopError | None:
    """Play one input; gives the error it ended with, None for none. Anything else than a CfpopError is a fault."""
    if len(data) < HEAD:
        return None
    driver = Fuzzed(blocks(data[HEAD:], data[1], data[3]), silent=bool(data[2] & 1))
    outcome: CfpopError | None = None
    try:
        SCENES[data[0] % len(SCENES)](driver)
    except CfpopError as error:
        outcome = error
        if b"PASS tiger" in driver.sent and getattr(error, "command", "") == "PASS" and "tiger" in str(error):
            raise Misbehaved("the error shows the password") from error
    for line in driver.sent.splitlines(keepends=True):
        right = COMMAND.fullmatch(line) is not None and len(line) <= 255
        if not right and not (b"AUTH " in driver.sent and RESPONSE.fullmatch(line)):
            raise Misbehaved(f"this is no command: {line!r}")
    return outcome
