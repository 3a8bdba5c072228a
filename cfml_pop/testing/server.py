"""The embedded server as its user holds it.

Rule: what a test gives and asks stands here; how it travels is `process`'s affair, what it means on the wire the child's.
"""

from __future__ import annotations

import os
import tempfile
import urllib.parse
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from cfml_pop.testing.knobs import knobs
from cfml_pop.testing.maildrop import canonical, uid_of
from cfml_pop.testing.process import ServerProcess, require
from cfml_pop.testing.sources import Messages, octets_of

if TYPE_CHECKING:
    from cfml_pop.settings import Connection, Settings

__all__ = ["EmbeddedServer"]


class EmbeddedServer:
    """A POP3 server on 127.0.0.1 with one mailbox, in a process of its own; a context manager.

    What it has
        `messages`: octets (any line ends), text, messages of Python's `email`, pathlib.Paths of .eml files, of folders of them or
        of a Maildir, in order; or one of these. `tls`: None, "implicit" (from the first octet) or "stls" (offered).
        `certificate`: PEM file with the private key, the server's certificate and its chain; None has one made for localhost and
        127.0.0.1, by an authority whose certificate is in `ca_file`.

    What it does wrong. A key is a command ("RETR"), a command with its argument ("RETR 2"), "login" or "connect" (the greeting)
        `latency`: seconds from a command to its answer, as on a long line: commands sent together wait together. A mapping gives
        them for single commands; math.inf is no answer at all.
        `refuse`: commands that get -ERR; "in-use" is a login into a locked mailbox. A mapping says what stands behind -ERR.
        `drop`: commands at which the connection ends without an answer. `drop_after`: octets after which every connection ends,
        the greeting counted. `without`: what the server does not know: "UIDL", "TOP", "PIPELINING", "CAPA".

    `process`: a running ServerProcess to share; None starts one for this server alone.

    After `start()`: `host`, `port`, `user`, `password`, `url`, `connection`, `settings`. Several sessions may be open at a time;
    each sees the mailbox as it was at its login, and DELE removes at QUIT. `messages()`, `deleted` and `commands` say what
    happened, also after `stop()`. The server stops with `stop()`, with the block, or when its parent process ends. Raises
    MissingExtra when the extra is not installed, CfpopError when the child did not start, ValueError for a knob that is none.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        messages: Messages = (),
        *,
        user: str = "support",
        password: str = "open sesame",  # noqa: S107 - opens a mailbox of test mail on loopback
        tls: Literal["implicit", "stls"] | None = None,
        certificate: str | os.PathLike[str] | None = None,
        latency: float | Mapping[str, float] = 0.0,
        refuse: str | Iterable[str] | Mapping[str, str] = (),
        drop: str | Iterable[str] = (),
        drop_after: int | None = None,
        without: str | Collection[str] = (),
        process: ServerProcess | None = None,
    ) -> None:
        if tls not in (None, "implicit", "stls"):
            raise ValueError(f'tls is None, "implicit" or "stls", not {tls!r}')
        self.user = user
        self.password = password
        self.tls = tls
        self.port: int = 0
        self.ca_file: Path | None = None
        self._knobs = knobs(latency=latency, refuse=refuse, drop=drop, drop_after=drop_after, without=without)
        self._messages = octets_of(messages)
        self._certificate = certificate
        self._shared = process
        self._process: ServerProcess | None = None
        self._number: int | None = None
        self._last: dict[str, Any] = {"left": [*range(1, len(self._messages) + 1)], "commands": []}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self) -> EmbeddedServer:
        """Start the child, unless it is shared, and wait until the server listens."""
        options: dict[str, object] = {
            "do": "open",
            "user": self.user,
            "password": self.password,
            "tls": self.tls,
            "knobs": self._knobs,
        }
        try:
            options["certificate"] = self._certificate_text() if self.tls else ""
            self._process = self._shared or ServerProcess().start()
            answer = self._process.ask(options, self._messages)
        except BaseException:
            self.stop()
            raise
        self.port, self._number = answer["port"], answer["number"]
        return self

    def stop(self) -> None:
        """Close the mailbox with its connections, and end the child unless it is shared; a second call does nothing."""
        process, self._process = self._process, None
        number, self._number = self._number, None
        try:
            if process is not None and number is not None:
                self._last = process.ask({"do": "close", "number": number})
        finally:
            if process is not None and process is not self._shared:
                process.stop()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def __enter__(self) -> EmbeddedServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # How it is reached

    @property
    def url(self) -> str:
        """The POP URL with user and password (RFC 2384): `pops://` with implicit TLS, else `pop://`."""
        user, password = (urllib.parse.quote(text, safe="") for text in (self.user, self.password))
        return f"{'pops' if self.tls == 'implicit' else 'pop'}://{user}:{password}@{self.host}:{self.port}"

    @property
    def connection(self) -> Connection:
        """The mailbox as `Settings(connections={...})` takes it."""
        from cfml_pop.settings import Connection

        secure = self.tls == "implicit"
        return Connection(server=self.host, port=self.port, username=self.user, password=self.password, secure=secure)

    @property
    def settings(self) -> Settings:
        """Settings that know the mailbox under the name of its user ("support"), and trust its certificate."""
        from cfml_pop.settings import Settings

        return Settings(connections={self.user: self.connection}, tls_ca_file=self.ca_file)

    # What happened

    def messages(self) -> list[bytes]:
        """The octets of the messages that are left, as they were given."""
        return [self._messages[number - 1] for number in self._state()["left"]]

    @property
    def deleted(self) -> list[int]:
        """Which messages are gone, counted from 1 in the order in which they were given, whatever numbers a session had."""
        left = set(self._state()["left"])
        return [number for number in range(1, len(self._messages) + 1) if number not in left]

    @property
    def uids(self) -> list[str]:
        """The uid of every message that was given, also of those that are deleted."""
        return [uid_of(number, canonical(octets)) for number, octets in enumerate(self._messages, 1)]

    @property
    def commands(self) -> list[str]:
        """What clients have sent, of all connections as it came; a password is `***`."""
        return list(self._state()["commands"])

    def deliver(self, messages: Messages) -> None:
        """New mail: sessions that log in from now on see it behind the others. It stays when the server is started again."""
        new = octets_of(messages)
        if self._process is not None and self._number is not None:
            self._process.ask({"do": "deliver", "number": self._number}, new)
        else:
            self._last["left"] += range(len(self._messages) + 1, len(self._messages) + len(new) + 1)
        self._messages += new

    def _state(self) -> dict[str, Any]:
        if self._process is None or self._number is None:
            return self._last
        return self._process.ask({"do": "tell", "number": self._number})

    def _certificate_text(self) -> str:
        require("twisted", "OpenSSL", "service_identity")
        if self._certificate is not None:
            return Path(self._certificate).read_text("ascii")
        require("trustme")
        import trustme

        authority = trustme.CA()
        self._folder = tempfile.TemporaryDirectory(prefix="cfml_pop-")
        self.ca_file = Path(self._folder.name, "ca.pem")
        authority.cert_pem.write_to_path(str(self.ca_file))
        return authority.issue_cert("localhost", self.host).private_key_and_cert_chain_pem.bytes().decode("ascii")
