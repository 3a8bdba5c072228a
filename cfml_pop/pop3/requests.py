"""The commands of RFC 1939 and RFC 2449 as requests: what to send, and how to read the answer.

Rule: a request does nothing. The dialogue sends it alone or among others, and calls `read` when its positive status line came.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Generic, TypeVar

from cfml_pop.errors import LimitExceeded, POP3Error
from cfml_pop.pop3.effects import Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.reply import (
    Capabilities,
    Reply,
    parse_capabilities,
    parse_list_line,
    parse_stat,
    parse_uidl_line,
    plain_sizes,
    plain_uids,
    printable,
)
from cfml_pop.pop3.wire import OutOfStep, Wire
from cfml_pop.secret import Secret

__all__ = [
    "Request",
    "apop",
    "capa",
    "dele",
    "lang",
    "languages",
    "list_all",
    "list_one",
    "noop",
    "password",
    "quit_",
    "retr",
    "rset",
    "stat",
    "stls",
    "top",
    "uidl_all",
    "uidl_one",
    "user",
    "utf8",
]

T = TypeVar("T")
Write = Callable[[bytes], object]


@dataclasses.dataclass(eq=False, slots=True)  # not frozen: that would make each of thousands twice as slow
class Request(Generic[T]):
    """`keyword` and `arguments` make the command line; `read` turns its positive answer into a T.

    `number` is the message it is about (0: none), `octets` how much the answer is expected to bring.
    """

    keyword: str
    arguments: tuple[str | int | Secret, ...]
    read: Callable[[Wire, Reply, Limits], Steps[T]]
    number: int = 0
    octets: int = 0


def _reply(_wire: Wire, reply: Reply, _limits: Limits) -> Steps[Reply]:
    return reply
    yield  # makes this a generator, as every reader is


def _capabilities(wire: Wire, _reply: Reply, limits: Limits) -> Steps[Capabilities]:
    pieces: list[bytes] = []
    yield from wire.body(pieces.append, limits.capabilities, "capabilities", "CAPA")
    return parse_capabilities(b"".join(pieces).splitlines())


def _languages(wire: Wire, _reply: Reply, limits: Limits) -> Steps[dict[str, str]]:
    pieces: list[bytes] = []
    yield from wire.body(pieces.append, limits.capabilities, "capabilities", "LANG")
    lines = (printable(line).partition(" ") for line in b"".join(pieces).splitlines() if line.strip())
    return {tag: name.strip() for tag, _, name in lines}


def _stat(_wire: Wire, reply: Reply, limits: Limits) -> Steps[tuple[int, int]]:
    count, octets = parse_stat(reply.octets)
    if count > limits.list_entries:
        raise LimitExceeded(
            f"the server says that the mailbox holds {count} messages; the limit is {limits.list_entries}",
            limit="list_entries",
            value=limits.list_entries,
        )
    return count, octets
    yield  # makes this a generator, as every reader is


V = TypeVar("V")


def _entries(
    keyword: str, parse: Callable[[bytes], tuple[int, V] | None], plain: Callable[[bytes], list[tuple[int, V]]]
) -> Callable[[Wire, Reply, Limits], Steps[dict[int, V]]]:
    """Reader of a LIST or UIDL reply. The values go into a dict, never into a list as long as a number the server names.

    `plain` reads many lines at once, in a third of the time; where one of them is not plain `parse` reads each.
    """

    def read(wire: Wire, _reply: Reply, limits: Limits) -> Steps[dict[int, V]]:
        entries: dict[int, V] = {}
        seen = 0
        rest = b""

        def take(piece: bytes) -> None:
            nonlocal rest, seen
            *lines, rest = (rest + piece).split(b"\n")
            seen += len(lines)
            _within(keyword, "list_entries", seen, limits.list_entries)
            _within(keyword, "list_line", max(map(len, lines), default=0), limits.list_line)
            _within(keyword, "list_line", len(rest), limits.list_line)
            found = dict(plain(b"\n".join(lines)))
            if len(found) == len(lines) and entries.keys().isdisjoint(found):
                entries.update(found)
                return
            for line in filter(None, map(bytes.strip, lines)):
                entry = parse(line)
                if entry is None or entry[0] in entries:
                    what = "an unreadable line" if entry is None else "two lines for one message"
                    raise POP3Error(f"the server's answer to {keyword} has {what}: {line[:80]!r}", command=keyword)
                entries[entry[0]] = entry[1]

        yield from wire.body(take, limits.list_octets, "list_octets", keyword)
        return entries

    return read


def _within(keyword: str, name: str, found: int, limit: int) -> None:
    if found > limit:
        raise LimitExceeded(f"the server's answer to {keyword} goes beyond {name}={limit}", limit=name, value=limit)


def _entry(
    keyword: str, parse: Callable[[bytes], tuple[int, V] | None], number: int
) -> Callable[[Wire, Reply, Limits], Steps[V]]:
    """Reader of `LIST n` or `UIDL n`: one line, `+OK n value`. A server that leaves out the number gets it back."""

    def read(_wire: Wire, reply: Reply, _limits: Limits) -> Steps[V]:
        line = reply.octets
        entry = parse(line)
        if entry is None or entry[0] != number:
            entry = parse(b"%d %s" % (number, line)) if len(line.split()) == 1 else None
        if entry is None:
            # Some servers answer with a list here; what follows then is not the next answer.
            text = f"the server's answer to {keyword} {number} is unreadable: {reply.text[:80]!r}"
            raise OutOfStep(text, command=keyword, numbers=(number,))
        return entry[1]
        yield  # makes this a generator, as every reader is

    return read


class _Message:
    """Reader of a TOP or RETR reply, whose octets it writes as they come. `head`: the first ones, held back until they can be
    judged, as a block may end within them; None from then on."""

    __slots__ = ("head", "keyword", "wire", "write")

    def __init__(self, keyword: str, write: Write) -> None:
        self.keyword = keyword
        self.write = write
        self.head: bytes | None = b""

    def __call__(self, wire: Wire, _reply: Reply, limits: Limits) -> Steps[int]:
        self.wire = wire
        size = yield from wire.body(self.take, limits.message, "message", self.keyword)
        if self.head is not None:
            self.judge(self.head)
        return size

    def take(self, piece: bytes) -> None:
        if self.head is None:
            self.write(piece)
            return
        head = self.head + piece
        if head[:1] in b"+-":  # of nothing as well
            self.head = head
            if len(head) >= len(b"-ERR"):
                self.judge(head)
        else:
            self.head = None
            self.write(head)

    def judge(self, head: bytes) -> None:
        # No header begins like this. With more answers under way it is the next one's status line, ahead of our body.
        if head.startswith((b"+OK", b"-ERR")) and self.wire.outstanding:
            raise OutOfStep(f"the server mixes up its answers to {self.keyword}", command=self.keyword)
        if head:
            self.write(head)
        self.head = None


def capa() -> Request[Capabilities]:
    """CAPA (RFC 2449, section 5): what the server can do."""
    return Request("CAPA", (), _capabilities)


def stls() -> Request[Reply]:
    """STLS (RFC 2595, section 4): TLS begins behind its answer."""
    return Request("STLS", (), _reply)


def user(name: str) -> Request[Reply]:
    """USER (RFC 1939, section 7)."""
    return Request("USER", (name,), _reply)


def password(secret: Secret) -> Request[Reply]:
    """PASS (RFC 1939, section 7). Blanks in it are part of it."""
    return Request("PASS", (secret,), _reply)


def apop(name: str, digest: Secret) -> Request[Reply]:
    """APOP (RFC 1939, section 7)."""
    return Request("APOP", (name, digest), _reply)


def utf8() -> Request[Reply]:
    """UTF8 (RFC 6856, section 2): names, passwords and headers in UTF-8 from now on."""
    return Request("UTF8", (), _reply)


def lang(tag: str) -> Request[Reply]:
    """`LANG tag` (RFC 6856, section 3): the language of the server's words; "*" is the server's choice."""
    return Request("LANG", (tag,), _reply)


def languages() -> Request[dict[str, str]]:
    """LANG: the languages there are, tag -> name."""
    return Request("LANG", (), _languages)


def stat() -> Request[tuple[int, int]]:
    """STAT: `(messages, octets)`."""
    return Request("STAT", (), _stat)


def list_all() -> Request[dict[int, int]]:
    """LIST: message number -> size in octets."""
    return Request("LIST", (), _entries("LIST", parse_list_line, plain_sizes))


def list_one(number: int) -> Request[int]:
    """`LIST n`: the size of one message."""
    return Request("LIST", (number,), _entry("LIST", parse_list_line, number), number)


def uidl_all() -> Request[dict[int, str]]:
    """UIDL: message number -> uid."""
    return Request("UIDL", (), _entries("UIDL", parse_uidl_line, plain_uids))


def uidl_one(number: int) -> Request[str]:
    """`UIDL n`: the uid of one message."""
    return Request("UIDL", (number,), _entry("UIDL", parse_uidl_line, number), number)


def top(number: int, lines: int, write: Write) -> Request[int]:
    """`TOP n lines`: the header and `lines` lines of the body, written in pieces; gives the octets written."""
    return Request("TOP", (number, lines), _Message("TOP", write), number)


def retr(number: int, write: Write, size: int = 0) -> Request[int]:
    """`RETR n`: the message, written in pieces; gives the octets written. `size` is what LIST said."""
    return Request("RETR", (number,), _Message("RETR", write), number, size)


def dele(number: int) -> Request[Reply]:
    """`DELE n`: mark for deletion at QUIT."""
    return Request("DELE", (number,), _reply, number)


def noop() -> Request[Reply]:
    """NOOP: nothing; it resets the server's idle timer."""
    return Request("NOOP", (), _reply)


def rset() -> Request[Reply]:
    """RSET: take all deletion marks back."""
    return Request("RSET", (), _reply)


def quit_() -> Request[Reply]:
    """QUIT: the server removes what was marked, then closes (RFC 1939, section 6)."""
    return Request("QUIT", (), _reply)
