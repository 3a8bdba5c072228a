"""What a type checker has to refuse. A line whose error is missing is an error itself: its `type: ignore` would be unused."""

from __future__ import annotations

import cfml_pop
from cfml_pop import (
    AsyncPOP3ClientSession,
    Connection,
    POP3ClientSession,
    Row,
    Settings,
    acfpop,
    cfml_environment,
    cfpop,
    clean_html,
    parse_message,
)
from cfml_pop.testing import EmbeddedServer, MakePopServer

cfpop("pop.example.com")  # type: ignore[call-arg,arg-type]
cfml_pop.nothing  # type: ignore[attr-defined]  # noqa: B018
cfpop(settings={"partial": True})  # type: ignore[arg-type]
cfpop(dialect=3)  # type: ignore[arg-type]
cfpop(server="pop.example.com").subject.nothing.at.all.is_checked  # noqa: B018 - columns are whatever the mailbox has
len(acfpop(server="pop.example.com"))  # type: ignore[arg-type]
Settings(partial="yes")  # type: ignore[arg-type]
Settings(parcial=True)  # type: ignore[call-arg]
Settings(connections={"support": "pop.example.com"})  # type: ignore[dict-item]
Settings().partial = True  # type: ignore[misc]
Connection("pop.example.com")  # type: ignore[call-arg]
Connection(server="pop.example.com", port="995")  # type: ignore[arg-type]
parse_message(7)  # type: ignore[arg-type]
parse_message(b"", unique=True)  # type: ignore[call-arg]
cfpop(server="pop.example.com", progress=3)  # type: ignore[arg-type]
cfml_environment(Settings())  # type: ignore[call-arg]
cfml_environment(tags="yes")  # type: ignore[arg-type]
clean_html(b"<p>")  # type: ignore[arg-type]
POP3ClientSession("pop.example.com", timout=3)  # type: ignore[call-arg]
POP3ClientSession("pop.example.com", "995")  # type: ignore[arg-type]
AsyncPOP3ClientSession("pop.example.com", secure="yes")  # type: ignore[arg-type]
EmbeddedServer(7)  # type: ignore[arg-type]
EmbeddedServer(tls="starttls")  # type: ignore[arg-type]
EmbeddedServer(latencey=1)  # type: ignore[call-arg]


def wrong(row: Row, make_pop_server: MakePopServer) -> None:
    row.date.datetime.year  # type: ignore[union-attr]  # noqa: B018 - None where no date can be read
    row.messagenumber.upper()  # type: ignore[attr-defined]
    row.attachments.entries[0].filename  # type: ignore[attr-defined]  # noqa: B018
    make_pop_server(process=None)  # type: ignore[call-arg]
    make_pop_server(drop=2)  # type: ignore[arg-type]
