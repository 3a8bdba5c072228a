"""What a host allows and configures.

Rule: a `Settings` is frozen and holds no state of a call. Change it with `dataclasses.replace`; overlays of a Jinja environment
share it. Templates cannot reach it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from cfml_pop.secret import Secret
from cfml_pop.url import parse_pop_url

if TYPE_CHECKING:
    import datetime as dt
    import os
    import ssl

    from cfml_pop.cfml.cells import Attachment

__all__ = ["Connection", "Settings"]

LONGEST_WAIT = 2_000_000
"""Seconds, about 23 days: the operating system counts milliseconds in 32 bits."""

UNPACKABLE = ("tnef", "uuencode")
"""What may stand in `Settings(unpack=...)`."""

MEGABYTE = 1024 * 1024

LIMITS = ("memory_limit", "message_limit", "list_limit", "attachment_limit", "attachment_count", "html_limit", "loop_limit")
"""The settings that count something."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Connection:
    """A mailbox that a template may name (`connection="support"`) without knowing its password.

    `server` is a host, or a POP URL (RFC 2384), which may bring port, username, password and `pops://` for `secure`. `port` None
    means 995 when `secure`, else 110. Raises AttributeFault for a bad URL, and TypeError when username or password is missing.
    """

    server: str
    username: str = ""
    password: str | Secret = ""
    port: int | None = None
    secure: bool = True

    def __post_init__(self) -> None:
        values: dict[str, object] = {"password": Secret(self.password)}
        if "://" in self.server:
            url = parse_pop_url(self.server)
            values = {
                "server": url.host,
                "username": self.username or url.username or "",
                "password": Secret(self.password or url.password or ""),
                "port": self.port or url.port,
                "secure": bool(url.secure),
            }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if not self.username or not self.password:
            raise TypeError("Connection(...) needs username= and password=, unless server= is a POP URL that has them")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """The host's part of a cfpop call.

    Who may be asked
        `connections`: stored mailboxes by name. `servers`, `actions`: when given, no others are allowed (any case). An entry of
        `servers` is "host" or "host:port"; in a sandbox a host alone means ports 110 and 995. A sandboxed environment refuses
        every call until `servers`, `actions` and `attachment_root` are given.

    The channel
        `cleartext_servers`: hosts to which a password may go without TLS (loopback always may). `tls_ca_file`: a PEM file of
        the authorities to trust instead of the system's. `tls_context`: a whole `ssl.SSLContext` of the host's own; its checks
        are then the host's affair.

    Deleting
        `allow_delete_all`: a delete without uid, messagenumber, startrow or maxrows empties the mailbox. Off.

    Attachments
        `attachment_root`: the directory that relative attachment paths start from and no path may leave. None: a private folder
        in the temporary directory for relative paths, and absolute paths as they are (never in a sandbox). `unpack`: what is
        looked into for more attachments: "tnef" (a winmail.dat of Outlook), "uuencode" (files inside a text); () for nothing.

        `attachment_limit`: octets of one saved attachment, `attachment_count`: saved attachments of one message; more is a
        LimitExceeded, and no file of that message stays.

    Texts
        `unflow`: a text that says format=flowed (RFC 3676) has its paragraphs joined; otherwise every text has the lines it was
        sent with.

    Faults and limits
        `partial`: a refused or damaged message becomes a row with `defects` instead of an error for the call.
        `memory_limit`: octets of raw mail that one call keeps in memory before it goes on in a spool file.
        `idle_timeout`: seconds of silence allowed where a call has no timeout of its own.
        `message_limit`: octets of one message, `list_limit`: entries of a LIST or UIDL reply; more is a LimitExceeded.
        `pipelining`: False never sends a command before the last one is answered; None does as the server announces.

    The page
        `dialect` names the engine whose choices apply where they differ: default, lucee, adobe or openbd. `time_zone`: that of
        dates which do not say one, None for the machine's own. `loop_limit`: turns of one cfloop.

    HTML (the filters mail_html and mail_text)
        `inline_image`: called with an entry of the attachments column, returns the address under which a page finds that picture,
        or None; `cfml_pop.picture_url` gives a saved one as a data: URL. None: pictures inside a mail are not shown.
        `html_limit`: characters of HTML that are cleaned; more becomes text.
    """

    connections: Mapping[str, Connection] = dataclasses.field(default_factory=dict)
    servers: Collection[str] | None = None
    actions: Collection[str] | None = None
    cleartext_servers: Collection[str] = ()
    tls_ca_file: str | os.PathLike[str] | None = None
    tls_context: ssl.SSLContext | None = None
    allow_delete_all: bool = False
    attachment_root: str | os.PathLike[str] | None = None
    unpack: Collection[str] = UNPACKABLE
    unflow: bool = False
    partial: bool = False
    memory_limit: int = 32 * MEGABYTE
    idle_timeout: float = 60.0
    message_limit: int = 2048 * MEGABYTE
    list_limit: int = 250_000
    attachment_limit: int = 2048 * MEGABYTE
    attachment_count: int = 10_000
    pipelining: bool | None = None
    inline_image: Callable[[Attachment], str | None] | None = None
    html_limit: int = 1_000_000
    loop_limit: int = 1_000_000
    dialect: str = "default"
    time_zone: dt.tzinfo | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.idle_timeout, (int, float)) or not 0 < self.idle_timeout <= LONGEST_WAIT:
            raise ValueError(f"Settings(idle_timeout=...) takes seconds above 0, up to {LONGEST_WAIT}, not {self.idle_timeout!r}")
        for field in LIMITS:
            if not isinstance(getattr(self, field), int):
                raise TypeError(f"Settings({field}=...) takes a whole number, not {getattr(self, field)!r}")
            if getattr(self, field) < 0:
                raise ValueError(f"Settings({field}=...) must not be negative")
        for field in ("servers", "actions", "cleartext_servers", "unpack"):
            if isinstance(getattr(self, field), str):  # "example.com" would be read as a set of letters
                raise TypeError(f"Settings({field}=...) takes a collection of names; write [{getattr(self, field)!r}]")
        for name, connection in self.connections.items():
            if not isinstance(connection, Connection):
                raise TypeError(f"Settings(connections=...) takes a Connection for each name; {name!r} has none")
        if self.time_zone is not None and not hasattr(self.time_zone, "utcoffset"):  # datetime is loaded by who needs it
            raise TypeError(f"Settings(time_zone=...) takes a tzinfo, as zoneinfo.ZoneInfo({self.time_zone!r})")
        if self.inline_image is not None and not callable(self.inline_image):
            raise TypeError("Settings(inline_image=...) takes a function, as cfml_pop.picture_url")
        for kind in self.unpack:
            if kind not in UNPACKABLE:
                raise ValueError(f'Settings(unpack=...) takes "tnef" and "uuencode", or () for nothing, not {kind!r}')
