"""One call: one POP session, one Query back.

Rule: here the host's settings meet the call, and a driver meets the operation; nothing else happens here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import TYPE_CHECKING

from cfml_pop.cfml.attributes import GET_ALL, GET_HEADER_ONLY, Call, resolve
from cfml_pop.cfml.dialect import find_dialect
from cfml_pop.cfml.permission import action_allowed, server_allowed
from cfml_pop.cfml.query import Query
from cfml_pop.errors import AttributeFault
from cfml_pop.operation import operate
from cfml_pop.pop3.transport.blocking import BlockingDriver
from cfml_pop.pop3.transport.clock import Clock
from cfml_pop.pop3.transport.tls import default_context
from cfml_pop.progress import Tell
from cfml_pop.row import RowBuilder
from cfml_pop.secret import Secret
from cfml_pop.settings import Settings

if TYPE_CHECKING:
    import ssl

__all__ = ["acfpop", "aperform", "cfpop", "perform"]


def cfpop(
    *, settings: Settings | None = None, dialect: str | None = None, progress: Tell | None = None, **attributes: object
) -> Query:
    """Read, delete or mark mail in a POP3 mailbox.

    `attributes` are those of the tag (`attribute_schema()` lists them), names in any case; `name` is refused, because the
    Query is returned. `dialect` is for this call, in place of that of `settings`. The get actions give a Query of the messages;
    delete and markRead one of `messagenumber` and `uid` of those done. `progress` is called with a `Progress` as the call goes
    on; what it raises ends the call, and nothing is deleted then. Raises a CfpopError: AttributeFault before anything is
    sent, the others as the server gives reason.

    >>> cfpop(server="pop.example.com", username="kim", password="tiger", maxrows=5)  # doctest: +SKIP
    Query(5 rows)
    """
    _hide_password(attributes)
    settings = _settings(settings, dialect)
    return perform(resolve(attributes, dialect=find_dialect(settings.dialect)), settings, progress=progress)


async def acfpop(
    *, settings: Settings | None = None, dialect: str | None = None, progress: Tell | None = None, **attributes: object
) -> Query:
    """The awaitable twin of `cfpop`: the same attributes, result and errors, on the running event loop and without a thread.

    Cancelling it drops the connection at once, and nothing is deleted then, unless QUIT was already on its way.
    """
    _hide_password(attributes)
    settings = _settings(settings, dialect)
    return await aperform(resolve(attributes, dialect=find_dialect(settings.dialect)), settings, progress=progress)


def _settings(settings: Settings | None, dialect: str | None) -> Settings:
    settings = settings or Settings()
    return settings if dialect is None else dataclasses.replace(settings, dialect=dialect)


def _hide_password(attributes: dict[str, object]) -> None:
    """Error reporters show the locals of every frame."""
    for name, value in attributes.items():
        if name.lower() == "password" and isinstance(value, str):
            attributes[name] = Secret(value)


def perform(
    call: Call, settings: Settings, *, sandboxed: bool = False, progress: Tell | None = None, keep_octets: bool = False
) -> Query:
    """Carry out a resolved call, blocking. `sandboxed`: absolute attachment paths are refused. `keep_octets`: see RowBuilder."""
    call = _permitted(call, settings)
    with contextlib.closing(_builder(call, settings, sandboxed=sandboxed, keep_octets=keep_octets)) as builder:
        driver = BlockingDriver(_clock(call, settings), lambda: _context(settings))
        return driver.run(operate(call, settings, builder, progress))


async def aperform(call: Call, settings: Settings, *, sandboxed: bool = False, progress: Tell | None = None) -> Query:
    """Carry out a resolved call on the running event loop."""
    from cfml_pop.pop3.transport.aio import AsyncDriver  # asyncio is loaded only by those who use it

    call = _permitted(call, settings)
    with contextlib.closing(_builder(call, settings, sandboxed=sandboxed)) as builder:
        driver = AsyncDriver(_clock(call, settings), lambda: _context(settings))
        return await driver.run(operate(call, settings, builder, progress))


def _clock(call: Call, settings: Settings) -> Clock:
    """A call's own timeout is for the whole of it; without one only silence has a limit."""
    return Clock(call.timeout, None if call.timeout is not None else settings.idle_timeout)


def _context(settings: Settings) -> ssl.SSLContext:
    file = settings.tls_ca_file
    return settings.tls_context or default_context(None if file is None else os.fspath(file))


def _builder(call: Call, settings: Settings, *, sandboxed: bool, keep_octets: bool = False) -> RowBuilder:
    dialect = find_dialect(settings.dialect)
    reading = call.action in (GET_ALL, GET_HEADER_ONLY)
    return RowBuilder(
        full=call.action == GET_ALL,
        directory=call.attachmentpath if reading or dialect.directory_always else None,
        dialect=dialect,
        time_zone=settings.time_zone,
        root=settings.attachment_root,
        allow_absolute=settings.attachment_root is None and not sandboxed,
        unique=call.generateuniquefilenames,
        memory_limit=settings.memory_limit,
        unpack=settings.unpack,
        unflow=settings.unflow,
        attachment_limit=settings.attachment_limit,
        attachment_count=settings.attachment_count,
        keep_octets=keep_octets,
    )


def _permitted(call: Call, settings: Settings) -> Call:
    """The call with its stored connection filled in. Raises AttributeFault when the host's settings do not allow it."""
    if call.connection is not None:
        stored = settings.connections.get(call.connection)
        if stored is None:
            raise _fault(
                "connection", f"there is no connection {call.connection!r}; the host's Settings(connections=...) has them"
            )
        call = dataclasses.replace(
            call,
            server=stored.server,
            port=stored.port or (995 if stored.secure else 110),
            username=stored.username,
            password=Secret("") if callable(stored.password) else Secret(stored.password),  # `operate` asks for what is not here
            secure=stored.secure,
        )
    if call.connection is None and not server_allowed(call.server, call.port, settings.servers):
        raise _not_allowed("server", call.server, "servers")
    if not action_allowed(call.action, settings.actions):
        raise _not_allowed("action", call.action, "actions")
    return call


def _not_allowed(attribute: str, value: str, setting: str) -> AttributeFault:
    """A value outside the host's list; the list itself is not told to a template."""
    return _fault(attribute, f"{attribute} {value!r} is not allowed here; the host's Settings({setting}=...) says which are")


def _fault(attribute: str, text: str) -> AttributeFault:
    return AttributeFault(text, faults=[(attribute, text)])
