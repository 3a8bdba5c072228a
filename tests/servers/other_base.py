"""What a server beside Dovecot is for the tests: it starts in a root of its own, makes mailboxes, and ends without a trace.

Rule: nothing here is about one server; what they need differs only in `set_up`, `fill`, `seen` and `as_stored`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import poplib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import trustme

from tests.servers.other_inetd import Inetd
from tests.servers.other_root import PATH, PrivateRoot

__all__ = ["CERTIFICATE", "HOST", "MAIL_GROUP", "PASSWORD", "OtherMailbox", "OtherServer"]

HOST = "127.0.0.1"
PASSWORD = "opensesame"
MAIL_GROUP = 8  # Debian gives this number to the group "mail" on every machine
FIRST_USER = 901
CERTIFICATE = "/etc/server.pem"


@dataclasses.dataclass(frozen=True)
class OtherMailbox:
    """One user's mailbox. `port` is in clear without STLS; `stls_port` offers STLS, None when the server has no TLS."""

    username: str
    port: int
    stls_port: int | None
    ca_file: Path | None
    password: str = PASSWORD
    host: str = HOST

    @contextlib.contextmanager
    def pop3(self) -> Iterator[poplib.POP3]:
        """A session of poplib, logged in. It ends with QUIT."""
        pop3 = poplib.POP3(self.host, self.port, timeout=20)
        try:
            pop3.user(self.username)
            pop3.pass_(self.password)
            yield pop3
            pop3.quit()
        finally:
            pop3.close()


class OtherServer:
    """A server that can be started. `start` raises Unavailable where this machine cannot run it."""

    name = ""
    system_users: Sequence[tuple[str, str]] = ()
    """Users that the package would have made: name and home."""

    def __init__(self) -> None:
        self.port = 0
        self.stls_port: int | None = None
        self.ca_file: Path | None = None
        self._root: PrivateRoot | None = None
        self._inetds: list[Inetd] = []
        self._users = 0

    # -- what each server defines ----------------------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Write the configuration and begin to listen."""
        raise NotImplementedError

    def fill(self, username: str, uid: int, messages: Sequence[bytes]) -> None:
        """Make the account and put messages (CRLF line ends) into its empty mailbox."""
        raise NotImplementedError

    def as_stored(self, octets: bytes) -> bytes:
        """What was stored, from what RETR sends."""
        return octets

    def seen(self, username: str) -> list[bool] | None:
        """For each message, whether the mailbox says that it was read; None where the server keeps no such mark."""
        raise NotImplementedError

    # -- what all share --------------------------------------------------------------------------------------------------------

    @property
    def root(self) -> PrivateRoot:
        """Where it runs."""
        assert self._root is not None, "the server is not running"
        return self._root

    def start(self) -> OtherServer:
        """Start it and wait until it listens."""
        self._root = PrivateRoot(self.name)
        try:
            for number, (user, home) in enumerate(self.system_users):
                self.append("/etc/passwd", f"{user}:x:{FIRST_USER + number}:{MAIL_GROUP}::{home}:/bin/false\n")
                self.append("/etc/group", f"{user}:x:{FIRST_USER + number}:\n")
            authority = trustme.CA()
            self.ca_file = self.path("/etc/ca.pem")
            authority.cert_pem.write_to_path(str(self.ca_file))
            authority.issue_cert(HOST, "localhost").private_key_and_cert_chain_pem.write_to_path(str(self.path(CERTIFICATE)))
            self.path(CERTIFICATE).chmod(0o600)
            if self.system_users:  # the server reads its key when it is root no more
                os.chown(self.path(CERTIFICATE), FIRST_USER, MAIL_GROUP)
            self.set_up()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End every process of it; its files go with it. A second call does nothing."""
        for inetd in self._inetds:
            inetd.stop()
        self._inetds.clear()
        if self._root is not None:
            self._root.stop()

    def __enter__(self) -> OtherServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def mailbox(self, messages: Iterable[bytes]) -> OtherMailbox:
        """A new account whose mailbox holds `messages` (CRLF line ends) in this order, unread."""
        self._users += 1
        username = f"user{self._users}"
        self.fill(username, 3000 + self._users, list(messages))
        return OtherMailbox(username, self.port, self.stls_port, self.ca_file)

    def path(self, inside: str) -> Path:
        """The file `inside` the root, as a path of the tests."""
        return self.root.path(inside)

    def inetd(self, *command: str, one_by_one: bool = False, **environment: str) -> int:
        """Start `command` inside for each connection; the port where."""
        inetd = Inetd(self.root.command(*command), {"PATH": PATH, **environment}, one_by_one=one_by_one)
        self._inetds.append(inetd)
        return inetd.port

    def append(self, inside: str, line: str) -> None:
        """Add a line to a file inside."""
        with self.path(inside).open("a", encoding="utf-8") as file:
            file.write(line)
