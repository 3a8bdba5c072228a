"""The mailboxes that are read: generated, the same octets on every machine, in the INBOX of a real Dovecot.

Rule: everything random comes from one seed, and each mailbox knows what a reader must get out of it. A message that stands in a
mailbox many times is one file with many names: what is measured is the session, not the disk.
"""

from __future__ import annotations

import base64
import poplib
import quopri
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.mail import LINE, SEED, Maker, blocks_of_large_mail
from tests.servers.dovecot import PASSWORD, Dovecot

__all__ = ["MAKERS", "Box", "Store"]

MEDIAN, SPREAD = 8_800, 0.98
"""Octets of a mixed message: half are smaller, nine in ten smaller than 31 KB (log-normal)."""

LARGE, LARGEST = 1_000_000, 5_000_000
"""One in a hundred has attachments of this size in all."""

TEXT = 10_000
DISTINCT = 1_000
"""Different files of a mailbox whose messages repeat."""


class Box(NamedTuple):
    """One mailbox. `octets` as RETR sends them, dots not counted; `saved` is the octets of all attachments, decoded."""

    username: str
    password: str
    messages: int
    octets: int
    saved: int
    uids: tuple[str, ...]


class _Kind(NamedTuple):
    files: list[Path]
    saved: int  # for all messages


class _Pools:
    """Text, HTML and base64 that bodies are cut from: to draw each word anew takes longer than to read the mail."""

    def __init__(self) -> None:
        self.maker = Maker()
        self.random = random.Random(SEED)
        self.text = self.maker.text(400_000).encode().splitlines(keepends=True)
        self.html = self.maker.html(400_000).encode().splitlines(keepends=True)
        data = self.random.randbytes(LINE * 20_000)
        self.base64 = base64.encodebytes(data).splitlines(keepends=True)

    def cut(self, lines: list[bytes], size: int) -> bytes:
        found, start, length = [], self.random.randrange(len(lines)), 0
        while length < size:
            found.append(lines[start % len(lines)])
            length += len(found[-1])
            start += 1
        return b"".join(found)

    def header(self, number: int, content: str) -> bytes:
        block, _ = self.maker.header(content)
        # Like a mailbox of somebody who gets mail from 300 people, of whom some write often.
        sender = min(int(self.random.paretovariate(0.7)), 300)
        block = block.replace(b"zoe.mueller@", b"zoe.mueller%d@" % sender)
        block = block.replace(b"sam@example", b"sam%d@example" % (sender % 40))
        return block.replace(b"4711", b"%d" % (10_000 + number)).replace(b"09:30:12", b"09:%02d:%02d" % divmod(number % 3600, 60))

    def message(self, number: int, size: int) -> tuple[bytes, int]:
        """A message of about `size` octets, and the octets of its attachments."""
        room = max(size - 3_400, 400)
        if size >= LARGE or self.random.random() < 0.3:
            return self._attached(number, room, self.random.randint(1, 3) if size >= LARGE else 1)
        if room > 2_000 and self.random.random() < 0.6:
            return self._alternative(number, room), 0
        content = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit"
        return self.header(number, content) + b"\r\n" + _crlf(self.cut(self.text, room)), 0

    def _alternative(self, number: int, room: int) -> bytes:
        text, html = self.cut(self.text, room // 4), quopri.encodestring(self.cut(self.html, int(room * 0.6)))
        boundary = b"----=_Part_%d_5678" % number
        return self.header(number, f'Content-Type: multipart/alternative;\r\n\tboundary="{boundary.decode()}"') + _crlf(
            b"\n--%b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%b\n" % (boundary, text)
            + b"--%b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" % boundary
            + b"%b\n--%b--\n" % (html, boundary)
        )

    def _attached(self, number: int, room: int, count: int) -> tuple[bytes, int]:
        boundary = b"=_mixed%d" % number
        text = self.cut(self.text, min(room // 4, 2_000))
        pieces = [
            b"\n--%b\nContent-Type: text/plain; charset=utf-8\n" % boundary,
            b"Content-Transfer-Encoding: 8bit\n\n%b\n" % text,
        ]
        saved = 0
        for index in range(count):
            lines = max((room - len(text)) // count // 78, 1)
            start = self.random.randrange(len(self.base64))
            data = [self.base64[(start + n) % len(self.base64)] for n in range(lines)]
            name = b"report-%d-%d.pdf" % (number, index)
            pieces.append(b"--%b\nContent-Type: application/pdf; name=%b\n" % (boundary, name))
            pieces.append(b"Content-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename=%b\n\n" % name)
            pieces += [*data, b"\n"]
            saved += lines * LINE
        pieces.append(b"--%b--\n" % boundary)
        return self.header(number, f"Content-Type: multipart/mixed; boundary={boundary.decode()!r}".replace("'", '"')) + _crlf(
            b"".join(pieces)
        ), saved


def _crlf(octets: bytes) -> bytes:
    return octets.replace(b"\n", b"\r\n")


def _mixed(folder: Path, count: int) -> _Kind:
    """Messages of all kinds and sizes; 2,000 have about 90 MB."""
    pools = _Pools()
    files, saved = [], 0
    for number in range(count):
        if number % 100 == 50:
            size = pools.random.randint(LARGE, LARGEST)
        else:
            size = min(int(pools.random.lognormvariate(0, SPREAD) * MEDIAN), LARGE - 1)
        octets, attached = pools.message(number, size)
        path = folder / str(number)
        path.write_bytes(octets)
        files.append(path)
        saved += attached
    return _Kind(files, saved)


def _texts(size: int) -> Callable[[Path, int], _Kind]:
    """Plain mail of about `size` octets."""

    def make(folder: Path, count: int) -> _Kind:
        pools = _Pools()
        files = []
        content = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit"
        for number in range(min(count, DISTINCT)):
            header = pools.header(number, content)
            path = folder / str(number)
            path.write_bytes(header + b"\r\n" + _crlf(pools.cut(pools.text, max(size - len(header), 100))))
            files.append(path)
        return _Kind([files[number % len(files)] for number in range(count)], 0)

    return make


def _large(folder: Path, count: int) -> _Kind:
    """Messages with two attachments, 50 MB in all."""
    path = folder / "large"
    with path.open("wb") as file:
        file.writelines(blocks_of_large_mail(50_000_000 * 78 // LINE))
    block = LINE * 840
    each = 50_000_000 * 78 // LINE // 2 // (block // LINE * 78) * block * 2
    return _Kind([path] * count, each * count)


MAKERS: dict[str, Callable[[Path, int], _Kind]] = {
    "mixed": _mixed,
    "short": _texts(4_000),
    "text": _texts(TEXT),
    "large": _large,
}


class Store:
    """Makes mailboxes in `dovecot`, their files in `folder`, which lies on the file system of its mail."""

    def __init__(self, dovecot: Dovecot, folder: Path) -> None:
        self.dovecot = dovecot
        self._folder = folder
        self._kinds: dict[tuple[str, int], _Kind] = {}

    def box(self, kind: str, count: int) -> Box:
        """A fresh mailbox of `count` messages, which Dovecot has looked through once."""
        made = self._kinds.get((kind, count))
        if made is None:
            folder = self._folder / f"{kind}-{count}"
            folder.mkdir()
            made = self._kinds[kind, count] = MAKERS[kind](folder, count)
        mailbox = self.dovecot.mailbox(made.files)
        octets, uids = self._look_through(mailbox.username)
        return Box(mailbox.username, PASSWORD, count, octets, made.saved, uids)

    def _look_through(self, username: str) -> tuple[int, tuple[str, ...]]:
        """Let Dovecot make its index and move the mail out of `new`, as it does once in the life of a mailbox."""
        pop3 = poplib.POP3(self.dovecot.plain_host, self.dovecot.pop3_port, timeout=300)
        pop3.user(username)
        pop3.pass_(PASSWORD)
        octets = pop3.stat()[1]
        pop3.list()
        uids = tuple(line.split()[1].decode() for line in pop3.uidl()[1])
        pop3.quit()
        return octets, uids

    def clear(self) -> None:
        """Remove the files. The mail that links to them stays until it is deleted or Dovecot is stopped."""
        for made in self._kinds.values():
            for path in set(made.files):
                path.unlink(missing_ok=True)
        for folder in self._folder.iterdir():
            folder.rmdir()
        self._kinds.clear()
