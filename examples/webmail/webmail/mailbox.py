"""What the webmail does with its mailbox in Python: count, search, delete, mark, fetch a file.

Rule: messages are chosen by uid. Numbers change when another program deletes; a uid stays, and a deleted one is found no more.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Collection, Iterator, Sequence

from cfml_pop import POP3ClientSession, Row, Secret, Settings, cfpop

__all__ = ["Mailbox"]

NAME = "mailbox"
"""The connection of `Settings` that the tags in the templates name as well."""

FIELDS = ("from", "subject", "date")


class Mailbox:
    """The connection "mailbox" of `settings`.

    POP3 has no search, so a search reads headers and keeps what it looks at, by uid: of the newest `search_limit` messages, in
    the memory of this process. Each of its calls is a session of its own; nothing stays open between two pages.
    """

    def __init__(self, settings: Settings, *, search_limit: int) -> None:
        self.settings = settings
        self.search_limit = search_limit
        self._heads: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def count(self) -> int:
        """How many messages there are."""
        with self._session() as session:
            return session.message_count()

    def search(self, query: str) -> list[str]:
        """The uids of the messages whose sender, subject and date hold all words of `query`, the newest first.

        A word may name its field: `from:ann subject:invoice date:2026-03`. Case does not matter.
        """
        words = [term(word) for word in query.casefold().split()]
        heads = self._read_heads()
        return [uid for uid, head in heads.items() if all(any(word in head[field] for field in where) for where, word in words)]

    def delete(self, uids: Collection[str]) -> int:
        """Delete these messages, all of those that are there or none. Returns how many were there."""
        return cfpop(settings=self.settings, connection=NAME, action="delete", uid=list(uids)).recordcount

    def mark_read(self, uids: Collection[str]) -> int:
        """Retrieve these messages, which is what makes a POP3 server mark them. Returns how many were there."""
        return cfpop(settings=self.settings, connection=NAME, action="markRead", uid=list(uids)).recordcount

    @contextlib.contextmanager
    def folder(self) -> Iterator[str]:
        """A new folder for attachments, which is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="webmail-", dir=self.settings.attachment_root) as path:
            yield path

    @contextlib.contextmanager
    def files(self, uid: str) -> Iterator[list[tuple[str, str]]]:
        """Name and path of each attachment of a message, as long as the block runs."""
        with self.folder() as folder:
            mail = cfpop(settings=self.settings, connection=NAME, action="getAll", uid=[uid], attachmentpath=folder)
            yield [(file.name, file.path) for row in mail for file in row.attachments.entries]

    @contextlib.contextmanager
    def _session(self) -> Iterator[POP3ClientSession]:
        settings, stored = self.settings, self.settings.connections[NAME]
        with POP3ClientSession(
            stored.server,
            stored.port,
            secure=stored.secure,
            timeout=settings.idle_timeout,
            cleartext=stored.server in settings.cleartext_servers,
            tls_ca_file=None if settings.tls_ca_file is None else os.fspath(settings.tls_ca_file),
            tls_context=settings.tls_context,
            pipelining=settings.pipelining,
        ) as session:
            if stored.token is not None:
                session.login(stored.username, token=given(stored.token))
            else:
                session.login(stored.username, given(stored.password))
            yield session

    def _read_heads(self) -> dict[str, dict[str, str]]:
        """What is searched of each message, by uid, the newest first; only headers that are not known yet are fetched."""
        with self._lock:
            with self._session() as session:
                uids = [uid for _, uid in sorted(session.unique_ids().items(), reverse=True)][: self.search_limit]
            unknown = [uid for uid in uids if uid not in self._heads]
            rows = cfpop(settings=self.settings, connection=NAME, uid=unknown) if unknown else ()
            heads = {**self._heads, **{row.uid: searched(row) for row in rows}}
            # What was deleted is forgotten, and so is what became too old.
            self._heads = {uid: heads[uid] for uid in uids if uid in heads}
            return self._heads


def given(secret: object) -> str | Secret:
    """A password or token, which the settings may have as a function."""
    value = secret() if callable(secret) else secret
    if not isinstance(value, (str, Secret)):
        raise TypeError("the webmail is not async; a function for a password or token returns it at once")
    return value


def term(word: str) -> tuple[Sequence[str], str]:
    """The fields to look into, and what for."""
    field, colon, rest = word.partition(":")
    return ([field], rest) if colon and field in FIELDS else (FIELDS, word)


def searched(row: Row) -> dict[str, str]:
    """What is searched of a message, for each field. A date is found as 2026-03-02 and as 2 March 2026."""
    when = row.date.datetime
    date = f"{when:%Y-%m-%d} {when.day} {when:%B %Y}" if when else ""
    return {"from": row.from_.casefold(), "subject": row.subject.casefold(), "date": date.casefold()}
