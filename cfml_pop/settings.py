"""What a host allows and configures.

Rule: a `Settings` is frozen and holds no state of a call. Change it with `dataclasses.replace`; overlays of a Jinja environment
share it. Templates cannot reach it.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret
from cfml_pop.url import parse_pop_url

if TYPE_CHECKING:
    import datetime as dt
    import ssl

    from cfml_pop.cfml.cells import Attachment

__all__ = ["Connection", "Settings"]

SecretFunction: TypeAlias = Callable[[], "str | Secret | Awaitable[str | Secret]"]

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

    `server` is a host, or a POP URL (RFC 2384), which may bring port, username, password and `pops://` for `secure`; port,
    username and password that are given beside it win. `port` None means 995 when `secure`, else 110.

    `password` may be a function that gives it, as from a vault; `token` is one that gives an OAuth 2.0 access token, and stands
    in place of a password. Such a function takes no argument and is called at each login. Where calls are async it may be async;
    a plain one holds up the event loop for as long as it takes.

    Raises AttributeFault for a bad URL, and TypeError when something is missing or of the wrong type, or both password and token
    are given.
    """

    server: str
    username: str = ""
    password: str | Secret | SecretFunction = dataclasses.field(default="", repr=False)
    port: int | None = None
    secure: bool = True
    token: SecretFunction | None = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not callable(self.password):
            object.__setattr__(self, "password", Secret(self.password))
        if "://" in self.server:
            self._spread_url()
        if self.token is not None and not callable(self.token):
            raise TypeError("Connection(token=...) takes a function that gives an access token, because a token expires")
        if self.token is not None and self.password:
            raise TypeError("Connection(...) takes password= or token=, not both")
        if self.port is not None and (isinstance(self.port, bool) or not isinstance(self.port, int) or not 0 < self.port < 65536):
            raise TypeError(f"Connection(port=...) takes a number from 1 to 65535, not {self.port!r}")
        if not isinstance(self.secure, bool):
            raise TypeError(f"Connection(secure=...) takes True or False, not {self.secure!r}")
        if not self.server or not self.username or not (self.password or self.token):
            raise TypeError("Connection(...) needs username= and password= or token=, unless server= is a POP URL that has them")

    def _spread_url(self) -> None:
        text = self.server
        object.__setattr__(self, "server", "")  # until it is known to be a host: a URL may hold a password
        url = parse_pop_url(text)
        if url.auth not in (None, "*"):
            fault = f"the login mechanism is chosen by the program; leave ;AUTH={url.auth} out of the POP URL"
            raise AttributeFault(fault, faults=[("server", fault)])
        found = {
            "server": url.host,
            "username": self.username or url.username or "",
            "password": self.password or url.password or Secret(""),
            "port": self.port if self.port is not None else url.port,
            "secure": bool(url.secure),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)


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

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, environ: Mapping[str, str] = os.environ) -> Settings:
        """Settings from a mapping of plain values, as the configuration of a Flask or Django application has them.

        Keys are the names of the fields, in lower or upper case; where a key `CFML_POP` holds a mapping, that one is read and all
        else is other people's. A connection is a mapping too, or a POP URL (docs/cfpop.md has the keys). `environ` has the
        variables that `password_env` and `url_env` name; they and password files are read now.

        Raises one AttributeFault with all faults, each with its place, as `connections.support.port`.

        >>> Settings.from_mapping({"dialect": "lucee", "servers": ["pop.example.com"]}).dialect
        'lucee'
        """
        from cfml_pop.configuration.reading import read_mapping  # it imports this module

        found = read_mapping(mapping, environ)
        del mapping, environ  # the frames of an error are shown
        return _or_raise(found)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str], *, environ: Mapping[str, str] = os.environ) -> Settings:
        """Settings from a TOML file: as `from_mapping`, with paths that start from the folder of the file.

        Raises OSError when the file cannot be read, AttributeFault when it is no TOML or anything in it is wrong.
        """
        from cfml_pop.configuration.reading import read_toml

        found = read_toml(path, environ)
        del environ
        return _or_raise(found)

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
        for field in ("servers", "cleartext_servers"):
            for entry in getattr(self, field) or ():
                if not entry or "/" in entry or "@" in entry:  # not shown: a POP URL may hold a password
                    raise ValueError(f'Settings({field}=...) takes hosts, as "pop.example.com" or "pop.example.com:110"')
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


def _or_raise(found: Settings | AttributeFault) -> Settings:
    if isinstance(found, AttributeFault):
        raise found
    return found
