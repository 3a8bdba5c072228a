"""One line of the table of conformance cases: what it is made of, how it is run, and what can be asked of its outcome.

Rule: a line runs the way a page or a program goes: `cfpop(...)` or a template, a socket on loopback, a server that answers as the
line says. Nothing is written outside the test's own folder. What is looked at stands in VIEWS; every other word is a column, of
the first row.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateError

from cfml_pop import CfpopError, Query, Settings, cfml_environment, cfpop, client
from cfml_pop.errors import NetworkError
from cfml_pop.pop3.effects import Connect, Steps
from tests.servers.scripted import CAPABILITIES, Answer, ScriptedServer

__all__ = [
    "EMPTY",
    "OFFLINE",
    "Line",
    "Mailbox",
    "Outcome",
    "box",
    "golden",
    "line",
    "look",
    "mail",
    "multipart",
    "run",
]


# -- mail --------------------------------------------------------------------------------------------------------------------

_GOLDEN = json.loads((Path(__file__).parent / "corpora" / "golden" / "lucee.json").read_text("utf-8"))["cases"]
_FIELDS = "From: a@x\nTo: b@y\nSubject: t\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"


def mail(fields: str = "", body: str = "hi", *, usual: bool = True) -> bytes:
    """A message of these header fields, behind the usual ones, and this body. Written with LF, made with CRLF."""
    header = (_FIELDS if usual else "") + (fields + "\n" if fields else "")
    return f"{header}\n{body}\n".replace("\n", "\r\n").encode()


def multipart(kind: str, *parts: str, boundary: str = "; boundary=b", end: str = "--b--") -> bytes:
    """A multipart message; a part is its fields, an empty line and its body."""
    body = "".join(f"--b\n{part}\n" for part in parts)
    return mail(f"MIME-Version: 1.0\nContent-Type: multipart/{kind}{boundary}", f"{body}{end}")


def golden(name: str) -> bytes:
    """A message of the file of rows that Lucee gave."""
    raw = base64.b64decode(_GOLDEN[name]["raw_b64"])
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


LONGEST_NAME = 160
"""Characters of the name of a test."""


# -- a line ------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Mailbox:
    """What the server has and how it answers (see ScriptedServer); `messages` None: nobody is there."""

    messages: tuple[bytes, ...] | None
    answers: Mapping[str, Answer] = dataclasses.field(default_factory=dict)
    capabilities: tuple[bytes, ...] = CAPABILITIES
    uids: tuple[str, ...] | None = None


def box(
    *messages: bytes,
    uids: str = "",
    capabilities: tuple[bytes, ...] = CAPABILITIES,
    answers: Mapping[str, Answer] | None = None,
) -> Mailbox:
    """A mailbox of these messages. `uids`: separated by blanks; uid1, uid2 and so on if not given."""
    return Mailbox(messages, answers or {}, capabilities, tuple(uids.split()) or None)


EMPTY = box()
OFFLINE = Mailbox(None)
"""A mailbox behind a network that does not exist: what would be connected to is kept."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One case under one dialect. `attributes` as they stand in a page; of several calls the last one counts.

    `deviates`: the kind of deviation, "" where the case passes as it is written. `page`: what a template has behind the tag;
    None for a call from Python. `without`: attributes that are not given for the line. `there`: files (folders, with a slash)
    that are there before. `$D` in attributes is the attachment folder, and `UID` in paths this user's number.
    """

    number: int
    dialect: str
    mailbox: Mailbox
    attributes: tuple[str, ...]
    expected: Mapping[str, object]
    deviates: str = ""
    page: str | None = None
    without: str = ""
    there: str = ""
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the report shows: number, dialect, kind of deviation, attributes, and what is expected."""
        kind = f" ({self.deviates})" if self.deviates else ""
        call = " then ".join(self.attributes) + (f" {self.page}" if self.page else "")
        expected = " ".join(f"{word}={value!r}" for word, value in self.expected.items())
        return f"{self.number:03} {self.dialect}{kind}: {call.strip() or 'no attributes'} -> {expected}"[:LONGEST_NAME]


def line(
    number: int,
    dialect: str,
    mailbox: Mailbox,
    *attributes: str,
    deviates: str = "",
    page: str | None = None,
    without: str = "",
    there: str = "",
    settings: Mapping[str, Any] | None = None,
    **expected: object,
) -> Line:
    """A line; `expected` names views and columns (`from_` is the column `from`)."""
    found = {name.removesuffix("_"): value for name, value in expected.items()}
    return Line(number, dialect, mailbox, attributes or ("",), found, deviates, page, without, there, settings or {})


# -- running -----------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Outcome:
    """What came of a line."""

    folder: Path
    server: ScriptedServer
    query: Query | None = None
    error: Exception | None = None
    text: str = ""
    connected: list[str] = dataclasses.field(default_factory=list)


class _NoNetwork:
    """A driver that tells where a dialogue wants to go, and does not go there."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def run(self, steps: Steps[Any]) -> Any:
        connect = next(steps)
        assert isinstance(connect, Connect)
        self.outcome.connected.append(f"{connect.port} {'tls' if connect.tls else 'plain'}")
        steps.throw(NetworkError("there is no network"))


_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def run(line: Line, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Carry out the calls of a line below `folder`: the working directory is `here`, the temporary one `temp`."""
    for name in ("here", "temp"):
        (folder / name).mkdir()
    monkeypatch.chdir(folder / "here")
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "temp"))
    for name in line.there.split():
        path = folder / name.replace("-UID", f"-{os.getuid()}")
        (path if name.endswith("/") else path.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(b"there before")
    mailbox = line.mailbox
    settings = Settings(**{"time_zone": dt.timezone.utc, **line.settings})
    with ScriptedServer(mailbox.messages or (), mailbox.answers, capabilities=mailbox.capabilities, uids=mailbox.uids) as server:
        outcome = Outcome(folder, server)
        usual = {"server": "127.0.0.1", "username": "kim", "password": "secret", "timeout": "10"}
        if mailbox.messages is None:
            monkeypatch.setattr(client, "BlockingDriver", lambda *_: _NoNetwork(outcome))
        else:
            usual["port"] = str(server.port)
        usual = {name: value for name, value in usual.items() if name not in line.without.split()}
        try:
            for attributes in line.attributes:
                given = {**usual, **dict(_ATTRIBUTE.findall(attributes.replace("$D", str(folder / "in"))))}
                if line.page is None:
                    outcome.query = cfpop(settings=settings, dialect=line.dialect, **given)
                else:
                    outcome.text = _render(line, given, settings)
        except (CfpopError, TemplateError) as error:
            if "error" not in line.expected:
                raise
            outcome.error = error
    return outcome


def _render(line: Line, given: Mapping[str, str], settings: Settings) -> str:
    """The page: the tag with these attributes, and what stands behind it."""
    environment = cfml_environment(settings=settings, dialect=line.dialect, tags=True, autoescape=False)
    attributes = " ".join(f'{name}="{value}"' for name, value in given.items())
    return environment.from_string(f"<% cfpop {attributes} %>{line.page}").render()


# -- looking -----------------------------------------------------------------------------------------------------------------


def _commands(outcome: Outcome, *keywords: str) -> str:
    return ", ".join(command for command in outcome.server.commands if command.split()[0] in keywords)


def _paths(outcome: Outcome, *, folders: bool) -> str:
    """What is below the test's folder, by path; of folders those that the call made."""
    found = {path.relative_to(outcome.folder).as_posix() for path in outcome.folder.rglob("*") if path.is_dir() is folders}
    return " ".join(sorted(found - {"here", "temp"})).replace(f"-{os.getuid()}", "-UID")


def _left(outcome: Outcome) -> list[int]:
    return [n for n, _ in enumerate(outcome.server.messages, 1) if n not in outcome.server.deleted]


def _rows(outcome: Outcome) -> list[int]:
    assert outcome.query is not None
    return [row["messagenumber"] for row in outcome.query]


def _query(read: Callable[[Query], object]) -> Callable[[Outcome], object]:
    def view(outcome: Outcome) -> object:
        assert outcome.query is not None
        return read(outcome.query)

    return view


VIEWS: Mapping[str, Callable[[Outcome], object]] = {
    "rows": _rows,  # their message numbers
    "columns": _query(lambda query: ",".join(query.columns)),
    "columnlist": _query(lambda query: query.columnlist),
    "failed": lambda outcome: getattr(outcome.error, "numbers", ()),
    "kept": lambda outcome: [row["messagenumber"] for row in getattr(outcome.error, "query", None) or ()],
    "text": lambda outcome: outcome.text,
    "connected": lambda outcome: " ".join(outcome.connected),
    "connections": lambda outcome: outcome.server.connections,
    "login": lambda outcome: _commands(outcome, "USER", "PASS", "AUTH"),
    "asked": lambda outcome: _commands(outcome, "UIDL"),
    "sent": lambda outcome: _commands(outcome, "TOP", "RETR", "DELE", "RSET"),
    "left": _left,
    "files": lambda outcome: _paths(outcome, folders=False),
    "folders": lambda outcome: _paths(outcome, folders=True),
    "content": lambda outcome: (outcome.folder / "in" / "a.txt").read_text(),
}
"""What can be asked of an outcome besides the columns of its first row."""


def look(outcome: Outcome, word: str, wanted: object) -> object:
    """A view, or a column of the first row as plain text or dict. An error is its class, and `wanted` if it
    begins with that and goes on with a part of the text."""
    if word == "error":
        name, _, said = str(wanted).partition(": ")
        seen = f"{type(outcome.error).__name__}: {outcome.error}"
        return wanted if seen.startswith(f"{name}: ") and said in seen else seen
    if word in VIEWS:
        return VIEWS[word](outcome)
    assert outcome.query is not None
    value = outcome.query[word].current
    if isinstance(value, Mapping):
        return dict(value)
    return str.__str__(value) if isinstance(value, str) else value
