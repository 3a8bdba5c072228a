"""What a program may write, with the types that it gets. Type checkers read this file; nothing runs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from jinja2 import BaseLoader, Environment
from typing_extensions import assert_type

import cfml_pop
from cfml_pop import (
    AsyncPOP3ClientSession,
    AttributeFault,
    CleanHTML,
    Column,
    CommitError,
    Connection,
    MessageInfo,
    POP3ClientSession,
    POP3Error,
    Progress,
    Query,
    Row,
    Secret,
    Settings,
)
from cfml_pop.cfml.cells import Address, AddressText, Attachment, AttachmentText, HeaderText, MailDate, Struct
from cfml_pop.message.face import Header, Message
from cfml_pop.testing import EmbeddedServer, MakePopServer, ServerProcess, sample_messages


def calls() -> None:
    mail = cfml_pop.cfpop(server="pop.example.com", port=995, secure=True, maxRows=20, settings=Settings(partial=True))
    assert_type(mail, Query)
    assert_type(len(mail), int)
    assert_type(mail.recordcount, int)
    assert_type(mail.columnlist, str)
    assert_type(iter(mail), Iterator[Row])
    assert_type(mail.to_dicts(), list[dict[str, Any]])
    assert_type(cfml_pop.attribute_schema(), dict[str, object])
    assert_type(cfml_pop.POP3_PORT, int)
    assert_type(dict(cfml_pop.CFML_SYNTAX), dict[str, str])


def told(progress: Progress) -> None:
    assert_type(progress.number, int)
    assert_type(progress.expected, int)
    cfml_pop.cfpop(server="pop.example.com", progress=told)


def rows(row: Row) -> None:
    assert_type(row.subject, str)
    assert_type(row.from_, AddressText)
    assert_type(row.to.addresses, tuple[Address, ...])
    assert_type(row.date, MailDate)
    assert_type(row.date.datetime, "dt.datetime | None")
    assert_type(row.date.timestamp, float)
    assert_type(row.header, HeaderText)
    assert_type(row.header.get("Received"), str)
    assert_type(row.header.get_all("Received"), tuple[str, ...])
    assert_type(row.attachments, AttachmentText)
    assert_type(row.attachments.entries, tuple[Attachment, ...])
    assert_type(row.cids, Struct)
    assert_type((row.messagenumber, row.size, row.uid), tuple[int, int, str])
    assert_type(row.defects, tuple[str, ...])
    assert_type(row.currentrow, int)


def columns(column: Column) -> None:
    assert_type(str(column), str)
    assert_type(len(column), int)
    assert_type(column < 3, Any)
    assert_type(column + 1, Any)
    assert_type(1 + column, Any)
    assert_type(-column, Any)
    assert_type(column == "x", bool)


async def async_calls() -> None:
    assert_type(await cfml_pop.acfpop(server="pop.example.com"), Query)


def parsing(path: Path) -> None:
    assert_type(cfml_pop.parse_message(b"Subject: x\r\n\r\n"), Row)
    assert_type(cfml_pop.parse_message(path, attachmentpath="out", settings=Settings(), dialect="lucee"), Row)


def settings() -> None:
    support = Connection(server="pops://support@pop.example.com", password=Secret("x"))
    assert_type(support.secure, bool)
    given = Settings(
        connections={"support": support}, servers=["pop.example.com"], actions=("getAll",), time_zone=dt.timezone.utc
    )
    assert_type(given.partial, bool)
    assert_type(
        cfml_pop.cfml_environment(settings=given, dialect="adobe", functions=True, tags=True, trim_blocks=True), Environment
    )
    assert_type(cfml_pop.extend_environment(Environment(), settings=given, tags=True), Environment)
    assert_type(cfml_pop.template_loader(), BaseLoader)
    Environment(extensions=[cfml_pop.CfpopExtension, cfml_pop.CfmlFunctionsExtension, cfml_pop.CfmlTagsExtension])


def html() -> None:
    clean = cfml_pop.clean_html("<p>", inline_image=None)
    assert_type(clean, CleanHTML)
    assert_type(clean.blocked, tuple[str, ...])
    assert_type(cfml_pop.html_to_text("<p>"), str)
    Settings(inline_image=cfml_pop.picture_url)


def faults() -> None:
    try:
        calls()
    except AttributeFault as fault:
        assert_type(fault.faults, tuple[tuple[str, str], ...])
    except CommitError as fault:
        assert_type(fault.state, str)
    except (POP3Error, cfml_pop.TimeoutExpired) as fault:
        assert_type(str(fault), str)


def session() -> None:
    with POP3ClientSession("pop.example.com", 995, secure=True, timeout=None, trace=lambda way, line: print(way, line)) as pop3:
        assert_type(pop3, POP3ClientSession)
        pop3.login("kim", Secret("x"))
        assert_type(pop3.message_count(), int)
        assert_type(pop3.list_messages(), list[MessageInfo])
        assert_type(pop3.unique_ids(), dict[int, str])
        assert_type(pop3.retrieve_header(1), Header)
        assert_type(pop3.retrieve_message(1), "Message | None")
        assert_type(pop3.retrieve_messages([1, 2]), Iterator[tuple[int, Message | POP3Error]])
        pop3.delete_message(1)


async def async_session() -> None:
    async with AsyncPOP3ClientSession("pop.example.com", deadline=60) as pop3:
        assert_type(await pop3.message_count(), int)
        assert_type(await pop3.list_messages(), list[MessageInfo])
        assert_type(pop3.retrieve_messages([1, 2]), AsyncIterator[tuple[int, Message | POP3Error]])


def testing(folder: Path, letter: EmailMessage) -> None:
    assert_type(sample_messages(), list[bytes])
    with ServerProcess() as process, EmbeddedServer([letter, folder, b"x", "y"], tls="stls", process=process) as server:
        assert_type(server.port, int)
        assert_type((server.host, server.user, server.password, server.url), tuple[str, str, str, str])
        assert_type(server.ca_file, "Path | None")
        assert_type(server.connection, Connection)
        assert_type(server.settings, Settings)
        assert_type(server.messages(), list[bytes])
        assert_type(server.deleted, list[int])
        assert_type(server.commands, list[str])


@pytest.mark.pop_server(messages=["x"])
def fixtures(pop_server: EmbeddedServer, make_pop_server: MakePopServer) -> None:
    assert_type(make_pop_server(folder_or_text(), refuse={"RETR 2": "no"}, latency={"connect": 1}), EmbeddedServer)
    assert_type(make_pop_server(refuse="login", drop=("QUIT",), drop_after=10, without="TOP", latency=1), EmbeddedServer)
    assert_type(pop_server.uids, list[str])


def folder_or_text() -> Path | str:
    return "x"
